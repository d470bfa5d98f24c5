//! The operators' pages, to be looked at only: nothing here can be pressed that changes anything.

mod case;
mod fault;
mod gauge;
mod index;
mod mail;
mod plan;
mod routine;
mod run;
mod tally;

pub use case::{CasePage, Contained, Dispute, Labelled, Need, NoticeRow};
pub use fault::ErrorPage;
pub use index::{Figure, IndexPage, OwnerRow, PlanRow, QueueRow, RunRow, Stop};
pub use mail::{MailList, MailRow, MailView};
pub use plan::{ApprovalRow, MatchGroup, Note, PlanPage, Review, Reviewer, Severity};
pub use routine::{BatchRow, BoundRow, OrderView, RoutinePage, Stopped};
pub use run::{AddendumRow, Gate, Halt, ProbeLine, Resting, RunPage, UndoRow, Wave};
pub use tally::{ActTally, LeftOutGroup, PlanTally, StepTally};

use model::id::Millis;

/// What every page of the console has around it.
#[derive(Clone, Debug)]
pub struct Console {
    /// The protected service's name.
    pub service_name: String,
    /// A word beside it, `demonstration`, where nothing here is real.
    pub badge: Option<String>,
    /// When the page was made, ms.
    pub shown_at: Millis,
    /// Whether there are caught mails to be read.
    pub has_mails: bool,
    /// Load the page again after so many seconds, for a run that is under way.
    pub refresh_s: Option<u32>,
}
