#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <stdexcept>
#include <thread>

#include "tests/transport/http/http_client.hpp"
#include "transport/http/server.hpp"

// Last: the harness redefines new, which standard headers do not bear.
#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::transport::http;
using tally::test::Answer;
using tally::test::ask;
using tally::test::HttpClient;

TEST_GROUP(HttpServer) {
  Options options;
  Routes routes;
  std::unique_ptr<Server> server;
  std::filesystem::path folder;

  void setup() override {
    char name[] = "/tmp/tally-http-XXXXXX";
    folder = ::mkdtemp(name);
  }
  void teardown() override {
    server.reset();
    std::filesystem::remove_all(folder);
  }
  void put(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name) << text;
  }
  std::uint16_t start() {
    auto started = Server::start(options, std::move(routes));
    CHECK(started.has_value());
    server = std::move(*started);
    return server->port();
  }
  static void echo(Request request, const Reply& reply) {
    reply(Response::text(request.method + " " + request.path + " " + request.query + " " +
                         std::string(request.path_value("id")) + " " + request.body + " " +
                         request.remote_address + " " + request.user));
  }
};

TEST(HttpServer, Route_WithPathValueAndBody_GetsThemDecoded) {
  routes.on("POST", "/api/members/:id", echo);
  const Answer answer = ask(start(), "POST", "/api/members/m%201?a=b", "", "hello");
  LONGS_EQUAL(200, answer.status);
  STRCMP_EQUAL("POST /api/members/m 1 a=b m 1 hello 127.0.0.1 ", answer.body.c_str());
}

TEST(HttpServer, Route_ExactPart_WinsOverNamedPart) {
  routes.on("GET", "/api/:id", echo);
  routes.on(
      "GET", "/api/me", [](const Request&, const Reply& reply) { reply(Response::text("exact")); });
  STRCMP_EQUAL("exact", ask(start(), "GET", "/api/me").body.c_str());
}

TEST(HttpServer, EveryAnswer_CarriesSecurityHeaders) {
  put("index.html", "<html>");
  options.static_dir = folder;
  routes.on("GET", "/api/x", echo);
  start();
  for (const char* target : {"/api/x", "/api/none", "/", "/none.js", "/../x"}) {
    const Answer answer = ask(server->port(), "GET", target);
    CHECK_TRUE(answer.has("Content-Security-Policy: default-src 'none'; script-src 'self';"));
    CHECK_TRUE(answer.has("frame-ancestors 'none'"));
    CHECK_TRUE(answer.has("X-Content-Type-Options: nosniff"));
    CHECK_TRUE(answer.has("Referrer-Policy: no-referrer"));
    CHECK_FALSE(answer.has("RESTinio"));
  }
  CHECK_TRUE(ask(server->port(), "GET", "/api/x").has("Cache-Control: no-store"));
}

TEST(HttpServer, Head_OfGetRoute_HasLengthAndNoBody) {
  routes.on(
      "GET", "/api/x", [](const Request&, const Reply& reply) { reply(Response::text("12345")); });
  HttpClient client(start());
  client.write(
      "HEAD /api/x HTTP/1.1\r\nHost: localhost\r\n\r\nGET /api/x HTTP/1.1\r\nHost: "
      "localhost\r\n\r\n");
  const Answer head = client.read_answer(true);
  LONGS_EQUAL(200, head.status);
  CHECK_TRUE(head.has("Content-Length: 5"));
  STRCMP_EQUAL("12345", client.read_answer().body.c_str());
}

TEST(HttpServer, Unknown_PathOrMethod_IsRefused) {
  routes.on("GET", "/api/x", echo);
  routes.on("PUT", "/api/x", echo);
  start();
  LONGS_EQUAL(404, ask(server->port(), "GET", "/api/y").status);
  LONGS_EQUAL(404, ask(server->port(), "POST", "/").status);
  const Answer answer = ask(server->port(), "DELETE", "/api/x");
  LONGS_EQUAL(405, answer.status);
  CHECK_TRUE(answer.has("Allow: GET, PUT"));
}

