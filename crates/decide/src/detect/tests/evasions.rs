//! More of the table: links and names hidden from filters, applications that wait, owners of whom little is known; each
//! beside its twin.

use super::attacks::{LATE, Row, at};
use super::stories::{CALLS, LOCKS, apart, lock};
use super::village::{DAY, From, MINUTE, START, Village, abroad, home, name};
use model::event::{Kind, Outcome};
use model::verdict::Route;

/// One link, as filters don't read it.
const HIDDEN: [&str; 5] = [
    "moonriver [dot] com / hBJiyp",
    "moonriver(.)com/hBJiyp",
    "moonriver . com / hBJiyp",
    "moonriver\u{3002}com / hBJiyp",
    "moonriver dot com / hBJiyp",
];

pub(super) const TABLE: &[Row] = &[
    Row {
        name: "spam in words of its own to a link whose dot is hidden, each time in another way",
        story: |v| {
            for n in 0..10 {
                v.login(n, at(n), Outcome::Success, &apart(n));
                let text = format!("{} {}", CALLS[n], HIDDEN[n % 5]);
                v.say(n, at(n) + MINUTE, Kind::Message, &apart(n), &text);
            }
        },
        victims: 10,
        route: Some(Route::Credential),
    },
    Row {
        name: "a site that owners write so, two of them from a new phone on a journey",
        story: |v| {
            for n in 0..30 {
                let text = format!("{} {}", CALLS[n % 10], HIDDEN[n % 5]);
                v.say(n, at(n), Kind::Message, &home(n), &text);
            }
            for n in 30..32 {
                v.say(
                    n,
                    at(n),
                    Kind::Message,
                    &apart(n - 20),
                    &format!("{} {}", CALLS[n % 10], HIDDEN[n % 5]),
                );
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "spam in words of its own that shares only a name at a messenger",
        story: |v| {
            for n in 0..10 {
                v.login(n, at(n), Outcome::Success, &apart(n));
                let text = format!("{} {} falcon849", CALLS[n], ["telegram", "Telegram:", "tg"][n % 3]);
                v.say(n, at(n) + MINUTE, Kind::Message, &apart(n), &text);
            }
        },
        victims: 10,
        route: Some(Route::Credential),
    },
    Row {
        name: "a name that owners pass on, two of them from a new phone on a journey",
        story: |v| {
            for n in 0..30 {
                v.say(n, at(n), Kind::Message, &home(n), &format!("{} telegram falcon849", CALLS[n % 10]));
            }
            for n in 30..32 {
                let text = format!("{} telegram falcon849", CALLS[n % 10]);
                v.say(n, at(n), Kind::Message, &apart(n - 20), &text);
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "spam in words of its own that only names somebody elsewhere",
        story: |v| {
            for (n, call) in CALLS.iter().enumerate() {
                v.login(n, at(n), Outcome::Success, &apart(n));
                v.say(n, at(n) + MINUTE, Kind::Post, &apart(n), &format!("{call} @moon_trader"));
            }
        },
        victims: 10,
        route: Some(Route::Credential),
    },
    Row {
        name: "an account here that everybody mentions, ten of them from a new phone on a journey",
        story: |v| {
            for (n, call) in CALLS.iter().enumerate() {
                v.login(n, at(n), Outcome::Success, &apart(n));
                v.say(n, at(n) + MINUTE, Kind::Post, &apart(n), &format!("{call} @{}", name(99)));
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "let in at an address that failed on sixty, with the browser that failed there",
        story: |v| exit(v, "Tool/1.0 (Server)"),
        victims: 1,
        route: Some(Route::Credential),
    },
    Row {
        name: "let in at an address that failed on sixty, with a browser that never failed there",
        story: |v| exit(v, "Browser9/12.1 (Desktop)"),
        victims: 0,
        route: None,
    },
    Row {
        name: "an application that posts after four hours everywhere, and that many throw out",
        story: |v| {
            for n in 0..12 {
                waits(v, n, 240 + n as i64 % 5 * 10);
                if n % 3 == 0 {
                    v.add(n, at(n) + 600 * MINUTE, Kind::AppRevoke, &home(n)).object = Some("peek".into());
                }
            }
        },
        victims: 12,
        route: Some(Route::App),
    },
    Row {
        name: "an application that posts after four hours everywhere, and that nobody minds",
        story: |v| (0..12).for_each(|n| waits(v, n, 240 + n as i64 % 5 * 10)),
        victims: 0,
        route: None,
    },
    Row {
        name: "an application that writes to people after eight hours everywhere, as no other does, and that nobody minds",
        story: |v| {
            (0..8).for_each(|n| reaches(v, n, "gift", 480 + n as i64 % 5 * 10));
            (40..60).for_each(|n| waits(v, n, 60 + n as i64 * n as i64));
        },
        victims: 8,
        route: Some(Route::App),
    },
    Row {
        name: "the same beside another such that many throw out",
        story: |v| {
            (0..8).for_each(|n| reaches(v, n, "gift", 480 + n as i64 % 5 * 10));
            for n in 8..16 {
                reaches(v, n, "prize", 5);
                if n % 2 == 0 {
                    v.add(n, at(n) + 600 * MINUTE, Kind::AppRevoke, &home(n)).object = Some("prize".into());
                }
            }
            (40..60).for_each(|n| waits(v, n, 60 + n as i64 * n as i64));
        },
        victims: 16,
        route: Some(Route::App),
    },
    Row {
        name: "an application by which owners write to people when they like",
        story: |v| {
            (0..8).for_each(|n| reaches(v, n, "gift", 60 + (n as i64 * n as i64) * 40));
            (40..60).for_each(|n| waits(v, n, 60 + n as i64 * n as i64));
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "two applications that write to people after the same wait: here, applications do",
        story: |v| {
            (0..8).for_each(|n| reaches(v, n, "gift", 480 + n as i64 % 5 * 10));
            (40..60).for_each(|n| reaches(v, n, "greeter", 300 + n as i64 % 5 * 10));
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "an application that each owner uses when they like, and that some throw out",
        story: |v| {
            for n in 0..12 {
                waits(v, n, 20 + (n as i64 * n as i64) * 11);
                if n % 4 == 0 {
                    v.add(n, at(n) + 2000 * MINUTE, Kind::AppRevoke, &home(n)).object = Some("peek".into());
                }
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "a lock-out from a country where the owner never was",
        story: |v| locked(v, 20),
        victims: 1,
        route: Some(Route::Credential),
    },
    Row {
        name: "an owner of whom little is known, who changes everything on a new phone abroad",
        story: |v| locked(v, 3),
        victims: 0,
        route: None,
    },
    Row {
        name: "an owner who changes everything on a new machine in a country where they were on a journey before",
        story: |v| {
            v.add(0, at(0) - 5 * DAY, Kind::Like, &From { device: home(0).device, ..apart(1) });
            locked(v, 20);
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "owners seen once whose machine is not let in since another one changed everything, and who ask for recovery",
        story: |v| {
            for n in 0..3 {
                turned_out(v, n);
                v.add(n, at(n) + 300 * MINUTE, Kind::RecoveryRequest, &home(n)).session = None;
            }
        },
        victims: 3,
        route: Some(Route::Credential),
    },
    Row {
        name: "owners seen once who change everything on another machine, and whose old one is let in after a try",
        story: |v| {
            for n in 0..3 {
                turned_out(v, n);
                v.login(n, at(n) + 301 * MINUTE, Outcome::Success, &home(n));
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "owners seen once who change everything on another machine, and whose old one tries once more by itself",
        story: |v| (0..3).for_each(|n| turned_out(v, n)),
        victims: 0,
        route: None,
    },
    Row {
        name: "spam in words of its own to a link whose dot is hidden, in a domain that no list has",
        story: |v| {
            for (n, call) in CALLS.iter().enumerate() {
                let link = ["moonriver [dot] crypto/a17", "moonriver dot crypto/hBJ9"][n % 2];
                v.login(n, at(n), Outcome::Success, &apart(n));
                v.say(n, at(n) + MINUTE, Kind::Post, &apart(n), &format!("{call} {link}"));
            }
        },
        victims: CALLS.len(),
        route: Some(Route::Credential),
    },
    Row {
        name: "owners who say on or off behind the same word, some of them on a journey",
        story: |v| {
            for (n, call) in CALLS.iter().enumerate() {
                let from = if n % 3 == 0 { apart(n) } else { home(n) };
                v.say(n, at(n), Kind::Post, &from, &format!("{call} and keep the dot on/off"));
            }
        },
        victims: 0,
        route: None,
    },
];

/// An address where owners are seen as well fails on sixty accounts, then a new machine behind it is let in to the first.
fn exit(v: &mut Village, agent: &str) {
    for n in 90..92 {
        let behind = From { ip: abroad(1).ip, asn: abroad(1).asn, country: abroad(1).country, ..home(n) };
        v.add(n, at(n), Kind::Like, &behind);
    }
    (20..80).for_each(|n| v.login(n, at(n), Outcome::Failure, &abroad(1)));
    let from = From { device: Some("other".to_owned()), agent: agent.to_owned(), ..abroad(1) };
    v.login(0, at(0), Outcome::Success, &from);
}

/// The first account's owner was seen on so many days before; then somebody changes all ways in.
fn locked(v: &mut Village, days: i64) {
    v.events.retain(|e| e.account.as_str() != name(0) || (LATE - days * DAY..LATE).contains(&e.time));
    lock(v, 0, at(0), &apart(0), &LOCKS);
}

/// An owner was seen on one day; later another machine in their network changes everything, and the owner's fails.
fn turned_out(v: &mut Village, n: usize) {
    v.events.retain(|e| e.account.as_str() != name(n) || e.time < START + DAY);
    let ip = format!("10.77.{n}.9");
    let next_door = From { device: Some(format!("x{n}")), session: Some(format!("xs{n}")), ip, ..home(n) };
    lock(v, n, at(n), &next_door, &LOCKS);
    v.login(n, at(n) + 200 * MINUTE, Outcome::Failure, &home(n));
}

/// An application is let in, and writes to people after so many minutes.
fn reaches(v: &mut Village, n: usize, app: &str, minutes: i64) {
    let server = let_in(v, n, app);
    for m in 0..3 {
        let text = format!("{} {}", CALLS[(n + m) % 10], name(n));
        v.say(n, at(n) + (minutes + m as i64) * MINUTE, Kind::Message, &server, &text);
    }
}

/// An application is let in: the machine it acts from.
fn let_in(v: &mut Village, n: usize, app: &str) -> From {
    v.add(n, at(n), Kind::AppAuthorize, &home(n)).object = Some(app.into());
    From {
        ip: format!("203.0.113.{}", 70 + app.len()),
        asn: 65_210,
        app: app.to_owned(),
        agent: format!("{app}/1"),
        ..From::default()
    }
}

/// An application is let in, and posts a link after so many minutes.
fn waits(v: &mut Village, n: usize, minutes: i64) {
    let server = let_in(v, n, "peek");
    let text = format!("{} https://peek.example/{n}", CALLS[n % 10]);
    v.say(n, at(n) + minutes * MINUTE, Kind::Post, &server, &text);
}
