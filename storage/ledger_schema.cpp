#include "storage/ledger_schema.hpp"

namespace tally::storage {
namespace {

constexpr const char* kVersion1 = R"sql(
CREATE TABLE counter(
  id INTEGER PRIMARY KEY CHECK(id = 1),
  txn INTEGER NOT NULL, right_no INTEGER NOT NULL, member INTEGER NOT NULL,
  generation INTEGER NOT NULL) STRICT;
INSERT INTO counter VALUES(1, 0, 0, 0, 1);

CREATE TABLE member(
  shard INTEGER NOT NULL, id INTEGER NOT NULL,
  state INTEGER NOT NULL, masked_name TEXT NOT NULL, tier INTEGER NOT NULL,
  available INTEGER NOT NULL, held INTEGER NOT NULL, pending INTEGER NOT NULL,
  debt INTEGER NOT NULL, risk INTEGER NOT NULL, last_lot INTEGER NOT NULL,
  enrolled_us INTEGER NOT NULL,
  PRIMARY KEY(shard, id)) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX member_id ON member(id);

CREATE TABLE card(
  token TEXT PRIMARY KEY, member INTEGER NOT NULL,
  state INTEGER NOT NULL, issued_us INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX card_member ON card(member);

CREATE TABLE lot(
  shard INTEGER NOT NULL, member INTEGER NOT NULL,
  expires_on INTEGER NOT NULL, issuer INTEGER NOT NULL,
  id INTEGER NOT NULL, points INTEGER NOT NULL,
  PRIMARY KEY(shard, member, expires_on, issuer)) STRICT, WITHOUT ROWID;

CREATE TABLE txn(
  shard INTEGER NOT NULL, id INTEGER NOT NULL, member INTEGER NOT NULL,
  kind INTEGER NOT NULL, result INTEGER NOT NULL,
  terminal INTEGER, incarnation INTEGER, boot INTEGER, seq INTEGER, mac BLOB,
  sale BLOB, store INTEGER NOT NULL, at_terminal INTEGER NOT NULL,
  business_day INTEGER NOT NULL, happened_us INTEGER NOT NULL, posted_us INTEGER NOT NULL,
  points INTEGER NOT NULL, balance_after INTEGER NOT NULL,
  bill_minor INTEGER NOT NULL, discount_minor INTEGER NOT NULL, currency INTEGER NOT NULL,
  about INTEGER NOT NULL, cause INTEGER NOT NULL, returned_minor INTEGER NOT NULL,
  PRIMARY KEY(shard, id)) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX txn_record ON txn(terminal, incarnation, seq, boot) WHERE terminal IS NOT NULL;
CREATE INDEX txn_sale ON txn(sale, id) WHERE sale IS NOT NULL;
CREATE INDEX txn_member ON txn(shard, member, id);
CREATE INDEX txn_day ON txn(business_day, kind, points);

CREATE TABLE txn_source(
  shard INTEGER NOT NULL, txn INTEGER NOT NULL, n INTEGER NOT NULL, member INTEGER NOT NULL,
  kind INTEGER NOT NULL, store INTEGER NOT NULL,
  expires_on INTEGER NOT NULL, issuer INTEGER NOT NULL, lot INTEGER NOT NULL,
  points INTEGER NOT NULL,
  PRIMARY KEY(shard, txn, n)) STRICT, WITHOUT ROWID;
CREATE INDEX txn_source_risk ON txn_source(shard, member, txn) WHERE kind = 10;

CREATE TABLE transfer(
  shard INTEGER NOT NULL, txn INTEGER NOT NULL, leg INTEGER NOT NULL, member INTEGER NOT NULL,
  from_kind INTEGER NOT NULL, from_owner INTEGER NOT NULL,
  to_kind INTEGER NOT NULL, to_owner INTEGER NOT NULL,
  points INTEGER NOT NULL, code INTEGER NOT NULL,
  expires_on INTEGER NOT NULL, issuer INTEGER NOT NULL, lot INTEGER NOT NULL,
  PRIMARY KEY(shard, txn, leg)) STRICT, WITHOUT ROWID;

CREATE TABLE account(
  shard INTEGER NOT NULL, kind INTEGER NOT NULL, owner INTEGER NOT NULL,
  balance INTEGER NOT NULL,
  PRIMARY KEY(shard, kind, owner)) STRICT, WITHOUT ROWID;

CREATE TABLE right_row(
  shard INTEGER NOT NULL, id INTEGER NOT NULL,
  kind INTEGER NOT NULL, state INTEGER NOT NULL,
  holder_role INTEGER NOT NULL, holder INTEGER NOT NULL, store INTEGER NOT NULL,
  epoch INTEGER NOT NULL, granted INTEGER NOT NULL, used INTEGER NOT NULL,
  member INTEGER NOT NULL, sale BLOB, granted_us INTEGER NOT NULL, program INTEGER NOT NULL,
  PRIMARY KEY(shard, id)) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX right_id ON right_row(id);
CREATE INDEX right_sale ON right_row(sale) WHERE sale IS NOT NULL;

CREATE TABLE right_lot(
  shard INTEGER NOT NULL, right_id INTEGER NOT NULL,
  expires_on INTEGER NOT NULL, issuer INTEGER NOT NULL, lot INTEGER NOT NULL,
  points INTEGER NOT NULL,
  PRIMARY KEY(shard, right_id, expires_on, issuer)) STRICT, WITHOUT ROWID;

CREATE TABLE ask_answer(
  sale BLOB PRIMARY KEY, closed INTEGER NOT NULL, answered INTEGER NOT NULL,
  card_token TEXT NOT NULL, points INTEGER NOT NULL, bill_minor INTEGER NOT NULL,
  currency INTEGER NOT NULL, program INTEGER NOT NULL,
  terminal INTEGER NOT NULL, incarnation INTEGER NOT NULL,
  outcome INTEGER NOT NULL, right_id INTEGER NOT NULL, member INTEGER NOT NULL)
  STRICT, WITHOUT ROWID;

CREATE TABLE tombstone(
  id INTEGER PRIMARY KEY,
  terminal INTEGER, incarnation INTEGER, boot INTEGER, seq INTEGER, sale BLOB,
  by_txn INTEGER NOT NULL, kind INTEGER NOT NULL, store INTEGER NOT NULL,
  returned_minor INTEGER NOT NULL, whole_minor INTEGER NOT NULL) STRICT;
CREATE INDEX tombstone_record ON tombstone(terminal, incarnation, seq, boot)
  WHERE terminal IS NOT NULL;
CREATE INDEX tombstone_sale ON tombstone(sale) WHERE terminal IS NULL;

CREATE TABLE ticket(
  store INTEGER NOT NULL, hash BLOB NOT NULL,
  terminal INTEGER NOT NULL, incarnation INTEGER NOT NULL, boot INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY(store, hash)) STRICT, WITHOUT ROWID;

CREATE TABLE raw_record(
  no INTEGER PRIMARY KEY,
  terminal INTEGER NOT NULL, incarnation INTEGER NOT NULL, seq INTEGER NOT NULL,
  boot INTEGER NOT NULL, copy INTEGER NOT NULL,
  mac BLOB NOT NULL, prev_mac BLOB NOT NULL, kind INTEGER NOT NULL,
  store INTEGER NOT NULL, gateway INTEGER NOT NULL, received_us INTEGER NOT NULL,
  sealed BLOB NOT NULL, crc INTEGER NOT NULL,
  UNIQUE(terminal, incarnation, seq, boot, copy)) STRICT;

CREATE TABLE quarantine(
  no INTEGER PRIMARY KEY REFERENCES raw_record(no),
  reason INTEGER NOT NULL, card_token TEXT NOT NULL, points INTEGER NOT NULL,
  at_us INTEGER NOT NULL) STRICT;
CREATE INDEX quarantine_card ON quarantine(card_token, no) WHERE reason = 1;

CREATE TABLE cursor(
  terminal INTEGER NOT NULL, incarnation INTEGER NOT NULL,
  seq INTEGER NOT NULL, mac BLOB NOT NULL, forked INTEGER NOT NULL,
  PRIMARY KEY(terminal, incarnation)) STRICT, WITHOUT ROWID;

CREATE TABLE alarm(
  id INTEGER PRIMARY KEY, kind INTEGER NOT NULL,
  terminal INTEGER NOT NULL, incarnation INTEGER NOT NULL, boot INTEGER NOT NULL,
  seq INTEGER NOT NULL, at_us INTEGER NOT NULL) STRICT;

CREATE TABLE device(
  role INTEGER NOT NULL, node INTEGER NOT NULL, incarnation INTEGER NOT NULL,
  store INTEGER NOT NULL, public_key BLOB NOT NULL, wrapped_key BLOB,
  not_after_us INTEGER NOT NULL, imported_us INTEGER NOT NULL,
  PRIMARY KEY(role, node, incarnation)) STRICT, WITHOUT ROWID;

CREATE TABLE person(
  member INTEGER PRIMARY KEY, sealed BLOB NOT NULL, wrapped_key BLOB NOT NULL,
  number TEXT NOT NULL UNIQUE, language TEXT NOT NULL, phone_tail TEXT NOT NULL,
  phone_hash BLOB UNIQUE, frozen_reason TEXT NOT NULL, frozen_us INTEGER NOT NULL) STRICT;
CREATE INDEX person_phone_tail ON person(phone_tail, member);

CREATE TABLE office_request(
  key TEXT PRIMARY KEY, body_hash BLOB NOT NULL, member INTEGER NOT NULL,
  at_us INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE audit_log(
  id INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, user TEXT NOT NULL, action TEXT NOT NULL,
  member INTEGER NOT NULL, reason TEXT NOT NULL) STRICT;
)sql";

// Points that wait in PENDING are sources of their accrual, of kind 6.
constexpr const char* kVersion2 = R"sql(
ALTER TABLE txn_source ADD COLUMN vests_on INTEGER NOT NULL DEFAULT 0;
CREATE INDEX txn_source_vesting ON txn_source(vests_on, shard, txn) WHERE kind = 6;
)sql";

// Office acts: aliases, the transit queue, acts with maker and checker, decided quarantine.
constexpr const char* kVersion3 = R"sql(
ALTER TABLE member ADD COLUMN alias_of INTEGER NOT NULL DEFAULT 0;
CREATE INDEX member_alias ON member(id) WHERE alias_of <> 0;
CREATE INDEX txn_cause ON txn(cause) WHERE cause <> 0;

CREATE TABLE transit(
  txn INTEGER PRIMARY KEY, kind INTEGER NOT NULL,
  from_member INTEGER NOT NULL, to_member INTEGER NOT NULL) STRICT;

CREATE TABLE office_act(
  id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, state INTEGER NOT NULL,
  member INTEGER NOT NULL, other INTEGER NOT NULL, points INTEGER NOT NULL,
  expires_on INTEGER NOT NULL, issuer INTEGER NOT NULL, clear_to INTEGER NOT NULL,
  card TEXT NOT NULL, new_card TEXT NOT NULL, card_state INTEGER NOT NULL,
  quarantine INTEGER NOT NULL, decision INTEGER NOT NULL, reason TEXT NOT NULL,
  maker TEXT NOT NULL, made_us INTEGER NOT NULL,
  checker TEXT NOT NULL, checked_us INTEGER NOT NULL, txn INTEGER NOT NULL) STRICT;
CREATE INDEX office_act_open ON office_act(id) WHERE state = 1;
CREATE INDEX office_act_maker ON office_act(maker, made_us);
CREATE INDEX office_act_txn ON office_act(txn) WHERE txn <> 0;

ALTER TABLE office_request ADD COLUMN act INTEGER NOT NULL DEFAULT 0;
ALTER TABLE quarantine ADD COLUMN decision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE quarantine ADD COLUMN act INTEGER NOT NULL DEFAULT 0;
CREATE INDEX quarantine_open ON quarantine(no) WHERE decision = 0;
)sql";

// The member directory: every write of a member or of one of its cards raises that member's
// version. Cards change in several places, so the rule about them lies here, with the table.
constexpr const char* kVersion4 = R"sql(
ALTER TABLE counter ADD COLUMN directory INTEGER NOT NULL DEFAULT 0;
ALTER TABLE counter ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
ALTER TABLE member ADD COLUMN directory_version INTEGER NOT NULL DEFAULT 0;
UPDATE member SET directory_version = id;
UPDATE counter SET directory = (SELECT coalesce(max(id), 0) FROM member);
CREATE INDEX member_directory ON member(directory_version);

CREATE TRIGGER card_added AFTER INSERT ON card BEGIN
  UPDATE counter SET directory = directory + 1;
  UPDATE member SET directory_version = (SELECT directory FROM counter) WHERE id = NEW.member;
END;
CREATE TRIGGER card_changed AFTER UPDATE ON card BEGIN
  UPDATE counter SET directory = directory + 1;
  UPDATE member SET directory_version = (SELECT directory FROM counter) WHERE id = NEW.member;
  UPDATE counter SET directory = directory + 1 WHERE OLD.member <> NEW.member;
  UPDATE member SET directory_version = (SELECT directory FROM counter)
    WHERE id = OLD.member AND OLD.member <> NEW.member;
END;
CREATE TRIGGER card_removed AFTER DELETE ON card BEGIN
  UPDATE counter SET directory = directory + 1;
  UPDATE member SET directory_version = (SELECT directory FROM counter) WHERE id = OLD.member;
END;

CREATE TABLE erasure(
  member INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, user TEXT NOT NULL, reason TEXT NOT NULL)
  STRICT;
CREATE TABLE directory_holder(
  gateway INTEGER PRIMARY KEY, incarnation INTEGER NOT NULL, store INTEGER NOT NULL,
  acknowledged INTEGER NOT NULL, at_us INTEGER NOT NULL) STRICT;
)sql";

