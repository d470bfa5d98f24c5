//! A house for one test: a seeded service whose truth is taken for a hunt's answer, a ledger, two people who sign.

use ed25519_dalek::SigningKey;
use model::event::{Event, Kind};
use model::exoneration::{Exoneration, Way};
use model::gate::{GateCounts, GateDecision, GateRow};
use model::id::{AccountId, AppId, Digest, EventId, Millis, ObjectId, PlanId, RunId};
use model::operator::{Approval, Consent, Decision, Operator, sign};
use model::plan::{Act, ActKind, Draft, Entry, Purpose, Template};
use model::policy::Policy;
use model::probe::ProbeKind;
use model::run::RunState;
use model::seal::seal;
use model::secret::Secret;
use model::verdict::{Belief, Change, Evidence, Family, Intruder, Route, Verdict, Window};
use rehearse::service::Service;
use rehearse::simulate::{Population, Settings, Truth, population};
use respond::RespondError;
use respond::execute::{Executor, LetterOrder, WaveEnd};
use respond::halt::HaltFile;
use respond::port::{Chance, Clock, Content, Delivery, Directory, Mail, Mailer, Ports, Rate};
use respond::vault::{KeyRing, Locked, MasterKey};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use store::notices::Words;
use store::plans::OwnerContact;
use store::put_back::ContactValue;
use store::steps::CaseState;
use store::testing::Database;
use store::{Store, StoreError};

/// A minute passes with every look, so that a dead process's lease ends.
pub(crate) const MINUTE: i64 = 60_001;

struct HandClock {
    now: AtomicI64,
    /// So much passes with every look, ms.
    look_ms: AtomicI64,
    /// A file that somebody lays down while it is slept.
    lays: Mutex<Option<PathBuf>>,
}

impl HandClock {
    fn pass(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Millis {
        self.now.fetch_add(self.look_ms.load(Ordering::SeqCst), Ordering::SeqCst)
    }

    fn steady(&self) -> Millis {
        self.now()
    }

    fn sleep(&self, ms: Millis) {
        self.pass(ms);
        if let Some(file) = self.lays.lock().expect("it is whole").take() {
            std::fs::write(file, "").expect("it can be written");
        }
    }
}

/// A population is the same for the same settings: it is played once in a process.
fn of_settings(settings: &Settings) -> Arc<Population> {
    static PLAYED: Mutex<BTreeMap<(u64, u32), Arc<Population>>> = Mutex::new(BTreeMap::new());
    let mut played = PLAYED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let of = played.entry((settings.seed, settings.accounts));
    Arc::clone(of.or_insert_with(|| Arc::new(population(settings))))
}

struct CountedChance(AtomicU64);

impl Chance for CountedChance {
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

/// There are no quiet hours, unless a test says which.
const BY_DAY: (&str, &str) = ("until_ms = 25200000", "until_ms = 79200000");

/// So long access tokens outlive their session: twenty hours, as a minute passes with every look at the clock.
const TOKENS_LIVE_MS: i64 = 72_000_000;

pub(crate) struct House {
    pub(crate) store: Store,
    service: Arc<Service>,
    population: Arc<Population>,
    policy: Policy,
    clock: HandClock,
    chance: CountedChance,
    master: KeyRing,
    pub(crate) halt: HaltFile,
    pub(crate) plan: PlanId,
    pub(crate) run: RunId,
    waits: AtomicU64,
    mailer: Box<dyn Mailer>,
    _folder: tempfile::TempDir,
}

impl House {
    /// A service of so many accounts, a third of them victims, and the plan that takes them back, armed and started.
    pub(crate) fn new(database: &Database, seed: u64, accounts: u32) -> Self {
        Self::with(database, seed, accounts, MINUTE, &[])
    }

    /// A service of so many accounts, a third of them victims.
    pub(crate) fn settings(seed: u64, accounts: u32) -> Settings {
        Settings {
            seed,
            accounts,
            days: 10,
            attacked_share: 0.2,
            shifts: Vec::new(),
            look_alikes: false,
            ..Settings::default()
        }
    }

    /// The same where another time passes with every look at the clock, and other limits hold.
    pub(crate) fn with(
        database: &Database,
        seed: u64,
        accounts: u32,
        step: i64,
        limits: &[(&str, &str)],
    ) -> Self {
        let settings = Self::settings(seed, accounts);
        let mut policy = include_str!("../../../../policy/shipped.toml").to_owned();
        let by_day = [BY_DAY];
        let by_day = by_day.iter().filter(|_| !limits.iter().any(|(line, _)| line.contains("until_ms")));
        for (line, other) in by_day.chain(limits) {
            assert!(policy.contains(line), "the shipped policy does not say {line}");
            policy = policy.replace(line, other);
        }
        let policy = policy
            .replace("canary_accounts = 80", "canary_accounts = 3")
            // Gates that few owners can pass.
            .replace("heard_share = 0.15", "heard_share = 0.9")
            .replace("wrong_share_stopped = 0.75", "wrong_share_stopped = 0.9")
            .replace("wronged_proved_share = 0.5", "wronged_proved_share = 0.9")
            .replace("batch_accounts = 25", "batch_accounts = 2")
            .replace("active_share_max = 0.10", "active_share_max = 0.9");
        Self::under(database, &settings, step, Policy::parse(&policy).expect("a policy"), &["ana", "ben"])
    }

