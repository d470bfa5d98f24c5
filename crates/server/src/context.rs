//! Everything a command works with: the ledger, the service, mail, time, chance, the policy, the keys.

use crate::config::{self, Config};
use crate::error::{Error, Result, at};
use crate::ops::footing::Pace;
use crate::outside::{SystemChance, SystemClock};
use crate::{keys, ops};
use model::account::{Account, AccountState};
use model::id::AccountId;
use model::policy::Policy;
use respond::halt::HaltFile;
use respond::port::{Chance, Clock, Content, Directory, Mail, Mailer, Ports, Prober, Rate};
use respond::vault::{KeyRing, MasterKey};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Store, Url};

/// The limits that ship with the program.
pub(crate) const SHIPPED_POLICY: &str = include_str!("../../../policy/shipped.toml");

/// What owners know the service as.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    /// Its name.
    pub(crate) name: String,
    /// Its domain, as owners type it.
    pub(crate) domain: String,
}

/// The protected service, with what it is known as.
pub(crate) struct Service {
    pub(crate) named: Named,
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) content: Arc<dyn Content>,
    pub(crate) prober: Arc<dyn Prober>,
    pub(crate) rate: Rate,
}

/// Everything a command works with.
pub(crate) struct Context {
    pub(crate) store: Store,
    pub(crate) policy: Policy,
    pub(crate) service: Service,
    pub(crate) mailer: Arc<dyn Mailer>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) chance: Arc<dyn Chance>,
    pub(crate) data: PathBuf,
    /// Contacts as they were before, by account: they come before what the service says now.
    pub(crate) contacts: BTreeMap<AccountId, Account>,
    /// How the clock goes.
    pub(crate) pace: Pace,
}

impl Context {
    /// Opens everything the configuration names.
    pub(crate) fn open(config: &Config) -> Result<Self> {
        let policy = policy(config.policy.as_deref())?;
        let service = service(&config.service)?;
        let mailer: Arc<dyn Mailer> = match &config.mail {
            Some(settings) => Arc::new(connect::smtp::Smtp::new(settings.clone()).map_err(Error::failed)?),
            None => Arc::new(NoMail),
        };
        let contacts = match &config.service.contacts {
            Some(file) => ops::accounts::read(file)?,
            None => BTreeMap::new(),
        };
        let data = config.data_folder();
        std::fs::create_dir_all(&data).map_err(at(&data))?;
        let store = open_store(config, &data)?;
        let (clock, chance) = (Arc::new(SystemClock), Arc::new(SystemChance));
        Ok(Self { store, policy, service, mailer, clock, chance, data, contacts, pace: Pace::default() })
    }

    /// What the hands are handed.
    pub(crate) fn ports(&self) -> Ports<'_> {
        Ports {
            directory: &*self.service.directory,
            content: &*self.service.content,
            prober: &*self.service.prober,
            mailer: &*self.mailer,
            clock: &*self.clock,
            chance: &*self.chance,
            rate: self.service.rate,
        }
    }

    /// Now, ms.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }

    /// The file that stops everything.
    pub(crate) fn halt_file(&self) -> HaltFile {
        HaltFile::in_folder(&self.data)
    }

    /// The folder of keys.
    pub(crate) fn key_folder(&self) -> PathBuf {
        self.data.join("keys")
    }

    /// The master keys whose files are there.
    pub(crate) fn master_keys(&self) -> Result<Vec<(PathBuf, MasterKey)>> {
        let folder = self.key_folder();
        let mut found = Vec::new();
        for file in std::fs::read_dir(&folder).map_err(at(&folder))? {
            let path = file.map_err(at(&folder))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with("master") && name.ends_with(".key") {
                let key = MasterKey::new(keys::read(&path)?);
                found.push((path, key));
            }
        }
        Ok(found)
    }

    /// The keys outside the database: the one in force and older ones. The first is made at its first use; one that
    /// the ledger names is never made anew.
    pub(crate) fn master_key(&self) -> Result<KeyRing> {
        let Some(in_force) = self.store.read(store::Read::master_key_in_force)? else {
            let bytes = keys::read_or_make(&self.key_folder().join("master.key"), &*self.chance)?;
            return Ok(KeyRing::of(MasterKey::new(bytes)));
        };
        let (mut current, mut older) = (None, Vec::new());
        for (_, key) in self.master_keys()? {
            if key.id() == in_force {
                current = Some(key);
            } else {
                older.push(key);
            }
        }
        let folder = self.key_folder();
        let current = current.ok_or_else(|| {
            Error::failed(format!(
                "master key {in_force} is in force, and its file is not in {}",
                folder.display()
            ))
            .hint("lay the file back from where it is kept; without it no old credential can be restored")
        })?;
        Ok(KeyRing::of(current).with(older))
    }

    /// The audit log's signing key, made at its first use.
    pub(crate) fn audit_key(&self) -> Result<ed25519_dalek::SigningKey> {
        audit_key(&self.data, &*self.chance)
    }

    /// A short new name: the prefix and eight random digits.
    pub(crate) fn new_name(&self, prefix: &str) -> String {
        format!("{prefix}-{}", hex::encode(&self.chance.bytes()[..4]))
    }

    /// The accounts as they are now, or some of them, with contacts from the older snapshot in front.
    pub(crate) fn accounts(&self, some: Option<&[AccountId]>) -> Result<BTreeMap<AccountId, AccountState>> {
        let mut states = self.service.directory.snapshot(some)?;
        for state in &mut states {
            if let Some(before) = self.contacts.get(&state.record.account) {
                let mut contacts = before.contacts.clone().unwrap_or_default();
                contacts.extend(state.record.contacts.take().unwrap_or_default());
                state.record.contacts = Some(contacts);
            }
        }
        Ok(states.into_iter().map(|s| (s.record.account.clone(), s)).collect())
    }
}

