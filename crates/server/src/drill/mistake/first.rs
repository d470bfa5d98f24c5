//! The intruder who moves first: between a plan's seal and its run. What they changed is no way out.

use crate::drill::cast::Drilled;
use crate::error::{Error, Result, at};
use crate::ops;
use crate::stage::Stage;
use model::account::ContactKind;
use model::event::{Event, Kind};
use model::id::{AccountId, EventId, FactorId, Millis, RunId};
use model::plan::ActKind;
use model::run::PersonNeeded;
use model::secret::Secret;
use std::io::Write as _;
use std::path::PathBuf;

const MINUTE_MS: i64 = 60_000;
/// How many intruders move.
const MOVED: usize = 12;

/// What an intruder put in place of the owner's.
struct Grip {
    account: AccountId,
    password: Secret,
    passkey: FactorId,
    /// The owner's own address, from before.
    mail: Option<Secret>,
    events: Vec<Event>,
}

/// The plan names the old credential: what is open is ended, the account is held, a person is asked. Hunted again and
/// sealed anew, the plan names the intruder's: replaced, with contact and passkey taken out. Where the hunt can't tell whose
/// hand it was, the person who was asked has the last word: that is not most of them.
pub(super) fn intruder_moves_first(drill: &mut Drilled<'_>) -> Result<()> {
    if drill.twin {
        drill.answer_the_attack()?;
        drill.ends("contained");
        return Ok(());
    }
    drill.play.stage.scene.answer()?;
    let answer = drill.play.stage.scene.answer_folder();
    let plan = drill.play.reviewed(&answer, None, &|_| false)?;
    drill.play.stage.pass(60 * MINUTE_MS);
    let members = ops::plan::sealed(&drill.play.stage.ctx, &plan)?.1;
    let replaced =
        members.iter().filter(|v| v.entry.acts.iter().any(|a| a.kind() == ActKind::RequireNewCredential));
    let grips: Vec<Grip> =
        replaced.filter_map(|v| grip(&drill.play.stage, &v.entry.account)).take(MOVED).collect();
    drill.expect(grips.len() == MOVED, format!("only {} intruders could move", grips.len()));
    drill.hands.extend(grips.iter().map(|g| g.account.clone()));
    let run = drill.play.armed(&plan)?;
    let ended = drill.play.carry_out(&run)?;
    drill.expect(ended.done || ended.ran_out, format!("the run halted: {}", ended.why));
    reached(drill, &grips, &run)?;
    let again = hunted_again(&drill.play.stage, &grips)?;
    // Where the first plan's time was over, the new one is for those as well whom it did not come to.
    let second = drill.play.respond_to_all(&again, None)?;
    drill.expect(second.done, format!("the second run halted: {}", second.why));
    drill.play.stage.pass(drill.play.stage.ctx.policy.hold.lasts_ms_max);
    ops::run::end_holds(&drill.play.stage.ctx)?;
    judge(drill, &grips)?;
    drill.innocent_bound = drill.reviewed_bound()?;
    drill.ends("no way out: held, sealed again, contact and passkey taken out; a person looks where no hand can be told");
    Ok(())
}

/// Whoever the first run came to is in a person's queue, and nothing of theirs is open.
fn reached(drill: &mut Drilled<'_>, grips: &[Grip], run: &RunId) -> Result<()> {
    let (queued, cases) = drill.play.stage.ctx.store.read(|r| Ok((r.queue()?, r.cases(run)?)))?;
    let reached = || grips.iter().filter(|g| cases.iter().any(|c| c.account == g.account));
    let asked =
        |g: &&Grip| queued.iter().any(|q| q.account == g.account && q.why == PersonNeeded::MovedUnknown);
    let unasked = reached().filter(|g| !asked(g)).count();
    drill.expect(unasked == 0, format!("{unasked} moved accounts are in nobody's queue"));
    let open = reached().filter(|g| !drill.play.stage.service.sessions(&g.account).is_empty()).count();
    drill.expect(open == 0, format!("{open} moved accounts have an open session"));
    Ok(())
}

