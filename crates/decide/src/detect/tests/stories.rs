//! More of the table: contacts in words of one's own, distributed stuffing, two attacks in the same words, lock-outs
//! at home; each beside its twin.

use super::attacks::{LATE, Row, app, at, good_app};
use super::village::{DAY, From, MINUTE, abroad, home, name};
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
];

/// Words that nobody shares.
const CALLS: [&str; 10] = [
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
fn apart(n: usize) -> From {
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
