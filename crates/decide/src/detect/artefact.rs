//! Artefacts: values that tie accounts together. Here stands what an act carries; who carries it is in `carriage`,
//! and what that says in `standing`.

use super::act::{Act, Deed, listed_urls};
use super::evasion::{all_links, hidden_links};
use super::lore::{Feature, Lore};
use super::{handle, text};
use std::collections::BTreeSet;

/// A sort of artefact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sort {
    /// Near-identical text (a band of its sketch).
    Text,
    /// The registrable domain of a link.
    Domain,
    /// The page that a link leads to.
    Page,
    /// A contact that a text gives: where to pay, to call or to write.
    Handle,
    /// An exact address.
    Address,
    /// A device.
    Device,
    /// A name that a text mentions and that is no account's here.
    Mention,
    /// An account followed, or what was liked.
    Target,
    /// A full user agent.
    Agent,
    /// A network, whatever the address in it.
    Network,
}

impl Sort {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Text,
        Self::Domain,
        Self::Page,
        Self::Handle,
        Self::Mention,
        Self::Address,
        Self::Device,
        Self::Target,
        Self::Agent,
        Self::Network,
    ];

    /// The word for it in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Domain => "domain",
            Self::Page => "page",
            Self::Handle => "contact",
            Self::Mention => "mention",
            Self::Address => "address",
            Self::Device => "device",
            Self::Target => "target",
            Self::Agent => "user_agent",
            Self::Network => "network",
        }
    }
}

/// A value of a sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Which sort.
    pub sort: Sort,
    /// The value, as a number.
    pub value: u64,
}

/// The artefacts of one act.
pub(super) fn keys(act: &Act, lore: &Lore<'_>, each: &mut impl FnMut(Key)) {
    let view = lore.view(act);
    let mut give = |sort: Sort, value: u64| {
        if value != 0 {
            each(Key { sort, value });
        }
    };
    give(Sort::Address, view.get(Feature::Address));
    give(Sort::Device, view.device);
    give(Sort::Network, view.get(Feature::Network));
    give(Sort::Agent, if view.get(Feature::Agent) == 0 { 0 } else { act.agent.index() as u64 });
    if matches!(act.deed, Deed::Follow | Deed::Like) {
        give(Sort::Target, act.object.index() as u64);
    }
    if act.deed.speaks() || act.deed == Deed::ProfileChange {
        for domain in domains(act, lore) {
            give(Sort::Domain, text::domain_key(&domain));
        }
        for page in pages(act, lore) {
            give(Sort::Page, text::page_key(&page));
        }
        if let Some(said) = lore.words.texts.get(act.text) {
            for band in text::sketch(said).into_iter().flatten() {
                give(Sort::Text, band);
            }
            for contact in handle::handles(said) {
                give(Sort::Handle, handle::handle_key(&contact));
            }
            for name in handle::mentions(said).filter(|name| !lore.is_account(name)) {
                give(Sort::Mention, handle::handle_key(&name.to_lowercase()));
            }
        }
    }
}

/// The registrable domains an act's links lead to.
#[must_use]
pub(super) fn domains(act: &Act, lore: &Lore<'_>) -> Vec<String> {
    let listed = lore.words.lists.get(act.lists).and_then(listed_urls);
    let said = lore.words.texts.get(act.text);
    // A list holds what the service took for a link: what was hidden from others was hidden from it.
    match (listed, said) {
        (Some(urls), said) => {
            let hidden = said.map(hidden_links).unwrap_or_default();
            urls.filter_map(text::domain).chain(hidden.iter().filter_map(|link| text::domain(link))).collect()
        }
        (None, Some(said)) => all_links(said).iter().filter_map(|link| text::domain(link)).collect(),
        (None, None) => Vec::new(),
    }
}

/// The pages an act's links lead to: a list of them may leave out those that are written without a scheme.
fn pages(act: &Act, lore: &Lore<'_>) -> BTreeSet<String> {
    let listed = lore.words.lists.get(act.lists).and_then(listed_urls).into_iter().flatten();
    let said = lore.words.texts.get(act.text).map(all_links).unwrap_or_default();
    listed.filter_map(text::page).chain(said.iter().filter_map(|link| text::page(link))).collect()
}

/// An artefact as people read it, from an act that carries it.
#[must_use]
pub(super) fn said(key: Key, act: &Act, lore: &Lore<'_>) -> String {
    let words = lore.words;
    match key.sort {
        Sort::Text => text::masked(words.texts.text(act.text)),
        Sort::Domain => {
            domains(act, lore).into_iter().find(|d| text::domain_key(d) == key.value).unwrap_or_default()
        }
        Sort::Page => {
            pages(act, lore).into_iter().find(|p| text::page_key(p) == key.value).unwrap_or_default()
        }
        Sort::Mention => handle::mentions(words.texts.text(act.text))
            .map(str::to_lowercase)
            .find(|name| handle::handle_key(name) == key.value)
            .unwrap_or_default(),
        Sort::Handle => handle::handles(words.texts.text(act.text))
            .into_iter()
            .find(|h| handle::handle_key(h) == key.value)
            .unwrap_or_default(),
        Sort::Address => words.ips.text(act.ip).to_owned(),
        Sort::Device => words.devices.text(act.device).to_owned(),
        Sort::Target => words.objects.text(act.object).to_owned(),
        Sort::Agent => words.agents.text(act.agent).to_owned(),
        Sort::Network if act.asn == 0 => format!("around {}", words.ips.text(act.ip)),
        Sort::Network => format!("AS{}", act.asn),
    }
}
