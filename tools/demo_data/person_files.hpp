// Keeps who a member of the demo is, in the rows and under the keys in which the OA keeps it.
#pragma once

#include <cstdint>
#include <vector>

#include "core/crypto/mac.hpp"
#include "core/crypto/random_source.hpp"
#include "core/node/oa_people.hpp"

#include "storage/ledger_store.hpp"

namespace tally::tools::demo {

class PersonFiles final : public node::OaPeople {
 public:
  /// `members_max`: cards up to this number may be enrolled.
  PersonFiles(storage::LedgerStore& store,
              const crypto::Key256& master_key,
              std::uint64_t seed,
              std::uint32_t members_max,
              crypto::RandomSource& random);

  Status enrolled(MemberId member, const record::Record& record, WallTime now) override;

  /// None until the enrolment has come to the office.
  MemberId member_of(std::uint32_t index) const { return members_[index]; }

 private:
  storage::LedgerStore& store_;
  crypto::Key256 person_keys_;
  crypto::Key256 phones_;
  std::uint64_t seed_;
  crypto::RandomSource& random_;
  std::vector<MemberId> members_;
};

}  // namespace tally::tools::demo
