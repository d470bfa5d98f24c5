//! The acts, their guards and their undo.

use super::site::{Site, account, old_hash, on_both};
use crate::ConnectError;
use crate::django::{Django, SessionEngine, hash, version};
use model::account::{ContactKind, CredentialVersion};
use model::id::Digest;
use model::plan::Grants;
use model::secret::Secret;
use respond::port::{Asked, Effect, Replaced, TakenOff, Turned};

fn guard(id: i64) -> CredentialVersion {
    version(&id.to_string(), &old_hash(id))
}

fn secret() -> Secret {
    Secret::new("0123456789abcdef0123456789abcdef")
}

fn replaced(django: &Django, id: i64) -> CredentialVersion {
    match django.replace(&account(id), &guard(id), &secret()).unwrap() {
        Replaced::Done { ours } => ours,
        Replaced::Moved { found } | Replaced::PremiseGone { found } => panic!("{found}"),
    }
}

fn password(site: &Site, id: i64) -> String {
    site.ask(&format!("SELECT password FROM auth_user WHERE id = {id}"))
}

fn last_login(site: &Site, id: i64) -> String {
    let seconds = site.ask(&format!("SELECT CAST(last_login AS text) FROM auth_user WHERE id = {id}"));
    seconds.chars().take(19).collect()
}

#[test]
fn a_credential_is_replaced_under_its_guard_and_asked_for_afterwards() {
    on_both(|site| {
        let (django, others) = (site.django(), site.of_others(1));
        assert_eq!(django.is_in_place(&account(1), &secret()).unwrap(), (Asked::NotDone, None));
        let ours = replaced(&django, 1);
        let stored = password(site, 1);
        assert!(stored.starts_with("pbkdf2_sha256$10$") && stored.len() <= 128, "{stored}");
        assert_eq!(django.is_in_place(&account(1), &secret()).unwrap(), (Asked::Done, Some(ours)));
        assert_eq!(django.is_in_place(&account(1), &Secret::new("another")).unwrap(), (Asked::NotDone, None));
        // again, as after a lost answer: the premise is gone, and nothing is done
        assert!(matches!(
            django.replace(&account(1), &guard(1), &secret()),
            Ok(Replaced::PremiseGone { .. })
        ));
        assert_eq!((password(site, 1), site.of_others(1)), (stored, others));
    });
}

#[test]
fn iterations_follow_the_replaced_hash_unless_set() {
    on_both(|site| {
        let mut settings = site.settings.clone();
        settings.iterations = None;
        replaced(&Django::open(settings).unwrap(), 1);
        assert!(password(site, 1).starts_with("pbkdf2_sha256$7$"));
    });
}

#[test]
fn what_did_not_exist_is_never_created() {
    on_both(|site| {
        for (stored, id) in [("!unusable", 1), ("", 2)] {
            site.run(&format!("UPDATE auth_user SET password = '{stored}' WHERE id = {id}"));
            let guard = version(&id.to_string(), stored);
            let done = site.django().replace(&account(id), &guard, &secret()).unwrap();
            assert!(matches!(done, Replaced::PremiseGone { .. }), "{done:?}");
            assert!(matches!(
                site.django().choose(&account(id), &guard, &secret(), [1; 32]),
                Ok(Effect::PremiseGone { .. })
            ));
            assert_eq!(password(site, id), stored);
        }
        let gone = site.django().replace(&account(99), &guard(99), &secret()).unwrap();
        assert!(matches!(gone, Replaced::PremiseGone { .. }));
        assert!(site.django().stored_of(&[account(1), account(2), account(99)]).unwrap().is_empty());
    });
}

#[test]
fn a_changed_password_is_left_alone() {
    on_both(|site| {
        let theirs = hash::stored(&Secret::new("chosen since"), "othersalt", 7);
        site.run(&format!("UPDATE auth_user SET password = '{}' WHERE id = 1", theirs.reveal()));
        let Replaced::PremiseGone { found } =
            site.django().replace(&account(1), &guard(1), &secret()).unwrap()
        else {
            panic!("replaced a password that the plan does not name");
        };
        assert!(found.contains("only the app rightful_events can tell"), "{found}");
        assert_eq!(password(site, 1), theirs.reveal());
    });
}

