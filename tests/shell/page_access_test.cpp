#include "shell/page_access.hpp"

#include <atomic>
#include <filesystem>
#include <vector>

#include "shell/log.hpp"
#include "tests/transport/http/http_client.hpp"
#include "transport/os_random.hpp"

// Last: the harness redefines new, which standard headers do not bear.
#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::shell;
using namespace tally::transport;
using tally::test::Answer;

namespace {

const std::string kOurs = "X-Tally: 1\r\n";

/// The name=value of Set-Cookie, ready for a Cookie header; empty when none was set.
std::string cookie_of(const Answer& answer) {
  const std::size_t at = answer.head.find("Set-Cookie: ");
  if (at == std::string::npos) {
    return "";
  }
  const std::string value = answer.head.substr(at + 12);
  return "Cookie: " + value.substr(0, value.find(';')) + "\r\n";
}

}  // namespace

TEST_GROUP(PageAccess) {
  OsRandom random;
  std::filesystem::path folder;
  std::atomic<std::int64_t> boot_ms{1000};
  PageAccessOptions options;
  std::unique_ptr<PageAccess> access;
  std::unique_ptr<http::Server> server;

  void setup() override {
    set_log_sink([](std::string_view) {});
    char name[] = "/tmp/tally-access-XXXXXX";
    folder = ::mkdtemp(name);
    options.service = "gateway";
    options.node = "gateway 11";
    options.needs_manager = true;
    options.data_dir = folder;
    start();
  }
  void teardown() override {
    server.reset();
    access.reset();
    std::filesystem::remove_all(folder);
    set_log_sink(nullptr);
  }
  Instant now() const {
    return {{boot_ms * 1000}, {boot_ms}};
  }
  void start() {
    server.reset();
    access.reset();
    access = std::move(*PageAccess::open(options, random, [this] { return now(); }));
    http::Routes routes;
    access->add_to(routes);
    const auto whoami = [](const http::Request& request, const http::Reply& reply) {
      reply(http::Response::text(request.user + "/" + request.role));
    };
    routes.on("GET", "/api/whoami", whoami);
    routes.on("POST", "/api/whoami", whoami);
    routes.on(
        "POST", "/api/manager", [this](const http::Request& request, const http::Reply& reply) {
          access->create_manager(
              request, "wang", request.body, reply, [reply](const Result<http::Fields>& done) {
                http::Response response = http::Response::text(done ? "made" : done.error().what);
                response.status = done ? 200 : 409;
                response.headers = done ? *done : http::Fields{};
                reply(std::move(response));
              });
        });
    server = std::move(*http::Server::start({}, std::move(routes)));
  }
  Answer ask(const std::string& method,
             const std::string& path,
             const std::string& headers = "",
             const std::string& body = "") {
    return test::ask(server->port(), method, path, headers, body);
  }
  std::string fresh_token() {
    const std::string link = **access->first_link(server->port());
    return link.substr(link.find('#') + 1);
  }
  Answer use_token(const std::string& token) {
    return ask("POST", "/api/session", kOurs, "{\"token\":\"" + token + "\"}");
  }
  Answer log_in(const std::string& name, const std::string& password) {
    return ask("POST",
               "/api/login",
               kOurs,
               "{\"name\":\"" + name + "\",\"password\":\"" + password + "\"}");
  }
};

TEST(PageAccess, FirstLink_ExchangedOnce_GivesASession) {
  const std::string link = **access->first_link(server->port());
  CHECK(link.starts_with("http://127.0.0.1:" + std::to_string(server->port()) + "/welcome#"));
  const std::string token = link.substr(link.find('#') + 1);
  const Answer answer = use_token(token);
  LONGS_EQUAL(200, answer.status);
  CHECK_TRUE(answer.has("Set-Cookie: tally_gateway_" + std::to_string(server->port()) + "="));
  CHECK_TRUE(answer.has("; HttpOnly; SameSite=Strict; Path=/\r\n"));
  CHECK_TRUE(answer.has("\"signed_in\":true"));
  CHECK_TRUE(answer.has("\"setup_required\":true"));
  CHECK_TRUE(answer.has("\"role\":\"setup\""));
  STRCMP_EQUAL("/setup", ask("GET", "/api/whoami", cookie_of(answer)).body.c_str());
  const Answer again = use_token(token);
  LONGS_EQUAL(401, again.status);
  CHECK_TRUE(again.has("\"code\":\"token_used\""));
  CHECK_FALSE(again.has("Set-Cookie"));
}

