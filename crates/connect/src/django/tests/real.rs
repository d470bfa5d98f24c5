//! A real Django is asked: 200 people, an intruder's night, containment by this connector, recovery by Django's own form,
//! undo. On SQLite and PostgreSQL; each step is a command of `integrations/django/tests/world.py`.

use super::site::postgres_database;
use crate::django::{ContentTable, Django, Settings};
use model::account::CredentialVersion;
use model::id::{AccountId, ObjectId};
use model::plan::Grants;
use model::secret::Secret;
use respond::port::{Asked, Effect, Replaced};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

struct World<'a> {
    url: &'a str,
    work: &'a Path,
}

impl World<'_> {
    /// Runs a command that must find nothing wrong: its answer.
    fn does(&self, command: &str, more: &[&str]) -> Value {
        let (fine, said) = self.runs(command, more);
        assert!(fine, "{command}: {said}");
        println!("{command}: {}", said.trim());
        serde_json::from_str(&said).unwrap()
    }

    /// Whether a command found nothing wrong, and what it said.
    fn runs(&self, command: &str, more: &[&str]) -> (bool, String) {
        let venv = std::env::var("RIGHTFUL_VENV").expect("RIGHTFUL_VENV: a folder made by venv.sh");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../integrations/django/tests/world.py");
        let out = Command::new(format!("{venv}/bin/python"))
            .args([script, command, "--database", self.url, "--work"])
            .arg(self.work)
            .args(more)
            .output()
            .unwrap();
        assert_ne!(out.status.code(), Some(2), "{}", String::from_utf8_lossy(&out.stderr));
        let said = if out.stdout.is_empty() { out.stderr } else { out.stdout };
        (out.status.success(), String::from_utf8_lossy(&said).into_owned())
    }

    fn file(&self, name: &str) -> String {
        self.work.join(name).display().to_string()
    }

    fn list(&self, name: &str, accounts: &[&AccountId]) -> String {
        let lines: Vec<&str> = accounts.iter().map(|a| a.as_str()).collect();
        std::fs::write(self.work.join(name), lines.join("\n")).unwrap();
        self.file(name)
    }
}

#[test]
fn django_itself_says_who_gets_in_on_sqlite() {
    let dir = tempfile::tempdir().unwrap();
    whole_way(&format!("sqlite:{}", dir.path().join("site.db").display()), dir.path());
}

#[test]
fn django_itself_says_who_gets_in_on_postgresql() {
    let dir = tempfile::tempdir().unwrap();
    whole_way(&postgres_database(), dir.path());
}

