//! Scripted owners and reviewers: who answers, how late, who is mistaken. All from a seed; none sees a threshold.
//!
//! Shares are from the literature. Of the owners told to reset in 2016 at LinkedIn 46 % did, after 26 days on average;
//! a third of readers means to act on a typical notice; 21 % of the owners of hijacked accounts never come back.

use crate::simulate::{Dice, Purpose};
use model::id::{AccountId, Digest, Millis};
use model::labels::Label;

const HOUR_MS: f64 = 3_600_000.0;
const DAY_MS: f64 = 24.0 * HOUR_MS;

/// Shares and delays of a population's owners; all shares between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Habits {
    /// Who reads the notice soon.
    pub reads: f64,
    /// Of those who read, who acts on it.
    pub acts: f64,
    /// Who sets a new credential at all in the time that is looked at, by the notice or at the next sign-in.
    pub recovers: f64,
    /// Mean time until then, days.
    pub recovers_days_mean: f64,
    /// Who never comes back.
    pub never: f64,
    /// Of the wronged who act: who presses *that was me*.
    pub disputes_rightly: f64,
    /// Of the victims who act: who presses it although it was not them.
    pub disputes_wrongly: f64,
    /// How often an intruder who holds the mailbox presses it.
    pub intruder_disputes: f64,
    /// Of the rightful disputes: who has a device at hand that is older than the window.
    pub proves_by_device: f64,
    /// Of the rest: who turns to support, and is heard.
    pub proves_by_support: f64,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            reads: 0.6,
            acts: 1.0 / 3.0,
            recovers: 0.46,
            recovers_days_mean: 26.0,
            never: 0.21,
            disputes_rightly: 0.7,
            disputes_wrongly: 0.03,
            intruder_disputes: 0.02,
            proves_by_device: 0.6,
            proves_by_support: 0.3,
        }
    }
}

/// An owner who was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The account.
    pub account: AccountId,
    /// When the notice went out, ms.
    pub at: Millis,
    /// Whether it reached them (a bounce or no contact: they find out at their next sign-in).
    pub reached: bool,
    /// Whether nobody but the owner was ever in: the containment is a mistake.
    pub wronged: bool,
    /// A device of theirs that is older than the window, where there is one.
    pub old_device: Option<String>,
    /// Whether they have a passkey.
    pub passkey: bool,
}

/// What shows that *that was me* comes from the owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Nothing but the mailbox.
    None,
    /// A device that the owner used before the window.
    OldDevice(String),
    /// A passkey from before the window.
    Passkey,
    /// Support has looked at it.
    Support,
}

/// Who presses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presser {
    /// The rightful owner.
    Owner,
    /// An intruder who reads the owner's mail.
    Intruder,
}

/// What somebody does after a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Asks for a recovery code and sets a new credential.
    Recovers {
        /// When, ms.
        at: Millis,
    },
    /// Presses *that was me*.
    Disputes {
        /// When, ms.
        at: Millis,
        /// Who it really is.
        by: Presser,
        /// What they can show.
        proof: Proof,
    },
}

impl Deed {
    /// When, ms.
    #[must_use]
    pub fn at(&self) -> Millis {
        match self {
            Self::Recovers { at } | Self::Disputes { at, .. } => *at,
        }
    }
}

/// The owners of a population.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct People {
    seed: u64,
    habits: Habits,
}

impl People {
    /// Owners from a seed.
    #[must_use]
    pub fn new(seed: u64, habits: Habits) -> Self {
        Self { seed, habits }
    }

    /// What comes of telling an owner, in time order; empty for those who are never heard of.
    #[must_use]
    pub fn deeds(&self, told: &Told) -> Vec<Deed> {
        let habits = &self.habits;
        let mut dice = Dice::of(self.seed, Purpose::People, number(told.account.as_str()));
        // every draw is made whatever comes of it, so that one habit changed leaves the other draws alone
        let fate = dice.unit();
        let (by_notice_days, at_sign_in_days) = (dice.exponential(1.5), dice.lognormal(1.0, 1.1));
        let (presses, proves, supported, foreign) = (dice.unit(), dice.unit(), dice.unit(), dice.unit());
        let foreign_ms = (dice.exponential(5.0) * HOUR_MS) as i64;
        let by_notice = if told.reached { habits.reads * habits.acts } else { 0.0 };
        let days = if fate < by_notice {
            Some(by_notice_days)
        } else if fate < habits.recovers {
            // those at the next sign-in are late enough for the mean of all to be the stated one
            let late = (habits.recovers * habits.recovers_days_mean - by_notice * 1.5)
                / (habits.recovers - by_notice);
            Some(at_sign_in_days / (1.1_f64 * 1.1 / 2.0).exp() * late)
        } else {
            None
        };
        let mut deeds = Vec::new();
        if let Some(days) = days {
            let at = told.at + (days * DAY_MS) as i64;
            let share = if told.wronged { habits.disputes_rightly } else { habits.disputes_wrongly };
            if presses < share {
                let proof = self.proof(told, proves, supported);
                deeds.push(Deed::Disputes { at, by: Presser::Owner, proof });
            }
            deeds.push(Deed::Recovers { at: at + 4 * 60_000 });
        }
        if !told.wronged && foreign < habits.intruder_disputes {
            let at = told.at + foreign_ms;
            deeds.push(Deed::Disputes { at, by: Presser::Intruder, proof: Proof::None });
        }
        deeds.sort_by_key(Deed::at);
        deeds
    }

