// Keeps who a member enrolled at a till is: opens what the till sealed, seals it anew under a key
// of the member's own. On the ledger thread.
#pragma once

#include "core/crypto/random_source.hpp"
#include "core/node/oa_people.hpp"

#include "oa/device_registry.hpp"
#include "oa/vault.hpp"
#include "storage/ledger_store.hpp"

namespace tally::oa {

class People final : public node::OaPeople {
 public:
  People(storage::LedgerStore& store,
         const Vault& vault,
         const DeviceRegistry& registry,
         crypto::RandomSource& random)
      : store_(store), vault_(vault), registry_(registry), random_(random) {}

  Status enrolled(MemberId member, const record::Record& record, WallTime now) override;

 private:
  storage::LedgerStore& store_;
  const Vault& vault_;
  const DeviceRegistry& registry_;
  crypto::RandomSource& random_;
};

}  // namespace tally::oa
