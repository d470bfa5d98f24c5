//! Mail to owners over SMTP: one connection, used again, spoken command by command.
//!
//! Which command was refused decides what it means: only a 5xx to the recipient or to the message itself is for good. A 5xx
//! to the greeting, sign-in or sender is our own configuration, and must not burn every notice that is due. An answer lost
//! after the message was handed over is *later*: the same Message-ID goes again, and is seen as a repeat.

mod message;
mod reply;
#[cfg(test)]
mod tests;

use crate::error::ConnectError;
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, MailParameter};
use lettre::{Address, transport::smtp::Error};
use model::secret::Secret;
use reply::Stage;
use respond::port::{Delivery, Mail, Mailer};
use serde::Deserialize;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How the connection is kept private.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// Not at all: only to this very machine, unless `allow_plaintext` says otherwise.
    None,
    /// Begun in the clear, upgraded before anything is said; refused where the server can't.
    Starttls,
    /// From the first byte.
    Tls,
}

/// Where mail is handed over, and who it is from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpSettings {
    /// The server's name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept private.
    pub tls: Tls,
    /// The From header: `Forum <security@mail.forum.example>`.
    pub from: String,
    /// Where bounces go; absent: the From address.
    #[serde(default)]
    pub envelope_sender: Option<String>,
    /// Sign-in, where the server wants one.
    #[serde(default)]
    pub username: Option<String>,
    /// Its password.
    #[serde(default)]
    pub password: Option<Secret>,
    /// A file with certificates (PEM) to trust besides the public ones.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Says that the network between is trusted.
    #[serde(default)]
    pub allow_plaintext: bool,
    /// How long one answer may take, s.
    #[serde(default = "timeout_s")]
    pub timeout_s: u64,
}

fn timeout_s() -> u64 {
    60
}

/// A mail server.
pub struct Smtp {
    settings: SmtpSettings,
    from: Mailbox,
    sender: Address,
    hello: ClientId,
    tls: Option<TlsParameters>,
    connection: Mutex<Option<SmtpConnection>>,
}

impl Smtp {
    /// Checks the settings; connects at the first message.
    ///
    /// # Errors
    /// Where a setting can't be right, or the mail would leave this machine in the clear.
    pub fn new(settings: SmtpSettings) -> Result<Self, ConnectError> {
        let wrong = |key, reason: &str| ConnectError::Setting { key, reason: reason.into() };
        let from: Mailbox = settings
            .from
            .parse()
            .map_err(|_| wrong("from", "is no address; it reads Forum <security@mail.forum.example>"))?;
        let sender = match &settings.envelope_sender {
            Some(address) => address.parse().map_err(|_| wrong("envelope_sender", "is no address"))?,
            None => from.email.clone(),
        };
        let near = is_loopback(&settings.host);
        let tls = match settings.tls {
            Tls::None if near || settings.allow_plaintext => None,
            Tls::None => {
                return Err(wrong(
                    "tls",
                    "none would send notices in the clear over a network: use starttls or tls, or say allow_plaintext = true",
                ));
            }
            Tls::Starttls | Tls::Tls => Some(tls_parameters(&settings)?),
        };
        let hello = ClientId::Domain(from.email.domain().to_owned());
        Ok(Self { settings, from, sender, hello, tls, connection: Mutex::new(None) })
    }

    fn connect(&self) -> Result<SmtpConnection, Error> {
        let settings = &self.settings;
        let server = (settings.host.trim_matches(['[', ']']), settings.port);
        let timeout = Some(Duration::from_secs(settings.timeout_s));
        let at_once = self.tls.as_ref().filter(|_| settings.tls == Tls::Tls);
        let mut connection = SmtpConnection::connect(server, timeout, &self.hello, at_once, None)?;
        if let (Tls::Starttls, Some(tls)) = (settings.tls, &self.tls) {
            connection.starttls(tls, &self.hello)?;
        }
        if let (Some(name), Some(password)) = (&settings.username, &settings.password) {
            let credentials = Credentials::new(name.clone(), password.reveal().to_owned());
            connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials)?;
        }
        Ok(connection)
    }

    /// One message over the connection at hand, or a new one.
    fn hand_over(
        &self,
        slot: &mut Option<SmtpConnection>,
        to: &Address,
        bytes: &[u8],
    ) -> Result<(), (Stage, Error)> {
        let connection = match slot {
            Some(connection) => connection,
            None => slot.insert(self.connect().map_err(|e| (Stage::Connection, e))?),
        };
        let eight_bit = !AsRef::<str>::as_ref(to).is_ascii();
        let parameters = if eight_bit { vec![MailParameter::SmtpUtfEight] } else { Vec::new() };
        connection
            .command(MailFrom::new(Some(self.sender.clone()), parameters))
            .map_err(|e| (Stage::Sender, e))?;
        connection.command(Rcpt::new(to.clone(), Vec::new())).map_err(|e| (Stage::Recipient, e))?;
        connection.command(Data).map_err(|e| (Stage::Recipient, e))?;
        connection.message(bytes).map_err(|e| (Stage::Message, e))?;
        Ok(())
    }
}

impl Mailer for Smtp {
    fn send(&self, mail: &Mail) -> Delivery {
        let Ok(to) = mail.to.reveal().parse::<Address>() else {
            return Delivery::Refused {
                reply: "the contact on file is no mail address; nothing was sent".into(),
            };
        };
        let bytes = match message::bytes(&self.from, &to, mail) {
            Ok(bytes) => bytes,
            Err(reason) => return Delivery::Refused { reply: reason },
        };
        let mut slot = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let used = slot.is_some();
        let mut done = self.hand_over(&mut slot, &to, &bytes);
        if let Err((Stage::Sender, error)) = &done
            && used
            && reply::is_over(error)
        {
            // the server had closed a connection that lay idle, or had enough of it: nothing of this message was said
            *slot = None;
            done = self.hand_over(&mut slot, &to, &bytes);
        }
        match done {
            Ok(()) => Delivery::Accepted,
            Err((stage, error)) => {
                let over = reply::is_over(&error);
                let cleared = !over && slot.as_mut().is_some_and(|c| c.command(Rset).is_ok());
                if !cleared {
                    *slot = None;
                }
                reply::meaning(stage, &error, &mail.to)
            }
        }
    }
}

/// Whether a host is this very machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn tls_parameters(settings: &SmtpSettings) -> Result<TlsParameters, ConnectError> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(path) = &settings.ca_file {
        let wrong = |reason: String| ConnectError::Setting { key: "ca_file", reason };
        let pem = std::fs::read(path).map_err(|e| wrong(format!("{}: {e}", path.display())))?;
        let certificate = Certificate::from_pem(&pem)
            .map_err(|_| wrong(format!("{} holds no certificate in PEM form", path.display())))?;
        builder = builder.add_root_certificate(certificate);
    }
    builder.build_rustls().map_err(|_| ConnectError::Setting {
        key: "host",
        reason: "TLS can't be set up for this name".into(),
    })
}
