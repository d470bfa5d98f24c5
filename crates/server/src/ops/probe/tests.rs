//! A connector that says *done* of what it does not do is halted after its first wave, whichever kind of credential it lies
//! about; the honest twin goes on. And what the register takes.

use super::{add, remove};
use crate::context::SHIPPED_POLICY;
use crate::ops;
use crate::ops::run::Advance;
use crate::stage::people::{self, Owners};
use crate::stage::play::Play;
use crate::stage::{AUTHOR, Scene, Setting, Stage};
use model::gate::{GateDecision, GateInput, GateRow, InputState};
use model::id::{AccountId, RunId};
use model::probe::{ProbeKind, Standing};
use model::secret::Secret;
use rehearse::people::{Habits, People};
use std::sync::Arc;

const SEED: u64 = 11;
const CANARY: u64 = 12;

fn scene() -> Arc<Scene> {
    Arc::new(Scene::of_stuffing(SEED, 900, 0.05).unwrap())
}

fn stage(scene: &Arc<Scene>) -> Stage {
    let mut setting = Setting::shipped(SEED);
    setting.policy = SHIPPED_POLICY
        .replace("\ncanary_accounts = 80", &format!("\ncanary_accounts = {CANARY}"))
        .replace("\nbatch_accounts = 25", "\nbatch_accounts = 5")
        // No quiet hours: what is looked for is in the first step.
        .replace("\nuntil_ms = 25200000", "\nuntil_ms = 79200000")
        // Gates that so few owners can pass.
        .replace("heard_share = 0.15", "heard_share = 0.9")
        .replace("wrong_share_stopped = 0.75", "wrong_share_stopped = 0.9")
        .replace("wronged_proved_share = 0.5", "wronged_proved_share = 0.9");
    Stage::set(Arc::clone(scene), &setting).unwrap()
}

/// From the scene's own answer to a started run.
fn started(stage: Stage) -> (Play<'static>, RunId) {
    stage.scene.answer().unwrap();
    let answer = stage.scene.answer_folder();
    let owners = Owners::new(People::new(SEED, Habits::default()));
    let play = Play::begin(stage, owners, SEED, &|_| {}).unwrap();
    let plan = play.reviewed(&answer, None, &|_| false).unwrap();
    let run = play.armed(&plan).unwrap();
    (play, run)
}

/// The canary, and the gate after it as it stands at once.
fn first_gate(play: &Play<'_>, run: &RunId) -> GateRow {
    let ctx = &play.stage.ctx;
    assert!(matches!(ops::run::advance(ctx, run, &|_| {}).unwrap(), Advance::Wave(0)));
    let Advance::Gate(gate) = ops::run::advance(ctx, run, &|_| {}).unwrap() else { panic!("no gate") };
    gate
}

fn probes(gate: &GateRow) -> (InputState, u64, u64) {
    let found = gate.findings.iter().find(|f| f.input == GateInput::Probes).unwrap();
    (found.state, found.seen, found.of)
}

fn register(stage: &Stage, account: &AccountId) -> Vec<ProbeKind> {
    let probes = stage.ctx.store.read(store::Read::probes).unwrap();
    probes.into_iter().find(|p| p.account == *account).map(|p| p.armed).unwrap_or_default()
}

