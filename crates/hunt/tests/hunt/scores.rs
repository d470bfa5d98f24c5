//! An answer held against the truth.

use hunt::{Answer, BINS, Known, Score, Share, Taken};
use model::id::Digest;
use model::verdict::{Summary, Verdict};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

fn verdict(account: &str, belief: &str, confidence: f64, events: &[&str], objects: &[&str]) -> Verdict {
    serde_json::from_value(json!({"account": account, "verdict": belief, "route": "credential",
        "confidence": confidence, "window": {"start": 0, "end": 1}, "evidence": [],
        "intruder": {"events": events, "objects": objects, "sessions": [], "apps": [], "changes": []}}))
    .unwrap()
}

fn answer(verdicts: Vec<Verdict>) -> Answer {
    let summary: Summary =
        serde_json::from_value(json!({"events": 9, "rejected": 0, "duplicates": 0, "conflicting": 0,
        "unknown_kinds": {}, "accounts": 100, "active": 100, "window": {"start": 0, "end": 1}, "verdicts": {},
        "shifts": [], "left_out": [], "prior": -8.0, "weights": {}, "calibration": "none"}))
        .unwrap();
    let none = (Vec::new(), Vec::new(), Vec::new());
    Answer {
        verdicts,
        campaigns: none.0,
        timelines: none.1,
        controls: none.2,
        summary,
        digest: Digest::of(b""),
    }
}

fn known() -> Known {
    let taken = |account: &str, attack: &str| Taken {
        account: account.into(),
        attack: attack.to_owned(),
        start: 0,
        events: vec!["e1".into(), "e2".into()],
        objects: vec!["p1".into()],
    };
    let all = [taken("a", "worm"), taken("b", "worm"), taken("c", "lockout"), taken("d", "lockout")];
    Known {
        taken: all.into_iter().map(|t| (t.account.clone(), t)).collect::<HashMap<_, _>>(),
        traps: BTreeMap::from([
            ("travel".to_owned(), vec!["x".into(), "y".into(), "a".into()]),
            ("petition".to_owned(), vec!["z".into()]),
        ]),
    }
}

#[test]
fn what_is_found_and_who_is_wronged_is_counted() {
    let score = Score::of(
        &answer(vec![
            verdict("a", "compromised", 0.99, &["e1", "e9"], &["p1"]),
            verdict("b", "compromised", 0.85, &["e1", "e2"], &["p1", "p9"]),
            verdict("c", "suspected", 0.4, &[], &[]),
            verdict("x", "compromised", 0.95, &[], &[]),
            verdict("q", "suspected", 0.35, &[], &[]),
        ]),
        &known(),
    );
    let share = |n, of| Share { of, n };
    let worm = &score.attacks["worm"];
    assert_eq!((worm.found, worm.sure), (share(2, 2), share(1, 2)));
    assert_eq!(worm.events, (share(3, 4), share(3, 4)));
    assert_eq!(worm.objects, (share(2, 3), share(2, 2)));
    let lockout = &score.attacks["lockout"];
    assert_eq!((lockout.found, lockout.suspected), (share(0, 2), share(1, 2)));
    assert_eq!((score.wrong, score.wrong_sure, score.doubted), (share(1, 3), share(1, 2), 1));
    // A victim is no look-alike's innocent.
    assert_eq!(score.look_alikes["travel"], share(1, 2));
    assert_eq!(score.look_alikes["petition"], share(0, 1));
    let bin = |begin: f64| score.bins[BINS.iter().position(|b| *b >= begin).unwrap()];
    assert_eq!(bin(0.3).0, share(1, 2));
    assert!((bin(0.3).1 - 0.75).abs() < 1e-9);
    assert_eq!((bin(0.8).0, bin(0.95).0, bin(0.99).0), (share(1, 1), share(0, 1), share(1, 1)));
    let mut twice = score.clone();
    twice.add(&score);
    assert_eq!((twice.accounts, twice.whole().found), (200, share(4, 8)));
    assert_eq!(twice.look_alikes["travel"], share(2, 4));
}
