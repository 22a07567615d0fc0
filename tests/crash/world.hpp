// One store in one process: the real machines of a terminal, a gateway and an OA on their real
// databases, each on a disk of its own in memory (tests/support/faulty_disk.hpp), and a second till
// that makes the kinds of records the terminal's machine does not make. Everything happens in one
// queue, in order: the same calls give the same bytes on every disk.
//
// A machine whose disk refuses to write does what its program does: it tells its machine, closes
// the database, opens it again after a while. A machine whose power is cut is gone: restart() makes
// a new one on what the disk kept.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/node/gateway_node.hpp"
#include "core/node/oa_node.hpp"
#include "core/node/terminal_node.hpp"

#include "storage/gateway_journal.hpp"
#include "storage/ledger_store.hpp"
#include "storage/terminal_journal.hpp"
#include "tests/crash/till.hpp"
#include "tests/support/faulty_disk.hpp"

namespace tally::crash {

enum class Part : std::uint8_t { kTerminal, kGateway, kOa };
inline constexpr std::array kParts{Part::kTerminal, Part::kGateway, Part::kOa};
const char* name_of(Part part);

inline constexpr TerminalId kTerminal{101};
inline constexpr TerminalId kSecondTill{103};
inline constexpr GatewayId kGateway{11};
inline constexpr StoreId kStore{7};

/// What a database is busy with, for judging what may be on its disk.
enum class Phase : std::uint8_t {
  kIdle,
  kOpening,  ///< Made, migrated, or opened again.
  kCommit,   ///< One more commit than commits() may be there.
  kUpkeep,   ///< A checkpoint: nothing changes.
};

/// What a customer saw approved, with the figures on the screen.
struct Promise {
  std::string receipt_number;
  Points earned;
  Points redeemed;
  bool is_void = false;
};

/// Mistakes that a test seeds to see them caught.
struct Mistakes {
  bool acknowledges_early = false;       ///< The machines hear of a commit before it is made.
  bool disks_lie = false;                ///< Syncs do nothing (as PRAGMA synchronous=OFF).
  bool gateway_restarts_stream = false;  ///< The second till sends the same facts under new ids.
};

class World {
 public:
  /// `directory` exists, is empty and ours alone.
  World(std::string directory, std::vector<std::string> cards, Mistakes mistakes);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  tests::FaultyDisk& disk(Part part) { return *disks_[index(part)]; }
  /// The database's name on its disk, and its path.
  static const char* file_of(Part part);
  std::string path_of(Part part) const { return directories_[index(part)] + "/" + file_of(part); }
  /// Commits of a database that are over, and what it does now.
  std::uint64_t commits(Part part) const { return commits_[index(part)]; }
  Phase phase(Part part) const { return phases_[index(part)]; }
  /// Called after each opening and each commit of a database.
  std::function<void(Part)> on_change;

  /// Opens what is not open and connects what is not cut.
  void heal();
  /// Runs what is queued, and what comes of it.
  void settle();
  /// Time goes by; every machine gets its tick each 250 ms.
  void pass(std::int64_t ms);
  void cut_terminal(bool is_cut);
  void cut_uplink(bool is_cut);
  /// A clean stop and start of a program.
  void stop_and_start(Part part);
  /// The power of one machine was cut and came back over `content`, in another directory, because
  /// the old database is still open in it. What the old machine left open is abandoned.
  void restart(Part part, const std::string& directory, const tests::DiskContent& content);
  void checkpoint(Part part);

  void key(sale::Key key);
  void code(const std::string& text);
  const sale::CheckoutView& view() const { return terminal_->view(); }
  bool terminal_runs() const { return terminal_ != nullptr; }
  Till& till() { return till_; }
  /// The office makes a member with this card.
  void enrol(const std::string& card);

  /// Everything is at the OA, and everybody knows.
  bool drained() const { return waits_for().empty(); }
  /// What is not where it belongs, in words; empty when everything is.
  std::string waits_for() const;

  const std::vector<Promise>& promises() const { return promises_; }
  /// What was acknowledged to somebody without being on disk.
  const std::vector<std::string>& broken_words() const { return broken_words_; }
  /// Sales that were refused because of the disk, in plain words.
  std::uint64_t refused() const { return refused_; }
  /// All records of the terminal's journal. Errors: those of the journal.
  Result<std::vector<node::JournalRow>> journal_rows();
  storage::LedgerStore* ledger() { return ledger_.get(); }
  static crypto::Key256 key_of(TerminalId terminal);

 private:
  class Registry;
  static std::size_t index(Part part) { return static_cast<std::size_t>(part); }
  Instant now() const { return {WallTime{wall_at_start_us_ + ms_ * 1'000}, BootTime{ms_}}; }
  void post(Part part, std::function<void()> what);
  Status in_phase(Part part, Phase phase, const std::function<Status()>& work);
  void count_commit(Part part);

  // terminal_side.cpp
  bool open_terminal();
  void close_terminal();
  void perform(node::TerminalActions actions);
  void commit(const node::TerminalCommit& commit);
  void terminal_failed(const Error& error);
  void look_at_screen();
  void connect_terminal();
  void drop_terminal();

  // gateway_side.cpp
  bool open_gateway();
  void close_gateway();
  void perform(node::GatewayActions actions);
  void commit(const node::GatewayCommit& commit);
  void gateway_failed(const Error& error);
  void check_received(const link::Received& received);
  void to_terminal(node::ConnectionId connection, const link::Message& message);
  void connect_uplink();
  void drop_uplink();

  // oa_side.cpp
  bool open_oa();
  void close_oa();
  void handle(node::OaEvent event);
  void perform(const node::OaActions& actions);
  void oa_failed();

  std::string directory_;
  std::vector<std::string> cards_;
  Mistakes mistakes_;
  std::array<std::string, 3> directories_;
  std::array<std::unique_ptr<tests::FaultyDisk>, 3> disks_;
  std::array<std::uint64_t, 3> commits_{};
  std::array<Phase, 3> phases_{};
  std::array<std::uint64_t, 3> lives_{};  ///< Restarts; what an earlier life queued is void.
  std::array<std::int64_t, 3> reopen_at_ms_{};
  std::string last_refusal_;  ///< Why a database did not open.

  std::deque<std::function<void()>> queue_;
  std::int64_t wall_at_start_us_ = 1'800'000'000'000'000;
  std::int64_t ms_ = 1'000;
  std::uint64_t connection_count_ = 0;
  std::uint64_t boots_ = 0;

  std::optional<storage::TerminalJournal> terminal_journal_;
  std::unique_ptr<node::TerminalNode> terminal_;
  std::optional<storage::GatewayJournal> gateway_journal_;
  std::unique_ptr<node::GatewayNode> gateway_;
  std::unique_ptr<Registry> registry_;
  std::unique_ptr<storage::LedgerStore> ledger_;
  std::unique_ptr<node::OaNode> oa_;
  Till till_;

  bool terminal_cut_ = false;
  bool uplink_cut_ = false;
  node::ConnectionId terminal_line_;  ///< None when not connected.
  node::ConnectionId till_line_;
  node::ConnectionId uplink_line_;

  std::map<StreamId, Seq> durable_;  ///< At the gateway, by its successful commits.
  std::optional<sale::Screen> screen_seen_;
  std::vector<Promise> promises_;
  std::vector<std::string> broken_words_;
  std::uint64_t refused_ = 0;
};

}  // namespace tally::crash
