#include "tests/support/faulty_disk.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <mutex>
#include <utility>

#include "core/base/assert.hpp"

#include "tests/support/faulty_disk_state.hpp"
#include "tests/support/faulty_vfs.hpp"

namespace tally::tests {

void FaultyDisk::State::Pending::put_into(Bytes& file, std::size_t from, std::size_t to) const {
  if (bytes.empty()) {
    file.resize(offset);
    return;
  }
  file.resize(std::max(file.size(), offset + to));
  std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(from),
            bytes.begin() + static_cast<std::ptrdiff_t>(to),
            file.begin() + static_cast<std::ptrdiff_t>(offset + from));
}

bool FaultyDisk::State::next_fails() {
  const std::uint64_t number = operations++;
  if (!powered) {
    last_errno = EIO;
    return true;
  }
  if (number != fault_at && !(lasting && number > fault_at)) {
    return false;
  }
  happened = true;
  last_errno = fault == DiskFault::kFull ? ENOSPC : EIO;
  powered = fault != DiskFault::kPowerCut;
  return true;
}

FaultyDisk::FaultyDisk(const std::string& directory) : state_(std::make_shared<State>()) {
  state_->prefix = directory + "/";
  mount(state_);
}

FaultyDisk::~FaultyDisk() {
  unmount(state_);
}

std::uint64_t FaultyDisk::operations() const {
  const std::lock_guard guard(state_->mutex);
  return state_->operations;
}

void FaultyDisk::fail_at(std::uint64_t at, DiskFault fault, bool lasting) {
  const std::lock_guard guard(state_->mutex);
  state_->fault_at = at;
  state_->fault = fault;
  state_->lasting = lasting;
  state_->happened = false;
}

void FaultyDisk::clear_fault() {
  fail_at(~std::uint64_t{0}, DiskFault::kIoError);
}

void FaultyDisk::fail_next_sync(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  if (const auto found = state_->files.find(path); found != state_->files.end()) {
    found->second->sync_fails = true;
  }
}

std::uint64_t FaultyDisk::failures(const std::string& path) const {
  const std::lock_guard guard(state_->mutex);
  const auto found = state_->files.find(path);
  return found == state_->files.end() ? 0 : found->second->failures;
}

bool FaultyDisk::fault_happened() const {
  const std::lock_guard guard(state_->mutex);
  return state_->happened;
}

void FaultyDisk::on_operation(std::function<void(DiskOperation)> what) {
  const std::lock_guard guard(state_->mutex);
  state_->on_operation = std::move(what);
}

void FaultyDisk::lie(bool lies) {
  const std::lock_guard guard(state_->mutex);
  state_->lies = lies;
}

DiskImage FaultyDisk::image() const {
  const std::lock_guard guard(state_->mutex);
  DiskImage image;
  for (const auto& [path, file] : state_->files) {
    image.files[path.substr(state_->prefix.size())] = {
        file->platter, file->cached, file->on_platter};
  }
  return image;
}

void FaultyDisk::load(const DiskContent& content) {
  const std::lock_guard guard(state_->mutex);
  for (const auto& [path, file] : state_->files) {
    TALLY_ASSERT(file->opened == 0);
  }
  state_->files.clear();
  for (const auto& [name, bytes] : content) {
    auto file = std::make_shared<State::File>();
    file->platter = bytes;
    file->cached = bytes;
    file->on_platter = true;
    state_->files.emplace(state_->prefix + name, std::move(file));
  }
  state_->powered = true;
}

void FaultyDisk::power_cut() {
  const std::lock_guard guard(state_->mutex);
  state_->powered = false;
}

bool FaultyDisk::powered() const {
  const std::lock_guard guard(state_->mutex);
  return state_->powered;
}

void FaultyDisk::power_on(Unsynced unsynced, std::uint64_t seed) {
  const std::lock_guard guard(state_->mutex);
  std::uint64_t random = seed * 0x9e3779b97f4a7c15U + 1;
  const auto coin = [&random] {  // xorshift64, Marsaglia 2003.
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    return (random & 0x10000U) != 0;
  };
  for (auto at = state_->files.begin(); at != state_->files.end();) {
    State::File& file = *at->second;
    TALLY_ASSERT(file.opened == 0);
    if (unsynced == Unsynced::kKept) {
      // The machine went on: its cache is still there, and still not on the platter.
      ++at;
      continue;
    }
    for (const State::Pending& change : file.pending) {
      for (std::size_t from = 0; unsynced == Unsynced::kSome && from <= change.bytes.size();
           from += kSectorBytes) {
        const std::size_t to = std::min(from + kSectorBytes, change.bytes.size());
        if ((from < to || change.bytes.empty()) && coin()) {
          change.put_into(file.platter, from, to);
          file.on_platter = true;
        }
      }
    }
    file.pending.clear();
    file.cached = file.platter;
    at = file.on_platter ? std::next(at) : state_->files.erase(at);
  }
  state_->powered = true;
}

Bytes FaultyDisk::content(const std::string& path) const {
  const std::lock_guard guard(state_->mutex);
  const auto found = state_->files.find(path);
  return found == state_->files.end() ? Bytes{} : found->second->cached;
}

void FaultyDisk::damage(const std::string& path, std::size_t offset) {
  const std::lock_guard guard(state_->mutex);
  State::File& file = *state_->files.at(path);
  TALLY_ASSERT(offset < file.cached.size() && offset < file.platter.size());
  file.cached[offset] = static_cast<std::uint8_t>(~file.cached[offset]);
  file.platter[offset] = file.cached[offset];
}

}  // namespace tally::tests
