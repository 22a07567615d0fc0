#include "tools/demo_data/road.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "core/base/assert.hpp"
#include "core/base/try.hpp"
#include "core/codec/record_codec.hpp"
#include "core/node/oa_claim.hpp"
#include "core/record/packed.hpp"
#include "core/record/seal.hpp"

#include "storage/office_store.hpp"
#include "tools/demo_data/chance.hpp"

namespace tally::tools::demo {
namespace {

constexpr std::uint64_t kBoots = 0x626f6f74;
constexpr std::size_t kCommitMax = 1'024;  ///< Records and questions in one transaction.
constexpr std::uint16_t kKeyVersion = 1;
constexpr Duration kAskDeadline{1'500};

Instant instant_of(WallTime now) {
  return {now, BootTime{now.us / 1'000}};
}

}  // namespace

Road::Road(const Size& size, const std::vector<Shop>& shops, Estate estate)
    : size_(size), shops_(shops), devices_(std::move(estate.devices)), lines_(shops.size()) {
  for (const Shop& shop : shops) {
    std::vector<Till>& tills = tills_.emplace_back();
    for (std::uint32_t i = 0; i < shop.tills; ++i) {
      Till till;
      till.stream = {shop.terminal(i), Incarnation{1}};
      till.key = devices_.record_key(till.stream, kKeyVersion).value();
      tills.push_back(till);
    }
  }
}

Result<std::unique_ptr<Road>> Road::open(const std::string& file,
                                         const Size& size,
                                         const std::vector<Shop>& shops,
                                         Estate estate,
                                         crypto::RandomSource& random) {
  const std::vector<storage::LedgerDevice> rows = std::move(estate.rows);
  const crypto::Key256 master_key = estate.master_key;
  std::unique_ptr<Road> road(new Road(size, shops, std::move(estate)));
  TALLY_TRY_ASSIGN(road->store_, storage::LedgerStore::open(file));
  TALLY_TRY(road->store_->begin());
  for (const storage::LedgerDevice& row : rows) {
    TALLY_TRY(road->store_->put_device(row));
  }
  TALLY_TRY(road->store_->commit());
  road->people_ =
      std::make_unique<PersonFiles>(*road->store_, master_key, size.seed, size.members, random);
  node::OaConfig config;
  config.utc_offset_s = kUtcOffsetS;
  road->node_ =
      std::make_unique<node::OaNode>(config, *road->store_, road->devices_, road->people_.get());
  return road;
}

Status Road::open_shops(std::uint32_t day, WallTime now) {
  for (std::uint32_t shop = 0; shop < shops_.size(); ++shop) {
    for (Till& till : tills_[shop]) {
      Chance chance(size_.seed, kBoots + till.stream.terminal.value, day);
      till.boot = BootId{(chance.next() >> 1U) | 1U};
      till.sales = 0;
    }
    Line& line = lines_[shop];
    const bool online = !is_offline(size_, shops_[shop], day);
    if (!online && line.connection) {
      std::vector<node::OaEvent> gone{node::GatewayClosed{*line.connection}};
      line.connection.reset();
      TALLY_TRY(handle(gone, now));
    } else if (online && !line.connection) {
      TALLY_TRY(connect(shop, now));
    }
  }
  return {};
}

node::GatewayMessage Road::message(std::uint32_t shop, link::Message content) const {
  return {*lines_[shop].connection,
          {Role::kGateway, shops_[shop].gateway.value, Incarnation{1}},
          std::move(content)};
}

Status Road::connect(std::uint32_t shop, WallTime now) {
  lines_[shop].connection = node::ConnectionId{++connections_};
  link::Hello hello;
  hello.version_max = link::kVersionWithDirectory - 1;
  hello.role = Role::kGateway;
  hello.node = shops_[shop].gateway.value;
  hello.incarnation = Incarnation{1};
  hello.boot = BootId{connections_};
  hello.software = "demo-data";
  hello.unsynced_records = lines_[shop].queue.size();
  std::vector<node::OaEvent> events{message(shop, std::move(hello))};
  return handle(events, now);
}

SaleId Road::next_sale(TillPlace place) {
  Till& till = at(place);
  return make_sale_id(till.stream.terminal, till.boot, ++till.sales);
}

void Road::seal_at(TillPlace place, const Moment& moment, record::Record made) {
  Till& till = at(place);
  made.header.kind = record::kind_of(made.business);
  made.header.key_version = kKeyVersion;
  made.business_day = moment.day;
  made.wall = at_minute(moment.day, moment.minute);
  made.wall.us += std::int64_t{moment.second} * 1'000'000;
  made.boot_time = BootTime{(moment.minute * 60 + moment.second) * 1'000};
  made.clock_quality = ClockQuality::kAnchored;
  made.cashier = moment.cashier;
  const Result<Bytes> body = codec::encode_body(made);
  TALLY_ASSERT(body.has_value());
  Result<Bytes> sealed = record::seal(made.header, *body, till.key);
  TALLY_ASSERT(sealed.has_value());
  till.before = made.header.prev_mac;
  till.head = {made.header.id.seq, record::peek_mac(*sealed)};
  lines_[place.shop].queue.push_back(std::move(*sealed));
  ++records_;
}

RecordId Road::seal(TillPlace place,
                    const Moment& moment,
                    record::Business business,
                    SaleId sale,
                    const std::string& card,
                    std::vector<record::FundingLeg> funding,
                    ProgramVersion program) {
  const Till& till = at(place);
  record::Record made;
  made.header.id = {
      till.stream.terminal, till.stream.incarnation, till.boot, Seq{till.head.seq.value + 1}};
  made.header.prev_mac = till.head.mac;
  made.sale = sale;
  made.card_token = card;
  made.funding = std::move(funding);
  made.program = program;
  made.business = std::move(business);
  const RecordId id = made.header.id;
  seal_at(place, moment, std::move(made));
  return id;
}

void Road::fork_last(TillPlace place,
                     const Moment& moment,
                     record::Business business,
                     const std::string& card) {
  const Till& till = at(place);
  record::Record made;
  made.header.id = {till.stream.terminal, till.stream.incarnation, till.boot, till.head.seq};
  made.header.prev_mac = till.before;
  made.sale = next_sale(place);
  made.card_token = card;
  made.program = ProgramVersion{1};
  made.business = std::move(business);
  const StreamPosition head = till.head;
  seal_at(place, moment, std::move(made));
  at(place).head = head;  // Where the office stands.
}

void Road::enrol_anew(TillPlace place) {
  Till& till = at(place);
  till.stream.incarnation = kSecondEnrolment;
  till.key = devices_.record_key(till.stream, kKeyVersion).value();
  till.head = {};
  till.before = {};
}

void Road::lose(TillPlace place, const Moment& moment, std::uint32_t count) {
  const Till& till = at(place);
  record::Record made;
  const Seq first{till.head.seq.value + 1};
  const Seq last{till.head.seq.value + count};
  made.header.id = {till.stream.terminal, till.stream.incarnation, till.boot, last};
  made.header.prev_mac = till.head.mac;
  made.business = record::Gap{first, last};
  seal_at(place, moment, std::move(made));
}

std::size_t Road::ask(TillPlace place, SaleId sale, const link::Authorise& question) {
  const Till& till = at(place);
  link::Ask asked;
  asked.ask_id = questions_.size() + 1;
  asked.sale = sale;
  asked.deadline = kAskDeadline;
  asked.terminal = till.stream.terminal;
  asked.incarnation = till.stream.incarnation;
  asked.question = question;
  questions_.emplace_back(message(place.shop, std::move(asked)));
  return questions_.size() - 1;
}

void Road::append_records(std::uint32_t shop, std::vector<node::OaEvent>& events) {
  std::deque<Bytes>& queue = lines_[shop].queue;
  while (!queue.empty()) {
    link::RecordBatch batch;
    while (!queue.empty() && batch.count < link::kBatchRecordsMax) {
      record::append_packed(batch.packed, queue.front());
      queue.pop_front();
      ++batch.count;
    }
    events.emplace_back(message(shop, std::move(batch)));
  }
}

Result<std::vector<link::Answer>> Road::deliver(WallTime now) {
  answers_.assign(questions_.size(), {});
  std::vector<node::OaEvent> events;
  for (std::uint32_t shop = 0; shop < shops_.size(); ++shop) {
    if (is_online(shop)) {
      append_records(shop, events);
    }
  }
  const std::size_t batches = events.size();
  std::move(questions_.begin(), questions_.end(), std::back_inserter(events));
  questions_.clear();
  std::vector<node::OaEvent> together;
  std::size_t weight = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    together.push_back(std::move(events[i]));
    weight += i < batches ? link::kBatchRecordsMax : 1;
    if (weight >= kCommitMax || i + 1 == events.size()) {
      TALLY_TRY(handle(together, now));
      together.clear();
      weight = 0;
    }
  }
  return std::move(answers_);
}

Status Road::handle(const std::vector<node::OaEvent>& events, WallTime now) {
  TALLY_TRY_ASSIGN(const node::OaActions actions, node_->handle(events, instant_of(now)));
  for (const node::OaAction& action : actions) {
    TALLY_TRY(take(action));
  }
  const node::OaCounters& counters = node_->counters();
  if (counters.records_refused > 0 || counters.rewinds > 0) {
    return make_error(Errc::kInternal, "the OA refused or missed a record of the demo");
  }
  return store_->db().maintain();
}

/// What a gateway would be told: answers are kept, and nothing of ours may come back.
Status Road::take(const node::OaAction& action) {
  const auto* send = std::get_if<node::SendToGateway>(&action);
  if (send == nullptr) {
    return make_error(Errc::kInternal, "the OA hung up on a gateway of the demo");
  }
  if (const auto* answer = std::get_if<link::Answer>(&send->message)) {
    TALLY_ASSERT(answer->ask_id >= 1 && answer->ask_id <= answers_.size());
    answers_[answer->ask_id - 1] = *answer;
  }
  return {};
}

Status Road::sweep(WallTime now) {
  for (;;) {
    TALLY_TRY_ASSIGN(const bool more, node_->maintain(instant_of(now)));
    TALLY_TRY(store_->db().maintain());
    if (!more) {
      return {};
    }
  }
}

Result<bool> Road::claim_waiting(std::uint32_t shop, const std::string& clerk, WallTime now) {
  const std::deque<Bytes>& queue = lines_[shop].queue;
  const auto receipt = std::find_if(queue.rbegin(), queue.rend(), [](const Bytes& sealed) {
    const Result<record::Header> header = record::peek_header(sealed);
    return header && header->kind == record::RecordKind::kAccrual;
  });
  if (is_online(shop) || receipt == queue.rend()) {
    return false;
  }
  const auto key = devices_.record_key(record::peek_header(*receipt)->stream(), kKeyVersion);
  TALLY_TRY_ASSIGN(const std::string code, record::receipt_code(*receipt, key.value()));
  TALLY_TRY(store_->begin());
  const node::ClaimContext context{clerk, node_->policy(), node_->ledger_time(instant_of(now))};
  const Result<node::ClaimResult> claimed = node::claim_receipt(*store_, devices_, code, context);
  if (!claimed || (claimed->outcome != node::ClaimOutcome::kWaits &&
                   claimed->outcome != node::ClaimOutcome::kPosted)) {
    store_->rollback();
    return claimed ? Result<bool>(false) : Result<bool>(Error(claimed.error()));
  }
  storage::OfficeStore rows(store_->db());
  TALLY_TRY(
      rows.log(now, clerk, "claim", claimed->member, record::receipt_number(claimed->record)));
  TALLY_TRY(store_->commit());
  return true;
}

Status Road::close() {
  TALLY_TRY(store_->db().checkpoint());
  node_.reset();
  people_.reset();
  store_.reset();
  return {};
}

}  // namespace tally::tools::demo
