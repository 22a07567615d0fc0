#include "core/ledger/working_set.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/mutant.hpp"

namespace tally::ledger {

void WorkingSet::load_member(MemberEntry entry) {
  entry.lots_read = entry.lots.all();
  const MemberId id = entry.row.id;
  members_.emplace(id, std::move(entry));
}

void WorkingSet::load_card(const std::string& token, MemberId member, CardState state) {
  cards_.emplace(token, CardEntry{member, state});
}

void WorkingSet::load_txn(Txn txn) {
  const TxnId id = txn.id;
  if (txns_.contains(id)) {
    return;
  }
  if (txn.record) {
    txn_of_record_.emplace(*txn.record, id);
  }
  if (txn.sale) {
    txns_of_sale_.emplace(txn.sale, id);
  }
  txns_.emplace(id, Entry<Txn>{std::move(txn)});
}

void WorkingSet::load_right(Right right) {
  const RightId id = right.id;
  if (rights_.contains(id)) {
    return;
  }
  if (right.sale) {
    rights_of_sale_.emplace(right.sale, id);
  }
  rights_.emplace(id, Entry<Right>{std::move(right)});
}

void WorkingSet::load_sale(Sale sale) {
  const SaleId id = sale.id;
  sales_.emplace(id, Entry<Sale>{std::move(sale)});
}

void WorkingSet::load_tombstone(const Tombstone& tombstone) {
  tombstones_.push_back(tombstone);
}

void WorkingSet::load_ticket(TicketKey key, RecordId owner) {
  tickets_.emplace(std::move(key), owner);
}

void WorkingSet::load_expired(const Bucket& bucket, Points points) {
  expired_.emplace(bucket, points);
}

void WorkingSet::load_risk(StoreId store, Points balance) {
  risks_.emplace(store, balance);
}

MemberEntry* WorkingSet::member(MemberId id) {
  const auto found = members_.find(id);
  return found == members_.end() ? nullptr : &found->second;
}

MemberId WorkingSet::member_of_card(const std::string& token) const {
  const auto found = cards_.find(token);
  if (found != cards_.end()) {
    return found->second.member;
  }
  TALLY_ASSERT(plan_.cards.contains(token));
  return MemberId{};
}

CardState WorkingSet::state_of_card(const std::string& token) const {
  const auto found = cards_.find(token);
  if (found != cards_.end()) {
    return found->second.state;
  }
  TALLY_ASSERT(plan_.cards.contains(token));
  return CardState::kActive;
}

Txn* WorkingSet::txn(TxnId id) {
  const auto found = txns_.find(id);
  return found == txns_.end() ? nullptr : &found->second.row;
}

Txn* WorkingSet::txn_of_record(const RecordId& id) {
  const auto found = txn_of_record_.find(id);
  if (found != txn_of_record_.end()) {
    return txn(found->second);
  }
  TALLY_ASSERT(plan_.records.contains(id));
  return nullptr;
}

std::vector<TxnId> WorkingSet::txns_of_sale(const SaleId& sale) const {
  TALLY_ASSERT(plan_.sales.contains(sale));
  std::vector<TxnId> ids;
  const auto [begin, end] = txns_of_sale_.equal_range(sale);
  for (auto it = begin; it != end; ++it) {
    ids.push_back(it->second);
  }
  return ids;
}

Right* WorkingSet::right(RightId id) {
  const auto found = rights_.find(id);
  if (found != rights_.end()) {
    return &found->second.row;
  }
  TALLY_ASSERT(plan_.rights.contains(id));
  return nullptr;
}

std::vector<RightId> WorkingSet::leases_of(MemberId member) const {
  TALLY_ASSERT(plan_.leases_of.contains(member));
  std::vector<RightId> ids;
  for (const auto& [id, entry] : rights_) {
    if (entry.row.kind == RightKind::kLease && entry.row.member == member &&
        entry.row.state == RightState::kGranted) {
      ids.push_back(id);
    }
  }
  return ids;
}

std::vector<RightId> WorkingSet::open_at_risk(StoreId store) const {
  TALLY_ASSERT(plan_.stores_at_risk.contains(store));
  std::vector<RightId> ids;
  for (const auto& [id, entry] : rights_) {
    const bool counts =
        (entry.row.kind == RightKind::kBudget && entry.row.state == RightState::kGranted) ||
        entry.row.state == RightState::kFenced;
    if (counts && entry.row.store == store && entry.row.open() > Points{0}) {
      ids.push_back(id);
    }
  }
  return ids;
}

Points WorkingSet::risk_of_store(StoreId store) const {
  TALLY_ASSERT(plan_.stores_at_risk.contains(store));
  const auto found = risks_.find(store);
  return found == risks_.end() ? Points{0} : found->second;
}

bool WorkingSet::may_be_lost(RightId id) const {
  return std::any_of(lost_rights_.begin(), lost_rights_.end(), [&](const LostRights& lost) {
    return lost.first <= id && id <= lost.last && !TALLY_MUTANT("restore/lost-holds-forgotten");
  });
}

std::vector<RightId> WorkingSet::rights_of_sale(const SaleId& sale) const {
  TALLY_ASSERT(plan_.sales.contains(sale));
  std::vector<RightId> ids;
  const auto [begin, end] = rights_of_sale_.equal_range(sale);
  for (auto it = begin; it != end; ++it) {
    ids.push_back(it->second);
  }
  return ids;
}

Sale* WorkingSet::sale(const SaleId& id) {
  const auto found = sales_.find(id);
  if (found != sales_.end()) {
    return &found->second.row;
  }
  TALLY_ASSERT(plan_.sales.contains(id));
  return nullptr;
}

std::vector<Tombstone> WorkingSet::tombstones_for(const RecordId& original,
                                                  const SaleId& sale) const {
  std::vector<Tombstone> found;
  for (const Tombstone& tombstone : tombstones_) {
    const bool meant = tombstone.original ? *tombstone.original == original
                                          : static_cast<bool>(sale) && tombstone.sale == sale;
    if (meant) {
      found.push_back(tombstone);
    }
  }
  return found;
}

std::optional<RecordId> WorkingSet::ticket_owner(const TicketKey& key) const {
  const auto found = tickets_.find(key);
  if (found != tickets_.end()) {
    return found->second;
  }
  TALLY_ASSERT(plan_.tickets.contains(key));
  return std::nullopt;
}

Points WorkingSet::expired_of(const Bucket& bucket) const {
  const auto found = expired_.find(bucket);
  return found == expired_.end() ? Points{0} : found->second;
}

MemberEntry& WorkingSet::add_member(Member member) {
  const MemberId id = member.id;
  MemberEntry entry;
  entry.row = std::move(member);
  entry.is_new = true;
  entry.dirty = true;
  const auto [place, added] = members_.emplace(id, std::move(entry));
  TALLY_ASSERT(added);
  return place->second;
}

void WorkingSet::add_card(const std::string& token, MemberId member) {
  const bool added = cards_.emplace(token, CardEntry{member}).second;
  TALLY_ASSERT(added);
  new_cards_.emplace(token, member);
}

void WorkingSet::set_card_state(const std::string& token, CardState state) {
  cards_.at(token).state = state;
  changed_cards_[token] = state;
}

void WorkingSet::move_cards(MemberId from, MemberId to) {
  for (auto& [token, card] : cards_) {
    if (card.member == from) {
      card.member = to;
    }
  }
  moved_cards_.emplace_back(from, to);
}

Txn& WorkingSet::add_txn(Txn txn) {
  const TxnId id = txn.id;
  load_txn(std::move(txn));
  Entry<Txn>& entry = txns_.at(id);
  TALLY_ASSERT(!entry.is_new);
  entry.is_new = true;
  return entry.row;
}

void WorkingSet::touch_txn(TxnId id) {
  txns_.at(id).dirty = true;
}

void WorkingSet::add_transfer(const Txn& txn, std::uint32_t leg, const Transfer& transfer) {
  TALLY_ASSERT(transfer.points > Points{0});
  transfers_.push_back(NewTransfer{txn.id, txn.member, leg, transfer});
}

Right& WorkingSet::add_right(Right right) {
  const RightId id = right.id;
  load_right(std::move(right));
  Entry<Right>& entry = rights_.at(id);
  TALLY_ASSERT(!entry.is_new);
  entry.is_new = true;
  return entry.row;
}

void WorkingSet::touch_right(RightId id) {
  rights_.at(id).dirty = true;
}

Sale& WorkingSet::open_sale(const SaleId& id) {
  auto found = sales_.find(id);
  if (found == sales_.end()) {
    TALLY_ASSERT(plan_.sales.contains(id));
    Sale sale;
    sale.id = id;
    found = sales_.emplace(id, Entry<Sale>{std::move(sale), true, false}).first;
  }
  found->second.dirty = true;
  return found->second.row;
}

void WorkingSet::add_tombstone(const Tombstone& tombstone) {
  tombstones_.push_back(tombstone);
  new_tombstones_.push_back(tombstone);
}

void WorkingSet::change_expired(const Bucket& bucket, Points delta) {
  expired_[bucket] += delta;
  expired_changes_[bucket] += delta;
}

void WorkingSet::reserve_ticket(const TicketKey& key, const RecordId& owner) {
  tickets_.emplace(key, owner);
  new_tickets_.emplace(key, owner);
}

}  // namespace tally::ledger
