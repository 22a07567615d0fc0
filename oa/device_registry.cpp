#include "oa/device_registry.hpp"

#include <algorithm>
#include <utility>

#include "core/base/try.hpp"
#include "core/crypto/hpke.hpp"

#include "shell/log.hpp"
#include "transport/identity_files.hpp"
#include "transport/secret_file.hpp"

namespace tally::oa {
namespace {

constexpr shell::Log kLog("registry");
constexpr std::size_t kFilesMax = 200'000;
/// An unknown device may knock often; the folder is read once in this time.
constexpr std::int64_t kScanPauseMs = 1'000;
constexpr std::uint16_t kKeyVersion = 1;

}  // namespace

DeviceRegistry::DeviceRegistry(Options options,
                               Vault vault,
                               crypto::P256KeyPair record_key,
                               crypto::RandomSource& random)
    : options_(std::move(options)),
      vault_(std::move(vault)),
      record_key_(std::move(record_key)),
      random_(random) {}

Status DeviceRegistry::load(const std::vector<storage::LedgerDevice>& devices) {
  for (const storage::LedgerDevice& row : devices) {
    Device device{row.store, std::nullopt};
    if (!row.wrapped_key.empty()) {
      TALLY_TRY_ASSIGN(
          device.record_key,
          vault_.unwrap_record_key({TerminalId{row.node}, row.incarnation}, row.wrapped_key));
    }
    devices_.insert_or_assign(Key{row.role, row.node, row.incarnation}, device);
  }
  return {};
}

void DeviceRegistry::scan() {
  scanned_at_ = options_.now().boot;
  std::error_code error;
  std::filesystem::directory_iterator entry(options_.directory, error);
  const std::filesystem::directory_iterator end;
  for (; !error && entry != end && seen_files_.size() < kFilesMax; entry.increment(error)) {
    const std::filesystem::path file = entry->path();
    const std::string name = file.filename().string();
    std::error_code no_time;
    const auto changed_at = std::filesystem::last_write_time(file, no_time);
    if (file.extension() != ".crt" || no_time) {
      continue;
    }
    const auto seen = seen_files_.find(name);
    if (seen != seen_files_.end() && seen->second == changed_at) {
      continue;
    }
    seen_files_[name] = changed_at;
    if (const Status imported = import(file); !imported) {
      kLog.warning("certificate_skipped", {{"file", name}, {"error", imported.error()}});
    }
  }
}

Status DeviceRegistry::import(const std::filesystem::path& file) {
  TALLY_TRY_ASSIGN(const std::string pem, transport::read_small_file(file));
  TALLY_TRY_ASSIGN(const crypto::DeviceIdentity identity,
                   crypto::parse_device_certificate(as_bytes(pem)));
  const Key key{identity.role, identity.node, identity.incarnation};
  if (identity.role == Role::kOa || devices_.contains(key)) {
    return {};
  }
  TALLY_TRY(crypto::verify_issued_by(as_bytes(pem), as_bytes(options_.root_pem)));
  storage::LedgerDevice row;
  row.role = identity.role;
  row.node = identity.node;
  row.incarnation = identity.incarnation;
  row.store = identity.store;
  row.public_key.assign(identity.public_key.begin(), identity.public_key.end());
  row.not_after = identity.not_after;
  row.imported_at = options_.now().wall;
  Device device{identity.store, std::nullopt};
  if (identity.role == Role::kTerminal) {
    TALLY_TRY_ASSIGN(const crypto::Key256 record_key,
                     transport::record_key_of(record_key_, identity, kKeyVersion, random_));
    device.record_key = record_key;
    row.wrapped_key = vault_.wrap_record_key(
        {TerminalId{identity.node}, identity.incarnation}, record_key, random_);
  }
  devices_.emplace(key, device);
  kLog.info("device_imported",
            {{"device", crypto::common_name(identity.name())}, {"store", identity.store.value}});
  fresh_.push_back(std::move(row));
  return {};
}

std::vector<storage::LedgerDevice> DeviceRegistry::take_new() {
  return std::exchange(fresh_, {});
}

const DeviceRegistry::Device* DeviceRegistry::find(const Key& key) {
  auto found = devices_.find(key);
  if (found == devices_.end()) {
    if (!scanned_at_ || options_.now().boot.ms - scanned_at_->ms >= kScanPauseMs) {
      scan();
      found = devices_.find(key);
    }
  }
  return found == devices_.end() ? nullptr : &found->second;
}

std::optional<StoreId> DeviceRegistry::store_of(Role role,
                                                std::uint32_t node,
                                                Incarnation incarnation) {
  const Device* device = find({role, node, incarnation});
  return device == nullptr ? std::nullopt : std::optional(device->store);
}

Incarnation DeviceRegistry::newest(Role role, std::uint32_t node) {
  const auto after = devices_.upper_bound({role, node, Incarnation{UINT32_MAX}});
  if (after == devices_.begin()) {
    return Incarnation{};
  }
  const auto& [found_role, found_node, incarnation] = std::prev(after)->first;
  return found_role == role && found_node == node ? incarnation : Incarnation{};
}

std::optional<crypto::Key256> DeviceRegistry::record_key(StreamId stream,
                                                         std::uint16_t key_version) {
  const Device* device = find({Role::kTerminal, stream.terminal.value, stream.incarnation});
  return device == nullptr || key_version != kKeyVersion ? std::nullopt : device->record_key;
}

Result<Bytes> DeviceRegistry::open_sealed(ByteView info,
                                          ByteView associated,
                                          ByteView sealed) const {
  return crypto::hpke_open(record_key_, info, associated, sealed, random_);
}

std::vector<StreamId> DeviceRegistry::terminals_of(StoreId store) {
  std::vector<StreamId> streams;
  for (const auto& [key, device] : devices_) {
    const auto& [role, node, incarnation] = key;
    if (role == Role::kTerminal && device.store == store) {
      streams.push_back({TerminalId{node}, incarnation});
    }
  }
  return streams;
}

std::vector<DeviceRegistry::GatewayEntry> DeviceRegistry::gateways() const {
  std::map<std::uint32_t, GatewayEntry> newest;
  for (const auto& [key, device] : devices_) {
    const auto& [role, node, incarnation] = key;
    if (role == Role::kGateway) {
      newest[node] = {GatewayId{node}, incarnation, device.store};
    }
  }
  std::vector<GatewayEntry> all;
  for (const auto& [node, entry] : newest) {
    all.push_back(entry);
  }
  return all;
}

std::size_t DeviceRegistry::terminal_count(StoreId store) const {
  std::set<std::uint32_t> terminals;
  for (const auto& [key, device] : devices_) {
    if (std::get<0>(key) == Role::kTerminal && device.store == store) {
      terminals.insert(std::get<1>(key));
    }
  }
  return terminals.size();
}

}  // namespace tally::oa
