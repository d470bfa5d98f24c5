//! Compares a hunt's answer with a simulation's truth: recall by attack, wrongly accused by look-alike, and how much
//! of what is attributed to the intruder is right. `judge OUT SIMULATION [--list]`
#![allow(clippy::print_stdout, reason = "it prints what it measures")]

use hunt::{BINS, Known, Score, Share, read_answer};
use model::id::AccountId;
use model::verdict::{Belief, Verdict};
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

const USAGE: &str = "usage: judge OUT SIMULATION [--list]";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let out = PathBuf::from(args.next().ok_or(USAGE)?);
    let simulation = PathBuf::from(args.next().ok_or(USAGE)?);
    let lists = args.next().is_some();
    let answer = read_answer(&out)?;
    let known = Known::read(&simulation)?;
    let score = Score::of(&answer, &known);
    let text = |of: Share| of.value().map_or_else(|| "     -".to_owned(), |share| format!("{share:6.4}"));
    println!("attack          victims  found  at 0.9  suspected  events right  found  posts right  found");
    for (attack, of) in score.attacks.iter().chain([(&"all".to_owned(), &score.whole())]) {
        println!(
            "{attack:15} {:7} {} {} {:6}  {} {}  {} {}",
            of.found.of,
            text(of.found),
            text(of.sure),
            of.suspected.n,
            text(of.events.0),
            text(of.events.1),
            text(of.objects.0),
            text(of.objects.1)
        );
    }
    println!("cohort {}, wrong {}, wrongly suspected {}", score.wrong.of, score.wrong.n, score.doubted);
    for (trap, of) in &score.look_alikes {
        println!("trap {trap:28} {:6} compromised {:4}", of.of, of.n);
    }
    for (begin, (of, sum)) in BINS.iter().zip(score.bins).filter(|(_, bin)| bin.0.of > 0) {
        println!("confidence from {begin:6}: {:6}, said {:.4}, so {}", of.of, sum / of.of as f64, text(of));
    }
    println!("shifts {:?}", answer.summary.shifts);
    if lists {
        list(&answer.verdicts, &known);
    }
    Ok(())
}

/// Those missed and those wronged, with what speaks against them.
fn list(verdicts: &[Verdict], known: &Known) {
    let found: HashSet<&AccountId> =
        verdicts.iter().filter(|v| v.verdict == Belief::Compromised).map(|v| &v.account).collect();
    let by_account: HashMap<&AccountId, &Verdict> = verdicts.iter().map(|v| (&v.account, v)).collect();
    let mut missed: Vec<_> = known.taken.values().filter(|t| !found.contains(&t.account)).collect();
    missed.sort_by(|a, b| (&a.attack, &a.account).cmp(&(&b.attack, &b.account)));
    for taken in missed {
        let verdict = by_account.get(&taken.account);
        println!("missed {} {} {} acts", taken.attack, taken.account, taken.events.len());
        verdict.iter().for_each(|v| say(v));
    }
    for verdict in verdicts.iter().filter(|v| !known.taken.contains_key(&v.account)) {
        let traps: Vec<&str> = known
            .traps
            .iter()
            .filter(|(_, accounts)| accounts.contains(&verdict.account))
            .map(|(trap, _)| trap.as_str())
            .collect();
        println!("innocent {} {traps:?}", verdict.account);
        say(verdict);
    }
}

fn say(verdict: &Verdict) {
    println!("    {:?} {}", verdict.verdict, verdict.confidence);
    for evidence in &verdict.evidence {
        println!("        {} {:.2} {}", evidence.signal, evidence.weight, evidence.summary);
    }
}
