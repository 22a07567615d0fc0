#include "shell/metrics.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally::shell;

TEST_GROUP(Metrics){};

TEST(Metrics, Text_HoldsEverySeries) {
  Metrics metrics;
  metrics.counter("tally_frames_total", "Frames.", {{"kind", "record"}}).add();
  metrics.counter("tally_frames_total", "Frames.", {{"kind", "record"}}).add(2);
  metrics.counter("tally_frames_total", "Frames.", {{"kind", "ask"}}).add();
  const Gauge queue = metrics.gauge("tally_queue_records", "Waiting.");
  metrics.before_text([queue] { queue.set(7); });
  metrics.histogram("tally_sync_seconds", "Sync.", duration_buckets_s()).observe(0.003);
  const std::string text = metrics.text();
  CHECK(text.find("# TYPE tally_frames_total counter") != std::string::npos);
  CHECK(text.find("tally_frames_total{kind=\"record\"} 3") != std::string::npos);
  CHECK(text.find("tally_frames_total{kind=\"ask\"} 1") != std::string::npos);
  CHECK(text.find("tally_queue_records 7") != std::string::npos);
  CHECK(text.find("tally_sync_seconds_bucket{le=\"0.005\"} 1") != std::string::npos);
  CHECK(text.find("tally_sync_seconds_bucket{le=\"0.002\"} 0") != std::string::npos);
}
