//! A form that was sent to us. It can't be read without the checks that it came from a page of ours.

use super::App;
use super::client::host_of;
use super::fault::Fault;
use super::visitor::Visitor;
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::http::header::{CONTENT_TYPE, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::{Form, RequestExt as _};
use model::secret::Secret;
use page::owner::field;

/// No form of ours is longer, bytes: a choice for each of a few thousand posts.
const FORM_MAX: usize = 256 << 10;

/// A form with its visitor. Every value is a secret until it is known not to be one.
pub(super) struct Sent {
    /// Who sent it.
    pub(super) visitor: Visitor,
    fields: Vec<(String, Secret)>,
}

impl FromRequest<App> for Sent {
    type Rejection = Fault;

    async fn from_request(mut request: Request, app: &App) -> Result<Self, Fault> {
        if !is_from_our_page(request.headers()) {
            return Err(Fault::foreign_form());
        }
        let visitor = request.extract_parts_with_state::<Visitor, _>(app).await.map_err(Fault::internal)?;
        let is_form = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok()?.split(';').next())
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"));
        if !is_form {
            return Err(Fault::bad_form("It is not a form as browsers send them."));
        }
        let request = limited(request);
        let fields = match Form::<Vec<(String, Secret)>>::from_request(request, app).await {
            Ok(Form(fields)) => fields,
            Err(rejected) if rejected.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                return Err(Fault::too_long());
            }
            // What the rejection says may repeat what was typed.
            Err(_) => return Err(Fault::bad_form("Its fields can't be read.")),
        };
        let sent = Self { visitor, fields };
        let carries = sent.one(field::CSRF).is_some_and(|token| sent.visitor.carries(app, token.reveal()));
        if carries { Ok(sent) } else { Err(Fault::foreign_form()) }
    }
}

fn limited(request: Request) -> Request {
    let mut request = request;
    DefaultBodyLimit::max(FORM_MAX).apply(&mut request);
    request
}

impl Sent {
    /// A field that is there once.
    pub(super) fn one(&self, name: &str) -> Option<&Secret> {
        let mut found = self.fields.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
        match (found.next(), found.next()) {
            (Some(value), None) => Some(value),
            (Some(_), Some(_)) | (None, _) => None,
        }
    }

    /// A field's text without the space around it; empty where it is not there.
    pub(super) fn text(&self, name: &str) -> &str {
        self.one(name).map_or("", |value| value.reveal().trim())
    }

    /// The fields whose names begin so, by the rest of the name.
    pub(super) fn with_prefix<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.fields.iter().filter_map(move |(key, value)| Some((key.strip_prefix(prefix)?, value.reveal())))
    }
}

/// Whether the browser says that a page of ours sent it.
///
/// Our pages send no referrer, so browsers write `Origin: null` on their forms, as they do on a stranger's sandboxed
/// frame: what tells is Sec-Fetch-Site, where a browser sends it. Where neither speaks, the token decides alone.
fn is_from_our_page(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    let authority = origin.split_once("://").map(|(_, authority)| authority.to_ascii_lowercase());
    origin == "null" || authority.is_some_and(|a| host_of(headers).is_some_and(|host| host.authority == a))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    #[test]
    fn only_a_page_of_ours_is_believed() {
        let cases: [(&[(&str, &str)], bool); 9] = [
            (&[], true),
            (&[("sec-fetch-site", "same-origin"), ("origin", "null")], true),
            (&[("sec-fetch-site", "cross-site"), ("origin", "null")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", "https://a.test")], false),
            (&[("origin", "https://a.test")], true),
            (&[("origin", "https://b.test")], false),
            (&[("origin", "https://a.test.b.test")], false),
            (&[("origin", "a.test")], false),
        ];
        for (headers, expected) in cases {
            let mut request = Request::builder().header("host", "a.test");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let request = request.body(()).unwrap();
            assert_eq!(is_from_our_page(request.headers()), expected, "{headers:?}");
        }
    }
}
