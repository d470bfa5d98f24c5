//! What one sign-in's novelty weighs is what the signals say of the hand that it begins.

use super::village::{DAY, From, START, Village, abroad, act, home};
use crate::detect::{
    Apps, Artefacts, Burden, Calibration, Case, Failures, Intelligence, Lore, Owner, SignIn, Words, fold,
    heard,
};
use model::event::Outcome;
use model::verdict::Family;

fn sign_in(at: i64, from: &From) -> SignIn<'_> {
    SignIn { time: at, ip: &from.ip, asn: from.asn, country: &from.country, user_agent: &from.agent }
}

/// Without device and session, as a service writes that tells of nothing but sign-ins.
fn bare(from: From) -> From {
    From { device: None, session: None, ..from }
}

/// What the signals of novelty say of the account's hands.
fn said(village: &Village) -> f64 {
    let mut words = Words::default();
    let acts: Vec<_> = village.events.iter().map(|event| act(event, &mut words)).collect();
    let lore = Lore::new(&words);
    let folded = fold(&acts, &lore);
    let artefacts = Artefacts::default();
    let case = Case {
        acts: &acts,
        folded: &folded,
        hand: 0,
        lore: &lore,
        artefacts: &artefacts,
        burden: &Burden::of(&acts, &folded, &artefacts, &lore),
        failures: &Failures::default(),
        apps: &Apps::default(),
        intelligence: &Intelligence::default(),
        calibration: Calibration::default(),
        end: acts.last().map_or(0, |a| a.time),
    };
    let all = heard(&case);
    let found = all.iter().flat_map(|heard| &heard.found);
    let novel = found.filter(|(signal, _)| signal.family() == Family::Novelty);
    novel.map(|(signal, share)| signal.weight() * share).sum()
}

#[test]
fn a_sign_in_weighs_what_the_hand_that_it_begins_does() {
    let at_home = bare(home(0));
    let elsewhere = From { ip: "198.51.100.7".to_owned(), asn: 64_999, ..at_home.clone() };
    let cases = [
        ("a stranger's machine", bare(abroad(1)), true),
        ("another network, the same browser", elsewhere, true),
        ("at home", at_home.clone(), false),
        (
            "at home, with another browser",
            From { agent: "Other/3 (Phone)".to_owned(), ..at_home.clone() },
            false,
        ),
    ];
    for sittings in [2, 10] {
        for (case, from, is_new) in &cases {
            let mut village = Village::default();
            let mut owner = Owner::default();
            for day in 0..sittings {
                let at = START + day * DAY;
                village.login(0, at, Outcome::Success, &at_home);
                owner.learn(&sign_in(at, &at_home));
            }
            let at = START + 12 * DAY;
            village.login(0, at, Outcome::Success, from);
            let alone = owner.novelty(&sign_in(at, from)).expect("there is history");
            let said = said(&village);
            assert!((alone - said).abs() < 1e-9, "{case}: {alone}, and the signals say {said}");
            assert_eq!(alone > 0.0, *is_new, "{case} after {sittings}: {alone}");
        }
    }
    assert_eq!(Owner::default().novelty(&sign_in(START, &at_home)), None, "nothing is known");
}
