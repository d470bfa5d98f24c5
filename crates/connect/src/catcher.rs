//! A small mail server on this machine that keeps what it is given: so the demo shows real mails, sent over real SMTP.
//!
//! It speaks RFC 5321's minimum (EHLO, MAIL, RCPT, DATA, RSET, NOOP, QUIT), one thread a connection, and listens on
//! loopback alone. It delivers nothing.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

const LINE_MAX: u64 = 4_096;
const MESSAGE_MAX: usize = 1 << 20;
const MAILS_MAX: usize = 100_000;
const IDLE_S: u64 = 300;

/// What the catcher says to a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 250: kept.
    Take,
    /// 550: no such box.
    Refuse,
    /// 451: try later.
    Defer,
}

/// A caught message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caught {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// The message as it came, lines ended by CRLF.
    pub raw: Vec<u8>,
}

type Decide = dyn Fn(&str) -> Answer + Send + Sync;

struct Shared {
    decide: Box<Decide>,
    mails: Mutex<Vec<Caught>>,
    stopped: AtomicBool,
}

/// A mail server on a loopback port of its own; stops when it is dropped.
pub struct Catcher {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Catcher {
    /// Starts it; `decide` is asked for each recipient.
    ///
    /// # Errors
    /// Where no port can be had.
    pub fn start(decide: impl Fn(&str) -> Answer + Send + Sync + 'static) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            decide: Box::new(decide),
            mails: Mutex::new(Vec::new()),
            stopped: AtomicBool::new(false),
        });
        let theirs = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if theirs.stopped.load(Ordering::SeqCst) {
                    break;
                }
                let shared = Arc::clone(&theirs);
                // a connection that breaks is its client's loss alone
                std::thread::spawn(move || talk(&stream, &shared).ok());
            }
        });
        Ok(Self { address, shared, thread: Some(thread) })
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// What was caught so far, in order.
    #[must_use]
    pub fn mails(&self) -> Vec<Caught> {
        self.shared.mails.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Catcher {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // wakes the thread that waits for a connection; where that fails it has ended already
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// One client's dialogue.
fn talk(stream: &TcpStream, shared: &Shared) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(IDLE_S)))?;
    let mut input = BufReader::new(stream);
    let say = |line: &str| {
        let mut out = stream;
        out.write_all(format!("{line}\r\n").as_bytes())
    };
    let mut from: Option<String> = None;
    let mut to: Vec<String> = Vec::new();
    say("220 catcher.localhost ESMTP")?;
    loop {
        let Some(line) = line(&mut input)? else { return Ok(()) };
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        let upper = text.to_ascii_uppercase();
        if upper.starts_with("EHLO") {
            (from, to) = (None, Vec::new());
            say("250-catcher.localhost")?;
            say("250-8BITMIME")?;
            say("250 SMTPUTF8")?;
        } else if upper.starts_with("HELO") || upper.starts_with("RSET") || upper.starts_with("NOOP") {
            if !upper.starts_with("NOOP") {
                (from, to) = (None, Vec::new());
            }
            say("250 OK")?;
        } else if upper.starts_with("MAIL FROM:") {
            from = path(&text);
            to.clear();
            say(if from.is_some() { "250 2.1.0 OK" } else { "501 5.1.7 no address" })?;
        } else if upper.starts_with("RCPT TO:") {
            match (from.is_some(), path(&text).filter(|p| !p.is_empty())) {
                (false, _) => say("503 5.5.1 MAIL first")?,
                (true, None) => say("501 5.1.3 no address")?,
                (true, Some(address)) => match (shared.decide)(&address) {
                    Answer::Take => {
                        to.push(address);
                        say("250 2.1.5 OK")?;
                    }
                    Answer::Refuse => say(&format!("550 5.1.1 <{address}>: no such box here"))?,
                    Answer::Defer => say("451 4.2.0 try again later")?,
                },
            }
        } else if upper == "DATA" {
            if to.is_empty() {
                say("503 5.5.1 RCPT first")?;
                continue;
            }
            say("354 end with a line that is a dot")?;
            match message(&mut input)? {
                None => return Ok(()),
                Some(raw) if raw.len() > MESSAGE_MAX => say("552 5.3.4 too long")?,
                Some(raw) => {
                    let caught =
                        Caught { from: from.take().unwrap_or_default(), to: std::mem::take(&mut to), raw };
                    let mut mails = shared.mails.lock().unwrap_or_else(PoisonError::into_inner);
                    if mails.len() < MAILS_MAX {
                        mails.push(caught);
                        drop(mails);
                        say("250 2.0.0 kept")?;
                    } else {
                        say("452 4.3.1 full")?;
                    }
                }
            }
            (from, to) = (None, Vec::new());
        } else if upper == "QUIT" {
            return say("221 2.0.0 bye");
        } else {
            say("502 5.5.2 not known")?;
        }
    }
}

