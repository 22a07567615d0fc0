// What people at the office do to members: enrol, freeze, clear, look at personal data. On the
// ledger thread; every call is one transaction, durable when it returns.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/result.hpp"
#include "core/crypto/random_source.hpp"
#include "core/ledger/rules.hpp"

#include "oa/vault.hpp"
#include "storage/ledger_store.hpp"

namespace tally::oa {

/// Who asks, for the log of what was done.
struct Clerk {
  std::string user;
};

struct EnrolForm {
  std::string name;   ///< Tidy (masking.hpp).
  std::string phone;  ///< Tidy, or empty.
  std::string language;
  std::string idempotency_key;  ///< Empty: none was given.
};

/// In order of precedence.
enum class OfficeOutcome : std::uint8_t {
  kDone,
  kNotFound,
  kConflict,  ///< It is so already, or the key was used for something else.
  kPhoneTaken,
  kNumbersUsedUp,
};

struct EnrolResult {
  OfficeOutcome outcome = OfficeOutcome::kDone;
  MemberId member;
};

class Office {
 public:
  Office(storage::LedgerStore& store, const Vault& vault, crypto::RandomSource& random)
      : store_(store), vault_(vault), random_(random) {}

  /// Makes a member with a card number of its own and posts what waited for that number. A repeat
  /// with the same key and contents gives the first answer. Errors of all calls: those of the
  /// store; it has to be opened anew then.
  Result<EnrolResult> enrol(const EnrolForm& form,
                            const Clerk& clerk,
                            const ledger::Policy& policy,
                            const ledger::LedgerTime& time);

  Result<OfficeOutcome> set_frozen(MemberId member,
                                   bool frozen,
                                   const std::string& reason,
                                   const Clerk& clerk,
                                   const ledger::LedgerTime& time);

  /// Destroys what is known of the person; the ledger stays whole under the member's number,
  /// frozen. Open until every gateway acknowledged it. kConflict when it was done before.
  Result<OfficeOutcome> erase(MemberId member,
                              const std::string& reason,
                              const Clerk& clerk,
                              const ledger::LedgerTime& time);

  /// Notes that somebody is going to see a member's personal data; show nothing before.
  Result<OfficeOutcome> note_reveal(MemberId member,
                                    const std::string& reason,
                                    const Clerk& clerk,
                                    const ledger::LedgerTime& time);

 private:
  Result<EnrolResult> enrol_in_transaction(const EnrolForm& form,
                                           const Clerk& clerk,
                                           const ledger::Policy& policy,
                                           const ledger::LedgerTime& time);

  storage::LedgerStore& store_;
  const Vault& vault_;
  crypto::RandomSource& random_;
};

}  // namespace tally::oa
