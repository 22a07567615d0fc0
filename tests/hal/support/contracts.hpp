// The contracts of hal/*.hpp as checks that every driver, real or simulated, has to pass.
#pragma once

#include <functional>

#include <poll.h>

#include "hal/event_source.hpp"
#include "hal/printer.hpp"

#include <CppUTest/TestHarness.h>

namespace tally::tests {

inline bool readable(int fd) {
  pollfd entry{fd, POLLIN, 0};
  return poll(&entry, 1, 0) == 1;
}

/// The descriptor is readable exactly while next() has something to give; a full queue refuses.
template <class Event>
void check_event_source(hal::EventSource<Event>& source, const std::function<Status()>& cause) {
  CHECK(!readable(source.ready_fd()));
  CHECK(!source.next().has_value());
  CHECK(cause().has_value());
  CHECK(cause().has_value());
  CHECK(readable(source.ready_fd()));
  CHECK(source.next().has_value());
  CHECK(readable(source.ready_fd()));
  CHECK(source.next().has_value());
  CHECK(!readable(source.ready_fd()));
  CHECK(!source.next().has_value());

  int taken = 0;
  Status last;
  while ((last = cause()).has_value()) {
    CHECK(++taken < 100'000);
  }
  CHECK(last.error().code == Errc::kExhausted);
  for (int i = 0; i < taken; ++i) {
    CHECK(source.next().has_value());
  }
  CHECK(!source.next().has_value());
}

/// Status changes are events; nothing is printed unless the status is kOk.
inline void check_printer(hal::Printer& printer,
                          const std::function<Status(bool)>& set_paper,
                          const std::function<Status(bool)>& set_cover_open,
                          const std::function<Status(bool)>& set_plugged) {
  const Bytes job = {0x1B, 0x40, 0x1B, 0x4A, 10};
  CHECK(printer.status() == hal::PrinterStatus::kOk);
  CHECK(printer.dots_per_line() >= 128 && printer.dots_per_line() % 8 == 0);
  CHECK(printer.print(job).has_value());
  CHECK(!printer.next().has_value());

  CHECK(printer.print(Bytes(hal::kPrintJobBytesMax + 1)).error().code == Errc::kExhausted);

  const auto refuses = [&](const std::function<Status()>& spoil,
                           const std::function<Status()>& repair,
                           hal::PrinterStatus expected) {
    CHECK(spoil().has_value());
    CHECK(printer.status() == expected);
    CHECK(printer.next() == expected);
    CHECK(printer.print(job).error().code == Errc::kUnavailable);
    CHECK(spoil().has_value());
    CHECK(!printer.next().has_value());
    CHECK(repair().has_value());
    CHECK(printer.next() == hal::PrinterStatus::kOk);
    CHECK(printer.print(job).has_value());
  };
  refuses([&] { return set_paper(false); },
          [&] { return set_paper(true); },
          hal::PrinterStatus::kPaperOut);
  refuses([&] { return set_cover_open(true); },
          [&] { return set_cover_open(false); },
          hal::PrinterStatus::kCoverOpen);
  refuses([&] { return set_plugged(false); },
          [&] { return set_plugged(true); },
          hal::PrinterStatus::kUnplugged);
}

}  // namespace tally::tests
