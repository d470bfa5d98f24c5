//! One account after another is played: life, look-alike, intrusion, then what the service writes over it all.

use super::Truth;
use super::cast::{Cast, Part};
use super::dice::{Dice, Purpose, mix2};
use super::intrude::{self, Intrusion};
use super::life;
use super::names;
use super::person::Person;
use super::scene::{Hand, Scene};
use super::settings::{DAY, Settings, Style};
use super::shifts::{self, Laid};
use super::trap::{self, Planted, Trap};
use super::trap_play;
use super::world::World;
use model::account::Account;
use model::event::{Event, Kind, Outcome};
use model::id::{AppId, SessionId};
use std::collections::BTreeSet;

/// Everything that is decided before the first account is played.
pub(crate) struct Stage {
    world: World,
    people: Vec<Person>,
    cast: Cast,
    shifts: Vec<Laid>,
}

/// One account, played.
pub(crate) struct Played {
    pub(crate) account: Account,
    pub(crate) events: Vec<Event>,
    pub(crate) truth: Option<Truth>,
    pub(crate) traps: BTreeSet<Trap>,
}

impl Stage {
    pub(crate) fn set(settings: &Settings) -> Self {
        use rayon::prelude::*;
        let world = World::draw(settings);
        let mut people: Vec<Person> =
            (0..settings.accounts).into_par_iter().map(|n| Person::draw(&world, n)).collect();
        suit(settings, &world, &mut people);
        scale(settings, &mut people);
        let cast = Cast::draw(settings, &world, &people);
        let shifts =
            shifts::lay(settings, &world, &mut Dice::of(settings.seed, Purpose::Finish, u64::MAX >> 20));
        Self { world, people, cast, shifts }
    }

    pub(crate) fn play(&self, settings: &Settings, n: u32) -> Played {
        let (world, cast) = (&self.world, &self.cast);
        let mut person = self.people[n as usize].clone();
        let mut scene = Scene::new(world, n);
        let part = cast.victims.get(&n);
        let mut dice = Dice::of(settings.seed, Purpose::Trap, u64::from(n));
        let planned = cast.traps.get(&n).map_or(&[][..], Vec::as_slice);
        let planted: Vec<Planted> =
            planned.iter().map(|t| trap::prepare(*t, world, &cast.groups, &mut person, &mut dice)).collect();
        if let Some(part) = part {
            intrude::prepare(part, &cast.waves[part.wave], &mut person);
        }
        let mut asked_for = false;
        let mut life_dice = Dice::of(settings.seed, Purpose::Life, u64::from(n));
        life::live(&mut scene, &person, world.start, &mut life_dice);
        for mate in &person.mates {
            life::live(&mut scene, &mate.life, mate.from, &mut life_dice);
        }
        for one in &planted {
            trap_play::perform(one, &cast.groups, &mut scene, &mut person, &mut dice);
        }
        let asked = &mut Dice::of(settings.seed, Purpose::Asked, u64::from(n));
        if let Some(at) = shifts::asked_password(&self.shifts, asked)
            && person.has_password()
            && at < world.end
            && !person.silent(at)
        {
            let means = life::from_home(&mut scene, &person, at, asked);
            scene.act(Hand::Owner, at, Kind::PasswordChange, &means);
            asked_for = true;
        }
        for (run, at) in cast.tries.get(&n).into_iter().flatten() {
            let means = cast.runs[*run].means(&scene, *at, &mut dice);
            scene.login(Hand::Other, *at, Outcome::Failure, &means);
        }
        let mut knows_password = false;
        for part in [part, cast.seconds.get(&n)].into_iter().flatten() {
            let wave = &cast.waves[part.wave];
            let key = (part.wave as u64) << 32 | u64::from(n);
            let mut dice = Dice::of(settings.seed, Purpose::Intruder, key);
            let intrusion = Intrusion { cast, wave, part };
            knows_password |= intrude::perform(&intrusion, &mut scene, &mut person, &mut dice);
        }
        scene.events.retain(|(e, _)| e.time >= world.start && e.time < world.end);
        let truth = part.and_then(|part| self.truth(&scene, part, knows_password));
        let mut traps: BTreeSet<Trap> = planned.iter().copied().collect();
        if person.promotes {
            traps.insert(Trap::Shop);
        }
        if asked_for {
            traps.insert(Trap::PasswordsAsked);
        }
        let events = self.finish(settings, scene, &mut traps);
        if truth.is_some() {
            traps.clear();
        }
        Played { account: person.record, events, truth, traps }
    }