/// One line with its end; `None` where the client is gone or the line is too long.
fn line(input: &mut BufReader<&TcpStream>) -> std::io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    input.by_ref().take(LINE_MAX).read_until(b'\n', &mut line)?;
    Ok(line.ends_with(b"\n").then_some(line))
}

/// A message up to its dot, dots undoubled; kept one line over the limit at most.
fn message(input: &mut BufReader<&TcpStream>) -> std::io::Result<Option<Vec<u8>>> {
    let mut raw = Vec::new();
    loop {
        let Some(line) = line(input)? else { return Ok(None) };
        if line == b".\r\n" {
            return Ok(Some(raw));
        }
        if raw.len() <= MESSAGE_MAX {
            raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
    }
}

/// The address between the angle brackets.
fn path(line: &str) -> Option<String> {
    let (_, rest) = line.split_once('<')?;
    let (address, _) = rest.split_once('>')?;
    Some(address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says lines to the catcher; its answers, each with its three digits alone.
    fn dialogue(catcher: &Catcher, lines: &[&str]) -> Vec<String> {
        let stream = TcpStream::connect(("127.0.0.1", catcher.port())).unwrap();
        let mut input = BufReader::new(&stream);
        let mut answers = Vec::new();
        let mut read = |answers: &mut Vec<String>| loop {
            let mut line = String::new();
            input.read_line(&mut line).unwrap();
            if line.as_bytes().get(3) != Some(&b'-') {
                answers.push(line.chars().take(3).collect());
                return;
            }
        };
        read(&mut answers);
        for line in lines {
            (&stream).write_all(format!("{line}\r\n").as_bytes()).unwrap();
            read(&mut answers);
        }
        answers
    }

    #[test]
    fn a_message_is_kept_byte_for_byte_with_its_envelope() {
        let catcher = Catcher::start(|_| Answer::Take).unwrap();
        let said = dialogue(
            &catcher,
            &[
                "EHLO x",
                "MAIL FROM:<a@b.test>",
                "RCPT TO:<c@d.test>",
                "DATA",
                "Subject: s\r\n\r\n..dot\r\nend\r\n.",
                "QUIT",
            ],
        );
        assert_eq!(said, ["220", "250", "250", "250", "354", "250", "221"]);
        assert_eq!(
            catcher.mails(),
            [Caught {
                from: "a@b.test".into(),
                to: vec!["c@d.test".into()],
                raw: b"Subject: s\r\n\r\n.dot\r\nend\r\n".to_vec()
            }]
        );
    }

    #[test]
    fn the_closure_decides_and_a_wrong_order_is_told() {
        let catcher = Catcher::start(|to| match to {
            "no@d.test" => Answer::Refuse,
            "later@d.test" => Answer::Defer,
            _ => Answer::Take,
        })
        .unwrap();
        let said = dialogue(
            &catcher,
            &[
                "RCPT TO:<c@d.test>",
                "DATA",
                "MAIL FROM:<>",
                "RCPT TO:<no@d.test>",
                "RCPT TO:<later@d.test>",
                "DATA",
                "BOO",
            ],
        );
        assert_eq!(said, ["220", "503", "503", "250", "550", "451", "503", "502"]);
        assert!(catcher.mails().is_empty());
    }
}
