// The terminal's machine: decides what is persisted, what is shown, what is sent, and in which
// order. Pure: every event comes in as a call with the time, what is to be done comes out as
// actions. The shell (firmware/) and the simulator drive the same code. Not thread-safe; one owner.
//
// Order that never changes: append → sync → shown mark → sync → show approved and print; a right is
// asked for only after the open sale is synced; what nobody saw approved is reversed at boot.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/crypto/p256.hpp"
#include "core/link/messages.hpp"
#include "core/node/node_clock.hpp"
#include "core/node/number_stock.hpp"
#include "core/node/recent_members.hpp"
#include "core/node/record_writer.hpp"
#include "core/node/send_cursor.hpp"
#include "core/node/terminal_journal.hpp"
#include "core/program/program.hpp"
#include "core/sale/checkout_machine.hpp"

namespace tally::node {

struct TerminalConfig {
  TerminalId terminal;
  Incarnation incarnation;
  StoreId store;
  BootId boot;  ///< Random for each start of the machine.
  record::RecordKey key{};
  std::optional<crypto::PublicKey>
      oa_key;  ///< Personal fields are sealed to it; none: no enrolling.
  crypto::RandomSource* random = nullptr;  ///< For sealing; outlives the machine.
  std::uint16_t key_version = 1;
  std::string software;  ///< Version shown to the gateway, at most 32 bytes.
  program::Program program;
  sale::Language language = sale::Language::kZhCn;
  CashierId cashier;
  std::int32_t utc_offset_s = 8 * 3600;
  WallTime build_time;
  Duration lookup_deadline{1'500};
  Duration authorise_deadline{3'000};
  std::uint64_t send_window_records = 512;
  std::uint64_t rows_kept = 1'000;  ///< APPLIED rows kept for voids and reprints.
  std::int64_t skew_warning_s = 60;
};

/// Persist this in one transaction, then call on_committed(); on failure on_commit_failed(). At
/// most one is on its way at a time.
struct CommitTerminal {
  TerminalCommit commit;
};

enum class ReadPurpose : std::uint8_t { kSend, kVerifyApplied, kOriginal, kCompare, kBeside };

/// Read rows from the journal, then call on_rows() with the same purpose (no rows when they are
/// gone).
struct ReadRows {
  ReadPurpose purpose = ReadPurpose::kSend;
  Seq first;
  std::uint32_t records_max = 1;
};

struct SendUplink {
  link::Message message;
};

/// End the connection; the shell connects again after its back-off or `retry_after`, whichever is
/// later.
struct DropLink {
  link::CloseReason reason = link::CloseReason::kShutdown;
  std::string text;
};

enum class ReceiptKind : std::uint8_t { kSale, kVoid, kRefund, kEnrolment };

/// Everything a receipt says.
struct ReceiptFacts {
  ReceiptKind kind = ReceiptKind::kSale;
  StoreId store;
  TerminalId terminal;
  std::string receipt_number;
  std::string original_number;  ///< Of a void or refund: the receipt it takes back.
  WallTime at;
  std::int32_t utc_offset_s = 0;
  std::string masked_name;
  std::string card_tail;
  Money bill;  ///< Of a refund: what of the bill came back; 0 for all of a sale not known here.
  Money discount;
  Money give_back;             ///< Of a refund: money for the customer; 0 when not known.
  bool settled_later = false;  ///< The office settles the points: the sale is another till's.
  Points earned;
  Points redeemed;
  std::optional<Points> balance_after;
  Points expiring;
  BusinessDay expiring_on;
  bool offline = false;
  sale::Language language = sale::Language::kZhCn;
  std::vector<std::string> record_codes;  ///< One QR text for each record of the sale.
};

struct PrintReceipt {
  ReceiptFacts facts;
};

/// The view changed: draw it.
struct ShowView {};

using TerminalAction = std::
    variant<CommitTerminal, ReadRows, SendUplink, DropLink, PrintReceipt, sale::Play, ShowView>;
using TerminalActions = std::vector<TerminalAction>;

/// Why there is no connection, as far as the cashier can do something about it.
enum class LinkFault : std::uint8_t {
  kUnreachable,
  kCertificateRefused,
  kClosedByPeer,
};

enum class DeviceEvent : std::uint8_t {
  kScannerUnplugged,
  kScannerReady,
  kPaperOut,
  kPrinterReady,
  kPrinterFault
};

class TerminalNode {
 public:
  TerminalNode(TerminalConfig config, const TerminalSnapshot& snapshot);

  /// First call: reverses what nobody saw, shows the first screen.
  TerminalActions start(Instant now);

  TerminalActions on_key(sale::Key key, Instant now);
  TerminalActions on_code(std::string_view text, Instant now);
  TerminalActions on_device(DeviceEvent event, Instant now);

  /// Messages of an open session, Challenge and Welcome included.
  TerminalActions on_message(const link::Message& message, Instant now);
  TerminalActions on_link_down(LinkFault fault, Instant now);

  TerminalActions on_committed(Instant now);
  /// The journal refused to write: nothing of the commit may be assumed. Sales are refused until
  /// on_journal_reopened().
  TerminalActions on_commit_failed(const Error& error, Instant now);
  TerminalActions on_journal_reopened(const TerminalSnapshot& snapshot, Instant now);
  TerminalActions on_rows(ReadPurpose purpose, const RowsRead& read, Instant now);

  /// To be called every 250 ms or so: deadlines, the clock on the screen.
  TerminalActions tick(Instant now);

  const sale::CheckoutView& view() const { return checkout_.view(); }
  TimeBracket time_bracket(Instant now) const { return clock_.bracket(now); }
  const StreamPosition& synced_head() const { return synced_head_; }
  const StreamPosition& received() const { return cursor_.received(); }
  const StreamPosition& applied() const { return applied_; }
  bool linked() const { return linked_; }

 private:
  enum class Step : std::uint8_t {
    kNone,
    kLookUp,        ///< Waiting for an answer who it is.
    kOpenSale,      ///< The open sale is on its way to disk.
    kAuthorise,     ///< Waiting for the right.
    kReadOriginal,  ///< Reading the rows of the sale to void or refund.
    kAppend,        ///< The records are on their way to disk.
    kMarkShown,     ///< The shown marks are on their way to disk.
  };

  /// The one thing the cashier is waiting for.
  struct Work {
    Step step = Step::kNone;
    SaleId sale;
    std::uint64_t ask_id = 0;
    BootTime deadline;
    std::string card_token;
    MemberId member;
    Money bill;
    Points points;
    std::optional<link::MemberView> after;  ///< Balance the OA told with the right.
    std::vector<JournalRow> rows;
    sale::Outcome outcome;
    ReceiptKind receipt = ReceiptKind::kSale;
    Seq sought;        ///< kReadOriginal: the record named,
    std::string code;  ///< the receipt's code when it was scanned,
    Seq read_from;     ///< and where reading began.
    bool void_at_once = false;
  };

  /// A record of the sale being voided or refunded.
  struct Original {
    RecordId id;
    std::optional<record::Record> record;  ///< None: another till's.
  };

  struct Mark {
    Seq seq;
    Mac mac{};
    WallTime made_at;
  };

  /// The gateway has another record where this disk has one, or more than this disk has.
  struct Branch {
    StreamPosition told;      ///< The gateway's position.
    Seq next;                 ///< The next own record to be sent beside the stream.
    std::optional<Seq> sent;  ///< The last one sent and not yet answered,
    BootTime sent_at;         ///< when.
  };

  struct LastSale {
    std::string receipt_number;
    std::vector<RecordId> records;
    Seq first;
  };

  // terminal_node.cpp: effects, journal, clock, view.
  void load(const TerminalSnapshot& snapshot);
  void recover(const TerminalSnapshot& snapshot, Instant now);
  void run(const sale::Effects& effects, Instant now);
  void flush();
  void settle_commit(const TerminalCommit& commit, Instant now);
  void note_row(const JournalRow& row);
  void refresh_status(Instant now);
  TerminalActions take(Instant now);

  // terminal_sale.cpp: the steps of a sale and a redemption.
  void begin_look_up(const sale::LookUp& effect, Instant now);
  void begin_earn(const sale::Earn& effect, Instant now);
  // terminal_enrol.cpp
  void begin_enrol(const sale::Enrol& effect, Instant now);
  void remember_enrolled(const ReceiptFacts& facts, Instant now);
  void order_numbers();
  void begin_redeem(const sale::Redeem& effect, Instant now);
  void cancel_work(Instant now);
  void send_ask(link::Question question, Duration deadline, Instant now);
  void on_answer(const link::Answer& answer, Instant now);
  void on_authorised(const link::Answer& answer, Instant now);
  void ask_failed(Instant now);
  void look_up_here(Instant now);
  void abandon_sale(record::ReversalReason reason, sale::MessageId message, Instant now);
  void append(Fact fact, Instant now);
  void after_append(Instant now);
  void finish(Instant now);
  void decline(sale::MessageId message, Instant now);
  Fact fact_of_work(record::Business business) const;
  ReceiptFacts receipt_facts(Instant now) const;

  // terminal_return.cpp: void and refund.
  void begin_void(const sale::VoidSale& effect, Instant now);
  void begin_find(const sale::FindReceipt& effect, Instant now);
  void begin_void_receipt(Instant now);
  void begin_refund(const sale::RefundReceipt& effect, Instant now);
  void find_receipt(const sale::WhichSale& which, bool void_at_once, Instant now);
  void find_code(const std::string& text, Instant now);
  void find_further(const std::string& text, Instant now);
  void read_original(Seq seq, Seq from);
  void on_original_rows(const std::vector<JournalRow>& rows, Instant now);
  void found_receipt(Instant now);
  void void_originals(Instant now);
  void refund_known(Money amount, Instant now);
  void refund_unknown(Money amount, Instant now);
  void append_refund(const Original& original, Money returned, Money whole, Instant now);
  void refuse_receipt(sale::MessageId message, Instant now);
  sale::MessageId refusal_of_return(bool refund) const;
  sale::ReturnPanel return_panel() const;
  std::int64_t returned_so_far(const RecordId& original) const;
  void note_cancelled(const Cancelled& cancelled);

  // terminal_branch.cpp: a disk that is not what the gateway knows.
  void compare_with(const StreamPosition& told, Instant now);
  void on_own_row(const RowsRead& read, Instant now);
  void start_branch(const StreamPosition& told, Instant now);
  void pump_branch();
  void send_beside(const std::vector<JournalRow>& rows, Instant now);
  void on_received_beside(const link::Received& received);
  void end_branch();
  void bridge(Instant now);

  // terminal_link.cpp: hello, sending, acknowledgements.
  void on_challenge(const link::Challenge& challenge, Instant now);
  void on_welcome(const link::Welcome& welcome, Instant now);
  void on_received(const link::Received& received, Instant now);
  void keep_received(const StreamPosition& position);
  void on_applied(const link::Applied& applied);
  void on_refusal(const link::RecordRefusal& refusal, Instant now);
  void on_close(const link::Close& close, Instant now);
  void on_anchor(const link::TimeAnchor& anchor, Duration delay, Instant now);
  void note_time(Instant now);
  void accept_applied(const link::AppliedStatement& statement, const Mac& own_mac);
  void send_rows(const std::vector<JournalRow>& rows);
  void put_gap(const UnreadableRows& lost, Instant now);
  void settle_gap(const GapInPlace& gap);
  void pump_sender();
  void notice_once(sale::MessageId message, Instant now, std::string argument = {});

  TerminalConfig config_;
  sale::CheckoutMachine checkout_;
  NodeClock clock_;
  RecordWriter writer_;
  SendCursor cursor_;
  RecentMembers recent_;
  NumberStock numbers_;

  TerminalSnapshot unrecovered_;  ///< As read at boot; used up by start().

  StreamPosition synced_head_;
  StreamPosition applied_;
  Seq oldest_;
  WallTime oldest_unreceived_at_;
  std::deque<Mark> marks_;  ///< Rows after APPLIED that are known in RAM; bounded.

  TerminalCommit pending_;  ///< Goes with the next commit.
  std::optional<TerminalCommit> in_flight_;
  bool urgent_ = false;  ///< `pending_` holds something that somebody waits for.
  bool journal_failed_ = false;

  Work work_;
  std::optional<LastSale> last_sale_;
  std::vector<Original> originals_;  ///< The sale being voided or refunded, in seq order.
  std::map<RecordId, Cancelled> cancelled_;
  std::uint32_t sale_count_ = 0;
  std::uint64_t ask_count_ = 0;

  std::optional<BootTime> hello_at_;  ///< When the hello of this connection went out.
  bool linked_ = false;
  bool uplink_up_ = false;
  bool quarantined_ = false;
  bool reading_to_send_ = false;
  bool putting_gap_ = false;
  std::optional<StreamPosition> comparing_;  ///< Told by the gateway; the own row is being read.
  std::optional<Seq> compare_from_;  ///< RECEIVED from here on is compared: there was a branch.
  Seq received_before_;              ///< RECEIVED as known before that.
  std::optional<Branch> branch_;
  bool branched_ = false;                 ///< In this connection.
  std::optional<StreamPosition> bridge_;  ///< Where another disk of this terminal stood.
  bool sync_requested_ = false;
  std::optional<link::AppliedStatement> verifying_;
  sale::MessageId last_notice_ = sale::MessageId::kNone;

  TerminalActions actions_;
  std::optional<sale::CheckoutView> shown_view_;
};

}  // namespace tally::node