TEST(PageAccess, WithoutSession_EveryApiPathIsRefused) {
  for (const char* cookie :
       {"",
        "Cookie: tally_gateway_1=x\r\n",
        "Cookie: x\r\n",
        "Cookie: tally_gateway_1=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n"}) {
    for (const char* path : {"/api/whoami", "/api/none", "/api/logout"}) {
      LONGS_EQUAL(401, ask("GET", path, cookie).status);
      LONGS_EQUAL(401, ask("POST", path, cookie + kOurs).status);
    }
  }
  const Answer answer = ask("GET", "/api/session");
  LONGS_EQUAL(200, answer.status);
  CHECK_TRUE(answer.has("\"signed_in\":false"));
  CHECK_TRUE(answer.has("\"user\":null"));
}

TEST(PageAccess, Post_NotFromOurPage_IsRefused) {
  const std::string cookie = cookie_of(use_token(fresh_token()));
  const std::string port = std::to_string(server->port());
  for (const std::string& headers : {std::string(),
                                     std::string("X-Tally: 0\r\n"),
                                     kOurs + "Origin: http://evil.example\r\n",
                                     kOurs + "Origin: null\r\n",
                                     kOurs + "Origin: http://127.0.0.1:1\r\n",
                                     kOurs + "Origin: http://127.0.0.1.evil.example\r\n",
                                     kOurs + "Sec-Fetch-Site: cross-site\r\n",
                                     kOurs + "Sec-Fetch-Site: same-site\r\n"}) {
    LONGS_EQUAL(403, ask("POST", "/api/whoami", cookie + headers).status);
    LONGS_EQUAL(403, ask("POST", "/api/logout", cookie + headers).status);
    LONGS_EQUAL(403, ask("POST", "/api/session", headers, "{\"token\":\"x\"}").status);
    LONGS_EQUAL(403, ask("POST", "/api/login", headers, "{}").status);
  }
  LONGS_EQUAL(200, ask("POST", "/api/whoami", cookie + kOurs).status);
  LONGS_EQUAL(200,
              ask("POST",
                  "/api/whoami",
                  cookie + kOurs + "Origin: http://127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n")
                  .status);
}

