// The OA's figures for Prometheus. Any thread; update() on the ledger thread only.
#pragma once

#include <string>
#include <string_view>

#include "core/node/oa_node.hpp"

#include "shell/metrics.hpp"

namespace tally::oa {

class OaMetrics {
 public:
  explicit OaMetrics(shell::Metrics& metrics);

  /// A connection ended. Link loop only.
  void ended(std::string_view code);
  void commit_took(double seconds) { commit_seconds_.observe(seconds); }
  void update(const node::OaNode& node);
  /// A new machine counts from 0 again.
  void restart(bool failed);

 private:
  shell::Metrics& metrics_;
  shell::Histogram commit_seconds_;
  shell::Counter posted_;
  shell::Counter quarantined_;
  shell::Counter repeated_;
  shell::Counter refused_;
  shell::Counter repaired_;
  shell::Counter rewinds_;
  shell::Counter branches_;
  shell::Counter forks_;
  shell::Counter asks_;
  shell::Counter holds_;
  shell::Counter commits_;
  shell::Counter connections_refused_;
  shell::Gauge connected_;
  shell::Gauge failed_;
  node::OaCounters seen_;
};

}  // namespace tally::oa
