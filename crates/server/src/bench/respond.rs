//! `bench respond`: in one go the rows of a run written by bare statements (the floor), and the run itself, on SQLite and
//! PostgreSQL: before a service that answers at once, and before one that takes its time.

use super::null::{Null, credential};
use crate::cli::show::{self, Progress};
use crate::context::SHIPPED_POLICY;
use crate::error::{Error, Result};
use crate::outside::{SystemChance, SystemClock};
use clap::Args;
use ed25519_dalek::SigningKey;
use model::account::{ContactKind, Reach};
use model::id::{AccountId, Digest, OperatorName, PlanId, RunId};
use model::operator::{Consent, Decision, Operator, sign};
use model::plan::{Act, ContactRef, Draft, Entry, FORMAT, Grants, Header, Purpose, Template, Tier};
use model::policy::Policy;
use model::secret::Secret;
use model::verdict::{Route, Window};
use respond::execute::{Executor, LetterOrder, WaveEnd};
use respond::halt::HaltFile;
use respond::port::{Chance as _, Clock as _, Ports, Rate};
use respond::vault::{KeyRing, MasterKey};
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use store::floor::Floor;
use store::notices::Words;
use store::plans::OwnerContact;
use store::{Store, Url};

/// Acts on each account: a new credential, sessions, grants, one hidden post.
const ACTS: u64 = 4;
/// Which batch is under way when the halt comes.
const HALTED_IN: u64 = 3;

/// What is measured.
#[derive(Args)]
pub(crate) struct Respond {
    /// Accounts in the run.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(100..))]
    accounts: u64,
    /// Accounts in a batch: what one crash may leave open.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..))]
    batch: u64,
    /// Accounts in the run before the service that takes its time.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(100..))]
    slow_accounts: u64,
    /// How long that service takes for each act, ms.
    #[arg(long, default_value_t = 5)]
    act_ms: u64,
    /// Calls at once.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    parallel: u32,
    /// How often all is run; the medians count.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    runs: u64,
    /// An empty PostgreSQL database as well: postgres://…
    #[arg(long, value_name = "URL")]
    postgres: Vec<String>,
}

/// One database, seconds; medians.
#[derive(Serialize)]
struct Measured {
    database: &'static str,
    accounts: u64,
    batch: u64,
    /// Rows that floor and run write.
    rows: u64,
    seal_seconds: f64,
    floor_seconds: f64,
    run_seconds: f64,
    account_acts_a_second: f64,
    run_over_floor: f64,
    slow: Slow,
    /// Accounts begun after a halt came: at most what was under way.
    begun_after_halt: u64,
    peak_memory_bytes: Option<u64>,
}

/// Before the service that takes its time.
#[derive(Serialize)]
struct Slow {
    accounts: u64,
    act_ms: u64,
    parallel: u32,
    /// What the calls alone take where all hands are always busy.
    floor_seconds: f64,
    run_seconds: f64,
    run_over_floor: f64,
}

pub(super) fn run(asked: &Respond, json: bool) -> Result<()> {
    let progress = Progress::new();
    let mut all = vec![measured(asked, None, &progress)?];
    for url in &asked.postgres {
        all.push(measured(asked, Some(url), &progress)?);
    }
    progress.done();
    if json {
        show::json(&all);
    } else {
        all.iter().for_each(say);
    }
    Ok(())
}

