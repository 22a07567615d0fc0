// `tally bench directory`: a ledger of N members, its directory synced to a gateway through the
// real machines, messages and files, then look-ups in a process of its own, whose memory is a
// gateway's.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "core/base/assert.hpp"
#include "core/codec/envelope_codec.hpp"
#include "core/node/oa_node.hpp"

#include "storage/gateway_directory.hpp"
#include "storage/ledger_store.hpp"

namespace {

using namespace tally;
using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

constexpr GatewayId kGateway{11};
constexpr StoreId kStore{7};
constexpr node::ConnectionId kLine{1};
constexpr node::ConnectionId kTill{2};

double seconds_since(Clock::time_point begun) {
  return std::chrono::duration<double>(Clock::now() - begun).count();
}

Instant now() {
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  const auto boot = Clock::now().time_since_epoch();
  return {WallTime{std::chrono::duration_cast<std::chrono::microseconds>(wall).count()},
          BootTime{std::chrono::duration_cast<std::chrono::milliseconds>(boot).count()}};
}

std::string card_of(std::int64_t member) {
  return "9156" + std::to_string(100'000'000'000 + member);
}

std::uint64_t bytes_of(const std::string& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  return error ? 0 : size;
}

/// Resident memory of this process now, in KiB.
std::uint64_t resident_kib() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    if (word == "VmRSS:") {
      std::uint64_t kib = 0;
      status >> kib;
      return kib;
    }
  }
  return 0;
}

template <class T>
T must(Result<T> result, const char* what) {
  if (!result) {
    std::fprintf(stderr, "%s: %s\n", what, describe(result.error()).c_str());
    std::exit(1);
  }
  return std::move(*result);
}

class OneStore final : public node::OaRegistry {
 public:
  std::optional<StoreId> store_of(Role, std::uint32_t, Incarnation) override { return kStore; }
  Incarnation newest(Role, std::uint32_t) override { return Incarnation{1}; }
  std::optional<crypto::Key256> record_key(StreamId, std::uint16_t) override { return {}; }
  std::optional<crypto::Key256> directory_key(StoreId) override { return crypto::Key256{9}; }
  std::vector<StreamId> terminals_of(StoreId) override { return {}; }
};

