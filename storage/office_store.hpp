// The office's own rows in the ledger file: who a member is (sealed), which requests were done
// already, who did what and why. All calls belong inside a transaction of the ledger store, on its
// thread; readers use ledger_queries.hpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"

#include "storage/db.hpp"

namespace tally::storage {

/// Personal data is in `sealed` only, under the member's own key, which is wrapped in
/// `wrapped_key`.
struct PersonRow {
  MemberId member;
  Bytes sealed;
  Bytes wrapped_key;
  std::string number;  ///< The member's first card.
  std::string language;
  std::string phone_tail;  ///< Last four digits, or empty.
  Bytes phone_hash;        ///< Keyed hash, to find a number taken; empty without a phone.
};

struct OfficeRequest {
  Bytes body_hash;
  MemberId member;
  std::int64_t act = 0;  ///< Of an act: its number (storage/office_acts.hpp).
};

class OfficeStore {
 public:
  explicit OfficeStore(Db& db) : db_(db) {}

  /// Errors of all calls: those of the database; put_person() also kDuplicate when another member
  /// has the number or the phone.
  Status put_person(const PersonRow& person);
  Result<bool> phone_is_taken(ByteView phone_hash);
  Result<bool> number_is_taken(std::string_view number);

  /// What was done under this Idempotency-Key.
  Result<std::optional<OfficeRequest>> request(std::string_view key);
  Status put_request(std::string_view key, const OfficeRequest& request, WallTime at);

  /// An empty reason clears. Makes the row's figures only; the member's state is the ledger's.
  Status put_frozen(MemberId member, std::string_view reason, WallTime at);

  Result<bool> is_erased(MemberId member);

  /// Takes away everything personal of a member whose row was written before in this transaction;
  /// kept is that and when it was done, and the version of the directory that says so.
  Status erase(MemberId member, std::string_view user, std::string_view reason, WallTime at);

  /// Who did what to whom and why; never changed or removed.
  Status log(WallTime at,
             std::string_view user,
             std::string_view action,
             MemberId member,
             std::string_view reason);

 private:
  Db& db_;
};

}  // namespace tally::storage