fn measured(asked: &Respond, postgres: Option<&str>, progress: &Progress) -> Result<Measured> {
    let database = if postgres.is_some() { "postgresql" } else { "sqlite" };
    let ledger = Ledger::open(postgres, asked)?;
    let (mut seals, mut floors, mut runs, mut slows) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut rows, mut begun_after_halt) = (0, 0);
    for n in 1..=asked.runs {
        progress.say(
            &format!("{database}, run {n} of {}", asked.runs),
            "seal, run, floor, a slow service, a halt",
        );
        let fast = ledger.armed(&format!("bench-{n}"), asked.accounts)?;
        seals.push(fast.seal_seconds);
        runs.push(ledger.carried_out(&fast, &Null::taking(Duration::ZERO))?);
        let floor = Floor::of(&ledger.store, &fast.run, usize::try_from(asked.batch).unwrap_or(usize::MAX))?;
        floor.prepare(&ledger.store)?;
        let began = Instant::now();
        rows = floor.write(&ledger.store)?;
        floors.push(began.elapsed().as_secs_f64());
        floor.clear(&ledger.store)?;

        let slow = ledger.armed(&format!("bench-{n}-slow"), asked.slow_accounts)?;
        slows.push(ledger.carried_out(&slow, &Null::taking(Duration::from_millis(asked.act_ms)))?);
        let halted = ledger.armed(&format!("bench-{n}-halted"), asked.accounts)?;
        begun_after_halt = begun_after_halt.max(ledger.halted(&halted, asked)?);
    }
    let (floor_seconds, run_seconds, slow_seconds) = (middle(floors), middle(runs), middle(slows));
    let calls = (asked.slow_accounts * ACTS) as f64;
    let slow_floor = calls * asked.act_ms as f64 / 1_000.0 / f64::from(asked.parallel);
    Ok(Measured {
        database,
        accounts: asked.accounts,
        batch: asked.batch,
        rows,
        seal_seconds: middle(seals),
        floor_seconds,
        run_seconds,
        account_acts_a_second: (asked.accounts * ACTS) as f64 / run_seconds,
        run_over_floor: run_seconds / floor_seconds,
        slow: Slow {
            accounts: asked.slow_accounts,
            act_ms: asked.act_ms,
            parallel: asked.parallel,
            floor_seconds: slow_floor,
            run_seconds: slow_seconds,
            run_over_floor: slow_seconds / slow_floor,
        },
        begun_after_halt,
        peak_memory_bytes: hunt::peak_memory_bytes(),
    })
}

/// A ledger of nothing but measured plans, with people who approve them.
struct Ledger {
    store: Store,
    policy: Policy,
    master: KeyRing,
    halt: HaltFile,
    approvers: Vec<(OperatorName, SigningKey)>,
    _folder: tempfile::TempDir,
}

/// A plan that is approved and armed.
struct Armed {
    plan: PlanId,
    run: RunId,
    accounts: u64,
    seal_seconds: f64,
}

impl Ledger {
    fn open(postgres: Option<&str>, asked: &Respond) -> Result<Self> {
        let folder = tempfile::tempdir().map_err(Error::failed)?;
        let url = match postgres {
            None => Url::Sqlite(folder.path().join("ledger.db")),
            Some(url) => url.parse()?,
        };
        let store = Store::open(&url, Arc::new(|| SystemChance.bytes()))?;
        if !store.read(|r| Ok(r.plans()?.is_empty() && r.operators()?.is_empty()))? {
            return Err(Error::failed(format!("{url} is a ledger in use")).hint("name an empty database"));
        }
        let policy = policy(asked)?;
        let approvers: Vec<(OperatorName, SigningKey)> = (0..policy.approval.large_people)
            .map(|n| {
                (OperatorName::new(format!("approver {n}")), SigningKey::from_bytes(&SystemChance.bytes()))
            })
            .collect();
        let now = SystemClock.now();
        store.write(now, |tx| {
            for (name, key) in &approvers {
                let public_key = Digest(key.verifying_key().to_bytes());
                tx.add_operator(&Operator { name: name.clone(), public_key, added_at: now }, "bench")?;
            }
            Ok(())
        })?;
        let master = KeyRing::of(MasterKey::new(SystemChance.bytes()));
        let halt = HaltFile::in_folder(folder.path());
        Ok(Self { store, policy, master, halt, approvers, _folder: folder })
    }

    /// A plan of so many accounts, sealed, approved, armed and started.
    fn armed(&self, name: &str, accounts: u64) -> Result<Armed> {
        let (plan, run) = (PlanId::new(name), RunId::new(format!("{name}-run")));
        let draft = self.draft(&plan, accounts)?;
        let began = Instant::now();
        self.approved(&draft)?;
        let seal_seconds = began.elapsed().as_secs_f64();
        let service = Null::taking(Duration::ZERO);
        respond::arm(&self.store, &ports(&service), &self.master, &plan, &run, "bench")?;
        self.store.write(SystemClock.now(), |tx| tx.start_run(&run, "bench"))?;
        Ok(Armed { plan, run, accounts, seal_seconds })
    }

