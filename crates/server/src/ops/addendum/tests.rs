//! The thread of an addendum: a plan is sealed, its intruders post on before their turn comes, and what the plan named is
//! hidden and no more. A later hunt, an addendum, and only what their hand made is hidden as well; an undo gives back both.

use super::draft;
use crate::context::SHIPPED_POLICY;
use crate::ops;
use crate::stage::people::{self, Owners};
use crate::stage::play::Play;
use crate::stage::{AUTHOR, Scene, Setting, Stage};
use model::event::{Event, Kind};
use model::id::{AccountId, EventId, ObjectId, OperatorName, PlanId, RunId};
use model::labels::Label;
use model::notice::NoticeState;
use model::plan::{Act, LeftOutCode, PlanState, Purpose, Template};
use rehearse::people::{Habits, People};
use respond::port::Clock;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

const SEED: u64 = 17;
const MINUTE_MS: i64 = 60_000;
/// Intruders who post on, and how often each.
const BUSY: usize = 4;
const POSTS: usize = 5;

/// A plan that is reviewed and not armed yet, under the shipped policy with gates that don't wait.
struct Thread {
    play: Play<'static>,
    plan: PlanId,
    /// What was posted since the plan was sealed: by intruders, and by their accounts' owners.
    theirs: BTreeMap<AccountId, Vec<ObjectId>>,
    owners: BTreeMap<AccountId, ObjectId>,
    events: Vec<Event>,
}

fn thread(policy: &str) -> Thread {
    let scene = Arc::new(Scene::of_stuffing(SEED, 900, 0.05).unwrap());
    let setting = Setting { policy: policy.to_owned(), ..Setting::shipped(SEED) };
    let stage = Stage::set(Arc::clone(&scene), &setting).unwrap();
    scene.answer().unwrap();
    let owners = Owners::new(People::new(SEED, Habits::default()));
    let play = Play::begin(stage, owners, SEED, &|_| {}).unwrap();
    let plan = play.reviewed(&scene.answer_folder(), None, &|_| false).unwrap();
    Thread { play, plan, theirs: BTreeMap::new(), owners: BTreeMap::new(), events: Vec::new() }
}

fn policy() -> String {
    SHIPPED_POLICY
        .replace("\ncanary_accounts = 80", "\ncanary_accounts = 4000")
        .replace("\nsoak_min_ms = 3600000", "\nsoak_min_ms = 0")
        .replace("\nwatch_ms = 1209600000", "\nwatch_ms = 0")
        .replace("\nowners_per_day = 200", "\nowners_per_day = 1000000")
        .replace("\nuntil_ms = 25200000", "\nuntil_ms = 79200000")
}

impl Thread {
    /// Intruders whose session is alive post what they posted before, and the owner of each posts something of their own.
    fn post_on(&mut self) {
        let stage = &self.play.stage;
        stage.pass(10 * MINUTE_MS);
        let planned = ops::plan::sealed(&stage.ctx, &self.plan).unwrap().1;
        let events: BTreeMap<&EventId, &Event> =
            stage.scene.population.events.iter().map(|e| (&e.id, e)).collect();
        for entry in planned.into_iter().map(|v| v.entry) {
            let account = &entry.account;
            let Some(truth) = stage.service.truth().get(account) else { continue };
            let named: BTreeSet<&ObjectId> = entry.acts.iter().flat_map(Act::hides).collect();
            let alive = stage.service.sessions(account);
            let is_lure = |e: &&&Event| {
                e.kind == Kind::Post
                    && e.object.as_ref().is_some_and(|o| named.contains(o))
                    && e.session.as_ref().is_some_and(|s| alive.contains(s))
            };
            let Some(lure) = truth.events.iter().filter_map(|id| events.get(id)).find(|e| is_lure(e)) else {
                continue;
            };
            let foreign: BTreeSet<&EventId> = truth.events.iter().collect();
            let is_own = |e: &&&Event| {
                e.account == *account
                    && e.kind == Kind::Post
                    && !foreign.contains(&e.id)
                    && e.session.as_ref().is_some_and(|s| alive.contains(s))
            };
            let Some(own) = events.values().filter(is_own).max_by_key(|e| e.time) else { continue };
            let again = |like: &Event, n: usize| {
                let session = like.session.as_ref().expect("it is alive");
                let object = stage.service.post(session, like.text.as_deref().unwrap_or_default())?;
                let mut event = like.clone();
                event.id = format!("since-{object}").as_str().into();
                event.time = stage.clock.now() + n as i64 * MINUTE_MS;
                event.object = Some(object);
                Some(event)
            };
            let more: Vec<Event> = (0..POSTS).filter_map(|n| again(lure, n)).collect();
            let theirs = more.iter().filter_map(|e| e.object.clone()).collect();
            let mut own = again(own, POSTS).expect("the owner's session is alive");
            own.text = Some("what a lovely evening it was".to_owned());
            self.owners.extend(own.object.clone().map(|o| (account.clone(), o)));
            self.theirs.insert(account.clone(), theirs);
            self.events.extend(more);
            self.events.push(own);
            if self.theirs.len() == BUSY {
                break;
            }
        }
        assert_eq!(self.theirs.len(), BUSY, "seed {SEED}: too few intruders could post on");
        stage.pass(POSTS as i64 * MINUTE_MS);
    }

