//! Erasure, legal holds, retention: what the ledger lets go of one account, what it must keep, and what it lets go by
//! itself after its time. Seals and the audit's tree still hold, since lines and leaves are commitments and stay.

use crate::cell::cells;
use crate::db::{Read, Tx};
use crate::error::StoreError;
use model::id::{AccountId, Millis};
use model::policy::RetentionPolicy;
use serde_json::json;

/// Where something is erased, and how; of the audit the leaf stays.
const ERASURES: [(&str, &str); 20] = [
    (
        "plan entries",
        "UPDATE plan_value SET entry = NULL, nonce = NULL WHERE account = $1 AND entry IS NOT NULL",
    ),
    ("contacts", "DELETE FROM contact WHERE account = $1"),
    ("contacts put back", "DELETE FROM contact_value WHERE account = $1"),
    ("sealed factors", "DELETE FROM sealed_factor WHERE account = $1"),
    ("timelines", "DELETE FROM timeline WHERE account = $1"),
    ("reasons for leaving out", "DELETE FROM left_out WHERE account = $1"),
    ("labels", "DELETE FROM label WHERE account = $1"),
    ("sealed credentials", "DELETE FROM sealed_credential WHERE account = $1"),
    ("recovery codes", "DELETE FROM recovery_code WHERE account = $1"),
    ("sessions on our pages", "DELETE FROM owner_session WHERE account = $1"),
    ("steps", "DELETE FROM step WHERE account = $1"),
    ("hidden objects", "DELETE FROM hidden_object WHERE account = $1"),
    ("kept objects", "DELETE FROM kept_object WHERE account = $1"),
    (
        "notices",
        "UPDATE notice SET subject = '', body_text = '', body_html = '', contact = NULL, reply = NULL
         WHERE account = $1",
    ),
    ("moved credentials", "DELETE FROM credential_move WHERE account = $1"),
    ("a person's queue", "UPDATE person_queue SET saying = '', note = NULL WHERE account = $1"),
    ("disputes", "UPDATE dispute SET how = NULL, proved_by = NULL WHERE account = $1"),
    ("exonerations", "UPDATE exoneration SET why = '' WHERE account = $1"),
    ("campaign members", "UPDATE campaign_member SET account = NULL WHERE account = $1"),
    (
        "audit entries",
        "UPDATE audit SET subject = NULL, entry = NULL, nonce = NULL WHERE subject = $1 AND entry IS NOT NULL",
    ),
];

/// True of a row of `x` that a legal hold keeps, by its account or by a run that acted on it.
const HELD: &str = "EXISTS (SELECT 1 FROM legal_hold h WHERE h.lifted_at IS NULL AND (
    (h.kind = 'account' AND h.subject = x.account) OR
    (h.kind = 'run' AND EXISTS (SELECT 1 FROM account_run a WHERE a.run = h.subject AND a.account = x.account))))";

