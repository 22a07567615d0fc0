// TLS without a socket: ciphertext in, ciphertext out, plaintext beside it. One connection's
// engine belongs to the thread of its context. link_connection.hpp moves the bytes.
#pragma once

#include <memory>
#include <string>

#include "core/base/bytes.hpp"

#include "transport/tls_context.hpp"

namespace tally::transport {

/// The most plaintext put into one TLS record: 16 KiB (RFC 8446, 5.1) less what TLS 1.3 adds
/// inside, so that a full one never becomes two.
inline constexpr std::size_t kTlsRecordBytesMax = 16 * 1024 - 256;

class TlsEngine {
 public:
  /// For a connection that was accepted.
  static Result<std::unique_ptr<TlsEngine>> accepting(std::shared_ptr<TlsContext> context);
  /// For a connection that was made to `server_name` ("gateway-11"); resumes when it can. Errors:
  /// kInvalid for an empty or impossible name.
  static Result<std::unique_ptr<TlsEngine>> connecting(std::shared_ptr<TlsContext> context,
                                                       const std::string& server_name);
  ~TlsEngine();
  TlsEngine(const TlsEngine&) = delete;
  TlsEngine& operator=(const TlsEngine&) = delete;

  /// Ciphertext that arrived. The engine keeps it until it is read: feed only what was asked for.
  void feed(ByteView ciphertext);
  /// Nothing more will arrive.
  void feed_end();

  /// Ciphertext to be sent, in order; empty when there is none. Also after an error: the alert
  /// that tells the peer why.
  Bytes take_out();
  bool has_out() const;

  /// Goes on with the handshake. True when it is done: peer() is known. False when more input is
  /// needed. Errors: those of tls_error.hpp, and kDenied for a peer that is no device of ours.
  Result<bool> handshake();

  /// Reads plaintext, at most out.size() bytes, after the handshake. 0 when more input is needed.
  /// Errors: those of tls_error.hpp; a peer that closed is kUnavailable.
  Result<std::size_t> read(std::span<std::uint8_t> out);

  /// Encrypts 1..kTlsRecordBytesMax bytes as one record, after the handshake. Errors: kInternal.
  Status write(ByteView plaintext);

  /// Tells the peer that nothing more follows.
  void close_notify();

  /// After the handshake.
  const crypto::DeviceIdentity& peer() const;
  /// Whether the handshake resumed an earlier session.
  bool resumed() const;

 private:
  struct Native;
  TlsEngine(std::shared_ptr<TlsContext> context, std::string server_name);
  Status set_up();
  void offer_session();
  void keep_session();
  Status accept_peer();

  std::shared_ptr<TlsContext> context_;
  std::string server_name_;  ///< Empty on the accepting side.
  std::unique_ptr<Native> native_;
  crypto::DeviceIdentity peer_;
};

}  // namespace tally::transport