    /// The plan is armed, started and carried out.
    fn carry_out(&mut self, plan: &PlanId) -> RunId {
        let run = self.play.armed(plan).unwrap();
        let ended = self.play.carry_out(&run).unwrap();
        assert!(ended.done, "seed {SEED}: {}", ended.why);
        run
    }

    /// A hunt over all events, with those since the plan was sealed.
    fn hunted(&self) -> PathBuf {
        let folder = self.play.stage.folder.path();
        let more = folder.join("since.jsonl");
        let lines: Vec<String> = self.events.iter().map(|e| serde_json::to_string(e).unwrap()).collect();
        std::fs::write(&more, lines.join("\n") + "\n").unwrap();
        let out = folder.join("later-answer");
        let request = hunt::Request::new(vec![self.play.stage.scene.events(), more], out.clone());
        hunt::run(&request, &|_| {}).unwrap();
        out
    }

    fn draft(&self, run: &RunId, answer: &std::path::Path) -> PlanId {
        draft(&self.play.stage.ctx, run, answer, &OperatorName::new(AUTHOR)).unwrap().plan
    }

    fn seen(&self, object: &ObjectId) -> bool {
        self.play.stage.service.visible(object)
    }

    /// What everybody can see, by account.
    fn visible(&self) -> BTreeMap<AccountId, BTreeSet<ObjectId>> {
        let stage = &self.play.stage;
        let all = stage.scene.population.accounts.iter().map(|a| a.account.clone());
        all.map(|a| (a.clone(), stage.service.visible_objects(&a).into_iter().collect())).collect()
    }
}

