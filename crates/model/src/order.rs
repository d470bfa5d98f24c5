//! The standing order: what two people allow the daily routine to seal by itself, for some days, and within which
//! bounds. Each bound becomes a number here, from the order's own frozen reference, so that whoever holds the order
//! can prove that a batch meets it. Nothing here knows what was used of a bound, or what time it is.

use crate::canonical::{CanonicalError, canonical};
use crate::id::{Digest, Millis};
use crate::plan::Entry;
use crate::policy::{OrderPolicy, Policy};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The format written in an order.
pub const FORMAT: &str = "rightful-order/1";
/// The author of every batch; no operator can bear this name, so that it can never sign.
pub const ROUTINE: &str = "routine";
/// How the connector of the seeded service that is practised on names itself.
pub const REHEARSED: &str = "rehearse:";

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// What the confidence of the answers that an order takes must have been calibrated on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calibration {
    /// People's labels and owners' answers.
    Labels,
    /// Simulated data: only on the service that is practised on, and shown wherever the order is.
    Simulated,
}

impl Calibration {
    /// Whether an answer that says this of itself (`summary.json`, `calibration`) may be taken.
    #[must_use]
    pub fn takes(self, said: &str) -> bool {
        let on_labels = said.starts_with("calibrated on labels");
        match self {
            Self::Labels => on_labels,
            Self::Simulated => on_labels || said == "calibrated on simulated data",
        }
    }

    /// The name as it is written in an order.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Labels => "labels",
            Self::Simulated => "simulated",
        }
    }
}

/// A standing order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// The format's name and version.
    pub format: String,
    /// What people call it.
    pub name: String,
    /// From when it is in force, ms.
    pub starts_at: Millis,
    /// When it ends, ms.
    pub ends_at: Millis,
    /// The policy its batches are made under.
    pub policy: Digest,
    /// The service it is for, by the connector's name.
    pub connector: String,
    /// What the confidence must have been calibrated on.
    pub calibration: Calibration,
    /// Least confidence of an account in a batch.
    pub confidence_min: f64,
    /// How much may be done.
    pub bounds: Bounds,
    /// What is usual, as people found it when they wrote the order; it never moves by itself.
    pub reference: Reference,
}

/// How much may be done under an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// Most accounts in any hour.
    pub accounts_per_hour_max: u64,
    /// Most accounts on any day (UTC).
    pub accounts_per_day_max: u64,
    /// Most of the active base on any day.
    pub active_share_per_day_max: f64,
    /// Most of any segment on any day.
    pub segment_share_per_day_max: f64,
    /// How many times the reference's accounts on any day.
    pub reference_multiple_max: f64,
}

/// What is usual.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Accounts contained on a usual day.
    pub accounts_per_day: u64,
    /// Active accounts of the service.
    pub active: u64,
    /// Active accounts by segment.
    pub segments: BTreeMap<String, u64>,
}

/// An order as its file states it; policy and service are those it is signed for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OrderFile {
    name: String,
    starts_at: String,
    ends_at: String,
    calibration: Calibration,
    confidence_min: f64,
    bounds: Bounds,
    reference: Reference,
}

/// Why an order can't be used.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// Not TOML, something is missing, or something is there that nobody knows.
    #[error("the standing order can't be read: {0}")]
    Form(String),
    /// It makes no sense, or goes beyond what the policy lets an order allow.
    #[error("standing order, {key}: {why}")]
    Limit {
        /// Where.
        key: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// It has no canonical form.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
}

/// The time over which a bound counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// An hour, from its full beginning.
    Hour,
    /// A day, UTC.
    Day,
}

impl Per {
    /// The number of the hour or day that a moment lies in.
    #[must_use]
    pub fn bucket(self, at: Millis) -> i64 {
        match self {
            Self::Hour => at.div_euclid(HOUR_MS),
            Self::Day => at.div_euclid(DAY_MS),
        }
    }
}

/// One bound as a number, with what a batch takes from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// The counter's name: the same for all orders, so that a second order is no second helping.
    pub counter: String,
    /// Over which time.
    pub per: Per,
    /// Accounts that a batch takes.
    pub wanted: u64,
    /// Most accounts over that time.
    pub max: u64,
}

