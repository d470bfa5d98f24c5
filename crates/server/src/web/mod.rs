//! The doors that people open with a browser: owners' pages and the public status, and a read-only console.
//!
//! Nothing is decided here and nothing is done here: a page asks the ledger, a form calls `ops`. Every call that may
//! block (ledger, service, mail) goes through [`App::blocking`], never on a thread that serves connections.

mod caught;
mod check;
mod client;
mod console;
mod fault;
mod form;
mod guard;
mod limit;
mod owner;
mod serve;
mod status;
mod support;
mod timer;
mod typed;
mod view;
mod visitor;

#[cfg(test)]
mod tests;

pub(crate) use caught::{CaughtMail, Mails};
pub(crate) use serve::{serve, serve_demo};
pub(crate) use support::SupportKey;

use crate::context::Context;
use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use fault::Fault;
use limit::Limits;
use page::console::{Figure, OwnerRow, Stop};
use page::{asset, route};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Calls to ledger and service under way at once; more wait.
const CALLS_MAX: usize = 32;
/// Recovery codes being sent at once; whoever asks for more is told to come back, whatever account they name.
const SENDING_MAX: usize = 64;

/// What the pages work with. A clone is the same door, not another.
#[derive(Clone)]
pub(crate) struct App {
    ctx: Arc<Context>,
    mails: Option<Mails>,
    guide: Arc<Guide>,
    support_key: Option<Arc<SupportKey>>,
    /// Where the public pages are, for the console on its own port.
    public_base: Option<String>,
    inner: Arc<Inner>,
}

/// What the overview shows besides the ledger's own: for a demonstration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guide {
    /// A word beside the service's name: `demonstration`.
    pub(crate) badge: Option<String>,
    /// Figures before the ledger's own.
    pub(crate) figures: Vec<Figure>,
    /// Where to look, in this order.
    pub(crate) tour: Vec<Stop>,
    /// Cases worth opening.
    pub(crate) owners: Vec<OwnerRow>,
}

struct Inner {
    /// Made at each start: what a form's token is made with.
    key: [u8; 32],
    limits: Limits,
    calls: Arc<Semaphore>,
    sending: Arc<Semaphore>,
    copies: status::Copies,
}

impl App {
    /// The doors of a service.
    pub(crate) fn new(ctx: Arc<Context>) -> Self {
        let inner = Inner {
            key: ctx.chance.bytes(),
            limits: Limits::new(&ctx.policy.recovery, ctx.chance.bytes()),
            calls: Arc::new(Semaphore::new(CALLS_MAX)),
            sending: Arc::new(Semaphore::new(SENDING_MAX)),
            copies: status::Copies::default(),
        };
        Self {
            ctx,
            mails: None,
            guide: Arc::default(),
            support_key: None,
            public_base: None,
            inner: Arc::new(inner),
        }
    }

    /// The same, with mails that were caught.
    #[must_use]
    pub(crate) fn with_mails(mut self, mails: Mails) -> Self {
        self.mails = Some(mails);
        self
    }

    /// The same, with a guide for the overview.
    #[must_use]
    pub(crate) fn with_guide(mut self, guide: Guide) -> Self {
        self.guide = Arc::new(guide);
        self
    }

    /// The same, listening to a support desk.
    #[must_use]
    pub(crate) fn with_support_key(mut self, key: SupportKey) -> Self {
        self.support_key = Some(Arc::new(key));
        self
    }

    /// Does what may block on a thread made for that, a bounded number at once.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let permit = Arc::clone(&self.inner.calls).acquire_owned().await.map_err(Fault::internal)?;
        let app = self.clone();
        let call = tokio::task::spawn_blocking(move || {
            let done = work(&app);
            drop(permit);
            done
        });
        call.await.map_err(Fault::internal)?
    }
}

/// Owners' pages, the public status, and the support desk's door.
pub(crate) fn public_router(app: App) -> Router {
    let routes = Router::new().route("/", get(|| async { Redirect::to(route::STATUS) }));
    let routes = routes.merge(owner::routes()).merge(check::routes()).merge(status::routes());
    finish(routes.merge(support::routes()), app)
}

/// The read-only console, with the public status beside it. Answers this machine alone.
pub(crate) fn console_router(app: App) -> Router {
    let routes = Router::new().route("/", get(|| async { Redirect::to(route::CONSOLE) }));
    let routes = routes.merge(console::routes()).merge(console::elsewhere()).merge(status::routes());
    finish_local(routes, app)
}

/// All of it behind one port of this machine.
fn demo_router(app: App) -> Router {
    let routes = Router::new().route("/", get(|| async { Redirect::to(route::CONSOLE) }));
    let routes = routes.merge(owner::routes()).merge(check::routes());
    finish_local(routes.merge(console::routes()).merge(status::routes()), app)
}

fn finish_local(routes: Router<App>, app: App) -> Router {
    finish(routes.layer(axum::middleware::from_fn(guard::this_machine_only)), app)
}

/// What every door has: the two files, a page for what is not there, and the guard around it all.
fn finish(routes: Router<App>, app: App) -> Router {
    let mut routes = routes;
    for file in asset::ALL {
        routes = routes.route(file.path, get(move || guard::asset(file)));
    }
    routes
        .fallback(|| async { Fault::not_found("page") })
        .method_not_allowed_fallback(|| async { Fault::method() })
        .layer(axum::middleware::from_fn_with_state(app.clone(), guard::around))
        .with_state(app)
}
