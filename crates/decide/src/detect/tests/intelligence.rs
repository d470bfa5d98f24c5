//! What others say: it is listed, it can have people look, and it convicts nobody; beside each case its twin.

use super::attacks::{at, lure};
use super::village::{DAY, From, Judged, MINUTE, START, Village, abroad, home, name};
use crate::detect::{Outside, Prefix, Source};
use model::event::{Kind, Outcome};
use model::id::Digest;
use model::verdict::{Belief, Evidence, Family, Verdict};

fn source(name: &str) -> Source {
    Source { name: name.to_owned(), digest: Digest::of(name.as_bytes()) }
}

/// Files that name the lure's domain, the strangers' prefix, and some accounts since a moment.
fn named(accounts: usize, since: Option<i64>) -> Outside {
    Outside {
        domains: Some((source("domains.txt"), vec!["lure.example".to_owned()])),
        prefixes: Some((source("addresses.txt"), vec![Prefix::read("192.0.2.0/24").unwrap()])),
        leaked: Some((source("leaks.txt"), (0..accounts).map(|n| (name(n), since)).collect())),
    }
}

/// A village with a story, judged without what others say, and with it.
fn told(outside: Outside, story: impl Fn(&mut Village)) -> [Judged; 2] {
    [Outside::default(), outside].map(|outside| {
        let mut village = Village::of(150);
        story(&mut village);
        village.outside = outside;
        village.judged()
    })
}

/// A stranger signs in and posts once, with a link.
fn visits(v: &mut Village, n: usize) {
    v.login(n, at(n), Outcome::Success, &abroad(n));
    v.say(n, at(n) + MINUTE, Kind::Post, &abroad(n), &format!("look {n} https://www.lure.example/{n}"));
}

/// A stranger signs in and writes more in an hour than the owner ever did, in words of its own.
fn floods(v: &mut Village, n: usize, link: &str) {
    v.login(n, at(n), Outcome::Success, &abroad(n));
    for m in 0..6 {
        let words = ["tulips", "copper", "a violin", "seven goats", "old maps", "paint"][m];
        v.say(
            n,
            at(n) + (m as i64 + 1) * 5 * MINUTE,
            Kind::Post,
            &abroad(n),
            &format!("I sell {words} {link}"),
        );
    }
}

fn outside(verdict: &Verdict) -> Vec<&Evidence> {
    verdict.evidence.iter().filter(|e| e.family == Family::Intelligence).collect()
}

fn signals(verdict: &Verdict) -> Vec<&str> {
    outside(verdict).into_iter().map(|e| e.signal.as_str()).collect()
}

const ALL: [&str; 3] = ["bad_domain", "bad_address", "leaked_credential"];

#[test]
fn all_that_others_can_say_of_a_stranger_is_no_verdict_without_what_the_stranger_did() {
    let [without, with] = told(named(1, None), |v| visits(v, 0));
    assert!(without.verdicts.is_empty() && with.verdicts.is_empty(), "{:?}", with.verdicts);
    assert_eq!(with.intelligence.iter().map(|f| f.met).collect::<Vec<_>>(), [1, 1, 1], "all of it was met");
}

#[test]
fn it_has_people_look_at_what_was_nearly_suspected_and_no_more() {
    let [without, with] = told(named(1, None), |v| floods(v, 0, "https://lure.example/a"));
    assert!(without.verdicts.is_empty(), "{:?}", without.verdicts);
    let verdict = &with.verdicts[&name(0)];
    assert_eq!((verdict.verdict, with.verdicts.len()), (Belief::Suspected, 1));
    assert!(verdict.confidence <= 0.5 + 1e-5, "{verdict:?}");
    assert_eq!(signals(verdict), ALL);
    for (evidence, file) in outside(verdict).into_iter().zip(["domains.txt", "addresses.txt", "leaks.txt"]) {
        let known_by = format!("{file} (SHA-256 {})", Digest::of(file.as_bytes()).short());
        assert!(evidence.summary.contains(&known_by), "{}", evidence.summary);
        assert!(!evidence.events.is_empty() && evidence.weight > 0.0, "{evidence:?}");
    }
}

#[test]
fn who_is_compromised_is_so_without_it_and_just_as_surely() {
    let spam = |v: &mut Village| {
        for n in 0..12 {
            v.login(n, at(n), Outcome::Success, &abroad(n));
            v.say(n, at(n) + MINUTE, Kind::Post, &abroad(n), &lure(n));
        }
    };
    let [without, with] = told(named(12, None), spam);
    assert_eq!(with.compromised().len(), 12);
    assert_eq!(with.campaigns, without.campaigns);
    for (account, plain) in &without.verdicts {
        let mut verdict = with.verdicts[account].clone();
        assert_eq!(signals(&verdict), ALL);
        assert!(outside(&verdict).iter().all(|e| e.weight.abs() < f64::EPSILON), "{verdict:?}");
        assert_eq!(verdict.families(), plain.families(), "it is no family that a policy asks for");
        verdict.evidence.retain(|e| e.family != Family::Intelligence);
        assert_eq!(&verdict, plain);
    }
}

