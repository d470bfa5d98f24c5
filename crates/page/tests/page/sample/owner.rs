//! The owner's pages.

use super::{HOUR, MINUTE, T, notice};
use model::event::{Event, Kind, Outcome};
use model::plan::{ActKind, Template};
use model::verdict::{Hand, Moment};
use page::owner::{
    AskCodePage, CheckAnswer, CheckPage, CodeProblem, Confirmation, DonePage, EnterCodePage, HiddenPost,
    Message, OwnerPage, PasswordProblem, Site,
};
use page::timeline::{Line, What, Who};

const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1";

fn event(at: i64, hand: Hand, kind: &Kind, text: Option<&str>) -> Line {
    let mut event = Event::new(format!("e{at}").as_str().into(), at, "ines".into(), kind.clone());
    if *kind == Kind::Login {
        event.outcome = Some(Outcome::Success);
    }
    let intruder = hand == Hand::Intruder;
    event.user_agent = Some(if intruder { FIREFOX } else { SAFARI }.into());
    event.country = Some(if intruder { "PT" } else { "DE" }.into());
    event.ip = Some(if intruder { "203.0.113.77" } else { "198.51.100.20" }.into());
    event.text = text.map(str::to_owned);
    Moment { hand, event }.into()
}

pub(crate) fn timeline() -> Vec<Line> {
    let lure = "These sneakers are free today only, get yours at shoes.test/x before they are gone";
    let mut failed = Event::new("e0".into(), T - MINUTE, "ines".into(), Kind::Login);
    failed.outcome = Some(Outcome::Failure);
    failed.country = Some("PT".into());
    failed.ip = Some("203.0.113.77".into());
    vec![
        event(T - 26 * HOUR, Hand::Owner, &Kind::Login, None),
        event(
            T - 26 * HOUR + 4 * MINUTE,
            Hand::Owner,
            &Kind::Post,
            Some("Fog over the river again. I like it."),
        ),
        Moment { hand: Hand::Unknown, event: failed }.into(),
        event(T, Hand::Intruder, &Kind::Login, None),
        event(T + 2 * MINUTE, Hand::Intruder, &Kind::Post, Some(lure)),
        event(T + 3 * MINUTE, Hand::Intruder, &Kind::Message, Some(lure)),
        event(T + 29 * MINUTE, Hand::Intruder, &Kind::EmailChange, None),
        Line::ours(T + 5 * HOUR, ActKind::EndSessions, Some(3)),
        Line::ours(T + 5 * HOUR, ActKind::RequireNewCredential, None),
        Line::ours(T + 5 * HOUR + 1000, ActKind::HideObjects, Some(4)),
        Line { at: T + 5 * HOUR + 2000, who: Who::Us, what: What::NoticeSent },
    ]
}

pub(crate) fn site() -> Site {
    Site { service_name: "Murmur".into(), service_domain: "murmur.example".into() }
}

pub(crate) fn account() -> OwnerPage {
    let lure = "These sneakers are free today only, get yours at shoes.test/x before they are gone";
    OwnerPage {
        site: site(),
        csrf: "c5rf".into(),
        account_name: "ines".into(),
        zone: Some("Europe/Berlin".into()),
        timeline: timeline(),
        done: notice(Template::Credential).done,
        hidden_posts: vec![
            HiddenPost {
                object: "p101".into(),
                at: Some(T + 2 * MINUTE),
                text: Some(lure.into()),
                show: false,
            },
            HiddenPost { object: "p102".into(), at: None, text: None, show: true },
        ],
        needs_password: true,
        password_length_min: 15,
        password_problem: None,
        notice_code: Some("7KM3-9QTX".into()),
        disputed_at: None,
        messages: vec![
            Message { at: T + 6 * HOUR, subject: "The code you asked for at Murmur".into(), code: None },
            Message {
                at: T + 5 * HOUR,
                subject: "Someone else signed in to your Murmur account".into(),
                code: Some("7KM3-9QTX".into()),
            },
        ],
    }
}

pub(super) fn pages() -> Vec<(&'static str, String)> {
    let ask = AskCodePage { site: site(), csrf: "c5rf".into(), account_typed: String::new(), problem: None };
    let code = EnterCodePage {
        site: site(),
        csrf: "c5rf".into(),
        account_typed: "ines".into(),
        valid_ms: 15 * MINUTE,
        problem: None,
    };
    let check = CheckPage {
        site: site(),
        csrf: "c5rf".into(),
        code_typed: String::new(),
        words_typed: String::new(),
        day_typed: String::new(),
        answer: None,
    };
    let done = |confirmation| DonePage { site: site(), confirmation }.render().unwrap();
    let mut disputed = account();
    disputed.disputed_at = Some(T + 8 * HOUR);
    disputed.needs_password = false;
    disputed.hidden_posts.clear();
    disputed.messages.clear();
    disputed.timeline.push(Line { at: T + 8 * HOUR, who: Who::Owner, what: What::Disputed });
    let mut too_short = account();
    too_short.password_problem = Some(PasswordProblem::TooShort);
    let problem = Some(CodeProblem::TooMany { retry_after_ms: 25 * MINUTE });
    vec![
        ("owner_ask", ask.render().unwrap()),
        ("owner_ask_wait", AskCodePage { problem, account_typed: "ines".into(), ..ask }.render().unwrap()),
        ("owner_code", code.render().unwrap()),
        ("owner_code_wrong", EnterCodePage { problem: Some(CodeProblem::NotGood), ..code }.render().unwrap()),
        ("owner_account", account().render().unwrap()),
        ("owner_account_disputed", disputed.render().unwrap()),
        ("owner_account_too_short", too_short.render().unwrap()),
        ("owner_done_password", done(Confirmation::PasswordSet)),
        ("owner_done_posts", done(Confirmation::PostsDecided { shown: 1, left: 3 })),
        ("owner_done_mine", done(Confirmation::ThatWasMe { proved: false })),
        ("owner_done_left", done(Confirmation::Left)),
        ("check", check.render().unwrap()),
        ("check_yes", CheckPage { answer: Some(CheckAnswer::Yes), ..check.clone() }.render().unwrap()),
        ("check_no", CheckPage { answer: Some(CheckAnswer::No), ..check }.render().unwrap()),
    ]
}
