#include "oa/device_registry.hpp"

#include <filesystem>
#include <fstream>
#include <memory>

#include "core/crypto/certificate.hpp"

#include "tests/support/temporary_directory.hpp"
#include "transport/identity_files.hpp"
#include "transport/os_random.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::oa;

TEST_GROUP(DeviceRegistry) {
  tests::TemporaryDirectory directory;
  transport::OsRandom random;
  Instant now{WallTime{1'800'000'000'000'000}, BootTime{10'000}};
  crypto::Validity validity{WallTime{1'700'000'000'000'000}, WallTime{1'900'000'000'000'000}};
  crypto::CertificateAuthority authority = *crypto::CertificateAuthority::create(validity, random);
  Vault vault = *Vault::open(directory.file("master.key"), true, random);
  std::unique_ptr<DeviceRegistry> registry = make(crypto::P256KeyPair::generate(random));

  void setup() override {
    std::filesystem::create_directory(folder());
  }
  std::string folder() const {
    return directory.file("issued");
  }

  std::unique_ptr<DeviceRegistry> make(crypto::P256KeyPair record_key) {
    DeviceRegistry::Options options;
    options.directory = folder();
    options.root_pem = authority.certificate_pem();
    options.now = [this] { return now; };
    return std::make_unique<DeviceRegistry>(options, vault, std::move(record_key), random);
  }
  crypto::P256KeyPair issue(Role role,
                            std::uint32_t node,
                            std::uint32_t incarnation,
                            StoreId store,
                            const crypto::CertificateAuthority* by = nullptr) {
    auto key = crypto::P256KeyPair::generate(random);
    const auto pem =
        (by == nullptr ? authority : *by)
            .issue(
                {role, node, Incarnation{incarnation}, store}, key.public_key(), validity, random);
    CHECK_TRUE(pem.has_value());
    put(std::to_string(node) + "." + std::to_string(incarnation) + ".crt", *pem);
    return key;
  }
  void put(const std::string& name, const std::string& text) {
    std::ofstream(folder() + "/" + name) << text;
  }
};

TEST(DeviceRegistry, IssuedCertificates_AreKnown) {
  issue(Role::kGateway, 11, 1, StoreId{7});
  issue(Role::kTerminal, 101, 1, StoreId{7});
  issue(Role::kTerminal, 101, 2, StoreId{8});
  registry->scan();
  CHECK_TRUE(registry->store_of(Role::kGateway, 11, Incarnation{1}) == StoreId{7});
  CHECK_TRUE(registry->store_of(Role::kTerminal, 101, Incarnation{2}) == StoreId{8});
  CHECK_TRUE(registry->newest(Role::kTerminal, 101) == Incarnation{2});
  CHECK_TRUE(registry->newest(Role::kTerminal, 100) == Incarnation{});
  CHECK_TRUE(registry->newest(Role::kGateway, 101) == Incarnation{});
  CHECK_EQUAL(1U, registry->terminals_of(StoreId{7}).size());
  CHECK_EQUAL(1U, registry->gateways().size());
  CHECK_EQUAL(3U, registry->take_new().size());
  CHECK_EQUAL(0U, registry->take_new().size());
}

TEST(DeviceRegistry, RecordKey_IsTheTerminals) {
  const auto oa_key = crypto::P256KeyPair::generate(random);
  registry = make(*crypto::P256KeyPair::from_pem(oa_key.to_pem(), random));
  const auto terminal = issue(Role::kTerminal, 101, 1, StoreId{7});
  const StreamId stream{TerminalId{101}, Incarnation{1}};
  const auto expected = crypto::derive_record_key(
      *terminal.ecdh(oa_key.public_key(), random), stream.terminal, stream.incarnation, 1);
  CHECK_TRUE(registry->record_key(stream, 1) == expected);
  CHECK_TRUE(!registry->record_key(stream, 2));
  CHECK_TRUE(!registry->record_key({TerminalId{101}, Incarnation{2}}, 1));
}

TEST(DeviceRegistry, WhatTheLedgerKeeps_IsKnownAfterARestartWithoutTheFolder) {
  issue(Role::kTerminal, 101, 1, StoreId{7});
  registry->scan();
  const auto kept = registry->take_new();
  const StreamId stream{TerminalId{101}, Incarnation{1}};
  const auto key = registry->record_key(stream, 1);
  std::filesystem::remove_all(folder());
  const auto again = make(crypto::P256KeyPair::generate(random));
  CHECK_TRUE(again->load(kept).has_value());
  CHECK_TRUE(again->record_key(stream, 1) == key);
  vault = *Vault::open(directory.file("another.key"), true, random);
  CHECK_TRUE(!make(crypto::P256KeyPair::generate(random))->load(kept).has_value());
}

TEST(DeviceRegistry, NewCertificate_IsFoundWhenItsDeviceKnocks) {
  CHECK_TRUE(!registry->store_of(Role::kGateway, 11, Incarnation{1}));
  issue(Role::kGateway, 11, 1, StoreId{7});
  // The folder is not read again at once.
  CHECK_TRUE(!registry->store_of(Role::kGateway, 11, Incarnation{1}));
  now.boot.ms += 1'000;
  CHECK_TRUE(registry->store_of(Role::kGateway, 11, Incarnation{1}) == StoreId{7});
}

TEST(DeviceRegistry, ForeignAuthority_IsSkipped) {
  const auto foreign = *crypto::CertificateAuthority::create(validity, random);
  issue(Role::kGateway, 11, 1, StoreId{7}, &foreign);
  registry->scan();
  CHECK_TRUE(registry->gateways().empty());
}

TEST(DeviceRegistry, RubbishInTheFolder_IsSkippedAndTheRestIsRead) {
  put("a.crt", "");
  put("b.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  put("c.crt", std::string(100'000, 'x'));
  put("d.txt", "not looked at");
  std::filesystem::create_directory(folder() + "/e.crt");
  put("f.crt", authority.certificate_pem());
  issue(Role::kGateway, 11, 1, StoreId{7});
  registry->scan();
  CHECK_EQUAL(1U, registry->gateways().size());
  CHECK_EQUAL(1U, registry->take_new().size());
}

TEST(DeviceRegistry, HalfWrittenFile_IsReadWhenItIsWhole) {
  issue(Role::kGateway, 11, 1, StoreId{7});
  std::string whole;
  {
    std::ifstream in(folder() + "/11.1.crt");
    whole.assign(std::istreambuf_iterator<char>(in), {});
  }
  put("11.1.crt", whole.substr(0, 100));
  registry->scan();
  CHECK_TRUE(registry->gateways().empty());
  put("11.1.crt", whole);
  std::filesystem::last_write_time(
      folder() + "/11.1.crt",
      std::filesystem::file_time_type::clock::now() + std::chrono::seconds(2));
  registry->scan();
  CHECK_EQUAL(1U, registry->gateways().size());
}

TEST(DeviceRegistry, MissingFolder_IsEmpty) {
  std::filesystem::remove_all(folder());
  registry->scan();
  CHECK_TRUE(registry->gateways().empty());
}
