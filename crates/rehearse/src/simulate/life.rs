//! Ordinary life: visits at the person's hours, from where they are, on what they carry.

use super::dice::Dice;
use super::network::{Address, Line};
use super::person::{Grant, Person, Trip};
use super::scene::{Hand, Means, Scene, Spell};
use super::settings::{DAY, HOUR, MINUTE, SECOND};
use super::text;
use super::world::{AppKind, World};
use model::event::{Initiator, Kind, Outcome};

/// Where a visit is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Home,
    Street,
    Site,
}

/// Plays the whole of a person's ordinary life; the moments of their visits.
pub(crate) fn live(scene: &mut Scene<'_>, person: &Person, from: i64, dice: &mut Dice) -> Vec<i64> {
    let world = scene.world;
    let visits = visits(world, person, from, dice);
    let mut signed_in: Vec<Option<Spell>> = person
        .devices
        .iter()
        .map(|device| {
            let length = device.session_ms(dice);
            let began = world.start - dice.between(0, length);
            (device.from <= world.start).then(|| Spell {
                id: scene.session(),
                device: device.clone(),
                from: began,
                until: began + length,
            })
        })
        .collect();
    scene.spells.extend(signed_in.iter().flatten().cloned());
    for &time in &visits {
        let place = place(person, time, dice);
        let Some(which) = device(person, place, time, dice) else { continue };
        let address = address(world, person, place, which, time, dice);
        let now = session(scene, person, &mut signed_in, which, time, &address, dice);
        let means = scene.means(&person.devices[which], now, address, time);
        visit(scene, person, &means, time, dice);
    }
    for grant in &person.grants {
        if grant.since >= from {
            let homely = from_home(scene, person, grant.since, dice);
            scene.on(Hand::Owner, grant.since, Kind::AppAuthorize, &homely, &grant.app.name);
        }
        application(scene, person, grant, from, dice);
    }
    visits
}

fn visits(world: &World, person: &Person, from: i64, dice: &mut Dice) -> Vec<i64> {
    let daily = person.monthly / 30.0 / 2.75;
    let mut visits = Vec::new();
    for day in -1..=world.days {
        let weekend = matches!((world.start / DAY + day + 4).rem_euclid(7), 0 | 6);
        let mood = dice.lognormal(1.0, 0.5) * if weekend { 1.15 } else { 0.95 } / 1.13;
        for _ in 0..dice.poisson(daily * mood) {
            let local = world.start + day * DAY + (person.hour(dice) * HOUR as f64) as i64;
            let time = local - person.offset_ms(local);
            if time >= from.max(world.start) && time < world.end && !person.silent(time) {
                visits.push(time);
            }
        }
    }
    visits.sort_unstable();
    visits
}

fn place(person: &Person, time: i64, dice: &mut Dice) -> Place {
    let local = time + person.offset_ms(time);
    let hour = local.rem_euclid(DAY) / HOUR;
    let weekday = !matches!((local.div_euclid(DAY) + 4).rem_euclid(7), 0 | 6);
    let at_work = weekday && (9..17).contains(&hour) && person.trip(time).is_none();
    let has_site = person.site.is_some_and(|w| w.from <= time && time < w.until);
    if at_work && has_site && dice.chance(0.6) {
        Place::Site
    } else if dice.chance(person.roams) {
        Place::Street
    } else {
        Place::Home
    }
}

fn device(person: &Person, place: Place, time: i64, dice: &mut Dice) -> Option<usize> {
    let away = person.trip(time).is_some();
    let weights: Vec<f64> = person
        .devices
        .iter()
        .map(|d| match (place, d.is_phone()) {
            _ if !d.used_at(time) => 0.0,
            (Place::Street, true) => 1.0,
            (Place::Street, false) => 0.001,
            (Place::Site | Place::Home, true) => 0.6,
            (Place::Site | Place::Home, false) if away => 0.15,
            (Place::Site | Place::Home, false) => 0.5,
        })
        .collect();
    (weights.iter().sum::<f64>() > 0.0).then(|| dice.weighted(&weights))
}

