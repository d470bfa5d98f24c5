//! More of the table: exits and hosts that many share, services that write little down, farms, owners who are hardly
//! known; each beside its twin.

use super::attacks::{Row, at, lure};
use super::stories::{CALLS, apart};
use super::village::{DAY, From, MINUTE, START, Village, abroad, home, name};
use model::event::{Kind, Outcome};
use model::verdict::Route;

pub(super) const TABLE: &[Row] = &[
    Row {
        name: "new phones behind the exit of a VPN, where a list is worked through and owners come and go",
        story: |v| {
            let exit = |from: From| From {
                ip: "192.0.4.1".to_owned(),
                asn: 65_500,
                country: "NL".to_owned(),
                ..from
            };
            (20..80).for_each(|n| v.login(n, at(n), Outcome::Failure, &exit(abroad(1))));
            for n in 90..110 {
                v.add(n, at(n), Kind::Like, &exit(home(n)));
            }
            for n in 0..4 {
                let phone =
                    From { device: Some(format!("phone{n}")), session: Some(format!("ps{n}")), ..home(n) };
                v.login(n, at(n), Outcome::Success, &exit(phone.clone()));
                v.add(n, at(n) + MINUTE, Kind::Like, &exit(phone));
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "the same list, worked through from an exit where nobody else is",
        story: |v| {
            (20..80).for_each(|n| v.login(n, at(n), Outcome::Failure, &abroad(1)));
            for n in 0..4 {
                let other =
                    From { agent: format!("Else{n}/1 (Box)"), device: Some(format!("y{n}")), ..abroad(1) };
                v.login(n, at(n), Outcome::Success, &other);
            }
        },
        victims: 4,
        route: Some(Route::Credential),
    },
    Row {
        name: "stuffing followed by spam, where the service writes no devices down",
        story: |v| {
            for n in 0..12 {
                v.login(n, at(n), Outcome::Success, &abroad(n));
                v.say(
                    n,
                    at(n) + MINUTE,
                    Kind::Post,
                    &abroad(n),
                    &format!("vouchers https://lure.example/{n}"),
                );
            }
            v.events.iter_mut().for_each(|e| e.device = None);
        },
        victims: 12,
        route: Some(Route::Credential),
    },
    Row {
        name: "a chain letter that some pass on to many at once, and many at their leisure",
        story: |v| {
            let letter = "pass this on to ten friends by midnight https://luck.example/letter";
            for n in 0..12 {
                (0..8).for_each(|m| v.say(n, at(n) + m * 5_000, Kind::Message, &home(n), letter));
            }
            (12..20).for_each(|n| v.say(n, at(n), Kind::Message, &home(n), letter));
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "new accounts that come from elsewhere with another phone, and follow whom they are told to",
        story: |v| {
            for n in 0..5 {
                v.events.retain(|e| e.account.as_str() != name(n) || e.time < START + 4 * DAY);
                v.login(n, at(n), Outcome::Success, &apart(n));
                for target in 0..20 {
                    let follow = v.add(n, at(n) + MINUTE + target * 3_000, Kind::Follow, &apart(n));
                    follow.object = Some(format!("pack{n}-{target}").as_str().into());
                }
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "lures in words of their own on a host where anybody has a page: only the page is shared",
        story: |v| {
            for n in 0..10 {
                let page = ["https://forms.example.com/d/4atunx", "forms.example.com/d/4atunx?to=you"][n % 2];
                v.login(n, at(n), Outcome::Success, &apart(n));
                v.say(n, at(n) + MINUTE, Kind::Post, &apart(n), &format!("{} {page}", CALLS[n]));
            }
            for n in 20..60 {
                let text = format!("{} https://forms.example.com/d/{n}", name(n));
                v.say(n, at(n), Kind::Post, &home(n), &text);
            }
        },
        victims: 10,
        route: Some(Route::Credential),
    },
    Row {
        name: "pages of one's own on such a host, some of them written about from a journey with another phone",
        story: |v| {
            for n in 0..30 {
                let from = if n < 6 { apart(n) } else { home(n) };
                v.say(n, at(n), Kind::Post, &from, &format!("{} forms.example.com/d/{n}", name(n)));
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "a farm of likes",
        story: |v| {
            for n in 20..80 {
                for m in 0..8 {
                    v.add(n, at(n) + m * MINUTE, Kind::Like, &home(n));
                }
            }
            for n in 0..12 {
                v.login(n, at(n), Outcome::Success, &apart(n));
                for target in 0..10 {
                    let like = v.add(n, at(n) + MINUTE + target * 3_000, Kind::Like, &apart(n));
                    like.object = Some(format!("post-to-push{target}").as_str().into());
                }
            }
        },
        victims: 12,
        route: Some(Route::Credential),
    },
    Row {
        name: "posts that everybody likes, five of them from a new phone on a journey",
        story: |v| {
            for n in 0..60 {
                let from = if n < 5 { apart(n) } else { home(n) };
                v.add(n, at(n), Kind::Like, &home(n));
                for target in 0..4 {
                    let like = v.add(n, at(n) + target * MINUTE, Kind::Like, &from);
                    like.object = Some(format!("talk-of-the-town{target}").as_str().into());
                }
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "new phones by which a letter is passed on from a journey, and that go on at home",
        story: |v| {
            for n in 0..12 {
                let phone = abroad(n);
                v.login(n, at(n), Outcome::Success, &phone);
                v.say(n, at(n) + MINUTE, Kind::Post, &phone, &format!("vouchers https://lure.example/{n}"));
                let From { device, session, agent, .. } = phone;
                v.add(n, at(n) + DAY, Kind::Like, &From { device, session, agent, ..home(n) });
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "strangers in one network where nobody lives, each with words, a browser and an address of their own",
        story: |v| (0..8).for_each(|n| rattles_on(v, n, &From { asn: 65_500, ..apart(n) })),
        victims: 8,
        route: Some(Route::Credential),
    },
    Row {
        name: "the same from a network each",
        story: |v| (0..8).for_each(|n| rattles_on(v, n, &apart(n))),
        victims: 0,
        route: None,
    },
    Row {
        name: "the same from a network in which as many owners are on a journey with their own phones",
        story: |v| {
            for n in 0..8 {
                rattles_on(v, n, &From { asn: 65_500, ..apart(n) });
            }
            for n in 20..28 {
                let on_a_journey = From { ip: format!("203.0.{n}.77"), asn: 65_500, ..home(n) };
                v.add(n, at(n), Kind::Like, &on_a_journey);
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "new laptops at a hotel in a network where nobody lives, beside guests with their own phones",
        story: |v| {
            let guest = |n: usize, ip: String, from: From| {
                let from = From { ip, asn: 65_500, country: "NL".to_owned(), ..from };
                (n, from)
            };
            let hotel = || "192.0.4.1".to_owned();
            let at_the_hotel = (0..7).map(|n| guest(n, hotel(), apart(n)));
            let known = (7..10).map(|n| guest(n, hotel(), home(n)));
            let elsewhere = (10..24).map(|n| guest(n, format!("192.0.4.{n}"), apart(n)));
            for (n, from) in at_the_hotel.chain(known).chain(elsewhere) {
                v.login(n, at(n), Outcome::Success, &from);
                v.say(n, at(n) + MINUTE, Kind::Post, &from, &format!("{} is on a journey", name(n)));
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "owners who come to a VPN with a new laptop and the browser that a list is worked through with from there",
        story: |v| {
            let exit = |n: usize, from: From| From {
                ip: format!("192.0.4.{n}"),
                asn: 65_500,
                country: "NL".to_owned(),
                agent: "Common/147 (Desktop)".to_owned(),
                ..from
            };
            (20..80).for_each(|n| v.login(n, at(n), Outcome::Failure, &exit(n, abroad(1))));
            // Of some the password was on the list: they are spammed.
            for n in 0..15 {
                v.login(n, at(n), Outcome::Success, &exit(n, abroad(n)));
                (0..2).for_each(|m| {
                    v.say(n, at(n) + (m + 1) * MINUTE, Kind::Post, &exit(n, abroad(n)), &lure(m as usize));
                });
            }
            for n in 100..104 {
                let from = exit(n, apart(n));
                v.login(n, at(n), Outcome::Success, &from);
                v.say(n, at(n) + MINUTE, Kind::Post, &from, &format!("number{n} at a desk of {}", name(n)));
            }
        },
        victims: 15,
        route: None,
    },
    Row {
        name: "owners seen twice who put a petition's page up by their own phones, from a network of their own that is new",
        story: |v| {
            for n in 20..140 {
                seen_on_days(v, n, 2);
                let from = if n % 2 == 0 { on_the_road(n) } else { home(n) };
                v.say(n, at(n), Kind::Post, &from, &own_words(n));
            }
            for (n, call) in CALLS.iter().enumerate().take(8) {
                seen_on_days(v, n, 2);
                let from = if n == 7 { home(n) } else { on_the_road(n) };
                v.say(n, at(n), Kind::Post, &from, &format!("{call} https://mill.example.com/sign"));
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "the same page, by the sessions of owners who are well known",
        story: |v| {
            for n in 20..140 {
                seen_on_days(v, n, 2);
                let from = if n % 2 == 0 { on_the_road(n) } else { home(n) };
                v.say(n, at(n), Kind::Post, &from, &own_words(n));
            }
            for (n, call) in CALLS.iter().enumerate().take(8) {
                let from = if n == 7 { home(n) } else { on_the_road(n) };
                v.say(n, at(n), Kind::Post, &from, &format!("{call} https://mill.example.com/sign"));
            }
        },
        victims: 7,
        route: Some(Route::Session),
    },
    Row {
        name: "owners seen once who are seen next elsewhere, with another device, under the same petition",
        story: |v| {
            for n in 0..5 {
                v.events.retain(|e| e.account.as_str() != name(n) || e.time < START + DAY);
                v.login(n, at(n), Outcome::Success, &apart(n));
                v.say(n, at(n) + MINUTE, Kind::Post, &apart(n), "let the old mill by the river be a school");
            }
        },
        victims: 0,
        route: None,
    },
];

/// Leaves of what an owner did only the first days.
fn seen_on_days(v: &mut Village, n: usize, days: i64) {
    v.events.retain(|e| e.account.as_str() != name(n) || e.time < START + days * DAY);
}

/// What nobody else says.
fn own_words(n: usize) -> String {
    let letter = |at: u8| char::from(b'a' + (crate::detect::hash64(&[n as u8, at], 0) % 26) as u8);
    (0..40).map(|at| if at % 6 == 5 { ' ' } else { letter(at) }).collect()
}

/// The owner's own phone and session in another network of their country.
fn on_the_road(n: usize) -> From {
    From { ip: format!("203.0.{n}.9"), asn: 65_400 + n as u32, ..home(n) }
}

/// Signs in and writes six messages within some minutes, all much the same, and like nobody else's.
fn rattles_on(v: &mut Village, n: usize, from: &From) {
    v.login(n, at(n), Outcome::Success, from);
    for m in 1..=6 {
        let text = format!("{} {}", CALLS[n], name(n));
        v.say(n, at(n) + m * 4 * MINUTE, Kind::Message, from, &text);
    }
}
