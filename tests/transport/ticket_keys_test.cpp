#include "transport/ticket_keys.hpp"

#include "tests/support/temporary_directory.hpp"
#include "transport/os_random.hpp"
#include "transport/session_store.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::transport;

namespace {

constexpr WallTime hours(std::int64_t h) {
  return {(1'000'000 + h) * 3'600'000'000};
}

const Bytes kContent{1, 2, 3, 4};

}  // namespace

TEST_GROUP(TransportTicketKeys) {
  tests::TemporaryDirectory directory;
  OsRandom random;
  crypto::Digest binding{7};
  TicketKeys keys = *TicketKeys::load(directory.file("keys"), binding, random);

  TicketKeys again() {
    return *TicketKeys::load(directory.file("keys"), binding, random);
  }
};

TEST(TransportTicketKeys, Ticket_OpensAgain_AlsoAfterARestart) {
  const Bytes ticket = keys.seal(kContent, hours(0));
  CHECK(*keys.open(ticket, hours(0)) == kContent);
  CHECK(*again().open(ticket, hours(1)) == kContent);
}

TEST(TransportTicketKeys, Key_SealsTwelveHours_OpensTwentyFour) {
  const Bytes ticket = keys.seal(kContent, hours(0));
  const Bytes later = keys.seal(kContent, hours(13));
  CHECK(keys.open(ticket, hours(23)).has_value());
  CHECK_FALSE(keys.open(ticket, hours(24)).has_value());
  CHECK(keys.open(later, hours(36)).has_value());
  static_cast<void>(keys.seal(kContent, hours(26)));
  CHECK_FALSE(keys.open(ticket, hours(26)).has_value());
  CHECK(again().open(later, hours(26)).has_value());
}

TEST(TransportTicketKeys, ClockSetBack_MakesANewKey) {
  const Bytes ticket = keys.seal(kContent, hours(10));
  CHECK_FALSE(keys.open(ticket, hours(9)).has_value());
  const Bytes back = keys.seal(kContent, hours(9));
  CHECK(keys.open(back, hours(9)).has_value());
}

TEST(TransportTicketKeys, AnyByteChangedOrCut_DoesNotOpen) {
  const Bytes ticket = keys.seal(kContent, hours(0));
  for (std::size_t i = 0; i < ticket.size(); ++i) {
    Bytes changed = ticket;
    changed[i] ^= 0x80;
    CHECK_FALSE(keys.open(changed, hours(0)).has_value());
    CHECK_FALSE(keys.open({ticket.data(), i}, hours(0)).has_value());
  }
}

TEST(TransportTicketKeys, OtherBindingOrOtherKeys_DoNotOpen) {
  const Bytes ticket = keys.seal(kContent, hours(0));
  const auto other = TicketKeys::load(directory.file("keys"), crypto::Digest{8}, random);
  CHECK_FALSE(other->open(ticket, hours(0)).has_value());
  const auto memory = TicketKeys::load({}, binding, random);
  CHECK_FALSE(memory->open(ticket, hours(0)).has_value());
}

TEST(TransportTicketKeys, FileThatCannotBeWritten_StillSeals) {
  TicketKeys nowhere = *TicketKeys::load("/nonexistent/keys", binding, random);
  const Bytes ticket = nowhere.seal(kContent, hours(0));
  CHECK(nowhere.open(ticket, hours(0)).has_value());
}

TEST_GROUP(TransportSessionStore) {
  tests::TemporaryDirectory directory;
};

TEST(TransportSessionStore, Session_IsKept_OverARestartWhenItHasADirectory) {
  SessionStore store{directory.path()};
  CHECK(store.load("gateway-11").empty());
  store.save("gateway-11", kContent);
  CHECK(store.load("gateway-11") == kContent);
  CHECK(SessionStore{directory.path()}.load("gateway-11") == kContent);
  CHECK(SessionStore{directory.path()}.load("gateway-12").empty());
  SessionStore memory;
  memory.save("gateway-11", kContent);
  CHECK(memory.load("gateway-11") == kContent);
}

TEST(TransportSessionStore, NameThatIsAPath_TouchesNoFile) {
  SessionStore store{directory.path()};
  store.save("../x/../escape", kContent);
  CHECK(std::filesystem::is_empty(directory.path()));
  CHECK(store.load("../x/../escape") == kContent);
}

TEST(TransportSessionStore, ManyNames_StayBounded) {
  SessionStore store;
  for (int i = 0; i < 100; ++i) {
    store.save("gateway-" + std::to_string(i), kContent);
  }
  CHECK(store.load("gateway-0").empty());
  CHECK(store.load("gateway-99") == kContent);
}