/// What is let go by its age: the place, the policy's time for it, and how. `$1` is the youngest moment, `$2` how many.
type Aged = (&'static str, fn(&RetentionPolicy) -> i64, &'static str);
const AGED: [Aged; 7] = [
    (
        "timelines",
        |r| r.timelines_ms,
        "DELETE FROM timeline WHERE (plan, account) IN (SELECT x.plan, x.account FROM timeline x
         JOIN plan p ON p.id = x.plan WHERE p.state IN ('done', 'refused', 'expired') AND p.moved_at <= $1
         AND NOT {held} LIMIT $2)",
    ),
    (
        "plan entries",
        |r| r.closed_cases_ms,
        "UPDATE plan_value SET entry = NULL, nonce = NULL WHERE (plan, n) IN (SELECT x.plan, x.n FROM plan_value x
         JOIN plan p ON p.id = x.plan WHERE p.state IN ('done', 'refused', 'expired') AND p.moved_at <= $1
         AND x.entry IS NOT NULL AND NOT {held} LIMIT $2)",
    ),
    (
        "contacts",
        |r| r.closed_cases_ms,
        "DELETE FROM contact WHERE (plan, account) IN (SELECT x.plan, x.account FROM contact x
         JOIN plan p ON p.id = x.plan WHERE p.state IN ('done', 'refused', 'expired') AND p.moved_at <= $1
         AND NOT {held} LIMIT $2)",
    ),
    (
        "contacts put back",
        |r| r.closed_cases_ms,
        "DELETE FROM contact_value WHERE (plan, account, version) IN (SELECT x.plan, x.account, x.version
         FROM contact_value x JOIN plan p ON p.id = x.plan WHERE p.state IN ('done', 'refused', 'expired')
         AND p.moved_at <= $1 AND NOT {held} LIMIT $2)",
    ),
    (
        "notices",
        |r| r.notices_ms,
        "UPDATE notice SET subject = '', body_text = '', body_html = '' WHERE code IN (SELECT x.code FROM notice x
         WHERE x.ended_at <= $1 AND x.body_text <> '' AND NOT {held} LIMIT $2)",
    ),
    (
        "recovery codes",
        |r| r.recovery_codes_ms,
        "DELETE FROM recovery_code WHERE hash IN (SELECT x.hash FROM recovery_code x
         WHERE x.expires_at <= $1 AND NOT {held} LIMIT $2)",
    ),
    (
        "sessions on our pages",
        |r| r.sessions_ms,
        "DELETE FROM owner_session WHERE hash IN (SELECT x.hash FROM owner_session x
         WHERE x.expires_at <= $1 AND NOT {held} LIMIT $2)",
    ),
];

/// What a legal hold is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeldThing {
    /// One account.
    Account(AccountId),
    /// Every account of a run.
    Run(model::id::RunId),
}

impl HeldThing {
    fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::Account(account) => ("account", account.as_str()),
            Self::Run(run) => ("run", run.as_str()),
        }
    }
}

impl Tx {
    /// Erases what the ledger holds of an account; gives how many rows at each place. What stays: its id in plans and
    /// runs that are over, with states and moments, so that the figures still add up; and the commitments.
    ///
    /// # Errors
    /// Where a plan that names it is neither done nor refused nor expired, or a legal hold keeps it.
    pub fn erase_account(
        &self,
        account: &AccountId,
        by: &str,
    ) -> Result<Vec<(&'static str, u64)>, StoreError> {
        let refuse = |found: String| StoreError::State {
            what: "account",
            id: account.to_string(),
            found,
            wanted: "erased",
        };
        if let Some(reason) = self.held_because(account)? {
            return Err(refuse(format!("under a legal hold ({reason})")));
        }
        let sql = "SELECT p.id, p.state FROM plan_value v JOIN plan p ON p.id = v.plan
            WHERE v.account = $1 AND p.state NOT IN ('done', 'refused', 'expired') ORDER BY p.id LIMIT 1";
        if let Some(row) = self.row("plan", sql, &cells![account])? {
            return Err(refuse(format!(
                "in plan {}, which is {}",
                row.get::<String>(0)?,
                row.get::<String>(1)?
            )));
        }
        if let Some(hold) = self.open_holds_of(account)?.into_iter().next() {
            // Without its entry the hold could not be ended any more.
            return Err(refuse(format!("taken off by run {}, which ends by itself", hold.run)));
        }
        let mut erased = Vec::with_capacity(ERASURES.len());
        for (place, sql) in ERASURES {
            erased.push((place, self.execute(sql, &cells![account])?));
        }
        self.audit(by, "privacy.erase", "account", json!({}))?;
        Ok(erased)
    }

    /// Lets go what is past its time, one portion at each place; gives how many rows at each. Again until it gives
    /// none.
    ///
    /// # Errors
    /// The database's.
    pub fn let_go(&self, policy: &RetentionPolicy) -> Result<Vec<(&'static str, u64)>, StoreError> {
        let mut gone = Vec::new();
        for (place, kept_ms, sql) in AGED {
            let params = cells![self.now() - kept_ms(policy), policy.batch_rows];
            let rows = self.execute(&sql.replace("{held}", HELD), &params)?;
            if rows > 0 {
                gone.push((place, rows));
            }
        }
        if !gone.is_empty() {
            let rows: serde_json::Map<String, serde_json::Value> =
                gone.iter().map(|(place, rows)| ((*place).to_owned(), (*rows).into())).collect();
            self.audit("rightful", "privacy.expire", "ledger", json!({ "rows": rows }))?;
        }
        Ok(gone)
    }

