//! Compares a hunt's answer with a simulation's truth: recall by attack, wrongly accused by look-alike, and how much
//! of what is attributed to the intruder is right. `judge OUT SIMULATION [--list]`
#![allow(clippy::print_stdout, reason = "it prints what it measures")]

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::PathBuf;

#[derive(Deserialize)]
struct Truth {
    account: String,
    attack: String,
    #[serde(default)]
    events: Vec<String>,
    #[serde(default)]
    objects: Vec<String>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let out = PathBuf::from(args.next().ok_or("usage: judge OUT SIMULATION [--list]")?);
    let simulation = PathBuf::from(args.next().ok_or("usage: judge OUT SIMULATION [--list]")?);
    let list = args.next().is_some();
    let answer = hunt::read_answer(&out)?;
    let truth: HashMap<String, Truth> = std::fs::read_to_string(simulation.join("truth.jsonl"))?
        .lines()
        .map(|l| serde_json::from_str::<Truth>(l).map(|t| (t.account.clone(), t)))
        .collect::<Result<_, _>>()?;
    let traps: BTreeMap<String, Vec<String>> =
        serde_json::from_str(&std::fs::read_to_string(simulation.join("traps.json"))?)?;
    let verdicts: HashMap<&str, &model::verdict::Verdict> =
        answer.verdicts.iter().map(|v| (v.account.as_str(), v)).collect();
    let compromised = |account: &str| {
        verdicts.get(account).is_some_and(|v| v.verdict == model::verdict::Belief::Compromised)
    };

    let mut attacks: BTreeMap<&str, Vec<&Truth>> = BTreeMap::new();
    for t in truth.values() {
        attacks.entry(&t.attack).or_default().push(t);
    }
    println!(
        "attack               victims  found recall suspected  event-precision event-recall object-precision object-recall"
    );
    for (attack, victims) in &mut attacks {
        victims.sort_by(|a, b| a.account.cmp(&b.account));
        let found = victims.iter().filter(|t| compromised(&t.account)).count();
        let seen = victims.iter().filter(|t| verdicts.contains_key(t.account.as_str())).count();
        let mut shares = [0usize; 6];
        for t in victims.iter().filter(|t| compromised(&t.account)) {
            let intruder = &verdicts[t.account.as_str()].intruder;
            let events: HashSet<&str> = intruder.events.iter().map(model::id::EventId::as_str).collect();
            let objects: HashSet<&str> = intruder.objects.iter().map(model::id::ObjectId::as_str).collect();
            shares[0] += t.events.iter().filter(|e| events.contains(e.as_str())).count();
            shares[1] += events.len();
            shares[2] += t.events.len();
            shares[3] += t.objects.iter().filter(|e| objects.contains(e.as_str())).count();
            shares[4] += objects.len();
            shares[5] += t.objects.len();
        }
        let share = |a: usize, b: usize| a as f64 / b.max(1) as f64;
        println!(
            "{attack:20} {:7} {found:6} {:6.3} {:9}  {:15.4} {:12.4} {:16.4} {:13.4}",
            victims.len(),
            share(found, victims.len()),
            seen - found,
            share(shares[0], shares[1]),
            share(shares[0], shares[2]),
            share(shares[3], shares[4]),
            share(shares[3], shares[5]),
        );
        if list {
            for t in victims.iter().filter(|t| !compromised(&t.account)).take(5) {
                let signals = verdicts
                    .get(t.account.as_str())
                    .map(|v| v.evidence.iter().map(|e| e.signal.as_str()).collect::<Vec<_>>());
                println!("    missed {} {signals:?}", t.account);
            }
        }
    }
    let wrong: BTreeSet<&str> =
        verdicts.keys().copied().filter(|a| compromised(a) && !truth.contains_key(*a)).collect();
    let doubted = verdicts.keys().filter(|a| !compromised(a) && !truth.contains_key(**a)).count();
    let cohort = verdicts.keys().filter(|a| compromised(a)).count();
    println!("cohort {cohort}, wrongly compromised {}, wrongly suspected {doubted}", wrong.len());
    let mut trapped: HashSet<&str> = HashSet::new();
    for (trap, accounts) in &traps {
        let innocent: Vec<&str> =
            accounts.iter().map(String::as_str).filter(|a| !truth.contains_key(*a)).collect();
        let hit: Vec<&str> = innocent.iter().copied().filter(|a| compromised(a)).collect();
        let doubt = innocent.iter().filter(|a| verdicts.contains_key(**a)).count() - hit.len();
        trapped.extend(&innocent);
        println!("trap {trap:28} {:6} compromised {:4} suspected {doubt:4}", innocent.len(), hit.len());
        if list {
            for account in innocent.iter().filter(|a| verdicts.contains_key(**a)).take(4) {
                show(account, &verdicts);
            }
        }
    }
    for account in verdicts.keys().filter(|a| !truth.contains_key(**a) && !trapped.contains(**a)).take(10) {
        if list {
            show(account, &verdicts);
        }
    }
    let recall =
        truth.values().filter(|t| compromised(&t.account)).count() as f64 / truth.len().max(1) as f64;
    println!("overall recall {recall:.4}, shifts {:?}", answer.summary.shifts);
    Ok(())
}

fn show(account: &str, verdicts: &HashMap<&str, &model::verdict::Verdict>) {
    let verdict = verdicts[account];
    println!("    innocent {account} {:?} {}", verdict.verdict, verdict.confidence);
    for evidence in &verdict.evidence {
        println!("        {} {} {:?}", evidence.signal, evidence.summary, evidence.events.first());
    }
}
