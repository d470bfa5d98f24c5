//! What the service holds of each account, and the closed list of writes that change it.

use model::account::{
    Account, AccountState, Contact, ContactKind, CredentialKind, CredentialVersion, Factor, FactorKind,
};
use model::id::{AccountId, AppId, Digest, EventId, FactorId, Millis, ObjectId, SessionId};
use model::probe::ProbeKind;
use model::secret::Secret;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What others see of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Visible,
    Hidden,
    Deleted,
}

/// A factor as the service keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeptFactor {
    pub(crate) kind: FactorKind,
    pub(crate) added_by: Option<EventId>,
    /// What it is checked with.
    pub(crate) stored: Secret,
}

impl KeptFactor {
    /// A passkey of an account, by its name.
    pub(crate) fn passkey(account: &AccountId, id: &FactorId, added_by: Option<EventId>) -> Self {
        Self { kind: FactorKind::Passkey, added_by, stored: Secret::new(format!("{id} of {account}")) }
    }
}

/// Who took an account off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OffBy {
    /// A hold, through the ports.
    Hold,
    /// A moderator.
    Moderator,
}

/// One account.
pub(crate) struct Slot {
    pub(crate) record: Account,
    /// The stored credential; `None` where there is no password.
    pub(crate) stored: Option<Secret>,
    /// How often the password was changed in the events, who changed it last, and the owner's own last.
    pub(crate) version: u64,
    pub(crate) set_by_intruder: bool,
    pub(crate) owner_version: u64,
    /// Alive, with the device where it is known.
    pub(crate) sessions: BTreeMap<SessionId, Option<String>>,
    pub(crate) grants: BTreeSet<AppId>,
    pub(crate) reset_links: u32,
    pub(crate) objects: BTreeMap<ObjectId, Shown>,
    /// Accounts it follows and posts it likes, each with whether its owner wanted that.
    pub(crate) follows: BTreeMap<AccountId, bool>,
    pub(crate) likes: BTreeMap<ObjectId, bool>,
    /// The owner's devices with the first moment they were seen.
    pub(crate) devices: BTreeMap<String, Millis>,
    /// Second factors and passkeys, with what the service stores of each.
    pub(crate) factors: BTreeMap<FactorId, KeptFactor>,
    /// Who took it off, where it is.
    pub(crate) off: Option<OffBy>,
    /// Sessions that were ended and whose access tokens still live: whoever holds one gets in again while it is on.
    pub(crate) tokens: BTreeSet<SessionId>,
}

impl Slot {
    pub(crate) fn new(record: Account) -> Self {
        Self {
            record,
            stored: None,
            version: 0,
            set_by_intruder: false,
            owner_version: 0,
            sessions: BTreeMap::new(),
            grants: BTreeSet::new(),
            reset_links: 0,
            objects: BTreeMap::new(),
            follows: BTreeMap::new(),
            likes: BTreeMap::new(),
            devices: BTreeMap::new(),
            factors: BTreeMap::new(),
            off: None,
            tokens: BTreeSet::new(),
        }
    }

    pub(crate) fn has_password(&self) -> bool {
        self.record.credentials.as_ref().is_some_and(|c| c.contains(&CredentialKind::Password))
    }

    /// The fingerprint of the credential in place.
    pub(crate) fn credential(&self) -> Option<CredentialVersion> {
        self.stored.as_ref().map(fingerprint)
    }

    /// The account as the ports tell of it.
    pub(crate) fn told(&self) -> AccountState {
        let hidden = self.objects.iter().filter(|(_, s)| **s == Shown::Hidden);
        AccountState {
            record: self.record.clone(),
            credential: self.credential(),
            sessions: self.sessions.keys().cloned().collect(),
            grants: self.grants.iter().cloned().collect(),
            hidden: hidden.map(|(o, _)| o.clone()).collect(),
            factors: self
                .factors
                .iter()
                .map(|(id, f)| Factor { id: id.clone(), kind: f.kind, added_by: f.added_by.clone() })
                .collect(),
            is_off: self.off.is_some(),
        }
    }
}

/// The record of a probe account: the service's own, and nobody's.
fn of_probe(account: &AccountId) -> Account {
    Account {
        active: Some(true),
        credentials: Some(vec![CredentialKind::Password]),
        protected: Some(false),
        at_risk: Some(false),
        service: Some(false),
        sentinel: Some(false),
        probe: Some(true),
        ..Account::unknown(account.clone())
    }
}

/// The fingerprint of a stored credential.
pub(crate) fn fingerprint(stored: &Secret) -> CredentialVersion {
    CredentialVersion(Digest::of(format!("rightful credential\0{}", stored.reveal()).as_bytes()))
}

