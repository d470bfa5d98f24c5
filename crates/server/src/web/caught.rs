//! Mails that a demonstration caught, read as a mail program reads them.

use mail_parser::{MessageParser, MimeHeaders as _};
use model::id::Millis;
use std::sync::Arc;

/// A mail as it came over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CaughtMail {
    /// The envelope's recipient.
    pub(crate) to: String,
    /// The message (RFC 5322).
    pub(crate) raw: Vec<u8>,
}

/// Gives what was caught so far, in the order in which it came.
#[derive(Clone)]
pub(crate) struct Mails(Arc<dyn Fn() -> Vec<CaughtMail> + Send + Sync>);

impl Mails {
    /// Asked anew for each page; a mail's place must stay.
    pub(crate) fn new(all: impl Fn() -> Vec<CaughtMail> + Send + Sync + 'static) -> Self {
        Self(Arc::new(all))
    }

    pub(super) fn all(&self) -> Vec<CaughtMail> {
        (self.0)()
    }
}

/// A mail's name on our pages: its place, from 1.
pub(super) fn name(place: usize) -> String {
    (place + 1).to_string()
}

/// The place that a name means.
pub(super) fn place(name: &str) -> Option<usize> {
    name.parse::<usize>().ok()?.checked_sub(1)
}

/// Headers worth seeing, in this order.
const HEADERS: [&str; 9] = [
    "From",
    "To",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "List-Id",
    "Content-Type",
    "DKIM-Signature",
    "Authentication-Results",
];

/// What a mail program shows.
pub(super) struct Read {
    pub(super) subject: String,
    pub(super) at: Millis,
    pub(super) headers: Vec<(String, String)>,
    pub(super) text: String,
    pub(super) html: Option<String>,
}

/// Reads a whole mail; what can't be read is shown as it is.
pub(super) fn read(mail: &CaughtMail) -> Read {
    let Some(message) = MessageParser::default().parse(&mail.raw) else {
        let text = String::from_utf8_lossy(&mail.raw).into_owned();
        return Read { subject: "(not a mail)".to_owned(), at: 0, headers: Vec::new(), text, html: None };
    };
    let raw: Vec<(&str, &str)> = message.headers_raw().collect();
    let found = |name: &str| raw.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| unfolded(v));
    let mut headers = vec![("Envelope recipient".to_owned(), mail.to.clone())];
    headers.extend(HEADERS.iter().filter_map(|name| Some(((*name).to_owned(), found(name)?))));
    // The parser makes HTML of plain text where there is none: only a part that is HTML is shown as such.
    let is_html = message.html_part(0).is_some_and(|part| {
        part.content_type().is_some_and(|kind| kind.subtype().is_some_and(|s| s.eq_ignore_ascii_case("html")))
    });
    Read {
        subject: message.subject().unwrap_or("(no subject)").to_owned(),
        at: message.date().map_or(0, |date| date.to_timestamp() * 1000),
        headers,
        text: message.body_text(0).map(|text| text.replace("\r\n", "\n")).unwrap_or_default(),
        html: is_html.then(|| message.body_html(0).map(std::borrow::Cow::into_owned)).flatten(),
    }
}

/// Subject and date alone.
pub(super) fn glance(mail: &CaughtMail) -> (String, Millis) {
    let message = MessageParser::default().parse_headers(&mail.raw);
    let subject = message.as_ref().and_then(|m| m.subject()).unwrap_or("(no subject)").to_owned();
    (subject, message.as_ref().and_then(|m| m.date()).map_or(0, |date| date.to_timestamp() * 1000))
}

/// Whether it bears this Message-ID.
pub(super) fn bears(mail: &CaughtMail, message_id: &str) -> bool {
    let message = MessageParser::default().parse_headers(&mail.raw);
    message.is_some_and(|m| m.message_id() == Some(message_id))
}

fn unfolded(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(raw: &str) -> CaughtMail {
        CaughtMail { to: "ana@mail.example".to_owned(), raw: raw.replace('\n', "\r\n").into_bytes() }
    }

    const BOTH: &str = "From: Forum <a@forum.example>\nTo: ana@mail.example\nDate: Tue, 03 Nov 2026 12:00:00 +0000\n\
        Message-ID: <x1@forum.example>\nSubject: =?utf-8?q?F=C3=BCr_dich?=\nMIME-Version: 1.0\n\
        Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\
        Content-Transfer-Encoding: quoted-printable\n\nHello=20ana,\nthere.\n--b\nContent-Type: text/html\n\n\
        <p>Hello</p>\n--b--\n";

    #[test]
    fn a_mail_is_read_with_both_parts() {
        let mail = mail(BOTH);
        let read = read(&mail);
        assert_eq!(read.subject, "Für dich");
        assert_eq!(read.at, 1_793_707_200_000);
        assert_eq!(read.text.trim(), "Hello ana,\nthere.");
        assert_eq!(read.html.as_deref().map(str::trim), Some("<p>Hello</p>"));
        assert_eq!(read.headers[0], ("Envelope recipient".to_owned(), "ana@mail.example".to_owned()));
        assert!(read.headers.contains(&("Message-ID".to_owned(), "<x1@forum.example>".to_owned())));
        assert!(bears(&mail, "x1@forum.example") && !bears(&mail, "x2@forum.example"));
        assert_eq!(glance(&mail), ("Für dich".to_owned(), 1_793_707_200_000));
    }

    #[test]
    fn a_plain_mail_has_no_html_and_rubbish_is_shown_as_it_is() {
        assert_eq!(read(&mail("Subject: s\n\nonly text\n")).html, None);
        assert_eq!(read(&CaughtMail { to: String::new(), raw: Vec::new() }).html, None);
    }

    #[test]
    fn names_are_places_from_one() {
        assert_eq!(place(&name(0)), Some(0));
        assert_eq!((place("0"), place("x"), place("-1")), (None, None, None));
    }
}
