// Terminals, gateways and OA hold the same records: what each says about the others is true.
#include <algorithm>
#include <string>

#include "tools/audit_journal.hpp"

namespace tally::tools {
namespace {

const StreamContent* find_stream(const NodeContent& node, StreamId stream) {
  const auto at = node.streams.find(stream);
  return at == node.streams.end() ? nullptr : &at->second;
}

bool holds(const StreamContent* content, Seq seq, const Mac& mac) {
  if (content == nullptr) {
    return false;
  }
  const auto at = content->records.find(seq);
  return at != content->records.end() &&
         std::find(at->second.begin(), at->second.end(), mac) != at->second.end();
}

bool holds(const StreamContent* content, Seq seq) {
  return content != nullptr && content->records.count(seq) != 0;
}

class Agreement {
 public:
  Agreement(const std::vector<NodeContent>& gateways,
            const std::optional<NodeContent>& oa,
            AuditReport& report)
      : gateways_(gateways), oa_(oa), report_(report) {}

  void check_terminal(const NodeContent& terminal) const {
    for (const auto& [stream, content] : terminal.streams) {
      check_handed_on(terminal, "record", stream, content);
      for (const NodeContent& gateway : gateways_) {
        compare(terminal, "record", stream, content, gateway);
      }
      check_received(terminal, stream, content);
      check_pruned(terminal, stream, content);
    }
  }

  void check_gateway(const NodeContent& gateway) const {
    for (const auto& [stream, content] : gateway.streams) {
      check_handed_on(gateway, "packed", stream, content);
      check_applied(gateway, "stream", stream, content);
    }
  }

  void check_applied(const NodeContent& node,
                     const char* table,
                     StreamId stream,
                     const StreamContent& content) const {
    if (!oa_ || !content.applied.seq) {
      return;
    }
    const StreamContent* office = find_stream(*oa_, stream);
    if (office == nullptr || office->applied.seq < content.applied.seq) {
      add("I5", node, table, stream, content.applied.seq, "APPLIED here, but not at the OA");
    }
  }

 private:
  void add(const char* invariant,
           const NodeContent& node,
           const char* table,
           StreamId stream,
           Seq seq,
           std::string text) const {
    report_.add({invariant,
                 node.database,
                 table,
                 "terminal " + std::to_string(stream.terminal.value) + ", incarnation " +
                     std::to_string(stream.incarnation.value) + ", seq " +
                     std::to_string(seq.value),
                 std::move(text)});
  }

  // A record that both have must be the same one.
  void compare(const NodeContent& mine,
               const char* table,
               StreamId stream,
               const StreamContent& content,
               const NodeContent& other) const {
    const StreamContent* theirs = find_stream(other, stream);
    for (const auto& [seq, macs] : content.records) {
      if (holds(theirs, seq) && !holds(theirs, seq, macs.front())) {
        add("I6", mine, table, stream, seq, "another content stands here in " + other.database);
      }
    }
  }

  // What was acknowledged by the OA is at the OA, as it is here.
  void check_handed_on(const NodeContent& node,
                       const char* table,
                       StreamId stream,
                       const StreamContent& content) const {
    if (!oa_) {
      return;
    }
    compare(node, table, stream, content, *oa_);
    const StreamContent* office = find_stream(*oa_, stream);
    const Seq acknowledged = std::max(content.forwarded.seq, content.applied.seq);
    for (const auto& [seq, macs] : content.records) {
      if (seq <= acknowledged && !holds(office, seq)) {
        add("I5", node, table, stream, seq, "acknowledged by the OA, but not there");
      }
    }
  }

  // What a gateway acknowledged is at a gateway, or was there and is at the OA.
  void check_received(const NodeContent& terminal,
                      StreamId stream,
                      const StreamContent& content) const {
    if (gateways_.empty()) {
      return;
    }
    const StreamContent* office = oa_ ? find_stream(*oa_, stream) : nullptr;
    for (const auto& [seq, macs] : content.records) {
      const bool at_gateway = std::any_of(
          gateways_.begin(), gateways_.end(), [&, at = seq](const NodeContent& gateway) {
            return holds(find_stream(gateway, stream), at);
          });
      if (seq <= content.received.seq && !at_gateway && !holds(office, seq)) {
        add("I5", terminal, "record", stream, seq, "RECEIVED by a gateway, but not there");
      }
    }
    check_applied(terminal, "node", stream, content);
  }

  // What a terminal no longer has must be at the OA.
  void check_pruned(const NodeContent& terminal,
                    StreamId stream,
                    const StreamContent& content) const {
    if (!oa_ || content.records.empty()) {
      return;
    }
    const StreamContent* office = find_stream(*oa_, stream);
    for (Seq seq{1}; seq < content.records.begin()->first; ++seq.value) {
      if (!holds(office, seq)) {
        add("I5", terminal, "record", stream, seq, "dropped here, but not at the OA");
      }
    }
  }

  const std::vector<NodeContent>& gateways_;
  const std::optional<NodeContent>& oa_;
  AuditReport& report_;
};

}  // namespace

void audit_agreement(const std::vector<NodeContent>& terminals,
                     const std::vector<NodeContent>& gateways,
                     const std::optional<NodeContent>& oa,
                     AuditReport& report) {
  const Agreement agreement(gateways, oa, report);
  for (const NodeContent& terminal : terminals) {
    agreement.check_terminal(terminal);
  }
  for (const NodeContent& gateway : gateways) {
    agreement.check_gateway(gateway);
  }
}

}  // namespace tally::tools
