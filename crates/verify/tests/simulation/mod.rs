//! The response under fire, played from seeds: faults, deaths, a full disk, clocks that leap, two operators, owners and
//! intruders who move between any two calls. An auditor that shares no code with the hands judges each call and each state.

#![cfg(test)]

mod auditor;
mod dice;
mod ledger;
mod mail;
mod play;

#[allow(unused_imports, reason = "only the tests of seeds name it")]
pub(crate) use ledger::Reached;
pub(crate) use play::play;

/// Deaths that are played are not told of on standard error.
pub(crate) fn hush() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let said = panic.payload();
            let word = said.downcast_ref::<&str>().copied();
            let word = word.or(said.downcast_ref::<String>().map(String::as_str)).unwrap_or_default();
            if !word.starts_with("killed") && word != "a scoped thread panicked" {
                usual(panic);
            }
        }));
    });
}
