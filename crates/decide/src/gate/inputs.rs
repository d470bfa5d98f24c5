//! What a gate finds in each of its inputs: the count, what it says, and why, with what remains.

use super::Occasion;
use crate::sequential;
use model::gate::{Finding, GateCounts, GateInput, InputState};
use model::policy::Policy;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: f64 = 86_400_000.0;

type Said = (InputState, String);

/// Looks at one input.
pub(super) fn look(input: GateInput, at: &Occasion, counts: &GateCounts, policy: &Policy) -> Finding {
    let gate = &policy.gate;
    let alarm = |seen, of, limit| over(input, seen, of, limit, gate.alarm_error);
    let (seen, of, (state, reason)) = match input {
        GateInput::DisputesProved => {
            let (seen, of) = (counts.disputes_proved, counts.judged());
            let alarm = alarm(seen, of, gate.disputes_proved_share_max);
            (seen, of, or_unknown(alarm, proved(at, counts, policy)))
        }
        GateInput::DisputesUnproved => {
            let (seen, of) = (counts.disputes_unproved, counts.contained);
            (seen, of, alarm(seen, of, gate.disputes_unproved_share_max))
        }
        GateInput::OwnersHeard => {
            let (seen, of) = (counts.disputes(), counts.heard());
            let alarm = alarm(seen, of, gate.heard_disputes_share_max);
            (seen, of, or_unknown(alarm, heard(at, counts, policy)))
        }
        GateInput::RecoveriesFailed => {
            let (seen, of) = (counts.recoveries_failed, counts.recoveries_tried);
            (seen, of, alarm(seen, of, gate.recoveries_failed_share_max))
        }
        GateInput::SupportContacts => {
            let (seen, of) = (counts.support_contacts, counts.contained);
            let alarm = alarm(seen, of, policy.support.calling_share_max);
            (seen, of, or_unknown(alarm, supporters(counts, policy)))
        }
        GateInput::ActsFailed => {
            let (seen, of) = (counts.acts_failed, counts.acts);
            (seen, of, alarm(seen, of, gate.acts_failed_share_max))
        }
        GateInput::Bounces => {
            let (seen, of) = (counts.bounces, counts.notices);
            (seen, of, alarm(seen, of, gate.bounces_share_max))
        }
        GateInput::NoticesAccepted => (counts.notices_accepted, counts.notices, notices(counts, policy)),
        GateInput::Probes => (counts.probes_refused, counts.probes, probes(at, counts, policy)),
        GateInput::Soak => {
            let needed_ms = soak_ms(at, policy);
            let soaked = u64::try_from(counts.soaked_ms).unwrap_or_default();
            (soaked, u64::try_from(needed_ms).unwrap_or_default(), soak(counts, needed_ms))
        }
    };
    Finding { input, state, seen, of, reason }
}

/// The time that a wave must soak, ms: the policy's, or as long as the supporters are at work on those who call.
pub(super) fn soak_ms(at: &Occasion, policy: &Policy) -> i64 {
    let calls = at.accounts as f64 * policy.support.calling_share;
    let days = calls / policy.support.owners_per_day as f64;
    policy.gate.soak_min_ms.max((days * DAY_MS) as i64)
}

/// An alarm outweighs what is not known yet.
fn or_unknown(alarm: Said, information: Said) -> Said {
    match alarm.0 {
        InputState::Halt => alarm,
        InputState::Pass | InputState::Wait => information,
    }
}

/// Halts where a share surely exceeds its limit.
fn over(input: GateInput, seen: u64, of: u64, limit: f64, error: f64) -> Said {
    let halts = sequential::exceeds(seen, of, limit, error);
    let verb = if halts { "surely more than" } else { "not surely more than" };
    let text = format!("{}: {seen} of {of}, {verb} the {:.1} % allowed", input.title(), limit * 100.0);
    (if halts { InputState::Halt } else { InputState::Pass }, text)
}

/// Whether a plan as wrong as the policy stops is excluded by the owners who came back.
fn proved(at: &Occasion, counts: &GateCounts, policy: &Policy) -> Said {
    let gate = &policy.gate;
    let (hits, of) = (counts.disputes_proved, counts.judged());
    let seen = format!("proved disputes: {hits} of {of} owners who came back or proved it");
    if !at.asks_owners {
        return (InputState::Pass, format!("{seen}; owners are not waited for"));
    }
    let limit = at.next.map_or(gate.proved_share_watched(), |next| gate.proved_share_stopped(next));
    let wrong = (limit / gate.wronged_proved_share * 100.0).floor();
    let aim = format!("that {wrong} % of the plan are wrong");
    if sequential::is_below(hits, of, limit, gate.pass_error) {
        return (InputState::Pass, format!("{seen}: {aim} is excluded"));
    }
    let more = remaining(sequential::needed(hits, limit, gate.pass_error), of);
    match at.next {
        Some(next) => (
            InputState::Wait,
            format!("{seen}: {aim} is not excluded yet, and the next wave has {next} accounts; {more}"),
        ),
        // Nothing is let through here: nothing more is started. The alarms were given their time.
        None if counts.soaked_ms >= gate.watch_ms => (
            InputState::Pass,
            format!("{seen}: {aim} was never excluded; nothing more is started, and the watch is over"),
        ),
        None => (
            InputState::Wait,
            format!(
                "{seen}: {aim} is not excluded yet; nothing more is started, the run is watched for {} more hours, or less: {more}",
                (gate.watch_ms - counts.soaked_ms) / MINUTE_MS / 60
            ),
        ),
    }
}