// What back-ups contain; which rights an OA gave out and forgot when it was restored.
constexpr const char* kVersion5 = R"sql(
CREATE TABLE archived(
  terminal INTEGER NOT NULL, incarnation INTEGER NOT NULL,
  seq INTEGER NOT NULL, mac BLOB NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY(terminal, incarnation)) STRICT, WITHOUT ROWID;
CREATE TABLE restored(
  generation INTEGER PRIMARY KEY, at_us INTEGER NOT NULL,
  right_first INTEGER NOT NULL, right_last INTEGER NOT NULL) STRICT;
)sql";

// What the expiry sweep took, by bucket, so that nothing is asked of a member twice.
constexpr const char* kVersion6 = R"sql(
CREATE TABLE expired_lot(
  shard INTEGER NOT NULL, member INTEGER NOT NULL,
  expires_on INTEGER NOT NULL, issuer INTEGER NOT NULL, points INTEGER NOT NULL,
  PRIMARY KEY(shard, member, expires_on, issuer)) STRICT, WITHOUT ROWID;
CREATE INDEX lot_expiry ON lot(expires_on, shard, member) WHERE expires_on < 2147483647;
)sql";

// Corrections: one for each record, rule and cause; the original knows their sum.
constexpr const char* kVersion7 = R"sql(
ALTER TABLE txn ADD COLUMN corrected INTEGER NOT NULL DEFAULT 0;
ALTER TABLE txn ADD COLUMN rule INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX txn_correction ON txn(shard, about, rule, cause) WHERE kind = 24;
)sql";