    fn draft(&self, plan: &PlanId, accounts: u64) -> Result<Draft> {
        let now = SystemClock.now();
        let entry = |n: u64| {
            let account = AccountId::new(format!("{plan}-{n:09}"));
            let posts = vec![model::id::ObjectId::new(format!("p{n:09}"))];
            Entry {
                acts: vec![
                    Act::RequireNewCredential { guard: credential(&account) },
                    Act::EndSessions,
                    Act::RevokeGrants { grants: Grants::All },
                    Act::HideObjects { objects: posts },
                ],
                contact: Some(ContactRef { kind: ContactKind::Mail, version: address(&account).1 }),
                account,
                wave: 0,
                tier: Tier::Evidence,
                route: Route::Credential,
                reason: "measured".to_owned(),
                confidence: 0.99,
                window: Window { start: now, end: now },
                evidence: Vec::new(),
                if_moved: Vec::new(),
                segment: None,
                reach: Reach::Mail,
                notice: Template::Credential,
                tries: Vec::new(),
                quiet: None,
            }
        };
        let header = Header {
            format: FORMAT.to_owned(),
            plan: plan.clone(),
            purpose: Purpose::Contain,
            author: "bench".into(),
            drafted_at: now,
            expires_at: now + self.policy.approval.valid_ms,
            accounts,
            waves: vec![accounts],
            probes: 0,
            policy: self.policy.digest()?,
            hunt: Digest::of(b"bench"),
            connector: "null:bench".to_owned(),
        };
        Ok(Draft {
            header,
            entries: (0..accounts).map(entry).collect(),
            probes: Vec::new(),
            left_out: Vec::new(),
        })
    }

    /// Drafted, sealed and approved by as many as it takes.
    fn approved(&self, draft: &Draft) -> Result<()> {
        let (sealed, values) = model::seal::seal(draft.clone(), || SystemChance.bytes())?;
        let contact = |e: &Entry| {
            let (value, version) = address(&e.account);
            let (language, time_zone) = (None, None);
            OwnerContact {
                account: e.account.clone(),
                version,
                kind: ContactKind::Mail,
                value,
                language,
                time_zone,
            }
        };
        let contacts: Vec<OwnerContact> = draft.entries.iter().map(contact).collect();
        let (plan, now) = (&draft.header.plan, SystemClock.now());
        self.store.write_with(now, |tx| {
            tx.put_draft(draft, &self.policy)?;
            tx.put_contacts(plan, &contacts)?;
            tx.check_plan(plan, &[], "bench")?;
            tx.seal_plan(&sealed, &values, "bench")?;
            tx.mark_reviewed(plan, "bench", serde_json::Value::Null)?;
            for (operator, key) in &self.approvers {
                let consent = Consent {
                    digest: sealed.digest(),
                    decision: Decision::Approve,
                    expires_at: draft.header.expires_at,
                    operator: operator.clone(),
                };
                tx.put_approval(plan, &sign(consent, key)?)?;
            }
            Ok::<_, Error>(tx.mark_approved(plan, "bench", serde_json::Value::Null)?)
        })
    }

    fn hands<T>(
        &self,
        service: &Null,
        progress: &(dyn Fn(u64) + Sync),
        act: impl FnOnce(&Executor<'_>) -> T,
    ) -> T {
        let letters = |_: &store::Read, order: &LetterOrder<'_>| {
            let words = Words {
                subject: "We have secured your account".to_owned(),
                text: format!("{} {:?}", order.code, order.done),
                html: String::new(),
            };
            Ok(words)
        };
        act(&Executor {
            store: &self.store,
            ports: ports(service),
            master: &self.master,
            halt: &self.halt,
            letters: &letters,
            mail_domain: "bench.example",
            holder: "bench",
            progress,
        })
    }

