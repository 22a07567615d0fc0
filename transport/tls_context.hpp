// The TLS settings of a node, shared by its connections: mutual TLS with ECDSA P-256 only, TLS 1.2
// on mbedTLS 2.28, 1.2 and 1.3 on 3.6, AEAD suites, tickets, no renegotiation. Belongs to one
// thread, with every connection made from it.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "core/base/time.hpp"
#include "core/crypto/certificate.hpp"

#include "transport/identity_files.hpp"

namespace tally::transport {

/// What the present moment can lie between.
struct TimeBracket {
  WallTime lo;
  WallTime hi;
};

/// Asked at every handshake.
using BracketSource = std::function<TimeBracket()>;

/// How a certificate's dates stand to a bracket: one that is valid anywhere in it is valid.
enum class DateVerdict { kValid, kExpired, kNotYetValid };
DateVerdict judge_dates(crypto::Validity dates, TimeBracket bracket);

struct ServerTlsOptions {
  /// Where ticket keys are kept over a restart; empty keeps them in memory only.
  std::filesystem::path ticket_key_file;
  /// Lets a client in whose certificate has expired: it may still upload what happened. The
  /// identity in on_open() carries the dates, the caller limits what it may do.
  bool accept_expired_clients = false;
};

struct ClientTlsOptions {
  /// Where sessions are kept over a restart; empty keeps them in memory only.
  std::filesystem::path session_directory;
};

class TlsContext {
 public:
  /// Settings for accepting. `random` must outlive every connection. Errors: kInvalid when the
  /// identity cannot be used, kDenied when the ticket key file is open to other users, kInternal.
  static Result<std::shared_ptr<TlsContext>> server(const TlsIdentity& identity,
                                                    BracketSource bracket,
                                                    crypto::RandomSource& random,
                                                    const ServerTlsOptions& options = {});

  /// Settings for connecting. Errors as above.
  static Result<std::shared_ptr<TlsContext>> client(const TlsIdentity& identity,
                                                    BracketSource bracket,
                                                    crypto::RandomSource& random,
                                                    const ClientTlsOptions& options = {});

  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  const crypto::DeviceIdentity& self() const;

  /// For transport/: the library's side (transport/tls_native.hpp).
  struct Native;
  Native& native() { return *native_; }

 private:
  explicit TlsContext(std::unique_ptr<Native> native);

  std::unique_ptr<Native> native_;
};

/// "mbed TLS 2.28.3", and whether its branch is still maintained upstream: a node says in its log
/// and on its page when not.
struct TlsLibrary {
  std::string name;
  bool maintained = false;
};
TlsLibrary tls_library();

}  // namespace tally::transport
