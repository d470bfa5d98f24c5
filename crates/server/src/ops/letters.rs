//! Notices written from what the ledger knows of an account, in the words of the page room.

use crate::context::Context;
use model::event::Kind;
use model::id::{AccountId, NoticeCode, RunId};
use model::plan::{Act, Entry, Grants, Header, Purpose};
use model::verdict::{Hand, Timeline};
use page::notice::{Done, NoticeView, RecoveryLetter, Seen};
use respond::execute::Letter;
use respond::recover::CodeOrder;
use store::StoreError;

/// What the service's sign-in page calls the way back.
pub(crate) const RECOVERY_WORDS: &str = "Get back into your account";

/// Writes the letters of a run.
pub(crate) fn writer(
    ctx: &Context,
) -> impl Fn(&Header, &Entry, &NoticeCode) -> Result<Letter, String> + Sync + '_ {
    move |header, entry, code| {
        let view = view(ctx, header, entry, code).map_err(|e| e.to_string())?;
        let letter = view.render().map_err(|e| e.to_string())?;
        Ok(Letter { subject: letter.subject, text: letter.text, html: letter.html })
    }
}

/// Writes the letter with a recovery code.
pub(crate) fn code_letter(ctx: &Context, order: &CodeOrder) -> Result<Letter, String> {
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
    let letter = letter.render().map_err(|e| e.to_string())?;
    Ok(Letter { subject: letter.subject, text: letter.text, html: letter.html })
}

fn view(ctx: &Context, header: &Header, entry: &Entry, code: &NoticeCode) -> Result<NoticeView, StoreError> {
    let account = &entry.account;
    let now = ctx.now();
    let (zone, timeline, earlier) = ctx.store.read(|r| {
        // The plan that contained the account holds its contact and timeline; an undo looks at the run it undoes.
        let (plan, earlier) = match &header.purpose {
            Purpose::Contain | Purpose::Brake => (header.plan.clone(), None),
            Purpose::Undo { run } => (r.run(run)?.plan, first_notice(r, run, account)?),
        };
        let contact = r.contacts(&plan, std::slice::from_ref(account))?.into_iter().next();
        Ok((contact.and_then(|c| c.time_zone), r.timeline(&plan, account)?, earlier))
    })?;
    Ok(NoticeView {
        template: entry.notice,
        service_name: ctx.service.named.name.clone(),
        service_domain: ctx.service.named.domain.clone(),
        account_name: account.to_string(),
        zone,
        seen: seen(entry, timeline.as_ref()),
        done_at: earlier.as_ref().map_or(now, |(_, at)| *at),
        done: done(entry),
        recovery_words: RECOVERY_WORDS.to_owned(),
        notice_code: code.clone(),
        earlier_code: earlier.map(|(code, _)| code),
    })
}

fn first_notice(
    read: &store::Read,
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
    entry.acts.iter().flat_map(named_apps).collect()
}

fn named_apps(act: &Act) -> Vec<String> {
    match act {
        Act::RevokeGrants { grants: Grants::Of(apps) } => apps.iter().map(ToString::to_string).collect(),
        Act::RevokeGrants { grants: Grants::All }
        | Act::RequireNewCredential { .. }
        | Act::EndSessions
        | Act::HideObjects { .. }
        | Act::Waive
        | Act::RestoreCredential
        | Act::ShowObjects { .. } => Vec::new(),
    }
}

fn done(entry: &Entry) -> Done {
    let mut done = Done::default();
    for act in &entry.acts {
        match act {
            Act::RequireNewCredential { .. } => done.password_replaced = true,
            // How many it will be is not known when the letter is written.
            Act::EndSessions => done.sessions_ended = Some(0),
            Act::RevokeGrants { .. } => done.apps_revoked.extend(named_apps(act)),
            Act::HideObjects { objects } => done.posts_hidden = objects.len() as u64,
            Act::RestoreCredential => done.password_restored = true,
            Act::ShowObjects { objects } => done.posts_shown = objects.len() as u64,
            Act::Waive => {}
        }
    }
    done
}
