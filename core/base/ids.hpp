// Strong identifiers: the compiler refuses a terminal where a member is meant. Widths are those of
// the wire (docs/formats/record.md) and of the ledger tables (docs/formats/ledger.md).
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

#include "core/base/bytes.hpp"

namespace tally {

/// An integer that means one kind of thing. 0 is "none" for every id of this product.
template <class Tag, class Rep>
struct StrongId {
  Rep value = 0;

  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep v) : value(v) {}
  constexpr auto operator<=>(const StrongId&) const = default;
  constexpr explicit operator bool() const { return value != 0; }
};

using TerminalId = StrongId<struct TerminalTag, std::uint32_t>;
using GatewayId = StrongId<struct GatewayTag, std::uint32_t>;
using StoreId = StrongId<struct StoreTag, std::uint32_t>;
using CashierId = StrongId<struct CashierTag, std::uint32_t>;
using Incarnation =
    StrongId<struct IncarnationTag, std::uint32_t>;      ///< One enrolment of a device, from 1.
using BootId = StrongId<struct BootTag, std::uint64_t>;  ///< Random for each boot.
using Seq = StrongId<struct SeqTag, std::uint64_t>;      ///< Counts in the incarnation, from 1.
using MemberId = StrongId<struct MemberTag, std::int64_t>;
using LotId = StrongId<struct LotTag, std::int64_t>;
using RightId = StrongId<struct RightTag, std::uint64_t>;
using Epoch = StrongId<struct EpochTag, std::uint32_t>;
using ProgramVersion = StrongId<struct ProgramTag, std::uint32_t>;
using DenyListVersion = StrongId<struct DenyListTag, std::uint32_t>;

/// One sale at one till; made by the terminal, the name under which both planes meet.
/// Layout: terminal (4) | boot (8) | counter in the boot (4), big endian.
struct SaleId {
  ByteArray<16> bytes{};
  auto operator<=>(const SaleId&) const = default;
  explicit operator bool() const { return bytes != ByteArray<16>{}; }
};

/// Makes the `counter`-th sale id of a boot.
SaleId make_sale_id(TerminalId terminal, BootId boot, std::uint32_t counter);

/// Where a record stands: unique for ever, never recycled.
struct RecordId {
  TerminalId terminal;
  Incarnation incarnation;
  BootId boot;
  Seq seq;
  auto operator<=>(const RecordId&) const = default;
};

/// One stream of records: what a watermark counts in.
struct StreamId {
  TerminalId terminal;
  Incarnation incarnation;
  auto operator<=>(const StreamId&) const = default;
};

using Mac = ByteArray<16>;

/// The end of a stream: a sequence number and the MAC that stands there. seq 0 = nothing yet.
struct StreamPosition {
  Seq seq;
  Mac mac{};
  auto operator<=>(const StreamPosition&) const = default;
};

/// A position in a named stream.
struct StreamMark {
  StreamId stream;
  StreamPosition position;
  auto operator<=>(const StreamMark&) const = default;
};

/// The four kinds of a right (docs/glossary.md); values are those of the wire.
enum class RightKind : std::uint8_t { kHold = 1, kLease = 2, kBudget = 3, kSlice = 4 };

/// What a node is; values are those of the wire.
enum class Role : std::uint8_t { kTerminal = 1, kGateway = 2, kOa = 3 };

}  // namespace tally

template <class Tag, class Rep>
struct std::hash<tally::StrongId<Tag, Rep>> {
  std::size_t operator()(tally::StrongId<Tag, Rep> id) const noexcept {
    return std::hash<Rep>{}(id.value);
  }
};

template <>
struct std::hash<tally::StreamId> {
  std::size_t operator()(tally::StreamId id) const noexcept {
    return std::hash<std::uint64_t>{}((std::uint64_t{id.terminal.value} << 32) |
                                      id.incarnation.value);
  }
};
