// A gateway that says anything to a terminal while a cashier presses anything: the machine goes on,
// and what it shows approved is on disk with its shown mark.
#include "core/codec/envelope_codec.hpp"

#include "tests/fuzz/fuzz_input.hpp"
#include "tests/support/terminal_rig.hpp"

using namespace tally;

namespace {

constexpr std::string_view kCard = "9156000000000017";

void check_screen(const test::TerminalRig& rig) {
  const sale::CheckoutView& view = rig.view();
  if (view.screen != sale::Screen::kResult || view.result != sale::ResultKind::kApproved ||
      view.message != sale::MessageId::kApproved) {
    return;
  }
  const auto number = record::parse_receipt_number(view.receipt_number);
  TALLY_ASSERT(number.has_value());
  const auto& rows = rig.journal.rows();
  TALLY_ASSERT(number->seq.value >= 1 && number->seq.value <= rows.size());
  TALLY_ASSERT(rows[number->seq.value - 1].shown);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static codec::EnvelopeCodec codec;
  fuzz::Input input(data, size);
  test::TerminalRig rig;
  std::uint64_t boot = 1;
  for (int steps = 0; !input.empty() && steps < 400; ++steps) {
    const std::uint8_t what = input.byte();
    switch (what % 12) {
      case 0:
      case 1:
      case 2:
        rig.key(static_cast<sale::Key>(input.byte() % 20));
        break;
      case 3:
        rig.code(kCard);
        break;
      case 4: {
        const ByteView text = input.chunk();
        rig.code(fuzz::text_of(text.data(), text.size()));
        break;
      }
      case 5:
      case 6:
        if (const auto message = codec.decode(input.chunk())) {
          rig.hear(*message);
        }
        break;
      case 7:
        rig.sync();
        break;
      case 8:
        rig.answer_reads();
        break;
      case 9:
        rig.pass(input.byte() * 20);
        break;
      case 10:
        rig.take(rig.node->on_link_down(node::LinkFault::kUnreachable, rig.now()));
        break;
      default:
        rig.start(++boot);  // The power was cut: what was not synced is gone.
        break;
    }
    check_screen(rig);
  }
  return 0;
}
