//! Incidents: what the public was told, every version of it, and the figures as they stand in the ledger.

use crate::cell::{Cell, Row, cells, json};
use crate::db::{Read, Tx};
use crate::error::StoreError;
use model::id::{IncidentId, Millis, RunId};
use model::incident::{Figures, IncidentState, Statement};
use serde_json::json;

/// An incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// The id.
    pub id: IncidentId,
    /// How far it is, as last published.
    pub state: IncidentState,
    /// Its heading, as last published.
    pub title: String,
    /// When the service became aware of it, ms.
    pub aware_at: Millis,
    /// When it was opened here, ms.
    pub opened_at: Millis,
    /// When it was resolved, ms.
    pub resolved_at: Option<Millis>,
}

const INCIDENT: &str = "SELECT id, state, title, aware_at, opened_at, resolved_at FROM incident";

fn incident(row: &Row) -> Result<Incident, StoreError> {
    Ok(Incident {
        id: row.get(0)?,
        state: row.get(1)?,
        title: row.get(2)?,
        aware_at: row.get(3)?,
        opened_at: row.get(4)?,
        resolved_at: row.get(5)?,
    })
}

impl Tx {
    /// Opens an incident; nothing is published yet.
    ///
    /// # Errors
    /// Where the id is taken.
    pub fn open_incident(
        &self,
        id: &IncidentId,
        title: &str,
        aware_at: Millis,
        by: &str,
    ) -> Result<(), StoreError> {
        let row = cells![id, IncidentState::Investigating, title, aware_at, self.now()].to_vec();
        self.insert("incident", &["id", "state", "title", "aware_at", "opened_at"], &[row], "")?;
        self.audit(by, "incident.open", id.as_str(), json!({ "aware_at": aware_at, "title": title }))
            .map(|_| ())
    }

    /// Counts a run's figures in an incident from now on; again changes nothing.
    ///
    /// # Errors
    /// Where there is no such run or incident.
    pub fn attach_run(&self, id: &IncidentId, run: &RunId, by: &str) -> Result<(), StoreError> {
        let row = cells![id, run].to_vec();
        match self.insert("incident_run", &["incident", "run"], &[row], "ON CONFLICT DO NOTHING")? {
            0 => Ok(()),
            _ => self.audit(by, "incident.attach", id.as_str(), json!({ "run": run })).map(|_| ()),
        }
    }

    /// Publishes the next version of an incident's statement.
    ///
    /// # Errors
    /// Where its number is not the next one, or there is no such incident.
    pub fn publish(&self, statement: &Statement, by: &str) -> Result<(), StoreError> {
        let id = &statement.incident;
        let last =
            self.count("statement", "SELECT COUNT(*) FROM statement WHERE incident = $1", &cells![id])?;
        if u64::from(statement.version) != last + 1 {
            let why =
                format!("it is version {}, and {} was expected; read it again", statement.version, last + 1);
            return Err(StoreError::Value { what: "this statement", why });
        }
        let mut row = cells![id, statement.version, statement.published_at].to_vec();
        row.push(json("a statement", statement)?);
        self.insert("statement", &["incident", "version", "published_at", "statement"], &[row], "")?;
        let resolved_at = (statement.state == IncidentState::Resolved).then_some(statement.published_at);
        self.execute(
            "UPDATE incident SET state = $2, title = $3, resolved_at = $4 WHERE id = $1",
            &cells![id, statement.state, &statement.title, resolved_at],
        )?;
        let detail = json!({ "statement": statement });
        self.audit(by, "incident.publish", id.as_str(), detail).map(|_| ())
    }
}

impl Read {
    /// An incident.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn incident(&self, id: &IncidentId) -> Result<Option<Incident>, StoreError> {
        let row = self.row("incident", &format!("{INCIDENT} WHERE id = $1"), &cells![id])?;
        row.as_ref().map(incident).transpose()
    }

    /// All incidents, the latest first.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn incidents(&self) -> Result<Vec<Incident>, StoreError> {
        let sql = format!("{INCIDENT} ORDER BY opened_at DESC, id");
        self.rows("incident", &sql, &[])?.iter().map(incident).collect()
    }

    /// Every version of what was published of an incident, the first first.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn statements(&self, id: &IncidentId) -> Result<Vec<Statement>, StoreError> {
        let sql = "SELECT version, statement FROM statement WHERE incident = $1 ORDER BY version";
        self.rows("statement", sql, &cells![id])?.iter().map(|row| row.json(1)).collect()
    }

    /// The runs whose figures count in an incident, sorted.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn runs_of_incident(&self, id: &IncidentId) -> Result<Vec<RunId>, StoreError> {
        let sql = "SELECT run FROM incident_run WHERE incident = $1 ORDER BY run";
        self.rows("incident_run", sql, &cells![id])?.iter().map(|row| row.get(0)).collect()
    }

    /// The figures over some containing runs and what took them back. An account counts once. Believed compromised
    /// are those of the largest hunt behind them; contained by mistake are those with a proved dispute and those that
    /// a sealed plan takes back with an apology; put back are those of the latter that are done. Notices are those of
    /// the containing runs.
    ///
    /// # Errors
    /// The database's.
    pub fn figures(&self, runs: &[RunId]) -> Result<Figures, StoreError> {
        if runs.is_empty() {
            return Ok(Figures::default());
        }
        let params: Vec<Cell> = runs.iter().map(Cell::from).collect();
        let list = (1..=params.len()).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
        let count = |sql: &str| self.count("figures", &sql.replace("{}", &list), &params);
        let corrected = "FROM plan p JOIN plan_value v ON v.plan = p.id AND v.notice = 'correction'
            WHERE p.undo_of IN ({}) AND p.digest IS NOT NULL AND p.state NOT IN ('refused', 'expired')";
        Ok(Figures {
            believed_compromised: count(
                "SELECT COALESCE(MAX(h.believed), 0) FROM run r JOIN plan p ON p.id = r.plan
                 JOIN hunt h ON h.digest = p.hunt WHERE r.id IN ({})",
            )?,
            contained: count(
                "SELECT COUNT(DISTINCT account) FROM account_run
                 WHERE run IN ({}) AND state = 'done' AND probe = 0",
            )?,
            by_precaution: count(
                "SELECT COUNT(DISTINCT a.account) FROM account_run a
                 JOIN plan_value v ON v.plan = a.plan AND v.account = a.account
                 WHERE a.run IN ({}) AND a.state = 'done' AND v.tier = 'precaution'",
            )?,
            by_mistake: count(&format!(
                "SELECT COUNT(*) FROM (SELECT account FROM dispute WHERE run IN ({{}}) AND proved_at IS NOT NULL
                 UNION SELECT v.account {corrected}) AS mistaken"
            ))?,
            put_back: count(
                "SELECT COUNT(DISTINCT a.account) FROM plan p JOIN account_run a ON a.plan = p.id
                 JOIN plan_value v ON v.plan = p.id AND v.account = a.account
                 WHERE p.undo_of IN ({}) AND a.state = 'done' AND v.notice = 'correction'",
            )?,
            notices_sent: count("SELECT COUNT(*) FROM notice WHERE run IN ({}) AND state = 'sent'")?,
            notices_failed: count("SELECT COUNT(*) FROM notice WHERE run IN ({}) AND state = 'failed'")?,
            recovered: count("SELECT COUNT(DISTINCT account) FROM recovery WHERE run IN ({})")?,
        })
    }
}
