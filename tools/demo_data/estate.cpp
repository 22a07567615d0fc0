#include "tools/demo_data/estate.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/base/try.hpp"
#include "core/crypto/sealed_value.hpp"

#include "tools/provision.hpp"
#include "transport/identity_files.hpp"
#include "transport/secret_file.hpp"

namespace tally::tools::demo {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kCertificateDays = 3'650;
constexpr std::uint32_t kOaNode = 1;
constexpr std::uint16_t kKeyVersion = 1;
constexpr std::size_t kStoreNamesMax = 64;  ///< That a configuration takes.

/// Signs what the devices ask for, and lays each certificate where the OA looks for it.
class Enroller {
 public:
  Enroller(fs::path data, WallTime now, crypto::RandomSource& random)
      : data_(std::move(data)), now_(now), random_(random) {}

  Result<Estate> run(const std::vector<Shop>& shops);

 private:
  Status make_oa();
  Status enrol(Role role, std::uint32_t node, StoreId store);

  fs::path data_;
  WallTime now_;
  crypto::RandomSource& random_;
  Estate estate_;
};

Status Enroller::make_oa() {
  const fs::path identity = data_ / "identity";
  TALLY_TRY(init_authority(data_ / "ca", now_, false, random_));
  TALLY_TRY_ASSIGN(const std::string request, make_request(identity, "DEMO-OA", false, random_));
  TALLY_TRY_ASSIGN(
      const IssuedCertificate issued,
      sign_request(
          data_ / "ca", request, {Role::kOa, kOaNode, StoreId{}, kCertificateDays}, now_, random_));
  Installation installation;
  installation.certificate_pem = issued.pem;
  TALLY_TRY_ASSIGN(installation.root_pem, transport::read_small_file(data_ / "ca" / kRootFile));
  TALLY_TRY(install(identity, installation, random_));
  TALLY_TRY(make_oa_record_key(identity, false, random_));
  random_.fill(estate_.master_key);
  return transport::write_small_file(
      data_ / "master.key", to_hex(estate_.master_key) + "\n", transport::FileMode::kSecret);
}

/// A device's own key is made and thrown away: nobody starts these devices.
Status Enroller::enrol(Role role, std::uint32_t node, StoreId store) {
  const crypto::P256KeyPair key = crypto::P256KeyPair::generate(random_);
  TALLY_TRY_ASSIGN(const std::string request,
                   crypto::make_certificate_request(key, "DEMO-" + std::to_string(node), random_));
  TALLY_TRY_ASSIGN(
      const IssuedCertificate issued,
      sign_request(data_ / "ca", request, {role, node, store, kCertificateDays}, now_, random_));
  TALLY_TRY(transport::write_small_file(
      data_ / "registry" / crypto::common_name(issued.name).append(".crt"),
      issued.pem,
      transport::FileMode::kPublic,
      transport::FileSync::kUnsynced));
  TALLY_TRY_ASSIGN(const crypto::DeviceIdentity identity,
                   crypto::parse_device_certificate(as_bytes(issued.pem)));
  Devices::Entry entry{role, node, identity.incarnation, store, {}};
  storage::LedgerDevice row;
  row.role = role;
  row.node = node;
  row.incarnation = identity.incarnation;
  row.store = store;
  row.public_key.assign(identity.public_key.begin(), identity.public_key.end());
  row.not_after = identity.not_after;
  row.imported_at = now_;
  if (role == Role::kTerminal) {
    TALLY_TRY_ASSIGN(const auto record_key,
                     transport::load_oa_record_key(data_ / "identity", random_));
    TALLY_TRY_ASSIGN(entry.key,
                     transport::record_key_of(record_key, identity, kKeyVersion, random_));
    row.wrapped_key =
        crypto::seal_value(crypto::derive_record_wrapping_key(estate_.master_key),
                           crypto::associated_with({TerminalId{node}, identity.incarnation}),
                           entry.key,
                           random_);
  }
  estate_.devices.push_back(entry);
  estate_.rows.push_back(std::move(row));
  return {};
}

Result<Estate> Enroller::run(const std::vector<Shop>& shops) {
  TALLY_TRY(make_oa());
  std::error_code error;
  fs::create_directory(data_ / "registry", error);
  if (error) {
    return make_error(Errc::kUnavailable, "a directory cannot be made", error.value());
  }
  for (const Shop& shop : shops) {
    TALLY_TRY(enrol(Role::kGateway, shop.gateway.value, shop.store));
    for (std::uint32_t till = 0; till < shop.tills; ++till) {
      TALLY_TRY(enrol(Role::kTerminal, shop.terminal(till).value, shop.store));
    }
  }
  TALLY_TRY(enrol(Role::kTerminal, forking_terminal(shops).value, shops.back().store));
  return std::move(estate_);
}

std::string configuration(const std::vector<Shop>& shops) {
  std::string text =
      "# Made by tally demo-data. Keys: tally-oa --print-config.\n"
      "demo = true\n"
      "store_names = [\n";
  for (std::size_t i = 0; i < std::min(shops.size(), kStoreNamesMax); ++i) {
    text += "  \"" + std::to_string(shops[i].store.value) + " " + shops[i].name + "\",\n";
  }
  return text + "]\n\n[link]\naddress = \"127.0.0.1\"\n";
}

}  // namespace

TerminalId forking_terminal(const std::vector<Shop>& shops) {
  return shops.back().terminal(shops.back().tills - 1);
}

Devices::Devices(std::vector<Entry> entries) {
  for (Entry& entry : entries) {
    entries_.emplace(Key{entry.role, entry.node, entry.incarnation}, entry);
  }
}

std::optional<StoreId> Devices::store_of(Role role, std::uint32_t node, Incarnation incarnation) {
  const auto found = entries_.find({role, node, incarnation});
  return found == entries_.end() ? std::nullopt : std::optional(found->second.store);
}

Incarnation Devices::newest(Role role, std::uint32_t node) {
  const auto after = entries_.upper_bound({role, node, Incarnation{UINT32_MAX}});
  if (after == entries_.begin()) {
    return Incarnation{};
  }
  const auto& [found_role, found_node, incarnation] = std::prev(after)->first;
  return found_role == role && found_node == node ? incarnation : Incarnation{};
}

std::optional<crypto::Key256> Devices::record_key(StreamId stream, std::uint16_t key_version) {
  const auto found = entries_.find({Role::kTerminal, stream.terminal.value, stream.incarnation});
  return found == entries_.end() || key_version != kKeyVersion ? std::nullopt
                                                               : std::optional(found->second.key);
}

std::vector<StreamId> Devices::terminals_of(StoreId store) {
  std::vector<StreamId> streams;
  for (const auto& [key, entry] : entries_) {
    if (entry.role == Role::kTerminal && entry.store == store) {
      streams.push_back({TerminalId{entry.node}, entry.incarnation});
    }
  }
  return streams;
}

Result<Estate> make_estate(const std::filesystem::path& data,
                           const Size& size,
                           const std::vector<Shop>& shops,
                           crypto::RandomSource& random) {
  Enroller enroller(data, at_minute(size.first_day(), 0), random);
  TALLY_TRY_ASSIGN(Estate estate, enroller.run(shops));
  TALLY_TRY(transport::write_small_file(
      data / "tally-oa.toml", configuration(shops), transport::FileMode::kPublic));
  return estate;
}

}  // namespace tally::tools::demo