    /// The whole run; seconds.
    fn carried_out(&self, armed: &Armed, service: &Null) -> Result<f64> {
        let began = Instant::now();
        let end = self.hands(service, &|_| {}, |executor| executor.wave(&armed.run, 0))?;
        let seconds = began.elapsed().as_secs_f64();
        let calls = service.calls.load(Ordering::Relaxed);
        if end != WaveEnd::Through || calls != armed.accounts * ACTS {
            return Err(Error::failed(format!(
                "the run of {} ended with {end:?} after {calls} calls",
                armed.plan
            )));
        }
        Ok(seconds)
    }

    /// A halt comes in the middle of a batch: how many accounts are begun after it.
    fn halted(&self, armed: &Armed, asked: &Respond) -> Result<u64> {
        let service = Null::taking(Duration::ZERO);
        let begun_by_then = AtomicU64::new(0);
        let laid = std::sync::Mutex::new(Ok(()));
        let lays = |settled: u64| {
            if settled >= HALTED_IN * asked.batch && !self.halt.is_there() {
                begun_by_then.store(settled, Ordering::Relaxed);
                *laid.lock().unwrap_or_else(std::sync::PoisonError::into_inner) =
                    std::fs::write(self.halt.path(), "");
            }
        };
        let end = self.hands(&service, &lays, |executor| executor.wave(&armed.run, 0))?;
        laid.into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .map_err(crate::error::at(self.halt.path()))?;
        std::fs::remove_file(self.halt.path()).map_err(crate::error::at(self.halt.path()))?;
        let begun = self.store.read(|r| r.cases(&armed.run))?.len() as u64;
        match end {
            WaveEnd::Halted(_) => Ok(begun - begun_by_then.load(Ordering::Relaxed)),
            other @ (WaveEnd::Through | WaveEnd::Unproved(_) | WaveEnd::Paced(..)) => {
                Err(Error::failed(format!(
                    "the run was not halted, but ended with {other:?}: {} accounts are too few for {HALTED_IN} batches",
                    asked.accounts
                )))
            }
        }
    }
}

/// The shipped limits, but for those that would make a run wait.
fn policy(asked: &Respond) -> Result<Policy> {
    let mut policy = Policy::parse(SHIPPED_POLICY)?;
    policy.run.batch_accounts = asked.batch;
    policy.run.parallel = asked.parallel;
    policy.run.wave_accounts_max = u64::from(u32::MAX);
    policy.run.accounts_per_hour_max = u64::from(u32::MAX);
    policy.run.acts_per_second_max = u32::MAX;
    Ok(policy)
}

fn address(account: &AccountId) -> (Secret, Digest) {
    let value = format!("{account}@bench.example");
    let version = Digest::of(value.as_bytes());
    (Secret::new(value), version)
}

fn ports(service: &Null) -> Ports<'_> {
    Ports {
        directory: service,
        content: service,
        prober: service,
        mailer: service,
        clock: &SystemClock,
        chance: &SystemChance,
        rate: Rate::default(),
    }
}

fn middle(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}

fn say(measured: &Measured) {
    let Measured { database, accounts, batch, rows, slow, .. } = measured;
    show::line(format!(
        "{database}: {accounts} accounts, {ACTS} acts each, batches of {batch}, {rows} rows written"
    ));
    show::line(format!(
        "floor   {:>8.2} s  the same rows by bare statements, two commits a batch",
        measured.floor_seconds
    ));
    show::line(format!(
        "run     {:>8.2} s  {:.1} times the floor; {:.0} acts a second",
        measured.run_seconds, measured.run_over_floor, measured.account_acts_a_second
    ));
    show::line(format!(
        "slow    {:>8.2} s  {} accounts, {} ms an act, {} at once: {:.2} times what the calls alone take ({:.2} s)",
        slow.run_seconds, slow.accounts, slow.act_ms, slow.parallel, slow.run_over_floor, slow.floor_seconds
    ));
    show::line(format!(
        "halt              {} accounts begun after it; seal {:.2} s",
        measured.begun_after_halt, measured.seal_seconds
    ));
}
