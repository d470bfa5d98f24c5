//! The properties of every letter (owners, 1 to 7), checked over all templates.

use crate::reading::{grade, normal, spoken, visible};
use crate::sample::{HOUR, LETTERS, T, notice, recovery};
use model::plan::Template;
use page::notice::Letter;

fn all() -> Vec<(&'static str, Letter)> {
    let mut letters: Vec<_> =
        LETTERS.into_iter().map(|(t, name)| (name, notice(t).render().unwrap())).collect();
    letters.push(("recovery", recovery().render().unwrap()));
    letters
}

#[test]
fn the_words_are_as_they_were_reviewed() {
    for (name, letter) in all() {
        insta::assert_snapshot!(
            format!("letter_{name}"),
            format!("Subject: {}\n\n{}", letter.subject, letter.text)
        );
    }
}

#[test]
fn the_html_part_is_as_it_was_reviewed() {
    insta::assert_snapshot!("letter_html", notice(Template::Credential).render().unwrap().html);
}

#[test]
fn nothing_in_a_letter_can_be_followed_loaded_or_filled_in() {
    for (name, letter) in all() {
        let both = format!("{} {} {}", letter.subject, letter.text, letter.html).to_lowercase();
        for mark in
            ["http", "://", "www.", "href", "src=", "<a ", "<img", "<form", "<input", "<script", "url("]
        {
            assert!(!both.contains(mark), "{name} has {mark}");
        }
        for mark in ["<link", "<iframe", "<object", "<video", "@import", "style=", " on", "mailto"] {
            let in_tags = tags(&letter.html);
            assert!(!in_tags.iter().any(|t| t.contains(mark)), "{name} has {mark}");
        }
        assert_eq!(letter.text.matches("murmur.example").count(), letter.text.matches(".example").count());
        assert!(letter.text.contains("murmur.example"), "{name} names the domain to type");
    }
}

fn tags(html: &str) -> Vec<String> {
    html.split('<').skip(1).filter_map(|t| t.split('>').next()).map(str::to_lowercase).collect()
}

#[test]
fn text_and_html_say_the_same() {
    for (name, letter) in all() {
        assert_eq!(visible(&letter.html), normal(&letter.text), "{name}");
    }
}

#[test]
fn no_letter_presses_or_threatens() {
    let pressing = [
        "urgent",
        "immediately",
        "suspend",
        "verify your account",
        "click",
        "confirm your identity",
        "dear customer",
        "dear user",
        "within 24 hours",
        "act now",
        "as soon as possible",
        "final notice",
        "at risk",
        "unusual activity",
        "blocked",
        "deadline",
        "penalty",
        "warning",
        "alert",
        "limited",
        "!",
    ];
    for (name, letter) in all() {
        let said = format!("{} {}", letter.subject, letter.text).to_lowercase();
        for word in pressing {
            assert!(!said.contains(word), "{name} says “{word}”");
        }
    }
}

#[test]
fn every_letter_asks_for_nothing_and_says_so() {
    for (name, letter) in all() {
        let said = normal(&letter.text);
        assert!(said.contains("It has no links") || said.contains("This mail has no links"), "{name}");
        assert!(
            said.contains("asks for no password and no code")
                || said.contains("we do not ask for your password"),
            "{name}"
        );
    }
}

#[test]
fn every_notice_says_what_when_by_whom_and_what_was_left() {
    for (template, name) in LETTERS {
        let view = notice(template);
        let said = normal(&view.render().unwrap().text);
        let first = "3 November 2026, 14:02 Berlin time (13:02 UTC)";
        let parts =
            [first, "14:31 Berlin time (13:31 UTC)", "Lisbon, Portugal", "Firefox on Windows", "ines"];
        for part in parts {
            assert!(said.contains(part), "{name} does not say {part}");
        }
        assert!(said.contains("19:02 Berlin time (18:02 UTC)"), "{name} says when it was acted on");
        let by_whom = ["Murmur took these steps by itself", "Murmur took this step by itself"];
        assert!(by_whom.iter().any(|words| said.contains(words)), "{name} says by whom");
        let not_you = [
            "Nobody asked for them in your name",
            "Nobody asked for it in your name",
            "You did not have to ask for them",
        ];
        assert!(not_you.iter().any(|words| said.contains(words)), "{name} says that it was not the owner");
        assert!(said.contains("What we did not touch We did not touch"), "{name} says what was left");
        assert!(said.contains("7KM3-9QTX"), "{name} has its code");
        assert!(said.contains("The code opens nothing"), "{name} says what the code is");
    }
}