#[test]
fn a_rehash_that_the_site_recorded_is_the_same_password_and_a_change_after_it_is_not() {
    on_both(|site| {
        site.run(
            "CREATE TABLE rightful_events_rehash (id bigint PRIMARY KEY, user_id varchar(64), before char(64), \
             after char(64), at bigint)",
        );
        let hashes: Vec<String> = std::iter::once(old_hash(1))
            .chain([8, 9].map(|n| hash::stored(&Secret::new("old-1"), "salt", n).reveal().to_owned()))
            .collect();
        for (i, pair) in hashes.windows(2).enumerate() {
            site.run(&format!(
                "INSERT INTO rightful_events_rehash VALUES ({i}, '1', '{}', '{}', 0)",
                version("1", &pair[0]).0,
                version("1", &pair[1]).0
            ));
        }
        let change = hash::stored(&Secret::new("the intruder's"), "salt", 9);
        site.run(&format!("UPDATE auth_user SET password = '{}' WHERE id = 1", change.reveal()));
        let Replaced::Moved { found } = site.django().replace(&account(1), &guard(1), &secret()).unwrap()
        else {
            panic!("a change was taken for a rehash");
        };
        assert!(found.contains("no rehash"), "{found}");
        site.run(&format!("UPDATE auth_user SET password = '{}' WHERE id = 1", hashes[2]));
        replaced(&site.django(), 1);
    });
}

#[test]
fn sessions_of_one_end_and_of_others_stay() {
    on_both(|site| {
        for (key, user) in [("u1-owner", 1), ("u1-intruder", 1), ("u2-a", 2), ("anonymous", 0), ("u11", 11)] {
            site.session(key, user);
        }
        site.raw_session("broken", "not a session");
        let others =
            site.ask("SELECT CAST(COUNT(*) AS text) FROM django_session WHERE session_key NOT LIKE 'u1-%'");
        assert_eq!(site.django().end_all(&[account(1)]).unwrap()[&account(1)], 2);
        assert_eq!(site.django().end_all(&[account(1)]).unwrap()[&account(1)], 0);
        assert_eq!(site.ask("SELECT CAST(COUNT(*) AS text) FROM django_session"), others);
        assert!(site.django().end_all(&[account(99)]).unwrap().is_empty());
    });
}

#[test]
fn pickled_sessions_stop_the_act_instead_of_being_guessed_at() {
    on_both(|site| {
        site.session("u1-a", 1);
        site.raw_session("pickle", "gAR9lC4:1vxyz:sig");
        assert!(matches!(site.django().end_all(&[account(1)]), Err(ConnectError::Refused { .. })));
        assert_eq!(site.count("django_session"), 2);
    });
}

#[test]
fn grants_go_all_or_by_application() {
    on_both(|site| {
        site.run("INSERT INTO oauth2_provider_application VALUES (1, 'good'), (2, 'bad')");
        for user in [1, 2] {
            site.run(&format!("INSERT INTO authtoken_token VALUES ('k{user}', '2026-01-01', {user})"));
            for app in [1, 2] {
                let id = user * 10 + app;
                site.run(&format!(
                    "INSERT INTO oauth2_provider_accesstoken VALUES ({id}, 'a{id}', {user}, {app}, NULL)"
                ));
                site.run(&format!(
                    "INSERT INTO oauth2_provider_refreshtoken VALUES ({id}, 'r{id}', {user}, {app}, {id})"
                ));
                site.run(&format!(
                    "UPDATE oauth2_provider_accesstoken SET source_refresh_token_id = {id} WHERE id = {id}"
                ));
            }
        }
        let (django, others, before) = (site.django(), site.of_others(1), last_login(site, 1));
        let bad = Grants::Of(vec!["bad".into()]);
        assert_eq!(django.revoke(&account(1), &bad).unwrap(), Effect::Done { count: 2 });
        assert_eq!(last_login(site, 1), before, "an application's grant leaves reset links alone");
        assert_eq!(django.states(Some(&[account(1)])).unwrap()[0].grants.len(), 2);
        assert_eq!(django.revoke(&account(1), &Grants::All).unwrap(), Effect::Done { count: 3 });
        assert_ne!(last_login(site, 1), before);
        assert!(django.states(Some(&[account(1)])).unwrap()[0].grants.is_empty());
        assert_eq!(django.revoke(&account(1), &Grants::All).unwrap(), Effect::Done { count: 0 });
        assert_eq!(site.of_others(1), others);
        assert!(matches!(django.revoke(&account(99), &Grants::All), Ok(Effect::PremiseGone { .. })));
    });
}

