#include "shell/loop.hpp"

#include <future>
#include <vector>

// Last: the harness redefines new, which standard headers do not bear.
#include <CppUTest/TestHarness.h>

using tally::shell::Loop;

TEST_GROUP(ShellLoop){};

TEST(ShellLoop, Post_BeforeAndAfterStart_RunsInOrderOnItsThread) {
  Loop loop("test-loop");
  std::vector<int> order;
  std::promise<bool> finished;
  CHECK_TRUE(loop.post([&] { order.push_back(1); }));
  loop.start();
  CHECK_TRUE(loop.post([&] { order.push_back(2); }));
  CHECK_TRUE(loop.post([&] { finished.set_value(loop.is_this_thread()); }));
  CHECK_TRUE(finished.get_future().get());
  CHECK_FALSE(loop.is_this_thread());
  loop.stop();
  CHECK(order == (std::vector<int>{1, 2}));
}

TEST(ShellLoop, Post_WhenFullOrStopped_IsRefused) {
  Loop loop("test-loop");
  std::size_t taken = 0;
  while (loop.post([] {})) {
    ++taken;
  }
  LONGS_EQUAL(Loop::kPostedMax, taken);
  loop.start();
  loop.stop();
  loop.stop();
  CHECK_FALSE(loop.post([] {}));
}

TEST(ShellLoop, NeverStarted_IsDestroyedQuietly) {
  Loop loop("test-loop");
  loop.post([] {});
}