#[test]
fn it_makes_nobody_a_second_hand_beside_an_intruder() {
    // A hand from another network, by the owner's own browser, that sends the lure's words on: alone on its account it is
    // looked at for what others say of it; beside an intruder it must not become the intruder's by that.
    let (beside, alone) = (3, 40);
    let story = |v: &mut Village| {
        for n in 0..12 {
            v.login(n, at(n), Outcome::Success, &abroad(n));
            v.say(n, at(n) + MINUTE, Kind::Post, &abroad(n), &lure(n));
        }
        for n in [beside, alone] {
            let elsewhere =
                From { session: Some(format!("q{n}")), ip: format!("203.0.113.{n}"), asn: 65_100, ..home(n) };
            v.login(n, at(30), Outcome::Success, &elsewhere);
            let words = "my uncle showed me this, free vouchers for everybody";
            v.say(n, at(30) + MINUTE, Kind::Post, &elsewhere, words);
            let of_account = v.events.iter_mut().filter(|e| e.account.as_str() == name(n));
            of_account.for_each(|e| e.device = None);
        }
    };
    let mut outside = named(alone + 1, None);
    outside.prefixes = Some((source("addresses.txt"), vec![Prefix::read("203.0.113.0/24").unwrap()]));
    let [without, with] = told(outside, story);
    assert!(!without.verdicts.contains_key(&name(alone)), "{:?}", without.verdicts.get(&name(alone)));
    assert_eq!(signals(&with.verdicts[&name(alone)]), ["bad_address", "leaked_credential"]);
    assert_eq!(with.verdicts[&name(beside)].intruder, without.verdicts[&name(beside)].intruder);
    assert_eq!(with.compromised(), without.compromised());
}

#[test]
fn what_owners_use_themselves_says_nothing_whoever_names_it() {
    let story = |owners: usize| {
        move |v: &mut Village| {
            floods(v, 0, "https://lure.example/a");
            for n in 20..20 + owners {
                // A provider's prefix holds the exits of VPNs, and a shortener's domain is on every list.
                let behind = From { ip: format!("192.0.2.{}", 100 + n), ..home(n) };
                (0..5).for_each(|day| {
                    v.say(n, START + (8 + day) * DAY, Kind::Post, &behind, "https://lure.example/mine");
                });
            }
        }
    };
    let mut outside = named(1, None);
    outside.leaked = None;
    let [_, few] = told(outside.clone(), story(1));
    let [_, many] = told(outside, story(12));
    assert_eq!(signals(&few.verdicts[&name(0)]), ALL[..2], "one owner makes nothing usual");
    assert!(few.intelligence.iter().all(|f| f.common.is_none()));
    assert!(many.verdicts.is_empty(), "{:?}", many.verdicts);
    let common: Vec<&str> =
        many.intelligence.iter().flat_map(|f| &f.common_first).map(String::as_str).collect();
    assert_eq!(common, ["lure.example", "192.0.2.0/24"], "and the summary says so");
}

#[test]
fn a_crowd_of_new_phones_from_a_named_prefix_is_no_crowd_of_victims() {
    let crowd = |v: &mut Village| (0..60).for_each(|n| visits(v, n));
    let story = |v: &mut Village| {
        // They say each something of their own, and nothing that is held against anybody.
        (0..60).for_each(|n| {
            let phone = From { agent: format!("Phone/{n} (Pocket{n})"), ..abroad(n) };
            v.login(n, START + (10 + n as i64 % 9) * DAY, Outcome::Success, &phone);
            v.add(n, START + (10 + n as i64 % 9) * DAY + MINUTE, Kind::Like, &phone);
        });
    };
    let [without, with] = told(named(60, None), story);
    assert_eq!(with.compromised(), without.compromised());
    assert!(with.verdicts.values().all(|v| v.verdict == Belief::Suspected || outside(v).is_empty()));
    let [without, with] = told(named(60, None), crowd);
    assert_eq!(with.compromised(), without.compromised());
}