#[test]
fn the_old_password_comes_back_only_where_ours_is_in_place_and_no_session_is_left() {
    on_both(|site| {
        let (django, old) = (site.django(), Secret::new(old_hash(1)));
        let ours = replaced(&django, 1);
        let before = last_login(site, 1);
        site.session("u1-intruder", 1);
        let refused = django.put_back(&account(1), &ours, &old).unwrap_err();
        assert!(refused.to_string().contains("end them first"), "{refused}");
        assert_ne!(password(site, 1), old.reveal());
        django.end_all(&[account(1)]).unwrap();
        assert_eq!(django.put_back(&account(1), &ours, &old).unwrap(), Effect::Done { count: 1 });
        assert_eq!(password(site, 1), old.reveal());
        assert_ne!(last_login(site, 1), before, "reset links from before must stay dead");
        assert_eq!(django.put_back(&account(1), &ours, &old).unwrap(), Effect::Done { count: 0 }, "a repeat");
        // the owner has moved on: never overwritten
        let ours = replaced(&django, 2);
        let chosen = Secret::new("a password of her own");
        assert_eq!(django.choose(&account(2), &ours, &chosen, [7; 32]).unwrap(), Effect::Done { count: 1 });
        let theirs = password(site, 2);
        assert!(matches!(
            django.put_back(&account(2), &ours, &Secret::new(old_hash(2))),
            Ok(Effect::PremiseGone { .. })
        ));
        assert_eq!(password(site, 2), theirs);
    });
}

#[test]
fn a_last_sign_in_moves_by_one_second_and_keeps_its_fraction() {
    on_both(|site| {
        site.run("UPDATE auth_user SET last_login = NULL WHERE id = 2");
        let django = site.django();
        django.revoke(&account(1), &Grants::All).unwrap();
        django.revoke(&account(2), &Grants::All).unwrap();
        let whole = site.ask("SELECT CAST(last_login AS text) FROM auth_user WHERE id = 1");
        assert!(whole.starts_with("2026-10-01 08:00:01.123456"), "{whole}");
        assert_eq!(
            last_login(site, 2),
            "2020-01-02 03:04:06",
            "never signed in: from when the account was made"
        );
    });
}

#[test]
fn nothing_is_put_back_where_sessions_cannot_be_ended() {
    on_both(|site| {
        let mut settings = site.settings.clone();
        settings.sessions = SessionEngine::Elsewhere;
        let django = Django::open(settings).unwrap();
        let ours = replaced(&django, 1);
        assert!(matches!(
            django.put_back(&account(1), &ours, &Secret::new(old_hash(1))),
            Err(ConnectError::Refused { .. })
        ));
        assert!(matches!(django.end_all(&[account(1)]), Err(ConnectError::Refused { .. })));
    });
}

