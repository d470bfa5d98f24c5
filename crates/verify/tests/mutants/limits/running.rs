//! What is taken before an act, what ends by its time, and what is let go.

use super::{Row, done, filled};
use crate::crashing::{Crashing, Fate};
use crate::house::House;
use model::account::CredentialVersion;
use model::id::{AccountId, Digest};
use model::policy::{Policy, RecoveryPolicy};
use model::run::RunState;
use model::secret::Secret;
use model::verdict::Timeline;
use rehearse::service::Faults;
use respond::recover;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;
use store::notices::Words;
use store::testing::Database;

const DAY_MS: i64 = 86_400_000;

pub(crate) const ROWS: &[Row] = &[
    done("run.batch_accounts", "batch_accounts = 25", "batch_accounts = 1", |house| {
        // Killed in the first call: so many may be open. In a house a batch has two.
        let killed =
            Crashing::when(house.service(), |c| if c.writes() { Fate::KilledAfter } else { Fate::Through });
        wave(house, &killed);
        house.store.read(|r| r.cases(&house.run)).expect("they are read").len() == 1
    }),
    done("run.parallel", "parallel = 8", "parallel = 1", never_two_calls_at_once),
    done(
        "run.accounts_per_hour_max",
        "accounts_per_hour_max = 50000",
        "accounts_per_hour_max = 2",
        |house| {
            wave(house, &Crashing::never(house.service()));
            house.store.read(|r| r.cases(&house.run)).expect("they are read").len() <= 2
        },
    ),
    done("run.attempts_max", "attempts_max = 3", "attempts_max = 1", |house| {
        let calls = AtomicU64::new(0);
        let lost = Crashing::when(house.service(), |c| {
            if c.name != "end_sessions" {
                return Fate::Through;
            }
            calls.fetch_add(1, Ordering::SeqCst);
            Fate::LostBefore
        });
        wave(house, &lost);
        let tried = house.store.read(|r| r.cases(&house.run)).expect("they are read").len() as u64;
        calls.load(Ordering::SeqCst) <= tried
    }),
    done("run.acts_per_second_max", "acts_per_second_max = 50", "acts_per_second_max = 2", |house| {
        let acts = AtomicI64::new(0);
        let counting = Crashing::when(house.service(), |call| {
            acts.fetch_add(i64::from(call.writes()), Ordering::SeqCst);
            Fate::Through
        });
        house.stand_still();
        let began = house.now();
        wave(house, &counting);
        let acts = acts.load(Ordering::SeqCst);
        assert!(acts > 6, "only {acts} acts");
        // The first and the last of the seconds need not be whole.
        house.now() - began >= (acts / 2 - 2) * 1000
    }),
    done("run.busy_ms", "busy_ms = 5000 ", "busy_ms = 60000 ", |house| {
        let (busy_at, again_at) = (Mutex::new(None), Mutex::new(None));
        let busy = Crashing::when(house.service(), |call| {
            if !call.writes() {
                return Fate::Through;
            }
            let mut busy_at = busy_at.lock().expect("nobody dies");
            if busy_at.is_none() {
                *busy_at = Some(house.now());
                return Fate::Busy;
            }
            // What was called beside it is no second look.
            if busy_at.is_some_and(|at| at < house.now()) {
                again_at.lock().expect("nobody dies").get_or_insert(house.now());
            }
            Fate::Through
        });
        house.stand_still();
        wave(house, &busy);
        let busy_at = busy_at.lock().expect("nobody dies").expect("something was called");
        let again_at = again_at.lock().expect("nobody dies").expect("it was called again");
        again_at - busy_at >= 60_000
    }),
    done("run.busy_ms_max", "busy_ms_max = 900000 ", "busy_ms_max = 10000 ", |house| {
        house.stand_still();
        let began = house.now();
        // Whoever calls in the first moment is told to wait for twenty seconds.
        let throttling = Crashing::when(house.service(), |call| {
            if call.writes() && house.now() == began { Fate::Throttled } else { Fate::Through }
        });
        wave(house, &throttling);
        house.store.read(|r| r.run(&house.run)).expect("it is there").state == RunState::Halted
    }),
    done("run.late_ms", "late_ms = 3600000 ", "late_ms = 259200000 ", |house| {
        house.service().set_faults(Faults { late: 0.5, ..Faults::none(5) });
        house.run(&*house.service());
        house.service().set_faults(Faults::none(5));
        house.settle(&*house.service());
        // A day later an undo waits for calls of which nobody has heard since.
        house.pass(DAY_MS);
        let waited = house.waits();
        house.undo_through(&BTreeSet::new(), &*house.service());
        house.waits() > waited
    }),
    done("brake.longer_ms", "longer_ms = 28800000 ", "longer_ms = 60000 ", |house| {
        let run = house.brake(2);
        let end = house.brake_end(&run);
        for who in ["ana", "ben"] {
            house.make_longer(&run, (who, who), end + 3_600_000).expect("it is kept");
        }
        house.brake_end(&run) <= end + 60_000
    }),
    done("undo.window_ms", "window_ms = 2592000000 ", "window_ms = 1000 ", |house| {
        house.run(&*house.service());
        house.finish();
        house.expire_after(DAY_MS).len() == 1
    }),
    done("recovery.code_valid_ms", "code_valid_ms = 900000 ", "code_valid_ms = 1000 ", |house| {
        let (account, code) = asked(house).expect("a code is sent");
        house.pass(60_000);
        !enter(house, &account, &code)
    }),
    done("recovery.codes_per_hour_max", "codes_per_hour_max = 3", "codes_per_hour_max = 1", |house| {
        asked(house).expect("a code is sent");
        asked(house).is_none()
    }),
    done("recovery.wrong_codes_max", "wrong_codes_max = 5", "wrong_codes_max = 1", |house| {
        let (account, code) = asked(house).expect("a code is sent");
        assert!(!enter(house, &account, &Secret::new("0000-0000-0000")), "the twin: it is wrong");
        !enter(house, &account, &code)
    }),
    done("recovery.password_length_min", "password_length_min = 15", "password_length_min = 16", |house| {
        let (account, _) = asked(house).expect("a code is sent");
        let chosen = Secret::new("fifteen letters");
        let service = house.service();
        let ports = house.ports(&*service);
        recover::choose_credential(&house.store, &ports, &limits(house), &account, &chosen).is_err()
    }),
    filled("solo.delay_ms", 0.0, |p| {
        let database = Database::sqlite();
        let alone = House::under(&database, &House::settings(5, 40), 1, p.clone(), &["ana"]);
        alone.start(&alone.run);
        let begun = alone.wave(&*alone.service(), &alone.run, 0);
        matches!(begun, Err(respond::RespondError::TooEarly { .. }))
    }),
    filled("retention.timelines_ms", (200 * DAY_MS) as f64, |p| is_gone(p, "timelines", 100)),
    filled("retention.notices_ms", (200 * DAY_MS) as f64, |p| is_gone(p, "notices", 100)),
    filled("retention.closed_cases_ms", (800 * DAY_MS) as f64, |p| is_gone(p, "plan entries", 400)),
    filled("retention.recovery_codes_ms", (20 * DAY_MS) as f64, |p| is_gone(p, "recovery codes", 2)),
    filled("retention.sessions_ms", (20 * DAY_MS) as f64, |p| is_gone(p, "sessions on our pages", 2)),
    filled("retention.batch_rows", 1000.0, |p| {
        let gone = let_go(p, 400);
        gone.iter().any(|(_, rows)| *rows > 0) && gone.iter().all(|(_, rows)| *rows <= 1)
    }),
];

