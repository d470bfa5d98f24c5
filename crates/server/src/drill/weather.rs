//! The weather a drill is played in: answers lost, calls that arrive an hour late, a service that is busy or throttles,
//! mail deferred, a ledger that is closed and opened again, a second operator, and a clock that runs while people wait.
//! All of it from the seed.

use rehearse::service::Faults;

/// How bad it is; shares between 0 and 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weather {
    lost_after: f64,
    lost_before: f64,
    busy: f64,
    late: f64,
    throttled: f64,
    /// Share of recipients whose first mail is deferred.
    pub(crate) deferred: f64,
    /// Whether the ledger is opened anew at every third step, and at each a second operator presses the same button.
    pub(crate) restless: bool,
}

impl Weather {
    /// What may be expected of a bad day.
    pub(crate) const FAULTY: Self = Self {
        lost_after: 0.04,
        lost_before: 0.04,
        busy: 0.04,
        late: 0.04,
        throttled: 0.04,
        deferred: 0.1,
        restless: true,
    };

    /// Nothing goes wrong but the mistake.
    pub(crate) const FAIR: Self = Self {
        lost_after: 0.0,
        lost_before: 0.0,
        busy: 0.0,
        late: 0.0,
        throttled: 0.0,
        deferred: 0.0,
        restless: false,
    };

    /// The service's faults.
    pub(crate) fn faults(&self, seed: u64) -> Faults {
        Faults {
            seed,
            lost_after: self.lost_after,
            lost_before: self.lost_before,
            busy: self.busy,
            late: self.late,
            throttled: self.throttled,
        }
    }
}
