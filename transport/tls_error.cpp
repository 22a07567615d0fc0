#include "transport/tls_error.hpp"

#include <mbedtls/x509.h>

namespace tally::transport {

namespace {

Error refused_certificate(const mbedtls_ssl_context& ssl) {
  const std::uint32_t flags = mbedtls_ssl_get_verify_result(&ssl);
  const auto detail = static_cast<std::int32_t>(flags);
  if ((flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) != 0) {
    return make_error(Errc::kDenied, "peer's certificate was not issued by our authority", detail);
  }
  if ((flags & MBEDTLS_X509_BADCERT_CN_MISMATCH) != 0) {
    return make_error(Errc::kDenied, "server's certificate is for another name", detail);
  }
  if ((flags & MBEDTLS_X509_BADCERT_EXPIRED) != 0) {
    return make_error(Errc::kDenied, "peer's certificate has expired", detail);
  }
  if ((flags & MBEDTLS_X509_BADCERT_FUTURE) != 0) {
    return make_error(Errc::kDenied, "peer's certificate is not valid yet", detail);
  }
  return make_error(Errc::kDenied, "peer's certificate is not of the kind we accept", detail);
}

Error received_alert(int alert) {
  switch (alert) {
    case MBEDTLS_SSL_ALERT_MSG_CERT_EXPIRED:
      return make_error(Errc::kDenied, "peer refused our certificate as expired", alert);
    case MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA:
      return make_error(
          Errc::kDenied, "peer refused our certificate: it trusts another authority", alert);
    case MBEDTLS_SSL_ALERT_MSG_NO_CERT:
    case MBEDTLS_SSL_ALERT_MSG_BAD_CERT:
    case MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_CERT:
    case MBEDTLS_SSL_ALERT_MSG_CERT_REVOKED:
    case MBEDTLS_SSL_ALERT_MSG_CERT_UNKNOWN:
    case MBEDTLS_SSL_ALERT_MSG_ACCESS_DENIED:
      return make_error(Errc::kDenied, "peer refused our certificate", alert);
    case MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE:
    case MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION:
    case MBEDTLS_SSL_ALERT_MSG_INSUFFICIENT_SECURITY:
      return make_error(Errc::kUnsupported, "peer found no common TLS version or suite", alert);
    default:
      return make_error(Errc::kDenied, "peer ended TLS with an alert", alert);
  }
}

}  // namespace

Error tls_error(const mbedtls_ssl_context& ssl, int rc, TlsStage stage) {
  const bool in_handshake = stage == TlsStage::kHandshake;
  switch (rc) {
    case MBEDTLS_ERR_X509_CERT_VERIFY_FAILED:
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
    case MBEDTLS_ERR_SSL_BAD_CERTIFICATE:
#else
    case MBEDTLS_ERR_SSL_BAD_HS_CERTIFICATE:
#endif
      return refused_certificate(ssl);
    case MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE:
      return make_error(Errc::kDenied, "peer sent no certificate", rc);
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
      return received_alert(compat::last_alert(ssl));
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
      return make_error(Errc::kUnavailable, "peer closed the connection", 0);
    case 0:
    case MBEDTLS_ERR_SSL_CONN_EOF:
      return in_handshake
                 ? make_error(Errc::kUnavailable, "peer went away during the handshake", rc)
                 : make_error(Errc::kUnavailable, "peer went away without closing: truncated", rc);
    case MBEDTLS_ERR_SSL_INVALID_MAC:
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
      // The library sends a TLS 1.3 alert about a certificate before it has moved on to the keys
      // under which the other side already listens.
      if (stage != TlsStage::kOpen) {
        return make_error(
            Errc::kDenied, "peer broke off: it refused our certificate, its log says why", rc);
      }
#endif
      return make_error(Errc::kCorrupt, "TLS record was damaged on its way", rc);
    case MBEDTLS_ERR_SSL_INVALID_RECORD:
    case MBEDTLS_ERR_SSL_UNEXPECTED_RECORD:
    case MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE:
      return make_error(Errc::kInvalid, "peer does not speak TLS as it should", rc);
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
    case MBEDTLS_ERR_SSL_DECODE_ERROR:
    case MBEDTLS_ERR_SSL_ILLEGAL_PARAMETER:
      return make_error(Errc::kInvalid, "peer does not speak TLS as it should", rc);
    case MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE:
    case MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION:
      return make_error(Errc::kUnsupported, "peer has no common TLS version or suite", rc);
#else
    case MBEDTLS_ERR_SSL_BAD_HS_CLIENT_HELLO:
    case MBEDTLS_ERR_SSL_BAD_HS_SERVER_HELLO:
      return make_error(Errc::kInvalid, "peer does not speak TLS as it should", rc);
    case MBEDTLS_ERR_SSL_NO_CIPHER_CHOSEN:
    case MBEDTLS_ERR_SSL_NO_USABLE_CIPHERSUITE:
    case MBEDTLS_ERR_SSL_BAD_HS_PROTOCOL_VERSION:
      return make_error(Errc::kUnsupported, "peer has no common TLS version or suite", rc);
#endif
    default:
      return make_error(Errc::kInternal, "TLS failed", rc);
  }
}

}  // namespace tally::transport