    /// What happened, read back from the acts by hand; with two intruders, both hands' acts.
    fn truth(&self, scene: &Scene<'_>, part: &Part, knows_password: bool) -> Option<Truth> {
        let mut own: Vec<&Event> =
            scene.events.iter().filter(|(_, hand)| *hand == Hand::Intruder).map(|(e, _)| e).collect();
        own.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
        let (first, last) = (own.first()?, own.last()?);
        let sessions: BTreeSet<SessionId> = own.iter().filter_map(|e| e.session.clone()).collect();
        let wave = &self.cast.waves[part.wave];
        let posts = own.iter().filter(|e| e.kind == Kind::Post);
        Some(Truth {
            account: scene.name.clone(),
            attack: wave.attack,
            start: first.time,
            end: last.time,
            events: own.iter().map(|e| e.id.clone()).collect(),
            objects: posts.filter_map(|e| e.object.clone()).collect(),
            sessions: sessions.into_iter().collect(),
            apps: wave.app.iter().map(|a| AppId::from(a.name.as_str())).collect(),
            knows_password,
        })
    }

    /// Shifts, and what the service failed to write down.
    fn finish(&self, settings: &Settings, scene: Scene<'_>, traps: &mut BTreeSet<Trap>) -> Vec<Event> {
        let n = scene.n;
        let mut dice = Dice::of(settings.seed, Purpose::Finish, u64::from(n));
        let mut events: Vec<Event> = scene.events.into_iter().map(|(e, _)| e).collect();
        for event in &mut events {
            for shift in &self.shifts {
                traps.extend(shift.apply(event, n));
            }
            let machine = event.device.as_deref().or(event.session.as_ref().map(SessionId::as_str));
            if let Some(machine) = machine.map(shifts::hash) {
                if below(mix2(machine, 11), settings.deviceless_share) {
                    event.device = None;
                }
                if below(mix2(machine, 12), settings.sessionless_share) {
                    event.session = None;
                }
            }
            if !settings.texts {
                (event.text, event.lang) = (None, None);
                (event.urls, event.mentions, event.hashtags) = (None, None, None);
            }
            if !settings.places {
                (event.asn, event.country) = (None, None);
            }
            if settings.bare_share > 0.0 {
                if dice.chance(settings.bare_share) {
                    event.device = None;
                }
                if dice.chance(settings.bare_share) {
                    event.session = None;
                }
            }
        }
        events
    }
}

/// Whether a number, taken as a fraction of all numbers, lies below a share.
fn below(number: u64, share: f64) -> bool {
    ((number >> 11) as f64) < share * (1u64 << 53) as f64
}

/// Makes people those of the settings' kind of service.
fn suit(settings: &Settings, world: &World, people: &mut [Person]) {
    for person in people {
        let mut dice = Dice::of(settings.seed, Purpose::Suit, u64::from(person.n));
        match settings.style {
            Style::Microblog => {}
            Style::Forum => {
                person.mix = [dice.real(0.0, 0.4), dice.real(0.4, 1.0), dice.real(0.05, 0.3), 0.0, 0.05];
            }
            Style::Marketplace => {
                person.mix = [dice.real(0.0, 0.2), dice.real(0.05, 0.4), dice.real(0.5, 1.0), 0.0, 0.3];
                person.handle = dice.chance(0.3).then(|| names::handle(&mut dice));
            }
        }
        if settings.even {
            person.monthly = dice.lognormal(60.0, 0.35);
        }
        if dice.chance(settings.joiners_share) {
            let joined = dice.between(world.start, world.end - DAY);
            person.silences.push((i64::MIN, joined));
            person.record.created = Some(joined);
        }
    }
}

/// Makes people as busy as the number of events asks for.
fn scale(settings: &Settings, people: &mut [Person]) {
    let Some(events) = settings.events else { return };
    let expected: f64 = people.iter().map(|p| p.monthly).sum::<f64>() * f64::from(settings.days) / 30.0;
    let factor = events as f64 / expected.max(1.0);
    for person in people {
        person.monthly *= factor;
    }
}