/// The address a person has in a place at a moment.
pub(crate) fn address(
    world: &World,
    person: &Person,
    place: Place,
    device: usize,
    time: i64,
    dice: &mut Dice,
) -> Address {
    let machine = &person.devices[device];
    if let Some((_, fixed)) = person.cloud.as_ref().filter(|c| c.0 == device) {
        return fixed.clone();
    }
    if let Some(tunnel) = person.tunnel.filter(|t| t.from <= time && dice.chance(t.share)) {
        let exits = &world.vpns[tunnel.vpn].exits;
        // the same exit for some days, a neighbouring address now and then
        let choice = super::dice::mix2(person.subscriber, (time / (4 * DAY)) as u64);
        return dice.pick(&exits[(choice % exits.len() as u64) as usize]).clone();
    }
    if let Some(trip) = person.trip(time) {
        return abroad(world, person, trip, machine.key, time, dice);
    }
    match place {
        Place::Site => match person.site {
            Some(work) => world.sites[work.site].address.clone(),
            None => home(world, person.home(time), machine.key, time),
        },
        Place::Street => {
            let (land, carrier) = person.carrier(time);
            world.providers[land].mobiles[carrier].mobile(person.subscriber, time)
        }
        Place::Home => home(world, person.home(time), machine.key, time),
    }
}

fn home(world: &World, line: &Line, device: u64, time: i64) -> Address {
    world.providers[line.land].homes[line.net].home(line, device, time)
}

/// Hotels, local carriers, and roaming that still leaves by the carrier at home.
fn abroad(world: &World, person: &Person, trip: &Trip, device: u64, time: i64, dice: &mut Dice) -> Address {
    let there = &world.providers[trip.land];
    match (dice.chance(0.5), trip.key & 1) {
        (true, _) => {
            let net = (trip.key >> 8) as usize % there.homes.len();
            let line = Line { land: trip.land, net, subscriber: trip.key, lease_days: 0, v6: false };
            there.homes[net].home(&line, device, time)
        }
        (false, 0) => there.mobiles[(trip.key >> 4) as usize % there.mobiles.len()].mobile(trip.key, time),
        (false, _) => {
            let (land, carrier) = person.carrier(time);
            world.providers[land].mobiles[carrier].mobile(person.subscriber, time)
        }
    }
}

/// The session on a device at a moment, after a sign-in where there is none.
fn session(
    scene: &mut Scene<'_>,
    person: &Person,
    signed_in: &mut [Option<Spell>],
    which: usize,
    time: i64,
    address: &Address,
    dice: &mut Dice,
) -> String {
    let device = &person.devices[which];
    if let Some(spell) = &signed_in[which] {
        let cut = person.cuts.iter().any(|cut| spell.from < *cut && *cut <= time);
        if time < spell.until && !cut {
            return spell.id.clone();
        }
        if !cut && dice.chance(0.2) && spell.until >= scene.world.start {
            let means = Means {
                session: Some(spell.id.clone()),
                device: None,
                address: None,
                agent: None,
                app: None,
            };
            scene.act(Hand::Other, spell.until, Kind::Logout, &means).initiator = Some(Initiator::System);
        }
    }
    let id = scene.session();
    let mut means = scene.means(device, id.clone(), address.clone(), time);
    if dice.chance(0.07) {
        means.session = None;
        for k in 0..1 + dice.below(2) as i64 {
            scene.login(Hand::Owner, time - 25 * SECOND - k * 11 * SECOND, Outcome::Failure, &means);
        }
        means.session = Some(id.clone());
    }
    scene.login(Hand::Owner, time - dice.between(1500, 9000), Outcome::Success, &means);
    let spell =
        Spell { id: id.clone(), device: device.clone(), from: time, until: time + device.session_ms(dice) };
    scene.spells.push(spell.clone());
    signed_in[which] = Some(spell);
    id
}

