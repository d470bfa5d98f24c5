//! A mail server that takes, refuses, puts off, or takes and dies before it says so; and what it was given.

use super::dice::Dice;
use model::secret::Secret;
use respond::port::{Delivery, Mail, Mailer};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// What it was given under each Message-ID: to whom, and the words.
#[derive(Default)]
pub(super) struct Post {
    given: Mutex<BTreeMap<String, (Secret, String)>>,
    found: Mutex<Vec<String>>,
    /// Nothing goes wrong from now on.
    pub(super) is_well: AtomicBool,
}

impl Post {
    pub(super) fn given(&self) -> BTreeMap<String, (Secret, String)> {
        self.given.lock().expect("it is whole").clone()
    }

    pub(super) fn found(&self) -> Vec<String> {
        self.found.lock().expect("it is whole").clone()
    }
}

pub(super) struct PostOffice {
    pub(super) post: Arc<Post>,
    pub(super) dice: Dice,
}

impl PostOffice {
    fn takes(&self, mail: &Mail) {
        let mut given = self.post.given.lock().expect("it is whole");
        let is = (mail.to.clone(), mail.text.clone());
        let was = given.entry(mail.message_id.clone()).or_insert_with(|| is.clone());
        if *was != is {
            self.post
                .found
                .lock()
                .expect("it is whole")
                .push(format!("{} came with other words", mail.message_id));
        }
    }
}

impl Mailer for PostOffice {
    fn send(&self, mail: &Mail) -> Delivery {
        if self.post.is_well.load(Ordering::SeqCst) {
            self.takes(mail);
            return Delivery::Accepted;
        }
        match self.dice.below(10) {
            0 => Delivery::Refused { reply: "550 no such mailbox".to_owned() },
            1 => Delivery::Later { reason: "451 later".to_owned() },
            2 => {
                self.takes(mail);
                std::panic::panic_any("killed after the mail was taken")
            }
            3 => std::panic::panic_any("killed before the mail was taken"),
            _ => {
                self.takes(mail);
                Delivery::Accepted
            }
        }
    }
}
