//! A gate whose owners say too little in the plan's time: the halt says what is missing by then, and a new plan takes up
//! who is left.

use super::{Advance, advance};
use crate::context::SHIPPED_POLICY;
use crate::stage::people::Owners;
use crate::stage::play::Play;
use crate::stage::{Scene, Setting, Stage};
use model::gate::GateDecision;
use rehearse::people::{Habits, People};
use std::sync::Arc;

const SEED: u64 = 17;

#[test]
fn a_halt_for_time_says_what_is_missing_by_then_and_a_new_plan_takes_up_who_is_left() {
    let scene = Arc::new(Scene::of_stuffing(SEED, 2500, 0.05).unwrap());
    // Without quiet hours the canary is through at once.
    let policy = SHIPPED_POLICY.replace("\nuntil_ms = 25200000", "\nuntil_ms = 79200000");
    let stage = Stage::set(Arc::clone(&scene), &Setting { policy, ..Setting::shipped(SEED) }).unwrap();
    scene.answer().unwrap();
    let owners = Owners::new(People::new(SEED, Habits::default()));
    let mut play = Play::begin(stage, owners, SEED, &|_| {}).unwrap();
    let answer = scene.answer_folder();
    let plan = play.reviewed(&answer, None, &|_| false).unwrap();
    let run = play.armed(&plan).unwrap();
    let first = loop {
        match advance(&play.stage.ctx, &run, &|_| {}).unwrap() {
            Advance::Gate(gate) => break gate,
            Advance::Wave(_) => {}
            Advance::Paced(until, _) => play.stage.pass(until - play.stage.ctx.now()),
            other @ (Advance::Unproved(_) | Advance::Halted(_) | Advance::Done | Advance::Elsewhere) => {
                panic!("seed {SEED}: {other:?}")
            }
        }
    };
    assert_eq!(first.decision, GateDecision::Wait);
    assert!(first.why().contains("soak: 0 of 60 minutes"), "seed {SEED}: {}", first.why());

    play.stage.pass(play.stage.ctx.policy.approval.valid_ms);
    let ended = play.carry_out(&run).unwrap();
    assert!(!ended.done && ended.ran_out, "seed {SEED}: {}", ended.why);
    assert!(ended.why.contains("the gate after wave 0 waits: "), "seed {SEED}: {}", ended.why);
    assert!(!ended.why.contains("soak"), "seed {SEED}: it has soaked since: {}", ended.why);

    let ended = play.finish(ended, &answer).unwrap();
    assert!(ended.done && !ended.further.is_empty(), "seed {SEED}: {}", ended.why);
    let contained = play.stage.service.asked_of().len();
    assert!(contained > 100, "seed {SEED}: only {contained} are contained");
    assert!(play.stage.service.asked_of().keys().all(|a| play.stage.is_victim(a)), "seed {SEED}");
}
