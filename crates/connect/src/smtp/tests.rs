//! Against the catcher; with feature `services`, against aiosmtpd too.

use super::*;
use crate::catcher::{Answer, Catcher};
#[cfg(feature = "services")]
#[path = "foreign_tests.rs"]
mod foreign;

fn settings(port: u16) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".into(),
        port,
        tls: Tls::None,
        from: "Forum <security@mail.forum.test>".into(),
        envelope_sender: Some("bounce@mail.forum.test".into()),
        username: None,
        password: None,
        ca_file: None,
        allow_plaintext: false,
        timeout_s: 20,
    }
}

fn mail(to: &str, n: u32) -> Mail {
    Mail {
        message_id: format!("notice-{n}@mail.forum.test"),
        to: Secret::new(to),
        subject: "Ihr Zugang · n°\r\nBcc: x@evil.test".into(),
        text: "Grüße,\n.\nes war jemand da.\n".into(),
        html: "<p>Grüße, es war jemand da.</p>".into(),
        date: 1_790_479_503_797,
    }
}

#[test]
fn a_notice_arrives_as_one_message_with_our_headers() {
    let catcher = Catcher::start(|_| Answer::Take).unwrap();
    let smtp = Smtp::new(settings(catcher.port())).unwrap();
    assert_eq!(smtp.send(&mail("ann@owner.test", 1)), Delivery::Accepted);
    assert_eq!(smtp.send(&mail("ann@owner.test", 1)), Delivery::Accepted);
    let mails = catcher.mails();
    assert_eq!(mails[0], mails[1], "a repeat is the same message");
    assert_eq!(
        (mails[0].from.as_str(), mails[0].to.as_slice()),
        ("bounce@mail.forum.test", &["ann@owner.test".to_owned()][..])
    );
    let raw = String::from_utf8(mails[0].raw.clone()).unwrap();
    let (head, body) = raw.split_once("\r\n\r\n").unwrap();
    for line in [
        "Message-ID: <notice-1@mail.forum.test>",
        "Auto-Submitted: auto-generated",
        "To: ann@owner.test",
        "From: Forum <security@mail.forum.test>",
        "Date: Sun, 27 Sep 2026 03:25:03 +0000",
        "MIME-Version: 1.0",
    ] {
        assert!(head.contains(line), "{line} is missing in\n{head}");
    }
    assert!(!head.contains("Reply-To") && !head.lines().any(|l| l.starts_with("Bcc")), "{head}");
    assert!(body.find("text/plain").unwrap() < body.find("text/html").unwrap(), "{body}");
    assert!(raw.is_ascii());
}

#[test]
fn refusals_and_delays_are_told_apart_and_show_no_address() {
    let catcher = Catcher::start(|to| match to {
        "gone@owner.test" => Answer::Refuse,
        "full@owner.test" => Answer::Defer,
        _ => Answer::Take,
    })
    .unwrap();
    let smtp = Smtp::new(settings(catcher.port())).unwrap();
    let Delivery::Refused { reply } = smtp.send(&mail("gone@owner.test", 1)) else {
        panic!("550 is for good")
    };
    assert!(reply.starts_with("550 5.1.1") && !reply.contains("gone"), "{reply}");
    let Delivery::Later { reason } = smtp.send(&mail("full@owner.test", 2)) else { panic!("451 is later") };
    assert!(reason.starts_with("451"), "{reason}");
    assert_eq!(smtp.send(&mail("ann@owner.test", 3)), Delivery::Accepted, "the connection goes on");
    assert!(matches!(smtp.send(&mail("no address", 4)), Delivery::Refused { .. }));
    let mut bad = mail("ann@owner.test", 5);
    bad.message_id = "a@b>\r\nX: y".into();
    assert!(matches!(smtp.send(&bad), Delivery::Refused { .. }));
    assert_eq!(catcher.mails().len(), 1);
}

#[test]
fn no_server_is_later_and_mail_in_the_clear_stays_at_home() {
    let smtp = Smtp::new(settings(9)).unwrap();
    assert!(matches!(smtp.send(&mail("ann@owner.test", 1)), Delivery::Later { .. }));
    let mut away = settings(25);
    away.host = "mx.forum.test".into();
    assert!(Smtp::new(away.clone()).is_err());
    away.allow_plaintext = true;
    assert!(Smtp::new(away).is_ok());
    assert!(is_loopback("127.9.9.9") && is_loopback("[::1]") && is_loopback("LOCALHOST"));
    assert!(!is_loopback("127.0.0.1.evil.test") && !is_loopback("10.0.0.1"));
}