    /// The same under any policy, signed by these people.
    pub(crate) fn under(
        database: &Database,
        settings: &Settings,
        step: i64,
        policy: Policy,
        people: &[&str],
    ) -> Self {
        let population = of_settings(settings);
        let service = Arc::new(Service::from_population(&population));
        service.let_tokens_outlive(TOKENS_LIVE_MS);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let house = Self {
            store: database.open(),
            service,
            population,
            policy,
            clock: HandClock {
                now: AtomicI64::new(settings.end_ms),
                look_ms: AtomicI64::new(step),
                lays: Mutex::new(None),
            },
            chance: CountedChance(AtomicU64::new(settings.seed << 32)),
            master: KeyRing::of(MasterKey::new([9; 32])),
            halt: HaltFile::in_folder(folder.path()),
            plan: "plan".into(),
            run: "run".into(),
            waits: AtomicU64::new(0),
            mailer: Box::new(Accepts),
            _folder: folder,
        };
        let draft = house.draft("plan");
        house.put(&draft, people, true);
        house.arm(&house.plan, &house.run);
        house
    }

    /// Permits the run of a plan.
    pub(crate) fn arm(&self, plan: &PlanId, run: &RunId) {
        respond::arm(&self.store, &self.ports(&*self.service), &self.master, plan, run, "author")
            .expect("it is approved");
    }

    /// A probe account that holds a credential of each kind, in another plan of the same accounts; and its run.
    pub(crate) fn with_probe(&self) -> (AccountId, RunId) {
        let (plan, run) = (PlanId::new("probing"), RunId::new("probing-run"));
        let account = AccountId::new("ours");
        let held = self.service.make_probe(&account).expect("it is kept");
        respond::probe::arm(&self.store, &self.clock, &self.chance, &self.master, &account, &held, "ana")
            .expect("it is kept");
        let probes = self.store.read(store::Read::probes).expect("they are read");
        let can = self.service.capabilities();
        let occasion = self.occasion(plan.as_str(), &can);
        let draft = self.draft(plan.as_str());
        let draft = decide::plan::with_probes(draft, &probes, &ProbeKind::ALL, &self.states(), &occasion);
        assert_eq!(draft.probes.len(), 1, "it is in the plan");
        self.put(&draft, &["ana", "ben"], false);
        self.arm(&plan, &run);
        (account, run)
    }

    /// The probe accounts of waves that are through are tried.
    pub(crate) fn try_probes(&self, run: &RunId) {
        self.hands(&*self.service, |executor| executor.try_probes(run)).expect("they are tried");
    }

    /// How many accounts may be begun with in an hour.
    pub(crate) fn hourly_max(&self) -> u64 {
        self.policy.run.accounts_per_hour_max
    }

    /// Where each owner of the plan is told, by the contact that was sealed.
    pub(crate) fn sealed_contacts(&self) -> BTreeMap<AccountId, Secret> {
        let planned = self.planned().into_values();
        let states = self.states();
        planned.filter_map(|e| contact(&states, &e)).map(|c| (c.account, c.value)).collect()
    }

    /// The same house with another mail server.
    pub(crate) fn mailing(self, mailer: Box<dyn Mailer>) -> Self {
        Self { mailer, ..self }
    }

    /// The same house before another's service.
    pub(crate) fn before(self, service: Arc<Service>) -> Self {
        Self { service, ..self }
    }

    pub(crate) fn service(&self) -> Arc<Service> {
        Arc::clone(&self.service)
    }

    pub(crate) fn states(&self) -> BTreeMap<AccountId, model::account::AccountState> {
        let states = self.service.snapshot(None).expect("it answers");
        states.into_iter().map(|s| (s.record.account.clone(), s)).collect()
    }

    /// How many follows and likes that their owners wanted are gone since the service began.
    pub(crate) fn owners_follows_gone(&self) -> usize {
        let untouched = Service::from_population(&self.population);
        let wanted = |all: BTreeMap<String, bool>| -> BTreeSet<String> {
            all.into_iter().filter(|(_, own)| *own).map(|(what, _)| what).collect()
        };
        let of = |service: &Service, account: &AccountId| {
            let follows = service.follows(account).into_iter().map(|(a, own)| (a.to_string(), own));
            let likes = service.likes(account).into_iter().map(|(o, own)| (o.to_string(), own));
            wanted(follows.chain(likes).collect())
        };
        let gone =
            |account: &AccountId| of(&untouched, account).difference(&of(&self.service, account)).count();
        self.states().keys().map(gone).sum()
    }

