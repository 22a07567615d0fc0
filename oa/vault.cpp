#include "oa/vault.hpp"

#include <algorithm>

#include "core/base/try.hpp"
#include "core/crypto/cipher.hpp"

#include "transport/secret_file.hpp"

namespace tally::oa {
namespace {

crypto::Key256 derive(const crypto::Key256& master, std::string_view purpose) {
  const Bytes bytes = crypto::hkdf_sha256({}, master, as_bytes(purpose), 32);
  crypto::Key256 key{};
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

Bytes seal(const crypto::Key256& key,
           ByteView associated,
           ByteView plaintext,
           crypto::RandomSource& random) {
  crypto::GcmNonce nonce{};
  random.fill(nonce);
  Bytes sealed(nonce.begin(), nonce.end());
  const Bytes body = crypto::aes_gcm_seal(key, nonce, associated, plaintext);
  sealed.insert(sealed.end(), body.begin(), body.end());
  return sealed;
}

Result<Bytes> open_sealed(const crypto::Key256& key, ByteView associated, ByteView sealed) {
  crypto::GcmNonce nonce{};
  if (sealed.size() < nonce.size()) {
    return make_error(Errc::kCorrupt, "a sealed value is too short");
  }
  std::copy_n(sealed.begin(), nonce.size(), nonce.begin());
  return crypto::aes_gcm_open(key, nonce, associated, sealed.subspan(nonce.size()));
}

Result<crypto::Key256> to_key(const Bytes& bytes) {
  crypto::Key256 key{};
  if (bytes.size() != key.size()) {
    return make_error(Errc::kCorrupt, "a sealed key has the wrong size");
  }
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

ByteArray<8> associated_of(StreamId stream) {
  ByteArray<8> bytes{};
  store_be(stream.terminal.value, bytes.data());
  store_be(stream.incarnation.value, bytes.data() + 4);
  return bytes;
}

ByteArray<8> associated_of(MemberId member) {
  ByteArray<8> bytes{};
  store_be(static_cast<std::uint64_t>(member.value), bytes.data());
  return bytes;
}

}  // namespace

Result<Vault> Vault::open(const std::filesystem::path& key_file,
                          bool may_create,
                          crypto::RandomSource& random) {
  Result<std::string> text = transport::read_secret_file(key_file);
  if (!text && text.error().code == Errc::kNotFound && may_create) {
    crypto::Key256 fresh{};
    random.fill(fresh);
    TALLY_TRY(
        transport::write_small_file(key_file, to_hex(fresh) + "\n", transport::FileMode::kSecret));
    return Vault(fresh);
  }
  if (!text) {
    return Error(text.error());
  }
  while (!text->empty() && text->back() == '\n') {
    text->pop_back();
  }
  const Result<Bytes> bytes = from_hex(*text);
  if (!bytes || bytes->size() != 32) {
    return make_error(Errc::kInvalid, "the OA's master key file is damaged");
  }
  TALLY_TRY_ASSIGN(const crypto::Key256 master, to_key(*bytes));
  return Vault(master);
}

Vault::Vault(const crypto::Key256& master)
    : record_keys_(derive(master, "tallystick oa record keys v1")),
      person_keys_(derive(master, "tallystick oa person keys v1")),
      phones_(derive(master, "tallystick oa phones v1")),
      directories_(derive(master, "tallystick oa directories v1")) {}

Bytes Vault::wrap_record_key(StreamId stream,
                             const crypto::Key256& key,
                             crypto::RandomSource& random) const {
  return seal(record_keys_, associated_of(stream), key, random);
}

Result<crypto::Key256> Vault::unwrap_record_key(StreamId stream, ByteView wrapped) const {
  TALLY_TRY_ASSIGN(const Bytes bytes, open_sealed(record_keys_, associated_of(stream), wrapped));
  return to_key(bytes);
}

SealedPerson Vault::seal_person(MemberId member,
                                const Person& person,
                                crypto::RandomSource& random) const {
  crypto::Key256 own{};
  random.fill(own);
  const auto associated = associated_of(member);
  SealedPerson sealed;
  sealed.sealed = seal(own, associated, as_bytes(person.name + "\n" + person.phone), random);
  sealed.wrapped_key = seal(person_keys_, associated, own, random);
  return sealed;
}

Result<Person> Vault::open_person(MemberId member, ByteView sealed, ByteView wrapped_key) const {
  const auto associated = associated_of(member);
  TALLY_TRY_ASSIGN(const Bytes key, open_sealed(person_keys_, associated, wrapped_key));
  TALLY_TRY_ASSIGN(const crypto::Key256 own, to_key(key));
  TALLY_TRY_ASSIGN(const Bytes bytes, open_sealed(own, associated, sealed));
  const std::string_view text = as_text(bytes);
  const std::size_t line_end = text.find('\n');
  if (line_end == std::string_view::npos) {
    return make_error(Errc::kCorrupt, "a member's sealed data has no name");
  }
  return Person{std::string(text.substr(0, line_end)), std::string(text.substr(line_end + 1))};
}

Bytes Vault::phone_hash(std::string_view phone) const {
  const crypto::Digest digest = crypto::hmac_sha256(phones_, as_bytes(phone));
  return Bytes(digest.begin(), digest.end());
}

crypto::Key256 Vault::directory_key(StoreId store) const {
  ByteArray<4> bytes{};
  store_be(store.value, bytes.data());
  return crypto::hmac_sha256(directories_, bytes);
}

}  // namespace tally::oa
