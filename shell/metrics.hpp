// Counters, gauges and histograms in the Prometheus text format, over prometheus-cpp. Names start
// with "tally_" and end in their unit: tally_link_frames_total, tally_sync_seconds. Labels come
// from small fixed sets (a terminal id is fine, a member id is not). Any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "transport/http/message.hpp"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace tally::shell {

using Labels = std::map<std::string, std::string>;

/// Handles live as long as their Metrics; copies mean the same series.
class Counter {
 public:
  explicit Counter(prometheus::Counter& counter) : counter_(&counter) {}
  void add(double amount = 1) const;
  double value() const;

 private:
  prometheus::Counter* counter_;
};

class Gauge {
 public:
  explicit Gauge(prometheus::Gauge& gauge) : gauge_(&gauge) {}
  void set(double value) const;
  void add(double amount) const;
  double value() const;

 private:
  prometheus::Gauge* gauge_;
};

class Histogram {
 public:
  explicit Histogram(prometheus::Histogram& histogram) : histogram_(&histogram) {}
  void observe(double value) const;

 private:
  prometheus::Histogram* histogram_;
};

/// Bucket bounds for durations in seconds, 0.5 ms to 10 s.
std::vector<double> duration_buckets_s();

class Metrics {
 public:
  Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;
  ~Metrics();

  /// The same name and labels give the same series. A name used for another kind, or one that
  /// Prometheus does not allow, is a programming error.
  Counter counter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  Histogram histogram(const std::string& name,
                      const std::string& help,
                      const std::vector<double>& buckets,
                      const Labels& labels = {});

  /// `refresh` runs on the reading thread before each text(), to set gauges that are read on
  /// demand. Before the first text() only.
  void before_text(std::function<void()> refresh);
  /// Everything in the Prometheus text format 0.0.4.
  std::string text() const;
  /// Answers GET /metrics.
  transport::http::Handler handler() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tally::shell
