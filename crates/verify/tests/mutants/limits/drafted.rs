//! What a draft is held against, and how long what it does may last.

use super::{Row, decided, together};
use crate::world::{VICTIMS, World, id, verdict};
use decide::preflight::{Check, Severity, placebo_window};
use model::account::{CredentialVersion, Reach};
use model::id::Digest;
use model::labels::Label;
use model::plan::{Act, ActKind, Draft};
use model::policy::Policy;
use model::quiet::Quiet;
use model::verdict::Window;

const DAY_MS: i64 = 86_400_000;

pub(crate) const ROWS: &[Row] = &[
    decided("preflight.accounts_max", 80.0, |p| says(p, Check::Size, |_| {}, |_, _| {})),
    decided("preflight.active_share_max", 0.021, |p| says(p, Check::ActiveShare, |_| {}, |_, _| {})),
    decided("preflight.segment_share_max", 0.36, |p| {
        says(p, Check::SegmentShare, |w| school(w, 230), |_, _| {})
    }),
    decided("preflight.segment_accounts_min", 201.0, |p| {
        says(p, Check::SegmentShare, |w| school(w, 200), |_, _| {})
    }),
    decided("preflight.unreachable_share_max", 0.3, |p| {
        let unreached = |w: &mut World| (0..VICTIMS / 4).for_each(|i| w.edit(i, |r| r.contacts = None));
        says(p, Check::Unreachable, unreached, |_, _| {})
    }),
    decided("preflight.changed_share_max", 0.3, |p| refuses(p, Check::Changed, |_| {}, moved)),
    decided("preflight.signal_share_max", 0.8, |p| {
        says(p, Check::SignalShare, |w| carried(w, VICTIMS * 3 / 4), |_, _| {})
    }),
    decided("preflight.signal_accounts_min", 21.0, |p| {
        let few = |w: &mut World| {
            w.verdicts.truncate(20);
            carried(w, 20);
        };
        says(p, Check::SignalShare, few, |_, _| {})
    }),
    decided("addendum.objects_per_account_max", 201.0, |p| {
        let mut world = World::new();
        let post = world.timelines[0].moments[2].clone();
        for n in 1..=200 {
            let mut more = post.clone();
            more.event.id = format!("more-{n}").as_str().into();
            more.event.object = Some(format!("more-{n}").as_str().into());
            world.verdicts[0].intruder.objects.extend(more.event.object.clone());
            world.timelines[0].moments.push(more);
        }
        world.policy.addendum.objects_per_account_max = 1000;
        let many = world.addendum();
        world.policy = p.clone();
        let is_left_out = world.addendum().left_out.iter().any(|l| l.account == id(0));
        is_left_out && world.said(&[Check::Addendum], &many).contains_key(&Check::Addendum)
    }),
    together("leap", "preflight.signal_leap_max", 1e9, |p| {
        refuses(p, Check::SignalRate, |w| leapt(w, 8), |_, _| {})
    }),
    together("leap", "preflight.leap_share_max", 0.2, |p| {
        refuses(p, Check::SignalRate, |w| leapt(w, 8), |_, _| {})
    }),
    together("leap", "preflight.held_wrong_share_max", 0.2, |p| {
        refuses(p, Check::SignalRate, looked_at, |_, _| {})
    }),
    together("leap", "preflight.confidence", 0.5, |p| refuses(p, Check::SignalRate, looked_at, |_, _| {})),
    decided("preflight.placebo_share_max", 0.9, |p| {
        let yields = |w: &mut World| w.placebo.as_mut().expect("there is one").believed = VICTIMS as u64 / 2;
        says(p, Check::Placebo, yields, |_, _| {})
    }),
    decided("preflight.placebo_history_ms_min", (7 * DAY_MS - 1) as f64, |p| {
        let mut world = World::new();
        world.policy = p.clone();
        let window = Window { start: 20 * DAY_MS, end: 22 * DAY_MS };
        world.verdicts.iter_mut().for_each(|v| v.window = window);
        world.summary.window = Window { start: 11 * DAY_MS + 1, end: 30 * DAY_MS };
        placebo_window(&world.draft(), &world.summary, p).is_err()
    }),
    decided("approval.valid_ms", 1_814_400_001.0, |p| {
        let header = drafted(p, |_| {}).header;
        header.expires_at - header.drafted_at <= 1_814_400_000
    }),
    decided("hold.lasts_ms_max", (3 * DAY_MS) as f64, |p| {
        says(
            p,
            Check::Hold,
            |_| {},
            |_, d| {
                d.entries[0].reach = Reach::None;
                d.entries[0].contact = None;
                d.entries[0].acts.push(Act::Hold { lasts_ms: 2 * DAY_MS });
            },
        )
    }),
    decided("hold.unreached_ms", (DAY_MS + 1) as f64, |p| {
        let holds: Vec<i64> = drafted(p, |w| w.can.push(ActKind::Hold))
            .entries
            .iter()
            .flat_map(|e| e.if_moved.iter().filter_map(Act::holds_ms))
            .collect();
        !holds.is_empty() && holds.iter().all(|ms| *ms <= DAY_MS)
    }),
    // 22:30 and 06:30 in Berlin, where it is winter.
    decided("quiet.from_ms", 82_800_000.0, |p| is_night(p, 77_400_000)),
    decided("quiet.until_ms", 21_600_000.0, |p| is_night(p, 19_800_000)),
    decided("quiet.idle_ms_min", 0.0, |p| {
        let at_home = |w: &mut World| w.edit(0, |r| r.time_zone = Some(BERLIN.to_owned()));
        drafted(p, at_home).entries.iter().all(|e| e.quiet.is_none())
    }),
    together("reference", "reference.hunts", 0.0, |p| {
        // What nobody ever counted is no reference: the file itself is refused.
        p.reference.as_ref().is_some_and(|r| r.hunts > 0)
    }),
    together("reference", "reference.accounts", 40.0, beyond_the_usual),
    together("reference", "reference.active", 1000.0, beyond_the_usual),
    together("reference", "reference.multiple_max", 10.0, beyond_the_usual),
];

