//! What a gate was given, beside its limits.
//!
//! The share shown is what was seen; the gate itself asks a test of it, and its own sentences stand below. So a gauge
//! never says by itself whether the gate passed: the state beside it does.

use crate::filters::{grouped, hundredths};
use crate::moment;
use model::gate::{Finding, GateInput, InputState};
use model::policy::Policy;

/// One input.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Gauge {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub state: InputState,
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
pub(crate) fn all(findings: &[Finding], policy: &Policy) -> Vec<Gauge> {
    findings.iter().map(|finding| one(finding, policy)).collect()
}

fn one(finding: &Finding, policy: &Policy) -> Gauge {
    let gate = &policy.gate;
    let at_most = |limit| most(finding, limit);
    match finding.input {
        GateInput::DisputesProved => at_most(gate.disputes_proved_share_max),
        GateInput::DisputesUnproved => at_most(gate.disputes_unproved_share_max),
        GateInput::OwnersHeard => at_most(gate.heard_disputes_share_max),
        GateInput::RecoveriesFailed => at_most(gate.recoveries_failed_share_max),
        GateInput::SupportContacts => at_most(policy.support.calling_share_max),
        GateInput::ActsFailed => at_most(gate.acts_failed_share_max),
        GateInput::Bounces => at_most(gate.bounces_share_max),
        GateInput::NoticesAccepted => accepted(finding, gate.notices_accepted_share_min),
        GateInput::Probes => refused(finding),
        GateInput::Soak => {
            let ms = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
            gauge(
                finding,
                moment::span(ms(finding.seen)),
                format!("at least {}", moment::span(ms(finding.of))),
                finding.seen as f64,
                finding.of as f64,
                true,
            )
        }
    }
}

/// Its name in a table: what the counts are of.
fn name(input: GateInput) -> &'static str {
    match input {
        GateInput::DisputesProved => "Disputes, proved, of those who came back",
        GateInput::DisputesUnproved => "Disputes, not proved",
        GateInput::OwnersHeard => "Disputes among owners heard from",
        GateInput::RecoveriesFailed => "Recoveries in vain",
        GateInput::SupportContacts => "Owners who turned to support",
        GateInput::ActsFailed => "Acts that failed",
        GateInput::Bounces => "Notices refused for good",
        GateInput::NoticesAccepted => "Notices accepted",
        GateInput::Probes => "Probe accounts refused",
        GateInput::Soak => "Time since the last act",
    }
}

fn most(finding: &Finding, limit: f64) -> Gauge {
    let share = if finding.of == 0 { 0.0 } else { finding.seen as f64 / finding.of as f64 };
    let seen = of(finding.seen, finding.of);
    gauge(finding, seen, format!("at most {}", hundredths(limit)), share, limit, false)
}

/// A share that should be near the whole is drawn as it is.
fn accepted(finding: &Finding, limit: f64) -> Gauge {
    let share = if finding.of == 0 { 1.0 } else { finding.seen as f64 / finding.of as f64 };
    let (filled, mark) = (tenths(share * 100.0), tenths(limit * 100.0));
    Gauge {
        name: name(finding.input),
        state: finding.state,
        seen: of(finding.seen, finding.of),
        limit: format!("at least {}", hundredths(limit)),
        within: filled.min(mark),
        beyond: tenths(filled - filled.min(mark)),
        mark,
        wants_more: true,
    }
}

/// Of what is tried, all: one that is not refused is enough to stop.
fn refused(finding: &Finding) -> Gauge {
    Gauge { limit: "all of them".to_owned(), ..accepted(finding, 1.0) }
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
    finding: &Finding,
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
    let (name, state) = (name(finding.input), finding.state);
    Gauge { name, state, seen, limit, within, beyond, mark, wants_more }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(input: GateInput, seen: u64, of: u64) -> Finding {
        Finding { input, state: InputState::Pass, seen, of, reason: String::new() }
    }

    #[test]
    fn a_ceiling_is_marked_at_half_and_what_is_beyond_it_is_drawn_apart() {
        let cases = [(0, 0.0, 0.0), (1, 25.0, 0.0), (2, 50.0, 0.0), (3, 50.0, 25.0), (50, 50.0, 50.0)];
        for (hits, within, beyond) in cases {
            let gauge = most(&found(GateInput::ActsFailed, hits, 100), 0.02);
            assert_eq!((gauge.within, gauge.beyond, gauge.mark), (within, beyond, 50.0), "{hits}");
        }
        assert_eq!(most(&found(GateInput::ActsFailed, 3, 100), 0.02).seen, "3 of 100 (3 %)");
    }

    #[test]
    fn nothing_seen_of_nothing_is_no_share() {
        let gauge = most(&found(GateInput::ActsFailed, 0, 0), 0.02);
        assert_eq!((gauge.seen.as_str(), gauge.within, gauge.beyond), ("0 of 0", 0.0, 0.0));
    }

    #[test]
    fn a_floor_of_nothing_is_reached() {
        let gauge = gauge(&found(GateInput::Soak, 0, 0), String::new(), String::new(), 0.0, 0.0, true);
        assert_eq!((gauge.within, gauge.beyond), (80.0, 20.0));
    }

    #[test]
    fn a_share_near_the_whole_is_drawn_as_it_is() {
        let gauge = accepted(&found(GateInput::NoticesAccepted, 90, 100), 0.95);
        assert_eq!((gauge.within, gauge.beyond, gauge.mark), (90.0, 0.0, 95.0));
    }
}
