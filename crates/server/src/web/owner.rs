//! The owner's way back, as pages: ask for a code, enter it, see what happened, decide.
//!
//! Whatever an account is named, asking for a code is answered the same and at once: the asking itself goes on behind
//! the answer. A code is used up by a form alone, never by opening an address.

use super::App;
use super::fault::{Fault, log};
use super::form::Sent;
use super::limit::Tried;
use super::typed;
use super::view::account;
use super::visitor::Visitor;
use crate::ops;
use axum::Router;
use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use model::id::{AccountId, Digest, ObjectId};
use model::secret::Secret;
use page::owner::{
    AskCodePage, CodeProblem, Confirmation, DonePage, EnterCodePage, PasswordProblem, Site, field,
};
use page::route;
use respond::port::Effect;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A code that is not good is answered no sooner than this: the ledger takes longer where there is something to count.
const WRONG_CODE: Duration = Duration::from_millis(400);

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route(route::RECOVER, get(ask_form).post(ask))
        .route(route::RECOVER_CODE, get(code_form).post(enter))
        .route(route::ACCOUNT, get(own_page))
        .route(route::ACCOUNT_PASSWORD, post(set_password))
        .route(route::ACCOUNT_POSTS, post(keep_posts))
        .route(route::ACCOUNT_THAT_WAS_ME, post(that_was_me))
        .route(route::ACCOUNT_LEAVE, post(leave))
        // W3C, A Well-Known URL for Changing Passwords.
        .route("/.well-known/change-password", get(|| async { Redirect::to(route::RECOVER) }))
}

/// Whose pages these are.
pub(super) fn site(app: &App) -> Site {
    let named = &app.ctx.service.named;
    Site { service_name: named.name.clone(), service_domain: named.domain.clone() }
}

/// Says when to come back (RFC 9110, 10.2.3).
pub(super) fn retry_after(mut response: Response, wait_ms: i64) -> Response {
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait_ms.max(0) / 1000 + 1));
    response
}

async fn ask_form(State(app): State<App>, visitor: Visitor) -> Result<Response, Fault> {
    ask_page(&app, &visitor, StatusCode::OK, "", None)
}

fn ask_page(
    app: &App,
    visitor: &Visitor,
    status: StatusCode,
    typed: &str,
    problem: Option<CodeProblem>,
) -> Result<Response, Fault> {
    let csrf = visitor.token(app);
    let page = AskCodePage { site: site(app), csrf, account_typed: typed.to_owned(), problem };
    Ok(visitor.page(status, page.render()?))
}

async fn ask(State(app): State<App>, sent: Sent) -> Result<Response, Fault> {
    let typed = sent.text(field::ACCOUNT);
    let Some(name) = typed::name(typed) else {
        return ask_page(
            &app,
            &sent.visitor,
            StatusCode::UNPROCESSABLE_ENTITY,
            "",
            Some(CodeProblem::NoAccount),
        );
    };
    if let Err(retry_after_ms) = app.inner.limits.take(Tried::Ask, sent.visitor.from, Some(name)) {
        let problem = Some(CodeProblem::TooMany { retry_after_ms });
        let page = ask_page(&app, &sent.visitor, StatusCode::TOO_MANY_REQUESTS, typed, problem)?;
        return Ok(retry_after(page, retry_after_ms));
    }
    send_code(&app, AccountId::new(name))?;
    code_page(&app, &sent.visitor, StatusCode::OK, typed, None)
}

/// Has a code sent, behind the answer. What comes of it is only for the log, and there without the account.
fn send_code(app: &App, account: AccountId) -> Result<(), Fault> {
    let Ok(permit) = Arc::clone(&app.inner.sending).try_acquire_owned() else { return Err(Fault::busy(5)) };
    let ctx = Arc::clone(&app.ctx);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = ops::owner::ask_code(&ctx, &account) {
            let said = error.to_string().replace(account.as_str(), "(an account)");
            log(&format_args!("a recovery code was not sent: {said}"));
        }
        drop(permit);
    });
    Ok(())
}

async fn code_form(State(app): State<App>, visitor: Visitor) -> Result<Response, Fault> {
    code_page(&app, &visitor, StatusCode::OK, "", None)
}

fn code_page(
    app: &App,
    visitor: &Visitor,
    status: StatusCode,
    typed: &str,
    problem: Option<CodeProblem>,
) -> Result<Response, Fault> {
    let page = EnterCodePage {
        site: site(app),
        csrf: visitor.token(app),
        account_typed: typed.to_owned(),
        valid_ms: app.ctx.policy.recovery.code_valid_ms,
        problem,
    };
    Ok(visitor.page(status, page.render()?))
}

async fn enter(State(app): State<App>, sent: Sent) -> Result<Response, Fault> {
    let arrived = Instant::now();
    let (visitor, typed) = (&sent.visitor, sent.text(field::ACCOUNT));
    let Some(name) = typed::name(typed) else {
        return code_page(&app, visitor, StatusCode::UNPROCESSABLE_ENTITY, "", Some(CodeProblem::NoAccount));
    };
    if let Err(retry_after_ms) = app.inner.limits.take(Tried::Enter, visitor.from, Some(name)) {
        let problem = Some(CodeProblem::TooMany { retry_after_ms });
        let page = code_page(&app, visitor, StatusCode::TOO_MANY_REQUESTS, typed, problem)?;
        return Ok(retry_after(page, retry_after_ms));
    }
    let account = AccountId::new(name);
    // What can't be a code is tried all the same: a wrong try is a wrong try.
    let code = Secret::new(typed::code(sent.text(field::CODE)).unwrap_or_default());
    let session = app.blocking(move |app| Ok(ops::owner::enter_code(&app.ctx, &account, &code)?)).await?;
    let Some(session) = session else {
        tokio::time::sleep_until(arrived + WRONG_CODE).await;
        return code_page(&app, visitor, StatusCode::UNPROCESSABLE_ENTITY, typed, Some(CodeProblem::NotGood));
    };
    let mut response = Redirect::to(route::ACCOUNT).into_response();
    visitor.sign_in(&mut response, &session);
    Ok(response)
}

