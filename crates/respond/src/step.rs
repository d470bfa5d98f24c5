//! One act on one account: the call, its tries, and what a lost answer turns out to have been.

mod asked;

use self::asked::asked;
use crate::pace::{Pace, Turn};
use crate::permit::Permit;
use crate::port::{Asked, Effect, PortError, Ports, Replaced, TakenOff, Turned};
use model::account::CredentialVersion;
use model::id::{Digest, FactorId, Millis, ObjectId};
use model::mutant::{self, Mutant};
use model::plan::Act;
use model::policy::RunPolicy;
use model::run::StepState;
use model::secret::Secret;
use std::collections::BTreeMap;
use store::Store;
use store::holds::Off;

/// What a step came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StepEnd {
    /// Done, skipped, failed or unknown.
    pub(crate) state: StepState,
    /// One sentence; never a secret.
    pub(crate) result: String,
    /// How many things this answer says were changed, where that is a count.
    pub(crate) changed: Option<u64>,
    /// Calls made.
    pub(crate) attempts: u32,
    /// The fingerprint of the credential that we put in place, where we did.
    pub(crate) ours: Option<CredentialVersion>,
    /// For objects: those that were turned, and those that are gone.
    pub(crate) turned: Option<(Vec<ObjectId>, Vec<ObjectId>)>,
    /// For a hold: whether the account is off by us, as far as the service told.
    pub(crate) off_by_us: Option<Off>,
    /// Whether the answer to an earlier call was lost.
    pub(crate) answer_was_lost: bool,
    /// Whether the credential in place is another than the plan names.
    pub(crate) is_moved: bool,
    /// Whether it was skipped because an earlier act was not done.
    pub(crate) is_out_of_order: bool,
}

impl StepEnd {
    fn new(state: StepState, result: impl Into<String>) -> Self {
        Self {
            state,
            result: result.into(),
            changed: None,
            attempts: 0,
            ours: None,
            turned: None,
            off_by_us: None,
            answer_was_lost: false,
            is_moved: false,
            is_out_of_order: false,
        }
    }

    /// Nothing was done, for this reason.
    pub(crate) fn skipped(why: &str) -> Self {
        Self::new(StepState::Skipped, why)
    }

    fn turned(turned: Turned) -> Self {
        match turned {
            Turned::Done { turned, gone } => Self {
                turned: Some((turned.clone(), gone)),
                changed: Some(turned.len() as u64),
                ..Self::new(StepState::Done, format!("{} changed", turned.len()))
            },
            Turned::PremiseGone { found } => Self::new(StepState::Skipped, found),
        }
    }

    fn taken_off(taken: TakenOff) -> Self {
        let (off, said) = match taken {
            TakenOff::Now => (Off::Now, "taken off"),
            TakenOff::Already { ours: Some(true) } => (Off::Ours, "taken off by an earlier call"),
            TakenOff::Already { ours: Some(false) } if mutant::is_on(Mutant::ClaimsOthersHolds) => {
                (Off::Now, "taken off")
            }
            TakenOff::Already { ours: Some(false) } => (Off::Others, "it was off already, by somebody else"),
            TakenOff::Already { ours: None } => (Off::CantTell, "it was off already"),
            TakenOff::PremiseGone { found } => return Self::new(StepState::Skipped, found),
        };
        Self { off_by_us: Some(off), ..Self::new(StepState::Done, said) }
    }

    fn effect(effect: Effect) -> Self {
        match effect {
            Effect::Done { count } => {
                Self { changed: Some(count), ..Self::new(StepState::Done, format!("{count} changed")) }
            }
            Effect::PremiseGone { found } => Self::new(StepState::Skipped, found),
        }
    }
}

/// What an act needs besides the plan.
pub(crate) struct Means {
    /// The random credential for a requirement.
    pub(crate) random: Secret,
    /// For a restore: the old stored credential, and the one that we put in place.
    pub(crate) old: Option<(Secret, CredentialVersion)>,
    /// For a hold: when it ends, ms.
    pub(crate) hold_ends_at: Option<Millis>,
    /// Contacts that the entry refers to, by their digests.
    pub(crate) contacts: BTreeMap<Digest, Secret>,
    /// For an undo: what was sealed of removed factors.
    pub(crate) factors: BTreeMap<FactorId, Secret>,
}

/// What is known of calls of a step that were made before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Earlier {
    /// There were none, or each was answered.
    Answered,
    /// A process died: there may have been one.
    Perhaps,
    /// An answer was lost at this moment, ms: that call may still take effect for a while.
    Lost(Millis),
}

