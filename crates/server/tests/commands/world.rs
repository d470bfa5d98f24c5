//! A simulated service in a temporary folder, a configuration, a mail catcher, two operators.

use connect::catcher::{Answer, Catcher};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The binary under test.
pub(crate) const RIGHTFUL: &str = env!("CARGO_BIN_EXE_rightful");

/// Everything a thread needs, gone with it.
pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    /// Kept alive: it takes the mail.
    pub(crate) catcher: Catcher,
}

impl World {
    /// Simulates a service; its policy has gates that don't wait.
    pub(crate) fn new(seed: u64, accounts: u32, batch: u32) -> Self {
        Self::with_ledger(seed, accounts, batch, None)
    }

    /// The same with a ledger elsewhere than in the folder.
    pub(crate) fn with_ledger(seed: u64, accounts: u32, batch: u32, ledger: Option<&str>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let catcher = Catcher::start(|_| Answer::Take).expect("a loopback port");
        let world = Self { folder, catcher };
        world.ok(&[
            "simulate",
            "--out",
            "sim",
            "--seed",
            &seed.to_string(),
            "--accounts",
            &accounts.to_string(),
            "--attacked",
            "0.06",
        ]);
        world.write("policy.toml", &policy(batch));
        let ledger = ledger.map_or_else(String::new, |url| format!("ledger = \"{url}\"\n"));
        let config = format!(
            "{ledger}policy = \"policy.toml\"\n[service]\nname = \"Meadow\"\ndomain = \"meadow.example\"\nrehearsed = \"sim\"\n\
             [mail]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"Meadow <security@meadow.example>\"\n",
            world.catcher.port()
        );
        world.write("rightful.toml", &config);
        for name in ["ana", "ben"] {
            world.ok(&["operator", "add", name]);
        }
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("the temporary folder can be written");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// The command, not started.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(RIGHTFUL);
        command
            .args(words)
            .current_dir(self.folder.path())
            .env_remove("RIGHTFUL_CONFIG")
            .env("USER", "maker");
        command.stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().expect("the binary starts")
    }

    /// The command's JSON value; it must end well.
    pub(crate) fn ok(&self, words: &[&str]) -> Value {
        let mut all = words.to_vec();
        all.push("--json");
        let output = self.run(&all);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
    }

    /// What the command says while it refuses, with its exit code.
    pub(crate) fn refused(&self, words: &[&str], code: i32) -> String {
        let output = self.run(words);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{words:?}: {said}");
        said
    }

    /// From events to an armed run; gives plan and run. A plan that its review refuses is drafted again without those
    /// whom people called not compromised, as its users would.
    pub(crate) fn armed(&self) -> (String, String) {
        self.ok(&["hunt", "sim/events.jsonl", "--out", "answer"]);
        self.approved(&[])
    }

    /// From the hunt's answer to an armed run.
    pub(crate) fn approved(&self, also: &[&str]) -> (String, String) {
        for _ in 0..3 {
            let draft = [&["plan", "draft", "--hunt", "answer", "--author", "maker"][..], also].concat();
            let plan = text(&self.ok(&draft), "plan");
            assert_eq!(text(&self.ok(&["plan", "check", &plan]), "state"), "checked");
            self.ok(&["plan", "seal", &plan]);
            if self.review(&plan) {
                self.approve(&plan);
                let run = text(&self.ok(&["run", "arm", &plan]), "run");
                return (plan, run);
            }
        }
        panic!("three reviews refused the plan");
    }

    /// Starts a run, and dies at once.
    pub(crate) fn start(&self, run: &str) {
        let mut child = self
            .command(&["run", "start", run])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        while text(&self.ok(&["run", "show", run]), "state") == "armed" {
            assert!(child.try_wait().expect("it is ours").is_none(), "{run} is not started");
        }
        // It may have come to its end meanwhile.
        drop(child.kill());
        child.wait().expect("it ends");
    }

