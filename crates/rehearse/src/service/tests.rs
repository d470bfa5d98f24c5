//! The service is what its events say, keeps what it is asked, and can be tried as owner and as intruder.

use super::state::Write;
use super::*;
use crate::simulate::{Attack, Format, Settings, population, write};
use model::event::Kind;
use respond::port::{Asked, Directory as _, Effect, PortError, Replaced, Turned};

fn people(seed: u64) -> Population {
    population(&Settings { seed, accounts: 600, attacked_share: 0.08, ..Settings::default() })
}

fn truth_of(p: &Population, attack: Attack) -> Vec<&Truth> {
    p.truth.iter().filter(|t| t.attack == attack).collect()
}

fn credential(service: &Service, account: &AccountId) -> model::account::CredentialVersion {
    service.snapshot(Some(std::slice::from_ref(account))).unwrap()[0].credential.unwrap()
}

#[test]
fn owner_and_intruder_hold_what_the_truth_says() {
    let p = people(1);
    let service = Service::from_population(&p);
    for t in &p.truth {
        let loot = service.loot(&t.account).unwrap();
        if let Some(password) = &loot.password {
            assert!(service.sign_in(&t.account, password).is_ok(), "{} ({})", t.account, t.attack);
        }
        match t.attack {
            Attack::Lockout => {
                let own = service.owner_password(&t.account).unwrap();
                assert_eq!(service.sign_in(&t.account, &own), Err(SignInError::WrongPassword));
            }
            Attack::OauthApp => {
                let revoked = p.events.iter().any(|e| e.account == t.account && e.kind == Kind::AppRevoke);
                assert!(revoked || service.use_grant(&t.account, &t.apps[0]), "{}", t.account);
            }
            Attack::StuffingSpam
            | Attack::Worm
            | Attack::SessionTheft
            | Attack::LowAndSlow
            | Attack::FollowFarm
            | Attack::Sleeper => {}
        }
    }
    let clear = p
        .accounts
        .iter()
        .find(|a| {
            service.loot(&a.account).is_none()
                && a.credentials.as_deref() == Some(&[model::account::CredentialKind::Password])
        })
        .unwrap();
    let own = service.owner_password(&clear.account).unwrap();
    let session = service.sign_in(&clear.account, &own).unwrap();
    let post = service.post(&session, "hello").unwrap();
    assert!(service.use_session(&session) && service.visible(&post));
}

#[test]
fn a_stolen_session_lives_until_sessions_are_ended() {
    let p = people(2);
    let service = Service::from_population(&p);
    let mut alive = 0;
    for t in truth_of(&p, Attack::SessionTheft) {
        let held: Vec<_> = t.sessions.iter().filter(|s| service.use_session(s)).collect();
        alive += held.len();
        let end = Write::EndSessions { account: t.account.clone() };
        assert!(matches!(service.done("k", &end, &t.account), Ok(Effect::Done { .. })));
        assert!(t.sessions.iter().all(|s| !service.use_session(s)), "{}", t.account);
    }
    assert!(alive > 0, "no stolen session was alive at the end");
}

#[test]
fn the_guard_lets_only_the_named_credential_be_replaced_and_restored() {
    let p = people(3);
    let service = Service::from_population(&p);
    let account = &truth_of(&p, Attack::Sleeper)[0].account;
    let own = service.owner_password(account).unwrap();
    let before = credential(&service, account);
    let old = service.lock().state.slot(account).unwrap().stored.clone().unwrap();
    let random = Secret::new("random, known to nobody");
    assert_eq!(service.is_ours(account, &random).unwrap().0, Asked::NotDone);
    let Replaced::Done { ours } = service.require(account, "k", &before, &random).unwrap() else {
        panic!("the guard held, and nothing was replaced");
    };
    assert_eq!(service.is_ours(account, &random), Ok((Asked::Done, Some(ours))));
    assert!(matches!(service.require(account, "k", &before, &random), Ok(Replaced::Moved { .. })));
    assert_eq!(service.sign_in(account, &own), Err(SignInError::WrongPassword));
    assert_eq!(service.restore(account, "k", &ours, &old), Ok(Effect::Done { count: 1 }));
    assert_eq!(service.restore(account, "k", &ours, &old), Ok(Effect::Done { count: 0 }));
    assert!(service.sign_in(account, &own).is_ok());
    let sso = p
        .accounts
        .iter()
        .find(|a| a.credentials.as_deref() == Some(&[model::account::CredentialKind::Sso]))
        .unwrap();
    let never = service.require(&sso.account, "k", &before, &random);
    assert!(matches!(never, Ok(Replaced::PremiseGone { .. })), "what did not exist is never created");
}

