#include "tests/sim/cancellation_rules.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace tally::sim {
namespace {

using ledger::AccountKind;
using ledger::TransferCode;
using ledger::TxnKind;

/// Shares of `whole`, none above its weight: rounded down, the rest one each to those with the
/// largest remainder, of equal ones to the first.
std::vector<std::int64_t> shares(std::int64_t whole, const std::vector<Part>& parts) {
  std::int64_t total = 0;
  for (const Part& part : parts) {
    total += part.points;
  }
  std::vector<std::int64_t> out;
  std::vector<std::pair<std::int64_t, std::size_t>> by_remainder;
  std::int64_t given = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    out.push_back(total == 0 ? 0 : whole * parts[i].points / total);
    given += out.back();
    by_remainder.emplace_back(total == 0 ? 0 : -(whole * parts[i].points % total), i);
  }
  std::sort(by_remainder.begin(), by_remainder.end());
  for (std::size_t i = 0; given < whole && i < by_remainder.size(); ++i, ++given) {
    ++out[by_remainder[i].second];
  }
  return out;
}

}  // namespace

std::int64_t CancellationRules::claimed(const Booking& booking, Booking& original) {
  const auto cause = bookings_.find(booking.cause);
  const std::optional<RecordId> record =
      booking.record || cause == bookings_.end() ? booking.record : cause->second.record;
  const Fact* fact = record ? truth_.find(*record) : nullptr;
  const std::int64_t whole = std::abs(original.points);
  if (fact == nullptr || fact->kind != record::RecordKind::kRefund ||
      fact->returned.minor_units == 0 || original.bill <= 0) {
    return whole;
  }
  const std::int64_t before = whole * original.returned / original.bill;
  original.returned += std::min(fact->returned.minor_units, original.bill);
  return whole * original.returned / original.bill - before;
}

void CancellationRules::judge(const Booking& booking) {
  Booking& original = bookings_.at(booking.about);
  if (original.kind != TxnKind::kAccrual && original.kind != TxnKind::kRedemption) {
    return;
  }
  const bool by_record = booking.kind == TxnKind::kVoid || booking.kind == TxnKind::kRefund ||
                         booking.kind == TxnKind::kReversal;
  if (!by_record) {
    return;
  }
  const std::int64_t wanted = claimed(booking, original);
  const std::int64_t covered = std::min(wanted, original.left);
  std::int64_t moved = 0;
  std::int64_t excess = 0;
  for (const Leg& leg : booking.legs) {
    excess += leg.code == TransferCode::kExcess ? leg.points : 0;
    moved += leg.code == TransferCode::kCancelAccrual || leg.code == TransferCode::kCancelRedemption
                 ? leg.points
                 : 0;
  }
  if (std::abs(booking.points) != covered || moved != covered || excess != wanted - covered) {
    broken(verdict_,
           "I8",
           booking,
           "of transaction " + std::to_string(original.id) + " with " +
               std::to_string(original.left) + " points left, " + std::to_string(wanted) +
               " were to be cancelled; " + std::to_string(moved) + " were, and " +
               std::to_string(excess) + " went to SUSPENSE");
  }
  original.left -= covered;
  if (original.kind == TxnKind::kRedemption) {
    judge_given_back(booking, original, covered);
  }
}

void CancellationRules::judge_given_back(const Booking& booking,
                                         Booking& original,
                                         std::int64_t covered) {
  using Place = std::tuple<AccountKind, std::int64_t, std::int64_t>;
  std::map<Place, std::int64_t> due;
  const std::vector<std::int64_t> parts = shares(covered, original.parts);
  const auto place_of = [&](AccountKind kind, std::int64_t owner, std::int64_t expires_on) {
    return Place{kind, owner, expires_on < booking.posted_on ? 0 : expires_on};
  };
  bool any_expired = false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Part& part = original.parts[i];
    any_expired = any_expired ||
                  (part.kind == AccountKind::kAvailable && part.expires_on < booking.posted_on);
    due[place_of(part.kind, part.owner, part.expires_on)] += parts[i];
    part.points -= parts[i];
  }
  std::erase_if(original.parts, [](const Part& part) { return part.points == 0; });
  std::erase_if(due, [](const auto& entry) { return entry.second == 0; });
  std::map<Place, std::int64_t> given;
  for (const Leg& leg : booking.legs) {
    if (leg.code == TransferCode::kCancelRedemption) {
      const bool lot = leg.to == AccountKind::kAvailable;
      given[place_of(leg.to, lot ? leg.issuer : leg.to_owner, lot ? leg.expires_on : 0)] +=
          leg.points;
    }
  }
  if (!any_expired && given != due) {
    const auto listed = [](const std::map<Place, std::int64_t>& places) {
      std::string text;
      for (const auto& [place, points] : places) {
        const auto& [kind, owner, expires_on] = place;
        text += " " + std::to_string(points) + " of " + std::string(ledger::name_of(kind)) + "/" +
                std::to_string(owner) + "/" + std::to_string(expires_on);
      }
      return text;
    };
    broken(verdict_,
           "I8",
           booking,
           "the points of transaction " + std::to_string(original.id) +
               " did not go back where they came from; due:" + listed(due) +
               ", given:" + listed(given));
  }
}

}  // namespace tally::sim
