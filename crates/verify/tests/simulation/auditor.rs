//! The auditor: judges a response by what changed at the service and by what the ledger holds. It shares no code with the
//! hands, and believes nothing that they say of themselves.
//!
//! Each call is looked at on both sides: what may change is what a sealed plan names, whose intent was committed before.

use crate::response::crashing::Call;
use crate::response::house::House;
use model::account::{AccountState, ContactKind, CredentialVersion};
use model::id::{AccountId, Digest, FactorId, ObjectId, RunId};
use model::plan::{Act, ActKind, Entry};
use model::run::StepState;
use rehearse::service::Service;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};
use store::steps::CaseState;

/// What can be seen of one account at the service.
#[derive(Clone, PartialEq)]
pub(super) struct View {
    state: AccountState,
    follows: BTreeMap<AccountId, bool>,
    likes: BTreeMap<ObjectId, bool>,
}

pub(super) fn view(service: &Service, account: &AccountId) -> Option<View> {
    use respond::port::Directory as _;
    let state = service.snapshot(Some(std::slice::from_ref(account))).expect("it answers").pop()?;
    Some(View { state, follows: service.follows(account), likes: service.likes(account) })
}

/// What is on record of one account's past.
#[derive(Default)]
struct Past {
    /// Its credential when the play began.
    first: Option<CredentialVersion>,
    /// Those that a run put in place.
    ours: BTreeSet<CredentialVersion>,
    /// Runs ended its sessions.
    ended: bool,
    hidden: BTreeSet<ObjectId>,
    removed: BTreeSet<FactorId>,
    is_held: bool,
    is_moderated: bool,
    /// Somebody other than us changed it since the play began.
    is_moved: bool,
}

#[derive(Default)]
struct Seen {
    found: Vec<String>,
    before: Option<View>,
    writes: usize,
    past: BTreeMap<AccountId, Past>,
    /// The entries of each run, by account, with whether it takes something back.
    runs: BTreeMap<RunId, (bool, BTreeMap<AccountId, Entry>)>,
    exonerated: BTreeSet<AccountId>,
}

pub(super) struct Auditor {
    /// The intruders' posts, by their accounts.
    theirs: BTreeMap<AccountId, BTreeSet<ObjectId>>,
    seen: Mutex<Seen>,
}

