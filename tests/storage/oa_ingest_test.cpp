// What the OA takes of a stream and what it refuses: holes, gaps, branches, forgeries.
#include <vector>

#include "tests/storage/oa_node_rig.hpp"

using namespace tally;
using namespace tally::tests;

TEST_GROUP_BASE(OaIngest, OaNodeRig){};

TEST(OaIngest, GapInTheStream_RewindsToTheHead) {
  const Bytes first = till.accrual("card", 10);
  const StreamPosition head = till.head();
  till.accrual("card", 20);
  const Bytes third = till.accrual("card", 30);
  const auto actions = world.upload({first, third, till.accrual("card", 40)});
  const auto received = OaWorld::of_type<link::Received>(actions);
  CHECK_EQUAL(2U, received.size());
  CHECK_FALSE(received[0].rewind);
  CHECK_TRUE(received[0].positions.at(0).position == head);
  CHECK_TRUE(received[1].rewind);
  CHECK_EQUAL(1U, received[1].positions.size());
  CHECK_TRUE(received[1].positions.at(0).position == head);
  CHECK_EQUAL(10, world.available("card"));
}

TEST(OaIngest, FirstRecordMissing_RewindsToTheStart) {
  till.accrual("card", 10);
  const auto received = OaWorld::of_type<link::Received>(world.upload({till.accrual("card", 20)}));
  CHECK_EQUAL(1U, received.size());
  CHECK_TRUE(received[0].rewind);
  CHECK_EQUAL(0U, received[0].positions.at(0).position.seq.value);
}

TEST(OaIngest, GapRecordInPlace_TheStreamGoesOnWithAnAlarm) {
  const Bytes first = till.accrual("card", 10);
  const StreamPosition before = till.head();
  till.accrual("card", 100);
  till.accrual("card", 200);
  const StreamPosition lost = till.head();
  const Bytes after = till.accrual("card", 20);
  const StreamPosition head = till.head();
  till.restore({Seq{lost.seq.value - 1}, before.mac}, BootId{10});
  const Bytes gap = till.other(record::Gap{Seq{2}, Seq{3}});
  till.restore(head, BootId{9});
  acknowledged(world.upload({first, gap, after}), till);
  CHECK_EQUAL(30, world.available("card"));
  CHECK_EQUAL(1, world.count("SELECT count(*) FROM alarm WHERE kind = 3"));
  acknowledged(world.upload({till.accrual("card", 1)}), till);
}

TEST(OaIngest, GapRecordAfterTheUnreadableEnd_TheStreamGoesOn) {
  const Bytes first = till.accrual("card", 10);
  till.restore({Seq{5}, till.head().mac}, BootId{10});
  const Bytes gap = till.other(record::Gap{Seq{2}, Seq{5}});
  acknowledged(world.upload({first, gap, till.accrual("card", 20)}), till);
  CHECK_EQUAL(30, world.available("card"));
}

TEST(OaIngest, GapFromTheVeryStart_IsTaken) {
  till.restore({Seq{5}, {}}, BootId{10});
  const Bytes gap = till.other(record::Gap{Seq{1}, Seq{5}});
  acknowledged(world.upload({gap, till.accrual("card", 20)}), till);
  CHECK_EQUAL(20, world.available("card"));
}

TEST(OaIngest, GapWhoseRecordsArrivedAnotherWay_NothingIsLostOrDoubled) {
  const Bytes first = till.accrual("card", 10);
  const StreamPosition before = till.head();
  const Bytes second = till.accrual("card", 100);
  const Bytes third = till.accrual("card", 20);
  const StreamPosition head = till.head();
  till.restore(before, BootId{10});
  const Bytes gap = till.other(record::Gap{Seq{2}, Seq{2}});
  till.restore(head, BootId{9});
  acknowledged(world.upload({first, gap, third}), till);
  const auto late = OaWorld::of_type<link::Received>(world.upload({second}));
  CHECK_TRUE(late.at(0).positions.at(0).position ==
             (StreamPosition{Seq{2}, record::peek_mac(second)}));
  acknowledged(world.upload({gap, third}), till);
  CHECK_EQUAL(130, world.available("card"));
  CHECK_EQUAL(0, world.count("SELECT count(*) FROM quarantine"));
}

TEST(OaIngest, GapThatHangsOnABranchNobodyGot_TheStreamGoesOnWithAnAlarm) {
  const Bytes first = till.accrual("card", 10);
  const StreamPosition before = till.head();
  world.upload({first, till.accrual("card", 20), till.accrual("card", 30)});
  till.restore(before, BootId{10});
  till.accrual("card", 100);  // Made while nobody listened, and lost with the disk.
  till.restore({Seq{3}, till.head().mac}, BootId{11});
  const Bytes gap = till.other(record::Gap{Seq{3}, Seq{4}});
  acknowledged(world.upload({gap, till.accrual("card", 1)}), till);
  CHECK_EQUAL(61, world.available("card"));
  CHECK_EQUAL(1, world.count("SELECT count(*) FROM alarm WHERE kind = 3"));
}

