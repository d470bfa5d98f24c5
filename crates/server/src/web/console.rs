//! The console: plans, runs, cases, caught mails. To be looked at only; no address here takes anything but a question.

use super::App;
use super::fault::Fault;
use super::typed;
use super::view::{case, index, mail, plan, routine, run};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{Html, Redirect};
use axum::routing::get;
use model::id::{AccountId, PlanId, RunId};
use page::route;

type Page = Result<Html<String>, Fault>;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route(route::CONSOLE, get(overview))
        .route(route::PLAN, get(one_plan))
        .route(route::RUN, get(one_run))
        .route(route::ROUTINE, get(the_routine))
        .route(route::CASE, get(one_case))
        .route(route::MAILS, get(mails))
        .route(route::MAIL, get(one_mail))
}

/// Owners' pages that the console points to, where they are on another port.
pub(super) fn elsewhere() -> Router<App> {
    Router::new()
        .route(route::RECOVER, get(|state| to_public(state, route::RECOVER)))
        .route(route::CHECK, get(|state| to_public(state, route::CHECK)))
}

async fn to_public(State(app): State<App>, path: &'static str) -> Result<Redirect, Fault> {
    let base = app.public_base.as_ref().ok_or_else(|| Fault::not_found("page"))?;
    Ok(Redirect::to(&format!("{base}{path}")))
}

async fn overview(State(app): State<App>) -> Page {
    shown(&app, |app| Ok(index::page(app)?.render()?)).await
}

async fn one_plan(State(app): State<App>, Path(id): Path<String>) -> Page {
    let id = PlanId::new(named("plan", &id)?);
    shown(&app, move |app| Ok(plan::page(app, &id)?.render()?)).await
}

async fn one_run(State(app): State<App>, Path(id): Path<String>) -> Page {
    let id = RunId::new(named("run", &id)?);
    shown(&app, move |app| Ok(run::page(app, &id)?.render()?)).await
}

async fn the_routine(State(app): State<App>) -> Page {
    shown(&app, |app| Ok(routine::page(app)?.render()?)).await
}

async fn one_case(State(app): State<App>, Path(id): Path<String>) -> Page {
    let id = AccountId::new(named("case", &id)?);
    shown(&app, move |app| Ok(case::page(app, &id)?.render()?)).await
}

async fn mails(State(app): State<App>) -> Page {
    shown(&app, |app| Ok(mail::list(app)?.render()?)).await
}

async fn one_mail(State(app): State<App>, Path(id): Path<String>) -> Page {
    shown(&app, move |app| Ok(mail::page(app, &id)?.render()?)).await
}

async fn shown(app: &App, make: impl FnOnce(&App) -> Result<String, Fault> + Send + 'static) -> Page {
    app.blocking(make).await.map(Html).map_err(|fault| fault.back(route::CONSOLE))
}

fn named(what: &str, id: &str) -> Result<String, Fault> {
    let name = typed::name(id).ok_or_else(|| Fault::not_found(what).back(route::CONSOLE))?;
    Ok(name.to_owned())
}