/// The account whose owner this is, or the way to become one.
async fn owner(app: &App, visitor: &Visitor) -> Result<Result<AccountId, Response>, Fault> {
    let account = match visitor.session.clone() {
        Some(session) => app.blocking(move |app| Ok(ops::owner::owner_of(&app.ctx, &session)?)).await?,
        None => None,
    };
    Ok(account.ok_or_else(|| {
        let mut response = Redirect::to(route::RECOVER).into_response();
        if visitor.session.is_some() {
            visitor.sign_out(&mut response);
        }
        response
    }))
}

async fn own_page(State(app): State<App>, visitor: Visitor) -> Result<Response, Fault> {
    match owner(&app, &visitor).await? {
        Ok(account) => account_page(&app, &visitor, StatusCode::OK, account, None).await,
        Err(elsewhere) => Ok(elsewhere),
    }
}

async fn account_page(
    app: &App,
    visitor: &Visitor,
    status: StatusCode,
    account: AccountId,
    problem: Option<PasswordProblem>,
) -> Result<Response, Fault> {
    let csrf = visitor.token(app);
    let mut page = app.blocking(move |app| account::page(app, &account, csrf)).await?;
    page.password_problem = problem;
    Ok(visitor.page(status, page.render()?))
}

async fn set_password(State(app): State<App>, sent: Sent) -> Result<Response, Fault> {
    let account = match owner(&app, &sent.visitor).await? {
        Ok(account) => account,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let whose = account.clone();
    let story = app.blocking(move |app| account::needs_password(app, &whose)).await?;
    if !story {
        return Err(Fault::not_offered("No new password is needed here.").back(route::ACCOUNT));
    }
    let (first, again) = (sent.one(field::PASSWORD), sent.one(field::PASSWORD_AGAIN));
    let Some(chosen) = first.filter(|_| first == again).cloned() else {
        return refused(&app, &sent.visitor, account, PasswordProblem::NotTheSame).await;
    };
    if chosen.reveal().chars().count() < app.ctx.policy.recovery.password_length_min as usize {
        return refused(&app, &sent.visitor, account, PasswordProblem::TooShort).await;
    }
    match app.blocking(move |app| Ok(ops::owner::choose(&app.ctx, &account, &chosen)?)).await? {
        Effect::Done { .. } => done(&app, &sent.visitor, Confirmation::PasswordSet),
        // The guard moved between its reading and its use, or there is no password at all.
        Effect::PremiseGone { .. } => {
            Err(Fault::not_offered("The account changed while you were choosing.").back(route::ACCOUNT))
        }
    }
}

async fn refused(
    app: &App,
    visitor: &Visitor,
    account: AccountId,
    problem: PasswordProblem,
) -> Result<Response, Fault> {
    account_page(app, visitor, StatusCode::UNPROCESSABLE_ENTITY, account, Some(problem)).await
}

async fn keep_posts(State(app): State<App>, sent: Sent) -> Result<Response, Fault> {
    let account = match owner(&app, &sent.visitor).await? {
        Ok(account) => account,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let chosen = sent.with_prefix(field::POST_PREFIX).filter(|(_, answer)| *answer == field::SHOW);
    let shown: Vec<ObjectId> = chosen.map(|(object, _)| ObjectId::new(object)).collect();
    let (shown, left) = app.blocking(move |app| account::keep(app, &account, &shown)).await?;
    done(&app, &sent.visitor, Confirmation::PostsDecided { shown, left })
}

async fn that_was_me(State(app): State<App>, sent: Sent) -> Result<Response, Fault> {
    let account = match owner(&app, &sent.visitor).await? {
        Ok(account) => account,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let disputed = app.blocking(move |app| {
        let Some(run) = ops::owner::dispute(&app.ctx, &account)? else { return Ok(None) };
        let disputes = app.ctx.store.read(|r| r.disputes_of(&account))?;
        Ok(Some(disputes.iter().any(|d| d.run == run && d.proved_at.is_some())))
    });
    match disputed.await? {
        Some(proved) => done(&app, &sent.visitor, Confirmation::ThatWasMe { proved }),
        None => Err(Fault::not_offered("Nothing was done to this account.").back(route::ACCOUNT)),
    }
}

async fn leave(State(app): State<App>, sent: Sent) -> Result<Response, Fault> {
    if let Some(session) = sent.visitor.session.clone() {
        app.blocking(move |app| end_session(app, &session)).await?;
    }
    let mut response = done(&app, &sent.visitor, Confirmation::Left)?;
    sent.visitor.sign_out(&mut response);
    Ok(response)
}

/// Ends a session in the ledger too: a copy of the cookie opens nothing any more.
fn end_session(app: &App, session: &Secret) -> Result<(), Fault> {
    // As `respond::recover` writes it; a test holds that a session which was left is gone.
    let hash = Digest::of(format!("rightful owner session\0{}", session.reveal()).as_bytes());
    Ok(app.ctx.store.write(app.ctx.now(), |tx| tx.end_owner_session(hash))?)
}

fn done(app: &App, visitor: &Visitor, confirmation: Confirmation) -> Result<Response, Fault> {
    Ok(visitor.page(StatusCode::OK, DonePage { site: site(app), confirmation }.render()?))
}
