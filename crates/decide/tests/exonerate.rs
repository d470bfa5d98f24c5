//! Who is exonerated: small random campaigns under a withdrawn signal, and people's words, each with its twin.

#![cfg(test)]

use decide::exonerate::{Found, Said, Standing, stand};
use model::exoneration::{Proof, Way};
use model::labels::Label;
use model::policy::{CohortPolicy, Policy};
use model::verdict::{Family, Tie};
use std::collections::BTreeSet;

const PRIOR: f64 = -8.0;

fn limits() -> CohortPolicy {
    Policy::parse(include_str!("../../../policy/shipped.toml")).unwrap().cohort
}

fn tie(signal: &str, family: Family, weight: f64, campaign: Option<&str>) -> Tie {
    Tie { signal: signal.to_owned(), family, weight, campaign: campaign.map(Into::into) }
}

fn six(x: f64) -> f64 {
    format!("{x:.5e}").parse().unwrap()
}

fn sure(ties: &[Tie]) -> f64 {
    six(1.0 / (1.0 + (-(PRIOR + ties.iter().map(|t| t.weight).sum::<f64>())).exp()))
}

fn withdrawn(signals: &[&str]) -> BTreeSet<String> {
    signals.iter().map(|s| (*s).to_owned()).collect()
}

fn judged(accounts: &[Vec<Tie>], retracted: &BTreeSet<String>) -> Vec<Standing> {
    let found: Vec<Found<'_>> = accounts
        .iter()
        .map(|ties| Found { ties, sealed_confidence: Some(sure(ties)), is_confirmed: false, retracted })
        .collect();
    stand(&found, PRIOR, &limits())
}

#[test]
fn who_rests_on_a_withdrawn_signal_falls_and_who_stands_without_it_stays() {
    let rests = vec![tie("new_device", Family::Novelty, 4.0, None), tie("burst", Family::Abuse, 8.0, None)];
    let mut stands = rests.clone();
    stands.push(tie("takeover", Family::Takeover, 8.0, None));
    let other =
        vec![tie("new_device", Family::Novelty, 4.0, None), tie("takeover", Family::Takeover, 8.0, None)];
    let found = judged(&[rests, stands, other], &withdrawn(&["burst"]));
    assert!(matches!(&found[0], Standing::Falls(r) if r.families == 1), "{:?}", found[0]);
    assert!(matches!(&found[1], Standing::Stands(_)), "{:?}", found[1]);
    assert_eq!(found[2], Standing::Untouched);
}

#[test]
fn campaign_evidence_falls_with_the_last_other_member_and_not_before() {
    let by = |novelty: &str| {
        vec![tie(novelty, Family::Novelty, 4.0, None), tie("shared_text", Family::Campaign, 8.0, Some("c1"))]
    };
    let alone = judged(&[by("new_device"), by("new_device"), by("new_country")], &withdrawn(&["new_device"]));
    assert!(matches!(alone[2], Standing::Falls(_)), "all others fell: {:?}", alone[2]);
    let two = [by("new_device"), by("new_country"), by("new_country")];
    let held = judged(&two, &withdrawn(&["new_device"]));
    assert!(matches!(held[0], Standing::Falls(_)));
    assert_eq!(held[1..], [Standing::Untouched, Standing::Untouched], "they still hold each other");
    let single = judged(&[by("new_country")], &withdrawn(&["new_device"]));
    assert_eq!(single, [Standing::Untouched], "nothing shrank");
}

#[test]
fn a_confidence_that_the_evidence_does_not_give_is_for_a_person() {
    let ties = [tie("new_device", Family::Novelty, 4.0, None), tie("burst", Family::Abuse, 8.0, None)];
    let retracted = withdrawn(&["burst"]);
    let mut found =
        Found { ties: &ties, sealed_confidence: Some(0.5), is_confirmed: false, retracted: &retracted };
    assert_eq!(stand(std::slice::from_ref(&found), PRIOR, &limits()), [Standing::CantTell]);
    found.sealed_confidence = Some(sure(&ties));
    assert!(matches!(stand(&[found], PRIOR, &limits())[0], Standing::Falls(_)));
}

#[test]
fn what_others_say_holds_no_campaign_up_and_is_no_family() {
    let leaked = |weight: f64| tie("leaked_credential", Family::Intelligence, weight, None);
    let other = |text: f64| {
        let text = tie("shared_text", Family::Campaign, text, Some("c1"));
        vec![
            tie("new_device", Family::Novelty, 2.0, None),
            tie("new_network", Family::Novelty, 2.0, None),
            text,
            leaked(1.0),
        ]
    };
    let of_campaign = || {
        vec![
            tie("new_country", Family::Novelty, 4.0, None),
            tie("shared_text", Family::Campaign, 8.0, Some("c1")),
        ]
    };
    let held = |text: f64| judged(&[of_campaign(), other(text)], &withdrawn(&["new_device"]))[0].clone();
    assert!(matches!(held(4.5), Standing::Falls(_)), "only by what others say was the other one suspected");
    assert_eq!(held(6.0), Standing::Untouched);
    // Two families and a word from outside are two families.
    let ties = vec![
        tie("new_device", Family::Novelty, 9.0, None),
        tie("burst", Family::Abuse, 8.0, None),
        tie("takeover", Family::Takeover, 8.0, None),
        leaked(0.0),
    ];
    let found = judged(&[ties], &withdrawn(&["takeover"]));
    assert!(matches!(&found[0], Standing::Stands(r) if r.families == 2), "{:?}", found[0]);
}

