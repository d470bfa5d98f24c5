//! The closed list of checks. Enum, list and names are made from the same lines, so that none can be missing in one.

macro_rules! checks {
    ($($(#[doc = $doc:literal])+ $name:ident => $code:literal,)+) => {
        /// A check on a draft.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Check {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Check {
            /// All of them, in the order in which their notes stand.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The name in notes, tables and the audit.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)+
                }
            }
        }
    };
}

checks! {
    /// Somebody is in it.
    Empty => "empty",
    /// No more accounts than a plan may hold.
    Size => "size",
    /// No more of the active base than the policy allows.
    ActiveShare => "active_share",
    /// No more of any segment.
    SegmentShare => "segment_share",
    /// No more than so many times what was usual when the reference was frozen.
    Reference => "reference",
    /// Each account is in with just the evidence that the hunt has for it, and enough for its tier.
    Evidence => "evidence",
    /// What is cited against an account is in the account's own timeline.
    OwnEvents => "own_events",
    /// And lies in the time that the intruder is said to have been there.
    InWindow => "in_window",
    /// The confidence is what prior and weights come to.
    Confidence => "confidence",
    /// No object is hidden that is not attributed to the intruder.
    Objects => "objects",
    /// An addendum hides only what the same hand made after its plan was sealed, on accounts that still are contained.
    Addendum => "addendum",
    /// No sentinel is believed compromised.
    Sentinel => "sentinel",
    /// Protected accounts are for people.
    Protected => "protected",
    /// So are those whose owner is at risk.
    AtRisk => "at_risk",
    /// And machines' accounts.
    ServiceAccount => "service_account",
    /// The credential that the plan names is the one in place.
    Changed => "changed",
    /// How old what the hunt saw is, where a credential is replaced.
    Age => "age",
    /// Notices go to contacts known from before the compromise.
    Contact => "contact",
    /// Most owners can be told by mail.
    Unreachable => "unreachable",
    /// No verdict rests on a change of the service itself.
    Shift => "shift",
    /// No single signal carries the cohort.
    SignalShare => "signal_share",
    /// No signal that carries it has leapt against its own history.
    SignalRate => "signal_rate",
    /// The same detection over a quiet window finds next to nobody.
    Placebo => "placebo",
    /// Who looks like a campaign and is not in the plan.
    UnderScoped => "under_scoped",
    /// An account is only taken off for as long as what can't be revoked lives.
    Hold => "hold",
    /// What holds cost owners, in hours offline.
    OwnersOffline => "owners_offline",
    /// What is done instead where a credential moves after sealing.
    IfMoved => "if_moved",
    /// Nobody can climb back by what lives on.
    ClimbBack => "climb_back",
    /// A contact or factor that is taken out is the intruder's.
    PutBack => "put_back",
    /// A probe is a registered account of ours, and nobody's; no owner's account is passed off as one.
    Probe => "probe",
    /// Which kinds of credential no probe tries.
    Unprobed => "unprobed",
    /// What can't be taken back.
    NoUndo => "no_undo",
    /// Whether a credential that moves in the moment of the act is safe.
    Guard => "guard",
    /// Whether the connector can do what containment takes.
    Cannot => "cannot",
}