/// A write; a line of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "write", rename_all = "snake_case")]
pub(crate) enum Write {
    /// A stored credential comes into place; outstanding reset links die.
    Credential {
        account: AccountId,
        stored: Secret,
    },
    EndSessions {
        account: AccountId,
    },
    EndOthers {
        account: AccountId,
        but: SessionId,
    },
    /// `None`: all grants, application passwords and reset links.
    Revoke {
        account: AccountId,
        apps: Option<Vec<AppId>>,
    },
    Hide {
        account: AccountId,
        objects: Vec<ObjectId>,
    },
    Show {
        account: AccountId,
        objects: Vec<ObjectId>,
    },
    Unfollow {
        account: AccountId,
        accounts: Vec<AccountId>,
    },
    Unlike {
        account: AccountId,
        objects: Vec<ObjectId>,
    },
    SignIn {
        account: AccountId,
        session: SessionId,
    },
    Post {
        account: AccountId,
        object: ObjectId,
        text: String,
    },
    ResetLink {
        account: AccountId,
    },
    Contact {
        account: AccountId,
        kind: ContactKind,
        value: Secret,
        since: Millis,
    },
    /// The contact comes to the front of its kind; one that is not in the list yet is added there.
    PutBackContact {
        account: AccountId,
        kind: ContactKind,
        value: Secret,
    },
    AddFactor {
        account: AccountId,
        id: FactorId,
        factor: KeptFactor,
    },
    RemoveFactor {
        account: AccountId,
        id: FactorId,
    },
    /// `None`: on again.
    Off {
        account: AccountId,
        by: Option<OffBy>,
    },
    /// Every access token that outlived its session is dead.
    TokensDie {
        account: AccountId,
    },
    /// A probe account is made, or given a password, a session, a grant and a passkey anew; it is on.
    Probe {
        account: AccountId,
        stored: Secret,
        session: SessionId,
        app: AppId,
        passkey: FactorId,
    },
}

impl Write {
    /// Whose account it changes.
    pub(crate) fn account(&self) -> &AccountId {
        match self {
            Self::Credential { account, .. }
            | Self::EndSessions { account }
            | Self::EndOthers { account, .. }
            | Self::Revoke { account, .. }
            | Self::Hide { account, .. }
            | Self::Show { account, .. }
            | Self::Unfollow { account, .. }
            | Self::Unlike { account, .. }
            | Self::SignIn { account, .. }
            | Self::Post { account, .. }
            | Self::ResetLink { account }
            | Self::Contact { account, .. }
            | Self::PutBackContact { account, .. }
            | Self::AddFactor { account, .. }
            | Self::RemoveFactor { account, .. }
            | Self::Off { account, .. }
            | Self::TokensDie { account }
            | Self::Probe { account, .. } => account,
        }
    }

    /// The kind of credential that it ends, where it is there for that.
    pub(crate) fn ends(&self) -> Option<ProbeKind> {
        match self {
            Self::Credential { .. } => Some(ProbeKind::Password),
            Self::EndSessions { .. } => Some(ProbeKind::Session),
            Self::Revoke { .. } => Some(ProbeKind::Grant),
            Self::RemoveFactor { .. } => Some(ProbeKind::Passkey),
            Self::EndOthers { .. }
            | Self::Hide { .. }
            | Self::Show { .. }
            | Self::Unfollow { .. }
            | Self::Unlike { .. }
            | Self::SignIn { .. }
            | Self::Post { .. }
            | Self::ResetLink { .. }
            | Self::Contact { .. }
            | Self::PutBackContact { .. }
            | Self::AddFactor { .. }
            | Self::Off { .. }
            | Self::TokensDie { .. }
            | Self::Probe { .. } => None,
        }
    }
}

/// Everything the service holds.
#[derive(Default)]
pub(crate) struct State {
    slots: BTreeMap<AccountId, Slot>,
    sessions: HashMap<SessionId, AccountId>,
    objects: HashMap<ObjectId, AccountId>,
    made: u64,
    /// Whose account each write was about, in their order.
    written: Vec<AccountId>,
}

impl State {
    pub(crate) fn new(slots: impl Iterator<Item = Slot>) -> Self {
        let mut state = Self::default();
        for slot in slots {
            let account = slot.record.account.clone();
            state.sessions.extend(slot.sessions.keys().map(|s| (s.clone(), account.clone())));
            state.objects.extend(slot.objects.keys().map(|o| (o.clone(), account.clone())));
            state.slots.insert(account, slot);
        }
        state
    }

    pub(crate) fn slot(&self, account: &AccountId) -> Option<&Slot> {
        self.slots.get(account)
    }

