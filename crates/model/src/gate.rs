//! What a gate is given, what it finds in each of its inputs, and what it says.

use serde::{Deserialize, Serialize};

/// What a gate looks at; the list is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateInput {
    /// Owners who said *that was me*, with proof, among those who came back or proved it.
    DisputesProved,
    /// Owners who said it without proof, among the contained.
    DisputesUnproved,
    /// Owners heard from, and how many of them dispute.
    OwnersHeard,
    /// Owners who asked for a code and never got in.
    RecoveriesFailed,
    /// Owners who turned to support.
    SupportContacts,
    /// Steps that failed, or whose outcome is unknown.
    ActsFailed,
    /// Notices that were refused for good.
    Bounces,
    /// Notices that the mail server took.
    NoticesAccepted,
    /// Probe accounts: whether what was revoked is refused where it is really tried.
    Probes,
    /// Time since the last act and the last notice.
    Soak,
}

impl GateInput {
    /// All of them, in the order in which a gate looks at them.
    pub const ALL: [Self; 10] = [
        Self::DisputesProved,
        Self::DisputesUnproved,
        Self::OwnersHeard,
        Self::RecoveriesFailed,
        Self::SupportContacts,
        Self::ActsFailed,
        Self::Bounces,
        Self::NoticesAccepted,
        Self::Probes,
        Self::Soak,
    ];

    /// Its name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::DisputesProved => "proved disputes",
            Self::DisputesUnproved => "unproved disputes",
            Self::OwnersHeard => "owners heard from",
            Self::RecoveriesFailed => "failed recoveries",
            Self::SupportContacts => "support contacts",
            Self::ActsFailed => "failed acts",
            Self::Bounces => "bounces",
            Self::NoticesAccepted => "notices accepted",
            Self::Probes => "probe accounts",
            Self::Soak => "soak",
        }
    }
}

/// What a gate is given: counts over the waves done so far. What an older program did not count is 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GateCounts {
    /// Accounts contained so far.
    pub contained: u64,
    /// Steps tried.
    pub acts: u64,
    /// Steps that failed or are unknown.
    pub acts_failed: u64,
    /// Notices that are due or went out.
    pub notices: u64,
    /// Accepted by the mail server.
    pub notices_accepted: u64,
    /// Refused for good.
    pub bounces: u64,
    /// Owners who said *that was me*, with proof.
    pub disputes_proved: u64,
    /// And without.
    pub disputes_unproved: u64,
    /// Owners who came back by a recovery and dispute nothing.
    pub recovered: u64,
    /// Owners who came back, or asked for a code in vain.
    pub recoveries_tried: u64,
    /// Owners whose codes are all void, and who are not back.
    pub recoveries_failed: u64,
    /// Owners who turned to support.
    pub support_contacts: u64,
    /// Of these, in the last day.
    pub support_contacts_today: u64,
    /// Credentials of probe accounts in the waves so far.
    pub probes: u64,
    /// Of these: accepted before, and refused since.
    pub probes_refused: u64,
    /// Of these: still accepted, although every act on their account was answered with *done*.
    pub probes_accepted: u64,
    /// Of these: they can prove nothing any more, since they were not accepted before, or their account was not contained.
    pub probes_void: u64,
    /// Time since the wave's last act, ms.
    pub soaked_ms: i64,
}

impl GateCounts {
    /// Disputes, proved or not.
    #[must_use]
    pub fn disputes(&self) -> u64 {
        self.disputes_proved + self.disputes_unproved
    }

    /// Owners of whom it is known what they say: they came back and dispute nothing, or proved that it was them.
    #[must_use]
    pub fn judged(&self) -> u64 {
        self.recovered + self.disputes_proved
    }

    /// Owners heard from in any way.
    #[must_use]
    pub fn heard(&self) -> u64 {
        self.recovered + self.disputes()
    }
}

/// What an input says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputState {
    /// Enough is known, and it is good.
    Pass,
    /// Not enough is known yet.
    Wait,
    /// A limit is surely exceeded.
    Halt,
}

impl InputState {
    /// The name as it is shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Wait => "wait",
            Self::Halt => "halt",
        }
    }
}

/// What a gate found in one input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which input.
    pub input: GateInput,
    /// What it says.
    pub state: InputState,
    /// The count; of the soak, ms.
    pub seen: u64,
    /// Among how many; of the soak, the ms that are needed.
    pub of: u64,
    /// In a sentence: what was seen against what is needed, and what remains.
    pub reason: String,
}

/// What a gate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateDecision {
    /// The next wave may start.
    Go,
    /// Not enough is known yet.
    Wait,
    /// Stop the run.
    Halt,
}

impl GateDecision {
    /// The name as it is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Go => "go",
            Self::Wait => "wait",
            Self::Halt => "halt",
        }
    }
}

/// A gate's decision with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateRow {
    /// The wave that was looked at.
    pub wave: u32,
    /// The decision.
    pub decision: GateDecision,
    /// What it was given.
    pub counts: GateCounts,
    /// What it found, an entry an input, in the order of [`GateInput::ALL`].
    pub findings: Vec<Finding>,
}

impl GateRow {
    /// What the inputs in a state say, in a sentence each.
    #[must_use]
    pub fn reasons(&self, state: InputState) -> Vec<&str> {
        self.findings.iter().filter(|f| f.state == state).map(|f| f.reason.as_str()).collect()
    }

    /// Why it does not say go: the alarms where it halts, else what it waits for; empty where it says go.
    #[must_use]
    pub fn why(&self) -> String {
        match self.decision {
            GateDecision::Go => String::new(),
            GateDecision::Wait => self.reasons(InputState::Wait).join("; "),
            GateDecision::Halt => self.reasons(InputState::Halt).join("; "),
        }
    }
}
