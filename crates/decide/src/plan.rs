//! From cohort to draft: the acts for each account, the contact, the notice, and the order in waves.

mod addendum;
mod probe;
mod put_back;

pub use addendum::draft_addendum;
pub use probe::with_probes;

use crate::gather::{Cohort, Member};
use crate::waves;
use model::account::{AccountState, CredentialVersion, Reach};
use model::id::{Digest, Millis, OperatorName, PlanId, RunId};
use model::plan::{
    Act, ActKind, ContactRef, Draft, Entry, FORMAT, Grants, Header, LeftOut, LeftOutCode, Purpose, Template,
    Tier,
};
use model::policy::Policy;
use model::quiet::Quiet;
use model::verdict::Route;
use std::collections::BTreeSet;

/// What a plan's header names besides its accounts.
pub struct Occasion<'a> {
    /// The plan's id.
    pub plan: PlanId,
    /// Who drafts it.
    pub author: OperatorName,
    /// Now, ms.
    pub at: Millis,
    /// The hunt's answer it rests on.
    pub hunt: Digest,
    /// The service it is for, by the connector's name.
    pub connector: String,
    /// The limits, and their digest.
    pub policy: (&'a Policy, Digest),
    /// The acts that the connector can do; others are left out of the plan, and preflight says so.
    pub can: &'a [ActKind],
    /// How long something lives on at this service that no act ends, and that an intruder could climb back with, ms.
    pub outlives_ms: Option<Millis>,
}

/// Drafts a containment plan.
#[must_use]
pub fn draft(cohort: &Cohort<'_>, occasion: &Occasion<'_>) -> Draft {
    let entries = cohort.members.iter().map(|m| entry(m, occasion)).collect();
    finish(Purpose::Contain, entries, cohort.left_out.clone(), occasion)
}

/// An account of a run that is to be undone.
pub struct Undone {
    /// Its entry in the plan that was run.
    pub entry: Entry,
    /// Whether it is exonerated, and why; otherwise it is only released.
    pub exonerated: Option<String>,
    /// Objects that its owner wants to keep.
    pub kept: Vec<model::id::ObjectId>,
    /// Objects that the run really hid: what was hidden before is not ours to show.
    pub turned: BTreeSet<model::id::ObjectId>,
    /// Whether the old credential is still in the vault; after the undo window it is gone for good.
    pub is_restorable: bool,
    /// Whether the run took the account off, and it still is.
    pub is_held: bool,
    /// Contacts that the run put back, and factors that it removed and that can be added again: the acts that did it.
    pub put_back: Vec<Act>,
}

/// Drafts the undo of a run, for some of its accounts (sorted): the exonerated are restored, all others released.
#[must_use]
pub fn draft_undo(run: RunId, accounts: Vec<Undone>, occasion: &Occasion<'_>) -> Draft {
    let entries = accounts.into_iter().map(undo_entry).collect();
    finish(Purpose::Undo { run }, entries, Vec::new(), occasion)
}

fn finish(
    purpose: Purpose,
    mut entries: Vec<Entry>,
    mut left_out: Vec<LeftOut>,
    occasion: &Occasion<'_>,
) -> Draft {
    let (policy, policy_digest) = occasion.policy;
    for entry in &mut entries {
        entry.if_moved.retain(|a| occasion.can.contains(&a.kind()));
        entry.acts.retain(|a| *a == Act::Waive || occasion.can.contains(&a.kind()));
    }
    let (mut entries, idle): (Vec<_>, Vec<_>) = entries.into_iter().partition(|e| !e.acts.is_empty());
    left_out.extend(idle.into_iter().map(|e| LeftOut {
        account: e.account,
        code: LeftOutCode::NothingToRevoke,
        reason: "this connector can do none of what would help: by hand".to_owned(),
    }));
    left_out.sort();
    let waves = waves::sizes(entries.len() as u64, policy, purpose.asks_owners());
    cut_waves(&mut entries, &waves, &occasion.plan);
    let header = Header {
        format: FORMAT.to_owned(),
        plan: occasion.plan.clone(),
        purpose,
        author: occasion.author.clone(),
        drafted_at: occasion.at,
        expires_at: occasion.at + policy.approval.valid_ms,
        accounts: entries.len() as u64,
        waves,
        probes: 0,
        policy: policy_digest,
        hunt: occasion.hunt,
        connector: occasion.connector.clone(),
    };
    Draft { header, entries, probes: Vec::new(), left_out }
}

