//! What a snapshot says.

use super::site::{account, on_both};
use crate::ConnectError;
use crate::django::{Django, Settings};
use crate::sql::{Database, Mode};
use model::account::{ContactKind, CredentialKind};
use model::id::{AccountId, Digest, SessionId};
use model::secret::Secret;

#[test]
fn each_account_is_seen_as_it_is() {
    on_both(|site| {
        site.run("UPDATE auth_user SET is_superuser = TRUE, is_active = FALSE WHERE id = 1");
        site.run("UPDATE auth_user SET password = '!unusable' WHERE id = 3");
        site.run("INSERT INTO social_auth_usersocialauth VALUES (1, 'github', 3)");
        site.run("INSERT INTO authtoken_token VALUES ('k2', '2026-01-01', 2)");
        site.run("INSERT INTO oauth2_provider_application VALUES (9, 'tweetdeck')");
        site.run("INSERT INTO oauth2_provider_accesstoken VALUES (1, 't', 2, 9, NULL)");
        site.run("INSERT INTO forum_post VALUES (5, 2, 'a', TRUE), (6, 2, 'b', FALSE)");
        site.session("u2-a", 2);
        site.session("nobody", 0);
        let all = site.django().states(None).unwrap();
        assert_eq!(all.len(), 4);
        let [ann, ben, cas, dot] = all.as_slice() else { panic!("four") };
        assert_eq!((ann.record.protected, ann.record.active), (Some(true), Some(false)));
        assert_eq!(
            (ben.record.protected, ben.record.active, ben.record.at_risk),
            (Some(false), Some(true), Some(false))
        );
        assert_eq!(ben.record.created, Some(1_577_934_245_000));
        assert_eq!(ben.record.credentials, Some(vec![CredentialKind::Password]));
        assert_eq!(cas.record.credentials, Some(vec![CredentialKind::Sso]));
        assert!(cas.credential.is_none() && ben.credential.is_some());
        assert_eq!(ben.sessions, [SessionId::new(Digest::of(b"u2-a").hex())]);
        assert_eq!(
            ben.grants.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["drf-token", "tweetdeck"]
        );
        assert_eq!(ben.hidden.iter().map(ToString::to_string).collect::<Vec<_>>(), ["forum.post:5"]);
        let mail = &ben.record.contacts.as_ref().unwrap()[0];
        assert_eq!((mail.kind, mail.value.reveal(), mail.since), (ContactKind::Mail, "ben@mail.test", None));
        assert_eq!(cas.record.contacts.as_ref().unwrap()[0].value, mail.value, "two may share an address");
        assert_eq!(dot.record.contacts, Some(Vec::new()));

        let some = site.django().states(Some(&[account(2), account(77), "x".into(), "02".into()])).unwrap();
        assert_eq!(some, std::slice::from_ref(ben));
    });
}

#[test]
fn the_apps_history_dates_addresses_and_keeps_the_one_before_the_intruders() {
    on_both(|site| {
        site.run(
            "CREATE TABLE rightful_events_contact (id bigint PRIMARY KEY, user_id varchar(64), kind varchar(8), \
             value varchar(254), since bigint, verified_at bigint NULL, until bigint NULL)",
        );
        site.run(
            "INSERT INTO rightful_events_contact VALUES (1, '2', 'mail', 'first@mail.test', 100, NULL, 200), \
             (2, '2', 'mail', 'own@mail.test', 200, 250, 9000), (3, '2', 'mail', 'BEN@mail.test', 9000, NULL, NULL), \
             (4, '1', 'mail', 'ann@mail.test', 10, NULL, 20), (5, '1', 'mail', 'x@evil.test', 20, NULL, 30), \
             (6, '1', 'mail', 'ann@mail.test', 30, NULL, NULL)",
        );
        let states = site.django().states(Some(&[account(1), account(2)])).unwrap();
        let seen: Vec<Vec<(&str, Option<i64>)>> = states
            .iter()
            .map(|s| s.record.contacts.iter().flatten().map(|c| (c.value.reveal(), c.since)).collect())
            .collect();
        assert_eq!(seen[0], [("ann@mail.test", Some(30)), ("x@evil.test", Some(20))]);
        assert_eq!(
            seen[1],
            [("ben@mail.test", Some(9000)), ("own@mail.test", Some(200)), ("first@mail.test", Some(100))]
        );
        let (place, trusted) = states[1].record.mail_known_before(8_999).unwrap();
        assert_eq!((place, trusted.verified_at), (1, Some(250)));
    });
}

#[test]
fn settings_that_do_not_fit_are_named() {
    on_both(|site| {
        let with = |change: &dyn Fn(&mut Settings)| {
            let mut settings = site.settings.clone();
            change(&mut settings);
            Django::open(settings).err().map(|e| e.to_string()).unwrap_or_default()
        };
        assert!(with(&|s| s.user_table = "accounts_user".into()).contains("user_table"));
        assert!(
            with(&|s| s.user_table = "auth_user\"; DROP TABLE forum_post; --".into()).contains("user_table")
        );
        assert!(with(&|s| s.account_column = "nick".into()).contains("account_column"));
        assert!(with(&|s| s.content[0].hidden = "gone".into()).contains("content"));
        assert_eq!(site.count("forum_post"), 0, "the table is still there");
    });
}

#[test]
fn accounts_may_be_named_by_their_username() {
    on_both(|site| {
        let mut settings = site.settings.clone();
        settings.account_column = "username".into();
        site.session("u1-a", 1);
        let django = Django::open(settings).unwrap();
        let ann = django.states(Some(&[AccountId::new("ann")])).unwrap();
        assert_eq!((ann.len(), ann[0].sessions.len()), (1, 1));
        assert_eq!(django.end_all(&["ann".into()]).unwrap()[&AccountId::new("ann")], 1);
    });
}

#[test]
fn many_sessions_are_read_page_by_page() {
    on_both(|site| {
        let db = Database::new(&site.settings.database).unwrap();
        db.within(Mode::Write, |tx| {
            for chunk in 0..12 {
                let rows: Vec<String> = (0..1000)
                    .map(|i| format!("('k{chunk:02}{i:04}', 'eyJhIjoxfQ:1:s', '2099-01-01')"))
                    .collect();
                tx.run(&format!("INSERT INTO django_session VALUES {}", rows.join(",")), &[])?;
            }
            Ok(())
        })
        .unwrap();
        for key in ["a-first", "k060500x", "z-last"] {
            site.session(key, 2);
        }
        let django = site.django();
        assert_eq!(django.states(Some(&[account(2)])).unwrap()[0].sessions.len(), 3);
        assert_eq!(django.end_all(&[account(2), account(1)]).unwrap()[&account(2)], 3);
        assert_eq!(site.count("django_session"), 12_000);
    });
}

#[test]
fn a_database_that_is_gone_is_busy_not_refused() {
    let url = Secret::new("postgres://postgres@127.0.0.1:9/none");
    let error = Django::open(Settings::new("forum.test", url)).err().unwrap();
    assert!(matches!(error, ConnectError::Unreachable { .. }), "{error}");
}
