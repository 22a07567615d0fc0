// Who may speak to the OA, as its machine asks: enrolments and record keys. The shell implements it
// over issued certificates; looking somebody up may import a certificate that is new. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/ids.hpp"
#include "core/crypto/mac.hpp"

namespace tally::node {

class OaRegistry {
 public:
  OaRegistry() = default;
  OaRegistry(const OaRegistry&) = delete;
  OaRegistry& operator=(const OaRegistry&) = delete;
  virtual ~OaRegistry() = default;

  /// The store of one enrolment; none when no certificate was issued for it.
  virtual std::optional<StoreId> store_of(Role role,
                                          std::uint32_t node,
                                          Incarnation incarnation) = 0;

  /// The newest incarnation enrolled under this number; 0 when there is none.
  virtual Incarnation newest(Role role, std::uint32_t node) = 0;

  /// The key under which the records of a stream are MACed. None when the terminal is not enrolled
  /// or has no such key version.
  virtual std::optional<crypto::Key256> record_key(StreamId stream, std::uint16_t key_version) = 0;

  /// The key under which card tokens are hashed in the directory of this store's gateways. None:
  /// this OA keeps no directory.
  virtual std::optional<crypto::Key256> directory_key(StoreId store) = 0;

  /// All terminal enrolments of a store.
  virtual std::vector<StreamId> terminals_of(StoreId store) = 0;
};

}  // namespace tally::node
