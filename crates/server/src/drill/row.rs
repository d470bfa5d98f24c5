//! What a drill came to: one row, with everything counted from the service's own tables and the truth.

use serde::Serialize;

/// One drill, or its twin, on one seed.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) drill: &'static str,
    pub(crate) seed: u64,
    /// Whether it is the twin, without the mistake.
    pub(crate) twin: bool,
    pub(crate) accounts: u64,
    pub(crate) victims: u64,
    /// Victims whose intruder gets in by nothing that they held when it began.
    pub(crate) victims_contained: u64,
    /// Accounts the service was asked to change that no sealed plan names.
    pub(crate) contained_outside_plan: u64,
    /// Accounts the service was asked to change on which nobody but their owner ever was.
    pub(crate) contained_innocent: u64,
    /// The most of these that may be, as the policy in force bounds it.
    pub(crate) innocent_bound: u64,
    /// Notices to an address of nobody whom a sealed plan names.
    pub(crate) told_outside_plan: u64,
    /// Objects hidden on accounts that no sealed plan names, or that the plan does not name.
    pub(crate) hidden_outside_plan: u64,
    /// Objects hidden that their owner made.
    pub(crate) owner_objects_hidden: u64,
    /// Follows and likes that were taken back.
    pub(crate) taken_back: u64,
    /// Of these, such as no sealed plan names.
    pub(crate) taken_back_outside_plan: u64,
    /// And such as their owner wanted.
    pub(crate) owner_follows_taken_back: u64,
    /// Innocents who were contained and, at the end, do not have their account as it was.
    pub(crate) not_brought_back: u64,
    /// Old credentials given back to a true victim.
    pub(crate) victims_restored: u64,
    /// From the begin of the response to a victim's containment: the median, in the service's time.
    pub(crate) ms_to_contained_p50: Option<i64>,
    /// From the begin of the run that was wrong to its halt, in the service's time; absent where none was started.
    pub(crate) ms_to_halt: Option<i64>,
    /// Whether the run of a wrong plan went to its end, as gates let some: judged over all seeds, see `chance`.
    pub(crate) let_through: bool,
    /// How the mistake ended.
    pub(crate) outcome: String,
    /// Whether the promise was broken.
    pub(crate) breach: bool,
    /// In what, a sentence each.
    pub(crate) breaches: Vec<String>,
}

impl Row {
    /// Judges the counts; `unmet` are the drill's own expectations that did not hold.
    pub(crate) fn judge(&mut self, unmet: Vec<String>) {
        let zeros = [
            (self.contained_outside_plan, "accounts were changed outside every sealed plan"),
            (self.told_outside_plan, "notices went to people whom no sealed plan names"),
            (self.hidden_outside_plan, "objects were hidden that no sealed plan names"),
            (self.owner_objects_hidden, "objects were hidden that their owners made"),
            (self.taken_back_outside_plan, "follows or likes were taken back that no sealed plan names"),
            (self.owner_follows_taken_back, "follows or likes were taken back that their owners wanted"),
            (self.not_brought_back, "innocents were not brought back"),
            (self.victims_restored, "old credentials were given back to true victims"),
        ];
        let mut breaches: Vec<String> =
            zeros.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        if self.contained_innocent > self.innocent_bound {
            breaches.push(format!(
                "{} innocents were contained, and the bound is {}",
                self.contained_innocent, self.innocent_bound
            ));
        }
        if self.twin && self.victims_contained * 10 < self.victims * 9 {
            breaches.push(format!(
                "the twin contained {} of {} victims, and nine in ten are needed: doing nothing is no pass",
                self.victims_contained, self.victims
            ));
        }
        breaches.extend(unmet);
        self.breach = !breaches.is_empty();
        self.breaches = breaches;
    }
}

#[cfg(test)]
pub(in crate::drill) mod tests {
    use super::*;

    pub(in crate::drill) fn row() -> Row {
        Row {
            drill: "a",
            seed: 1,
            twin: true,
            accounts: 100,
            victims: 10,
            victims_contained: 9,
            contained_outside_plan: 0,
            contained_innocent: 2,
            innocent_bound: 2,
            told_outside_plan: 0,
            hidden_outside_plan: 0,
            owner_objects_hidden: 0,
            taken_back: 0,
            taken_back_outside_plan: 0,
            owner_follows_taken_back: 0,
            not_brought_back: 0,
            victims_restored: 0,
            ms_to_contained_p50: None,
            ms_to_halt: None,
            let_through: false,
            outcome: String::new(),
            breach: false,
            breaches: Vec::new(),
        }
    }

    type Change = fn(&mut Row);

    #[test]
    fn each_count_can_break_the_promise_and_a_good_row_does_not() {
        let mut good = row();
        good.judge(Vec::new());
        assert!(!good.breach, "{:?}", good.breaches);
        let changes: [Change; 10] = [
            |r| r.contained_outside_plan = 1,
            |r| r.told_outside_plan = 1,
            |r| r.hidden_outside_plan = 1,
            |r| r.owner_objects_hidden = 1,
            |r| r.taken_back_outside_plan = 1,
            |r| r.owner_follows_taken_back = 1,
            |r| r.not_brought_back = 1,
            |r| r.victims_restored = 1,
            |r| r.contained_innocent = 3,
            |r| r.victims_contained = 8,
        ];
        for (n, change) in changes.into_iter().enumerate() {
            let mut bad = row();
            change(&mut bad);
            bad.judge(Vec::new());
            assert!(bad.breach && bad.breaches.len() == 1, "change {n}: {:?}", bad.breaches);
        }
        let mut unmet = row();
        unmet.judge(vec!["the list was not refused".to_owned()]);
        assert!(unmet.breach);
    }

    #[test]
    fn a_mistake_that_does_nothing_is_no_breach_and_its_twin_is() {
        let mut mistake = Row { twin: false, victims_contained: 0, ..row() };
        mistake.judge(Vec::new());
        assert!(!mistake.breach);
        let mut twin = Row { victims_contained: 0, ..row() };
        twin.judge(Vec::new());
        assert!(twin.breach);
    }
}