TEST(HttpServer, Host_NotOurs_IsRefused) {
  routes.on("GET", "/api/x", echo);
  options.host_names = {"Shop.Example"};
  start();
  for (const char* host :
       {"evil.example", "127.0.0.1.evil.example", "127.0.0.2", "evil.example:80"}) {
    LONGS_EQUAL(421, ask(server->port(), "GET", "/api/x", "", "", host).status);
  }
  LONGS_EQUAL(400, ask(server->port(), "GET", "/api/x", "", "", "").status);
  LONGS_EQUAL(400, ask(server->port(), "GET", "/api/x", "Host: 127.0.0.1\r\n").status);
  for (const char* host : {"localhost", "LOCALHOST:99", "[::1]:8", "shop.example:443"}) {
    LONGS_EQUAL(200, ask(server->port(), "GET", "/api/x", "", "", host).status);
  }
}

TEST(HttpServer, Guard_Refusing_KeepsEveryPathBelowPrefix) {
  routes.on("GET", "/api/x", echo);
  routes.on_public("GET", "/api/open", echo);
  routes.guard("/api/", [](Request& request) -> std::optional<Response> {
    request.user = "lin";
    return request.header("Let-Me") ? std::nullopt
                                    : std::optional(Response::text("signed out", 401));
  });
  start();
  for (const char* target : {"/api/x", "/%61pi/x", "/api/none", "/api/"}) {
    LONGS_EQUAL(401, ask(server->port(), "GET", target).status);
  }
  LONGS_EQUAL(401, ask(server->port(), "POST", "/api/x").status);
  LONGS_EQUAL(200, ask(server->port(), "GET", "/api/open").status);
  CHECK_TRUE(ask(server->port(), "GET", "/api/x", "Let-Me: in\r\n").has(" lin"));
}

TEST(HttpServer, Reply_FromOtherThread_AnswersOnce) {
  std::thread worker;
  routes.on("GET", "/api/x", [&](const Request&, const Reply& reply) {
    worker = std::thread([reply] {
      reply(Response::text("first"));
      reply(Response::text("second"));
    });
  });
  HttpClient client(start());
  client.write("GET /api/x HTTP/1.1\r\nHost: localhost\r\n\r\n");
  STRCMP_EQUAL("first", client.read_answer().body.c_str());
  worker.join();
}

TEST(HttpServer, Reply_Resumed_RunsOnTheServersThread) {
  std::thread::id server_thread;
  std::thread worker;
  routes.on("GET", "/api/x", [&](const Request&, const Reply& reply) {
    server_thread = std::this_thread::get_id();
    worker = std::thread([&, reply] {
      reply.resume([&, reply] {
        reply(Response::text(std::this_thread::get_id() == server_thread ? "same" : "other"));
      });
    });
  });
  STRCMP_EQUAL("same", ask(start(), "GET", "/api/x").body.c_str());
  worker.join();
}

TEST(HttpServer, Reply_DroppedOrThrown_Gives500) {
  routes.on("GET", "/api/drop", [](const Request&, const Reply&) {});
  routes.on("GET", "/api/throw", [](const Request&, const Reply&) {
    throw std::runtime_error("what the client sent was odd");
  });
  start();
  LONGS_EQUAL(500, ask(server->port(), "GET", "/api/drop").status);
  LONGS_EQUAL(500, ask(server->port(), "GET", "/api/throw").status);
  LONGS_EQUAL(500, ask(server->port(), "GET", "/api/drop").status);
}

