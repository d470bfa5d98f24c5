//! One play: a seed drives a run and its undo through faults, deaths and everybody's moves; the auditor looks at each call,
//! and at the ledger after each move.

use super::auditor::Auditor;
use super::dice::Dice;
use super::ledger::{Ledger, Reached};
use super::mail::{Post, PostOffice};
use crate::response::crashing::{Call, Crashing, Fate};
use crate::response::house::House;
use model::account::ContactKind;
use model::id::{AccountId, RunId};
use model::plan::Entry;
use model::run::{Mover, RunState};
use model::secret::Secret;
use rehearse::service::Faults;
use respond::RespondError;
use respond::execute::WaveEnd;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use store::testing::Database;

const HOUR_MS: i64 = 3_600_000;
/// What is late comes by then: within `run.late_ms`, which is what the hands reckon with.
const LATE_MS: i64 = HOUR_MS / 3;
/// Moves in one play, before everything is well again and the rest is carried out.
const MOVES: u64 = 40;
/// After so many steps in which nothing goes wrong a run must have come to its end.
const PATIENCE: u32 = 200;

/// What a seed came to.
pub(crate) struct Played {
    /// What broke; nothing, where all is well.
    pub(crate) found: Vec<String>,
    /// States and transitions that were seen.
    pub(crate) reached: Reached,
    /// The writes at the service and the ledger's last leaf: the same in each play of a seed.
    pub(crate) mark: String,
}

struct Play<'a> {
    house: House,
    database: &'a Database,
    dice: Dice,
    auditor: Auditor,
    ledger: Ledger,
    post: Arc<Post>,
    run: RunId,
    /// The accounts of the plan, and all of the service.
    planned: Vec<AccountId>,
    everybody: Vec<AccountId>,
    /// Of a thousand calls so many go wrong in each way.
    fault: u64,
    /// When all that was late had come, ms.
    late_at: AtomicI64,
    /// The process that is at work was killed.
    is_dead: AtomicBool,
    is_well: bool,
    /// The ledger's disk is full.
    is_full: AtomicBool,
}

/// Plays a seed.
pub(crate) fn play(seed: u64) -> Played {
    let database = Database::sqlite_in_memory();
    let dice = Dice::new(seed);
    let accounts = dice.one(&[30, 45, 90]).expect("there are some");
    // A look at the clock takes no time, a little, or so much that a lease is over while its holder works.
    let look_ms = dice.one(&[0, 5, 700, 20_000, 60_001]).expect("there are some");
    let hourly = dice.one(&["50000", "9", "4"]).expect("there are some");
    let hourly = format!("accounts_per_hour_max = {hourly}");
    let limits = [("accounts_per_hour_max = 50000", hourly.as_str()), ("parallel = 8", "parallel = 1")];
    let house = House::with(&database, 1 + dice.below(4), accounts, look_ms, &limits);
    let post = Arc::new(Post::default());
    let office = PostOffice { post: Arc::clone(&post), dice: Dice::new(seed ^ 0x5eed) };
    let house = house.mailing(Box::new(office));
    let auditor = Auditor::new(&house);
    auditor.takes_up(&house, &house.run, false);
    let mut ledger = Ledger::new(&house, look_ms < HOUR_MS / 1_000);
    ledger.takes_up(&house.run);
    let run = house.run.clone();
    let fault = dice.one(&[0, 20, 60]).expect("there are some");
    let late = f64::from(u32::try_from(fault).expect("it is small")) / 1_000.0;
    house.service().set_faults(Faults { late, ..Faults::none(seed) });
    let planned = house.planned().into_keys().collect();
    let everybody = house.states().into_keys().collect();
    let late_at = AtomicI64::new(house.peek());
    let mut play = Play {
        house,
        database: &database,
        dice,
        auditor,
        ledger,
        post,
        run,
        planned,
        everybody,
        fault,
        late_at,
        is_dead: AtomicBool::new(false),
        is_well: false,
        is_full: AtomicBool::new(false),
    };
    play.contains();
    if play.dice.comes(500) {
        play.takes_back();
    }
    play.ends()
}

