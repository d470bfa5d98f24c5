//! What a measurement of detection says, for people and as one JSON value.

use super::beside;
use super::detect::{Measured, Service};
use crate::cli::show::{self, row};
use hunt::{BINS, SURE, Score, Share};
use model::id::Millis;
use rehearse::simulate::Settings;
use serde_json::{Value, json};

/// How sure the bound on the wrong share is, one-sided.
const CONFIDENCE: f64 = 0.95;
/// Victims of a service, for its recall to be worth naming.
const VICTIMS_MIN: u64 = 10;

/// Settings in a few words.
pub(super) fn in_words(settings: &Settings) -> String {
    let attacks: Vec<&str> = settings.attacks.iter().map(|a| a.name()).collect();
    let mut words = vec![
        format!("{:?}", settings.style).to_lowercase(),
        format!("{} days", settings.days),
        format!("{:.2} % attacked ({})", settings.attacked_share * 100.0, attacks.join(", ")),
    ];
    if let Some(events) = settings.events {
        let monthly = events as f64 / f64::from(settings.accounts) * 30.0 / f64::from(settings.days);
        words.push(format!("{monthly:.0} events a month"));
    }
    let shares = [
        (settings.bare_share, "of the events without device or session"),
        (settings.deviceless_share, "of the machines without device"),
        (settings.sessionless_share, "of the machines without session"),
        (settings.joiners_share, "joined lately"),
    ];
    words.extend(
        shares.iter().filter(|(s, _)| *s > 0.0).map(|(s, what)| format!("{:.0} % {what}", s * 100.0)),
    );
    words.extend((!settings.texts).then(|| "no texts".to_owned()));
    words.extend((!settings.places).then(|| "no networks or countries".to_owned()));
    words.extend(settings.hard.then(|| "hard".to_owned()));
    words.join(", ")
}

/// The service of which the smallest share was found, of those with enough victims.
fn worst(measured: &Measured) -> Option<&Service> {
    let found = |s: &Service| s.score.whole().found;
    let enough = measured.services.iter().filter(|s| found(s).of >= VICTIMS_MIN);
    enough.min_by(|a, b| share(found(a)).total_cmp(&share(found(b))))
}

/// The service with the most accounts wronged, where there is one.
fn most_wrong(measured: &Measured) -> Option<&Service> {
    let wronged = measured.services.iter().filter(|s| s.score.wrong.n > 0);
    wronged.max_by_key(|s| s.score.wrong.n)
}

pub(super) fn share(of: Share) -> f64 {
    of.value().unwrap_or(f64::NAN)
}

pub(super) fn upper(wrong: Share) -> f64 {
    decide::bound::upper(wrong.n, wrong.of, CONFIDENCE)
}

/// The quantile of delays, in hours.
fn hours(delays: &mut [Millis], at: f64) -> Option<f64> {
    delays.sort_unstable();
    let place = ((delays.len() as f64 - 1.0) * at).round().max(0.0) as usize;
    delays.get(place).map(|ms| *ms as f64 / 3_600_000.0)
}

pub(super) fn as_json(measured: &Measured) -> Value {
    let whole = &measured.whole;
    let quiet: Vec<&Service> = quiet(measured);
    let delays: serde_json::Map<String, Value> = measured
        .delays_ms
        .iter()
        .map(|(attack, delays)| {
            let mut delays = delays.clone();
            let value = json!({ "found": delays.len(), "median_hours": hours(&mut delays, 0.5),
                "ninth_in_ten_hours": hours(&mut delays, 0.9) });
            (attack.clone(), value)
        })
        .collect();
    json!({
        "services": measured.services,
        "whole": whole,
        "recall": share(whole.whole().found),
        "wrong": { "share": whole.wrong.value(), "upper_95": upper(whole.wrong), "n": whole.wrong.of,
            "at_0_9": { "share": whole.wrong_sure.value(), "upper_95": upper(whole.wrong_sure),
                "n": whole.wrong_sure.of } },
        "published": beside::as_json(measured),
        "quiet_services": { "services": quiet.len(),
            "condemned": quiet.iter().map(|s| s.score.wrong.n).sum::<u64>() },
        "time_to_detection": delays,
        "worst": worst(measured).map(|s| json!({ "seed": s.settings.seed, "settings": in_words(&s.settings),
            "found": s.score.whole().found })),
        "most_wrong": most_wrong(measured).map(|s| json!({ "seed": s.settings.seed,
            "settings": in_words(&s.settings), "wrong": s.score.wrong })),
    })
}