#[test]
fn whatever_a_service_lies_about_is_found_in_the_canary_and_its_honest_twin_goes_on() {
    let scene = scene();
    for lie in ProbeKind::ALL.map(Some).into_iter().chain([None]) {
        let stage = stage(&scene);
        stage.arm_probes(&["ours"]).unwrap();
        if let Some(kind) = lie {
            stage.service.lie_about(kind);
        }
        let (play, run) = started(stage);
        let gate = first_gate(&play, &run);
        let ctx = &play.stage.ctx;
        let (cases, waves, rows, counts) = ctx
            .store
            .read(|r| {
                Ok((r.cases(&run)?, r.waves(&run)?, r.probe_rows(&run)?, r.gate_counts(&run, ctx.now())?))
            })
            .unwrap();
        // Just the canary, in which no probe is counted.
        assert_eq!((cases.len() as u64, counts.contained, waves.len()), (CANARY, CANARY, 1), "{lie:?}");
        assert!(cases.iter().all(|c| c.account.as_str() != "ours"));
        assert_eq!(ctx.store.read(|r| r.figures(std::slice::from_ref(&run))).unwrap().contained, CANARY);
        for row in &rows {
            let expected = if lie == Some(row.kind) { Standing::Accepted } else { Standing::Refused };
            assert_eq!(row.standing, expected, "{lie:?}: {row:?}");
        }
        match lie {
            Some(_) => {
                assert_eq!((gate.decision, probes(&gate)), (GateDecision::Halt, (InputState::Halt, 3, 4)));
                assert!(matches!(ops::run::advance(ctx, &run, &|_| {}).unwrap(), Advance::Halted(_)));
                // Started again it halts again: what was found out stays.
                ops::run::start(ctx, &run, AUTHOR).unwrap();
                let Advance::Gate(again) = ops::run::advance(ctx, &run, &|_| {}).unwrap() else { panic!() };
                assert_eq!(again.decision, GateDecision::Halt);
            }
            None => {
                assert_eq!((gate.decision, probes(&gate)), (GateDecision::Wait, (InputState::Pass, 4, 4)));
                assert!(register(&play.stage, &"ours".into()).is_empty(), "spent");
                play.stage.arm_probes(&["ours"]).unwrap();
                assert_eq!(register(&play.stage, &"ours".into()), ProbeKind::ALL, "armed again");
            }
        }
        // Nobody is told of an account of ours, nor asked about it, nor shown it.
        let told = ctx.store.read(|r| r.notices(&run)).unwrap();
        assert!(told.iter().all(|n| n.account.as_str() != "ours"));
    }
}

#[test]
fn what_does_not_open_its_account_before_the_wave_begins_nothing() {
    let stage = stage(&scene());
    stage.arm_probes(&["ours"]).unwrap();
    let (play, run) = started(stage);
    let (account, ctx) = (AccountId::from("ours"), &play.stage.ctx);
    // Somebody changes the password that is held: nothing of the wave is begun, and it is said what to do.
    let session = play.stage.service.sessions(&account)[0].clone();
    assert!(play.stage.service.change_password(&session, &Secret::new("another")));
    let Advance::Halted(why) = ops::run::advance(ctx, &run, &|_| {}).unwrap() else { panic!() };
    assert!(why.contains("proves nothing") && why.contains("rightful probe add ours"), "{why}");
    assert!(ctx.store.read(|r| Ok(r.waves(&run)?.is_empty() && r.cases(&run)?.is_empty())).unwrap());
}

#[test]
fn a_service_that_does_not_answer_begins_nothing_and_is_asked_again() {
    let stage = stage(&scene());
    stage.arm_probes(&["ours"]).unwrap();
    let (play, run) = started(stage);
    let ctx = &play.stage.ctx;
    let faults = |busy| rehearse::service::Faults { busy, ..rehearse::service::Faults::none(SEED) };
    play.stage.service.set_faults(faults(1.0));
    for _ in 0..2 {
        assert!(matches!(ops::run::advance(ctx, &run, &|_| {}).unwrap(), Advance::Unproved(_)));
    }
    assert!(ctx.store.read(|r| Ok(r.waves(&run)?.is_empty())).unwrap());
    play.stage.service.set_faults(faults(0.0));
    assert!(matches!(ops::run::advance(ctx, &run, &|_| {}).unwrap(), Advance::Wave(0)));
    // After the wave it waits as well, and does not pass on silence.
    play.stage.service.set_faults(faults(1.0));
    let Advance::Gate(gate) = ops::run::advance(ctx, &run, &|_| {}).unwrap() else { panic!() };
    assert_eq!(probes(&gate), (InputState::Wait, 0, 4));
    play.stage.service.set_faults(faults(0.0));
    let Advance::Gate(gate) = ops::run::advance(ctx, &run, &|_| {}).unwrap() else { panic!() };
    assert_eq!(probes(&gate), (InputState::Pass, 4, 4));
}

