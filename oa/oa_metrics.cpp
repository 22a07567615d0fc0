#include "oa/oa_metrics.hpp"

#include <algorithm>

namespace tally::oa {

OaMetrics::OaMetrics(shell::Metrics& metrics)
    : metrics_(metrics),
      commit_seconds_(metrics.histogram("tally_ledger_commit_seconds",
                                        "Time of one batch: check, decide, write, sync.",
                                        shell::duration_buckets_s())),
      posted_(metrics.counter("tally_records_posted_total", "Records posted to the ledger.")),
      quarantined_(
          metrics.counter("tally_records_quarantined_total", "Records put aside for a person.")),
      repeated_(metrics.counter("tally_records_duplicate_total", "Records that were here.")),
      refused_(metrics.counter("tally_records_refused_total", "Records refused to their source.")),
      repaired_(
          metrics.counter("tally_records_repaired_total", "Records posted out of quarantine.")),
      rewinds_(metrics.counter("tally_link_rewinds_total", "Times a sender was told to go back.")),
      branches_(metrics.counter("tally_records_branches_total",
                                "Records whose predecessor has another successor.")),
      forks_(metrics.counter("tally_records_forks_total", "Second contents under one record id.")),
      asks_(metrics.counter("tally_asks_total", "Questions of terminals.")),
      holds_(metrics.counter("tally_holds_granted_total", "Answers that carry a hold.")),
      commits_(metrics.counter("tally_ledger_commits_total", "Batches committed.")),
      connections_refused_(metrics.counter("tally_link_connections_refused_total",
                                           "Gateways that were not welcomed.")),
      connected_(metrics.gauge("tally_gateways_connected", "Gateways connected now.")),
      failed_(metrics.gauge("tally_ledger_failed", "1 while the disk refuses to write.")) {}

void OaMetrics::ended(std::string_view code) {
  metrics_
      .counter("tally_link_closed_total",
               "Connections that ended, by side and reason.",
               {{"side", "gateway"}, {"reason", std::string(code)}})
      .add();
}

void OaMetrics::update(const node::OaNode& node) {
  const node::OaCounters& now = node.counters();
  const auto advance = [](const shell::Counter& counter, std::uint64_t& seen, std::uint64_t value) {
    counter.add(static_cast<double>(value - seen));
    seen = value;
  };
  advance(posted_, seen_.records_posted, now.records_posted);
  advance(quarantined_, seen_.records_quarantined, now.records_quarantined);
  advance(repeated_, seen_.records_repeated, now.records_repeated);
  advance(refused_, seen_.records_refused, now.records_refused);
  advance(repaired_, seen_.records_repaired, now.records_repaired);
  advance(rewinds_, seen_.rewinds, now.rewinds);
  advance(branches_, seen_.branches, now.branches);
  advance(forks_, seen_.forks, now.forks);
  advance(asks_, seen_.asks, now.asks);
  advance(holds_, seen_.holds_granted, now.holds_granted);
  advance(commits_, seen_.commits, now.commits);
  advance(connections_refused_, seen_.connections_refused, now.connections_refused);
  const auto gateways = node.gateways();
  connected_.set(static_cast<double>(std::count_if(
      gateways.begin(), gateways.end(), [](const auto& gateway) { return gateway.connected; })));
}

void OaMetrics::restart(bool failed) {
  seen_ = {};
  failed_.set(failed ? 1 : 0);
  if (failed) {
    connected_.set(0);
  }
}

}  // namespace tally::oa
