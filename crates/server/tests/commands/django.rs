//! A real Django site that is attacked and given back through our own commands, on the events its own app wrote. Then
//! Django itself is asked who gets in.

use crate::world::{RIGHTFUL, lines, policy, text};
use connect::catcher::{Answer, Catcher};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Stdio};

struct Site {
    folder: tempfile::TempDir,
    database: String,
    catcher: Catcher,
}

impl Site {
    fn new(database: impl Fn(&std::path::Path) -> String) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = database(folder.path());
        let catcher = Catcher::start(|_| Answer::Take).expect("a loopback port");
        let site = Self { folder, database, catcher };
        site.does("build", &[]);
        // Of two hundred people two dozen were attacked: more than any shipped limit allows at once.
        let policy = policy(5)
            .replace("active_share_max = 0.10", "active_share_max = 0.3")
            .replace("unreachable_share_max = 0.20", "unreachable_share_max = 0.3");
        site.write("policy.toml", &policy);
        site.write(
            "rightful.toml",
            &format!(
                "policy = \"policy.toml\"\n[service]\nname = \"Forum\"\ndomain = \"forum.test\"\n\
                 [service.django]\ndatabase = \"{}\"\nsite = \"forum.test\"\n\
                 [[service.django.content]]\ntable = \"forum_post\"\nowner = \"author_id\"\nhidden = \"hidden\"\nprefix = \"forum.post:\"\n\
                 [mail]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"Forum <security@forum.test>\"\n",
                site.database,
                site.catcher.port()
            ),
        );
        for name in ["ana", "ben"] {
            site.ok(&["operator", "add", name]);
        }
        site
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.file(name), text).expect("the folder can be written");
    }

    fn list(&self, name: &str, accounts: &BTreeSet<String>) -> String {
        self.write(name, &accounts.iter().map(|a| format!("{a}\n")).collect::<String>());
        self.file(name).display().to_string()
    }

    /// A command of the site's own judge, which must find nothing wrong.
    fn does(&self, command: &str, more: &[&str]) -> Value {
        let said = self.judge(command, more);
        assert!(said["problems"].as_array().is_none_or(Vec::is_empty), "{command}: {said}");
        said
    }

    /// What the site's own judge finds wrong.
    fn problems(&self, command: &str, more: &[&str]) -> Vec<Value> {
        self.judge(command, more)["problems"].as_array().cloned().unwrap_or_default()
    }

    fn judge(&self, command: &str, more: &[&str]) -> Value {
        let venv = std::env::var("RIGHTFUL_VENV")
            .expect("RIGHTFUL_VENV: a folder made by integrations/django/tests/venv.sh");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../integrations/django/tests/world.py");
        let output = Command::new(format!("{venv}/bin/python"))
            .args([script, command, "--database", &self.database, "--work"])
            .arg(self.folder.path())
            .args(more)
            .output()
            .expect("python starts");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let value = serde_json::from_str(&said);
        value.unwrap_or_else(|_| panic!("{command}: {said}{}", String::from_utf8_lossy(&output.stderr)))
    }

    fn ok(&self, words: &[&str]) -> Value {
        let output = Command::new(RIGHTFUL)
            .args(words)
            .arg("--json")
            .current_dir(self.folder.path())
            .env_remove("RIGHTFUL_CONFIG")
            .env("USER", "maker")
            .stdin(Stdio::null())
            .output()
            .expect("the binary starts");
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
    }

    fn approve(&self, plan: &str) {
        for name in ["ana", "ben"] {
            let key = format!("rightful-data/keys/{name}.key");
            let said = self.ok(&["plan", "approve", plan, "--operator", name, "--key", &key]);
            // A small undo takes one person.
            if text(&said, "state") == "approved" {
                return;
            }
        }
    }

    /// Runs an approved plan to its end.
    fn carry_out(&self, plan: &str) {
        self.approve(plan);
        let run = text(&self.ok(&["run", "arm", plan]), "run");
        assert_eq!(text(&self.ok(&["run", "start", &run]), "state"), "done");
    }
}

