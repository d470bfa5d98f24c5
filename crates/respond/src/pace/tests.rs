//! A rate over threads and processes, and a rest that is bounded; time is moved by hand.

use super::*;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicI64, Ordering};
use store::testing::{Database, on_both};

struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Millis {
        self.0.load(Ordering::SeqCst)
    }

    fn steady(&self) -> Millis {
        self.now()
    }

    fn sleep(&self, ms: Millis) {
        self.0.fetch_max(self.now() + ms, Ordering::SeqCst);
    }
}

fn policy() -> RunPolicy {
    let text = include_str!("../../../../policy/shipped.toml");
    RunPolicy {
        acts_per_second_max: 10,
        parallel: 8,
        busy_ms: 5_000,
        busy_ms_max: 60_000,
        ..model::policy::Policy::parse(text).expect("the shipped policy").run
    }
}

fn busy() -> PortError {
    PortError::Busy("later".to_owned())
}

#[test]
fn two_processes_and_their_threads_keep_to_one_rate_in_any_second() {
    on_both(|database| {
        let (store, clock) = (database.open(), Hand(AtomicI64::new(5_000_000)));
        let both = [0, 1].map(|_| Pace::new(&policy(), "meadow", &Rate::default()));
        let made: Mutex<Vec<i64>> = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for hand in 0..6 {
                let (pace, store, clock, made) = (&both[hand % 2], &store, &clock, &made);
                scope.spawn(move || {
                    for _ in 0..10 {
                        assert_eq!(pace.turn(store, clock), Turn::Now);
                        made.lock().unwrap().push(clock.now() / SECOND_MS);
                    }
                });
            }
        });
        let made = made.into_inner().unwrap();
        assert_eq!(made.len(), 60);
        // What was taken in a second may be reckoned to a later one here, as time goes on between the two lines: so
        // the whole is what is held against the rate.
        let seconds = made.iter().max().unwrap() - 5_000 + 1;
        assert!(seconds >= 6, "60 acts at 10 a second took {seconds} seconds");
        let other = Pace::new(&policy(), "another service", &Rate::default());
        assert_eq!(other.turn(&store, &clock), Turn::Now, "each service has a rate of its own");
    });
}

#[test]
fn what_is_taken_in_one_second_is_counted_by_the_ledger() {
    on_both(|database| {
        let store = database.open();
        let take = |second, part| {
            store.write(second * SECOND_MS, |tx| tx.take_up_to("acts", second, part, 10)).expect("it counts")
        };
        assert_eq!([take(7, 4), take(7, 4), take(7, 4), take(7, 4)], [4, 4, 2, 0]);
        assert_eq!(take(8, 4), 4, "the next second has its own");
        assert_eq!(store.read(|r| r.used("acts", 7)).expect("it reads"), 10);
        assert_eq!(take(600, 1), 1);
        assert_eq!(store.read(|r| r.used("acts", 7)).expect("it reads"), 0, "old seconds are let go");
    });
}

#[test]
fn a_service_may_ask_for_less_and_never_gets_more() {
    let asks = |n| Rate { acts_per_second: NonZeroU32::new(n), parallel: NonZeroU32::new(n) };
    let less = Pace::new(&policy(), "meadow", &asks(3));
    assert_eq!((less.acts_per_second, less.hands()), (3, 3));
    let more = Pace::new(&policy(), "meadow", &asks(900));
    assert_eq!((more.acts_per_second, more.hands()), (10, 8));
}

#[test]
fn who_wants_to_be_left_alone_is_for_as_long_as_it_says_and_not_for_ever() {
    let database = Database::sqlite();
    let (store, clock) = (database.open(), Hand(AtomicI64::new(1_000_000)));
    let pace = Pace::new(&policy(), "meadow", &Rate::default());
    let throttled = PortError::Throttled { retry_after_ms: 40_000, why: "slowly".to_owned() };
    assert!(pace.heard(&throttled, clock.now()));
    assert!(pace.heard(&busy(), clock.now()), "a second thread hears it, and its rest is within the first");
    assert_eq!(pace.rest(clock.now()), Rest::Until(1_040_000));
    assert_eq!(pace.turn(&store, &clock), Turn::Shut);
    clock.sleep(40_000);
    assert_eq!(pace.rest(clock.now()), Rest::Over);
    assert_eq!(pace.turn(&store, &clock), Turn::Now);
    // Again without an act in between: the two rests are one.
    assert!(pace.heard(&throttled, clock.now()));
    assert!(
        matches!(pace.rest(clock.now()), Rest::TooLong(why) if why.contains("80 s") && why.contains("slowly"))
    );
    // With one in between, it begins anew.
    clock.sleep(40_000);
    pace.answered();
    assert!(pace.heard(&throttled, clock.now()));
    assert!(matches!(pace.rest(clock.now()), Rest::Until(_)));
    assert!(
        !pace.heard(&PortError::NoAnswer("?".to_owned()), clock.now()),
        "that is no wish to be left alone"
    );
    let absurd = PortError::Throttled { retry_after_ms: Millis::MAX, why: "never".to_owned() };
    assert!(pace.heard(&absurd, clock.now()));
    assert!(matches!(pace.rest(clock.now()), Rest::TooLong(_)), "and no sum overflows");
}
