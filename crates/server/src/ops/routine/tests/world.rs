//! A rehearsed service, a ledger, two people who sign, and hunts whose answers name as many accounts as a test wants.

use super::super::{Input, Turn, sample, turn};
use crate::context::{Context, Named, Service};
use crate::error::Result;
use crate::ops;
use crate::ops::order::Known;
use ed25519_dalek::SigningKey;
use model::event::{Event, Kind};
use model::id::{AccountId, Digest, PlanId};
use model::labels::Label;
use model::operator::{Decision, Operator};
use model::order::Suspension;
use model::policy::Policy;
use model::verdict::{
    Belief, Evidence, Family, Hand, Intruder, Moment, Route, Shift, Timeline, Verdict, Window,
};
use rehearse::simulate::{Population, Settings, population};
use respond::port::{Chance, Clock, Delivery, Mail, Mailer};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use store::{Store, Url};

pub(super) const HOUR_MS: i64 = 3_600_000;
pub(super) const DAY_MS: i64 = 24 * HOUR_MS;
const SEED: u64 = 7;

struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    fn steady(&self) -> i64 {
        self.now()
    }

    fn sleep(&self, ms: i64) {
        self.0.fetch_max(self.now() + ms, Ordering::SeqCst);
    }
}

struct Counted(AtomicU64);

impl Chance for Counted {
    fn bytes(&self) -> [u8; 32] {
        Digest::of(&self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes()).0
    }
}

struct Accepts;

impl Mailer for Accepts {
    fn send(&self, _mail: &Mail) -> Delivery {
        Delivery::Accepted
    }
}

pub(super) struct World {
    pub(super) ctx: Context,
    clock: Arc<HandClock>,
    people: Population,
    /// Accounts that no hunt has named yet.
    fresh: Vec<AccountId>,
    hunts: usize,
    pub(super) calibration: String,
    pub(super) shift: bool,
    folder: tempfile::TempDir,
}

fn key(name: &str) -> SigningKey {
    SigningKey::from_bytes(&Digest::of(name.as_bytes()).0)
}

/// The shipped limits, made small: two dry days, ten labels, gates that don't wait.
fn policy(canary: u64) -> Policy {
    let text = include_str!("../../../../../../policy/shipped.toml")
        .replace("canary_accounts = 80", &format!("canary_accounts = {canary}"))
        // Gates that few owners can pass.
        .replace("heard_share = 0.15", "heard_share = 0.9")
        .replace("wrong_share_stopped = 0.75", "wrong_share_stopped = 0.9")
        .replace("wronged_proved_share = 0.5", "wronged_proved_share = 0.9")
        .replace("batch_accounts = 25", "batch_accounts = 3")
        .replace("wrong_share_max = 0.02", "wrong_share_max = 0.3")
        .replace("dry_days_min = 7", "dry_days_min = 2")
        .replace("dry_labels_min = 149", "dry_labels_min = 10")
        .replace("active_share_per_day_max = 0.005", "active_share_per_day_max = 0.2")
        .replace("segment_share_per_day_max = 0.02", "segment_share_per_day_max = 0.4");
    Policy::parse(&text).unwrap()
}

impl World {
    pub(super) fn new() -> Self {
        Self::with_canary(50)
    }

