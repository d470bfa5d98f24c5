//! What holds for every verdict: attribution, confidence, order.

use super::village::{DAY, From, MINUTE, START, Village, abroad, home};
use crate::detect::{COMPROMISED_MIN, Calibration, PRIOR, six_digits};
use model::event::{Kind, Outcome};
use model::verdict::{Belief, Family, Hand};

fn spammed() -> Village {
    let mut village = Village::of(120);
    for n in 0..15 {
        let at = START + 18 * DAY + n as i64 * 30 * MINUTE;
        village.login(n, at, Outcome::Success, &abroad(n));
        for m in 0..3 {
            let text =
                format!("they are closing this tonight, half price until midnight https://lure.example/{m}");
            village.say(n, at + (m + 1) * MINUTE, Kind::Post, &abroad(n), &text);
        }
        village.say(
            n,
            at + 90 * MINUTE,
            Kind::Post,
            &home(n),
            &format!("back at home, says number{n} once more"),
        );
    }
    village
}

#[test]
fn confidence_follows_from_what_is_listed() {
    let judged = spammed().judged();
    assert_eq!(judged.compromised().len(), 15);
    let weights = Calibration::default().weights();
    for verdict in judged.verdicts.values() {
        let sum: f64 = verdict.evidence.iter().map(|e| e.weight).sum();
        let expected = six_digits(1.0 / (1.0 + (-(PRIOR + sum)).exp()));
        assert!((verdict.confidence - expected).abs() < 1e-12);
        assert!(verdict.evidence.iter().all(|e| e.weight > 0.0 && e.weight <= weights[&e.signal] + 1e-12));
        assert!(verdict.evidence.iter().any(|e| e.family == Family::Novelty));
        assert!(verdict.families() >= 2);
        assert!(verdict.verdict != Belief::Compromised || verdict.confidence >= COMPROMISED_MIN);
    }
}

#[test]
fn only_the_intruders_acts_are_attributed_and_evidence_names_its_campaign() {
    let village = spammed();
    let judged = village.judged();
    for (account, verdict) in &judged.verdicts {
        let theirs: Vec<&str> = village
            .events
            .iter()
            .filter(|e| {
                e.account.as_str() == account && e.device.as_deref().is_some_and(|d| d.starts_with('x'))
            })
            .map(|e| e.id.as_str())
            .collect();
        let listed: Vec<&str> = verdict.intruder.events.iter().map(model::id::EventId::as_str).collect();
        assert_eq!(listed, theirs);
        assert_eq!(verdict.intruder.objects.len(), 3);
        assert_eq!(verdict.intruder.sessions.len(), 1);
        let campaign = verdict.evidence.iter().find_map(|e| e.campaign.clone()).expect("campaign evidence");
        assert!(judged.campaigns.iter().any(|c| c.id == campaign && c.size == 15));
    }
    for timeline in &judged.timelines {
        for moment in &timeline.moments {
            let intruder = moment.event.device.as_deref().is_some_and(|d| d.starts_with('x'));
            assert_eq!(moment.hand, if intruder { Hand::Intruder } else { Hand::Owner });
        }
    }
}

#[test]
fn an_intruder_who_comes_again_has_taught_the_profile_nothing() {
    let mut village = spammed();
    for n in 0..15 {
        village.say(
            n,
            START + 20 * DAY,
            Kind::Post,
            &abroad(n),
            "half price until midnight https://lure.example/9",
        );
    }
    let judged = village.judged();
    assert_eq!(judged.compromised().len(), 15);
    assert!(judged.verdicts.values().all(|v| v.intruder.objects.len() == 4));
}

#[test]
fn the_order_of_reading_leaves_no_trace() {
    let one = spammed();
    let mut two = spammed();
    two.events.reverse();
    let (one, two) = (one.judged(), two.judged());
    assert_eq!(one.verdicts, two.verdicts);
    assert_eq!(one.campaigns, two.campaigns);
    assert_eq!(one.timelines, two.timelines);
}

#[test]
fn who_uses_a_checked_password_is_the_intruder_and_a_new_machine_of_the_owners_is_not() {
    let late = START + 18 * DAY;
    let mut village = Village::of(150);
    (20..80).for_each(|n| village.login(n, late, Outcome::Failure, &abroad(1)));
    (0..2).for_each(|n| village.login(n, late + MINUTE, Outcome::Success, &abroad(1)));
    let other = |n: usize| From {
        ip: format!("203.0.113.{n}"),
        asn: 65_100,
        agent: "Else/1 (Box)".to_owned(),
        ..abroad(90 + n)
    };
    // Account 0: half an hour of likes; account 1: a machine that is lived with.
    village.login(0, late + 60 * MINUTE, Outcome::Success, &other(0));
    village.add(0, late + 70 * MINUTE, Kind::Like, &other(0));
    village.login(1, late + 60 * MINUTE, Outcome::Success, &other(1));
    (0..3).for_each(|day| {
        village.add(1, late + day * DAY + 70 * MINUTE, Kind::Like, &other(1));
    });
    let judged = village.judged();
    let events: Vec<usize> = judged.verdicts.values().map(|v| v.intruder.events.len()).collect();
    assert_eq!(judged.compromised(), ["u0000", "u0001"]);
    assert_eq!(events, [3, 1]);
}