/// Services without an attack.
fn quiet(measured: &Measured) -> Vec<&Service> {
    measured.services.iter().filter(|s| s.score.attacks.is_empty()).collect()
}

pub(super) fn say(measured: &Measured) {
    let whole = &measured.whole;
    let text = |of: Share| of.value().map_or_else(|| "-".to_owned(), |share| format!("{share:.4}"));
    let mut rows = vec![row![
        "attack",
        "victims",
        "found",
        "at 0.9",
        "suspected",
        "events right",
        "events found",
        "posts right",
        "posts found"
    ]];
    let all = whole.whole();
    for (name, of) in whole.attacks.iter().map(|(name, of)| (name.as_str(), of)).chain([("all", &all)]) {
        rows.push(row![
            name,
            of.found.of,
            text(of.found),
            text(of.sure),
            of.suspected.n,
            text(of.events.0),
            text(of.events.1),
            text(of.objects.0),
            text(of.objects.1),
        ]);
    }
    show::table(&rows);
    show::line("");
    for (what, wrong) in [("believed compromised", whole.wrong), ("at 0.9 and above", whole.wrong_sure)] {
        show::line(format!(
            "wrong, {what}: {} of {} ({}; with {} % confidence at most {:.4})",
            wrong.n,
            wrong.of,
            text(wrong),
            CONFIDENCE * 100.0,
            upper(wrong)
        ));
    }
    beside::say(measured);
    let quiet = quiet(measured);
    let condemned: u64 = quiet.iter().map(|s| s.score.wrong.n).sum();
    show::line(format!("{} services without an attack: {condemned} condemned", quiet.len()));
    show::line(format!("suspected, and nobody's victim: {}", whole.doubted));
    let mut rows = vec![row!["look-alike", "accounts", "condemned"]];
    let hit = whole.look_alikes.iter().filter(|(_, of)| of.n > 0);
    rows.extend(hit.map(|(name, of)| row![name, of.of, of.n]));
    let clear = whole.look_alikes.values().filter(|of| of.n == 0);
    rows.push(row!["all others", clear.map(|of| of.of).sum::<u64>(), 0]);
    show::table(&rows);
    show::line("");
    show::table(&calibration(whole));
    for (attack, delays) in &measured.delays_ms {
        let mut delays = delays.clone();
        if let (Some(half), Some(most)) = (hours(&mut delays, 0.5), hours(&mut delays, 0.9)) {
            show::line(format!("{attack}: half found within {half:.0} h, nine in ten within {most:.0} h"));
        }
    }
    if let Some(worst) = worst(measured) {
        let found = worst.score.whole().found;
        let (seed, words) = (worst.settings.seed, in_words(&worst.settings));
        show::line(format!("worst found: seed {seed}, {} of {}: {words}", found.n, found.of));
    }
    if let Some(wrong) = most_wrong(measured) {
        let (seed, words) = (wrong.settings.seed, in_words(&wrong.settings));
        show::line(format!(
            "most wronged: seed {seed}, {} of {}: {words}",
            wrong.score.wrong.n, wrong.score.wrong.of
        ));
    }
}

/// What confidences said, and what was so.
fn calibration(whole: &Score) -> Vec<Vec<String>> {
    let mut rows = vec![row!["confidence from", "verdicts", "said", "so"]];
    for (begin, (of, sum)) in BINS.iter().zip(whole.bins).filter(|(_, bin)| bin.0.of > 0) {
        let said = sum / of.of as f64;
        let mark = if *begin < SURE { "" } else { " (may enter a plan)" };
        rows.push(row![format!("{begin}{mark}"), of.of, format!("{said:.4}"), format!("{:.4}", share(of))]);
    }
    rows
}
