//! What intruders do on an account, and how its owner answers.

mod loud;
mod quiet;

use super::cast::{Cast, Part};
use super::dice::Dice;
use super::life::{friend, from_home};
use super::person::Person;
use super::scene::{Hand, Means, Scene};
use super::settings::{Attack, MINUTE, SECOND};
use super::wave::Wave;
use model::event::{Kind, Outcome};
use model::id::ObjectId;

/// One intrusion: the wave, the part in it, and whose account it is.
pub(crate) struct Intrusion<'a> {
    pub(crate) cast: &'a Cast,
    pub(crate) wave: &'a Wave,
    pub(crate) part: &'a Part,
}

/// What an intrusion changes about the owner's own life, before that is played.
pub(crate) fn prepare(part: &Part, wave: &Wave, person: &mut Person) {
    if let Some(answered) = part.answered_at.filter(|_| wave.attack != Attack::OauthApp) {
        person.cuts.push(answered + 1);
    }
    if wave.attack == Attack::Lockout {
        person.cuts.push(part.at + MINUTE);
        person.silences.push((part.at + MINUTE, i64::MAX));
    }
}

/// Plays the intrusion after the owner's life. Whether the intruder knows the password at the end.
pub(crate) fn perform(
    intrusion: &Intrusion<'_>,
    scene: &mut Scene<'_>,
    person: &mut Person,
    dice: &mut Dice,
) -> bool {
    let password = match intrusion.wave.attack {
        Attack::StuffingSpam => loud::spam(intrusion, scene, person, dice),
        Attack::Worm => loud::worm(intrusion, scene, person, dice),
        Attack::OauthApp => loud::app(intrusion, scene, person, dice),
        Attack::SessionTheft => loud::stolen(intrusion, scene, person, dice),
        Attack::Lockout => quiet::lockout(intrusion, scene, person, dice),
        Attack::LowAndSlow => quiet::slow(intrusion, scene, person, dice),
        Attack::FollowFarm => quiet::farm(intrusion, scene, person, dice),
        Attack::Sleeper => quiet::sleeper(intrusion, scene, dice),
    };
    let Some(answered) = intrusion.part.answered_at else {
        return password;
    };
    scene.events.retain(|(e, hand)| *hand != Hand::Intruder || e.time < answered);
    answer(intrusion, scene, person, answered, dice);
    false
}

/// The owner notices, on a machine they know: new password or grant revoked, lures deleted.
fn answer(intrusion: &Intrusion<'_>, scene: &mut Scene<'_>, person: &Person, at: i64, dice: &mut Dice) {
    let means = from_home(scene, person, at, dice);
    match (&intrusion.wave.app, person.has_password()) {
        (Some(app), _) => scene.on(Hand::Owner, at, Kind::AppRevoke, &means, &app.name),
        (None, true) => {
            scene.act(Hand::Owner, at, Kind::PasswordChange, &means);
        }
        (None, false) => scene.on(Hand::Owner, at, Kind::Action, &means, "end_sessions"),
    }
    let mut now = at + 20 * SECOND;
    for (_, object) in scene.posts_of(Hand::Intruder) {
        if dice.chance(0.7) {
            now += dice.between(3, 40) * SECOND;
            scene.on(Hand::Owner, now, Kind::DeletePost, &means, &object);
        }
    }
    if dice.chance(0.4) {
        let text = super::text::ordinary(scene.world, person, dice, false, now);
        scene.post(Hand::Owner, now + 2 * MINUTE, &means, text);
    }
}

/// Friends who report what they were sent.
pub(crate) fn reports(scene: &mut Scene<'_>, person: &Person, from: i64, count: usize, dice: &mut Dice) {
    for _ in 0..count {
        let reporter = scene.world.account(friend(scene.world, person, dice));
        let at = from + dice.exponential(50.0 * MINUTE as f64) as i64;
        let nothing = Means { session: None, device: None, address: None, agent: None, app: None };
        scene.act(Hand::Other, at, Kind::Report, &nothing).object = Some(ObjectId::new(reporter));
    }
}

impl Intrusion<'_> {
    /// Signs in as the wave does; by what, and when that was done.
    fn sign_in(&self, scene: &mut Scene<'_>, person: &Person, visit: u64, at: i64) -> Means {
        let means = self.wave.enter(scene, person, visit, at);
        scene.login(Hand::Intruder, at, Outcome::Success, &means);
        means
    }

    /// The machine that tries passwords gets in.
    fn checked(&self, scene: &mut Scene<'_>, at: i64, dice: &mut Dice) -> Option<Means> {
        let run = &self.cast.runs[self.wave.run?];
        let mut means = run.means(scene, at, dice);
        means.session = Some(scene.session());
        scene.login(Hand::Intruder, at, Outcome::Success, &means);
        Some(means)
    }

    /// By what a stolen session is used: the owner's own id, seldom from the owner's place.
    fn steal(&self, scene: &mut Scene<'_>, person: &Person, visit: u64, at: i64, dice: &mut Dice) -> Means {
        let alive = |s: &&super::scene::Spell| {
            s.from <= at && at < s.until && !person.cuts.iter().any(|c| s.from < *c && *c <= at)
        };
        let browsers = scene.spells.iter().filter(alive).find(|s| s.device.app() == "web").cloned();
        let any = browsers.or_else(|| scene.spells.iter().rev().find(alive).cloned());
        let (session, device) = match any {
            Some(spell) => (spell.id, spell.device),
            None => {
                let before = (at - 90 * MINUTE).max(scene.world.start);
                let own = from_home(scene, person, before, dice);
                let device = person.devices[0].clone();
                (own.session.unwrap_or_default(), device)
            }
        };
        let address = self.wave.address(scene.world, person, visit, at);
        let mut means = scene.means(&device, session, address, at);
        // a cookie is put into a browser; an application's token is used as the application would
        let browser = self.wave.machines.iter().find(|m| m.app() == "web");
        if let Some(own) = browser.filter(|_| !self.wave.mimics && device.app() == "web") {
            means.agent = Some(own.agent(&scene.world.releases, at));
        }
        if self.wave.cookie == super::wave::Cookie::Absent {
            means.device = None;
        }
        means
    }

    /// Posts and messages of the wave's lure; when the last was sent.
    fn lures(
        &self,
        scene: &mut Scene<'_>,
        person: &Person,
        means: &Means,
        from: i64,
        count: usize,
        dice: &mut Dice,
    ) -> i64 {
        let world = scene.world;
        let mut now = from;
        for _ in 0..count {
            now += self.wave.pause(dice, 90 * SECOND);
            if dice.chance(self.wave.public) {
                let whom = dice.chance(0.5).then(|| friend(world, person, dice));
                let text = self.wave.lure.write(world, person, whom, dice);
                scene.post(Hand::Intruder, now, means, text);
            } else {
                let to = friend(world, person, dice);
                let text = self.wave.lure.write(world, person, Some(to), dice);
                scene.message(Hand::Intruder, now, means, to, text);
            }
        }
        now
    }
}
