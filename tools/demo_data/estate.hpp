// The OA's data directory of a demo, before anything happened: authority, identity, the devices'
// certificates, keys and configuration, by the functions behind `tally provision`.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/crypto/mac.hpp"
#include "core/crypto/random_source.hpp"
#include "core/node/oa_registry.hpp"

#include "storage/ledger_store.hpp"
#include "tools/demo_data/shops.hpp"
#include "tools/demo_data/size.hpp"

namespace tally::tools::demo {

/// The device that is enrolled a second time, because the office will see a fork of it.
inline constexpr Incarnation kSecondEnrolment{2};
TerminalId forking_terminal(const std::vector<Shop>& shops);

/// Who may send to the demo's ledger, and under which keys.
class Devices final : public node::OaRegistry {
 public:
  struct Entry {
    Role role = Role::kTerminal;
    std::uint32_t node = 0;
    Incarnation incarnation;
    StoreId store;
    crypto::Key256 key{};  ///< Of a terminal.
  };

  explicit Devices(std::vector<Entry> entries);

  std::optional<StoreId> store_of(Role role, std::uint32_t node, Incarnation incarnation) override;
  Incarnation newest(Role role, std::uint32_t node) override;
  std::optional<crypto::Key256> record_key(StreamId stream, std::uint16_t key_version) override;
  /// The gateways of the demo keep no directory: there is nobody behind them.
  std::optional<crypto::Key256> directory_key(StoreId) override { return std::nullopt; }
  std::vector<StreamId> terminals_of(StoreId store) override;

 private:
  using Key = std::tuple<Role, std::uint32_t, Incarnation>;
  std::map<Key, Entry> entries_;
};

struct Estate {
  std::vector<Devices::Entry> devices;
  std::vector<storage::LedgerDevice> rows;  ///< The same, as the ledger keeps them.
  crypto::Key256 master_key{};
};

/// Makes everything in the empty directory `data`, all keys from the seed. Errors: those of
/// provisioning and of writing files.
Result<Estate> make_estate(const std::filesystem::path& data,
                           const Size& size,
                           const std::vector<Shop>& shops,
                           crypto::RandomSource& random);

}  // namespace tally::tools::demo
