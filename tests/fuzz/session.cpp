// A peer that sends anything: both sides of a session take it in chunks, at any time, and never say
// more than the protocol allows.
#include "core/link/session.hpp"

#include <vector>

#include "tests/fuzz/fuzz_input.hpp"

using namespace tally;

namespace {

// As in proto/vectors/envelope.tsv, so that its messages get past the handshake.
constexpr std::uint64_t kNonce = 0x1122334455667788;
constexpr link::PeerIdentity kTerminal{Role::kTerminal, 101, Incarnation{1}};
constexpr link::PeerIdentity kGateway{Role::kGateway, 11, Incarnation{1}};

void drive(link::Session& session, fuzz::Input input) {
  BootTime now{0};
  std::vector<link::Message> heard;
  while (!input.empty()) {
    const std::uint8_t what = input.byte();
    now = now + Duration{(what & 0x3f) * 16};
    if (session.tick(now)) {
      break;
    }
    if ((what & 0x80) != 0 && !heard.empty() && !session.open()) {
      session.send(link::Welcome{}, now);  // The node's decision, perhaps before it may be made.
    }
    if (const auto failure = session.receive(input.chunk(), now, heard)) {
      TALLY_ASSERT(!session.close_frame(failure->reason, failure->text).empty());
      break;
    }
    for (const Bytes& reply : session.take_replies()) {
      TALLY_ASSERT(reply.size() > link::kFramePrefixBytes);
    }
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  if ((input.byte() & 1U) != 0) {
    link::Session client(link::Side::kClient, kGateway, {}, 0, BootTime{0});
    drive(client, input);
  } else {
    link::Session server(link::Side::kServer, kTerminal, {}, kNonce, BootTime{0});
    server.start();
    drive(server, input);
  }
  return 0;
}
