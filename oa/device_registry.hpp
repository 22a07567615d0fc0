// Who may take part: the certificates the authority issued, read from a folder into the ledger. A
// certificate counts when the root signed it; a terminal's record key is agreed once and kept
// wrapped. Lives on the ledger thread. Names in the folder mean nothing, contents do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "core/crypto/certificate.hpp"
#include "core/crypto/p256.hpp"
#include "core/node/oa_registry.hpp"

#include "oa/vault.hpp"
#include "storage/ledger_store.hpp"

namespace tally::oa {

class DeviceRegistry final : public node::OaRegistry {
 public:
  struct Options {
    std::filesystem::path directory;
    std::string root_pem;
    std::function<Instant()> now;
  };

  /// `record_key` is the OA's key for record keys; both outlive nothing: they are moved in.
  DeviceRegistry(Options options,
                 Vault vault,
                 crypto::P256KeyPair record_key,
                 crypto::RandomSource& random);

  /// Takes what the ledger knows. Errors: kCorrupt when a key was wrapped under another master key.
  Status load(const std::vector<storage::LedgerDevice>& devices);

  /// Reads certificates that are new in the folder. What is no certificate of ours is named in the
  /// log and skipped. A missing folder is empty.
  void scan();

  /// Devices imported since the last call, to be stored.
  std::vector<storage::LedgerDevice> take_new();

  std::optional<StoreId> store_of(Role role, std::uint32_t node, Incarnation incarnation) override;
  Incarnation newest(Role role, std::uint32_t node) override;
  std::optional<crypto::Key256> record_key(StreamId stream, std::uint16_t key_version) override;
  std::optional<crypto::Key256> directory_key(StoreId store) override {
    return vault_.directory_key(store);
  }
  std::vector<StreamId> terminals_of(StoreId store) override;

  /// Opens what a till sealed to the OA's record key (core/crypto/hpke.hpp). Errors: kCorrupt.
  Result<Bytes> open_sealed(ByteView info, ByteView associated, ByteView sealed) const;

  struct GatewayEntry {
    GatewayId gateway;
    Incarnation incarnation;
    StoreId store;
  };
  /// The newest enrolment of every gateway.
  std::vector<GatewayEntry> gateways() const;
  std::size_t terminal_count(StoreId store) const;

 private:
  struct Device {
    StoreId store;
    std::optional<crypto::Key256> record_key;
  };
  using Key = std::tuple<Role, std::uint32_t, Incarnation>;

  const Device* find(const Key& key);
  Status import(const std::filesystem::path& file);

  Options options_;
  Vault vault_;
  crypto::P256KeyPair record_key_;
  crypto::RandomSource& random_;
  std::map<Key, Device> devices_;
  std::map<std::string, std::filesystem::file_time_type> seen_files_;
  std::vector<storage::LedgerDevice> fresh_;
  std::optional<BootTime> scanned_at_;
};

}  // namespace tally::oa
