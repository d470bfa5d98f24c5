//! The signals, one a file: each looks at one hand of one account and says what it found, or nothing. Here stand
//! their names and families; their weights stand in `weights`, and the summary of every hunt repeats them.

mod app_harm;
mod broken_session;
mod burst;
mod known_stranger;
mod locked_out;
mod mass_follow;
mod named;
mod owner_gone;
mod repeated_text;
mod shared;
mod stranger_place;
mod stranger_tool;
mod stuffing_machine;
mod taken_down;
mod takeover;
mod unlike_owner;
mod weights;

use super::act::Act;
use super::actor::Actor;
use super::artefact::Key;
use super::burden::Burden;
use super::calibration::Calibration;
use super::entry::Failures;
use super::fold::Folded;
use super::intelligence::Intelligence;
use super::lore::Lore;
use super::standing::Artefacts;
use model::id::Millis;
use model::verdict::Family;

pub(super) use shared::carried;
pub use weights::PRIOR;

/// A rule that may find something about a hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each is documented in its file")]
pub enum Signal {
    NewDevice,
    NewBrowser,
    NewNetwork,
    NewCountry,
    NewNeighbourhood,
    BrokenSession,
    TwoHands,
    UnlikeOwner,
    KnownStranger,
    ForeignApp,
    DisownedApp,
    SharedApp,
    SharedText,
    SharedDomain,
    SharedPage,
    SharedContact,
    SharedAddress,
    SharedDevice,
    SharedTarget,
    SharedTool,
    SharedNetwork,
    StuffingMachine,
    NearStuffer,
    Takeover,
    FullTakeover,
    LockedOut,
    OwnerGone,
    OwnerQuiet,
    TakenDown,
    RepeatedText,
    Burst,
    MassFollow,
    BadDomain,
    BadAddress,
    LeakedCredential,
}

impl Signal {
    /// All of them.
    pub const ALL: [Self; 35] = [
        Self::NewDevice,
        Self::NewBrowser,
        Self::NewNetwork,
        Self::NewCountry,
        Self::NewNeighbourhood,
        Self::BrokenSession,
        Self::TwoHands,
        Self::UnlikeOwner,
        Self::KnownStranger,
        Self::ForeignApp,
        Self::DisownedApp,
        Self::SharedApp,
        Self::SharedText,
        Self::SharedDomain,
        Self::SharedPage,
        Self::SharedContact,
        Self::SharedAddress,
        Self::SharedDevice,
        Self::SharedTarget,
        Self::SharedTool,
        Self::SharedNetwork,
        Self::StuffingMachine,
        Self::NearStuffer,
        Self::Takeover,
        Self::FullTakeover,
        Self::LockedOut,
        Self::OwnerGone,
        Self::OwnerQuiet,
        Self::TakenDown,
        Self::RepeatedText,
        Self::Burst,
        Self::MassFollow,
        Self::BadDomain,
        Self::BadAddress,
        Self::LeakedCredential,
    ];

    /// The name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.facts().0
    }

    /// The family it belongs to.
    #[must_use]
    pub fn family(self) -> Family {
        self.facts().1
    }

    /// The most that it adds to the log-odds.
    #[must_use]
    pub fn weight(self) -> f64 {
        weights::weight(self)
    }

    fn facts(self) -> (&'static str, Family) {
        match self {
            Self::NewDevice => ("new_device", Family::Novelty),
            Self::NewBrowser => ("new_browser", Family::Novelty),
            Self::NewNetwork => ("new_network", Family::Novelty),
            Self::NewCountry => ("new_country", Family::Novelty),
            Self::NewNeighbourhood => ("new_neighbourhood", Family::Novelty),
            Self::BrokenSession => ("broken_session", Family::Novelty),
            Self::TwoHands => ("two_hands", Family::Entry),
            Self::UnlikeOwner => ("unlike_owner", Family::Novelty),
            Self::KnownStranger => ("known_stranger", Family::Novelty),
            Self::ForeignApp => ("foreign_app", Family::Novelty),
            Self::DisownedApp => ("disowned_app", Family::Abuse),
            Self::SharedApp => ("shared_app", Family::Campaign),
            Self::SharedText => ("shared_text", Family::Campaign),
            Self::SharedDomain => ("shared_domain", Family::Campaign),
            Self::SharedPage => ("shared_page", Family::Campaign),
            Self::SharedContact => ("shared_contact", Family::Campaign),
            Self::SharedAddress => ("shared_address", Family::Campaign),
            Self::SharedDevice => ("shared_device", Family::Campaign),
            Self::SharedTarget => ("shared_target", Family::Campaign),
            Self::SharedTool => ("shared_tool", Family::Campaign),
            Self::SharedNetwork => ("shared_network", Family::Campaign),
            Self::StuffingMachine => ("stuffing_machine", Family::Entry),
            Self::NearStuffer => ("near_stuffer", Family::Entry),
            Self::Takeover => ("takeover", Family::Takeover),
            Self::FullTakeover => ("full_takeover", Family::Takeover),
            Self::LockedOut => ("locked_out", Family::Takeover),
            Self::OwnerGone => ("owner_gone", Family::Takeover),
            Self::OwnerQuiet => ("owner_quiet", Family::Takeover),
            Self::TakenDown => ("taken_down", Family::Abuse),
            Self::RepeatedText => ("repeated_text", Family::Abuse),
            Self::Burst => ("burst", Family::Abuse),
            Self::MassFollow => ("mass_follow", Family::Abuse),
            Self::BadDomain => ("bad_domain", Family::Intelligence),
            Self::BadAddress => ("bad_address", Family::Intelligence),
            Self::LeakedCredential => ("leaked_credential", Family::Intelligence),
        }
    }
}

