//! Each input of a gate halts or holds a run by itself, and its good twin goes on; waves follow from power and capacity.

#![cfg(test)]

use decide::gate::{Occasion, gate};
use decide::sequential;
use decide::waves;
use model::gate::{GateCounts, GateDecision, GateInput, InputState};
use model::policy::Policy;

const SHIPPED: &str = include_str!("../../../policy/shipped.toml");
const HOUR_MS: i64 = 3_600_000;

fn policy() -> Policy {
    Policy::parse(SHIPPED).expect("the shipped policy")
}

fn canary() -> Occasion {
    Occasion { wave: 0, accounts: 80, next: Some(120), asks_owners: true }
}

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

/// Credentials of probe accounts: how many, refused, still accepted, void.
fn probes(all: u64, refused: u64, accepted: u64, void: u64) -> GateCounts {
    GateCounts {
        probes: all,
        probes_refused: refused,
        probes_accepted: accepted,
        probes_void: void,
        ..good()
    }
}

fn state(occasion: &Occasion, counts: GateCounts, input: GateInput) -> InputState {
    let row = gate(occasion, counts, &policy());
    row.findings.iter().find(|f| f.input == input).map(|f| f.state).expect("each input is looked at")
}

#[test]
fn each_input_stops_the_run_by_itself_and_its_twin_goes_on() {
    use GateInput as I;
    use InputState::{Halt, Pass, Wait};
    assert_eq!(gate(&canary(), good(), &policy()).decision, GateDecision::Go);
    let cases = [
        (I::DisputesProved, GateCounts { disputes_proved: 4, ..good() }, Halt),
        (I::DisputesProved, GateCounts { disputes_proved: 1, ..good() }, Pass),
        (I::DisputesProved, GateCounts { disputes_proved: 2, ..good() }, Wait),
        (I::DisputesUnproved, GateCounts { disputes_unproved: 14, ..good() }, Halt),
        (I::DisputesUnproved, GateCounts { disputes_unproved: 3, ..good() }, Pass),
        (I::OwnersHeard, GateCounts { recovered: 0, ..good() }, Wait),
        (I::OwnersHeard, GateCounts { recovered: 1, disputes_unproved: 3, ..good() }, Wait),
        (I::OwnersHeard, GateCounts { recovered: 0, disputes_unproved: 18, ..good() }, Halt),
        (I::RecoveriesFailed, GateCounts { recoveries_tried: 30, recoveries_failed: 20, ..good() }, Halt),
        (I::RecoveriesFailed, GateCounts { recoveries_tried: 17, recoveries_failed: 2, ..good() }, Pass),
        (I::SupportContacts, GateCounts { support_contacts: 30, ..good() }, Halt),
        (I::SupportContacts, GateCounts { support_contacts: 6, support_contacts_today: 200, ..good() }, Wait),
        (I::SupportContacts, GateCounts { support_contacts: 6, ..good() }, Pass),
        (I::ActsFailed, GateCounts { acts_failed: 20, ..good() }, Halt),
        (I::ActsFailed, GateCounts { acts_failed: 5, ..good() }, Pass),
        (I::Bounces, GateCounts { bounces: 22, ..good() }, Halt),
        (I::Bounces, GateCounts { bounces: 3, ..good() }, Pass),
        (I::NoticesAccepted, GateCounts { notices_accepted: 75, ..good() }, Wait),
        (I::NoticesAccepted, GateCounts { notices_accepted: 76, ..good() }, Pass),
        (I::Probes, probes(3, 3, 0, 0), Pass),
        (I::Probes, probes(3, 2, 1, 0), Halt),
        (I::Probes, probes(3, 0, 1, 2), Halt),
        (I::Probes, probes(3, 2, 0, 0), Wait),
        (I::Probes, probes(3, 2, 0, 1), Wait),
        (I::Soak, GateCounts { soaked_ms: HOUR_MS - 1, ..good() }, Wait),
        (I::Soak, GateCounts { soaked_ms: HOUR_MS, ..good() }, Pass),
    ];
    for (input, counts, expected) in cases {
        let row = gate(&canary(), counts.clone(), &policy());
        assert_eq!(state(&canary(), counts, input), expected, "{input:?}: {row:#?}");
        let decision = match expected {
            Halt => GateDecision::Halt,
            Wait => GateDecision::Wait,
            Pass => GateDecision::Go,
        };
        assert_eq!(row.decision, decision, "{input:?}: {row:#?}");
    }
    let tried: std::collections::BTreeSet<GateInput> = GateInput::ALL.into_iter().collect();
    let row = gate(&canary(), good(), &policy());
    assert_eq!(row.findings.iter().map(|f| f.input).collect::<std::collections::BTreeSet<_>>(), tried);
}

