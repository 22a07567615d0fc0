// One place that turns what mbedTLS says into a cause a technician can act on.
#pragma once

#include "core/base/error.hpp"

#include "transport/mbedtls_compat.hpp"

namespace tally::transport {

/// kUnheard: open, but no plaintext came from the peer yet.
enum class TlsStage { kHandshake, kUnheard, kOpen };

/// The cause behind a failed library call on `ssl`:
/// - kDenied: we refuse the peer's certificate (issuer, name, dates, none sent), or the peer
///   refuses ours (`detail` is the alert's number; under TLS 1.3 the alert can be unreadable);
/// - kUnavailable: the peer closed, or went away without a close_notify (truncation);
/// - kInvalid: what arrives is not TLS; kCorrupt: a record was damaged on its way;
/// - kUnsupported: no common version or suite; kInternal: anything else, `detail` is the library's.
Error tls_error(const mbedtls_ssl_context& ssl, int rc, TlsStage stage);

}  // namespace tally::transport
