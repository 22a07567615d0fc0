#include "tools/explain_story.hpp"

#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include "core/codec/record_codec.hpp"
#include "core/program/evaluate.hpp"
#include "core/record/seal.hpp"

#include "tools/explain_words.hpp"
#include "tools/program_words.hpp"

namespace tally::tools {

using Json = nlohmann::json;
using ledger::AccountKind;
using ledger::TxnKind;
using storage::RecordStory;
using storage::StoryTxn;

namespace {

std::string text_of(std::int64_t number) {
  return std::to_string(number);
}

/// Tells one story.
class Teller {
 public:
  explicit Teller(const RecordStory& story) : story_(story) {}

  Explanation tell(const std::optional<Mac>& receipt_mac);

 private:
  void chapter(std::string zh, std::string en) {
    told_.chapters.push_back({{std::move(zh), std::move(en)}, {}});
  }
  void say(std::string zh, std::string en) {
    told_.chapters.back().lines.push_back({std::move(zh), std::move(en)});
  }

  void tell_record(const std::optional<Mac>& receipt_mac);
  void tell_body(const record::Record& record);
  void tell_state();
  void tell_earning(const record::Record& record, const record::Accrual& accrual);
  void tell_spending(const record::Record& record, const record::Redemption& redemption);
  void tell_legs();
  void tell_sources();
  void tell_quarantine();
  void tell_later();
  std::string state() const;