/// Something that stopped the order until people have looked: who looked signs the digest of this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// The order's digest.
    pub order: Digest,
    /// What stopped it, in one word and perhaps a value: `bound:…`, `shift:…`, `sample`, `missed`, `restored`.
    pub cause: String,
    /// One sentence.
    pub reason: String,
    /// When, ms.
    pub at: Millis,
}

impl Suspension {
    /// What people sign who looked.
    ///
    /// # Errors
    /// Where it has no canonical form.
    pub fn digest(&self) -> Result<Digest, CanonicalError> {
        Ok(Digest::of(format!("rightful-resume/1\n{}", canonical(self)?).as_bytes()))
    }
}

impl Order {
    /// Reads an order's file for the policy and service it is signed for, and checks it.
    ///
    /// # Errors
    /// Where something is missing, unknown, senseless, or beyond what the policy lets an order allow.
    pub fn parse(text: &str, policy: &Policy, connector: &str) -> Result<Self, OrderError> {
        let file: OrderFile = toml::from_str(text).map_err(|e| OrderError::Form(e.to_string()))?;
        let order = Self {
            format: FORMAT.to_owned(),
            name: file.name,
            starts_at: moment("starts_at", &file.starts_at)?,
            ends_at: moment("ends_at", &file.ends_at)?,
            policy: policy.digest()?,
            connector: connector.to_owned(),
            calibration: file.calibration,
            confidence_min: file.confidence_min,
            bounds: file.bounds,
            reference: file.reference,
        };
        order.check(&policy.order)?;
        Ok(order)
    }

    /// What is signed.
    ///
    /// # Errors
    /// Where it has no canonical form.
    pub fn digest(&self) -> Result<Digest, CanonicalError> {
        Ok(Digest::of(canonical(self)?.as_bytes()))
    }

    /// Holds the order against what a policy lets an order allow.
    ///
    /// # Errors
    /// The first thing that is senseless or goes beyond it.
    pub fn check(&self, most: &OrderPolicy) -> Result<(), OrderError> {
        let (bounds, reference) = (&self.bounds, &self.reference);
        let share = |s: f64| s > 0.0 && s < 1.0;
        let beyond =
            |limit: &dyn std::fmt::Display| format!("the policy lets an order allow at most {limit}");
        let in_segments: u64 = reference.segments.values().sum();
        let faults = [
            (
                self.format != FORMAT,
                "format",
                format!("is {:?}, and this version reads {FORMAT:?}", self.format),
            ),
            (self.ends_at <= self.starts_at, "ends_at", "must be after starts_at".to_owned()),
            (
                self.ends_at - self.starts_at > most.valid_ms_max,
                "ends_at",
                beyond(&format!("{} days (order.valid_ms_max)", most.valid_ms_max / DAY_MS)),
            ),
            (
                self.calibration == Calibration::Simulated && !self.connector.starts_with(REHEARSED),
                "calibration",
                format!(
                    "a confidence that was calibrated on simulated data is good for practice alone, and {:?} is a real service: \
                     calibrate on labels first",
                    self.connector
                ),
            ),
            (
                !(self.confidence_min >= most.confidence_min && self.confidence_min < 1.0),
                "confidence_min",
                format!("must be at least {} (order.confidence_min) and below 1", most.confidence_min),
            ),
            (
                bounds.accounts_per_hour_max == 0,
                "bounds.accounts_per_hour_max",
                "must be at least 1".to_owned(),
            ),
            (
                bounds.accounts_per_hour_max > bounds.accounts_per_day_max,
                "bounds.accounts_per_hour_max",
                "is more than bounds.accounts_per_day_max".to_owned(),
            ),
            (
                bounds.accounts_per_day_max > most.accounts_per_day_max,
                "bounds.accounts_per_day_max",
                beyond(&format!("{} (order.accounts_per_day_max)", most.accounts_per_day_max)),
            ),
            (
                !share(bounds.active_share_per_day_max)
                    || bounds.active_share_per_day_max > most.active_share_per_day_max,
                "bounds.active_share_per_day_max",
                beyond(&format!("{} (order.active_share_per_day_max)", most.active_share_per_day_max)),
            ),
            (
                !share(bounds.segment_share_per_day_max)
                    || bounds.segment_share_per_day_max > most.segment_share_per_day_max,
                "bounds.segment_share_per_day_max",
                beyond(&format!("{} (order.segment_share_per_day_max)", most.segment_share_per_day_max)),
            ),
            (
                !(bounds.reference_multiple_max >= 1.0
                    && bounds.reference_multiple_max <= most.reference_multiple_max),
                "bounds.reference_multiple_max",
                format!(
                    "must be at least 1 and at most {} (order.reference_multiple_max)",
                    most.reference_multiple_max
                ),
            ),
            (
                reference.accounts_per_day == 0,
                "reference.accounts_per_day",
                "must be at least 1: what nobody ever saw is no reference".to_owned(),
            ),
            (reference.active == 0, "reference.active", "must be at least 1".to_owned()),
            (
                in_segments > reference.active,
                "reference.segments",
                format!("hold {in_segments} active accounts, more than reference.active"),
            ),
        ];
        match faults.into_iter().find(|(wrong, _, _)| *wrong) {
            Some((_, key, why)) => Err(OrderError::Limit { key, why }),
            None => Ok(()),
        }
    }

