// One of the three databases, opened on its own as its program opens it: to see what a power cut
// left, without a machine.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tests/crash/world.hpp"

namespace tally::crash {

class Opened {
 public:
  /// Opens the database and reads what a machine would start from.
  Status open(Part part, const std::string& path);
  /// One more commit on top, which means nothing to anybody.
  Status commit();

 private:
  std::optional<storage::TerminalJournal> terminal_;
  std::optional<storage::GatewayJournal> gateway_;
  std::unique_ptr<storage::LedgerStore> ledger_;
};

}  // namespace tally::crash
