//! The daily routine: the order that stands, what is used of its bounds, what stopped it, what it made.

use super::Console;
use crate::{filters, rendered, route};
use askama::Template;
use model::id::{Digest, Millis, PlanId};
use model::order::Per;

/// The routine's page.
#[derive(Clone, Debug, Template)]
#[template(path = "console/routine.html", whitespace = "minimize")]
pub struct RoutinePage {
    /// What is around it.
    pub console: Console,
    /// The order that counts now.
    pub order: Option<OrderView>,
    /// Its bounds, and what is used of each.
    pub bounds: Vec<BoundRow>,
    /// What the labels on dry batches say so far.
    pub finding: Option<String>,
    /// Today's batches, oldest first.
    pub batches: Vec<BatchRow>,
    /// Days whose sample waits for labels, as they are named.
    pub samples: Vec<String>,
    /// Orders that do not count now, the latest first.
    pub others: Vec<OrderView>,
}

/// A standing order.
#[derive(Clone, Debug)]
pub struct OrderView {
    /// Its name.
    pub name: String,
    /// What was signed.
    pub digest: Digest,
    /// How it stands, in a sentence.
    pub standing: String,
    /// What stopped it, and nobody has looked at yet.
    pub stopped: Vec<Stopped>,
    /// From when, ms.
    pub starts_at: Millis,
    /// To when, ms.
    pub ends_at: Millis,
    /// What its confidence was calibrated on.
    pub calibrated_on: String,
    /// Whether it is for practice alone.
    pub is_for_practice: bool,
}

/// Something that stopped an order.
#[derive(Clone, Debug)]
pub struct Stopped {
    /// One sentence.
    pub reason: String,
    /// When, ms.
    pub at: Millis,
    /// The draft that is for two people now.
    pub plan: Option<PlanId>,
}

/// A bound and what is used of it.
#[derive(Clone, Debug)]
pub struct BoundRow {
    /// What is counted.
    pub name: String,
    /// Over which time.
    pub per: Per,
    /// Accounts used.
    pub used: u64,
    /// Most accounts.
    pub max: u64,
}

impl BoundRow {
    /// What is used, percent of the bound; a bound of nothing is all used.
    fn filled(&self) -> f64 {
        if self.max == 0 {
            return 100.0;
        }
        (self.used as f64 / self.max as f64 * 1000.0).round().min(1000.0) / 10.0
    }
}

/// A plan that was made under an order.
#[derive(Clone, Debug)]
pub struct BatchRow {
    /// The plan.
    pub plan: PlanId,
    /// Whether it is for looking only.
    pub is_dry: bool,
    /// Its accounts.
    pub accounts: u64,
    /// When, ms.
    pub made_at: Millis,
}

rendered!(RoutinePage => "routine");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_drawn_up_to_its_end_and_one_of_nothing_is_full() {
        let filled = |used, max| BoundRow { name: String::new(), per: Per::Day, used, max }.filled();
        let cases = [(0, 10, "0"), (1, 3, "33.3"), (10, 10, "100"), (12, 10, "100"), (0, 0, "100")];
        for (used, max, percent) in cases {
            assert_eq!(filled(used, max).to_string(), percent, "{used} of {max}");
        }
    }
}
