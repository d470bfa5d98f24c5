//! The checks on a draft. They share no code with its making: each reads verdicts, timelines and the service's own
//! state again, by account, so that a mistake in the planner is not repeated here.

mod hold;
mod put_back;

use model::account::{AccountState, ContactKind, Reach};
use model::event::Event;
use model::id::{AccountId, AppId, Digest, Millis};
use model::plan::{Act, ActKind, Draft, Entry, Tier};
use model::policy::Policy;
use model::verdict::{Belief, Hand, Shift, Summary, Timeline, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// What the checks read.
pub struct Basis<'a> {
    /// The hunt's verdicts.
    pub verdicts: &'a [Verdict],
    /// Its timelines.
    pub timelines: &'a [Timeline],
    /// Its summary.
    pub summary: &'a Summary,
    /// Every account of the service, as it is now.
    pub states: &'a BTreeMap<AccountId, AccountState>,
    /// Whether the connector replaces a credential only if it still is the one named.
    pub guard_is_atomic: bool,
    /// The acts that the connector can do.
    pub can: &'a [ActKind],
    /// How long something lives on here that no act ends, ms.
    pub outlives_ms: Option<Millis>,
    /// The limits.
    pub policy: &'a Policy,
}

/// How bad a note is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// To be known by whoever approves.
    Info,
    /// To be looked at.
    Warn,
    /// The draft can't be sealed.
    Refuse,
}

/// What a check says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The check's name.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What was found, with the figures.
    pub text: String,
    /// What to do about it.
    pub todo: &'static str,
}

/// Runs every check; the notes of those that found something, in a fixed order.
#[must_use]
pub fn preflight(draft: &Draft, basis: &Basis<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    notes.extend(size(draft, basis));
    notes.extend(active_share(draft, basis));
    notes.extend(segments(draft, basis));
    notes.extend(evidence(draft, basis));
    notes.extend(objects(draft, basis));
    notes.extend(by_hand_only(draft, basis));
    notes.extend(premises(draft, basis));
    notes.extend(contacts(draft, basis));
    notes.extend(unreachable(draft, basis));
    notes.extend(shifts(draft, basis));
    notes.extend(left_out_matches(basis));
    notes.extend(hold::notes(draft, basis));
    notes.extend(put_back::notes(draft, basis));
    notes.extend(without_undo(draft));
    notes.extend(guard(draft, basis));
    notes.extend(cannot(basis));
    notes
}

fn refuse(code: &'static str, text: String, todo: &'static str) -> Note {
    Note { code, severity: Severity::Refuse, text, todo }
}

fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

fn size(draft: &Draft, basis: &Basis<'_>) -> Option<Note> {
    let (n, most) = (draft.entries.len() as u64, basis.policy.preflight.accounts_max);
    if n == 0 {
        return Some(refuse(
            "empty",
            "nobody is in this plan".to_owned(),
            "see who was left out and why; a hunt that found nobody needs no plan",
        ));
    }
    (n > most).then(|| {
        refuse(
            "size",
            format!("{n} accounts, and a plan may hold {most} (preflight.accounts_max)"),
            "find out why there are so many before anything else; then split, or raise the limit in a new policy",
        )
    })
}

fn active_share(draft: &Draft, basis: &Basis<'_>) -> Option<Note> {
    let active = basis.states.values().filter(|s| s.record.active == Some(true)).count();
    let most = basis.policy.preflight.active_share_max;
    if active == 0 {
        return Some(refuse(
            "active_share",
            "the service names no active account, so the plan's share of the base is not known".to_owned(),
            "have the connector tell which accounts are active",
        ));
    }
    let share = draft.entries.len() as f64 / active as f64;
    (share > most).then(|| {
        refuse(
            "active_share",
            format!(
                "{} of {active} active accounts ({}), and the policy allows {} (preflight.active_share_max)",
                draft.entries.len(),
                percent(share),
                percent(most)
            ),
            "so large a share is more often a wrong query or a change of the service itself than an attack",
        )
    })
}

