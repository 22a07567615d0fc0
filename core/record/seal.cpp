#include "core/record/seal.hpp"

#include <algorithm>
#include <string>

#include "core/base/base45.hpp"
#include "core/base/try.hpp"
#include "core/crypto/cipher.hpp"
#include "core/crypto/mac.hpp"

namespace tally::record {
namespace {

// Clear part of a receipt code: version (1), key version (2), terminal (4), incarnation (4), boot
// (8), seq (8), MAC (16). Encrypted part: kind (1), prev_mac (16), body.
constexpr std::string_view kReceiptPrefix = "TR1:";
constexpr std::uint8_t kReceiptVersion = 1;
constexpr std::size_t kClearBytes = 43;
constexpr std::size_t kMacAt = 27;
constexpr std::size_t kSecretBytesMin = 1 + kMacBytes;
constexpr std::size_t kReceiptTextBytesMax = 600;

Mac mac_of(ByteView header_and_body, const RecordKey& key) {
  return crypto::mac16(key, header_and_body);
}

crypto::Key256 receipt_key(const RecordKey& key) {
  const Bytes derived = crypto::hkdf_sha256({}, key, as_bytes("tallystick receipt code v1"), 32);
  crypto::Key256 out;
  std::copy(derived.begin(), derived.end(), out.begin());
  return out;
}

Result<Bytes> decode_text(std::string_view text) {
  if (!text.starts_with(kReceiptPrefix) || text.size() > kReceiptTextBytesMax) {
    return make_error(Errc::kInvalid,
                      "not a receipt code: it does not start with TR1: or is too long");
  }
  TALLY_TRY_ASSIGN(Bytes bytes, base45_decode(text.substr(kReceiptPrefix.size())));
  if (bytes.size() < kClearBytes + kSecretBytesMin) {
    return make_error(Errc::kInvalid, "the receipt code is too short");
  }
  if (bytes[0] != kReceiptVersion) {
    return make_error(Errc::kUnsupported, "the receipt code has an unknown version", bytes[0]);
  }
  return bytes;
}

ReceiptCodeId read_clear(const Bytes& bytes) {
  ReceiptCodeId code;
  code.key_version = load_be<std::uint16_t>(bytes.data() + 1);
  code.id.terminal = TerminalId{load_be<std::uint32_t>(bytes.data() + 3)};
  code.id.incarnation = Incarnation{load_be<std::uint32_t>(bytes.data() + 7)};
  code.id.boot = BootId{load_be<std::uint64_t>(bytes.data() + 11)};
  code.id.seq = Seq{load_be<std::uint64_t>(bytes.data() + 19)};
  std::copy_n(bytes.begin() + kMacAt, kMacBytes, code.mac.begin());
  return code;
}

}  // namespace

Result<Bytes> seal(const Header& header, ByteView body, const RecordKey& key) {
  if (body.size() > kBodyBytesMax) {
    return make_error(Errc::kInvalid,
                      "record body is longer than 260 bytes",
                      static_cast<std::int32_t>(body.size()));
  }
  Bytes sealed(kHeaderBytes + body.size());
  write_header(header, sealed.data());
  std::copy(body.begin(), body.end(), sealed.begin() + kHeaderBytes);
  const Mac mac = mac_of(sealed, key);
  sealed.insert(sealed.end(), mac.begin(), mac.end());
  return sealed;
}

bool verify_mac(ByteView sealed, const RecordKey& key) {
  const Mac mac = mac_of(sealed.first(sealed.size() - kMacBytes), key);
  return equal_in_constant_time(mac, sealed.last(kMacBytes));
}

Result<std::string> receipt_code(ByteView sealed, const RecordKey& key) {
  TALLY_TRY_ASSIGN(const Header header, peek_header(sealed));
  const ByteView body = peek_body(sealed);
  const Mac mac = peek_mac(sealed);

  Bytes secret;
  secret.reserve(kSecretBytesMin + body.size());
  secret.push_back(static_cast<std::uint8_t>(header.kind));
  secret.insert(secret.end(), header.prev_mac.begin(), header.prev_mac.end());
  secret.insert(secret.end(), body.begin(), body.end());
  const Bytes hidden = crypto::aes_ctr(receipt_key(key), mac, secret);

  Bytes code(kClearBytes);
  code[0] = kReceiptVersion;
  store_be(header.key_version, code.data() + 1);
  store_be(header.id.terminal.value, code.data() + 3);
  store_be(header.id.incarnation.value, code.data() + 7);
  store_be(header.id.boot.value, code.data() + 11);
  store_be(header.id.seq.value, code.data() + 19);
  std::copy(mac.begin(), mac.end(), code.begin() + kMacAt);
  code.insert(code.end(), hidden.begin(), hidden.end());
  return std::string(kReceiptPrefix) + base45_encode(code);
}

Result<ReceiptCodeId> peek_receipt_code(std::string_view text) {
  TALLY_TRY_ASSIGN(const Bytes bytes, decode_text(text));
  return read_clear(bytes);
}

Result<Bytes> open_receipt_code(std::string_view text, const RecordKey& key) {
  TALLY_TRY_ASSIGN(const Bytes bytes, decode_text(text));
  const ReceiptCodeId code = read_clear(bytes);
  const Bytes secret =
      crypto::aes_ctr(receipt_key(key), code.mac, ByteView(bytes).subspan(kClearBytes));

  Header header;
  header.key_version = code.key_version;
  header.id = code.id;
  header.kind = static_cast<RecordKind>(secret[0]);
  std::copy_n(secret.begin() + 1, kMacBytes, header.prev_mac.begin());
  const Result<Bytes> sealed = seal(header, ByteView(secret).subspan(kSecretBytesMin), key);
  if (!sealed || peek_mac(*sealed) != code.mac) {
    return make_error(Errc::kDenied, "the receipt code was not made with this key, or was changed");
  }
  return *sealed;
}

}  // namespace tally::record
