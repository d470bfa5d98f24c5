//! What stands around every answer: headers, a time limit, an error page; and who may ask the console at all.

use super::App;
use super::client::host_of;
use super::fault::{Fault, PROBLEM};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use page::asset::Asset;
use page::console::ErrorPage;
use std::time::Duration;

/// How long an answer may take, the reading of a form included, s.
const ANSWER_MAX_S: u64 = 30;

/// Set on every answer, whatever it is.
const HEADERS: [(&str, &str); 7] = [
    ("content-security-policy", page::CSP),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
];

/// Puts the headers on, and a page in the place of a fault.
pub(super) async fn around(State(app): State<App>, request: Request, next: Next) -> Response {
    let answer = tokio::time::timeout(Duration::from_secs(ANSWER_MAX_S), next.run(request)).await;
    let mut response = match answer {
        Ok(response) => explained(&app, response),
        Err(_) => error_page(&app, Fault::busy(ANSWER_MAX_S)),
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// An error without a page gets one.
fn explained(app: &App, mut response: Response) -> Response {
    if let Some(fault) = response.extensions_mut().remove::<Fault>() {
        return error_page(app, fault);
    }
    let status = response.status();
    let has_words = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|t| t.as_bytes().starts_with(b"text/html") || t.as_bytes() == PROBLEM.as_bytes());
    if has_words || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    error_page(app, Fault { status, ..Fault::bad_form("The request can't be read.") })
}

fn error_page(app: &App, fault: Fault) -> Response {
    let page = ErrorPage {
        service_name: app.ctx.service.named.name.clone(),
        status: fault.status.as_u16(),
        title: fault.title.to_owned(),
        cause: fault.cause,
        hint: fault.hint.to_owned(),
        back: fault.back,
    };
    // Where even this page fails, the status alone is the answer.
    let mut response = match page.render() {
        Ok(html) => (fault.status, Html(html)).into_response(),
        Err(_) => fault.status.into_response(),
    };
    if let Some(seconds) = fault.retry_after_s {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Refuses whoever asks under a name that is not this machine's: a page elsewhere whose name was made to point here
/// (DNS rebinding) would otherwise read the console with its visitor's browser.
pub(super) async fn this_machine_only(request: Request, next: Next) -> Response {
    match host_of(request.headers()) {
        Some(host) if host.is_loopback() => next.run(request).await,
        Some(_) | None => Fault::other_host().into_response(),
    }
}

/// A file, as it is.
pub(super) async fn asset(file: Asset) -> Response {
    let headers = [(CONTENT_TYPE, file.content_type), (CACHE_CONTROL, "public, max-age=300")];
    (StatusCode::OK, headers, file.body).into_response()
}
