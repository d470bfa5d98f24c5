//! The stage that demonstration and drill play on: a seeded service, a mail server that catches, a ledger in a
//! temporary folder, people with keys.

pub(crate) mod daily;
pub(crate) mod flood;
pub(crate) mod hasty;
mod outside;
pub(crate) mod people;
mod planned;
pub(crate) mod play;
mod post;
mod scene;
mod watch;

pub(crate) use planned::Planned;
use post::Post;
pub(crate) use scene::Scene;

use crate::context::{Context, Named, SHIPPED_POLICY, Service};
use crate::error::{Error, Result};
use crate::ops::footing::Pace;
use connect::catcher::Catcher;
use connect::smtp::{Smtp, SmtpSettings, Tls};
use ed25519_dalek::SigningKey;
use model::id::{AccountId, Digest, OperatorName};
use model::operator::Operator;
use model::policy::Policy;
use outside::{HandClock, SeededChance};
use rehearse::service::Service as Rehearsed;
use respond::port::{Chance, Clock, Directory};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use store::{Store, Url};

/// The stage's own name for the service, and a domain that exists nowhere.
const SERVICE: &str = "Meadow";
const DOMAIN: &str = "meadow.example";

/// People of the stage, by what they do.
pub(crate) const AUTHOR: &str = "author";
pub(crate) const APPROVERS: [&str; 2] = ["first-approver", "second-approver"];

/// Everything that is played with.
pub(crate) struct Stage {
    pub(crate) ctx: Arc<Context>,
    pub(crate) scene: Arc<Scene>,
    pub(crate) service: Arc<Rehearsed>,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) catcher: Arc<Catcher>,
    /// What the catcher says.
    pub(crate) post: Arc<Post>,
    pub(crate) keys: BTreeMap<OperatorName, SigningKey>,
    /// The temporary folder; all of it goes with the stage.
    pub(crate) folder: tempfile::TempDir,
}

/// What a stage is set with besides its scene.
pub(crate) struct Setting {
    /// Everything drawn by chance follows from it.
    pub(crate) seed: u64,
    /// The limits, as a policy file says them.
    pub(crate) policy: String,
    /// Whether the service and a configuration stand in the stage's folder, for processes of their own.
    pub(crate) on_disk: bool,
    /// Share of the recipients whose first mail is deferred.
    pub(crate) deferred: f64,
}

impl Setting {
    /// The shipped policy and a mail server that takes everything.
    pub(crate) fn shipped(seed: u64) -> Self {
        Self { seed, policy: SHIPPED_POLICY.to_owned(), on_disk: false, deferred: 0.0 }
    }
}

impl Stage {
    /// Sets everything up.
    pub(crate) fn set(scene: Arc<Scene>, setting: &Setting) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("rightful-stage-").tempdir().map_err(Error::failed)?;
        let service = Arc::new(if setting.on_disk {
            Rehearsed::open(&scene.copy_to(&folder.path().join("service"))?).map_err(Error::failed)?
        } else {
            Rehearsed::from_population(&scene.population)
        });
        let post = Arc::new(Post::new(setting.seed, setting.deferred));
        let moods = Arc::clone(&post);
        let catcher = Arc::new(Catcher::start(move |to| moods.answer(to)).map_err(Error::failed)?);
        let clock = Arc::new(HandClock::at(scene.end_ms));
        let chance = Arc::new(SeededChance::new(setting.seed));
        let nonces = Arc::clone(&chance);
        if setting.on_disk {
            outside::configure(folder.path(), &setting.policy, catcher.port())?;
        }
        let data = folder.path().join("rightful-data");
        std::fs::create_dir_all(&data).map_err(crate::error::at(&data))?;
        let store = Store::open(&ledger(&data), Arc::new(move || nonces.bytes()))?;
        let ctx = Context {
            store,
            policy: Policy::parse(&setting.policy)?,
            service: Service {
                named: Named { name: SERVICE.to_owned(), domain: DOMAIN.to_owned() },
                directory: service.clone(),
                content: service.clone(),
                prober: service.clone(),
                rate: respond::port::Rate::default(),
            },
            mailer: Arc::new(mailer(&catcher)?),
            clock: clock.clone(),
            chance: chance.clone(),
            data,
            contacts: BTreeMap::new(),
            pace: Pace::default(),
        };
        let keys = BTreeMap::new();
        let mut stage = Self { ctx: Arc::new(ctx), scene, service, clock, catcher, post, keys, folder };
        stage.add_operators(&*chance)?;
        Ok(stage)
    }

    /// Time passes, an hour or more: calls that the service is late with arrive.
    pub(crate) fn pass(&self, ms: i64) {
        self.clock.pass(ms);
        self.service.let_late_arrive();
    }

    /// Closes the ledger and opens it again, as after a restart.
    pub(crate) fn reopen(&mut self) -> Result<()> {
        let now = &self.ctx;
        let chance = Arc::clone(&now.chance);
        let store = Store::open(&ledger(&now.data), Arc::new(move || chance.bytes()))?;
        self.ctx = Arc::new(Context {
            store,
            policy: now.policy.clone(),
            service: Service {
                named: now.service.named.clone(),
                directory: Arc::clone(&now.service.directory),
                content: Arc::clone(&now.service.content),
                prober: Arc::clone(&now.service.prober),
                rate: now.service.rate,
            },
            mailer: Arc::clone(&now.mailer),
            clock: Arc::clone(&now.clock),
            chance: Arc::clone(&now.chance),
            data: now.data.clone(),
            contacts: now.contacts.clone(),
            pace: Pace::default(),
        });
        Ok(())
    }

    /// Makes probe accounts at the service, or gives those that are there new credentials, and arms them.
    pub(crate) fn arm_probes(&self, names: &[&str]) -> Result<()> {
        for account in names.iter().copied().map(AccountId::from) {
            let held = self
                .service
                .make_probe(&account)
                .ok_or_else(|| Error::failed(format!("the service can't make {account}")))?;
            crate::ops::probe::add(&self.ctx, &account, &held, &OperatorName::new(AUTHOR))?;
        }
        Ok(())
    }

    /// The accounts of which the service says that they are ours.
    pub(crate) fn probes(&self) -> Result<BTreeSet<AccountId>> {
        let states = self.service.snapshot(None)?.into_iter().map(|s| s.record);
        Ok(states.filter(|r| r.probe == Some(true)).map(|r| r.account).collect())
    }

    fn add_operators(&mut self, chance: &dyn Chance) -> Result<()> {
        let now = self.clock.now();
        for name in [AUTHOR, "first-reviewer", "second-reviewer"].into_iter().chain(APPROVERS) {
            let key = SigningKey::from_bytes(&chance.bytes());
            let public_key = Digest(key.verifying_key().to_bytes());
            let operator = Operator { name: name.into(), public_key, added_at: now };
            self.ctx.store.write(now, |tx| tx.add_operator(&operator, "stage"))?;
            self.keys.insert(name.into(), key);
        }
        Ok(())
    }

    /// Whether somebody else really was on an account.
    pub(crate) fn is_victim(&self, account: &AccountId) -> bool {
        self.service.truth().contains_key(account)
    }
}

fn ledger(data: &Path) -> Url {
    Url::Sqlite(data.join("ledger.sqlite3"))
}

/// Mail over real SMTP to the catcher.
fn mailer(catcher: &Catcher) -> Result<Smtp> {
    Smtp::new(SmtpSettings {
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
    .map_err(Error::failed)
}
