#include "tests/sim/transfer_fold.hpp"

#include <string>

#include "core/ledger/account.hpp"
#include "core/ledger/txn.hpp"

#include "tests/sim/ledger_mirror.hpp"

namespace tally::sim {
namespace {

using ledger::AccountKind;
using ledger::TransferCode;

constexpr auto kAvailable = static_cast<std::int64_t>(AccountKind::kAvailable);

}  // namespace

void TransferFold::add(const Row& row, bool in_order, Touched& touched) {
  const Account from{row[0].number, row[1].number};
  const Account to{row[2].number, row[3].number};
  const std::int64_t points = row[4].number;
  sums_[from] -= points;
  sums_[to] += points;
  touched.accounts.insert(from);
  touched.accounts.insert(to);
  if (points <= 0) {
    touched.wrong_lots.push_back("a transfer moves " + std::to_string(points) + " points");
  }
  if (from.first == kAvailable) {
    const LotKey key{from.second, row[6].number, row[7].number};
    lots_[key] -= points;
    if (in_order) {
      judge_taken(key, row[5].number, touched);
    }
    touched.members.insert(from.second);
  }
  if (to.first == kAvailable) {
    lots_[{to.second, row[6].number, row[7].number}] += points;
    touched.members.insert(to.second);
  }
}

void TransferFold::judge_taken(const LotKey& key, std::int64_t code, Touched& touched) const {
  const std::int64_t member = std::get<0>(key);
  const std::int64_t left = lots_.at(key);
  if (left < 0) {
    touched.wrong_lots.push_back("member " + std::to_string(member) + ": a lot gave " +
                                 std::to_string(-left) + " points more than it had");
  }
  const bool is_spending = code == static_cast<std::int64_t>(TransferCode::kRedemption) ||
                           code == static_cast<std::int64_t>(TransferCode::kHold);
  for (auto lot = lots_.lower_bound({member, INT64_MIN, INT64_MIN});
       is_spending && lot != lots_.end() && lot->first < key;
       ++lot) {
    if (lot->second > 0 && std::get<1>(lot->first) < std::get<1>(key)) {
      touched.wrong_lots.push_back("member " + std::to_string(member) +
                                   ": points that expire later were spent first");
      return;
    }
  }
}

std::int64_t TransferFold::sum(Account account) const {
  const auto at = sums_.find(account);
  return at == sums_.end() ? 0 : at->second;
}

bool TransferFold::lots_are(std::int64_t member, const std::map<LotKey, std::int64_t>& lots) const {
  const LotKey first{member, INT64_MIN, INT64_MIN};
  auto table = lots.lower_bound(first);
  for (auto fold = lots_.lower_bound(first);
       fold != lots_.end() && std::get<0>(fold->first) == member;
       ++fold) {
    if (fold->second == 0) {
      continue;
    }
    if (table == lots.end() || *table != *fold) {
      return false;
    }
    ++table;
  }
  return table == lots.end() || std::get<0>(table->first) != member;
}

}  // namespace tally::sim
