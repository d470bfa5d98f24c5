//! Plans: drafted, checked, sealed; and what stands beside a plan's lines (values, contacts, timelines), which can be
//! erased without breaking its seal.

mod look;

pub use look::PlanRow;
pub(crate) use look::value as look_value;

use crate::cell::{Cell, cells, json, word};
use crate::db::Tx;
use crate::error::StoreError;
use model::account::ContactKind;
use model::id::{AccountId, Digest, PlanId};
use model::note::Sure;
use model::plan::{Draft, Entry, PlanState, Purpose};
use model::policy::Policy;
use model::seal::{Sealed, Value};
use model::secret::Secret;
use model::verdict::Timeline;
use serde::{Deserialize, Serialize};

/// How much a preflight's note weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// To be known.
    Info,
    /// To be looked at before anybody approves.
    Warn,
    /// The draft is refused.
    Refuse,
}

impl Severity {
    /// The name as it is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Refuse => "refuse",
        }
    }

    /// Reads a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Info, Self::Warn, Self::Refuse].into_iter().find(|s| s.as_str() == name)
    }
}

/// What preflight says of a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Its short name.
    pub code: String,
    /// How much it weighs.
    pub severity: Severity,
    /// What was found.
    pub text: String,
    /// How sure that is; absent in notes older than the question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sure: Option<Sure>,
    /// What to do about it.
    pub todo: String,
}

/// What preflight measured against a limit of the policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The limit, by its place in the policy file.
    pub limit: String,
    /// Of what, where it is not of the whole plan: a segment, a signal.
    pub of: String,
    /// As the limit counts it.
    pub measured: f64,
    /// What it means where the limit is passed.
    pub severity: Severity,
}

/// An account's contact as the plan means it, with how its owner is spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerContact {
    /// The account.
    pub account: AccountId,
    /// SHA-256 of the value: what the plan's entry names.
    pub version: Digest,
    /// Mail or phone.
    pub kind: ContactKind,
    /// The address or number.
    pub value: Secret,
    /// BCP 47 language, where known.
    pub language: Option<String>,
    /// IANA time zone, where known.
    pub time_zone: Option<String>,
}

impl Tx {
    /// Keeps a new draft with the policy it was made under.
    ///
    /// # Errors
    /// Where a plan of that id is there.
    pub fn put_draft(&self, draft: &Draft, policy: &Policy) -> Result<(), StoreError> {
        let header = &draft.header;
        let (undo_of, addendum_to) = match &header.purpose {
            Purpose::Contain | Purpose::Brake => (None, None),
            Purpose::Undo { run } => (Some(run), None),
            Purpose::Addendum { run, .. } => (None, Some(run)),
        };
        let mut row = cells![
            &header.plan,
            PlanState::Draft,
            undo_of,
            addendum_to,
            &header.author,
            header.policy,
            header.hunt,
            header.accounts,
            header.drafted_at,
            header.expires_at,
            self.now(),
        ]
        .to_vec();
        row.push(json("a plan's header", header)?);
        row.push(json("a policy", policy)?);
        let columns = [
            "id",
            "state",
            "undo_of",
            "addendum_to",
            "author",
            "policy_digest",
            "hunt",
            "accounts",
            "drafted_at",
            "expires_at",
            "moved_at",
            "header",
            "policy",
        ];
        self.insert("plan", &columns, &[row], "")?;
        let all = draft.entries.iter().chain(&draft.probes);
        self.put_entries(&header.plan, (1..).zip(all).map(|(n, entry)| (n, None, entry)))?;
        let left_out = draft.left_out.iter().map(|l| {
            Ok(vec![
                Cell::from(&header.plan),
                (&l.account).into(),
                word("a reason", &l.code)?,
                (&l.reason).into(),
            ])
        });
        let left_out = left_out.collect::<Result<Vec<_>, StoreError>>()?;
        self.insert("left_out", &["plan", "account", "code", "reason"], &left_out, "")?;
        let detail = serde_json::json!({
            "accounts": header.accounts,
            "addendum_to": addendum_to,
            "hunt": header.hunt,
            "left_out": draft.left_out.len(),
            "policy": header.policy,
            "probes": header.probes,
        });
        self.audit(header.author.as_str(), "plan.draft", header.plan.as_str(), detail)?;
        Ok(())
    }

