//! What owners with a look-alike do on top of their ordinary life.

use super::dice::Dice;
use super::life::{Place, address, from_home};
use super::names;
use super::person::Person;
use super::scene::{Hand, Means, Scene};
use super::settings::{DAY, HOUR, MINUTE, SECOND};
use super::text;
use super::trap::{Groups, Planted, Trap};
use model::account::{Contact, ContactKind};
use model::event::{Initiator, Kind, Outcome};
use model::secret::Secret;

/// Plays what a look-alike adds.
pub(crate) fn perform(
    planted: &Planted,
    groups: &Groups,
    scene: &mut Scene<'_>,
    person: &mut Person,
    dice: &mut Dice,
) {
    let at = planted.at;
    match planted.trap {
        Trap::ForgottenPassword => forgotten(scene, person, at, dice),
        Trap::NewPhone | Trap::ReturnNewPhone => first_visit(scene, person, at, dice),
        Trap::SecuritySitting => sitting(scene, person, at, dice),
        Trap::Petition => {
            let (which, url, _) = &groups.petitions[(scene.key(9) % groups.petitions.len() as u64) as usize];
            let means = from_home(scene, person, at, dice);
            scene.post(Hand::Owner, at, &means, text::petition(person.words, *which, url));
        }
        Trap::Giveaway => {
            let (whom, _) = groups.giveaways[(scene.key(8) % groups.giveaways.len() as u64) as usize];
            let means = from_home(scene, person, at, dice);
            let name = scene.world.account(whom);
            scene.on(Hand::Owner, at, Kind::Follow, &means, &name);
            let liked = scene.world.post_id(whom, 44);
            scene.on(Hand::Owner, at + 4 * SECOND, Kind::Like, &means, &liked);
        }
        Trap::ReportMob => {
            let count = 6 + dice.below(50);
            for _ in 0..count {
                let nothing = Means { session: None, device: None, address: None, agent: None, app: None };
                let reporter = scene.world.account(dice.below(scene.world.accounts as usize) as u32);
                let when = at + dice.exponential(3.0 * HOUR as f64) as i64;
                scene.on(Hand::Other, when, Kind::Report, &nothing, &reporter);
            }
        }
        Trap::StaffChange => {
            let staff = Means {
                session: None,
                device: None,
                address: Some(scene.world.staff.clone()),
                agent: None,
                app: Some("staff-console".to_owned()),
            };
            scene.act(Hand::Other, at, Kind::ProfileChange, &staff).initiator = Some(Initiator::Admin);
            scene.act(Hand::Other, at + MINUTE, Kind::PasswordChange, &staff).initiator =
                Some(Initiator::Admin);
        }
        Trap::CloudDesktop => {
            let device = person.devices.len() - 1;
            let own = address(scene.world, person, Place::Home, device, at, dice);
            let session = scene.session();
            let means = scene.means(&person.devices[device], session, own, at);
            scene.login(Hand::Owner, at, Outcome::Success, &means);
            scene.on(Hand::Owner, at + 40 * SECOND, Kind::Action, &means, "view_settings");
        }
        Trap::Travel
        | Trap::Team
        | Trap::PopularApp
        | Trap::FailedStuffing
        | Trap::SharedAddress
        | Trap::Vpn
        | Trap::MovedAbroad
        | Trap::Season
        | Trap::Household
        | Trap::Shop
        | Trap::RenamedApp
        | Trap::BrokenProxy
        | Trap::CarrierRenumbered
        | Trap::DroppedField
        | Trap::PasswordsAsked => {}
    }
}

/// Wrong guesses at home, the link from the mail, a new password, and in.
fn forgotten(scene: &mut Scene<'_>, person: &Person, at: i64, dice: &mut Dice) {
    let Some(which) = person.devices.iter().rposition(|d| d.used_at(at)) else { return };
    let home = address(scene.world, person, Place::Home, which, at, dice);
    let session = scene.session();
    let mut means = scene.means(&person.devices[which], session.clone(), home, at);
    means.session = None;
    let mut now = at;
    for _ in 0..2 + dice.below(3) {
        scene.login(Hand::Owner, now, Outcome::Failure, &means);
        now += dice.between(6 * SECOND, 30 * SECOND);
    }
    scene.act(Hand::Owner, now, Kind::RecoveryRequest, &means);
    now += dice.between(30 * SECOND, 2 * MINUTE);
    scene.act(Hand::Owner, now, Kind::PasswordChange, &means);
    means.session = Some(session);
    scene.login(Hand::Owner, now + 4 * SECOND, Outcome::Success, &means);
}

/// The first thing done on the new phone; every fourth has to ask for a new password.
fn first_visit(scene: &mut Scene<'_>, person: &Person, at: i64, dice: &mut Dice) {
    let at = at + dice.between(MINUTE, 9 * HOUR);
    if dice.chance(0.25) && person.has_password() {
        forgotten(scene, person, at, dice);
    }
}

/// New mail, password and second factor in one sitting, at home.
fn sitting(scene: &mut Scene<'_>, person: &mut Person, at: i64, dice: &mut Dice) {
    let world = scene.world;
    let means = from_home(scene, person, at, dice);
    let mut now = at;
    let mut steps = [Kind::EmailChange, Kind::PasswordChange, Kind::MfaChange];
    dice.shuffle(&mut steps);
    for step in steps {
        let (is_mail, is_factor) = (step == Kind::EmailChange, step == Kind::MfaChange);
        let event = scene.act(Hand::Owner, now, step, &means);
        if is_factor {
            event.change = Some(dice.one(&["totp_added", "passkey_added"]).to_owned());
        }
        if is_mail {
            let contacts = person.record.contacts.get_or_insert_default();
            event.previous =
                contacts.iter().find(|c| c.kind == ContactKind::Mail).map(|c| c.value.reveal().to_owned());
            contacts.insert(
                0,
                Contact {
                    kind: ContactKind::Mail,
                    value: Secret::new(names::mail(dice, &world.mails)),
                    verified_at: Some(now + dice.between(15 * SECOND, DAY / 20)),
                    since: Some(now),
                },
            );
        }
        now += dice.between(15 * SECOND, 4 * MINUTE);
    }
}