impl Play<'_> {
    /// The run, with all that can come between.
    fn contains(&mut self) {
        self.start();
        for _ in 0..MOVES {
            self.moves();
            self.looks();
        }
        self.carries_out();
    }

    /// Its undo: some are exonerated.
    fn takes_back(&mut self) {
        self.halts();
        let planned = self.house.planned();
        let is_replaced = |entry: &Entry| entry.acts.iter().any(|a| a.guard().is_some());
        let replaced = planned.into_values().filter(is_replaced).map(|e| e.account);
        let exonerated: BTreeSet<AccountId> = replaced.filter(|_| self.dice.comes(400)).collect();
        self.house.exonerate(&exonerated);
        self.auditor.exonerates(&exonerated);
        self.run = self.house.arm_undo(&exonerated, true);
        self.auditor.takes_up(&self.house, &self.run, true);
        self.ledger.takes_up(&self.run);
        self.is_well = false;
        self.post.is_well.store(false, Ordering::SeqCst);
        self.start();
        for _ in 0..MOVES / 2 {
            self.moves();
            self.looks();
        }
        self.carries_out();
    }

    fn ends(mut self) -> Played {
        self.house.end_holds(&*self.house.service());
        self.auditor.judge_off(&self.house);
        self.looks();
        let mut found = self.auditor.found();
        found.extend(self.post.found());
        found.extend(self.ledger.judge_end(&self.house, &self.post));
        let leaf = self.house.store.read(store::Read::audit_head).expect("it reads");
        let mark = format!("{} {leaf:?}", self.house.service().written_since(0).1);
        Played { found, reached: self.ledger.reached(), mark }
    }

    fn looks(&mut self) {
        for finding in self.ledger.look(&self.house) {
            self.auditor.finds(finding);
        }
    }

    /// Nothing goes wrong from now on: the run comes to its end.
    fn carries_out(&mut self) {
        self.is_well = true;
        self.post.is_well.store(true, Ordering::SeqCst);
        self.house.service().set_faults(Faults::none(0));
        self.auditor.late(&self.house);
        if self.house.halt.is_there() {
            self.house.take_the_file_away();
        }
        for _ in 0..PATIENCE {
            self.start();
            self.advances();
            self.looks();
            if self.state() == RunState::Done {
                break;
            }
        }
        // What is stuck, and may be helped by that, is tried once more.
        self.tries_stuck();
        self.looks();
        if self.state() != RunState::Done {
            let why = self.house.store.read(|r| r.run(&self.run)).expect("it is there").reason;
            self.auditor.finds(format!("{} does not come to its end: {why:?}", self.run));
        }
        // What was handed over and never answered, or was put off, is tried again when its time has come.
        for _ in 0..4 {
            self.house.pass(HOUR_MS / 6);
            self.mails();
        }
        let takes_back = self.run != self.house.run;
        self.auditor.judge_end(&self.house, &self.run, takes_back);
    }

    fn state(&self) -> RunState {
        self.house.store.read(|r| r.run(&self.run)).expect("it is there").state
    }

    fn start(&mut self) {
        match self.state() {
            RunState::Armed | RunState::Halted => {
                self.house.start(&self.run);
                self.ledger.started(&self.run);
            }
            RunState::Running | RunState::Done => {}
        }
    }

    fn halts(&self) {
        if self.state() == RunState::Done {
            return;
        }
        let now = self.house.now();
        self.house.store.write(now, |tx| tx.halt_run(&self.run, "ana", "somebody has doubts")).expect("kept");
    }

    /// Time goes by; what is late does not come too late.
    fn passes(&self, ms: i64) {
        let soon = ms.min(LATE_MS);
        self.house.pass(soon);
        self.what_is_late_comes(0);
        self.house.pass(ms - soon);
    }

    /// Where it is so long ago, ms, that everything had come.
    fn what_is_late_comes(&self, ago: i64) {
        let now = self.house.peek();
        if now - self.late_at.load(Ordering::SeqCst) >= ago {
            self.auditor.late(&self.house);
            self.late_at.store(now, Ordering::SeqCst);
        }
    }

    fn moves(&mut self) {
        self.what_is_late_comes(LATE_MS);
        match self.dice.below(32) {
            0..=13 => self.advances(),
            14 => self.halts(),
            15 => self.lays_a_file(),
            16 => self.start(),
            17 => self.settles(),
            18 | 19 => self.mails(),
            20 | 21 => self.disputes(),
            22 | 23 => self.somebody_moves(),
            24 => self.moderates(),
            25 => self.what_is_late_comes(0),
            26 => self.leaps(),
            27 => self.house.store = self.database.open(),
            28 => self.ends_holds(),
            29 => self.has_no_room(),
            30 => self.tries_stuck(),
            _ => self.two_at_once(),
        }
    }

    /// The next wave as far as it goes, or the gate after the last one.
    fn advances(&self) {
        let (waves, planned) = self
            .house
            .store
            .read(|r| Ok((r.waves(&self.run)?, r.plan(&r.run(&self.run)?.plan)?.header.waves.len())))
            .expect("it reads");
        let next = match waves.last() {
            Some(last) if last.ended_at.is_none() => last.wave,
            Some(last) => {
                if self.state() == RunState::Running {
                    // A gate that another wrote already, or of a run that was halted meanwhile.
                    let _ = self.house.go(&self.run, last.wave);
                    if last.wave as usize + 1 == planned {
                        let now = self.house.now();
                        let open = self.house.store.read(|r| r.open_cases(&self.run)).expect("it reads");
                        if open.is_empty() {
                            let _ = self.house.store.write(now, |tx| tx.finish_run(&self.run, "ana"));
                        } else {
                            self.settles();
                        }
                        return;
                    }
                }
                last.wave + 1
            }
            None => 0,
        };
        let end = self.hand(|service| self.house.wave(service, &self.run, next));
        match end {
            Some(Ok(WaveEnd::Paced(until, _))) => {
                self.passes((until - self.house.now()).max(0));
            }
            Some(Err(RespondError::Leased { .. })) => self.house.pass(60_000),
            Some(Err(error)) if self.is_well => self.auditor.finds(format!("all is well, and {error}")),
            Some(Ok(_) | Err(_)) | None => {}
        }
    }

    fn settles(&self) {
        let end = self.hand(|service| self.house.hands(service, |e| e.settle(&self.run)));
        match end {
            Some(Err(RespondError::Leased { .. })) => self.house.pass(60_000),
            Some(Err(error)) if self.is_well => self.auditor.finds(format!("all is well, and {error}")),
            Some(Ok(_) | Err(_)) | None => {}
        }
    }

    fn tries_stuck(&self) {
        self.hand(|service| self.house.hands(service, |e| e.retry_stuck(&self.run, "ana")));
    }

    fn mails(&self) {
        self.hand(|service| respond::outbox::flush(&self.house.store, &self.house.ports(service)));
    }

    fn ends_holds(&self) {
        self.hand(|service| respond::execute::end_due_holds(&self.house.store, &self.house.ports(service)));
    }

    /// Something is done by a process that may die of it; nothing, where it did.
    fn hand<R>(&self, act: impl FnOnce(&Crashing<'_>) -> R) -> Option<R> {
        self.is_dead.store(false, Ordering::SeqCst);
        let mut service = Crashing::when(self.house.service(), |call| self.fate(call));
        service.after = Some(Box::new(|call| self.auditor.after(&self.house, call)));
        match catch_unwind(AssertUnwindSafe(|| act(&service))) {
            Ok(done) => Some(done),
            Err(why) => {
                let word = why.downcast_ref::<&str>().copied().unwrap_or_default();
                if !self.is_dead.load(Ordering::SeqCst) && !word.starts_with("killed") {
                    let said = why.downcast_ref::<String>().map_or(word, String::as_str);
                    self.auditor.finds(format!("it panics: {said}"));
                }
                None
            }
        }
    }

    fn fate(&self, call: &Call) -> Fate {
        self.what_is_late_comes(LATE_MS);
        if !self.is_well && self.dice.comes(15) {
            self.somebody_moves();
        }
        self.auditor.before(&self.house, call);
        if self.is_well {
            return Fate::Through;
        }
        if self.dice.comes(10) {
            self.is_dead.store(true, Ordering::SeqCst);
            return if self.dice.comes(500) { Fate::KilledBefore } else { Fate::KilledAfter };
        }
        let goes_wrong = || self.dice.comes(self.fault);
        if goes_wrong() {
            Fate::LostBefore
        } else if goes_wrong() {
            Fate::LostAfter
        } else if goes_wrong() {
            Fate::Busy
        } else if goes_wrong() {
            Fate::Throttled
        } else if call.writes() && self.dice.comes(self.fault / 5) {
            Fate::Refused
        } else {
            Fate::Through
        }
    }

    fn somebody(&self) -> Option<AccountId> {
        self.dice.one(if self.dice.comes(700) { &self.planned } else { &self.everybody })
    }

    fn disputes(&self) {
        let cases = self.house.store.read(|r| r.cases(&self.house.run)).expect("they are read");
        let Some(case) = self.dice.one(&cases) else { return };
        let now = self.house.now();
        let said = self.house.store.write(now, |tx| tx.dispute(&self.house.run, &case.account));
        said.expect("its case is there");
    }

    /// Owner or intruder, in a session or by what they have: they change what opens the account, or post.
    fn somebody_moves(&self) {
        let (Some(account), service) = (self.somebody(), self.house.service()) else { return };
        let Some(session) = self.dice.one(&service.sessions(&account)) else { return };
        match self.dice.below(4) {
            0 => {
                let word = format!("chosen {}", self.dice.below(1 << 40));
                if service.change_password(&session, &Secret::new(word)) && self.dice.comes(400) {
                    let mover = if self.dice.comes(500) { Mover::Owner } else { Mover::Intruder };
                    if self.planned.contains(&account) && !self.is_full.load(Ordering::SeqCst) {
                        self.house.told_movers(&BTreeMap::from([(account.clone(), mover)]));
                    }
                }
            }
            1 => {
                let to = Secret::new(format!("{}@elsewhere.example", self.dice.below(1 << 40)));
                service.change_contact(&session, ContactKind::Mail, &to, self.house.now());
            }
            2 => drop(service.add_passkey(&session, None)),
            _ => drop(service.post(&session, "hello")),
        }
        self.auditor.moved(&account);
        self.auditor.skips_writes(&service);
    }

    fn moderates(&self) {
        let (Some(account), service) = (self.somebody(), self.house.service()) else { return };
        let off = self.dice.comes(500);
        if service.moderate(&account, off) {
            self.auditor.moderated(&account, off);
        }
        self.auditor.skips_writes(&service);
    }

    fn lays_a_file(&self) {
        if self.house.halt.is_there() {
            self.house.take_the_file_away();
        } else {
            std::fs::write(self.house.halt.path(), "").expect("it can be written");
        }
    }

    /// The clock goes on by minutes or by a day, or back by some.
    fn leaps(&self) {
        let by = self.dice.one(&[HOUR_MS / 6, 2 * HOUR_MS, 24 * HOUR_MS, -HOUR_MS / 6]);
        self.passes(by.unwrap_or_default());
    }

    /// The disk is full while a wave is carried out.
    fn has_no_room(&self) {
        self.house.store.leave_no_room(true).expect("it is a file");
        self.is_full.store(true, Ordering::SeqCst);
        self.advances();
        self.is_full.store(false, Ordering::SeqCst);
        self.house.store.leave_no_room(false).expect("it is a file");
    }

    /// Another operator takes the run up while the first is at it.
    fn two_at_once(&self) {
        let has_come = AtomicBool::new(false);
        let mut service = Crashing::when(self.house.service(), |call| {
            if call.writes() && !has_come.swap(true, Ordering::SeqCst) {
                self.advances();
            }
            self.auditor.before(&self.house, call);
            Fate::Through
        });
        service.after = Some(Box::new(|call| self.auditor.after(&self.house, call)));
        let wave = self.house.store.read(|r| r.waves(&self.run)).expect("they are read");
        let wave = wave.last().filter(|w| w.ended_at.is_none()).map_or(0, |w| w.wave);
        let end = catch_unwind(AssertUnwindSafe(|| self.house.wave(&service, &self.run, wave)));
        if end.is_err() && !self.is_dead.load(Ordering::SeqCst) {
            self.auditor.finds("it panics beside another operator".to_owned());
        }
    }
}
