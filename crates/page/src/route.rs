//! Where the pages live: the paths that the server serves and that the pages point to, said once.
//!
//! A constant in braces is an axum path; a function of the same name makes a link to it.

use model::id::{AccountId, IncidentId, PlanId, RunId};

/// The overview.
pub const CONSOLE: &str = "/console";
/// One plan.
pub const PLAN: &str = "/console/plans/{plan}";
/// One run.
pub const RUN: &str = "/console/runs/{run}";
/// The daily routine.
pub const ROUTINE: &str = "/console/routine";
/// One account's case.
pub const CASE: &str = "/console/cases/{account}";
/// The mails that the demonstration's own catcher holds.
pub const MAILS: &str = "/console/mails";
/// One of them.
pub const MAIL: &str = "/console/mails/{mail}";
/// What the public is told: all incidents.
pub const STATUS: &str = "/status";
/// One incident.
pub const INCIDENT: &str = "/status/{incident}";
/// The owner asks for a recovery code.
pub const RECOVER: &str = "/recover";
/// The owner enters it.
pub const RECOVER_CODE: &str = "/recover/code";
/// The owner's own page.
pub const ACCOUNT: &str = "/account";
/// The owner sets a new password (POST).
pub const ACCOUNT_PASSWORD: &str = "/account/password";
/// The owner keeps posts hidden or shows them (POST).
pub const ACCOUNT_POSTS: &str = "/account/posts";
/// *That was me* (POST).
pub const ACCOUNT_THAT_WAS_ME: &str = "/account/that-was-me";
/// The owner leaves the page (POST).
pub const ACCOUNT_LEAVE: &str = "/account/leave";
/// *Did this message come from us?*
pub const CHECK: &str = "/check";
/// The support desk's messages (POST, signed).
pub const SUPPORT_HOOK: &str = "/hooks/support";
/// The style sheet.
pub const CSS: &str = "/assets/page.css";
/// The icon.
pub const ICON: &str = "/assets/icon.svg";

/// A link to a plan.
#[must_use]
pub fn plan(plan: &PlanId) -> String {
    fill(PLAN, plan.as_str())
}

/// A link to a run.
#[must_use]
pub fn run(run: &RunId) -> String {
    fill(RUN, run.as_str())
}

/// A link to an account's case.
#[must_use]
pub fn case(account: &AccountId) -> String {
    fill(CASE, account.as_str())
}

/// A link to a caught mail.
#[must_use]
pub fn mail(id: &str) -> String {
    fill(MAIL, id)
}

/// A link to an incident.
#[must_use]
pub fn incident(incident: &IncidentId) -> String {
    fill(INCIDENT, incident.as_str())
}

/// Puts one value into a path, percent-encoded (RFC 3986, all but the unreserved characters).
fn fill(pattern: &str, value: &str) -> String {
    let mut path = pattern.split('{').next().unwrap_or(pattern).to_owned();
    for &byte in value.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            path.push_str(&format!("%{byte:02X}"));
        }
    }
    path
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_account_cannot_leave_its_place_in_a_path() {
        assert_eq!(
            super::case(&"did:plc:a/../b?x#y".into()),
            "/console/cases/did%3Aplc%3Aa%2F..%2Fb%3Fx%23y"
        );
    }
}
