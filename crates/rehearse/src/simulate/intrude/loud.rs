//! Intruders who send: spam after tried passwords, worms, applications, stolen sessions.

use super::{Intrusion, reports};
use crate::simulate::dice::Dice;
use crate::simulate::life::from_home;
use crate::simulate::person::Person;
use crate::simulate::scene::{Hand, Means, Scene};
use crate::simulate::settings::{DAY, HOUR, MINUTE, SECOND};
use crate::simulate::text;
use model::event::Kind;

/// A machine gets in; minutes to days later the lures go out. Whether the intruder knows the password.
pub(super) fn spam(i: &Intrusion<'_>, scene: &mut Scene<'_>, person: &Person, dice: &mut Dice) -> bool {
    let at = i.part.at;
    let first = i.checked(scene, at, dice);
    let quick = dice.chance(0.45);
    let wait = if quick { 12.0 * MINUTE as f64 } else { 14.0 * HOUR as f64 };
    let begin =
        (at + MINUTE + dice.exponential(wait) as i64).min(scene.world.end - 25 * MINUTE).max(at + MINUTE);
    let means = match first {
        Some(means) if quick && dice.chance(0.4) => means,
        _ => i.sign_in(scene, person, 1, begin),
    };
    let count = 1 + dice.poisson(2.5 * i.wave.vigour);
    let mut now = i.lures(scene, person, &means, begin, count, dice);
    if dice.chance(0.3) {
        reports(scene, person, now, 1 + dice.below(4), dice);
    }
    if dice.chance(0.1) {
        now += dice.between(30, 400) * SECOND;
        scene.on(Hand::Intruder, now, Kind::ProfileChange, &means, "bio");
    }
    if dice.chance(0.25) {
        let later = now + dice.between(8 * HOUR, 40 * HOUR);
        let again = i.sign_in(scene, person, 2, later);
        i.lures(scene, person, &again, later, count, dice);
    }
    true
}

/// The lure goes to the victim's friends; those who must fall get theirs first.
pub(super) fn worm(i: &Intrusion<'_>, scene: &mut Scene<'_>, person: &Person, dice: &mut Dice) -> bool {
    let world = scene.world;
    let phished = !i.wave.variant && person.has_password();
    let means = if phished {
        i.sign_in(scene, person, 1, i.part.at)
    } else {
        i.steal(scene, person, 1, i.part.at, dice)
    };
    let mut now = i.part.at;
    let mut to = i.part.passes_to.clone();
    let more = 3 + dice.poisson(6.0 * i.wave.vigour);
    to.extend(person.friends.iter().filter(|f| !i.part.passes_to.contains(f)).take(more));
    for (k, friend) in to.into_iter().enumerate() {
        // twenty minutes are left until the first of them falls
        let step = if k < i.part.passes_to.len() { 8 * SECOND } else { 40 * SECOND };
        now += 2 * SECOND + (dice.exponential(step as f64) as i64).min(4 * step);
        let text = i.wave.lure.write(world, person, Some(friend), dice);
        scene.message(Hand::Intruder, now, &means, friend, text);
    }
    if dice.chance(i.wave.public * 0.5) {
        let text = i.wave.lure.write(world, person, None, dice);
        scene.post(Hand::Intruder, now + MINUTE, &means, text);
    }
    if dice.chance(0.35) {
        reports(scene, person, now, 1 + dice.below(5), dice);
    }
    phished
}

/// The owner lets an application in; it acts when its maker says so, on all accounts at once.
pub(super) fn app(i: &Intrusion<'_>, scene: &mut Scene<'_>, person: &Person, dice: &mut Dice) -> bool {
    let world = scene.world;
    let Some(app) = &i.wave.app else { return false };
    let homely = from_home(scene, person, i.part.at, dice);
    scene.on(Hand::Owner, i.part.at, Kind::AppAuthorize, &homely, &app.name);
    let token = scene.session();
    let means = |dice: &mut Dice| Means {
        session: Some(token.clone()),
        device: None,
        address: Some(dice.pick(&app.servers).clone()),
        agent: Some(app.agent.clone()),
        app: Some(app.name.clone()),
    };
    if i.wave.variant {
        // a harmless face first
        let text = text::boast(person.words, app.boast, &app.host, dice);
        let by = means(dice);
        scene.post(Hand::Intruder, i.part.at + dice.between(5, 60) * SECOND, &by, text);
    }
    let mut commands: Vec<i64> =
        i.wave.commands.iter().copied().filter(|c| *c > i.part.at && *c < world.end - 20 * MINUTE).collect();
    // Some wait everywhere for about as long, so that nobody thinks of what was let in.
    let wait = if world.hard && i.wave.targets.len().is_multiple_of(2) {
        let hours = 2.0 + (i.wave.targets.len() % 11) as f64;
        (hours * HOUR as f64 * dice.real(0.8, 1.2)) as i64
    } else {
        dice.between(3 * MINUTE, 25 * MINUTE)
    };
    commands.retain(|command| *command >= i.part.at + wait);
    if i.part.at + wait < world.end - 20 * MINUTE || commands.is_empty() {
        commands.push(i.part.at + wait.min((world.end - i.part.at - 10 * MINUTE).max(3 * MINUTE)));
    }
    for command in commands {
        let by = means(dice);
        let begin = command + dice.between(0, 6 * MINUTE);
        let count = 1 + dice.poisson(1.3 * i.wave.vigour);
        let now = i.lures(scene, person, &by, begin, count, dice);
        if dice.chance(0.3) {
            for target in i.wave.targets.iter().take(4) {
                let name = world.account(*target);
                scene.on(Hand::Intruder, now + dice.between(1, 50) * SECOND, Kind::Follow, &by, &name);
            }
        }
    }
    if dice.chance(0.2) {
        reports(scene, person, i.part.at + HOUR, 1 + dice.below(2), dice);
    }
    false
}

/// The owner's session at work elsewhere, beside its owner.
pub(super) fn stolen(i: &Intrusion<'_>, scene: &mut Scene<'_>, person: &Person, dice: &mut Dice) -> bool {
    let mut begin = i.part.at;
    for visit in 0..1 + dice.poisson(0.8) as u64 {
        let means = i.steal(scene, person, visit, begin, dice);
        let mut now = begin;
        if dice.chance(0.4) {
            scene.on(Hand::Intruder, now, Kind::Action, &means, "view_settings");
            now += dice.between(5, 90) * SECOND;
        }
        if dice.chance(0.35) {
            scene.on(Hand::Intruder, now, Kind::ProfileChange, &means, "bio");
            now += dice.between(5, 120) * SECOND;
        }
        let count = 1 + dice.poisson(2.0 * i.wave.vigour);
        now = i.lures(scene, person, &means, now, count, dice);
        if visit == 0 && dice.chance(0.2) {
            reports(scene, person, now, 1 + dice.below(3), dice);
        }
        begin = now + 20 * MINUTE + dice.exponential(0.8 * DAY as f64) as i64;
    }
    false
}