#[test]
fn only_own_objects_are_hidden_and_shown_again() {
    let p = people(4);
    let service = Service::from_population(&p);
    let victims: Vec<&Truth> = p.truth.iter().filter(|t| t.objects.len() > 1).collect();
    let (one, other) = (victims[0], victims[1]);
    let foreign = service.turn(&one.account, "k", &other.objects, true);
    assert!(matches!(foreign, Err(PortError::Refused(_))));
    assert!(other.objects.iter().all(|o| !service.hidden(o)));
    let seen: Vec<_> = one.objects.iter().filter(|o| service.visible(o)).collect();
    let hidden = service.turn(&one.account, "k", &one.objects, true);
    let turned = seen.iter().map(|o| (*o).clone()).collect();
    let gone: Vec<_> = one.objects.iter().filter(|o| !seen.contains(o)).cloned().collect();
    assert_eq!(hidden, Ok(Turned::Done { turned, gone }));
    let again = service.turn(&one.account, "k", &one.objects, true);
    assert!(matches!(again, Ok(Turned::Done { turned, .. }) if turned.is_empty()), "hidden before, not now");
    assert!(one.objects.iter().all(|o| !service.visible(o)));
    let state = &service.snapshot(Some(std::slice::from_ref(&one.account))).unwrap()[0];
    assert_eq!(state.hidden.len(), seen.len());
    service.turn(&one.account, "k", &one.objects, false).unwrap();
    assert!(seen.iter().all(|o| service.visible(o)), "what was visible is visible again, and no more");
}

#[test]
fn a_service_opened_again_is_as_it_was_left_in_both_formats() {
    let p = people(5);
    for format in [Format::Jsonl, Format::Parquet] {
        let dir = tempfile::tempdir().unwrap();
        write(&p, dir.path(), format).unwrap();
        let service = Service::open(dir.path()).unwrap();
        assert!(service.snapshot(None) == Service::from_population(&p).snapshot(None), "{format:?}");
        let account = &truth_of(&p, Attack::Sleeper)[0].account;
        let own = service.owner_password(account).unwrap();
        let session = service.sign_in(account, &own).unwrap();
        let post = service.post(&session, "still here").unwrap();
        service.turn(account, "k", std::slice::from_ref(&post), true).unwrap();
        service.require(account, "k", &credential(&service, account), &Secret::new("x")).unwrap();
        let left = service.snapshot(None).unwrap();
        drop(service);
        // a crash in the middle of a write: the line has no end
        use std::io::Write as _;
        let path = dir.path().join(WRITES_FILE);
        std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"write\":\"hi").unwrap();
        let again = Service::open(dir.path()).unwrap();
        assert!(again.snapshot(None).unwrap() == left, "{format:?}: not as it was left");
        assert!(again.use_session(&session) && again.hidden(&post));
        let next = again.post(&session, "and on").unwrap();
        assert_ne!(next, post);
        assert!(Service::open(dir.path()).unwrap().visible(&next), "{format:?}: appended after the cut");
    }
}

#[test]
fn a_broken_journal_names_its_line() {
    let p = people(6);
    let dir = tempfile::tempdir().unwrap();
    write(&p, dir.path(), Format::Jsonl).unwrap();
    std::fs::write(
        dir.path().join(WRITES_FILE),
        "{\"write\":\"end_sessions\",\"account\":\"u\"}\nnonsense\n",
    )
    .unwrap();
    let error = Service::open(dir.path()).err().unwrap().to_string();
    assert!(error.contains("service-writes.jsonl line 2"), "{error}");
    let missing = Service::open(&dir.path().join("nowhere")).err().unwrap().to_string();
    assert!(missing.contains("rightful simulate"), "{missing}");
}