    /// Sets a legal hold: what it covers is neither erased nor let go.
    ///
    /// # Errors
    /// Where one is set on it already.
    pub fn hold(&self, thing: &HeldThing, reason: &str, by: &str) -> Result<(), StoreError> {
        let (kind, subject) = thing.parts();
        let open = "SELECT COUNT(*) FROM legal_hold WHERE kind = $1 AND subject = $2 AND lifted_at IS NULL";
        if self.count("legal_hold", open, &cells![kind, subject])? > 0 {
            return Err(StoreError::Constraint(format!("a legal hold is set on {kind} {subject} already")));
        }
        let place = self.count("legal_hold", "SELECT COALESCE(MAX(place) + 1, 0) FROM legal_hold", &[])?;
        let row = cells![place, kind, subject, by, reason, self.now()].to_vec();
        let columns = ["place", "kind", "subject", "operator", "reason", "held_at"];
        self.insert("legal_hold", &columns, &[row], "")?;
        self.audit(by, "privacy.hold", subject, json!({ "kind": kind, "reason": reason })).map(|_| ())
    }

    /// Lifts a legal hold.
    ///
    /// # Errors
    /// Where none is set on it.
    pub fn lift_hold(&self, thing: &HeldThing, reason: &str, by: &str) -> Result<(), StoreError> {
        let (kind, subject) = thing.parts();
        let sql = "UPDATE legal_hold SET lifted_at = $3, lifted_by = $4, lifted_reason = $5
            WHERE kind = $1 AND subject = $2 AND lifted_at IS NULL";
        if self.execute(sql, &cells![kind, subject, self.now(), by, reason])? == 0 {
            return Err(StoreError::Missing { what: "legal hold on", id: format!("{kind} {subject}") });
        }
        self.audit(by, "privacy.lift_hold", subject, json!({ "kind": kind, "reason": reason })).map(|_| ())
    }
}

impl Read {
    /// Why an account is under a legal hold, by itself or by a run that acted on it; `None` where it is not.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn held_because(&self, account: &AccountId) -> Result<Option<String>, StoreError> {
        let sql = "SELECT h.reason FROM legal_hold h WHERE h.lifted_at IS NULL AND (
            (h.kind = 'account' AND h.subject = $1) OR (h.kind = 'run' AND EXISTS
            (SELECT 1 FROM account_run a WHERE a.run = h.subject AND a.account = $1))) ORDER BY h.place LIMIT 1";
        self.row("legal_hold", sql, &cells![account])?.map(|row| row.get(0)).transpose()
    }

    /// Whether a legal hold is set on a run.
    ///
    /// # Errors
    /// The database's.
    pub fn run_is_held(&self, run: &model::id::RunId) -> Result<bool, StoreError> {
        let sql = "SELECT COUNT(*) FROM legal_hold WHERE kind = 'run' AND subject = $1 AND lifted_at IS NULL";
        Ok(self.count("legal_hold", sql, &cells![run])? > 0)
    }

    /// The runs whose undo window is over while their key is still there, with the moment at which it ended, ms.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn runs_past_window(&self, now: Millis) -> Result<Vec<model::id::RunId>, StoreError> {
        let mut past = Vec::new();
        for key in self.wrapped_keys()? {
            let run = self.run(&key.run)?;
            let Some(ended_at) = run.done_at.or(run.halted_at) else { continue };
            let window_ms = self.policy_of(&run.plan)?.undo.window_ms;
            if ended_at + window_ms <= now && !self.run_is_held(&run.id)? {
                past.push(run.id);
            }
        }
        Ok(past)
    }
}
