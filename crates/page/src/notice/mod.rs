//! Letters to owners: what was seen, what was done, what to do, and how to know that it is from us.
//!
//! One template a letter, in plain paragraphs; text and HTML are both made from it, so they can't say different
//! things. No letter holds a link, an image, a form or a script, and none asks for anything.

mod block;
mod lint;
mod opening;
mod recovery;
mod wrap;

pub use lint::lint;
pub use opening::opens_with;
pub use recovery::RecoveryLetter;

use crate::{Error, filters, moment};
use askama::Template;
use block::Block;
use model::id::{Millis, NoticeCode};
use model::plan::Template as Kind;
use model::verdict::Window;

/// A mail's content: the same words twice.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// The subject, one line.
    pub subject: String,
    /// The plain part, lines of at most 78 characters.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

/// Shows the subject alone: the body may hold a recovery code.
impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Letter").field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// What a notice is filled with. Names that an intruder may have chosen are made harmless when they are quoted.
#[derive(Clone, Debug, Template)]
#[template(path = "notice/en/notice.txt")]
pub struct NoticeView {
    /// Which letter; fixed in the plan.
    pub template: Kind,
    /// The service's name.
    pub service_name: String,
    /// The domain to type, in words: never a link.
    pub service_domain: String,
    /// The account's name from before the compromise.
    pub account_name: String,
    /// The owner's IANA time zone, where it is known.
    pub zone: Option<String>,
    /// What was seen.
    pub seen: Seen,
    /// When it was acted on (for a correction or release: when the first acts were done), ms.
    pub done_at: Millis,
    /// What was done (for a correction or release: what is taken back).
    pub done: Done,
    /// What to choose on the service's sign-in page, as it is written there: `Get back into your account`.
    pub recovery_words: String,
    /// This notice's code.
    pub notice_code: NoticeCode,
    /// The first notice's code, for a correction, a release or an addendum.
    pub earlier_code: Option<NoticeCode>,
}

/// What was seen on the account. What is not known is absent, and the letter says so or nothing.
#[derive(Clone, Debug)]
pub struct Seen {
    /// From the first act to the last.
    pub window: Window,
    /// `Lisbon, Portugal`.
    pub place: Option<String>,
    /// `Firefox on Windows`.
    pub device: Option<String>,
    /// The application that acted, where it was not the service's own.
    pub app: Option<String>,
    /// Posts written.
    pub posts: u64,
    /// Messages sent.
    pub messages: u64,
    /// Accounts followed.
    pub follows: u64,
}

/// What was done to the account, or taken back.
#[derive(Clone, Debug, Default)]
pub struct Done {
    /// The password was replaced by one that nobody knows.
    pub password_replaced: bool,
    /// Sessions that were ended, where sessions were ended at all.
    pub sessions_ended: Option<u64>,
    /// Names of the applications whose access was taken away.
    pub apps_revoked: Vec<String>,
    /// Posts that were hidden.
    pub posts_hidden: u64,
    /// Follows and likes that were taken back; nobody can put them there again but the owner.
    pub follows_taken_back: u64,
    /// As above.
    pub likes_taken_back: u64,
    /// The account is taken off until this moment, ms.
    pub held_until: Option<Millis>,
    /// The latest moment that this can become, where people may still make it longer, ms.
    pub held_at_most: Option<Millis>,
    /// Taken back: the account is on again, before the hold's time was over.
    pub released: bool,
    /// The mail address is the one from before the intruder (for a correction: the one that we had taken out).
    pub mail_put_back: bool,
    /// The phone number likewise.
    pub phone_put_back: bool,
    /// Second factors, passkeys and keys that were removed.
    pub factors_removed: u64,
    /// Taken back: factors that were added again.
    pub factors_added: u64,
    /// Taken back: the old password works again.
    pub password_restored: bool,
    /// Taken back: hidden posts that are shown again.
    pub posts_shown: u64,
}

impl Done {
    /// Whether a correction has nothing to name that can't be put back.
    fn is_nothing_gone(&self) -> bool {
        let taken = self.follows_taken_back + self.likes_taken_back;
        self.sessions_ended.is_none() && self.apps_revoked.is_empty() && taken == 0
    }

    /// Whether a correction has nothing to name that was put back.
    fn is_nothing_put_back(&self) -> bool {
        let Self { mail_put_back, phone_put_back, factors_added, released, .. } = self;
        let set = *mail_put_back || *phone_put_back || *factors_added > 0 || *released;
        !set && !self.password_restored && self.posts_shown == 0
    }
}

impl NoticeView {
    /// The letter.
    ///
    /// # Errors
    /// Where a template fails; never because of what the view holds.
    pub fn render(&self) -> Result<Letter, Error> {
        letter(self)
    }

    fn is_one_moment(&self) -> bool {
        let hour = |at| moment::both(at, self.zone.as_deref());
        hour(self.seen.window.start) == hour(self.seen.window.end)
    }
}

/// Writes both parts of a letter from its one template.
pub(crate) fn letter(view: &impl Template) -> Result<Letter, Error> {
    let failed = |cause| Error::Template { what: "letter", cause };
    let source = view.render().map_err(failed)?;
    let (subject, blocks) = block::read(&source);
    let html = Html { subject: &subject, blocks: &blocks }.render().map_err(failed)?;
    let text = wrap::text(&blocks);
    Ok(Letter { subject, text, html })
}

/// The letters' own style sheet; the same in each, so that `crate::CSP` can name its hash.
const STYLE: &str = include_str!("../../templates/notice/letter.css");

#[derive(Template)]
#[template(path = "notice/letter.html", whitespace = "minimize")]
struct Html<'a> {
    subject: &'a str,
    blocks: &'a [Block],
}