    /// The plan's entries by account.
    pub(crate) fn planned(&self) -> BTreeMap<AccountId, Entry> {
        let values = self.store.read(|r| r.values(&self.plan, None)).expect("it is sealed");
        values.into_iter().map(|v| (v.entry.account.clone(), v.entry)).collect()
    }

    pub(crate) fn intruders_apps(&self, account: &AccountId) -> Vec<AppId> {
        self.service.truth().get(account).map(|t| t.apps.clone()).unwrap_or_default()
    }

    pub(crate) fn draft(&self, plan: &str) -> Draft {
        let events: BTreeMap<&EventId, &Event> = self.population.events.iter().map(|e| (&e.id, e)).collect();
        let verdicts: Vec<Verdict> = self.population.truth.iter().map(|t| verdict(t, &events)).collect();
        let states = self.states();
        let (labels, contained) = (BTreeMap::new(), BTreeMap::new());
        let (moved, unsettled) = (BTreeMap::new(), BTreeSet::new());
        let cohort = decide::gather::gather(&decide::gather::Sources {
            verdicts: &verdicts,
            list: None,
            states: &states,
            labels: &labels,
            contained: &contained,
            moved: &moved,
            unsettled: &unsettled,
            policy: &self.policy,
        });
        let can = self.service.capabilities();
        decide::plan::draft(&cohort, &self.occasion(plan, &can))
    }

    fn occasion<'a>(
        &'a self,
        plan: &str,
        can: &'a respond::port::Capabilities,
    ) -> decide::plan::Occasion<'a> {
        decide::plan::Occasion {
            plan: plan.into(),
            author: "author".into(),
            at: self.clock.now(),
            hunt: Digest::of(b"hunt"),
            connector: can.name.clone(),
            policy: (&self.policy, self.policy.digest().expect("it has one")),
            can: &can.acts,
            outlives_ms: can.outlives_ms(),
        }
    }

    /// Keeps, seals and approves a plan.
    pub(crate) fn put(&self, draft: &Draft, people: &[&str], new_operators: bool) {
        let plan = draft.header.plan.clone();
        let now = self.clock.now();
        let (sealed, values) = seal(draft.clone(), || self.chance.bytes()).expect("a good draft");
        let states = self.states();
        let named: Vec<ContactValue> =
            draft.entries.iter().flat_map(|e| contact_values(&states, e)).collect();
        let contacts: Vec<OwnerContact> = draft.entries.iter().filter_map(|e| contact(&states, e)).collect();
        self.store
            .write(now, |tx| {
                tx.put_draft(draft, &self.policy)?;
                tx.put_contacts(&plan, &contacts)?;
                tx.put_contact_values(&plan, &named)?;
                tx.check_plan(&plan, &[], "author")?;
                tx.seal_plan(&sealed, &values, "author")?;
                tx.mark_reviewed(&plan, "author", serde_json::Value::Null)?;
                for &who in people {
                    let public_key = Digest(key_of(who).verifying_key().to_bytes());
                    if new_operators {
                        tx.add_operator(&Operator { name: who.into(), public_key, added_at: now }, "test")?;
                    }
                    let said = signed(sealed.digest(), who, Decision::Approve, draft.header.expires_at);
                    tx.put_approval(&plan, &said)?;
                }
                tx.mark_approved(&plan, people[0], serde_json::Value::Null)
            })
            .expect("the ledger takes it");
    }

    pub(crate) fn ports<'a, T: Directory + Content>(&'a self, service: &'a T) -> Ports<'a> {
        Ports {
            directory: service,
            content: service,
            prober: &*self.service,
            mailer: &*self.mailer,
            clock: &self.clock,
            chance: &self.chance,
            rate: Rate::default(),
        }
    }

    /// Carries the run out to its end, from wherever it is; every gate says go.
    pub(crate) fn run<T: Directory + Content>(&self, service: &T) {
        self.carry_out(service, &self.run);
    }

    /// Starts a run, where it is not running.
    pub(crate) fn start(&self, run: &RunId) {
        if self.store.read(|r| r.run(run)).expect("it is armed").state != RunState::Running {
            self.store.write(self.clock.now(), |tx| tx.start_run(run, "test")).expect("it starts");
        }
    }

    /// One wave of a run.
    pub(crate) fn wave<T: Directory + Content>(
        &self,
        service: &T,
        run: &RunId,
        wave: u32,
    ) -> Result<WaveEnd, RespondError> {
        self.hands(service, |executor| executor.wave(run, wave))
    }

    /// A gate says go.
    pub(crate) fn go(&self, run: &RunId, wave: u32) -> Result<(), StoreError> {
        let (decision, counts) = (GateDecision::Go, GateCounts::default());
        let gate = GateRow { wave, decision, counts, findings: Vec::new() };
        self.store.write(self.clock.now(), |tx| tx.put_gate(run, &gate))
    }