    fn put_entries<'a>(
        &self,
        plan: &PlanId,
        entries: impl Iterator<Item = (u64, Option<Digest>, &'a Entry)>,
    ) -> Result<(), StoreError> {
        let rows = entries.map(|(n, nonce, entry)| {
            let mut row = cells![plan, n, &entry.account, entry.wave, nonce].to_vec();
            row.push(word("a tier", &entry.tier)?);
            row.push(word("a template", &entry.notice)?);
            row.push(json("an entry", entry)?);
            Ok(row)
        });
        let rows = rows.collect::<Result<Vec<_>, StoreError>>()?;
        let columns = ["plan", "n", "account", "wave", "nonce", "tier", "notice", "entry"];
        self.insert("plan_value", &columns, &rows, "")?;
        Ok(())
    }

    /// Keeps the contacts that a plan's entries refer to.
    ///
    /// # Errors
    /// Where an account has one in this plan already.
    pub fn put_contacts(&self, plan: &PlanId, contacts: &[OwnerContact]) -> Result<(), StoreError> {
        let rows = contacts.iter().map(|c| {
            let mut row =
                cells![plan, &c.account, c.version, &c.value, c.language.as_ref(), c.time_zone.as_ref()]
                    .to_vec();
            row.push(word("a contact's kind", &c.kind)?);
            Ok(row)
        });
        let rows = rows.collect::<Result<Vec<_>, StoreError>>()?;
        let columns = ["plan", "account", "version", "value", "language", "time_zone", "kind"];
        self.insert("contact", &columns, &rows, "")?;
        Ok(())
    }

    /// Keeps timelines beside a plan: its accounts', and those of the clear ones planted in its review. One that is
    /// there already is replaced.
    ///
    /// # Errors
    /// Where there is no such plan.
    pub fn put_timelines(&self, plan: &PlanId, timelines: &[Timeline]) -> Result<(), StoreError> {
        let rows = timelines
            .iter()
            .map(|t| Ok(vec![Cell::from(plan), (&t.account).into(), json("a timeline", &t.moments)?]));
        let rows = rows.collect::<Result<Vec<_>, StoreError>>()?;
        let tail = "ON CONFLICT (plan, account) DO UPDATE SET moments = excluded.moments";
        self.insert("timeline", &["plan", "account", "moments"], &rows, tail)?;
        Ok(())
    }

    /// Keeps what preflight said of a draft, and with it the draft becomes checked, or refused where a note says so;
    /// gives which.
    ///
    /// # Errors
    /// Where it is not a draft.
    pub fn check_plan(&self, plan: &PlanId, notes: &[Note], by: &str) -> Result<PlanState, StoreError> {
        let refusal = notes.iter().find(|n| n.severity == Severity::Refuse);
        let next = if refusal.is_some() { PlanState::Refused } else { PlanState::Checked };
        self.move_plan(plan, next, refusal.map(|n| n.text.as_str()))?;
        let rows = (0_u64..)
            .zip(notes)
            .map(|(place, n)| cells![plan, place, &n.code, n.severity, &n.text, &n.todo, n.sure].to_vec());
        let columns = ["plan", "place", "code", "severity", "saying", "todo", "sure"];
        self.insert("note", &columns, &rows.collect::<Vec<_>>(), "")?;
        let codes: Vec<_> = notes.iter().map(|n| (&n.code, n.severity)).collect();
        let detail = serde_json::json!({ "notes": codes, "state": next.as_str() });
        self.audit(by, "plan.check", plan.as_str(), detail)?;
        Ok(next)
    }

