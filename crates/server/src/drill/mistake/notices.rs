//! What owners read, and whether it reaches them.

use crate::drill::cast::Drilled;
use crate::error::{Error, Result};
use mail_parser::MessageParser;
use model::id::AccountId;
use page::notice::lint;
use std::collections::BTreeMap;

/// Reddit, January 2019: people who were locked out were told that they were suspended. What a mail says was done is
/// held against what the service was asked.
pub(super) fn wrong_template(drill: &mut Drilled<'_>) -> Result<()> {
    let ended = drill.answer_the_attack()?;
    let stage = &drill.play.stage;
    let asked = stage.service.asked_of();
    let mut wrong = Vec::new();
    for (account, text) in told(drill, &ended.run)? {
        let done = asked.get(&account).copied().unwrap_or_default();
        let says_replaced = text.contains("We replaced your password");
        let says_hidden = text.contains("that we believe you did not write");
        let hidden = drill.play.watch.hidden().iter().any(|(a, _)| *a == account);
        if says_replaced != done.replaced || (says_hidden && !hidden) {
            wrong.push(format!(
                "{account}: replaced {says_replaced}/{}, hidden {says_hidden}/{hidden}",
                done.replaced
            ));
        }
    }
    drill.expect(wrong.is_empty(), format!("told what did not happen to them: {wrong:?}"));
    drill.ends("each is told what was done, and nothing else");
    Ok(())
}

/// Slack 2021, Twitter 2012: real mails were taken for phishing. Every mail is held against what a program can say.
pub(super) fn phishy_mail(drill: &mut Drilled<'_>) -> Result<()> {
    drill.answer_the_attack()?;
    let mut said = Vec::new();
    for mail in drill.play.stage.catcher.mails() {
        let parsed =
            MessageParser::default().parse(&mail.raw).ok_or_else(|| Error::failed("a mail is no message"))?;
        let part = |body: Option<std::borrow::Cow<'_, str>>| body.unwrap_or_default().into_owned();
        let subject = parsed.subject().unwrap_or_default().to_owned();
        let (text, html) = (part(parsed.body_text(0)), part(parsed.body_html(0)));
        said.extend(lint(&subject, &text, &html));
        if parsed.header("Auto-Submitted").is_none() {
            said.push("it has no Auto-Submitted header".to_owned());
        }
    }
    said.sort_unstable();
    said.dedup();
    drill.expect(said.is_empty(), format!("said against our mails: {said:?}"));
    drill.ends("nothing a program could say against any mail");
    Ok(())
}

/// For a day nothing is taken: the run waits with nobody more than its canary contained, and goes on afterwards.
pub(super) fn mail_down(drill: &mut Drilled<'_>) -> Result<()> {
    if drill.twin {
        drill.answer_the_attack()?;
        drill.ends("contained");
        return Ok(());
    }
    drill.play.stage.post.down(true);
    drill.play.stage.scene.answer()?;
    let answer = drill.play.stage.scene.answer_folder();
    let plan = drill.play.reviewed(&answer, None, &|_| false)?;
    let run = drill.play.armed(&plan)?;
    let until = drill.play.stage.ctx.now() + 86_400_000;
    let mut heard = crate::stage::people::Heard::default();
    let mut ended = None;
    while ended.is_none() && drill.play.stage.ctx.now() < until {
        ended = drill.play.step(&run, &mut heard)?;
    }
    let contained = drill.play.stage.service.asked_of().len() as u64;
    let canary = drill.play.stage.ctx.policy.run.canary_accounts;
    drill.expect(contained <= canary, format!("{contained} accounts were contained with the mail down"));
    drill.expect(ended.is_none(), "the run ended with the mail down");
    drill.play.stage.post.down(false);
    let ended = drill.play.carry_out(&run)?;
    let ended = drill.play.finish(ended, &answer)?;
    drill.expect(ended.done, format!("the run did not go on: {}", ended.why));
    drill.innocent_bound = drill.reviewed_bound()?;
    drill.ends("waits, and goes on when mail is taken again");
    Ok(())
}

/// Many notices come back: the run does not pass its canary.
pub(super) fn bounces(drill: &mut Drilled<'_>) -> Result<()> {
    if drill.twin {
        drill.answer_the_attack()?;
        drill.ends("contained");
        return Ok(());
    }
    drill.play.stage.scene.answer()?;
    let answer = drill.play.stage.scene.answer_folder();
    drill.play.stage.post.bounce(0.3);
    let plan = drill.play.reviewed(&answer, None, &|_| false)?;
    let run = drill.play.armed(&plan)?;
    let until = drill.play.stage.ctx.now() + 5 * 86_400_000;
    let mut heard = crate::stage::people::Heard::default();
    let mut ended = None;
    while ended.is_none() && drill.play.stage.ctx.now() < until {
        ended = drill.play.step(&run, &mut heard)?;
    }
    let done = ended.is_some_and(|(done, _)| done);
    drill.expect(!done, "the run went to its end although three in ten were never told");
    let contained = drill.play.stage.service.asked_of().len() as u64;
    let canary = drill.play.stage.ctx.policy.run.canary_accounts;
    drill.expect(contained <= canary, format!("{contained} contained, and the canary has {canary}"));
    drill.innocent_bound = drill.reviewed_bound()?;
    drill.ends("held at the canary; the undelivered are listed");
    Ok(())
}

/// The text of the notice that reached each account of a run.
fn told(drill: &Drilled<'_>, run: &model::id::RunId) -> Result<BTreeMap<AccountId, String>> {
    let stage = &drill.play.stage;
    let notices = stage.ctx.store.read(|r| r.notices(run))?;
    let by_id: BTreeMap<_, _> = notices.into_iter().map(|n| (n.message_id, n.account)).collect();
    let mut told = BTreeMap::new();
    for mail in stage.catcher.mails() {
        let Some(parsed) = MessageParser::default().parse(&mail.raw) else { continue };
        if let Some(account) = parsed.message_id().and_then(|id| by_id.get(id)) {
            let text = parsed.body_text(0).unwrap_or_default().replace('\n', " ");
            told.insert(account.clone(), text.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    Ok(told)
}
