//! The figures of the demonstration, counted from the service's own tables and the truth, never from our journal.

use crate::error::Result;
use crate::stage::people::new_password;
use crate::stage::play::Play;
use crate::stage::{Planned, Stage};
use model::id::{AccountId, ObjectId};

/// The one object that `--once --json` prints.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Summary {
    pub(crate) seed: u64,
    pub(crate) accounts: u64,
    pub(crate) victims: u64,
    /// Victims whose intruder gets in by nothing they held.
    pub(crate) victims_contained: u64,
    pub(crate) victims_contained_share: f64,
    /// Accounts that were seen to change.
    pub(crate) contained: u64,
    pub(crate) contained_outside_plan: u64,
    pub(crate) contained_innocent: u64,
    /// Innocents contained by the plan that was right; the others are the mistaken plan's.
    pub(crate) contained_innocent_by_routine: u64,
    pub(crate) posts_hidden: u64,
    pub(crate) owner_posts_hidden: u64,
    pub(crate) list_refused: bool,
    pub(crate) halted_runs: u64,
    /// Innocents who get in as themselves again: by their old password, or by one they chose meanwhile.
    pub(crate) restored: u64,
    /// Old passwords that work again for a true victim.
    pub(crate) victims_restored: u64,
    pub(crate) notices: u64,
    pub(crate) corrections: u64,
    pub(crate) recovered: u64,
    pub(crate) seconds: f64,
}

/// What the story knows and the tables can't.
pub(crate) struct Story {
    pub(crate) seed: u64,
    pub(crate) list_refused: bool,
    pub(crate) halted_runs: u64,
    pub(crate) innocent_by_routine: u64,
    pub(crate) seconds: f64,
}

/// Counts.
pub(crate) fn count(play: &Play<'_>, story: &Story) -> Result<Summary> {
    let (stage, watch) = (&play.stage, &play.watch);
    let truth = stage.service.truth();
    let still_in = play.held.still_in(stage);
    let (planned, touched) = (Planned::of(stage)?.accounts, watch.touched());
    let victims = truth.len() as u64;
    let victims_contained = victims - still_in.len() as u64;
    let innocent: Vec<&AccountId> = touched.iter().filter(|a| !truth.contains_key(*a)).collect();
    let owners_own = |(account, object): &&(AccountId, ObjectId)| {
        truth.get(account).is_none_or(|t| !t.objects.contains(object))
    };
    let old_works = |a: &AccountId| {
        stage.service.owner_password(a).is_some_and(|old| stage.service.sign_in(a, &old).is_ok())
    };
    let chose = |a: &AccountId| stage.service.sign_in(a, &new_password(a)).is_ok();
    let has_none = |a: &AccountId| stage.service.owner_password(a).is_none();
    let knows = |a: &AccountId| truth.get(a).is_some_and(|t| t.knows_password);
    let contained_victim = |a: &&AccountId| touched.contains(*a) && knows(a);
    let mails = notices(stage);
    Ok(Summary {
        seed: story.seed,
        accounts: stage.scene.population.accounts.len() as u64,
        victims,
        victims_contained,
        victims_contained_share: victims_contained as f64 / victims.max(1) as f64,
        contained: touched.len() as u64,
        contained_outside_plan: touched.difference(&planned).count() as u64,
        contained_innocent: innocent.len() as u64,
        contained_innocent_by_routine: story.innocent_by_routine,
        posts_hidden: watch.hidden().len() as u64,
        owner_posts_hidden: watch.hidden().iter().filter(owners_own).count() as u64,
        list_refused: story.list_refused,
        halted_runs: story.halted_runs,
        restored: innocent.iter().filter(|a| old_works(a) || chose(a) || has_none(a)).count() as u64,
        victims_restored: truth
            .keys()
            .filter(contained_victim)
            .filter(|a| !still_in.contains(*a) && old_works(a))
            .count() as u64,
        notices: mails.len() as u64,
        corrections: mails.iter().filter(|subject| subject.to_lowercase().contains("mistake")).count() as u64,
        recovered: truth.keys().filter(|a| chose(a)).count() as u64,
        seconds: (story.seconds * 10.0).round() / 10.0,
    })
}

/// The subjects of the notices that reached a mailbox; mails with a recovery code are not among them.
fn notices(stage: &Stage) -> Vec<String> {
    let mails = stage.catcher.mails();
    mails
        .iter()
        .filter_map(|m| {
            let parsed = mail_parser::MessageParser::default().parse(&m.raw)?;
            let local = parsed.message_id()?.split('@').next()?.to_owned();
            (local.len() == 14).then(|| parsed.subject().unwrap_or_default().to_owned())
        })
        .collect()
}
