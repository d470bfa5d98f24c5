//! A house for one test: a seeded service whose truth is taken for a hunt's answer, a ledger, two people who sign.

use ed25519_dalek::SigningKey;
use model::event::{Event, Kind};
use model::exoneration::{Exoneration, Way};
use model::gate::{GateCounts, GateDecision, GateRow};
use model::id::{AccountId, AppId, Digest, EventId, Millis, ObjectId, PlanId, RunId};
use model::operator::{Approval, Consent, Decision, Operator, sign};
use model::plan::{Act, Draft, Entry};
use model::policy::Policy;
use model::run::RunState;
use model::seal::seal;
use model::secret::Secret;
use model::verdict::{Belief, Change, Evidence, Family, Intruder, Route, Verdict, Window};
use rehearse::service::Service;
use rehearse::simulate::{Population, Settings, Truth, population};
use respond::RespondError;
use respond::execute::{Executor, LetterOrder, WaveEnd};
use respond::halt::HaltFile;
use respond::port::{Chance, Clock, Content, Delivery, Directory, Mail, Mailer, Ports};
use respond::vault::{KeyRing, Locked, MasterKey};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use store::notices::Words;
use store::plans::OwnerContact;
use store::put_back::ContactValue;
use store::steps::CaseState;
use store::testing::Database;
use store::{Store, StoreError};

/// A minute passes with every look, so that a dead process's lease ends.
const MINUTE: i64 = 60_001;

struct HandClock {
    now: AtomicI64,
    /// What passes with every look, ms.
    step: i64,
}

impl Clock for HandClock {
    fn now(&self) -> Millis {
        self.now.fetch_add(self.step, Ordering::SeqCst)
    }

    fn steady(&self) -> Millis {
        self.now()
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
        let shipped = include_str!("../../../../policy/shipped.toml").to_owned();
        let policy = limits
            .iter()
            .fold(shipped, |text, (line, other)| text.replace(line, other))
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
            clock: HandClock { now: AtomicI64::new(settings.end_ms), step },
            chance: CountedChance(AtomicU64::new(settings.seed << 32)),
            master: KeyRing::of(MasterKey::new([9; 32])),
            halt: HaltFile::in_folder(folder.path()),
            plan: "plan".into(),
            run: "run".into(),
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
        let cohort = decide::gather::gather(&decide::gather::Sources {
            verdicts: &verdicts,
            list: None,
            states: &states,
            labels: &labels,
            contained: &contained,
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
        let named: Vec<ContactValue> = draft.entries.iter().flat_map(|e| self.contact_values(e)).collect();
        let contacts: Vec<OwnerContact> = draft.entries.iter().filter_map(|e| self.contact(e)).collect();
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

    /// The contacts by value that an entry puts back or takes out.
    fn contact_values(&self, entry: &Entry) -> Vec<ContactValue> {
        let named: Vec<Digest> = entry.acts.iter().flat_map(Act::contacts).collect();
        let states = self.states();
        let all = states[&entry.account].record.contacts.iter().flatten();
        let value = |c: &model::account::Contact| ContactValue {
            account: entry.account.clone(),
            version: Digest::of(c.value.reveal().as_bytes()),
            value: c.value.clone(),
        };
        all.map(value).filter(|c| named.contains(&c.version)).collect()
    }

    fn contact(&self, entry: &Entry) -> Option<OwnerContact> {
        let wanted = entry.contact.as_ref()?;
        let states = self.states();
        let record = &states[&entry.account].record;
        let contact = record
            .contacts
            .iter()
            .flatten()
            .find(|c| Digest::of(c.value.reveal().as_bytes()) == wanted.version)?;
        Some(OwnerContact {
            account: entry.account.clone(),
            version: wanted.version,
            kind: contact.kind,
            value: contact.value.clone(),
            language: None,
            time_zone: None,
        })
    }

    pub(crate) fn ports<'a, T: Directory + Content>(&'a self, service: &'a T) -> Ports<'a> {
        Ports {
            directory: service,
            content: service,
            mailer: &Accepts,
            clock: &self.clock,
            chance: &self.chance,
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
        self.through(service, |executor| executor.wave(run, wave))
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
                let end = self.wave(service, run, wave).expect("the wave goes through");
                assert_eq!(end, WaveEnd::Through);
            }
            self.go(run, wave).expect("the gate is kept");
        }
        respond::outbox::flush(&self.store, &self.ports(service)).expect("mail goes out");
    }

    /// Asks the service about everything that is open.
    pub(crate) fn settle(&self, service: &Arc<Service>) {
        self.through(&**service, |executor| executor.settle(&self.run)).expect("it settles");
    }

    fn through<T: Directory + Content, R>(&self, service: &T, act: impl FnOnce(&Executor<'_>) -> R) -> R {
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
        self.clock.now.fetch_add(ms, Ordering::SeqCst);
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
        let planned = self.planned();
        let accounts: Vec<AccountId> = planned.keys().cloned().collect();
        let mut turned = self.store.read(|r| r.turned_objects(&self.run, &accounts)).expect("it reads");
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
        let undone = planned
            .into_values()
            .map(|entry| decide::plan::Undone {
                exonerated: exonerated.contains(&entry.account).then(|| "a proved dispute".to_owned()),
                kept: Vec::new(),
                turned: turned.remove(&entry.account).unwrap_or_default(),
                is_restorable: true,
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
        self.carry_out(service, &run);
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

fn key_of(who: &str) -> SigningKey {
    SigningKey::from_bytes(&Digest::of(who.as_bytes()).0)
}

/// What somebody says of a digest, signed.
pub(crate) fn signed(digest: Digest, who: &str, decision: Decision, expires_at: Millis) -> Approval {
    let consent = Consent { digest, decision, expires_at, operator: who.into() };
    sign(consent, &key_of(who)).expect("it signs")
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
