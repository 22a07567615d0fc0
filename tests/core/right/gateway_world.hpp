// One gateway's rights on a disk that can fail: every call of the test is one event, committed at
// once unless the test holds the commit back.
#pragma once

#include "tests/core/right/right_rig.hpp"

namespace tally::test {

struct GatewayWorld {
  explicit GatewayWorld(right::GatewayRightsConfig with = rights_config())
      : config(std::move(with)), rights(config, disk) {
    rights.confirm(at_hour(0));
  }

  void commit() { test::commit(disk, rights.take_changes()); }

  /// The process starts again from what was committed; frozen until it is confirmed.
  void restart() {
    config.boot = BootId{config.boot.value + 1};
    rights = right::GatewayRights(config, disk);
  }

  right::TakeOutcome take(const right::Grant& grant, std::int64_t hour = 0) {
    const right::TakeOutcome outcome = rights.take(signed_by_oa(grant), at_hour(hour));
    commit();
    return outcome;
  }

  /// Ask, commit, answer.
  right::SpendVerdict sell(const right::LocalAsk& ask, std::int64_t hour = 0) {
    const BootTime now = at_hour(hour).boot;
    const right::SpendVerdict verdict =
        rights.authorise(ask, attempt_of(ask.points.value, ask.member), now);
    commit();
    return verdict.approved() ? rights.deliver(ask.sale, now) : verdict;
  }

  /// The terminal's record of a sale arrives.
  bool upload(const right::LocalAsk& ask,
              std::uint64_t seq,
              std::vector<record::FundingLeg> legs,
              BootId boot = kTillBoot) {
    const bool covered =
        rights.on_record({{ask.stream.terminal, ask.stream.incarnation, boot, Seq{seq}},
                          ask,
                          legs,
                          BusinessDay{20'000}});
    rights.on_received(ask.stream, Seq{seq});
    commit();
    return covered;
  }

  right::RightRows disk;
  right::GatewayRightsConfig config;
  right::GatewayRights rights;
};

inline right::RightKey key(std::uint64_t id, Epoch epoch = kEpoch) {
  return {epoch, RightId{id}};
}

}  // namespace tally::test
