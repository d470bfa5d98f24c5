//! Draws services, hunts over them, and keeps what is found of each hand beside the truth.

use crate::rows::{Clear, Found, Hand, Service, Victim, names};
use decide::detect::Signal;
use model::id::{AccountId, EventId};
use rehearse::simulate::{Format, Settings, population, write};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::error::Error;
use std::io::Write;
use std::path::Path;

pub(crate) fn collect(out: &Path, seed: u64, settings: u64, accounts: u32) -> Result<(), Box<dyn Error>> {
    let mut file = std::fs::File::create(out)?;
    for seed in seed..seed + settings {
        let service = service(&Settings::drawn(seed, accounts))?;
        eprintln!("{seed}: {} victims, {} sorts of clear hands", service.victims.len(), service.clear.len());
        serde_json::to_writer(&mut file, &service)?;
        file.write_all(b"\n")?;
    }
    Ok(())
}

fn service(settings: &Settings) -> Result<Service, Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    let population = population(settings);
    write(&population, dir.path(), Format::Parquet)?;
    let mut files: Vec<_> = std::fs::read_dir(dir.path().join("events"))?
        .map(|e| e.map(|e| e.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    let request = hunt::Request { threads: Some(1), ..hunt::Request::new(files, dir.path().join("answer")) };
    let truth: HashMap<&AccountId, HashSet<&EventId>> =
        population.truth.iter().map(|t| (&t.account, t.events.iter().collect())).collect();
    let mut of_victim: HashMap<AccountId, Vec<Hand>> = HashMap::new();
    let mut clear: BTreeMap<(bool, Vec<(usize, u64)>), u64> = BTreeMap::new();
    for heard in hunt::heard(&request)? {
        let found = places(&heard.found);
        if let Some(theirs) = truth.get(&heard.account) {
            let guilty = heard.events.iter().any(|e| theirs.contains(e));
            let hand = Hand { guilty, may_be_judged: heard.may_be_judged, found };
            of_victim.entry(heard.account.clone()).or_default().push(hand);
        } else {
            let alike = found.iter().map(|(at, share)| (*at, (share * 1000.0).round() as u64)).collect();
            *clear.entry((heard.may_be_judged, alike)).or_default() += 1;
        }
    }
    let clear = clear.into_iter().map(|((may_be_judged, alike), hands)| Clear {
        hands,
        may_be_judged,
        found: alike.into_iter().map(|(at, share)| (at, share as f64 / 1000.0)).collect(),
    });
    Ok(Service {
        seed: settings.seed,
        accounts: settings.accounts,
        signals: names(),
        victims: population
            .truth
            .iter()
            .map(|t| Victim {
                attack: t.attack.name().to_owned(),
                hands: of_victim.remove(&t.account).unwrap_or_default(),
            })
            .collect(),
        clear: clear.collect(),
    })
}

/// Each signal's place in `Signal::ALL`, once, in order.
fn places(found: &[(Signal, f64)]) -> Found {
    let mut places: BTreeMap<usize, f64> = BTreeMap::new();
    for (signal, share) in found {
        let at = Signal::ALL.iter().position(|s| s == signal).expect("every signal is listed");
        let kept = places.entry(at).or_default();
        *kept = kept.max(*share);
    }
    places.into_iter().collect()
}