#[test]
fn each_act_is_told_and_none_that_was_not_done() {
    let words = [
        ("We replaced your password", Template::Credential, true),
        ("We replaced your password", Template::Precaution, false),
        ("ended all 3 open sessions", Template::Session, true),
        ("open sessions", Template::App, false),
        ("access of the app “PhotoPrint”", Template::App, true),
        ("access of the app", Template::Credential, false),
        ("We hid 4 posts", Template::Credential, true),
        ("We hid", Template::Precaution, false),
        ("Your old password works again", Template::Correction, true),
        ("Your old password works again", Template::Release, false),
        ("We hid 4 posts", Template::Addendum, true),
        ("4HXD-2WPA", Template::Addendum, true),
        ("session", Template::Addendum, false),
        ("password works", Template::Addendum, false),
    ];
    for (part, template, is_said) in words {
        let said = normal(&notice(template).render().unwrap().text);
        assert_eq!(said.contains(part), is_said, "{template:?}: {part}");
    }
}

#[test]
fn no_letter_claims_more_than_its_tier() {
    let claims =
        ["Someone other than you", "someone else", "Someone else", "intruder", "stolen", "hacked", "attack"];
    for template in [Template::Credential, Template::Session, Template::App, Template::Addendum] {
        let said = normal(&notice(template).render().unwrap().text);
        assert!(said.contains("Someone other than you"), "{template:?}");
    }
    let precaution = notice(Template::Precaution).render().unwrap();
    let said = normal(&precaution.text);
    assert!(said.contains("as a precaution") && precaution.subject.contains("precaution"));
    assert!(said.contains("We do not know that anyone but you has used the account"));
    for claim in claims {
        assert!(!said.contains(claim), "precaution says “{claim}”");
    }
}

#[test]
fn a_correction_owns_the_mistake() {
    let letter = notice(Template::Correction).render().unwrap();
    let said = normal(&letter.text);
    assert!(letter.subject.contains("We made a mistake"));
    for part in ["We made a mistake, and we are sorry", "That was wrong", "4HXD-2WPA", "can be seen again"] {
        assert!(said.contains(part), "correction does not say {part}");
    }
    assert!(!said.contains("Someone other than you used"), "it claims nothing any more");
    assert!(normal(&notice(Template::Release).render().unwrap().text).contains("4HXD-2WPA"));
}

#[test]
fn a_recovery_mail_says_whose_wish_it_is_how_long_it_holds_and_how_often() {
    let letter = recovery().render().unwrap();
    let said = normal(&letter.text);
    for part in
        ["493 027 518", "works once, for 15 minutes", "Someone asked for it", "If you did not ask for it"]
    {
        assert!(said.contains(part), "{part}");
    }
    assert!(!letter.subject.contains("493"), "a subject is shown on a locked screen");
    assert!(!format!("{letter:?}").contains("493"), "the code is not shown by Debug");
    assert!(!format!("{:?}", recovery()).contains("493"), "nor by the view's");
}

#[test]
fn every_letter_is_read_by_a_thirteen_year_old() {
    for (name, letter) in all() {
        let grade = grade(&spoken(&letter.html).replace("murmur.example", "murmur"));
        println!("{name}: grade {grade:.1}");
        assert!(grade <= 8.0, "{name} has grade {grade:.1}");
    }
}

#[test]
fn lines_are_short_and_the_html_knows_the_dark_and_its_direction() {
    for (name, letter) in all() {
        assert!(letter.text.lines().all(|l| l.chars().count() <= 78), "{name}");
        assert!(!letter.subject.contains('\n') && letter.subject.chars().count() <= 60, "{name}");
        assert!(!letter.subject.is_empty(), "{name}");
        for mark in
            ["lang=\"en\"", "dir=\"ltr\"", "color-scheme", "prefers-color-scheme: dark", "<meta charset"]
        {
            assert!(letter.html.contains(mark), "{name} lacks {mark}");
        }
    }
}

