// What became of a journal that was damaged, for the log line of who opened it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/page_check.hpp"

namespace tally::storage {

struct Rescue {
  std::vector<Damage> damage;   ///< At least one.
  std::string kept_as;          ///< The damaged file, for whoever wants to look.
  std::uint64_t rows_kept = 0;  ///< Records at a terminal, packed rows at a gateway.
  bool positions_lost = false;  ///< Told anew by the neighbours.

  /// "page 3 does not match its check sum, page 7 …": the first few places.
  std::string places() const;
};

}  // namespace tally::storage
