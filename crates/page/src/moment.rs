//! Moments as people read them: in UTC, and in the owner's zone where it is known.
//!
//! The time zones come from a table inside the program, never from the machine.

use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, Zoned};
use model::id::Millis;

/// `3 November 2026, 13:02 UTC`.
pub(crate) fn long(at: Millis) -> String {
    utc(at).map_or_else(|| unreadable(at), |t| t.strftime("%-d %B %Y, %H:%M UTC").to_string())
}

/// `3 Nov 2026, 13:02:44`, always UTC; for tables whose heading says so.
pub(crate) fn table(at: Millis) -> String {
    utc(at).map_or_else(|| unreadable(at), |t| t.strftime("%-d %b %Y, %H:%M:%S").to_string())
}

/// `2026-11-03T13:02:44Z`, for machines.
pub(crate) fn machine(at: Millis) -> String {
    utc(at).map_or_else(|| unreadable(at), |t| t.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// `3 November 2026, 14:02 Berlin time (13:02 UTC)`; without a zone that we know, in UTC alone.
pub(crate) fn both(at: Millis, zone: Option<&str>) -> String {
    let (Some(there), Some(here), Some(name)) = (local(at, zone), utc(at), zone.and_then(city)) else {
        return long(at);
    };
    let form = if there.date() == here.date() { "%H:%M UTC" } else { "%-d %B, %H:%M UTC" };
    format!("{} {name} time ({})", there.strftime("%-d %B %Y, %H:%M"), here.strftime(form))
}

/// `3 November 2026`, in the owner's zone where it is known.
pub(crate) fn day(at: Millis, zone: Option<&str>) -> String {
    local(at, zone)
        .or_else(|| utc(at))
        .map_or_else(|| unreadable(at), |t| t.strftime("%-d %B %Y").to_string())
}

/// `14:02`, in the owner's zone where it is known.
pub(crate) fn hour(at: Millis, zone: Option<&str>) -> String {
    local(at, zone).or_else(|| utc(at)).map_or_else(|| unreadable(at), |t| t.strftime("%H:%M").to_string())
}

/// `Berlin time`, or `UTC` where the owner's zone is not known.
pub(crate) fn clock(zone: Option<&str>) -> String {
    match zone.filter(|z| zone_of(z).is_some()).and_then(city) {
        Some(name) => format!("{name} time"),
        None => "UTC".to_owned(),
    }
}

/// `3 d 4 h`, `2 h 5 min`, `40 min`, `12 s`: the two largest units that say something.
pub(crate) fn span(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let two = |n: i64, unit: &str, m: i64, lesser: &str| {
        if m == 0 { format!("{n} {unit}") } else { format!("{n} {unit} {m} {lesser}") }
    };
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => two(minutes, "min", seconds % 60, "s"),
        (0, _, _) => two(hours, "h", minutes, "min"),
        _ => two(days, "d", hours, "h"),
    }
}

/// `15 minutes`, `2 hours 5 minutes`, rounded up to whole minutes: for people who wait.
pub(crate) fn wait(ms: i64) -> String {
    let minutes = (ms.max(0) + 59_999) / 60_000;
    let some = |n: i64, unit: &str| if n == 1 { format!("1 {unit}") } else { format!("{n} {unit}s") };
    match (minutes / 60, minutes % 60) {
        (0, _) => some(minutes, "minute"),
        (hours, 0) => some(hours, "hour"),
        (hours, rest) => format!("{} {}", some(hours, "hour"), some(rest, "minute")),
    }
}

fn utc(at: Millis) -> Option<Zoned> {
    Timestamp::from_millisecond(at).ok().map(|t| t.to_zoned(TimeZone::UTC))
}

fn local(at: Millis, zone: Option<&str>) -> Option<Zoned> {
    Some(Timestamp::from_millisecond(at).ok()?.to_zoned(zone_of(zone?)?))
}

fn zone_of(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

/// The place in a zone's name: `America/Argentina/Buenos_Aires` is Buenos Aires. A zone without a place has none.
fn city(zone: &str) -> Option<String> {
    let (area, place) = zone.split_once('/')?;
    if area == "Etc" {
        return None;
    }
    Some(place.rsplit('/').next().unwrap_or(place).replace('_', " "))
}

fn unreadable(at: Millis) -> String {
    format!("{at} ms")
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Millis = 1_793_710_964_000;

    #[test]
    fn the_owners_own_time_stands_beside_utc() {
        assert_eq!(both(AT, Some("Europe/Berlin")), "3 November 2026, 14:02 Berlin time (13:02 UTC)");
        assert_eq!(both(AT, None), "3 November 2026, 13:02 UTC");
        assert_eq!(both(AT, Some("Nowhere/Atall")), "3 November 2026, 13:02 UTC");
        assert_eq!(both(AT, Some("UTC")), "3 November 2026, 13:02 UTC");
        assert_eq!(
            both(AT, Some("America/Argentina/Buenos_Aires")),
            "3 November 2026, 10:02 Buenos Aires time (13:02 UTC)"
        );
    }

    #[test]
    fn another_day_there_is_said() {
        assert_eq!(
            both(AT, Some("Pacific/Auckland")),
            "4 November 2026, 02:02 Auckland time (3 November, 13:02 UTC)"
        );
    }

    #[test]
    fn a_moment_no_calendar_holds_is_shown_as_it_is() {
        assert_eq!(long(i64::MAX), format!("{} ms", i64::MAX));
    }

    #[test]
    fn who_waits_is_not_told_too_short_a_time() {
        let cases =
            [(1, "1 minute"), (60_001, "2 minutes"), (3_600_000, "1 hour"), (7_500_000, "2 hours 5 minutes")];
        for (ms, text) in cases {
            assert_eq!(wait(ms), text);
        }
    }

    #[test]
    fn spans_have_two_units() {
        let cases = [
            (0, "0 s"),
            (59_999, "59 s"),
            (60_000, "1 min"),
            (3_900_000, "1 h 5 min"),
            (183_600_000, "2 d 3 h"),
        ];
        for (ms, text) in cases {
            assert_eq!(span(ms), text);
        }
    }
}
