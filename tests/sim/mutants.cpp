#include "tests/sim/mutants.hpp"

#include <algorithm>

#include "core/base/mutant.hpp"

namespace tally::sim {

#ifdef TALLY_MUTANTS

namespace {

// In order of areas. tools/check_tree.py compares the names with those in core/ and storage/.
constexpr Mutant kMutants[] = {
    {"lot-order/issuers-merged",
     "points of two stores that expire on one day become one lot",
     "I7"},
    {"lot-order/latest-first", "the lot that expires last is spent first", "I7"},
    {"lot-order/ties-by-newest", "of lots that expire on one day the newest is spent first", "I7"},
    {"lot-order/part-of-lot-stays", "a lot that is spent in part keeps all its points", "I7"},
    {"lot-order/released-into-first-lot",
     "a hold of several lots is given back into the first of them",
     "I7"},
    {"lot-order/given-back-to-own-store",
     "a cancelled redemption comes back as points of the store that took them",
     "I7"},
    {"rounding/earn-rounds-up", "a part of an earning step earns a whole step", "I5"},
    {"rounding/earn-on-whole-bill",
     "a bill paid in part with points earns as if it were paid with money",
     "I5"},
    {"rounding/bill-share-rounds-up",
     "the share of a bill that points may pay is rounded up to a step",
     "I5"},
    {"rounding/remainder-lost",
     "points that do not divide evenly over their sources are lost",
     "I8"},
    {"rounding/smallest-remainder-first",
     "the smallest remainder gets the point that is left over",
     "I8"},
    {"right/release-not-stored", "a hold is given back, but its row still says granted", "I7"},
    {"right/lots-kept-when-returned", "a hold that is given back keeps its lots", "I7"},
    {"right/granted-to-closed-sale",
     "an ask that arrives after its sale was settled still gets a hold",
     "I3"},
    {"right/second-ask-second-hold", "an ask that arrives twice gets two holds", "I3"},
    {"right/kept-after-sale", "a sale that is settled keeps the holds it did not use", "I3"},
    {"right/unknown-right-billed-to-member",
     "a redemption under a right nobody granted is taken from the member",
     "I4"},
    {"right/shortfall-forgotten",
     "what a member could not pay of a redemption is written nowhere",
     "I8"},
    {"positions/never-move-back",
     "a position that moves back is ignored, the sender does not rewind",
     "I10"},
    {"positions/welcome-ignored",
     "a terminal sends on from where it believes its gateway to be",
     "I10"},
    {"positions/received-taken-for-forwarded",
     "a gateway that boots believes the OA has all that it has",
     "I10"},
    {"positions/reconnect-goes-on-from-sent",
     "what was on its way when the uplink broke is not sent again",
     "I10"},
    {"positions/rewind-taken-for-acknowledgement",
     "a gateway takes the OA's rewind for an acknowledgement",
     "I10"},
    {"chain/head-survives-failed-commit",
     "a terminal numbers on from a record that its disk did not take",
     "I9"},
    {"chain/statement-unverified", "a terminal believes an APPLIED without checking its MAC", "I5"},
    {"chain/own-mac-not-compared",
     "a terminal believes an APPLIED for a record other than its own",
     "I5"},
    {"chain/gateway-skips-comparison",
     "a gateway takes a record that does not continue its chain",
     "I9"},
    {"chain/predecessor-of-any-content",
     "the OA takes a record whose predecessor is another than stored",
     "I9"},
    {"chain/mac-unchecked", "the OA takes a record without checking its MAC", "I6"},
    {"chain/branch-refused",
     "the OA refuses the second successor of a record instead of posting it",
     "I5"},
    {"chain/gap-accepted", "the OA takes a record although one before it is missing", "I5"},
    {"ingest/batch-mates-unseen", "a record twice in one batch is not recognised", "I10"},
    {"ingest/repeat-not-recognised", "a record sent again is stored again", "I9"},
    {"ingest/head-not-stored", "the OA forgets at its next batch where a stream stands", "I10"},
    {"ingest/quarantined-dropped",
     "a record that cannot be posted is acknowledged and thrown away",
     "I5"},
    {"apply/used-up-lot-stays", "a lot that was spent to the end stays in the table", "I7"},
    {"apply/last-leg-counts-alone",
     "of several legs on one store's account the last overwrites the others",
     "I1"},
    {"apply/tombstone-never-used", "an original that comes after its cancellation stands", "I8"},
    {"apply/tombstone-not-kept",
     "a cancellation that comes before its original is forgotten",
     "I8"},
    {"apply/owed-never-repaid", "new points cover neither RISK nor DEBT", "I4"},
    {"refund-sums/parts-rounded-alone", "each part of a refund is rounded by itself", "I8"},
    {"refund-sums/share-of-what-is-left",
     "a second refund takes its share of the rest, not of the whole",
     "I8"},
    {"refund-sums/bill-of-the-claim",
     "the till's word for the whole bill counts, not the original's",
     "I8"},
    {"refund-sums/original-not-stored", "how much of a sale was cancelled is not written", "I8"},
    {"refund-sums/excess-dropped",
     "a cancellation of more than was left leaves no trace of the rest",
     "I8"},
    {"refund-sums/debt-forgotten",
     "earned points that are spent already are forgiven when their purchase is returned",
     "I8"},
    {"directory/chunk-that-does-not-fit",
     "a chunk of the member directory is taken although one before it is missing",
     "I12"},
    {"directory/old-snapshot-taken",
     "a late copy of a snapshot brings back a member who was erased since",
     "I12"},
    {"directory/rows-of-the-old-key-stay",
     "rows hashed under a key that was replaced stay in the directory",
     "I12"},
    {"directory/taken-for-acknowledged",
     "the OA takes a chunk that was sent for one that is on the gateway's disk",
     "I12"},
    {"directory/old-cards-stay", "an erased member's cards can still be looked up", "I12"},
    {"directory/acknowledged-before-sync",
     "a gateway acknowledges a chunk before its disk has it",
     "I12"},
    {"directory/erasure-done-when-sent",
     "an erasure counts as done when the gateways were told of it",
     "I12"},
    {"directory/lost-card-as-good", "a card that was lost or replaced looks like any other", "I12"},
    {"restore/same-generation",
     "a restored OA goes on in the generation of the one that was lost",
     "I5"},
    {"restore/numbers-given-out-again",
     "a restored OA gives out the numbers of rights again that it lost",
     "I3"},
    {"restore/gateway-sends-nothing-again", "a gateway does not rewind for a restored OA", "I4"},
    {"restore/refilled-at-once", "a gateway says all is sent again before it is", "I4"},
    {"restore/grants-before-refill", "a restored OA grants holds before it has what it lost", "I4"},
    {"restore/lost-holds-forgotten",
     "a hold that was lost with a ledger counts as never granted",
     "I4"},
    {"shown/approved-before-mark", "approved is shown before the shown mark is on disk", "I5"},
    {"shown/unshown-stands", "a sale nobody was shown stands after the next boot", "I5"},
    {"shown/only-first-row-marked",
     "of a sale's two records only the first gets its shown mark",
     "I5"},
    {"shown/reversed-at-every-boot",
     "what was reversed at one boot is reversed again at the next",
     "I8"},
    {"shown/open-sale-forgotten",
     "a redemption cut off while it asked keeps its hold for ever",
     "I3"},
    {"shown/paid-sale-stays-open",
     "a redemption that was shown is taken for an open sale at the next boot",
     "I5"},
    {"nonce/same-every-time", "every connection gets the same nonce", "I10"},
    {"nonce/unchecked", "a hello that answers another connection's challenge is taken", "I10"},
    {"nonce/identity-unchecked", "a hello may name another node than the certificate", "I6"},
    {"nonce/retired-incarnation-welcomed",
     "an old enrolment of a terminal may connect beside the new one",
     "I9"},
    {"sync/approved-before-append", "approved is shown before the record is on disk", "I5"},
    {"sync/asked-before-open-sale", "a hold is asked for before the open sale is on disk", "I3"},
    {"sync/received-before-commit",
     "a gateway says RECEIVED before its disk has the records",
     "I9"},
    {"sync/acknowledged-without-commit",
     "the OA says APPLIED and answers although its commit failed",
     "I5"},
    {"sync/none", "SQLite does not sync", "I5"},
    {"sync/checkpoint-in-commit",
     "the log is checkpointed inside a commit, which hides a failed sync",
     "I5"},
    {"sync/error-survived", "a connection goes on after its disk failed to sync", "I5"},
    {"time/wrong-day-believed", "a business day years away decides when points expire", "I7"},
    {"time/office-day-in-utc", "the office's business day is that of Greenwich", "I7"},
    {"time/record-before-floor", "a record's time may lie before the last one's", "I13"},
    {"time/anchor-ignored", "a terminal does not take the time its gateway tells", "I13"},
};

}  // namespace

std::span<const Mutant> all_mutants() {
  return kMutants;
}

bool choose_mutant(std::string_view name) {
  const bool known = std::any_of(std::begin(kMutants),
                                 std::end(kMutants),
                                 [&](const Mutant& mutant) { return mutant.name == name; });
  mutant::chosen = known ? mutant::number_of(name) : 0;
  return known;
}

std::uint64_t mutant_reached() {
  return mutant::reached;
}

#else

std::span<const Mutant> all_mutants() {
  return {};
}

bool choose_mutant(std::string_view) {
  return false;
}

std::uint64_t mutant_reached() {
  return 0;
}

#endif

}  // namespace tally::sim
