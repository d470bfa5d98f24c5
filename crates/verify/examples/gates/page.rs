//! docs/gates.md, from what was played.

use crate::plot::plot;
use crate::tally::{Kind, Tally, tally};
use model::policy::Policy;

/// Two plans, one of a forum and one of a large service, with the runs of each kind.
const SIZES: [(u64, u64); 2] = [(160, 400), (2_000, 100)];
const WRONG: [u64; 6] = [0, 2, 5, 10, 30, 100];
/// Runs for each point of the picture and of the canaries' table.
const FEWER: u64 = 150;

/// The page and its picture.
pub(crate) fn page(policy: &Policy) -> Result<(String, String), Box<dyn std::error::Error>> {
    let gate = &policy.gate;
    let mut text = format!(
        "# What the gates let through\n\n\
         Written by `cargo run --release -p verify --example gates -- docs`, for the shipped policy `{}`.\n\n\
         Whole runs are played: canary, gate, wave, gate, as `decide::waves` cuts them and `decide::gate` \
         decides, asked each time that something is heard. Owners are those of the rehearsal: a fifth acts on the notice, after \
         a day and a half on average; 46 % are back in the end, after 26 days on average (as LinkedIn's were in 2016); of the \
         wronged who act 70 % say *that was me*, and 72 % of these can prove it; of the victims 3 % say it by mistake, and for \
         2 % an intruder who reads their mail does. Notices all arrive, nothing fails, nobody turns to support: what these \
         inputs stop comes on top. A plan has three weeks, one day of which its review takes.\n\n\
         What a policy buys is stated in it: a share of {:.0} % wrong passes no gate, but with probability {:.0} %; no wave \
         starts of which more than {} accounts would be wrong, but with the same probability; an alarm is wrong with \
         probability {:.0} % at most, where its limit is just met.\n\n",
        policy.digest()?.short(),
        gate.wrong_share_stopped * 100.0,
        gate.pass_error * 100.0,
        gate.wrong_accounts_max,
        gate.alarm_error * 100.0
    );
    for (accounts, runs) in SIZES {
        let waves = decide::waves::sizes(accounts, policy, true);
        let waves: Vec<String> = waves.iter().map(u64::to_string).collect();
        text.push_str(&format!(
            "## A plan of {accounts} accounts\n\nWaves: {}. {runs} runs of each kind.\n\n",
            waves.join(", ")
        ));
        text.push_str(
            "| wrong | a wrong account beyond the canary | wrongly contained, mean | 95 in 100 runs: at most | halted | days to \
             halt | time ran out at a gate | done | days to done |\n\
             | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
        );
        for wrong_percent in WRONG {
            let tally = tally(Kind { accounts, wrong_percent }, policy, runs);
            text.push_str(&row(wrong_percent, &tally));
        }
        text.push('\n');
    }
    text.push_str(&format!(
        "![How far a run goes, by the wrong share of its plan of 160 accounts](gates.svg)\n\n\
         A right plan is the first line: its halts are false ones. A plan of which two or five in a hundred are wrong is mostly \
         carried out: that is what the review bounds, and gates don't see it in time. What gates are for is the plan that is \
         wrong in a way that reviewers were taken in by.\n\n\
         ## Why the canary is as large as it is\n\n\
         Plans of 160 accounts, under the shipped policy with another canary, {FEWER} runs of each kind.\n\n\
         | canary | right plans done | their time ran out | three in ten wrong: beyond the canary | wrongly contained, mean | all \
         wrong: wrongly contained, mean |\n| ---: | ---: | ---: | ---: | ---: | ---: |\n",
    ));
    for canary in [50, 80, 120] {
        let mut other = policy.clone();
        other.run.canary_accounts = canary;
        let of = |wrong_percent| tally(Kind { accounts: 160, wrong_percent }, &other, FEWER);
        let (right, some, all) = (of(0), of(30), of(100));
        text.push_str(&format!(
            "| {canary} | {} | {} | {} | {:.0} | {:.0} |\n",
            percent(right.done),
            percent(right.out_of_time),
            percent(some.beyond_canary),
            some.wrong_mean,
            all.wrong_mean
        ));
    }
    let points: Vec<(u64, Tally)> = (0..=20)
        .map(|n| n * 5)
        .map(|wrong_percent| (wrong_percent, tally(Kind { accounts: 160, wrong_percent }, policy, FEWER)))
        .collect();
    Ok((text, plot(&points)))
}

fn row(wrong_percent: u64, tally: &Tally) -> String {
    let days = |days: Option<f64>| days.map_or("–".to_owned(), |d| format!("{d:.1}"));
    let done =
        tally.done_days.map_or("–".to_owned(), |(half, most)| format!("{half:.1}; 95 in 100: {most:.1}"));
    format!(
        "| {} | {} | {:.1} | {} | {} | {} | {} | {} | {done} |\n",
        if wrong_percent == 0 { "none".to_owned() } else { format!("{wrong_percent} %") },
        percent(tally.beyond_canary),
        tally.wrong_mean,
        tally.wrong_p95,
        percent(tally.halted),
        days(tally.halt_days),
        percent(tally.out_of_time),
        percent(tally.done)
    )
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
