//! One act on one account: the call, its tries, and what a lost answer turns out to have been.

use crate::permit::Permit;
use crate::port::{Asked, Effect, PortError, Ports, Replaced, Turned};
use model::account::CredentialVersion;
use model::id::ObjectId;
use model::plan::Act;
use model::run::StepState;
use model::secret::Secret;

/// What a step came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StepEnd {
    /// Done, skipped, failed or unknown.
    pub(crate) state: StepState,
    /// One sentence; never a secret.
    pub(crate) result: String,
    /// Calls made.
    pub(crate) attempts: u32,
    /// The fingerprint of the credential that we put in place, where we did.
    pub(crate) ours: Option<CredentialVersion>,
    /// For objects: those that were turned, and those that are gone.
    pub(crate) turned: Option<(Vec<ObjectId>, Vec<ObjectId>)>,
    /// Whether the answer to an earlier call was lost.
    pub(crate) answer_was_lost: bool,
    /// Whether it was skipped because an earlier act was not done.
    pub(crate) is_out_of_order: bool,
}

impl StepEnd {
    fn new(state: StepState, result: impl Into<String>) -> Self {
        Self {
            state,
            result: result.into(),
            attempts: 0,
            ours: None,
            turned: None,
            answer_was_lost: false,
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
                ..Self::new(StepState::Done, format!("{} changed", turned.len()))
            },
            Turned::PremiseGone { found } => Self::new(StepState::Skipped, found),
        }
    }

    fn effect(effect: Effect) -> Self {
        match effect {
            Effect::Done { count } => Self::new(StepState::Done, format!("{count} changed")),
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
}

/// Does one act, with up to `attempts_max` calls.
pub(crate) fn perform(
    ports: &Ports<'_>,
    permit: &Permit,
    act: &Act,
    means: &Means,
    attempts_max: u32,
) -> StepEnd {
    let mut last = PortError::Busy("not tried".to_owned());
    let mut answer_was_lost = false;
    for attempt in 1..=attempts_max {
        match once(ports, permit, act, means) {
            Ok(mut end) => {
                end.attempts = attempt;
                end.answer_was_lost = answer_was_lost;
                return end;
            }
            Err(PortError::Refused(why)) => {
                return StepEnd { attempts: attempt, ..StepEnd::new(StepState::Failed, why) };
            }
            Err(error) => {
                answer_was_lost |= matches!(error, PortError::NoAnswer(_));
                last = error;
            }
        }
    }
    let end = match last {
        PortError::NoAnswer(why) => StepEnd::new(StepState::Unknown, why),
        PortError::Busy(why) | PortError::Refused(why) => StepEnd::new(StepState::Failed, why),
    };
    StepEnd { attempts: attempts_max, ..end }
}

fn once(ports: &Ports<'_>, permit: &Permit, act: &Act, means: &Means) -> Result<StepEnd, PortError> {
    match act {
        Act::RequireNewCredential { guard } => require(ports, permit, guard, means),
        Act::EndSessions => ports.directory.end_sessions(permit).map(StepEnd::effect),
        Act::RevokeGrants { grants } => ports.directory.revoke_grants(permit, grants).map(StepEnd::effect),
        Act::HideObjects { objects } => ports.content.hide(permit, objects).map(StepEnd::turned),
        Act::ShowObjects { objects } => ports.content.show(permit, objects).map(StepEnd::turned),
        Act::RestoreCredential => match &means.old {
            Some((old, ours)) => ports.directory.restore_credential(permit, ours, old).map(StepEnd::effect),
            None => Ok(StepEnd::new(
                StepState::Skipped,
                "the old credential is not in the vault: none was replaced, or the undo window is over",
            )),
        },
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
    let found = match ports.directory.require_new_credential(permit, guard, &means.random)? {
        Replaced::Done { ours } => {
            return Ok(StepEnd { ours: Some(ours), ..StepEnd::new(StepState::Done, "replaced") });
        }
        Replaced::PremiseGone { found } => found,
    };
    Ok(match ports.directory.asked(permit, &means.random)? {
        (Asked::Done, ours) => {
            StepEnd { ours, ..StepEnd::new(StepState::Done, "replaced by an earlier call") }
        }
        (Asked::NotDone, _) => StepEnd::new(StepState::Skipped, found),
        (Asked::CantTell, _) => StepEnd::new(StepState::Unknown, found),
    })
}
