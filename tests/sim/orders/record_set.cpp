#include "tests/sim/orders/record_set.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "core/base/amount.hpp"
#include "core/base/assert.hpp"
#include "core/codec/record_codec.hpp"
#include "core/member/card_number.hpp"
#include "core/record/seal.hpp"

#include "tests/sim/clockwork.hpp"

namespace tally::sim {
namespace {

constexpr BootId kBoot{9};
constexpr BusinessDay kFirstDay{20'000};
constexpr RightId kNeverGranted{1'000'000'000};
constexpr std::int64_t kOpeningLots = 4;
constexpr std::int64_t kOpeningLotPoints = 500;

std::string card_of(int member) {
  return *member::make_card_number(static_cast<std::uint64_t>(member + 1));
}

/// A record that can be cancelled, and how much of it was.
struct Sold {
  RecordId id;
  std::size_t stream = 0;
  std::string card;
  bool is_accrual = true;
  std::int64_t points = 0;
  std::int64_t bill = 0;
  std::int64_t returned = 0;
};

class Maker {
 public:
  Maker(const SetSize& size, const std::vector<PlannedHold>& holds)
      : size_(size), chance_(size.seed + 77), late_(late_cards(size)) {
    set_.streams = make_streams(size);
    heads_.resize(set_.streams.size());
    sales_.resize(set_.streams.size(), 1'000'000);  // Above the planned ones.
    sold_.resize(size.stores);
    holds_.resize(set_.streams.size());
    for (const PlannedHold& hold : holds) {
      if (hold.right) {
        holds_[hold.terminal.value - 1].push_back(hold);
      }
    }
    for (const std::string& card : known_cards(size)) {
      cards_.push_back(card);
      set_.due[card] = kOpeningLots * kOpeningLotPoints;
    }
    for (const std::string& card : late_) {
      cards_.push_back(card);
      set_.due[card] = 0;
    }
  }

  RecordSet make() {
    // Each late card is enrolled once for certain, at any time.
    std::size_t enrolled = 0;
    while (count_ < size_.records) {
      stream_ = below(size_.terminals);
      const std::size_t left = size_.records - count_;
      const std::size_t to_enrol = late_.size() - enrolled;
      if (to_enrol > 0 && (left <= to_enrol || below(left) < to_enrol)) {
        enrol(late_[enrolled++]);
      } else {
        one();
      }
    }
    return std::move(set_);
  }

 private:
  std::size_t below(std::size_t count) {
    return static_cast<std::size_t>(chance_.between(0, static_cast<std::int64_t>(count) - 1));
  }
  TillStream& stream() { return set_.streams[stream_]; }
  const std::string& any_card() { return cards_[below(cards_.size())]; }
  SaleId next_sale() { return make_sale_id(stream().id.terminal, kBoot, ++sales_[stream_]); }

  RecordId seal(record::Business business,
                SaleId sale,
                const std::string& card,
                std::vector<record::FundingLeg> funding = {}) {
    record::Record made;
    made.header.kind = record::kind_of(business);
    made.header.key_version = 1;
    made.header.id = {
        stream().id.terminal, stream().id.incarnation, kBoot, Seq{heads_[stream_].seq.value + 1}};
    made.header.prev_mac = heads_[stream_].mac;
    made.sale = sale;
    made.card_token = card;
    made.funding = std::move(funding);
    // A working year: lots of several months.
    made.business_day = BusinessDay{static_cast<std::int32_t>(
        kFirstDay.days + static_cast<std::int64_t>(count_ * 360 / size_.records))};
    made.business = std::move(business);
    Bytes sealed = *record::seal(made.header, *codec::encode_body(made), stream().key);
    heads_[stream_] = {made.header.id.seq, record::peek_mac(sealed)};
    stream().sealed.push_back(std::move(sealed));
    ++count_;
    return made.header.id;
  }

  void accrue(SaleId sale, const std::string& card) {
    const std::int64_t bill = chance_.between(100, 30'000);
    const std::int64_t points = chance_.chance(2) ? 0 : bill / 100;
    Bytes ticket;
    if (chance_.chance(30)) {
      ticket.resize(16);
      store_be(static_cast<std::uint64_t>(count_ + 1), ticket.data());
    }
    const RecordId id =
        seal(record::Accrual{Money{bill}, Points{points}, std::move(ticket), {}, {}}, sale, card);
    set_.due[card] += points;
    keep({id, stream_, card, true, points, bill, 0});
    ++set_.kinds["accrual"];
  }

  void redeem(const char* kind,
              SaleId sale,
              const std::string& card,
              std::int64_t points,
              std::vector<record::FundingLeg> funding) {
    const std::int64_t bill = points * 3 + 7;
    const RecordId id = seal(record::Redemption{Money{bill}, Points{points}, Money{points}},
                             sale,
                             card,
                             std::move(funding));
    set_.due[card] -= points;
    keep({id, stream_, card, false, points, bill, 0});
    ++set_.kinds[kind];
  }

  void keep(Sold sold) { sold_[stream().store.value - 1].push_back(std::move(sold)); }

  /// What a cancellation of `points` of this record does to its card.
  void undo(const Sold& sold, std::int64_t points) {
    set_.due[sold.card] += sold.is_accrual ? -points : points;
  }

  /// Any record sold in this till's store, by whatever till.
  Sold* any_sold() {
    std::deque<Sold>& sold = sold_[stream().store.value - 1];
    if (sold.empty()) {
      return nullptr;
    }
    // Mostly a recent one: its own till may well deliver it later than this one.
    const std::size_t recent = std::min<std::size_t>(sold.size(), 200);
    return &sold[chance_.chance(80) ? sold.size() - 1 - below(recent) : below(sold.size())];
  }

  void cancel() {
    Sold* sold = any_sold();
    if (sold == nullptr) {
      return;
    }
    switch (chance_.between(0, 3)) {
      case 0:
        seal(record::Void{sold->id, 0}, next_sale(), sold->card);
        undo(*sold, sold->points);
        ++set_.kinds["void"];
        return;
      case 1:
        seal(
            record::Reversal{sold->id, record::ReversalReason::kByPerson}, next_sale(), sold->card);
        undo(*sold, sold->points);
        ++set_.kinds["reversal"];
        return;
      default:
        refund(*sold);
        return;
    }
  }

  void refund(Sold& sold) {
    ++set_.kinds["refund"];
    if (chance_.chance(15)) {
      seal(record::Refund{sold.id, Money{}, Money{}, 0}, next_sale(), sold.card);
      undo(sold, sold.points);
      return;
    }
    const std::int64_t part = chance_.between(1, sold.bill);
    seal(record::Refund{sold.id, Money{part}, Money{chance_.chance(50) ? sold.bill : 0}, 0},
         next_sale(),
         sold.card);
    const std::int64_t before = sold.points * sold.returned / sold.bill;
    sold.returned += part;
    undo(sold, sold.points * sold.returned / sold.bill - before);
  }

  /// Cancellations that must do nothing: of another store's record, of a cancellation.
  void cancel_in_vain() {
    const std::deque<Sold>& others = sold_[stream().store.value % size_.stores];
    if (size_.stores > 1 && !others.empty() && chance_.chance(50)) {
      seal(record::Void{others[below(others.size())].id, 0}, next_sale(), any_card());
    } else {
      const RecordId first = seal(record::Note{1, "note"}, SaleId{}, "");
      seal(record::Void{first, 0}, next_sale(), "");
    }
    ++set_.kinds["void of what cannot be"];
  }

  void held() {
    std::deque<PlannedHold>& holds = holds_[stream_];
    if (holds.empty()) {
      return accrue(next_sale(), any_card());
    }
    const PlannedHold hold = holds.front();
    holds.pop_front();
    if (chance_.chance(10)) {
      seal(record::Reversal{std::nullopt, record::ReversalReason::kAbandonedSale},
           hold.sale,
           hold.card);
      ++set_.kinds["abandoned sale"];
      return;
    }
    redeem("redemption under a hold",
           hold.sale,
           hold.card,
           hold.points,
           {{RightKind::kHold, hold.right, Epoch{}, Points{hold.points}}});
    if (chance_.chance(70) && count_ < size_.records) {
      accrue(hold.sale, hold.card);
    }
  }

  void enrol(const std::string& card) {
    seal(record::Enrolment{card, "李*", {}, 1}, SaleId{}, card);
    ++set_.kinds["enrolment"];
  }

  void one() {
    const std::int64_t kind = chance_.between(1, 100);
    if (kind <= 50) {
      accrue(next_sale(), any_card());
    } else if (kind <= 65) {
      held();
    } else if (kind <= 75) {
      redeem(
          "redemption without a right", next_sale(), any_card(), chance_.between(100, 1'400), {});
    } else if (kind <= 77) {
      const std::int64_t points = chance_.between(50, 200);
      redeem("redemption under an unknown right",
             next_sale(),
             any_card(),
             points,
             {{RightKind::kHold, kNeverGranted, Epoch{}, Points{points}}});
    } else if (kind <= 97) {
      cancel();
    } else if (kind <= 98 && !late_.empty()) {
      enrol(late_[below(late_.size())]);
    } else {
      cancel_in_vain();
    }
  }

  SetSize size_;
  Clockwork chance_;
  std::vector<std::string> late_;
  std::vector<std::string> cards_;
  RecordSet set_;
  std::vector<StreamPosition> heads_;
  std::vector<std::uint32_t> sales_;
  std::vector<std::deque<Sold>> sold_;  ///< By store.
  std::vector<std::deque<PlannedHold>> holds_;
  std::size_t stream_ = 0;
  std::size_t count_ = 0;
};

}  // namespace

std::vector<TillStream> make_streams(const SetSize& size) {
  std::vector<TillStream> streams;
  for (std::uint32_t i = 0; i <= size.terminals; ++i) {
    TillStream stream;
    stream.id = {TerminalId{i + 1}, Incarnation{1}};
    stream.store = StoreId{i % size.stores + 1};
    stream.key.fill(static_cast<std::uint8_t>(i + 1));
    streams.push_back(std::move(stream));
  }
  return streams;
}

std::vector<std::string> known_cards(const SetSize& size) {
  std::vector<std::string> cards;
  for (int i = 0; i < size.members; ++i) {
    cards.push_back(card_of(i));
  }
  return cards;
}

std::vector<std::string> late_cards(const SetSize& size) {
  std::vector<std::string> cards;
  for (int i = 0; i < size.members / 10; ++i) {
    cards.push_back(card_of(size.members + i));
  }
  return cards;
}

std::vector<PlannedHold> plan_holds(const SetSize& size) {
  Clockwork chance(size.seed + 33);
  const std::vector<std::string> cards = known_cards(size);
  const std::vector<TillStream> streams = make_streams(size);
  std::vector<PlannedHold> holds;
  for (std::size_t i = 0; i < size.records / 8; ++i) {
    const TillStream& stream = streams[i % size.terminals];
    PlannedHold hold;
    hold.terminal = stream.id.terminal;
    hold.store = stream.store;
    hold.sale =
        make_sale_id(hold.terminal, kBoot, static_cast<std::uint32_t>(i / size.terminals + 1));
    hold.card = cards[static_cast<std::size_t>(
        chance.between(0, static_cast<std::int64_t>(cards.size()) - 1))];
    hold.points = chance.between(10, 150);
    holds.push_back(hold);
  }
  return holds;
}

void seal_opening(const SetSize& size, TillStream& till) {
  StreamPosition head;
  for (std::int64_t lot = 0; lot < kOpeningLots; ++lot) {
    for (const std::string& card : known_cards(size)) {
      record::Record made;
      made.header.kind = record::RecordKind::kAccrual;
      made.header.key_version = 1;
      made.header.id = {till.id.terminal, till.id.incarnation, kBoot, Seq{head.seq.value + 1}};
      made.header.prev_mac = head.mac;
      made.card_token = card;
      made.business_day = BusinessDay{static_cast<std::int32_t>(kFirstDay.days - 40 * lot)};
      made.business =
          record::Accrual{Money{kOpeningLotPoints * 100}, Points{kOpeningLotPoints}, {}, {}, {}};
      till.sealed.push_back(*record::seal(made.header, *codec::encode_body(made), till.key));
      head = {made.header.id.seq, record::peek_mac(till.sealed.back())};
    }
  }
}

RecordSet make_records(const SetSize& size, const std::vector<PlannedHold>& holds) {
  return Maker(size, holds).make();
}

}  // namespace tally::sim
