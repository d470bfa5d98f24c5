//! Notices: owed with the intent, due with the outcome, sent at least once under one Message-ID.

use crate::cell::{Cell, Row, cells, word};
use crate::db::{Read, Tx};
use crate::error::StoreError;
use model::id::{AccountId, Digest, Millis, NoticeCode, RunId};
use model::notice::NoticeState;
use model::plan::Template;
use model::secret::Secret;
use serde_json::json;
use std::collections::BTreeMap;

/// The words of a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML, saying the same.
    pub html: String,
}

/// A notice to be owed. Its words are written when it becomes due, from what was really done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNotice {
    /// Its public code.
    pub code: NoticeCode,
    /// The account.
    pub account: AccountId,
    /// What it says.
    pub template: Template,
    /// The Message-ID of every try, without angle brackets.
    pub message_id: String,
    /// The contact's version, as the plan names it; `None` where the product alone can tell the owner.
    pub contact: Option<Digest>,
}

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its public code.
    pub code: NoticeCode,
    /// The run it was owed with.
    pub run: RunId,
    /// The account.
    pub account: AccountId,
    /// What it says.
    pub template: Template,
    /// How far it is.
    pub state: NoticeState,
    /// The Message-ID of every try.
    pub message_id: String,
    /// The contact's version; `None` where the product alone can tell the owner.
    pub contact: Option<Digest>,
    /// The subject; empty while it is owed.
    pub subject: String,
    /// The plain text; empty while it is owed.
    pub text: String,
    /// The HTML; empty while it is owed.
    pub html: String,
    /// How often it was handed to the mail server.
    pub attempts: u32,
    /// What the mail server said last.
    pub reply: Option<String>,
    /// When it was owed, ms.
    pub owed_at: Millis,
    /// When it became due, ms.
    pub due_at: Option<Millis>,
    /// When it was accepted or failed, ms.
    pub ended_at: Option<Millis>,
}

/// A notice taken from the outbox, with the address it goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The notice; `attempts` counts this try.
    pub notice: Notice,
    /// The address.
    pub to: Secret,
}

const NOTICE: &str = "SELECT code, run, account, template, state, message_id, contact, subject, body_text,
    body_html, attempts, reply, owed_at, due_at, ended_at FROM notice";

fn notice(row: &Row) -> Result<Notice, StoreError> {
    Ok(Notice {
        code: row.get(0)?,
        run: row.get(1)?,
        account: row.get(2)?,
        template: row.word(3)?,
        state: row.get(4)?,
        message_id: row.get(5)?,
        contact: row.get(6)?,
        subject: row.get(7)?,
        text: row.get(8)?,
        html: row.get(9)?,
        attempts: row.get(10)?,
        reply: row.get(11)?,
        owed_at: row.get(12)?,
        due_at: row.get(13)?,
        ended_at: row.get(14)?,
    })
}

impl Tx {
    pub(crate) fn owe_notices(&self, run: &RunId, notices: &[&NewNotice]) -> Result<(), StoreError> {
        let rows = notices.iter().map(|n| {
            let mut row = cells![
                &n.code,
                run,
                &n.account,
                NoticeState::Owed,
                &n.message_id,
                n.contact,
                "",
                "",
                "",
                0_u64,
                self.now()
            ]
            .to_vec();
            row.push(word("a template", &n.template)?);
            Ok(row)
        });
        let rows = rows.collect::<Result<Vec<_>, StoreError>>()?;
        let columns = [
            "code",
            "run",
            "account",
            "state",
            "message_id",
            "contact",
            "subject",
            "body_text",
            "body_html",
            "attempts",
            "owed_at",
            "template",
        ];
        self.insert("notice", &columns, &rows, "")?;
        Ok(())
    }

    /// Owed notices of some accounts become due, in these words; accounts without a notice are passed over.
    pub(crate) fn notices_due(&self, run: &RunId, due: &[(&AccountId, &Words)]) -> Result<(), StoreError> {
        let row = |(account, words): &(&AccountId, &Words)| {
            cells![*account, &words.subject, &words.text, &words.html].to_vec()
        };
        let rows: Vec<Vec<Cell>> = due.iter().map(row).collect();
        let sql = "UPDATE notice SET state = 'due', due_at = CAST($2 AS BIGINT), subject = v.column2,
              body_text = v.column3, body_html = v.column4
            FROM {} WHERE notice.run = $1 AND notice.account = v.column1 AND notice.state = 'owed'";
        self.over(sql, &cells![run, self.now()], &["TEXT", "TEXT", "TEXT", "TEXT"], &rows)?;
        Ok(())
    }

    /// Owed notices of some accounts become void; accounts without a notice are passed over.
    pub(crate) fn notices_void(&self, run: &RunId, accounts: &[&AccountId]) -> Result<(), StoreError> {
        let rows: Vec<Vec<Cell>> = accounts.iter().map(|a| cells![*a].to_vec()).collect();
        let sql = "UPDATE notice SET state = 'void'
            FROM {} WHERE notice.run = $1 AND notice.account = v.column1 AND notice.state = 'owed'";
        self.over(sql, &cells![run], &["TEXT"], &rows)?;
        Ok(())
    }

