//! The ledger as it is found after each move: states go on and never back, nothing new is begun while a run is halted, a
//! limit is kept, nobody is told twice, and no leaf of the log is another than before.

use super::mail::Post;
use crate::response::house::House;
use model::id::{AccountId, Digest, Millis, RunId};
use model::notice::NoticeState;
use model::run::{RunState, StepState};
use model::secret::Secret;
use std::collections::{BTreeMap, BTreeSet};
use store::steps::CaseState;

/// States and transitions that were seen, by name.
pub(crate) type Reached = BTreeSet<String>;

/// A run as it was found.
#[derive(Default)]
struct Found {
    state: Option<RunState>,
    cases: BTreeMap<AccountId, CaseState>,
    steps: BTreeMap<(AccountId, u32), StepState>,
    notices: BTreeMap<AccountId, NoticeState>,
    /// Who was ever stuck.
    stuck: BTreeSet<AccountId>,
}

pub(super) struct Ledger {
    runs: BTreeMap<RunId, Found>,
    leaves: BTreeMap<u64, Digest>,
    reached: Reached,
    hourly_max: u64,
    /// Where each owner was to be told when the plan was sealed.
    contacts: BTreeMap<AccountId, Secret>,
    /// Whether moments are exact enough to count by the hour.
    counts_hours: bool,
}

impl Ledger {
    pub(super) fn new(house: &House, counts_hours: bool) -> Self {
        Self {
            runs: BTreeMap::new(),
            leaves: BTreeMap::new(),
            reached: Reached::new(),
            hourly_max: house.hourly_max(),
            contacts: house.sealed_contacts(),
            counts_hours,
        }
    }

    pub(super) fn takes_up(&mut self, run: &RunId) {
        self.runs.insert(run.clone(), Found::default());
    }

    /// Somebody started it: what is begun since is not begun while it was halted.
    pub(super) fn started(&mut self, run: &RunId) {
        if let Some(found) = self.runs.get_mut(run) {
            found.state = None;
        }
        self.reached.insert("run started".to_owned());
    }

    pub(super) fn reached(&self) -> Reached {
        self.reached.clone()
    }

    /// What is wrong now.
    pub(super) fn look(&mut self, house: &House) -> Vec<String> {
        let mut wrong = Vec::new();
        let runs: Vec<RunId> = self.runs.keys().cloned().collect();
        for run in runs {
            self.look_at(house, &run, &mut wrong);
        }
        if let Some((seq, leaf)) = house.store.read(store::Read::audit_head).expect("it reads") {
            self.leaves.insert(seq, leaf);
        }
        wrong
    }

