//! Accounts that are for people alone, by their record; and sentinels, which say that the detection is wrong.

use super::{Check, Ground, Report, Severity, first_of};
use model::account::Account;
use model::note::Sure;
use model::plan::Entry;
use model::verdict::Belief;

pub(super) fn protected(ground: &Ground<'_>, report: &mut Report) {
    by_hand_only(ground, report, Check::Protected, "protected", |r| r.protected);
}

pub(super) fn at_risk(ground: &Ground<'_>, report: &mut Report) {
    by_hand_only(ground, report, Check::AtRisk, "at risk", |r| r.at_risk);
}

pub(super) fn service_account(ground: &Ground<'_>, report: &mut Report) {
    by_hand_only(ground, report, Check::ServiceAccount, "a machine's", |r| r.service);
}

fn by_hand_only(
    ground: &Ground<'_>,
    report: &mut Report,
    check: Check,
    what: &str,
    mark: fn(&Account) -> Option<bool>,
) {
    let is = |wanted: Option<bool>| move |e: &&Entry| marked(ground, e, mark) == wanted;
    if let Some((n, first)) = first_of(ground.entries().iter().filter(is(Some(true)))) {
        report.say(
            check,
            Severity::Refuse,
            Sure::Exact,
            format!("{n} accounts are {what}, {first} the first of them"),
            "take them out: they are for people, by hand",
        );
    }
    cannot_tell(ground, report, check, what, mark);
}

/// The mark of an account; unknown where the service does not know the account either.
fn marked(ground: &Ground<'_>, entry: &Entry, mark: fn(&Account) -> Option<bool>) -> Option<bool> {
    ground.basis.states.get(&entry.account).and_then(|s| mark(&s.record))
}

fn cannot_tell(
    ground: &Ground<'_>,
    report: &mut Report,
    check: Check,
    what: &str,
    mark: fn(&Account) -> Option<bool>,
) {
    if let Some((n, first)) = first_of(ground.entries().iter().filter(|e| marked(ground, e, mark).is_none()))
    {
        report.say(
            check,
            Severity::Refuse,
            Sure::CannotTell,
            format!(
                "of {n} accounts the service does not say whether they are {what}, {first} the first of them"
            ),
            "have the account records say yes or no",
        );
    }
}

/// A sentinel that is believed compromised refuses the plan even where it was left out: what is wrong about an account
/// that can't be compromised is wrong about others.
pub(super) fn sentinel(ground: &Ground<'_>, report: &mut Report) {
    let believed = ground.basis.verdicts.iter().filter(|v| v.verdict == Belief::Compromised);
    let all = believed.map(|v| &v.account).chain(ground.entries().iter().map(|e| &e.account));
    let sentinels: std::collections::BTreeSet<_> = all
        .filter(|a| ground.basis.states.get(*a).is_some_and(|s| s.record.sentinel == Some(true)))
        .collect();
    if let Some(first) = sentinels.first() {
        report.say(
            Check::Sentinel,
            Severity::Refuse,
            Sure::Exact,
            format!(
                "{} sentinels are believed compromised, {first} the first of them: nobody can have been on them",
                sentinels.len()
            ),
            "the detection is wrong about them, so it may be about others: find the rule, and hunt again without it",
        );
    }
    cannot_tell(ground, report, Check::Sentinel, "sentinels", |r| r.sentinel);
}
