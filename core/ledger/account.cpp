#include "core/ledger/account.hpp"

namespace tally::ledger {

std::string_view name_of(AccountKind kind) {
  switch (kind) {
    case AccountKind::kIssuance:
      return "issuance";
    case AccountKind::kAvailable:
      return "available";
    case AccountKind::kEscrow:
      return "escrow";
    case AccountKind::kPending:
      return "pending";
    case AccountKind::kDebt:
      return "debt";
    case AccountKind::kRedeemed:
      return "redeemed";
    case AccountKind::kExpired:
      return "expired";
    case AccountKind::kRisk:
      return "risk";
    case AccountKind::kSuspense:
      return "suspense";
    case AccountKind::kTransit:
      return "transit";
  }
  return "unknown";
}

bool may_be_negative(AccountKind kind) {
  switch (kind) {
    case AccountKind::kAvailable:
    case AccountKind::kEscrow:
    case AccountKind::kPending:
      return false;
    case AccountKind::kIssuance:
    case AccountKind::kDebt:
    case AccountKind::kRedeemed:
    case AccountKind::kExpired:
    case AccountKind::kRisk:
    case AccountKind::kSuspense:
    case AccountKind::kTransit:
      return true;
  }
  return true;
}

}  // namespace tally::ledger