fn segments(draft: &Draft, basis: &Basis<'_>) -> Vec<Note> {
    let limits = &basis.policy.preflight;
    let mut base: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    let members: BTreeSet<&AccountId> = draft.entries.iter().map(|e| &e.account).collect();
    for (account, state) in basis.states {
        if let Some(segment) = &state.record.segment {
            let counts = base.entry(segment).or_default();
            counts.0 += u64::from(members.contains(account));
            counts.1 += u64::from(state.record.active == Some(true));
        }
    }
    base.into_iter()
        .filter(|(_, (hit, active))| {
            *active >= limits.segment_accounts_min && *hit as f64 / *active as f64 > limits.segment_share_max
        })
        .map(|(segment, (hit, active))| {
            refuse(
                "segment_share",
                format!(
                    "{hit} of {active} active accounts of segment {segment:?}, and the policy allows {} \
                     (preflight.segment_share_max)",
                    percent(limits.segment_share_max)
                ),
                "look at what is special about this segment before its owners are locked out",
            )
        })
        .collect()
}

/// Evidence is read again, from the hunt's own answer, for each account.
fn evidence(draft: &Draft, basis: &Basis<'_>) -> Option<Note> {
    let verdicts: BTreeMap<&AccountId, &Verdict> = basis.verdicts.iter().map(|v| (&v.account, v)).collect();
    let timelines: BTreeMap<&AccountId, &Timeline> =
        basis.timelines.iter().map(|t| (&t.account, t)).collect();
    // A join on the wrong key leaves each account with events of another.
    let is_own = |entry: &Entry| {
        timelines.get(&entry.account).is_none_or(|t| {
            let mut cited = entry.evidence.iter().flat_map(|e| &e.events).peekable();
            cited.peek().is_none() || cited.any(|event| t.moments.iter().any(|m| m.event.id == *event))
        })
    };
    let limits = &basis.policy.cohort;
    let stands = |entry: &Entry| {
        is_own(entry)
            && verdicts.get(&entry.account).is_some_and(|v| {
                let families: BTreeSet<_> = v.evidence.iter().map(|e| e.family).collect();
                let same = entry.evidence == v.evidence && entry.window == v.window && entry.route == v.route;
                same && match entry.tier {
                    Tier::Evidence => {
                        v.verdict == Belief::Compromised
                            && families.len() >= limits.families_min as usize
                            && v.confidence >= limits.confidence_min
                    }
                    Tier::Precaution => v.verdict == Belief::Suspected,
                }
            })
    };
    first_of(draft.entries.iter().filter(|e| !stands(e))).map(|(n, first)| {
        refuse(
            "evidence",
            format!(
                "{n} accounts are in without the evidence that their tier needs, {first} the first of them"
            ),
            "the draft was not made from this hunt; draft it again",
        )
    })
}

fn objects(draft: &Draft, basis: &Basis<'_>) -> Option<Note> {
    let verdicts: BTreeMap<&AccountId, &Verdict> = basis.verdicts.iter().map(|v| (&v.account, v)).collect();
    let hides_more = |entry: &&Entry| {
        let theirs: BTreeSet<_> =
            verdicts.get(&entry.account).into_iter().flat_map(|v| &v.intruder.objects).collect();
        entry.acts.iter().flat_map(Act::hides).any(|o| !theirs.contains(o))
    };
    first_of(draft.entries.iter().filter(hides_more)).map(|(n, first)| {
        refuse(
            "objects",
            format!("{n} accounts would have objects hidden that are not the intruder's, {first} the first of them"),
            "hide only what is attributed to the intruder",
        )
    })
}

fn by_hand_only(draft: &Draft, basis: &Basis<'_>) -> Option<Note> {
    let marked = |entry: &&Entry| {
        basis.states.get(&entry.account).is_some_and(|s| {
            let r = &s.record;
            [r.protected, r.at_risk, r.service, r.sentinel].contains(&Some(true))
        })
    };
    first_of(draft.entries.iter().filter(marked)).map(|(n, first)| {
        refuse(
            "by_hand_only",
            format!("{n} accounts are protected, at risk, machines or sentinels, {first} the first of them"),
            "take them out; a sentinel among them says that the detection is wrong",
        )
    })
}

