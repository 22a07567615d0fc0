// The library's side of a TLS context, for the .cpp files of transport/ only.
#pragma once

#include <optional>

#include "core/crypto/mac.hpp"

#include "transport/mbedtls_compat.hpp"
#include "transport/session_store.hpp"
#include "transport/ticket_keys.hpp"
#include "transport/tls_context.hpp"

namespace tally::transport {

/// What the library's callbacks tell about the handshake they run in.
struct HandshakeNotes {
  Bytes peer_certificate;            ///< DER: just verified, or out of a ticket.
  bool certificate_checked = false;  ///< A full handshake, not a resumed one.
};

struct TlsContext::Native {
  bool is_server = false;
  BracketSource bracket;
  bool accept_expired_clients = false;
  crypto::DeviceIdentity self;
  crypto::Digest own_certificate_hash{};
  std::optional<TicketKeys> tickets;  ///< Servers.
  SessionStore sessions;              ///< Clients.

  mbedtls_ssl_config config;
  mbedtls_x509_crt certificate;
  mbedtls_x509_crt root;
  mbedtls_pk_context key;

  /// The handshake that is in a library call now. The ticket callbacks get this context only, and
  /// all connections of a context run on one thread.
  HandshakeNotes* running = nullptr;

  Native();
  ~Native();
  Native(const Native&) = delete;
  Native& operator=(const Native&) = delete;
};

}  // namespace tally::transport