    fn look_at(&mut self, house: &House, run: &RunId, wrong: &mut Vec<String>) {
        let (state, cases, notices) =
            house.store.read(|r| Ok((r.run(run)?.state, r.cases(run)?, r.notices(run)?))).expect("it reads");
        let accounts: Vec<AccountId> = cases.iter().map(|c| c.account.clone()).collect();
        let steps = house.store.read(|r| r.steps(run, &accounts)).expect("they are read");
        let found = self.runs.entry(run.clone()).or_default();
        if found.state == Some(RunState::Halted)
            && state == RunState::Halted
            && cases.len() > found.cases.len()
        {
            wrong.push(format!("{run}: something new is begun while it is halted"));
        }
        self.reached.insert(format!("run {}", state.as_str()));
        found.state = Some(state);

        for case in &cases {
            if case.state == CaseState::Stuck {
                found.stuck.insert(case.account.clone());
            }
            let was = found.cases.insert(case.account.clone(), case.state);
            let Some(was) = was.filter(|was| *was != case.state) else {
                self.reached.insert(format!("case {}", case.state.as_str()));
                continue;
            };
            let goes_on = match was {
                CaseState::Intended | CaseState::Unknown => true,
                CaseState::Stuck => case.state != CaseState::Frozen,
                CaseState::Done | CaseState::Skipped | CaseState::Failed | CaseState::Frozen => false,
            };
            if !goes_on {
                let (was, is) = (was.as_str(), case.state.as_str());
                wrong.push(format!("{run}: {} was {was} and is {is}", case.account));
            }
            self.reached.insert(format!("case {} to {}", was.as_str(), case.state.as_str()));
        }
        for step in &steps {
            let was = found.steps.insert((step.account.clone(), step.place), step.state);
            if let Some(was) = was.filter(|was| *was != step.state) {
                let goes_on = matches!(was, StepState::Intended | StepState::Unknown);
                // Only what was stuck in an undo is tried again.
                if !goes_on && !found.stuck.contains(&step.account) {
                    let (was, is) = (was.as_str(), step.state.as_str());
                    wrong.push(format!("{run}: a step of {} was {was} and is {is}", step.account));
                }
                self.reached.insert(format!("step {} to {}", was.as_str(), step.state.as_str()));
            }
            self.reached.insert(format!("step {}", step.state.as_str()));
        }
        let told: BTreeSet<&AccountId> = notices.iter().map(|n| &n.account).collect();
        if told.len() != notices.len() {
            wrong.push(format!("{run}: somebody is told twice"));
        }
        for notice in &notices {
            let case = found.cases.get(&notice.account).copied();
            let is_said = matches!(notice.state, NoticeState::Due | NoticeState::Sending | NoticeState::Sent);
            let is_open = matches!(case, Some(CaseState::Intended | CaseState::Unknown) | None);
            if is_said && is_open {
                wrong.push(format!("{run}: {} is told what nobody knows yet", notice.account));
            }
            let was = found.notices.insert(notice.account.clone(), notice.state);
            let back = matches!(was, Some(NoticeState::Sent | NoticeState::Failed | NoticeState::Void));
            if back && was != Some(notice.state) {
                wrong.push(format!("{run}: the notice of {} goes back", notice.account));
            }
            self.reached.insert(format!("notice {}", notice.state.as_str()));
        }
        if self.counts_hours {
            let begun: BTreeSet<&AccountId> = steps.iter().map(|s| &s.account).collect();
            let mut hours: BTreeMap<Millis, u64> = BTreeMap::new();
            for case in cases.iter().filter(|c| begun.contains(&c.account)) {
                *hours.entry(case.intended_at.div_euclid(3_600_000)).or_default() += 1;
            }
            if hours.values().any(|n| *n > self.hourly_max) {
                wrong.push(format!("{run}: more is begun in an hour than {}", self.hourly_max));
            }
        }
    }

    /// What is wrong in the end, with what the mail server was given.
    pub(super) fn judge_end(&self, house: &House, post: &Post) -> Vec<String> {
        let mut wrong = Vec::new();
        for (seq, leaf) in &self.leaves {
            let is = house.store.read(|r| r.audit_leaf(*seq)).expect("it reads");
            if is != Some(*leaf) {
                wrong.push(format!("leaf {seq} of the log is another than before"));
            }
        }
        let mut ids = BTreeMap::new();
        for (run, found) in &self.runs {
            for notice in house.store.read(|r| r.notices(run)).expect("they are read") {
                let is_open =
                    matches!(notice.state, NoticeState::Owed | NoticeState::Due | NoticeState::Sending);
                // Of what stays stuck nobody is told before a person has looked.
                let is_stuck = found.cases.get(&notice.account) == Some(&CaseState::Stuck);
                if is_open && notice.contact.is_some() && !is_stuck {
                    wrong.push(format!("{run}: {} waits for good to be told", notice.account));
                }
                ids.insert(notice.message_id, notice.account);
            }
        }
        for (id, (to, text)) in post.given() {
            match ids.get(&id) {
                None => wrong.push(format!("{id} was sent, and is on no record")),
                Some(account) if self.contacts.get(account) != Some(&to) => {
                    wrong.push(format!("{account} was told at another address than was sealed"));
                }
                Some(account) if text.is_empty() => wrong.push(format!("{account} was told nothing")),
                Some(_) => {}
            }
        }
        wrong
    }
}