/// Sittings of the owner's after which what is new weighs in full.
const SITTINGS_FULL: f64 = 3.0;

/// What of a novelty's weight counts after so many sittings of the owner's, 0 to 1. Of an owner who was seen `n` times
/// the next sitting shows something new with a chance of about `1 / (n + 1)` (Laplace's rule of succession), so that
/// the log-odds of a stranger grow with `ln (n + 1)`.
pub(super) fn after(sittings: u32) -> f64 {
    (f64::from(sittings).ln_1p() / SITTINGS_FULL.ln_1p()).min(1.0)
}

/// One hand of one account, with all there is to judge it by.
pub struct Case<'a> {
    /// The account's acts, sorted.
    pub acts: &'a [Act],
    /// What the fold made of them.
    pub folded: &'a Folded,
    /// The hand in question.
    pub hand: u8,
    /// What is known of values.
    pub lore: &'a Lore<'a>,
    /// What ties accounts together.
    pub artefacts: &'a Artefacts,
    /// What of the acts speaks for strangers.
    pub burden: &'a Burden,
    /// Machines that failed on many.
    pub failures: &'a Failures,
    /// The input's last moment, ms.
    pub end: Millis,
    /// Applications that did harm across accounts.
    pub apps: &'a super::apps::Apps,
    /// What others say of domains, addresses and accounts.
    pub intelligence: &'a Intelligence,
    /// How log-odds are corrected.
    pub calibration: Calibration,
}

impl Case<'_> {
    /// The hand.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.folded.actors[usize::from(self.hand)]
    }

    /// Its acts with their places.
    pub fn own_acts(&self) -> impl Iterator<Item = (usize, &Act)> {
        self.folded.acts_of(self.hand).map(|at| (at, &self.acts[at]))
    }

    /// What the hand carries that speaks for strangers, in the order of its acts.
    fn burden(&self) -> impl Iterator<Item = (usize, Key)> {
        self.burden.of_hand(self.folded, self.hand)
    }
}

/// What a signal found.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Finding {
    /// The rule.
    pub signal: Signal,
    /// How much of the signal's weight counts here, above 0 and up to 1: less where little is known of the owner.
    pub share: f64,
    /// One plain sentence.
    pub summary: String,
    /// The acts it rests on, by place.
    pub acts: Vec<usize>,
    /// The artefact it rests on.
    pub artefact: Option<Key>,
}

impl Finding {
    fn new(signal: Signal, summary: String, acts: Vec<usize>) -> Self {
        Self { signal, share: 1.0, summary, acts, artefact: None }
    }

    /// Something new after so many sittings of the owner's.
    fn novelty(signal: Signal, summary: String, at: usize, sittings: u32) -> Self {
        Self { share: after(sittings), ..Self::new(signal, summary, vec![at]) }
    }

    /// What it adds to the log-odds.
    pub(super) fn weight(&self) -> f64 {
        self.signal.weight() * self.share
    }
}

/// Everything that all signals find about a hand.
#[must_use]
pub(super) fn all(case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(stranger_tool::find(case));
    found.extend(stranger_place::find(case));
    found.extend(broken_session::find(case));
    found.extend(known_stranger::find(case));
    found.extend(app_harm::find(case));
    found.extend(unlike_owner::find(case));
    found.extend(shared::find(case));
    found.extend(stuffing_machine::find(case));
    found.extend(takeover::find(case));
    found.extend(locked_out::find(case));
    found.extend(owner_gone::find(case));
    found.extend(taken_down::find(case));
    found.extend(repeated_text::find(case));
    found.extend(burst::find(case));
    found.extend(mass_follow::find(case));
    found.extend(named::find(case));
    // What is near a stuffer's machine has its network and its browser string: that is one finding, and not three.
    if found.iter().any(|f| f.signal == Signal::NearStuffer) {
        found.retain(|f| !matches!(f.signal, Signal::SharedTool | Signal::SharedNetwork));
    }
    // Where nothing is known of the owner, what is new says nothing.
    found.retain(|f| f.share > 0.0);
    found
}

/// How long, in words.
fn long(ms: i64) -> String {
    let minutes = ms / 60_000;
    match minutes {
        0..=1 => "a minute".to_owned(),
        2..=119 => format!("{minutes} minutes"),
        120..=2879 => format!("{} hours", minutes / 60),
        _ => format!("{} days", minutes / 1440),
    }
}
