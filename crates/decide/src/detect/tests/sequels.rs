//! More of the table: what the owner does afterwards, and what befalls them, tells whose hand it was; each beside its
//! twin.

use super::attacks::{Row, at};
use super::village::{From, MINUTE, Village, home, name};
use model::event::{Event, Kind, Outcome};
use model::verdict::Route;

const HOUR: i64 = 60 * MINUTE;
const WAYS_IN: [Kind; 3] = [Kind::EmailChange, Kind::PasswordChange, Kind::MfaChange];

pub(super) const TABLE: &[Row] = &[
    Row {
        name: "lock-outs from the owner's network by the owner's browser, where nothing names a device",
        story: |v| {
            for n in 0..3 {
                guest(v, n);
                v.login(n, at(n) + 2 * HOUR, Outcome::Failure, &bare(n));
                v.login(n, at(n) + 5 * HOUR, Outcome::Failure, &bare(n));
            }
        },
        victims: 3,
        route: Some(Route::Credential),
    },
    Row {
        name: "owners who change everything so, mistype at home afterwards, and come in",
        story: |v| {
            for n in 0..3 {
                guest(v, n);
                v.login(n, at(n) + 2 * HOUR, Outcome::Failure, &bare(n));
                v.login(n, at(n) + 5 * HOUR, Outcome::Failure, &bare(n));
                v.login(n, at(n) + 6 * HOUR, Outcome::Success, &bare(n));
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "owners on a telephone that names no device are turned away, and ask for help",
        story: |v| {
            for n in 0..3 {
                nameless(v, n);
                let stranger = From { country: home(n).country, ..elsewhere(n) };
                v.login(n, at(n), Outcome::Success, &stranger);
                WAYS_IN.iter().for_each(|kind| {
                    v.add(n, at(n) + MINUTE, kind.clone(), &stranger);
                });
                let moved = From { ip: format!("10.201.{n}.4"), ..bare(n) };
                v.login(n, at(n) + 2 * HOUR, Outcome::Failure, &moved);
                v.add(n, at(n) + 2 * HOUR + MINUTE, Kind::RecoveryRequest, &moved);
            }
        },
        victims: 3,
        route: Some(Route::Credential),
    },
    Row {
        name: "who fails after the owner moved house is a stranger who tries passwords",
        story: |v| {
            for n in 0..3 {
                nameless(v, n);
                let new_home = From { country: home(n).country, ..elsewhere(n) };
                v.login(n, at(n), Outcome::Success, &new_home);
                WAYS_IN.iter().for_each(|kind| {
                    v.add(n, at(n) + MINUTE, kind.clone(), &new_home);
                });
                let other = From {
                    ip: format!("198.51.100.{n}"),
                    asn: 64_990,
                    agent: "Tool/9 (Box)".to_owned(),
                    ..From::default()
                };
                v.login(n, at(n) + 2 * HOUR, Outcome::Failure, &other);
                v.login(n, at(n) + 9 * HOUR, Outcome::Failure, &other);
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "owners who delete what strangers posted, and change the password",
        story: |v| {
            for n in 0..3 {
                let posts = posted(v, n, &elsewhere(n));
                taken_down(v, n, &posts, true);
            }
        },
        victims: 3,
        route: Some(Route::Credential),
    },
    Row {
        name: "owners who delete what was posted out of their own session abroad, and change the password",
        story: |v| {
            for n in 0..3 {
                let taken = From {
                    device: home(n).device,
                    session: home(n).session,
                    agent: home(n).agent,
                    ..elsewhere(n)
                };
                let posts = posted(v, n, &taken);
                taken_down(v, n, &posts, true);
            }
        },
        victims: 3,
        route: Some(Route::Session),
    },
    Row {
        name: "owners who tidy up what they posted at home after a routine change, or on a journey without one",
        story: |v| {
            for n in 0..6 {
                let from = if n % 2 == 0 { home(n) } else { elsewhere(n) };
                let posts = posted(v, n, &from);
                taken_down(v, n, &posts, n % 2 == 0);
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "sessions copied with the device's cookie, while the owner goes on in them",
        story: |v| {
            for n in 0..3 {
                let copied = From { device: home(n).device, session: home(n).session, ..elsewhere(n) };
                v.add(n, at(n) + MINUTE, Kind::Message, &copied);
                v.add(n, at(n) + 2 * MINUTE, Kind::ProfileChange, &copied);
                v.add(n, at(n) + 5 * HOUR, Kind::Like, &home(n));
                v.add(n, at(n) + 6 * HOUR, Kind::Message, &copied);
            }
        },
        victims: 3,
        route: Some(Route::Session),
    },
    Row {
        name: "a journey with an updated browser and back; another browser at home that shares the device",
        story: |v| {
            for n in 0..6 {
                let updated = home(n).agent.replace("/12.", "/14.");
                let other = "Second/3.1 (Desktop)".to_owned();
                let place = elsewhere(n);
                let from = match n % 2 {
                    0 => From {
                        agent: updated,
                        ip: place.ip,
                        asn: place.asn,
                        country: place.country,
                        ..home(n)
                    },
                    _ => From { agent: other, ..home(n) },
                };
                v.add(n, at(n) + MINUTE, Kind::Message, &from);
                v.add(n, at(n) + 5 * HOUR, Kind::Like, &home(n));
                v.add(n, at(n) + 6 * HOUR, Kind::Message, &from);
            }
        },
        victims: 0,
        route: None,
    },
];

/// A machine that has nothing in common with others, nor with the owner's.
fn elsewhere(n: usize) -> From {
    From {
        device: Some(format!("z{n}")),
        session: Some(format!("zs{n}")),
        ip: format!("203.{}.{}.9", n / 250, n % 250),
        asn: 65_300 + n as u32,
        country: "ZZ".to_owned(),
        agent: format!("Else{n}/1.0 (Phone)"),
        app: "web".to_owned(),
    }
}

/// The owner's machine where neither device nor session is named.
fn bare(n: usize) -> From {
    From { device: None, session: None, ..home(n) }
}

fn of_account(v: &mut Village, n: usize) -> impl Iterator<Item = &mut Event> {
    v.events.iter_mut().filter(move |e| e.account.as_str() == name(n))
}

fn nameless(v: &mut Village, n: usize) {
    of_account(v, n).for_each(|e| (e.device, e.session) = (None, None));
}

/// Somebody signs in from a new address in the owner's network, by the owner's browser, and changes everything.
fn guest(v: &mut Village, n: usize) {
    nameless(v, n);
    let from = From { ip: format!("10.200.{n}.9"), session: Some(format!("gs{n}")), ..bare(n) };
    v.login(n, at(n) + MINUTE, Outcome::Success, &from);
    WAYS_IN.iter().for_each(|kind| {
        v.add(n, at(n) + 2 * MINUTE, kind.clone(), &from);
    });
}

/// Two posts in words of their own; their ids.
fn posted(v: &mut Village, n: usize, from: &From) -> Vec<model::id::ObjectId> {
    let things = ["boat", "ladder", "accordion", "telescope", "greenhouse", "typewriter"];
    let thing = things[n % things.len()];
    let texts =
        [format!("an old {thing} for sale: {thing}, {thing}!"), format!("{thing} {thing} {thing} gone")];
    let mut ids = Vec::new();
    for (m, text) in texts.iter().enumerate() {
        v.say(n, at(n) + (m as i64 + 1) * MINUTE, Kind::Post, from, text);
        ids.extend(v.events.last().and_then(|e| e.object.clone()));
    }
    ids
}

/// The owner deletes posts the next hours, and changes the password beside it, or not.
fn taken_down(v: &mut Village, n: usize, posts: &[model::id::ObjectId], changes: bool) {
    if changes {
        v.add(n, at(n) + 5 * HOUR, Kind::PasswordChange, &home(n));
    }
    for (m, post) in posts.iter().enumerate() {
        let deletion = v.add(n, at(n) + 5 * HOUR + (m as i64 + 1) * MINUTE, Kind::DeletePost, &home(n));
        deletion.object = Some(post.clone());
    }
}

/// A sign-in on an account that nobody was seen on, and everything changed; then another machine tries in vain.
fn set_up(v: &mut Village, account: usize, goes_on: bool) {
    let (first, second) = (elsewhere(account), elsewhere(account + 300));
    v.login(account, at(0), Outcome::Success, &first);
    for kind in WAYS_IN {
        v.add(account, at(0) + MINUTE, kind, &first);
    }
    v.login(account, at(0) + 5 * HOUR, Outcome::Failure, &second);
    v.add(account, at(0) + 5 * HOUR + MINUTE, Kind::RecoveryRequest, &second);
    if goes_on {
        v.add(account, at(0) + 9 * HOUR, Kind::Like, &first);
    }
}

#[test]
fn where_nobody_was_seen_before_a_lock_out_a_person_must_look() {
    let mut village = Village::of(150);
    (200..203).for_each(|account| set_up(&mut village, account, false));
    (210..213).for_each(|account| set_up(&mut village, account, true));
    let judged = village.judged();
    assert!(judged.compromised().is_empty());
    let suspected: Vec<&str> = judged.verdicts.keys().map(String::as_str).collect();
    assert_eq!(suspected, [name(200), name(201), name(202)]);
}

#[test]
fn the_posts_that_an_owner_took_down_are_named_and_the_owners_own_are_not() {
    let mut village = Village::of(150);
    let posts = posted(&mut village, 0, &elsewhere(0));
    village.say(0, at(0) + HOUR, Kind::Post, &home(0), "my own words of the evening, says number0");
    taken_down(&mut village, 0, &posts, true);
    let judged = village.judged();
    let named = &judged.verdicts[&name(0)].intruder;
    assert_eq!(named.objects, posts);
    assert!(named.changes.is_empty(), "the change is the owner's");
}
