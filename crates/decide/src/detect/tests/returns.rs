//! The intruder who comes back: what they do later is theirs, and what the owner does beside it is not.

use super::village::{DAY, From, MINUTE, START, Village, abroad, home, name};
use model::event::{Kind, Outcome};
use model::verdict::Verdict;

const LURES: [&str; 3] = ["one", "two", "three"];

fn lure(n: usize) -> String {
    format!("they are closing this tonight, half price until midnight https://lure.example/{}", LURES[n % 3])
}

/// Fifteen accounts with a past are spammed from machines elsewhere, and there are two more with next to none.
fn spammed() -> (Village, i64) {
    let mut village = Village::of(120);
    let late = START + 18 * DAY;
    for n in 0..15 {
        let at = late + n as i64 * 30 * MINUTE;
        village.login(n, at, Outcome::Success, &abroad(n));
        (0..3_i64)
            .for_each(|m| village.say(n, at + (m + 1) * MINUTE, Kind::Post, &abroad(n), &lure(m as usize)));
    }
    (village, late)
}

/// Takes the account over on the way back.
fn comes_back(village: &mut Village, account: usize, at: i64, from: &From) {
    village.login(account, at, Outcome::Success, from);
    for (kind, after) in [(Kind::EmailChange, 1), (Kind::PasswordChange, 2), (Kind::MfaChange, 3)] {
        village.add(account, at + after * MINUTE, kind, from);
    }
}

fn changes(verdict: &Verdict) -> Vec<Kind> {
    verdict.intruder.changes.iter().map(|c| c.kind.clone()).collect()
}

/// A machine like any of the owner's neighbours'.
fn neighbour(n: usize) -> From {
    From {
        device: Some(format!("y{n}")),
        session: Some(format!("ys{n}")),
        agent: "Other/3 (Phone)".to_owned(),
        ..home(n)
    }
}

#[test]
fn who_came_for_a_script_to_run_is_the_intruder_on_the_way_back_too() {
    let (mut village, late) = spammed();
    // Nobody was ever seen here; the script writes a minute after its sign-in.
    let from = abroad(200);
    village.login(200, late, Outcome::Success, &from);
    (0..5).for_each(|m| village.say(200, late + (m + 1) * MINUTE / 2, Kind::Post, &from, &lure(m as usize)));
    comes_back(&mut village, 200, late + 2 * DAY, &from);
    // The owner's machine was there the day before, and wrote the same, as a worm would have it.
    let at_home = home(201);
    village.say(201, late - DAY / 4, Kind::Post, &at_home, "first words here, from number201");
    (0..5)
        .for_each(|m| village.say(201, late + (m + 1) * MINUTE / 2, Kind::Post, &at_home, &lure(m as usize)));
    comes_back(&mut village, 201, late + 2 * DAY, &at_home);
    let judged = village.judged();
    let theirs = &judged.verdicts[&name(200)];
    assert_eq!(changes(theirs), [Kind::EmailChange, Kind::PasswordChange, Kind::MfaChange]);
    assert_eq!(theirs.intruder.objects.len(), 5);
    let owners = judged.verdicts.get(&name(201));
    assert!(owners.is_none_or(|v| changes(v).is_empty()), "{owners:?}");
}

#[test]
fn a_second_machine_near_the_owners_is_the_intruders_if_it_carries_the_campaign() {
    let (mut village, late) = spammed();
    // A new machine in a place that the owner's own was seen in: it says what strangers say, or what the owner would.
    let at = late + DAY;
    for (n, says) in [(0, lure(0)), (1, format!("the new telephone of number1 in the hand of {}", name(1)))] {
        village.login(n, at, Outcome::Success, &neighbour(n));
        village.say(n, at + MINUTE, Kind::Post, &neighbour(n), &says);
        comes_back(&mut village, n, at + DAY, &neighbour(n));
    }
    // And where no intruder is known, a new telephone that passes the lure on convicts nobody.
    village.login(30, at, Outcome::Success, &neighbour(30));
    village.say(30, at + MINUTE, Kind::Message, &neighbour(30), &lure(1));
    let judged = village.judged();
    assert_eq!(
        changes(&judged.verdicts[&name(0)]),
        [Kind::EmailChange, Kind::PasswordChange, Kind::MfaChange]
    );
    assert_eq!(judged.verdicts[&name(0)].intruder.objects.len(), 4);
    assert!(changes(&judged.verdicts[&name(1)]).is_empty());
    assert_eq!(judged.verdicts[&name(1)].intruder.objects.len(), 3);
    assert!(!judged.verdicts.contains_key(&name(30)));
}

#[test]
fn who_used_a_checked_password_is_known_again_by_the_machine() {
    let late = START + 16 * DAY;
    let mut village = Village::of(150);
    (20..80).for_each(|n| village.login(n, late, Outcome::Failure, &abroad(1)));
    (0..2).for_each(|n| village.login(n, late + MINUTE, Outcome::Success, &abroad(1)));
    // Another machine goes on with what was checked, within the day; it names no device, and a session each time.
    let other = |session: &str, ip: &str| From {
        device: None,
        session: Some(session.to_owned()),
        ip: ip.to_owned(),
        asn: 65_100,
        agent: "Else/1 (Box)".to_owned(),
        ..abroad(90)
    };
    for n in 0..2 {
        let at = late + 60 * MINUTE;
        village.login(n, at, Outcome::Success, &other("first", "203.0.113.5"));
        village.add(n, at + MINUTE, Kind::Like, &other("first", "203.0.113.5"));
    }
    // It comes back a few days later. The other time somebody else does, from elsewhere.
    comes_back(&mut village, 0, late + 5 * DAY, &other("second", "203.0.113.5"));
    let stranger =
        From { asn: 65_200, agent: "Third/2 (Phone)".to_owned(), ..other("second", "198.51.100.9") };
    village.login(1, late + 5 * DAY, Outcome::Success, &stranger);
    village.add(1, late + 5 * DAY + MINUTE, Kind::PasswordChange, &stranger);
    let judged = village.judged();
    let taken = [Kind::EmailChange, Kind::PasswordChange, Kind::MfaChange];
    assert_eq!(changes(&judged.verdicts[&name(0)]), taken);
    assert!(changes(&judged.verdicts[&name(1)]).is_empty());
}