/// The credential named must be the one in place, as far as can be told now.
fn premises(draft: &Draft, basis: &Basis<'_>) -> Option<Note> {
    let moved = |entry: &&Entry| {
        let in_place = basis.states.get(&entry.account).and_then(|s| s.credential);
        entry.acts.iter().filter_map(Act::guard).any(|guard| in_place != Some(guard))
    };
    let (n, first) = first_of(draft.entries.iter().filter(moved))?;
    let share = n as f64 / draft.entries.len() as f64;
    let most = basis.policy.preflight.changed_share_max;
    let text = format!(
        "{n} accounts ({}) have another credential than the plan names, {first} the first of them; the policy allows {}",
        percent(share),
        percent(most)
    );
    Some(Note {
        code: "changed",
        severity: if share > most { Severity::Refuse } else { Severity::Warn },
        text,
        todo: "they will be skipped as they stand; draft again to see who they are now",
    })
}

/// No notice goes to a contact that was set within the window.
fn contacts(draft: &Draft, basis: &Basis<'_>) -> Option<Note> {
    let untrusted = |entry: &&Entry| {
        let Some(contact) = &entry.contact else { return entry.reach == Reach::Mail };
        let known =
            basis.states.get(&entry.account).into_iter().flat_map(|s| s.record.contacts.iter().flatten());
        !known
            .filter(|c| {
                c.kind == ContactKind::Mail && c.since.is_some_and(|since| since < entry.window.start)
            })
            .any(|c| Digest::of(c.value.reveal().as_bytes()) == contact.version)
    };
    first_of(draft.entries.iter().filter(untrusted)).map(|(n, first)| {
        refuse(
            "contact",
            format!(
                "{n} notices would go to a contact not known from before the compromise, {first}'s the first"
            ),
            "take a directory snapshot from before the attack as the source of contacts",
        )
    })
}

fn unreachable(draft: &Draft, basis: &Basis<'_>) -> Option<Note> {
    let n = draft.entries.iter().filter(|e| e.reach != Reach::Mail).count();
    let share = n as f64 / draft.entries.len().max(1) as f64;
    let most = basis.policy.preflight.unreachable_share_max;
    (n > 0).then(|| Note {
        code: "unreachable",
        severity: if share > most { Severity::Refuse } else { Severity::Info },
        text: format!(
            "{n} owners ({}) can't be told by mail and keep their credential; the policy allows {} \
             (preflight.unreachable_share_max)",
            percent(share),
            percent(most)
        ),
        todo: "put them into a person's queue",
    })
}

/// Whether what is held against members is only what came to everybody at once: the verdict rests on a shift where
/// every act of the intruder carries its value, and nothing else about these acts is new to the account.
fn shifts(draft: &Draft, basis: &Basis<'_>) -> Vec<Note> {
    let timelines: BTreeMap<&AccountId, &Timeline> =
        basis.timelines.iter().map(|t| (&t.account, t)).collect();
    let mut notes = Vec::new();
    for shift in &basis.summary.shifts {
        let resting = draft
            .entries
            .iter()
            .filter(|e| timelines.get(&e.account).is_some_and(|t| rests_on(t, shift)))
            .count();
        let share = resting as f64 / draft.entries.len().max(1) as f64;
        // A twentieth, as the policy's lists: a few victims may have been attacked on the day the proxy broke.
        let bad = share > basis.policy.cohort.list_left_out_share_max;
        notes.push(Note {
            code: "shift",
            severity: if bad { Severity::Refuse } else { Severity::Info },
            text: format!(
                "{} {:?} came to {} accounts ({}) at once: the service's own doing; for {resting} members ({}) nothing \
                 else about the intruder's acts is new",
                shift.feature,
                shift.value,
                shift.accounts,
                percent(shift.share),
                percent(share)
            ),
            todo: "a verdict that rests on a change of the service itself is no verdict; hunt again without it",
        });
    }
    notes
}

