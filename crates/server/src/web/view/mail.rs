//! Mails that a demonstration caught.

use super::super::App;
use super::super::caught::{self, CaughtMail};
use super::super::fault::Fault;
use super::console;
use page::console::{MailList, MailRow, MailView};

/// So many are listed.
const LISTED: usize = 200;

/// The newest of them.
pub(in crate::web) fn list(app: &App) -> Result<MailList, Fault> {
    let all = all(app)?;
    let row = |(place, mail): (usize, &CaughtMail)| {
        let (subject, at) = caught::glance(mail);
        MailRow { id: caught::name(place), at, to: mail.to.clone(), subject }
    };
    let mails = all.iter().enumerate().rev().take(LISTED).map(row).collect();
    Ok(MailList { console: console(app, None), mails, total: all.len() as u64 })
}

/// One of them.
pub(in crate::web) fn page(app: &App, id: &str) -> Result<MailView, Fault> {
    let all = all(app)?;
    let found = caught::place(id).and_then(|place| Some((place, all.get(place)?)));
    let (place, mail) = found.ok_or_else(|| Fault::not_found("mail"))?;
    let read = caught::read(mail);
    Ok(MailView {
        console: console(app, None),
        subject: read.subject,
        at: read.at,
        headers: read.headers,
        text: read.text,
        html: read.html,
        newer: (place + 1 < all.len()).then(|| caught::name(place + 1)),
        older: place.checked_sub(1).map(caught::name),
    })
}

fn all(app: &App) -> Result<Vec<CaughtMail>, Fault> {
    app.mails.as_ref().map(super::super::Mails::all).ok_or_else(|| Fault::not_found("mail"))
}