    /// Keeps what preflight measured, for another policy's word on it later.
    ///
    /// # Errors
    /// Where there are figures of this plan already.
    pub fn put_figures(&self, plan: &PlanId, figures: &[Figure]) -> Result<(), StoreError> {
        let rows = (0_u64..)
            .zip(figures)
            .map(|(place, f)| {
                Ok([&cells![plan, place, &f.limit, &f.of, f.severity][..], &[json("a figure", &f.measured)?]]
                    .concat())
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        let columns = ["plan", "place", "policy_key", "subject", "severity", "measured"];
        self.insert("figure", &columns, &rows, "")?;
        Ok(())
    }

    /// Keeps a checked plan's seal: its lines, and the values beside them in the draft's place.
    ///
    /// # Errors
    /// Where the plan is not checked, or what was sealed is not what was drafted.
    pub fn seal_plan(&self, sealed: &Sealed, values: &[Value], by: &str) -> Result<(), StoreError> {
        let plan = &sealed.header().plan;
        let drafted = self.draft(plan)?;
        let all = drafted.entries.iter().chain(&drafted.probes);
        let same_entries = all.eq(values.iter().map(|v| &v.entry));
        if drafted.header != *sealed.header() || !same_entries {
            let why = "it is not the draft that was checked; draft it again".to_owned();
            return Err(StoreError::Value { what: "this seal", why });
        }
        for value in values {
            let opened = sealed.open(value.clone());
            opened.map_err(|source| StoreError::Seal { plan: plan.to_string(), source })?;
        }
        let probes = values.iter().map(|v| &v.entry).filter(|e| e.is_probe()).map(|e| &e.account).collect();
        self.insist_on_register(&probes)?;
        match &sealed.header().purpose {
            Purpose::Contain | Purpose::Brake => {}
            Purpose::Undo { run } => self.check_undo(run, values)?,
            Purpose::Addendum { run, to } => self.check_addendum(plan, (run, to), values)?,
        }
        self.move_plan(plan, PlanState::Sealed, None)?;
        self.execute(
            "UPDATE plan SET digest = $2, sealed_at = $3 WHERE id = $1",
            &cells![plan, sealed.digest(), self.now()],
        )?;
        let lines = sealed.lines().iter().map(|l| cells![plan, l.n, l.commitment].to_vec());
        self.insert("plan_line", &["plan", "n", "commitment"], &lines.collect::<Vec<_>>(), "")?;
        self.execute("DELETE FROM plan_value WHERE plan = $1", &cells![plan])?;
        self.put_entries(plan, values.iter().map(|v| (v.n, Some(v.nonce), &v.entry)))?;
        let header = sealed.header();
        let mut adds_to = None;
        if let Purpose::Addendum { run, to } = &header.purpose {
            self.put_addendum(plan, run, values)?;
            adds_to = Some(serde_json::json!({ "digest": to, "run": run }));
        }
        let detail = serde_json::json!({
            "accounts": header.accounts,
            "addendum_to": adds_to,
            "digest": sealed.digest(),
            "probes": header.probes,
        });
        self.audit(by, "plan.seal", plan.as_str(), detail)?;
        Ok(())
    }

    /// A sealed plan whose review met the limit becomes reviewed.
    ///
    /// # Errors
    /// Where it is not sealed.
    pub fn mark_reviewed(
        &self,
        plan: &PlanId,
        by: &str,
        detail: serde_json::Value,
    ) -> Result<(), StoreError> {
        self.move_plan(plan, PlanState::Reviewed, None)?;
        self.audit(by, "plan.review", plan.as_str(), detail).map(|_| ())
    }

    /// A reviewed plan with all consents it needs becomes approved.
    ///
    /// # Errors
    /// Where it is not reviewed.
    pub fn mark_approved(
        &self,
        plan: &PlanId,
        by: &str,
        detail: serde_json::Value,
    ) -> Result<(), StoreError> {
        self.move_plan(plan, PlanState::Approved, None)?;
        self.audit(by, "plan.approve", plan.as_str(), detail).map(|_| ())
    }

    /// A plan that is not armed yet is refused for good.
    ///
    /// # Errors
    /// Where it can't be refused any more.
    pub fn refuse_plan(&self, plan: &PlanId, by: &str, reason: &str) -> Result<(), StoreError> {
        self.move_plan(plan, PlanState::Refused, Some(reason))?;
        self.audit(by, "plan.refuse", plan.as_str(), serde_json::json!({ "reason": reason })).map(|_| ())
    }

    /// A plan whose time is over becomes expired; a run that was armed and not started can't be any more.
    ///
    /// # Errors
    /// Where it can't expire (a draft, or one that has run).
    pub fn expire_plan(&self, plan: &PlanId, by: &str) -> Result<(), StoreError> {
        self.move_plan(plan, PlanState::Expired, None)?;
        self.execute(
            "UPDATE run SET state = 'halted', reason = 'the plan expired', halted_at = $2
             WHERE plan = $1 AND state = 'armed'",
            &cells![plan, self.now()],
        )?;
        self.audit(by, "plan.expire", plan.as_str(), serde_json::json!({})).map(|_| ())
    }

    /// The one way a plan's state changes: compared and set in one statement.
    pub(crate) fn move_plan(
        &self,
        plan: &PlanId,
        next: PlanState,
        reason: Option<&str>,
    ) -> Result<(), StoreError> {
        let before = PlanState::ALL.into_iter().filter(|s| s.may_become(next)).map(Cell::from);
        let params = [&cells![plan, next, reason, self.now()][..], &before.collect::<Vec<_>>()].concat();
        let states = (5..=params.len()).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "UPDATE plan SET state = $2, reason = $3, moved_at = $4 WHERE id = $1 AND state IN ({states})"
        );
        if self.execute(&sql, &params)? == 1 {
            return Ok(());
        }
        let found = self.plan(plan)?.state.as_str().to_owned();
        Err(StoreError::State { what: "plan", id: plan.to_string(), found, wanted: next.as_str() })
    }
}
