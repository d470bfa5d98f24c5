//! `case explain`: an account in plain words, for support.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::ops::letters::RECOVERY_WORDS;
use crate::ops::story::Story;
use model::id::{AccountId, NoticeCode};
use model::plan::Template;
use page::support::{Explained, Needed, Written};
use store::queue::QueueRow;

/// The account that a name or a notice code stands for.
pub(crate) fn whom(ctx: &Context, named: &str) -> Result<AccountId> {
    match ctx.store.read(|r| r.notice(&NoticeCode::new(named.to_uppercase())))? {
        Some(notice) => Ok(notice.account),
        None => Ok(AccountId::new(named)),
    }
}

/// What support may know of an account.
///
/// # Errors
/// Where nothing at all is on record of it.
pub(crate) fn explain(ctx: &Context, account: &AccountId) -> Result<Explained> {
    let (story, queued) = ctx.store.read(|r| Ok((Story::read(r, account)?, r.queue_of(account)?)))?;
    if story.chapters.is_empty() && queued.is_empty() && story.notices.is_empty() {
        return Err(Error::failed(format!("nothing is on record of {account}"))
            .hint("it is neither an account that was acted on, nor the code of a notice of ours"));
    }
    let containment = story.containment();
    let entry = story.entry.as_ref().filter(|_| containment.is_some());
    let letters = story.notices.iter().rev().filter(|n| !n.subject.is_empty());
    Ok(Explained {
        service_name: ctx.service.named.name.clone(),
        service_domain: ctx.service.named.domain.clone(),
        recovery_words: RECOVERY_WORDS.to_owned(),
        account_name: account.to_string(),
        zone: story.zone.clone(),
        template: entry.map_or(Template::Credential, |e| e.notice),
        seen: entry.map(|e| e.window),
        route: entry.map(|e| e.route),
        evidence: entry.iter().flat_map(|e| &e.evidence).map(|e| sentence(&e.summary)).collect(),
        done_at: containment.map_or(0, |c| c.case.settled_at.unwrap_or(c.case.intended_at)),
        done: story.done(),
        needs: queued.into_iter().filter(|q| q.closed_at.is_none()).map(needed).collect(),
        recovered_at: story.recovered_at(),
        disputed: story.disputes.first().map(|d| (d.disputed_at, d.proved_at.is_some())),
        letters: letters
            .map(|n| Written {
                subject: n.subject.clone(),
                state: n.state.as_str().to_owned(),
                at: n.ended_at.or(n.due_at).unwrap_or(n.owed_at),
                code: n.code.clone(),
            })
            .collect(),
    })
}

fn needed(queued: QueueRow) -> Needed {
    Needed { saying: queued.saying, todo: sentence(queued.why.todo()) }
}

/// With a capital letter, and without its full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.trim_end_matches('.').chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
