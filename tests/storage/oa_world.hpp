// An OA on a real ledger file, tills that seal real records, gateways that are two vectors: for
// tests of the OA's machine and its store together.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/codec/record_codec.hpp"
#include "core/crypto/record_key.hpp"
#include "core/node/oa_node.hpp"
#include "core/record/packed.hpp"
#include "core/record/seal.hpp"

#include "storage/ledger_store.hpp"
#include "tests/support/ledger_versions.hpp"
#include "tests/support/temporary_directory.hpp"

#include <CppUTest/TestHarness.h>

namespace tally::tests {

class FakeRegistry final : public node::OaRegistry {
 public:
  struct Entry {
    StoreId store;
    crypto::Key256 key{};
  };

  std::optional<StoreId> store_of(Role role, std::uint32_t id, Incarnation incarnation) override {
    const auto found = entries.find({role, id, incarnation});
    return found == entries.end() ? std::nullopt : std::optional(found->second.store);
  }
  Incarnation newest(Role role, std::uint32_t id) override {
    Incarnation newest;
    for (const auto& [key, entry] : entries) {
      if (std::get<0>(key) == role && std::get<1>(key) == id) {
        newest = std::max(newest, std::get<2>(key));
      }
    }
    return newest;
  }
  std::optional<crypto::Key256> record_key(StreamId stream, std::uint16_t version) override {
    const auto found = entries.find({Role::kTerminal, stream.terminal.value, stream.incarnation});
    return found == entries.end() || version != 1 ? std::nullopt : std::optional(found->second.key);
  }
  std::optional<crypto::Key256> directory_key(StoreId store) override {
    crypto::Key256 key{};
    key.fill(static_cast<std::uint8_t>(0x40 + store.value));
    return key;
  }
  std::vector<StreamId> terminals_of(StoreId store) override {
    std::vector<StreamId> streams;
    for (const auto& [key, entry] : entries) {
      if (std::get<0>(key) == Role::kTerminal && entry.store == store) {
        streams.push_back({TerminalId{std::get<1>(key)}, std::get<2>(key)});
      }
    }
    return streams;
  }

  void add(Role role, std::uint32_t id, StoreId store, Incarnation incarnation = Incarnation{1}) {
    Entry entry{store, {}};
    entry.key.fill(static_cast<std::uint8_t>(id + incarnation.value));
    entries[{role, id, incarnation}] = entry;
  }

  std::map<std::tuple<Role, std::uint32_t, Incarnation>, Entry> entries;
};

/// One terminal's stream of sealed records.
class Till {
 public:
  Till(TerminalId terminal, BootId boot = BootId{9}, Incarnation incarnation = Incarnation{1})
      : stream_{terminal, incarnation}, boot_(boot) {
    key_.fill(static_cast<std::uint8_t>(terminal.value + incarnation.value));
  }

  StreamId stream() const { return stream_; }
  StreamPosition head() const { return head_; }
  const crypto::Key256& key() const { return key_; }
  /// As after a restored disk image.
  void restore(StreamPosition head, BootId boot) {
    head_ = head;
    boot_ = boot;
  }
  SaleId sale(std::uint32_t counter) const {
    return make_sale_id(stream_.terminal, boot_, counter);
  }
  RecordId next_id() const {
    return {stream_.terminal, stream_.incarnation, boot_, Seq{head_.seq.value + 1}};
  }