/// The intruder signs in with what they know, and makes the account theirs.
fn grip(stage: &Stage, account: &AccountId) -> Option<Grip> {
    let service = &stage.service;
    let truth = service.truth().get(account)?;
    let loot = service.loot(account)?;
    let session = service.sign_in(account, loot.password.as_ref()?).ok()?;
    // They come back with what they came with.
    let is_theirs = |e: &&Event| e.kind == Kind::Login && truth.events.contains(&e.id);
    let trace = stage.scene.population.events.iter().rfind(is_theirs)?;
    let mail = service.contact_in_place(account, ContactKind::Mail);
    let now = stage.ctx.now();
    let event = |kind: Kind, minutes: i64| Event {
        device: trace.device.clone(),
        ip: trace.ip.clone(),
        asn: trace.asn,
        country: trace.country.clone(),
        user_agent: trace.user_agent.clone(),
        app: trace.app.clone(),
        session: Some(session.clone()),
        ..Event::new(id(account, &kind), now + minutes * MINUTE_MS, account.clone(), kind)
    };
    let login = Event { outcome: Some(model::event::Outcome::Success), ..event(Kind::Login, 0) };
    let changed =
        Event { previous: mail.as_ref().map(|m| m.reveal().to_owned()), ..event(Kind::EmailChange, 1) };
    let factor = Event { change: Some("passkey_added".to_owned()), ..event(Kind::MfaChange, 3) };
    let password = Secret::new(format!("{account} belongs to somebody else now"));
    let theirs = Secret::new(format!("{account}@elsewhere.example"));
    let passkey = service.add_passkey(&session, Some(&factor.id))?;
    let is_gripped = service.change_contact(&session, ContactKind::Mail, &theirs, changed.time)
        && service.change_password(&session, &password);
    let events = vec![login, changed, event(Kind::PasswordChange, 2), factor];
    is_gripped.then(|| Grip { account: account.clone(), password, passkey, mail, events })
}

fn id(account: &AccountId, kind: &Kind) -> EventId {
    EventId::new(format!("moves-first-{account}-{kind:?}"))
}

/// A hunt over everything, with what happened since.
fn hunted_again(stage: &Stage, grips: &[Grip]) -> Result<PathBuf> {
    let (file, folder) = (stage.folder.path().join("since.jsonl"), stage.folder.path().join("again"));
    let mut out = std::fs::File::create(&file).map_err(at(&file))?;
    let mut events: Vec<&Event> = grips.iter().flat_map(|g| &g.events).collect();
    let moment = |e: &&Event| -> (Millis, String) { (e.time, e.id.to_string()) };
    events.sort_by_key(moment);
    for event in events {
        writeln!(out, "{}", serde_json::to_string(event)?).map_err(at(&file))?;
    }
    drop(out);
    let request = hunt::Request::new(vec![stage.scene.events(), file], folder.clone());
    hunt::run(&request, &|_| {})?;
    Ok(folder)
}

/// Nothing that the intruder put in place opens anything, and the owner's address is in place. Whoever was contained by the
/// second run needs no person any more; where the hunt can't tell whose hand moved, or somebody proved that it was them, one
/// still looks.
fn judge(drill: &mut Drilled<'_>, grips: &[Grip]) -> Result<()> {
    let (queued, said) = drill.play.stage.ctx.store.read(|r| {
        let said = grips.iter().map(|g| r.disputes_of(&g.account));
        Ok((r.queue()?, said.collect::<std::result::Result<Vec<_>, _>>()?.concat()))
    })?;
    // Who proves that it was them is left alone, even where they err.
    let proved = |a: &AccountId| said.iter().any(|d| d.account == *a && d.proof.is_some());
    let left = [PersonNeeded::SetByUnknown, PersonNeeded::MovedUnknown];
    let is_asked = |a: &AccountId| queued.iter().any(|q| q.account == *a && left.contains(&q.why));
    let is_left = |g: &&Grip| is_asked(&g.account) || proved(&g.account);
    let (left, told): (Vec<&Grip>, Vec<&Grip>) = grips.iter().partition(is_left);
    let mut wrong = Vec::new();
    for grip in &told {
        let (service, account) = (&drill.play.stage.service, &grip.account);
        let way = [
            (service.sign_in(account, &grip.password).is_ok(), "their password"),
            (service.sign_in_by_passkey(account, &grip.passkey).is_ok(), "their passkey"),
            (service.contact_in_place(account, ContactKind::Mail) != grip.mail, "their mail address"),
            (service.is_off(account), "nothing: it is off for good"),
        ];
        wrong.extend(way.into_iter().filter(|(open, _)| *open).map(|(_, what)| format!("{account}: {what}")));
    }
    let none = wrong.is_empty();
    drill.expect(none, format!("a way out is left by {wrong:?}"));
    let most = told.len() > left.len();
    drill.expect(most, format!("{} of {} are left to a person", left.len(), grips.len()));
    if grips.is_empty() {
        return Err(Error::failed("no intruder moved"));
    }
    Ok(())
}
