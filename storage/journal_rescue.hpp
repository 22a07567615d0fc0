// What an owner does when its journal is damaged: a page that does not match its check sum, a log
// that breaks off. Every row that is proven to be as it was written goes into a new journal, which
// takes the place of the damaged one; that one is kept beside it. Positions, open sales and the
// like count only when they stand on a sound page; what is lost of them is told anew by the
// neighbour (docs/formats/journal.md, "Crash and damage"). Internal to storage/.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"

#include "storage/db.hpp"
#include "storage/rescue.hpp"

namespace tally::storage {

/// A damaged journal as it can still be read, and the new one beside it.
class JournalRescue {
 public:
  JournalRescue(const std::string& path, const Schema& schema) : path_(path), schema_(schema) {}

  /// Takes the journal's lock, ends what an earlier rescue began, looks for damage. When there is
  /// some: calls `copy`, which reads by the calls below and writes into the new journal inside a
  /// transaction, and puts the new one in place. Nothing happens to a sound one.
  /// Errors: kUnavailable when the journal is in use; those of `copy` and of the files; kCorrupt.
  Result<std::optional<Rescue>> run(const std::function<Status(Db& fresh, Rescue& rescue)>& copy);

  enum class Pages { kSound, kAny };

  /// Steps through `select` and calls `take` for each row. From sound pages only: nothing when
  /// page 1 is damaged, which says where the tables are. False: broke off before the end.
  bool read(Pages pages, const char* select, const std::function<void(const Statement&)>& take);

  /// A reader for what has calls of its own; kCorrupt as above.
  Result<Db> open(Pages pages);

 private:
  Status finish();
  Result<Rescue> copy_into_fresh(const std::function<Status(Db&, Rescue&)>& copy);

  std::string path_;
  const Schema& schema_;
  bool own_first_page_ = true;
};

/// Before a journal is opened. Errors: kConflict when it is another node's; as run().
Result<std::optional<Rescue>> rescue_terminal_journal(const std::string& path, StreamId stream);
Result<std::optional<Rescue>> rescue_gateway_journal(const std::string& path, GatewayId gateway);

}  // namespace tally::storage