#[test]
fn a_leak_counts_for_who_signs_in_after_it_and_not_where_half_of_all_are_named() {
    let signed_in = at(0);
    let mut outside = named(1, None);
    (outside.domains, outside.prefixes) = (None, None);
    let judged = |since: Option<i64>, accounts: usize| {
        let mut outside = outside.clone();
        outside.leaked = Some((source("leaks.txt"), (0..accounts).map(|n| (name(n), since)).collect()));
        let [_, with] = told(outside, |v| floods(v, 0, "and more"));
        with
    };
    for since in [None, Some(signed_in - DAY), Some(signed_in)] {
        assert_eq!(signals(&judged(since, 1).verdicts[&name(0)]), ["leaked_credential"], "{since:?}");
    }
    assert!(judged(Some(signed_in + 1), 1).verdicts.is_empty(), "it was leaked later");
    let all = judged(None, 150);
    assert!(all.verdicts.is_empty(), "a file that names everybody says nothing of anybody");
    let file = &all.intelligence[0];
    assert_eq!((file.common, file.common_first.len()), (Some(150), 0), "it says so, and not of whom");
    // Who goes on in a session signs in with nothing.
    let mut outside = outside.clone();
    outside.leaked = Some((source("leaks.txt"), [(name(0), None)].into()));
    let [_, with] = told(outside, |v| {
        floods(v, 0, "and more");
        v.events.retain(|e| e.kind != Kind::Login);
    });
    assert!(with.verdicts.values().all(outside_is_silent), "{:?}", with.verdicts);
}

fn outside_is_silent(verdict: &Verdict) -> bool {
    outside(verdict).is_empty()
}

#[test]
fn what_the_owner_sends_and_where_the_owner_is_is_not_held_against_a_stranger() {
    let mut outside = named(0, None);
    outside.leaked = None;
    let [_, with] = told(outside.clone(), |v| {
        v.say(0, START + 12 * DAY, Kind::Post, &home(0), "https://lure.example/mine");
        floods(v, 0, "https://lure.example/a");
    });
    let said: Vec<&str> = with.verdicts.values().flat_map(signals).collect();
    assert!(!said.contains(&"bad_domain"), "the owner links there: {said:?}");
    // An owner whose own address is on a file, at home as ever.
    let at_home = Prefix::read("10.0.0.7").unwrap();
    outside.prefixes = Some((source("addresses.txt"), vec![at_home]));
    let [without, with] = told(outside, |v| {
        (0..8).for_each(|m| v.say(0, at(0) + m * MINUTE, Kind::Post, &home(0), "https://lure.example/mine"));
    });
    assert_eq!(with.verdicts.keys().collect::<Vec<_>>(), without.verdicts.keys().collect::<Vec<_>>());
    assert!(with.verdicts.values().all(|v| !signals(v).contains(&"bad_address")));
}

#[test]
fn the_narrowest_prefix_and_the_host_or_what_it_stands_under_are_named_ipv6_too() {
    let six = From { ip: "2001:db8:7:1::9".to_owned(), ..abroad(0) };
    let cases = [
        ("2001:db8::/32", "lure.example", true),
        ("2001:db8:7:1::9", "deep.lure.example", true),
        ("2001:db9::/32", "ure.example", false),
        ("2001:db8:7:2::/64", "other.lure.example", false),
    ];
    for (prefix, domain, is_met) in cases {
        let outside = Outside {
            domains: Some((source("domains.txt"), vec![domain.to_owned()])),
            prefixes: Some((
                source("addresses.txt"),
                ["2001:db8:ffff::/48", prefix].map(|p| Prefix::read(p).unwrap()).to_vec(),
            )),
            leaked: None,
        };
        let [_, with] = told(outside, |v| {
            v.login(0, at(0), Outcome::Success, &six);
            for m in 0..6 {
                let text =
                    format!("{} for sale {m}", ["tulips", "copper", "paint", "maps", "goats", "ink"][m]);
                let text = format!("{text} https://x.deep.lure.example/{m}");
                v.say(0, at(0) + m as i64 * MINUTE, Kind::Post, &six, &text);
            }
        });
        let found = with.verdicts.get(&name(0));
        let said = found.map(signals).unwrap_or_default();
        assert_eq!(said, if is_met { &ALL[..2] } else { &[] }, "{prefix} {domain}: {found:?}");
        assert!(!is_met || outside_says(found, prefix), "{found:?}");
    }
}

fn outside_says(verdict: Option<&Verdict>, prefix: &str) -> bool {
    let narrow = if prefix.contains('/') { prefix.to_owned() } else { format!("{prefix}/128") };
    verdict.is_some_and(|v| v.evidence.iter().any(|e| e.summary.contains(&narrow)))
}

#[test]
fn an_address_that_the_service_wrote_on_everybody_is_nobodys() {
    let proxy = |v: &mut Village| {
        floods(v, 0, "and more");
        v.events
            .iter_mut()
            .filter(|e| e.time > START + 18 * DAY)
            .for_each(|e| e.ip = Some("192.0.2.1".to_owned()));
    };
    let mut outside = named(0, None);
    outside.leaked = None;
    let [_, with] = told(outside, proxy);
    assert!(with.shifts.iter().any(|s| s.feature == "address"), "{:?}", with.shifts);
    assert!(with.verdicts.values().all(outside_is_silent), "{:?}", with.verdicts);
}
