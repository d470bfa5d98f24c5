//! What chance may let happen. Gates hear a fifth of the owners: they stop a wrong plan with the power that
//! `docs/gates.md` states, and not always. One run that slips through says nothing; more of them, over the seeds of a
//! command, than that power gives are a breach.

use super::row::Row;

/// The share of plans with three in ten wrong, of 160 accounts, whose run goes to its end: `docs/gates.md`.
const LET_THROUGH: f64 = 0.108;
/// How sure it must be that more slip through than that.
const CONFIDENCE: f64 = 0.99;

/// Judges the rows of each drill together.
pub(crate) fn judge(rows: &mut [Row]) {
    let mut drills: Vec<&str> = rows.iter().filter(|r| r.let_through).map(|r| r.drill).collect();
    drills.dedup();
    for drill in drills {
        let of_drill = |r: &&Row| r.drill == drill && !r.twin;
        let all = rows.iter().filter(of_drill).count() as u64;
        let slipped = rows.iter().filter(of_drill).filter(|r| r.let_through).count() as u64;
        if decide::bound::lower(slipped, all, CONFIDENCE) <= LET_THROUGH {
            continue;
        }
        for row in rows.iter_mut().filter(|r| r.drill == drill && r.let_through) {
            row.breach = true;
            row.breaches.push(format!(
                "{slipped} of {all} runs of a wrong plan went to their end, and the gates are said to let {:.1} % through",
                100.0 * LET_THROUGH
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drill::row::tests::row;

    fn judged(slipped: usize, all: usize) -> bool {
        let mut rows: Vec<Row> = (0..all)
            .map(|n| Row { drill: "wrong", twin: false, let_through: n < slipped, ..row() })
            .chain((0..20).map(|_| Row { drill: "right", twin: false, ..row() }))
            .collect();
        judge(&mut rows);
        assert!(rows.iter().all(|r| !r.breach || r.let_through));
        rows.iter().any(|r| r.breach)
    }

    #[test]
    fn as_many_slip_through_as_the_gates_are_said_to_let_and_no_more() {
        let cases =
            [(0, 1, false), (1, 1, false), (2, 2, false), (3, 3, true), (5, 20, false), (7, 20, true)];
        for (slipped, all, breach) in cases {
            assert_eq!(judged(slipped, all), breach, "{slipped} of {all}");
        }
    }

    #[test]
    fn the_share_is_the_one_that_is_stated() {
        let stated = include_str!("../../../../docs/gates.md");
        let of_160 =
            stated.split("## ").find(|s| s.starts_with("A plan of 160 accounts")).expect("its section");
        let line = of_160.lines().find(|l| l.starts_with("| 30 % |")).expect("its line");
        let done = line.split('|').nth(8).expect("its column").trim();
        assert_eq!(done, format!("{:.1} %", 100.0 * LET_THROUGH));
    }
}
