//! How an answer stands against the truth of a simulated service: what was found of each attack, who was wronged, how
//! much of what is attributed to the intruder is right, and whether a confidence means what it says.

use crate::answer::Answer;
use crate::error::HuntError;
use model::id::{AccountId, EventId, Millis, ObjectId};
use model::verdict::{Belief, Verdict};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

/// One compromised account, as a line of `truth.jsonl` says it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Taken {
    /// The account.
    pub account: AccountId,
    /// How it was taken.
    pub attack: String,
    /// The intruder's first act, ms.
    pub start: Millis,
    /// The intruder's acts.
    pub events: Vec<EventId>,
    /// The intruder's posts.
    pub objects: Vec<ObjectId>,
}

/// What is known of a simulated service.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The compromised accounts.
    pub taken: HashMap<AccountId, Taken>,
    /// Look-alike to accounts.
    pub traps: BTreeMap<String, Vec<AccountId>>,
}

impl Known {
    /// Reads `truth.jsonl` and `traps.json` of a simulation's folder.
    ///
    /// # Errors
    /// The first file that can't be read, or the line that is none.
    pub fn read(dir: &Path) -> Result<Self, HuntError> {
        let text = |file: &Path| {
            std::fs::read_to_string(file)
                .map_err(|cause| HuntError::Unreadable { file: file.to_owned(), cause })
        };
        let bad = |file: &Path, line: usize, e: &serde_json::Error| HuntError::BadAnswer {
            file: file.to_owned(),
            line: line as u64,
            cause: e.to_string(),
        };
        let file = dir.join("truth.jsonl");
        let mut known = Self::default();
        for (at, line) in text(&file)?.lines().enumerate() {
            let one: Taken = serde_json::from_str(line).map_err(|e| bad(&file, at + 1, &e))?;
            known.taken.insert(one.account.clone(), one);
        }
        let file = dir.join("traps.json");
        known.traps = serde_json::from_str(&text(&file)?).map_err(|e| bad(&file, e.line(), &e))?;
        Ok(known)
    }
}

/// So much of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// Of these,
    pub of: u64,
    /// so many.
    pub n: u64,
}

impl Share {
    /// The share; where there is nothing to share, none.
    #[must_use]
    pub fn value(self) -> Option<f64> {
        (self.of > 0).then(|| self.n as f64 / self.of as f64)
    }

    fn add(&mut self, other: Self) {
        self.of += other.of;
        self.n += other.n;
    }

    fn count(&mut self, hit: bool) {
        self.of += 1;
        self.n += u64::from(hit);
    }
}

/// What was found of one attack.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct OfAttack {
    /// Of its victims, those believed compromised.
    pub found: Share,
    /// Of its victims, those believed so as surely as plans ask for.
    pub sure: Share,
    /// Of its victims, those suspected.
    pub suspected: Share,
    /// Of the events attributed, those that are the intruder's; of the intruder's, those attributed. In found accounts.
    pub events: (Share, Share),
    /// The same of posts.
    pub objects: (Share, Share),
}

/// How surely a plan's accounts must be believed compromised, in the policy that is shipped.
pub const SURE: f64 = 0.9;
/// Where the bins of confidence begin; the last one ends with 1.
pub const BINS: [f64; 8] = [0.3, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999];

/// How one or more answers stand against the truth.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Score {
    /// Accounts.
    pub accounts: u64,
    /// By attack.
    pub attacks: BTreeMap<String, OfAttack>,
    /// Of those believed compromised, those that are not.
    pub wrong: Share,
    /// Of those believed so as surely as plans ask for, those that are not.
    pub wrong_sure: Share,
    /// Suspected, and not compromised.
    pub doubted: u64,
    /// Of each look-alike's accounts, those believed compromised.
    pub look_alikes: BTreeMap<String, Share>,
    /// Of the verdicts in each bin of confidence, those on compromised accounts, and the sum of the confidences.
    pub bins: [(Share, f64); BINS.len()],
}

impl OfAttack {
    fn add(&mut self, other: &Self) {
        self.found.add(other.found);
        self.sure.add(other.sure);
        self.suspected.add(other.suspected);
        self.events.0.add(other.events.0);
        self.events.1.add(other.events.1);
        self.objects.0.add(other.objects.0);
        self.objects.1.add(other.objects.1);
    }
}

impl Score {
    /// Compares an answer with the truth.
    #[must_use]
    pub fn of(answer: &Answer, known: &Known) -> Self {
        let verdicts: HashMap<&AccountId, &Verdict> =
            answer.verdicts.iter().map(|v| (&v.account, v)).collect();
        let compromised =
            |account: &AccountId| verdicts.get(account).is_some_and(|v| v.verdict == Belief::Compromised);
        let mut score = Self { accounts: answer.summary.accounts, ..Self::default() };
        for taken in known.taken.values() {
            let of = score.attacks.entry(taken.attack.clone()).or_default();
            let verdict = verdicts.get(&taken.account).copied();
            let found = verdict.filter(|v| v.verdict == Belief::Compromised);
            of.found.count(found.is_some());
            of.sure.count(found.is_some_and(|v| v.confidence >= SURE));
            of.suspected.count(verdict.is_some() && found.is_none());
            if let Some(found) = found {
                attribute(&mut of.events, &taken.events, &found.intruder.events);
                attribute(&mut of.objects, &taken.objects, &found.intruder.objects);
            }
        }
        for verdict in &answer.verdicts {
            let right = known.taken.contains_key(&verdict.account);
            if verdict.verdict == Belief::Compromised {
                score.wrong.count(!right);
                if verdict.confidence >= SURE {
                    score.wrong_sure.count(!right);
                }
            } else {
                score.doubted += u64::from(!right);
            }
            if let Some(bin) = BINS.iter().rposition(|begin| verdict.confidence >= *begin) {
                score.bins[bin].0.count(right);
                score.bins[bin].1 += verdict.confidence;
            }
        }
        for (trap, accounts) in &known.traps {
            let share = score.look_alikes.entry(trap.clone()).or_default();
            let innocent: BTreeSet<&AccountId> =
                accounts.iter().filter(|a| !known.taken.contains_key(*a)).collect();
            innocent.into_iter().for_each(|account| share.count(compromised(account)));
        }
        score
    }

    /// Puts another's numbers to these.
    pub fn add(&mut self, other: &Self) {
        self.accounts += other.accounts;
        self.doubted += other.doubted;
        self.wrong.add(other.wrong);
        self.wrong_sure.add(other.wrong_sure);
        for (attack, more) in &other.attacks {
            self.attacks.entry(attack.clone()).or_default().add(more);
        }
        for (trap, share) in &other.look_alikes {
            self.look_alikes.entry(trap.clone()).or_default().add(*share);
        }
        for (bin, more) in self.bins.iter_mut().zip(other.bins) {
            bin.0.add(more.0);
            bin.1 += more.1;
        }
    }

    /// All attacks together.
    #[must_use]
    pub fn whole(&self) -> OfAttack {
        let mut whole = OfAttack::default();
        for of in self.attacks.values() {
            whole.add(of);
        }
        whole
    }
}

/// Counts what is right of what was attributed, and what was attributed of what is right.
fn attribute<T: Eq + std::hash::Hash>(shares: &mut (Share, Share), truth: &[T], attributed: &[T]) {
    let truth: HashSet<&T> = truth.iter().collect();
    let attributed: HashSet<&T> = attributed.iter().collect();
    let right = attributed.intersection(&truth).count() as u64;
    shares.0.add(Share { of: attributed.len() as u64, n: right });
    shares.1.add(Share { of: truth.len() as u64, n: right });
}
