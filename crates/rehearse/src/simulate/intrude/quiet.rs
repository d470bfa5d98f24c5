//! Intruders who send little or nothing: lock-outs, the slow ones, follow farms, sleepers.

use super::Intrusion;
use crate::simulate::dice::Dice;
use crate::simulate::life::{Place, address, friend};
use crate::simulate::names;
use crate::simulate::person::Person;
use crate::simulate::scene::{Hand, Scene};
use crate::simulate::settings::{DAY, HOUR, MINUTE, SECOND};
use model::account::{Contact, ContactKind};
use model::event::{Kind, Outcome};
use model::secret::Secret;

/// Mail, password, second factor, sometimes the phone; then the owner stands before the door.
pub(super) fn lockout(
    i: &Intrusion<'_>,
    scene: &mut Scene<'_>,
    person: &mut Person,
    dice: &mut Dice,
) -> bool {
    let world = scene.world;
    let means = i.sign_in(scene, person, 1, i.part.at);
    let mut now = i.part.at + dice.between(6 * SECOND, 25 * SECOND);
    let mut steps = [Kind::EmailChange, Kind::PasswordChange, Kind::MfaChange];
    if dice.chance(0.4) {
        steps.swap(0, 1);
    }
    for step in steps {
        let is_mail = step == Kind::EmailChange;
        let is_factor = step == Kind::MfaChange;
        let event = scene.act(Hand::Intruder, now, step, &means);
        if is_mail {
            event.previous = replace(person, ContactKind::Mail, now, dice, world);
        } else if is_factor {
            event.change = Some(dice.one(&["totp_added", "totp_added", "passkey_added"]).to_owned());
        }
        now += dice.between(7 * SECOND, 70 * SECOND);
    }
    if i.wave.variant {
        let event = scene.act(Hand::Intruder, now, Kind::PhoneChange, &means);
        event.previous = replace(person, ContactKind::Phone, now, dice, world);
    }
    // the owner tries the old password at home, then asks for help
    let tries = dice.poisson(1.6);
    let mut then = now + 2 * HOUR + dice.exponential(1.2 * DAY as f64) as i64;
    for _ in 0..tries {
        let Some(which) = person.devices.iter().position(|d| d.used_at(then)) else { break };
        let home = address(scene.world, person, Place::Home, which, then, dice);
        let mut own = scene.means(&person.devices[which], String::new(), home, then);
        own.session = None;
        scene.login(Hand::Owner, then, Outcome::Failure, &own);
        if dice.chance(0.4) {
            scene.act(Hand::Owner, then + MINUTE, Kind::RecoveryRequest, &own);
        }
        then += dice.between(20 * SECOND, 9 * HOUR);
    }
    true
}

/// Puts the intruder's contact in front; the owner's stays in the list as the former one. The former value.
fn replace(
    person: &mut Person,
    kind: ContactKind,
    now: i64,
    dice: &mut Dice,
    world: &crate::simulate::world::World,
) -> Option<String> {
    let contacts = person.record.contacts.get_or_insert_default();
    let former = contacts.iter().find(|c| c.kind == kind).map(|c| c.value.reveal().to_owned());
    let value = match kind {
        ContactKind::Mail => names::mail(dice, &world.mails),
        ContactKind::Phone => format!("+{}555{:07}", dice.between(10, 99), dice.between(0, 10_000_000)),
    };
    contacts.insert(0, Contact { kind, value: Secret::new(value), verified_at: None, since: Some(now) });
    former
}

/// A little every day, at the owner's own hours.
pub(super) fn slow(i: &Intrusion<'_>, scene: &mut Scene<'_>, person: &Person, dice: &mut Dice) -> bool {
    let world = scene.world;
    let mut means = i.sign_in(scene, person, 1, i.part.at);
    let mut now = i.part.at + dice.between(2 * MINUTE, 25 * MINUTE);
    let acts = 3 + dice.poisson(5.0 * i.wave.vigour);
    for act in 0..acts {
        if act > 0 && dice.chance(0.1) {
            means = i.sign_in(scene, person, 1 + act as u64, now - 20 * SECOND);
        } else {
            let moved = i.wave.address(world, person, 1, now);
            means.address = Some(moved);
        }
        match dice.weighted(&[0.4, 0.2, 0.25, 0.15]) {
            0 => {
                let text = i.wave.lure.write(world, person, None, dice);
                scene.post(Hand::Intruder, now, &means, text);
            }
            1 => {
                let to = friend(world, person, dice);
                let text = i.wave.lure.write(world, person, Some(to), dice);
                scene.message(Hand::Intruder, now, &means, to, text);
            }
            2 => {
                let name = world.account(*dice.pick(&i.wave.targets));
                scene.on(Hand::Intruder, now, Kind::Follow, &means, &name);
            }
            _ => {
                let liked = world.post_id(*dice.pick(&i.wave.targets), dice.below(48) as u64);
                scene.on(Hand::Intruder, now, Kind::Like, &means, &liked);
            }
        }
        now = waking(person, now + dice.exponential(20.0 * HOUR as f64) as i64 + 8 * MINUTE, dice);
    }
    true
}

/// The next moment at which the owner might be awake.
fn waking(person: &Person, time: i64, dice: &mut Dice) -> i64 {
    let offset = person.offset_ms(time);
    let day = (time + offset).div_euclid(DAY);
    let hour = person.hour(dice);
    let same_day = day * DAY + (hour * HOUR as f64) as i64 - offset;
    if same_day > time { same_day } else { same_day + DAY }
}

/// Follows for whoever pays, in bursts.
pub(super) fn farm(i: &Intrusion<'_>, scene: &mut Scene<'_>, person: &Person, dice: &mut Dice) -> bool {
    let world = scene.world;
    let at = i.part.at;
    let mut begin = at;
    if i.checked(scene, at, dice).is_some() {
        let latest = world.end - 25 * MINUTE;
        begin = (at + 5 * MINUTE + dice.exponential(6.0 * HOUR as f64) as i64).min(latest).max(at + MINUTE);
    }
    let mut targets = i.wave.targets.clone();
    dice.shuffle(&mut targets);
    let share = dice.real(0.3, 0.95);
    targets.truncate(((targets.len() as f64 * share) as usize).max(8));
    let bursts = 1 + dice.below(3);
    for (k, burst) in targets.chunks(targets.len().div_ceil(bursts)).enumerate() {
        let means = i.sign_in(scene, person, 1 + k as u64, begin);
        let mut now = begin;
        for target in burst {
            now += i.wave.pause(dice, 9 * SECOND);
            let name = world.account(*target);
            scene.on(Hand::Intruder, now, Kind::Follow, &means, &name);
            if dice.chance(0.15) {
                let liked = world.post_id(*target, dice.below(48) as u64);
                scene.on(Hand::Intruder, now + 2 * SECOND, Kind::Like, &means, &liked);
            }
        }
        begin = now + dice.between(HOUR, 30 * HOUR);
    }
    true
}

/// The password was checked; nothing more.
pub(super) fn sleeper(i: &Intrusion<'_>, scene: &mut Scene<'_>, dice: &mut Dice) -> bool {
    i.checked(scene, i.part.at, dice);
    if dice.chance(0.2) {
        i.checked(scene, i.part.at + dice.between(MINUTE, 5 * HOUR), dice);
    }
    true
}
