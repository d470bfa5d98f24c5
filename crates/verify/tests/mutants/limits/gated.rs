//! What a gate asks for, and how waves follow from it.

use super::{Row, base, decided, together};
use decide::gate::{Occasion, by};
use decide::{sequential, waves};
use model::gate::{GateCounts, GateDecision, GateInput};
use model::policy::Policy;

const HOUR_MS: i64 = 3_600_000;

pub(crate) const ROWS: &[Row] = &[
    decided("gate.soak_min_ms", (HOUR_MS - 1) as f64, |p| {
        stops(p, GateInput::Soak, &canary(), GateCounts { soaked_ms: HOUR_MS - 1, ..counts() })
    }),
    decided("gate.watch_ms", (14 * 24 * HOUR_MS - 1) as f64, |p| {
        let silent = GateCounts { soaked_ms: 14 * 24 * HOUR_MS - 1, ..counts() };
        stops(p, GateInput::DisputesProved, &last(), silent)
    }),
    decided("gate.notices_accepted_share_min", 0.9, |p| {
        stops(p, GateInput::NoticesAccepted, &canary(), GateCounts { notices_accepted: 75, ..counts() })
    }),
    decided("gate.disputes_proved_share_max", 0.3, |p| {
        let proved = GateCounts { recovered: 100, disputes_proved: 14, ..counts() };
        stops(p, GateInput::DisputesProved, &canary(), proved)
    }),
    decided("gate.disputes_unproved_share_max", 0.5, |p| {
        stops(p, GateInput::DisputesUnproved, &canary(), GateCounts { disputes_unproved: 24, ..counts() })
    }),
    decided("gate.heard_disputes_share_max", 0.95, |p| {
        let disputing = GateCounts { recovered: 30, disputes_unproved: 50, ..counts() };
        stops(p, GateInput::OwnersHeard, &canary(), disputing)
    }),
    together("alarm", "gate.recoveries_failed_share_max", 0.9, |p| halts_in_vain(p, 20)),
    decided("gate.acts_failed_share_max", 0.5, |p| {
        stops(p, GateInput::ActsFailed, &canary(), GateCounts { acts_failed: 24, ..counts() })
    }),
    decided("gate.bounces_share_max", 0.6, |p| {
        stops(p, GateInput::Bounces, &canary(), GateCounts { bounces: 28, ..counts() })
    }),
    together("alarm", "gate.alarm_error", 0.01, |p| {
        // The fewest that halt where the limit is just met once in twenty.
        let fewest = (0..=30).find(|k| sequential::exceeds(*k, 30, 0.3, 0.05)).unwrap_or(30);
        halts_in_vain(p, fewest)
    }),
    together("power", "gate.pass_error", 0.5, |p| is_not_excluded(p, 120, 0.375)),
    together("power", "gate.wrong_share_stopped", 0.99, |p| is_not_excluded(p, 1, 0.375)),
    together("power", "gate.wrong_share_watched", 0.6, |p| {
        let heard = almost(0.15);
        stops(p, GateInput::DisputesProved, &last(), GateCounts { recovered: heard, ..counts() })
    }),
    together("power", "gate.wrong_accounts_max", 500.0, |p| is_not_excluded(p, 1_000, 0.05)),
    together("power", "gate.wronged_proved_share", 0.9, |p| is_not_excluded(p, 120, 0.375)),
    together("power", "gate.usual_proved_share", 0.0, next_is_small),
    together("power", "gate.heard_share", 0.5, next_is_small),
    decided("support.owners_per_day", 201.0, |p| {
        let busy = GateCounts { support_contacts: 2, support_contacts_today: 200, ..counts() };
        stops(p, GateInput::SupportContacts, &canary(), busy)
    }),
    decided("support.calling_share", 0.04, |p| {
        let large = Occasion { accounts: 4_000, ..canary() };
        stops(p, GateInput::Soak, &large, GateCounts { soaked_ms: 23 * HOUR_MS, ..counts() })
    }),
    decided("support.calling_share_max", 0.9, |p| {
        stops(p, GateInput::SupportContacts, &canary(), GateCounts { support_contacts: 40, ..counts() })
    }),
    decided("run.canary_accounts", 81.0, |p| waves::sizes(5_000, p, true)[0] <= 80),
    decided("run.wave_accounts_max", 3_001.0, |p| waves::sizes(5_000, p, false)[1] <= 3_000),
];

fn canary() -> Occasion {
    Occasion { wave: 0, accounts: 80, next: Some(120), asks_owners: true }
}

fn last() -> Occasion {
    Occasion { next: None, ..canary() }
}

fn counts() -> GateCounts {
    GateCounts {
        contained: 80,
        acts: 240,
        notices: 80,
        notices_accepted: 80,
        soaked_ms: 2 * 24 * HOUR_MS,
        ..GateCounts::default()
    }
}

fn stops(policy: &Policy, input: GateInput, at: &Occasion, counts: GateCounts) -> bool {
    by(&[input], at, counts, policy).decision != GateDecision::Go
}

fn halts_in_vain(policy: &Policy, failed: u64) -> bool {
    let counts = GateCounts { recoveries_tried: 30, recoveries_failed: failed, ..counts() };
    stops(policy, GateInput::RecoveriesFailed, &canary(), counts)
}

/// One owner fewer than would exclude a share of proved disputes.
fn almost(share: f64) -> u64 {
    sequential::needed(0, share, 0.05).unwrap_or_default() - 1
}

/// Whether a wave of so many waits where one owner fewer was heard from than would exclude this share.
fn is_not_excluded(policy: &Policy, next: u64, share: f64) -> bool {
    let at = Occasion { next: Some(next), ..canary() };
    stops(policy, GateInput::DisputesProved, &at, GateCounts { recovered: almost(share), ..counts() })
}

/// Whether the wave after two thousand is no larger than under the shipped figures.
fn next_is_small(policy: &Policy) -> bool {
    waves::after(2_000, policy, true) <= waves::after(2_000, &base(), true)
}
