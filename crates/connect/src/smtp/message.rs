//! The message itself: text first, then HTML saying the same; no Reply-To, nothing to click added.

use lettre::address::Address;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};
use model::id::Digest;
use respond::port::Mail;
use std::time::{Duration, SystemTime};

/// The message's bytes: the same for each try of one notice, the part boundary too.
///
/// # Errors
/// One sentence, without an address, where it can't be written as a message.
pub(super) fn bytes(from: &Mailbox, to: &Address, mail: &Mail) -> Result<Vec<u8>, String> {
    let plain = |c: char| c.is_ascii_graphic() && !"<>()[],;:\\\"".contains(c);
    if !mail.message_id.chars().all(plain) || mail.message_id.matches('@').count() != 1 {
        return Err("the Message-ID is none (left@right, no brackets)".into());
    }
    let date = u64::try_from(mail.date)
        .map(|ms| SystemTime::UNIX_EPOCH + Duration::from_millis(ms))
        .map_err(|_| "the Date is before 1970".to_owned())?;
    let auto = HeaderName::new_from_ascii_str("Auto-Submitted");
    // a line break in a subject would begin a header of its own
    let subject: String = mail.subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let boundary = Digest::of(format!("rightful/boundary/v1\n{}", mail.message_id).as_bytes()).hex();
    let part = |kind, body: &str| {
        SinglePart::builder()
            .header(kind)
            .header(ContentTransferEncoding::QuotedPrintable)
            .body(body.to_owned())
    };
    let message = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to.clone()))
        .subject(subject)
        .message_id(Some(format!("<{}>", mail.message_id)))
        .date(date)
        .raw_header(HeaderValue::new(auto, "auto-generated".into()))
        .multipart(
            MultiPart::alternative()
                .boundary(&boundary[..32])
                .singlepart(part(ContentType::TEXT_PLAIN, &mail.text))
                .singlepart(part(ContentType::TEXT_HTML, &mail.html)),
        )
        .map_err(|e| format!("the message can't be written: {e}"))?;
    Ok(message.formatted())
}
