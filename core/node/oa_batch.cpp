// Records and asks of one transaction: ingest, read, decide, write, commit, answer.
#include "core/node/oa_batch.hpp"

#include <algorithm>
#include <utility>

#include "core/base/try.hpp"
#include "core/codec/record_codec.hpp"
#include "core/crypto/record_key.hpp"
#include "core/node/oa_node.hpp"
#include "core/record/packed.hpp"

namespace tally::node {
namespace {

using ledger::Disposition;
using ledger::QuarantineReason;

/// Waiting records posted in one go when their card becomes known.
constexpr std::size_t kWaitingMax = 256;

Points points_of(const record::Record& record) {
  if (const auto* accrual = std::get_if<record::Accrual>(&record.business)) {
    return accrual->points;
  }
  if (const auto* redemption = std::get_if<record::Redemption>(&record.business)) {
    return redemption->points;
  }
  return Points{0};
}

QuarantineReason reason_of(const Error& error) {
  return error.code == Errc::kUnsupported ? QuarantineReason::kUnknownKind
                                          : QuarantineReason::kUndecodable;
}

/// Splits marks into messages of the size the link allows.
void send_positions(OaActions& out,
                    ConnectionId connection,
                    const std::vector<StreamMark>& marks,
                    bool rewind) {
  for (std::size_t i = 0; i < marks.size(); i += link::kPositionsMax) {
    const std::size_t end = std::min(i + link::kPositionsMax, marks.size());
    link::Received received;
    received.rewind = rewind;
    received.positions.assign(marks.begin() + static_cast<std::ptrdiff_t>(i),
                              marks.begin() + static_cast<std::ptrdiff_t>(end));
    out.push_back(SendToGateway{connection, std::move(received)});
  }
}

void send_statements(OaActions& out,
                     ConnectionId connection,
                     const std::vector<link::AppliedStatement>& statements) {
  for (std::size_t i = 0; i < statements.size(); i += link::kPositionsMax) {
    const std::size_t end = std::min(i + link::kPositionsMax, statements.size());
    link::Applied applied;
    applied.statements.assign(statements.begin() + static_cast<std::ptrdiff_t>(i),
                              statements.begin() + static_cast<std::ptrdiff_t>(end));
    out.push_back(SendToGateway{connection, std::move(applied)});
  }
}

ledger::Asker asker_of(const link::Ask& ask, StoreId store) {
  return {ask.terminal, ask.incarnation, store, ask.sale};
}

ledger::AuthoriseRequest request_of(const link::Authorise& authorise) {
  return {authorise.card_token, authorise.points, authorise.bill, authorise.program};
}

void plan_ask(ledger::ReadPlan& plan, const link::Ask& ask, StoreId store) {
  if (const auto* inquire = std::get_if<link::Inquire>(&ask.question)) {
    ledger::plan_inquire(plan, inquire->card_token);
  } else if (const auto* authorise = std::get_if<link::Authorise>(&ask.question)) {
    ledger::plan_authorise(plan, asker_of(ask, store), request_of(*authorise));
  } else {
    ledger::plan_release(plan, asker_of(ask, store));
  }
}

}  // namespace

Result<std::size_t> post_waiting(ledger::LedgerStore& store,
                                 const std::string& card_token,
                                 const ledger::Policy& policy,
                                 const ledger::LedgerTime& time) {
  std::size_t posted = 0;
  for (;;) {
    TALLY_TRY_ASSIGN(const auto waiting, store.waiting_for(card_token, kWaitingMax));
    ledger::ReadPlan plan;
    std::vector<std::optional<record::Record>> records;
    for (const ledger::WaitingRecord& row : waiting) {
      Result<record::Record> record = codec::decode_record(row.sealed);
      if (record) {
        ledger::plan_record(plan, *record, row.store);
        records.emplace_back(std::move(*record));
      } else {
        records.emplace_back(std::nullopt);
      }
    }
    TALLY_TRY_ASSIGN(ledger::WorkingSet set, store.read(std::move(plan)));
    ledger::IngestChanges changes;
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (!records[i]) {
        continue;
      }
      ledger::RecordContext context;
      context.mac = record::peek_mac(waiting[i].sealed);
      context.store = waiting[i].store;
      context.time = time;
      const Disposition disposition = ledger::apply(set, *records[i], context, policy);
      if (disposition.kind != Disposition::Kind::kQuarantined) {
        changes.repaired.push_back(waiting[i].number);
      }
    }
    if (changes.repaired.empty()) {
      return posted;
    }
    TALLY_TRY(store.write(set, changes));
    posted += changes.repaired.size();
  }
}

Status OaNode::run(Batch& batch, Instant now) {
  TALLY_TRY(store_.begin());
  TALLY_TRY(ingest(batch));
  TALLY_TRY(decide(batch, now));
  TALLY_TRY(acknowledge(batch));
  return store_.commit();
}

