//! Owners and reviewers: they act through the same operations that pages and commands call.

use super::{APPROVERS, Stage};
use crate::error::{Error, Result};
use crate::ops;
use connect::catcher::Caught;
use decide::review::Finding;
use model::id::{AccountId, Millis, OperatorName, PlanId, RunId};
use model::labels::Label;
use model::operator::Decision;
use model::plan::PlanState;
use model::secret::Secret;
use rehearse::people::{Deed, People, Proof, Reviewer, Told};
use respond::port::Clock;
use std::collections::BTreeSet;
use store::plans::Note;

/// Labels a plan's sample, and ends the review. `fooled` says of whom the reviewers are taken in.
pub(crate) fn review(
    stage: &Stage,
    plan: &PlanId,
    fooled: &dyn Fn(&AccountId) -> bool,
    seed: u64,
) -> Result<Finding> {
    // One label in five hundred is wrong, one in a thousand "can't tell".
    let reviewers = ["first-reviewer", "second-reviewer"].map(|name| Reviewer::new(seed, name, 0.002, 0.001));
    ops::review::begin(&stage.ctx, plan, "first-reviewer")?;
    for (n, shown) in ops::review::to_look_at(&stage.ctx, plan)?.into_iter().enumerate() {
        let reviewer = &reviewers[n % reviewers.len()];
        let label = reviewer.label(&shown.account, stage.is_victim(&shown.account) || fooled(&shown.account));
        ops::review::label(&stage.ctx, plan, &shown.account, &OperatorName::new(&*reviewer.name), label)?;
    }
    ops::review::conclude(&stage.ctx, plan, "first-reviewer")
}

/// A person looks at the accounts that refusals ask for by name, and says what is so; false where a refusal asks for none.
pub(crate) fn look_at_those_asked_for<'a>(
    stage: &Stage,
    refusals: impl Iterator<Item = &'a Note>,
    fooled: &dyn Fn(&AccountId) -> bool,
) -> Result<bool> {
    let by = OperatorName::from("first-reviewer");
    let known: BTreeSet<&str> = stage.scene.population.accounts.iter().map(|a| a.account.as_str()).collect();
    for refusal in refusals {
        let words = refusal.todo.split(|c: char| !c.is_alphanumeric());
        let named: BTreeSet<AccountId> = words.filter(|w| known.contains(w)).map(AccountId::from).collect();
        if named.is_empty() {
            return Ok(false);
        }
        for account in named {
            let is_so = stage.is_victim(&account) || fooled(&account);
            let label = if is_so { Label::Compromised } else { Label::NotCompromised };
            ops::review::label_case(&stage.ctx, &account, &by, label)?;
        }
    }
    Ok(true)
}

/// Two people sign.
pub(crate) fn approve(stage: &Stage, plan: &PlanId) -> Result<()> {
    for name in APPROVERS.map(OperatorName::from) {
        let key = stage.keys.get(&name).ok_or_else(|| Error::failed(format!("{name} has no key")))?;
        if ops::review::approve(&stage.ctx, plan, &name, key, Decision::Approve)? == PlanState::Approved {
            break;
        }
    }
    Ok(())
}

/// Owners who were told, and what they will do when.
pub(crate) struct Owners {
    people: People,
    told: BTreeSet<AccountId>,
    deeds: Vec<(AccountId, Deed)>,
}

/// What owners did.
#[derive(Default)]
pub(crate) struct Heard {
    pub(crate) recovered: u64,
    pub(crate) disputed: u64,
    pub(crate) proved: u64,
}

impl Owners {
    /// From the seed.
    pub(crate) fn new(people: People) -> Self {
        Self { people, told: BTreeSet::new(), deeds: Vec::new() }
    }

