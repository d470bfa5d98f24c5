//! The owner's way back, and what strangers learn of it.

use super::world::{Answer, Browser, DAY, World, added, id};
use axum::http::StatusCode;
use std::sync::atomic::Ordering;

const PASSWORD: &str = "correct horse battery staple";

async fn ask(browser: &mut Browser, account: &str) -> Answer {
    browser.fill("/recover", "/recover", &[("account", account)]).await
}

#[tokio::test]
async fn whoever_asks_is_told_the_same_whether_or_not_there_is_such_an_account() {
    let world = World::new();
    let told = async |account: &str| {
        let mut browser = world.public();
        let answer = ask(&mut browser, account).await;
        (answer.status, answer.body.replace(&answer.csrf(), "TOKEN").replace(account, "NAME"))
    };
    let (contained, untouched, unknown) = (told("ana").await, told("clara").await, told("nobody").await);
    assert_eq!(contained.0, StatusCode::OK);
    assert_eq!(contained, untouched);
    assert_eq!(contained, unknown);
    world.mails.is_down.store(true, Ordering::SeqCst);
    assert_eq!(told("ben").await, unknown, "nor whether the mail can be sent");

    let wrong = async |account: &str| {
        let mut browser = world.public();
        let fields = [("account", account), ("code", "0000-0000-0000")];
        let answer = browser.fill("/recover/code", "/recover/code", &fields).await;
        (answer.status, answer.body.replace(&answer.csrf(), "TOKEN").replace(account, "NAME"))
    };
    let (known, unknown) = (wrong("ana").await, wrong("nobody").await);
    assert_eq!(known.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(known, unknown);
}

#[tokio::test]
async fn a_code_is_used_up_by_a_form_alone_and_once() {
    let world = World::new();
    let mut browser = world.public();
    ask(&mut browser, "ana").await;
    let code = world.code().await;
    // What scanners of mail do: open addresses.
    for path in [format!("/recover/code?account=ana&code={code}"), "/recover/code".to_owned()] {
        assert_eq!(world.public().get(&path).await.status, StatusCode::OK);
    }
    // Spaces and look-alikes do not matter.
    let typed = code.to_lowercase().replace('-', " ").replace('0', "o");
    let fields = [("account", "ana"), ("code", typed.as_str())];
    let first = browser.fill("/recover/code", "/recover/code", &fields).await;
    assert_eq!((first.status, first.location()), (StatusCode::SEE_OTHER, "/account"), "{}", first.body);
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    let again = world.public().fill("/recover/code", "/recover/code", &fields).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.body.contains("This code does not work"));
}

