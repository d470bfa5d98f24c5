//! One sign-in at a time: what its novelty alone would weigh if it began a hand of its own, on services that tell of
//! nothing but sign-ins. For measurements: no verdict comes of it, since novelty alone never makes one. It follows no
//! hands, so that what the fold learns later (a stranger who comes home) is not in it.

use super::actor::{Actor, Origin};
use super::lore::{Feature, View};
use super::place::{Place, agent_family};
use super::profile::{Distance, Profile, Tool};
use super::signals::{Signal, after};
use super::words::hash64;
use model::id::Millis;

/// A sign-in that was let in; empty texts and 0 are unknown.
#[derive(Clone, Copy, Debug)]
pub struct SignIn<'a> {
    /// When.
    pub time: Millis,
    /// From which address.
    pub ip: &'a str,
    /// In which network.
    pub asn: u32,
    /// In which country.
    pub country: &'a str,
    /// With which browser.
    pub user_agent: &'a str,
}

/// What is known of an owner from the sign-ins before; of bounded size.
#[derive(Clone, Debug, Default)]
pub struct Owner {
    profile: Profile,
}

impl Owner {
    /// What the signals of novelty add to the log-odds; none while there is too little history to call anything new.
    #[must_use]
    pub fn novelty(&self, sign_in: &SignIn<'_>) -> Option<f64> {
        if !self.profile.is_established(sign_in.time) {
            return None;
        }
        let view = view(sign_in);
        let mut actor = Actor::new(Origin::Arrived, 0, sign_in.time);
        actor.distance = self.profile.distance(&view);
        actor.tool = self.profile.tool(&view);
        if !actor.is_foreign() {
            return Some(0.0);
        }
        let found = [
            (actor.distance >= Distance::Network, Signal::NewNetwork),
            (actor.distance == Distance::Country, Signal::NewCountry),
            (actor.tool >= Tool::New, Signal::NewBrowser),
        ];
        let weight: f64 = found.iter().filter(|(is_new, _)| *is_new).map(|(_, signal)| signal.weight()).sum();
        Some(weight * after(self.profile.sittings()))
    }

    /// Takes a sign-in for the owner's.
    pub fn learn(&mut self, sign_in: &SignIn<'_>) {
        self.profile.learn(&view(sign_in), sign_in.time);
    }
}

fn view(sign_in: &SignIn<'_>) -> View {
    let place = if sign_in.ip.is_empty() { Place::default() } else { Place::of(sign_in.ip) };
    let network = match sign_in.asn {
        0 => place.region,
        asn => hash64(&asn.to_le_bytes(), 7),
    };
    let country = if sign_in.country.is_empty() { 0 } else { hash64(sign_in.country.as_bytes(), 12) };
    let mut view = View::default();
    for (feature, value) in [
        (Feature::Address, place.line),
        (Feature::Prefix, place.prefix),
        (Feature::Network, network),
        (Feature::Country, country),
        (Feature::Agent, agent_family(sign_in.user_agent)),
    ] {
        view.values[feature as usize] = value;
    }
    view
}
