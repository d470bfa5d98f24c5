//! Who is at the door: their address, the cookies they bring, and the token that their forms must carry.
//!
//! Two cookies, both for this host alone and never readable by a page: one ties forms to the browser that was shown
//! them, one is the session that a recovery code opened. A form's token is a digest over both and a key of this
//! process, so a cookie planted by somebody else is of no use for a signed-in owner's forms.

use super::App;
use super::client::{address_of, host_of};
use axum::extract::FromRequestParts;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use model::id::Digest;
use model::secret::Secret;
use std::convert::Infallible;
use std::net::IpAddr;

const FORM: &str = "rightful_form";
const OWNER: &str = "rightful_owner";

/// A visitor, known by nothing but what their browser sends.
pub(super) struct Visitor {
    /// Their address.
    pub(super) from: IpAddr,
    /// The session of an owner, as it was sent; whether it holds is for the ledger to say.
    pub(super) session: Option<Secret>,
    /// Whether cookies are for TLS alone: always, but on this machine's own names.
    secure: bool,
    form: Secret,
    /// Whether the browser does not have `form` yet.
    form_is_new: bool,
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let secure = host_of(&parts.headers).is_none_or(|host| !host.is_loopback());
        let known = cookie(&parts.headers, FORM, secure);
        let form_is_new = known.is_none();
        let form = known.unwrap_or_else(|| Secret::new(Digest(app.ctx.chance.bytes()).hex()));
        let session = cookie(&parts.headers, OWNER, secure);
        Ok(Self { from: address_of(parts), session, secure, form, form_is_new })
    }
}

impl Visitor {
    /// What each form of theirs must carry.
    pub(super) fn token(&self, app: &App) -> String {
        let session = self.session.as_ref().map_or("", Secret::reveal);
        let parts =
            [&b"rightful form\0"[..], &app.inner.key, self.form.reveal().as_bytes(), session.as_bytes()];
        Digest::of(&parts.concat()).hex()
    }

    /// Whether a form of theirs carries it.
    pub(super) fn carries(&self, app: &App, token: &str) -> bool {
        // Digests are compared, so that the time it takes tells nothing of the token.
        !self.form_is_new && Digest::of(token.as_bytes()) == Digest::of(self.token(app).as_bytes())
    }

    /// A page, with the cookie that its forms need.
    pub(super) fn page(&self, status: StatusCode, html: String) -> Response {
        let mut response = (status, Html(html)).into_response();
        if self.form_is_new {
            self.set(&mut response, FORM, Some(&self.form));
        }
        response
    }

    /// Puts an owner's session into their browser.
    pub(super) fn sign_in(&self, response: &mut Response, session: &Secret) {
        self.set(response, OWNER, Some(session));
    }

    /// Takes it out again.
    pub(super) fn sign_out(&self, response: &mut Response) {
        self.set(response, OWNER, None);
    }

    fn set(&self, response: &mut Response, name: &str, value: Option<&Secret>) {
        let (value, age) = value.map_or(("", "; Max-Age=0"), |v| (v.reveal(), ""));
        let (prefix, secure) = if self.secure { ("__Host-", "; Secure") } else { ("", "") };
        let text = format!("{prefix}{name}={value}; Path=/; HttpOnly; SameSite=Strict{age}{secure}");
        // Names and digests in hexadecimal: always a header's value.
        if let Ok(mut value) = HeaderValue::from_str(&text) {
            value.set_sensitive(true);
            response.headers_mut().append(SET_COOKIE, value);
        }
    }
}

/// A cookie of ours: 64 hexadecimal digits, sent once.
fn cookie(headers: &HeaderMap, name: &str, secure: bool) -> Option<Secret> {
    let name = if secure { format!("__Host-{name}") } else { name.to_owned() };
    let mut found = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    match (found.next(), found.next()) {
        (Some(value), None) => Digest::from_hex(value).map(|digest| Secret::new(digest.hex())),
        (Some(_), Some(_)) | (None, _) => None,
    }
}
