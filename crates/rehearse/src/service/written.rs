//! What was written to the service, for whoever watches it.

use super::Service;
use model::id::AccountId;
use std::collections::BTreeSet;

impl Service {
    /// Whose accounts were written to since the service had seen so many writes, and how many it has seen now: an account
    /// that is not among them is as it was.
    #[must_use]
    pub fn written_since(&self, writes: usize) -> (BTreeSet<AccountId>, usize) {
        let inner = self.lock();
        let written = inner.state.written();
        (written[writes..].iter().cloned().collect(), written.len())
    }
}
