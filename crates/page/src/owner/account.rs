//! The owner's page: what happened, what was done, and what is theirs to decide.

use super::{Site, field};
use crate::timeline::{Line, What, Who};
use crate::{filters, rendered, route, timeline};
use askama::Template;
use model::event::Kind;
use model::id::{Millis, NoticeCode, ObjectId};

/// What an owner sees after entering a recovery code.
#[derive(Clone, Debug, Template)]
#[template(path = "owner/account.html", whitespace = "minimize")]
pub struct OwnerPage {
    /// Whose page.
    pub site: Site,
    /// The CSRF token of every form on the page.
    pub csrf: String,
    /// The account's name.
    pub account_name: String,
    /// The owner's IANA time zone, where it is known.
    pub zone: Option<String>,
    /// Both hands, and ours, in time order.
    pub timeline: Vec<Line>,
    /// What was done to the account.
    pub done: crate::notice::Done,
    /// Posts that are hidden now.
    pub hidden_posts: Vec<HiddenPost>,
    /// Whether a new password must be set before anything else.
    pub needs_password: bool,
    /// Shortest new password, in characters.
    pub password_length_min: u32,
    /// Why the password form came back, if it did.
    pub password_problem: Option<PasswordProblem>,
    /// The notice that was sent.
    pub notice_code: Option<NoticeCode>,
    /// When the owner said *that was me*, if so.
    pub disputed_at: Option<Millis>,
    /// What we sent in the last 90 days, newest first.
    pub messages: Vec<Message>,
}

/// A post that is hidden.
#[derive(Clone, Debug)]
pub struct HiddenPost {
    /// Its id at the service.
    pub object: ObjectId,
    /// When it was written.
    pub at: Option<Millis>,
    /// Its text, where it is known.
    pub text: Option<String>,
    /// What the owner chose before: to show it again.
    pub show: bool,
}

/// A message that we sent.
#[derive(Clone, Debug)]
pub struct Message {
    /// When.
    pub at: Millis,
    /// Its subject.
    pub subject: String,
    /// Its notice code; a mail with a recovery code has none.
    pub code: Option<NoticeCode>,
}

/// Why a new password was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordProblem {
    /// Fewer characters than the rule asks for.
    TooShort,
    /// The two fields differ.
    NotTheSame,
    /// It is in a list of passwords known to others.
    Breached,
    /// It is the old one.
    TheOldOne,
}

rendered!(OwnerPage => "owner's page");
