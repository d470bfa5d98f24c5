//! What operators and the public are shown.

use super::world::{World, added};
use crate::web::App;
use crate::web::status::kept;
use axum::http::StatusCode;
use store::StoreError;

#[tokio::test]
async fn the_console_shows_the_ledger_from_plan_to_mail() {
    let world = World::new();
    let mut browser = world.console();
    let run = format!("/console/runs/{}", world.run);
    let pages: [(&str, &[&str]); 7] = [
        ("/console", &["plan-1", "Taken accounts", "accounts contained"]),
        (
            "/console/plans/plan-1",
            &[
                "<strong>2 of 2</strong> needed",
                "paul",
                "rita",
                "ana",
                "ben",
                "clara",
                "it is read just before",
            ],
        ),
        (&run, &["Canary", "a second look", "Lifted", "2 accepted"]),
        (
            "/console/cases/ana",
            &["a machine never seen before", "buy &#60;cheap&#62; pills", "/console/mails/"],
        ),
        ("/console/routine", &["No standing order is in force", "Batches of today"]),
        ("/console/mails", &["2 caught", "ana@mail.example"]),
        ("/console/mails/1", &["Envelope recipient", "Someone other than you signed in"]),
    ];
    for (path, texts) in pages {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        for text in texts {
            assert!(answer.body.contains(text), "{path} has no {text}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn a_run_under_way_loads_itself_again_and_nothing_else_does() {
    let world = World::new();
    let mut browser = world.console();
    let is_live = |body: &str| body.contains("http-equiv=\"refresh\"");
    assert!(is_live(&browser.get(&format!("/console/runs/{}", world.run)).await.body));
    assert!(!is_live(&browser.get("/console/plans/plan-1").await.body));
    crate::ops::run::halt(world.ctx(), &world.run, "rita", "enough").unwrap();
    let halted = browser.get(&format!("/console/runs/{}", world.run)).await;
    assert!(!is_live(&halted.body) && halted.body.contains("Halted by rita"));
}

#[tokio::test]
async fn without_caught_mails_there_is_no_such_page() {
    let world = World::new();
    let app = App { mails: None, ..world.app.clone() };
    let bare = World { app, ..world };
    assert_eq!(bare.console().get("/console/mails").await.status, StatusCode::NOT_FOUND);
    assert!(!bare.console().get("/console").await.body.contains("/console/mails"));
}

#[tokio::test]
async fn an_incident_of_which_nothing_was_published_is_not_shown() {
    let world = World::new();
    let silent = crate::ops::incident::open(world.ctx(), "Not yet told", &[], None, "olga").unwrap();
    let mut browser = world.public();
    assert_eq!(browser.get(&format!("/status/{silent}")).await.status, StatusCode::NOT_FOUND);
    assert!(!browser.get("/status").await.body.contains("Not yet told"));
    let told = browser.get(&format!("/status/{}", world.incident)).await;
    assert!(told.body.contains("We gave accounts back.") && !told.body.contains("ana"));
}

#[tokio::test]
async fn the_last_copy_is_shown_when_the_ledger_is_down() {
    type Render = fn() -> Result<String, page::Error>;
    let world = World::new();
    let down = |_: &App| Err::<Option<Render>, _>(StoreError::Busy("the disk is gone".to_owned()));
    let path = format!("/status/{}", world.incident);
    let never_asked = kept(&world.app, world.incident.as_str(), down).unwrap_err();
    assert_eq!((never_asked.status, never_asked.retry_after_s), (StatusCode::SERVICE_UNAVAILABLE, Some(60)));
    let good = world.public().get(&path).await;
    assert!(good.headers.get("x-copy-made-at").is_none());
    let copy = kept(&world.app, world.incident.as_str(), down).unwrap();
    assert!(copy.headers()["x-copy-made-at"].to_str().unwrap().starts_with("2026-11-"));
    let body = axum::body::to_bytes(copy.into_body(), usize::MAX).await.unwrap();
    assert_eq!(body, good.body.as_bytes());
}

#[tokio::test]
async fn an_addendum_is_named_on_its_own_pages_and_on_those_of_what_it_adds_to() {
    let world = World::new();
    let mut browser = world.console();
    let of_run = format!("/console/runs/{}", world.run);
    assert!(!browser.get(&of_run).await.body.contains("What was added"));
    let (plan, run) = added(&world);
    let pages: [(&str, &[&str]); 5] = [
        ("/console", &["add to", "addendum-1"]),
        (&format!("/console/plans/{plan}"), &["An addendum to the plan", world.run.as_str(), "more hidden"]),
        (&format!("/console/runs/{run}"), &["An addendum to run", world.run.as_str()]),
        (&of_run, &["What was added", "addendum-1", run.as_str()]),
        ("/console/cases/ana", &["addendum-1", "plan-1", "and pills again"]),
    ];
    for (path, texts) in pages {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        for text in texts {
            assert!(answer.body.contains(text), "{path} has no {text}: {}", answer.body);
        }
    }
}