/// A generator whose every number follows from its seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

#[test]
fn over_random_campaigns_just_those_fall_that_no_longer_reach_the_policy() {
    let kinds = [
        ("new_device", Family::Novelty, 1.5, false),
        ("known_stranger", Family::Novelty, 4.0, false),
        ("burst", Family::Abuse, 1.5, false),
        ("mass_follow", Family::Abuse, 4.5, false),
        ("takeover", Family::Takeover, 4.5, false),
        ("shared_text", Family::Campaign, 4.5, true),
        ("shared_domain", Family::Campaign, 8.0, true),
    ];
    let (mut fallen, mut standing) = (0, 0);
    for seed in 0..400 {
        let mut dice = Dice(seed);
        let accounts: Vec<Vec<Tie>> = (0..2 + dice.below(7))
            .map(|_| {
                let campaign = format!("c{}", dice.below(2));
                kinds
                    .iter()
                    .filter(|_| dice.below(2) == 0)
                    .map(|(s, f, w, c)| tie(s, *f, *w, c.then_some(campaign.as_str())))
                    .collect()
            })
            .collect();
        let signal = kinds[dice.below(kinds.len() as u64) as usize].0;
        let found = judged(&accounts, &withdrawn(&[signal]));
        // The same by brute force: take away, then what hangs on nobody, until nothing changes.
        let mut left: Vec<Vec<Tie>> = accounts
            .iter()
            .map(|ties| ties.iter().filter(|t| t.signal != signal).cloned().collect())
            .collect();
        let had_others = |i: usize, c: &Tie, of: &[Vec<Tie>]| {
            of.iter().enumerate().any(|(o, t)| o != i && t.iter().any(|x| x.campaign == c.campaign))
        };
        let at_first = left.clone();
        loop {
            let believed: Vec<Vec<Tie>> =
                left.iter().map(|t| if is_verdict(t) { t.clone() } else { Vec::new() }).collect();
            let next: Vec<Vec<Tie>> = left
                .iter()
                .enumerate()
                .map(|(i, ties)| {
                    let holds = |t: &&Tie| {
                        t.campaign.is_none() || had_others(i, t, &believed) || !had_others(i, t, &at_first)
                    };
                    ties.iter().filter(holds).cloned().collect()
                })
                .collect();
            if next == left {
                break;
            }
            left = next;
        }
        for (i, standing_of) in found.iter().enumerate() {
            let reaches = is_verdict(&left[i]) && sure(&left[i]) >= limits().confidence_min;
            match standing_of {
                Standing::Untouched => assert_eq!(left[i], accounts[i], "seed {seed}, account {i}"),
                Standing::Stands(_) => {
                    assert!(reaches, "seed {seed}, account {i}");
                    standing += 1;
                }
                Standing::Falls(_) => {
                    assert!(!reaches, "seed {seed}, account {i}");
                    fallen += 1;
                }
                Standing::CantTell => panic!("seed {seed}, account {i}"),
            }
        }
    }
    assert!(fallen > 100 && standing > 50, "{fallen} fell and {standing} stand: nothing was tried");
}

fn is_verdict(ties: &[Tie]) -> bool {
    let families: BTreeSet<Family> = ties.iter().map(|t| t.family).collect();
    families.contains(&Family::Novelty) && families.len() > 1 && sure(ties) >= 0.3
}

#[test]
fn people_exonerate_by_proof_or_by_a_label_that_nobody_contradicts() {
    let said = |labels: &[(&str, Label, i64)], proved| {
        let labels: Vec<_> = labels.iter().map(|(who, label, at)| ((*who).into(), *label, *at)).collect();
        Said { proved, labels: &labels, window_end: 100 }.exonerates().map(|e| e.way)
    };
    let not = Label::NotCompromised;
    assert_eq!(said(&[("ana", not, 101)], None), Some(Way::Labelled));
    assert_eq!(said(&[("ana", not, 99)], None), None, "has not seen the whole window");
    assert_eq!(said(&[("ana", not, 101), ("ben", Label::Compromised, 102)], None), None, "contradicted");
    assert_eq!(said(&[("ana", Label::Compromised, 101), ("ana", not, 102)], None), Some(Way::Labelled));
    assert_eq!(said(&[("ana", Label::CantTell, 101)], None), None);
    let proof = Some((Proof::Support, "spoke to her"));
    assert_eq!(said(&[("ben", Label::Compromised, 102)], proof), Some(Way::Disputed));
    assert_eq!(said(&[], None), None);
}
