//! Who of a run is exonerated, from what the ledger has on record; `decide::exonerate` says so, here it is told.

use decide::exonerate::{Found, Said, Standing, stand};
use model::exoneration::{Exoneration, Way};
use model::id::{AccountId, Digest, RunId};
use model::verdict::Tie;
use std::collections::{BTreeMap, BTreeSet};
use store::undo::Retraction;
use store::{Read, StoreError};

/// What is known of a run's accounts under the signals that are withdrawn.
#[derive(Default)]
pub(crate) struct Looked {
    /// Exonerated, with why.
    pub(crate) exonerated: BTreeMap<AccountId, Exoneration>,
    /// They rested on a withdrawn signal and stand without it, with what is left.
    pub(crate) stands: BTreeMap<AccountId, String>,
    /// Their confidence can't be computed again: a person must look.
    pub(crate) cant_tell: BTreeSet<AccountId>,
}

/// Looks at a run, as if one more signal were withdrawn where one is given.
pub(crate) fn look(read: &Read, run: &RunId, more: Option<&Retraction>) -> Result<Looked, StoreError> {
    let plan = read.run(run)?.plan;
    let (policy, hunt) = (read.policy_of(&plan)?, read.plan(&plan)?.header.hunt);
    let disputes = read.disputes(run)?;
    let values = read.values(&plan, None)?;
    let mut looked = Looked::default();
    let mut confirmed = BTreeSet::new();
    for value in &values {
        let account = &value.entry.account;
        let labels: Vec<_> = read
            .labels_of(account)?
            .into_iter()
            .filter(|l| !l.blind)
            .map(|l| (l.operator, l.label, l.labelled_at))
            .collect();
        let dispute = disputes.iter().find(|d| d.account == *account);
        let said = Said {
            proved: dispute.and_then(|d| Some((d.proof?, d.how.as_deref().unwrap_or_default()))),
            labels: &labels,
            window_end: value.entry.window.end,
        };
        if said.is_confirmed() {
            confirmed.insert(account);
        }
        if let Some(found) = said.exonerates() {
            looked.exonerated.insert(account.clone(), found);
        }
    }
    let withdrawn = withdrawn(read, run, &hunt, more)?;
    if withdrawn.is_empty() {
        return Ok(looked);
    }
    let Some(known) = read.hunt(&hunt)? else {
        return Err(StoreError::Missing { what: "hunt", id: hunt.to_string() });
    };
    let none = BTreeSet::new();
    let mut ties: Vec<(Option<&AccountId>, Vec<Tie>, Option<f64>)> = values
        .iter()
        .map(|v| {
            let ties = v.entry.evidence.iter().map(Tie::from).collect();
            (Some(&v.entry.account), ties, Some(v.entry.confidence))
        })
        .collect();
    let members: BTreeSet<&AccountId> = values.iter().map(|v| &v.entry.account).collect();
    let beside = read.members(&hunt)?;
    let others = beside.iter().filter(|m| m.account.as_ref().is_none_or(|a| !members.contains(a)));
    ties.extend(others.map(|m| (None, m.ties.clone(), None)));
    let everywhere: BTreeSet<String> =
        withdrawn.iter().filter(|r| r.run.is_none()).map(|r| r.signal.clone()).collect();
    let here: BTreeSet<String> = withdrawn.into_iter().map(|r| r.signal).collect();
    let found: Vec<Found<'_>> = ties
        .iter()
        .map(|(account, ties, sealed_confidence)| Found {
            ties,
            sealed_confidence: *sealed_confidence,
            is_confirmed: account.is_some_and(|a| confirmed.contains(a)),
            retracted: match account {
                Some(_) => &here,
                None if everywhere.is_empty() => &none,
                None => &everywhere,
            },
        })
        .collect();
    for ((account, _, _), standing) in ties.iter().zip(stand(&found, known.summary.prior, &policy.cohort)) {
        let Some(account) = account else { continue };
        match standing {
            Standing::Untouched => {}
            Standing::Stands(remains) => {
                looked.stands.insert((*account).clone(), remains.why());
            }
            Standing::CantTell => {
                looked.cant_tell.insert((*account).clone());
            }
            Standing::Falls(remains) => {
                let why = format!("a signal was withdrawn: {}", remains.why());
                looked
                    .exonerated
                    .entry((*account).clone())
                    .or_insert(Exoneration { way: Way::Retracted, why });
            }
        }
    }
    Ok(looked)
}

/// The retractions that hold for a run: of all hunts that were on record then, or of this run alone.
fn withdrawn(
    read: &Read,
    run: &RunId,
    hunt: &Digest,
    more: Option<&Retraction>,
) -> Result<Vec<Retraction>, StoreError> {
    let recorded_at = read.hunt(hunt)?.map_or(i64::MIN, |h| h.recorded_at);
    let mut all = read.retractions()?;
    all.extend(more.cloned());
    all.retain(|r| r.retracted_at >= recorded_at && r.run.as_ref().is_none_or(|of| of == run));
    Ok(all)
}
