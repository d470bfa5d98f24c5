//! All that the ledger knows of one account: both hands, ours, and what its owner said.

use model::account::ContactKind;
use model::id::{AccountId, Millis, ObjectId};
use model::notice::NoticeState;
use model::plan::{Act, ActKind, Entry, Purpose};
use model::run::StepState;
use model::verdict::Moment;
use page::notice::Done;
use page::timeline::{Line, What, Who};
use store::notices::Notice;
use store::owners::Dispute;
use store::steps::{Case, CaseState, Step};
use store::{Read, StoreError};

/// What a run does with an account.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It stops the harm.
    Contains,
    /// It adds to what another did.
    Adds,
    /// It takes back what another did.
    Undoes,
}

impl Role {
    fn of(purpose: &Purpose) -> Self {
        match purpose {
            Purpose::Contain | Purpose::Brake => Self::Contains,
            Purpose::Addendum { .. } => Self::Adds,
            Purpose::Undo { .. } => Self::Undoes,
        }
    }
}

/// An account in one run.
pub(crate) struct Chapter {
    pub(crate) case: Case,
    pub(crate) role: Role,
    pub(crate) steps: Vec<Step>,
    pub(crate) recovered_at: Option<Millis>,
}

/// All that the ledger knows of one account.
pub(crate) struct Story {
    /// The latest first.
    pub(crate) chapters: Vec<Chapter>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) disputes: Vec<Dispute>,
    /// The entry that the latest containment rested on, and the timeline of it, or of what added to it last.
    pub(crate) entry: Option<Entry>,
    pub(crate) moments: Vec<Moment>,
    pub(crate) zone: Option<String>,
    /// Until when the account is taken off by us, ms.
    held_until: Option<Millis>,
}

impl Story {
    /// Reads it.
    pub(crate) fn read(read: &Read, account: &AccountId) -> Result<Self, StoreError> {
        let one = std::slice::from_ref(account);
        let mut chapters = Vec::new();
        for case in read.cases_of(account)? {
            let role = Role::of(&read.plan(&case.plan)?.header.purpose);
            let back = read.recoveries(&case.run)?.into_iter().find(|(a, _)| a == account);
            chapters.push(Chapter {
                role,
                steps: read.steps(&case.run, one)?,
                recovered_at: back.map(|(_, at)| at),
                case,
            });
        }
        let mut story = Self {
            chapters,
            notices: read.notices_of(account)?,
            disputes: read.disputes_of(account)?,
            entry: None,
            moments: Vec::new(),
            zone: None,
            held_until: read.open_holds_of(account)?.iter().map(|h| h.ends_at).max(),
        };
        let latest = |roles: &[Role]| {
            story.chapters.iter().find(|c| roles.contains(&c.role)).map(|c| c.case.plan.clone())
        };
        let (contains, tells) = (latest(&[Role::Contains]), latest(&[Role::Contains, Role::Adds]));
        if let Some(plan) = tells {
            story.moments = read.timeline(&plan, account)?.map(|t| t.moments).unwrap_or_default();
        }
        if let Some(plan) = contains {
            story.entry = read.values_of(&plan, one)?.into_iter().next().map(|v| v.entry);
            story.zone = read.contacts(&plan, one)?.into_iter().next().and_then(|c| c.time_zone);
        }
        Ok(story)
    }

    /// The latest run that did something to stop the harm.
    pub(crate) fn containment(&self) -> Option<&Chapter> {
        self.chapters
            .iter()
            .find(|c| c.role == Role::Contains && matches!(c.case.state, CaseState::Done | CaseState::Failed))
    }

    /// Acts that were confirmed in the latest containment, and in what added to it or took it back.
    fn acts_since(&self) -> impl Iterator<Item = &Step> {
        let since = self.containment().map_or(Millis::MAX, |c| c.case.intended_at);
        let recent = self.chapters.iter().filter(move |c| c.case.intended_at >= since);
        recent.flat_map(|c| &c.steps).filter(|s| s.state == StepState::Done)
    }

