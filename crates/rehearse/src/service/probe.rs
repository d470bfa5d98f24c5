//! Probe accounts of the seeded service: made with all that somebody can hold of an account, and really tried at its own
//! front door. What a credential is refused for is told apart: its own end, or the account's being off for a while.

use super::faults::Fate;
use super::state::Write;
use super::{Service, SignInError, password};
use model::id::{AccountId, AppId, FactorId, SessionId};
use model::probe::ProbeKind;
use model::secret::Secret;
use respond::permit::TrialPermit;
use respond::port::{Prober, Trial};

/// The application of which a probe holds the grant.
const APP: &str = "probe-app";
/// What is said where only the hold keeps a credential from opening the account.
const OFF: &str = "its account is off, which hides whether the credential itself is dead";

impl Prober for Service {
    fn try_credential(&self, permit: &TrialPermit, kind: ProbeKind, held: &Secret) -> Trial {
        self.trial(permit.account(), kind, held)
    }
}

impl Service {
    /// Makes a probe account, or gives one that is there new credentials of every kind; nothing where that can't be kept.
    #[must_use]
    pub fn make_probe(&self, account: &AccountId) -> Option<Vec<(ProbeKind, Secret)>> {
        let mut inner = self.lock();
        let (session, word) = (SessionId::new(inner.state.fresh('s')), Secret::new(inner.state.fresh('w')));
        let passkey = FactorId::new(inner.state.fresh('f'));
        let write = Write::Probe {
            account: account.clone(),
            stored: password::stored(account, &word),
            session: session.clone(),
            app: AppId::new(APP),
            passkey: passkey.clone(),
        };
        inner.keep(&write).ok()?;
        Some(vec![
            (ProbeKind::Password, word),
            (ProbeKind::Session, Secret::new(session.as_str())),
            (ProbeKind::Grant, Secret::new(APP)),
            (ProbeKind::Passkey, Secret::new(passkey.as_str())),
        ])
    }

    /// From now on the service says *done* of the act that ends a kind of credential, and does nothing.
    pub fn lie_about(&self, kind: ProbeKind) {
        self.lock().lies.insert(kind);
    }

    /// Tries a credential of an account.
    pub(super) fn trial(&self, account: &AccountId, kind: ProbeKind, held: &Secret) -> Trial {
        {
            let mut inner = self.lock();
            if let Err(why) = inner.usable() {
                return Trial::CantTell(why.to_string());
            }
            match inner.faults.next(&format!("try {} of {account}", kind.as_str())) {
                Fate::Through => {}
                Fate::LostAfter | Fate::LostBefore | Fate::Busy | Fate::Late | Fate::Throttled => {
                    return Trial::CantTell("the rehearsed service was told not to answer".to_owned());
                }
            }
        }
        match kind {
            ProbeKind::Password => of_sign_in(&self.sign_in(account, held)),
            ProbeKind::Passkey => {
                of_sign_in(&self.sign_in_by_passkey(account, &FactorId::new(held.reveal())))
            }
            ProbeKind::Session => self.try_session(account, &SessionId::new(held.reveal())),
            ProbeKind::Grant => {
                let app = AppId::new(held.reveal());
                if self.use_grant(account, &app) {
                    Trial::Accepted
                } else if self.of(account, |s| s.grants.contains(&app)) == Some(true) {
                    Trial::CantTell(OFF.to_owned())
                } else {
                    Trial::Refused
                }
            }
        }
    }

    /// Goes on with a session, or climbs back with the access token that was made in it.
    fn try_session(&self, account: &AccountId, session: &SessionId) -> Trial {
        let is_alive = || self.of(account, |s| s.sessions.contains_key(session)) == Some(true);
        if is_alive() && self.use_session(session) || self.climb_back(account, session).is_some() {
            return Trial::Accepted;
        }
        let tokens_live = self.lock().tokens_live_ms.is_some();
        let lives_on = tokens_live && self.of(account, |s| s.tokens.contains(session)) == Some(true);
        if is_alive() || lives_on { Trial::CantTell(OFF.to_owned()) } else { Trial::Refused }
    }
}

/// What an attempt to sign in says of the credential it was made with.
fn of_sign_in(tried: &Result<SessionId, SignInError>) -> Trial {
    match tried {
        Ok(_) => Trial::Accepted,
        Err(
            SignInError::NoAccount
            | SignInError::NoPassword
            | SignInError::WrongPassword
            | SignInError::NoPasskey,
        ) => Trial::Refused,
        Err(SignInError::Off) => Trial::CantTell(OFF.to_owned()),
        Err(SignInError::NotKept) => Trial::CantTell(SignInError::NotKept.to_string()),
    }
}
