//! Time and chance as the machine has them.

use model::id::Millis;
use respond::port::{Chance, Clock};

/// The system's clock.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        jiff::Timestamp::now().as_millisecond()
    }
}

/// The system's source of randomness.
pub(crate) struct SystemChance;

impl Chance for SystemChance {
    fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        // Without randomness no key, nonce or code may be made at all.
        getrandom::fill(&mut bytes).expect("the system gives random bytes");
        bytes
    }
}
