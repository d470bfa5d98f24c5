//! What holds on every answer, and who is refused.

use super::world::{Answer, World};
use axum::body::Body;
use axum::http::{Request, StatusCode};

fn has_guard(path: &str, answer: &Answer) {
    let header = |name: &str| answer.headers.get(name).map_or("", |v| v.to_str().unwrap());
    assert_eq!(header("content-security-policy"), page::CSP, "{path}");
    assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
    assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
    assert_eq!(header("x-frame-options"), "DENY", "{path}");
    assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{path}");
    let kept = if path.starts_with("/assets/") && answer.status.is_success() {
        "public, max-age=300"
    } else {
        "no-store"
    };
    assert_eq!(header("cache-control"), kept, "{path}");
}

#[tokio::test]
async fn every_answer_is_guarded_and_has_the_status_it_should() {
    let world = World::new();
    let own = world.owner("ana").await.cookies;
    let (plan, run) = (format!("/console/plans/{}", world.plan), format!("/console/runs/{}", world.run));
    let incident = format!("/status/{}", world.incident);
    let asked = [
        ("/recover", 200),
        ("/recover/code", 200),
        ("/account", 200),
        ("/account/password", 405),
        ("/check", 200),
        ("/status", 200),
        (incident.as_str(), 200),
        ("/status/none", 404),
        ("/status/%00", 404),
        ("/assets/page.css", 200),
        ("/assets/icon.svg", 200),
        ("/assets/other", 404),
        ("/.well-known/change-password", 303),
        ("/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200", 404),
        ("/", 303),
        ("/console", 200),
        (plan.as_str(), 200),
        (run.as_str(), 200),
        ("/console/plans/none", 404),
        ("/console/runs/none", 404),
        ("/console/cases/none", 404),
        ("/console/cases/ana", 200),
        ("/console/cases/clara", 200),
        ("/console/mails", 200),
        ("/console/mails/1", 200),
        ("/console/mails/0", 404),
        ("/console/mails/9999", 404),
        ("/console/plans/%FF", 400),
    ];
    for (path, status) in asked {
        // The demonstration's door has all of them.
        let mut browser = world.demo();
        browser.cookies.clone_from(&own);
        let session = browser.cookies.remove("__Host-rightful_owner");
        browser.cookies.extend(session.map(|value| ("rightful_owner".to_owned(), value)));
        let answer = browser.get(path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.body);
        has_guard(path, &answer);
        if answer.status.is_client_error() {
            assert!(answer.body.contains("<h1>"), "{path} has a page: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn the_console_answers_only_to_names_of_this_machine() {
    let world = World::new();
    for path in ["/console", "/console/plans/plan-1", "/status", "/"] {
        for (door, mut browser) in [("console", world.console()), ("demo", world.demo())] {
            let foreign =
                browser.send(Request::get(path).header("host", "rebound.test"), Body::empty()).await;
            assert_eq!(foreign.status, StatusCode::MISDIRECTED_REQUEST, "{door} {path}");
            assert!(!foreign.body.contains("plan-1"), "{door} {path}");
            has_guard(path, &foreign);
            assert!(browser.get(path).await.status.as_u16() < 400, "{door} {path}");
        }
    }
}

#[tokio::test]
async fn the_public_door_has_no_console_and_the_console_takes_no_form() {
    let world = World::new();
    for path in ["/console", "/console/plans/plan-1", "/console/mails"] {
        assert_eq!(world.public().get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(world.console().post(path, &[]).await.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
    assert_eq!(world.console().post("/recover", &[]).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_form_without_its_own_token_does_nothing() {
    let world = World::new();
    let mut owner = world.owner("ana").await;
    let mut stranger = world.public();
    let foreign_token = stranger.get("/recover").await.csrf();
    let before = world.service.password("ana");
    let password = "correct horse battery staple";
    let fields = [("password", password), ("password_again", password)];
    for token in ["", "0", foreign_token.as_str()] {
        let mut all = vec![("csrf", token)];
        all.extend(fields);
        for path in [
            "/account/password",
            "/account/posts",
            "/account/that-was-me",
            "/account/leave",
            "/recover",
            "/recover/code",
            "/check",
        ] {
            let answer = owner.post(path, &all).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {token}");
        }
    }
    assert_eq!(owner.post("/account/leave", &fields).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.service.password("ana"), before);
    assert!(world.ctx().store.read(|r| r.disputes_of(&super::world::id("ana"))).unwrap().is_empty());
    // A token that is good for the form alone is not good once a session came with it.
    let mut planted = world.public();
    let token = planted.get("/recover").await.csrf();
    planted.cookies.extend(
        owner.cookies.iter().filter(|(k, _)| k.contains("owner")).map(|(k, v)| (k.clone(), v.clone())),
    );
    assert_eq!(planted.post("/account/leave", &[("csrf", &token)]).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_form_from_elsewhere_is_refused_even_with_the_token() {
    let world = World::new();
    let mut browser = world.public();
    let token = browser.get("/recover").await.csrf();
    let form = |origin: &'static [(&str, &str)]| {
        let mut request = Request::post("/recover")
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        for (name, value) in origin {
            request = request.header(*name, *value);
        }
        request
    };
    let body = format!("csrf={token}&account=ana");
    let foreign: [&[(&str, &str)]; 3] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.test")],
    ];
    for origin in foreign {
        let answer = browser.send(form(origin), Body::from(body.clone())).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{origin:?}");
    }
    // What a browser sends from our own page, which gives no referrer.
    let own = form(&[("sec-fetch-site", "same-origin"), ("origin", "null")]);
    assert_eq!(browser.send(own, Body::from(body)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn forms_that_are_too_long_or_none_are_refused_with_a_page() {
    let world = World::new();
    let mut browser = world.public();
    let token = browser.get("/recover").await.csrf();
    let kind = "application/x-www-form-urlencoded";
    let long = format!("csrf={token}&account={}", "a".repeat(300 << 10));
    let cases = [
        (kind, Body::from(long), 413),
        ("text/plain", Body::from(format!("csrf={token}&account=ana")), 400),
        ("application/json", Body::from("{}"), 400),
        (kind, Body::from("csrf=%FF%FE"), 403),
        (kind, Body::from(format!("csrf={token}&csrf={token}&account=ana")), 403),
    ];
    for (kind, body, status) in cases {
        let answer = browser.send(Request::post("/recover").header("content-type", kind), body).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
        has_guard("/recover", &answer);
        assert!(answer.body.contains("<h1>"));
    }
}

#[tokio::test]
async fn cookies_are_for_this_host_and_no_script() {
    let world = World::new();
    let line = |answer: &Answer| answer.headers["set-cookie"].to_str().unwrap().to_owned();
    let public = line(&world.public().get("/recover").await);
    let demo = line(&world.demo().get("/recover").await);
    assert!(public.starts_with("__Host-rightful_form=") && public.ends_with("; Secure"), "{public}");
    assert!(demo.starts_with("rightful_form=") && !demo.contains("Secure"), "{demo}");
    for cookie in [public, demo] {
        assert!(cookie.contains("; Path=/; HttpOnly; SameSite=Strict"), "{cookie}");
    }
    assert!(world.owner("ana").await.cookies.contains_key("__Host-rightful_owner"));
}