/// What trying a step came to.
pub(crate) enum Tried {
    /// It has an end.
    Ended(StepEnd),
    /// The service wants to be left alone: the step stays to be done. By these calls nothing was done, unless an answer
    /// was lost before.
    Waits {
        /// Calls made.
        attempts: u32,
        /// Whether the answer to one of them was lost.
        answer_was_lost: bool,
    },
}

/// What a step is tried with.
pub(crate) struct Trying<'a> {
    pub(crate) ports: &'a Ports<'a>,
    pub(crate) store: &'a Store,
    pub(crate) pace: &'a Pace,
    pub(crate) policy: &'a RunPolicy,
}

impl Trying<'_> {
    /// Does one act, with up to `attempts_max` calls whose answers are lost. A step of which an answer was lost never
    /// ends as failed by what a later call says: that call was refused, and the earlier one may have taken effect.
    pub(crate) fn perform(&self, permit: &Permit, act: &Act, means: &Means, earlier: Earlier) -> Tried {
        let mut why = String::new();
        for attempts in 1..=self.policy.attempts_max {
            let answer_was_lost = attempts > 1;
            if self.pace.turn(self.store, self.ports.clock) == Turn::Shut {
                return Tried::Waits { attempts: attempts - 1, answer_was_lost };
            }
            let (end, answer_was_lost) = match once(self.ports, permit, act, means) {
                Ok(end) => (end, answer_was_lost),
                Err(PortError::NoAnswer(said)) => {
                    why = said;
                    continue;
                }
                Err(PortError::Refused(said)) => {
                    let now = self.ports.clock.now();
                    let earlier = if answer_was_lost { Earlier::Lost(now) } else { earlier };
                    (self.refused(permit, act, means, earlier, said), answer_was_lost)
                }
                Err(busy @ (PortError::Busy(_) | PortError::Throttled { .. })) => {
                    self.pace.heard(&busy, self.ports.clock.now());
                    return Tried::Waits { attempts, answer_was_lost };
                }
            };
            self.pace.answered();
            return Tried::Ended(StepEnd { attempts, answer_was_lost, ..end });
        }
        // Where no call is answered, the account itself may tell.
        let end = match asked(self.ports, permit, act, means) {
            Ok((Asked::Done, ours)) => came_through(act, ours),
            Ok((Asked::NotDone | Asked::CantTell, _)) | Err(_) => {
                StepEnd::new(if_broken(Mutant::GuessesUnknown, StepState::Unknown), why)
            }
        };
        Tried::Ended(StepEnd { attempts: self.policy.attempts_max, answer_was_lost: true, ..end })
    }

    /// What a refusal for good makes of a step: failed, but where an earlier call may have taken effect, or still may,
    /// it is for the service to say what is.
    fn refused(&self, permit: &Permit, act: &Act, means: &Means, earlier: Earlier, said: String) -> StepEnd {
        let failed = |said| StepEnd::new(if_broken(Mutant::TakesRefusalForDone, StepState::Failed), said);
        let over = match earlier {
            Earlier::Answered => return failed(said),
            Earlier::Perhaps | Earlier::Lost(_) if mutant::is_on(Mutant::TakesRefusalForAll) => {
                return StepEnd::new(StepState::Failed, said);
            }
            Earlier::Perhaps => false,
            Earlier::Lost(at) => at.saturating_add(self.policy.late_ms) <= self.ports.clock.now(),
        };
        let unknown = |what: &str| {
            StepEnd::new(StepState::Unknown, format!("{what}, and a later one was refused: {said}"))
        };
        match asked(self.ports, permit, act, means) {
            Ok((Asked::Done, ours)) => came_through(act, ours),
            Ok((Asked::NotDone, _)) if over => failed(said),
            Ok((Asked::NotDone, _)) => unknown("a call whose answer was lost may still take effect"),
            Ok((Asked::CantTell, _)) => {
                unknown("whether a call whose answer was lost took effect can't be told")
            }
            Err(error) => unknown(&format!("the answer to a call was lost ({error})")),
        }
    }
}

/// The end of a step that an earlier call did, as the service's state shows.
fn came_through(act: &Act, ours: Option<CredentialVersion>) -> StepEnd {
    let turns = matches!(act, Act::HideObjects { .. } | Act::ShowObjects { .. });
    StepEnd {
        ours,
        turned: turns.then(Default::default),
        off_by_us: matches!(act, Act::Hold { .. }).then_some(Off::CantTell),
        ..StepEnd::new(StepState::Done, "done by an earlier call, whose answer was lost")
    }
}

