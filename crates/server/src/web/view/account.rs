//! The owner's own page, and what it needs to know before it does something.

use super::super::App;
use super::super::fault::Fault;
use super::super::owner::site;
use crate::ops;
use crate::ops::story::Story;
use model::event::Kind;
use model::id::{AccountId, Millis, ObjectId};
use model::notice::NoticeState;
use model::secret::Secret;
use page::owner::{HiddenPost, Message, OwnerPage};
use respond::recover::CodeOrder;
use std::collections::BTreeSet;
use store::notices::Notice;

/// How long messages are listed, ms: 90 days.
const LISTED_MS: i64 = 90 * 86_400_000;

/// The owner's page.
pub(in crate::web) fn page(app: &App, account: &AccountId, csrf: String) -> Result<OwnerPage, Fault> {
    let (story, kept, codes) = app.ctx.store.read(|r| {
        let story = Story::read(r, account)?;
        let kept = match story.containment() {
            Some(chapter) => r.kept_objects(&chapter.case.run, account)?,
            None => Vec::new(),
        };
        // Codes are kept hashed, and not for ever; that one was asked for stands in the log.
        let asked = r.audit_records_of(account.as_str())?;
        let codes = asked.into_iter().map(|record| record.entry).filter(|e| e.action == "case.ask_code");
        Ok((story, kept, codes.map(|e| e.at).collect::<Vec<Millis>>()))
    })?;
    let run = story.containment().map(|c| &c.case.run);
    let told = story.notices.iter().find(|n| Some(&n.run) == run && n.state != NoticeState::Void);
    Ok(OwnerPage {
        site: site(app),
        csrf,
        account_name: account.to_string(),
        zone: story.zone.clone(),
        timeline: story.lines(),
        done: story.done(),
        hidden_posts: hidden_posts(&story, &kept),
        needs_password: story.needs_password(),
        password_length_min: app.ctx.policy.recovery.password_length_min,
        password_problem: None,
        notice_code: told.map(|n| n.code.clone()),
        disputed_at: story.disputes.iter().find(|d| Some(&d.run) == run).map(|d| d.disputed_at),
        messages: messages(app, account, &story.notices, &codes)?,
    })
}

/// Whether the owner has yet to choose a new password.
pub(in crate::web) fn needs_password(app: &App, account: &AccountId) -> Result<bool, Fault> {
    Ok(app.ctx.store.read(|r| Ok(Story::read(r, account)?.needs_password()))?)
}

/// Shows hidden posts again; gives how many of all that we hid are shown by now, and how many are left hidden.
pub(in crate::web) fn keep(app: &App, account: &AccountId, wanted: &[ObjectId]) -> Result<(u64, u64), Fault> {
    ops::owner::keep(&app.ctx, account, wanted)?;
    Ok(app.ctx.store.read(|r| {
        let story = Story::read(r, account)?;
        let Some(chapter) = story.containment() else { return Ok((0, 0)) };
        let kept = r.kept_objects(&chapter.case.run, account)?;
        let (shown, left): (Vec<_>, Vec<_>) = story.hidden().into_iter().partition(|o| kept.contains(o));
        Ok((shown.len() as u64, left.len() as u64))
    })?)
}

fn hidden_posts(story: &Story, kept: &[ObjectId]) -> Vec<HiddenPost> {
    let kept: BTreeSet<&ObjectId> = kept.iter().collect();
    let written = |object: &ObjectId| {
        let mut posts = story.moments.iter().map(|m| &m.event);
        posts.find(|e| e.kind == Kind::Post && e.object.as_ref() == Some(object))
    };
    let post = |object: ObjectId| {
        let event = written(&object);
        HiddenPost {
            at: event.map(|e| e.time),
            text: event.and_then(|e| e.text.clone()),
            show: kept.contains(&object),
            object,
        }
    };
    story.hidden().into_iter().map(post).collect()
}

/// What we sent in the last 90 days, the newest first: what is not in this list is not from us.
fn messages(
    app: &App,
    account: &AccountId,
    notices: &[Notice],
    codes: &[Millis],
) -> Result<Vec<Message>, Fault> {
    let since = app.ctx.now() - LISTED_MS;
    let sent = |notice: &Notice| {
        let at = match notice.state {
            NoticeState::Sent => notice.ended_at?,
            // Handed over, and no answer yet: it may have arrived.
            NoticeState::Sending => notice.due_at?,
            NoticeState::Owed | NoticeState::Due | NoticeState::Failed | NoticeState::Void => return None,
        };
        Some(Message { at, subject: notice.subject.clone(), code: Some(notice.code.clone()) })
    };
    let mut messages: Vec<Message> = notices.iter().filter_map(sent).filter(|m| m.at >= since).collect();
    for &at in codes.iter().filter(|at| **at >= since) {
        messages.push(Message { at, subject: code_subject(app, account, at)?, code: None });
    }
    messages.sort_by_key(|m| std::cmp::Reverse(m.at));
    Ok(messages)
}

/// The subject of a letter with a recovery code; the code itself is not known any more.
fn code_subject(app: &App, account: &AccountId, asked_at: Millis) -> Result<String, Fault> {
    let order = CodeOrder { account: account.clone(), code: Secret::new("0"), asked_at };
    Ok(ops::letters::code_letter(&app.ctx, &order).map_err(Fault::internal)?.subject)
}
