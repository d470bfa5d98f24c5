//! What each signal adds to the log-odds at the most, and what there is before any.

use super::Signal;

/// Log-odds of a hand being an intruder's before anything is found.
pub const PRIOR: f64 = -8.0;

/// The most that a signal adds to the log-odds.
pub(super) fn weight(signal: Signal) -> f64 {
    match signal {
        Signal::NewDevice => 1.5,
        Signal::NewBrowser => 1.0,
        Signal::NewNetwork => 1.5,
        Signal::NewCountry => 1.0,
        Signal::NewNeighbourhood => 1.0,
        Signal::BrokenSession => 3.5,
        Signal::UnlikeOwner => 3.0,
        Signal::KnownStranger => 4.0,
        Signal::ForeignApp => 3.5,
        Signal::DisownedApp => 3.0,
        Signal::SharedApp => 4.0,
        Signal::SharedText => 4.5,
        Signal::SharedDomain => 9.0,
        Signal::SharedPage => 9.0,
        Signal::SharedContact => 9.0,
        Signal::SharedAddress => 7.0,
        Signal::SharedDevice => 8.0,
        Signal::SharedTarget => 9.0,
        Signal::SharedTool => 1.0,
        Signal::SharedNetwork => 2.0,
        Signal::StuffingMachine => 8.0,
        Signal::NearStuffer => 3.0,
        Signal::Takeover => 4.5,
        Signal::FullTakeover => 7.0,
        Signal::LockedOut => 3.0,
        Signal::OwnerGone => 3.0,
        Signal::OwnerQuiet => 2.0,
        Signal::RepeatedText => 2.0,
        Signal::Burst => 1.5,
        Signal::MassFollow => 3.5,
    }
}
