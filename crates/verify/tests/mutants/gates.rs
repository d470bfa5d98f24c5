//! The gates: what each input alone stops. Without that input the gate says go, so no other one would have.

use decide::gate::{Occasion, by, gate};
use model::gate::{GateCounts, GateDecision, GateInput};
use model::policy::Policy;

const SHIPPED: &str = include_str!("../../../../policy/shipped.toml");
const HOUR_MS: i64 = 3_600_000;

fn canary() -> Occasion {
    Occasion { wave: 0, accounts: 80, next: Some(120), asks_owners: true }
}

/// A wave of which nothing speaks against the next.
fn good() -> GateCounts {
    GateCounts {
        contained: 80,
        acts: 240,
        notices: 80,
        notices_accepted: 80,
        recovered: 15,
        recoveries_tried: 15,
        soaked_ms: 2 * 24 * HOUR_MS,
        ..GateCounts::default()
    }
}

/// For each input what only that one stops. An input without a case does not build.
fn case(input: GateInput) -> GateCounts {
    match input {
        GateInput::DisputesProved => GateCounts { disputes_proved: 2, ..good() },
        GateInput::DisputesUnproved => {
            GateCounts { disputes_unproved: 20, recovered: 60, recoveries_tried: 60, ..good() }
        }
        GateInput::OwnersHeard => {
            GateCounts { recovered: 9, recoveries_tried: 9, disputes_unproved: 5, ..good() }
        }
        GateInput::RecoveriesFailed => GateCounts { recoveries_tried: 30, recoveries_failed: 20, ..good() },
        GateInput::SupportContacts => GateCounts { support_contacts: 30, ..good() },
        GateInput::ActsFailed => GateCounts { acts_failed: 20, ..good() },
        GateInput::Bounces => GateCounts { bounces: 22, ..good() },
        GateInput::NoticesAccepted => GateCounts { notices_accepted: 75, ..good() },
        GateInput::Probes => GateCounts { probes: 3, probes_refused: 2, probes_accepted: 1, ..good() },
        GateInput::Soak => GateCounts { soaked_ms: HOUR_MS - 1, ..good() },
    }
}

#[test]
fn each_input_stops_what_no_other_does() {
    let policy = Policy::parse(SHIPPED).expect("the shipped policy");
    assert_eq!(gate(&canary(), good(), &policy).decision, GateDecision::Go, "the twin goes on");
    for input in GateInput::ALL {
        let row = gate(&canary(), case(input), &policy);
        assert_ne!(row.decision, GateDecision::Go, "{input:?} stops nothing: {row:#?}");
        let others: Vec<GateInput> = GateInput::ALL.into_iter().filter(|i| *i != input).collect();
        let without = by(&others, &canary(), case(input), &policy);
        assert_eq!(without.decision, GateDecision::Go, "{input:?}: another stops it too: {without:#?}");
    }
}
