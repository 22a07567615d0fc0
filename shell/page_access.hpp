// Who may use a program's pages: one-time links, a manager's password, sessions, and the guard that
// every handler stands behind (docs/formats/api.md, "Session"). There are no default passwords.
//
// Sessions and failed tries live in memory on the HTTP server's thread; the files page_users.json
// and page_link.json (0600, in the data directory) are read and written on a worker thread, where
// passwords are hashed too. Routes and guard keep the object alive by reference: it must outlive
// the server.
//
//   TALLY_TRY_ASSIGN(auto access, PageAccess::open(options, random, system_now));
//   access->add_to(routes);                        // guard on /api/, session routes
//   TALLY_TRY_ASSIGN(auto server, http::Server::start(server_options, std::move(routes)));
//   TALLY_TRY_ASSIGN(auto link, access->first_link(server->port()));
//   if (link) { print(*link); }
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/crypto/random_source.hpp"

#include "transport/http/server.hpp"

namespace tally::shell {

struct PageAccessOptions {
  std::string service;              ///< "terminal", "gateway" or "oa".
  std::string node;                 ///< "gateway 11": shown in the page's head.
  std::string software;             ///< Version.
  std::string language = "zh-CN";   ///< Default of this box.
  bool is_demo = false;             ///< Simulated devices or a demo store.
  bool needs_manager = false;       ///< The page opens the set-up until a manager exists.
  std::string link_role = "setup";  ///< Role of who comes by a one-time link.
  std::filesystem::path data_dir;   ///< Holds page_users.json and page_link.json.
  std::size_t sessions_max = 64;    ///< One more ends the oldest.
  Duration session_idle{12 * 3600 * 1000};
  Duration session_age_max{7 * 24 * 3600 * 1000};
};

class PageAccess {
 public:
  using Clock = std::function<Instant()>;

  /// Reads page_users.json, or begins without one. `random` and `clock` must outlive the object
  /// and may be used from two threads. Errors: kCorrupt (the file is damaged: it must be repaired
  /// or removed by a person, since removing it lets the next link in), kDenied (its mode lets
  /// others in), kUnavailable.
  static Result<std::unique_ptr<PageAccess>> open(PageAccessOptions options,
                                                  crypto::RandomSource& random,
                                                  Clock clock);
  PageAccess(const PageAccess&) = delete;
  PageAccess& operator=(const PageAccess&) = delete;
  ~PageAccess();

  /// Guards everything below /api/ and answers /api/session, /api/login, /api/logout. Before the
  /// server starts.
  void add_to(transport::http::Routes& routes);

  /// At a program's start: "http://127.0.0.1:PORT/welcome#TOKEN" to print when nobody has a
  /// password yet, else nullopt. An older link stops working. Durable on return. Errors: those of
  /// writing the file.
  Result<std::optional<std::string>> first_link(std::uint16_t port);

  /// For another process (`--new-link`): a fresh link whatever users exist; the running server
  /// accepts it at once. Errors: those of reading and writing the file.
  static Result<std::string> new_link(const std::filesystem::path& data_dir,
                                      crypto::RandomSource& random,
                                      const Clock& clock,
                                      std::uint16_t port);

  /// Makes the first manager, for the set-up page's handler, on the server's thread. `done` is
  /// called there later, with the headers that its answer must carry: the asking session is the
  /// manager's from then on, under a new id. Errors: kInvalid (name 1..64 bytes, password 10..256
  /// bytes), kConflict (a manager exists), kExhausted (too many at once), those of writing the
  /// file. Durable when done. Not called when the server has stopped.
  void create_manager(const transport::http::Request& request,
                      std::string name,
                      std::string password,
                      const transport::http::Reply& reply,
                      std::function<void(Result<transport::http::Fields>)> done);

  /// Ends all sessions, for a handler on the server's thread.
  void end_all_sessions();

 private:
  struct Impl;
  explicit PageAccess(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tally::shell
