// A running OA without its pages: the link loop with the gateways' connections, and the ledger
// thread. Made, started and stopped on the main thread.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>

#include "oa/gateway_links.hpp"
#include "oa/ledger_thread.hpp"
#include "oa/oa_metrics.hpp"
#include "oa/settings.hpp"
#include "shell/loop.hpp"
#include "transport/identity_files.hpp"
#include "transport/tls_context.hpp"

namespace tally::oa {

class Runtime {
 public:
  struct Options {
    Settings settings;
    std::filesystem::path data_dir;
    std::filesystem::path registry_dir;
    transport::TlsIdentity identity;
  };

  /// Opens ledger and listening port, blocking. Errors: those of LedgerThread::open(), TlsContext
  /// and LinkListener::open(); kInvalid when the certificate is not an OA's.
  static Result<std::unique_ptr<Runtime>> open(Options options,
                                               Vault vault,
                                               crypto::P256KeyPair record_key,
                                               crypto::RandomSource& random,
                                               OaMetrics& metrics);
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  ~Runtime();

  void start();
  /// Says good-bye to the gateways, waits for it to go out, finishes the ledger, ends both threads.
  void stop();

  std::uint16_t link_port() const { return link_port_; }
  LedgerThread& ledger() { return *ledger_; }
  /// False when one of the threads has not moved for 30 s; for the watchdog. Any thread.
  bool is_alive() const;

 private:
  Runtime(Options options, crypto::RandomSource& random, OaMetrics& metrics);
  Status open_links();
  void tick();

  Options options_;
  crypto::RandomSource& random_;
  OaMetrics& metrics_;
  std::uint16_t link_port_ = 0;
  bool running_ = false;
  std::atomic<std::int64_t> alive_ms_{0};

  shell::Loop loop_{"link"};
  std::unique_ptr<LedgerThread> ledger_;

  // On the link loop.
  std::unique_ptr<GatewayLinks> links_;
  bool ledger_failed_ = false;
  asio::steady_timer tick_timer_{loop_.io()};
};

}  // namespace tally::oa
