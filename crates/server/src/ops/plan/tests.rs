//! A plan from an answer that is older than what owners chose: nothing of theirs is replaced, a person is asked, and what
//! that person says counts.

use super::{draft, sealed};
use crate::ops::review::label_case;
use crate::stage::people::{Owners, new_password};
use crate::stage::play::Play;
use crate::stage::{AUTHOR, Scene, Setting, Stage};
use model::account::{AccountState, CredentialVersion};
use model::id::{AccountId, OperatorName, PlanId};
use model::labels::Label;
use model::plan::{Act, LeftOut, LeftOutCode};
use model::run::PersonNeeded;
use rehearse::people::{Habits, People};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const SEED: u64 = 23;
/// Owners who choose another password between two plans.
const CHOSE: usize = 4;

fn guards(play: &Play<'_>, plan: &PlanId) -> BTreeMap<AccountId, CredentialVersion> {
    let values = sealed(&play.stage.ctx, plan).unwrap().1;
    let guard = |a: &AccountId, acts: &[Act]| acts.iter().find_map(Act::guard).map(|g| (a.clone(), g));
    values.iter().filter_map(|v| guard(&v.entry.account, &v.entry.acts)).collect()
}

fn state(play: &Play<'_>, account: &AccountId) -> AccountState {
    play.stage.ctx.accounts(Some(std::slice::from_ref(account))).unwrap().remove(account).unwrap()
}

#[test]
fn a_plan_from_an_old_answer_replaces_nothing_that_was_chosen_since_an_earlier_one() {
    let scene = Arc::new(Scene::of_stuffing(SEED, 1500, 0.04).unwrap());
    let stage = Stage::set(Arc::clone(&scene), &Setting::shipped(SEED)).unwrap();
    scene.answer().unwrap();
    let answer = scene.answer_folder();
    // Nobody comes back by our pages: what is chosen, is chosen at the service.
    let silent = Habits { recovers: 0.0, ..Habits::default() };
    let mut play = Play::begin(stage, Owners::new(People::new(SEED, silent)), SEED, &|_| {}).unwrap();
    let first = play.reviewed(&answer, None, &|_| false).unwrap();
    let before = guards(&play, &first);

    let service = Arc::clone(&play.stage.service);
    let mut chose = BTreeSet::new();
    for account in before.keys() {
        let known = service.owner_password(account);
        if let Some(session) = known.and_then(|old| service.sign_in(account, &old).ok())
            && chose.len() < CHOSE
            && service.change_password(&session, &new_password(account))
        {
            chose.insert(account.clone());
        }
    }
    assert_eq!(chose.len(), CHOSE, "seed {SEED}");

    let second = play.reviewed(&answer, None, &|_| false).unwrap();
    // Reviewers of the first may have called somebody not compromised, who is left out then.
    let dismissed: BTreeSet<AccountId> = {
        let left_out = play.stage.ctx.store.read(|r| r.draft(&second)).unwrap().left_out;
        let dismissed = left_out.into_iter().filter(|l| l.code == LeftOutCode::LabelledNotCompromised);
        dismissed.map(|l| l.account).collect()
    };
    let mut before = before;
    before.retain(|account, _| !dismissed.contains(account));
    chose.retain(|account| !dismissed.contains(account));
    assert_eq!(guards(&play, &second), before, "seed {SEED}: what was named before, and nothing newer");
    let run = play.armed(&second).unwrap();
    let ended = play.carry_out(&run).unwrap();
    assert!(!ended.why.contains("outside"), "seed {SEED}: {}", ended.why);
    let queue = play.stage.ctx.store.read(store::Read::queue).unwrap();
    let asked: BTreeSet<AccountId> =
        queue.iter().filter(|q| q.why == PersonNeeded::MovedUnknown).map(|q| q.account.clone()).collect();
    let reached: BTreeSet<AccountId> =
        play.stage.ctx.store.read(|r| r.cases(&run)).unwrap().into_iter().map(|c| c.account).collect();
    let waiting: BTreeSet<AccountId> = chose.intersection(&reached).cloned().collect();
    assert!(!waiting.is_empty() && asked == waiting, "seed {SEED}: {asked:?}, {waiting:?}");
    play.stage.pass(play.stage.ctx.policy.hold.lasts_ms_max);
    crate::ops::run::end_holds(&play.stage.ctx).unwrap();
    for account in &chose {
        let is_kept = service.sign_in(account, &new_password(account)).is_ok();
        assert!(is_kept, "seed {SEED}: what the owner of {account} chose is gone");
    }

    // A person who was asked has the last word, and until then no plan takes it.
    let one = waiting.first().unwrap();
    let left = |plan: &PlanId| {
        let left_out = play.stage.ctx.store.read(|r| r.draft(plan)).unwrap().left_out;
        left_out.into_iter().find(|l: &LeftOut| l.account == *one).map(|l| l.code)
    };
    let author = OperatorName::new(AUTHOR);
    let third = draft(&play.stage.ctx, &answer, None, &author).unwrap().plan;
    assert_eq!(left(&third), Some(LeftOutCode::WaitsForPerson), "seed {SEED}");
    label_case(&play.stage.ctx, one, &"first-reviewer".into(), Label::Compromised).unwrap();
    let fourth = draft(&play.stage.ctx, &answer, None, &author).unwrap().plan;
    let drafted = play.stage.ctx.store.read(|r| r.draft(&fourth)).unwrap();
    let entry = drafted.entries.iter().find(|e| e.account == *one).unwrap();
    let guard = entry.acts.iter().find_map(Act::guard);
    assert_eq!(
        guard,
        state(&play, one).credential,
        "seed {SEED}: what they called the intruder's is replaced"
    );
}
