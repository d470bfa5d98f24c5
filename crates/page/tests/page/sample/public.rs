//! The public's pages and the error page.

use super::{HOUR, MINUTE, T};
use model::incident::{Cause, Few, IncidentState, PublicCount, PublicFigures, Statement};
use page::console::ErrorPage;
use page::status::{StatusIndex, StatusPage};

pub(crate) fn statement(version: u32) -> Statement {
    let few = PublicCount::Few(Few::FewerThan10);
    let corrected = version > 1;
    Statement {
        incident: "i-1".into(),
        version,
        state: if corrected { IncidentState::Monitoring } else { IncidentState::Investigating },
        title: "Posts that owners did not write".into(),
        cause: if corrected {
            Cause::Known("Passwords that were used on other sites too, tried here by a program.".into())
        } else {
            Cause::NotYet
        },
        body: if corrected {
            "Between 3 and 4 November somebody else used a number of accounts to post links. We ended their \
             sessions, asked their owners for a new password and hid the posts.\n\nWe also acted on accounts that \
             nobody else had used. That was our mistake. We have put them back and told their owners."
                .into()
        } else {
            "Somebody else is using a number of accounts to post links. We are taking these accounts back."
                .into()
        },
        correction: corrected,
        first_act_at: Some(T),
        last_act_at: Some(T + 17 * HOUR),
        figures: PublicFigures {
            believed_compromised: PublicCount::About(12_408),
            contained: PublicCount::About(12_390),
            by_precaution: PublicCount::About(214),
            by_mistake: if corrected { PublicCount::About(51) } else { PublicCount::About(0) },
            put_back: if corrected { PublicCount::About(51) } else { PublicCount::About(0) },
            notices_sent: PublicCount::About(12_380),
            notices_failed: few,
            recovered: PublicCount::About(if corrected { 3_217 } else { 40 }),
        },
        decided_by_one: false,
        published_at: T + i64::from(version) * 9 * HOUR + 12 * MINUTE,
    }
}

pub(super) fn pages() -> Vec<(&'static str, String)> {
    let status = StatusPage {
        service_name: "Murmur".into(),
        service_domain: "murmur.example".into(),
        statements: vec![statement(1), statement(2)],
    };
    let first = StatusPage { statements: vec![statement(1)], ..status.clone() };
    let none = StatusPage { statements: Vec::new(), ..status.clone() };
    let index = StatusIndex { service_name: "Murmur".into(), statements: vec![statement(2)] };
    let error = ErrorPage {
        service_name: "Murmur".into(),
        status: 404,
        title: "There is no such page".into(),
        cause: "The plan “p-9” is not in the ledger.".into(),
        hint: "Look at the list of plans, or at the spelling of the address.".into(),
        back: Some(page::route::CONSOLE.into()),
    };
    vec![
        ("status", status.render().unwrap()),
        ("status_first", first.render().unwrap()),
        ("status_none", none.render().unwrap()),
        ("status_index", index.render().unwrap()),
        ("error", error.render().unwrap()),
    ]
}
