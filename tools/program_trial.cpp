#include "tools/program_trial.hpp"

#include "core/program/check.hpp"
#include "core/program/evaluate.hpp"

#include "tools/explain_words.hpp"
#include "tools/program_words.hpp"

namespace tally::tools {
namespace {

std::string difference_text(std::int64_t difference) {
  return (difference > 0 ? "+" : "") + std::to_string(difference);
}

}  // namespace

Trial try_program(const program::Program& program,
                  const std::deque<TriedSale>& sales,
                  const TrialOptions& options) {
  Trial trial;
  const bool zh = options.is_chinese;
  std::int64_t paid_minor = 0;
  std::int64_t points = 0;
  std::int64_t points_against = 0;
  trial.text = zh ? "行\t实付\t积分" : "line\tpaid\tpoints";
  if (options.against != nullptr) {
    trial.text += zh ? "\t对比规则\t差" : "\tagainst\tdifference";
  }
  trial.text += "\n";
  for (const TriedSale& tried : sales) {
    for (const program::Program* each : {&program, options.against}) {
      const auto fault = each == nullptr ? std::nullopt : check(*each, tried.sale, tried.member);
      if (fault) {
        const std::string place = std::to_string(tried.line_number);
        const Sentence words = words_of(*fault);
        trial.refusal = {"第 " + place + " 行，" + words.zh, "line " + place + ", " + words.en};
        return trial;
      }
    }
    const program::Evaluation result = evaluate(program, tried.sale, tried.member);
    trial.text += std::to_string(tried.line_number) + "\t" + format_amount(tried.sale.bill) + "\t" +
                  std::to_string(result.points.value);
    paid_minor += tried.sale.bill.minor_units;
    points += result.points.value;
    if (options.against != nullptr) {
      const std::int64_t other = evaluate(*options.against, tried.sale, tried.member).points.value;
      points_against += other;
      trial.text +=
          "\t" + std::to_string(other) + "\t" + difference_text(result.points.value - other);
    }
    trial.text += "\n";
    if (options.with_reasons) {
      for (const Sentence& sentence : tell_evaluation(program, result)) {
        trial.text += "  " + (zh ? sentence.zh : sentence.en) + "\n";
      }
    }
  }
  const std::string paid = money_text({paid_minor, program.earn_step.currency});
  const std::string count = std::to_string(sales.size());
  trial.text += zh ? "共 " + count + " 笔，实付 " + paid + "，积分 " + std::to_string(points)
                   : "sales " + count + ", paid " + paid + ", points " + std::to_string(points);
  if (options.against != nullptr) {
    trial.text += (zh ? "；对比规则 " : "; against ") + std::to_string(points_against) +
                  (zh ? "，差 " : ", difference ") + difference_text(points - points_against);
  }
  trial.text += "\n";
  return trial;
}

}  // namespace tally::tools
