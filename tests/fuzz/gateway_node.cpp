// Terminals and an OA that say anything to a gateway: its machine goes on, acknowledges only what
// is on disk, and never mixes the streams of two terminals.
#include "core/node/gateway_node.hpp"

#include <map>

#include "core/codec/envelope_codec.hpp"

#include "tests/fuzz/fuzz_input.hpp"

using namespace tally;

namespace {

class Rig {
 public:
  Rig() : node_(config(), {}) {}

  void terminal_says(std::uint64_t connection, const link::Message& message) {
    perform(node_.on_terminal_message(node::ConnectionId{connection}, message, now()));
  }
  void terminal_leaves(std::uint64_t connection) {
    perform(node_.on_terminal_closed(node::ConnectionId{connection}, now()));
  }
  void oa_says(const link::Message& message) {
    const auto* received = std::get_if<link::Received>(&message);
    perform(node_.on_uplink_message(message, now()), received != nullptr && received->beside);
  }
  void uplink_down() { perform(node_.on_uplink_down(now())); }
  void pass(std::int64_t ms) {
    boot_ms_ += ms;
    perform(node_.tick(now()));
  }
  void sync() {
    if (!waiting_) {
      return;
    }
    for (const node::PackedRecords& records : waiting_->append) {
      StreamPosition& end = synced_[records.stream];
      TALLY_ASSERT(!end.seq || records.first.value == end.seq.value + 1);
      end = records.end;
    }
    waiting_.reset();
    perform(node_.on_committed(now()));
  }

 private:
  static node::GatewayConfig config() {
    node::GatewayConfig config;
    config.gateway = GatewayId{11};
    config.incarnation = Incarnation{1};
    config.store = StoreId{7};
    config.boot = BootId{1};
    config.build_time = WallTime{1'700'000'000'000'000};
    return config;
  }

  Instant now() const {
    return {WallTime{1'800'000'000'000'000 + boot_ms_ * 1'000}, BootTime{boot_ms_}};
  }

  /// `oa_synced_beside`: the OA has just said that it synced records sent beside their streams.
  void perform(const node::GatewayActions& actions, bool oa_synced_beside = false) {
    for (const node::GatewayAction& action : actions) {
      if (const auto* commit = std::get_if<node::CommitGateway>(&action)) {
        TALLY_ASSERT(!waiting_);
        waiting_ = commit->commit;
      } else if (const auto* send = std::get_if<node::SendToTerminal>(&action)) {
        check_acknowledged(send->message, oa_synced_beside);
      }
    }
  }

  void check_acknowledged(const link::Message& message, bool oa_synced_beside) {
    const auto* received = std::get_if<link::Received>(&message);
    if (received == nullptr || received->rewind) {
      return;
    }
    if (received->beside) {
      TALLY_ASSERT(oa_synced_beside);
      return;
    }
    for (const StreamMark& mark : received->positions) {
      TALLY_ASSERT(mark.position.seq <= synced_[mark.stream].seq);
    }
  }

  std::int64_t boot_ms_ = 1'000;
  node::GatewayNode node_;
  std::optional<node::GatewayCommit> waiting_;
  std::map<StreamId, StreamPosition> synced_;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static codec::EnvelopeCodec codec;
  fuzz::Input input(data, size);
  Rig rig;
  for (int steps = 0; !input.empty() && steps < 400; ++steps) {
    const std::uint8_t what = input.byte();
    const std::uint64_t connection = 1 + what / 64;
    switch (what % 8) {
      case 0:
      case 1:
      case 2:
        if (const auto message = codec.decode(input.chunk())) {
          rig.terminal_says(connection, *message);
        }
        break;
      case 3:
        if (const auto message = codec.decode(input.chunk())) {
          rig.oa_says(*message);
        }
        break;
      case 4:
        rig.sync();
        break;
      case 5:
        rig.pass(input.byte() * 20);
        break;
      case 6:
        rig.terminal_leaves(connection);
        break;
      default:
        rig.uplink_down();
        break;
    }
  }
  return 0;
}
