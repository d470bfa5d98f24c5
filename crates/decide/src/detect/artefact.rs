//! Artefacts: values that tie accounts together. Here stands what an act carries; who carries it is in `carriage`,
//! and what that says in `standing`.

use super::act::{Act, Deed, listed_urls};
use super::evasion::hidden_links;
use super::lore::{Feature, Lore, View};
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
    keys_of_machine(act, &lore.view(act), each);
    keys_of_deed(act, lore, each);
}

/// What an act carries by the machine that it comes from.
pub(super) fn keys_of_machine(act: &Act, view: &View, each: &mut impl FnMut(Key)) {
    let agent = if view.get(Feature::Agent) == 0 { 0 } else { act.agent.index() as u64 };
    let of = [
        (Sort::Address, view.get(Feature::Address)),
        (Sort::Device, view.device),
        (Sort::Network, view.get(Feature::Network)),
        (Sort::Agent, agent),
    ];
    for (sort, value) in of {
        if value != 0 {
            each(Key { sort, value });
        }
    }
}

/// What an act carries by what it says or takes up.
pub(super) fn keys_of_deed(act: &Act, lore: &Lore<'_>, each: &mut impl FnMut(Key)) {
    let mut give = |sort: Sort, value: u64| {
        if value != 0 {
            each(Key { sort, value });
        }
    };
    if matches!(act.deed, Deed::Follow | Deed::Like) {
        give(Sort::Target, act.object.index() as u64);
    }
    if act.deed.speaks() || act.deed == Deed::ProfileChange {
        let links = Links::of(act, lore);
        for domain in links.domains() {
            give(Sort::Domain, text::domain_key(&domain));
        }
        for page in links.pages() {
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

/// The links of an act: listed, written, and hidden in its text.
struct Links<'a> {
    listed: Option<Vec<&'a str>>,
    open: Vec<&'a str>,
    hidden: Vec<String>,
}

impl<'a> Links<'a> {
    fn of(act: &Act, lore: &Lore<'a>) -> Self {
        let words = lore.words;
        let said = words.texts.get(act.text).unwrap_or_default();
        Self {
            listed: words.lists.get(act.lists).and_then(listed_urls).map(Iterator::collect),
            open: text::links(said).collect(),
            hidden: hidden_links(said),
        }
    }

    fn listed(&self) -> impl Iterator<Item = &str> {
        self.listed.iter().flatten().copied()
    }

    fn hidden(&self) -> impl Iterator<Item = &str> {
        self.hidden.iter().map(String::as_str)
    }

    /// Where they lead. A list holds what the service took for a link: what was hidden from others was hidden from it.
    fn domains(&self) -> impl Iterator<Item = String> {
        let open = self.open.iter().copied().filter(|_| self.listed.is_none());
        self.listed().chain(open).chain(self.hidden()).filter_map(text::domain)
    }

    /// The pages they lead to: a list may leave out those that are written without a scheme.
    fn pages(&self) -> BTreeSet<String> {
        let open = self.open.iter().copied();
        self.listed().chain(open).chain(self.hidden()).filter_map(text::page).collect()
    }
}

/// The registrable domains an act's links lead to.
#[must_use]
pub(super) fn domains(act: &Act, lore: &Lore<'_>) -> Vec<String> {
    Links::of(act, lore).domains().collect()
}

/// The hosts that an act's links lead to.
#[must_use]
pub(super) fn hosts(act: &Act, lore: &Lore<'_>) -> Vec<String> {
    let links = Links::of(act, lore);
    let open = links.open.iter().copied();
    links.listed().chain(open).chain(links.hidden()).filter_map(text::host).collect()
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
            let pages = Links::of(act, lore).pages();
            pages.into_iter().find(|p| text::page_key(p) == key.value).unwrap_or_default()
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