fn whole_way(url: &str, work: &Path) {
    let world = World { url, work };
    world.does("build", &[]);
    world.does("note-open", &[]);
    let before = world.runs("verify-contained", &[]);
    assert!(!before.0, "the judge must see an intruder who is in: {}", before.1);
    let truth: Value =
        serde_json::from_str(&std::fs::read_to_string(work.join("truth.json")).unwrap()).unwrap();
    let protected = truth["protected"][0].as_str().unwrap();
    let victims: Vec<(AccountId, Vec<ObjectId>)> = truth["victims"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|v| v["account"] != protected)
        .map(|v| {
            let objects = v["objects"].as_array().unwrap();
            (
                v["account"].as_str().unwrap().into(),
                objects.iter().map(|o| o.as_str().unwrap().into()).collect(),
            )
        })
        .collect();
    let accounts: Vec<AccountId> = victims.iter().map(|(a, _)| a.clone()).collect();

    let mut settings = Settings::new("forum.test", Secret::new(url));
    settings.content = vec![ContentTable {
        table: "forum_post".into(),
        id: "id".into(),
        owner: "author_id".into(),
        hidden: "hidden".into(),
        prefix: "forum.post:".into(),
    }];
    let django = Django::open(settings).unwrap();
    let all = django.states(None).unwrap();
    assert_eq!(all.len(), 200);
    assert!(
        all.iter()
            .filter(|s| s.record.account.as_str() == protected)
            .all(|s| s.record.protected == Some(true))
    );
    assert_eq!(
        all.iter().filter(|s| s.credential.is_none()).count(),
        6,
        "who signs in elsewhere has no password"
    );
    assert_same_accounts(&all, work);
    let before: BTreeMap<AccountId, CredentialVersion> = django
        .states(Some(&accounts))
        .unwrap()
        .into_iter()
        .filter_map(|s| Some((s.record.account, s.credential?)))
        .collect();

    // an owner signs in between sealing and run, and Django renews the hash: the same password still
    let rehashed = world.list("rehashed", &[&accounts[0], &accounts[1]]);
    let renewed = world.does("sign-in", &["--accounts", &rehashed, "--iterations", "900"]);
    assert_eq!(renewed["renewed"], 2);

    world.does("dump", &["--out", &world.file("before.json")]);
    let old = django.stored_of(&accounts).unwrap();
    let mut ours = BTreeMap::new();
    for (account, objects) in &victims {
        let secret = secret_of(account);
        match django.replace(account, &before[account], &secret).unwrap() {
            Replaced::Done { ours: version } => ours.insert(account.clone(), version),
            Replaced::Moved { found } | Replaced::PremiseGone { found } => panic!("{account}: {found}"),
        };
        assert_eq!(django.is_in_place(account, &secret).unwrap(), (Asked::Done, Some(ours[account])));
        django.revoke(account, &Grants::All).unwrap();
        django.set_hidden(account, objects, true).unwrap();
    }
    assert!(django.end_all(&accounts).unwrap().values().sum::<u64>() >= 20);
    let after = django.states(Some(&accounts)).unwrap();
    assert!(after.iter().all(|s| s.sessions.is_empty() && s.grants.is_empty()));
    world.does("verify-contained", &[]);
    world.does("dump", &["--out", &world.file("after.json")]);
    world.does("compare", &["--before", &world.file("before.json"), "--after", &world.file("after.json")]);

    // three were not compromised after all (one of them rehashed meanwhile); the others come back by Django's own form
    let plain = truth["victims"].as_array().unwrap().iter().filter(|v| v["kind"] == "spam");
    let plain: Vec<AccountId> = plain.take(2).map(|v| v["account"].as_str().unwrap().into()).collect();
    let exonerated = [&accounts[0], &plain[0], &plain[1]];
    for account in exonerated {
        django.end_all(std::slice::from_ref(account)).unwrap();
        assert_eq!(
            django.put_back(account, &ours[account], &old[account].stored).unwrap(),
            Effect::Done { count: 1 },
            "{account}"
        );
    }
    let exonerated_file = world.list("exonerated", &exonerated);
    world.does("verify-undone", &["--exonerated", &exonerated_file]);
    let others: Vec<&AccountId> = accounts.iter().filter(|a| !exonerated.contains(a)).collect();
    let recovered = world.does("verify-recover", &["--accounts", &world.list("others", &others)]);
    assert_eq!(recovered["without_mail"].as_array().unwrap().len(), 1);
    assert_eq!(recovered["address_is_the_intruders"].as_array().unwrap().len(), 2);
    // who has chosen a new one keeps it
    let still =
        [&recovered["without_mail"], &recovered["address_is_the_intruders"]].map(Value::to_string).concat();
    for account in others.iter().filter(|a| !still.contains(&format!("\"{a}\""))) {
        let done = django.put_back(account, &ours[*account], &old[*account].stored);
        assert!(matches!(done, Ok(Effect::PremiseGone { .. })), "{account}: {done:?}");
    }
    world.does("verify-undone", &["--exonerated", &exonerated_file]);
}

/// The app's account records and the connector's say the same.
fn assert_same_accounts(states: &[model::account::AccountState], work: &Path) {
    let text = std::fs::read_to_string(work.join("accounts.jsonl")).unwrap();
    let mut exported: Vec<model::account::Account> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    exported.sort_by(|a, b| a.account.cmp(&b.account));
    let read: Vec<_> = states.iter().map(|s| s.record.clone()).collect();
    for (a, b) in exported.iter().zip(&read) {
        let (a, b) = (serde_json::to_value(a).unwrap(), serde_json::to_value(b).unwrap());
        for field in ["account", "active", "credentials", "contacts", "protected"] {
            assert_eq!(a[field], b[field], "{} {field}", a["account"]);
        }
        let created = |v: &Value| v["created"].as_i64().unwrap();
        assert!((created(&a) - created(&b)).abs() <= 1);
    }
    assert_eq!(exported.len(), read.len());
}

fn secret_of(account: &AccountId) -> Secret {
    Secret::new(model::id::Digest::of(account.as_str().as_bytes()).hex())
}
