// Corrections on a real ledger file: the original remembers them over a restart.
#include "tests/storage/oa_world.hpp"

using namespace tally;
using namespace tally::tests;

TEST_GROUP(LedgerCorrectionStore) {
  OaWorld world;
  Till till{TerminalId{101}};

  void setup() override {
    world.enrol("card");
  }

  Bytes sale_saying(std::int64_t points) {
    record::Record made;
    made.card_token = "card";
    made.program = ProgramVersion{1};
    made.business = record::Accrual{Money{10'000}, Points{points}, {}, {}, {}};
    return till.seal(std::move(made));
  }
};

TEST(LedgerCorrectionStore, CorrectedAndRestarted_PartRefundsTakeTheRightFigure) {
  const RecordId sale = till.next_id();
  const Bytes sealed = sale_saying(170);
  world.upload({sealed});
  CHECK_EQUAL(100, world.available("card"));
  world.open();
  world.connect(OaWorld::kLine);
  world.upload({sealed});
  CHECK_EQUAL(1, world.count("SELECT count(*) FROM txn WHERE kind = 24"));
  CHECK_EQUAL(-70, world.count("SELECT corrected FROM txn WHERE kind = 1"));
  world.upload({till.other(record::Refund{sale, Money{2'500}, Money{10'000}, 1})});
  CHECK_EQUAL(75, world.available("card"));
  world.upload({till.other(record::Refund{sale, Money{7'500}, Money{10'000}, 1})});
  CHECK_EQUAL(0, world.available("card"));
  CHECK_EQUAL(0, world.count("SELECT coalesce(sum(balance), 0) FROM account"));
  CHECK_EQUAL(0, world.count("SELECT count(*) FROM txn_source"));
}

TEST(LedgerCorrectionStore, SecondCorrectionOfOneRuleAndCause_TheTableRefusesIt) {
  world.upload({sale_saying(60)});
  CHECK_FALSE(world.store->db()
                  .execute("INSERT INTO txn(shard, id, member, kind, result, store, at_terminal, "
                           "business_day, happened_us, posted_us, points, balance_after, "
                           "bill_minor, discount_minor, currency, about, cause, returned_minor, "
                           "rule) SELECT shard, 99, member, kind, result, store, at_terminal, "
                           "business_day, happened_us, posted_us, points, balance_after, "
                           "bill_minor, discount_minor, currency, about, cause, returned_minor, "
                           "rule FROM txn WHERE kind = 24")
                  .has_value());
}
