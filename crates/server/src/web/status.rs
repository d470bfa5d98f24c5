//! What the public reads: made of published statements alone. The last good copy is shown when the ledger can't be read.

use super::App;
use super::fault::{Fault, log};
use super::typed;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use model::id::{IncidentId, Millis};
use model::incident::Statement;
use page::route;
use page::status::{StatusIndex, StatusPage};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use store::StoreError;

/// Copies are kept of so many pages; the list of all incidents is always among them.
const COPIES_MAX: usize = 64;
/// When the copy was made that is shown in the place of the page.
const COPY_OF: HeaderName = HeaderName::from_static("x-copy-made-at");
/// The list's place among the copies: no incident has an empty name.
const LIST: &str = "";

/// The last good rendering of each page.
#[derive(Default)]
pub(super) struct Copies(Mutex<BTreeMap<String, (Millis, String)>>);

impl Copies {
    fn put(&self, name: &str, at: Millis, html: &str) {
        let mut copies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if copies.len() >= COPIES_MAX && !copies.contains_key(name) {
            let oldest = copies.iter().filter(|(n, _)| *n != LIST).min_by_key(|(_, (at, _))| *at);
            if let Some(oldest) = oldest.map(|(n, _)| n.clone()) {
                copies.remove(&oldest);
            }
        }
        copies.insert(name.to_owned(), (at, html.to_owned()));
    }

    fn get(&self, name: &str) -> Option<(Millis, String)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }
}

pub(super) fn routes() -> Router<App> {
    Router::new().route(route::STATUS, get(list)).route(route::INCIDENT, get(incident))
}

async fn list(State(app): State<App>) -> Result<Response, Fault> {
    let made = app.blocking(|app| {
        let service_name = app.ctx.service.named.name.clone();
        kept(app, LIST, |app| {
            let statements = app.ctx.store.read(newest)?;
            Ok(Some(move || StatusIndex { service_name, statements }.render()))
        })
    });
    made.await
}

async fn incident(State(app): State<App>, Path(id): Path<String>) -> Result<Response, Fault> {
    let id = IncidentId::new(typed::name(&id).ok_or_else(|| Fault::not_found("incident"))?);
    let made = app.blocking(move |app| {
        let named = app.ctx.service.named.clone();
        kept(app, id.as_str(), |app| {
            let statements = app.ctx.store.read(|r| r.statements(&id))?;
            // An incident of which nothing was published is nobody's business yet.
            Ok((!statements.is_empty()).then_some(move || {
                StatusPage { service_name: named.name, service_domain: named.domain, statements }.render()
            }))
        })
    });
    made.await
}

/// The newest statement of each incident, the latest incident first.
pub(super) fn newest(read: &store::Read) -> Result<Vec<Statement>, StoreError> {
    let mut statements = Vec::new();
    for incident in read.incidents()? {
        statements.extend(read.statements(&incident.id)?.pop());
    }
    Ok(statements)
}

/// The page as it is now, or its last copy where the ledger can't be read.
pub(super) fn kept<R: FnOnce() -> Result<String, page::Error>>(
    app: &App,
    name: &str,
    ask: impl FnOnce(&App) -> Result<Option<R>, StoreError>,
) -> Result<Response, Fault> {
    match ask(app) {
        Ok(Some(render)) => {
            let html = render()?;
            app.inner.copies.put(name, app.ctx.now(), &html);
            Ok(Html(html).into_response())
        }
        Ok(None) => Err(Fault::not_found("incident")),
        Err(error) => {
            log(&error);
            let Some((at, html)) = app.inner.copies.get(name) else { return Err(Fault::busy(60)) };
            let mut response = Html(html).into_response();
            let at = jiff::Timestamp::from_millisecond(at).map(|t| t.to_string()).unwrap_or_default();
            if let Ok(value) = HeaderValue::from_str(&at) {
                response.headers_mut().insert(COPY_OF, value);
            }
            Ok(response)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_bounded_and_the_list_is_never_dropped() {
        let copies = Copies::default();
        copies.put(LIST, 0, "list");
        for n in 1..=200 {
            copies.put(&format!("i{n}"), n, "page");
        }
        assert_eq!(copies.0.lock().unwrap().len(), COPIES_MAX);
        assert!(copies.get(LIST).is_some() && copies.get("i200").is_some() && copies.get("i1").is_none());
    }
}