TEST(HttpServer, Reply_LaterThanDeadline_Gives503) {
  std::vector<Reply> kept;
  options.reply_deadline_ms = 30;
  routes.on("GET", "/api/x", [&](const Request&, const Reply& reply) { kept.push_back(reply); });
  start();
  LONGS_EQUAL(503, ask(server->port(), "GET", "/api/x").status);
  LONGS_EQUAL(503, ask(server->port(), "GET", "/api/x").status);
  LONGS_EQUAL(2, server->counts().replies_late);
  kept.front()(Response::text("too late, harmless"));
  server->stop();
}

TEST(HttpServer, Reply_AfterServerIsGone_IsHarmless) {
  std::promise<Reply> kept;
  routes.on("GET", "/api/x", [&](const Request&, const Reply& reply) { kept.set_value(reply); });
  HttpClient client(start());
  client.write("GET /api/x HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const Reply reply = kept.get_future().get();
  server->stop();
  server->stop();
  server.reset();
  reply(Response::text("x"));
  reply.resume([reply] { reply(Response::text("y")); });
  CHECK_TRUE(client.is_closed_by_server());
}

TEST(HttpServer, Header_WithLineBreak_IsNotSent) {
  routes.on("GET", "/api/x", [](const Request&, const Reply& reply) {
    reply(Response::redirect("/a\r\nSet-Cookie: evil=1"));
  });
  const Answer answer = ask(start(), "GET", "/api/x");
  LONGS_EQUAL(303, answer.status);
  CHECK_FALSE(answer.has("evil"));
}

TEST(HttpServer, Body_OverBound_Gives413ThenCloses) {
  options.body_bytes_max = 1000;
  routes.on("POST", "/api/x", echo);
  start();
  LONGS_EQUAL(200, ask(server->port(), "POST", "/api/x", "", std::string(1000, 'a')).status);
  LONGS_EQUAL(413, ask(server->port(), "POST", "/api/x", "", std::string(1001, 'a')).status);
  HttpClient huge(server->port());
  huge.write("POST /api/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n");
  CHECK_TRUE(huge.is_closed_by_server());
  HttpClient chunked(server->port());
  chunked.write("POST /api/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 4 && chunked.write("3e8\r\n" + std::string(1000, 'a') + "\r\n"); ++i) {
  }
  CHECK_TRUE(chunked.is_closed_by_server());
  LONGS_EQUAL(200, ask(server->port(), "POST", "/api/x", "", "still here").status);
}

TEST(HttpServer, HostileBytes_CloseOneConnectionOnly) {
  routes.on("GET", "/api/x", echo);
  start();
  const std::string many_headers = [] {
    std::string text;
    for (int i = 0; i < 100; ++i) {
      text += "X-" + std::to_string(i) + ": y\r\n";
    }
    return text;
  }();
  const std::string head = "GET /api/x HTTP/1.1\r\nHost: localhost\r\n";
  for (const std::string& bytes : {
           std::string("\0\1\2\3garbage\r\n\r\n", 15),
           std::string("GET /api/x\r\n\r\n"),
           std::string("G\xff\xffT / HTTP/1.1\r\n\r\n"),
           "GET /" + std::string(5000, 'a') + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
           head + "X: " + std::string(9000, 'b') + "\r\n\r\n",
           head + std::string(300, 'n') + ": y\r\n\r\n",
           head + many_headers + "\r\n",
           head + "Content-Length: -1\r\n\r\n",
           head + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
           head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
           std::string("\x16\x03\x01\x02\x00\x01\x00", 7),
       }) {
    HttpClient client(server->port());
    client.write(bytes);
    std::string rest;
    CHECK_TRUE_TEXT(client.is_closed_by_server(&rest), bytes.substr(0, 60).c_str());
    CHECK_TRUE(rest.empty() || rest.starts_with("HTTP/1.1 4"));
    LONGS_EQUAL(200, ask(server->port(), "GET", "/api/x").status);
  }
}

TEST(HttpServer, SlowRequest_IsClosedAtTheDeadline) {
  options.read_deadline_ms = 1;
  routes.on("GET", "/api/x", echo);
  HttpClient client(start());
  client.write("GET /api/x HTT");
  CHECK_TRUE(client.is_closed_by_server());
}

TEST(HttpServer, ManyConnections_LastOnesGet503) {
  options.connections_max = 3;
  routes.on("GET", "/api/x", echo);
  const std::uint16_t port = start();
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(std::make_unique<HttpClient>(port));
    clients.back()->write("GET /api/x HTTP/1.1\r\nHost: localhost\r\n\r\n");
    LONGS_EQUAL(i < 3 ? 200 : 503, clients.back()->read_answer().status);
  }
  CHECK_TRUE(clients.back()->is_closed_by_server());
  clients.front()->write("GET /api/x HTTP/1.1\r\nHost: localhost\r\n\r\n");
  LONGS_EQUAL(200, clients.front()->read_answer().status);
}

