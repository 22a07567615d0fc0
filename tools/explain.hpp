// `tally explain` as a function: why a record, or a transaction of the ledger's own, did to a
// member's points what it did. Reads a ledger file, tells the facts in order, each in both
// languages: the record, the program's steps and their rounding, the legs by lot, what can still be
// cancelled, quarantine and its decision, what came later.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace tally::tools {

/// One fact for people.
struct Sentence {
  std::string zh;
  std::string en;
};

/// Facts under one heading.
struct Chapter {
  Sentence title;
  std::vector<Sentence> lines;
};

/// Why there is no explanation.
enum class ExplainOutcome {
  kExplained,
  kNotAName,   ///< Neither receipt number nor receipt code nor transaction number.
  kUnknown,    ///< The ledger knows nothing of it.
  kAmbiguous,  ///< Several boots wrote at this place; `choices` names them.
};

struct Explanation {
  ExplainOutcome outcome = ExplainOutcome::kExplained;
  Sentence refusal;                  ///< Unless explained.
  std::vector<std::string> choices;  ///< "101-1-42@17": names that are not ambiguous.
  std::vector<Chapter> chapters;
  std::string json;  ///< The same facts for programs (docs/formats/explain.md).
};

/// `name` is a receipt number ("101-1-42"; with "@BOOT" when several boots wrote at that place),
/// the text of a receipt's QR code, or "#123", the number of a transaction. Errors: those of
/// opening and reading the ledger; a damaged record is a fact to be told, not an error.
Result<Explanation> explain(const std::string& ledger_file, const std::string& name);

/// As text for people; `language` is "zh-CN" or "en".
std::string explain_text(const Explanation& explanation, const std::string& language);

}  // namespace tally::tools
