//! A page that says what went wrong and what to do.

use crate::rendered;
use askama::Template;

/// An error as people see it. It must not hold a secret, nor say whether an account exists.
#[derive(Clone, Debug, Template)]
#[template(path = "error.html", whitespace = "minimize")]
pub struct ErrorPage {
    /// The service's name.
    pub service_name: String,
    /// The HTTP status.
    pub status: u16,
    /// What went wrong, in a few words.
    pub title: String,
    /// Why, in a sentence.
    pub cause: String,
    /// What to do next, in a sentence.
    pub hint: String,
    /// Where to go on, on this site.
    pub back: Option<String>,
}

rendered!(ErrorPage => "error page");
