#include "firmware/terminal.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

#include <unistd.h>

#include "core/base/assert.hpp"

#include "hal/linux/linux_clock.hpp"
#include "shell/log.hpp"

namespace tally::firmware {

namespace {

constexpr shell::Log kLog("terminal");
constexpr std::chrono::milliseconds kTick{250};
constexpr std::int64_t kAliveMs = 5'000;

// The two enumerations are the same list: hal may not see core/sale, nor the reverse.
static_assert(static_cast<int>(hal::Key::k9) == static_cast<int>(sale::Key::k9));
static_assert(static_cast<int>(hal::Key::kDot) == static_cast<int>(sale::Key::kDot));
static_assert(static_cast<int>(hal::Key::kEnter) == static_cast<int>(sale::Key::kEnter));
static_assert(static_cast<int>(hal::Key::kBack) == static_cast<int>(sale::Key::kBack));
static_assert(static_cast<int>(hal::Key::kCancel) == static_cast<int>(sale::Key::kCancel));
static_assert(static_cast<int>(hal::Key::kRedeem) == static_cast<int>(sale::Key::kRedeem));
static_assert(static_cast<int>(hal::Key::kVoid) == static_cast<int>(sale::Key::kVoid));
static_assert(static_cast<int>(hal::Key::kSync) == static_cast<int>(sale::Key::kSync));
static_assert(static_cast<int>(hal::Key::kLanguage) == static_cast<int>(sale::Key::kLanguage));
static_assert(static_cast<int>(hal::Key::kDown) == static_cast<int>(sale::Key::kDown));
static_assert(static_cast<int>(hal::Key::kRefund) == static_cast<int>(sale::Key::kRefund));

hal::Sound sound_of(sale::Sound sound) {
  switch (sound) {
    case sale::Sound::kKey:
      return hal::Sound::kKey;
    case sale::Sound::kApproved:
      return hal::Sound::kApproved;
    case sale::Sound::kDeclined:
      return hal::Sound::kDeclined;
    case sale::Sound::kAttention:
      return hal::Sound::kAttention;
  }
  return hal::Sound::kKey;
}

}  // namespace

Terminal::Terminal(asio::io_context& main, Parts parts, shell::Metrics& metrics)
    : main_(main),
      devices_(parts.devices),
      renderer_(std::move(parts.renderer)),
      journal_(std::move(parts.journal)),
      node_(std::move(parts.config), parts.snapshot),
      receipts_(devices_.printer,
                renderer_.fonts(),
                std::move(parts.store_name),
                {[this](const node::ReceiptFacts& facts, std::size_t bytes) {
                   printed_.add();
                   for (Observer* observer : observers_) {
                     observer->on_printed(facts.receipt_number, facts.record_codes, bytes);
                   }
                 },
                 [this](node::DeviceEvent event) { run(node_.on_device(event, now())); }}),
      tick_timer_(main),
      approved_(metrics.counter("tally_terminal_results_total",
                                "Results shown to the cashier.",
                                {{"result", "approved"}})),
      declined_(metrics.counter("tally_terminal_results_total",
                                "Results shown to the cashier.",
                                {{"result", "declined"}})),
      printed_(metrics.counter("tally_terminal_receipts_total", "Receipts printed.")),
      unsynced_(metrics.gauge("tally_terminal_unsynced_records",
                              "Records that the gateway has not yet received.")),
      linked_(metrics.gauge("tally_terminal_linked",
                            "0 no gateway, 1 gateway without its uplink, 2 all the way.")),
      commit_seconds_(metrics.histogram("tally_terminal_commit_seconds",
                                        "Time of one journal commit, sync included.",
                                        shell::duration_buckets_s())) {}

Terminal::~Terminal() {
  stop();
}

void Terminal::show_starting() {
  draw();
}

void Terminal::start(std::shared_ptr<transport::TlsContext> tls,
                     crypto::RandomSource& random,
                     GatewayLink::Options link_options) {
  journal_->start({[this](double seconds) {
                     commit_seconds_.observe(seconds);
                     run(node_.on_committed(now()));
                   },
                   [this](const Error& error) { run(node_.on_commit_failed(error, now())); },
                   [this](const node::TerminalSnapshot& snapshot) {
                     run(node_.on_journal_reopened(snapshot, now()));
                   },
                   [this](node::ReadPurpose purpose, const node::RowsRead& read) {
                     run(node_.on_rows(purpose, read, now()));
                   }});
  link_ = std::make_unique<GatewayLink>(
      main_,
      std::move(tls),
      random,
      std::move(link_options),
      GatewayLink::Callbacks{
          [this](const link::Message& message) { run(node_.on_message(message, now())); },
          [this](node::LinkFault fault) { run(node_.on_link_down(fault, now())); },
          [this] { return now(); }});
  run(node_.start(now()));
  for (const int fd : {devices_.keys.ready_fd(),
                       devices_.scanner.ready_fd(),
                       devices_.nfc.ready_fd(),
                       devices_.printer.ready_fd()}) {
    // A duplicate: the descriptor object closes what it holds.
    descriptors_.push_back(std::make_unique<asio::posix::stream_descriptor>(main_, dup(fd)));
    watch(*descriptors_.back());
  }
  link_->start();
  tick();
}

void Terminal::stop() {
  if (std::exchange(stopped_, true)) {
    return;
  }
  tick_timer_.cancel();
  for (auto& descriptor : descriptors_) {
    asio::error_code ignored;
    descriptor->cancel(ignored);
  }
  if (link_) {
    link_->stop();
  }
  if (journal_) {
    journal_->stop();
  }
}

bool Terminal::is_alive() const {
  return now().boot.ms - ticked_at_ms_ < kAliveMs;
}

void Terminal::watch(asio::posix::stream_descriptor& descriptor) {
  descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                        [this, &descriptor](const asio::error_code& cancelled) {
                          if (cancelled || stopped_) {
                            return;
                          }
                          pump_devices();
                          watch(descriptor);
                        });
}

