// A running, enrolled gateway: the machine, its journal, the terminals' connections and the uplink,
// wired together. Carries out what the machine decides and decides nothing itself. Two threads: the
// link loop and the journal's writer. Made, started and stopped on the main thread; another one is
// made after a new enrolment.
#pragma once

#include <atomic>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "core/node/gateway_node.hpp"

#include "gateway/directory_thread.hpp"
#include "gateway/journal_writer.hpp"
#include "gateway/link_metrics.hpp"
#include "gateway/settings.hpp"
#include "gateway/terminal_links.hpp"
#include "gateway/uplink.hpp"
#include "shell/loop.hpp"
#include "transport/identity_files.hpp"
#include "transport/os_random.hpp"

namespace tally::gateway {

/// The member directory: what tills are answered from when the OA cannot be asked.
struct DirectoryView {
  bool usable = false;
  bool current = false;  ///< Nothing newer is at the OA.
  std::uint64_t version = 0;
  std::uint64_t cards = 0;
  WallTime synced_at;  ///< 0: never whole.
};

/// Everything the pages show, as one moment of the link loop.
struct GatewayView {
  WallTime now;
  std::int32_t utc_offset_s = 0;
  crypto::DeviceIdentity self;
  WallTime started;
  Uplink::Status uplink;
  node::UplinkStatus queue;
  std::vector<node::TerminalStatus> terminals;
  std::vector<TerminalLinks::Contact> contacts;  ///< In the order of `terminals`.
  std::vector<Seq> archived;                     ///< Same.
  std::vector<Refusal> refusals;
  JournalReport journal;
  bool journal_failed = false;
  DirectoryView directory;
};

class Runtime {
 public:
  struct Options {
    Settings settings;
    std::filesystem::path data_dir;
    transport::TlsIdentity identity;
    transport::LinkTarget oa;
    std::string software;
    transport::LinkOptions uplink_link;
  };

  /// Opens the journal and the listening port, blocking. Errors: those of JournalWriter::open(),
  /// TlsContext and LinkListener::open().
  static Result<std::unique_ptr<Runtime>> open(Options options, LinkMetrics& metrics);
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  /// Stops when still running.
  ~Runtime();

  void start();
  /// Says good-bye to both sides, waits for it to go out, syncs, ends both threads.
  void stop();

  std::uint16_t link_port() const { return link_port_; }
  const crypto::DeviceIdentity& self() const { return self_; }

  /// Calls `take` with the present view, on the link loop. Any thread.
  void view(std::function<void(const GatewayView&)> take);
  /// Another office from now on. Any thread.
  void use_oa(transport::LinkTarget oa);
  /// False when one of the threads has not moved for 30 s; for the watchdog. Any thread.
  bool is_alive() const;

 private:
  Runtime(Options options, LinkMetrics& metrics);
  Status open_links(const node::GatewaySnapshot& snapshot);
  void dispatch(node::GatewayActions actions);
  void carry_out(node::GatewayAction& action);
  void note_archived(const link::Message& message);
  void feed_read(node::PackedRecords records);
  void release_held_reads();
  void tick();
  GatewayView make_view() const;

  Options options_;
  crypto::DeviceIdentity self_;
  LinkMetrics& metrics_;
  transport::OsRandom random_;
  WallTime started_;
  std::uint16_t link_port_ = 0;
  bool running_ = false;
  std::atomic<std::int64_t> alive_ms_{0};

  shell::Loop loop_{"link"};
  std::unique_ptr<JournalWriter> journal_;
  std::unique_ptr<DirectoryThread> directory_;

  // On the link loop.
  std::optional<node::GatewayNode> node_;
  std::unique_ptr<TerminalLinks> terminals_;
  std::unique_ptr<Uplink> uplink_;
  std::deque<node::GatewayAction> actions_;
  bool dispatching_ = false;
  std::deque<node::PackedRecords> held_reads_;  ///< The uplink is congested; as many as are read.
  std::map<StreamId, Seq> archived_;
  JournalReport report_;
  std::uint64_t ticks_ = 0;
  asio::steady_timer tick_timer_{loop_.io()};
};

}  // namespace tally::gateway
