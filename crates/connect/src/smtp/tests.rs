//! Against the catcher, and (with a folder that `integrations/django/tests/venv.sh` made) against aiosmtpd.

use super::*;
use crate::catcher::{Answer, Catcher};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};

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

/// aiosmtpd as `smtp_server.py` sets it up; ends when its input does.
struct Server {
    port: u16,
    tls_port: u16,
    ca_file: PathBuf,
    child: Child,
    out: BufReader<std::process::ChildStdout>,
    _dir: tempfile::TempDir,
}

impl Server {
    fn start() -> Self {
        let venv = std::env::var("RIGHTFUL_VENV").expect("RIGHTFUL_VENV: a folder made by venv.sh");
        let dir = tempfile::tempdir().unwrap();
        let mut child = Command::new(format!("{venv}/bin/python"))
            .arg("-c")
            .arg(include_str!("smtp_server.py"))
            .arg(dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let ports: Vec<u16> = line.split_whitespace().map(|p| p.parse().unwrap()).collect();
        let ca_file = dir.path().join("cert.pem");
        Self { port: ports[0], tls_port: ports[1], ca_file, child, out, _dir: dir }
    }

    /// Message-IDs of what it took so far.
    fn taken(&mut self) -> Vec<String> {
        self.ask("taken\n")
    }

    /// Comes back when the server has closed the connection it was told to close.
    fn closed(&mut self) {
        self.ask("closed\n");
    }

    fn ask(&mut self, what: &str) -> Vec<String> {
        let input = self.child.stdin.as_mut().unwrap();
        input.write_all(what.as_bytes()).unwrap();
        input.flush().unwrap();
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}

#[test]
#[ignore = "needs RIGHTFUL_VENV, a folder made by integrations/django/tests/venv.sh"]
fn a_foreign_server_is_understood() {
    let mut server = Server::start();
    let smtp = Smtp::new(settings(server.port)).unwrap();
    assert_eq!(smtp.send(&mail("ann@owner.test", 1)), Delivery::Accepted);
    let Delivery::Refused { reply } = smtp.send(&mail("gone@owner.test", 2)) else { panic!("550") };
    assert!(!reply.contains("gone"), "{reply}");
    assert!(matches!(smtp.send(&mail("full@owner.test", 3)), Delivery::Later { .. }));
    let Delivery::Refused { reply } = smtp.send(&mail("spam@owner.test", 4)) else {
        panic!("554 after DATA")
    };
    assert!(reply.starts_with("554"), "{reply}");
    // the server closes while idle: a new connection, nothing lost
    assert_eq!(smtp.send(&mail("close-after@owner.test", 5)), Delivery::Accepted);
    server.closed();
    assert_eq!(smtp.send(&mail("ann@owner.test", 6)), Delivery::Accepted);
    // the answer after DATA is lost: later, and the same Message-ID again
    let Delivery::Later { reason } = smtp.send(&mail("lost-answer@owner.test", 7)) else { panic!("lost") };
    assert!(reason.contains("same Message-ID"), "{reason}");
    assert_eq!(smtp.send(&mail("lost-answer@owner.test", 7)), Delivery::Accepted);
    // our own sender refused: no notice is burnt
    let mut other = settings(server.port);
    other.envelope_sender = Some("banned@mail.forum.test".into());
    assert!(matches!(Smtp::new(other).unwrap().send(&mail("ann@owner.test", 8)), Delivery::Later { .. }));
    let ids = [1, 5, 6, 7, 7].map(|n| format!("<notice-{n}@mail.forum.test>"));
    assert_eq!(server.taken(), ids);
}

#[test]
#[ignore = "needs RIGHTFUL_VENV, a folder made by integrations/django/tests/venv.sh"]
fn starttls_checks_whom_it_speaks_to() {
    let mut server = Server::start();
    let mut trusting = settings(server.tls_port);
    trusting.host = "localhost".into();
    trusting.tls = Tls::Starttls;
    let stranger = Smtp::new(trusting.clone()).unwrap();
    assert!(
        matches!(stranger.send(&mail("ann@owner.test", 1)), Delivery::Later { .. }),
        "unknown certificate"
    );
    trusting.ca_file = Some(server.ca_file.clone());
    assert_eq!(Smtp::new(trusting.clone()).unwrap().send(&mail("ann@owner.test", 2)), Delivery::Accepted);
    // a server that can't: nothing is said in the clear
    trusting.port = server.port;
    assert!(matches!(Smtp::new(trusting).unwrap().send(&mail("ann@owner.test", 3)), Delivery::Later { .. }));
    assert_eq!(server.taken(), ["<notice-2@mail.forum.test>"]);
}
