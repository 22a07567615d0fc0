#include "core/right/member_uses.hpp"

namespace tally::right {

MemberSoFar MemberUses::so_far(MemberId member, BusinessDay today) const {
  const MemberUseRow* row = table_.find(member);
  if (row == nullptr) {
    return {};
  }
  return row->day < today ? MemberSoFar{row->under_cap, Points{0}, 0}
                          : MemberSoFar{row->under_cap, row->day_points, row->day_sales};
}

bool MemberUses::make_room_for(MemberId member, BusinessDay today) {
  if (table_.size() < kMembersMax || table_.find(member) != nullptr) {
    return true;
  }
  std::vector<MemberId> past;
  for (const auto& [id, row] : table_.rows()) {
    if (row.under_cap == Points{0} && row.day < today) {
      past.push_back(id);
    }
  }
  for (const MemberId id : past) {
    table_.erase(id);
  }
  return table_.size() < kMembersMax;
}

void MemberUses::note(MemberId member, Points points, bool under_cap, BusinessDay today) {
  if (table_.find(member) == nullptr) {
    table_.put({member, Points{0}, today, Points{0}, 0});
  }
  MemberUseRow& row = table_.change(member);
  if (row.day < today) {
    row.day = today;
    row.day_points = Points{0};
    row.day_sales = 0;
  }
  row.day_points += points;
  ++row.day_sales;
  if (under_cap) {
    row.under_cap += points;
  }
}

void MemberUses::begin_epoch() {
  std::vector<MemberId> capped;
  for (const auto& [id, row] : table_.rows()) {
    if (row.under_cap != Points{0}) {
      capped.push_back(id);
    }
  }
  for (const MemberId id : capped) {
    table_.change(id).under_cap = Points{0};
  }
}

}  // namespace tally::right