    /// Whether an owner is one of those who never come back, whatever they are told.
    #[must_use]
    pub fn is_lost(&self, account: &AccountId) -> bool {
        let fate = Dice::of(self.seed, Purpose::People, number(account.as_str())).unit();
        fate >= 1.0 - self.habits.never
    }

    fn proof(&self, told: &Told, proves: f64, supported: f64) -> Proof {
        match &told.old_device {
            Some(device) if proves < self.habits.proves_by_device => Proof::OldDevice(device.clone()),
            _ if told.passkey => Proof::Passkey,
            _ if supported < self.habits.proves_by_support && told.wronged => Proof::Support,
            _ => Proof::None,
        }
    }
}

/// A reviewer who errs at a stated rate.
#[derive(Clone, Debug, PartialEq)]
pub struct Reviewer {
    /// The operator's name.
    pub name: String,
    seed: u64,
    errors: f64,
    cant_tell: f64,
}

impl Reviewer {
    /// A reviewer with a share of wrong labels and a share of *can't tell*, between 0 and 1.
    #[must_use]
    pub fn new(seed: u64, name: &str, errors: f64, cant_tell: f64) -> Self {
        Self { name: name.to_owned(), seed, errors, cant_tell }
    }

    /// What they say of an account that truly is, or is not, compromised; the same each time they are asked.
    #[must_use]
    pub fn label(&self, account: &AccountId, compromised: bool) -> Label {
        let own = number(&format!("{}\0{account}", self.name));
        let draw = Dice::of(self.seed, Purpose::Service, own).unit();
        if draw < self.cant_tell {
            return Label::CantTell;
        }
        let wrong = draw < self.cant_tell + self.errors;
        if compromised != wrong { Label::Compromised } else { Label::NotCompromised }
    }
}

fn number(name: &str) -> u64 {
    Digest::of(name.as_bytes()).0[..6].iter().fold(0, |n, b| n << 8 | u64::from(*b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(n: u32, wronged: bool) -> Told {
        Told {
            account: AccountId::new(format!("u{n}")),
            at: 1_000,
            reached: true,
            wronged,
            old_device: Some("d".to_owned()),
            passkey: false,
        }
    }

    #[test]
    fn owners_recover_as_often_and_as_late_as_the_literature_says() {
        let people = People::new(3, Habits::default());
        let mut days = Vec::new();
        for n in 0..20_000 {
            let recovered = people.deeds(&told(n, false)).into_iter().find_map(|d| match d {
                Deed::Recovers { at } => Some((at - 1_000) as f64 / DAY_MS),
                Deed::Disputes { .. } => None,
            });
            days.extend(recovered);
        }
        let share = days.len() as f64 / 20_000.0;
        assert!((share - 0.46).abs() < 0.02, "{share} recover");
        let mean = days.iter().sum::<f64>() / days.len() as f64;
        assert!((mean - 26.0).abs() < 3.0, "after {mean} days");
        let lost = (0..20_000).filter(|n| people.is_lost(&AccountId::new(format!("u{n}")))).count();
        assert!((lost as f64 / 20_000.0 - 0.21).abs() < 0.02, "{lost} never come back");
    }

    #[test]
    fn the_wronged_dispute_often_and_victims_seldom_and_it_is_the_same_each_time() {
        let people = People::new(4, Habits::default());
        let disputes = |wronged| {
            let all = (0..10_000).flat_map(|n| people.deeds(&told(n, wronged)));
            all.filter(|d| matches!(d, Deed::Disputes { .. })).count()
        };
        assert!(disputes(true) > 2_500, "{} of the wronged", disputes(true));
        assert!(disputes(false) < 600, "{} of the victims", disputes(false));
        assert_eq!(people.deeds(&told(5, true)), people.deeds(&told(5, true)));
        let by_intruders = (0..10_000).flat_map(|n| people.deeds(&told(n, false))).filter(
            |d| matches!(d, Deed::Disputes { by: Presser::Intruder, proof, .. } if *proof != Proof::None),
        );
        assert_eq!(by_intruders.count(), 0, "an intruder has no proof");
    }

    #[test]
    fn an_owner_who_is_lost_does_nothing() {
        let people = People::new(5, Habits::default());
        for n in 0..3_000 {
            let lost = people.is_lost(&AccountId::new(format!("u{n}")));
            let by_owner = people.deeds(&told(n, true));
            assert!(!lost || by_owner.is_empty(), "u{n}");
        }
    }

    #[test]
    fn a_reviewer_errs_at_the_stated_rate() {
        let reviewer = Reviewer::new(9, "first", 0.05, 0.02);
        let labels: Vec<Label> =
            (0..20_000).map(|n| reviewer.label(&AccountId::new(format!("u{n}")), true)).collect();
        let share = |label| labels.iter().filter(|l| **l == label).count() as f64 / 20_000.0;
        assert!((share(Label::NotCompromised) - 0.05).abs() < 0.01);
        assert!((share(Label::CantTell) - 0.02).abs() < 0.01);
        let sure = Reviewer::new(9, "second", 0.0, 0.0);
        assert_eq!(sure.label(&AccountId::from("u1"), false), Label::NotCompromised);
    }
}