    fn carry_out<T: Directory + Content>(&self, service: &T, run: &RunId) {
        self.start(run);
        let waves =
            self.store.read(|r| Ok(r.plan(&r.run(run)?.plan)?.header.waves.len())).expect("it has a plan");
        for wave in (0_u32..).take(waves) {
            let ended = self.store.read(|r| r.waves(run)).expect("waves");
            if !ended.iter().any(|w| w.wave == wave && w.ended_at.is_some()) {
                self.through(service, run, wave);
            }
            self.go(run, wave).expect("the gate is kept");
        }
        respond::outbox::flush(&self.store, &self.ports(service)).expect("mail goes out");
    }

    /// What owners of the plan's accounts wrote and everybody can see: the plan hides none of it.
    pub(crate) fn own_posts(&self, accounts: usize) -> BTreeMap<AccountId, ObjectId> {
        let foreign: BTreeSet<&EventId> = self.population.truth.iter().flat_map(|t| &t.events).collect();
        let planned = self.planned();
        let own = self.population.events.iter().filter(|e| e.kind == Kind::Post && !foreign.contains(&e.id));
        let own = own.filter(|e| planned.contains_key(&e.account));
        let posts = own.filter_map(|e| Some((e.account.clone(), e.object.clone()?)));
        let seen: BTreeMap<AccountId, ObjectId> = posts.filter(|(_, o)| self.service.visible(o)).collect();
        assert!(seen.len() >= accounts, "only {} owners of a plan have written", seen.len());
        seen.into_iter().take(accounts).collect()
    }

    /// An addendum to the house's plan that hides one object more of each of these accounts, sealed and approved.
    pub(crate) fn add(&self, objects: &BTreeMap<AccountId, ObjectId>) {
        let (plan, to) =
            ("addendum".into(), self.store.read(|r| r.run(&self.run)).expect("it is armed").digest);
        let mut entries: Vec<Entry> =
            self.planned().into_values().filter(|e| objects.contains_key(&e.account)).collect();
        for entry in &mut entries {
            entry.wave = 0;
            entry.acts = vec![Act::HideObjects { objects: vec![objects[&entry.account].clone()] }];
            entry.if_moved = Vec::new();
            entry.notice = Template::Addendum;
        }
        let mut header = self.store.read(|r| r.plan(&self.plan)).expect("it is there").header;
        header.plan = plan;
        header.purpose = Purpose::Addendum { run: self.run.clone(), to };
        header.accounts = entries.len() as u64;
        header.waves = vec![header.accounts];
        let draft = Draft { header, entries, probes: Vec::new(), left_out: Vec::new() };
        self.put(&draft, &["ana", "ben"], false);
    }

    /// Arms the addendum, and carries it out as far as it goes.
    pub(crate) fn carry_out_addendum<T: Directory + Content>(&self, service: &T) -> RunId {
        let run = RunId::new("addendum-run");
        if self.store.read(|r| r.run_of(&"addendum".into())).expect("it reads").is_none() {
            self.arm(&"addendum".into(), &run);
        }
        self.carry_out(service, &run);
        run
    }

    /// The gate after a wave says go.
    pub(crate) fn gate(&self, wave: u32) {
        self.go(&self.run, wave).expect("the gate is kept");
    }

    /// Cleo pulls the brake: some accounts are taken off on their word alone. Gives the run.
    pub(crate) fn brake(&self, accounts: usize) -> RunId {
        let (plan, run) = (PlanId::new("brake"), RunId::new("brake-run"));
        let now = self.clock.now();
        let mut entries: Vec<Entry> = self.planned().into_values().take(accounts).collect();
        for entry in &mut entries {
            entry.wave = 0;
            entry.acts = vec![Act::Hold { lasts_ms: self.policy.brake.valid_ms }, Act::EndSessions];
            entry.if_moved = Vec::new();
        }
        let states = self.states();
        let contacts: Vec<OwnerContact> = entries.iter().filter_map(|e| contact(&states, e)).collect();
        let mut header = self.store.read(|r| r.plan(&self.plan)).expect("it is there").header;
        header.plan = plan.clone();
        header.purpose = Purpose::Brake;
        header.author = "cleo".into();
        header.expires_at = now + self.policy.brake.valid_ms;
        header.accounts = entries.len() as u64;
        header.waves = vec![entries.len() as u64];
        let draft = Draft { header, entries, probes: Vec::new(), left_out: Vec::new() };
        let (sealed, values) = seal(draft.clone(), || self.chance.bytes()).expect("a good draft");
        let public_key = Digest(key_of("cleo").verifying_key().to_bytes());
        let word = signed(sealed.digest(), "cleo", Decision::Approve, draft.header.expires_at);
        self.store
            .write(now, |tx| {
                tx.add_operator(&Operator { name: "cleo".into(), public_key, added_at: now }, "test")?;
                tx.put_draft(&draft, &self.policy)?;
                tx.put_contacts(&plan, &contacts)?;
                tx.check_plan(&plan, &[], "cleo")?;
                tx.seal_plan(&sealed, &values, "cleo")?;
                tx.mark_reviewed(&plan, "cleo", serde_json::Value::Null)?;
                tx.put_approval(&plan, &word)?;
                tx.mark_approved(&plan, "cleo", serde_json::Value::Null)
            })
            .expect("the ledger takes it");
        self.arm(&plan, &run);
        self.carry_out(&*self.service, &run);
        run
    }

