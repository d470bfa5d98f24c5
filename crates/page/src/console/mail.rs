//! Mails that the demonstration's own catcher holds, as their owners would read them.

use super::Console;
use crate::{filters, rendered, route};
use askama::Template;
use model::id::Millis;

/// All of them.
#[derive(Clone, Debug, Template)]
#[template(path = "console/mails.html", whitespace = "minimize")]
pub struct MailList {
    /// What is around it.
    pub console: Console,
    /// Newest first; perhaps only the first few.
    pub mails: Vec<MailRow>,
    /// How many there are.
    pub total: u64,
}

/// A mail in the list.
#[derive(Clone, Debug)]
pub struct MailRow {
    /// Its id in the catcher.
    pub id: String,
    /// When it came, ms.
    pub at: Millis,
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
}

/// One mail.
#[derive(Clone, Debug, Template)]
#[template(path = "console/mail.html", whitespace = "minimize")]
pub struct MailView {
    /// What is around it.
    pub console: Console,
    /// Its subject.
    pub subject: String,
    /// When it came, ms.
    pub at: Millis,
    /// Name and value of the headers worth seeing, in their order.
    pub headers: Vec<(String, String)>,
    /// The plain part.
    pub text: String,
    /// The HTML part: shown in a frame that may do nothing.
    pub html: Option<String>,
    /// The ids of the next and the previous mail in the list.
    pub newer: Option<String>,
    /// See `newer`.
    pub older: Option<String>,
}

rendered!(MailList => "list of mails", MailView => "mail");

impl MailList {
    fn is_cut(&self) -> bool {
        (self.mails.len() as u64) < self.total
    }
}