fn entry(member: &Member<'_>, occasion: &Occasion<'_>) -> Entry {
    let verdict = member.verdict;
    Entry {
        account: verdict.account.clone(),
        wave: 0,
        tier: member.tier,
        route: verdict.route,
        reason: reason(member),
        confidence: verdict.confidence,
        window: verdict.window,
        evidence: verdict.evidence.clone(),
        acts: acts(member, occasion),
        if_moved: if_moved(member, occasion),
        segment: member.state.record.segment.clone(),
        reach: member.reach,
        contact: contact(member),
        notice: notice(member),
        tries: Vec::new(),
        quiet: quiet(member, occasion),
    }
}

/// Where the notice goes.
fn contact(member: &Member<'_>) -> Option<ContactRef> {
    match member.reach {
        Reach::Mail => member
            .state
            .record
            .mail_known_before(member.verdict.window.start)
            .map(|(_, c)| ContactRef { kind: c.kind, version: Digest::of(c.value.reveal().as_bytes()) }),
        Reach::InProduct | Reach::None => None,
    }
}

/// The hours in which the owner is left alone: where their zone is known, and the intruder has long been gone, or was never
/// surely there. By this the zone that an intruder sets can put nothing off while they are at it.
fn quiet(member: &Member<'_>, occasion: &Occasion<'_>) -> Option<Quiet> {
    let policy = &occasion.policy.0.quiet;
    let has_some = match member.tier {
        Tier::Precaution => true,
        Tier::Evidence => member.verdict.window.end <= occasion.at.saturating_sub(policy.idle_ms_min),
        // It is nobody's night.
        Tier::Probe => false,
    };
    let zone = member.state.record.time_zone.as_deref().filter(|_| has_some);
    zone.and_then(|zone| Quiet::of(zone, policy))
}

fn reason(member: &Member<'_>) -> String {
    let strongest = member.verdict.evidence.iter().max_by(|a, b| a.weight.total_cmp(&b.weight));
    let why = strongest.map_or("no evidence", |e| e.summary.as_str());
    match member.tier {
        Tier::Evidence if member.credential.is_none() && member.state.credential.is_some() => format!(
            "{} families of evidence; the strongest: {why}; its owner has set a new credential since, which stays",
            member.verdict.families()
        ),
        Tier::Evidence => format!("{} families of evidence; the strongest: {why}", member.verdict.families()),
        Tier::Precaution => format!("suspected, and a person who looked says compromised: {why}"),
        Tier::Probe => "a probe account of ours".to_owned(),
    }
}

fn acts(member: &Member<'_>, occasion: &Occasion<'_>) -> Vec<Act> {
    let intruder = &member.verdict.intruder;
    let mut acts = Vec::new();
    match (member.tier, member.verdict.route) {
        // No probe is gathered: they come from their register, and have no verdict.
        (Tier::Precaution | Tier::Probe, _) => acts.push(Act::EndSessions),
        (Tier::Evidence, Route::App) => {
            acts.push(Act::RevokeGrants { grants: Grants::Of(intruder.apps.clone()) });
        }
        (Tier::Evidence, Route::Credential | Route::Session) => {
            // Who can't be told by mail is never left with a credential that only a mail could give back.
            let guard = member.credential.filter(|_| member.reach == Reach::Mail);
            acts = shut(guard, hold(member, occasion), put_back::acts(member));
        }
    }
    if member.tier == Tier::Evidence && !intruder.objects.is_empty() {
        acts.push(Act::HideObjects { objects: intruder.objects.clone() });
    }
    if member.tier == Tier::Evidence && !intruder.follows.is_empty() {
        acts.push(Act::Unfollow { accounts: intruder.follows.clone() });
    }
    if member.tier == Tier::Evidence && !intruder.likes.is_empty() {
        acts.push(Act::Unlike { objects: intruder.likes.clone() });
    }
    acts
}

/// The credential first: while the intruder can sign in, a session that was ended is one that is opened again. Then the
/// hold, so that nobody climbs back while the rest is ended; after the credential, whose guard says that the owner has
/// not moved on. What is put back comes before anything is mailed, and before the intruder asks for a link to their own
/// address.
fn shut(guard: Option<CredentialVersion>, hold: Option<Act>, put_back: Vec<Act>) -> Vec<Act> {
    let require = guard.map(|guard| Act::RequireNewCredential { guard });
    let ends = [Act::EndSessions, Act::RevokeGrants { grants: Grants::All }];
    require.into_iter().chain(hold).chain(put_back).chain(ends).collect()
}

