//! kill -9 at random moments of a run, then `run resume`: each account acted on once, nothing outside the plan.

use crate::world::{World, text};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Kills over all runs; a run that ends sooner than its kills is followed by another on a fresh service.
const KILLS: u32 = 50;

/// A small generator (SplitMix64, Steele et al. 2014), so that a failure's moments can be had again.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n.max(1)
    }
}

#[test]
fn fifty_kills_and_each_account_is_acted_on_once() {
    let seed = 20_121_108;
    let mut dice = Dice(seed);
    let (mut killed, mut within, mut world_seed) = (0, 0, 30);
    while killed < KILLS {
        world_seed += 1;
        let world = World::new(world_seed, 1000, 1);
        let (plan, run) = world.armed();
        let accounts = world.planned(&plan);
        // How long a process takes to come to its first act, and to the last: the moments are drawn from there.
        let mut longest = Duration::from_millis(400);
        loop {
            let began = Instant::now();
            let mut child = world
                .command(&["run", "resume", &run, "--json"])
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .spawn()
                .expect("the binary starts");
            if killed < KILLS {
                let after = Duration::from_millis(dice.below(longest.as_millis() as u64 + 1));
                std::thread::sleep(after);
                child.kill().expect("SIGKILL");
            }
            let ended = child.wait().expect("it ends");
            if ended.success() {
                break;
            }
            assert!(ended.code().is_none(), "seed {seed}: it was not killed and did not end well: {ended}");
            killed += 1;
            longest = longest.max(began.elapsed() + Duration::from_millis(30)).min(Duration::from_secs(3));
            let so_far = touched(&world);
            if so_far == 0 {
                // On a busy machine a process comes to its first act later.
                longest = (longest * 5 / 4).min(Duration::from_secs(10));
            }
            within += u32::from(so_far > 0 && so_far < accounts.len());
            check(&world, &accounts, false, seed);
        }
        check(&world, &accounts, true, seed);
        assert_eq!(text(&world.ok(&["run", "show", &run]), "state"), "done");
    }
    assert!(within > 0, "seed {seed}: none of {killed} kills fell within a run");
}

/// How many accounts the service was asked to change.
fn touched(world: &World) -> usize {
    world.writes().iter().map(|w| text(w, "account")).collect::<BTreeSet<_>>().len()
}

/// What the service itself was asked: nothing outside the plan, no credential replaced twice; at the end everybody.
pub(crate) fn check(world: &World, planned: &[String], done: bool, seed: u64) {
    let planned: BTreeSet<&str> = planned.iter().map(String::as_str).collect();
    let mut replaced: BTreeMap<String, u32> = BTreeMap::new();
    let mut touched = BTreeSet::new();
    for write in world.writes() {
        let account = text(&write, "account");
        assert!(planned.contains(account.as_str()), "seed {seed}: {account} is outside the plan");
        if write["write"] == "credential" {
            *replaced.entry(account.clone()).or_default() += 1;
        }
        touched.insert(account);
    }
    assert!(replaced.values().all(|n| *n == 1), "seed {seed}: replaced twice: {replaced:?}");
    if done {
        assert_eq!(touched.len(), planned.len(), "seed {seed}: not everybody was reached");
        let mails: Vec<String> = world.catcher.mails().into_iter().flat_map(|m| m.to).collect();
        let once: BTreeSet<&String> = mails.iter().collect();
        assert!(once.len() <= planned.len(), "seed {seed}: mail to somebody outside the plan");
    }
}