#[test]
fn what_the_same_hand_posts_after_the_seal_is_hidden_by_an_addendum_and_comes_back_by_an_undo() {
    let mut thread = thread(&policy());
    thread.post_on();
    let plan = thread.plan.clone();
    let run = thread.carry_out(&plan);
    for objects in thread.theirs.values() {
        assert!(objects.iter().all(|o| thread.seen(o)), "the plan names none of them, and hides none");
    }

    let answer = thread.hunted();
    let ctx = Arc::clone(&thread.play.stage.ctx);
    let addendum = thread.draft(&run, &answer);
    let drafted = ctx.store.read(|r| r.draft(&addendum)).unwrap();
    let digest = ctx.store.read(|r| r.run(&run)).unwrap().digest;
    assert_eq!(drafted.header.purpose, Purpose::Addendum { run: run.clone(), to: digest });
    let named: BTreeMap<AccountId, BTreeSet<ObjectId>> = drafted
        .entries
        .iter()
        .map(|e| (e.account.clone(), e.acts.iter().flat_map(Act::hides).cloned().collect()))
        .collect();
    // Owners answer as people do: one of these says "that was me", and the addendum leaves them alone.
    let disputed: BTreeSet<AccountId> =
        ctx.store.read(|r| r.disputes(&run)).unwrap().into_iter().map(|d| d.account).collect();
    let expected: BTreeMap<AccountId, BTreeSet<ObjectId>> = thread
        .theirs
        .iter()
        .filter(|(a, _)| !disputed.contains(*a))
        .map(|(a, o)| (a.clone(), o.iter().cloned().collect()))
        .collect();
    assert_eq!(expected.len(), BUSY - 1, "seed {SEED}: {disputed:?}");
    let out: Vec<_> = drafted.left_out.iter().filter(|l| expected.contains_key(&l.account)).collect();
    assert_eq!(named, expected, "just what they made since, and nothing of their owners'; left out: {out:?}");
    let quiet = drafted.left_out.iter().filter(|l| l.code == LeftOutCode::AlreadyContained).count();
    assert!(quiet > 0, "who did nothing since is listed");

    // It is checked, sealed, reviewed and signed as any plan.
    assert_eq!(ops::plan::check(&ctx, &addendum, AUTHOR).unwrap().0, PlanState::Checked);
    ops::plan::seal_plan(&ctx, &addendum, AUTHOR).unwrap();
    assert!(ops::run::arm(&ctx, &addendum, AUTHOR).is_err(), "nobody has looked, nobody has signed");
    assert!(people::review(&thread.play.stage, &addendum, &|_| false, SEED).unwrap().passes);
    let before = thread.visible();
    let adding = thread.carry_out(&addendum);
    for (account, was) in &before {
        let gone: BTreeSet<ObjectId> = was.difference(&thread.visible()[account]).cloned().collect();
        assert_eq!(gone, expected.get(account).cloned().unwrap_or_default(), "{account}");
    }
    assert!(thread.owners.values().all(|o| thread.seen(o)), "what owners wrote since stays");
    let notices = ctx.store.read(|r| r.notices(&adding)).unwrap();
    assert_eq!(notices.len(), expected.len());
    for notice in &notices {
        assert_eq!((notice.template, notice.state), (Template::Addendum, NoticeState::Sent));
        let earlier = ctx.store.read(|r| r.notices(&run)).unwrap();
        let earlier =
            earlier.into_iter().find(|n| n.account == notice.account).expect("they were told before");
        let words = ctx.store.read(|r| r.notices_of(&notice.account)).unwrap();
        let letter = words.into_iter().find(|n| n.code == notice.code).expect("it is there");
        assert!(letter.text.contains(earlier.code.as_str()), "it names the first letter");
        assert!(letter.text.contains(&format!("We hid {POSTS} posts")), "{}", letter.text);
    }
    // Nothing is left to be added, and nothing is added to an addendum or taken back by itself.
    let again = draft(&ctx, &run, &answer, &AUTHOR.into()).err().expect("there is nothing more").to_string();
    assert!(again.contains("nothing is to be added"), "{again}");
    let twice = draft(&ctx, &adding, &answer, &AUTHOR.into()).err().expect("it is refused").to_string();
    assert!(twice.contains("itself an addendum"), "{twice}");
    let alone = ops::undo::preview(&ctx, &adding, &[]).err().expect("it is refused").to_string();
    assert!(alone.contains("comes back with what it was added to"), "{alone}");

    // One of them turns out to have been nobody's victim, and one owner keeps a post that they look at.
    let mut busy = thread.theirs.iter().filter(|(a, _)| expected.contains_key(*a));
    let (innocent, keeper) = (busy.next().unwrap().0.clone(), busy.next().unwrap());
    assert_eq!(ops::owner::keep(&ctx, keeper.0, &keeper.1[..1]).unwrap(), 1);
    assert!(thread.seen(&keeper.1[0]) && !thread.seen(&keeper.1[1]));
    let speaks = busy.next().unwrap().0.clone();
    assert_eq!(ops::owner::dispute(&ctx, &speaks).unwrap(), Some(run.clone()), "of what contained them");
    ops::review::label_case(&ctx, &innocent, &"first-reviewer".into(), Label::NotCompromised).unwrap();
    thread.play.undo(&run).unwrap();
    for (account, objects) in &thread.theirs {
        let kept = usize::from(account == keeper.0);
        let is_back = *account == innocent || disputed.contains(account);
        let shown = if is_back { POSTS } else { kept };
        assert_eq!(objects.iter().filter(|o| thread.seen(o)).count(), shown, "{account}");
    }
    let refused = draft(&ctx, &run, &answer, &AUTHOR.into()).err().expect("all are given back").to_string();
    assert!(refused.contains("nothing is to be added"), "{refused}");
}

#[test]
fn where_the_policy_allows_none_or_an_undo_waits_nothing_is_drafted_or_done() {
    let mut thread = thread(&policy());
    thread.post_on();
    let plan = thread.plan.clone();
    let run = thread.carry_out(&plan);
    let answer = thread.hunted();
    let addendum = thread.draft(&run, &answer);
    let ctx = Arc::clone(&thread.play.stage.ctx);
    assert_eq!(ops::plan::check(&ctx, &addendum, AUTHOR).unwrap().0, PlanState::Checked);
    ops::plan::seal_plan(&ctx, &addendum, AUTHOR).unwrap();
    assert!(people::review(&thread.play.stage, &addendum, &|_| false, SEED).unwrap().passes);

    // An undo of one of them is sealed meanwhile: the addendum passes that account over.
    let named: Vec<AccountId> =
        ctx.store.read(|r| r.draft(&addendum)).unwrap().entries.into_iter().map(|e| e.account).collect();
    let spared = named[0].clone();
    ops::undo::draft(&ctx, &run, std::slice::from_ref(&spared), &AUTHOR.into()).unwrap();
    thread.carry_out(&addendum);
    for account in &named {
        let is_seen = thread.theirs[account].iter().all(|o| thread.seen(o));
        assert_eq!(is_seen, *account == spared, "{account}");
    }

    let mut none = Setting::shipped(SEED).policy;
    none = none.replace("\nobjects_per_account_max = 200", "\nobjects_per_account_max = 0");
    let stage =
        Stage::set(Arc::clone(&thread.play.stage.scene), &Setting { policy: none, ..Setting::shipped(SEED) });
    let refused = draft(&stage.unwrap().ctx, &run, &answer, &AUTHOR.into()).err().expect("it is refused");
    assert!(refused.to_string().contains("addendum.objects_per_account_max"), "{refused}");
}
