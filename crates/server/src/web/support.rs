//! The support desk's webhook: an owner of an account turned to support. A message is believed for its signature alone,
//! after the Standard Webhooks specification (HMAC-SHA-256 over its id, its moment and its body), so that desks and
//! libraries that sign it that way need nothing of ours.

use super::App;
use super::fault::{PROBLEM, log};
use crate::error::{Error, Result};
use crate::{keys, ops};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use model::id::{AccountId, Millis};
use model::secret::Secret;
use page::route;
use std::path::Path;

/// No message is longer, bytes.
const MESSAGE_MAX: usize = 8 << 10;
/// How far a message's moment may be from ours, ms: what was written down on its way is of no use for long.
const AWAY_MAX_MS: Millis = 300_000;
/// The length of a key, bytes, as the specification has it.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// Under whose name the audit keeps it.
const BY: &str = "support webhook";

pub(super) fn routes() -> Router<App> {
    Router::new().route(route::SUPPORT_HOOK, post(told)).layer(DefaultBodyLimit::max(MESSAGE_MAX))
}

/// The key that the desk signs with.
pub(crate) struct SupportKey(Secret);

impl SupportKey {
    /// Reads it from a file of the form `whsec_` and base64.
    pub(crate) fn read(file: &Path) -> Result<Self> {
        Self::parse(&keys::read_secret(file)?).map_err(|why| {
            Error::failed(format!("{}: {why}", file.display()))
                .hint("the desk that sends the messages shows it as `whsec_…`")
        })
    }

    fn parse(text: &Secret) -> std::result::Result<Self, &'static str> {
        let digits = text.reveal().strip_prefix("whsec_").ok_or("a webhook's key begins with whsec_")?;
        let bytes = BASE64_STANDARD.decode(digits).map_err(|_| "what follows whsec_ is not base64")?;
        if !KEY_BYTES.contains(&bytes.len()) {
            return Err("a webhook's key has 24 to 64 bytes");
        }
        Ok(Self(Secret::new(digits)))
    }

    /// Whether one of a message's signatures was made with this key, about now.
    fn signed(&self, headers: &HeaderMap, body: &[u8], now: Millis) -> bool {
        let one = |name| headers.get(name)?.to_str().ok();
        let parts = || Some((one("webhook-id")?, one("webhook-timestamp")?, one("webhook-signature")?));
        let Some((id, moment, signatures)) = parts() else { return false };
        let is_now = moment
            .parse::<Millis>()
            .ok()
            .and_then(|s| Some(s.checked_mul(1000)?.checked_sub(now)?.checked_abs()? <= AWAY_MAX_MS));
        if is_now != Some(true) {
            return false;
        }
        let key = BASE64_STANDARD.decode(self.0.reveal()).unwrap_or_default();
        let Ok(mut mac) = <Hmac<sha2::Sha256> as KeyInit>::new_from_slice(&key) else { return false };
        mac.update(format!("{id}.{moment}.").as_bytes());
        mac.update(body);
        signatures
            .split(' ')
            .filter_map(|s| BASE64_STANDARD.decode(s.strip_prefix("v1,")?).ok())
            .any(|tag| mac.clone().verify_slice(&tag).is_ok())
    }
}

/// The account that a message is about. Desks send more than that, which is not read.
fn account(body: &[u8]) -> Option<AccountId> {
    let told: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(body).ok()?;
    told.get("account")?.as_str().map(AccountId::new)
}

async fn told(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(key) = &app.support_key else {
        return problem(
            StatusCode::NOT_FOUND,
            "No support desk is connected",
            "serve.support_key is not set in rightful.toml.",
        );
    };
    if !key.signed(&headers, &body, app.ctx.now()) {
        return problem(
            StatusCode::UNAUTHORIZED,
            "Not believed",
            "The message is not signed with the desk's key, or not within the last five minutes.",
        );
    }
    let Some(account) = account(&body) else {
        return problem(
            StatusCode::UNPROCESSABLE_ENTITY,
            "Not understood",
            "The body must be a JSON object with an `account`.",
        );
    };
    match app.blocking(move |app| Ok(ops::support::contact(&app.ctx, &account, BY)?)).await {
        Ok(contacted) => axum::Json(contacted).into_response(),
        Err(fault) => {
            log(&fault.cause);
            problem(StatusCode::INTERNAL_SERVER_ERROR, "Not kept", "Send it again: it counts once.")
        }
    }
}

/// An error for a machine.
fn problem(status: StatusCode, title: &str, detail: &str) -> Response {
    let body = serde_json::json!({ "title": title, "status": status.as_u16(), "detail": detail });
    (status, [(CONTENT_TYPE, PROBLEM)], body.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed by another implementation of the specification (the `svix` libraries' own tests).
    const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    const MOMENT: Millis = 1_614_265_330;

    fn headers(moment: Millis, signature: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek".parse().unwrap());
        headers.insert("webhook-timestamp", moment.to_string().parse().unwrap());
        headers.insert("webhook-signature", signature.parse().unwrap());
        headers
    }

    #[test]
    fn a_foreign_signature_is_believed_and_nothing_that_was_changed_is() {
        let key = SupportKey::parse(&Secret::new(KEY)).unwrap();
        let now = MOMENT * 1000;
        let good = headers(MOMENT, SIGNATURE);
        assert!(key.signed(&good, BODY, now));
        let among = headers(MOMENT, &format!("v1,AAAA v2,x {SIGNATURE}"));
        assert!(key.signed(&among, BODY, now), "one of several is enough, while keys are changed");
        assert!(!key.signed(&good, br#"{"test": 2432232315}"#, now));
        assert!(!key.signed(&headers(MOMENT + 1, SIGNATURE), BODY, now));
        assert!(!key.signed(&headers(MOMENT, "v1,AAAA"), BODY, now));
        assert!(!key.signed(&headers(MOMENT, ""), BODY, now));
        assert!(!key.signed(&HeaderMap::new(), BODY, now));
        assert!(key.signed(&good, BODY, now + AWAY_MAX_MS));
        for away in [AWAY_MAX_MS + 1, -AWAY_MAX_MS - 1] {
            assert!(!key.signed(&good, BODY, now + away), "{away}");
        }
        let other = SupportKey::parse(&Secret::new("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")).unwrap();
        assert!(!other.signed(&good, BODY, now));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in
            ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_AAAA", "whsec_not base64 at all!!"]
        {
            assert!(SupportKey::parse(&Secret::new(text)).is_err(), "{text}");
        }
    }
}
