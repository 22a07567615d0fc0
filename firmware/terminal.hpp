// The terminal as a running program: core/node's machine with its devices, journal and link around
// it. Decides nothing; carries events in and actions out. Main loop only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/node/terminal_node.hpp"

#include "firmware/devices.hpp"
#include "firmware/gateway_link.hpp"
#include "firmware/journal_thread.hpp"
#include "firmware/observer.hpp"
#include "firmware/receipt_printer.hpp"
#include "firmware/ui/renderer.hpp"
#include "shell/metrics.hpp"
#include "transport/asio_loop.hpp"

namespace tally::firmware {

class Terminal {
 public:
  struct Parts {
    node::TerminalConfig config;
    Devices devices;
    ui::Renderer renderer;
    std::unique_ptr<JournalThread> journal;
    node::TerminalSnapshot snapshot;
    std::string store_name;
  };

  /// `metrics` must outlive the terminal.
  Terminal(asio::io_context& main, Parts parts, shell::Metrics& metrics);
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal();

  /// Observers are told in the order in which they were added; they must outlive the terminal.
  void add_observer(Observer& observer) { observers_.push_back(&observer); }

  /// Draws the picture of a terminal that is starting; nothing takes keys yet.
  void show_starting();
  /// Runs: journal, devices, link. Returns with the first screen drawn.
  void start(std::shared_ptr<transport::TlsContext> tls,
             crypto::RandomSource& random,
             GatewayLink::Options link_options);
  /// Ends the link and the journal; what was shown is on disk.
  void stop();

  /// Takes everything the input devices have, as if their descriptors had woken the loop.
  void pump_devices();

  const sale::CheckoutView& view() const { return node_.view(); }
  const node::TerminalNode& node() const { return node_; }
  hal::PrinterStatus printer_status() const { return devices_.printer.status(); }
  node::TimeBracket time_bracket() const { return node_.time_bracket(now()); }
  /// The main loop ran its tick lately: for the watchdog.
  bool is_alive() const;

 private:
  Instant now() const { return devices_.clock.now(); }
  void run(node::TerminalActions actions);
  void draw();
  void watch(asio::posix::stream_descriptor& descriptor);
  void take_scanner();
  void take_printer();
  void tick();
  void tell_progress();
  void count(const sale::CheckoutView& before, const sale::CheckoutView& after);

  asio::io_context& main_;
  Devices devices_;
  ui::Renderer renderer_;
  std::unique_ptr<JournalThread> journal_;
  node::TerminalNode node_;
  std::unique_ptr<GatewayLink> link_;
  ReceiptPrinter receipts_;
  std::vector<Observer*> observers_;

  hal::Frame frame_;
  std::optional<sale::CheckoutView> drawn_;
  bool stopped_ = false;
  std::int64_t ticked_at_ms_ = 0;
  asio::steady_timer tick_timer_;
  std::vector<std::unique_ptr<asio::posix::stream_descriptor>> descriptors_;

  shell::Counter approved_;
  shell::Counter declined_;
  shell::Counter printed_;
  shell::Gauge unsynced_;
  shell::Gauge linked_;
  shell::Histogram commit_seconds_;
};

}  // namespace tally::firmware