    fn with_canary(canary: u64) -> Self {
        let settings = Settings {
            seed: SEED,
            accounts: 1500,
            days: 8,
            attacked_share: 0.0,
            attacks: Vec::new(),
            shifts: Vec::new(),
            look_alikes: false,
            ..Settings::default()
        };
        let people = population(&settings);
        let service = Arc::new(rehearse::service::Service::from_population(&people));
        let folder = tempfile::tempdir().unwrap();
        let chance = Arc::new(Counted(AtomicU64::new(0)));
        let nonces = Arc::clone(&chance);
        let store =
            Store::open(&Url::Sqlite(folder.path().join("l.db")), Arc::new(move || nonces.bytes())).unwrap();
        // In the morning of a day, so that hours can pass.
        let clock =
            Arc::new(HandClock(AtomicI64::new(settings.end_ms.div_euclid(DAY_MS) * DAY_MS + 8 * HOUR_MS)));
        let fresh = people
            .accounts
            .iter()
            .filter(|a| [a.protected, a.at_risk, a.service, a.sentinel].iter().all(|m| *m != Some(true)))
            .filter(|a| a.active == Some(true) && a.mail_known_before(settings.end_ms - 2 * DAY_MS).is_some())
            .map(|a| a.account.clone())
            .collect();
        let ctx = Context {
            store,
            policy: policy(canary),
            service: Service {
                named: Named { name: "Meadow".to_owned(), domain: "meadow.example".to_owned() },
                directory: service.clone(),
                content: service.clone(),
                prober: service,
                rate: respond::port::Rate::default(),
            },
            mailer: Arc::new(Accepts),
            clock: clock.clone(),
            chance,
            data: folder.path().to_owned(),
            contacts: BTreeMap::new(),
            pace: ops::footing::Pace::default(),
        };
        for name in ["ana", "ben"] {
            let public_key = Digest(key(name).verifying_key().to_bytes());
            let operator = Operator { name: name.into(), public_key, added_at: 0 };
            ctx.store.write(1, |tx| tx.add_operator(&operator, "test")).unwrap();
        }
        let calibration = "calibrated on simulated data".to_owned();
        Self { ctx, clock, people, fresh, hunts: 0, calibration, shift: false, folder }
    }

    /// With an order whose dry days are over.
    pub(super) fn live() -> Self {
        Self::live_with_canary(50)
    }

    pub(super) fn live_with_canary(canary: u64) -> Self {
        let mut world = Self::with_canary(canary);
        world.signed_by_two();
        for _ in 0..2 {
            let Turn::Dry { plan, .. } = world.turn(6, true).unwrap() else {
                panic!("seed {SEED}: no dry batch")
            };
            world.review(&plan, 0);
            world.next_day();
        }
        world
    }

    pub(super) fn signed_by_two(&self) {
        self.sign("ana");
        self.sign("ben");
    }

    pub(super) fn sign(&self, name: &str) {
        let file = self.folder.path().join("order.toml");
        let active = self.people.accounts.iter().filter(|a| a.active == Some(true));
        let mut segments: BTreeMap<&str, u64> = BTreeMap::new();
        active
            .clone()
            .filter_map(|a| a.segment.as_deref())
            .for_each(|s| *segments.entry(s).or_default() += 1);
        let segments: Vec<String> = segments.iter().map(|(s, n)| format!("{s} = {n}")).collect();
        let day = |ms: i64| jiff::Timestamp::from_millisecond(ms).unwrap().to_string();
        // The same file for everybody who signs.
        if !file.exists() {
            let text = format!(
                "name = \"daily\"\nstarts_at = \"{}\"\nends_at = \"{}\"\ncalibration = \"simulated\"\n\
                 confidence_min = 0.97\n[bounds]\naccounts_per_hour_max = 31\naccounts_per_day_max = 60\n\
                 active_share_per_day_max = 0.2\nsegment_share_per_day_max = 0.4\nreference_multiple_max = 3.0\n\
                 [reference]\naccounts_per_day = 10\nactive = {}\nsegments = {{ {} }}\n",
                day(self.ctx.now()),
                day(self.ctx.now() + 30 * DAY_MS),
                active.count(),
                segments.join(", ")
            );
            std::fs::write(&file, text).unwrap();
        }
        ops::order::sign(&self.ctx, &file, &name.into(), &key(name)).unwrap();
    }

    pub(super) fn resume(&self, name: &str) {
        ops::order::resume(&self.ctx, &name.into(), &key(name)).unwrap();
    }

