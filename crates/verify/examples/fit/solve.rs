//! Fits, calibrates on what was not fitted to, measures beside the weights that were set by hand, leaves one attack out after the other, and
//! writes the table.

use crate::logistic::{Fitted, Row, calibration, fit, scored, stretched};
use crate::measure::Measured;
use crate::rows::{Service, read};
use crate::table;
use decide::detect::Signal;
use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;

/// How strongly a weight is drawn to its centre: as by about so many hands of which nothing else is known.
const PENALTY: f64 = 1.0;
/// The share of accounts taken over for which the confidence is: about the middle of what is drawn, evenly by the logarithm;
/// where more are, it says too little rather than too much.
const PREVALENCE: f64 = 0.003;
/// A signal that is found never counts for nothing: the families that a verdict needs are told from what is listed.
const FLOOR: f64 = 0.1;

/// The weights that were set by hand, before there was a fit: what weights are drawn to where the services say little.
fn by_hand(signal: Signal) -> f64 {
    match signal {
        Signal::NewDevice | Signal::NewNetwork | Signal::Burst => 1.5,
        Signal::NewBrowser | Signal::NewCountry | Signal::NewNeighbourhood | Signal::SharedTool => 1.0,
        Signal::BrokenSession | Signal::ForeignApp | Signal::MassFollow => 3.5,
        Signal::UnlikeOwner
        | Signal::DisownedApp
        | Signal::NearStuffer
        | Signal::LockedOut
        | Signal::OwnerGone => 3.0,
        Signal::KnownStranger | Signal::SharedApp => 4.0,
        Signal::SharedText | Signal::Takeover => 4.5,
        Signal::SharedDomain | Signal::SharedPage | Signal::SharedContact | Signal::SharedTarget => 9.0,
        Signal::SharedAddress | Signal::FullTakeover | Signal::TwoHands | Signal::TakenDown => 7.0,
        Signal::SharedDevice | Signal::StuffingMachine => 8.0,
        Signal::SharedNetwork | Signal::OwnerQuiet | Signal::RepeatedText => 2.0,
        // No service that is drawn is given files of intelligence: these stay as they are set here.
        Signal::BadDomain | Signal::LeakedCredential => 1.0,
        Signal::BadAddress => 0.5,
    }
}

/// The log-odds that went with them.
const PRIOR_BY_HAND: f64 = -8.0;

pub(crate) fn solve(path: &Path, writes: bool) -> Result<(), Box<dyn Error>> {
    let services = read(path)?;
    let of = |places: &[usize]| -> Vec<&Service> {
        let mut chosen = services.iter().enumerate().filter(|(at, _)| places.contains(&(at % 4)));
        std::iter::from_fn(|| chosen.next().map(|(_, service)| service)).collect()
    };
    let (fits, measures) = (of(&[0, 1, 2]), of(&[3]));
    let hand = Fitted { prior: PRIOR_BY_HAND, weights: Signal::ALL.iter().map(|s| by_hand(*s)).collect() };
    let today =
        Fitted { prior: decide::detect::PRIOR, weights: Signal::ALL.iter().map(|s| s.weight()).collect() };
    for (name, one) in [("by hand", &hand), ("of today", &today)] {
        println!("{name}: loss {:.1}", loss(&rows(&measures, None), one));
        Measured::of(&measures, one, victims_count(&measures)).say();
    }
    let (fitted, stretch, shift) = made(&fits, None, &hand);
    let fitted = rounded(&fitted, &hand);
    println!(
        "fitted (stretched by {stretch:.3}, moved by {shift:.3}): loss {:.1}",
        loss(&rows(&measures, None), &fitted)
    );
    Measured::of(&measures, &fitted, victims_count(&measures)).say();
    for ((signal, weight), hand) in Signal::ALL.iter().zip(&fitted.weights).zip(&hand.weights) {
        println!("  {:18} {weight:5.2}  (by hand {hand:.1})", signal.name());
    }
    println!("  prior {:.2}", fitted.prior);
    leave_one_out(&fits, &measures, &hand);
    let better = is_better(&measures, &fitted, &hand);
    println!("{}", if better { "the fitted weights are taken" } else { "the weights set by hand are kept" });
    if writes {
        let kept = if better { &fitted } else { &hand };
        let text = table::text(kept, &provenance(&services, [&fits, &measures], [&hand, &fitted], better));
        std::fs::write(table::path(), text)?;
    }
    Ok(())
}

/// Whether a fit finds at least as many as what was set by hand, wrongs no more, and is less surprised: only then is it
/// taken.
fn is_better(measures: &[&Service], fitted: &Fitted, hand: &Fitted) -> bool {
    let (a, b) = (Measured::of(measures, fitted, 1.0), Measured::of(measures, hand, 1.0));
    let finds = a.whole().found >= b.whole().found && a.whole().sure >= b.whole().sure;
    let spares = a.wrong <= b.wrong && a.wrong_sure <= b.wrong_sure;
    finds && spares && loss(&rows(measures, None), fitted) < loss(&rows(measures, None), hand)
}

/// So many folds: each is left out of a fit in turn, and the calibration is of those left out.
const FOLDS: usize = 6;

