//! What a gate was given, beside its limits.
//!
//! The share shown is what was seen; the gate itself compares an exact bound of it with the limit, and its own
//! sentences stand below. So a gauge never says by itself whether the gate passed.

use crate::filters::{grouped, hundredths};
use crate::moment;
use model::policy::GatePolicy;
use model::run::GateInputs;

/// One input.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Gauge {
    /// Its name.
    pub name: &'static str,
    /// What was seen.
    pub seen: String,
    /// Against what.
    pub limit: String,
    /// Up to the limit, percent of the picture.
    pub within: f64,
    /// Beyond it.
    pub beyond: f64,
    /// Where the limit lies, percent of the picture.
    pub mark: f64,
    /// Whether it is good to be beyond: enough was seen.
    pub wants_more: bool,
}

/// All inputs, in the order in which the gate looks at them.
pub(crate) fn all(inputs: &GateInputs, policy: &GatePolicy) -> Vec<Gauge> {
    let heard = inputs.recovered + inputs.disputes_proved + inputs.disputes_unproved;
    let disputes = inputs.disputes_proved + inputs.disputes_unproved;
    vec![
        most("Disputes, proved", inputs.disputes_proved, inputs.contained, policy.disputes_proved_share_max),
        most(
            "Disputes, not proved",
            inputs.disputes_unproved,
            inputs.contained,
            policy.disputes_unproved_share_max,
        ),
        most("Acts that failed", inputs.acts_failed, inputs.acts, policy.acts_failed_share_max),
        accepted(inputs, policy.notices_accepted_share_min),
        gauge(
            "Time since the last act",
            moment::span(inputs.soaked_ms),
            format!("at least {}", moment::span(policy.soak_min_ms)),
            inputs.soaked_ms as f64,
            policy.soak_min_ms as f64,
            true,
        ),
        most("Disputes among owners heard from", disputes, heard, policy.heard_disputes_share_max),
    ]
}

fn most(name: &'static str, hits: u64, among: u64, limit: f64) -> Gauge {
    let share = if among == 0 { 0.0 } else { hits as f64 / among as f64 };
    gauge(name, of(hits, among), format!("at most {}", hundredths(limit)), share, limit, false)
}

/// A share that should be near the whole is drawn as it is.
fn accepted(inputs: &GateInputs, limit: f64) -> Gauge {
    let share =
        if inputs.notices == 0 { 1.0 } else { inputs.notices_accepted as f64 / inputs.notices as f64 };
    let (filled, mark) = (tenths(share * 100.0), tenths(limit * 100.0));
    Gauge {
        name: "Notices accepted",
        seen: of(inputs.notices_accepted, inputs.notices),
        limit: format!("at least {}", hundredths(limit)),
        within: filled.min(mark),
        beyond: tenths(filled - filled.min(mark)),
        mark,
        wants_more: true,
    }
}

fn tenths(x: f64) -> f64 {
    (x * 10.0).round() / 10.0
}

fn of(hits: u64, among: u64) -> String {
    if among == 0 {
        return format!("{} of {}", grouped(hits), grouped(among));
    }
    format!("{} of {} ({})", grouped(hits), grouped(among), hundredths(hits as f64 / among as f64))
}

/// Sets value and limit on a scale on which the limit lies at half for a ceiling, at four fifths for a floor.
fn gauge(
    name: &'static str,
    seen: String,
    limit: String,
    value: f64,
    at_limit: f64,
    wants_more: bool,
) -> Gauge {
    let mark = if wants_more { 80.0 } else { 50.0 };
    let filled = if at_limit > 0.0 {
        (value / at_limit * mark).clamp(0.0, 100.0)
    } else if wants_more {
        100.0
    } else {
        0.0
    };
    let within = tenths(filled.min(mark));
    let beyond = tenths(filled - filled.min(mark));
    Gauge { name, seen, limit, within, beyond, mark, wants_more }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ceiling_is_marked_at_half_and_what_is_beyond_it_is_drawn_apart() {
        let cases = [(0, 0.0, 0.0), (1, 25.0, 0.0), (2, 50.0, 0.0), (3, 50.0, 25.0), (50, 50.0, 50.0)];
        for (hits, within, beyond) in cases {
            let gauge = most("x", hits, 100, 0.02);
            assert_eq!((gauge.within, gauge.beyond, gauge.mark), (within, beyond, 50.0), "{hits}");
        }
        assert_eq!(most("x", 3, 100, 0.02).seen, "3 of 100 (3 %)");
    }

    #[test]
    fn nothing_seen_of_nothing_is_no_share() {
        let gauge = most("x", 0, 0, 0.02);
        assert_eq!((gauge.seen.as_str(), gauge.within, gauge.beyond), ("0 of 0", 0.0, 0.0));
    }

    #[test]
    fn a_floor_of_nothing_is_reached() {
        let gauge = gauge("x", String::new(), String::new(), 0.0, 0.0, true);
        assert_eq!((gauge.within, gauge.beyond), (80.0, 20.0));
    }

    #[test]
    fn a_share_near_the_whole_is_drawn_as_it_is() {
        let inputs = GateInputs { notices: 100, notices_accepted: 90, ..GateInputs::default() };
        let gauge = accepted(&inputs, 0.95);
        assert_eq!((gauge.within, gauge.beyond, gauge.mark), (90.0, 0.0, 95.0));
    }
}
