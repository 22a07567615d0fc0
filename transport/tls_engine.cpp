#include "transport/tls_engine.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/crc32c.hpp"
#include "core/base/try.hpp"

#include "transport/tls_error.hpp"
#include "transport/tls_native.hpp"

namespace tally::transport {

namespace {

// A saved session: "TSS1" | CRC-32C of what follows | hash of our own certificate (32) | length of
// the server's certificate (2) | it | the library's session. A session belongs to the certificate
// it was made with: after a new enrolment it would speak for the old one.
constexpr std::string_view kSessionMagic = "TSS1";
constexpr std::size_t kSessionHashAt = 8;
constexpr std::size_t kSessionLengthAt = kSessionHashAt + sizeof(crypto::Digest);
constexpr std::size_t kSessionCertificateAt = kSessionLengthAt + 2;

struct Session {
  mbedtls_ssl_session value;

  Session() { mbedtls_ssl_session_init(&value); }
  ~Session() { mbedtls_ssl_session_free(&value); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
};

struct SavedSession {
  ByteView certificate;
  ByteView session;
};

bool unpack(ByteView blob, const crypto::Digest& own_certificate, SavedSession& saved) {
  if (blob.size() < kSessionCertificateAt || !as_text(blob).starts_with(kSessionMagic) ||
      load_be<std::uint32_t>(blob.data() + 4) != crc32c(blob.subspan(kSessionHashAt)) ||
      !std::equal(own_certificate.begin(), own_certificate.end(), blob.begin() + kSessionHashAt)) {
    return false;
  }
  const std::size_t size = load_be<std::uint16_t>(blob.data() + kSessionLengthAt);
  if (blob.size() < kSessionCertificateAt + size) {
    return false;
  }
  saved.certificate = blob.subspan(kSessionCertificateAt, size);
  saved.session = blob.subspan(kSessionCertificateAt + size);
  return true;
}

}  // namespace

struct TlsEngine::Native {
  mbedtls_ssl_context ssl;
  HandshakeNotes notes;
  Bytes in;
  std::size_t in_read = 0;
  bool in_ended = false;
  bool starved = false;  ///< The library asked for input that is not there.
  bool heard = false;    ///< Plaintext arrived.
  Bytes out;

  Native() { mbedtls_ssl_init(&ssl); }
  ~Native() { mbedtls_ssl_free(&ssl); }
  Native(const Native&) = delete;
  Native& operator=(const Native&) = delete;

  template <class Call>
  int call(Call&& library);

  static int send(void* context, const unsigned char* bytes, std::size_t size) {
    auto& out = static_cast<Native*>(context)->out;
    out.insert(out.end(), bytes, bytes + size);
    return static_cast<int>(size);
  }