    pub(crate) fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.slots.values()
    }

    /// Whose account each write was about, in their order.
    pub(crate) fn written(&self) -> &[AccountId] {
        &self.written
    }

    /// Whose session it is, where it is alive.
    pub(crate) fn account_of(&self, session: &SessionId) -> Option<&AccountId> {
        self.sessions.get(session)
    }

    /// Whose object it is.
    pub(crate) fn author(&self, object: &ObjectId) -> Option<&AccountId> {
        self.objects.get(object)
    }

    pub(crate) fn shown(&self, object: &ObjectId) -> Option<Shown> {
        self.slots.get(self.objects.get(object)?)?.objects.get(object).copied()
    }

    /// A name nobody has yet, like those of the events.
    pub(crate) fn fresh(&self, letter: char) -> String {
        let digest = Digest::of(format!("rightful rehearsal {letter} {}", self.made).as_bytes());
        format!("{letter}{}", &digest.hex()[..16])
    }

    /// Makes a write so; how many things it changed.
    pub(crate) fn apply(&mut self, write: &Write) -> u64 {
        self.written.push(write.account().clone());
        match write {
            Write::Credential { account, stored } => self.with(account, |slot, _| {
                slot.stored = Some(stored.clone());
                slot.reset_links = 0;
                1
            }),
            Write::EndSessions { account } => self.with(account, |slot, sessions| {
                let ended = std::mem::take(&mut slot.sessions);
                ended.keys().for_each(|s| drop(sessions.remove(s)));
                let count = ended.len() as u64;
                slot.tokens.extend(ended.into_keys());
                count
            }),
            Write::PutBackContact { account, kind, value } => self.with(account, |slot, _| {
                let contacts = slot.record.contacts.get_or_insert_default();
                let at = contacts.iter().position(|c| c.kind == *kind && c.value == *value);
                let back = at.map_or_else(
                    || Contact { kind: *kind, value: value.clone(), verified_at: None, since: None },
                    |at| contacts.remove(at),
                );
                contacts.insert(0, back);
                1
            }),
            Write::AddFactor { account, id, factor } => self.with(account, |slot, _| {
                u64::from(slot.factors.insert(id.clone(), factor.clone()).is_none())
            }),
            Write::RemoveFactor { account, id } => {
                self.with(account, |slot, _| u64::from(slot.factors.remove(id).is_some()))
            }
            Write::Off { account, by } => self.with(account, |slot, _| {
                let changed = slot.off.is_some() != by.is_some();
                slot.off = *by;
                u64::from(changed)
            }),
            Write::TokensDie { account } => self.with(account, |slot, _| {
                slot.tokens.clear();
                0
            }),
            Write::Probe { account, stored, session, app, passkey } => {
                self.made += 1;
                let slot = self.slots.entry(account.clone()).or_insert_with(|| Slot::new(of_probe(account)));
                slot.stored = Some(stored.clone());
                slot.sessions.insert(session.clone(), None);
                slot.grants.insert(app.clone());
                slot.factors.insert(passkey.clone(), KeptFactor::passkey(account, passkey, None));
                slot.off = None;
                self.sessions.insert(session.clone(), account.clone());
                1
            }
            Write::EndOthers { account, but } => self.with(account, |slot, sessions| {
                let before = slot.sessions.len();
                slot.sessions.retain(|s, _| {
                    let stays = s == but;
                    if !stays {
                        sessions.remove(s);
                    }
                    stays
                });
                (before - slot.sessions.len()) as u64
            }),
            Write::Revoke { account, apps } => self.with(account, |slot, _| {
                let before = slot.grants.len();
                match apps {
                    None => {
                        slot.grants.clear();
                        slot.reset_links = 0;
                    }
                    Some(apps) => slot.grants.retain(|g| !apps.contains(g)),
                }
                (before - slot.grants.len()) as u64
            }),
            Write::Hide { account, objects } => self.turn(account, objects, Shown::Visible, Shown::Hidden),
            Write::Show { account, objects } => self.turn(account, objects, Shown::Hidden, Shown::Visible),
            Write::Unfollow { account, accounts } => self.with(account, |slot, _| {
                accounts.iter().filter(|a| slot.follows.remove(*a).is_some()).count() as u64
            }),
            Write::Unlike { account, objects } => self.with(account, |slot, _| {
                objects.iter().filter(|o| slot.likes.remove(*o).is_some()).count() as u64
            }),
            Write::SignIn { account, session } => {
                self.made += 1;
                self.with(account, |slot, sessions| {
                    slot.sessions.insert(session.clone(), None);
                    sessions.insert(session.clone(), account.clone());
                    1
                })
            }
            Write::Post { account, object, text: _ } => {
                self.made += 1;
                self.objects.insert(object.clone(), account.clone());
                self.with(account, |slot, _| {
                    slot.objects.insert(object.clone(), Shown::Visible);
                    1
                })
            }
            Write::ResetLink { account } => self.with(account, |slot, _| {
                slot.reset_links += 1;
                1
            }),
            Write::Contact { account, kind, value, since } => self.with(account, |slot, _| {
                let new =
                    Contact { kind: *kind, value: value.clone(), verified_at: None, since: Some(*since) };
                slot.record.contacts.get_or_insert_default().insert(0, new);
                1
            }),
        }
    }

    fn with(
        &mut self,
        account: &AccountId,
        change: impl FnOnce(&mut Slot, &mut HashMap<SessionId, AccountId>) -> u64,
    ) -> u64 {
        self.slots.get_mut(account).map_or(0, |slot| change(slot, &mut self.sessions))
    }

    fn turn(&mut self, account: &AccountId, objects: &[ObjectId], from: Shown, to: Shown) -> u64 {
        self.with(account, |slot, _| {
            let mut turned = 0;
            for object in objects {
                if let Some(shown) = slot.objects.get_mut(object).filter(|s| **s == from) {
                    *shown = to;
                    turned += 1;
                }
            }
            turned
        })
    }
}