impl Auditor {
    pub(super) fn new(house: &House) -> Self {
        let service = house.service();
        let truth = service.truth().iter();
        let theirs = truth.map(|(a, t)| (a.clone(), t.objects.iter().cloned().collect())).collect();
        let past = house.states().into_iter();
        let past = past.map(|(a, s)| (a, Past { first: s.credential, ..Past::default() })).collect();
        let seen = Seen { past, writes: service.written_since(0).1, ..Seen::default() };
        Self { theirs, seen: Mutex::new(seen) }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(super) fn finds(&self, what: String) {
        self.seen().found.push(what);
    }

    pub(super) fn found(&self) -> Vec<String> {
        self.seen().found.clone()
    }

    /// A run that may act from now on.
    pub(super) fn takes_up(&self, house: &House, run: &RunId, takes_back: bool) {
        let plan = house.store.read(|r| r.run(run)).expect("it is armed").plan;
        let values = house.store.read(|r| r.values(&plan, None)).expect("it is sealed");
        let entries = values.into_iter().map(|v| (v.entry.account.clone(), v.entry)).collect();
        self.seen().runs.insert(run.clone(), (takes_back, entries));
    }

    pub(super) fn exonerates(&self, accounts: &BTreeSet<AccountId>) {
        self.seen().exonerated.extend(accounts.iter().cloned());
    }

    /// Somebody other than us changed an account.
    pub(super) fn moved(&self, account: &AccountId) {
        if let Some(past) = self.seen().past.get_mut(account) {
            past.is_moved = true;
        }
    }

    pub(super) fn is_moved(&self, account: &AccountId) -> bool {
        self.seen().past.get(account).is_some_and(|p| p.is_moved)
    }

    pub(super) fn moderated(&self, account: &AccountId, off: bool) {
        self.moved(account);
        if let Some(past) = self.seen().past.get_mut(account) {
            past.is_moderated = off;
        }
    }

    /// What others did since is theirs, and looked at by nobody.
    pub(super) fn skips_writes(&self, service: &Service) {
        let mut seen = self.seen();
        seen.writes = service.written_since(seen.writes).1;
    }

    /// Before a call that writes: its intent must be committed.
    pub(super) fn before(&self, house: &House, call: &Call) {
        let Some(account) = call.account.as_ref().filter(|_| call.writes()) else { return };
        self.skips_writes(&house.service());
        let now = view(&house.service(), account);
        let runs: Vec<RunId> = self.seen().runs.keys().cloned().collect();
        let kind = kind_of(call.name);
        let one = std::slice::from_ref(account);
        let is_intended = house
            .store
            .read(|r| {
                for run in &runs {
                    // Whoever was overtaken may still call for what another has settled meanwhile.
                    if r.steps(run, one)?.iter().any(|s| Some(s.kind) == kind) {
                        return Ok(true);
                    }
                }
                // A hold ends by its time, without a step.
                Ok(kind == Some(ActKind::Release) && !r.open_holds_of(account)?.is_empty())
            })
            .expect("the ledger reads");
        let mut seen = self.seen();
        if !is_intended {
            seen.found.push(format!("{} of {account} was called before its intent was kept", call.name));
        }
        seen.before = now;
    }

    /// After it.
    pub(super) fn after(&self, house: &House, call: &Call) {
        let Some(account) = call.account.as_ref().filter(|_| call.writes()) else { return };
        let service = house.service();
        let (before, writes) = {
            let seen = self.seen();
            (seen.before.clone(), seen.writes)
        };
        let (written, _) = service.written_since(writes);
        for other in written.iter().filter(|a| *a != account) {
            self.finds(format!("{} of {account} wrote to {other}", call.name));
        }
        if call.name == "end_sessions"
            && let Some(past) = self.seen().past.get_mut(account)
        {
            past.ended = true;
        }
        self.judge(account, before.as_ref(), view(&service, account).as_ref(), call.name);
        self.skips_writes(&service);
    }

    /// Calls that come through late, of no process that still waits for them.
    pub(super) fn late(&self, house: &House) {
        let service = house.service();
        let before: BTreeMap<AccountId, Option<View>> =
            house.states().into_keys().map(|a| (a.clone(), view(&service, &a))).collect();
        self.skips_writes(&service);
        service.let_late_arrive();
        let writes = self.seen().writes;
        for account in service.written_since(writes).0 {
            let was = before.get(&account).and_then(Option::as_ref);
            self.judge(&account, was, view(&service, &account).as_ref(), "a late call");
        }
        self.skips_writes(&service);
    }

    /// What changed on an account by our hands must be what a sealed plan names, and nothing of the owner's.
    fn judge(&self, account: &AccountId, was: Option<&View>, is: Option<&View>, by: &str) {
        let (Some(was), Some(is)) = (was, is) else { return };
        if was == is {
            return;
        }
        let mut seen = self.seen();
        let seen = &mut *seen;
        let mut wrong = Vec::new();
        let runs: Vec<&(bool, BTreeMap<AccountId, Entry>)> = seen.runs.values().collect();
        let entries: Vec<&Entry> = runs.iter().filter_map(|(_, of)| of.get(account)).collect();
        let acts: Vec<&Act> = entries.iter().flat_map(|e| e.places()).collect();
        let has = |kind: ActKind| acts.iter().any(|a| a.kind() == kind);
        if entries.is_empty() {
            wrong.push("is in no sealed plan".to_owned());
        }
        let Some(past) = seen.past.get_mut(account) else {
            seen.found.push(format!("{by}: {account} was not there when the play began"));
            return;
        };
        let (was, is, was_view, is_view) = (&was.state, &is.state, was, is);
        match (was.credential, is.credential) {
            (was, is) if was == is => {}
            (Some(was), Some(is)) => {
                let guards = acts.iter().filter_map(|a| a.guard());
                let is_required = guards.into_iter().any(|g| g == was);
                let is_back = has(ActKind::RestoreCredential)
                    && past.ours.contains(&was)
                    && past.first == Some(is)
                    && past.ended
                    && seen.exonerated.contains(account);
                if is_required && past.ours.is_empty() {
                    past.ours.insert(is);
                } else if !is_back {
                    wrong.push("has another credential than a plan asks for".to_owned());
                }
            }
            _ => wrong.push("has got or lost a credential".to_owned()),
        }
        if is.sessions.iter().any(|s| !was.sessions.contains(s)) {
            wrong.push("has a new session".to_owned());
        }
        if was.sessions.iter().any(|s| !is.sessions.contains(s)) && !has(ActKind::EndSessions) {
            wrong.push("has lost a session".to_owned());
        }
        if was.grants.iter().any(|g| !is.grants.contains(g)) && !has(ActKind::RevokeGrants) {
            wrong.push("has lost a grant".to_owned());
        }
        let named: BTreeSet<&ObjectId> = acts
            .iter()
            .filter_map(|a| if let Act::HideObjects { objects } = a { Some(objects) } else { None })
            .flatten()
            .collect();
        for object in is.hidden.iter().filter(|o| !was.hidden.contains(o)) {
            if !named.contains(object) || !self.theirs.get(account).is_some_and(|t| t.contains(object)) {
                wrong.push(format!("has {object} hidden, which is its owner's or in no plan"));
            }
            past.hidden.insert(object.clone());
        }
        for object in was.hidden.iter().filter(|o| !is.hidden.contains(o)) {
            if !past.hidden.remove(object) {
                wrong.push(format!("shows {object}, which somebody else had hidden"));
            }
        }
        match (was.is_off, is.is_off) {
            (false, true) if has(ActKind::Hold) => past.is_held = true,
            (true, false) if past.is_held && !past.is_moderated => past.is_held = false,
            (false, true) => wrong.push("is off, and no plan holds it".to_owned()),
            (true, false) => wrong.push("is on, and we had not taken it off".to_owned()),
            _ => {}
        }
        for kind in [ContactKind::Mail, ContactKind::Phone] {
            let of =
                |s: &AccountState| s.record.in_place(kind).map(|c| Digest::of(c.value.reveal().as_bytes()));
            let (was, is) = (of(was), of(is));
            let is_named = acts.iter().any(|a| {
                let Act::PutBackContact { kind: of, in_place, before } = a else { return false };
                *of == kind && was == Some(*in_place) && is == Some(*before)
            });
            if was != is && !is_named {
                wrong.push("has another contact than a plan puts back".to_owned());
            }
        }
        for factor in was.factors.iter().filter(|f| !is.factors.contains(f)) {
            if !acts.iter().any(|a| a.removes() == Some(&factor.id)) {
                wrong.push(format!("has lost {}", factor.id));
            }
            past.removed.insert(factor.id.clone());
        }
        for factor in is.factors.iter().filter(|f| !was.factors.contains(f)) {
            if !has(ActKind::AddFactor) || !past.removed.remove(&factor.id) {
                wrong.push(format!("has {} that nobody had taken out", factor.id));
            }
        }
        let gone = |was: &BTreeMap<String, bool>, is: &BTreeMap<String, bool>| {
            was.iter().any(|(what, is_own)| *is_own && !is.contains_key(what))
        };
        let named = |all: &BTreeMap<AccountId, bool>| {
            all.iter().map(|(a, own)| (a.to_string(), *own)).collect::<BTreeMap<_, _>>()
        };
        let liked = |all: &BTreeMap<ObjectId, bool>| {
            all.iter().map(|(o, own)| (o.to_string(), *own)).collect::<BTreeMap<_, _>>()
        };
        if gone(&named(&was_view.follows), &named(&is_view.follows))
            || gone(&liked(&was_view.likes), &liked(&is_view.likes))
        {
            wrong.push("follows or likes no more what its owner does".to_owned());
        }
        seen.found.extend(wrong.into_iter().map(|w| format!("{by}: {account} {w}")));
    }

    /// When every hold is over, nobody is off but by a moderator's word.
    pub(super) fn judge_off(&self, house: &House) {
        self.skips_writes(&house.service());
        for (account, state) in house.states() {
            let is_moderated = self.seen().past.get(&account).is_some_and(|p| p.is_moderated);
            if state.is_off && !is_moderated {
                let one = std::slice::from_ref(&account);
                let runs: Vec<RunId> = self.seen().runs.keys().cloned().collect();
                let holds = house
                    .store
                    .read(|r| runs.iter().map(|run| r.holds(run, one)).collect::<Result<Vec<_>, _>>());
                self.finds(format!("{account} is off for good: {:?}", holds.expect("they are read")));
            }
        }
    }

    /// When nothing goes wrong any more: every account that was begun with has an outcome, and what is on record as done is
    /// so, where nobody else has moved it since.
    pub(super) fn judge_end(&self, house: &House, run: &RunId, is_taken_back: bool) {
        let cases = house.store.read(|r| r.cases(run)).expect("they are read");
        for case in &cases {
            if matches!(case.state, CaseState::Intended | CaseState::Unknown) {
                self.finds(format!("{} is {} for good in {run}", case.account, case.state.as_str()));
            }
        }
        if is_taken_back {
            return;
        }
        let states = house.states();
        for case in cases.iter().filter(|c| !self.is_moved(&c.account)) {
            let is = &states[&case.account];
            let steps = house.store.read(|r| r.steps(run, std::slice::from_ref(&case.account)));
            for step in steps.expect("they are read").iter().filter(|s| s.state == StepState::Done) {
                let act = &step.act;
                let is_replaced = act.guard().is_none_or(|guard| is.credential != Some(guard));
                let is_ended = *act != Act::EndSessions || is.sessions.is_empty();
                let is_hidden = !act.hides().iter().any(|o| house.service().visible(o));
                let is_gone = act.removes().is_none_or(|r| is.factors.iter().all(|f| f.id != *r));
                if !(is_replaced && is_ended && is_hidden && is_gone) {
                    self.finds(format!("{} of {} is done, they say", step.kind.as_str(), case.account));
                }
            }
        }
    }
}

/// The act that a call carries out.
fn kind_of(name: &str) -> Option<ActKind> {
    Some(match name {
        "require_new_credential" => ActKind::RequireNewCredential,
        "end_sessions" => ActKind::EndSessions,
        "revoke_grants" => ActKind::RevokeGrants,
        "put_back_contact" => ActKind::PutBackContact,
        "remove_factor" => ActKind::RemoveFactor,
        "add_factor" => ActKind::AddFactor,
        "hold" => ActKind::Hold,
        "release" => ActKind::Release,
        "restore_credential" => ActKind::RestoreCredential,
        "hide" => ActKind::HideObjects,
        "show" => ActKind::ShowObjects,
        "unfollow" => ActKind::Unfollow,
        "unlike" => ActKind::Unlike,
        _ => return None,
    })
}