/// Every letter with little known and little done, and with much.
fn variants() -> Vec<(String, Letter)> {
    let mut letters = Vec::new();
    for (template, name) in LETTERS {
        for bits in 0..64_u32 {
            let has = |bit: u32| bits & (1 << bit) != 0;
            let mut view = notice(template);
            if has(0) {
                (view.zone, view.seen.place, view.seen.device) = (None, None, None);
            }
            if has(1) {
                view.seen.window.end = view.seen.window.start;
            }
            view.done.password_replaced = has(2);
            view.done.sessions_ended = [None, Some(0), Some(1), Some(1204)][(bits >> 3 & 3) as usize];
            let posts = if has(5) { 1 } else { 0 };
            (view.done.posts_hidden, view.done.posts_shown) = (posts, posts);
            view.done.password_restored = has(2);
            (view.done.follows_taken_back, view.done.likes_taken_back) =
                [(0, 0), (1, 0), (0, 1), (312, 41)][(bits & 3) as usize];
            if has(5) {
                (view.seen.posts, view.seen.messages, view.seen.follows) = (0, 0, 312);
                view.done.apps_revoked = vec!["PhotoPrint".into(), "Quiz of the Day".into()];
                view.earlier_code = None;
            }
            letters.push((format!("{name}, variant {bits}"), view.render().unwrap()));
        }
    }
    letters
}

#[test]
fn letters_hold_their_promises_whatever_is_known() {
    for (name, letter) in variants() {
        assert_eq!(visible(&letter.html), normal(&letter.text), "{name}");
        assert!(letter.text.lines().all(|l| l.chars().count() <= 78), "{name}");
        assert!(grade(&spoken(&letter.html).replace("murmur.example", "murmur")) <= 8.0, "{name}");
        assert!(!letter.text.contains("\n\n\n") && !letter.html.contains("<ul></ul>"), "{name}");
        let said = normal(&letter.text);
        for slip in [" .", " ,", "..", " 1 posts", "  ", "“”", "  ()"] {
            assert!(!said.contains(slip), "{name} has “{slip}”:\n{}", letter.text);
        }
        let headings: Vec<&str> = letter.text.split("\n---").collect();
        assert!(headings.len() > 4, "{name}");
        assert!(!letter.html.contains("</h2>\n<h2>"), "{name}: a heading with nothing under it");
    }
}

#[test]
fn what_an_intruder_named_stays_a_name() {
    for (template, name) in LETTERS {
        let mut view = notice(template);
        let bad = "Visit https://evil.example/x <script>alert(1)</script>\n\n## Pay here\n= CODE\u{202E}";
        view.account_name = "<script>x</script>".into();
        view.seen.app = Some(bad.into());
        view.seen.device = Some(bad.into());
        view.seen.place = Some(bad.into());
        view.done.apps_revoked = vec![bad.into()];
        let letter = view.render().unwrap();
        assert!(!letter.html.contains("<script"), "{name}");
        assert!(!letter.text.contains("evil.example") && !letter.html.contains("evil.example"), "{name}");
        assert!(!letter.text.contains("://") && !letter.text.contains('\u{202E}'), "{name}");
        assert!(!letter.html.contains("<h2>Pay here"), "{name}");
        assert!(!letter.text.contains("\nPay here\n-"), "{name}");
        assert_eq!(visible(&letter.html), normal(&letter.text), "{name}");
    }
}

#[test]
fn an_owner_is_told_what_was_taken_off_and_what_was_put_back() {
    let mut view = notice(Template::Credential);
    let plain = view.render().unwrap().text;
    for word in ["taken off", "took your account off", "mail address back", "ways to sign in"] {
        assert!(!plain.contains(word), "the twin: {word}");
    }
    view.done.held_until = Some(T + 5 * HOUR);
    view.done.mail_put_back = true;
    view.done.factors_removed = 2;
    let letter = view.render().unwrap();
    let text = letter.text.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "We took your account off until",
        "We put your mail address back to the one you had before.",
        "We removed 2 ways to sign in that had been added.",
        "You can do this at any time, and sign in from",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(page::notice::lint(&letter.subject, &letter.text, &letter.html).is_empty());
    assert!(!text.contains("at the latest"), "{text}");
    view.done.held_at_most = Some(T + 9 * HOUR);
    let longer = view.render().unwrap().text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(longer.contains(", or, if people here need longer to look, until"), "{longer}");
    view.done.password_replaced = false;
    let moved = view.render().unwrap().text;
    assert!(moved.contains("we do not know by whom") && !moved.contains("shut that door"), "{moved}");
}
