//! The overview: what there is to look at.

use super::super::App;
use super::super::fault::Fault;
use super::super::status::newest;
use super::{console, tally_of};
use model::id::RunId;
use model::incident::Figures;
use model::plan::Purpose;
use model::run::RunState;
use page::console::{Figure, IndexPage, PlanRow, QueueRow, RunRow};
use store::plans::PlanRow as KeptPlan;
use store::{Read, StoreError};

/// The overview is looked at again so often while a run is under way, s.
const REFRESH_S: u32 = 10;

/// The console's first page.
pub(in crate::web) fn page(app: &App) -> Result<IndexPage, Fault> {
    let (plans, runs, incidents, figures, queue) = app.ctx.store.read(|r| {
        let (plans, runs) = (r.plans()?, runs(r)?);
        let contained = containing(&plans, &runs);
        Ok((plans, runs, newest(r)?, r.figures(&contained)?, r.queue()?))
    })?;
    let is_under_way = runs.iter().any(|run| run.state == RunState::Running);
    let mut shown = app.guide.figures.clone();
    if !runs.is_empty() {
        shown.extend(of_ledger(&figures));
    }
    Ok(IndexPage {
        console: console(app, is_under_way.then_some(REFRESH_S)),
        figures: shown,
        tour: app.guide.tour.clone(),
        plans: plans.into_iter().map(row).collect(),
        runs,
        incidents,
        owners: app.guide.owners.clone(),
        queue: queue.into_iter().map(queued).collect(),
    })
}

fn queued(row: store::queue::QueueRow) -> QueueRow {
    QueueRow { account: row.account, why: row.why, since: row.opened_at }
}

fn row(plan: KeptPlan) -> PlanRow {
    PlanRow {
        plan: plan.id,
        state: plan.state,
        digest: plan.digest,
        purpose: plan.header.purpose,
        accounts: plan.header.accounts,
        author: plan.author,
        drafted_at: plan.header.drafted_at,
        remark: plan.reason,
    }
}

fn runs(read: &Read) -> Result<Vec<RunRow>, StoreError> {
    let row = |run: store::runs::RunRow| {
        let accounts = read.plan(&run.plan)?.header.accounts;
        Ok(RunRow {
            accounts: tally_of(read, &run.id, accounts)?,
            run: run.id,
            plan: run.plan,
            state: run.state,
            started_at: run.started_at,
            remark: run.reason,
        })
    };
    read.runs()?.into_iter().map(row).collect()
}

/// The runs that contain: what took them back is counted with them.
fn containing(plans: &[KeptPlan], runs: &[RunRow]) -> Vec<RunId> {
    let contains = |run: &&RunRow| {
        plans.iter().any(|plan| plan.id == run.plan && matches!(plan.header.purpose, Purpose::Contain))
    };
    runs.iter().filter(contains).map(|run| run.run.clone()).collect()
}

fn of_ledger(figures: &Figures) -> Vec<Figure> {
    let figure = |value: u64, name: &str, note: Option<String>| Figure {
        value: grouped(value),
        name: name.to_owned(),
        note,
    };
    vec![
        figure(figures.contained, "accounts contained", None),
        figure(figures.recovered, "owners back", Some("by a recovery".to_owned())),
        figure(
            figures.by_mistake,
            "by mistake",
            Some(format!("{} of them put back", grouped(figures.put_back))),
        ),
        figure(
            figures.notices_sent,
            "notices accepted",
            Some(format!("{} refused", grouped(figures.notices_failed))),
        ),
    ]
}

/// A count with its thousands set apart, as everywhere on these pages.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let (head, rest) = digits.split_at(digits.len() % 3);
    let mut groups: Vec<&str> = if head.is_empty() { Vec::new() } else { vec![head] };
    groups.extend((0..rest.len() / 3).map(|i| &rest[i * 3..i * 3 + 3]));
    groups.join(",")
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_are_set_apart() {
        let shown = [0, 7, 999, 1_000, 1_234_567].map(super::grouped);
        assert_eq!(shown, ["0", "7", "999", "1,000", "1,234,567"]);
    }
}