#[test]
fn the_register_takes_what_the_service_calls_ours_and_shows_no_secret() {
    let stage = stage(&scene());
    let (ctx, by) = (&stage.ctx, AUTHOR.into());
    let held = |text: &str| vec![(ProbeKind::Password, Secret::new(text))];
    let owners = stage.scene.population.accounts[0].account.clone();
    let said = add(ctx, &owners, &held("x"), &by).unwrap_err().to_string();
    assert!(said.contains("does not say that"), "{said}");
    assert!(add(ctx, &"nobody".into(), &held("x"), &by).unwrap_err().to_string().contains("knows no"));
    assert!(add(ctx, &owners, &[], &by).is_err());
    stage.arm_probes(&["ours"]).unwrap();
    assert!(add(ctx, &"ours".into(), &held("x"), &"stranger".into()).is_err(), "an operator on record");
    add(ctx, &"ours".into(), &held("not-to-be-seen"), &by).unwrap();

    // Neither in the ledger's files, nor in its log.
    let (log, held) = ctx.store.read(|r| Ok((r.audit_records_of("ours")?, r.probe_credentials()?))).unwrap();
    assert!(!log.is_empty() && !format!("{log:?}").contains("not-to-be-seen"));
    assert!(held.iter().all(|h| !String::from_utf8_lossy(&h.sealed).contains("not-to-be-seen")));
    for file in std::fs::read_dir(&ctx.data).unwrap().filter_map(Result::ok).filter(|f| f.path().is_file()) {
        let bytes = std::fs::read(file.path()).unwrap();
        assert!(!bytes.windows(14).any(|w| w == b"not-to-be-seen"), "{:?}", file.path());
    }

    // Sealed anew with a new master key, they still open; without it nothing does.
    let before = held.iter().map(|h| h.key_id.clone()).collect::<Vec<_>>();
    ops::privacy::rotate(ctx, AUTHOR).unwrap();
    let after = ctx.store.read(store::Read::probe_credentials).unwrap();
    assert!(after.iter().zip(&before).all(|(h, was)| h.key_id != *was));

    remove(ctx, &"ours".into(), &by).unwrap();
    assert!(remove(ctx, &"ours".into(), &by).is_err());
    assert!(ctx.store.read(store::Read::probe_credentials).unwrap().is_empty());
}

#[test]
fn a_probe_is_not_reviewed_and_in_no_second_plan_while_a_first_waits_for_it() {
    let stage = stage(&scene());
    stage.arm_probes(&["ours"]).unwrap();
    stage.scene.answer().unwrap();
    let answer = stage.scene.answer_folder();
    let ctx = &stage.ctx;
    let draft = |author: &str| ops::plan::draft(ctx, &answer, None, &author.into()).unwrap().plan;
    let (first, second) = (draft(AUTHOR), draft(AUTHOR));
    for plan in [&first, &second] {
        assert_eq!(ctx.store.read(|r| r.draft(plan)).unwrap().probes.len(), 1, "none is sealed yet");
    }
    ops::plan::check(ctx, &first, AUTHOR).unwrap();
    ops::plan::seal_plan(ctx, &first, AUTHOR).unwrap();
    let third = ctx.store.read(|r| r.draft(&draft(AUTHOR))).unwrap();
    assert!(third.probes.is_empty());
    assert_eq!(super::unprobed(ctx, &third), ProbeKind::ALL);
    people::review(&stage, &first, &|_| false, SEED).unwrap();
    let sample = ctx.store.read(|r| r.review(&first)).unwrap().unwrap();
    assert!(sample.items.iter().all(|i| i.account.as_str() != "ours"));
}
