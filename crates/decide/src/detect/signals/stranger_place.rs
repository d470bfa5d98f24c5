//! `new_network`, `new_country`, `new_neighbourhood`: the hand came from where the owner never was.

use super::{Case, Finding, Signal};
use crate::detect::actor::Origin;
use crate::detect::profile::Distance;

pub(super) fn find(case: &Case<'_>) -> Vec<Finding> {
    let actor = case.actor();
    if actor.is_unsure() {
        let summary =
            "came without a known device from a neighbourhood of the owner's network that was never used"
                .to_owned();
        return vec![Finding::novelty(Signal::NewNeighbourhood, summary, actor.first, actor.history)];
    }
    if !actor.is_doubtful() || actor.origin == Origin::Broken || actor.distance < Distance::Network {
        return Vec::new();
    }
    let before = actor.history;
    let act = &case.acts[actor.first];
    let network = match act.asn {
        0 => String::new(),
        asn => format!(" (AS{asn})"),
    };
    let summary =
        format!("came from a network{network} that the account never used in {before} sittings before");
    let mut found = vec![Finding::novelty(Signal::NewNetwork, summary, actor.first, before)];
    if actor.distance == Distance::Country {
        let country = case.lore.words.names.text(act.country);
        let summary = format!("came from a country ({country}) that the account never was used from");
        found.push(Finding::novelty(Signal::NewCountry, summary, actor.first, before));
    }
    found
}
