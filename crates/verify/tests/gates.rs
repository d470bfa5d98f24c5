//! The page on what the gates let through is of the shipped policy, and of waves as they are cut today.

use crate::checkout::read;
use crate::{caught, none};
use model::policy::Policy;

fn stale(page: &str, policy: &Policy) -> Vec<String> {
    let mut findings = Vec::new();
    let digest = policy.digest().expect("a digest").short();
    if !page.contains(&format!("for the shipped policy `{digest}`")) {
        findings.push(format!("docs/gates.md is not of the shipped policy {digest}: write it again"));
    }
    for accounts in [160, 2_000] {
        let waves = decide::waves::sizes(accounts, policy, true);
        let waves: Vec<String> = waves.iter().map(u64::to_string).collect();
        if !page.contains(&format!("Waves: {}.", waves.join(", "))) {
            findings.push(format!("docs/gates.md has other waves for {accounts} accounts: write it again"));
        }
    }
    findings
}

#[test]
fn the_page_on_gates_is_of_the_shipped_policy() {
    let policy = Policy::parse(&read("policy/shipped.toml").expect("the shipped file").text)
        .expect("the shipped policy");
    let page = read("docs/gates.md").expect("the page").text;
    none(&stale(&page, &policy));
    let other = Policy { version: 99, ..policy.clone() };
    caught(&stale(&page, &other), &["not of the shipped policy"]);
    let mut other = policy;
    other.run.canary_accounts = 79;
    caught(&stale(&page, &other), &["other waves"]);
}