#[test]
fn a_lost_answer_took_effect_or_not_and_a_retry_comes_through() {
    let p = people(7);
    let service = Service::from_population(&p);
    service.set_faults(Faults { lost_after: 0.3, lost_before: 0.2, busy: 0.2, ..Faults::none(1) });
    let (mut lost, mut done) = (0, 0);
    for t in &p.truth {
        let Some(before) = service.snapshot(Some(std::slice::from_ref(&t.account))).unwrap()[0].credential
        else {
            continue;
        };
        let random = Secret::new("r");
        for _ in 0..40 {
            match service.require(&t.account, t.account.as_str(), &before, &random) {
                Ok(Replaced::Done { .. }) => done += 1,
                Ok(Replaced::Moved { .. } | Replaced::PremiseGone { .. }) => {}
                Err(PortError::NoAnswer(_)) => {
                    lost += 1;
                    continue;
                }
                Err(_) => continue,
            }
            break;
        }
        assert_eq!(service.is_ours(&t.account, &random).unwrap().0, Asked::Done, "{}", t.account);
    }
    assert!(lost > 3 && done > 3, "{lost} lost, {done} done");
}

#[test]
fn an_intruder_who_moves_first_changes_the_credential_and_ends_the_owners_sessions() {
    let p = people(8);
    let service = Service::from_population(&p);
    let t = truth_of(&p, Attack::Sleeper)[0];
    let password = service.loot(&t.account).unwrap().password.unwrap();
    let owner = service.sign_in(&t.account, &password).unwrap();
    let intruder = service.sign_in(&t.account, &password).unwrap();
    let guard = credential(&service, &t.account);
    assert!(service.change_password(&intruder, &Secret::new("mine now")));
    assert!(service.use_session(&intruder) && !service.use_session(&owner));
    assert!(service.change_contact(&intruder, ContactKind::Mail, &Secret::new("a@b.example"), 5));
    let late = service.require(&t.account, "k", &guard, &Secret::new("r"));
    assert!(matches!(late, Ok(Replaced::Moved { .. })));
    assert!(service.ask_reset_link(&t.account));
    assert!(service.use_reset_link(&t.account, &Secret::new("owner again")));
    assert!(!service.use_reset_link(&t.account, &Secret::new("twice")), "a link is good once");
}

#[test]
fn content_and_directory_are_ports() {
    fn both<T: respond::port::Directory + respond::port::Content>(_: &T) {}
    let service = Service::from_population(&people(9));
    both(&service);
    assert!(service.capabilities().name.starts_with("rehearse:"));
}

#[test]
fn two_processes_on_one_folder_see_each_other_and_only_one_replaces_a_credential() {
    let p = people(10);
    let dir = tempfile::tempdir().unwrap();
    write(&p, dir.path(), Format::Jsonl).unwrap();
    let services = [Service::open(dir.path()).unwrap(), Service::open(dir.path()).unwrap()];
    let victims: Vec<&AccountId> =
        p.truth.iter().filter(|t| t.attack.wants_password()).map(|t| &t.account).collect();
    let guards: Vec<_> = victims.iter().map(|a| credential(&services[0], a)).collect();
    let replaced: usize = std::thread::scope(|scope| {
        let hands: Vec<_> = (0..4)
            .map(|hand| {
                let (service, victims, guards) = (&services[hand % 2], &victims, &guards);
                scope.spawn(move || {
                    let random = Secret::new(format!("hand {hand}"));
                    let all = victims.iter().zip(guards);
                    all.filter(|(a, g)| {
                        matches!(service.require(a, "k", g, &random), Ok(Replaced::Done { .. }))
                    })
                    .count()
                })
            })
            .collect();
        hands.into_iter().map(|h| h.join().unwrap()).sum()
    });
    assert_eq!(replaced, victims.len(), "each credential was replaced once");
    assert!(services[0].snapshot(None) == services[1].snapshot(None));
    assert!(Service::open(dir.path()).unwrap().snapshot(None) == services[0].snapshot(None));
}

