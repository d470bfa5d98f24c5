//! *Did this message come from us?* A code, the first words and the day; yes or no, and nothing more.

use super::App;
use super::fault::Fault;
use super::form::Sent;
use super::limit::Tried;
use super::owner::{retry_after, site};
use super::typed;
use super::visitor::Visitor;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use model::id::{Millis, NoticeCode};
use model::notice::NoticeState;
use page::owner::{CheckAnswer, CheckPage, field};
use page::route;

pub(super) fn routes() -> Router<App> {
    Router::new().route(route::CHECK, get(form).post(answer))
}

async fn form(State(app): State<App>, visitor: Visitor) -> Result<Response, Fault> {
    Ok(visitor.page(StatusCode::OK, view(&app, &visitor).render()?))
}

async fn answer(State(app): State<App>, sent: Sent) -> Result<Response, Fault> {
    let mut page = view(&app, &sent.visitor);
    page.code_typed = sent.text(field::NOTICE_CODE).to_owned();
    page.words_typed = sent.text(field::FIRST_WORDS).to_owned();
    page.day_typed = sent.text(field::DAY).to_owned();
    let code = typed::code(&page.code_typed);
    let limit = app.inner.limits.take(Tried::Check, sent.visitor.from, code.as_deref());
    if let Err(retry_after_ms) = limit {
        page.answer = Some(CheckAnswer::TooMany { retry_after_ms });
        return Ok(retry_after(
            sent.visitor.page(StatusCode::TOO_MANY_REQUESTS, page.render()?),
            retry_after_ms,
        ));
    }
    let (words, day) = (page.words_typed.clone(), page.day_typed.parse::<Date>().ok());
    let ours = app.blocking(move |app| is_ours(app, code, &words, day)).await?;
    page.answer = Some(if ours { CheckAnswer::Yes } else { CheckAnswer::No });
    Ok(sent.visitor.page(StatusCode::OK, page.render()?))
}

fn view(app: &App, visitor: &Visitor) -> CheckPage {
    CheckPage {
        site: site(app),
        csrf: visitor.token(app),
        code_typed: String::new(),
        words_typed: String::new(),
        day_typed: String::new(),
        answer: None,
    }
}

/// Whether a notice of this code went out about that day and begins with these words. A code that is none is looked up
/// all the same.
fn is_ours(app: &App, code: Option<String>, words: &str, day: Option<Date>) -> Result<bool, Fault> {
    let code = NoticeCode::new(code.unwrap_or_default());
    let Some(notice) = app.ctx.store.read(|r| r.notice(&code))? else { return Ok(false) };
    // One whose answer was lost may have arrived all the same.
    let went_out = match notice.state {
        NoticeState::Sent => notice.ended_at,
        NoticeState::Sending => notice.due_at,
        NoticeState::Owed | NoticeState::Due | NoticeState::Failed | NoticeState::Void => None,
    };
    let about = went_out.zip(day).is_some_and(|(at, day)| is_about(at, day));
    Ok(about && typed::begins(&notice.text, words))
}

/// The day a moment falls on somewhere on earth, or the next: mail may be slow, and days begin elsewhere earlier.
fn is_about(at: Millis, day: Date) -> bool {
    let Ok(at) = Timestamp::from_millisecond(at) else { return false };
    let utc = at.to_zoned(TimeZone::UTC).date();
    let (Ok(first), Ok(last)) = (utc.checked_sub(1.day()), utc.checked_add(1.day())) else { return false };
    first <= day && day <= last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_may_be_off_by_one_and_no_more() {
        let noon = "2026-11-03T12:00:00Z".parse::<Timestamp>().unwrap().as_millisecond();
        let about = |day: &str| is_about(noon, day.parse().unwrap());
        assert_eq!(["2026-11-02", "2026-11-03", "2026-11-04"].map(about), [true; 3]);
        assert_eq!(["2026-11-01", "2026-11-05", "2025-11-03"].map(about), [false; 3]);
    }
}
