//! Against a foreign mail server: aiosmtpd, from the folder that `integrations/django/tests/venv.sh` made.

use super::*;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};

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
