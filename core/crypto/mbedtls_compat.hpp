// The differences between mbedTLS 2.28 and 3.6 that this folder meets, and the bridge from
// RandomSource to the library's callback. For the .cpp files of core/crypto only.
#pragma once

#include <mbedtls/ecp.h>
#include <mbedtls/pk.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>

#include "core/crypto/random_source.hpp"

// 3.x renames the members it considers private; 2.28 has no such macro.
#ifndef MBEDTLS_PRIVATE
#define MBEDTLS_PRIVATE(member) member
#endif

namespace tally::crypto::compat {

/// The library's random callback; its context is a RandomSource*.
inline int random_fill(void* source, unsigned char* out, std::size_t size) {
  static_cast<RandomSource*>(source)->fill({out, size});
  return 0;
}

inline mbedtls_ecp_group& group_of(const mbedtls_pk_context& pk) {
  return mbedtls_pk_ec(pk)->MBEDTLS_PRIVATE(grp);
}
inline mbedtls_mpi& secret_of(const mbedtls_pk_context& pk) {
  return mbedtls_pk_ec(pk)->MBEDTLS_PRIVATE(d);
}
inline mbedtls_ecp_point& point_of(const mbedtls_pk_context& pk) {
  return mbedtls_pk_ec(pk)->MBEDTLS_PRIVATE(Q);
}

inline int parse_key(mbedtls_pk_context& pk,
                     const unsigned char* key,
                     std::size_t size,
                     [[maybe_unused]] RandomSource& random) {
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  return mbedtls_pk_parse_key(&pk, key, size, nullptr, 0, random_fill, &random);
#else
  return mbedtls_pk_parse_key(&pk, key, size, nullptr, 0);
#endif
}

inline int check_pair(const mbedtls_pk_context& public_part,
                      const mbedtls_pk_context& private_part,
                      [[maybe_unused]] RandomSource& random) {
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  return mbedtls_pk_check_pair(&public_part, &private_part, random_fill, &random);
#else
  return mbedtls_pk_check_pair(&public_part, &private_part);
#endif
}

inline int set_serial(mbedtls_x509write_cert& certificate,
                      unsigned char* serial,
                      std::size_t size) {
#if MBEDTLS_VERSION_NUMBER >= 0x03040000
  return mbedtls_x509write_crt_set_serial_raw(&certificate, serial, size);
#else
  mbedtls_mpi number;
  mbedtls_mpi_init(&number);
  int rc = mbedtls_mpi_read_binary(&number, serial, size);
  if (rc == 0) {
    rc = mbedtls_x509write_crt_set_serial(&certificate, &number);
  }
  mbedtls_mpi_free(&number);
  return rc;
#endif
}

}  // namespace tally::crypto::compat
