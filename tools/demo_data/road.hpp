// The way from the tills to the ledger: seals each record under its terminal's key and chain, keeps
// what a store cannot send, and feeds the rest to the OA's machine on the real store, as gateways
// would. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/node/oa_node.hpp"
#include "core/record/record.hpp"

#include "storage/ledger_store.hpp"
#include "tools/demo_data/estate.hpp"
#include "tools/demo_data/person_files.hpp"
#include "tools/demo_data/shops.hpp"

namespace tally::tools::demo {

/// Where a till stands: index of its shop, and of the till in it.
struct TillPlace {
  std::uint32_t shop = 0;
  std::uint32_t till = 0;
};

/// What happens at a till, beside its business.
struct Moment {
  BusinessDay day;
  std::int64_t minute = 0;  ///< Of the day.
  std::uint32_t second = 0;
  CashierId cashier;
};

class Road {
 public:
  /// Opens the new ledger `file` and writes the devices into it. Errors: those of the store.
  static Result<std::unique_ptr<Road>> open(const std::string& file,
                                            const Size& size,
                                            const std::vector<Shop>& shops,
                                            Estate estate,
                                            crypto::RandomSource& random);

  /// Every till starts; whoever has a line connects. Call once a day.
  Status open_shops(std::uint32_t day, WallTime now);
  bool is_online(std::uint32_t shop) const { return lines_[shop].connection.has_value(); }

  SaleId next_sale(TillPlace place);

  /// Seals a record and puts it at the end of its store's queue.
  RecordId seal(TillPlace place,
                const Moment& moment,
                record::Business business,
                SaleId sale = {},
                const std::string& card = {},
                std::vector<record::FundingLeg> funding = {},
                ProgramVersion program = ProgramVersion{1});

  /// Asks for points, to be answered by the next deliver(). Requires is_online(). Returns the
  /// question's number in that delivery, from 0.
  std::size_t ask(TillPlace place, SaleId sale, const link::Authorise& question);

  /// Sends all that is queued where there is a line, then the questions, in batches; answers come
  /// in the order of the questions. Errors: those of the store; kInternal when the ledger sends a
  /// record back.
  Result<std::vector<link::Answer>> deliver(WallTime now);

  /// The sweep of a day, until nothing more is due.
  Status sweep(WallTime now);

  /// A terminal's disk is put back to before its last record and it goes on from there: another
  /// record under that record's id. From then on the office believes it nothing.
  void fork_last(TillPlace place,
                 const Moment& moment,
                 record::Business business,
                 const std::string& card);
  /// The terminal is enrolled anew. Requires a second enrolment in the estate.
  void enrol_anew(TillPlace place);
  /// `count` records are lost with a broken card, and a gap record says so.
  void lose(TillPlace place, const Moment& moment, std::uint32_t count);

  /// A customer of a store that has no line brings a receipt to the office: the newest purchase
  /// that waits there is claimed. False when there is none that can be. Errors: those of the store.
  Result<bool> claim_waiting(std::uint32_t shop, const std::string& clerk, WallTime now);

  /// The log into the file, and the file closed: nothing may be called after it.
  Status close();

  storage::LedgerStore& store() { return *store_; }
  const node::OaNode& node() const { return *node_; }
  const PersonFiles& people() const { return *people_; }
  /// Sealed so far.
  std::uint64_t records() const { return records_; }

 private:
  struct Till {
    StreamId stream;
    crypto::Key256 key{};
    StreamPosition head;
    Mac before{};  ///< What the last record hangs on.
    BootId boot;
    std::uint32_t sales = 0;
  };
  struct Line {
    std::optional<node::ConnectionId> connection;
    std::deque<Bytes> queue;
  };

  Road(const Size& size, const std::vector<Shop>& shops, Estate estate);
  Till& at(TillPlace place) { return tills_[place.shop][place.till]; }
  node::GatewayMessage message(std::uint32_t shop, link::Message content) const;
  Status connect(std::uint32_t shop, WallTime now);
  void append_records(std::uint32_t shop, std::vector<node::OaEvent>& events);
  Status handle(const std::vector<node::OaEvent>& events, WallTime now);
  Status take(const node::OaAction& action);
  void seal_at(TillPlace place, const Moment& moment, record::Record made);

  Size size_;
  const std::vector<Shop>& shops_;
  Devices devices_;
  std::unique_ptr<storage::LedgerStore> store_;
  std::unique_ptr<PersonFiles> people_;
  std::unique_ptr<node::OaNode> node_;
  std::vector<std::vector<Till>> tills_;
  std::vector<Line> lines_;
  std::vector<node::OaEvent> questions_;
  std::vector<link::Answer> answers_;
  std::uint64_t connections_ = 0;
  std::uint64_t records_ = 0;
};

}  // namespace tally::tools::demo
