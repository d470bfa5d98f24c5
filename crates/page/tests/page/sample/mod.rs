//! Views to render: one thread of one made-up service through every page.

pub(crate) mod console;
pub(crate) mod owner;
mod public;
pub(crate) mod runs;

use model::plan::Template;
use model::secret::Secret;
use model::verdict::Window;
use page::notice::{Done, NoticeView, RecoveryLetter, Seen};

/// 3 November 2026, 13:02:44 UTC.
pub(crate) const T: i64 = 1_793_710_964_000;
pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;

pub(crate) const LETTERS: [(Template, &str); 7] = [
    (Template::Credential, "credential"),
    (Template::Session, "session"),
    (Template::App, "app"),
    (Template::Precaution, "precaution"),
    (Template::Correction, "correction"),
    (Template::Release, "release"),
    (Template::Addendum, "addendum"),
];

pub(crate) fn notice(template: Template) -> NoticeView {
    let app = template == Template::App;
    let password_replaced = matches!(template, Template::Credential | Template::Session);
    let taken_back = matches!(template, Template::Correction | Template::Release);
    let quiet = matches!(template, Template::Precaution);
    let added = template == Template::Addendum;
    NoticeView {
        template,
        service_name: "Murmur".into(),
        service_domain: "murmur.example".into(),
        account_name: "ines".into(),
        zone: Some("Europe/Berlin".into()),
        seen: Seen {
            window: Window { start: T, end: T + 29 * MINUTE },
            place: Some("Lisbon, Portugal".into()),
            device: Some("Firefox on Windows".into()),
            app: app.then(|| "PhotoPrint".into()),
            posts: if quiet { 0 } else { 4 },
            messages: if quiet { 0 } else { 2 },
            follows: 0,
        },
        done_at: T + 5 * HOUR,
        done: Done {
            password_replaced,
            sessions_ended: (!app && !added).then_some(3),
            apps_revoked: if app { vec!["PhotoPrint".into()] } else { Vec::new() },
            posts_hidden: if quiet || taken_back { 0 } else { 4 },
            password_restored: template == Template::Correction,
            posts_shown: if taken_back { 4 } else { 0 },
            ..Done::default()
        },
        recovery_words: "Get back into your account".into(),
        notice_code: "7KM3-9QTX".into(),
        earlier_code: (taken_back || added).then(|| "4HXD-2WPA".into()),
    }
}

pub(crate) fn recovery() -> RecoveryLetter {
    RecoveryLetter {
        service_name: "Murmur".into(),
        service_domain: "murmur.example".into(),
        account_name: "ines".into(),
        code: Secret::new("493 027 518"),
        valid_ms: 15 * MINUTE,
        asked_at: T + 6 * HOUR,
        zone: Some("Europe/Berlin".into()),
        device: Some("Safari on iPhone".into()),
        place: Some("Germany".into()),
    }
}

/// Every page, with the file name it has in a gallery.
pub(crate) fn pages() -> Vec<(&'static str, String)> {
    let mut pages = console::pages();
    pages.extend(owner::pages());
    pages.extend(public::pages());
    pages
}