/// The state, but where the broken twin takes it for done.
fn if_broken(mutant: Mutant, state: StepState) -> StepState {
    if mutant::is_on(mutant) { StepState::Done } else { state }
}

fn once(ports: &Ports<'_>, permit: &Permit, act: &Act, means: &Means) -> Result<StepEnd, PortError> {
    match act {
        Act::RequireNewCredential { guard } => require(ports, permit, guard, means),
        Act::EndSessions => ports.directory.end_sessions(permit).map(StepEnd::effect),
        Act::RevokeGrants { grants } => ports.directory.revoke_grants(permit, grants).map(StepEnd::effect),
        Act::HideObjects { objects } => ports.content.hide(permit, objects).map(StepEnd::turned),
        Act::ShowObjects { objects } => ports.content.show(permit, objects).map(StepEnd::turned),
        Act::Unfollow { accounts } => ports.content.unfollow(permit, accounts).map(StepEnd::effect),
        Act::Unlike { objects } => ports.content.unlike(permit, objects).map(StepEnd::effect),
        Act::RestoreCredential => match &means.old {
            Some((old, ours)) => ports.directory.restore_credential(permit, ours, old).map(StepEnd::effect),
            None => Ok(StepEnd::new(
                StepState::Skipped,
                "the old credential is not in the vault: none was replaced, or the undo window is over",
            )),
        },
        // Resumed after its own end it would be a new one, that nobody approved.
        Act::Hold { .. } if means.hold_ends_at.is_none_or(|end| end <= ports.clock.now()) => {
            Ok(StepEnd::new(StepState::Skipped, "the hold's time is over"))
        }
        Act::Hold { .. } => ports.directory.hold(permit).map(StepEnd::taken_off),
        Act::PutBackContact { kind, in_place, before } => match means.contacts.get(before) {
            Some(value) => {
                ports.directory.put_back_contact(permit, *kind, in_place, value).map(StepEnd::effect)
            }
            None => Ok(StepEnd::new(StepState::Skipped, "the contact to be put back was erased")),
        },
        Act::RemoveFactor { factor } => ports.directory.remove_factor(permit, factor).map(StepEnd::effect),
        Act::AddFactor { factor } => match means.factors.get(factor) {
            Some(stored) => ports.directory.add_factor(permit, factor, stored).map(StepEnd::effect),
            None => Ok(StepEnd::new(
                StepState::Skipped,
                "the factor is not in the vault: it could not be kept, or the undo window is over",
            )),
        },
        Act::Release => ports.directory.release(permit).map(StepEnd::effect),
        // The requirement is the credential nobody knows; to waive it is to let the owner choose, which recovery does.
        Act::Waive => Ok(StepEnd::new(StepState::Done, "released: the owner may set a new credential")),
    }
}

/// Before a second try, and where the premise seems gone, the service is asked whether the credential in place is
/// ours already: the answer to an earlier call may have been lost.
fn require(
    ports: &Ports<'_>,
    permit: &Permit,
    guard: &CredentialVersion,
    means: &Means,
) -> Result<StepEnd, PortError> {
    let (found, is_moved) = match ports.directory.require_new_credential(permit, guard, &means.random)? {
        Replaced::Done { ours } => {
            return Ok(StepEnd { ours: Some(ours), ..StepEnd::new(StepState::Done, "replaced") });
        }
        Replaced::Moved { .. } if mutant::is_on(Mutant::OverwritesMoved) => {
            let found = ports.directory.stored_credentials(std::slice::from_ref(permit))?;
            let now = found.get(permit.account()).map_or(*guard, |stored| stored.version);
            return require(ports, permit, &now, means);
        }
        Replaced::Moved { found } => (found, true),
        Replaced::PremiseGone { found } => (found, false),
    };
    Ok(match ports.directory.asked(permit, &means.random)? {
        (Asked::Done, ours) => {
            StepEnd { ours, ..StepEnd::new(StepState::Done, "replaced by an earlier call") }
        }
        (Asked::NotDone, _) => StepEnd { is_moved, ..StepEnd::new(StepState::Skipped, found) },
        (Asked::CantTell, _) => StepEnd::new(StepState::Unknown, found),
    })
}
