//! The port's traits, thin: each method takes the account out of its permit and hands it on.

use super::Django;
use model::account::{AccountState, ContactKind, CredentialVersion};
use model::id::{AccountId, Digest, FactorId, ObjectId};
use model::plan::{ActKind, Grants};
use model::probe::ProbeKind;
use model::secret::Secret;
use respond::permit::{OwnerPermit, Permit, TrialPermit};
use respond::port::{
    Asked, Capabilities, Content, Directory, Effect, Guard, PortError, Prober, Repeat, Replaced,
    StoredCredential, StoredFactors, TakenOff, Trial, Turned,
};
use std::collections::BTreeMap;

impl Directory for Django {
    fn capabilities(&self) -> Capabilities {
        let mut acts = vec![ActKind::RequireNewCredential, ActKind::RevokeGrants, ActKind::Waive];
        if self.schema.session.is_some() {
            acts.push(ActKind::EndSessions);
            if self.schema.user.last_login {
                acts.push(ActKind::RestoreCredential);
            }
        }
        if self.schema.user.email && !self.schema.allauth_mail {
            acts.push(ActKind::PutBackContact);
        }
        if self.schema.user.active {
            acts.extend([ActKind::Hold, ActKind::Release]);
        }
        if !self.schema.content.is_empty() {
            acts.extend([ActKind::HideObjects, ActKind::ShowObjects]);
        }
        Capabilities {
            name: format!("django:{}", self.settings.site),
            guard: Guard::Atomic,
            repeat: Repeat::Comparable,
            acts,
            survives: self.survives(),
            // Sessions, tokens and grants are rows here, or an HMAC of the hash: nothing outlives its end.
            outlives: BTreeMap::new(),
            opens: self.opens(),
            // It works on the site's tables, and signs in nowhere.
            probes: Vec::new(),
        }
    }

    fn forbidden(&self) -> Result<BTreeMap<ActKind, String>, PortError> {
        Ok(self.refused_acts()?)
    }

    fn snapshot(&self, accounts: Option<&[AccountId]>) -> Result<Vec<AccountState>, PortError> {
        Ok(self.states(accounts)?)
    }

    fn stored_credentials(
        &self,
        permits: &[Permit],
    ) -> Result<BTreeMap<AccountId, StoredCredential>, PortError> {
        let accounts: Vec<AccountId> = permits.iter().map(|p| p.account().clone()).collect();
        Ok(self.stored_of(&accounts)?)
    }

    fn require_new_credential(
        &self,
        permit: &Permit,
        guard: &CredentialVersion,
        secret: &Secret,
    ) -> Result<Replaced, PortError> {
        Ok(self.replace(permit.account(), guard, secret)?)
    }

    fn end_sessions(&self, permit: &Permit) -> Result<Effect, PortError> {
        let ended = self.end_all(std::slice::from_ref(permit.account()))?;
        Ok(match ended.get(permit.account()) {
            Some(count) => Effect::Done { count: *count },
            None => Effect::PremiseGone { found: "the account is gone".into() },
        })
    }

    fn revoke_grants(&self, permit: &Permit, grants: &Grants) -> Result<Effect, PortError> {
        Ok(self.revoke(permit.account(), grants)?)
    }

    fn put_back_contact(
        &self,
        permit: &Permit,
        kind: ContactKind,
        in_place: &Digest,
        before: &Secret,
    ) -> Result<Effect, PortError> {
        Ok(self.exchange_mail(permit.account(), kind, in_place, before)?)
    }

    fn stored_factors(&self, _: &[(Permit, FactorId)]) -> Result<StoredFactors, PortError> {
        // The snapshot names no factor, so that no plan removes one.
        Ok(StoredFactors::new())
    }

    fn remove_factor(&self, _: &Permit, factor: &FactorId) -> Result<Effect, PortError> {
        Err(self.db.refused(format!("{factor}: second factors are not touched here")).into())
    }

    fn add_factor(&self, _: &Permit, factor: &FactorId, _: &Secret) -> Result<Effect, PortError> {
        Err(self.db.refused(format!("{factor}: second factors are not touched here")).into())
    }

    fn hold(&self, permit: &Permit) -> Result<TakenOff, PortError> {
        Ok(self.take_off(permit.account())?)
    }

    fn release(&self, permit: &Permit) -> Result<Effect, PortError> {
        Ok(self.take_on(permit.account())?)
    }

