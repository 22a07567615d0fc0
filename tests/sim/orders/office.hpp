// The OA of the I11 measurement: the real machine on the real store, fed with records in a chosen
// order, and what stands in its ledger afterwards.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/node/oa_node.hpp"

#include "storage/ledger_store.hpp"
#include "tests/sim/orders/record_set.hpp"

namespace tally::sim {

/// How records reach the OA.
enum class Pattern : std::uint8_t {
  kMixed,       ///< A few records of a random till at a time.
  kTillByTill,  ///< All of one till, then all of the next.
  kOneByOne,    ///< One record of each till in turn.
  kBursts,      ///< Hundreds of one till, several tills in one commit.
  kResent,      ///< As kMixed, but many batches come twice, or too early.
  kCount,
};

const char* name_of(Pattern pattern);

/// What is compared between orders.
struct Figures {
  /// Of each card: available + held + pending + debt of its member, its part of RISK and SUSPENSE.
  std::map<std::string, std::int64_t> sums;
  std::int64_t all_accounts = 0;  ///< I1: zero.
  std::int64_t risk = 0;          ///< Over all stores, at the end.
  std::int64_t suspense = 0;
  std::uint64_t posted = 0;
  std::uint64_t in_quarantine = 0;
  std::uint64_t waiting = 0;  ///< Cancellations that were here before their original.
  std::uint64_t commits = 0;
};

class Office {
 public:
  /// Opens the ledger at `path`, or makes an empty one. Streams say who may send.
  Office(const std::string& path, const std::vector<TillStream>& streams);
  ~Office();

  /// Makes a member with this card.
  void enrol(const std::string& card);
  /// Asks for a redemption; what was answered is filled in.
  void authorise(PlannedHold& hold);

  /// Brings every record of every stream, in an order that is a function of pattern and seed.
  void take(const std::vector<TillStream>& streams, Pattern pattern, std::uint64_t seed);

  Figures figures();
  /// A SHA-256 over every row of every table.
  std::string dump_hash();
  void close();

 private:
  class Registry;

  void connect(StoreId store);
  node::OaActions handle(std::vector<node::OaEvent> events);
  std::int64_t number(const std::string& sql);
  /// Records [from, to) of a stream as one message of its store's gateway.
  node::OaEvent batch(const TillStream& stream, std::size_t from, std::size_t to) const;

  std::unique_ptr<Registry> registry_;
  std::unique_ptr<storage::LedgerStore> store_;
  std::unique_ptr<node::OaNode> node_;
  std::int64_t now_ms_ = 0;
  std::uint64_t asks_ = 0;
};

}  // namespace tally::sim
