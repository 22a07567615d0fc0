// The office's back-ups and the way back (docs/operating.md, "Back-up of the OA"): what `tally oa
// backup` and `tally oa restore` do, with the same functions of the store. Back-ups lie on another
// disk, which has no faults.
#include <fstream>
#include <iterator>
#include <utility>

#include "storage/db_file.hpp"
#include "tests/sim/oa_host.hpp"

namespace tally::sim {
namespace {

constexpr const char* kLedger = "ledger.db";

Bytes bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(in), {});
}

}  // namespace

void OaHost::begin_backups() {
  world_.clockwork.after(between(0, world_.swarm.backup_gap_ms), [this] { back_up(); });
}

void OaHost::back_up() {
  if (world_.healed) {
    return;
  }
  const bool done = running() && copy_ledger();
  world_.clockwork.after(done ? between(world_.swarm.backup_gap_ms / 2, world_.swarm.backup_gap_ms)
                              : between(60'000, 600'000),
                         [this] { back_up(); });
}

void OaHost::on_gateway_gone(GatewayId gateway) {
  refill_.on_replaced(gateway);
  gateway_gone_ = true;
  back_up_soon();
}

void OaHost::back_up_soon() {
  if (world_.healed || (running() && copy_ledger())) {
    return;
  }
  world_.clockwork.after(between(1'000, 60'000), [this] {
    if (gateway_gone_ || just_restored_) {
      back_up_soon();
    }
  });
}

bool OaHost::copy_ledger() {
  const std::string file =
      (world_.setup.folder / "backups" / ("ledger-" + std::to_string(++backups_made_) + ".db"))
          .string();
  auto content = storage::backup_ledger(path_of(kLedger), file)
                     ? storage::read_backup(file)
                     : Result<storage::BackupContent>(make_error(Errc::kUnavailable, "no copy"));
  if (!content) {
    note("cannot be backed up");
    storage::remove_database(file);
    return false;
  }
  note("is backed up");
  if (!backup_.empty()) {
    storage::remove_database(backup_);
  }
  backup_ = file;
  gateway_gone_ = false;
  just_restored_ = false;
  book_in_backup_ = book_in_ledger_;
  notice_ = std::move(*content);
  return true;
}

void OaHost::take_backup_notice() {
  if (!notice_ || busy_ || !node_) {
    return;
  }
  const storage::BackupContent content = *std::exchange(notice_, std::nullopt);
  if (content.generation != node_->generation()) {
    return;
  }
  auto told = node_->archive(content.heads, now());
  if (!told) {
    notice_ = content;
    ledger_failed(told.error());
    return;
  }
  world_.ledger.on_committed();
  perform(std::move(*told));
}

bool OaHost::restore() {
  if (backup_.empty() || gateway_gone_ || (just_restored_ && !running())) {
    return false;
  }
  // Of a ledger that can still be read the generation is known; of ashes it is not, and it must not
  // be the second one from the same back-up.
  const bool readable = running() && (just_restored_ || world_.clockwork.chance(50));
  const auto before = readable ? store_->generation() : Result<std::uint64_t>(0);
  for (const auto& [number, gateway] : gateways_) {
    refill_.on_restored(gateway->gateway(), gateway->watch().synced(), gateway->watch().doubtful());
  }
  world_.ledger.on_restored();
  die(tests::Unsynced::kDropped, between(10'000, 1'800'000));
  storage::remove_database(path_of(kLedger));
  const std::string file = (world_.setup.folder / "restored" / kLedger).string();
  storage::remove_database(file);
  const auto generation =
      storage::restore_ledger(backup_, file, before.value_or(0) + 1, now().wall);
  if (!generation) {
    world_.verdict.violated("I5",
                            std::string("the OA cannot be restored: ") + generation.error().what);
    return true;
  }
  put_disk({{kLedger, bytes_of(file)}});
  notice_.reset();
  just_restored_ = true;
  note("is restored, generation " + std::to_string(*generation));
  world_.clockwork.after(between(1'000, 3'600'000), [this] { back_up_soon(); });
  book_in_ledger_ = book_in_backup_;
  world_.clockwork.after(between(600'000, 3 * kHourMs),
                         [this, number = ++done_again_] { do_again(book_in_backup_, number); });
  return true;
}

}  // namespace tally::sim
