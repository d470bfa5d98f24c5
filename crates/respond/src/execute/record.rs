//! The outcomes of a batch, kept in one transaction: steps, what was turned or taken off, notices with their words; and the
//! intents of what was sealed for a credential that has moved.

use super::ends::{Acted, Telling, queue};
use super::letters::{LetterOrder, WasDone};
use super::work::hold_end;
use super::{Executor, Held};
use crate::error::RespondError;
use model::id::{AccountId, Millis, NoticeCode};
use model::mutant::{self, Mutant};
use model::plan::Purpose;
use model::run::Mover;
use model::seal::SealedEntry;
use std::collections::{BTreeMap, BTreeSet};
use store::hidden::Hiding;
use store::holds::Holding;
use store::steps::{NoticeFate, Outcome, Settled};

/// What letters of a batch are written from.
struct Told {
    codes: BTreeMap<AccountId, NoticeCode>,
    done: BTreeMap<AccountId, WasDone>,
}

impl Executor<'_> {
    /// Keeps what came of acts. Accounts of which a step waits are not settled. Nor are those whose credential has moved:
    /// they are given back, each with the end of the hold that was sealed for that case, and what else was is intended.
    pub(super) fn record(
        &self,
        held: &Held,
        ended: &[Acted<'_>],
    ) -> Result<BTreeMap<AccountId, Millis>, RespondError> {
        let outcomes: Vec<Outcome> = ended.iter().flat_map(|a| a.outcomes.clone()).collect();
        let ours: Vec<_> = ended.iter().filter_map(|a| a.ours.clone()).collect();
        let hidings: Vec<Hiding> = ended.iter().filter_map(|a| a.hiding.clone()).collect();
        let holdings: Vec<Holding> = ended.iter().filter_map(|a| a.holding.clone()).collect();
        let account = |a: &Acted<'_>| a.entry.entry().account.clone();
        let released: Vec<AccountId> = ended.iter().filter(|a| a.released).map(account).collect();
        let off = self.off_now(held, ended)?;
        self.write(held, |tx| {
            tx.record(&held.run, &outcomes)?;
            tx.put_ours(&held.run, &ours)?;
            tx.put_turned(&held.run, &hidings)?;
            tx.put_holdings(&held.run, &holdings)?;
            if let Some((undone, _)) = &held.undone {
                tx.put_released(undone, &released)?;
            }
            let through = || ended.iter().filter(|a| a.waits.is_none());
            let told: Vec<AccountId> =
                through().filter(|a| matches!(a.telling, Telling::Due)).map(account).collect();
            let letters = Told {
                codes: tx.notice_codes(&held.run, &told)?,
                done: WasDone::on_record(tx, held, &told)?,
            };
            let (mut instead, mut settled) = (Vec::new(), Vec::new());
            for acted in through() {
                let mover = match acted.is_moved {
                    true => Some(tx.mover(&held.run, &account(acted))?),
                    false => None,
                };
                if let Some(mover) = mover {
                    tx.put_moved(&held.run, &account(acted), mover)?;
                }
                match mover {
                    Some(Mover::Intruder | Mover::Unknown) if !acted.entry.entry().if_moved.is_empty() => {
                        instead.push((acted.entry, off.contains(&account(acted))));
                    }
                    Some(Mover::Owner) => {
                        let reason =
                            Some("its owner has set a new credential since: left as it is".to_owned());
                        let settling = self.settled(tx, held, acted, &letters)?;
                        settled.push(Settled { reason, ..settling });
                    }
                    Some(Mover::Intruder | Mover::Unknown) | None => {
                        settled.push(self.settled(tx, held, acted, &letters)?);
                    }
                }
            }
            tx.intend_instead(&held.run, &instead)?;
            tx.settle(&held.run, &settled)?;
            let waiting = tx.queued_accounts()?;
            let settled: BTreeSet<AccountId> = settled.into_iter().map(|s| s.account).collect();
            for acted in ended.iter().filter(|a| settled.contains(&a.entry.entry().account)) {
                queue(tx, held, acted, &waiting)?;
            }
            let end = |entry: &SealedEntry| hold_end(&entry.entry().if_moved, tx.now());
            Ok(instead.iter().map(|(e, _)| (e.entry().account.clone(), end(e).unwrap_or(tx.now()))).collect())
        })
    }

    /// Those among accounts whose credential has moved that are off already.
    fn off_now(&self, held: &Held, ended: &[Acted<'_>]) -> Result<BTreeSet<AccountId>, RespondError> {
        let moved: Vec<AccountId> =
            ended.iter().filter(|a| a.is_moved).map(|a| a.entry.entry().account.clone()).collect();
        if moved.is_empty() {
            return Ok(BTreeSet::new());
        }
        let states = loop {
            match self.ports.directory.snapshot(Some(&moved)) {
                Err(busy) if held.pace.heard(&busy, self.ports.clock.now()) => {
                    if self.wait_out(held)?.is_some() {
                        // They stay intended, and a resume asks what became of them.
                        return Err(busy.into());
                    }
                }
                other => break other?,
            }
        };
        Ok(states.into_iter().filter(|s| s.is_off).map(|s| s.record.account).collect())
    }

    /// What becomes of an account, its letter written from what is on record of it in this very transaction.
    fn settled(
        &self,
        tx: &store::Tx,
        held: &Held,
        acted: &Acted<'_>,
        told: &Told,
    ) -> Result<Settled, RespondError> {
        let entry = acted.entry.entry();
        let is_addendum = matches!(held.plan.header().purpose, Purpose::Addendum { .. });
        let notice = match acted.telling {
            Telling::Wait => NoticeFate::Wait,
            Telling::Void => NoticeFate::Void,
            Telling::Due if mutant::is_on(Mutant::OwesNoNotice) => NoticeFate::Void,
            // What it would have hidden was gone: there is nothing to tell.
            Telling::Due if is_addendum && told.done.get(&entry.account).is_none_or(|d| d.hidden == 0) => {
                NoticeFate::Void
            }
            Telling::Due => {
                let code = told.codes.get(&entry.account).ok_or_else(|| store::StoreError::Missing {
                    what: "notice for",
                    id: entry.account.to_string(),
                })?;
                let order = LetterOrder {
                    header: held.plan.header(),
                    entry,
                    code,
                    done: match mutant::is_on(Mutant::TellsWhatWasPlanned) {
                        true => WasDone::as_planned(entry, tx.now()),
                        false => told.done.get(&entry.account).cloned().unwrap_or_default(),
                    },
                    at: tx.now(),
                };
                let written = (self.letters)(tx, &order);
                let account = entry.account.clone();
                NoticeFate::Due(written.map_err(|why| RespondError::Letter { account, why })?)
            }
        };
        Ok(Settled {
            account: entry.account.clone(),
            state: acted.state,
            reason: acted.reason.clone(),
            notice,
            stuck: acted.stuck,
        })
    }
}
