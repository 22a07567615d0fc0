// The differences between the TLS of mbedTLS 2.28 and of 3.6, for the .cpp files of transport/
// only.
#pragma once

#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
#include <psa/crypto.h>
#endif

#include "core/crypto/random_source.hpp"

// 3.x renames the members it considers private; 2.28 has no such macro.
#ifndef MBEDTLS_PRIVATE
#define MBEDTLS_PRIVATE(member) member
#endif

namespace tally::transport::compat {

/// The library's random callback; its context is a crypto::RandomSource*.
inline int random_fill(void* source, unsigned char* out, std::size_t size) {
  static_cast<crypto::RandomSource*>(source)->fill({out, size});
  return 0;
}

/// TLS 1.3 of 3.6 does its key schedule through PSA. Repeat-safe.
inline bool start_library() {
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  return psa_crypto_init() == PSA_SUCCESS;
#else
  return true;
#endif
}

inline int parse_key(mbedtls_pk_context& pk,
                     const unsigned char* key,
                     std::size_t size,
                     [[maybe_unused]] crypto::RandomSource& random) {
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  return mbedtls_pk_parse_key(&pk, key, size, nullptr, 0, random_fill, &random);
#else
  return mbedtls_pk_parse_key(&pk, key, size, nullptr, 0);
#endif
}

/// TLS 1.2 and, where the library has it, 1.3; ECDSA and ECDHE on P-256 with SHA-256 and AEAD
/// suites, nothing else.
inline void restrict_algorithms(mbedtls_ssl_config& config) {
  static const int kSuites[] = {
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
    MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
    MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
#endif
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    0
  };
  mbedtls_ssl_conf_ciphersuites(&config, kSuites);
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  static const std::uint16_t kGroups[] = {MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
                                          MBEDTLS_SSL_IANA_TLS_GROUP_NONE};
  static const std::uint16_t kSignatures[] = {MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256,
                                              MBEDTLS_TLS1_3_SIG_NONE};
  mbedtls_ssl_conf_groups(&config, kGroups);
  mbedtls_ssl_conf_sig_algs(&config, kSignatures);
  mbedtls_ssl_conf_min_tls_version(&config, MBEDTLS_SSL_VERSION_TLS1_2);
  mbedtls_ssl_conf_max_tls_version(&config, MBEDTLS_SSL_VERSION_TLS1_3);
  mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(
      &config, MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
#else
  static const mbedtls_ecp_group_id kCurves[] = {MBEDTLS_ECP_DP_SECP256R1, MBEDTLS_ECP_DP_NONE};
  static const int kHashes[] = {MBEDTLS_MD_SHA256, MBEDTLS_MD_NONE};
  mbedtls_ssl_conf_curves(&config, kCurves);
  mbedtls_ssl_conf_sig_hashes(&config, kHashes);
  mbedtls_ssl_conf_min_version(&config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
#endif
}

/// A TLS 1.3 ticket arrived between two reads: not an error.
inline bool is_new_ticket([[maybe_unused]] int rc) {
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  return rc == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET;
#else
  return false;
#endif
}

/// Whether the session is complete as soon as the handshake is: TLS 1.3 sends tickets later.
inline bool has_session_after_handshake([[maybe_unused]] const mbedtls_ssl_context& ssl) {
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  return mbedtls_ssl_get_version_number(&ssl) == MBEDTLS_SSL_VERSION_TLS1_2;
#else
  return true;
#endif
}

/// The number of the fatal alert that made the last call fail (RFC 8446, section 6).
inline int last_alert(const mbedtls_ssl_context& ssl) {
  return ssl.MBEDTLS_PRIVATE(in_msg)[1];
}

}  // namespace tally::transport::compat
