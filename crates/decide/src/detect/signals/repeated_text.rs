//! `repeated_text`: a stranger said nearly the same thing again and again.

use super::{Case, Finding, Signal};
use crate::detect::actor::Origin;
use crate::detect::text;
use std::collections::HashMap;

const TIMES_MIN: usize = 4;

pub(super) fn find(case: &Case<'_>) -> Option<Finding> {
    // An outburst is told by its own signal.
    if !case.actor().is_doubtful() || matches!(case.actor().origin, Origin::Outburst(_)) {
        return None;
    }
    let mut bands: HashMap<u64, Vec<usize>> = HashMap::new();
    for (at, act) in case.own_acts().filter(|(_, act)| act.deed.speaks()) {
        for band in case.lore.words.texts.get(act.text).and_then(text::sketch).into_iter().flatten() {
            bands.entry(band).or_default().push(at);
        }
    }
    let most = bands.into_values().max_by(|a, b| a.len().cmp(&b.len()).then_with(|| b.cmp(a)))?;
    if most.len() < TIMES_MIN {
        return None;
    }
    let summary = format!("said nearly the same {} times", most.len());
    Some(Finding::new(Signal::RepeatedText, summary, most))
}
