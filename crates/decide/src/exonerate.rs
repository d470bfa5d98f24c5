//! Who of those contained was nobody's victim after all: by people's words, and by what is left of the evidence when a
//! signal is withdrawn. Shares no code with preflight.
//!
//! The confidence is the logistic function of the prior and the weights left. Campaign evidence follows when its
//! campaign shrinks: it counts as long as another member's verdict stands, and falls with the last one.

use crate::detect::{COMPROMISED_MIN, SUSPECTED_MIN, six_digits};
use model::exoneration::{Exoneration, Proof, Way};
use model::id::{CampaignId, Millis, OperatorName};
use model::labels::Label;
use model::policy::CohortPolicy;
use model::verdict::{Family, Tie};
use std::collections::{BTreeMap, BTreeSet};

/// What people said of an account.
pub struct Said<'a> {
    /// What proves the owner's *that was me*, where it is proved, and the words on record.
    pub proved: Option<(Proof, &'a str)>,
    /// Labels of people who knew the verdict: who, what, when (ms).
    pub labels: &'a [(OperatorName, Label, Millis)],
    /// The end of the intruder's window, ms: whoever looked before that has not seen it.
    pub window_end: Millis,
}

impl Said<'_> {
    /// Each person's last word on the whole window.
    fn last_words(&self) -> BTreeMap<&OperatorName, (Millis, Label)> {
        let mut last: BTreeMap<&OperatorName, (Millis, Label)> = BTreeMap::new();
        for (who, label, at) in self.labels.iter().filter(|(_, _, at)| *at > self.window_end) {
            let kept = last.entry(who).or_insert((*at, *label));
            if kept.0 <= *at {
                *kept = (*at, *label);
            }
        }
        last
    }

    /// Whether somebody's last word is *compromised*.
    #[must_use]
    pub fn is_confirmed(&self) -> bool {
        self.last_words().values().any(|(_, label)| *label == Label::Compromised)
    }

    /// The exoneration by people's words: a proved dispute, or a label that nobody contradicts.
    #[must_use]
    pub fn exonerates(&self) -> Option<Exoneration> {
        if let Some((proof, words)) = self.proved {
            let why = format!(
                "its owner said \u{201c}that was me\u{201d}, proved by {}: {words}",
                proof.in_words()
            );
            return Some(Exoneration { way: Way::Disputed, why });
        }
        if self.is_confirmed() {
            return None;
        }
        let words = self.last_words();
        let (who, _) = words.into_iter().find(|(_, (_, label))| *label == Label::NotCompromised)?;
        Some(Exoneration { way: Way::Labelled, why: format!("{who} looked and says: not compromised") })
    }
}

/// One account as its hunt found it.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    /// What its verdict rests on.
    pub ties: &'a [Tie],
    /// Its confidence as it was sealed; `None` where it was never in a plan.
    pub sealed_confidence: Option<f64>,
    /// Whether a person's last word is *compromised*.
    pub is_confirmed: bool,
    /// The signals that are withdrawn for it.
    pub retracted: &'a BTreeSet<String>,
}

/// What is left of a verdict.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// It rests on nothing that was withdrawn.
    Untouched,
    /// It reaches the policy without what fell.
    Stands(Remains),
    /// It does not.
    Falls(Remains),
    /// Its sealed confidence is not that of its evidence under this prior: a person must look.
    CantTell,
}

/// The evidence without what fell.
#[derive(Clone, Debug, PartialEq)]
pub struct Remains {
    /// The signals that fell, sorted.
    pub fell: BTreeSet<String>,
    /// The confidence of the rest.
    pub confidence: f64,
    /// Its families.
    pub families: usize,
}

impl Remains {
    /// One sentence, for the record.
    #[must_use]
    pub fn why(&self) -> String {
        let fell: Vec<&str> = self.fell.iter().map(String::as_str).collect();
        format!(
            "without {} its confidence is {} over {} families of evidence",
            fell.join(", "),
            self.confidence,
            self.families
        )
    }
}