    /// Every bound as a number, with what these entries take from it. Segments with fewer than `small` active
    /// accounts count together as one; a segment that the reference does not know has a bound of nothing.
    #[must_use]
    pub fn bounds_on(&self, entries: &[Entry], small: u64) -> Vec<Bound> {
        let (bounds, reference) = (&self.bounds, &self.reference);
        let all = entries.len() as u64;
        let mut list = vec![
            ("routine.accounts_per_hour".to_owned(), Per::Hour, all, bounds.accounts_per_hour_max),
            ("routine.accounts_per_day".to_owned(), Per::Day, all, bounds.accounts_per_day_max),
            (
                "routine.active_share_per_day".to_owned(),
                Per::Day,
                all,
                part(bounds.active_share_per_day_max, reference.active),
            ),
            (
                "routine.reference_per_day".to_owned(),
                Per::Day,
                all,
                part(bounds.reference_multiple_max, reference.accounts_per_day),
            ),
        ];
        for (pool, (wanted, active)) in self.pools(entries, small) {
            let counter = format!("routine.segment_per_day:{pool}");
            list.push((counter, Per::Day, wanted, part(bounds.segment_share_per_day_max, active)));
        }
        list.into_iter().map(|(counter, per, wanted, max)| Bound { counter, per, wanted, max }).collect()
    }

    /// Accounts of the entries, and active accounts, by segment as bounds count it.
    fn pools(&self, entries: &[Entry], small: u64) -> BTreeMap<String, (u64, u64)> {
        let named: u64 = self.reference.segments.values().sum();
        let outside = self.reference.active.saturating_sub(named);
        let pool = |segment: Option<&str>, active: u64| match segment {
            _ if active < small && active > 0 => "small segments together".to_owned(),
            Some(name) => format!("segment {name}"),
            None => "in no segment".to_owned(),
        };
        let known = self.reference.segments.iter().map(|(name, active)| (Some(name.as_str()), *active));
        let mut pools: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for (segment, active) in known.chain([(None, outside)]) {
            pools.entry(pool(segment, active)).or_default().1 += active;
        }
        for entry in entries {
            let segment = entry.segment.as_deref();
            let active = match segment {
                Some(name) => self.reference.segments.get(name).copied().unwrap_or(0),
                None => outside,
            };
            pools.entry(pool(segment, active)).or_default().0 += 1;
        }
        pools
    }
}

fn moment(key: &'static str, text: &str) -> Result<Millis, OrderError> {
    let read = text.parse::<jiff::Timestamp>();
    read.map(jiff::Timestamp::as_millisecond).map_err(|_| OrderError::Limit {
        key,
        why: format!("{text:?} is no moment; it is written 2026-11-08T04:00:00Z"),
    })
}

