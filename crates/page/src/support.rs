//! An account in plain words, for whoever talks to its owner: what happened, where it stands, what may be said.

use crate::notice::{Done, Letter, letter};
use crate::{Error, filters};
use askama::Template;
use model::id::{Millis, NoticeCode};
use model::plan::Template as Kind;
use model::verdict::{Route, Window};

/// What support reads.
#[derive(Clone, Debug, Template)]
#[template(path = "support/en/explain.txt")]
pub struct Explained {
    /// The service's name.
    pub service_name: String,
    /// Its domain, as owners type it.
    pub service_domain: String,
    /// What its sign-in page calls the way back.
    pub recovery_words: String,
    /// The account.
    pub account_name: String,
    /// The owner's IANA time zone, where it is known.
    pub zone: Option<String>,
    /// The letter that the latest containment came with.
    pub template: Kind,
    /// From the intruder's first act to the last; nothing where the account was never contained.
    pub seen: Option<Window>,
    /// How they came in.
    pub route: Option<Route>,
    /// What it rests on, a sentence each.
    pub evidence: Vec<String>,
    /// When we acted, ms.
    pub done_at: Millis,
    /// What was done.
    pub done: Done,
    /// What the account needs a person for.
    pub needs: Vec<Needed>,
    /// When the owner came back, ms.
    pub recovered_at: Option<Millis>,
    /// When the owner said *that was me*, ms, and whether it is proved.
    pub disputed: Option<(Millis, bool)>,
    /// What was written to the owner, the latest first.
    pub letters: Vec<Written>,
}

/// What a person is asked for.
#[derive(Clone, Debug)]
pub struct Needed {
    /// What was seen.
    pub saying: String,
    /// What to do.
    pub todo: String,
}

/// A letter to the owner.
#[derive(Clone, Debug)]
pub struct Written {
    /// Its subject.
    pub subject: String,
    /// How far it is: `sent`.
    pub state: String,
    /// Since when, ms.
    pub at: Millis,
    /// Its code.
    pub code: NoticeCode,
}

impl Explained {
    /// As text and HTML, with the same words.
    ///
    /// # Errors
    /// Where a template fails; never because of what the view holds.
    pub fn render(&self) -> Result<Letter, Error> {
        letter(self)
    }

    fn way_in(&self) -> &'static str {
        match self.route {
            Some(Route::Credential) => "with the password",
            Some(Route::Session) => "by a session that was taken; the password was not used",
            Some(Route::App) => "through an app that was let in; the password was not used",
            None => "not known",
        }
    }
}