    /// Somebody signs, with the key of whom it may be, that a brake should last until a moment.
    pub(crate) fn make_longer(
        &self,
        run: &RunId,
        (key, who): (&str, &str),
        until: Millis,
    ) -> Result<Millis, String> {
        let digest = self.store.read(|r| r.run(run)).expect("it is there").digest;
        let word = signed_by(key, digest, who, Decision::Approve, until);
        let longer = respond::brake::make_longer(&self.store, run, &word, self.clock.now());
        longer.map(|end| end.at).map_err(|e| e.to_string())
    }

    /// When a brake ends by the one function that says so.
    pub(crate) fn brake_end(&self, run: &RunId) -> Millis {
        let end = self.store.read_with(|r| respond::consent::brake_end(r, &r.run(run)?.plan));
        end.expect("it reads").expect("it is a brake").at
    }

    /// Whether consent says that a brake may still be carried out.
    pub(crate) fn goes_on(&self, run: &RunId) -> bool {
        let now = self.clock.now();
        self.store.read_with(|r| respond::consent::check(r, &r.run(run)?.plan, now)).is_ok()
    }

    /// Ends the holds that are due now.
    pub(crate) fn end_holds_now(&self) {
        let ended = respond::execute::end_due_holds(&self.store, &self.ports(&*self.service));
        assert!(ended.expect("the ledger takes it").open.is_empty());
    }

    /// The policy in force.
    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What is due is sent.
    pub(crate) fn flush(&self) {
        respond::outbox::flush(&self.store, &self.ports(&*self.service)).expect("mail goes out");
    }

    /// The credential that the ledger knows to be ours.
    pub(crate) fn ours(&self, account: &AccountId) -> Option<model::account::CredentialVersion> {
        let sealed = self.store.read(|r| r.sealed_credentials(&self.run, std::slice::from_ref(account)));
        sealed.expect("it reads").into_iter().find_map(|c| c.version_ours)
    }

    /// So much time passes that no call can be late any more.
    pub(crate) fn pass_late(&self) {
        self.clock.pass(self.policy.run.late_ms);
    }

    /// Carries a wave out to its end, however often it has to wait; what the service is late with comes meanwhile.
    fn through<T: Directory + Content>(&self, service: &T, run: &RunId, wave: u32) {
        loop {
            let end = self.wave(service, run, wave).expect("the wave goes through");
            match end {
                WaveEnd::Through => return,
                WaveEnd::Paced(until, _) => {
                    self.waits.fetch_add(1, Ordering::SeqCst);
                    self.clock.pass((until - self.clock.now()).max(0));
                    self.service.let_late_arrive();
                }
                WaveEnd::Unproved(why) => panic!("a probe in a house that has none: {why}"),
                WaveEnd::Halted(why) => panic!("the run halted: {why}"),
            }
        }
    }

    /// One wave of the house's run, as far as it goes now.
    pub(crate) fn goes<T: Directory + Content>(&self, service: &T, wave: u32) -> WaveEnd {
        self.start(&self.run);
        self.wave(service, &self.run, wave).expect("it ends one way or the other")
    }

    /// From now on the clock stands still but for what is slept.
    pub(crate) fn stand_still(&self) {
        self.clock.look_ms.store(0, Ordering::SeqCst);
    }

    /// Somebody lays the file `HALT` down as soon as the executor sleeps.
    pub(crate) fn halt_while_asleep(&self) {
        *self.clock.lays.lock().expect("it is whole") = Some(self.halt.path().to_owned());
    }

    /// The file is taken away again.
    pub(crate) fn take_the_file_away(&self) {
        std::fs::remove_file(self.halt.path()).expect("it was there");
    }

    /// How often a wave had to wait.
    pub(crate) fn waits(&self) -> u64 {
        self.waits.load(Ordering::SeqCst)
    }

    /// Asks the service about everything that is open.
    pub(crate) fn settle<T: Directory + Content>(&self, service: &T) {
        self.hands(service, |executor| executor.settle(&self.run)).expect("it settles");
    }

    pub(crate) fn hands<T: Directory + Content, R>(
        &self,
        service: &T,
        act: impl FnOnce(&Executor<'_>) -> R,
    ) -> R {
        let letters = |_: &store::Read, order: &LetterOrder<'_>| {
            let text = format!("{} {:?}", order.code, order.done);
            Ok(Words { subject: "notice".to_owned(), text, html: String::new() })
        };
        let holder = Digest(self.chance.bytes()).hex();
        act(&Executor {
            store: &self.store,
            ports: self.ports(service),
            master: &self.master,
            halt: &self.halt,
            letters: &letters,
            mail_domain: "meadow.example",
            holder: &holder,
            progress: &|_| {},
        })
    }