#[tokio::test]
async fn too_many_codes_are_refused_by_account_and_by_address_with_the_time_to_wait() {
    let world = World::new();
    let max = world.ctx().policy.recovery.codes_per_hour_max;
    let mut asked = Vec::new();
    for n in 0..=max {
        let mut browser = world.public();
        browser.from = ["192.0.2.1", "198.51.100.1", "203.0.113.1", "192.0.2.4"][n as usize % 4];
        asked.push(ask(&mut browser, "nobody").await);
    }
    let last = asked.pop().unwrap();
    assert!(asked.iter().all(|a| a.status == StatusCode::OK));
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = last.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=3_600).contains(&wait), "{wait}");
    assert!(last.body.contains("too many times"));

    let mut guesser = world.public();
    guesser.from = "2001:db8::1";
    let mut refused = 0;
    for n in 0..25 {
        let account = format!("guess-{n}");
        let fields = [("notice_code", "0000-0000-0000"), ("first_words", account.as_str()), ("day", DAY)];
        let answer = guesser.fill("/check", "/check", &fields).await;
        refused += usize::from(answer.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert!(refused >= 5, "{refused}");
    let mut neighbour = world.public();
    neighbour.from = "2001:db8::2";
    let fields = [("notice_code", "0"), ("first_words", "a b c"), ("day", DAY)];
    let answer = neighbour.fill("/check", "/check", &fields).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "the same /64 is the same visitor");
    neighbour.from = "198.51.100.200";
    assert_eq!(neighbour.fill("/check", "/check", &fields).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_owners_page_shows_both_hands_what_was_done_and_what_was_sent() {
    let world = World::new();
    world.later(60_000);
    let mut owner = world.owner("ana").await;
    let page = owner.get("/account").await;
    assert_eq!(page.status, StatusCode::OK);
    let shown = [
        "Choose a new password",
        "buy &#60;cheap&#62; pills",
        "We replaced your password",
        "We ended every session that was open (3)",
        "We hid 2 posts",
        "Someone else signed in to your Forum account",
        "The code you asked for at Forum",
        "Wrote to the owner",
        "That was me",
    ];
    for text in shown {
        assert!(page.body.contains(text), "{text} is not on {}", page.body);
    }
    let notice = world.ctx().store.read(|r| r.notices_of(&id("ana"))).unwrap().remove(0);
    assert!(page.body.contains(notice.code.as_str()));
}

#[tokio::test]
async fn nobody_sees_an_account_without_its_session() {
    let world = World::new();
    let mut owner = world.owner("ana").await;
    let stolen = owner.cookies.clone();
    for (name, value) in [("__Host-rightful_owner", "0".repeat(64)), ("rightful_owner", "1".repeat(64))] {
        let mut stranger = world.public();
        stranger.cookies.insert(name.to_owned(), value);
        let answer = stranger.get("/account").await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/recover"));
    }
    let left = owner.fill("/account", "/account/leave", &[]).await;
    assert!(left.body.contains("You have left"), "{}", left.body);
    assert!(!owner.cookies.contains_key("__Host-rightful_owner"));
    // The session is gone in the ledger, not in this browser alone.
    owner.cookies = stolen;
    let answer = owner.get("/account").await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/recover"));
}

#[tokio::test]
async fn a_new_password_is_set_once_and_never_said_again() {
    let world = World::new();
    let mut owner = world.owner("ana").await;
    let set = async |owner: &mut Browser, one: &str, two: &str| {
        owner.fill("/account", "/account/password", &[("password", one), ("password_again", two)]).await
    };
    let ours = world.service.password("ana");
    for (one, two, said) in [
        ("too short", "too short", "too short"),
        (PASSWORD, "something else again", "not the same"),
        (PASSWORD, "", "not the same"),
    ] {
        let answer = set(&mut owner, one, two).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(said) && !answer.body.contains(PASSWORD), "{}", answer.body);
    }
    assert_eq!(world.service.password("ana"), ours);
    let answer = set(&mut owner, PASSWORD, PASSWORD).await;
    assert!(answer.body.contains("Your new password is set") && !answer.body.contains(PASSWORD));
    assert_eq!(world.service.password("ana"), PASSWORD);
    let page = owner.get("/account").await;
    assert!(!page.body.contains("Choose a new password") && page.body.contains("chose a new password"));
    // What the page does not offer any more is not taken either.
    let token = page.csrf();
    let fields = [
        ("csrf", token.as_str()),
        ("password", "another long enough one"),
        ("password_again", "another long enough one"),
    ];
    assert_eq!(owner.post("/account/password", &fields).await.status, StatusCode::CONFLICT);
    assert_eq!(world.service.password("ana"), PASSWORD);
}

#[tokio::test]
async fn posts_are_kept_only_where_they_were_hidden() {
    let world = World::new();
    let mut owner = world.owner("ana").await;
    let fields = [("post.post-1", "show"), ("post.post-2", "leave"), ("post.somebody-elses", "show")];
    let answer = owner.fill("/account", "/account/posts", &fields).await;
    assert!(answer.body.contains("1 post shown again, 1 left hidden"), "{}", answer.body);
    let hidden = world.service.hidden.lock().unwrap();
    assert!(!hidden.contains("post-1") && hidden.contains("post-2"));
}

#[tokio::test]
async fn that_was_me_counts_and_is_said_on_both_pages() {
    let world = World::new();
    let mut owner = world.owner("ana").await;
    let answer = owner.fill("/account", "/account/that-was-me", &[]).await;
    assert!(answer.body.contains("Thank you for telling us"), "{}", answer.body);
    let disputes = world.ctx().store.read(|r| r.disputes_of(&id("ana"))).unwrap();
    assert_eq!((disputes.len(), disputes[0].proved_at), (1, None));
    assert!(owner.get("/account").await.body.contains("You told us that it was you"));
    assert!(world.console().get("/console/cases/ana").await.body.contains("The owner says: that was me"));
}

#[tokio::test]
async fn a_message_is_known_by_code_words_and_day_together() {
    let world = World::new();
    let notice = world.ctx().store.read(|r| r.notices_of(&id("ana"))).unwrap().remove(0);
    let code = notice.code.as_str();
    let ours = "Someone other than you signed in";
    let cases = [
        (code, ours, DAY, true),
        (code, "HELLO ana, someone other than", DAY, true),
        (code, ours, "2026-11-09", false),
        (code, "Click here to keep your account", DAY, false),
        (code, "", DAY, false),
        (code, ours, "", false),
        ("0000-0000-0000", ours, DAY, false),
        ("", ours, DAY, false),
    ];
    for (code, words, day, is_ours) in cases {
        let mut browser = world.public();
        let fields = [("notice_code", code), ("first_words", words), ("day", day)];
        let answer = browser.fill("/check", "/check", &fields).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.body.contains("<strong>Yes.</strong>"), is_ours, "{code} {words} {day}");
        assert_eq!(answer.body.contains("<strong>No.</strong>"), !is_ours, "{code} {words} {day}");
        assert!(!answer.body.contains("ana@"), "it gives nothing away");
    }
}

#[tokio::test]
async fn what_an_addendum_hid_is_on_the_owners_page_and_what_they_say_is_of_what_contained_them() {
    let world = World::new();
    let mut owner = world.owner("ana").await;
    let before = owner.get("/account").await.body;
    assert!(before.contains("buy &#60;cheap&#62; pills") && !before.contains("post-9"), "{before}");
    let (_, adding) = added(&world);
    let page = owner.get("/account").await.body;
    for part in
        ["buy &#60;cheap&#62; pills", "and pills again", "post-9", "We hid more posts on your Forum account"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(
        page.contains("Choose a new password"),
        "the password that was replaced is still to be chosen: {page}"
    );

    // Kept and disputed it is in the run that contained the account, which an undo would look at.
    owner.fill("/account", "/account/posts", &[("post.post-9", "show")]).await;
    let hidden = world.service.hidden.lock().unwrap().clone();
    assert!(!hidden.contains("post-9") && hidden.contains("post-1"), "{hidden:?}");
    owner.fill("/account", "/account/that-was-me", &[]).await;
    let (kept, disputes) = world
        .ctx()
        .store
        .read(|r| Ok((r.kept_objects(&world.run, &id("ana"))?, r.disputes_of(&id("ana"))?)))
        .unwrap();
    assert_eq!(kept, ["post-9".into()]);
    assert_eq!(disputes.iter().map(|d| &d.run).collect::<Vec<_>>(), [&world.run]);
    let counts = world.ctx().store.read(|r| r.gate_counts(&adding, world.ctx().now())).unwrap();
    assert_eq!(counts.disputes_unproved, 1, "and the addendum's gate hears of it");
}