    fn restore_credential(
        &self,
        permit: &Permit,
        ours: &CredentialVersion,
        old: &Secret,
    ) -> Result<Effect, PortError> {
        Ok(self.put_back(permit.account(), ours, old)?)
    }

    fn asked(
        &self,
        permit: &Permit,
        secret: &Secret,
    ) -> Result<(Asked, Option<CredentialVersion>), PortError> {
        Ok(self.is_in_place(permit.account(), secret)?)
    }

    fn choose_credential(
        &self,
        permit: &OwnerPermit,
        guard: &CredentialVersion,
        chosen: &Secret,
    ) -> Result<Effect, PortError> {
        let mut salt = [0; 32];
        getrandom::fill(&mut salt)
            .map_err(|e| PortError::Busy(format!("this machine gives no random bytes: {e}")))?;
        Ok(self.choose(permit.account(), guard, chosen, salt)?)
    }
}

impl Prober for Django {
    fn try_credential(&self, _permit: &TrialPermit, _kind: ProbeKind, _held: &Secret) -> Trial {
        Trial::CantTell("this connector works on the site's tables, and signs in nowhere".to_owned())
    }
}

impl Content for Django {
    fn hide(&self, permit: &Permit, objects: &[ObjectId]) -> Result<Turned, PortError> {
        Ok(self.set_hidden(permit.account(), objects, true)?)
    }

    fn show(&self, permit: &Permit, objects: &[ObjectId]) -> Result<Turned, PortError> {
        Ok(self.set_hidden(permit.account(), objects, false)?)
    }

    fn unfollow(&self, _: &Permit, _: &[AccountId]) -> Result<Effect, PortError> {
        // The capabilities name neither, so that no plan holds one.
        Err(self.db.refused("Django itself knows no follows: nothing was taken back".to_owned()).into())
    }

    fn unlike(&self, _: &Permit, _: &[ObjectId]) -> Result<Effect, PortError> {
        Err(self.db.refused("Django itself knows no likes: nothing was taken back".to_owned()).into())
    }

    fn keep(&self, permit: &OwnerPermit, objects: &[ObjectId]) -> Result<Effect, PortError> {
        Ok(self.set_hidden(permit.account(), objects, false)?.into())
    }
}

impl Django {
    /// Sessions open accounts wherever they are kept; grants where the site has tables for them.
    fn opens(&self) -> Vec<ProbeKind> {
        let has_grants = !self.schema.tokens.is_empty() || !self.schema.oauth.is_empty();
        let grant = has_grants.then_some(ProbeKind::Grant);
        [ProbeKind::Password, ProbeKind::Session].into_iter().chain(grant).collect()
    }

    /// What a reset alone leaves alive on this very site, by its tables.
    fn survives(&self) -> BTreeMap<String, String> {
        let mut survives = BTreeMap::new();
        let mut say = |kind: &str, what: &str| survives.insert(kind.to_owned(), what.to_owned());
        say(
            "sessions",
            if self.schema.session.is_some() {
                "refused at their next use, but revived by the old hash: dead for good by end_sessions"
            } else {
                "kept outside the database: refused at their next use, but nothing here can end them, so the old password \
                 is never put back"
            },
        );
        say(
            "reset_links",
            if self.schema.user.last_login {
                "dead by the reset, revived by the old hash: dead for good by revoke_grants (all) and by the undo itself"
            } else {
                "dead by the reset; would be revived by the old hash, so it is never put back"
            },
        );
        for tokens in &self.schema.tokens {
            say(tokens.app.as_str(), "lives on after a reset: dies by revoke_grants");
        }
        if !self.schema.oauth.is_empty() {
            say("oauth", "access and refresh tokens and codes live on after a reset: die by revoke_grants");
        }
        if !self.schema.social.is_empty() {
            say(
                "sso",
                "a linked social sign-in lives on, and nothing here removes one that the intruder linked",
            );
        }
        if !self.schema.factors.is_empty() {
            say("second_factors", "a device that the intruder added lives on; nothing here removes it");
        }
        say(
            "site_api_keys",
            "what the site keeps in tables of its own lives on unless named in the setting `tokens`",
        );
        say(
            "open_forms",
            "a request that had read the user before the reset and saves the whole row after it writes the old hash back; \
             confirmed by a snapshot afterwards",
        );
        survives
    }
}
