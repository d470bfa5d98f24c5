//! The acts on the accounts of a batch: a few at once, each account's in their order, until each has an outcome or nothing
//! may go on.

use super::ends::{Acted, Telling, Waiting, case_state, changed, stuck_by};
use super::prepare::Means;
use super::work::Work;
use super::{Executor, Held, WaveEnd};
use crate::error::RespondError;
use crate::permit::Permit;
use crate::step::{self, Earlier, StepEnd, Tried, Trying};
use model::id::AccountId;
use model::mutant::{self, Mutant};
use model::plan::Act;
use model::run::{StepState, Stuck};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::hidden::Hiding;
use store::holds::Holding;
use store::steps::{CaseState, Outcome};

/// Why an account is settled by what was sealed for a credential that has moved.
const INSTEAD: &str = "its credential was changed after sealing: what was sealed for that case was done";

impl Executor<'_> {
    /// Calls the service for each account, and keeps what came of it; where the service wants to be left alone, what is
    /// left waits and is then taken up again, unless the run is halted meanwhile: then it stays intended, and a resume
    /// goes on.
    ///
    /// Where a credential has moved since sealing, what was sealed for that case follows: its intents are kept with the
    /// outcome that says so, and only then the service is called again.
    pub(super) fn act_and_record(
        &self,
        held: &Held,
        mut todo: Vec<Work<'_>>,
    ) -> Result<Option<WaveEnd>, RespondError> {
        while !todo.is_empty() {
            let ended = self.act_all(held, &todo);
            if mutant::is_on(Mutant::ForgetsOutcomes) {
                return Ok(None);
            }
            let moved = self.record(held, &ended)?;
            if let Some(fault) = held.pace.take_fault() {
                return Err(fault.into());
            }
            let now = self.ports.clock.now();
            let mut works: BTreeMap<&AccountId, Work<'_>> =
                todo.into_iter().map(|w| (&w.entry.entry().account, w)).collect();
            let (mut waiting, mut instead) = (Vec::new(), Vec::new());
            for acted in &ended {
                let account = &acted.entry.entry().account;
                let Some(mut work) = works.remove(account) else { continue };
                work.done.clone_from(&acted.ends);
                if let Some(hold_ends_at) = moved.get(account) {
                    let means = Means { hold_ends_at: Some(*hold_ends_at), ..Means::default() };
                    instead.push(Work { done: work.done, instead: true, ..Work::new(work.entry, means) });
                } else if let Some(waits) = &acted.waits {
                    if waits.answer_was_lost {
                        work.lost.insert(waits.place, now);
                    }
                    work.tried += waits.attempts;
                    waiting.push(work);
                }
            }
            if !waiting.is_empty()
                && let Some(end) = self.wait_out(held)?
            {
                return Ok(Some(end));
            }
            todo = instead.into_iter().chain(waiting).collect();
        }
        Ok(None)
    }

    /// Calls the service for each account, a few at once.
    pub(super) fn act_all<'a>(&self, held: &Held, work: &[Work<'a>]) -> Vec<Acted<'a>> {
        let next = AtomicUsize::new(0);
        let ended = Mutex::new(Vec::with_capacity(work.len()));
        let hands = held.pace.hands().min(work.len());
        std::thread::scope(|scope| {
            for _ in 0..hands {
                scope.spawn(|| {
                    while let Some(one) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let result = self.act(held, one);
                        ended.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(result);
                    }
                });
            }
        });
        let mut ended: Vec<Acted<'a>> = ended.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        ended.sort_by(|a, b| a.entry.entry().account.cmp(&b.entry.entry().account));
        ended
    }

    /// All acts on one account, in their order. Where the first premise is gone nothing more is done to it; where an
    /// answer is lost the rest waits until it is known, and where the service wants to be left alone, until it does not.
    fn act<'a>(&self, held: &Held, work: &Work<'a>) -> Acted<'a> {
        let entry = work.entry.entry();
        let mut ends: Vec<(u32, StepState)> = work.done.clone();
        let mut is_moved = false;
        let first = if work.instead { entry.acts.len() } else { 0 };
        let last = if work.instead { entry.acts.len() + entry.if_moved.len() } else { entry.acts.len() };
        let mut outcomes = Vec::new();
        let (mut ours, mut waits) = (None, None);
        let (mut hiding, mut holding, mut released) = (None, None, false);
        let mut stuck = None;
        let mut reason = work.instead.then(|| INSTEAD.to_owned());
        let mut tried = work.tried;
        for (place, act) in (0_u32..).zip(entry.places()).take(last).skip(first) {
            if ends.iter().any(|(p, _)| *p == place) {
                continue;
            }
            let earlier = work.earlier(place);
            let end = match self.one(held, work, place, act, &ends) {
                Tried::Ended(end) => end,
                Tried::Waits { attempts, answer_was_lost } => {
                    waits = Some(Waiting { place, attempts, answer_was_lost });
                    break;
                }
            };
            if end.state != StepState::Done && reason.is_none() {
                reason = Some(format!("{}: {}", act.kind().as_str(), end.result));
            }
            is_moved |= end.is_moved;
            stuck = stuck.or_else(|| stuck_by(act, &end).filter(|_| held.undone.is_some()));
            if let Some(version) = end.ours {
                ours = Some((entry.account.clone(), version));
            }
            let answer_was_lost = end.answer_was_lost || work.resumed || earlier != Earlier::Answered;
            // Where an answer was lost and nothing more is known it stays intended, and ends by its time.
            if act.holds_ms().is_some() && (end.off_by_us.is_some() || !answer_was_lost) {
                holding =
                    Some(Holding { account: entry.account.clone(), off: end.off_by_us, answer_was_lost });
            }
            released |= *act == Act::Release && end.state == StepState::Done;
            let changed = changed(act, &end, answer_was_lost);
            if let (Act::HideObjects { .. }, Some((turned, gone))) = (act, end.turned) {
                hiding = Some(Hiding { account: entry.account.clone(), turned, gone, answer_was_lost });
            }
            ends.push((place, end.state));
            outcomes.push(Outcome {
                account: entry.account.clone(),
                place,
                state: end.state,
                attempts: end.attempts + std::mem::take(&mut tried),
                result: Some(end.result),
                changed,
                // What is on record as lost stays so; a later call that was answered is none.
                answer_was_lost: end.answer_was_lost || earlier == Earlier::Perhaps,
            });
            if end.state == StepState::Unknown {
                break;
            }
        }
        let mut state = case_state(&ends);
        if stuck.is_some() && state != CaseState::Unknown {
            state = CaseState::Stuck;
        }
        let stuck = stuck.filter(|_| state == CaseState::Stuck);
        let touched = ends.iter().any(|(_, s)| *s == StepState::Done);
        // Nobody is told of a probe: there is no notice that could wait.
        let is_open = state == CaseState::Unknown && !mutant::is_on(Mutant::TellsBeforeItIsKnown);
        let telling = if entry.is_probe() || is_open || stuck.is_some_and(Stuck::may_be_tried_again) {
            Telling::Wait
        } else if touched {
            Telling::Due
        } else {
            Telling::Void
        };
        Acted {
            entry: work.entry,
            is_moved,
            instead: work.instead,
            ends,
            outcomes,
            ours,
            hiding,
            holding,
            released,
            state,
            reason,
            telling,
            stuck,
            waits,
        }
    }

    fn one(&self, held: &Held, work: &Work<'_>, place: u32, act: &Act, before: &[(u32, StepState)]) -> Tried {
        // The premise of all that follows is the credential named, or for a restore that sessions are ended.
        let premise_gone = before.iter().any(|(p, state)| {
            let guards = matches!(
                work.entry.entry().places().nth(*p as usize),
                Some(Act::RequireNewCredential { .. } | Act::EndSessions)
            );
            guards
                && matches!(
                    (state, act),
                    (StepState::Skipped, _) | (StepState::Failed, Act::RestoreCredential)
                )
                && !mutant::is_on(Mutant::RestoresBesideSessions)
        });
        let permit = Permit::new(work.entry, place as usize);
        match permit {
            Some(permit) if !premise_gone || work.instead => {
                let means = step::Means {
                    random: held.key.credential_for(&permit),
                    old: work.means.old.clone(),
                    hold_ends_at: work.means.hold_ends_at,
                    contacts: work.means.contacts.clone(),
                    factors: work.means.factors.clone(),
                };
                let trying = Trying {
                    ports: &self.ports,
                    store: self.store,
                    pace: &held.pace,
                    policy: &held.policy.run,
                };
                trying.perform(&permit, act, &means, work.earlier(place))
            }
            Some(_) | None => Tried::Ended(StepEnd {
                is_out_of_order: true,
                ..StepEnd::skipped("an earlier act of this account was not done")
            }),
        }
    }
}