/// The policy in force: the file's, or the shipped one.
pub(crate) fn policy(file: Option<&Path>) -> Result<Policy> {
    match file {
        None => Ok(Policy::parse(SHIPPED_POLICY)?),
        Some(file) => {
            let text = std::fs::read_to_string(file).map_err(at(file))?;
            Policy::parse(&text).map_err(|e| Error::failed(format!("{}: {e}", file.display())))
        }
    }
}

/// The audit log's signing key in a data folder, made at its first use.
pub(crate) fn audit_key(data: &Path, chance: &dyn Chance) -> Result<ed25519_dalek::SigningKey> {
    let bytes = keys::read_or_make(&audit_key_file(data), chance)?;
    Ok(ed25519_dalek::SigningKey::from_bytes(&bytes))
}

/// Where the audit log's signing key lies.
pub(crate) fn audit_key_file(data: &Path) -> PathBuf {
    data.join("keys/audit.key")
}

/// Where the ledger lies.
pub(crate) fn ledger_url(config: &Config, data: &Path) -> Result<Url> {
    match &config.ledger {
        Some(url) => Ok(url.parse()?),
        None => {
            std::fs::create_dir_all(data).map_err(at(data))?;
            Ok(Url::Sqlite(data.join("ledger.sqlite3")))
        }
    }
}

/// Opens the ledger alone.
pub(crate) fn open_store(config: &Config, data: &Path) -> Result<Store> {
    Ok(Store::open(&ledger_url(config, data)?, Arc::new(|| SystemChance.bytes()))?)
}

fn service(config: &config::Service) -> Result<Service> {
    let named = Named { name: config.name.clone(), domain: config.domain.clone() };
    let rate = Rate { acts_per_second: config.acts_per_second, parallel: config.parallel };
    match (&config.rehearsed, &config.django) {
        (Some(folder), None) => {
            let service = Arc::new(rehearse::service::Service::open(folder).map_err(Error::failed)?);
            Ok(Service { named, directory: service.clone(), content: service.clone(), prober: service, rate })
        }
        (None, Some(settings)) => {
            let service = Arc::new(connect::django::Django::open(settings.clone()).map_err(Error::failed)?);
            Ok(Service { named, directory: service.clone(), content: service.clone(), prober: service, rate })
        }
        (None, None) => Err(Error::failed("no service is connected")
            .hint("name one in rightful.toml: [service] rehearsed = \"DIR\" (written by `rightful simulate`), or [service.django]")),
        (Some(_), Some(_)) => Err(Error::failed("two services are connected: rehearsed and django")
            .hint("a ledger belongs to one service; keep one of them in rightful.toml")),
    }
}

/// Without a mail server nothing is sent, and every notice says so.
struct NoMail;

impl Mailer for NoMail {
    fn send(&self, _mail: &Mail) -> respond::port::Delivery {
        respond::port::Delivery::Later {
            reason: "no mail server is configured ([mail] in rightful.toml)".to_owned(),
        }
    }
}
