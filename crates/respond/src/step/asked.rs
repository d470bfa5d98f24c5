//! Whether an act whose answer was lost took effect: the service is asked, and where it has no answer of its own, the
//! account as it stands tells, if the connector says that its state can.

use super::Means;
use crate::permit::Permit;
use crate::port::{Asked, PortError, Ports, Repeat};
use model::account::{AccountState, CredentialVersion};
use model::id::Digest;
use model::plan::{Act, Grants};

/// Asks; where a credential of ours is in place, also for its fingerprint.
pub(super) fn asked(
    ports: &Ports<'_>,
    permit: &Permit,
    act: &Act,
    means: &Means,
) -> Result<(Asked, Option<CredentialVersion>), PortError> {
    if matches!(act, Act::RequireNewCredential { .. }) {
        return ports.directory.asked(permit, &means.random);
    }
    match ports.directory.capabilities().repeat {
        Repeat::Comparable => {}
        Repeat::Keyed | Repeat::None => return Ok((Asked::CantTell, None)),
    }
    let states = ports.directory.snapshot(Some(std::slice::from_ref(permit.account())))?;
    Ok((states.first().map_or(Asked::NotDone, |state| shown(act, state)), None))
}

/// What an account's state shows of an act.
fn shown(act: &Act, state: &AccountState) -> Asked {
    let so = |is: bool| if is { Asked::Done } else { Asked::NotDone };
    match act {
        Act::EndSessions => so(state.sessions.is_empty()),
        // Links and codes that are out die with them, and no account tells of those.
        Act::RevokeGrants { grants: Grants::All } if state.grants.is_empty() => Asked::CantTell,
        Act::RevokeGrants { grants: Grants::All } => Asked::NotDone,
        Act::RevokeGrants { grants: Grants::Of(apps) } => so(!apps.iter().any(|a| state.grants.contains(a))),
        Act::HideObjects { objects } => match objects.iter().filter(|o| state.hidden.contains(o)).count() {
            0 => Asked::NotDone,
            n if n == objects.len() => Asked::Done,
            // Some are gone, or were turned by somebody else.
            _ => Asked::CantTell,
        },
        Act::ShowObjects { objects } => so(!objects.iter().any(|o| state.hidden.contains(o))),
        Act::Hold { .. } => so(state.is_off),
        Act::Release => so(!state.is_off),
        Act::RemoveFactor { factor } => so(state.factors.iter().all(|f| f.id != *factor)),
        Act::AddFactor { factor } => so(state.factors.iter().any(|f| f.id == *factor)),
        Act::PutBackContact { kind, in_place, before } => {
            let found = state.record.in_place(*kind).map(|c| Digest::of(c.value.reveal().as_bytes()));
            match found {
                Some(found) if found == *before => Asked::Done,
                Some(found) if found == *in_place => Asked::NotDone,
                Some(_) | None => Asked::CantTell,
            }
        }
        // No account's state tells whom it follows, or what it likes.
        Act::Unfollow { .. } | Act::Unlike { .. } => Asked::CantTell,
        // The fingerprint of the old one is not told by the account, and the service compares in the act itself.
        Act::RestoreCredential | Act::RequireNewCredential { .. } => Asked::CantTell,
        // It is no call to the service.
        Act::Waive => Asked::NotDone,
    }
}
