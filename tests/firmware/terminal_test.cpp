// The running program around the machine, on a disk that fails.
#include "firmware/terminal.hpp"

#include <memory>
#include <utility>

#include "core/member/card_number.hpp"

#include "firmware/sim_devices.hpp"
#include "tests/firmware/support/pictures.hpp"
#include "tests/support/faulty_disk.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/transport/test_network.hpp"
#include "transport/os_random.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::firmware;
using sale::MessageId;
using sale::Screen;
using tests::DiskFault;

namespace {

const std::string kCard = *member::make_card_number(1);

}  // namespace

TEST_GROUP(TerminalProgram) {
  tests::TemporaryDirectory directory;
  std::unique_ptr<tests::FaultyDisk> disk = std::make_unique<tests::FaultyDisk>(directory.path());
  std::unique_ptr<asio::io_context> main = std::make_unique<asio::io_context>(1);
  std::unique_ptr<SimDevices> devices = std::make_unique<SimDevices>(480, 320, 384);
  std::unique_ptr<shell::Metrics> metrics = std::make_unique<shell::Metrics>();
  transport::OsRandom random;
  std::unique_ptr<Terminal> terminal;

  void setup() override {
    JournalThread::Options options;
    options.file = directory.file("journal.db");
    options.terminal = TerminalId{101};
    options.incarnation = Incarnation{1};
    options.reopen_pause_min = Duration{1};
    node::TerminalSnapshot snapshot;
    auto journal = *JournalThread::open(options, *main, snapshot);
    node::TerminalConfig config;
    config.terminal = options.terminal;
    config.incarnation = options.incarnation;
    config.store = StoreId{1};
    config.boot = BootId{7};
    terminal = std::make_unique<Terminal>(
        *main,
        Terminal::Parts{config,
                        devices->devices(),
                        ui::Renderer::open(480, 320, tests::font_dir(), 0).value(),
                        std::move(journal),
                        snapshot,
                        "store"},
        *metrics);
    // Nobody listens there: the terminal stays offline.
    GatewayLink::Options link;
    link.target = {"127.0.0.1", 1, "nobody"};
    test::TestAuthority authority;
    auto tls = *transport::TlsContext::client(
        authority.terminal(),
        [] {
          return transport::TimeBracket{test::kNow, test::kNow};
        },
        random);
    terminal->start(std::move(tls), random, link);
    run_until(Screen::kIdle);
  }
  void teardown() override {
    terminal->stop();
    main->run_for(std::chrono::milliseconds(20));
    terminal.reset();
    metrics.reset();
    devices.reset();
    main.reset();
    disk.reset();
  }

  void run_until(Screen screen) {
    for (int i = 0; terminal->view().screen != screen; ++i) {
      CHECK_TRUE(i < 400);
      main->run_one_for(std::chrono::seconds(5));
    }
  }
  void press(hal::Key key) {
    CHECK_TRUE(devices->keys.press(key).has_value());
    terminal->pump_devices();
  }
  /// 5 and the card, up to the last key.
  void sell() {
    press(hal::Key::k5);
    press(hal::Key::kEnter);
    CHECK_TRUE(devices->scanner.scan_text(kCard).has_value());
    terminal->pump_devices();
    run_until(Screen::kMember);
    press(hal::Key::kEnter);
    run_until(Screen::kResult);
  }
  /// Until the journal is open again, sales are refused in plain words; then they are made.
  void sell_until_approved() {
    for (int i = 0; i < 200 && terminal->view().message != MessageId::kApproved; ++i) {
      press(hal::Key::kCancel);
      main->run_one_for(std::chrono::milliseconds(300));
      sell();
    }
  }
};

TEST(TerminalProgram, DiskFailsUnderASale_TheSaleIsNotMadeAndTheNextOneIs) {
  sell();
  CHECK_TRUE(terminal->view().message == MessageId::kApproved);
  press(hal::Key::kEnter);
  disk->fail_at(disk->operations(), DiskFault::kIoError);
  sell();
  CHECK_TRUE(terminal->view().result == sale::ResultKind::kAttention);
  CHECK_TRUE(terminal->view().message == MessageId::kDiskFault);
  LONGLONGS_EQUAL(1, terminal->node().synced_head().seq.value);
  press(hal::Key::kEnter);
  sell_until_approved();
  CHECK_TRUE(terminal->view().message == MessageId::kApproved);
  LONGLONGS_EQUAL(2, terminal->node().synced_head().seq.value);
}

TEST(TerminalProgram, DiskFull_IsSaidAndLosesNothing) {
  sell();
  press(hal::Key::kEnter);
  disk->fail_at(disk->operations(), DiskFault::kFull, true);
  sell();
  CHECK_TRUE(terminal->view().message == MessageId::kDiskFull);
  press(hal::Key::kEnter);
  sell();
  CHECK_TRUE(terminal->view().message == MessageId::kDiskFault);
  press(hal::Key::kEnter);
  disk->clear_fault();
  sell_until_approved();
  CHECK_TRUE(terminal->view().message == MessageId::kApproved);
  LONGLONGS_EQUAL(2, terminal->node().synced_head().seq.value);
}