/// Whether it is excluded that most of those heard from dispute, with proof or without.
fn heard(at: &Occasion, counts: &GateCounts, policy: &Policy) -> Said {
    let gate = &policy.gate;
    let (hits, of, limit) = (counts.disputes(), counts.heard(), gate.heard_disputes_share_max);
    let seen = format!("owners heard from: {of}, of whom {hits} dispute");
    if !at.asks_owners {
        return (InputState::Pass, format!("{seen}; owners are not waited for"));
    }
    let aim = format!("that {:.0} % of them dispute", limit * 100.0);
    if sequential::is_below(hits, of, limit, gate.pass_error) {
        return (InputState::Pass, format!("{seen}: {aim} is excluded"));
    }
    if at.next.is_none() {
        return (InputState::Pass, format!("{seen}: {aim} is not excluded; nothing more is started"));
    }
    let more = remaining(sequential::needed(hits, limit, gate.pass_error), of);
    (InputState::Wait, format!("{seen}: {aim} is not excluded yet; {more}"))
}

fn remaining(needed: Option<u64>, known: u64) -> String {
    needed.map_or_else(
        || "no number of answers would do".to_owned(),
        |needed| {
            format!("{} more owners who came back and dispute nothing would do", needed.saturating_sub(known))
        },
    )
}

/// Whether the supporters are through with today's.
fn supporters(counts: &GateCounts, policy: &Policy) -> Said {
    let (today, most) = (counts.support_contacts_today, policy.support.owners_per_day);
    let text = format!(
        "support contacts: {} of {} contained, {today} in the last day (support answers {most} on a day)",
        counts.support_contacts, counts.contained
    );
    (if today >= most { InputState::Wait } else { InputState::Pass }, text)
}

fn notices(counts: &GateCounts, policy: &Policy) -> Said {
    let needed = policy.gate.notices_accepted_share_min;
    let share =
        if counts.notices == 0 { 1.0 } else { counts.notices_accepted as f64 / counts.notices as f64 };
    let text = format!(
        "notices accepted: {} of {} ({:.1} %, needed {:.1} %)",
        counts.notices_accepted,
        counts.notices,
        share * 100.0,
        needed * 100.0
    );
    (if share < needed { InputState::Wait } else { InputState::Pass }, text)
}

/// Whether what was revoked is refused where it was really tried. One that is still accepted outweighs everything: what
/// the service says of the others' credentials is worth no more.
fn probes(at: &Occasion, counts: &GateCounts, policy: &Policy) -> Said {
    let GateCounts { probes, probes_refused, probes_accepted, probes_void, .. } = *counts;
    if probes_accepted > 0 {
        let text = format!(
            "probe accounts: {probes_accepted} of {probes} credentials still open an account of ours, though the service \
             said of each act that it was done"
        );
        return (InputState::Halt, text);
    }
    if probes == 0 {
        let text = "probe accounts: none; what was revoked is confirmed gone, and nobody tried it";
        return (InputState::Pass, text.to_owned());
    }
    let seen = format!("probe accounts: {probes_refused} of {probes} credentials are refused");
    let open = probes.saturating_sub(probes_refused + probes_void);
    if open + probes_void == 0 {
        return (InputState::Pass, seen);
    }
    let mut why = Vec::new();
    if open > 0 {
        why.push(format!("of {open} it can't be told yet, and they are tried again"));
    }
    if probes_void > 0 {
        why.push(format!(
            "{probes_void} prove nothing in this run: draft what is left again, with probes armed anew (rightful probe add)"
        ));
    }
    let text = format!("{seen}; {}", why.join("; "));
    // After the last wave nothing is let through: what can prove nothing is not waited for, nor is the rest for ever.
    let is_over = at.next.is_none() && (open == 0 || counts.soaked_ms >= policy.gate.watch_ms);
    (if is_over { InputState::Pass } else { InputState::Wait }, text)
}

fn soak(counts: &GateCounts, needed_ms: i64) -> Said {
    let text = format!(
        "soak: {} of {} minutes since the wave's last act and notice",
        counts.soaked_ms / MINUTE_MS,
        needed_ms / MINUTE_MS
    );
    (if counts.soaked_ms < needed_ms { InputState::Wait } else { InputState::Pass }, text)
}