fn whole_way(database: impl Fn(&std::path::Path) -> String) {
    let site = Site::new(database);
    let truth: Value =
        serde_json::from_str(&std::fs::read_to_string(site.file("truth.json")).unwrap()).unwrap();
    let victims: BTreeSet<String> =
        truth["victims"].as_array().unwrap().iter().map(|v| text(v, "account")).collect();
    let open = site.does("note-open", &[]);
    assert!(open["intruder_ways"].as_u64() > Some(20), "{open}");

    site.ok(&["hunt", "events.jsonl", "--accounts", "accounts.jsonl", "--out", "answer"]);
    for verdict in lines(&site.file("answer/verdicts.jsonl")).iter().filter(|v| v["verdict"] == "compromised")
    {
        assert!(victims.contains(&text(verdict, "account")), "nobody innocent: {verdict}");
    }
    let plan = text(&site.ok(&["plan", "draft", "--hunt", "answer", "--author", "maker"]), "plan");
    let checked = site.ok(&["plan", "check", &plan]);
    assert_eq!(text(&checked, "state"), "checked", "{checked}");
    site.ok(&["plan", "seal", &plan]);
    let sample = site.ok(&["plan", "review", &plan, "--operator", "ana"]);
    let labels: String = sample["to_look_at"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| text(s, "account"))
        .map(|a| format!("{a} {}\n", if victims.contains(&a) { "compromised" } else { "not_compromised" }))
        .collect();
    site.write("labels.txt", &labels);
    site.ok(&["plan", "review", &plan, "--operator", "ana", "--labels", "labels.txt"]);
    let shown = site.ok(&["plan", "show", &plan]);
    let cohort: BTreeSet<String> =
        shown["accounts"].as_array().unwrap().iter().map(|a| a.as_str().unwrap().to_owned()).collect();
    assert!(
        cohort.len() * 10 >= victims.len() * 8,
        "{} of {} victims are in the plan",
        cohort.len(),
        victims.len()
    );
    assert!(cohort.is_subset(&victims));

    let (before, after) =
        (site.file("before.json").display().to_string(), site.file("after.json").display().to_string());
    site.does("dump", &["--out", &before]);
    let cohort_file = site.list("cohort", &cohort);
    site.carry_out(&plan);
    // Who can't be told by mail keeps the password, as the policy says; every other way in is shut for them too.
    site.ok(&["plan", "export", &plan, "plan.txt"]);
    let told: BTreeSet<String> = lines(&site.file("plan.txt.entries"))
        .iter()
        .filter(|v| v["entry"]["reach"] == "mail")
        .map(|v| text(&v["entry"], "account"))
        .collect();
    for problem in site.problems("verify-contained", &["--accounts", &cohort_file]) {
        let untold = !told.contains(&text(&problem, "account"));
        assert!(untold && problem["opens"] == "password", "{problem}");
    }
    let told_file = site.list("told", &told);
    site.does("dump", &["--out", &after]);
    let same = site.does("compare", &["--before", &before, "--after", &after, "--accounts", &cohort_file]);
    println!("everybody else: {same}");
    assert!(!site.catcher.mails().is_empty(), "owners were told");

    // Three turn out to be nobody's victims; the whole run is undone: they are restored, all others only released.
    let plain: BTreeSet<String> = truth["victims"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|v| v["kind"] == "spam")
        .map(|v| text(v, "account"))
        .filter(|a| cohort.contains(a))
        .take(3)
        .collect();
    assert_eq!(plain.len(), 3);
    for account in &plain {
        site.ok(&["case", "label", account, "not-compromised", "--operator", "ben"]);
    }
    let undo = text(&site.ok(&["run", "undo", &plan, "--author", "maker"]), "plan");
    site.carry_out(&undo);
    let exonerated = site.list("exonerated", &plain);
    site.does("verify-undone", &["--exonerated", &exonerated, "--accounts", &told_file]);
    let others: BTreeSet<String> = told.difference(&plain).cloned().collect();
    let back = site.does("verify-recover", &["--accounts", &site.list("others", &others)]);
    println!("by Django's own form: {back}");
    site.does("verify-undone", &["--exonerated", &exonerated, "--accounts", &told_file]);
    site.ok(&["audit", "verify"]);
}

#[test]
fn a_django_site_on_sqlite_is_given_back() {
    whole_way(|folder| format!("sqlite:{}", folder.join("site.db").display()));
}

#[test]
fn a_django_site_on_postgresql_is_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    // The script ends the server when its standard input does: with this process, however it ends.
    let mut server = Command::new("bash")
        .args(["-c", include_str!("../../../connect/src/django/tests/postgres.sh"), "postgres.sh"])
        .arg(folder.path())
        .arg(port.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("bash");
    let mut line = String::new();
    let out = server.stdout.take().expect("a pipe");
    std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).unwrap();
    assert_eq!(line.trim(), "ready", "PostgreSQL did not start: install Debian's postgresql");
    whole_way(|_| format!("postgres://postgres@127.0.0.1:{port}/postgres"));
    drop(server.stdin.take());
    server.wait().expect("the server ends");
}
