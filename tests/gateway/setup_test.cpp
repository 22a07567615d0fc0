#include "gateway/setup.hpp"

#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "core/crypto/certificate.hpp"

#include "shell/page_users.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/transport/test_network.hpp"
#include "transport/secret_file.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::gateway;
using nlohmann::json;
using transport::http::Response;

TEST_GROUP(GatewaySetup) {
  tests::TemporaryDirectory directory;
  transport::OsRandom random;
  crypto::CertificateAuthority office = *crypto::CertificateAuthority::create(
      {test::days_from_now(-10), test::days_from_now(400)}, random);
  Settings settings;
  std::vector<OaAddress> chosen;
  int enrolled = 0;
  std::unique_ptr<Setup> setup_page;

  void setup() override {
    open();
  }
  void open() {
    const std::filesystem::path data = directory.path();
    setup_page = std::make_unique<Setup>(
        Setup::Options{settings, data, data / "identity"},
        *load_setup(data, settings, random),
        random,
        Setup::Callbacks{[this](const OaAddress& oa) { chosen.push_back(oa); },
                         [this] { ++enrolled; },
                         [] { return test::kNow; }});
  }
  static json good(const Response& response) {
    LONGLONGS_EQUAL(200, response.status);
    return json::parse(response.body);
  }
  static void refused(int status, const char* code, const Response& response) {
    LONGLONGS_EQUAL(status, response.status);
    STRCMP_EQUAL(code, json::parse(response.body)["error"]["code"].get<std::string>().c_str());
  }
  json request() {
    return good(setup_page->make_request("{}"))["enrolment"];
  }
  std::string sign(const json& enrolment,
                   crypto::DeviceName name = {Role::kGateway, 11, Incarnation{1}, StoreId{7}},
                   std::int64_t days = 90) {
    const auto csr =
        *crypto::parse_certificate_request(enrolment["request_pem"].get<std::string>());
    return *office.issue(
        name, csr.public_key, {test::days_from_now(-5), test::days_from_now(days)}, random);
  }
  Response install(const std::string& pem) {
    return setup_page->install_certificate(json{{"pem", pem}}.dump());
  }
};

TEST(GatewaySetup, Fresh_EverythingIsOpen) {
  const json state = good(setup_page->state());
  for (const char* step : {"language", "network", "oa", "enrolment", "manager"}) {
    CHECK_FALSE(state["steps"][step].get<bool>());
  }
  CHECK_TRUE(state["enrolment"]["state"] == "none");
  CHECK_FALSE(state["network"]["managed"].get<bool>());
  CHECK_FALSE(state["finished"].get<bool>());
}

TEST(GatewaySetup, Choices_AreKeptOverARestart) {
  good(setup_page->set_language(R"({"language":"en"})"));
  good(setup_page->set_network(R"({"mode":"keep"})"));
  good(setup_page->set_oa(R"({"host":"oa.example.com","port":7543,"server_name":"oa-1"})"));
  const json before = good(setup_page->state());
  open();
  const json state = good(setup_page->state());
  CHECK_TRUE(state == before);
  CHECK_TRUE(state["language"] == "en");
  CHECK_TRUE(state["oa"]["host"] == "oa.example.com");
  CHECK_TRUE(state["steps"]["network"].get<bool>());
  LONGLONGS_EQUAL(1, chosen.size());
}

TEST(GatewaySetup, WrongBodies_AreRefused) {
  for (const char* body : {"",
                           "[]",
                           "{}",
                           R"({"language":"fr"})",
                           R"({"language":1})",
                           R"({"language":"en","more":1})"}) {
    refused(400, "bad_request", setup_page->set_language(body));
  }
  for (const char* body : {R"({"host":"","port":1,"server_name":"x"})",
                           R"({"host":"a b","port":1,"server_name":"x"})",
                           R"({"host":"a","port":0,"server_name":"x"})",
                           R"({"host":"a","port":65536,"server_name":"x"})",
                           R"({"host":"a","port":18446744073709551615,"server_name":"x"})",
                           R"({"host":"a","port":1.5,"server_name":"x"})",
                           R"({"host":"a","port":1})"}) {
    refused(400, "bad_request", setup_page->set_oa(body));
  }
  refused(400, "bad_request", setup_page->make_request("nonsense"));
  refused(400, "bad_request", setup_page->install_certificate(R"({"pem":""})"));
  CHECK_TRUE(chosen.empty());
}

TEST(GatewaySetup, Network_NotOurs_IsAConflict) {
  refused(409, "conflict", setup_page->set_network(R"({"mode":"dhcp","interface":"eth0"})"));
}

TEST(GatewaySetup, Network_Ours_IsWritten) {
  settings.network_file = directory.file("10-tally.network");
  open();
  good(setup_page->set_network(
      R"({"mode":"static","interface":"eth0","address":"192.0.2.5/24","router":"192.0.2.1","dns":["192.0.2.1","2001:db8::1"]})"));
  STRCMP_EQUAL(
      "# Written by the gateway's set-up page.\n[Match]\nName=eth0\n\n[Network]\n"
      "Address=192.0.2.5/24\nGateway=192.0.2.1\nDNS=192.0.2.1\nDNS=2001:db8::1\n",
      transport::read_small_file(settings.network_file)->c_str());
  const json network = good(setup_page->state())["network"];
  CHECK_TRUE(network["mode"] == "static");
  CHECK_TRUE(network["address"] == "192.0.2.5/24");
}