  const RecordStory& story_;
  Explanation told_;
  Json json_;
};

/// The program a record names, when this build knows its rules.
std::optional<program::Program> known_program(ProgramVersion version) {
  const program::Program base;
  return version == base.version ? std::optional(base) : std::nullopt;
}

/// The steps of the base rate, and what each rule gave.
Json program_json(const program::Program& program, const program::Evaluation& evaluation) {
  Json rules = Json::array();
  for (const program::Step& step : evaluation.steps()) {
    rules.push_back({{"rule", name_of(step.kind)},
                     {"entry", step.rule},
                     {"percent", step.percent},
                     {"amount_minor", step.amount_minor},
                     {"counted_minor", step.counted_minor},
                     {"points", step.points.value}});
  }
  const std::int64_t step = program.earn_step.minor_units;
  return {{"version", program.version.value},
          {"known", true},
          {"step_minor", step},
          {"points_per_step", program.earn_points.value},
          {"steps", evaluation.eligible_minor / step},
          {"dropped_minor", evaluation.eligible_minor % step},
          {"rules", std::move(rules)},
          {"points", evaluation.points.value}};
}

Json leg_json(const ledger::Transfer& leg) {
  Json json = {{"from", ledger::name_of(leg.from.kind)},
               {"from_owner", text_of(leg.from.owner)},
               {"to", ledger::name_of(leg.to.kind)},
               {"to_owner", text_of(leg.to.owner)},
               {"points", leg.points.value},
               {"why", words_of(leg.code).en},
               {"lot", nullptr}};
  if (leg.lot) {
    json["lot"] = {{"number", leg.lot.id.value},
                   {"issuer_store", leg.lot.issuer.value},
                   {"expires_on", words_of(leg.lot.expires_on).en}};
  }
  return json;
}

Json txn_json(const StoryTxn& story) {
  const ledger::Txn& txn = story.txn;
  Json legs = Json::array();
  for (const ledger::Transfer& leg : story.legs) {
    legs.push_back(leg_json(leg));
  }
  return {{"id", text_of(txn.id.value)},
          {"kind", words_of(txn.kind).en},
          {"member", txn.member ? Json(text_of(txn.member.value)) : Json(nullptr)},
          {"record", txn.record ? Json(record::receipt_number(*txn.record)) : Json(nullptr)},
          {"points", txn.points.value},
          {"balance_after", txn.balance_after.value},
          {"posted_us", txn.posted_at.us},
          {"legs", std::move(legs)}};
}

std::string Teller::state() const {
  const bool waits = !story_.quarantine.empty() && !story_.quarantine.front().decision;
  if (!story_.posted) {
    return waits ? "quarantined" : "awaited";
  }
  const ledger::Txn& txn = story_.posted->txn;
  if (txn.kind == TxnKind::kWriteOff) {
    return "written_off";
  }
  if (txn.result == ledger::TxnResult::kAwaitsOriginal) {
    const bool came = !story_.later.empty();
    return came ? "posted" : "awaits_original";
  }
  for (const ledger::Source& source : txn.sources) {
    if (source.kind == AccountKind::kPending) {
      return "pending";
    }
  }
  return txn.result == ledger::TxnResult::kNoted ? "noted" : "posted";
}

void Teller::tell_earning(const record::Record& record, const record::Accrual& accrual) {
  const auto version = text_of(record.program.value);
  chapter("为什么是 " + text_of(accrual.points.value) + " 分",
          "Why " + text_of(accrual.points.value) + " points");
  say("积分规则版本 " + version, "program version " + version);
  json_["program"] = {{"version", record.program.value}, {"known", false}};
  const auto program = known_program(record.program);
  const bool in_range = accrual.bill.minor_units >= 0 && accrual.bill.minor_units <= kAmountMax;
  if (!program || !in_range) {
    say("本程序不认识这一版规则，以终端的计算为准。",
        "this build does not know these rules; the terminal's figure stands");
    return;
  }
  program::Sale sale;
  sale.bill = accrual.bill;
  const program::Evaluation evaluation = program::evaluate(*program, sale, {});
  for (Sentence& sentence : tell_evaluation(*program, evaluation)) {
    say(std::move(sentence.zh), std::move(sentence.en));
  }
  if (evaluation.points != accrual.points) {
    say("终端记录的是 " + text_of(accrual.points.value) + " 分，与规则不同；记录的数字已入账。",
        "the terminal recorded " + text_of(accrual.points.value) +
            ", which differs from the rules; what it recorded counts");
  }
  json_["program"] = program_json(*program, evaluation);
}

void Teller::tell_spending(const record::Record& record, const record::Redemption& redemption) {
  const auto points = text_of(redemption.points.value);
  chapter("为什么抵扣 " + points + " 分", "Why " + points + " points were spent");
  say("积分规则版本 " + text_of(record.program.value) + "；账单 " + money_text(redemption.bill) +
          "，抵扣 " + money_text(redemption.discount),
      "program version " + text_of(record.program.value) + "; bill " + money_text(redemption.bill) +
          ", discount " + money_text(redemption.discount));
  const auto program = known_program(record.program);
  const bool whole_steps = program && redemption.points.value % program->redeem_step.value == 0 &&
                           redemption.points.value >= 0 && redemption.points.value <= kAmountMax;
  json_["program"] = {{"version", record.program.value}, {"known", program.has_value()}};
  if (whole_steps) {
    const std::string worth = money_text(program::worth_of(*program, redemption.points));
    say("每 " + text_of(program->redeem_step.value) + " 分抵 " +
            money_text(program->redeem_step_worth) + "：" + points + " 分抵 " + worth,
        text_of(program->redeem_step.value) + " points take off " +
            money_text(program->redeem_step_worth) + ": " + points + " take off " + worth);
    json_["program"]["worth"] = worth;
  }
  for (const record::FundingLeg& leg : record.funding) {
    say("由权利 " + text_of(static_cast<std::int64_t>(leg.right.value)) + " 支付 " +
            text_of(leg.points.value) + " 分",
        "right " + text_of(static_cast<std::int64_t>(leg.right.value)) + " pays " +
            text_of(leg.points.value));
  }
}

void Teller::tell_body(const record::Record& record) {
  const Sentence day = words_of(record.business_day);
  say("营业日 " + day.zh + "，收银员 " + text_of(record.cashier.value) + "，时钟 " +
          time_text(record.wall),
      "business day " + day.en + ", cashier " + text_of(record.cashier.value) + ", clock " +
          time_text(record.wall));
  if (const auto* accrual = std::get_if<record::Accrual>(&record.business)) {
    tell_earning(record, *accrual);
  } else if (const auto* redemption = std::get_if<record::Redemption>(&record.business)) {
    tell_spending(record, *redemption);
  } else if (const auto* undo = std::get_if<record::Void>(&record.business)) {
    say("撤销记录 " + record::receipt_number(undo->original),
        "voids " + record::receipt_number(undo->original));
  } else if (const auto* refund = std::get_if<record::Refund>(&record.business)) {
    say("退货 " + money_text(refund->returned) + "，原单 " +
            record::receipt_number(refund->original) + "；积分按累计份额向下取整之差收回",
        "returns " + money_text(refund->returned) + " of " +
            record::receipt_number(refund->original) +
            "; points by the difference of cumulative shares, rounded down");
  } else if (const auto* reversal = std::get_if<record::Reversal>(&record.business)) {
    const std::string what = reversal->original ? record::receipt_number(*reversal->original) : "";
    say(what.empty() ? "冲正整笔交易" : "冲正记录 " + what,
        what.empty() ? "reverses the whole sale" : "reverses " + what);
  }
}

void Teller::tell_record(const std::optional<Mac>& receipt_mac) {
  if (!story_.record) {
    const Sentence kind = words_of(story_.posted->txn.kind);
    chapter("总账自己的交易", "A transaction of the ledger's own");
    say(kind.zh, kind.en);
    return;
  }
  const std::string receipt = record::receipt_number(*story_.record);
  chapter("记录 " + receipt, "Record " + receipt);
  json_["record"] = receipt;
  json_["boot"] = std::to_string(story_.record->boot.value);
  if (story_.raws.empty()) {
    say("OA 还没有收到这条记录。", "the OA does not have this record yet");
    return;
  }
  if (story_.raws.size() > 1) {
    say("同一编号有 " + text_of(static_cast<std::int64_t>(story_.raws.size())) +
            " 份不同的内容；以下说的是第一份。",
        text_of(static_cast<std::int64_t>(story_.raws.size())) +
            " contents have this number; this is about the first");
  }
  const storage::StoryRaw& raw = story_.raws.front();
  if (receipt_mac && *receipt_mac != raw.mac) {
    say("小票上的签名与 OA 的记录不同：两者不是同一份内容。",
        "the receipt's MAC is not that of the OA's record: they are two contents");
  }
  json_["receipt_matches"] = receipt_mac ? Json(*receipt_mac == raw.mac) : Json(nullptr);
  const auto header = record::peek_header(raw.sealed);
  const auto record = codec::decode_record(raw.sealed);
  if (header) {
    const Sentence kind = words_of(static_cast<TxnKind>(header->kind));
    say(kind.zh + "，门店 " + text_of(raw.store.value) + "，终端 " +
            text_of(story_.record->terminal.value) + "；" + time_text(raw.received_at) +
            " 经网关 " + text_of(raw.gateway.value) + " 收到",
        kind.en + ", store " + text_of(raw.store.value) + ", terminal " +
            text_of(story_.record->terminal.value) + "; received " + time_text(raw.received_at) +
            " through gateway " + text_of(raw.gateway.value));
  }
  if (!raw.whole) {
    say("存储的内容已损坏（校验和不符）。", "its stored bytes are damaged (check sum)");
  }
  if (record) {
    tell_body(*record);
  } else {
    say("内容无法读取。", "its content cannot be read");
  }
}

void Teller::tell_state() {
  const std::string now = state();
  json_["state"] = now;
  chapter("现在", "Now");
  if (story_.posted) {
    const ledger::Txn& txn = story_.posted->txn;
    const std::string number = text_of(txn.id.value);
    const std::string member = txn.member ? text_of(txn.member.value) : "–";
    say("交易 #" + number + "，" + time_text(txn.posted_at) + " 入账，会员 " + member + "：" +
            text_of(txn.points.value) + " 分，之后可用 " + text_of(txn.balance_after.value) + " 分",
        "transaction #" + number + ", posted " + time_text(txn.posted_at) + ", member " + member +
            ": " + text_of(txn.points.value) + " points, " + text_of(txn.balance_after.value) +
            " available after it");
    if (story_.posted->about_record) {
      const std::string about = record::receipt_number(*story_.posted->about_record);
      say("它撤销的是 " + about, "it cancels " + about);
    }
    if (txn.cause) {
      say("由交易 #" + text_of(txn.cause.value) + " 引起",
          "caused by transaction #" + text_of(txn.cause.value));
    }
    if (story_.posted->act) {
      const Sentence act = words_of(*story_.posted->act);
      say(act.zh, act.en);
    }
    json_["txn"] = txn_json(*story_.posted);
  }
  if (now == "quarantined") {
    say("在隔离区等待处理，没有入账。", "waits in quarantine; nothing was posted");
  } else if (now == "awaited") {
    say("还没有入账。", "nothing was posted");
  } else if (now == "awaits_original") {
    say("它要撤销的记录还没有到；到时自动撤销。",
        "what it cancels is not here yet; it takes effect when that comes");
  } else if (now == "pending") {
    say("积分待生效，还不能使用。", "the points are pending and cannot be spent yet");
  } else if (now == "written_off") {
    say("按办公室的决定核销，不动积分。", "written off by decision of the office; moves no points");
  }
  for (const ledger::Tombstone& tombstone : story_.awaited_by) {
    const Sentence kind = words_of(tombstone.kind);
    say("交易 #" + text_of(tombstone.by.value) + "（" + kind.zh + "）先于它到达，等它入账后撤销它",
        "transaction #" + text_of(tombstone.by.value) + " (" + kind.en +
            ") came first and cancels it as soon as it posts");
  }
}

void Teller::tell_legs() {
  if (!story_.posted || story_.posted->legs.empty()) {
    return;
  }
  chapter("分录", "Legs");
  for (const ledger::Transfer& leg : story_.posted->legs) {
    const Sentence from = words_of(leg.from);
    const Sentence to = words_of(leg.to);
    const Sentence lot = words_of(leg.lot);
    const Sentence why = words_of(leg.code);
    say(from.zh + " → " + to.zh + "：" + text_of(leg.points.value) + " 分，" + why.zh + lot.zh,
        from.en + " → " + to.en + ": " + text_of(leg.points.value) + ", " + why.en + lot.en);
  }
}

void Teller::tell_sources() {
  if (!story_.posted || story_.posted->txn.sources.empty()) {
    return;
  }
  chapter("还可以撤销的部分", "What can still be cancelled");
  Json sources = Json::array();
  for (const ledger::Source& source : story_.posted->txn.sources) {
    const bool in_lot = source.kind == AccountKind::kAvailable;
    const bool of_member = in_lot || source.kind == AccountKind::kPending;
    const ledger::AccountKey where{
        source.kind,
        of_member ? story_.posted->txn.member.value : std::int64_t{source.store.value}};
    const Sentence account = words_of(where);
    const bool waits = source.kind == AccountKind::kPending;
    const Sentence day = words_of(source.vests_on);
    const Sentence lot =
        waits ? Sentence{"，" + day.zh + " 生效", ", until " + day.en} : words_of(source.lot);
    say(account.zh + "：" + text_of(source.points.value) + " 分" + lot.zh,
        account.en + ": " + text_of(source.points.value) + lot.en);
    sources.push_back({{"account", ledger::name_of(source.kind)},
                       {"points", source.points.value},
                       {"lot", in_lot ? Json(source.lot.id.value) : Json(nullptr)}});
  }
  json_["left_to_cancel"] = std::move(sources);
}

void Teller::tell_quarantine() {
  if (story_.quarantine.empty()) {
    return;
  }
  chapter("隔离区", "Quarantine");
  Json entries = Json::array();
  for (const storage::StoryQuarantine& aside : story_.quarantine) {
    const Sentence reason = words_of(aside.reason);
    say(time_text(aside.at) + " 放入，编号 " + text_of(aside.number) + "：" + reason.zh,
        "put aside " + time_text(aside.at) + " as number " + text_of(aside.number) + ": " +
            reason.en);
    Json entry = {{"number", text_of(aside.number)},
                  {"reason", ledger::name_of(aside.reason)},
                  {"decision", nullptr},
                  {"maker", nullptr},
                  {"checker", nullptr},
                  {"why", nullptr}};
    if (aside.decision) {
      const bool posted = *aside.decision == ledger::QuarantineDecision::kPost;
      entry["decision"] = posted ? "post" : "write_off";
      say(posted ? "决定：入账" : "决定：核销",
          posted ? "decided: post it" : "decided: write it off");
    }
    if (aside.act) {
      const Sentence act = words_of(*aside.act);
      say(act.zh, act.en);
      entry["maker"] = aside.act->act.maker;
      entry["checker"] = aside.act->act.checker;
      entry["why"] = aside.act->act.reason;
    }
    entries.push_back(std::move(entry));
  }
  json_["quarantine"] = std::move(entries);
}

void Teller::tell_later() {
  if (story_.later.empty()) {
    return;
  }
  chapter("后来", "Later");
  Json later = Json::array();
  for (const StoryTxn& each : story_.later) {
    const ledger::Txn& txn = each.txn;
    const Sentence kind = words_of(txn.kind);
    const std::string receipt = txn.record ? " " + record::receipt_number(*txn.record) : "";
    say(time_text(txn.posted_at) + " 交易 #" + text_of(txn.id.value) + "，" + kind.zh + receipt +
            "：" + text_of(txn.points.value) + " 分",
        time_text(txn.posted_at) + " transaction #" + text_of(txn.id.value) + ", " + kind.en +
            receipt + ": " + text_of(txn.points.value) + " points");
    later.push_back(txn_json(each));
  }
  json_["later"] = std::move(later);
}

Explanation Teller::tell(const std::optional<Mac>& receipt_mac) {
  json_ = {{"record", nullptr},
           {"boot", nullptr},
           {"receipt_matches", nullptr},
           {"state", nullptr},
           {"program", nullptr},
           {"txn", nullptr},
           {"left_to_cancel", Json::array()},
           {"quarantine", Json::array()},
           {"later", Json::array()}};
  tell_record(receipt_mac);
  tell_quarantine();
  tell_state();
  tell_legs();
  tell_sources();
  tell_later();
  told_.json = json_.dump(2, ' ', false, Json::error_handler_t::replace);
  return std::move(told_);
}

}  // namespace

Explanation tell_story(const RecordStory& story, const std::optional<Mac>& receipt_mac) {
  return Teller(story).tell(receipt_mac);
}

}  // namespace tally::tools
