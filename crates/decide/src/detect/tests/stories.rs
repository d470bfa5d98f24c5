//! More of the table: contacts in words of one's own, distributed stuffing, two attacks in the same words, lock-outs
//! at home; each beside its twin.

use super::attacks::{LATE, Row, app, at, good_app};
use super::village::{DAY, From, MINUTE, Village, abroad, home, name};
use model::event::{Kind, Outcome};
use model::verdict::Route;

pub(super) const TABLE: &[Row] = &[
    Row {
        name: "sleepers: each address fails on three accounts only, and nobody lives there",
        story: |v| {
            for n in 0..6 {
                let from = homes_of_others(n);
                (0..3).for_each(|m| v.login(20 + n * 3 + m, at(n), Outcome::Failure, &from));
                v.login(n, at(n) + MINUTE, Outcome::Success, &from);
            }
        },
        victims: 6,
        route: Some(Route::Credential),
    },
    Row {
        name: "new phones behind an address where others live who mistype",
        story: |v| {
            for n in 0..6 {
                let from = homes_of_others(n);
                for m in 0..3 {
                    let resident = 20 + n * 3 + m;
                    let there = From { ip: from.ip.clone(), asn: from.asn, ..home(resident) };
                    v.login(resident, at(n), Outcome::Failure, &there);
                    v.login(resident, at(n) + MINUTE, Outcome::Success, &there);
                }
                v.login(n, at(n) + 2 * MINUTE, Outcome::Success, &from);
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "spam in words of its own that shares only a telephone number",
        story: |v| {
            for n in 0..10 {
                let text = format!(
                    "{} {}: +44 7700{}900{}123",
                    CALLS[n],
                    name(n),
                    [" ", "-"][n % 2],
                    [" ", ""][n % 2]
                );
                v.login(n, at(n), Outcome::Success, &apart(n));
                v.say(n, at(n) + MINUTE, Kind::Message, &apart(n), &text);
            }
        },
        victims: 10,
        route: Some(Route::Credential),
    },
    Row {
        name: "a helpline's number that owners pass on, two of them from a new phone on a journey",
        story: |v| {
            for n in 0..30 {
                let from = if n < 2 { apart(n) } else { home(n) };
                let text = format!("{} number{n}, call +44 7700 900 124", CALLS[n % 10]);
                v.say(n, at(n), Kind::Message, &from, &text);
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "spam in the very words that a bad application uses as well",
        story: |v| {
            for n in 0..5 {
                v.login(n, at(n), Outcome::Success, &apart(n));
                v.say(
                    n,
                    at(n) + MINUTE,
                    Kind::Post,
                    &apart(n),
                    "free vouchers for everybody, look before they are gone",
                );
            }
            for n in 5..15 {
                app(v, n, "shiny", &[Kind::Message, Kind::Message, Kind::Follow], 5 * MINUTE);
                let server = From {
                    app: "shiny".to_owned(),
                    ip: "203.0.113.9".to_owned(),
                    asn: 65_200,
                    agent: "shiny/1".to_owned(),
                    ..From::default()
                };
                v.say(
                    n,
                    at(n) + 9 * MINUTE,
                    Kind::Post,
                    &server,
                    "free vouchers for everybody, look before they are gone",
                );
            }
        },
        victims: 15,
        route: None,
    },
    Row {
        name: "a good application's words that two people on a journey use as well",
        story: |v| {
            good_app(v);
            for n in 0..2 {
                v.say(n, at(n), Kind::Post, &apart(n), "I ran 3 kilometres with runner this morning");
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "lock-outs in the owner's own country after which nobody is seen",
        story: |v| {
            for n in 0..3 {
                v.events.retain(|e| e.account.as_str() != name(n) || e.time < LATE - 6 * DAY);
                let from = From {
                    ip: format!("203.0.113.{n}"),
                    asn: 65_100 + n as u32,
                    country: home(n).country,
                    ..abroad(n)
                };
                v.login(n, LATE - 6 * DAY, Outcome::Success, &from);
                for kind in [Kind::EmailChange, Kind::PasswordChange, Kind::MfaChange] {
                    v.add(n, LATE - 6 * DAY + MINUTE, kind, &from);
                }
            }
        },
        victims: 3,
        route: Some(Route::Credential),
    },
    Row {
        name: "owners who change everything on a new machine elsewhere at home, and live on: with it, or with the old one",
        story: |v| {
            for n in 0..4 {
                v.events.retain(|e| n % 2 == 1 || e.account.as_str() != name(n) || e.time < LATE - 6 * DAY);
                let from = From {
                    ip: format!("203.0.113.{n}"),
                    asn: 65_100 + n as u32,
                    country: home(n).country,
                    ..abroad(n)
                };
                v.login(n, LATE - 6 * DAY, Outcome::Success, &from);
                for kind in [Kind::EmailChange, Kind::PasswordChange, Kind::MfaChange] {
                    v.add(n, LATE - 6 * DAY + MINUTE, kind, &from);
                }
                for day in 1..5 {
                    v.add(n, LATE + (day - 6) * DAY, Kind::Like, &from);
                }
                v.login(n, LATE, Outcome::Failure, &home(n));
                v.login(n, LATE + MINUTE, Outcome::Success, &home(n));
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "lock-outs from a country never seen, of which nobody complains",
        story: |v| {
            for n in 0..3 {
                v.events.retain(|e| e.account.as_str() != name(n) || e.time < LATE);
                lock(v, n, LATE, &From { ip: format!("203.0.113.{n}"), ..abroad(n) }, &LOCKS);
            }
        },
        victims: 3,
        route: Some(Route::Credential),
    },
    Row {
        name: "a colleague on another continent who changes everything, while the others go on",
        story: |v| {
            for n in 0..3 {
                lock(v, n, LATE, &From { ip: format!("203.0.113.{n}"), ..abroad(n) }, &LOCKS);
                v.add(n, LATE + 300 * MINUTE, Kind::Like, &home(n));
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "phones lost on a journey: a new one sets the password and the second factor anew",
        story: |v| {
            for n in 0..3 {
                lock(v, n, LATE, &From { ip: format!("203.0.113.{n}"), ..abroad(n) }, &LOCKS[1..]);
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "lock-outs in the owner's own country, since which nobody was seen for three days",
        story: |v| {
            for n in 0..3 {
                v.events.retain(|e| e.account.as_str() != name(n) || e.time < LATE - 3 * DAY);
                lock(v, n, LATE - 3 * DAY, &elsewhere_at_home(n), &LOCKS);
            }
        },
        victims: 3,
        route: Some(Route::Credential),
    },
    Row {
        name: "owners who change everything elsewhere at home, and are seen on their old machine the next day",
        story: |v| {
            for n in 0..3 {
                v.events.retain(|e| e.account.as_str() != name(n) || e.time < LATE - 3 * DAY);
                lock(v, n, LATE - 3 * DAY, &elsewhere_at_home(n), &LOCKS);
                v.add(n, LATE - 2 * DAY, Kind::Like, &home(n));
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "spam by strangers behind the proxy that the service put before everybody",
        story: |v| {
            proxied(v);
            for n in 0..8 {
                let from = From { ip: PROXY.to_owned(), asn: 65_300, country: "XX".to_owned(), ..abroad(n) };
                v.login(n, at(n), Outcome::Success, &from);
                v.say(n, at(n) + MINUTE, Kind::Post, &from, &format!("half price https://lure.example/{n}"));
            }
        },
        victims: 8,
        route: Some(Route::Credential),
    },
    Row {
        name: "new phones behind the proxy that the service put before everybody",
        story: |v| {
            proxied(v);
            for n in 0..8 {
                let phone = From { ip: PROXY.to_owned(), asn: 65_300, country: "XX".to_owned(), ..abroad(n) };
                v.login(n, at(n), Outcome::Success, &phone);
                let text = format!("number{n} has a new phone https://photos{n}.example/{n}");
                v.say(n, at(n) + MINUTE, Kind::Post, &phone, &text);
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "stolen sessions that spread their lure from abroad, and the next day from a network of the owner's",
        story: |v| {
            for n in 0..10 {
                v.say(n, at(n), Kind::Message, &journey(n), "half price https://lure.example/1");
                v.say(n, at(n) + DAY, Kind::Message, &home(n), "half price https://lure.example/2");
            }
        },
        victims: 10,
        route: Some(Route::Session),
    },
    Row {
        name: "a petition that owners take up at home and carry on a journey the next day",
        story: |v| {
            for n in 0..10 {
                v.say(n, at(n), Kind::Message, &home(n), "save the bath https://bath.example/1");
                v.say(n, at(n) + DAY, Kind::Message, &journey(n), "save the bath https://bath.example/2");
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "accounts without history that spread what strangers to others spread, and follow whom they like",
        story: |v| {
            lured(v);
            for n in 6..9 {
                without_history(v, n, &["half price https://lure.example/7"]);
            }
        },
        victims: 9,
        route: Some(Route::Credential),
    },
    Row {
        name: "accounts without history that speak of the lure once among much of their own",
        story: |v| {
            lured(v);
            for n in 6..9 {
                let own: Vec<String> = (0..3)
                    .map(|m| format!("number{n} reads page {m} https://books{n}.example/{m}"))
                    .collect();
                let mut said: Vec<&str> = own.iter().map(String::as_str).collect();
                said.push("is this real? https://lure.example/7");
                without_history(v, n, &said);
            }
        },
        victims: 6,
        route: Some(Route::Credential),
    },
];

pub(super) const LOCKS: [Kind; 3] = [Kind::EmailChange, Kind::PasswordChange, Kind::MfaChange];
const PROXY: &str = "198.51.100.1";

/// A stranger signs in and changes ways in.
pub(super) fn lock(v: &mut Village, n: usize, at: i64, from: &From, kinds: &[Kind]) {
    v.login(n, at, Outcome::Success, from);
    for kind in kinds {
        v.add(n, at + MINUTE, kind.clone(), from);
    }
}

/// A machine of nobody's on a line of its own in the owner's country.
fn elsewhere_at_home(n: usize) -> From {
    From { ip: format!("203.0.113.{n}"), asn: 65_100 + n as u32, country: home(n).country, ..abroad(n) }
}

/// The owner's machine in a country never seen.
fn journey(n: usize) -> From {
    From { ip: format!("198.51.{n}.3"), asn: 64_900 + n as u32, country: "IT".to_owned(), ..home(n) }
}

/// From the day before on, forty owners come through a front end that writes down its own address.
fn proxied(v: &mut Village) {
    for n in 0..40 {
        let from = From { ip: PROXY.to_owned(), asn: 65_300, country: "XX".to_owned(), ..home(n) };
        v.add(n, LATE - DAY + n as i64 * MINUTE, Kind::Like, &from);
        v.events.retain(|e| e.account.as_str() != name(n) || e.time < LATE || e.ip.as_deref() == Some(PROXY));
    }
}

/// Six strangers spread a lure.
fn lured(v: &mut Village) {
    for n in 0..6 {
        v.login(n, at(n), Outcome::Success, &apart(n));
        v.say(n, at(n) + MINUTE, Kind::Post, &apart(n), &format!("half price https://lure.example/{n}"));
    }
}

/// An account whose first acts are these.
fn without_history(v: &mut Village, n: usize, said: &[&str]) {
    v.events.retain(|e| e.account.as_str() != name(n));
    v.login(n, at(n), Outcome::Success, &apart(n));
    for (m, text) in said.iter().enumerate() {
        v.say(n, at(n) + (m as i64 + 1) * 40 * MINUTE, Kind::Post, &apart(n), text);
    }
    for m in 0..2 {
        let follow = v.add(n, at(n) + (m + 9) * MINUTE, Kind::Follow, &apart(n));
        follow.object = Some(format!("friend{n}-{m}").as_str().into());
    }
}

/// Words that nobody shares.
pub(super) const CALLS: [&str; 10] = [
    "the bicycle is still for sale, ask",
    "my cousin keeps two tickets back, ring",
    "we give the sofa away this week:",
    "reserve the flat before Sunday by",
    "deposit first, the parcel leaves tonight,",
    "winter tyres, hardly driven, reach",
    "a kitten needs a home, talk to",
    "I can hold the camera until noon:",
    "last concert seats, cheaper than at the door,",
    "the plumber has an hour for you,",
];

/// A stranger's machine on a line of its own, somewhere else each time.
pub(super) fn apart(n: usize) -> From {
    From {
        ip: format!("203.0.{}.9", 20 + n),
        asn: 65_400 + n as u32,
        agent: format!("Else{n}/1 (Box)"),
        ..abroad(n)
    }
}

/// A line of people who have nothing to do with the account.
fn homes_of_others(n: usize) -> From {
    From { ip: format!("198.51.{n}.77"), asn: 64_800 + n as u32, ..abroad(n) }
}