void enrol_members(storage::LedgerStore& store, std::int64_t count) {
  constexpr std::int64_t kBatch = 5'000;
  const ledger::LedgerTime time{now().wall, BusinessDay{20'000}};
  for (std::int64_t done = 0; done < count; done += kBatch) {
    TALLY_ASSERT(store.begin());
    ledger::ReadPlan plan;
    const std::int64_t end = std::min(count, done + kBatch);
    for (std::int64_t i = done + 1; i <= end; ++i) {
      plan.cards.insert(card_of(i));
    }
    ledger::WorkingSet set = must(store.read(std::move(plan)), "read");
    for (std::int64_t i = done + 1; i <= end; ++i) {
      ledger::enrol(set, {card_of(i), "会员*" + std::to_string(i % 100), 1}, time);
    }
    TALLY_ASSERT(store.write(set, {}));
    TALLY_ASSERT(store.commit());
    TALLY_ASSERT(store.db().maintain());
  }
}

/// Changes `count` members spread over all.
void change_members(storage::LedgerStore& store, std::int64_t members, std::int64_t count) {
  TALLY_ASSERT(store.begin());
  ledger::ReadPlan plan;
  for (std::int64_t i = 0; i < count; ++i) {
    plan.members.insert(MemberId{1 + i * (members / count)});
  }
  ledger::WorkingSet set = must(store.read(plan), "read");
  for (const MemberId id : plan.members) {
    ledger::MemberEntry* entry = set.member(id);
    entry->row.tier = 2;
    set.touch(*entry);
  }
  TALLY_ASSERT(store.write(set, {}));
  TALLY_ASSERT(store.commit());
}

/// Both machines on their files; messages go through the codec.
class Line {
 public:
  Line(storage::LedgerStore& ledger, storage::GatewayDirectory& file)
      : file_(file), oa_(config_, ledger, registry_), gateway_(gateway_config(), {}) {}

  void connect(const node::DirectoryState& state) {
    perform(gateway_.on_directory_opened(state, at()));
    to_gateway(link::Challenge{1});
    run();
  }
  /// Until nothing is on its way.
  void sync() {
    perform(must(oa_.push_directory(at()), "push"));
    run();
  }
  /// Lets time pass for both, without waiting.
  void wait(Duration time) { ahead_ms_ += time.ms; }
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t chunks() const { return oa_.directory_counters().chunks_sent; }

 private:
  Instant at() const {
    Instant time = now();
    time.boot.ms += ahead_ms_;
    return time;
  }
  static node::GatewayConfig gateway_config() {
    node::GatewayConfig config;
    config.gateway = kGateway;
    config.incarnation = Incarnation{1};
    config.store = kStore;
    config.boot = BootId{1};
    return config;
  }
  void to_gateway(const link::Message& message) { down_.push_back(codec_.encode(message)); }
  void perform(const node::OaActions& actions) {
    for (const node::OaAction& action : actions) {
      if (const auto* send = std::get_if<node::SendToGateway>(&action)) {
        to_gateway(send->message);
      }
    }
  }
  void perform(const node::GatewayActions& actions) {
    for (const node::GatewayAction& action : actions) {
      if (const auto* up = std::get_if<node::SendToOa>(&action)) {
        up_.push_back(codec_.encode(up->message));
      } else if (const auto* commit = std::get_if<node::CommitDirectory>(&action)) {
        const std::uint64_t cards = must(file_.commit(commit->commit), "commit");
        perform(gateway_.on_directory_committed(cards, at()));
        TALLY_ASSERT(file_.maintain());
      } else if (std::holds_alternative<node::CommitGateway>(action)) {
        perform(gateway_.on_committed(at()));
      }
    }
  }
  void run() {
    while (!down_.empty() || !up_.empty()) {
      if (!down_.empty()) {
        const Bytes bytes = std::move(down_.front());
        down_.pop_front();
        bytes_ += bytes.size();
        perform(gateway_.on_uplink_message(must(codec_.decode(bytes), "decode"), at()));
        continue;
      }
      const Bytes bytes = std::move(up_.front());
      up_.pop_front();
      const node::OaEvent event =
          node::GatewayMessage{kLine,
                               {Role::kGateway, kGateway.value, Incarnation{1}},
                               must(codec_.decode(bytes), "decode")};
      perform(must(oa_.handle({&event, 1}, at()), "handle"));
    }
  }

  storage::GatewayDirectory& file_;
  OneStore registry_;
  node::OaConfig config_;
  node::OaNode oa_;
  node::GatewayNode gateway_;
  codec::EnvelopeCodec codec_;
  std::deque<Bytes> down_;
  std::deque<Bytes> up_;
  std::uint64_t bytes_ = 0;
  std::int64_t ahead_ms_ = 0;
};

/// What a till waits for: its message in, the answer out. In a process of its own.
Json look_up(const std::string& path, std::int64_t members, std::int64_t count) {
  const std::uint64_t before_kib = resident_kib();
  const auto opening = Clock::now();
  auto opened = must(storage::GatewayDirectory::open(path, kGateway), "open");
  const double open_s = seconds_since(opening);
  node::GatewayConfig config;
  config.gateway = kGateway;
  config.incarnation = Incarnation{1};
  config.boot = BootId{1};
  node::GatewayNode gateway(config, {});
  gateway.on_directory_opened(opened.state, now());
  link::Hello hello;
  hello.node = 101;
  hello.incarnation = Incarnation{1};
  gateway.on_terminal_message(kTill, hello, now());

  std::vector<double> took_us;
  took_us.reserve(static_cast<std::size_t>(count));
  std::uint64_t seed = 88'172'645'463'325'252U;
  std::int64_t found = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    seed ^= seed << 13U;  // xorshift64 (Marsaglia 2003)
    seed ^= seed >> 7U;
    seed ^= seed << 17U;
    link::Ask ask;
    ask.ask_id = static_cast<std::uint64_t>(i + 1);
    ask.deadline = Duration{1'500};
    ask.question = link::Inquire{
        card_of(1 + static_cast<std::int64_t>(seed % static_cast<std::uint64_t>(members)))};
    const auto begun = Clock::now();
    for (const auto& action : gateway.on_terminal_message(kTill, ask, now())) {
      if (const auto* wanted = std::get_if<node::LookUpMember>(&action)) {
        const auto entry = must(opened.directory.find(wanted->token_hash), "find");
        found += entry ? 1 : 0;
        gateway.on_member_found(wanted->look_up, entry, now());
      }
    }
    took_us.push_back(seconds_since(begun) * 1e6);
  }
  TALLY_ASSERT(found == count);
  std::sort(took_us.begin(), took_us.end());
  const auto at = [&](double share) {
    return took_us[static_cast<std::size_t>(share * static_cast<double>(took_us.size() - 1))];
  };
  return {{"look_ups", count},
          {"open_ms", open_s * 1e3},
          {"look_up_p50_us", at(0.5)},
          {"look_up_p99_us", at(0.99)},
          {"look_up_max_us", took_us.back()},
          {"rss_kib", resident_kib()},
          {"rss_before_opening_kib", before_kib}};
}

Json look_up_apart(const std::string& program,
                   const std::string& path,
                   std::int64_t members,
                   std::int64_t count) {
  const std::string command = "'" + program + "' --look-up '" + path + "' --members " +
                              std::to_string(members) + " --look-ups " + std::to_string(count);
  FILE* const pipe = ::popen(command.c_str(), "r");
  TALLY_ASSERT(pipe != nullptr);
  std::string text(4'096, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), pipe));
  TALLY_ASSERT(::pclose(pipe) == 0);
  return Json::parse(text);
}

Json measure(const std::string& program,
             const std::string& folder,
             std::int64_t members,
             std::int64_t look_ups) {
  Json json{{"members", members}};
  const std::string path = folder + "/directory.db";
  {
    auto ledger = must(storage::LedgerStore::open(folder + "/ledger.db"), "ledger");
    auto begun = Clock::now();
    enrol_members(*ledger, members);
    json["enrolled_s"] = seconds_since(begun);

    auto opened = must(storage::GatewayDirectory::open(path, kGateway), "open");
    Line line(*ledger, opened.directory);
    begun = Clock::now();
    line.connect(opened.state);
    line.sync();
    double took = seconds_since(begun);
    json["snapshot_s"] = took;
    json["snapshot_members_per_s"] = static_cast<double>(members) / took;
    json["snapshot_bytes"] = line.bytes();
    json["snapshot_chunks"] = line.chunks();

    const std::int64_t changed = std::max<std::int64_t>(1, members / 100);
    change_members(*ledger, members, changed);
    const std::uint64_t before = line.bytes();
    line.wait(Duration{1'100});  // Changes gather for a second.
    begun = Clock::now();
    line.sync();
    took = seconds_since(begun);
    json["delta_members"] = changed;
    json["delta_members_per_s"] = static_cast<double>(changed) / took;
    json["delta_bytes"] = line.bytes() - before;
    TALLY_ASSERT(opened.directory.checkpoint());
  }
  json["directory_bytes"] = bytes_of(path);
  json["ledger_bytes"] = bytes_of(folder + "/ledger.db");
  json.update(look_up_apart(program, path, members, look_ups));
  return json;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Measures the member directory: snapshot, deltas, look-ups, memory"};
  std::int64_t members = 1'000'000;
  std::int64_t look_ups = 200'000;
  double p99_max_us = 0;
  bool as_json = false;
  std::string look_up_in;
  app.add_option("--members", members, "Members of the ledger")->check(CLI::Range(1, 10'000'000));
  app.add_option("--look-ups", look_ups)->check(CLI::Range(1, 10'000'000));
  app.add_option(
      "--p99-max-us", p99_max_us, "Fail when a look-up takes longer at the 99th percentile");
  app.add_flag("--json", as_json, "One object instead of lines");
  app.add_option("--look-up", look_up_in, "Only look up, in this file")->group("");
  CLI11_PARSE(app, argc, argv);
  if (!look_up_in.empty()) {
    std::puts(look_up(look_up_in, members, look_ups).dump().c_str());
    return 0;
  }
  std::string folder = (std::filesystem::temp_directory_path() / "tally-bench-XXXXXX").string();
  TALLY_ASSERT(::mkdtemp(folder.data()) != nullptr);
  const Json json =
      measure(std::filesystem::read_symlink("/proc/self/exe").string(), folder, members, look_ups);
  std::filesystem::remove_all(folder);
  const bool slow = p99_max_us > 0 && json.at("look_up_p99_us").get<double>() > p99_max_us;
  if (as_json) {
    std::puts(json.dump().c_str());
    return slow ? 1 : 0;
  }
  for (const auto& [name, value] : json.items()) {
    std::printf("%-24s %s\n", name.c_str(), value.dump().c_str());
  }
  return slow ? 1 : 0;
}
