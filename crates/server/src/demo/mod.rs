//! The demonstration: the whole way on a seeded service, in one process, with nothing to set up.

mod count;
mod public;
mod routine;
mod teller;
mod tour;

use self::count::{Story, count};
use self::teller::Teller;
use crate::cli::show;
use crate::error::{Error, Result};
use crate::stage::people::Owners;
use crate::stage::play::Play;
use crate::stage::{Scene, Setting, Stage};
use clap::Args;
use rehearse::people::{Habits, People};
use rehearse::simulate::{Attack, Settings};
use std::sync::Arc;

/// What befalls the service. `rightful simulate` has quieter attacks too, which a first look misses more of.
const ATTACKS: [Attack; 2] = [Attack::StuffingSpam, Attack::OauthApp];

/// Accounts of the service's own, which plans contain and really try.
const PROBES: [&str; 2] = ["probe-a", "probe-b"];

/// What the demonstration is asked for.
#[derive(Args)]
pub(crate) struct Request {
    /// End with a summary instead of serving pages.
    #[arg(long)]
    once: bool,
    /// Everything follows from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[arg(long, default_value_t = 3000, value_parser = clap::value_parser!(u32).range(3000..=200_000))]
    accounts: u32,
    /// The loopback port of the pages; a free one where it is 0.
    #[arg(long, default_value_t = 0)]
    port: u16,
}

/// Runs it.
pub(crate) fn run(request: &Request, json: bool) -> Result<()> {
    let teller = Teller::new();
    teller.step("A service with a life of its own");
    let scene = Scene::play(&Settings {
        seed: request.seed,
        accounts: request.accounts,
        attacked_share: 0.04,
        attacks: ATTACKS.to_vec(),
        ..Settings::default()
    })?;
    let stage = Stage::set(Arc::new(scene), &Setting::shipped(request.seed))?;
    stage.arm_probes(&PROBES)?;
    let attacks: std::collections::BTreeSet<_> =
        stage.service.truth().values().map(|t| t.attack.name()).collect();
    teller.say(format!(
        "{} accounts, {} events in 30 days, seed {}; {} accounts are taken over, by: {}",
        stage.scene.population.accounts.len(),
        stage.scene.population.events.len(),
        request.seed,
        stage.service.truth().len(),
        attacks.into_iter().collect::<Vec<_>>().join(", ")
    ));
    let owners = Owners::new(People::new(request.seed, Habits::default()));
    let say = |line: &str| teller.say(line);
    let mut play = Play::begin(stage, owners, request.seed, &say)?;
    teller.say(format!(
        "intruders get into {} accounts with what they hold (really tried)",
        play.held.still_in(&play.stage).len()
    ));

    teller.step("The hunt: who is not the owner, and why");
    routine::hunt(&play.stage, &teller)?;

    teller.step("A list from outside, wider than the evidence: the mistake of 8 November 2012");
    let list_refused = routine::wide_list(&play)?;

    teller.step("The routine answer: a plan that people look at, sign, and stop if it is wrong");
    let answer = play.stage.scene.answer_folder();
    let right = play.respond_to_all(&answer, None)?;
    if !right.done {
        return Err(Error::halted(format!("{} halted: {}", right.run, right.why)));
    }
    teller.say(format!(
        "intruders get into {} accounts with what they held",
        play.held.still_in(&play.stage).len()
    ));
    let innocent_by_routine = play.watch.touched().iter().filter(|a| !play.stage.is_victim(a)).count() as u64;
    let incident = public::first(&play.stage, &teller, &right)?;

    teller.step("A plan that is wrong, and people who are taken in by it");
    let wrong = routine::mistaken(&mut play)?;

    teller.step("What was wrong is taken back");
    play.take_back(&wrong.run)?;

    teller.step("The public: the cause and the true number");
    public::correction(&play.stage, &teller, &incident, &wrong.run)?;

    teller.step("The log, verified from files alone");
    public::audit(&play.stage, &teller)?;

    let halted_runs = [&right, &wrong].iter().filter(|r| !r.done).count() as u64;
    let seconds = teller.seconds();
    let story = Story { seed: request.seed, list_refused, halted_runs, innocent_by_routine, seconds };
    let summary = count(&play, &story)?;
    teller.step("Counted from the service's own tables and the truth");
    teller.say(serde_json::to_string_pretty(&summary)?);
    if json {
        show::json(&summary);
    }
    if request.once {
        return Ok(());
    }
    let sights = tour::Sights { right: right.run, wrong: wrong.run };
    tour::serve(&play.stage, &sights, &summary, request.port)
}