void Terminal::pump_devices() {
  while (const auto key = devices_.keys.next()) {
    run(node_.on_key(static_cast<sale::Key>(*key), now()));
  }
  while (const auto tap = devices_.nfc.next()) {
    run(node_.on_code(tap->text.empty() ? tap->uid_hex : tap->text, now()));
  }
  take_scanner();
  take_printer();
}

void Terminal::take_scanner() {
  while (const auto event = devices_.scanner.next()) {
    if (const auto* code = std::get_if<hal::CodeRead>(&*event)) {
      run(node_.on_code(code->text, now()));
      continue;
    }
    const bool plugged = std::get<hal::ScannerPlug>(*event).plugged;
    kLog.info("scanner", {{"plugged", plugged}});
    run(node_.on_device(
        plugged ? node::DeviceEvent::kScannerReady : node::DeviceEvent::kScannerUnplugged, now()));
    for (Observer* observer : observers_) {
      observer->on_device();
    }
  }
}

void Terminal::take_printer() {
  while (const auto status = devices_.printer.next()) {
    kLog.info("printer", {{"status", hal::name_of(*status)}});
    if (*status == hal::PrinterStatus::kOk) {
      run(node_.on_device(node::DeviceEvent::kPrinterReady, now()));
    }
    receipts_.on_status(*status);
    for (Observer* observer : observers_) {
      observer->on_device();
    }
  }
}

// What others wait for goes out first: the disk and the gateway work while the picture is drawn.
// Paper is slow and comes last, after the loop has had its turn.
void Terminal::run(node::TerminalActions actions) {
  bool show = false;
  for (node::TerminalAction& action : actions) {
    if (auto* commit = std::get_if<node::CommitTerminal>(&action)) {
      journal_->commit(std::move(commit->commit));
    } else if (const auto* read = std::get_if<node::ReadRows>(&action)) {
      journal_->read(*read);
    } else if (const auto* send = std::get_if<node::SendUplink>(&action)) {
      link_->send(send->message);
    } else if (const auto* drop = std::get_if<node::DropLink>(&action)) {
      link_->drop(drop->reason, drop->text);
    } else if (std::holds_alternative<node::ShowView>(action)) {
      show = true;
    }
  }
  if (show) {
    draw();
  }
  for (node::TerminalAction& action : actions) {
    if (const auto* play = std::get_if<sale::Play>(&action)) {
      devices_.buzzer.play(sound_of(play->sound));
      for (Observer* observer : observers_) {
        observer->on_sound(sound_of(play->sound));
      }
    } else if (auto* print = std::get_if<node::PrintReceipt>(&action)) {
      asio::post(main_, [this, facts = std::move(print->facts)]() mutable {
        if (!stopped_) {
          receipts_.print(std::move(facts));
        }
      });
    }
  }
  tell_progress();
}

void Terminal::draw() {
  renderer_.draw(node_.view(), frame_);
  if (const Status shown = devices_.display.present(frame_); !shown) {
    kLog.error("display_failed", {{"error", shown.error()}});
  }
  const std::int64_t drawn_us = hal::monotonic_us();
  const sale::CheckoutView before = drawn_.value_or(sale::CheckoutView{});
  drawn_ = node_.view();
  count(before, *drawn_);
  for (Observer* observer : observers_) {
    observer->on_view(before, *drawn_, drawn_us);
  }
}

void Terminal::count(const sale::CheckoutView& before, const sale::CheckoutView& after) {
  unsynced_.set(static_cast<double>(after.status.unsynced_records));
  linked_.set(static_cast<double>(after.status.link));
  if (after.screen != sale::Screen::kResult || before.screen == sale::Screen::kResult) {
    return;
  }
  const bool approved = after.result == sale::ResultKind::kApproved;
  (approved ? approved_ : declined_).add();
}

void Terminal::tick() {
  ticked_at_ms_ = now().boot.ms;
  tick_timer_.expires_after(kTick);
  tick_timer_.async_wait([this](const asio::error_code& cancelled) {
    if (cancelled || stopped_) {
      return;
    }
    run(node_.tick(now()));
    tick();
  });
}

void Terminal::tell_progress() {
  for (Observer* observer : observers_) {
    observer->on_progress();
  }
}

}  // namespace tally::firmware