TEST(HttpServer, Start_WhereItMayNotListen_IsRefused) {
  for (const char* address : {"0.0.0.0", "192.168.1.5", "::", "fe80::1"}) {
    options.address = address;
    CHECK(Server::start(options, Routes{}).error().code == Errc::kDenied);
  }
  options.address = "shop.example";
  CHECK(Server::start(options, Routes{}).error().code == Errc::kInvalid);
  options.address = "localhost";
  options.port = start();
  CHECK(Server::start(options, Routes{}).error().code == Errc::kUnavailable);
}

TEST(HttpServer, StaticFiles_AreServedWithTypeAndCaching) {
  put("index.html", "<html>app</html>");
  put("assets/app-DfK3a_9x.js", "js");
  put("assets/plain.css", "css");
  options.static_dir = folder;
  start();
  const Answer index = ask(server->port(), "GET", "/");
  STRCMP_EQUAL("<html>app</html>", index.body.c_str());
  CHECK_TRUE(index.has("Cache-Control: no-cache"));
  CHECK_TRUE(index.has("Content-Type: text/html; charset=utf-8"));
  const Answer script = ask(server->port(), "GET", "/assets/app-DfK3a_9x.js");
  CHECK_TRUE(script.has("immutable"));
  CHECK_TRUE(script.has("Content-Type: text/javascript"));
  CHECK_TRUE(ask(server->port(), "GET", "/assets/plain.css").has("Cache-Control: no-cache"));
  STRCMP_EQUAL("<html>app</html>", ask(server->port(), "GET", "/members/7").body.c_str());
  LONGS_EQUAL(200, ask(server->port(), "HEAD", "/").status);
}

TEST(HttpServer, StaticFiles_OutsideTheFolder_AreNotFound) {
  put("site/index.html", "app");
  put("secret.txt", "secret");
  put("site/.hidden", "secret");
  std::filesystem::create_symlink(folder / "secret.txt", folder / "site/link.txt");
  std::filesystem::create_directory_symlink(folder, folder / "site/up");
  options.static_dir = folder / "site";
  start();
  for (const char* target : {"/../secret.txt",
                             "/%2e%2e/secret.txt",
                             "/..%2fsecret.txt",
                             "/..%5csecret.txt",
                             "/a/../../secret.txt",
                             "//etc/passwd.x",
                             "/link.txt",
                             "/up/secret.txt",
                             "/.hidden",
                             "/index.html%00.js",
                             "/missing.js",
                             "/assets/none",
                             "/api/none",
                             "/api"}) {
    const Answer answer = ask(server->port(), "GET", target);
    LONGS_EQUAL_TEXT(404, answer.status, target);
    CHECK_FALSE(answer.has("secret"));
  }
}

TEST(HttpServer, StaticFiles_WithoutIndex_RefuseToStart) {
  options.static_dir = folder;
  CHECK(Server::start(options, Routes{}).error().code == Errc::kNotFound);
  options.static_dir = folder / "none";
  CHECK(Server::start(options, Routes{}).error().code == Errc::kNotFound);
}
