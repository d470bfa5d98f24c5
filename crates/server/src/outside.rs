//! Time and chance as the machine has them.

use model::id::Millis;
use respond::port::{Chance, Clock};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// The system's clock.
pub(crate) struct SystemClock;

static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        jiff::Timestamp::now().as_millisecond()
    }

    fn steady(&self) -> Millis {
        // A process that ran for so long that this overflows has other troubles.
        Millis::try_from(BEGIN.elapsed().as_millis()).unwrap_or(Millis::MAX)
    }

    fn sleep(&self, ms: Millis) {
        std::thread::sleep(Duration::from_millis(u64::try_from(ms).unwrap_or(0)));
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
