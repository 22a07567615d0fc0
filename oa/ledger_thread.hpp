// The one thread that owns the ledger: store, machine, registry, office. The link loop pushes
// events; whatever queued up while a batch was on its way to disk is the next batch, and its
// answers come back only after the commit. A disk error ends the ledger: gateways are disconnected,
// the file is opened again and verified, with a growing pause, until it works.
//
// Made and destroyed on the main thread; push() on the link loop; the callbacks come there.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/node/oa_node.hpp"

#include "oa/claim_desk.hpp"
#include "oa/device_registry.hpp"
#include "oa/oa_metrics.hpp"
#include "oa/office.hpp"
#include "oa/office_acts.hpp"
#include "oa/people.hpp"
#include "shell/loop.hpp"

namespace tally::oa {

class LedgerThread {
 public:
  struct Options {
    std::filesystem::path file;
    node::OaConfig config;
    DeviceRegistry::Options registry;
    std::function<Instant()> now;  ///< May be asked on any thread.
    Duration reopen_pause_min{1'000};
    Duration reopen_pause_max{30'000};
  };

  /// All on the link loop.
  struct Callbacks {
    std::function<void(const node::OaActions&)> actions;
    std::function<void()> failed;
    std::function<void()> reopened;
    /// True: read nothing more from anybody; false: go on.
    std::function<void(bool)> congested;
  };

  /// What the office works with, on the ledger thread.
  struct Desk {
    Office& office;
    ActDesk& acts;
    ClaimDesk& claims;
    const node::OaNode& node;
    DeviceRegistry& registry;
  };

  /// Opens the ledger and reads the registry, blocking. Errors: those of LedgerStore::open() and
  /// DeviceRegistry::load().
  static Result<std::unique_ptr<LedgerThread>> open(Options options,
                                                    Vault vault,
                                                    crypto::P256KeyPair record_key,
                                                    crypto::RandomSource& random,
                                                    OaMetrics& metrics,
                                                    shell::Loop& link);
  LedgerThread(const LedgerThread&) = delete;
  LedgerThread& operator=(const LedgerThread&) = delete;
  ~LedgerThread();

  void start(Callbacks callbacks);
  /// Runs what was posted, moves the log into the file, ends the thread. The link loop must have
  /// stopped.
  void stop();

  /// Queues an event; link loop only.
  void push(node::OaEvent event);

  /// Runs `work` on the ledger thread; with none when the ledger refuses just now. An error that
  /// `work` returns is taken as the store's: the ledger is opened anew. Any thread. False when the
  /// thread's queue is full.
  bool with_desk(std::function<Status(Desk*)> work);

  std::int64_t last_alive_ms() const { return alive_ms_.load(); }

 private:
  LedgerThread(Options options,
               Vault vault,
               crypto::P256KeyPair record_key,
               crypto::RandomSource& random,
               OaMetrics& metrics,
               shell::Loop& link);

  // On the ledger thread.
  Status open_ledger();
  void run(const std::vector<node::OaEvent>& events, std::uint64_t generation);
  Status keep_new_devices();
  void fail(const Error& error);
  void reopen();
  void tick();
  Status run_office_queue();
  void push_directory(Instant now);
  void take_backup_notice(Instant now);
  bool maintain(Instant now);
  void to_link(std::function<void()> work);

  // On the link loop.
  void send_batch();
  void on_batch_done();

  Options options_;
  Vault vault_;
  crypto::RandomSource& random_;
  OaMetrics& metrics_;
  shell::Loop& link_;
  Callbacks callbacks_;

  // On the link loop.
  std::deque<node::OaEvent> waiting_;
  bool busy_ = false;
  bool congested_ = false;
  std::uint64_t link_generation_ = 1;

  // On the ledger thread.
  DeviceRegistry registry_;
  std::unique_ptr<storage::LedgerStore> store_;
  std::optional<People> people_;
  std::unique_ptr<node::OaNode> node_;
  std::optional<Office> office_;
  std::optional<ActDesk> acts_;
  std::optional<ClaimDesk> claims_;
  std::uint64_t generation_ = 1;
  Duration reopen_pause_;
  std::uint64_t ticks_ = 0;
  bool running_ = false;
  std::atomic<std::int64_t> alive_ms_{0};

  shell::Loop loop_{"ledger"};
  asio::steady_timer reopen_timer_{loop_.io()};
  asio::steady_timer tick_timer_{loop_.io()};
};

}  // namespace tally::oa