TEST(PageAccess, Token_WrongOrMalformed_IsRefused) {
  fresh_token();
  LONGS_EQUAL(401, use_token(std::string(43, 'A')).status);
  CHECK_TRUE(use_token("short").has("token_unknown"));
  for (const char* body : {"",
                           "x",
                           "[]",
                           "{}",
                           "{\"token\":1}",
                           "{\"token\":\"a\",\"more\":\"b\"}",
                           "{\"tokens\":\"a\"}",
                           "{\"token\":\"\xff\"}"}) {
    LONGS_EQUAL(400, ask("POST", "/api/session", kOurs, body).status);
  }
  LONGS_EQUAL(400, ask("POST", "/api/session", kOurs, std::string(60'000, '[')).status);
}

TEST(PageAccess, Token_AfterADay_IsExpired) {
  const std::string token = fresh_token();
  boot_ms += 24 * 3600 * 1000;
  CHECK_TRUE(use_token(token).has("token_expired"));
}

TEST(PageAccess, NewLinkOfAnotherProcess_WorksAndEndsTheOld) {
  const std::string old = fresh_token();
  const std::string link = *PageAccess::new_link(
      folder, random, [this] { return now(); }, server->port());
  CHECK_TRUE(use_token(old).has("token_unknown"));
  LONGS_EQUAL(200, use_token(link.substr(link.find('#') + 1)).status);
}

TEST(PageAccess, Tries_MoreThanFive_Wait) {
  for (int i = 0; i < 5; ++i) {
    LONGS_EQUAL(401, use_token(std::string(43, 'A')).status);
  }
  const Answer answer = use_token(fresh_token());
  LONGS_EQUAL(429, answer.status);
  CHECK_TRUE(answer.has("Retry-After: 60\r\n"));
  LONGS_EQUAL(429, log_in("a", "b").status);
  boot_ms += 60'000;
  LONGS_EQUAL(200, use_token(fresh_token()).status);
}

TEST(PageAccess, FirstManager_TakesOverTheSession) {
  const std::string cookie = cookie_of(use_token(fresh_token()));
  LONGS_EQUAL(409, ask("POST", "/api/manager", cookie + kOurs, "too short").status);
  LONGS_EQUAL(409, ask("POST", "/api/manager", cookie + kOurs, std::string(257, 'x')).status);
  const Answer made = ask("POST", "/api/manager", cookie + kOurs, "long enough");
  LONGS_EQUAL(200, made.status);
  LONGS_EQUAL(401, ask("GET", "/api/whoami", cookie).status);
  STRCMP_EQUAL("wang/manager", ask("GET", "/api/whoami", cookie_of(made)).body.c_str());
  LONGS_EQUAL(409, ask("POST", "/api/manager", cookie_of(made) + kOurs, "long enough").status);
  CHECK_TRUE(ask("GET", "/api/session").has("\"setup_required\":false"));
  CHECK_TRUE(ask("GET", "/api/session").has("\"password_login\":true"));
  CHECK_FALSE(access->first_link(server->port())->has_value());
}

TEST(PageAccess, Password_AfterRestart_LetsTheManagerIn) {
  const std::string cookie = cookie_of(use_token(fresh_token()));
  LONGS_EQUAL(200, ask("POST", "/api/manager", cookie + kOurs, "long enough").status);
  start();
  LONGS_EQUAL(401, ask("GET", "/api/whoami", cookie).status);
  const Answer wrong = log_in("wang", "wrong one");
  LONGS_EQUAL(401, wrong.status);
  const Answer unknown = log_in("li", "long enough");
  LONGS_EQUAL(401, unknown.status);
  STRCMP_EQUAL(wrong.body.c_str(), unknown.body.c_str());
  const Answer in = log_in("wang", "long enough");
  LONGS_EQUAL(200, in.status);
  STRCMP_EQUAL("wang/manager", ask("GET", "/api/whoami", cookie_of(in)).body.c_str());
}

TEST(PageAccess, Login_MalformedOrTooLong_IsRefused) {
  LONGS_EQUAL(400, log_in(std::string(65, 'n'), "p").status);
  LONGS_EQUAL(400, log_in("n", std::string(257, 'p')).status);
  LONGS_EQUAL(400, ask("POST", "/api/login", kOurs, "{\"name\":\"a\"}").status);
  LONGS_EQUAL(400, ask("POST", "/api/login", kOurs, "{\"name\":\"a\",\"password\":null}").status);
}

TEST(PageAccess, Session_IdleOrLoggedOut_Ends) {
  const std::string idle = cookie_of(use_token(fresh_token()));
  boot_ms += options.session_idle.ms;
  LONGS_EQUAL(401, ask("GET", "/api/whoami", idle).status);
  const std::string cookie = cookie_of(use_token(fresh_token()));
  const Answer out = ask("POST", "/api/logout", cookie + kOurs, "{}");
  CHECK_TRUE(out.has("Max-Age=0"));
  CHECK_TRUE(out.has("\"signed_in\":false"));
  LONGS_EQUAL(401, ask("GET", "/api/whoami", cookie).status);
}
