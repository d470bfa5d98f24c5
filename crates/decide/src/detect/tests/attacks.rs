//! The table: attack and look-alike side by side.

use super::village::{DAY, From, MINUTE, START, Village, abroad, home, name};
use model::event::{Initiator, Kind, Outcome};
use model::verdict::Route;

pub(super) const LATE: i64 = START + 20 * DAY;

pub(super) struct Row {
    pub(super) name: &'static str,
    /// Adds what happened to a village of 150.
    pub(super) story: fn(&mut Village),
    /// Accounts `0..victims` are compromised by this route (`None`: by several), and nobody else.
    pub(super) victims: usize,
    pub(super) route: Option<Route>,
}

pub(super) fn lure(n: usize) -> String {
    format!("my uncle showed me this, free vouchers for everybody {n} https://lure.example/{n}")
}

pub(super) fn at(n: usize) -> i64 {
    LATE + n as i64 * 10 * MINUTE
}

const TABLE: &[Row] = &[
    Row { name: "nothing", story: |_| {}, victims: 0, route: None },
    Row {
        name: "stuffing followed by spam",
        story: |v| {
            for n in 0..12 {
                v.login(n, at(n), Outcome::Success, &abroad(n));
                v.say(n, at(n) + MINUTE, Kind::Post, &abroad(n), &lure(n));
            }
        },
        victims: 12,
        route: Some(Route::Credential),
    },
    Row {
        name: "a petition shared word for word",
        story: |v| (0..40).for_each(|n| v.say(n, at(n), Kind::Post, &home(n), &lure(0))),
        victims: 0,
        route: None,
    },
    Row {
        name: "a petition that two people share from a new phone on a journey",
        story: |v| {
            (0..40).for_each(|n| v.say(n, at(n), Kind::Post, &home(n), &lure(0)));
            (40..42).for_each(|n| v.say(n, at(n), Kind::Post, &abroad(n), &lure(0)));
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "sessions taken along, used with the owners' own browsers",
        story: |v| {
            for n in 0..10 {
                let stolen = From {
                    device: home(n).device,
                    session: home(n).session,
                    agent: home(n).agent,
                    ..abroad(n)
                };
                v.say(n, at(n), Kind::Message, &stolen, &lure(n));
            }
        },
        victims: 10,
        route: Some(Route::Session),
    },
    Row {
        name: "travel",
        story: |v| {
            for n in 0..30 {
                let journey =
                    From { ip: format!("198.51.100.{n}"), asn: 64_900, country: "IT".to_owned(), ..home(n) };
                v.say(
                    n,
                    at(n),
                    Kind::Post,
                    &journey,
                    &format!("number{n} greets from the lake of {}", name(n)),
                );
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "a worm that writes from each victim's own device",
        story: |v| {
            for n in 0..12 {
                (0..8).for_each(|m| v.say(n, at(n) + m * 5_000, Kind::Message, &home(n), &lure(m as usize)));
            }
        },
        victims: 12,
        route: Some(Route::Session),
    },
    Row {
        name: "owners who send many links of their own in a row",
        story: |v| {
            for n in 0..12i64 {
                for m in 0..8 {
                    let text = format!("photo {m} of number{n} and friends https://photos{n}.example/{m}");
                    v.say(n as usize, at(n as usize) + m * 5_000, Kind::Message, &home(n as usize), &text);
                }
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "sleepers: a machine that failed on many was let in to some",
        story: |v| {
            (20..80).for_each(|n| v.login(n, at(n), Outcome::Failure, &abroad(1)));
            (0..6).for_each(|n| v.login(n, at(n), Outcome::Success, &abroad(1)));
        },
        victims: 6,
        route: Some(Route::Credential),
    },
    Row {
        name: "stuffing that failed, on owners who came home with new phones",
        story: |v| {
            for n in 0..60 {
                v.login(n, at(n), Outcome::Failure, &abroad(1));
                let phone =
                    From { device: Some(format!("phone{n}")), session: Some(format!("ps{n}")), ..home(n) };
                v.login(n, at(n) + MINUTE, Outcome::Success, &phone);
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "owners' own cloud desktops in the stuffers' network",
        story: |v| {
            (20..80).for_each(|n| v.login(n, at(n), Outcome::Failure, &abroad(1)));
            for n in 0..4 {
                let desktop =
                    From { ip: format!("192.0.3.{n}"), device: Some(format!("cloud{n}")), ..abroad(n + 90) };
                v.login(n, at(n), Outcome::Success, &desktop);
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "lock-outs: a stranger changes everything, the owner fails to come in",
        story: |v| {
            for n in 0..3 {
                let from = From { ip: format!("203.0.113.{n}"), asn: 65_100 + n as u32, ..abroad(n) };
                v.login(n, at(n), Outcome::Success, &from);
                for kind in [Kind::EmailChange, Kind::PasswordChange, Kind::MfaChange] {
                    v.add(n, at(n) + MINUTE, kind, &from);
                }
                v.login(n, at(n) + 60 * MINUTE, Outcome::Failure, &home(n));
            }
        },
        victims: 3,
        route: Some(Route::Credential),
    },
    Row {
        name: "owners who change everything in one sitting, at home, or on a new phone at home",
        story: |v| {
            for n in 0..20 {
                let phone =
                    From { device: Some(format!("phone{n}")), agent: "Phone/1 (M-1)".to_owned(), ..home(n) };
                let from = if n % 2 == 0 { home(n) } else { phone };
                for kind in [Kind::EmailChange, Kind::PasswordChange, Kind::MfaChange] {
                    v.add(n, at(n) + MINUTE, kind, &from);
                }
            }
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "a bad application that writes to people at once and is thrown out",
        story: |v| {
            for n in 0..8 {
                app(v, n, "shiny", &[Kind::Message, Kind::Message, Kind::Follow, Kind::Post], 5 * MINUTE);
                if n % 2 == 0 {
                    v.add(n, at(n) + 300 * MINUTE, Kind::AppRevoke, &home(n)).object = Some("shiny".into());
                }
            }
            good_app(v);
        },
        victims: 8,
        route: Some(Route::App),
    },
    Row { name: "a good application that posts from a template", story: good_app, victims: 0, route: None },
    Row {
        name: "a follow farm",
        story: |v| {
            for n in 0..12 {
                let from = From { ip: format!("203.0.113.{n}"), asn: 65_100 + n as u32, ..abroad(n) };
                v.login(n, at(n), Outcome::Success, &from);
                for target in 0..10 {
                    let follow = v.add(n, at(n) + MINUTE + target * 3_000, Kind::Follow, &from);
                    follow.object = Some(format!("star{target}").as_str().into());
                }
            }
        },
        victims: 12,
        route: Some(Route::Credential),
    },
    Row {
        name: "everybody follows a new star",
        story: |v| {
            for n in 0..60 {
                v.add(n, at(n), Kind::Follow, &home(n)).object = Some("star".into());
            }
            v.add(61, at(61), Kind::Follow, &abroad(61)).object = Some("star".into());
        },
        victims: 0,
        route: None,
    },
    Row {
        name: "a mob's reports, disputes, and what the service did itself",
        story: |v| {
            for n in 0..50 {
                v.add(n, at(n), Kind::Report, &From::default());
                v.add(n, at(n), Kind::RecoveryRequest, &abroad(n));
                v.add(n, at(n), Kind::PasswordChange, &abroad(1)).initiator = Some(Initiator::Admin);
                v.add(n, at(n), Kind::Rightful, &abroad(1));
            }
        },
        victims: 0,
        route: None,
    },
];

pub(super) fn app(v: &mut Village, n: usize, app: &str, kinds: &[Kind], lag: i64) {
    v.add(n, at(n), Kind::AppAuthorize, &home(n)).object = Some(app.into());
    let server = From {
        ip: "203.0.113.9".to_owned(),
        asn: 65_200,
        app: app.to_owned(),
        agent: format!("{app}/1"),
        ..From::default()
    };
    for (m, kind) in kinds.iter().enumerate() {
        v.say(n, at(n) + lag + m as i64 * MINUTE, kind.clone(), &server, &lure(m));
    }
}

pub(super) fn good_app(v: &mut Village) {
    for n in 40..70 {
        v.add(n, at(n), Kind::AppAuthorize, &home(n)).object = Some("runner".into());
        let server = From {
            ip: "203.0.113.8".to_owned(),
            asn: 65_201,
            app: "runner".to_owned(),
            agent: "runner/1".to_owned(),
            ..From::default()
        };
        for m in 0..4 {
            let text =
                format!("I ran {m} kilometres with runner this morning https://runner.example/{n}/{m}");
            v.say(n, at(n) + (m + 3) * 200 * MINUTE, Kind::Post, &server, &text);
        }
    }
}

#[test]
fn each_attack_is_found_and_each_look_alike_stays_clear() {
    let mut wrong = Vec::new();
    let tables =
        [TABLE, super::stories::TABLE, super::crowds::TABLE, super::evasions::TABLE, super::sequels::TABLE];
    for row in tables.into_iter().flatten() {
        let mut village = Village::of(150);
        (row.story)(&mut village);
        let judged = village.judged();
        let expected: Vec<String> = (0..row.victims).map(name).collect();
        if judged.compromised() != expected {
            let why = |v: &model::verdict::Verdict| {
                let signals: Vec<&str> = v.evidence.iter().map(|e| e.signal.as_str()).collect();
                format!("{} {} {signals:?}", v.account, v.confidence)
            };
            let seen: Vec<String> = judged.verdicts.values().map(why).take(5).collect();
            wrong.push(format!("{}: {} compromised, {seen:#?}", row.name, judged.compromised().len()));
            continue;
        }
        for account in expected.iter().filter(|_| row.route.is_some()) {
            assert_eq!(Some(judged.verdicts[account].route), row.route, "{}: {account}", row.name);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_owners_cloud_desktop_in_a_stuffers_network_is_for_a_person_to_look_at() {
    let mut village = Village::of(150);
    (20..80).for_each(|n| village.login(n, at(n), Outcome::Failure, &abroad(1)));
    let desktop = From { ip: "192.0.3.1".to_owned(), device: Some("cloud".to_owned()), ..abroad(90) };
    village.login(3, at(3), Outcome::Success, &desktop);
    let judged = village.judged();
    assert!(judged.compromised().is_empty());
    assert_eq!(judged.verdicts.keys().collect::<Vec<_>>(), ["u0003"]);
}

#[test]
fn devices_that_nobody_names_any_more_are_told_and_make_no_stranger() {
    let mut village = Village::of(150);
    for event in village.events.iter_mut().filter(|e| e.time >= START + 14 * DAY) {
        event.device = None;
        event.session = Some(format!("n{}-{}", event.account, event.time / DAY).as_str().into());
    }
    let judged = village.judged();
    assert!(judged.verdicts.is_empty());
    assert_eq!(judged.shifts.iter().map(|s| s.feature.as_str()).collect::<Vec<_>>(), ["device"]);
}

#[test]
fn what_the_service_did_to_everybody_is_told_and_explains_novelty_away() {
    let mut village = Village::of(150);
    for n in 0..100 {
        let proxied =
            From { ip: "198.51.100.1".to_owned(), asn: 65_300, country: "XX".to_owned(), ..home(n) };
        village.say(n, at(n), Kind::Post, &proxied, &lure(0));
        let renamed = From { app: "web-new".to_owned(), ..home(n) };
        village.say(
            n,
            at(n) + DAY,
            Kind::Post,
            &renamed,
            &format!("number{n} likes the new look of {}", name(n)),
        );
    }
    let judged = village.judged();
    assert!(judged.verdicts.is_empty());
    let told: Vec<(&str, &str)> =
        judged.shifts.iter().map(|s| (s.feature.as_str(), s.value.as_str())).collect();
    assert_eq!(told, [("address", "198.51.100.1"), ("app", "web-new")]);
    assert!(Village::of(150).judged().shifts.is_empty());
}

#[test]
fn an_application_with_machines_in_many_places_is_no_stranger_where_networks_are_unknown() {
    let mut village = Village::of(150);
    for n in 0..20 {
        // Only one let it in within the input.
        if n == 0 {
            village.add(n, at(n) - 60 * MINUTE, Kind::AppAuthorize, &home(n)).object = Some("runner".into());
        }
        for act in 0..4 {
            let server = From {
                ip: format!("203.{}.113.9", (n + act) % 8),
                app: "runner".to_owned(),
                agent: "runner/1".to_owned(),
                ..From::default()
            };
            let text = format!("I ran {act} kilometres today https://runner.example/{n}/{act}");
            village.say(n, at(n) + act as i64 * 200 * MINUTE, Kind::Post, &server, &text);
        }
    }
    for event in &mut village.events {
        (event.asn, event.country) = (None, None);
    }
    assert!(village.judged().verdicts.is_empty());
}

#[test]
fn where_nothing_names_a_machine_a_known_browser_tells_that_hands_continue() {
    // A proxy writes its address on everybody; or a machine of its own is let in to as many.
    for (agent, shifts) in [(None, vec!["address"]), (Some("Tool/1.0 (Server)"), Vec::new())] {
        let mut village = Village::of(150);
        for n in 0..100 {
            let proxy =
                From { ip: "198.51.100.1".to_owned(), asn: 65_300, country: "XX".to_owned(), ..home(n) };
            let from = From { agent: agent.map_or(proxy.agent.clone(), str::to_owned), ..proxy };
            village.add(n, at(n), Kind::Like, &from);
        }
        for event in &mut village.events {
            (event.device, event.session) = (None, None);
        }
        let told: Vec<String> = village.judged().shifts.into_iter().map(|s| s.feature).collect();
        assert_eq!(told, shifts, "{agent:?}");
    }
}

#[test]
fn what_only_the_intruder_took_up_is_named_and_what_the_owner_did_too_is_not() {
    let mut village = Village::of(120);
    for n in 0..12 {
        let from = From { ip: format!("203.0.113.{n}"), asn: 65_100 + n as u32, ..abroad(n) };
        village.add(n, at(n) - DAY, Kind::Follow, &home(n)).object = Some("friend".into());
        village.add(n, at(n) - DAY, Kind::Like, &home(n)).object = Some("own-like".into());
        village.login(n, at(n), Outcome::Success, &from);
        for target in 0..10 {
            let follow = village.add(n, at(n) + MINUTE + target * 3_000, Kind::Follow, &from);
            follow.object = Some(format!("star{target}").as_str().into());
        }
        village.add(n, at(n) + 2 * MINUTE, Kind::Like, &from).object = Some("bought".into());
        // The owner wants one of them as well, and says so later.
        village.add(n, at(n) + DAY, Kind::Follow, &home(n)).object = Some("star3".into());
    }
    let judged = village.judged();
    assert_eq!(judged.compromised().len(), 12);
    for verdict in judged.verdicts.values() {
        let follows: Vec<&str> = verdict.intruder.follows.iter().map(model::id::AccountId::as_str).collect();
        let expected: Vec<String> = (0..10).filter(|t| *t != 3).map(|t| format!("star{t}")).collect();
        assert_eq!(follows, expected, "{}", verdict.account);
        assert_eq!(verdict.intruder.likes, ["bought".into()], "{}", verdict.account);
    }
}