TEST(OaIngest, BranchThatIsShorterThanTheHead_ReceivedNamesItAndAppliedTheHead) {
  const Bytes first = till.accrual("card", 10);
  const StreamPosition before = till.head();
  const Bytes second = till.accrual("card", 20);
  const Bytes third = till.accrual("card", 30);
  const StreamPosition head = till.head();
  world.upload({first, second, third});
  till.restore(before, BootId{10});
  const node::OaActions answer = world.upload({till.accrual("card", 40)});
  const auto received = OaWorld::of_type<link::Received>(answer);
  CHECK_TRUE(received.at(0).positions.at(0).position == till.head());
  const auto applied = OaWorld::of_type<link::Applied>(answer);
  CHECK_TRUE(applied.at(0).statements.at(0).position == head);
}

TEST(OaIngest, GapThatDoesNotSayWhatItStandsFor_Rewinds) {
  const Bytes first = till.accrual("card", 10);
  till.restore({Seq{5}, till.head().mac}, BootId{10});
  for (const record::Gap& gap : {record::Gap{Seq{2}, Seq{4}},
                                 record::Gap{Seq{3}, Seq{2}},
                                 record::Gap{Seq{0}, Seq{5}},
                                 record::Gap{Seq{4}, Seq{5}}}) {
    Till liar = till;
    const auto received = OaWorld::of_type<link::Received>(world.upload({first, liar.other(gap)}));
    CHECK_TRUE(received.back().rewind);
  }
  CHECK_EQUAL(1, raws());
}

TEST(OaIngest, EveryByteFlipped_RefusedAndNothingAfterItIsTaken) {
  const Bytes good = till.accrual("card", 10);
  const Bytes next = till.accrual("card", 20);
  for (std::size_t i = record::kHeaderBytes; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= 0x40;
    refused(world.upload({bad, next}), link::RefusalReason::kBadMac);
  }
  CHECK_EQUAL(0, raws());
  world.upload({good, next});
  CHECK_EQUAL(30, world.available("card"));
}

TEST(OaIngest, HeaderFlipped_NeverPosted) {
  const Bytes good = till.accrual("card", 10);
  for (std::size_t i = 0; i < record::kHeaderBytes; ++i) {
    Bytes bad = good;
    bad[i] ^= 0x01;
    world.upload({bad});
  }
  CHECK_EQUAL(0, raws());
}

TEST(OaIngest, AnotherTillsKey_BadMac) {
  Till other{TerminalId{102}};
  record::Record forged;
  forged.card_token = "card";
  forged.business = record::Accrual{Money{1}, Points{1'000'000}, {}, {}, {}};
  forged.header.kind = record::RecordKind::kAccrual;
  forged.header.id = till.next_id();
  const Bytes sealed = *record::seal(forged.header, *codec::encode_body(forged), other.key());
  refused(world.upload({sealed}), link::RefusalReason::kBadMac);
  CHECK_EQUAL(0, world.available("card"));
}

TEST(OaIngest, UnknownTerminal_RefusedUntilItIsEnrolled) {
  till = Till{TerminalId{103}};
  const Bytes sealed = till.accrual("card", 10);
  refused(world.upload({sealed}), link::RefusalReason::kUnknownKey);
  world.registry.add(Role::kTerminal, 103, OaWorld::kStore);
  acknowledged(world.upload({sealed}), till);
}

TEST(OaIngest, WrongPredecessor_BadChain) {
  world.upload({till.accrual("card", 10)});
  Mac wrong{};
  wrong[0] = 1;
  till.restore({till.head().seq, wrong}, BootId{9});
  refused(world.upload({till.accrual("card", 20)}), link::RefusalReason::kBadChain);
  CHECK_EQUAL(10, world.available("card"));
}