// What a gateway must have acknowledged for an erasure to be done.
constexpr const char* kVersion8 = R"sql(
ALTER TABLE erasure ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
)sql";

// Receipts that were claimed before their records came; terminals declared dead.
constexpr const char* kVersion9 = R"sql(
CREATE TABLE claim(
  terminal INTEGER NOT NULL, incarnation INTEGER NOT NULL, seq INTEGER NOT NULL,
  boot INTEGER NOT NULL, state INTEGER NOT NULL, mac BLOB NOT NULL, sealed BLOB NOT NULL,
  crc INTEGER NOT NULL, store INTEGER NOT NULL, claimed_by TEXT NOT NULL,
  claimed_us INTEGER NOT NULL, freed_us INTEGER NOT NULL,
  PRIMARY KEY(terminal, incarnation, seq, boot)) STRICT, WITHOUT ROWID;
CREATE INDEX claim_open ON claim(terminal, incarnation, seq) WHERE state = 1;
CREATE TABLE terminal_death(
  terminal INTEGER NOT NULL, incarnation INTEGER NOT NULL,
  first_by TEXT NOT NULL, first_us INTEGER NOT NULL,
  second_by TEXT NOT NULL, second_us INTEGER NOT NULL,
  PRIMARY KEY(terminal, incarnation)) STRICT, WITHOUT ROWID;
)sql";

