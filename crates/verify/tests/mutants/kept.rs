//! What the executor and the ledger keep, as ARCHITECTURE.md says it, each with the twins that break it; and who judges
//! the rows that are others'.

use model::mutant::Mutant;
use std::collections::BTreeSet;
use std::path::Path;

macro_rules! invariants {
    ($($name:ident: $line:literal => [$($mutant:ident),+],)*) => {
        /// A row of "What never changes" that the hands or their memory keep.
        #[derive(Clone, Copy, Debug)]
        enum Invariant {
            $($name,)*
        }

        impl Invariant {
            const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The row's first column.
            fn line(self) -> &'static str {
                match self {
                    $(Self::$name => $line,)*
                }
            }

            /// The ways in which it would break.
            fn mutants(self) -> &'static [Mutant] {
                match self {
                    $(Self::$name => &[$(Mutant::$mutant),+],)*
                }
            }
        }
    };
}

invariants! {
    Sealed: "No account is acted on that the sealed plan does not name" => [BelievesEntries, TakesAnotherService],
    Consent: "Two people, exactly this digest, or a standing order in force whose bounds the plan provably meets"
        => [SkipsConsent, IgnoresExpiry],
    Brake: "A brake ends by itself; two who did not pull it make it longer, once and not for ever"
        => [LengthensOnOneWord],
    Gates: "No gate passes on silence, however often it is asked" => [StartsWithoutGo],
    Limits: "Every limit is taken before the act" => [ActsBeyondLimit],
    Journal: "Intent before, outcome after" => [CallsBeforeIntent, ForgetsOutcomes, TakesRefusalForDone],
    Ledger: "A ledger older than the service, or a clock that leaps, starts nothing" => [TrustsOldLedger],
    Premises: "Premises are read again before each batch, and a dispute freezes"
        => [ActsOnGonePremise, ForgetsDisputes],
    Halt: "Nothing new is started beside a halt, nor in two processes"
        => [IgnoresHaltFile, TakesAnyLease, IgnoresFence],
    Kept: "What is replaced is sealed first, so that it can be put back" => [KeepsNothingToRestore],
    Proved: "What a service says was revoked is refused, where we can try it" => [BeginsUnproved, BelievesTheService],
    Probes: "A probe account is nobody's, and counts as nobody" => [CountsProbes],
    Unknown: "*Unknown* is resolved by asking" => [GuessesUnknown, TakesRefusalForAll],
    Late: "A call that takes effect late does nothing twice, and undoes no undo"
        => [UndoesBesideLateCalls, ForgetsLateHolds],
    Pace: "The service is called no faster than policy and service allow, and left alone when it asks to be"
        => [CallsTooFast, CallsOnWhenThrottled],
    Night: "Nobody is contained in their own night, and no intruder gets a night as a present" => [ActsByNight],
    Victims: "An old credential never goes back to a true victim" => [RestoresAnybody],
    Undo: "An undo is a part of what its run did" => [UndoesWhatWasNotDone],
    Addendum: "An addendum hides more by the same hand on accounts that still are contained, and does nothing else"
        => [AddsToAnybody, AddsBesideUndo],
    Keys: "A destroyed key stays destroyed" => [KeepsDestroyedKeys],
    Sessions: "Sessions are ended before a restore" => [RestoresBesideSessions],
    Notices: "A notice is owed with the intent, due with the outcome, repeated under the same Message-ID"
        => [OwesNoNotice, TellsBeforeItIsKnown, RenamesRepeats],
    Told: "An owner is told what was done, not what was planned" => [TellsWhatWasPlanned],
    Moved: "What an owner chose since sealing is not overwritten, nor is what nobody knows who chose"
        => [OverwritesMoved],
    Holds: "A hold ends by itself, and gives back only what we took off" => [HoldsForGood, ClaimsOthersHolds],
}

/// The rows that types, walls and the tests of pure rooms keep, each with its judge.
const OTHERS: &[(&str, &str)] = &[
    ("The executor makes no choice", "crates/verify/tests/walls/imports.rs"),
    (
        "What is unknown passes no check that needs it; each check catches what no other does",
        "crates/decide/tests/preflight/mutants.rs",
    ),
    (
        "Whoever kept a checkpoint sees it when the log is cut, rewritten or forked, and an erasure is none of these",
        "crates/server/tests/commands/audit.rs",
    ),
    ("What is restored from a backup starts nothing by itself", "crates/store/tests/ledger/backup.rs"),
    ("It goes to the contact from before the compromise", "crates/decide/tests/preflight/mutants.rs"),
    (
        "A confidence follows from what is listed, and its weights say where they come from",
        "crates/verify/tests/fit.rs",
    ),
    ("Our own acts are never evidence", "crates/decide/src/detect/tests/invariants.rs"),
    ("What others say convicts nobody", "crates/decide/src/detect/tests/intelligence.rs"),
    ("Public pages cannot hold an account", "crates/verify/tests/walls/imports.rs"),
    ("Secrets are not shown", "crates/model/src/secret.rs"),
    ("SQLite and PostgreSQL give the same answers", "crates/verify/tests/walls/migrations.rs"),
    ("`model` and `decide` are pure", "crates/verify/tests/walls/pure.rs"),
];

fn checkout() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The first columns of the table in ARCHITECTURE.md.
fn rows(text: &str) -> BTreeSet<&str> {
    let after = text.split_once("## What never changes").map_or("", |(_, after)| after);
    let table = after.split_once("\n## ").map_or(after, |(table, _)| table);
    let cells = table.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    cells.filter(|cell| *cell != "invariant" && !cell.starts_with("---")).collect()
}

#[test]
fn each_row_of_what_never_changes_has_its_judge() {
    let text = std::fs::read_to_string(checkout().join("ARCHITECTURE.md")).expect("it is there");
    let judged: BTreeSet<&str> =
        Invariant::ALL.iter().map(|i| i.line()).chain(OTHERS.iter().map(|(line, _)| *line)).collect();
    assert_eq!(judged.len(), Invariant::ALL.len() + OTHERS.len(), "a row has one judge");
    assert_eq!(rows(&text), judged);
    for (line, judge) in OTHERS {
        let judge = std::fs::read_to_string(checkout().join(judge)).unwrap_or_default();
        assert!(judge.contains("#[test]"), "{line}: its judge is gone");
    }
}

#[test]
fn each_twin_breaks_one_row() {
    let broken: Vec<Mutant> = Invariant::ALL.iter().flat_map(|i| i.mutants()).copied().collect();
    let each: BTreeSet<Mutant> = broken.iter().copied().collect();
    assert_eq!(each.len(), broken.len(), "a twin breaks one row");
    assert!(Mutant::ALL.iter().all(|m| each.contains(m)), "a twin that breaks no row");
}
