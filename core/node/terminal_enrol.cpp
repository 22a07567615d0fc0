// Enrolling a member at the till, with or without anybody to ask: one record with the card, a
// number out of a block when there is one, and the personal fields sealed to the OA's public key.
#include <utility>

#include "core/crypto/hpke.hpp"
#include "core/member/card_number.hpp"
#include "core/member/sealed_fields.hpp"
#include "core/node/oa_people.hpp"
#include "core/node/terminal_node.hpp"

namespace tally::node {
namespace {

constexpr std::uint32_t kNumbersOrdered = 50;
constexpr std::uint64_t kNumbersLow = 10;
/// Of the sentence the customer agreed to; the office keeps the wording.
constexpr std::uint32_t kConsentVersion = 1;

std::string number_from(NumberStock& stock) {
  const auto block = stock.take(1);
  return block ? member::make_card_number(block->first).value_or(std::string{}) : std::string{};
}

}  // namespace

void TerminalNode::order_numbers() {
  if (numbers_.left() < kNumbersLow) {
    actions_.push_back(SendUplink{link::NumberRequest{kNumbersOrdered}});
  }
}

void TerminalNode::begin_enrol(const sale::Enrol& effect, Instant now) {
  work_ = Work{};
  work_.receipt = ReceiptKind::kEnrolment;
  if (journal_failed_) {
    decline(sale::MessageId::kDiskFault, now);
    return;
  }
  const bool english = checkout_.view().language == sale::Language::kEn;
  const auto fields = member::to_text({effect.phone, "", english ? "en" : "zh-CN"});
  if (!config_.oa_key || config_.random == nullptr || !fields) {
    decline(sale::MessageId::kInternalFault, now);
    return;
  }
  Result<Bytes> sealed = crypto::hpke_seal(*config_.oa_key,
                                           as_bytes(kEnrolmentSeal),
                                           as_bytes(effect.card_token),
                                           as_bytes(*fields),
                                           *config_.random);
  if (!sealed) {
    decline(sale::MessageId::kInternalFault, now);
    return;
  }
  const std::string masked = member::mask_phone(effect.phone);
  work_.card_token = effect.card_token;
  work_.outcome.message = sale::MessageId::kEnrolled;
  work_.step = Step::kAppend;
  append(fact_of_work(
             record::Enrolment{number_from(numbers_), masked, std::move(*sealed), kConsentVersion}),
         now);
  work_.rows = {pending_.append.back()};
  if (linked_) {
    order_numbers();
  }
  checkout_.view().member.masked_name = masked;
}

void TerminalNode::remember_enrolled(const ReceiptFacts& facts, Instant now) {
  // Until the office knows the member, this till does.
  link::MemberView view;
  view.masked_name = facts.masked_name;
  view.as_of = clock_.read(now);
  recent_.remember(work_.card_token, view);
}

}  // namespace tally::node
