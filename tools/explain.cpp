#include "tools/explain.hpp"

#include <charconv>
#include <optional>
#include <utility>

#include "core/base/try.hpp"
#include "core/record/record.hpp"
#include "core/record/seal.hpp"

#include "storage/ledger_schema.hpp"
#include "storage/ledger_story.hpp"
#include "tools/explain_story.hpp"

namespace tally::tools {

using storage::RecordStory;

namespace {

/// What the name stands for.
struct Name {
  std::optional<record::ReceiptNumber> place;
  std::optional<BootId> boot;
  std::optional<Mac> mac;  ///< Of a receipt's code.
  ledger::TxnId txn;
};

template <class Number>
bool read_number(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

std::optional<Name> read_name(std::string_view text) {
  Name name;
  if (text.starts_with('#')) {
    return read_number(text.substr(1), name.txn.value) && name.txn.value > 0 ? std::optional(name)
                                                                             : std::nullopt;
  }
  if (const auto code = record::peek_receipt_code(text)) {
    name.place = {code->id.terminal, code->id.incarnation, code->id.seq};
    name.boot = code->id.boot;
    name.mac = code->mac;
    return name;
  }
  const std::size_t at = text.find('@');
  BootId boot;
  if (at != std::string_view::npos) {
    if (!read_number(text.substr(at + 1), boot.value)) {
      return std::nullopt;
    }
    name.boot = boot;
  }
  const auto place = record::parse_receipt_number(text.substr(0, at));
  if (!place) {
    return std::nullopt;
  }
  name.place = *place;
  return name;
}

Explanation refused(ExplainOutcome outcome, std::string zh, std::string en) {
  Explanation explanation;
  explanation.outcome = outcome;
  explanation.refusal = {std::move(zh), std::move(en)};
  return explanation;
}

Explanation unknown() {
  return refused(ExplainOutcome::kUnknown,
                 "总账里没有这条记录或交易；它可能还在终端或网关里。",
                 "the ledger knows no such record or transaction; it may still be at a terminal or "
                 "gateway");
}

Result<Explanation> explain_record(storage::LedgerStories& stories, const Name& name) {
  TALLY_TRY_ASSIGN(std::vector<RecordId> ids,
                   stories.ids_at(name.place->terminal, name.place->incarnation, name.place->seq));
  if (name.boot) {
    std::erase_if(ids, [&](const RecordId& id) { return id.boot != *name.boot; });
  }
  if (ids.empty()) {
    return unknown();
  }
  if (ids.size() > 1) {
    Explanation explanation =
        refused(ExplainOutcome::kAmbiguous,
                "终端有几次启动都写过这个位置，请指明是哪一次：",
                "several boots of the terminal wrote at this place; say which:");
    for (const RecordId& id : ids) {
      explanation.choices.push_back(record::receipt_number(id) + "@" +
                                    std::to_string(id.boot.value));
    }
    return explanation;
  }
  TALLY_TRY_ASSIGN(const RecordStory story, stories.of_record(ids.front()));
  return tell_story(story, name.mac);
}

}  // namespace

Result<Explanation> explain(const std::string& ledger_file, const std::string& text) {
  const auto name = read_name(text);
  if (!name) {
    return refused(ExplainOutcome::kNotAName,
                   "这不是小票号（101-1-42）、小票二维码（TR1:…）或交易号（#123）。",
                   "this is no receipt number (101-1-42), receipt code (TR1:…) or transaction "
                   "number (#123)");
  }
  TALLY_TRY_ASSIGN(storage::Db db, storage::Db::open(ledger_file, storage::OpenMode::kReadOnly));
  TALLY_TRY(db.require(storage::kLedgerSchema));
  TALLY_TRY_ASSIGN(const storage::Transaction moment, storage::Transaction::begin_read(db));
  storage::LedgerStories stories(db);
  if (name->place) {
    return explain_record(stories, *name);
  }
  TALLY_TRY_ASSIGN(const auto story, stories.of_txn(name->txn));
  return story ? tell_story(*story, std::nullopt) : unknown();
}

std::string explain_text(const Explanation& explanation, const std::string& language) {
  const bool english = language == "en";
  const auto pick = [&](const Sentence& sentence) { return english ? sentence.en : sentence.zh; };
  std::string text;
  if (explanation.outcome != ExplainOutcome::kExplained) {
    text = pick(explanation.refusal) + "\n";
    for (const std::string& choice : explanation.choices) {
      text += "  " + choice + "\n";
    }
    return text;
  }
  for (const Chapter& chapter : explanation.chapters) {
    text += pick(chapter.title) + "\n";
    for (const Sentence& line : chapter.lines) {
      text += "  " + pick(line) + "\n";
    }
  }
  return text;
}

}  // namespace tally::tools
