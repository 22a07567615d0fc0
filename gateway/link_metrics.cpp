#include "gateway/link_metrics.hpp"

#include <algorithm>

namespace tally::gateway {

LinkMetrics::LinkMetrics(shell::Metrics& metrics)
    : metrics_(metrics),
      commit_seconds_(metrics.histogram("tally_journal_commit_seconds",
                                        "Time of one commit, sync included.",
                                        shell::duration_buckets_s())),
      received_(metrics.counter("tally_records_received_total", "Records taken from terminals.")),
      duplicate_(metrics.counter("tally_records_duplicate_total", "Records that were here.")),
      refused_(metrics.counter("tally_records_refused_total", "Records refused, here or above.")),
      rewinds_(metrics.counter("tally_link_rewinds_total", "Times a sender was told to go back.")),
      commits_(metrics.counter("tally_journal_commits_total", "Commits of the journal.")),
      asks_(metrics.counter("tally_asks_total", "Questions of terminals.")),
      asks_unavailable_(
          metrics.counter("tally_asks_unavailable_total", "Questions without an answer in time.")),
      asks_from_directory_(metrics.counter("tally_asks_from_directory_total",
                                           "Questions answered here instead of at the OA.")),
      contested_(metrics.counter("tally_link_identities_contested_total",
                                 "Times a second connection claimed a live identity.")),
      over_bound_(metrics.counter("tally_link_over_bound_total",
                                  "Connections closed because too many were open.")),
      queue_records_(metrics.gauge("tally_uplink_queue_records", "Received, not yet at the OA.")),
      held_records_(metrics.gauge("tally_uplink_held_records",
                                  "Of the queue: refused by the OA until a person has looked.")),
      queue_bytes_(metrics.gauge("tally_uplink_queue_bytes", "Received, not yet at the OA.")),
      connected_(metrics.gauge("tally_terminals_connected", "Terminals connected now.")),
      uplink_up_(metrics.gauge("tally_uplink_up", "1 while the OA is connected.")),
      journal_failed_(metrics.gauge("tally_journal_failed", "1 while the disk refuses to write.")),
      disk_free_bytes_(metrics.gauge("tally_disk_free_bytes", "Free where the journal lies.")),
      directory_cards_(metrics.gauge("tally_directory_cards", "Cards in the member directory.")),
      directory_current_(
          metrics.gauge("tally_directory_current", "1 while the OA has nothing newer.")) {}

void LinkMetrics::ended(std::string_view side, std::string_view code) {
  metrics_
      .counter("tally_link_closed_total",
               "Connections that ended, by side and reason.",
               {{"side", std::string(side)}, {"reason", std::string(code)}})
      .add();
}

void LinkMetrics::update(const node::GatewayNode& node,
                         const JournalReport& report,
                         const transport::ListenCounts& listener) {
  const node::GatewayCounters& now = node.counters();
  const auto advance = [](const shell::Counter& counter, std::uint64_t& seen, std::uint64_t value) {
    counter.add(static_cast<double>(value - seen));
    seen = value;
  };
  advance(received_, seen_.records_received, now.records_received);
  advance(duplicate_, seen_.records_duplicate, now.records_duplicate);
  advance(refused_, seen_.records_refused, now.records_refused);
  advance(rewinds_, seen_.rewinds, now.rewinds);
  advance(commits_, seen_.commits, now.commits);
  advance(asks_, seen_.asks, now.asks);
  advance(asks_unavailable_, seen_.asks_unavailable, now.asks_unavailable);
  advance(asks_from_directory_, seen_.asks_from_directory, now.asks_from_directory);
  advance(over_bound_, over_bound_seen_, listener.over_bound);
  advance(contested_, seen_.identities_contested, now.identities_contested);
  const node::UplinkStatus uplink = node.uplink();
  queue_records_.set(static_cast<double>(uplink.queue_records));
  std::uint64_t held_records = 0;
  for (const node::HeldStream& held : node.held()) {
    held_records += held.records;
  }
  held_records_.set(static_cast<double>(held_records));
  queue_bytes_.set(static_cast<double>(report.queued_bytes));
  uplink_up_.set(uplink.up ? 1 : 0);
  journal_failed_.set(node.journal_failed() ? 1 : 0);
  disk_free_bytes_.set(static_cast<double>(report.free_bytes));
  directory_cards_.set(static_cast<double>(node.directory().state().cards));
  directory_current_.set(node.directory().current() ? 1 : 0);
  const auto terminals = node.terminals();
  connected_.set(static_cast<double>(std::count_if(
      terminals.begin(), terminals.end(), [](const auto& t) { return t.connected; })));
}

}  // namespace tally::gateway
