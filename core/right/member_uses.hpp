// How much each member was let spend without the OA: out of budgets in this epoch, and on a day. A
// gateway keeps it with its books, a terminal in memory beside its slice. Gross, like every use.
#pragma once

#include <vector>

#include "core/right/limits.hpp"
#include "core/right/right_rows.hpp"

namespace tally::right {

class MemberUses {
 public:
  static constexpr std::size_t kMembersMax = 65'536;

  MemberUses() = default;
  explicit MemberUses(const std::vector<MemberUseRow>& rows) : table_(rows) {}

  /// A clock that was set back does not give a new day.
  MemberSoFar so_far(MemberId member, BusinessDay today) const;

  /// Whether one more member can be kept in mind; those of earlier days make room.
  bool make_room_for(MemberId member, BusinessDay today);

  /// `under_cap`: out of a budget of this epoch. Noted even when there is no room: it is a fact.
  void note(MemberId member, Points points, bool under_cap, BusinessDay today);

  /// A new epoch: the caps begin anew, the day goes on.
  void begin_epoch();

  RowChanges<MemberId, MemberUseRow> take_changes() { return table_.take_changes(); }
  const std::map<MemberId, MemberUseRow>& rows() const { return table_.rows(); }

 private:
  RowTable<MemberId, MemberUseRow> table_;
};

}  // namespace tally::right