    /// Takes up to `limit` notices from the outbox: due ones, and ones that were taken before and of which nothing
    /// was heard. Until `again_at` nobody else gets them.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn take_notices(&self, limit: u64, again_at: Millis) -> Result<Vec<Outgoing>, StoreError> {
        let sql = "UPDATE notice SET state = 'sending', attempts = attempts + 1, try_at = $1
            WHERE code IN (SELECT code FROM notice
              WHERE state IN ('due', 'sending') AND contact IS NOT NULL AND COALESCE(try_at, 0) <= $2
              ORDER BY due_at, code LIMIT $3)
            RETURNING code";
        let taken = self.rows("notice", sql, &cells![again_at, self.now(), limit])?;
        let codes = taken.iter().map(|row| row.get(0)).collect::<Result<Vec<NoticeCode>, _>>()?;
        let sql = "SELECT n.code, n.run, n.account, n.template, n.state, n.message_id, n.contact, n.subject,
              n.body_text, n.body_html, n.attempts, n.reply, n.owed_at, n.due_at, n.ended_at, c.value
            FROM notice n JOIN run r ON r.id = n.run
            LEFT JOIN contact c ON c.plan = r.plan AND c.account = n.account AND c.version = n.contact
            WHERE n.code IN ({})";
        let rows = self.rows_of("notice", sql, &[], codes.iter().map(Cell::from))?;
        let mut outgoing = Vec::with_capacity(rows.len());
        for row in &rows {
            let notice = notice(row)?;
            match row.get::<Option<Secret>>(15)? {
                Some(to) => outgoing.push(Outgoing { notice, to }),
                None => drop(self.end_notice(&notice.code, NoticeState::Failed, "the contact was erased")?),
            }
        }
        outgoing.sort_by(|a, b| (a.notice.due_at, &a.notice.code).cmp(&(b.notice.due_at, &b.notice.code)));
        Ok(outgoing)
    }

    /// The mail server accepted it; false where another sender had taken it over and was sooner. An acceptance counts also
    /// where that one was told to come later.
    ///
    /// # Errors
    /// Where nobody had taken it.
    pub fn notice_sent(&self, code: &NoticeCode, reply: &str) -> Result<bool, StoreError> {
        self.end_notice(code, NoticeState::Sent, reply)
    }

    /// It was refused for good; false where another sender had taken it over and was sooner. `reply` must not hold the
    /// address.
    ///
    /// # Errors
    /// Where nobody had taken it.
    pub fn notice_failed(&self, code: &NoticeCode, reply: &str) -> Result<bool, StoreError> {
        self.end_notice(code, NoticeState::Failed, reply)
    }

    /// It was not accepted now; it is due again, not before `again_at`. False where another sender had taken it over and
    /// was sooner. `reply` must not hold the address.
    ///
    /// # Errors
    /// Where nobody had taken it.
    pub fn notice_later(&self, code: &NoticeCode, reply: &str, again_at: Millis) -> Result<bool, StoreError> {
        let sql = "UPDATE notice SET state = 'due', reply = $2, try_at = $3
            WHERE code = $1 AND state IN ('sending', 'due') AND attempts > 0";
        match self.execute(sql, &cells![code, reply, again_at])? {
            1 => Ok(true),
            _ => self.was_ended(code, NoticeState::Due),
        }
    }

    fn end_notice(&self, code: &NoticeCode, next: NoticeState, reply: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE notice SET state = $2, reply = $3, ended_at = $4, try_at = NULL
             WHERE code = $1 AND state IN ('sending', 'due') AND attempts > 0 RETURNING code, account, run, attempts";
        let Some(row) = self.row("notice", sql, &cells![code, next, reply, self.now()])? else {
            return self.was_ended(code, next);
        };
        let account: AccountId = row.get(1)?;
        let detail = json!({
            "attempts": row.get::<u32>(3)?,
            "notice": code,
            "run": row.get::<RunId>(2)?,
            "state": next.as_str(),
        });
        self.audit("rightful", "notice.end", account.as_str(), detail).map(|_| true)
    }

    /// False where another sender brought it to its end; an error where nobody has taken it.
    fn was_ended(&self, code: &NoticeCode, next: NoticeState) -> Result<bool, StoreError> {
        match self.notice(code)? {
            Some(n) if matches!(n.state, NoticeState::Sent | NoticeState::Failed) => Ok(false),
            Some(n) => Err(StoreError::State {
                what: "notice",
                id: code.to_string(),
                found: n.state.as_str().to_owned(),
                wanted: next.as_str(),
            }),
            None => Err(StoreError::Missing { what: "notice", id: code.to_string() }),
        }
    }
}

impl Read {
    /// A notice by its code.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn notice(&self, code: &NoticeCode) -> Result<Option<Notice>, StoreError> {
        let row = self.row("notice", &format!("{NOTICE} WHERE code = $1"), &cells![code])?;
        row.as_ref().map(notice).transpose()
    }

    /// The codes of the notices for some accounts of a run.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn notice_codes(
        &self,
        run: &RunId,
        accounts: &[AccountId],
    ) -> Result<BTreeMap<AccountId, NoticeCode>, StoreError> {
        let sql = "SELECT account, code FROM notice WHERE run = $1 AND account IN ({})";
        let rows = self.rows_of("notice", sql, &cells![run], accounts.iter().map(Cell::from))?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// A run's notices, by account.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn notices(&self, run: &RunId) -> Result<Vec<Notice>, StoreError> {
        let rows = self.rows("notice", &format!("{NOTICE} WHERE run = $1 ORDER BY account"), &cells![run])?;
        rows.iter().map(notice).collect()
    }

    /// An account's notices, the latest first.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn notices_of(&self, account: &AccountId) -> Result<Vec<Notice>, StoreError> {
        let sql = format!("{NOTICE} WHERE account = $1 ORDER BY owed_at DESC, code");
        self.rows("notice", &sql, &cells![account])?.iter().map(notice).collect()
    }

    /// How many notices of all runs are in a state.
    ///
    /// # Errors
    /// The database's.
    pub fn count_notices(&self, state: NoticeState) -> Result<u64, StoreError> {
        self.count("notice", "SELECT COUNT(*) FROM notice WHERE state = $1", &cells![state])
    }
}
