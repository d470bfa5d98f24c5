//! Notices written from what the ledger knows of an account, in the words of the page room.

use crate::context::Context;
use model::account::ContactKind;
use model::event::Kind;
use model::id::{AccountId, NoticeCode, RunId};
use model::plan::{Act, Entry, Purpose, Template};
use model::run::StepState;
use model::verdict::{Hand, Timeline};
use page::notice::{Done, NoticeView, RecoveryLetter, Seen};
use respond::execute::{LetterOrder, WasDone};
use respond::recover::CodeOrder;
use store::notices::Words;
use store::{Read, StoreError};

/// What the service's sign-in page calls the way back.
pub(crate) const RECOVERY_WORDS: &str = "Get back into your account";

/// Writes the letters of a run.
pub(crate) fn writer(ctx: &Context) -> impl Fn(&Read, &LetterOrder<'_>) -> Result<Words, String> + Sync + '_ {
    move |read, order| {
        let view = view(ctx, read, order).map_err(|e| e.to_string())?;
        view.render().map(words).map_err(|e| e.to_string())
    }
}

fn words(letter: page::notice::Letter) -> Words {
    Words { subject: letter.subject, text: letter.text, html: letter.html }
}

/// Writes the letter with a recovery code.
pub(crate) fn code_letter(ctx: &Context, order: &CodeOrder) -> Result<Words, String> {
    let letter = RecoveryLetter {
        service_name: ctx.service.named.name.clone(),
        service_domain: ctx.service.named.domain.clone(),
        account_name: order.account.to_string(),
        code: order.code.clone(),
        valid_ms: ctx.policy.recovery.code_valid_ms,
        asked_at: order.asked_at,
        zone: None,
        device: None,
        place: None,
    };
    letter.render().map(words).map_err(|e| e.to_string())
}

fn view(ctx: &Context, read: &Read, order: &LetterOrder<'_>) -> Result<NoticeView, StoreError> {
    let LetterOrder { header, entry, code, done, at } = order;
    let account = &entry.account;
    // The plan that contained the account holds its contact and timeline; an undo looks at the run it undoes. An addendum
    // has its own, of a later hunt, and was done when it was done.
    let (plan, earlier) = match &header.purpose {
        Purpose::Contain | Purpose::Brake => (header.plan.clone(), None),
        Purpose::Undo { run } => (read.run(run)?.plan, first_notice(read, run, account)?),
        Purpose::Addendum { run, .. } => (header.plan.clone(), first_notice(read, run, account)?),
    };
    let taken_back = matches!(header.purpose, Purpose::Undo { .. });
    let contact = read.contacts(&plan, std::slice::from_ref(account))?.into_iter().next();
    let timeline = read.timeline(&plan, account)?;
    let mut told = in_words(done);
    if header.purpose == Purpose::Brake {
        let latest = header.expires_at.saturating_add(read.policy_of(&header.plan)?.brake.longer_ms);
        told.held_at_most = told.held_until.filter(|until| *until < latest).map(|_| latest);
    }
    if let (Purpose::Undo { run }, Template::Correction) = (&header.purpose, entry.notice) {
        not_put_back(read, run, account, &mut told)?;
    }
    Ok(NoticeView {
        template: entry.notice,
        service_name: ctx.service.named.name.clone(),
        service_domain: ctx.service.named.domain.clone(),
        account_name: account.to_string(),
        zone: contact.and_then(|c| c.time_zone),
        seen: seen(entry, timeline.as_ref()),
        done_at: earlier.as_ref().filter(|_| taken_back).map_or(*at, |(_, at)| *at),
        done: told,
        recovery_words: RECOVERY_WORDS.to_owned(),
        notice_code: (*code).clone(),
        earlier_code: earlier.map(|(code, _)| code),
    })
}

/// What the run that is undone took back for good: the owner is told, since only they can do it again.
fn not_put_back(read: &Read, run: &RunId, account: &AccountId, told: &mut Done) -> Result<(), StoreError> {
    let steps = read.steps(run, std::slice::from_ref(account))?;
    for step in steps.iter().filter(|s| s.state == StepState::Done) {
        let named = (step.act.unfollows().len(), step.act.unlikes().len());
        match named {
            (0, 0) => {}
            (follows, 0) => told.follows_taken_back = step.changed.unwrap_or(follows as u64),
            (_, likes) => told.likes_taken_back = step.changed.unwrap_or(likes as u64),
        }
    }
    Ok(())
}

fn first_notice(
    read: &Read,
    run: &RunId,
    account: &AccountId,
) -> Result<Option<(NoticeCode, i64)>, StoreError> {
    let notices = read.notices_of(account)?;
    Ok(notices.into_iter().find(|n| n.run == *run).map(|n| (n.code, n.owed_at)))
}

/// What was seen, from the events marked as the intruder's.
fn seen(entry: &Entry, timeline: Option<&Timeline>) -> Seen {
    let acts: Vec<_> = timeline
        .iter()
        .flat_map(|t| &t.moments)
        .filter(|m| m.hand == Hand::Intruder)
        .map(|m| &m.event)
        .collect();
    let count = |kind: &Kind| acts.iter().filter(|e| e.kind == *kind).count() as u64;
    let country = acts.iter().find_map(|e| e.country.as_deref());
    Seen {
        window: entry.window,
        place: country.map(page::place::country),
        device: acts.iter().find_map(|e| e.user_agent.as_deref()).and_then(page::device::in_words),
        app: match entry.route {
            model::verdict::Route::App => apps(entry).into_iter().next(),
            model::verdict::Route::Credential | model::verdict::Route::Session => None,
        },
        posts: count(&Kind::Post),
        messages: count(&Kind::Message),
        follows: count(&Kind::Follow),
    }
}

fn apps(entry: &Entry) -> Vec<String> {
    entry.acts.iter().flat_map(Act::apps).map(ToString::to_string).collect()
}

/// What was done, for the letter. What changed nothing is not told, unless nobody knows how much it was.
fn in_words(was: &WasDone) -> Done {
    let mut done = Done { posts_hidden: was.hidden, held_until: was.held_until, ..Done::default() };
    for (act, changed) in &was.acts {
        match act {
            Act::RequireNewCredential { .. } => done.password_replaced = true,
            Act::EndSessions => done.sessions_ended = Some(changed.unwrap_or(0)),
            Act::RevokeGrants { .. } if *changed == Some(0) => {}
            Act::RevokeGrants { .. } => {
                done.apps_revoked.extend(act.apps().iter().map(ToString::to_string));
            }
            Act::RestoreCredential => done.password_restored = true,
            Act::ShowObjects { .. } => done.posts_shown = changed.unwrap_or(0),
            Act::Unfollow { accounts } => {
                done.follows_taken_back = changed.unwrap_or(accounts.len() as u64);
            }
            Act::Unlike { objects } => done.likes_taken_back = changed.unwrap_or(objects.len() as u64),
            Act::Release => done.released = *changed != Some(0),
            Act::PutBackContact { kind, .. } if *changed != Some(0) => match kind {
                ContactKind::Mail => done.mail_put_back = true,
                ContactKind::Phone => done.phone_put_back = true,
            },
            Act::RemoveFactor { .. } if *changed != Some(0) => done.factors_removed += 1,
            Act::AddFactor { .. } => done.factors_added += 1,
            Act::PutBackContact { .. } | Act::RemoveFactor { .. } => {}
            Act::HideObjects { .. } | Act::Hold { .. } | Act::Waive => {}
        }
    }
    done
}