#[test]
fn silence_never_passes_however_long_it_lasts() {
    let months = 90 * 24 * HOUR_MS;
    for (recovered, expected) in [(0, GateDecision::Wait), (4, GateDecision::Wait), (15, GateDecision::Go)] {
        let counts = GateCounts { recovered, recoveries_tried: recovered, soaked_ms: months, ..good() };
        let row = gate(&canary(), counts, &policy());
        assert_eq!(row.decision, expected, "{row:#?}");
        assert_eq!(row.why().contains("more owners who came back"), expected == GateDecision::Wait);
    }
}

#[test]
fn disputes_whose_proof_is_on_its_way_do_not_count_as_owners_who_are_content() {
    let counts = GateCounts { recovered: 6, disputes_unproved: 4, ..good() };
    assert_eq!(gate(&canary(), counts, &policy()).decision, GateDecision::Wait);
}

#[test]
fn after_the_last_wave_a_run_ends_with_information_or_with_the_watch() {
    let last = Occasion { next: None, ..canary() };
    let watch = policy().gate.watch_ms;
    let cases = [
        (GateCounts { recovered: 30, ..good() }, GateDecision::Go),
        (GateCounts { recovered: 12, ..good() }, GateDecision::Wait),
        (GateCounts { recovered: 0, soaked_ms: watch - 1, ..good() }, GateDecision::Wait),
        (GateCounts { recovered: 0, soaked_ms: watch, ..good() }, GateDecision::Go),
        (GateCounts { disputes_proved: 4, soaked_ms: watch, ..good() }, GateDecision::Halt),
    ];
    for (counts, expected) in cases {
        let row = gate(&last, counts, &policy());
        assert_eq!(row.decision, expected, "{row:#?}");
    }
}

#[test]
fn an_undo_and_a_brake_do_not_wait_for_owners() {
    let silent = GateCounts { recovered: 0, ..good() };
    let undo = Occasion { asks_owners: false, ..canary() };
    assert_eq!(gate(&undo, silent.clone(), &policy()).decision, GateDecision::Go);
    assert_eq!(gate(&canary(), silent, &policy()).decision, GateDecision::Wait);
}

#[test]
fn an_alarm_outweighs_a_wait() {
    let counts = GateCounts { disputes_proved: 9, soaked_ms: 0, ..good() };
    let row = gate(&canary(), counts, &policy());
    assert_eq!(row.decision, GateDecision::Halt);
    assert!(row.why().starts_with("proved disputes: 9 of 24"), "{}", row.why());
}

#[test]
fn a_larger_next_wave_asks_for_more() {
    let at = |next| state(&Occasion { next: Some(next), ..canary() }, good(), GateInput::DisputesProved);
    assert_eq!(at(120), InputState::Pass);
    assert_eq!(at(1_000), InputState::Wait);
}

#[test]
fn a_large_wave_soaks_as_long_as_the_supporters_are_at_work() {
    let soaked = |accounts, hours: i64| {
        let counts = GateCounts { soaked_ms: hours * HOUR_MS, ..good() };
        state(&Occasion { accounts, ..canary() }, counts, GateInput::Soak)
    };
    // 4000 accounts, one in twenty turns to support, which answers 200 on a day.
    assert_eq!((soaked(4_000, 24), soaked(4_000, 23)), (InputState::Pass, InputState::Wait));
    assert_eq!((soaked(80, 1), soaked(80, 0)), (InputState::Pass, InputState::Wait));
}