fn visit(scene: &mut Scene<'_>, person: &Person, means: &Means, time: i64, dice: &mut Dice) {
    let world = scene.world;
    let mut now = time;
    for _ in 0..1 + dice.poisson(1.6) {
        now += 2 * SECOND + dice.exponential(70.0 * SECOND as f64) as i64;
        match dice.weighted(&person.mix) {
            0 => {
                let known = dice.chance(0.7);
                let whom = if known { friend(world, person, dice) } else { world.celebrity(dice) };
                let liked = world.post_id(whom, dice.below(48) as u64);
                scene.on(Hand::Owner, now, Kind::Like, means, &liked);
            }
            1 => {
                let text = text::ordinary(world, person, dice, false, now);
                scene.post(Hand::Owner, now, means, text);
            }
            2 => {
                let to = friend(world, person, dice);
                let text = text::ordinary(world, person, dice, true, now);
                scene.message(Hand::Owner, now, means, to, text);
            }
            3 => {
                let near = world.acquaintance(dice, person.n % world.accounts);
                let whom = world.account(if dice.chance(0.65) { near } else { world.celebrity(dice) });
                scene.on(Hand::Owner, now, Kind::Follow, means, &whom);
            }
            _ => other(scene, person, means, now, dice),
        }
    }
}

fn other(scene: &mut Scene<'_>, person: &Person, means: &Means, now: i64, dice: &mut Dice) {
    const ACTIONS: [&str; 6] = ["search", "view_settings", "bookmark", "mute", "list_add", "export"];
    let world = scene.world;
    match dice.weighted(&[0.6, 0.15, 0.1, 0.15]) {
        0 => scene.on(Hand::Owner, now, Kind::Action, means, ACTIONS[dice.zipf(ACTIONS.len())]),
        1 => {
            let field = dice.one(&["bio", "avatar", "display_name"]);
            scene.on(Hand::Owner, now, Kind::ProfileChange, means, field);
        }
        2 => {
            let whom = world.account(friend(world, person, dice));
            scene.on(Hand::Owner, now, Kind::Unfollow, means, &whom);
        }
        _ => {
            let own = scene.posts_of(Hand::Owner);
            if let Some((_, object)) = own.iter().rev().find(|(made, _)| *made < now) {
                scene.on(Hand::Owner, now, Kind::DeletePost, means, object);
            }
        }
    }
}

pub(crate) fn friend(world: &World, person: &Person, dice: &mut Dice) -> u32 {
    match person.friends.is_empty() {
        true => world.acquaintance(dice, person.n % world.accounts),
        false => person.friends[dice.zipf(person.friends.len())],
    }
}

/// An application that the owner let in, at work.
fn application(scene: &mut Scene<'_>, person: &Person, grant: &Grant, from: i64, dice: &mut Dice) {
    let world = scene.world;
    let app = &grant.app;
    let token = scene.session();
    for day in 0..world.days {
        for _ in 0..dice.poisson(grant.daily) {
            let local = world.start + day * DAY + (person.hour(dice) * HOUR as f64) as i64;
            let time = local - person.offset_ms(local);
            if time < grant.since.max(from) + MINUTE || time < world.start || person.silent(time) {
                continue;
            }
            let means = Means {
                session: Some(token.clone()),
                device: None,
                address: Some(dice.pick(&app.servers).clone()),
                agent: Some(app.agent.clone()),
                app: Some(app.name.clone()),
            };
            let text = match app.kind {
                AppKind::Boast => text::boast(person.words, app.boast, &app.host, dice),
                AppKind::Crosspost | AppKind::Client => text::ordinary(world, person, dice, false, time),
            };
            scene.post(Hand::Owner, time, &means, text);
        }
    }
}

/// The owner at home on a machine they know, in a session that lives; signed in first where none does.
pub(crate) fn from_home(scene: &mut Scene<'_>, person: &Person, time: i64, dice: &mut Dice) -> Means {
    let known = |s: &&Spell| {
        s.from <= time && time < s.until && !person.cuts.iter().any(|c| s.from < *c && *c <= time)
    };
    let living = scene.spells.iter().rev().find(known).cloned();
    let which = person.devices.iter().position(|d| d.used_at(time)).unwrap_or(0);
    let address = address(scene.world, person, Place::Home, which, time, dice);
    if let Some(spell) = living {
        return scene.means(&spell.device, spell.id, address, time);
    }
    let id = scene.session();
    let means = scene.means(&person.devices[which], id.clone(), address, time);
    if time >= scene.world.start {
        scene.login(Hand::Owner, time - 7 * SECOND, Outcome::Success, &means);
    }
    let device = person.devices[which].clone();
    scene.spells.push(Spell { id, device, from: time, until: time + 5 * DAY });
    means
}