TEST(GatewaySetup, Network_ThatCannotBe_IsRefused) {
  settings.network_file = directory.file("10-tally.network");
  open();
  for (
      const char* body : {
          R"({"mode":"dhcp","interface":"eth0\nDHCP=no"})",
          R"({"mode":"dhcp","interface":""})",
          R"({"mode":"magic","interface":"eth0"})",
          R"({"mode":"static","interface":"eth0","address":"192.0.2.5","router":"","dns":[]})",
          R"({"mode":"static","interface":"eth0","address":"192.0.2.5/33","router":"","dns":[]})",
          R"({"mode":"static","interface":"eth0","address":"192.0.2.5/0","router":"","dns":[]})",
          R"({"mode":"static","interface":"eth0","address":"x/24","router":"","dns":[]})",
          R"({"mode":"static","interface":"eth0","address":"192.0.2.5/24","router":"r","dns":[]})",
          R"({"mode":"static","interface":"eth0","address":"192.0.2.5/24","router":"","dns":["x"]})",
          R"({"mode":"static","interface":"eth0","address":"192.0.2.5/24","router":"","dns":[1]})",
      }) {
    refused(400, "bad_request", setup_page->set_network(body));
  }
  CHECK_FALSE(transport::read_small_file(settings.network_file).has_value());
}

TEST(GatewaySetup, Request_IsMadeOnceAndTheKeyStaysSecret) {
  const json first = request();
  CHECK_TRUE(first["state"] == "requested");
  CHECK_TRUE(request() == first);
  struct stat info {};
  CHECK_EQUAL(0, ::stat(directory.file("identity/device.key").c_str(), &info));
  CHECK_EQUAL(0600U, info.st_mode & 0777U);
  CHECK_TRUE(good(setup_page->state()).dump().find("PRIVATE") == std::string::npos);
  const auto csr = *crypto::parse_certificate_request(first["request_pem"].get<std::string>());
  CHECK_TRUE(csr.serial == first["serial"].get<std::string>());
}

TEST(GatewaySetup, Certificate_ForThisKey_Enrols) {
  const std::string pem = sign(request());
  const json state = good(install(pem + office.certificate_pem()));
  CHECK_TRUE(state["enrolment"]["state"] == "enrolled");
  LONGLONGS_EQUAL(11, state["enrolment"]["gateway"].get<int>());
  LONGLONGS_EQUAL(7, state["enrolment"]["store"].get<int>());
  LONGLONGS_EQUAL(1, enrolled);
}

TEST(GatewaySetup, Certificate_InTheOtherOrder_Enrols) {
  const std::string pem = sign(request());
  good(install(office.certificate_pem() + pem));
}

TEST(GatewaySetup, CertificateBeforeRequest_IsAConflict) {
  refused(409, "conflict", install("anything"));
}

TEST(GatewaySetup, WrongCertificates_AreRefused) {
  const json enrolment = request();
  const std::string root = office.certificate_pem();
  refused(400, "bad_certificate", install("no certificate at all"));
  refused(400, "bad_certificate", install(sign(enrolment)));  // The office's own is missing.
  refused(400, "bad_certificate", install(root));
  const crypto::DeviceName terminal{Role::kTerminal, 101, Incarnation{1}, StoreId{7}};
  refused(400, "bad_certificate", install(sign(enrolment, terminal) + root));
  refused(400,
          "bad_certificate",
          install(sign(enrolment, {Role::kGateway, 11, Incarnation{1}, StoreId{7}}, -1) + root));
  const auto other_key = crypto::P256KeyPair::generate(random);
  const std::string foreign = *office.issue({Role::kGateway, 11, Incarnation{1}, StoreId{7}},
                                            other_key.public_key(),
                                            {test::days_from_now(-5), test::days_from_now(90)},
                                            random);
  refused(400, "bad_certificate", install(foreign + root));
  const auto stranger = *crypto::CertificateAuthority::create(
      {test::days_from_now(-10), test::days_from_now(400)}, random);
  refused(400, "bad_certificate", install(sign(enrolment) + stranger.certificate_pem()));
  LONGLONGS_EQUAL(0, enrolled);
  CHECK_TRUE(good(setup_page->state())["enrolment"]["state"] == "requested");
}

TEST(GatewaySetup, Finish_WithOpenSteps_IsAConflict) {
  refused(409, "conflict", setup_page->finish("{}"));
  good(setup_page->set_language(R"({"language":"zh-CN"})"));
  good(setup_page->set_network(R"({"mode":"keep"})"));
  good(setup_page->set_oa(R"({"host":"oa","port":1,"server_name":"oa-1"})"));
  good(install(sign(request()) + office.certificate_pem()));
  refused(409, "conflict", setup_page->finish("{}"));
  CHECK_TRUE(shell::save_users(directory.path(), {{"王店长", "manager", "x"}}).has_value());
  CHECK_TRUE(good(setup_page->finish("{}"))["finished"].get<bool>());
}

TEST(GatewaySetup, DamagedSetupFile_IsCorrupt) {
  CHECK_TRUE(
      transport::write_small_file(directory.file("setup.json"), "{", transport::FileMode::kSecret)
          .has_value());
  CHECK_TRUE(load_setup(directory.path(), settings, random).error().code == Errc::kCorrupt);
}

TEST(GatewaySetup, ManagerRefusals_HaveTheirCodes) {
  refused(400, "bad_request", Setup::manager_refused(make_error(Errc::kInvalid, "")));
  refused(409, "conflict", Setup::manager_refused(make_error(Errc::kConflict, "")));
  refused(503, "busy", Setup::manager_refused(make_error(Errc::kExhausted, "")));
  refused(503, "storage_failed", Setup::manager_refused(make_error(Errc::kUnavailable, "")));
}
