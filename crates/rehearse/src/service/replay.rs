//! The state of the service from its events: what each of them left alive, ended or visible.

use super::password;
use super::state::{KeptFactor, Shown, Slot, State};
use crate::simulate::Truth;
use model::account::{Account, CredentialKind, FactorKind};
use model::event::{Event, Kind, Outcome};
use model::id::{AccountId, AppId, EventId, FactorId, Millis, ObjectId, SessionId};
use model::secret::Secret;
use std::collections::{BTreeSet, HashMap, HashSet};

/// What the replay needs of an event.
#[derive(Clone, Debug)]
pub(crate) struct Act {
    pub(crate) id: EventId,
    pub(crate) time: Millis,
    pub(crate) account: AccountId,
    pub(crate) kind: Kind,
    pub(crate) failed: bool,
    pub(crate) session: Option<SessionId>,
    pub(crate) device: Option<String>,
    pub(crate) app: Option<AppId>,
    pub(crate) object: Option<ObjectId>,
    pub(crate) change: Option<String>,
}

impl Act {
    pub(crate) fn of(event: &Event) -> Self {
        Self {
            id: event.id.clone(),
            time: event.time,
            account: event.account.clone(),
            kind: event.kind.clone(),
            failed: event.outcome == Some(Outcome::Failure),
            session: event.session.clone(),
            device: event.device.clone(),
            app: event.app.clone(),
            object: event.object.clone(),
            change: event.change.clone(),
        }
    }

    /// Whether a third party's application acted, by a grant and not by a session.
    fn by_grant(&self) -> Option<&AppId> {
        self.app.as_ref().filter(|app| {
            let name = app.as_str();
            name != "web" && name != "staff-console" && !name.starts_with("app-")
        })
    }
}

/// Plays the events, in their order, over the records.
pub(crate) fn replay(records: Vec<Account>, acts: impl Iterator<Item = Act>, truth: &[Truth]) -> State {
    let intruders: HashSet<&EventId> = truth.iter().flat_map(|t| &t.events).collect();
    let mut slots: Vec<Slot> = records.into_iter().map(begin).collect();
    let places: HashMap<AccountId, usize> =
        slots.iter().enumerate().map(|(i, s)| (s.record.account.clone(), i)).collect();
    let mut ended: HashMap<usize, BTreeSet<SessionId>> = HashMap::new();
    for act in acts {
        let Some(&place) = places.get(&act.account) else { continue };
        let foreign = intruders.contains(&act.id);
        play(&mut slots[place], ended.entry(place).or_default(), act, foreign);
    }
    for slot in &mut slots {
        if slot.has_password() {
            let current = password::of(&slot.record.account, slot.set_by_intruder, slot.version);
            slot.stored = Some(password::stored(&slot.record.account, &current));
        }
    }
    State::new(slots.into_iter())
}

fn begin(record: Account) -> Slot {
    let mut slot = Slot::new(record);
    let kinds = slot.record.credentials.clone().unwrap_or_default();
    if kinds.contains(&CredentialKind::AppPassword) {
        slot.grants.insert(AppId::from("app_password"));
    }
    slot
}

fn play(slot: &mut Slot, ended: &mut BTreeSet<SessionId>, act: Act, foreign: bool) {
    if act.failed {
        return;
    }
    if !foreign && let Some(device) = &act.device {
        slot.devices.entry(device.clone()).or_insert(act.time);
    }
    match (act.by_grant(), &act.session) {
        (Some(app), _) => drop(slot.grants.insert(app.clone())),
        (None, Some(session)) if !ended.contains(session) => {
            if act.kind == Kind::Login && act.device.is_some() {
                // a new sign-in on a machine takes the place of the session it had
                slot.sessions.retain(|s, device| {
                    let stays = *device != act.device;
                    if !stays {
                        ended.insert(s.clone());
                    }
                    stays
                });
            }
            slot.sessions.insert(session.clone(), act.device.clone());
        }
        (None, _) => {}
    }
    match act.kind {
        Kind::Logout => {
            if let Some(session) = act.session {
                slot.sessions.remove(&session);
                ended.insert(session);
            }
        }
        Kind::PasswordChange => {
            end_others(slot, ended, act.session.as_ref());
            slot.reset_links = 0;
            slot.version += 1;
            slot.set_by_intruder = foreign;
            if !foreign {
                slot.owner_version = slot.version;
            }
        }
        Kind::Action if act.object.as_ref().is_some_and(|o| o.as_str() == "end_sessions") => {
            end_others(slot, ended, act.session.as_ref());
        }
        Kind::RecoveryRequest => slot.reset_links += 1,
        Kind::AppAuthorize => {
            if let Some(app) = act.object {
                slot.grants.insert(AppId::from(app.as_str()));
            }
        }
        Kind::AppRevoke => {
            if let Some(app) = act.object {
                slot.grants.remove(&AppId::from(app.as_str()));
            }
        }
        Kind::Post => {
            if let Some(object) = act.object {
                slot.objects.insert(object, Shown::Visible);
            }
        }
        Kind::DeletePost => {
            if let Some(shown) = act.object.and_then(|o| slot.objects.get_mut(&o)) {
                *shown = Shown::Deleted;
            }
        }
        Kind::MfaChange => {
            let kind = match act.change.as_deref() {
                Some("totp_added") => Some(FactorKind::Totp),
                Some("passkey_added") => Some(FactorKind::Passkey),
                Some("key_added") => Some(FactorKind::Key),
                // Another change, or one that an event does not tell: no factor of a known kind came.
                Some(_) | None => None,
            };
            if let Some(kind) = kind {
                let id = FactorId::new(format!("factor-{}", act.id));
                let stored = Secret::new(format!("{id} of {}", slot.record.account));
                slot.factors.insert(id, KeptFactor { kind, added_by: Some(act.id), stored });
            }
        }
        Kind::Follow => {
            if let Some(whom) = act.object {
                *slot.follows.entry(AccountId::from(whom.as_str())).or_default() |= !foreign;
            }
        }
        Kind::Unfollow => {
            if let Some(whom) = act.object {
                slot.follows.remove(&AccountId::from(whom.as_str()));
            }
        }
        Kind::Like => {
            if let Some(object) = act.object {
                *slot.likes.entry(object).or_default() |= !foreign;
            }
        }
        Kind::Login
        | Kind::Message
        | Kind::ProfileChange
        | Kind::EmailChange
        | Kind::PhoneChange
        | Kind::Report
        | Kind::Dispute
        | Kind::Action
        | Kind::Rightful
        | Kind::Unknown(_) => {}
    }
}

fn end_others(slot: &mut Slot, ended: &mut BTreeSet<SessionId>, but: Option<&SessionId>) {
    slot.sessions.retain(|s, _| {
        let stays = Some(s) == but;
        if !stays {
            ended.insert(s.clone());
        }
        stays
    });
}
