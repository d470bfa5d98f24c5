//! What owners are told, when, and under which name.

use super::{Findings, first_wave, house, seen, whatever};
use crate::crashing::{Crashing, Fate};
use model::notice::NoticeState;
use model::plan::ActKind;
use model::run::StepState;
use respond::port::{Delivery, Mail, Mailer, Ports};
use std::collections::BTreeSet;
use std::sync::Mutex;
use store::steps::CaseState;
use store::testing::Database;

pub(super) fn a_notice_is_owed_with_the_intent() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    let killed =
        Crashing::when(house.service(), |c| if c.writes() { Fate::KilledBefore } else { Fate::Through });
    first_wave(&house, &killed);
    let notices = house.store.read(|r| r.notices(&house.run)).expect("they are read");
    let owed: BTreeSet<_> = notices.into_iter().map(|n| n.account).collect();
    let cases = house.store.read(|r| r.cases(&house.run)).expect("they are read");
    let without: Vec<_> = cases.into_iter().map(|c| c.account).filter(|a| !owed.contains(a)).collect();
    seen(!without.is_empty(), || format!("killed after the intent, and nobody is owed a notice: {without:?}"))
}

pub(super) fn nobody_is_told_what_is_not_known() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    let losing = Crashing::when(house.service(), |call| {
        if call.name == "end_sessions" { Fate::LostBefore } else { Fate::Through }
    });
    first_wave(&house, &losing);
    let notices = house.store.read(|r| r.notices(&house.run)).expect("they are read");
    let cases = house.store.read(|r| r.cases(&house.run)).expect("they are read");
    let open: BTreeSet<_> =
        cases.into_iter().filter(|c| c.state == CaseState::Unknown).map(|c| c.account).collect();
    let early: Vec<_> =
        notices.iter().filter(|n| n.state != NoticeState::Owed && open.contains(&n.account)).collect();
    seen(!early.is_empty(), || format!("nobody knows what was done, and {} owners are told", early.len()))
}

pub(super) fn an_owner_is_told_what_was_done() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    let refusing =
        Crashing::when(
            house.service(),
            |call| {
                if call.name == "hide" { Fate::Refused } else { Fate::Through }
            },
        );
    whatever(|| house.run(&refusing));
    let hidden = |a: &_| {
        let steps = house.steps(a).into_iter();
        steps.filter(|s| s.kind == ActKind::HideObjects).any(|s| s.state == StepState::Done)
    };
    let notices = house.store.read(|r| r.notices(&house.run)).expect("they are read");
    let wrong = notices.iter().filter(|n| n.text.contains("HideObjects") && !hidden(&n.account));
    let wrong: Vec<_> = wrong.map(|n| &n.account).collect();
    seen(!wrong.is_empty(), || format!("owners are told of hidden posts that are all visible: {wrong:?}"))
}

/// A mail server that takes nothing now, and remembers what it was handed.
struct Later(Mutex<Vec<String>>);

impl Mailer for Later {
    fn send(&self, mail: &Mail) -> Delivery {
        self.0.lock().expect("one at a time").push(mail.message_id.clone());
        Delivery::Later { reason: "greylisted".to_owned() }
    }
}

pub(super) fn a_repeat_has_its_name() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    first_wave(&house, &Crashing::never(house.service()));
    let (later, service) = (Later(Mutex::new(Vec::new())), house.service());
    let sent = || {
        let ports = Ports { mailer: &later, ..house.ports(&*service) };
        respond::outbox::flush(&house.store, &ports).expect("it is kept");
        house.pass(3_600_000);
        let mut sent = later.0.lock().expect("one at a time");
        std::mem::take(&mut *sent).into_iter().collect::<BTreeSet<String>>()
    };
    let (first, second) = (sent(), sent());
    seen(first != second, || format!("sent as {first:?}, and again as {second:?}"))
}
