//! What preflight measured, and a signal's history: only hunts of which a plan came that people let pass.

use crate::fixture;
use model::id::{Digest, PlanId};
use model::plan::Purpose;
use model::verdict::{Belief, Evidence, Family, Intruder, Route, Summary, Verdict, Window};
use store::Store;
use store::plans::{Figure, Severity};
use store::testing::on_both;

fn summary() -> Summary {
    serde_json::from_str(
        r#"{"events":1,"rejected":0,"duplicates":0,"conflicting":0,"unknown_kinds":{},"accounts":50,"active":40,
        "window":{"start":0,"end":1},"verdicts":{"compromised.credential":2,"suspected.app":9},"shifts":[],"left_out":[],
        "prior":-8,"weights":{"new_device":1.5,"burst":1.5},"calibration":""}"#,
    )
    .unwrap()
}

fn verdict(i: usize, belief: Belief, signals: &[&str]) -> Verdict {
    let evidence = signals.iter().map(|signal| Evidence {
        signal: (*signal).to_owned(),
        family: Family::Novelty,
        weight: 1.5,
        summary: String::new(),
        events: Vec::new(),
        campaign: None,
    });
    Verdict {
        account: fixture::account(i),
        verdict: belief,
        route: Route::Credential,
        confidence: 0.99,
        window: Window { start: 1, end: 2 },
        evidence: evidence.collect(),
        intruder: Intruder::default(),
    }
}

/// A hunt with two convictions, of whom both have one signal and one has it twice.
fn hunted(store: &Store, hunt: Digest) {
    let verdicts = [
        verdict(0, Belief::Compromised, &["new_device", "new_device"]),
        verdict(1, Belief::Compromised, &["new_device"]),
        verdict(2, Belief::Suspected, &["new_device", "burst"]),
    ];
    store
        .write(1, |tx| {
            tx.put_hunt("ana", hunt, "hunts/1", &summary())?;
            tx.put_signals(&hunt, &verdicts)?;
            tx.put_signals(&hunt, &verdicts)
        })
        .unwrap();
}

#[test]
fn a_hunt_is_history_once_its_plan_passed_its_review() {
    on_both(|database| {
        let store = database.open();
        let draft = fixture::draft("p1", &[2], Purpose::Contain);
        hunted(&store, draft.header.hunt);
        let passed = || store.read(store::Read::hunts_that_passed).unwrap();
        store.write(1, |tx| tx.put_draft(&draft, &fixture::policy())).unwrap();
        store.write(2, |tx| tx.check_plan(&"p1".into(), &[], "ana").map(|_| ())).unwrap();
        assert!(passed().is_empty(), "nobody has looked at it");
        let (sealed, values) = model::seal::seal(draft, || [7; 32]).unwrap();
        store.write(3, |tx| tx.seal_plan(&sealed, &values, "ana")).unwrap();
        assert!(passed().is_empty());
        store.write(4, |tx| tx.mark_reviewed(&"p1".into(), "ana", serde_json::json!({}))).unwrap();
        let found = passed();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].hunt.believed, found[0].hunt.summary.active), (2, 40));
        assert_eq!(
            found[0].signals,
            [("new_device".to_owned(), 2)].into(),
            "only of those convicted, each once"
        );

        // One that people refuse afterwards is none.
        store.write(5, |tx| tx.refuse_plan(&"p1".into(), "ana", "it was wrong")).unwrap();
        assert!(passed().is_empty());
    });
}

#[test]
fn what_was_measured_is_read_back_to_the_last_digit() {
    on_both(|database| {
        let store = database.open();
        let plan = PlanId::new("p1");
        store
            .write(1, |tx| tx.put_draft(&fixture::draft("p1", &[2], Purpose::Contain), &fixture::policy()))
            .unwrap();
        let figure = |limit: &str, of: &str, measured| Figure {
            limit: limit.to_owned(),
            of: of.to_owned(),
            measured,
            severity: Severity::Refuse,
        };
        let figures = [
            figure("preflight.accounts_max", "", 2.0),
            figure("preflight.signal_leap_max", "new_device", 0.1 + 0.2),
            figure("preflight.segment_share_max", "in no segment", 1e-9 / 3.0),
        ];
        store.write(2, |tx| tx.put_figures(&plan, &figures)).unwrap();
        assert_eq!(store.read(|r| r.measured(&plan)).unwrap(), figures);
        assert!(store.write(3, |tx| tx.put_figures(&plan, &figures)).is_err(), "a plan is checked once");
    });
}
