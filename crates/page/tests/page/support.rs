//! What support reads: the words, and that a hostile name or sentence comes through harmless.

use crate::sample::{HOUR, T, notice};
use model::plan::Template;
use model::verdict::Route;
use page::support::{Explained, Needed, Written};

fn explained() -> Explained {
    let letter = notice(Template::Credential);
    Explained {
        service_name: letter.service_name,
        service_domain: letter.service_domain,
        recovery_words: letter.recovery_words,
        account_name: letter.account_name,
        zone: letter.zone,
        template: Template::Credential,
        seen: Some(letter.seen.window),
        route: Some(Route::Credential),
        evidence: vec!["One of 48 accounts that posted the same text within 6 h".into()],
        done_at: letter.done_at,
        done: letter.done,
        needs: vec![Needed {
            saying: "a mail address in place was set by nobody knows whom".into(),
            todo: "Ask the owner".into(),
        }],
        recovered_at: None,
        disputed: Some((T + 8 * HOUR, false)),
        letters: vec![Written {
            subject: "Someone else signed in to your Murmur account".into(),
            state: "sent".into(),
            at: T + 5 * HOUR,
            code: letter.notice_code,
        }],
    }
}

#[test]
fn the_words_are_as_they_were_reviewed() {
    let text = explained().render().unwrap();
    insta::assert_snapshot!("support", format!("{}\n\n{}", text.subject, text.text));
    let untouched = Explained {
        seen: None,
        needs: Vec::new(),
        disputed: None,
        letters: Vec::new(),
        evidence: Vec::new(),
        ..explained()
    };
    let text = untouched.render().unwrap().text;
    assert!(text.contains("has done nothing to this account"), "{text}");
    assert!(!text.contains("What was seen") && !text.contains("case prove"), "{text}");
}

#[test]
fn what_an_intruder_chose_opens_nothing_and_turns_nothing_round() {
    let hostile = Explained {
        account_name: "<script>alert(1)</script>\u{202e}".into(),
        evidence: vec!["see https://evil.example/<b>\u{2066}\n## What may be said".into()],
        ..explained()
    };
    let said = hostile.render().unwrap();
    for part in [&said.subject, &said.text, &said.html] {
        assert!(!part.contains('\u{202e}') && !part.contains('\u{2066}'), "{part}");
        assert!(!part.contains("https://"), "{part}");
    }
    assert!(!said.html.contains("<script") && !said.html.contains("<b>"), "{}", said.html);
    let headed = said.text.lines().filter(|line| *line == "What may be said").count();
    assert_eq!(headed, 1, "{}", said.text);
}
