// Who a member enrolled at a till is: the office opens what the till sealed for it and keeps it
// under the member's own key. The shell implements it over its vault; on the writer thread, inside
// the transaction that posts the enrolment.
#pragma once

#include <string_view>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/record/record.hpp"

namespace tally::node {

/// What personal fields are sealed for (core/crypto/hpke.hpp); the card they belong to is the
/// associated data.
inline constexpr std::string_view kEnrolmentSeal = "tallystick enrolment v1";

class OaPeople {
 public:
  OaPeople() = default;
  OaPeople(const OaPeople&) = delete;
  OaPeople& operator=(const OaPeople&) = delete;
  virtual ~OaPeople() = default;

  /// Keeps the personal data of a member who was enrolled with this record. What cannot be opened
  /// is noted for a person; the member stays. Errors: those of the store.
  virtual Status enrolled(MemberId member, const record::Record& record, WallTime now) = 0;
};

}  // namespace tally::node
