// A small certificate authority, identities and a loop for tests of connections. Everything is on
// loopback and port 0; "now" is a fixed bracket.
#pragma once

#include <functional>
#include <string>

#include "core/base/assert.hpp"
#include "core/crypto/certificate.hpp"

#include "transport/identity_files.hpp"
#include "transport/link_connection.hpp"
#include "transport/link_listener.hpp"
#include "transport/os_random.hpp"
#include "transport/tls_context.hpp"

namespace tally::test {

inline constexpr std::int64_t kDayUs = 86'400'000'000;
// 2026-11-21 09:30:00 UTC.
inline constexpr WallTime kNow{1'795'253'400'000'000};

constexpr WallTime days_from_now(std::int64_t days) {
  return {kNow.us + days * kDayUs};
}

/// A root and what it issues.
class TestAuthority {
 public:
  TestAuthority()
      : authority_(*crypto::CertificateAuthority::create({days_from_now(-800), days_from_now(800)},
                                                         random_)) {}

  transport::TlsIdentity issue(const crypto::DeviceName& name,
                               crypto::Validity dates = {days_from_now(-1), days_from_now(90)}) {
    const auto key = crypto::P256KeyPair::generate(random_);
    transport::TlsIdentity identity;
    identity.key_pem = key.to_pem();
    identity.certificate_pem = *authority_.issue(name, key.public_key(), dates, random_);
    identity.root_pem = authority_.certificate_pem();
    identity.self = *crypto::parse_device_certificate(as_bytes(identity.certificate_pem));
    return identity;
  }

  transport::TlsIdentity gateway() {
    return issue({Role::kGateway, 11, Incarnation{1}, StoreId{7}});
  }
  transport::TlsIdentity terminal() {
    return issue({Role::kTerminal, 101, Incarnation{1}, StoreId{7}});
  }

 private:
  transport::OsRandom random_;
  crypto::CertificateAuthority authority_;
};

/// Remembers what a connection told it.
class RecordingHandler : public transport::LinkHandler {
 public:
  void on_open(const crypto::DeviceIdentity& identity) override {
    ++opened;
    peer = identity;
    if (when_open) {
      when_open();
    }
  }
  void on_bytes(ByteView plaintext) override {
    TALLY_ASSERT(closed == 0);
    received.insert(received.end(), plaintext.begin(), plaintext.end());
    ++deliveries;
    if (when_bytes) {
      when_bytes();
    }
  }
  void on_drained() override { ++drained; }
  void on_closed(const Error& error) override {
    ++closed;
    cause = error;
  }

  /// "denied: peer sent no certificate".
  std::string why() const {
    return closed == 0 ? "still open" : std::string{name_of(cause.code)} + ": " + cause.what;
  }

  int opened = 0;
  int closed = 0;
  int drained = 0;
  int deliveries = 0;
  Bytes received;
  crypto::DeviceIdentity peer;
  Error cause;
  std::function<void()> when_open;
  std::function<void()> when_bytes;
};

/// Runs the loop until `done`, or until nothing happened for five seconds.
inline bool run_until(transport::Loop& loop, const std::function<bool()>& done) {
  while (!done()) {
    if (loop.run_one_for(std::chrono::seconds{5}) == 0) {
      return done();
    }
  }
  return true;
}

}  // namespace tally::test
