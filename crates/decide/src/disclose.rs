//! What may be said in public: counts that can't be turned back into people.
//!
//! A count from 1 to 9 becomes "fewer than 10"; and where two published counts, one a part of the other, differ by
//! so little, the part is told in tens, so that no subtraction gives the rest away.

use model::incident::{Few, Figures, PublicCount, PublicFigures};

/// The figures as the public sees them.
#[must_use]
pub fn disclose(figures: &Figures) -> PublicFigures {
    PublicFigures {
        believed_compromised: whole(figures.believed_compromised),
        contained: part(figures.contained, figures.believed_compromised),
        by_precaution: part(figures.by_precaution, figures.contained),
        by_mistake: part(figures.by_mistake, figures.contained),
        put_back: part(figures.put_back, figures.by_mistake),
        notices_sent: part(figures.notices_sent, figures.contained),
        notices_failed: part(figures.notices_failed, figures.contained),
        recovered: part(figures.recovered, figures.contained),
    }
}

fn is_small(n: u64) -> bool {
    (1..10).contains(&n)
}

fn whole(n: u64) -> PublicCount {
    if is_small(n) { PublicCount::Few(Few::FewerThan10) } else { PublicCount::About(n) }
}

fn part(n: u64, of: u64) -> PublicCount {
    let gives_away = n > 0 && is_small(of.abs_diff(n));
    whole(if gives_away && n >= 10 { n / 10 * 10 } else { n })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_counts_are_not_told_and_nothing_is_exactly_nothing() {
        assert_eq!(whole(0).to_string(), "0");
        assert_eq!(whole(1).to_string(), "fewer than 10");
        assert_eq!(whole(9).to_string(), "fewer than 10");
        assert_eq!(whole(10).to_string(), "10");
    }

    #[test]
    fn a_small_difference_is_not_given_away_and_a_large_one_is_told() {
        let shown = disclose(&Figures {
            believed_compromised: 203,
            contained: 203,
            put_back: 47,
            by_mistake: 51,
            ..Figures::default()
        });
        assert_eq!(shown.by_mistake.to_string(), "51");
        assert_eq!(shown.put_back.to_string(), "40");
        let equal = disclose(&Figures { by_mistake: 51, put_back: 51, contained: 203, ..Figures::default() });
        assert_eq!(equal.put_back.to_string(), "51");
    }
}
