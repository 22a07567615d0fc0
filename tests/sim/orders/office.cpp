#include "tests/sim/orders/office.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "core/base/assert.hpp"
#include "core/crypto/mac.hpp"
#include "core/record/packed.hpp"

#include "tests/sim/clockwork.hpp"

namespace tally::sim {
namespace {

constexpr std::int64_t kStartUs = 1'759'276'800'000'000;  // Near the end of the records' year.

}  // namespace

class Office::Registry final : public node::OaRegistry {
 public:
  explicit Registry(const std::vector<TillStream>& streams) : streams_(streams) {}

  std::optional<StoreId> store_of(Role role, std::uint32_t node, Incarnation) override {
    if (role == Role::kGateway) {
      return StoreId{node};
    }
    const TillStream* found = find(TerminalId{node});
    return found == nullptr ? std::nullopt : std::optional(found->store);
  }
  Incarnation newest(Role, std::uint32_t) override { return Incarnation{1}; }
  std::optional<crypto::Key256> record_key(StreamId stream, std::uint16_t) override {
    const TillStream* found = find(stream.terminal);
    return found == nullptr ? std::nullopt : std::optional(found->key);
  }
  std::optional<crypto::Key256> directory_key(StoreId) override { return std::nullopt; }
  std::vector<StreamId> terminals_of(StoreId store) override {
    std::vector<StreamId> of_store;
    for (const TillStream& stream : streams_) {
      if (stream.store == store) {
        of_store.push_back(stream.id);
      }
    }
    return of_store;
  }

 private:
  const TillStream* find(TerminalId terminal) const {
    const auto found = std::find_if(streams_.begin(), streams_.end(), [&](const TillStream& s) {
      return s.id.terminal == terminal;
    });
    return found == streams_.end() ? nullptr : &*found;
  }

