//! *Did this message come from us?* Says yes or no and gives nothing away.

use super::{Site, field};
use crate::{filters, rendered, route};
use askama::Template;

/// The form, and the answer once it was asked.
#[derive(Clone, Debug, Template)]
#[template(path = "owner/check.html", whitespace = "minimize")]
pub struct CheckPage {
    /// Whose page.
    pub site: Site,
    /// The CSRF token.
    pub csrf: String,
    /// The code that was typed, when the form comes back.
    pub code_typed: String,
    /// The first words that were typed.
    pub words_typed: String,
    /// The day that was typed, `2026-11-03`.
    pub day_typed: String,
    /// The answer, if something was asked.
    pub answer: Option<CheckAnswer>,
}

/// What the page answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckAnswer {
    /// A message with this code, these words and this day came from us.
    Yes,
    /// None did.
    No,
    /// Too many questions; try again after so long, ms.
    TooMany {
        /// How long to wait, ms.
        retry_after_ms: i64,
    },
}

rendered!(CheckPage => "page that checks a message");
