//! The mail that brings a recovery code: only ever sent because its owner asked for it.

use super::{Letter, letter};
use crate::{Error, filters};
use askama::Template;
use model::id::Millis;
use model::secret::Secret;

/// What a recovery mail is filled with.
#[derive(Clone, Debug, Template)]
#[template(path = "notice/en/recovery.txt")]
pub struct RecoveryLetter {
    /// The service's name.
    pub service_name: String,
    /// The domain to type, in words: never a link.
    pub service_domain: String,
    /// The account's name.
    pub account_name: String,
    /// The code.
    pub code: Secret,
    /// How long it holds, ms.
    pub valid_ms: i64,
    /// When it was asked for, ms.
    pub asked_at: Millis,
    /// The owner's IANA time zone, where it is known.
    pub zone: Option<String>,
    /// `Firefox on Windows`: what it was asked from.
    pub device: Option<String>,
    /// `Lisbon, Portugal`: where it was asked from.
    pub place: Option<String>,
}

impl RecoveryLetter {
    /// The letter.
    ///
    /// # Errors
    /// Where a template fails; never because of what the view holds.
    pub fn render(&self) -> Result<Letter, Error> {
        letter(self)
    }
}