fn rests_on(timeline: &Timeline, shift: &Shift) -> bool {
    let by = |hand: Hand| timeline.moments.iter().filter(move |m| m.hand == hand).map(|m| &m.event);
    let owners: BTreeSet<(&str, String)> = by(Hand::Owner).flat_map(features).collect();
    let carries =
        |e: &Event| features(e).iter().any(|(name, value)| *name == shift.feature && *value == shift.value);
    let is_new = |e: &Event| {
        features(e)
            .iter()
            .any(|(name, value)| *name != shift.feature && !owners.contains(&(*name, value.clone())))
    };
    let mut acts = by(Hand::Intruder).peekable();
    acts.peek().is_some() && acts.all(|e| carries(e) && !is_new(e))
}

/// What an act came through, by the names that shifts use.
fn features(event: &Event) -> Vec<(&'static str, String)> {
    let text = |name, value: Option<&str>| value.map(|v| (name, v.to_owned()));
    [
        text("address", event.ip.as_deref()),
        text("app", event.app.as_ref().map(AppId::as_str)),
        text("user_agent", event.user_agent.as_deref()),
        text("country", event.country.as_deref()),
        text("device", event.device.as_deref()),
        event.asn.map(|asn| ("asn", asn.to_string())),
        event
            .ip
            .as_deref()
            .and_then(|ip| ip.rsplit_once('.'))
            .map(|(head, _)| ("network", format!("{head}.0/24"))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn left_out_matches(basis: &Basis<'_>) -> Option<Note> {
    let n = basis.summary.left_out.len();
    (n > 0).then(|| Note {
        code: "under_scoped",
        severity: Severity::Info,
        text: format!("{n} accounts carry a campaign's artefact and are not believed compromised"),
        todo: "look at them: the plan may be too small as well as too large",
    })
}

fn without_undo(draft: &Draft) -> Option<Note> {
    let mut counts: BTreeMap<ActKind, u64> = BTreeMap::new();
    for act in draft.entries.iter().flat_map(|e| &e.acts) {
        if act.kind().undo() == "none" {
            *counts.entry(act.kind()).or_default() += 1;
        }
    }
    (!counts.is_empty()).then(|| {
        let list: Vec<_> = counts.iter().map(|(act, n)| format!("{} ({n})", act.as_str())).collect();
        Note {
            code: "no_undo",
            severity: Severity::Info,
            text: format!("can't be taken back: {}", list.join(", ")),
            todo: "know it before you approve",
        }
    })
}

fn guard(draft: &Draft, basis: &Basis<'_>) -> Option<Note> {
    let n = draft
        .entries
        .iter()
        .filter(|e| e.acts.iter().any(|a| a.kind() == ActKind::RequireNewCredential))
        .count();
    (!basis.guard_is_atomic && n > 0).then(|| Note {
        code: "guard",
        severity: Severity::Warn,
        text: format!("for {n} accounts a change of the credential in the moment of the act would be lost"),
        todo: "this service has no compare-and-swap; run when few owners are awake",
    })
}

fn cannot(basis: &Basis<'_>) -> Option<Note> {
    let containment =
        [ActKind::RequireNewCredential, ActKind::EndSessions, ActKind::RevokeGrants, ActKind::HideObjects];
    let missing: Vec<_> = containment.iter().filter(|a| !basis.can.contains(a)).map(|a| a.as_str()).collect();
    (!missing.is_empty()).then(|| Note {
        code: "cannot",
        severity: Severity::Warn,
        text: format!("this connector can't do: {}; the plan does without", missing.join(", ")),
        todo: "do it by hand, or configure the connector for it",
    })
}

fn first_of<'a>(entries: impl Iterator<Item = &'a Entry>) -> Option<(usize, &'a AccountId)> {
    let mut entries = entries.peekable();
    let first = &entries.peek()?.account;
    Some((entries.count(), first))
}