    /// Time goes by.
    pub(crate) fn pass(&self, ms: i64) {
        self.clock.pass(ms);
    }

    /// Now, without a look.
    pub(crate) fn peek(&self) -> Millis {
        self.clock.now.load(Ordering::SeqCst)
    }

    /// Now; looked at, it passes.
    pub(crate) fn now(&self) -> Millis {
        self.clock.now()
    }

    /// The holds' time passes, and their ends are carried out; gives how many accounts are still off.
    pub(crate) fn end_holds<T: Directory + Content>(&self, service: &T) -> usize {
        self.pass(self.policy.hold.lasts_ms_max);
        let ended = respond::execute::end_due_holds(&self.store, &self.ports(service));
        ended.expect("the ledger takes it").open.len()
    }

    /// Tokens that outlived their sessions die; then whoever holds one tries to climb back.
    pub(crate) fn climbed_back(
        &self,
        before: &BTreeMap<AccountId, model::account::AccountState>,
    ) -> Vec<AccountId> {
        let back = |(account, was): (&AccountId, &model::account::AccountState)| {
            let climbs = was.sessions.iter().any(|s| self.service.climb_back(account, s).is_some());
            climbs.then(|| account.clone())
        };
        before.iter().filter_map(back).collect()
    }

    /// A later hunt says whose hand changed these credentials.
    pub(crate) fn told_movers(&self, movers: &BTreeMap<AccountId, model::run::Mover>) {
        let hunt = Digest::of(b"a later hunt");
        self.store
            .write(self.clock.now(), |tx| tx.put_movers(&self.plan, &hunt, movers, "test"))
            .expect("the plan is there");
    }

    /// Who needs a person, with the reason.
    pub(crate) fn queue(&self) -> BTreeMap<AccountId, model::run::PersonNeeded> {
        let rows = self.store.read(store::Read::queue).expect("it reads");
        rows.into_iter().map(|q| (q.account, q.why)).collect()
    }

    /// A new master key; the old one is forgotten.
    pub(crate) fn rotate(&mut self, fresh: [u8; 32]) {
        let key = MasterKey::new(fresh);
        respond::keys::rotate(&self.store, &self.clock, &self.chance, &self.master, &key, "test")
            .expect("it rotates");
        self.master = KeyRing::of(key);
    }

    /// The wrapped keys as a stolen copy of the ledger has them, and whether the ring at hand opens them.
    pub(crate) fn copy_of_keys(&self) -> Vec<store::keys::WrappedKey> {
        self.store.read(store::Read::wrapped_keys).expect("they are read")
    }

    /// What the run has sealed of old credentials, opened.
    pub(crate) fn old_credentials(&self) -> BTreeMap<AccountId, Secret> {
        let accounts: Vec<AccountId> = self.planned().into_keys().collect();
        let rows = self.store.read(|r| r.sealed_credentials(&self.run, &accounts)).expect("they are read");
        let wrapped = self.store.read(|r| r.run_key(&self.run)).expect("it is read");
        let (id, wrapped) = wrapped.expect("the run has a key");
        let key = self.master.unwrap(&self.run, &id, &wrapped).expect("it fits");
        let open = |row: store::steps::SealedCredential| {
            let locked = Locked { nonce: row.nonce, ciphertext: row.ciphertext };
            let old = key.open(&row.account, &locked).expect("it was sealed under this key");
            (row.account, old)
        };
        rows.into_iter().map(open).collect()
    }

    pub(crate) fn opens(&self, key: &store::keys::WrappedKey) -> bool {
        self.master.unwrap(&key.run, &key.key_id, &key.wrapped).is_ok()
    }

    pub(crate) fn finish(&self) {
        self.store.write(self.clock.now(), |tx| tx.finish_run(&self.run, "test")).expect("it ends");
    }

    /// Time goes by; what has expired is destroyed.
    pub(crate) fn expire_after(&self, ms: i64) -> Vec<RunId> {
        self.pass(ms);
        respond::keys::expire(&self.store, &self.clock, "test").expect("it expires")
    }

    pub(crate) fn window_ms(&self) -> i64 {
        self.policy.undo.window_ms
    }

    fn in_state(&self, state: CaseState) -> Vec<AccountId> {
        let cases = self.store.read(|r| r.cases(&self.run)).expect("cases");
        cases.into_iter().filter(|c| c.state == state).map(|c| c.account).collect()
    }

    /// When the intent of each account that was begun with was kept, ms.
    pub(crate) fn intended(&self) -> BTreeMap<AccountId, Millis> {
        let cases = self.store.read(|r| r.cases(&self.run)).expect("cases");
        cases.into_iter().map(|c| (c.account, c.intended_at)).collect()
    }