/// What stands of a whole hunt's accounts when signals are withdrawn; in the order given.
#[must_use]
pub fn stand(found: &[Found<'_>], prior: f64, limits: &CohortPolicy) -> Vec<Standing> {
    let mut left: Vec<Vec<bool>> =
        found.iter().map(|f| f.ties.iter().map(|t| !f.retracted.contains(&t.signal)).collect()).collect();
    let members_at_first = members(found, &left, |_| true);
    loop {
        // Whom others' word alone has people look at holds nobody up.
        let of_its_own = |i: usize| kept(found[i].ties, &left[i]).into_iter().filter(|t| t.family.counts());
        let supports = members(found, &left, |i| is_believed(&of_its_own(i).collect::<Vec<_>>(), prior));
        let mut changed = false;
        for (i, of) in found.iter().enumerate() {
            for (n, tie) in of.ties.iter().enumerate().filter(|(_, t)| t.campaign.is_some()) {
                let Some(campaign) = tie.campaign.as_ref().filter(|_| left[i][n]) else { continue };
                let others = |of: &BTreeMap<&CampaignId, BTreeSet<usize>>| {
                    of.get(campaign).is_some_and(|m| m.iter().any(|other| *other != i))
                };
                // Where nobody else was ever on file, nothing has shrunk.
                if others(&members_at_first) && !others(&supports) {
                    left[i][n] = false;
                    changed = true;
                }
            }
        }
        if !changed {
            break;
        }
    }
    found.iter().zip(&left).map(|(of, left)| standing(of, left, prior, limits)).collect()
}

/// The accounts that carry each campaign by evidence that is left, among those that `counts`.
fn members<'a>(
    found: &'a [Found<'_>],
    left: &[Vec<bool>],
    counts: impl Fn(usize) -> bool,
) -> BTreeMap<&'a CampaignId, BTreeSet<usize>> {
    let mut members: BTreeMap<&CampaignId, BTreeSet<usize>> = BTreeMap::new();
    for (i, of) in found.iter().enumerate().filter(|(i, _)| counts(*i)) {
        for (tie, _) in of.ties.iter().zip(&left[i]).filter(|(_, left)| **left) {
            if let Some(campaign) = &tie.campaign {
                members.entry(campaign).or_default().insert(i);
            }
        }
    }
    members
}

fn standing(found: &Found<'_>, left: &[bool], prior: f64, limits: &CohortPolicy) -> Standing {
    let fell: BTreeSet<String> =
        found.ties.iter().zip(left).filter(|(_, left)| !**left).map(|(t, _)| t.signal.clone()).collect();
    if fell.is_empty() {
        return Standing::Untouched;
    }
    let all: Vec<&Tie> = found.ties.iter().collect();
    if found.sealed_confidence.is_some_and(|sealed| (sealed - confidence(&all, prior)).abs() > 1e-6) {
        return Standing::CantTell;
    }
    let ties = kept(found.ties, left);
    let remains = Remains { fell, confidence: confidence(&ties, prior), families: families(&ties).len() };
    let by_evidence = is_believed(&ties, prior)
        && remains.confidence >= COMPROMISED_MIN.max(limits.confidence_min)
        && remains.families >= limits.families_min as usize;
    // By precaution: still suspected, and a person who looked says compromised.
    let by_person = found.is_confirmed && is_believed(&ties, prior);
    if by_evidence || by_person { Standing::Stands(remains) } else { Standing::Falls(remains) }
}

fn kept<'a>(ties: &'a [Tie], left: &[bool]) -> Vec<&'a Tie> {
    ties.iter().zip(left).filter(|(_, left)| **left).map(|(tie, _)| tie).collect()
}

fn families(ties: &[&Tie]) -> BTreeSet<Family> {
    ties.iter().map(|t| t.family).filter(|f| f.counts()).collect()
}

fn confidence(ties: &[&Tie], prior: f64) -> f64 {
    six_digits(1.0 / (1.0 + (-(prior + ties.iter().map(|t| t.weight).sum::<f64>())).exp()))
}

/// Whether there is a verdict at all: something new, something besides, and sure enough to be suspected.
fn is_believed(ties: &[&Tie], prior: f64) -> bool {
    let families = families(ties);
    let second = [Family::Abuse, Family::Takeover, Family::Campaign, Family::Entry];
    families.contains(&Family::Novelty)
        && second.iter().any(|f| families.contains(f))
        && confidence(ties, prior) >= SUSPECTED_MIN
}
