//! The demonstration: the whole way on a seeded service, in one process, with nothing to set up.

mod analyst;
mod count;
mod outside;
mod people;
mod public;
mod routine;
mod stage;
mod teller;
mod tour;

use self::count::{Held, Story, Watch, count};
use self::stage::Stage;
use self::teller::Teller;
use crate::cli::show;
use crate::error::{Error, Result};
use clap::Args;
use rehearse::people::{Habits, People};

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
    let stage = Stage::set(request.seed, request.accounts)?;
    let attacks: std::collections::BTreeSet<_> =
        stage.service.truth().values().map(|t| t.attack.name()).collect();
    teller.say(format!(
        "{} accounts, {} events in 30 days, seed {}; {} accounts are taken over, by: {}",
        stage.population.accounts.len(),
        stage.population.events.len(),
        request.seed,
        stage.service.truth().len(),
        attacks.into_iter().collect::<Vec<_>>().join(", ")
    ));
    let held = Held::now(&stage);
    teller.say(format!(
        "intruders get into {} accounts with what they hold (really tried)",
        held.still_in(&stage).len()
    ));
    let mut watch = Watch::begin(&stage)?;

    teller.step("The hunt: who is not the owner, and why");
    let answer = routine::hunt(&stage, &teller)?;

    teller.step("A list from outside, wider than the evidence: the mistake of 8 November 2012");
    let list_refused = routine::wide_list(&stage, &teller, &answer)?;

    let mut owners = people::Owners::new(People::new(request.seed, Habits::default()));
    teller.step("The routine answer: a plan that people look at, sign, and stop if it is wrong");
    let right =
        routine::respond(&stage, &teller, &mut watch, &mut owners, &answer.folder, &|_| false, request.seed)?;
    if !right.done {
        return Err(Error::halted(format!("{} halted: {}", right.run, right.why)));
    }
    teller.say(format!("intruders get into {} accounts with what they held", held.still_in(&stage).len()));
    let innocent_by_routine = watch.touched().iter().filter(|a| !stage.is_victim(a)).count() as u64;
    let incident = public::first(&stage, &teller, &right.run)?;

    teller.step("A plan that is wrong, and people who are taken in by it");
    let wrong = routine::mistaken(&stage, &teller, &mut watch, &mut owners, &answer, request.seed)?;
    let mut halted_runs = u64::from(!wrong.done);

    teller.step("What was wrong is taken back");
    routine::take_back(&stage, &teller, &mut watch, &wrong.run)?;

    teller.step("The public: the cause and the true number");
    public::correction(&stage, &teller, &incident, &wrong.run)?;

    teller.step("The log, verified from files alone");
    public::audit(&stage, &teller)?;

    halted_runs += u64::from(!right.done);
    let seconds = teller.seconds();
    let story = Story { seed: request.seed, list_refused, halted_runs, innocent_by_routine, seconds };
    let summary = count(&stage, &watch, &held, &story)?;
    teller.step("Counted from the service's own tables and the truth");
    teller.say(serde_json::to_string_pretty(&summary)?);
    if json {
        show::json(&summary);
    }
    if request.once {
        return Ok(());
    }
    let sights = tour::Sights { right: right.run, wrong: wrong.run };
    tour::serve(&stage, &sights, &summary, request.port)
}
