//! A mail server so slow that another sender takes over what the first had taken: every owner is told, the sooner word
//! stands, and what is sent twice has one name.

use super::house::House;
use model::notice::NoticeState;
use respond::port::{Delivery, Mail, Mailer, Ports};
use std::collections::BTreeMap;
use std::sync::Mutex;
use store::testing::on_both;

/// Longer than a sender is waited for, ms.
const SLOW_MS: i64 = 61_000;

/// How often each name was sent, by whoever it was.
type Sent = Mutex<BTreeMap<String, u32>>;

fn count(sent: &Sent, mail: &Mail) {
    *sent.lock().expect("one at a time").entry(mail.message_id.clone()).or_default() += 1;
}

struct Quick<'a>(&'a Sent);

impl Mailer for Quick<'_> {
    fn send(&self, mail: &Mail) -> Delivery {
        count(self.0, mail);
        Delivery::Accepted
    }
}

/// While it takes its first mail, somebody else sends.
struct Slow<'a> {
    house: &'a House,
    sent: &'a Sent,
    answer: Delivery,
}

impl Mailer for Slow<'_> {
    fn send(&self, mail: &Mail) -> Delivery {
        count(self.sent, mail);
        self.house.pass(SLOW_MS);
        flush(self.house, &Quick(self.sent));
        self.answer.clone()
    }
}

fn flush(house: &House, mailer: &dyn Mailer) {
    let service = house.service();
    let ports = Ports { mailer, ..house.ports(&*service) };
    respond::outbox::flush(&house.store, &ports).expect("another sender is no error");
}

#[test]
fn a_slow_sender_that_is_overtaken_changes_nothing_and_ends_without_an_error() {
    let refused = || Delivery::Refused { reply: "550 no such user".to_owned() };
    let later = || Delivery::Later { reason: "451 greylisted".to_owned() };
    for answer in [Delivery::Accepted, refused(), later()] {
        on_both(|database| {
            let house = House::new(database, 5, 120);
            house.stand_still();
            house.goes(&*house.service(), 0);
            let sent = Sent::default();
            flush(&house, &Slow { house: &house, sent: &sent, answer: answer.clone() });
            let notices = house.store.read(|r| r.notices(&house.run)).expect("they are read");
            let due: Vec<_> = notices.into_iter().filter(|n| n.state != NoticeState::Owed).collect();
            assert!(due.len() > 1, "{} notices", due.len());
            assert!(due.iter().all(|n| n.state == NoticeState::Sent), "{answer:?}: {due:?}");
            let sent = sent.into_inner().expect("nobody sends");
            assert_eq!(sent.len(), due.len(), "{answer:?}: a name for each");
            assert_eq!(sent.values().filter(|n| **n > 1).count(), 1, "{answer:?}: only what was on its way");
        });
    }
}
