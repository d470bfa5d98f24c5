//! What happened on an account, line by line, each marked with the hand that did it.

use crate::{device, moment, place};
use model::event::{Event, Initiator, Kind, Outcome};
use model::id::Millis;
use model::plan::ActKind;
use model::verdict::{Hand, Moment};

/// Whose hand did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The rightful owner.
    Owner,
    /// Somebody else.
    Intruder,
    /// It can't be said.
    Unknown,
    /// The service itself, its staff, or our own acts.
    Us,
}

/// One line.
#[derive(Clone, Debug)]
pub struct Line {
    /// When.
    pub at: Millis,
    /// By whom.
    pub who: Who,
    /// What.
    pub what: What,
}

/// What a line tells of.
#[derive(Clone, Debug)]
pub enum What {
    /// An event as the service told it.
    Event(Box<Event>),
    /// An act of ours.
    Act {
        /// Which.
        kind: ActKind,
        /// Objects, sessions or grants it touched, where that is a count.
        count: Option<u64>,
    },
    /// A notice went out.
    NoticeSent,
    /// The owner came back by a recovery.
    Recovered,
    /// The owner said: that was me.
    Disputed,
}

impl From<Moment> for Line {
    fn from(moment: Moment) -> Self {
        let by_service = !moment.event.is_users_own();
        let who = match moment.hand {
            _ if by_service => Who::Us,
            Hand::Owner => Who::Owner,
            Hand::Intruder => Who::Intruder,
            Hand::Unknown => Who::Unknown,
        };
        Self { at: moment.event.time, who, what: What::Event(Box::new(moment.event)) }
    }
}

impl Line {
    /// An act of ours.
    #[must_use]
    pub fn ours(at: Millis, kind: ActKind, count: Option<u64>) -> Self {
        Self { at, who: Who::Us, what: What::Act { kind, count } }
    }

    /// `Firefox on Windows, Portugal`: from where an event came, as far as it is known. Empty where nothing is.
    pub(crate) fn whence(&self) -> String {
        let What::Event(event) = &self.what else { return String::new() };
        let machine = event.user_agent.as_deref().and_then(device::in_words);
        let app =
            event.app.as_ref().map(model::id::AppId::as_str).filter(|a| *a != "web" && machine.is_none());
        let land = event.country.as_deref().map(place::country);
        [machine, app.map(str::to_owned), land].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// The words that were posted or sent.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.what {
            What::Event(event) => event.text.as_deref(),
            What::Act { .. } | What::NoticeSent | What::Recovered | What::Disputed => None,
        }
    }

    /// The network address an event came from.
    pub(crate) fn address(&self) -> Option<&str> {
        match &self.what {
            What::Event(event) => event.ip.as_deref(),
            What::Act { .. } | What::NoticeSent | What::Recovered | What::Disputed => None,
        }
    }
}

/// Lines by the day they fall on in a zone, as they come.
pub(crate) fn by_day<'a>(lines: &'a [Line], zone: &Option<String>) -> Vec<(String, Vec<&'a Line>)> {
    let mut days: Vec<(String, Vec<&Line>)> = Vec::new();
    for line in lines {
        let day = moment::day(line.at, zone.as_deref());
        match days.last_mut() {
            Some((last, of_day)) if *last == day => of_day.push(line),
            _ => days.push((day, vec![line])),
        }
    }
    days
}

/// What a sign-in's line needs to know: whether it failed.
pub(crate) fn failed(event: &Event) -> bool {
    event.kind == Kind::Login && event.outcome == Some(Outcome::Failure)
}

/// Whether staff did it.
pub(crate) fn by_staff(event: &Event) -> bool {
    event.initiator == Some(Initiator::Admin)
}

/// `totp_added` as `totp added`.
pub(crate) fn spaced(name: &str) -> String {
    name.replace('_', " ")
}
