//! What the intruder set on the account itself, and its way back: contacts from before, factors that go.

use crate::gather::Member;
use model::account::ContactKind;
use model::event::Kind;
use model::id::Digest;
use model::plan::Act;

/// The acts that take back what the intruder set.
pub(super) fn acts(member: &Member<'_>) -> Vec<Act> {
    let contacts = [(ContactKind::Mail, Kind::EmailChange), (ContactKind::Phone, Kind::PhoneChange)];
    let contacts = contacts.iter().filter_map(|(kind, change)| contact(member, *kind, change));
    contacts.chain(factors(member)).collect()
}

/// The contact from before, where one in place was set by the intruder: their change is on file, the contact in place came
/// with their window, and what was there before them is still known from before.
fn contact(member: &Member<'_>, kind: ContactKind, change: &Kind) -> Option<Act> {
    let (record, start) = (&member.state.record, member.verdict.window.start);
    let first = member.verdict.intruder.changes.iter().find(|c| c.kind == *change)?;
    let in_place = record.in_place(kind)?;
    if in_place.since.is_none_or(|since| since < start) {
        return None;
    }
    let known = |c: &&model::account::Contact| c.kind == kind && c.known_before(start);
    let before = record
        .contacts
        .iter()
        .flatten()
        .filter(known)
        .find(|c| first.previous.as_ref().is_none_or(|p| p.eq_ignore_ascii_case(c.value.reveal())))?;
    let digest = |c: &model::account::Contact| Digest::of(c.value.reveal().as_bytes());
    Some(Act::PutBackContact { kind, in_place: digest(in_place), before: digest(before) })
}

/// Factors that the service says were added by an event of the intruder's.
fn factors(member: &Member<'_>) -> impl Iterator<Item = Act> {
    let theirs = &member.verdict.intruder.changes;
    let added = member.state.factors.iter().filter(|f| {
        f.added_by
            .as_ref()
            .is_some_and(|by| theirs.iter().any(|c| c.kind == Kind::MfaChange && c.event == *by))
    });
    added.map(|f| Act::RemoveFactor { factor: f.id.clone() })
}

/// The act that takes one of them back.
pub(super) fn undone(act: &Act) -> Option<Act> {
    match act {
        Act::PutBackContact { kind, in_place, before } => {
            Some(Act::PutBackContact { kind: *kind, in_place: *before, before: *in_place })
        }
        Act::RemoveFactor { factor } => Some(Act::AddFactor { factor: factor.clone() }),
        Act::RequireNewCredential { .. }
        | Act::EndSessions
        | Act::RevokeGrants { .. }
        | Act::HideObjects { .. }
        | Act::Unfollow { .. }
        | Act::Unlike { .. }
        | Act::Hold { .. }
        | Act::Waive
        | Act::RestoreCredential
        | Act::ShowObjects { .. }
        | Act::Release
        | Act::AddFactor { .. } => None,
    }
}
