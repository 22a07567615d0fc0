// The messages of the link as the machines see them. Kinds the schema has a place for but no
// machine uses yet are refused by the codec with kUnsupported (docs/formats/link.md lists them
// all).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/amount.hpp"
#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/link/directory_messages.hpp"

namespace tally::link {

inline constexpr std::uint32_t kVersionMin = 1;
inline constexpr std::uint32_t kVersionMax = 2;
/// From here on a node understands directory and numbers; an older one would hang up on them.
inline constexpr std::uint32_t kVersionWithDirectory = 2;
inline constexpr std::size_t kBatchRecordsMax = 32;  ///< Records in one RecordBatch.
inline constexpr std::size_t kPositionsMax =
    64;  ///< Positions in one Received, Applied or Archived.
inline constexpr std::size_t kCloseTextBytesMax = 120;

/// Why a connection ends. Named in the log of both sides and counted.
enum class CloseReason : std::uint8_t {
  kShutdown = 1,
  kFrameTooLarge,
  kFrameMalformed,
  kUnknownMessage,
  kUnexpectedMessage,
  kUnsupportedVersion,
  kIdentityMismatch,
  kIdentityInUse,
  kIncarnationRetired,
  kHandshakeTimeout,
  kIdleTimeout,
  kOverloaded,
  kRecordRefused,
  kRevoked,
  kStorageFailed,
};

/// "frame-too-large" and so on: the word used in logs and metrics.
std::string_view name_of(CloseReason reason);

/// Accepting side's first message; the Hello gives the nonce back, so a delayed Hello does nothing.
struct Challenge {
  std::uint64_t nonce = 0;
};

struct Hello {
  std::uint64_t nonce = 0;
  std::uint32_t version_min = kVersionMin;
  std::uint32_t version_max = kVersionMax;
  Role role = Role::kTerminal;
  std::uint32_t node = 0;
  Incarnation incarnation;
  BootId boot;
  StreamPosition head;  ///< Terminal: its last synced record.
  Seq oldest;           ///< Terminal: the first record it still has.
  std::uint64_t unsynced_records = 0;
  Duration oldest_unsynced_age;
  ProgramVersion program;
  DenyListVersion deny_list;
  std::uint64_t directory_version = 0;  ///< Gateway: what it has synced.
  std::string software;
  WallTime wall;
  BootTime boot_time;
  Epoch epoch;
  std::uint64_t ledger_stamp = 0;  ///< Gateway: of the ledger that has all it had.
};

/// The gateway's or the OA's time, to anchor clocks and to show skew.
struct TimeAnchor {
  WallTime wall;
  std::int64_t uncertainty_us = 0;
  ClockQuality quality = ClockQuality::kUnknown;
};

/// The version two sides speak whose newest ones are these.
constexpr std::uint32_t common_version(std::uint32_t version_max) {
  return version_max < kVersionMax ? version_max : kVersionMax;
}

struct Welcome {
  std::uint32_t version = kVersionMax;
  std::uint32_t node = 0;
  StoreId store;
  StreamPosition received;  ///< Terminal only: send what follows this.
  TimeAnchor anchor;
  Duration heartbeat;
  ProgramVersion program;
  DenyListVersion deny_list;
  std::uint64_t ledger_generation = 0;
  bool uplink_up = false;
  std::uint64_t ledger_stamp = 0;  ///< From the OA; another one than before: it was restored.
};

struct Close {
  CloseReason reason = CloseReason::kShutdown;
  Duration retry_after;
  std::string text;
};

struct Ping {
  std::uint64_t token = 0;
};

struct Pong {
  std::uint64_t token = 0;
};

/// Sealed records, verbatim, in the order of their streams; packed as in core/record/packed.hpp.
struct RecordBatch {
  std::uint32_t count = 0;
  Bytes packed;
  bool beside = false;  ///< Of a branch: a gateway passes them to the OA and gives them no place.
};

/// RECEIVED: synced at the sender of this message up to each position.
struct Received {
  std::vector<StreamMark> positions;
  bool rewind = false;  ///< Send again from what follows each position.
  bool beside = false;  ///< Instead: each named record of a branch is synced at the OA.
};

struct AppliedStatement {
  StreamId stream;
  StreamPosition position;
  Mac statement_mac{};  ///< crypto::make_applied_statement_mac under the record key.
  bool operator==(const AppliedStatement&) const = default;
};

struct Applied {
  std::vector<AppliedStatement> statements;
};

/// Inside a verified back-up of the OA.
struct Archived {
  std::vector<StreamMark> positions;
};

/// A gateway to the OA: all it had when it heard of this ledger is there.
struct Refilled {
  std::uint64_t ledger_stamp = 0;
};

enum class RefusalReason : std::uint8_t {
  kMalformed = 1,
  kBadMac,
  kBadChain,
  kUnknownKey,
  kFork,
  kBranch,
};

/// A record that takes no place in its stream; it goes back to its source.
struct RecordRefusal {
  StreamId stream;
  Seq seq;
  RefusalReason reason = RefusalReason::kMalformed;
  StreamPosition continue_from;
};

/// What a till may see of a member.
struct MemberView {
  MemberId member;
  std::string masked_name;
  std::uint32_t tier = 0;
  Points available;
  Points pending;
  Points held;
  Points expiring;
  BusinessDay expiring_on;
  bool frozen = false;
  WallTime as_of;
};

struct Inquire {
  std::string card_token;
};

struct Authorise {
  std::string card_token;
  Points points;
  Money bill;
  ProgramVersion program;
};

struct Release {
  RightId right;
};

struct SaleStatus {};

using Question = std::variant<Inquire, Authorise, Release, SaleStatus>;

/// Asking twice under one sale id gives the first answer.
struct Ask {
  std::uint64_t ask_id = 0;  ///< Of this connection.
  SaleId sale;
  Duration deadline;    ///< What is left of it.
  TerminalId terminal;  ///< Filled in by the gateway on the second hop.
  Incarnation incarnation;
  Question question;
};

/// In order of precedence.
enum class AskOutcome : std::uint8_t {
  kOk = 1,
  kUnavailable,
  kSaleClosed,
  kSaleMismatch,
  kUnknownCard,
  kMemberFrozen,
  kAmountOutOfRange,
  kBelowMinimum,
  kAboveBillShare,
  kNotEnoughPoints,
};

/// The grant in an approved authorisation.
struct GrantedRight {
  RightKind kind = RightKind::kHold;
  RightId id;
  Epoch epoch;
  Points points;
  MemberId member;
};

struct Answer {
  std::uint64_t ask_id = 0;
  SaleId sale;
  AskOutcome outcome = AskOutcome::kUnavailable;
  std::optional<MemberView> member;
  std::optional<GrantedRight> right;
};

/// What a terminal shows of its store; sent when it changes.
struct StoreState {
  bool uplink_up = false;
  std::uint64_t uplink_queue_records = 0;
  Duration uplink_queue_age;
};

using Message = std::variant<Challenge,
                             Hello,
                             Welcome,
                             Close,
                             Ping,
                             Pong,
                             RecordBatch,
                             Received,
                             Applied,
                             Archived,
                             RecordRefusal,
                             Refilled,
                             Ask,
                             Answer,
                             StoreState,
                             TimeAnchor,
                             DirectoryChunk,
                             DirectoryAck,
                             DirectoryKey,
                             NumberRequest,
                             NumberBlock>;

}  // namespace tally::link
