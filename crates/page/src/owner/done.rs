//! A page that says that it is done, and what comes next.

use super::Site;
use crate::{filters, rendered, route};
use askama::Template;

/// The answer to an owner's act.
#[derive(Clone, Debug, Template)]
#[template(path = "owner/done.html", whitespace = "minimize")]
pub struct DonePage {
    /// Whose page.
    pub site: Site,
    /// What was done.
    pub confirmation: Confirmation,
}

/// What an owner has just done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// A new password is set.
    PasswordSet,
    /// Posts were kept hidden or shown again.
    PostsDecided {
        /// Shown again.
        shown: u64,
        /// Left hidden.
        left: u64,
    },
    /// *That was me* was pressed.
    ThatWasMe {
        /// Whether a proof came with it that does not rest on the mailbox.
        proved: bool,
    },
    /// The owner left.
    Left,
}

rendered!(DonePage => "page that says what was done");
