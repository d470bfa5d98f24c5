//! What templates may do to a value: show a moment, a count, a share.

use crate::moment;
use askama::{Result, Values};
use model::id::Millis;

/// A number, however many references a template's loops and matches have put around it.
pub(crate) trait Plain {
    type Of;
    fn plain(&self) -> Self::Of;
}

macro_rules! plain {
    ($($number:ty),+) => {$(
        impl Plain for $number {
            type Of = Self;
            fn plain(&self) -> Self {
                *self
            }
        }
    )+};
}
plain!(u64, i64, f64);

impl<T: Plain> Plain for &T {
    type Of = T::Of;
    fn plain(&self) -> T::Of {
        (**self).plain()
    }
}

/// `3 November 2026, 13:02 UTC`.
#[askama::filter_fn]
pub(crate) fn utc(at: impl Plain<Of = Millis>, _: &dyn Values) -> Result<String> {
    Ok(moment::long(at.plain()))
}

/// `3 Nov 2026, 13:02:44`, in UTC.
#[askama::filter_fn]
pub(crate) fn cell(at: impl Plain<Of = Millis>, _: &dyn Values) -> Result<String> {
    Ok(moment::table(at.plain()))
}

/// `2026-11-03T13:02:44Z`.
#[askama::filter_fn]
pub(crate) fn machine(at: impl Plain<Of = Millis>, _: &dyn Values) -> Result<String> {
    Ok(moment::machine(at.plain()))
}

/// `3 November 2026, 14:02 Berlin time (13:02 UTC)`.
#[askama::filter_fn]
pub(crate) fn both(at: impl Plain<Of = Millis>, _: &dyn Values, zone: &Option<String>) -> Result<String> {
    Ok(moment::both(at.plain(), zone.as_deref()))
}

/// `3 November 2026`, in the owner's zone.
#[askama::filter_fn]
pub(crate) fn day(at: impl Plain<Of = Millis>, _: &dyn Values, zone: &Option<String>) -> Result<String> {
    Ok(moment::day(at.plain(), zone.as_deref()))
}

/// `14:02`, in the owner's zone.
#[askama::filter_fn]
pub(crate) fn hour(at: impl Plain<Of = Millis>, _: &dyn Values, zone: &Option<String>) -> Result<String> {
    Ok(moment::hour(at.plain(), zone.as_deref()))
}

/// `Berlin time`, or `UTC`.
#[askama::filter_fn]
pub(crate) fn clock(zone: &Option<String>, _: &dyn Values) -> Result<String> {
    Ok(moment::clock(zone.as_deref()))
}

/// `15 minutes`.
#[askama::filter_fn]
pub(crate) fn wait(ms: impl Plain<Of = i64>, _: &dyn Values) -> Result<String> {
    Ok(moment::wait(ms.plain()))
}

/// `12,408`.
#[askama::filter_fn]
pub(crate) fn count(n: impl Plain<Of = u64>, _: &dyn Values) -> Result<String> {
    Ok(grouped(n.plain()))
}

/// `99.8 %`, of a share between 0 and 1; never rounded up to 100.
#[askama::filter_fn]
pub(crate) fn percent(share: impl Plain<Of = f64>, _: &dyn Values) -> Result<String> {
    Ok(hundredths(share.plain()))
}

/// Words that others chose, in one harmless line.
#[askama::filter_fn]
pub(crate) fn quoted(value: &str, _: &dyn Values) -> Result<String> {
    Ok(crate::quoted::words(value))
}

/// A sentence of our own that may quote what others chose, in one harmless line.
#[askama::filter_fn]
pub(crate) fn sentence(value: &str, _: &dyn Values) -> Result<String> {
    Ok(crate::quoted::sentence(value))
}

/// A name in one line.
#[askama::filter_fn]
pub(crate) fn name(value: &str, _: &dyn Values) -> Result<String> {
    Ok(crate::quoted::name(value))
}

pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A share in hundredths. What is not the whole is not shown as the whole, nor something as nothing.
pub(crate) fn hundredths(share: f64) -> String {
    let percent = share * 100.0;
    if share > 0.0 && percent < 0.1 {
        "under 0.1 %".to_owned()
    } else if share < 1.0 && percent >= 99.95 {
        "over 99.9 %".to_owned()
    } else {
        let digits = if percent < 10.0 { format!("{percent:.2}") } else { format!("{percent:.1}") };
        format!("{} %", digits.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::{grouped, hundredths};

    #[test]
    fn thousands_are_set_apart() {
        let cases = [(0, "0"), (999, "999"), (1000, "1,000"), (12_408, "12,408"), (1_000_000, "1,000,000")];
        for (n, text) in cases {
            assert_eq!(grouped(n), text);
        }
    }

    #[test]
    fn what_is_not_all_is_not_shown_as_all() {
        let cases = [
            (0.0, "0 %"),
            (0.0002, "under 0.1 %"),
            (0.02, "2 %"),
            (0.0199, "1.99 %"),
            (0.1, "10 %"),
            (0.2346, "23.5 %"),
            (0.9996, "over 99.9 %"),
            (1.0, "100 %"),
        ];
        for (share, text) in cases {
            assert_eq!(hundredths(share), text);
        }
    }
}
