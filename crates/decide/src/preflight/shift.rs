//! Whether what is held against members is only what came to everybody at once.

use super::{Check, Ground, Report, Severity, percent};
use model::event::Event;
use model::id::AppId;
use model::note::Sure;
use model::verdict::{Hand, Shift, Timeline};
use std::collections::BTreeSet;

/// A verdict rests on a shift where every act of the intruder carries its value, and nothing else about these acts is
/// new to the account.
pub(super) fn shifts(ground: &Ground<'_>, report: &mut Report) {
    for shift in &ground.basis.summary.shifts {
        let members = ground.entries().iter();
        let resting =
            members.filter(|e| ground.timelines.get(&e.account).is_some_and(|t| rests_on(t, shift))).count();
        let share = ground.share(resting);
        // A twentieth, as the policy's lists: a few victims may have been attacked on the day the proxy broke.
        let bad = share > ground.basis.policy.cohort.list_left_out_share_max;
        report.say(
            Check::Shift,
            if bad { Severity::Refuse } else { Severity::Info },
            Sure::Exact,
            format!(
                "{} {:?} came to {} accounts ({}) at once: the service's own doing; for {resting} members ({}) nothing \
                 else about the intruder's acts is new",
                shift.feature,
                shift.value,
                shift.accounts,
                percent(shift.share),
                percent(share)
            ),
            "a verdict that rests on a change of the service itself is no verdict; hunt again without it",
        );
    }
}

fn rests_on(timeline: &Timeline, shift: &Shift) -> bool {
    let by = |hand: Hand| timeline.moments.iter().filter(move |m| m.hand == hand).map(|m| &m.event);
    let owners: BTreeSet<(&str, String)> = by(Hand::Owner).flat_map(features).collect();
    let carries =
        |e: &Event| features(e).iter().any(|(name, value)| *name == shift.feature && *value == shift.value);
    let is_new = |e: &Event| {
        features(e)
            .iter()
            .any(|(name, value)| *name != shift.feature && !owners.contains(&(*name, value.clone())))
    };
    let mut acts = by(Hand::Intruder).peekable();
    acts.peek().is_some() && acts.all(|e| carries(e) && !is_new(e))
}

/// What an act came through, by the names that shifts use.
fn features(event: &Event) -> Vec<(&'static str, String)> {
    let text = |name, value: Option<&str>| value.map(|v| (name, v.to_owned()));
    [
        text("address", event.ip.as_deref()),
        text("app", event.app.as_ref().map(AppId::as_str)),
        text("user_agent", event.user_agent.as_deref()),
        text("country", event.country.as_deref()),
        text("device", event.device.as_deref()),
        event.asn.map(|asn| ("asn", asn.to_string())),
        event
            .ip
            .as_deref()
            .and_then(|ip| ip.rsplit_once('.'))
            .map(|(head, _)| ("network", format!("{head}.0/24"))),
    ]
    .into_iter()
    .flatten()
    .collect()
}