    pub(super) fn order(&self) -> Known {
        ops::order::current(&self.ctx).unwrap().expect("an order")
    }

    pub(super) fn suspend(&self) {
        let order = self.order().row.digest;
        let suspension = Suspension {
            order,
            cause: "test".to_owned(),
            reason: "somebody stopped it".to_owned(),
            at: self.ctx.now(),
        };
        self.ctx.store.write(self.ctx.now(), |tx| tx.suspend_order(&suspension, None, "test")).unwrap();
    }

    pub(super) fn clock_on(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }

    pub(super) fn next_day(&self) {
        self.clock_on(DAY_MS);
    }

    /// A turn over an answer that names so many accounts which were named before by none.
    pub(super) fn turn(&mut self, accounts: usize, dry: bool) -> Result<Turn> {
        let answer = self.answer(accounts);
        turn(&self.ctx, &Input::Answer(answer), dry)
    }

    fn answer(&mut self, accounts: usize) -> PathBuf {
        let named: Vec<AccountId> = self.fresh.drain(..accounts).collect();
        self.hunts += 1;
        let folder = self.folder.path().join(format!("answer-{}", self.hunts));
        std::fs::create_dir_all(&folder).unwrap();
        let now = self.ctx.now();
        let verdicts: Vec<Verdict> = named.iter().map(|a| verdict(a, now)).collect();
        let mut timelines: Vec<Timeline> = named.iter().map(|a| timeline(a, now)).collect();
        timelines.sort_by(|a, b| a.account.cmp(&b.account));
        let clear: Vec<Timeline> = self.fresh.iter().rev().take(60).map(|a| timeline(a, now)).collect();
        let shifts = if self.shift {
            vec![Shift {
                feature: "app".to_owned(),
                value: "new-app".to_owned(),
                accounts: 400,
                share: 0.3,
                since: now - DAY_MS,
            }]
        } else {
            Vec::new()
        };
        let summary = serde_json::json!({
            "events": 1000, "rejected": 0, "duplicates": 0, "conflicting": 0, "unknown_kinds": {}, "accounts": 1500,
            "active": 1400, "window": { "start": now - 8 * DAY_MS, "end": now },
            "verdicts": { "compromised.credential": accounts }, "shifts": shifts, "left_out": [], "prior": PRIOR,
            "weights": SIGNALS.map(|(signal, _)| (signal, WEIGHT)).into_iter().collect::<BTreeMap<_, _>>(),
            "calibration": self.calibration,
        });
        let lines =
            |values: &[serde_json::Value]| values.iter().map(|v| format!("{v}\n")).collect::<String>();
        let all = |values: Vec<serde_json::Value>, name: &str| {
            std::fs::write(folder.join(name), lines(&values)).unwrap();
        };
        all(verdicts.iter().map(|v| serde_json::to_value(v).unwrap()).collect(), "verdicts.jsonl");
        all(timelines.iter().map(|v| serde_json::to_value(v).unwrap()).collect(), "timelines.jsonl");
        all(clear.iter().map(|v| serde_json::to_value(v).unwrap()).collect(), "controls.jsonl");
        all(vec![summary], "summary.json");
        folder
    }

    /// Labels a plan's whole sample, so many of its own accounts as not compromised, and ends the review.
    pub(super) fn review(&self, plan: &PlanId, wrong: usize) {
        ops::review::begin(&self.ctx, plan, "ana").unwrap();
        let members: BTreeSet<AccountId> =
            self.ctx.store.read(|r| r.draft(plan)).unwrap().entries.into_iter().map(|e| e.account).collect();
        let mut left = wrong;
        for shown in ops::review::to_look_at(&self.ctx, plan).unwrap() {
            let label = label_of(members.contains(&shown.account), &mut left);
            ops::review::label(&self.ctx, plan, &shown.account, &"ana".into(), label).unwrap();
        }
        ops::review::conclude(&self.ctx, plan, "ana").unwrap();
    }