    /// Lets owners whose notice went out make up their minds, and those whose time has come act.
    pub(crate) fn live(&mut self, stage: &Stage, run: &RunId, heard: &mut Heard) -> Result<()> {
        let now = stage.clock.now();
        for notice in stage.ctx.store.read(|r| r.notices(run))? {
            if notice.state != model::notice::NoticeState::Sent || !self.told.insert(notice.account.clone()) {
                continue;
            }
            let window = window(stage, run, &notice.account)?;
            let told = Told {
                account: notice.account.clone(),
                at: now,
                reached: true,
                wronged: !stage.is_victim(&notice.account),
                old_device: stage.service.old_device(&notice.account, window),
                passkey: false,
            };
            self.deeds.extend(self.people.deeds(&told).into_iter().map(|d| (notice.account.clone(), d)));
        }
        self.deeds.sort_by_key(|(account, deed)| (deed.at(), account.clone()));
        let due = self.deeds.partition_point(|(_, d)| d.at() <= now);
        for (account, deed) in self.deeds.drain(..due) {
            match deed {
                Deed::Recovers { .. } => heard.recovered += u64::from(recover(stage, &account)?),
                Deed::Disputes { proof, .. } => {
                    heard.disputed += 1;
                    heard.proved += u64::from(dispute(stage, &account, &proof)?);
                }
            }
        }
        Ok(())
    }
}

fn window(stage: &Stage, run: &RunId, account: &AccountId) -> Result<Millis> {
    let values = stage.ctx.store.read(|r| r.values_of(&r.run(run)?.plan, std::slice::from_ref(account)))?;
    Ok(values.first().map_or(0, |v| v.entry.window.start))
}

/// How often an owner tries to set a password while the service is busy.
const PRESSES: u32 = 8;

/// The way back, as an owner goes it: asks for a code, reads it in the mail, enters it, chooses a password.
pub(crate) fn recover(stage: &Stage, account: &AccountId) -> Result<bool> {
    let before = stage.catcher.mails().len();
    if !ops::owner::ask_code(&stage.ctx, account)? {
        return Ok(false);
    }
    let mails = stage.catcher.mails();
    let Some(code) = mails.get(before..).and_then(|new| new.iter().find_map(code_in)) else {
        return Err(Error::failed(format!("no recovery code reached the owner of {account}")));
    };
    let Some(session) = ops::owner::enter_code(&stage.ctx, account, &code)? else { return Ok(false) };
    let owner = ops::owner::owner_of(&stage.ctx, &session)?;
    if owner.as_ref() != Some(account) {
        return Err(Error::failed(format!("the session of {account} is on another case")));
    }
    let chosen = new_password(account);
    // Where the service is busy, an owner presses again.
    let mut presses = 1;
    loop {
        match ops::owner::choose(&stage.ctx, account, &chosen) {
            Ok(effect) => return Ok(matches!(effect, respond::port::Effect::Done { .. })),
            Err(error) if presses == PRESSES => return Err(error),
            Err(_) => presses += 1,
        }
    }
}

/// What an owner chooses.
pub(crate) fn new_password(account: &AccountId) -> Secret {
    Secret::new(format!("{account} is mine again, and nobody else's"))
}

/// The code in a caught mail's text part: three groups of four after a space or a line's begin.
fn code_in(mail: &Caught) -> Option<Secret> {
    let parsed = mail_parser::MessageParser::default().parse(&mail.raw)?;
    let text = parsed.body_text(0)?;
    let is_code = |word: &&str| {
        let groups: Vec<&str> = word.split('-').collect();
        let of_four =
            |g: &&str| g.len() == 4 && g.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        groups.len() == 3 && groups.iter().all(of_four)
    };
    text.split_whitespace().find(is_code).map(Secret::new)
}

/// *That was me*, with what the owner can show; about the run that contained them, whichever is under way now.
fn dispute(stage: &Stage, account: &AccountId, proof: &Proof) -> Result<bool> {
    let Some(run) = ops::owner::dispute(&stage.ctx, account)? else { return Ok(false) };
    match proof {
        Proof::None | Proof::Passkey => Ok(false),
        Proof::OldDevice(device) => ops::owner::prove_by_device(&stage.ctx, &run, account, device),
        Proof::Support => {
            let now = stage.clock.now();
            let how = "support spoke with the owner";
            stage.ctx.store.write(now, |tx| {
                use model::exoneration::Proof;
                tx.prove_dispute(&run, account, Proof::Support, how, APPROVERS[0])
            })?;
            Ok(true)
        }
    }
}