#[test]
fn only_ones_own_objects_are_hidden() {
    on_both(|site| {
        site.run(
            "INSERT INTO forum_post VALUES (1, 1, 'own', FALSE), (2, 1, 'lure', FALSE), (3, 2, 'other', FALSE), \
             (4, 1, 'hidden by staff', TRUE)",
        );
        let (django, others) = (site.django(), site.of_others(1));
        let object = |n: i64| model::id::ObjectId::new(format!("forum.post:{n}"));
        let hide = |objects: &[i64], hidden| {
            django.set_hidden(&account(1), &objects.iter().map(|n| object(*n)).collect::<Vec<_>>(), hidden)
        };
        assert!(matches!(hide(&[2, 3], true), Err(ConnectError::Refused { .. })));
        assert_eq!(django.states(Some(&[account(1)])).unwrap()[0].hidden, [object(4)], "nothing was hidden");
        let done = |turned: &[i64], gone: &[i64]| Turned::Done {
            turned: turned.iter().map(|n| object(*n)).collect(),
            gone: gone.iter().map(|n| object(*n)).collect(),
        };
        assert_eq!(hide(&[2, 4, 77], true).unwrap(), done(&[2], &[77]), "what staff hid is not ours");
        assert_eq!(hide(&[2], true).unwrap(), done(&[], &[]));
        assert_eq!(hide(&[2], false).unwrap(), done(&[2], &[]));
        assert!(django.set_hidden(&account(1), &["wiki.page:1".into()], true).is_err());
        assert!(django.set_hidden(&account(1), &["forum.post:1 OR 1=1".into()], true).is_err());
        assert_eq!(site.of_others(1), others);
    });
}

#[test]
fn only_an_active_account_is_taken_off_and_it_comes_back() {
    on_both(|site| {
        let (django, others) = (site.django(), site.of_others(1));
        let active = |id: i64| {
            site.ask(&format!(
                "SELECT CAST(COUNT(*) AS text) FROM auth_user WHERE id = {id} AND is_active = TRUE"
            ))
        };
        assert_eq!(django.take_off(&account(1)).unwrap(), TakenOff::Now);
        assert_eq!(active(1), "0");
        // again, as after a lost answer: nobody can tell whose it is, the ledger knows that it was on before
        assert_eq!(django.take_off(&account(1)).unwrap(), TakenOff::Already { ours: None });
        let state = django.states(Some(&[account(1)])).unwrap().remove(0);
        assert!(state.is_off);
        assert_eq!(django.take_on(&account(1)).unwrap(), Effect::Done { count: 1 });
        assert_eq!(
            (django.take_on(&account(1)).unwrap(), active(1)),
            (Effect::Done { count: 0 }, "1".into())
        );
        assert!(matches!(django.take_off(&account(99)), Ok(TakenOff::PremiseGone { .. })));
        assert_eq!(site.of_others(1), others);
    });
}

#[test]
fn a_mail_address_is_put_back_only_where_the_intruders_is_in_place() {
    on_both(|site| {
        let others = site.of_others(1);
        let mail = |id: i64| site.ask(&format!("SELECT email FROM auth_user WHERE id = {id}"));
        let (was, theirs) = (Secret::new(mail(1)), Secret::new("intruder@elsewhere.example"));
        site.run("UPDATE auth_user SET email = 'intruder@elsewhere.example' WHERE id = 1");
        let back = |in_place: &Secret, before: &Secret| {
            let digest = Digest::of(in_place.reveal().as_bytes());
            site.django().exchange_mail(&account(1), ContactKind::Mail, &digest, before).unwrap()
        };
        assert_eq!(back(&theirs, &was), Effect::Done { count: 1 });
        assert_eq!((back(&theirs, &was), mail(1)), (Effect::Done { count: 0 }, was.reveal().to_owned()));
        // the undo is the same act with both exchanged
        assert_eq!((back(&was, &theirs), mail(1)), (Effect::Done { count: 1 }, theirs.reveal().to_owned()));
        site.run("UPDATE auth_user SET email = 'owner@new.example' WHERE id = 1");
        assert!(matches!(back(&theirs, &was), Effect::PremiseGone { .. }));
        assert_eq!((mail(1), site.of_others(1)), ("owner@new.example".to_owned(), others));
    });
}