    /// The plan's time is over.
    pub(crate) fn pass_the_plan(&self) {
        self.clock.pass(self.policy.approval.valid_ms);
    }

    /// Why a wave can't be carried out.
    pub(crate) fn refused(&self, wave: u32) -> String {
        let end = self.wave(&*self.service, &self.run, wave);
        end.expect_err("it goes on").to_string()
    }

    /// What became of each step on an account.
    pub(crate) fn steps(&self, account: &AccountId) -> Vec<store::steps::Step> {
        self.steps_of(&self.run, account)
    }

    /// The same in another run.
    pub(crate) fn steps_of(&self, run: &RunId, account: &AccountId) -> Vec<store::steps::Step> {
        self.store.read(|r| r.steps(run, std::slice::from_ref(account))).expect("steps")
    }

    pub(crate) fn failed(&self) -> Vec<AccountId> {
        self.in_state(CaseState::Failed)
    }

    pub(crate) fn unknown(&self) -> Vec<AccountId> {
        [CaseState::Unknown, CaseState::Intended].into_iter().flat_map(|s| self.in_state(s)).collect()
    }

    /// Whether the plan replaces this account's credential.
    pub(crate) fn replaced(&self, account: &AccountId) -> bool {
        self.planned()[account].acts.iter().any(|a| matches!(a, Act::RequireNewCredential { .. }))
    }

    pub(crate) fn some_with_password(&self, n: usize) -> BTreeSet<AccountId> {
        let some: BTreeSet<AccountId> =
            self.planned().into_keys().filter(|a| self.replaced(a)).take(n).collect();
        assert_eq!(some.len(), n, "too few accounts whose credential was replaced");
        some
    }

    /// Undoes the run for everybody: these are exonerated, the others released.
    pub(crate) fn undo(&self, exonerated: &BTreeSet<AccountId>) {
        self.exonerate(exonerated);
        self.undo_through(exonerated, &*self.service);
    }

    /// Puts on record why these are exonerated.
    pub(crate) fn exonerate(&self, exonerated: &BTreeSet<AccountId>) {
        let why = Exoneration { way: Way::Disputed, why: "a proved dispute".to_owned() };
        let on_record = exonerated.iter().map(|a| (a.clone(), why.clone())).collect();
        self.store.write(self.clock.now(), |tx| tx.exonerate(&self.run, &on_record, "test")).expect("kept");
    }

    /// The same by another way to the service, and with nothing new on record.
    pub(crate) fn undo_through<T: Directory + Content>(&self, exonerated: &BTreeSet<AccountId>, service: &T) {
        let run = self.arm_undo(exonerated, false);
        self.carry_out(service, &run);
    }

    /// Drafts, seals and approves an undo for everybody, and permits its run.
    pub(crate) fn arm_undo(&self, exonerated: &BTreeSet<AccountId>, only_done: bool) -> RunId {
        let planned = self.planned();
        let accounts: Vec<AccountId> = planned.keys().cloned().collect();
        let mut turned = self.store.read(|r| r.turned_with_addenda(&self.run, &accounts)).expect("it reads");
        let holds = self.store.read(|r| r.holds(&self.run, &accounts)).expect("it reads");
        let held: BTreeSet<AccountId> =
            holds.into_iter().filter(store::holds::HoldRow::is_open).map(|h| h.account).collect();
        let steps = self.store.read(|r| r.steps(&self.run, &accounts)).expect("it reads");
        let put_back = |account: &AccountId| {
            let done = |s: &&store::steps::Step| {
                s.account == *account && s.state == model::run::StepState::Done && s.changed != Some(0)
            };
            steps.iter().filter(done).map(|s| s.act.clone()).collect()
        };
        let is_done = |account: &AccountId, kind: Option<ActKind>| {
            steps.iter().any(|s| {
                s.account == *account
                    && s.state == model::run::StepState::Done
                    && kind.is_none_or(|kind| s.kind == kind)
            })
        };
        let undone = planned
            .into_values()
            .filter(|entry| !only_done || is_done(&entry.account, None))
            .map(|entry| decide::plan::Undone {
                exonerated: exonerated.contains(&entry.account).then(|| "a proved dispute".to_owned()),
                kept: Vec::new(),
                turned: turned.remove(&entry.account).unwrap_or_default(),
                is_restorable: !only_done || is_done(&entry.account, Some(ActKind::RequireNewCredential)),
                put_back: put_back(&entry.account),
                is_held: held.contains(&entry.account),
                entry,
            })
            .collect();
        let can = self.service.capabilities();
        let draft = decide::plan::draft_undo(self.run.clone(), undone, &self.occasion("undo", &can));
        self.put(&draft, &["ana", "ben"], false);
        let run = RunId::new("undo-run");
        self.arm(&"undo".into(), &run);
        run
    }