// An erasure waits for the version its member has now: what is written of the member later moves
// the entry behind versions that a gateway has acknowledged without it.
constexpr const char* kVersion10 = R"sql(
ALTER TABLE erasure DROP COLUMN version;
)sql";

// Rights granted ahead of time: which leases a member has, what is open in a store.
constexpr const char* kVersion11 = R"sql(
CREATE INDEX right_lease ON right_row(member) WHERE kind = 2 AND state = 1;
CREATE INDEX right_open ON right_row(store)
  WHERE used < granted AND (kind = 3 AND state = 1 OR state = 3);
CREATE INDEX account_owner ON account(kind, owner);
)sql";

constexpr Migration kMigrations[] = {{1, kVersion1},
                                     {2, kVersion2},
                                     {3, kVersion3},
                                     {4, kVersion4},
                                     {5, kVersion5},
                                     {6, kVersion6},
                                     {7, kVersion7},
                                     {8, kVersion8},
                                     {9, kVersion9},
                                     {10, kVersion10},
                                     {11, kVersion11}};

}  // namespace

const Schema kLedgerSchema{0x54530103, kMigrations, true};

std::uint32_t shard_of(MemberId member) {
  if (!member) {
    return 0;
  }
  // SplitMix64's finaliser (Steele, Lea, Flood 2014): neighbouring numbers land far apart.
  auto z = static_cast<std::uint64_t>(member.value);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return static_cast<std::uint32_t>((z ^ (z >> 31)) % kShards);
}

}  // namespace tally::storage