fn wave(house: &House, service: &Crashing<'_>) {
    house.start(&house.run);
    // However it ends: what is on record of it is looked at.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(house.wave(service, &house.run, 0))));
}

/// The first call waits until another is under way, where there can be one.
fn never_two_calls_at_once(house: &House) -> bool {
    let (under_way, more) = (Mutex::new((0_u32, 0_u32)), Condvar::new());
    let watched = Crashing::when(house.service(), |call| {
        if call.name != "end_sessions" {
            return Fate::Through;
        }
        let mut now = under_way.lock().expect("nobody dies");
        now.0 += 1;
        now.1 = now.1.max(now.0);
        more.notify_all();
        let waited = more.wait_timeout_while(now, Duration::from_secs(3), |now| now.1 < 2);
        waited.expect("nobody dies").0.0 -= 1;
        Fate::Through
    });
    wave(house, &watched);
    let most = under_way.lock().expect("nobody dies").1;
    assert!(most > 0, "nothing was called");
    most == 1
}

fn limits(house: &House) -> RecoveryPolicy {
    house.store.read(|r| r.policy_of(&house.plan)).expect("it is there").recovery
}

/// The run is through, and an owner asks for a code; gives it, where one was sent.
fn asked(house: &House) -> Option<(AccountId, Secret)> {
    house.run(&*house.service());
    let account = house.some_with_password(1).into_iter().next()?;
    let service = house.service();
    let sent = Mutex::new(None);
    let letters = |order: &recover::CodeOrder| {
        *sent.lock().expect("nobody dies") = Some(order.code.clone());
        Ok(Words { subject: String::new(), text: String::new(), html: String::new() })
    };
    let ports = house.ports(&*service);
    let gone = recover::ask_code(&house.store, &ports, &limits(house), &account, &letters, "meadow.example");
    let code = sent.into_inner().expect("nobody dies");
    gone.expect("the ledger takes it").then_some((account, code?))
}

fn enter(house: &House, account: &AccountId, code: &Secret) -> bool {
    let service = house.service();
    let ports = house.ports(&*service);
    let entered = recover::enter_code(&house.store, &ports, &limits(house), account, code);
    entered.expect("the ledger takes it").is_some()
}

/// What is let go of a run that was over so many days ago.
fn let_go(policy: &Policy, days: i64) -> Vec<(&'static str, u64)> {
    let database = Database::sqlite();
    let house = House::with(&database, 5, 40, 1, &[]);
    house.run(&*house.service());
    house.finish();
    let some: Vec<AccountId> = house.planned().into_keys().take(2).collect();
    let timelines: Vec<Timeline> =
        some.iter().map(|a| Timeline { account: a.clone(), moments: Vec::new() }).collect();
    let now = house.now();
    let version = CredentialVersion(Digest::of(b"any"));
    let filled = house.store.write(now, |tx| {
        tx.put_timelines(&house.plan, &timelines)?;
        for account in &some {
            let hash = Digest::of(account.as_str().as_bytes());
            tx.put_recovery_code(hash, account, version, now)?;
            tx.open_owner_session(hash, account, now)?;
        }
        Ok(())
    });
    filled.expect("the ledger takes it");
    house.pass(days * DAY_MS);
    house.store.write(house.now(), |tx| tx.let_go(&policy.retention)).expect("it is let go")
}

fn is_gone(policy: &Policy, place: &str, days: i64) -> bool {
    let_go(policy, days).iter().any(|(gone, _)| *gone == place)
}