    /// Labels every sample that waits, so many of each as not compromised.
    pub(super) fn label_samples(&self, wrong: usize) {
        // A sample is drawn by a turn; where none was yet today, by asking for it.
        sample::see_to(&self.ctx, &self.order().row).unwrap();
        for open in sample::open_days(&self.ctx).unwrap() {
            let mut left = wrong;
            for shown in sample::to_look_at(&self.ctx, open.day).unwrap() {
                let is_member = open.items.iter().any(|i| i.account == shown.account && !i.planted);
                let label = label_of(is_member, &mut left);
                sample::label(&self.ctx, open.day, &shown.account, &"ana".into(), label).unwrap();
            }
            sample::conclude(&self.ctx, open.day, "ana").unwrap();
        }
    }

    pub(super) fn approve(&self, plan: &PlanId) -> Result<()> {
        for name in ["ana", "ben"] {
            ops::review::approve(&self.ctx, plan, &name.into(), &key(name), Decision::Approve)?;
        }
        Ok(())
    }

    /// Accounts contained, over all runs.
    pub(super) fn contained(&self) -> usize {
        let count = |r: &store::Read| {
            let mut all = BTreeSet::new();
            for run in r.runs()? {
                let done = r.cases(&run.id)?.into_iter().filter(|c| c.state == store::steps::CaseState::Done);
                all.extend(done.map(|c| c.account));
            }
            Ok(all.len())
        };
        self.ctx.store.read(count).unwrap()
    }

    /// As somebody could who has the ledger's file.
    pub(super) fn set_counters_back(&self) {
        let script = "import sqlite3,sys\nc=sqlite3.connect(sys.argv[1])\n\
            c.execute(\"UPDATE limit_use SET used=0 WHERE name LIKE 'routine.%'\")\nc.commit()";
        let file = self.folder.path().join("l.db");
        assert!(
            std::process::Command::new("python3").args(["-c", script]).arg(file).status().unwrap().success()
        );
    }
}

fn label_of(is_member: bool, wrong: &mut usize) -> Label {
    if is_member && *wrong == 0 {
        return Label::Compromised;
    }
    *wrong = wrong.saturating_sub(usize::from(is_member));
    Label::NotCompromised
}

fn login(account: &AccountId, at: i64, n: u32) -> Event {
    Event::new(format!("{account}-{at}-{n}").as_str().into(), at, account.clone(), Kind::Login)
}

fn timeline(account: &AccountId, now: i64) -> Timeline {
    let moments = vec![
        Moment { hand: Hand::Owner, event: login(account, now - DAY_MS, 0) },
        Moment { hand: Hand::Intruder, event: login(account, now - 2 * HOUR_MS, 1) },
    ];
    Timeline { account: account.clone(), moments }
}

/// What each verdict rests on. Together they come to a confidence of 0.99; none of them alone carries it.
const SIGNALS: [(&str, Family); 4] = [
    ("new_device", Family::Novelty),
    ("new_network", Family::Novelty),
    ("burst", Family::Abuse),
    ("full_takeover", Family::Takeover),
];
const PRIOR: f64 = -3.404_880_15;
const WEIGHT: f64 = 2.0;

fn verdict(account: &AccountId, now: i64) -> Verdict {
    let seen = login(account, now - 2 * HOUR_MS, 1).id;
    Verdict {
        account: account.clone(),
        verdict: Belief::Compromised,
        route: Route::Credential,
        confidence: 0.99,
        window: Window { start: now - 2 * HOUR_MS, end: now - HOUR_MS },
        evidence: SIGNALS
            .map(|(signal, family)| Evidence {
                signal: signal.to_owned(),
                family,
                weight: WEIGHT,
                summary: "seen".to_owned(),
                events: vec![seen.clone()],
                campaign: None,
            })
            .to_vec(),
        intruder: Intruder { events: vec![seen], ..Intruder::default() },
    }
}
