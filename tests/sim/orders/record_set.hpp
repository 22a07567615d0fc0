// One set of records for I11: what tills of several stores sealed, every kind of them, with
// cancellations across the tills of a store, and what the rules say each card's points must add up
// to however the records arrive.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/crypto/mac.hpp"

namespace tally::sim {

struct SetSize {
  std::uint64_t seed = 1;
  std::size_t records = 100'000;
  std::uint32_t stores = 8;
  std::uint32_t terminals = 40;
  int members = 500;
};

/// A redemption the OA was asked for before the records were sealed.
struct PlannedHold {
  TerminalId terminal;
  StoreId store;
  SaleId sale;
  std::string card;
  std::int64_t points = 0;
  RightId right;  ///< What the OA answered; none when it declined.
};

/// What one terminal sealed, in its order.
struct TillStream {
  StreamId id;
  StoreId store;
  crypto::Key256 key{};
  std::vector<Bytes> sealed;
};

struct RecordSet {
  std::vector<TillStream> streams;
  /// Of each card: accounts of its member + its part of RISK and of SUSPENSE.
  std::map<std::string, std::int64_t> due;
  std::map<std::string, std::uint64_t> kinds;  ///< How many records of each kind, for the reader.
};

/// The terminals and their stores, without records; one more comes last, the till of the opening.
std::vector<TillStream> make_streams(const SetSize& size);

/// Gives every known card its opening points, in four lots; to be there before anything is asked.
void seal_opening(const SetSize& size, TillStream& till);

/// Cards that have a member from the start, and cards that a record of the set enrols.
std::vector<std::string> known_cards(const SetSize& size);
std::vector<std::string> late_cards(const SetSize& size);

/// The redemptions to ask for, without rights.
std::vector<PlannedHold> plan_holds(const SetSize& size);

/// Seals the whole set, the opening not counted.
RecordSet make_records(const SetSize& size, const std::vector<PlannedHold>& holds);

}  // namespace tally::sim
