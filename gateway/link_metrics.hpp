// The gateway's figures for Prometheus. Outlives every Runtime; any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/node/gateway_node.hpp"

#include "gateway/journal_writer.hpp"
#include "shell/metrics.hpp"
#include "transport/link_listener.hpp"

namespace tally::gateway {

class LinkMetrics {
 public:
  explicit LinkMetrics(shell::Metrics& metrics);

  /// A connection ended; `side` is "terminal" or "uplink". Link loop only.
  void ended(std::string_view side, std::string_view code);
  void commit_took(double seconds) { commit_seconds_.observe(seconds); }
  /// Brings the series up to what the machine has counted. Link loop only.
  void update(const node::GatewayNode& node,
              const JournalReport& report,
              const transport::ListenCounts& listener);
  /// A new machine counts from 0 again.
  void restart() {
    seen_ = {};
    over_bound_seen_ = 0;
  }

 private:
  shell::Metrics& metrics_;
  shell::Histogram commit_seconds_;
  shell::Counter received_;
  shell::Counter duplicate_;
  shell::Counter refused_;
  shell::Counter rewinds_;
  shell::Counter commits_;
  shell::Counter asks_;
  shell::Counter asks_unavailable_;
  shell::Counter asks_from_directory_;
  shell::Counter contested_;
  shell::Counter over_bound_;
  shell::Gauge queue_records_;
  shell::Gauge held_records_;
  shell::Gauge queue_bytes_;
  shell::Gauge connected_;
  shell::Gauge uplink_up_;
  shell::Gauge journal_failed_;
  shell::Gauge disk_free_bytes_;
  shell::Gauge directory_cards_;
  shell::Gauge directory_current_;
  node::GatewayCounters seen_;
  std::uint64_t over_bound_seen_ = 0;
};

}  // namespace tally::gateway