    pub(crate) fn insist_on_one_notice_each(&self, what: &str) {
        use model::notice::NoticeState;
        let notices = self.store.read(|r| r.notices(&self.run)).expect("notices");
        let accounts: BTreeSet<&AccountId> = notices.iter().map(|n| &n.account).collect();
        assert_eq!(accounts.len(), notices.len(), "{what}: two notices for one owner");
        assert_eq!(accounts.len(), self.planned().len(), "{what}: an owner without a notice");
        let waiting = notices.iter().filter(|n| n.contact.is_some() && n.state != NoticeState::Sent).count();
        assert_eq!(waiting, 0, "{what}: notices that did not go out");
    }
}

type States = BTreeMap<AccountId, model::account::AccountState>;

/// The contacts by value that an entry puts back or takes out.
fn contact_values(states: &States, entry: &Entry) -> Vec<ContactValue> {
    let named: Vec<Digest> = entry.acts.iter().flat_map(Act::contacts).collect();
    let all = states[&entry.account].record.contacts.iter().flatten();
    let value = |c: &model::account::Contact| ContactValue {
        account: entry.account.clone(),
        version: Digest::of(c.value.reveal().as_bytes()),
        value: c.value.clone(),
    };
    all.map(value).filter(|c| named.contains(&c.version)).collect()
}

/// Where the owner is told.
fn contact(states: &States, entry: &Entry) -> Option<OwnerContact> {
    let wanted = entry.contact.as_ref()?;
    let mut all = states[&entry.account].record.contacts.iter().flatten();
    let contact = all.find(|c| Digest::of(c.value.reveal().as_bytes()) == wanted.version)?;
    Some(OwnerContact {
        account: entry.account.clone(),
        version: wanted.version,
        kind: contact.kind,
        value: contact.value.clone(),
        language: None,
        time_zone: None,
    })
}

fn key_of(who: &str) -> SigningKey {
    SigningKey::from_bytes(&Digest::of(who.as_bytes()).0)
}

/// What somebody says of a digest, signed.
pub(crate) fn signed(digest: Digest, who: &str, decision: Decision, expires_at: Millis) -> Approval {
    signed_by(who, digest, who, decision, expires_at)
}

/// The same with the key of anybody.
fn signed_by(key: &str, digest: Digest, who: &str, decision: Decision, expires_at: Millis) -> Approval {
    let consent = Consent { digest, decision, expires_at, operator: who.into() };
    sign(consent, &key_of(key)).expect("it signs")
}

/// What an intruder began to follow or like, and the owner did not.
fn taken_up(truth: &Truth, events: &BTreeMap<&EventId, &Event>, kind: &Kind) -> BTreeSet<String> {
    let foreign: BTreeSet<&EventId> = truth.events.iter().collect();
    let of_kind = events.values().filter(|e| e.account == truth.account && e.kind == *kind);
    let (theirs, owners): (Vec<&&Event>, Vec<&&Event>) = of_kind.partition(|e| foreign.contains(&e.id));
    let objects = |all: Vec<&&Event>| -> BTreeSet<String> {
        all.iter().filter_map(|e| e.object.as_ref()).map(ToString::to_string).collect()
    };
    objects(theirs).difference(&objects(owners)).cloned().collect()
}

/// The truth as a perfect hunt would tell it.
fn verdict(truth: &Truth, events: &BTreeMap<&EventId, &Event>) -> Verdict {
    let theirs = truth.events.iter().filter_map(|id| events.get(id));
    let changes_access = |event: &&&Event| {
        matches!(event.kind, Kind::EmailChange | Kind::PhoneChange | Kind::MfaChange | Kind::PasswordChange)
    };
    let change = |event: &&Event| Change {
        kind: event.kind.clone(),
        previous: event.previous.clone(),
        event: event.id.clone(),
    };
    let evidence = |signal: &str, family| Evidence {
        signal: signal.to_owned(),
        family,
        weight: 5.0,
        summary: signal.to_owned(),
        events: truth.events.clone(),
        campaign: None,
    };
    let route = if truth.knows_password {
        Route::Credential
    } else if truth.apps.is_empty() {
        Route::Session
    } else {
        Route::App
    };
    Verdict {
        account: truth.account.clone(),
        verdict: Belief::Compromised,
        route,
        confidence: 0.99,
        window: Window { start: truth.start, end: truth.end },
        evidence: vec![evidence("foreign", Family::Novelty), evidence("harm", Family::Abuse)],
        intruder: Intruder {
            events: truth.events.clone(),
            objects: truth.objects.clone(),
            follows: taken_up(truth, events, &Kind::Follow).into_iter().map(AccountId::new).collect(),
            likes: taken_up(truth, events, &Kind::Like).into_iter().map(ObjectId::new).collect(),
            sessions: truth.sessions.clone(),
            apps: truth.apps.clone(),
            changes: theirs.filter(changes_access).map(change).collect(),
        },
    }
}
