// An OA with one member and one till: the ground of the tests of its machine.
#pragma once

#include "tests/storage/oa_world.hpp"

namespace tally::tests {

struct OaNodeRig : Utest {
  OaWorld world;
  Till till{TerminalId{101}};

  void setup() override { world.enrol("card"); }

  void acknowledged(const node::OaActions& actions, const Till& sender) {
    const StreamPosition expected = sender.head();
    const auto received = OaWorld::of_type<link::Received>(actions);
    const auto applied = OaWorld::of_type<link::Applied>(actions);
    CHECK_EQUAL(1U, received.size());
    CHECK_EQUAL(1U, applied.size());
    CHECK_FALSE(received[0].rewind);
    CHECK_TRUE(received[0].positions.at(0).position == expected);
    CHECK_TRUE(applied[0].statements.at(0).position == expected);
    CHECK_TRUE(applied[0].statements.at(0).statement_mac ==
               crypto::make_applied_statement_mac(
                   sender.key(), sender.stream(), expected.seq, expected.mac));
  }
  void refused(const node::OaActions& actions, link::RefusalReason reason) {
    const auto refusals = OaWorld::of_type<link::RecordRefusal>(actions);
    CHECK_EQUAL(1U, refusals.size());
    CHECK_EQUAL(static_cast<int>(reason), static_cast<int>(refusals[0].reason));
    CHECK_TRUE(refusals[0].stream == till.stream());
  }
  void outcome(link::AskOutcome expected, const link::Answer& answer) {
    CHECK_EQUAL(static_cast<int>(expected), static_cast<int>(answer.outcome));
  }
  std::int64_t raws() { return world.count("SELECT count(*) FROM raw_record"); }
};

}  // namespace tally::tests
