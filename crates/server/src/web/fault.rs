//! What goes wrong at a door: a status, a cause and a hint, without what is inside and without a secret.
//!
//! A fault is answered by [`super::guard::around`], which knows whose page it is.

use crate::error::Error;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::fmt::Display;
use store::StoreError;

/// What kind of answer an error for a machine is (RFC 9457).
pub(super) const PROBLEM: &str = "application/problem+json";

/// What a visitor is told instead of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) status: StatusCode,
    pub(super) title: &'static str,
    pub(super) cause: String,
    pub(super) hint: &'static str,
    /// Where to go on, on this site.
    pub(super) back: Option<String>,
    /// When it may be tried again, s.
    pub(super) retry_after_s: Option<u64>,
}

impl Fault {
    fn new(status: StatusCode, title: &'static str, cause: impl Into<String>, hint: &'static str) -> Self {
        Self { status, title, cause: cause.into(), hint, back: None, retry_after_s: None }
    }

    /// There is nothing of that kind and name.
    pub(super) fn not_found(what: &str) -> Self {
        let cause = format!("There is no such {what} here.");
        Self::new(
            StatusCode::NOT_FOUND,
            "Not found",
            cause,
            "Look at the address again, or begin at the overview.",
        )
    }

    /// This address takes another method.
    pub(super) fn method() -> Self {
        let cause = "This address is asked in another way.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "Not like that", cause, "Go to the page and use its form.")
    }

    /// A form that can't be taken as it came.
    pub(super) fn bad_form(why: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "This form can't be read",
            why,
            "Load the page again and send it once more.",
        )
    }

    /// A form that is longer than any of ours.
    pub(super) fn too_long() -> Self {
        let cause = "What was sent is longer than any form of ours.";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "Too long", cause, "Send less of it.")
    }

    /// A form that did not come from our own page.
    pub(super) fn foreign_form() -> Self {
        let cause =
            "This form did not come from a page of ours that you have open, or the page has grown old.";
        let hint = "Load the page again and send the form once more. Cookies of this site must be allowed.";
        Self::new(StatusCode::FORBIDDEN, "Nothing was done", cause, hint)
    }

    /// Asked under a name that is not this machine's.
    pub(super) fn other_host() -> Self {
        let cause = "The console answers this machine alone, under its own name.";
        let hint = "Open it as localhost or 127.0.0.1, over a tunnel where you are elsewhere.";
        Self::new(StatusCode::MISDIRECTED_REQUEST, "Not under this name", cause, hint)
    }

    /// What the page did not offer, or does no longer.
    pub(super) fn not_offered(cause: &str) -> Self {
        Self::new(StatusCode::CONFLICT, "Nothing was done", cause, "Look at the page as it is now.")
    }

    /// Too much at once.
    pub(super) fn busy(retry_after_s: u64) -> Self {
        let cause = "Too many are asking at this moment.";
        Self {
            retry_after_s: Some(retry_after_s),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "Please wait a moment", cause, "Try again shortly.")
        }
    }

    /// Something on our side; what it was goes to the log.
    pub(super) fn internal(error: impl Display) -> Self {
        log(&error);
        let cause = "Something on our side did not work. Nothing you typed was lost by your doing.";
        let hint = "Try again in a few minutes. Whoever runs this service finds the reason in its log.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "This did not work", cause, hint)
    }

    /// The same, with a way back.
    #[must_use]
    pub(super) fn back(mut self, to: impl Into<String>) -> Self {
        self.back = Some(to.into());
        self
    }
}

/// The one place where the doors write to the log.
pub(super) fn log(what: &dyn Display) {
    eprintln!("rightful: web: {what}");
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        if let StoreError::Missing { what, .. } = error {
            Self::not_found(what)
        } else {
            Self::internal(error)
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::internal(error)
    }
}

impl From<page::Error> for Fault {
    fn from(error: page::Error) -> Self {
        Self::internal(error)
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