    /// A configuration of another machine: the same ledger and keys, a data folder of its own.
    pub(crate) fn second_folder(&self, name: &str) {
        let (from, to) = (self.path("rightful-data"), self.path(name));
        std::fs::create_dir_all(to.join("keys")).expect("the temporary folder can be written");
        for file in std::fs::read_dir(&from).into_iter().chain(std::fs::read_dir(from.join("keys"))).flatten()
        {
            let file = file.expect("it is read").path();
            if file.is_file() {
                let to = to.join(file.strip_prefix(&from).expect("it is in there"));
                std::fs::copy(&file, to).expect("the temporary folder can be written");
            }
        }
        self.write(&format!("{name}.toml"), &format!("data = \"{name}\"\n{}", self.read("rightful.toml")));
    }

    /// Labels the sample by the truth; whether the review passes.
    pub(crate) fn review(&self, plan: &str) -> bool {
        let sample = self.ok(&["plan", "review", plan, "--operator", "ana"]);
        let victims = self.victims();
        let labels: String = sample["to_look_at"]
            .as_array()
            .expect("a sample")
            .iter()
            .map(|shown| {
                let account = shown["account"].as_str().expect("an account");
                let label =
                    if victims.iter().any(|v| v == account) { "compromised" } else { "not_compromised" };
                format!("{account} {label}\n")
            })
            .collect();
        self.write("labels.txt", &labels);
        let output =
            self.run(&["plan", "review", plan, "--operator", "ana", "--labels", "labels.txt", "--json"]);
        let found: Value = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        found["passes"]
            .as_bool()
            .unwrap_or_else(|| panic!("{found}: {}", String::from_utf8_lossy(&output.stderr)))
    }

    pub(crate) fn approve(&self, plan: &str) {
        for name in ["ana", "ben"] {
            let key = format!("rightful-data/keys/{name}.key");
            self.ok(&["plan", "approve", plan, "--operator", name, "--key", &key]);
        }
    }

    pub(crate) fn victims(&self) -> Vec<String> {
        lines(&self.path("sim/truth.jsonl")).iter().map(|t| text(t, "account")).collect()
    }

    /// What was really asked of the service, in order.
    pub(crate) fn writes(&self) -> Vec<Value> {
        lines(&self.path("sim/service-writes.jsonl"))
    }

    /// Accounts of a plan.
    pub(crate) fn planned(&self, plan: &str) -> Vec<String> {
        let shown = self.ok(&["plan", "show", plan]);
        shown["accounts"]
            .as_array()
            .expect("accounts")
            .iter()
            .map(|a| a.as_str().unwrap_or_default().to_owned())
            .collect()
    }
}

/// A field's text.
pub(crate) fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("{field} in {value}")).to_owned()
}

pub(crate) fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().map(|l| serde_json::from_str(l).expect("a JSON line")).collect()
}

/// The shipped policy with everybody in the canary, and the gate after it deciding at once: between two waves owners
/// would have to be heard from, and nobody answers here.
pub(crate) fn policy(batch: u32) -> String {
    include_str!("../../../../policy/shipped.toml")
        .replace("canary_accounts = 80", "canary_accounts = 4000")
        .replace("batch_accounts = 25", &format!("batch_accounts = {batch}"))
        // A process killed while it sends leaves notices that are tried again after a minute: gates don't wait for them.
        .replace("notices_accepted_share_min = 0.95", "notices_accepted_share_min = 0.01")
        .replace("soak_min_ms = 3600000", "soak_min_ms = 0")
        .replace("acts_per_second_max = 50", "acts_per_second_max = 50000")
        // These commands live by the machine's clock, and would wait for its morning.
        .replace("until_ms = 25200000", "until_ms = 79200000")
        .replace("watch_ms = 1209600000", "watch_ms = 0")
        .replace("owners_per_day = 200", "owners_per_day = 1000000")
}