    /// What was done, in the words of the notice.
    pub(crate) fn done(&self) -> Done {
        let mut done = Done { held_until: self.held_until, ..Done::default() };
        for step in self.acts_since() {
            match &step.act {
                Act::RequireNewCredential { .. } => done.password_replaced = true,
                Act::EndSessions => {
                    *done.sessions_ended.get_or_insert(0) += step.changed.unwrap_or_default();
                }
                Act::RevokeGrants { .. } => {
                    done.apps_revoked.extend(step.act.apps().iter().map(ToString::to_string));
                }
                Act::HideObjects { objects } => {
                    done.posts_hidden += step.changed.unwrap_or(objects.len() as u64);
                }
                Act::RestoreCredential => done.password_restored = true,
                Act::ShowObjects { objects } => {
                    done.posts_shown += step.changed.unwrap_or(objects.len() as u64);
                }
                Act::Unfollow { accounts } => {
                    done.follows_taken_back += step.changed.unwrap_or(accounts.len() as u64);
                }
                Act::Unlike { objects } => {
                    done.likes_taken_back += step.changed.unwrap_or(objects.len() as u64);
                }
                Act::Release => done.released = true,
                Act::PutBackContact { kind: ContactKind::Mail, .. } => done.mail_put_back = true,
                Act::PutBackContact { kind: ContactKind::Phone, .. } => done.phone_put_back = true,
                Act::RemoveFactor { .. } => done.factors_removed += 1,
                Act::AddFactor { .. } => done.factors_added += 1,
                Act::Hold { .. } | Act::Waive => {}
            }
        }
        done
    }

    /// Objects that we hid and did not show again ourselves.
    pub(crate) fn hidden(&self) -> Vec<ObjectId> {
        let mut hidden: Vec<ObjectId> = self.acts_since().flat_map(|s| s.act.hides()).cloned().collect();
        let shown: Vec<&ObjectId> = self.acts_since().flat_map(|s| s.act.shows()).collect();
        hidden.retain(|object| !shown.contains(&object));
        hidden
    }

    /// When the owner came back since the latest containment.
    pub(crate) fn recovered_at(&self) -> Option<Millis> {
        let since = self.containment()?.case.intended_at;
        self.chapters.iter().filter_map(|c| c.recovered_at).filter(|at| *at >= since).min()
    }

    /// Whether the owner has yet to choose a new password.
    pub(crate) fn needs_password(&self) -> bool {
        let done = self.done();
        done.password_replaced && !done.password_restored && self.recovered_at().is_none()
    }

    /// Every line, in time order.
    pub(crate) fn lines(&self) -> Vec<Line> {
        let ours = |step: &Step| Some(Line::ours(step.outcome_at?, step.kind, count(step)));
        let said = |at, who, what| Line { at, who, what };
        let mut lines: Vec<Line> = self.moments.iter().cloned().map(Line::from).collect();
        for chapter in &self.chapters {
            lines.extend(chapter.steps.iter().filter(|s| s.state == StepState::Done).filter_map(ours));
            lines.extend(chapter.recovered_at.map(|at| said(at, Who::Owner, What::Recovered)));
        }
        let sent = self.notices.iter().filter(|n| n.state == NoticeState::Sent).filter_map(|n| n.ended_at);
        lines.extend(sent.map(|at| said(at, Who::Us, What::NoticeSent)));
        lines.extend(self.disputes.iter().map(|d| said(d.disputed_at, Who::Owner, What::Disputed)));
        lines.sort_by_key(|line| line.at);
        lines
    }
}

/// How many things a step touched, where that is a count.
fn count(step: &Step) -> Option<u64> {
    match step.kind {
        ActKind::RequireNewCredential
        | ActKind::Hold
        | ActKind::PutBackContact
        | ActKind::RemoveFactor
        | ActKind::AddFactor
        | ActKind::Waive
        | ActKind::RestoreCredential
        | ActKind::Release => None,
        ActKind::HideObjects
        | ActKind::ShowObjects
        | ActKind::Unfollow
        | ActKind::Unlike
        | ActKind::EndSessions
        | ActKind::RevokeGrants => step.changed,
    }
}