Status OaNode::ingest(Batch& batch) {
  const auto is_forked = [&](StreamId stream) -> Result<bool> {
    const auto known = batch.forked.find(stream);
    if (known != batch.forked.end()) {
      return known->second;
    }
    TALLY_TRY_ASSIGN(const bool forked, store_.is_forked(stream));
    batch.forked.emplace(stream, forked);
    return forked;
  };
  for (Batch::Work& work : batch.work) {
    if (auto* ask = std::get_if<Batch::AskItem>(&work)) {
      const StreamId stream{ask->ask.terminal, ask->ask.incarnation};
      TALLY_TRY_ASSIGN(const bool forked, is_forked(stream));
      const auto store =
          registry_.store_of(Role::kTerminal, stream.terminal.value, stream.incarnation);
      const bool inquiry = std::holds_alternative<link::Inquire>(ask->ask.question);
      ask->allowed = ask->allowed && store == ask->store && (inquiry || !forked);
      batch.items.emplace_back(std::move(*ask));
      continue;
    }
    if (const auto* arrival = std::get_if<Batch::Arrival>(&work)) {
      for (const StreamId stream : registry_.terminals_of(arrival->store)) {
        TALLY_TRY_ASSIGN(const StreamPosition head, batch.ingest.head(stream));
        if (head.seq) {
          batch.touched[arrival->connection].insert(stream);
        }
      }
      continue;
    }
    const auto& records = std::get<Batch::Records>(work);
    record::PackedReader reader(records.batch.packed);
    while (const auto sealed = reader.next()) {
      const Result<record::Header> header = record::peek_header(*sealed);
      if (!header) {
        ++counters_.records_refused;
        batch.actions.push_back(CloseGateway{records.connection,
                                             link::CloseReason::kRecordRefused,
                                             header.error().what,
                                             Duration{30'000}});
        break;
      }
      const StreamId stream = header->stream();
      TALLY_TRY_ASSIGN(const IngestVerdict verdict, batch.ingest.judge(*header, *sealed));
      switch (verdict.kind) {
        case IngestVerdict::Kind::kSkipped:
          continue;
        case IngestVerdict::Kind::kRepeat:
          ++counters_.records_repeated;
          batch.touched[records.connection].insert(stream);
          batch.key_versions[stream] = header->key_version;
          continue;
        case IngestVerdict::Kind::kGap:
          ++counters_.rewinds;
          batch.rewinds[records.connection].insert(stream);
          continue;
        case IngestVerdict::Kind::kRefused: {
          ++counters_.records_refused;
          TALLY_TRY_ASSIGN(const StreamPosition head, batch.ingest.head(stream));
          batch.replies.push_back(
              SendToGateway{records.connection,
                            link::RecordRefusal{stream, header->id.seq, verdict.reason, head}});
          continue;
        }
        case IngestVerdict::Kind::kTaken:
        case IngestVerdict::Kind::kForked:
          break;
      }
      batch.touched[records.connection].insert(stream);
      batch.key_versions[stream] = header->key_version;
      Batch::Taken taken;
      taken.connection = records.connection;
      taken.header = *header;
      taken.verdict = verdict;
      taken.raw.header = *header;
      taken.raw.copy = verdict.copy;
      taken.raw.mac = record::peek_mac(*sealed);
      taken.raw.sealed.assign(sealed->begin(), sealed->end());
      taken.raw.via = records.via;
      taken.raw.store =
          registry_.store_of(Role::kTerminal, stream.terminal.value, stream.incarnation)
              .value_or(StoreId{});
      TALLY_TRY(is_forked(stream));
      Result<record::Record> record = codec::decode_record(*sealed);
      if (record) {
        taken.raw.card_token = record->card_token;
        taken.raw.points = points_of(*record);
        taken.record = std::move(*record);
      } else {
        taken.raw.quarantine = reason_of(record.error());
      }
      if (verdict.kind == IngestVerdict::Kind::kForked) {
        taken.raw.quarantine = QuarantineReason::kFork;
      }
      batch.items.emplace_back(std::move(taken));
    }
  }
  return {};
}

Status OaNode::decide(Batch& batch, Instant now) {
  const ledger::LedgerTime time = ledger_time(now);
  ledger::ReadPlan plan;
  for (const Batch::Item& item : batch.items) {
    if (const auto* taken = std::get_if<Batch::Taken>(&item)) {
      if (taken->record) {
        ledger::plan_record(plan, *taken->record, taken->raw.store);
      }
    } else {
      const auto& ask = std::get<Batch::AskItem>(item);
      plan_ask(plan, ask.ask, ask.store);
    }
  }
  if (batch.items.empty()) {
    return {};
  }
  TALLY_TRY_ASSIGN(ledger::WorkingSet set, store_.read(std::move(plan)));
  ledger::IngestChanges changes;
  for (Batch::Item& item : batch.items) {
    if (const auto* ask = std::get_if<Batch::AskItem>(&item)) {
      answer(batch, set, ask->connection, ask->ask, ask->store, ask->allowed, now);
      continue;
    }
    auto& taken = std::get<Batch::Taken>(item);
    const StreamId stream = taken.header.stream();
    taken.raw.received_at = now.wall;
    if (taken.verdict.kind == IngestVerdict::Kind::kForked || taken.verdict.branch) {
      const bool fork = taken.verdict.kind == IngestVerdict::Kind::kForked;
      ++(fork ? counters_.forks : counters_.branches);
      changes.alarms.push_back({fork ? ledger::AlarmKind::kFork : ledger::AlarmKind::kBranch,
                                taken.header.id,
                                now.wall});
      if (fork) {
        changes.forked.push_back(stream);
        batch.forked[stream] = true;
      }
      TALLY_TRY_ASSIGN(const StreamPosition head, batch.ingest.head(stream));
      batch.replies.push_back(SendToGateway{
          taken.connection,
          link::RecordRefusal{stream,
                              taken.header.id.seq,
                              fork ? link::RefusalReason::kFork : link::RefusalReason::kBranch,
                              head}});
    }
    if (!taken.raw.quarantine) {
      ledger::RecordContext context;
      context.mac = taken.raw.mac;
      context.store = taken.raw.store;
      context.terminal_quarantined = batch.forked[stream];
      context.time = time;
      const Disposition disposition = ledger::apply(set, *taken.record, context, config_.policy);
      if (disposition.kind == Disposition::Kind::kQuarantined) {
        taken.raw.quarantine = disposition.reason;
      } else if (taken.header.kind == record::RecordKind::kGap) {
        changes.alarms.push_back({ledger::AlarmKind::kGap, taken.header.id, now.wall});
      }
    }
    ++(taken.raw.quarantine ? counters_.records_quarantined : counters_.records_posted);
    changes.raws.push_back(std::move(taken.raw));
  }
  changes.cursors = batch.ingest.moved_heads();
  TALLY_TRY(store_.write(set, changes));
  for (const auto& [token, member] : set.new_cards()) {
    TALLY_TRY_ASSIGN(const std::size_t repaired, post_waiting(store_, token, config_.policy, time));
    counters_.records_repaired += repaired;
  }
  return {};
}

void OaNode::answer(Batch& batch,
                    ledger::WorkingSet& set,
                    ConnectionId connection,
                    const link::Ask& ask,
                    StoreId store,
                    bool allowed,
                    Instant now) {
  ++counters_.asks;
  link::Answer answer;
  answer.ask_id = ask.ask_id;
  answer.sale = ask.sale;
  if (allowed) {
    const ledger::Asker asker = asker_of(ask, store);
    const ledger::LedgerTime time = ledger_time(now);
    ledger::AskResult result;
    if (const auto* inquire = std::get_if<link::Inquire>(&ask.question)) {
      result = ledger::inquire(set, inquire->card_token);
    } else if (const auto* authorise = std::get_if<link::Authorise>(&ask.question)) {
      result = ledger::authorise(set, asker, request_of(*authorise), config_.policy, time);
    } else if (std::holds_alternative<link::Release>(ask.question)) {
      result = ledger::release(set, asker, time);
    } else {
      result = ledger::sale_status(set, asker);
    }
    answer.outcome = static_cast<link::AskOutcome>(result.outcome);
    if (result.member) {
      if (const ledger::MemberEntry* member = set.member(result.member)) {
        answer.member = view_of(*member, now.wall);
      }
    }
    if (result.right) {
      const ledger::Right& right = *set.right(result.right);
      answer.right =
          link::GrantedRight{right.kind, right.id, right.epoch, right.granted, right.member};
      ++counters_.holds_granted;
    }
  }
  batch.replies.push_back(SendToGateway{connection, std::move(answer)});
}

Status OaNode::acknowledge(Batch& batch) {
  for (const auto& [connection, streams] : batch.touched) {
    std::vector<StreamMark> marks;
    std::vector<link::AppliedStatement> statements;
    for (const StreamId stream : streams) {
      TALLY_TRY_ASSIGN(const StreamPosition head, batch.ingest.head(stream));
      const auto version = batch.key_versions.find(stream);
      const auto key = registry_.record_key(
          stream, version == batch.key_versions.end() ? std::uint16_t{1} : version->second);
      marks.push_back({stream, head});
      if (key) {
        statements.push_back(
            {stream, head, crypto::make_applied_statement_mac(*key, stream, head.seq, head.mac)});
      }
    }
    send_positions(batch.replies, connection, marks, false);
    send_statements(batch.replies, connection, statements);
  }
  for (const auto& [connection, streams] : batch.rewinds) {
    std::vector<StreamMark> marks;
    for (const StreamId stream : streams) {
      TALLY_TRY_ASSIGN(const StreamPosition head, batch.ingest.head(stream));
      marks.push_back({stream, head});
    }
    send_positions(batch.replies, connection, marks, true);
  }
  return {};
}

}  // namespace tally::node
