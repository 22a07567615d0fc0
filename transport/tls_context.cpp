#include "transport/tls_context.hpp"

#include <algorithm>

#include <mbedtls/ssl_ticket.h>

#include "core/base/try.hpp"
#include "core/crypto/certificate_native.hpp"

#include "transport/tls_native.hpp"

namespace tally::transport {

namespace {

using Native = TlsContext::Native;

// Only what `tally provision` issues: ECDSA on P-256 over SHA-256.
const mbedtls_x509_crt_profile kProfile{
    MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA256),
    MBEDTLS_X509_ID_FLAG(MBEDTLS_PK_ECKEY) | MBEDTLS_X509_ID_FLAG(MBEDTLS_PK_ECDSA),
    MBEDTLS_X509_ID_FLAG(MBEDTLS_ECP_DP_SECP256R1),
    0};

crypto::Validity dates_of(const mbedtls_x509_crt& certificate) {
  return {crypto::wall_time_of(certificate.valid_from), crypto::wall_time_of(certificate.valid_to)};
}

// The library judges dates by the machine's clock; here the bracket does.
int on_certificate(void* context, mbedtls_x509_crt* certificate, int depth, std::uint32_t* flags) {
  auto& native = *static_cast<Native*>(context);
  *flags &= ~std::uint32_t{MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE};
  switch (judge_dates(dates_of(*certificate), native.bracket())) {
    case DateVerdict::kValid:
      break;
    case DateVerdict::kExpired:
      if (depth > 0 || !native.accept_expired_clients) {
        *flags |= MBEDTLS_X509_BADCERT_EXPIRED;
      }
      break;
    case DateVerdict::kNotYetValid:
      *flags |= MBEDTLS_X509_BADCERT_FUTURE;
      break;
  }
  if (depth == 0 && native.running != nullptr) {
    const auto& der = certificate->raw;
    native.running->peer_certificate.assign(der.p, der.p + der.len);
    native.running->certificate_checked = true;
  }
  return 0;
}

// A ticket holds: certificate length (2) | certificate | session. TLS 1.3 sessions do not carry
// the peer's certificate themselves, and an unnamed peer is of no use to us.
int write_ticket(void* context,
                 const mbedtls_ssl_session* session,
                 unsigned char* start,
                 const unsigned char* end,
                 std::size_t* size,
                 std::uint32_t* lifetime_s) {
  auto& native = *static_cast<Native*>(context);
  if (native.running == nullptr || native.running->peer_certificate.empty() ||
      native.running->peer_certificate.size() > 0xffff) {
    return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
  }
  const Bytes& certificate = native.running->peer_certificate;
  std::size_t session_size = 0;
  static_cast<void>(mbedtls_ssl_session_save(session, nullptr, 0, &session_size));
  Bytes content(2 + certificate.size() + session_size);
  store_be(static_cast<std::uint16_t>(certificate.size()), content.data());
  std::copy(certificate.begin(), certificate.end(), content.begin() + 2);
  const int rc = mbedtls_ssl_session_save(
      session, content.data() + 2 + certificate.size(), session_size, &session_size);
  if (rc != 0) {
    return rc;
  }
  const Bytes ticket = native.tickets->seal(content, native.bracket().lo);
  if (ticket.size() > static_cast<std::size_t>(end - start)) {
    return MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL;
  }
  std::copy(ticket.begin(), ticket.end(), start);
  *size = ticket.size();
  *lifetime_s = static_cast<std::uint32_t>(kTicketKeyLife.ms / 1000);
  return 0;
}

int read_ticket(void* context,
                mbedtls_ssl_session* session,
                unsigned char* ticket,
                std::size_t size) {
  auto& native = *static_cast<Native*>(context);
  const auto content = native.tickets->open({ticket, size}, native.bracket().lo);
  if (!content || content->size() < 2 || native.running == nullptr) {
    return MBEDTLS_ERR_SSL_INVALID_MAC;
  }
  const std::size_t certificate_size = load_be<std::uint16_t>(content->data());
  const std::size_t session_at = 2 + certificate_size;
  if (content->size() < session_at) {
    return MBEDTLS_ERR_SSL_INVALID_MAC;
  }
  const ByteView certificate{content->data() + 2, certificate_size};
  // A certificate that has expired since then is judged anew, in a full handshake.
  const auto client = crypto::parse_device_certificate(certificate);
  if (!client || judge_dates({client->not_before, client->not_after}, native.bracket()) !=
                     DateVerdict::kValid) {
    return MBEDTLS_ERR_SSL_SESSION_TICKET_EXPIRED;
  }
  const int rc =
      mbedtls_ssl_session_load(session, content->data() + session_at, content->size() - session_at);
  if (rc == 0) {
    native.running->peer_certificate.assign(certificate.begin(), certificate.end());
  }
  return rc;
}

int parse_certificate(mbedtls_x509_crt& certificate, const std::string& pem) {
  return mbedtls_x509_crt_parse(
      &certificate, reinterpret_cast<const unsigned char*>(pem.c_str()), pem.size() + 1);
}

Result<std::unique_ptr<Native>> make(const TlsIdentity& identity,
                                     BracketSource bracket,
                                     crypto::RandomSource& random,
                                     int endpoint) {
  if (!compat::start_library()) {
    return make_error(Errc::kInternal, "the TLS library does not start");
  }
  auto native = std::make_unique<Native>();
  native->is_server = endpoint == MBEDTLS_SSL_IS_SERVER;
  native->bracket = std::move(bracket);
  native->self = identity.self;
  native->own_certificate_hash = crypto::sha256(as_bytes(identity.certificate_pem));
  const std::string& key = identity.key_pem;
  auto& config = native->config;
  int rc = compat::parse_key(
      native->key, reinterpret_cast<const unsigned char*>(key.c_str()), key.size() + 1, random);
  if (rc == 0) {
    rc = parse_certificate(native->certificate, identity.certificate_pem);
  }
  if (rc == 0) {
    rc = parse_certificate(native->root, identity.root_pem);
  }
  if (rc != 0) {
    return make_error(Errc::kInvalid, "key or certificate of this node is unusable for TLS", rc);
  }
  rc = mbedtls_ssl_config_defaults(
      &config, endpoint, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
  if (rc == 0) {
    rc = mbedtls_ssl_conf_own_cert(&config, &native->certificate, &native->key);
  }
  if (rc != 0) {
    return make_error(Errc::kInternal, "TLS could not be configured", rc);
  }
  mbedtls_ssl_conf_rng(&config, compat::random_fill, &random);
  mbedtls_ssl_conf_authmode(&config, MBEDTLS_SSL_VERIFY_REQUIRED);
  mbedtls_ssl_conf_ca_chain(&config, &native->root, nullptr);
  mbedtls_ssl_conf_cert_profile(&config, &kProfile);
  mbedtls_ssl_conf_verify(&config, on_certificate, native.get());
  mbedtls_ssl_conf_renegotiation(&config, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
  compat::restrict_algorithms(config);
  return native;
}

}  // namespace

DateVerdict judge_dates(crypto::Validity dates, TimeBracket bracket) {
  if (dates.not_before > bracket.hi) {
    return DateVerdict::kNotYetValid;
  }
  // A certificate is valid to the end of its last second.
  if (bracket.lo.us - dates.not_after.us >= 1'000'000) {
    return DateVerdict::kExpired;
  }
  return DateVerdict::kValid;
}

TlsContext::Native::Native() {
  mbedtls_ssl_config_init(&config);
  mbedtls_x509_crt_init(&certificate);
  mbedtls_x509_crt_init(&root);
  mbedtls_pk_init(&key);
}

TlsContext::Native::~Native() {
  mbedtls_ssl_config_free(&config);
  mbedtls_x509_crt_free(&certificate);
  mbedtls_x509_crt_free(&root);
  mbedtls_pk_free(&key);
}

TlsContext::TlsContext(std::unique_ptr<Native> native) : native_(std::move(native)) {}
TlsContext::~TlsContext() = default;

const crypto::DeviceIdentity& TlsContext::self() const {
  return native_->self;
}

Result<std::shared_ptr<TlsContext>> TlsContext::server(const TlsIdentity& identity,
                                                       BracketSource bracket,
                                                       crypto::RandomSource& random,
                                                       const ServerTlsOptions& options) {
  TALLY_TRY_ASSIGN(auto native, make(identity, std::move(bracket), random, MBEDTLS_SSL_IS_SERVER));
  native->accept_expired_clients = options.accept_expired_clients;
  // Tickets end with the root that vouched for their holders and with our own certificate.
  crypto::Sha256 binding;
  binding.update(as_bytes(identity.root_pem));
  binding.update(native->own_certificate_hash);
  TALLY_TRY_ASSIGN(native->tickets,
                   TicketKeys::load(options.ticket_key_file, binding.finish(), random));
  mbedtls_ssl_conf_session_tickets_cb(&native->config, write_ticket, read_ticket, native.get());
  return std::shared_ptr<TlsContext>{new TlsContext{std::move(native)}};
}

Result<std::shared_ptr<TlsContext>> TlsContext::client(const TlsIdentity& identity,
                                                       BracketSource bracket,
                                                       crypto::RandomSource& random,
                                                       const ClientTlsOptions& options) {
  TALLY_TRY_ASSIGN(auto native, make(identity, std::move(bracket), random, MBEDTLS_SSL_IS_CLIENT));
  native->sessions = SessionStore{options.session_directory};
  mbedtls_ssl_conf_session_tickets(&native->config, MBEDTLS_SSL_SESSION_TICKETS_ENABLED);
  return std::shared_ptr<TlsContext>{new TlsContext{std::move(native)}};
}

TlsLibrary tls_library() {
  char version[18] = {};
  mbedtls_version_get_string(version);
  return {std::string{"mbed TLS "}.append(version), MBEDTLS_VERSION_NUMBER >= 0x03060000};
}

}  // namespace tally::transport
