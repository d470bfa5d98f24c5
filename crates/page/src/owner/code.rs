//! Asking for a recovery code, and entering it.

use super::{Site, field};
use crate::{filters, rendered, route};
use askama::Template;
use model::id::Millis;

/// The owner asks for a code: the first step back.
#[derive(Clone, Debug, Template)]
#[template(path = "owner/ask.html", whitespace = "minimize")]
pub struct AskCodePage {
    /// Whose page.
    pub site: Site,
    /// The CSRF token.
    pub csrf: String,
    /// What was typed, when the form comes back.
    pub account_typed: String,
    /// Why it came back, if it did.
    pub problem: Option<CodeProblem>,
}

/// The owner enters the code. The page says the same whether or not such an account exists.
#[derive(Clone, Debug, Template)]
#[template(path = "owner/code.html", whitespace = "minimize")]
pub struct EnterCodePage {
    /// Whose page.
    pub site: Site,
    /// The CSRF token.
    pub csrf: String,
    /// The account's name as it was typed.
    pub account_typed: String,
    /// How long a code holds, ms.
    pub valid_ms: Millis,
    /// Why the form came back, if it did.
    pub problem: Option<CodeProblem>,
}

/// Why a form came back. None of them says whether the account exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeProblem {
    /// No account was named.
    NoAccount,
    /// The code is not right, was used, or its time is over: which of these is not said.
    NotGood,
    /// Too many codes or tries; try again after so long, ms.
    TooMany {
        /// How long to wait, ms.
        retry_after_ms: i64,
    },
}

rendered!(AskCodePage => "page that asks for a code", EnterCodePage => "page that takes a code");