#[test]
fn a_probe_is_refused_for_the_end_of_what_it_holds_and_not_for_a_hold_alone() {
    use model::probe::ProbeKind;
    use respond::port::Trial;
    let service = Service::from_population(&people(11));
    let account = AccountId::from("ours");
    let held = service.make_probe(&account).unwrap();
    let told = &service.snapshot(Some(std::slice::from_ref(&account))).unwrap()[0];
    assert_eq!((told.record.probe, told.sessions.len(), told.grants.len()), (Some(true), 1, 1));
    assert_eq!(told.factors.len(), 1);
    let said = |of: &[(ProbeKind, Secret)]| {
        of.iter().map(|(kind, held)| service.trial(&account, *kind, held)).collect::<Vec<_>>()
    };
    let hidden = |trial: &Trial| matches!(trial, Trial::CantTell(why) if why.contains("is off"));
    assert_eq!(said(&held), vec![Trial::Accepted; 4]);

    // While it is off nothing opens it, and that says nothing of what is held.
    service.take_off(&account, "k").unwrap();
    assert!(said(&held).iter().all(hidden));
    service.take_on(&account, "k").unwrap();

    // Each act ends its own kind.
    let guard = credential(&service, &account);
    service.require(&account, "k", &guard, &Secret::new("random")).unwrap();
    assert_eq!(said(&held), [Trial::Refused, Trial::Accepted, Trial::Accepted, Trial::Accepted]);
    service.done("k", &Write::Revoke { account: account.clone(), apps: None }, &account).unwrap();
    assert_eq!(said(&held), [Trial::Refused, Trial::Accepted, Trial::Refused, Trial::Accepted]);
    let id = told.factors[0].id.clone();
    service.done("k", &Write::RemoveFactor { account: account.clone(), id }, &account).unwrap();
    assert_eq!(said(&held), [Trial::Refused, Trial::Accepted, Trial::Refused, Trial::Refused]);
    service.let_tokens_outlive(1);
    service.take_off(&account, "k").unwrap();
    service.done("k", &Write::EndSessions { account: account.clone() }, &account).unwrap();
    assert!(hidden(&said(&held)[1]), "its access token lives on");
    assert!(service.let_tokens_die());
    assert_eq!(said(&held), vec![Trial::Refused; 4]);

    // Armed again, with others; and what is only said to be done is not.
    let again = service.make_probe(&account).unwrap();
    assert_eq!(said(&again), vec![Trial::Accepted; 4]);
    assert_eq!(said(&held)[..2], [Trial::Refused, Trial::Refused]);
    service.lie_about(ProbeKind::Session);
    let done = service.done("k", &Write::EndSessions { account: account.clone() }, &account);
    assert!(matches!(done, Ok(Effect::Done { count: 1 })));
    assert_eq!(said(&again)[1], Trial::Accepted);
}

#[test]
fn only_the_named_follows_and_likes_go_and_what_the_owner_wanted_is_known() {
    let p = people(6);
    let service = Service::from_population(&p);
    let farmed = |t: &&Truth| {
        let follows = service.follows(&t.account);
        follows.values().any(|own| *own) && follows.values().any(|own| !own)
    };
    let one = &p.truth.iter().find(farmed).expect("somebody follows for two").account;
    let before = service.follows(one);
    let theirs: Vec<_> = before.iter().filter(|(_, own)| !**own).map(|(a, _)| a.clone()).collect();
    let write = Write::Unfollow { account: one.clone(), accounts: theirs.clone() };
    assert_eq!(service.done("k", &write, one), Ok(Effect::Done { count: theirs.len() as u64 }));
    assert_eq!(service.done("k", &write, one), Ok(Effect::Done { count: 0 }), "again changes nothing");
    let after = service.follows(one);
    assert!(after.values().all(|own| *own) && after.len() == before.len() - theirs.len());
    let others = |a: &&model::account::Account| a.account != *one;
    let fresh = Service::from_population(&p);
    assert!(
        p.accounts.iter().filter(others).all(|a| service.follows(&a.account) == fresh.follows(&a.account))
    );
    let (liker, likes) = p
        .accounts
        .iter()
        .map(|a| (&a.account, service.likes(&a.account)))
        .find(|(_, likes)| likes.len() > 1)
        .expect("somebody likes");
    let objects: Vec<_> = likes.keys().take(1).cloned().collect();
    let write = Write::Unlike { account: liker.clone(), objects };
    assert_eq!(service.done("k", &write, liker), Ok(Effect::Done { count: 1 }));
    assert_eq!(service.likes(liker).len(), likes.len() - 1);
}
