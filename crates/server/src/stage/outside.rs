//! What the stage is handed from outside: time that is moved by hand, chance from the seed; and a configuration, for
//! processes of their own that work on the same stage.

use super::{DOMAIN, SERVICE};
use crate::error::{Result, at};
use model::id::{Digest, Millis};
use respond::port::{Chance, Clock};
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// A clock that stands still until it is moved.
pub(crate) struct HandClock(AtomicI64);

impl HandClock {
    /// Set to a moment.
    pub(crate) fn at(now: Millis) -> Self {
        Self(AtomicI64::new(now))
    }

    /// Moves it on to a moment, where that is later.
    pub(crate) fn reach(&self, moment: Millis) {
        self.0.fetch_max(moment, Ordering::SeqCst);
    }

    /// Moves it on.
    pub(crate) fn pass(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Millis {
        self.0.load(Ordering::SeqCst)
    }

    fn steady(&self) -> Millis {
        self.now()
    }

    fn sleep(&self, ms: Millis) {
        // Others may sleep at the same time, and it is the same time that passes.
        self.reach(self.now() + ms);
    }
}

/// Bytes that depend on the seed alone: for a service that is thrown away, never for a real one.
pub(crate) struct SeededChance {
    seed: u64,
    drawn: AtomicU64,
}

impl SeededChance {
    /// From a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }
}

impl Chance for SeededChance {
    fn bytes(&self) -> [u8; 32] {
        let n = self.drawn.fetch_add(1, Ordering::SeqCst);
        Digest::of(&[b"rightful stage".as_slice(), &self.seed.to_be_bytes(), &n.to_be_bytes()].concat()).0
    }
}

/// Writes `rightful.toml` and the policy beside it.
pub(super) fn configure(folder: &Path, policy: &str, mail_port: u16) -> Result<()> {
    let config = format!(
        "policy = \"policy.toml\"\n\n[service]\nname = \"{SERVICE}\"\ndomain = \"{DOMAIN}\"\nrehearsed = \"service\"\n\n\
         [mail]\nhost = \"127.0.0.1\"\nport = {mail_port}\ntls = \"none\"\nfrom = \"{SERVICE} <security@{DOMAIN}>\"\n"
    );
    for (name, text) in [("rightful.toml", config.as_str()), ("policy.toml", policy)] {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(at(&path))?;
    }
    Ok(())
}