  Bytes seal(record::Record made) {
    made.header.kind = record::kind_of(made.business);
    made.header.id = next_id();
    made.header.prev_mac = head_.mac;
    made.business_day = BusinessDay{20'000};
    Bytes sealed = *record::seal(made.header, *codec::encode_body(made), key_);
    head_ = {made.header.id.seq, record::peek_mac(sealed)};
    return sealed;
  }

  Bytes accrual(const std::string& card, std::int64_t points, SaleId sale_id = {}) {
    record::Record made;
    made.card_token = card;
    made.sale = sale_id;
    made.business = record::Accrual{Money{10'000}, Points{points}, {}, {}, {}};
    return seal(std::move(made));
  }

  Bytes redemption(const std::string& card, std::int64_t points, SaleId sale_id, RightId right) {
    record::Record made;
    made.card_token = card;
    made.sale = sale_id;
    made.business = record::Redemption{Money{10'000}, Points{points}, Money{points}};
    if (right) {
      made.funding = {{RightKind::kHold, right, Epoch{}, Points{points}}};
    }
    return seal(std::move(made));
  }

  Bytes other(record::Business business, const std::string& card = "", SaleId sale_id = {}) {
    record::Record made;
    made.card_token = card;
    made.sale = sale_id;
    made.business = std::move(business);
    return seal(std::move(made));
  }

 private:
  StreamId stream_;
  BootId boot_;
  StreamPosition head_;
  crypto::Key256 key_{};
};

class OaWorld {
 public:
  static constexpr StoreId kStore{7};
  static constexpr GatewayId kGateway{11};
  static constexpr node::ConnectionId kLine{1};

  OaWorld() {
    registry.add(Role::kGateway, kGateway.value, kStore);
    registry.add(Role::kTerminal, 101, kStore);
    registry.add(Role::kTerminal, 102, kStore);
    config.policy.program.redeem_step = Points{1};
    config.policy.program.redeem_min = Points{1};
    config.policy.program.redeem_step_worth = Money{1};
    config.policy.program.bill_share_percent = 100;
    open();
    connect(kLine);
  }

  void open() {
    node.reset();
    store.reset();
    auto opened = storage::LedgerStore::open(directory.file(ledger_file));
    CHECK_TRUE(opened.has_value());
    store = std::move(*opened);
    node = std::make_unique<node::OaNode>(config, *store, registry);
  }

  /// Opens the same ledger as an OA of then would have left it; call once in a test.
  void open_as_version(std::size_t version) {
    node.reset();
    store.reset();
    copy_as_version(directory.file(ledger_file), directory.file("old.db"), version);
    ledger_file = "old.db";
    open();
  }

  node::OaActions handle(std::vector<node::OaEvent> events) {
    auto actions = node->handle(events, now);
    CHECK_TRUE(actions.has_value());
    return *actions;
  }

  node::OaActions connect(node::ConnectionId line,
                          link::PeerIdentity peer = {Role::kGateway, 11, Incarnation{1}}) {
    link::Hello hello;
    hello.role = peer.role;
    hello.node = peer.node;
    hello.incarnation = peer.incarnation;
    hello.boot = BootId{1};
    return handle({node::GatewayMessage{line, peer, hello}});
  }

  node::OaActions say(link::Message message, node::ConnectionId line = kLine) {
    return handle(
        {node::GatewayMessage{line, {Role::kGateway, 11, Incarnation{1}}, std::move(message)}});
  }

  static link::RecordBatch batch(const std::vector<Bytes>& sealed) {
    link::RecordBatch made;
    for (const Bytes& bytes : sealed) {
      record::append_packed(made.packed, bytes);
      ++made.count;
    }
    return made;
  }

  node::OaActions upload(const std::vector<Bytes>& sealed) { return say(batch(sealed)); }

  MemberId enrol(const std::string& card) {
    CHECK_TRUE(store->begin().has_value());
    ledger::ReadPlan plan;
    plan.cards.insert(card);
    auto set = store->read(plan);
    CHECK_TRUE(set.has_value());
    const MemberId member = ledger::enrol(*set, {card, "张*", 0}, node->ledger_time(now));
    CHECK_TRUE(store->write(*set, {}).has_value());
    CHECK_TRUE(node::post_waiting(*store, card, config.policy, node->ledger_time(now)).has_value());
    CHECK_TRUE(store->commit().has_value());
    return member;
  }

  link::Answer ask(const Till& till, SaleId sale, link::Question question) {
    link::Ask made;
    made.ask_id = ++last_ask;
    made.sale = sale;
    made.deadline = Duration{1'000};
    made.terminal = till.stream().terminal;
    made.incarnation = till.stream().incarnation;
    made.question = std::move(question);
    const auto answers = of_type<link::Answer>(say(made));
    CHECK_EQUAL(1U, answers.size());
    CHECK_EQUAL(made.ask_id, answers.at(0).ask_id);
    return answers.at(0);
  }

  link::Answer authorise(const Till& till,
                         SaleId sale,
                         const std::string& card,
                         std::int64_t points) {
    return ask(till, sale, link::Authorise{card, Points{points}, Money{10'000}, ProgramVersion{1}});
  }

  std::int64_t available(const std::string& card) {
    const auto answer = ask(Till{TerminalId{101}}, SaleId{}, link::Inquire{card});
    CHECK_TRUE(answer.member.has_value());
    return answer.member->available.value;
  }

  std::int64_t count(const std::string& sql) {
    auto statement = store->db().prepare(sql);
    CHECK_TRUE_TEXT(statement.has_value(), sql.c_str());
    CHECK_TRUE(*statement->step());
    return statement->int64(0);
  }

  template <class M>
  static std::vector<M> of_type(const node::OaActions& actions) {
    std::vector<M> found;
    for (const auto& action : actions) {
      if (const auto* send = std::get_if<node::SendToGateway>(&action)) {
        if (const auto* message = std::get_if<M>(&send->message)) {
          found.push_back(*message);
        }
      }
    }
    return found;
  }

  static std::vector<node::CloseGateway> closes(const node::OaActions& actions) {
    std::vector<node::CloseGateway> found;
    for (const auto& action : actions) {
      if (const auto* close = std::get_if<node::CloseGateway>(&action)) {
        found.push_back(*close);
      }
    }
    return found;
  }

  TemporaryDirectory directory;
  std::string ledger_file = "ledger.db";
  FakeRegistry registry;
  node::OaConfig config;
  std::unique_ptr<storage::LedgerStore> store;
  std::unique_ptr<node::OaNode> node;
  Instant now{WallTime{1'728'000'000'000'000}, BootTime{1'000}};
  std::uint64_t last_ask = 0;
};

}  // namespace tally::tests