TEST(OaIngest, RecordsBesideTheStream_AreEachAnsweredByName) {
  world.upload({till.accrual("card", 1)});
  const StreamPosition image = till.head();
  world.upload({till.accrual("card", 10), till.accrual("card", 100)});
  till.restore(image, BootId{10});
  link::RecordBatch batch =
      OaWorld::batch({till.accrual("card", 1'000), till.accrual("card", 10'000)});
  batch.beside = true;
  for (int again = 0; again < 2; ++again) {  // A repeat is answered like the first.
    std::vector<link::Received> answers;
    for (const auto& received : OaWorld::of_type<link::Received>(world.say(batch))) {
      if (received.beside) {
        answers.push_back(received);
      }
    }
    CHECK_EQUAL(1U, answers.size());
    CHECK_EQUAL(2U, answers[0].positions.size());
    CHECK_TRUE(answers[0].positions[1].position == till.head());
  }
  CHECK_EQUAL(11'111, world.available("card"));
}

TEST(OaIngest, RecordBesideTheStreamWithoutItsPredecessor_IsNotAnswered) {
  static_cast<void>(till.accrual("card", 1));  // Never sent.
  link::RecordBatch batch = OaWorld::batch({till.accrual("card", 10)});
  batch.beside = true;
  for (const auto& received : OaWorld::of_type<link::Received>(world.say(batch))) {
    CHECK_FALSE(received.beside);
  }
}

TEST(OaIngest, RestoredImage_BothBranchesPostedAndAlarmed) {
  world.upload({till.accrual("card", 1)});
  const StreamPosition image = till.head();
  world.upload({till.accrual("card", 10), till.accrual("card", 100)});
  const StreamPosition main = till.head();
  till.restore(image, BootId{10});
  const auto actions = world.upload({till.accrual("card", 1'000)});
  refused(actions, link::RefusalReason::kBranch);
  CHECK_TRUE(OaWorld::of_type<link::RecordRefusal>(actions)[0].continue_from == main);
  CHECK_EQUAL(1'111, world.available("card"));
  CHECK_EQUAL(1, world.count("SELECT count(*) FROM alarm WHERE kind = 1"));
  // What the till made before it heard of it goes on from its own branch, past the old head.
  world.upload({till.accrual("card", 1), till.accrual("card", 1)});
  CHECK_EQUAL(1'113, world.available("card"));
  CHECK_EQUAL(1, world.count("SELECT count(*) FROM alarm"));
  acknowledged(world.upload({till.accrual("card", 1)}), till);
}

TEST(OaIngest, NewIncarnation_StartsAnewAndLateRecordsOfTheOldOnePost) {
  world.upload({till.accrual("card", 1)});
  const Bytes late = till.accrual("card", 10);
  world.registry.add(Role::kTerminal, 101, OaWorld::kStore, Incarnation{2});
  Till again{TerminalId{101}, BootId{20}, Incarnation{2}};
  acknowledged(world.upload({again.accrual("card", 100)}), again);
  acknowledged(world.upload({late}), till);
  CHECK_EQUAL(111, world.available("card"));
  CHECK_EQUAL(0, world.count("SELECT count(*) FROM alarm"));
  // Each enrolment has a key of its own: one cannot write into the other's stream.
  Till forger{TerminalId{101}, BootId{20}, Incarnation{2}};
  record::Record forged;
  forged.card_token = "card";
  forged.business = record::Accrual{Money{1}, Points{1'000}, {}, {}, {}};
  forged.header.kind = record::RecordKind::kAccrual;
  forged.header.id = till.next_id();
  forged.header.prev_mac = till.head().mac;
  refused(world.upload({*record::seal(forged.header, *codec::encode_body(forged), forger.key())}),
          link::RefusalReason::kBadMac);
}

TEST(OaIngest, SameIdOtherContent_KeptPutAsideAndTheTillQuarantined) {
  till.accrual("card", 10);
  Till twin{TerminalId{101}};
  world.upload({twin.accrual("card", 7)});
  Till copy{TerminalId{101}};
  const auto actions = world.upload({copy.accrual("card", 9)});
  refused(actions, link::RefusalReason::kFork);
  CHECK_EQUAL(7, world.available("card"));
  CHECK_EQUAL(2, raws());
  CHECK_EQUAL(1, world.count("SELECT count(*) FROM quarantine WHERE reason = 6"));
  CHECK_EQUAL(1, world.count("SELECT count(*) FROM alarm WHERE kind = 2"));
  // From now on its records are kept, not posted, and it is granted nothing.
  acknowledged(world.upload({twin.accrual("card", 5)}), twin);
  CHECK_EQUAL(7, world.available("card"));
  CHECK_EQUAL(1, world.count("SELECT count(*) FROM quarantine WHERE reason = 9"));
  outcome(link::AskOutcome::kUnavailable, world.authorise(twin, twin.sale(1), "card", 5));
}

TEST(OaIngest, ManyForksOfOneId_AreBounded) {
  for (int i = 0; i < 20; ++i) {
    Till copy{TerminalId{101}};
    world.upload({copy.accrual("card", i + 1)});
  }
  CHECK_EQUAL(8, raws());
}

TEST(OaIngest, BodyThatCannotBeRead_PutAsideAndTheStreamGoesOn) {
  record::Header header;
  header.kind = record::RecordKind::kAccrual;
  header.id = till.next_id();
  const Bytes garbage(20, 0xff);
  const Bytes sealed = *record::seal(header, garbage, till.key());
  till.restore({header.id.seq, record::peek_mac(sealed)}, BootId{9});
  header.kind = static_cast<record::RecordKind>(77);
  header.id = till.next_id();
  header.prev_mac = till.head().mac;
  const Bytes newer = *record::seal(header, Bytes{}, till.key());
  till.restore({header.id.seq, record::peek_mac(newer)}, BootId{9});
  acknowledged(world.upload({sealed, newer, till.accrual("card", 5)}), till);
  CHECK_EQUAL(5, world.available("card"));
  CHECK_EQUAL(1, world.count("SELECT count(*) FROM quarantine WHERE reason = 3"));
  CHECK_EQUAL(1, world.count("SELECT count(*) FROM quarantine WHERE reason = 4"));
}

TEST(OaIngest, TruncatedRecord_TheConnectionCloses) {
  const auto closes = OaWorld::closes(world.upload({Bytes(20, 0)}));
  CHECK_EQUAL(1U, closes.size());
  CHECK_TRUE(closes[0].reason == link::CloseReason::kRecordRefused);
}
