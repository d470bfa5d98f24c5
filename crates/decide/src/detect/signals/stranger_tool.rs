//! `new_device`, `new_browser`: the hand's tool is one the owner never used before it came.

use super::{Case, Finding, Signal};
use crate::detect::actor::Origin;
use crate::detect::profile::Tool;

pub(super) fn find(case: &Case<'_>) -> Vec<Finding> {
    let actor = case.actor();
    if !actor.is_foreign() || actor.origin == Origin::Broken {
        return Vec::new();
    }
    let before = actor.history;
    let mut found = Vec::new();
    let expected = !case.lore.view(&case.acts[actor.first]).nameless;
    let nameless = !actor.has_device() && expected && case.folded.profile.names_devices();
    if (actor.has_device() || nameless) && actor.tool >= Tool::New {
        let what = if nameless {
            "without the device cookie that all the owner's acts carry"
        } else {
            "with a device that was never seen"
        };
        let summary = format!("came {what}, in {before} sittings before");
        found.push(Finding::novelty(Signal::NewDevice, summary, actor.first, before));
    }
    if actor.tool == Tool::Unlike || (!actor.has_device() && !nameless && actor.tool == Tool::New) {
        let summary = format!("came with a browser or application unlike any in {before} sittings before");
        found.push(Finding::novelty(Signal::NewBrowser, summary, actor.first, before));
    }
    found
}
