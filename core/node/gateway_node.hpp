// The gateway's machine: takes records in order, persists before it acknowledges, forwards
// verbatim, passes answers and APPLIED back, keeps one terminal from being two. Pure, like the
// terminal's: events in as calls, actions out. The shell (gateway/) and the simulator drive the
// same code. Not thread-safe.
//
// Order that never changes: append → sync → RECEIVED. A record is opaque here: header and 16 bytes
// of MAC are compared, nothing is hashed.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/link/messages.hpp"
#include "core/link/session.hpp"
#include "core/node/gateway_directory.hpp"
#include "core/node/gateway_journal.hpp"
#include "core/node/node_clock.hpp"
#include "core/node/number_stock.hpp"
#include "core/node/send_cursor.hpp"
#include "core/record/header.hpp"

namespace tally::node {

/// One connection from a terminal; numbered by the shell, never reused in a process.
using ConnectionId = StrongId<struct ConnectionTag, std::uint64_t>;

struct GatewayConfig {
  GatewayId gateway;
  Incarnation incarnation;
  StoreId store;
  BootId boot;
  std::string software;
  std::int32_t utc_offset_s = 8 * 3600;
  WallTime build_time;
  ProgramVersion program{1};
  Duration heartbeat{5'000};
  Duration contest_deadline{2'000};  ///< How long a live connection may take to prove it lives.
  std::uint64_t uplink_window_records =
      2'048;  ///< Sent to the OA and not yet RECEIVED, per stream.
  std::size_t reads_in_flight_max = 4;
  std::size_t asks_max = 1'024;
  Duration unknown_key_pause{
      3'000};  ///< Until records are sent again whose key the OA did not know.
  std::uint32_t refused_tries_max = 8;  ///< Of one record, until a person has to look at it;
  Duration refused_pause{600'000};      ///< from then on it is tried this seldom.
  std::uint32_t vain_rewinds_max = 8;   ///< Before a stream waits a short pause between its tries;
                                        ///< after twice as many, as long as a refused one.
};

/// Persist this in one transaction, then call on_committed(); on failure on_commit_failed(). At
/// most one is on its way at a time; what queues up meanwhile goes into the next.
struct CommitGateway {
  GatewayCommit commit;
};

/// Read up to `records_max` consecutive records, then call on_stream_read().
struct ReadStream {
  StreamId stream;
  Seq first;
  std::uint32_t records_max = 1;
};

struct SendToTerminal {
  ConnectionId connection;
  link::Message message;
};

/// Send a Close with this reason, then close the connection; no more calls for it are expected.
struct CloseTerminal {
  ConnectionId connection;
  link::CloseReason reason = link::CloseReason::kShutdown;
  std::string text;
  Duration retry_after;
};

struct SendToOa {
  link::Message message;
};

struct DropUplink {
  link::CloseReason reason = link::CloseReason::kShutdown;
  std::string text;
};

/// Persist this in the directory's own file, then call on_directory_committed(); on failure
/// on_directory_failed(). At most one is on its way at a time.
struct CommitDirectory {
  DirectoryCommit commit;
};

/// Look this card up in the directory's file, then call on_member_found().
struct LookUpMember {
  std::uint64_t look_up = 0;
  Mac token_hash{};
};

using GatewayAction = std::variant<CommitGateway,
                                   ReadStream,
                                   SendToTerminal,
                                   CloseTerminal,
                                   SendToOa,
                                   DropUplink,
                                   CommitDirectory,
                                   LookUpMember>;
using GatewayActions = std::vector<GatewayAction>;

/// What the manager's page shows of one terminal.
struct TerminalStatus {
  TerminalId terminal;
  Incarnation incarnation;
  bool connected = false;
  WallTime last_contact;
  std::optional<std::int64_t> clock_skew_s;
  std::uint64_t unsynced_records = 0;  ///< As the terminal said in its last Hello.
  std::string software;
  Seq received;
  Seq forwarded;
  Seq applied;
  std::uint64_t connections_refused = 0;
  std::optional<link::CloseReason> last_refusal;
  bool stream_blocked = false;  ///< The OA or this gateway refused a record of it.
};

struct UplinkStatus {
  bool up = false;
  WallTime last_contact;
  std::uint64_t queue_records = 0;
  WallTime oldest_queued_at;  ///< 0 when the queue is empty.
};

/// A stream that is blocked until a person has looked at it.
struct HeldStream {
  StreamId stream;
  std::uint64_t records = 0;  ///< Of it, not at the OA.
};

/// Since the start of the process; for metrics.
struct GatewayCounters {
  std::uint64_t records_received = 0;
  std::uint64_t records_duplicate = 0;
  std::uint64_t records_refused = 0;
  std::uint64_t rewinds = 0;
  std::uint64_t commits = 0;
  std::uint64_t asks = 0;
  std::uint64_t asks_unavailable = 0;
  std::uint64_t asks_from_directory = 0;
  std::uint64_t identities_contested = 0;
};

class GatewayNode {
 public:
  GatewayNode(GatewayConfig config, const GatewaySnapshot& snapshot);

  /// Terminal side. The session's Hello is the first message of a connection.
  GatewayActions on_terminal_message(ConnectionId connection,
                                     const link::Message& message,
                                     Instant now);
  GatewayActions on_terminal_closed(ConnectionId connection, Instant now);

  /// OA side. The session's Challenge is the first message.
  GatewayActions on_uplink_message(const link::Message& message, Instant now);
  GatewayActions on_uplink_down(Instant now);

  GatewayActions on_committed(Instant now);
  /// The journal refused to write: every terminal is told and disconnected; nothing is accepted
  /// until on_journal_reopened().
  GatewayActions on_commit_failed(const Error& error, Instant now);
  GatewayActions on_journal_reopened(const GatewaySnapshot& snapshot, Instant now);
  /// `count` is 0 when the rows could not be read.
  GatewayActions on_stream_read(
      StreamId stream, Seq first, std::uint32_t count, Bytes packed, Instant now);

  /// The directory's file was opened, at start or again; without this call nobody is answered from
  /// it. It may be lost without harm: the OA sends it anew.
  GatewayActions on_directory_opened(const DirectoryState& state, Instant now);
  GatewayActions on_directory_committed(std::uint64_t cards, Instant now);
  GatewayActions on_directory_failed(Instant now);
  /// `entry` is none when nobody has the card, or when it could not be read.
  GatewayActions on_member_found(std::uint64_t look_up,
                                 const std::optional<link::DirectoryEntry>& entry,
                                 Instant now);

  /// To be called every 250 ms or so.
  GatewayActions tick(Instant now);

  const GatewayDirectory& directory() const { return directory_; }
  std::uint64_t numbers_left() const { return numbers_.left(); }
  std::vector<TerminalStatus> terminals() const;
  UplinkStatus uplink() const;
  /// Those of earlier enrolments too; terminals() does not tell of them.
  std::vector<HeldStream> held() const;
  const GatewayCounters& counters() const { return counters_; }
  bool journal_failed() const { return journal_failed_; }
  TimeBracket time_bracket(Instant now) const { return clock_.bracket(now); }
  std::optional<std::int64_t> clock_skew_s(Instant now) const { return clock_.skew_s(now); }

 private:
  /// A record here that the OA refuses because of its MAC: a byte of it changed somewhere on the
  /// way. Nothing behind it is sent; its terminal is asked for it again (ADR 23).
  struct Refused {
    /// What of the copy here stays true of the record as its terminal has it.
    struct Copy {
      RecordId id;
      Mac mac{};
      Mac prev_mac{};
    };
    Seq seq;
    std::uint32_t tries = 0;
    std::optional<Copy> copy;  ///< Once it was read.
    bool renewed = false;      ///< On its way to disk.
  };

  struct Stream {
    explicit Stream(std::uint64_t window) : uplink(window) {}

    StreamPosition tail;  ///< Accepted, perhaps not synced yet.
    bool tail_is_gap = false;
    StreamPosition received;  ///< Synced.
    SendCursor uplink;
    std::deque<StreamPosition> in_flight;  ///< Sent on this connection, not acknowledged yet.
    AppliedStatement applied;
    bool reading = false;
    bool blocked = false;
    bool stuck = false;              ///< Blocked, and a person has to look at it.
    std::uint32_t vain_rewinds = 0;  ///< By the OA, since it took something of this stream.
    Seq hole_told;  ///< The last record that came behind a hole since its sender was told of it.
    bool disputed = false;  ///< A record came that does not hang on the tail.
    std::optional<Refused> refused;
    std::optional<StreamPosition> missing_after;  ///< The OA asks for what was never here.
    bool in_turn = false;                         ///< Stands in uplink_turns_.
    std::optional<BootTime> retry_at;             ///< Blocked only until then.
    std::deque<std::pair<Seq, WallTime>>
        queued_since;  ///< Batch ends not yet forwarded, for the age.
  };

  struct Contest {
    ConnectionId challenger;
    link::Hello hello;
    BootTime deadline;
  };

  struct Terminal {
    Incarnation incarnation;
    std::optional<ConnectionId> connection;
    std::optional<Contest> contest;
    TerminalStatus status;
  };

  /// The OA's ledger is another one than this gateway's records are known to be in.
  struct Refill {
    std::uint64_t stamp = 0;
    std::map<StreamId, Seq> goals;  ///< RECEIVED when that was heard.
    bool done = false;              ///< On its way to disk.
  };

  struct PendingAsk {
    ConnectionId connection;
    std::uint64_t ask_id = 0;
    SaleId sale;
    BootTime deadline;
    std::string card_token;  ///< Of an inquiry, which the directory may answer instead.
  };

  Stream opened_stream() const;
  void load(const GatewaySnapshot& snapshot);
  GatewayActions take();
  void flush();

  // gateway_terminals.cpp: connections, records, asks of terminals.
  void on_hello(ConnectionId connection, const link::Hello& hello, Instant now);
  void welcome(ConnectionId connection, const link::Hello& hello, Instant now);
  void refuse(ConnectionId connection,
              TerminalId terminal,
              link::CloseReason reason,
              std::string text,
              Duration retry_after);
  void settle_contest(Terminal& terminal, bool holder_lives, Instant now);
  void retire(Terminal& terminal, TerminalId id);
  void let_go(Terminal& terminal, link::CloseReason reason, std::string text, Duration retry_after);
  void on_records(ConnectionId connection,
                  StreamId stream,
                  const link::RecordBatch& batch,
                  Instant now);
  bool take_record(ConnectionId connection,
                   StreamId id,
                   Stream& stream,
                   ByteView sealed,
                   std::vector<PackedRecords>& packs);
  void on_ask(ConnectionId connection, StreamId stream, const link::Ask& ask, Instant now);
  void pass_beside(ConnectionId connection, StreamId id, const link::RecordBatch& batch);
  void acknowledge(StreamId id, const Stream& stream, bool rewind);
  void send_received(StreamId id, const StreamPosition& position, bool rewind);
  void broadcast_store_state();
  void broadcast_anchor(Instant now);
  link::TimeAnchor anchor_now(Instant now) const;

  // gateway_uplink.cpp: the OA side.
  void pump_uplink();
  void give_turn(StreamId id, Stream& stream);
  void pump_stream(StreamId id, Stream& stream);
  void on_oa_received(const link::Received& received, Instant now);
  void on_oa_received_beside(const link::Received& received);
  void rewind(Stream& stream, const StreamPosition& position);
  bool acknowledge_sent(Stream& stream, const StreamPosition& position);
  void on_oa_applied(const link::Applied& applied);
  void begin_refill(std::uint64_t stamp);
  void check_refill();
  void settle_refill(std::uint64_t stamp);
  void on_oa_answer(const link::Answer& answer);
  void fail_asks(Instant now, bool all);
  void fail_ask(const PendingAsk& ask);

  // gateway_refusals.cpp: what the OA does not take.
  void on_oa_refusal(const link::RecordRefusal& refusal, Instant now);
  void on_copy_refused(Stream& stream, const link::RecordRefusal& refusal, Instant now);
  void note_refused_copy(Stream& stream, ByteView packed);
  void renew(StreamId id, Stream& stream, const record::Header& header, ByteView sealed);
  static StreamPosition told_received(const Stream& stream);
  void on_renewed(const RenewedRecord& renewed);
  void settle_refused(StreamId id, Stream& stream);
  void pace_rewinds(Stream& stream, Instant now);
  void ask_for_missing(StreamId id, Stream& stream, const StreamPosition& position);
  void pass_missing(Stream& stream, const record::Header& header, ByteView sealed);
  void send_refusal(const link::RecordRefusal& refusal);
  void retry_refused(Instant now);

  // gateway_members.cpp: the directory, and member numbers.
  void on_oa_directory(const link::Message& message, Instant now);
  bool look_up(const PendingAsk& ask);
  void fail_look_ups();
  void pump_directory();
  void order_numbers(Instant now);
  void on_number_request(ConnectionId connection, const link::NumberRequest& request);

  GatewayConfig config_;
  NodeClock clock_;
  std::map<StreamId, Stream> streams_;
  std::map<TerminalId, Terminal> terminals_;
  std::map<ConnectionId, StreamId> connections_;
  std::deque<StreamId> uplink_turns_;  ///< Streams that may have something to forward, in turn.

  GatewayCommit pending_;
  std::optional<GatewayCommit> in_flight_;
  bool urgent_ = false;
  bool journal_failed_ = false;

  bool uplink_up_ = false;
  std::optional<BootTime> hello_at_;  ///< When the hello of this uplink went out.
  WallTime uplink_contact_;
  std::uint64_t ledger_stamp_ = 1;  ///< Whose ledger has all that was here.
  std::optional<Refill> refill_;
  std::size_t reads_in_flight_ = 0;
  std::uint64_t ask_count_ = 0;
  std::map<std::uint64_t, PendingAsk> asks_;  ///< By the id used towards the OA.

  GatewayDirectory directory_;
  std::map<std::uint64_t, PendingAsk> look_ups_;  ///< In the directory's file, by their number.
  std::uint64_t look_up_count_ = 0;
  NumberStock numbers_;
  bool oa_has_directory_ = false;  ///< The OA speaks of directory and numbers.
  std::optional<BootTime> numbers_ordered_at_;

  GatewayCounters counters_;
  GatewayActions actions_;
};

}  // namespace tally::node
