// Simulated devices: what a hand, a code, a card or a paper roll would do is injected by a script,
// a test or the demo page, from any thread; the program under test sees the same contracts as real
// drivers.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>

#include "hal/buzzer.hpp"
#include "hal/clock.hpp"
#include "hal/display.hpp"
#include "hal/entropy.hpp"
#include "hal/keys.hpp"
#include "hal/nfc.hpp"
#include "hal/printer.hpp"
#include "hal/scanner.hpp"
#include "hal/sim/paper.hpp"
#include "hal/sim/sim_queue.hpp"

namespace tally::hal {

class SimKeys final : public Keys {
 public:
  /// Errors: kExhausted when the queue is full.
  Status press(Key key) { return queue_.push(key); }

  int ready_fd() const override { return queue_.ready_fd(); }
  std::optional<Key> next() override { return queue_.pop(); }

 private:
  SimQueue<Key> queue_;
};

class SimScanner final : public Scanner {
 public:
  /// The scanner reads a code of this text.
  /// Errors: kInvalid when empty, longer than kCodeBytesMax or not UTF-8; kUnavailable while it is
  /// unplugged; kExhausted when the queue is full.
  Status scan_text(std::string_view text);

  /// The scanner is shown a PNG picture, which is decoded on the calling thread.
  /// Errors: those of read_png(), decode_code() and scan_text().
  Status scan_picture(ByteView png);

  /// Repeating the present state does nothing.
  Status set_plugged(bool plugged);
  bool plugged() const;

  int ready_fd() const override { return queue_.ready_fd(); }
  std::optional<ScannerEvent> next() override { return queue_.pop(); }

 private:
  mutable std::mutex mutex_;
  bool plugged_ = true;
  SimQueue<ScannerEvent> queue_;
};

class SimNfc final : public Nfc {
 public:
  /// Errors: kInvalid when empty, longer than kCardTextBytesMax or not UTF-8; kExhausted when the
  /// queue is full.
  Status tap(std::string_view text);

  int ready_fd() const override { return queue_.ready_fd(); }
  std::optional<CardTap> next() override { return queue_.pop(); }

 private:
  SimQueue<CardTap> queue_;
};

/// Prints on a Paper, which can be looked at.
class SimPrinter final : public Printer {
 public:
  explicit SimPrinter(int dots = 384) : paper_(dots) {}

  /// Each condition by itself; status() is the worst of them. Errors: kExhausted: queue full.
  Status set_paper(bool present);
  Status set_cover_open(bool open);
  Status set_plugged(bool plugged);

  struct Conditions {
    bool paper_present = true;
    bool cover_open = false;
    bool plugged = true;
  };
  Conditions conditions() const;

  /// A copy of what has come out, and how many jobs did.
  PaperPicture paper() const;
  std::uint64_t job_count() const;
  void tear_off();

  int ready_fd() const override { return queue_.ready_fd(); }
  std::optional<PrinterStatus> next() override { return queue_.pop(); }
  int dots_per_line() const override { return paper_.dots(); }
  PrinterStatus status() const override;
  Status print(ByteView job) override;

 private:
  Status change(bool Conditions::*which, bool value);
  PrinterStatus worst() const;

  mutable std::mutex mutex_;
  Conditions conditions_;
  std::uint64_t jobs_ = 0;
  Paper paper_;
  SimQueue<PrinterStatus> queue_;
};

/// Keeps the last frame for whoever wants to look.
class SimDisplay final : public Display {
 public:
  SimDisplay(int width, int height) : frame_(width, height) {}

  Frame frame() const;
  std::uint64_t frame_count() const;

  int width() const override { return frame_.width; }
  int height() const override { return frame_.height; }
  Status present(const Frame& frame) override;

 private:
  mutable std::mutex mutex_;
  Frame frame_;
  std::uint64_t count_ = 0;
};

/// Tells a listener, on the thread that plays.
class SimBuzzer final : public Buzzer {
 public:
  using Listener = std::function<void(Sound)>;
  void set_listener(Listener listener) { listener_ = std::move(listener); }
  void play(Sound sound) override {
    if (listener_) {
      listener_(sound);
    }
  }

 private:
  Listener listener_;
};

/// Stands still until it is moved.
class SimClock final : public Clock {
 public:
  explicit SimClock(WallTime start) : wall_(start) {}
  void advance(Duration by);
  void jump_wall(std::int64_t by_us);

  WallTime wall() const override;
  std::int64_t boot_us() const override;

 private:
  mutable std::mutex mutex_;
  WallTime wall_;
  std::int64_t boot_us_ = 1'000'000;
};

/// The same bytes for the same seed: for tests, never for keys that matter.
class SimEntropy final : public Entropy {
 public:
  explicit SimEntropy(std::uint64_t seed) : state_(seed) {}
  void set_failing(bool failing) { failing_ = failing; }
  Status fill(std::span<std::uint8_t> out) override;

 private:
  std::uint64_t state_;
  bool failing_ = false;
};

}  // namespace tally::hal