  const std::vector<TillStream>& streams_;
};

const char* name_of(Pattern pattern) {
  switch (pattern) {
    case Pattern::kMixed:
      return "mixed";
    case Pattern::kTillByTill:
      return "till by till";
    case Pattern::kOneByOne:
      return "one by one";
    case Pattern::kBursts:
      return "bursts";
    case Pattern::kResent:
      return "re-sent";
    case Pattern::kCount:
      break;
  }
  return "";
}

Office::Office(const std::string& path, const std::vector<TillStream>& streams)
    : registry_(std::make_unique<Registry>(streams)) {
  auto store = storage::LedgerStore::open(path);
  TALLY_ASSERT(store.has_value());
  store_ = std::move(*store);
  node::OaConfig config;
  config.policy.program.redeem_step = Points{1};
  config.policy.program.redeem_min = Points{1};
  config.policy.program.redeem_step_worth = Money{1};
  config.policy.program.bill_share_percent = 100;
  node_ = std::make_unique<node::OaNode>(config, *store_, *registry_);
  std::set<StoreId> stores;
  for (const TillStream& stream : streams) {
    if (stores.insert(stream.store).second) {
      connect(stream.store);
    }
  }
}

Office::~Office() = default;

void Office::close() {
  TALLY_ASSERT(store_->db().checkpoint().has_value());
  node_.reset();
  store_.reset();
}

node::OaActions Office::handle(std::vector<node::OaEvent> events) {
  now_ms_ += 10;
  const Instant now{WallTime{kStartUs + now_ms_ * 1'000}, BootTime{now_ms_}};
  auto actions = node_->handle(events, now);
  TALLY_ASSERT(actions.has_value());
  // The log stays short, as the real writer keeps it.
  TALLY_ASSERT(store_->db().maintain().has_value());
  return std::move(*actions);
}

void Office::connect(StoreId store) {
  link::Hello hello;
  hello.role = Role::kGateway;
  hello.node = store.value;
  hello.incarnation = Incarnation{1};
  hello.boot = BootId{1};
  handle({node::GatewayMessage{node::ConnectionId{store.value},
                               {Role::kGateway, store.value, Incarnation{1}},
                               std::move(hello)}});
}

void Office::enrol(const std::string& card) {
  ledger::ReadPlan plan;
  plan.cards.insert(card);
  TALLY_ASSERT(store_->begin().has_value());
  auto set = store_->read(std::move(plan));
  TALLY_ASSERT(set.has_value());
  const Instant now{WallTime{kStartUs}, BootTime{0}};
  TALLY_ASSERT(ledger::enrol(*set, {card, "张*", 0}, node_->ledger_time(now)));
  TALLY_ASSERT(store_->write(*set, {}).has_value());
  TALLY_ASSERT(store_->commit().has_value());
}

void Office::authorise(PlannedHold& hold) {
  link::Ask ask;
  ask.ask_id = ++asks_;
  ask.sale = hold.sale;
  ask.deadline = Duration{1'000};
  ask.terminal = hold.terminal;
  ask.incarnation = Incarnation{1};
  ask.question = link::Authorise{
      hold.card, Points{hold.points}, Money{hold.points * 3 + 7}, ProgramVersion{1}};
  const auto actions =
      handle({node::GatewayMessage{node::ConnectionId{hold.store.value},
                                   {Role::kGateway, hold.store.value, Incarnation{1}},
                                   std::move(ask)}});
  for (const node::OaAction& action : actions) {
    const auto* send = std::get_if<node::SendToGateway>(&action);
    const auto* answer = send == nullptr ? nullptr : std::get_if<link::Answer>(&send->message);
    if (answer != nullptr && answer->right) {
      hold.right = answer->right->id;
    }
  }
}

node::OaEvent Office::batch(const TillStream& stream, std::size_t from, std::size_t to) const {
  link::RecordBatch batch;
  for (std::size_t i = from; i < to; ++i) {
    record::append_packed(batch.packed, stream.sealed[i]);
    ++batch.count;
  }
  return node::GatewayMessage{node::ConnectionId{stream.store.value},
                              {Role::kGateway, stream.store.value, Incarnation{1}},
                              std::move(batch)};
}

void Office::take(const std::vector<TillStream>& streams, Pattern pattern, std::uint64_t seed) {
  Clockwork chance(seed);
  std::vector<std::size_t> sent(streams.size(), 0);
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < streams.size(); ++i) {
    if (!streams[i].sealed.empty()) {
      open.push_back(i);
    }
  }
  const auto below = [&](std::size_t count) {
    return static_cast<std::size_t>(chance.between(0, static_cast<std::int64_t>(count) - 1));
  };
  for (std::size_t i = open.size(); i > 1; --i) {
    std::swap(open[i - 1], open[below(i)]);
  }
  std::size_t turn = 0;
  while (!open.empty()) {
    std::vector<node::OaEvent> events;
    const std::size_t tills = pattern == Pattern::kBursts ? 1 + below(4) : 1;
    for (std::size_t n = 0; n < tills && !open.empty(); ++n) {
      const bool random = pattern != Pattern::kTillByTill && pattern != Pattern::kOneByOne;
      turn = pattern == Pattern::kTillByTill ? 0 : random ? below(open.size()) : turn % open.size();
      const std::size_t at = open[turn];
      const TillStream& stream = streams[at];
      const std::size_t batches = pattern == Pattern::kBursts ? 1 + below(12) : 1;
      for (std::size_t b = 0; b < batches && sent[at] < stream.sealed.size(); ++b) {
        const std::size_t wanted = pattern == Pattern::kOneByOne ? 1
                                   : random                      ? 1 + below(link::kBatchRecordsMax)
                                                                 : link::kBatchRecordsMax;
        const std::size_t to = std::min(stream.sealed.size(), sent[at] + wanted);
        if (pattern == Pattern::kResent && to < stream.sealed.size() && chance.chance(20)) {
          events.push_back(batch(stream, to, to + 1));  // Too early: to be sent again.
        }
        events.push_back(batch(stream, sent[at], to));
        if (pattern == Pattern::kResent && chance.chance(30)) {
          events.push_back(batch(stream, sent[at] / 2, std::min(to, sent[at] / 2 + 16)));
        }
        sent[at] = to;
      }
      if (sent[at] == stream.sealed.size()) {
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(turn));
      } else {
        ++turn;
      }
    }
    const bool early = pattern == Pattern::kResent;
    for (const node::OaAction& action : handle(std::move(events))) {
      const auto* send = std::get_if<node::SendToGateway>(&action);
      const auto* received =
          send == nullptr ? nullptr : std::get_if<link::Received>(&send->message);
      TALLY_ASSERT(send != nullptr && !std::holds_alternative<link::RecordRefusal>(send->message));
      TALLY_ASSERT(received == nullptr || !received->rewind || early);
      if (received != nullptr && received->rewind) {
        for (const StreamMark& mark : received->positions) {
          const std::size_t at = mark.stream.terminal.value - 1;
          if (sent[at] == streams[at].sealed.size() && mark.position.seq.value < sent[at]) {
            open.push_back(at);
          }
          sent[at] = static_cast<std::size_t>(mark.position.seq.value);
        }
      }
    }
  }
  for (const TillStream& stream : streams) {
    if (stream.sealed.empty()) {
      continue;
    }
    TALLY_ASSERT(store_->begin().has_value());
    const auto head = store_->cursor(stream.id);
    store_->rollback();
    TALLY_ASSERT(head.has_value() && head->seq.value == stream.sealed.size());
  }
}

std::int64_t Office::number(const std::string& sql) {
  auto rows = store_->db().prepare(sql);
  TALLY_ASSERT(rows.has_value());
  const auto there = rows->step();
  TALLY_ASSERT(there.has_value() && *there);
  return rows->int64(0);
}

Figures Office::figures() {
  Figures figures;
  auto rows = store_->db().prepare(
      "SELECT c.token, m.available + m.held + m.pending + m.debt + m.risk + "
      "coalesce((SELECT sum(points) FROM transfer t WHERE t.shard = m.shard AND t.member = m.id "
      "AND t.to_kind = 11), 0) - coalesce((SELECT sum(points) FROM transfer t "
      "WHERE t.shard = m.shard AND t.member = m.id AND t.from_kind = 11), 0) "
      "FROM card c JOIN member m ON m.id = c.member");
  TALLY_ASSERT(rows.has_value());
  for (;;) {
    const auto there = rows->step();
    TALLY_ASSERT(there.has_value());
    if (!*there) {
      break;
    }
    figures.sums[std::string(rows->text(0))] = rows->int64(1);
  }
  figures.all_accounts = number(
      "SELECT (SELECT sum(available + held + pending + debt) FROM member) + "
      "(SELECT sum(balance) FROM account)");
  figures.risk = number("SELECT coalesce(sum(balance), 0) FROM account WHERE kind = 10");
  figures.suspense = number("SELECT coalesce(sum(balance), 0) FROM account WHERE kind = 11");
  figures.posted =
      static_cast<std::uint64_t>(number("SELECT count(*) FROM txn WHERE terminal IS NOT NULL"));
  figures.in_quarantine = static_cast<std::uint64_t>(number("SELECT count(*) FROM quarantine"));
  figures.waiting = static_cast<std::uint64_t>(number("SELECT count(*) FROM tombstone"));
  figures.commits = node_->counters().commits;
  return figures;
}

std::string Office::dump_hash() {
  std::vector<std::string> tables;
  {
    auto rows = store_->db().prepare(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' "
        "ORDER BY name");
    TALLY_ASSERT(rows.has_value());
    while (*rows->step()) {
      tables.emplace_back(rows->text(0));
    }
  }
  crypto::Sha256 hash;
  for (const std::string& table : tables) {
    std::string columns;
    std::string order;
    auto names = store_->db().prepare("SELECT name FROM pragma_table_info(?)");
    TALLY_ASSERT(names.has_value());
    names->bind_all(table);
    while (*names->step()) {
      const std::string name(names->text(0));
      columns.append(columns.empty() ? "" : " || ',' || ").append("quote(\"" + name + "\")");
      order.append(order.empty() ? "" : ", ").append("\"" + name + "\"");
    }
    auto rows =
        store_->db().prepare("SELECT " + columns + " FROM \"" + table + "\" ORDER BY " + order);
    TALLY_ASSERT(rows.has_value());
    hash.update(as_bytes(table));
    for (;;) {
      const auto there = rows->step();
      TALLY_ASSERT(there.has_value());
      if (!*there) {
        break;
      }
      hash.update(as_bytes(rows->text(0)));
      hash.update(as_bytes("\n"));
    }
  }
  std::string text;
  for (const std::uint8_t byte : hash.finish()) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    text.append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 0xfU]);
  }
  return text;
}

}  // namespace tally::sim
