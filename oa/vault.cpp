#include "oa/vault.hpp"

#include "core/base/try.hpp"
#include "core/crypto/sealed_value.hpp"

#include "transport/secret_file.hpp"

namespace tally::oa {
namespace {

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
  TALLY_TRY_ASSIGN(const crypto::Key256 master, crypto::master_key_from(*text));
  return Vault(master);
}

Vault::Vault(const crypto::Key256& master)
    : record_keys_(crypto::derive_record_wrapping_key(master)),
      person_keys_(crypto::derive_key(master, "tallystick oa person keys v1")),
      phones_(crypto::derive_key(master, "tallystick oa phones v1")),
      directories_(crypto::derive_key(master, "tallystick oa directories v1")) {}

Bytes Vault::wrap_record_key(StreamId stream,
                             const crypto::Key256& key,
                             crypto::RandomSource& random) const {
  return crypto::seal_value(record_keys_, crypto::associated_with(stream), key, random);
}

Result<crypto::Key256> Vault::unwrap_record_key(StreamId stream, ByteView wrapped) const {
  TALLY_TRY_ASSIGN(
      const Bytes bytes,
      crypto::open_sealed_value(record_keys_, crypto::associated_with(stream), wrapped));
  return crypto::key_from(bytes);
}

SealedPerson Vault::seal_person(MemberId member,
                                const Person& person,
                                crypto::RandomSource& random) const {
  crypto::Key256 own{};
  random.fill(own);
  const auto associated = associated_of(member);
  SealedPerson sealed;
  sealed.sealed =
      crypto::seal_value(own, associated, as_bytes(person.name + "\n" + person.phone), random);
  sealed.wrapped_key = crypto::seal_value(person_keys_, associated, own, random);
  return sealed;
}

Result<Person> Vault::open_person(MemberId member, ByteView sealed, ByteView wrapped_key) const {
  const auto associated = associated_of(member);
  TALLY_TRY_ASSIGN(const Bytes key,
                   crypto::open_sealed_value(person_keys_, associated, wrapped_key));
  TALLY_TRY_ASSIGN(const crypto::Key256 own, crypto::key_from(key));
  TALLY_TRY_ASSIGN(const Bytes bytes, crypto::open_sealed_value(own, associated, sealed));
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
