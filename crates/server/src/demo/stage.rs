//! The stage: a seeded service, a mail server that catches, a ledger in a temporary folder, people with keys.

use super::outside::{HandClock, SeededChance};
use crate::context::{Context, Named, SHIPPED_POLICY, Service};
use crate::error::{Error, Result};
use connect::catcher::{Answer, Catcher};
use connect::smtp::{Smtp, SmtpSettings, Tls};
use ed25519_dalek::SigningKey;
use model::id::{AccountId, Digest, OperatorName};
use model::operator::Operator;
use model::policy::Policy;
use rehearse::service::Service as Rehearsed;
use rehearse::simulate::{Attack, Format, Population, Settings, population, write};
use respond::port::{Chance, Clock};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use store::{Store, Url};

/// The demonstration's own name for the service, and a domain that exists nowhere.
const SERVICE: &str = "Meadow";
const DOMAIN: &str = "meadow.example";

/// What befalls the service. `rightful simulate` has quieter attacks too, which a first look misses more of.
const ATTACKS: [Attack; 2] = [Attack::StuffingSpam, Attack::OauthApp];

/// People of the demonstration, by what they do.
pub(crate) const AUTHOR: &str = "author";
pub(crate) const APPROVERS: [&str; 2] = ["first-approver", "second-approver"];

/// Everything the demonstration plays with.
pub(crate) struct Stage {
    pub(crate) ctx: Arc<Context>,
    pub(crate) service: Arc<Rehearsed>,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) catcher: Arc<Catcher>,
    pub(crate) population: Population,
    pub(crate) events: PathBuf,
    pub(crate) keys: BTreeMap<OperatorName, SigningKey>,
    /// The temporary folder; all of it goes with the stage.
    pub(crate) folder: tempfile::TempDir,
}

impl Stage {
    /// Sets everything up.
    pub(crate) fn set(seed: u64, accounts: u32) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("rightful-demo-").tempdir().map_err(Error::failed)?;
        let settings = Settings {
            seed,
            accounts,
            attacked_share: 0.04,
            attacks: ATTACKS.to_vec(),
            ..Settings::default()
        };
        let population = population(&settings);
        let simulated = folder.path().join("service");
        write(&population, &simulated, Format::Jsonl).map_err(Error::failed)?;
        let service = Arc::new(Rehearsed::from_population(&population));
        let catcher = Arc::new(Catcher::start(|_| Answer::Take).map_err(Error::failed)?);
        let mailer = Smtp::new(SmtpSettings {
            host: "127.0.0.1".to_owned(),
            port: catcher.port(),
            tls: Tls::None,
            from: format!("{SERVICE} <security@{DOMAIN}>"),
            envelope_sender: None,
            username: None,
            password: None,
            ca_file: None,
            allow_plaintext: false,
            timeout_s: 30,
        })
        .map_err(Error::failed)?;
        let clock = Arc::new(HandClock::at(settings.end_ms));
        let chance = Arc::new(SeededChance::new(seed));
        let nonces = Arc::clone(&chance);
        let data = folder.path().join("rightful-data");
        std::fs::create_dir_all(&data).map_err(crate::error::at(&data))?;
        let store = Store::open(&Url::Sqlite(data.join("ledger.sqlite3")), Arc::new(move || nonces.bytes()))?;
        let ctx = Context {
            store,
            policy: Policy::parse(SHIPPED_POLICY)?,
            service: Service {
                named: Named { name: SERVICE.to_owned(), domain: DOMAIN.to_owned() },
                directory: service.clone(),
                content: service.clone(),
            },
            mailer: Arc::new(mailer),
            clock: clock.clone(),
            chance: chance.clone(),
            data,
            contacts: BTreeMap::new(),
        };
        let mut stage = Self {
            ctx: Arc::new(ctx),
            service,
            clock,
            catcher,
            population,
            events: simulated.join("events.jsonl"),
            keys: BTreeMap::new(),
            folder,
        };
        stage.add_operators(&*chance)?;
        Ok(stage)
    }

    fn add_operators(&mut self, chance: &dyn Chance) -> Result<()> {
        let now = self.clock.now();
        for name in [AUTHOR, "first-reviewer", "second-reviewer"].into_iter().chain(APPROVERS) {
            let key = SigningKey::from_bytes(&chance.bytes());
            let public_key = Digest(key.verifying_key().to_bytes());
            let operator = Operator { name: name.into(), public_key, added_at: now };
            self.ctx.store.write(now, |tx| tx.add_operator(&operator, "demo"))?;
            self.keys.insert(name.into(), key);
        }
        Ok(())
    }

    /// Whether somebody else really was on an account.
    pub(crate) fn is_victim(&self, account: &AccountId) -> bool {
        self.service.truth().contains_key(account)
    }

    /// Accounts of some look-alikes, in their order.
    pub(crate) fn trapped(&self, names: &[&str]) -> std::collections::BTreeSet<AccountId> {
        names.iter().filter_map(|n| self.population.traps.get(*n)).flatten().cloned().collect()
    }
}
