//! Quiet hours: a part of an owner's own day in which they are left alone. Sealed with the entry, so that whoever carries it
//! out makes no choice.
//!
//! The time zones come from a table inside the program, never from the machine.

use crate::id::Millis;
use crate::policy::QuietPolicy;
use jiff::civil::Time;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// An owner's quiet hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    /// The owner's zone, by its IANA name.
    pub zone: String,
    /// From this time of their day, ms after midnight …
    pub from_ms: Millis,
    /// … until this one.
    pub until_ms: Millis,
}

impl Quiet {
    /// The policy's hours in a zone; `None` where it has none, or the zone is not known.
    #[must_use]
    pub fn of(zone: &str, policy: &QuietPolicy) -> Option<Self> {
        let has_some = policy.from_ms != policy.until_ms;
        let quiet = Self { zone: zone.to_owned(), from_ms: policy.from_ms, until_ms: policy.until_ms };
        (has_some && zone_of(zone).is_some()).then_some(quiet)
    }

    /// When the quiet hours end in which `now` lies, ms; `None` outside of them, and where nobody can tell.
    #[must_use]
    pub fn ends(&self, now: Millis) -> Option<Millis> {
        let there = Timestamp::from_millisecond(now).ok()?.to_zoned(zone_of(&self.zone)?);
        let (from, until) = (time(self.from_ms)?, time(self.until_ms)?);
        let clock = there.time();
        let is_quiet =
            if from < until { from <= clock && clock < until } else { from <= clock || clock < until };
        if !is_quiet {
            return None;
        }
        let day = if clock < until { there.date() } else { there.date().tomorrow().ok()? };
        // Where the clock is set on over that time, it is the moment after; where it is set back, the first of the two.
        let end = day.to_datetime(until).to_zoned(there.time_zone().clone()).ok()?;
        let end = end.timestamp().as_millisecond();
        // In the hour that comes twice the first end may be over: then they are over.
        (end > now).then_some(end)
    }
}

/// `07:00`, from the ms after midnight.
#[must_use]
pub fn time_of_day(ms: Millis) -> String {
    format!("{:02}:{:02}", ms / 3_600_000, ms / 60_000 % 60)
}

fn time(ms: Millis) -> Option<Time> {
    Time::midnight().checked_add(SignedDuration::from_millis(ms)).ok()
}

fn zone_of(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Millis = 3_600_000;

    fn night() -> QuietPolicy {
        QuietPolicy { from_ms: 22 * HOUR, until_ms: 7 * HOUR, idle_ms_min: 0 }
    }

    fn at(text: &str) -> Millis {
        text.parse::<Timestamp>().expect("a moment").as_millisecond()
    }

    #[test]
    fn a_night_ends_in_the_morning_of_the_owner_on_both_sides_of_the_date_line_and_over_changes_of_the_clock()
    {
        let none = "";
        // Zone, now, and when the quiet hours end.
        let table = [
            ("Europe/Berlin", "2026-11-27T20:59:59.999Z", none),
            ("Europe/Berlin", "2026-11-27T21:00:00Z", "2026-11-28T06:00:00Z"),
            ("Europe/Berlin", "2026-11-28T05:59:59.999Z", "2026-11-28T06:00:00Z"),
            ("Europe/Berlin", "2026-11-28T06:00:00Z", none),
            // The same moment is another day on either side of the date line: 23:30 on the 27th, 00:30 on the 29th.
            ("Pacific/Pago_Pago", "2026-11-28T10:30:00Z", "2026-11-28T18:00:00Z"),
            ("Pacific/Kiritimati", "2026-11-28T10:30:00Z", "2026-11-28T17:00:00Z"),
            ("Pacific/Kiritimati", "2026-11-28T17:00:00Z", none),
            // Quarters of an hour.
            ("Pacific/Chatham", "2026-06-10T11:00:00Z", "2026-06-10T18:15:00Z"),
            // The clock is set on at two: the night is an hour shorter.
            ("Europe/Berlin", "2026-03-28T21:00:00Z", "2026-03-29T05:00:00Z"),
            ("America/New_York", "2026-03-08T03:00:00Z", "2026-03-08T11:00:00Z"),
            // It is set back at three: an hour longer.
            ("Europe/Berlin", "2026-10-24T20:00:00Z", "2026-10-25T06:00:00Z"),
            // Nobody knows such a place.
            ("Mars/Olympus", "2026-11-28T00:00:00Z", none),
        ];
        for (zone, now, end) in table {
            let quiet = Quiet { zone: zone.to_owned(), from_ms: 22 * HOUR, until_ms: 7 * HOUR };
            let wanted = (!end.is_empty()).then(|| at(end));
            assert_eq!(quiet.ends(at(now)), wanted, "{zone} at {now}");
        }
    }

    #[test]
    fn an_end_that_the_clock_leaps_over_or_that_comes_twice_is_one_moment() {
        let early = Quiet { zone: "Europe/Berlin".to_owned(), from_ms: 22 * HOUR, until_ms: 5 * HOUR / 2 };
        // 02:30 does not exist: it is 03:30.
        assert_eq!(early.ends(at("2026-03-29T00:10:00Z")), Some(at("2026-03-29T01:30:00Z")));
        // 02:30 comes twice: the first ends it, and the second pass is no night of its own.
        assert_eq!(early.ends(at("2026-10-25T00:10:00Z")), Some(at("2026-10-25T00:30:00Z")));
        assert_eq!(early.ends(at("2026-10-25T01:10:00Z")), None);
    }

    #[test]
    fn hours_within_a_day_and_none_at_all() {
        let noon = Quiet { zone: "Asia/Tokyo".to_owned(), from_ms: 12 * HOUR, until_ms: 14 * HOUR };
        assert_eq!(noon.ends(at("2026-11-28T03:30:00Z")), Some(at("2026-11-28T05:00:00Z")));
        assert_eq!(noon.ends(at("2026-11-28T05:00:00Z")), None);
        assert_eq!(noon.ends(at("2026-11-28T02:59:00Z")), None);
        let none = QuietPolicy { from_ms: HOUR, until_ms: HOUR, idle_ms_min: 0 };
        assert_eq!(Quiet::of("Asia/Tokyo", &none), None);
        assert_eq!(Quiet::of("Nowhere", &night()), None);
        assert!(Quiet::of("Asia/Tokyo", &night()).is_some());
    }
}