#[test]
fn waves_grow_with_what_is_learned_and_never_beyond_what_a_gate_can_answer_for() {
    let policy = policy();
    for accounts in [1, 79, 80, 81, 213, 5_000, 60_000] {
        let sizes = waves::sizes(accounts, &policy, true);
        assert_eq!(sizes.iter().sum::<u64>(), accounts);
        assert!(sizes[0] <= policy.run.canary_accounts && sizes.iter().all(|s| *s > 0));
        let mut done = 0;
        for pair in sizes.windows(2) {
            done += pair[0];
            // What the gate will ask for is reached by a right plan of which the expected share is heard from.
            let heard = (done as f64 * policy.gate.heard_share).floor() as u64;
            let proved = (heard as f64 * policy.gate.usual_proved_share).ceil() as u64;
            let limit = policy.gate.proved_share_stopped(pair[1]);
            let capped = limit >= policy.gate.wronged_proved_share * policy.gate.wrong_share_stopped - 1e-9;
            let shown = sequential::upper(proved, heard, policy.gate.pass_error) <= limit + 1e-5;
            assert!(shown || capped, "{accounts}: {} after {done}", pair[1]);
            assert!(pair[1] <= policy.support.accounts_per_day());
        }
    }
    let sizes = waves::sizes(60_000, &policy, true);
    assert_eq!(sizes[1], 133, "a hundred wrong ones at three quarters");
    assert!(sizes.len() > 10 && sizes[10] > 900, "{sizes:?}");
}

#[test]
fn supporters_and_the_largest_wave_bound_it_and_an_undo_is_bound_by_nothing_else() {
    let slow = Policy::parse(&SHIPPED.replace("owners_per_day = 200", "owners_per_day = 5")).unwrap();
    assert!(waves::sizes(5_000, &slow, true).iter().all(|s| *s <= 100));
    let small =
        Policy::parse(&SHIPPED.replace("wave_accounts_max = 20000", "wave_accounts_max = 90")).unwrap();
    assert!(waves::sizes(5_000, &small, true).iter().all(|s| *s <= 90));
    assert_eq!(waves::sizes(5_000, &policy(), false), [80, 4_000, 920]);
}

#[test]
fn a_probe_of_which_nobody_can_tell_is_waited_for_and_never_passed_over_but_at_the_very_end() {
    let months = 90 * 24 * HOUR_MS;
    let soaked = |counts: GateCounts, soaked_ms| GateCounts { soaked_ms, ..counts };
    let at = |counts, next| state(&Occasion { next, ..canary() }, counts, GateInput::Probes);
    let (open, void) = (|| probes(3, 2, 0, 0), || probes(3, 2, 0, 1));
    // However long it lasts, the next wave does not start on it.
    assert_eq!(at(soaked(open(), months), Some(120)), InputState::Wait);
    assert_eq!(at(soaked(void(), months), Some(120)), InputState::Wait);
    // After the last wave nothing more is started: what is open is tried again as long as the run is watched.
    let watch = policy().gate.watch_ms;
    assert_eq!(at(soaked(open(), watch - 1), None), InputState::Wait);
    assert_eq!(at(soaked(open(), watch), None), InputState::Pass);
    assert_eq!(at(void(), None), InputState::Pass);
    assert_eq!(at(soaked(probes(3, 2, 1, 0), watch), None), InputState::Halt);
    // Without a probe it passes, and says so.
    let row = gate(&canary(), good(), &policy());
    let said = row.findings.iter().find(|f| f.input == GateInput::Probes).unwrap();
    assert!(said.state == InputState::Pass && said.reason.contains("nobody tried it"), "{said:?}");
}
