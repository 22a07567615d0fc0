#include "core/link/messages.hpp"

namespace tally::link {

std::string_view name_of(CloseReason reason) {
  switch (reason) {
    case CloseReason::kShutdown:
      return "shutdown";
    case CloseReason::kFrameTooLarge:
      return "frame-too-large";
    case CloseReason::kFrameMalformed:
      return "frame-malformed";
    case CloseReason::kUnknownMessage:
      return "unknown-message";
    case CloseReason::kUnexpectedMessage:
      return "unexpected-message";
    case CloseReason::kUnsupportedVersion:
      return "unsupported-version";
    case CloseReason::kIdentityMismatch:
      return "identity-mismatch";
    case CloseReason::kIdentityInUse:
      return "identity-in-use";
    case CloseReason::kIncarnationRetired:
      return "incarnation-retired";
    case CloseReason::kHandshakeTimeout:
      return "handshake-timeout";
    case CloseReason::kIdleTimeout:
      return "idle-timeout";
    case CloseReason::kOverloaded:
      return "overloaded";
    case CloseReason::kRecordRefused:
      return "record-refused";
    case CloseReason::kRevoked:
      return "revoked";
    case CloseReason::kStorageFailed:
      return "storage-failed";
  }
  return "unknown";
}

}  // namespace tally::link