/// The whole accounts in a share, rounded down: a bound is never met by rounding.
fn part(share: f64, of: u64) -> u64 {
    (share * of as f64).floor() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Reach;
    use crate::plan::{Act, Template, Tier};
    use crate::verdict::{Route, Window};

    const ORDER: &str = "name = \"daily\"\nstarts_at = \"2026-11-01T00:00:00Z\"\nends_at = \"2026-12-01T00:00:00Z\"\n\
        calibration = \"simulated\"\nconfidence_min = 0.97\n[bounds]\naccounts_per_hour_max = 20\n\
        accounts_per_day_max = 40\nactive_share_per_day_max = 0.005\nsegment_share_per_day_max = 0.02\n\
        reference_multiple_max = 3.0\n[reference]\naccounts_per_day = 10\nactive = 10000\n\
        segments = { web = 8000, wiki = 150, lab = 100 }\n";

    fn policy() -> Policy {
        Policy::parse(include_str!("../../../policy/shipped.toml")).unwrap()
    }

    fn entry(account: usize, segment: Option<&str>) -> Entry {
        Entry {
            account: format!("u{account}").as_str().into(),
            wave: 0,
            tier: Tier::Evidence,
            route: Route::Credential,
            reason: String::new(),
            confidence: 0.99,
            window: Window { start: 1, end: 2 },
            evidence: Vec::new(),
            acts: vec![Act::EndSessions],
            quiet: None,
            if_moved: Vec::new(),
            tries: Vec::new(),
            segment: segment.map(str::to_owned),
            reach: Reach::Mail,
            contact: None,
            notice: Template::Credential,
        }
    }

    #[test]
    fn an_order_stays_within_its_policy_and_each_excess_is_named() {
        Order::parse(ORDER, &policy(), "rehearse:x").unwrap();
        let cases = [
            ("2026-12-01T00:00:00Z", "2026-12-01T00:00:01Z", "ends_at"),
            ("accounts_per_hour_max = 20", "accounts_per_hour_max = 41", "bounds.accounts_per_hour_max"),
            ("accounts_per_day_max = 40", "accounts_per_day_max = 501", "bounds.accounts_per_day_max"),
            (
                "active_share_per_day_max = 0.005",
                "active_share_per_day_max = 0.006",
                "bounds.active_share_per_day_max",
            ),
            ("reference_multiple_max = 3.0", "reference_multiple_max = 3.1", "bounds.reference_multiple_max"),
            ("confidence_min = 0.97", "confidence_min = 0.96", "confidence_min"),
            ("accounts_per_day = 10", "accounts_per_day = 0", "reference.accounts_per_day"),
            ("web = 8000", "web = 9800", "reference.segments"),
        ];
        for (from, to, named) in cases {
            match Order::parse(&ORDER.replace(from, to), &policy(), "rehearse:x") {
                Err(OrderError::Limit { key, .. }) => assert_eq!(key, named),
                other => panic!("{named}: {other:?}"),
            }
        }
        assert!(matches!(
            Order::parse(&ORDER.replace("[bounds]", "extra = 1\n[bounds]"), &policy(), "rehearse:x"),
            Err(OrderError::Form(_))
        ));
    }

    #[test]
    fn simulated_confidence_is_taken_on_the_rehearsed_service_alone() {
        match Order::parse(ORDER, &policy(), "django:forum") {
            Err(OrderError::Limit { key, .. }) => assert_eq!(key, "calibration"),
            other => panic!("{other:?}"),
        }
        let on_labels = ORDER.replace("\"simulated\"", "\"labels\"");
        Order::parse(&on_labels, &policy(), "django:forum").unwrap();
        assert!(!Calibration::Labels.takes("calibrated on simulated data"));
        assert!(Calibration::Labels.takes("calibrated on labels (412)"));
        assert!(!Calibration::Simulated.takes("none: a rule written by hand"));
    }

    #[test]
    fn bounds_are_numbers_of_the_frozen_reference() {
        let order = Order::parse(ORDER, &policy(), "rehearse:x").unwrap();
        let entries = [
            entry(1, Some("web")),
            entry(2, Some("wiki")),
            entry(3, Some("lab")),
            entry(4, None),
            entry(5, Some("new")),
        ];
        let found: BTreeMap<String, (u64, u64)> = order
            .bounds_on(&entries, 200)
            .into_iter()
            .map(|b| (b.counter.trim_start_matches("routine.").to_owned(), (b.wanted, b.max)))
            .collect();
        let expected = [
            ("accounts_per_hour", (5, 20)),
            ("accounts_per_day", (5, 40)),
            ("active_share_per_day", (5, 50)),
            ("reference_per_day", (5, 30)),
            ("segment_per_day:segment web", (1, 160)),
            ("segment_per_day:small segments together", (2, 5)),
            ("segment_per_day:in no segment", (1, 35)),
            // Nobody knew this segment when the reference was frozen.
            ("segment_per_day:segment new", (1, 0)),
        ];
        assert_eq!(found, expected.map(|(n, v)| (n.to_owned(), v)).into());
    }
}
