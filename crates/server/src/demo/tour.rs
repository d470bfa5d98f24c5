//! What to look at once the demonstration is through: pages on a loopback port.

use super::count::Summary;
use crate::error::Result;
use crate::stage::Stage;
use crate::web::{App, CaughtMail, Guide, Mails, serve_demo};
use model::id::{AccountId, RunId};
use page::console::{Figure, OwnerRow, Stop};
use page::route;
use std::net::SocketAddr;
use std::sync::Arc;
use store::steps::CaseState;

/// What the tour leads to.
pub(crate) struct Sights {
    pub(crate) right: RunId,
    pub(crate) wrong: RunId,
}

/// Serves everything there is to look at, until it is interrupted.
pub(crate) fn serve(stage: &Stage, sights: &Sights, summary: &Summary, port: u16) -> Result<()> {
    let catcher = Arc::clone(&stage.catcher);
    let caught = move || {
        let mails = catcher.mails().into_iter();
        mails.map(|m| CaughtMail { to: m.to.first().cloned().unwrap_or_default(), raw: m.raw }).collect()
    };
    let app = App::new(Arc::clone(&stage.ctx))
        .with_mails(Mails::new(caught))
        .with_guide(guide(stage, sights, summary)?);
    serve_demo(app, SocketAddr::from(([127, 0, 0, 1], port)), |bound| {
        eprintln!("\nEverything to look at: http://{bound}{}", route::CONSOLE);
        eprintln!("ctrl-c ends it; nothing is left behind.");
    })
}

fn guide(stage: &Stage, sights: &Sights, summary: &Summary) -> Result<Guide> {
    let figure = |value: u64, name: &str, note: &str| Figure {
        value: value.to_string(),
        name: name.to_owned(),
        note: (!note.is_empty()).then(|| note.to_owned()),
    };
    let stop =
        |title: &str, text: &str, href: String| Stop { title: title.to_owned(), text: text.to_owned(), href };
    let (right, wrong, refused) = stage.ctx.store.read(|r| {
        let refused = r.plans()?.into_iter().filter(|p| p.digest.is_none()).map(|p| p.id).next_back();
        Ok((r.run(&sights.right)?.plan, r.run(&sights.wrong)?.plan, refused))
    })?;
    let victim = first_case(stage, &sights.right, true)?;
    let wronged = first_case(stage, &sights.wrong, false)?;
    let mut tour = vec![
        stop(
            "The plan that was right",
            "Who is in it and why, what people said of it, who signed.",
            route::plan(&right),
        ),
        stop("Its run", "The canary, the waves, and what each gate was given.", route::run(&sights.right)),
    ];
    if let Some(refused) = refused {
        tour.push(stop(
            "A list that was refused",
            "Wider than the evidence, as on 8 November 2012.",
            route::plan(&refused),
        ));
    }
    tour.push(stop("The plan that was wrong", "People were taken in by it.", route::plan(&wrong)));
    tour.push(stop(
        "Its run, halted",
        "What owners said stopped it at the canary; below, the undo.",
        route::run(&sights.wrong),
    ));
    tour.push(stop("The mails", "What owners read: notices, codes, apologies.", route::MAILS.to_owned()));
    tour.push(stop("The public status", "Cause, figures, correction.", route::STATUS.to_owned()));
    tour.push(stop(
        "The way back",
        "Ask for a code for one of the accounts below; it comes to the mails.",
        route::RECOVER.to_owned(),
    ));
    let owner = |account: Option<AccountId>, text: &str| {
        account.map(|account| OwnerRow { account, text: text.to_owned() })
    };
    let owners = [
        owner(victim, "a victim: both hands on one timeline"),
        owner(wronged, "nobody's victim: reset by mistake, restored, told"),
    ];
    Ok(Guide {
        badge: Some("demonstration".to_owned()),
        figures: vec![
            figure(summary.victims_contained, "victims contained", &format!("of {}", summary.victims)),
            figure(summary.contained_outside_plan, "touched outside a sealed plan", ""),
            figure(
                summary.owner_posts_hidden,
                "owners' own posts hidden",
                &format!("{} hidden in all", summary.posts_hidden),
            ),
            figure(summary.restored, "innocents restored", &format!("of {}", summary.contained_innocent)),
        ],
        tour,
        owners: owners.into_iter().flatten().collect(),
    })
}

/// An account of a run that is, or is not, a victim: one whose owner is not back yet, where there is one.
fn first_case(stage: &Stage, run: &RunId, victim: bool) -> Result<Option<AccountId>> {
    let (cases, back) = stage.ctx.store.read(|r| Ok((r.cases(run)?, r.recoveries(run)?)))?;
    let mut fitting =
        cases.into_iter().filter(|c| c.state == CaseState::Done && stage.is_victim(&c.account) == victim);
    let waiting = fitting.find(|c| back.iter().all(|(account, _)| *account != c.account));
    Ok(waiting.map(|c| c.account))
}
