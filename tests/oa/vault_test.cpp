#include "oa/vault.hpp"

#include <sys/stat.h>

#include "tests/support/temporary_directory.hpp"
#include "transport/os_random.hpp"
#include "transport/secret_file.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::oa;

TEST_GROUP(Vault) {
  tests::TemporaryDirectory directory;
  transport::OsRandom random;
  std::string file = directory.file("master.key");
  Vault vault = *Vault::open(file, true, random);
  StreamId stream{TerminalId{101}, Incarnation{1}};
};

TEST(Vault, MadeOnce_ThenReadAgain) {
  crypto::Key256 key{};
  key.fill(7);
  const Bytes wrapped = vault.wrap_record_key(stream, key, random);
  const Vault again = *Vault::open(file, false, random);
  CHECK_TRUE(*again.unwrap_record_key(stream, wrapped) == key);
  struct stat info {};
  CHECK_EQUAL(0, ::stat(file.c_str(), &info));
  CHECK_EQUAL(0600U, info.st_mode & 0777U);
}

TEST(Vault, MissingBesideALedger_IsNotMadeAnew) {
  const auto opened = Vault::open(directory.file("other.key"), false, random);
  CHECK_TRUE(!opened.has_value());
  CHECK_TRUE(opened.error().code == Errc::kNotFound);
}

TEST(Vault, OpenToOthersOrDamaged_Refused) {
  CHECK_EQUAL(0, ::chmod(file.c_str(), 0644));
  CHECK_TRUE(Vault::open(file, false, random).error().code == Errc::kDenied);
  for (const char* text : {"", "zz\n", "0011\n"}) {
    const std::string bad = directory.file("bad.key");
    CHECK_TRUE(transport::write_small_file(bad, text, transport::FileMode::kSecret).has_value());
    CHECK_TRUE(Vault::open(bad, true, random).error().code == Errc::kInvalid);
  }
}

TEST(Vault, KeyOfAnotherEnrolmentOrMaster_CannotBeUnwrapped) {
  const Bytes wrapped = vault.wrap_record_key(stream, {}, random);
  CHECK_TRUE(!vault.unwrap_record_key({TerminalId{102}, Incarnation{1}}, wrapped).has_value());
  CHECK_TRUE(!vault.unwrap_record_key({TerminalId{101}, Incarnation{2}}, wrapped).has_value());
  const Vault other = *Vault::open(directory.file("second.key"), true, random);
  CHECK_TRUE(!other.unwrap_record_key(stream, wrapped).has_value());
  for (std::size_t i = 0; i < wrapped.size(); ++i) {
    Bytes bad = wrapped;
    bad[i] ^= 1;
    CHECK_TRUE(!vault.unwrap_record_key(stream, bad).has_value());
  }
  CHECK_TRUE(!vault.unwrap_record_key(stream, {}).has_value());
}

TEST(Vault, Person_ComesBackOnlyForThatMemberAndWithItsKey) {
  const SealedPerson sealed = vault.seal_person(MemberId{5}, {"张小满", "13800138000"}, random);
  const auto person = vault.open_person(MemberId{5}, sealed.sealed, sealed.wrapped_key);
  CHECK_TRUE(person.has_value());
  STRCMP_EQUAL("张小满", person->name.c_str());
  STRCMP_EQUAL("13800138000", person->phone.c_str());
  CHECK_TRUE(!vault.open_person(MemberId{6}, sealed.sealed, sealed.wrapped_key).has_value());
  CHECK_TRUE(!vault.open_person(MemberId{5}, sealed.sealed, {}).has_value());
  const std::string_view stored = as_text(sealed.sealed);
  CHECK_TRUE(stored.find("13800138000") == std::string_view::npos);
}

TEST(Vault, SamePersonTwice_NothingInCommon) {
  const SealedPerson a = vault.seal_person(MemberId{5}, {"张小满", ""}, random);
  const SealedPerson b = vault.seal_person(MemberId{5}, {"张小满", ""}, random);
  CHECK_TRUE(a.sealed != b.sealed);
  CHECK_TRUE(!vault.open_person(MemberId{5}, a.sealed, b.wrapped_key).has_value());
}

TEST(Vault, PhoneHash_SameForTheSameNumberOnly) {
  CHECK_TRUE(vault.phone_hash("13800138000") == vault.phone_hash("13800138000"));
  CHECK_TRUE(vault.phone_hash("13800138000") != vault.phone_hash("13800138001"));
}