/// Fitted to all services and calibrated by those that each fold's fit never saw; how far that stretched and moved.
fn made(services: &[&Service], without: Option<&str>, hand: &Fitted) -> (Fitted, f64, f64) {
    let fitted_to = |chosen: &[&Service]| fit(&rows(chosen, without), &hand.weights, &bounds(hand), PENALTY);
    let mut unseen = Vec::new();
    for fold in 0..FOLDS {
        let (out, kept): (Vec<_>, Vec<_>) =
            services.iter().enumerate().partition(|(at, _)| at % FOLDS == fold);
        let kept: Vec<&Service> = kept.into_iter().map(|(_, service)| *service).collect();
        let out: Vec<&Service> = out.into_iter().map(|(_, service)| *service).collect();
        unseen.extend(scored(&fitted_to(&kept), &rows(&out, without)));
    }
    let (stretch, shift) = calibration(&unseen);
    (stretched(&fitted_to(services), stretch, shift), stretch, shift)
}

/// What a weight may be. Life has look-alikes that nobody thought to draw: the services may take from what was set by hand,
/// and add nothing to it.
fn bounds(hand: &Fitted) -> Vec<(f64, f64)> {
    hand.weights.iter().map(|weight| (FLOOR, *weight)).collect()
}

fn rounded(fitted: &Fitted, hand: &Fitted) -> Fitted {
    let two = |x: f64| (x * 100.0).round() / 100.0;
    Fitted {
        prior: two(fitted.prior),
        weights: fitted
            .weights
            .iter()
            .zip(bounds(hand))
            .map(|(w, (low, high))| two(*w).clamp(low, high))
            .collect(),
    }
}

/// How much a victim counts, so that there are as many as at the prevalence.
fn victims_count(services: &[&Service]) -> f64 {
    let victims: usize = services.iter().map(|s| s.victims.len()).sum();
    let accounts: f64 = services.iter().map(|s| f64::from(s.accounts)).sum();
    PREVALENCE * accounts / victims.max(1) as f64
}

/// The hands that may be judged: of the others no confidence is ever said. `without` leaves an attack's victims out.
fn rows(services: &[&Service], without: Option<&str>) -> Vec<Row> {
    let mut rows = Vec::new();
    let n = victims_count(services);
    for service in services {
        for victim in service.victims.iter().filter(|v| without != Some(v.attack.as_str())) {
            let judged = victim.hands.iter().filter(|h| h.may_be_judged);
            rows.extend(judged.map(|h| Row {
                n: if h.guilty { n } else { 1.0 },
                guilty: h.guilty,
                found: h.found.clone(),
            }));
        }
        let judged = service.clear.iter().filter(|c| c.may_be_judged);
        rows.extend(judged.map(|c| Row { n: c.hands as f64, guilty: false, found: c.found.clone() }));
    }
    rows
}

/// What a function is surprised by, in nats: smaller is better.
fn loss(rows: &[Row], by: &Fitted) -> f64 {
    rows.iter()
        .map(|row| {
            let z = by.log_odds(&row.found);
            row.n * (if row.guilty { -z } else { z }).exp().ln_1p()
        })
        .sum()
}

/// What is found of each attack by weights that never saw it.
fn leave_one_out(fits: &[&Service], measures: &[&Service], hand: &Fitted) {
    println!("each attack by weights that never saw it:");
    let attacks: BTreeSet<&str> =
        measures.iter().flat_map(|s| &s.victims).map(|v| v.attack.as_str()).collect();
    for attack in attacks {
        let (without, ..) = made(fits, Some(attack), hand);
        let measured = Measured::of(measures, &without, 1.0);
        let recall = measured.attacks.get(attack).copied().unwrap_or_default();
        let share = |n: u64| n as f64 / recall.victims.max(1) as f64;
        println!(
            "  {attack:15} found {:.4}, at 0.9 {:.4}, of {}; wrong {}",
            share(recall.found),
            share(recall.sure),
            recall.victims,
            measured.wrong
        );
    }
}

fn provenance(
    services: &[Service],
    [fits, measures]: [&[&Service]; 2],
    [hand, fitted]: [&Fitted; 2],
    better: bool,
) -> String {
    let (first, last) = (services.first().map_or(0, |s| s.seed), services.last().map_or(0, |s| s.seed));
    let accounts = services.first().map_or(0, |s| s.accounts);
    let hands = |of: &[&Service]| {
        let all = rows(of, None);
        let guilty = all.iter().filter(|r| r.guilty).count();
        let owners: f64 = all.iter().filter(|r| !r.guilty).map(|r| r.n).sum();
        format!("{guilty} hands of intruders, {owners} of owners")
    };
    let finds = |one: &Fitted| {
        let measured = Measured::of(measures, one, 1.0);
        let (whole, wrong, loss) = (measured.whole(), measured.wrong, loss(&rows(measures, None), one));
        let (found, sure, victims) = (whole.found, whole.sure, whole.victims);
        format!("{found} of {victims} victims ({sure} at 0.9), {wrong} clear hands, loss {loss:.1}")
    };
    let (left, taken) = if better { ("left", "taken") } else { ("kept", "not taken") };
    format!(
        "```text\nfit collect ROWS {first} {} {accounts}\nfit solve ROWS\n```\n\n\
         Services `Settings::drawn({first}..={last}, {accounts})`. Three of four are fitted to\n\
         ({}), every fourth measures\n\
         ({}):\n\
         what was set by hand finds {}: {left};\n\
         the fit finds {}: {taken}.\n\
         Intruders count as where one account in {:.0} is taken over. Logistic regression, drawn to what was set by hand\n\
         with a penalty of {PENALTY}, no weight below {FLOOR} or above that; then stretched and moved after Platt, on\n\
         services that each fold was not fitted to.",
        services.len(),
        hands(fits),
        hands(measures),
        finds(hand),
        finds(fitted),
        1.0 / PREVALENCE,
    )
}