/// What is done where the credential is another when the account's turn comes, and nobody says that its owner chose it:
/// what is open ends, the account is off until a person has looked, and nothing that may be the owner's is overwritten.
fn if_moved(member: &Member<'_>, occasion: &Occasion<'_>) -> Vec<Act> {
    let replaces = member.tier == Tier::Evidence
        && member.reach == Reach::Mail
        && member.credential.is_some()
        && member.verdict.route != Route::App;
    if !replaces {
        return Vec::new();
    }
    let hold = Act::Hold { lasts_ms: occasion.policy.0.hold.unreached_ms };
    shut(None, (!member.state.is_off).then_some(hold), Vec::new())
}

/// Only where something lives on that can't be revoked, until it has died; or, where the owner can't be told, or what may be
/// the intruder's way back in is in place, until a person has looked.
fn hold(member: &Member<'_>, occasion: &Occasion<'_>) -> Option<Act> {
    let for_a_person = occasion.policy.0.hold.unreached_ms.max(occasion.outlives_ms.unwrap_or_default());
    let lasts_ms = match member.reach {
        Reach::None => Some(for_a_person),
        Reach::Mail | Reach::InProduct if member.is_unsettled => Some(for_a_person),
        Reach::Mail | Reach::InProduct => occasion.outlives_ms,
    };
    lasts_ms.and_then(|lasts_ms| hold_for(lasts_ms, member.state, occasion))
}

/// What is off already is somebody else's doing.
fn hold_for(lasts_ms: Millis, state: &AccountState, occasion: &Occasion<'_>) -> Option<Act> {
    let allowed = lasts_ms <= occasion.policy.0.hold.lasts_ms_max && !state.is_off;
    allowed.then_some(Act::Hold { lasts_ms })
}

fn notice(member: &Member<'_>) -> Template {
    match (member.tier, member.verdict.route) {
        (Tier::Precaution | Tier::Probe, _) => Template::Precaution,
        (Tier::Evidence, Route::Credential) => Template::Credential,
        (Tier::Evidence, Route::Session) => Template::Session,
        (Tier::Evidence, Route::App) => Template::App,
    }
}

fn undo_entry(undone: Undone) -> Entry {
    let Undone { mut entry, exonerated, kept, turned, is_restorable, is_held, put_back } = undone;
    let replaced = entry.acts.iter().any(|a| matches!(a, Act::RequireNewCredential { .. }));
    let mut acts = Vec::new();
    let shown = if exonerated.is_some() {
        if replaced && is_restorable {
            // Sessions first: with many services the old credential would bring them back to life.
            acts.extend([Act::EndSessions, Act::RestoreCredential]);
        }
        acts.extend(put_back.iter().filter_map(put_back::undone));
        turned.into_iter().collect::<Vec<_>>()
    } else {
        acts.push(Act::Waive);
        turned.into_iter().filter(|o| kept.contains(o)).collect()
    };
    if is_held {
        acts.push(Act::Release);
    }
    if !shown.is_empty() {
        acts.push(Act::ShowObjects { objects: shown });
    }
    if acts.is_empty() {
        acts.push(Act::Waive);
    }
    entry.notice = if exonerated.is_some() { Template::Correction } else { Template::Release };
    entry.reason = match exonerated {
        Some(why) if replaced && !is_restorable => {
            format!("exonerated: {why}; there is no old credential to put back")
        }
        Some(why) => format!("exonerated: {why}"),
        None => "the verdict stands: released, the owner sets a new credential".to_owned(),
    };
    entry.acts = acts;
    entry.if_moved = Vec::new();
    // Who is given back waits for no morning.
    entry.quiet = None;
    entry
}

/// Spreads accounts over the waves in an order that nobody chose: by the hash of plan and account, so that the
/// canary is a fair sample of the rest.
fn cut_waves(entries: &mut [Entry], sizes: &[u64], plan: &PlanId) {
    let mut order: Vec<(Digest, usize)> = entries
        .iter()
        .enumerate()
        .map(|(i, e)| (Digest::of(format!("{plan}\n{}", e.account).as_bytes()), i))
        .collect();
    order.sort_unstable();
    let waves = (0_u32..).zip(sizes).flat_map(|(wave, size)| std::iter::repeat_n(wave, *size as usize));
    for ((_, place), wave) in order.into_iter().zip(waves) {
        entries[place].wave = wave;
    }
}
