// What the OA keeps sealed on its disk: the terminals' record keys and the members' personal data.
// One master key in a file of its own (0600); keys for each purpose are derived from it. Destroying
// a member's wrapped key erases that member's personal data. Stateless after opening; any thread.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/crypto/mac.hpp"
#include "core/crypto/random_source.hpp"

namespace tally::oa {

struct Person {
  std::string name;
  std::string phone;  ///< Empty when the office has none.
};

struct SealedPerson {
  Bytes sealed;
  Bytes wrapped_key;
};

class Vault {
 public:
  /// Reads the master key; makes it when the file is missing and `may_create`: never beside a
  /// ledger that was sealed with another one. Errors: kNotFound (missing and not to be made),
  /// kDenied (open to other users), kInvalid, those of writing the file.
  static Result<Vault> open(const std::filesystem::path& key_file,
                            bool may_create,
                            crypto::RandomSource& random);

  /// A terminal's record key, sealed for this enrolment.
  Bytes wrap_record_key(StreamId stream,
                        const crypto::Key256& key,
                        crypto::RandomSource& random) const;
  /// Errors: kCorrupt when it was sealed under another master key or for another enrolment.
  Result<crypto::Key256> unwrap_record_key(StreamId stream, ByteView wrapped) const;

  /// Personal data under a new key of this member's own.
  SealedPerson seal_person(MemberId member,
                           const Person& person,
                           crypto::RandomSource& random) const;
  /// Errors: kCorrupt, as above; also when the key was destroyed.
  Result<Person> open_person(MemberId member, ByteView sealed, ByteView wrapped_key) const;

  /// Finds a number again without showing it.
  Bytes phone_hash(std::string_view phone) const;

  /// The key under which a store's gateways keep hashes of card numbers
  /// (docs/formats/directory.md).
  crypto::Key256 directory_key(StoreId store) const;

 private:
  explicit Vault(const crypto::Key256& master);

  crypto::Key256 record_keys_;
  crypto::Key256 person_keys_;
  crypto::Key256 phones_;
  crypto::Key256 directories_;
};

}  // namespace tally::oa