  static int receive(void* context, unsigned char* bytes, std::size_t size) {
    auto& native = *static_cast<Native*>(context);
    const std::size_t have = native.in.size() - native.in_read;
    if (have == 0) {
      native.starved = !native.in_ended;
      return native.in_ended ? 0 : MBEDTLS_ERR_SSL_WANT_READ;
    }
    const std::size_t take = std::min(have, size);
    std::copy_n(native.in.begin() + static_cast<std::ptrdiff_t>(native.in_read), take, bytes);
    native.in_read += take;
    return static_cast<int>(take);
  }
};

namespace {

// While a library call runs, its context knows which handshake it is for.
class Running {
 public:
  Running(TlsContext::Native& context, HandshakeNotes& notes) : context_(context) {
    TALLY_ASSERT(context_.running == nullptr);
    context_.running = &notes;
  }
  ~Running() { context_.running = nullptr; }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  TlsContext::Native& context_;
};

}  // namespace

TlsEngine::TlsEngine(std::shared_ptr<TlsContext> context, std::string server_name)
    : context_(std::move(context)),
      server_name_(std::move(server_name)),
      native_(std::make_unique<Native>()) {}

TlsEngine::~TlsEngine() = default;

Status TlsEngine::set_up() {
  const int rc = mbedtls_ssl_setup(&native_->ssl, &context_->native().config);
  if (rc != 0) {
    return make_error(Errc::kInternal, "TLS connection could not be set up", rc);
  }
  mbedtls_ssl_set_bio(&native_->ssl, native_.get(), Native::send, Native::receive, nullptr);
  return {};
}

Result<std::unique_ptr<TlsEngine>> TlsEngine::accepting(std::shared_ptr<TlsContext> context) {
  TALLY_ASSERT(context->native().is_server);
  std::unique_ptr<TlsEngine> engine{new TlsEngine{std::move(context), {}}};
  TALLY_TRY(engine->set_up());
  return engine;
}

Result<std::unique_ptr<TlsEngine>> TlsEngine::connecting(std::shared_ptr<TlsContext> context,
                                                         const std::string& server_name) {
  TALLY_ASSERT(!context->native().is_server);
  if (server_name.empty()) {
    return make_error(Errc::kInvalid, "server name is missing: whom we talk to must be checked");
  }
  std::unique_ptr<TlsEngine> engine{new TlsEngine{std::move(context), server_name}};
  TALLY_TRY(engine->set_up());
  const int rc = mbedtls_ssl_set_hostname(&engine->native_->ssl, server_name.c_str());
  if (rc != 0) {
    return make_error(Errc::kInvalid, "server name is impossible", rc);
  }
  engine->offer_session();
  return engine;
}

void TlsEngine::feed(ByteView ciphertext) {
  auto& native = *native_;
  if (native.in_read == native.in.size()) {
    native.in.clear();
    native.in_read = 0;
  }
  native.in.insert(native.in.end(), ciphertext.begin(), ciphertext.end());
}

void TlsEngine::feed_end() {
  native_->in_ended = true;
}

Bytes TlsEngine::take_out() {
  return std::exchange(native_->out, {});
}

bool TlsEngine::has_out() const {
  return !native_->out.empty();
}

// mbedTLS 3.6 also says "want read" between two messages it has already got: only when it went away
// empty-handed is there nothing to do.
template <class Call>
int TlsEngine::Native::call(Call&& library) {
  int rc = MBEDTLS_ERR_SSL_WANT_READ;
  constexpr int kMessagesMax = 32;
  for (int i = 0; i < kMessagesMax && rc == MBEDTLS_ERR_SSL_WANT_READ; ++i) {
    starved = false;
    rc = library();
    if (starved) {
      break;
    }
  }
  return rc;
}

Result<bool> TlsEngine::handshake() {
  const Running running{context_->native(), native_->notes};
  const int rc = native_->call([this] { return mbedtls_ssl_handshake(&native_->ssl); });
  if (rc == MBEDTLS_ERR_SSL_WANT_READ) {
    return false;
  }
  if (rc != 0) {
    return tls_error(native_->ssl, rc, TlsStage::kHandshake);
  }
  const Status accepted = accept_peer();
  if (!accepted) {
    static_cast<void>(mbedtls_ssl_send_alert_message(
        &native_->ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL, MBEDTLS_SSL_ALERT_MSG_ACCESS_DENIED));
    return Error{accepted.error()};
  }
  if (compat::has_session_after_handshake(native_->ssl)) {
    keep_session();
  }
  return true;
}

// The library checked chain, name and dates, now or in the handshake that this one resumes.
Status TlsEngine::accept_peer() {
  const auto peer = crypto::parse_device_certificate(native_->notes.peer_certificate);
  if (!peer) {
    return make_error(Errc::kDenied, "peer's certificate is not that of a device of ours");
  }
  if (!server_name_.empty() && crypto::server_name(peer->role, peer->node) != server_name_) {
    return make_error(Errc::kDenied, "server's certificate is for another name");
  }
  peer_ = *peer;
  return {};
}

void TlsEngine::offer_session() {
  auto& context = context_->native();
  const Bytes blob = context.sessions.load(server_name_);
  SavedSession saved;
  if (!unpack(blob, context.own_certificate_hash, saved)) {
    return;
  }
  const auto server = crypto::parse_device_certificate(saved.certificate);
  if (!server || judge_dates({server->not_before, server->not_after}, context.bracket()) !=
                     DateVerdict::kValid) {
    return;
  }
  Session session;
  if (mbedtls_ssl_session_load(&session.value, saved.session.data(), saved.session.size()) == 0 &&
      mbedtls_ssl_set_session(&native_->ssl, &session.value) == 0) {
    native_->notes.peer_certificate.assign(saved.certificate.begin(), saved.certificate.end());
  }
}

void TlsEngine::keep_session() {
  auto& context = context_->native();
  if (server_name_.empty()) {
    return;
  }
  Session session;
  std::size_t size = 0;
  if (mbedtls_ssl_get_session(&native_->ssl, &session.value) != 0) {
    return;
  }
  static_cast<void>(mbedtls_ssl_session_save(&session.value, nullptr, 0, &size));
  const Bytes& certificate = native_->notes.peer_certificate;
  Bytes blob(kSessionCertificateAt + certificate.size() + size);
  std::copy(kSessionMagic.begin(), kSessionMagic.end(), blob.begin());
  std::copy(context.own_certificate_hash.begin(),
            context.own_certificate_hash.end(),
            blob.begin() + kSessionHashAt);
  store_be(static_cast<std::uint16_t>(certificate.size()), blob.data() + kSessionLengthAt);
  std::copy(certificate.begin(), certificate.end(), blob.begin() + kSessionCertificateAt);
  if (mbedtls_ssl_session_save(
          &session.value, blob.data() + kSessionCertificateAt + certificate.size(), size, &size) !=
      0) {
    return;
  }
  store_be(crc32c(ByteView{blob}.subspan(kSessionHashAt)), blob.data() + 4);
  context.sessions.save(server_name_, blob);
}

Result<std::size_t> TlsEngine::read(std::span<std::uint8_t> out) {
  const Running running{context_->native(), native_->notes};
  while (true) {
    const int rc = native_->call(
        [this, out] { return mbedtls_ssl_read(&native_->ssl, out.data(), out.size()); });
    if (rc > 0) {
      native_->heard = true;
      return static_cast<std::size_t>(rc);
    }
    if (rc == MBEDTLS_ERR_SSL_WANT_READ) {
      return std::size_t{0};
    }
    if (!compat::is_new_ticket(rc)) {
      return tls_error(native_->ssl, rc, native_->heard ? TlsStage::kOpen : TlsStage::kUnheard);
    }
    keep_session();
  }
}

Status TlsEngine::write(ByteView plaintext) {
  TALLY_ASSERT(!plaintext.empty() && plaintext.size() <= kTlsRecordBytesMax);
  const Running running{context_->native(), native_->notes};
  const int rc = mbedtls_ssl_write(&native_->ssl, plaintext.data(), plaintext.size());
  if (rc != static_cast<int>(plaintext.size())) {
    return make_error(Errc::kInternal, "TLS record could not be written", rc);
  }
  return {};
}

void TlsEngine::close_notify() {
  static_cast<void>(mbedtls_ssl_close_notify(&native_->ssl));
}

const crypto::DeviceIdentity& TlsEngine::peer() const {
  return peer_;
}

bool TlsEngine::resumed() const {
  return !native_->notes.certificate_checked;
}

}  // namespace tally::transport
