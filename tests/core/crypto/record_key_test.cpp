#include "core/crypto/record_key.hpp"

#include "tests/core/crypto/vector.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::crypto;
using tally::test::hex_array;

namespace {

const SharedSecret kShared =
    hex_array<32>("46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b");
const StreamId kStream{TerminalId{101}, Incarnation{1}};

}  // namespace

TEST_GROUP(CryptoRecordKey){};

// Computed once with Python's hmac module and frozen: a change here orphans every key in the field.
TEST(CryptoRecordKey, Derive_FrozenVector_Matches) {
  STRCMP_EQUAL("fed3332470b8af2246b19c137b66cce609e782c86b2cf94d5584f5f31ed67e1d",
               to_hex(derive_record_key(kShared, TerminalId{101}, Incarnation{1}, 1)).c_str());
}

TEST(CryptoRecordKey, Derive_AnyInputChanged_GivesAnotherKey) {
  const Key256 key = derive_record_key(kShared, TerminalId{101}, Incarnation{1}, 1);
  CHECK(key != derive_record_key(SharedSecret{}, TerminalId{101}, Incarnation{1}, 1));
  CHECK(key != derive_record_key(kShared, TerminalId{102}, Incarnation{1}, 1));
  CHECK(key != derive_record_key(kShared, TerminalId{101}, Incarnation{2}, 1));
  CHECK(key != derive_record_key(kShared, TerminalId{101}, Incarnation{1}, 2));
}

TEST(CryptoRecordKey, AppliedStatement_FrozenVector_Matches) {
  STRCMP_EQUAL("bfc392d029ba8fe9c7cf464a08614bd9",
               to_hex(make_applied_statement_mac(kShared, kStream, Seq{7}, Mac{1, 2, 3})).c_str());
}

TEST(CryptoRecordKey, AppliedStatement_AnyFieldChanged_GivesAnotherMac) {
  const Mac mac = make_applied_statement_mac(kShared, kStream, Seq{7}, Mac{1, 2, 3});
  CHECK(mac != make_applied_statement_mac(Key256{}, kStream, Seq{7}, Mac{1, 2, 3}));
  CHECK(mac != make_applied_statement_mac(
                   kShared, {TerminalId{102}, Incarnation{1}}, Seq{7}, Mac{1, 2, 3}));
  CHECK(mac != make_applied_statement_mac(
                   kShared, {TerminalId{101}, Incarnation{2}}, Seq{7}, Mac{1, 2, 3}));
  CHECK(mac != make_applied_statement_mac(kShared, kStream, Seq{8}, Mac{1, 2, 3}));
  CHECK(mac != make_applied_statement_mac(kShared, kStream, Seq{7}, Mac{1, 2, 4}));
}
