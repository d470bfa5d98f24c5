//! The outbox: notices that are due are handed to the mail server. One whose answer was lost is sent again under the
//! same Message-ID, so that a repeat is seen as a repeat. A halt does not stop it.

use crate::error::RespondError;
use crate::port::{Delivery, Mail, Ports};
use model::mutant::{self, Mutant};
use store::Store;
use store::notices::Outgoing;

/// How many notices are taken at once.
const TAKEN: u64 = 100;
/// When a notice of which nothing was heard is tried again.
const LOST_MS: i64 = 60_000;
/// When a deferred notice is tried again.
const LATER_MS: i64 = 5 * 60_000;

/// What a flush came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flushed {
    /// Accepted by the mail server.
    pub sent: u64,
    /// Refused for good.
    pub failed: u64,
    /// To be tried later.
    pub later: u64,
}

/// Sends everything that is due now.
///
/// # Errors
/// The ledger's; what was sent before it is on record, or will be sent again under the same Message-ID.
pub fn flush(store: &Store, ports: &Ports<'_>) -> Result<Flushed, RespondError> {
    let mut flushed = Flushed::default();
    loop {
        let now = ports.clock.now();
        let mut taken = store.write(now, |tx| tx.take_notices(TAKEN, now + LOST_MS))?.into_iter();
        let Some(first) = taken.next() else { return Ok(flushed) };
        send(store, ports, first, &mut flushed)?;
        // Where the mail server is slow, the rest may be another sender's by now.
        for outgoing in taken.take_while(|_| ports.clock.now() < now + LOST_MS) {
            send(store, ports, outgoing, &mut flushed)?;
        }
    }
}

fn send(
    store: &Store,
    ports: &Ports<'_>,
    outgoing: Outgoing,
    flushed: &mut Flushed,
) -> Result<(), RespondError> {
    let Outgoing { notice, to } = outgoing;
    let mail = Mail {
        message_id: match mutant::is_on(Mutant::RenamesRepeats) && notice.attempts > 1 {
            true => format!("{}.{}", notice.attempts, notice.message_id),
            false => notice.message_id,
        },
        to,
        subject: notice.subject,
        text: notice.text,
        html: notice.html,
        date: ports.clock.now(),
    };
    let delivery = ports.mailer.send(&mail);
    let now = ports.clock.now();
    let is_ours = store.write(now, |tx| match &delivery {
        Delivery::Accepted => tx.notice_sent(&notice.code, "accepted"),
        Delivery::Refused { reply } => tx.notice_failed(&notice.code, reply),
        Delivery::Later { reason } => tx.notice_later(&notice.code, reason, now + LATER_MS),
    })?;
    if !is_ours {
        return Ok(());
    }
    match delivery {
        Delivery::Accepted => flushed.sent += 1,
        Delivery::Refused { .. } => flushed.failed += 1,
        Delivery::Later { .. } => flushed.later += 1,
    }
    Ok(())
}