const BERLIN: &str = "Europe/Berlin";

/// Whether owners in Berlin are left alone at this moment.
fn is_night(policy: &Policy, at: i64) -> bool {
    Quiet::of(BERLIN, &policy.quiet).is_some_and(|quiet| quiet.ends(at).is_some())
}

fn drafted(policy: &Policy, before: fn(&mut World)) -> Draft {
    let mut world = World::new();
    world.policy = policy.clone();
    before(&mut world);
    world.draft()
}

/// Whether one check says more than a remark.
fn says(
    policy: &Policy,
    check: Check,
    before: impl Fn(&mut World),
    after: impl Fn(&mut World, &mut Draft),
) -> bool {
    worst(policy, check, before, after).is_some_and(|s| s > Severity::Info)
}

/// Whether one check refuses, and does not only warn.
fn refuses(
    policy: &Policy,
    check: Check,
    before: impl Fn(&mut World),
    after: impl Fn(&mut World, &mut Draft),
) -> bool {
    worst(policy, check, before, after) == Some(Severity::Refuse)
}

fn worst(
    policy: &Policy,
    check: Check,
    before: impl Fn(&mut World),
    after: impl Fn(&mut World, &mut Draft),
) -> Option<Severity> {
    let mut world = World::new();
    world.policy = policy.clone();
    before(&mut world);
    let mut draft = world.draft();
    after(&mut world, &mut draft);
    world.said(&[check], &draft).get(&check).copied()
}

fn beyond_the_usual(policy: &Policy) -> bool {
    says(policy, Check::Reference, |_| {}, |_, _| {})
}

/// All victims and others, so many together, are a segment of their own.
fn school(world: &mut World, accounts: usize) {
    (0..accounts).for_each(|i| world.edit(i, |r| r.segment = Some("school".to_owned())));
}

fn moved(world: &mut World, _: &mut Draft) {
    for i in 0..VICTIMS / 4 {
        let state = world.states.get_mut(&id(i)).expect("it is there");
        state.credential = Some(CredentialVersion(Digest::of(b"moved")));
    }
}

/// So many rest on one signal.
fn carried(world: &mut World, n: usize) {
    for i in 0..n {
        world.verdicts[i] = verdict(i, &["new_device", "new_network", "shared_domain"]);
    }
}

/// So many rest on a signal that nobody ever saw.
fn leapt(world: &mut World, n: usize) {
    for i in 0..n {
        world.verdicts[i] = verdict(i, &["new_device", "new_network", "mass_follow"]);
    }
}

/// All rest on such a signal, and people looked at forty, the first by the hash that nobody chose.
fn looked_at(world: &mut World) {
    leapt(world, VICTIMS);
    let hunt = world.draft().header.hunt;
    let mut order: Vec<_> = (0..VICTIMS)
        .map(|i| (Digest::of(format!("{hunt}\nmass_follow\n{}", id(i)).as_bytes()), id(i)))
        .collect();
    order.sort_unstable();
    world.labels = order.into_iter().take(40).map(|(_, a)| (a, Label::Compromised)).collect();
}
