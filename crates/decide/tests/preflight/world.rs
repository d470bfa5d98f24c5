//! Eighty victims among four thousand accounts, found by evidence of several families; every check has what it needs, and
//! finds nothing but what a right plan has as well.

use decide::gather::{Sources, gather};
use decide::moved::Moved;
use decide::plan::{Occasion, draft, draft_addendum, with_probes};
use decide::preflight::{Basis, Check, PastHunt, PlaceboYield, Report, Severity, preflight_of};
use model::account::{Account, AccountState, Contact, ContactKind, CredentialVersion, Factor, FactorKind};
use model::addendum::{Parent, Part, Standing};
use model::event::{Event, Kind};
use model::id::{AccountId, Digest};
use model::labels::Label;
use model::plan::{ActKind, Draft, Tier};
use model::policy::{Policy, ReferencePolicy};
use model::probe::{Probe, ProbeKind};
use model::secret::Secret;
use model::verdict::{
    Belief, Evidence, Family, Hand, Intruder, Moment, Route, Summary, Timeline, Verdict, Window,
};
use std::collections::{BTreeMap, BTreeSet};

/// Everybody with a verdict.
pub(crate) const VICTIMS: usize = 80;
/// Everybody.
pub(crate) const ACCOUNTS: usize = 4000;

/// Log-odds before any evidence, and what signals add.
const PRIOR: f64 = -8.0;
const WEIGHTS: [(&str, Family, f64); 5] = [
    ("new_device", Family::Novelty, 2.0),
    ("new_network", Family::Novelty, 2.0),
    ("stuffing_machine", Family::Entry, 8.0),
    ("shared_domain", Family::Campaign, 9.0),
    ("mass_follow", Family::Abuse, 9.0),
];

pub(crate) struct World {
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) timelines: Vec<Timeline>,
    pub(crate) summary: Summary,
    pub(crate) states: BTreeMap<AccountId, AccountState>,
    pub(crate) labels: BTreeMap<AccountId, Label>,
    pub(crate) history: Vec<PastHunt>,
    pub(crate) placebo: Option<PlaceboYield>,
    pub(crate) guard_is_atomic: bool,
    pub(crate) can: Vec<ActKind>,
    pub(crate) outlives_ms: Option<i64>,
    pub(crate) probes: Vec<Probe>,
    pub(crate) can_try: Vec<ProbeKind>,
    /// A plan that was sealed between the intruder's two posts, and all of whose accounts are contained.
    pub(crate) parent: Parent,
    pub(crate) policy: Policy,
}

pub(crate) fn id(i: usize) -> AccountId {
    AccountId::new(format!("u{i:04}"))
}

/// The evidence of these signals, each resting on the intruder's first act.
pub(crate) fn evidence(i: usize, signals: &[&str]) -> Vec<Evidence> {
    let of = WEIGHTS.iter().filter(|(name, _, _)| signals.contains(name));
    of.map(|(signal, family, weight)| Evidence {
        signal: (*signal).to_owned(),
        family: *family,
        weight: *weight,
        summary: (*signal).to_owned(),
        events: vec![format!("u{i:04}-a").as_str().into()],
        campaign: (*signal == "shared_domain").then(|| "c1".into()),
    })
    .collect()
}

/// A verdict whose confidence is what prior and weights come to.
pub(crate) fn verdict(i: usize, signals: &[&str]) -> Verdict {
    let evidence = evidence(i, signals);
    let sum: f64 = evidence.iter().map(|e| e.weight).sum();
    let exact = 1.0 / (1.0 + (-(PRIOR + sum)).exp());
    Verdict {
        account: id(i),
        verdict: Belief::Compromised,
        route: Route::Credential,
        confidence: format!("{exact:.5e}").parse().unwrap(),
        window: Window { start: 1000, end: 2000 },
        evidence,
        intruder: Intruder {
            events: ["a", "b"].map(|name| format!("u{i:04}-{name}").as_str().into()).to_vec(),
            objects: vec!["post1".into(), "post2".into()],
            ..Intruder::default()
        },
    }
}

/// The owner's post with the phone, then two of the intruder's.
pub(crate) fn timeline(i: usize, app: &str, device: &str) -> Timeline {
    let moment = |hand, name: &str, time, app: &str, device: &str| {
        let mut event = Event::new(format!("u{i:04}-{name}").as_str().into(), time, id(i), Kind::Post);
        event.app = Some(app.into());
        event.device = Some(device.to_owned());
        event.object = Some(match name {
            "a" => "post1".into(),
            "b" => "post2".into(),
            _ => "owners-post".into(),
        });
        Moment { hand, event }
    };
    let moments = vec![
        moment(Hand::Owner, "o", 100, "app-old", "phone"),
        moment(Hand::Intruder, "a", 1000, app, device),
        moment(Hand::Intruder, "b", 2000, app, device),
    ];
    Timeline { account: id(i), moments }
}

fn state(i: usize) -> AccountState {
    let account = id(i);
    let mail = |value: String, since| Contact {
        kind: ContactKind::Mail,
        value: Secret::new(value),
        verified_at: None,
        since,
    };
    let record = Account {
        active: Some(true),
        segment: Some("home".to_owned()),
        protected: Some(false),
        at_risk: Some(false),
        service: Some(false),
        sentinel: Some(false),
        contacts: Some(vec![
            mail(format!("{account}@new.example"), Some(1500)),
            mail(format!("{account}@old.example"), Some(10)),
        ]),
        ..Account::unknown(account.clone())
    };
    AccountState {
        record,
        credential: Some(CredentialVersion(Digest::of(account.as_str().as_bytes()))),
        sessions: Vec::new(),
        grants: Vec::new(),
        hidden: Vec::new(),
        factors: Vec::new(),
        is_off: false,
    }
}

/// The probe account that is registered.
pub(crate) fn probe() -> AccountId {
    AccountId::from("ours")
}

fn ours() -> AccountState {
    let mut state = state(ACCOUNTS);
    state.record.account = probe();
    state.record.contacts = None;
    state.record.probe = Some(true);
    state.factors = vec![Factor { id: "ours".into(), kind: FactorKind::Passkey, added_by: None }];
    state
}

static NONE_UNSETTLED: BTreeSet<AccountId> = BTreeSet::new();
static NONE_MOVED: BTreeMap<AccountId, Moved> = BTreeMap::new();

fn parent() -> Parent {
    let part = |i: usize| Part {
        tier: Tier::Evidence,
        route: Route::Credential,
        cited: [format!("u{i:04}-a").as_str().into()].into(),
        seen_until: 1500,
        named: ["post1".into()].into(),
        standing: Standing::Contained,
    };
    Parent {
        run: "r1".into(),
        digest: Digest::of(b"earlier plan"),
        parts: (0..VICTIMS).map(|i| (id(i), part(i))).collect(),
    }
}

/// What a hunt over all of them says of itself.
pub(crate) fn summary() -> Summary {
    let active = ACCOUNTS as u64;
    Summary {
        events: 1,
        rejected: 0,
        duplicates: 0,
        conflicting: 0,
        unknown_kinds: BTreeMap::new(),
        accounts: active,
        active,
        window: Window { start: 0, end: 3000 },
        verdicts: BTreeMap::new(),
        shifts: Vec::new(),
        left_out: Vec::new(),
        prior: PRIOR,
        weights: WEIGHTS.iter().map(|(s, _, w)| ((*s).to_owned(), *w)).collect(),
        calibration: String::new(),
        intelligence: Vec::new(),
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let mut policy = Policy::parse(include_str!("../../../../policy/shipped.toml")).unwrap();
        let (accounts, active) = (VICTIMS as u64, ACCOUNTS as u64);
        policy.reference = Some(ReferencePolicy { hunts: 1, accounts, active, multiple_max: 5.0 });
        let many = ["new_device", "new_network", "stuffing_machine", "shared_domain"];
        let usual = |signal: &str| if signal == "mass_follow" { 0 } else { VICTIMS as u64 };
        let signals = || WEIGHTS.iter().map(|(s, _, _)| ((*s).to_owned(), usual(s))).collect();
        Self {
            verdicts: (0..VICTIMS).map(|i| verdict(i, &many)).collect(),
            timelines: (0..VICTIMS).map(|i| timeline(i, "bad-app", "stranger")).collect(),
            summary: summary(),
            states: (0..ACCOUNTS).map(|i| (id(i), state(i))).chain([(probe(), ours())]).collect(),
            labels: BTreeMap::new(),
            history: (0..10).map(|_| PastHunt { active, signals: signals() }).collect(),
            placebo: Some(PlaceboYield { window: Window { start: 0, end: 1000 }, believed: 0, active }),
            guard_is_atomic: true,
            can: vec![
                ActKind::RequireNewCredential,
                ActKind::EndSessions,
                ActKind::RevokeGrants,
                ActKind::RemoveFactor,
                ActKind::HideObjects,
            ],
            outlives_ms: None,
            probes: vec![Probe {
                account: probe(),
                armed: ProbeKind::ALL.to_vec(),
                spent: Vec::new(),
                added_at: 1,
                added_by: "ana".to_owned(),
            }],
            can_try: ProbeKind::ALL.to_vec(),
            parent: parent(),
            policy,
        }
    }

    pub(crate) fn draft(&self) -> Draft {
        let contained = BTreeMap::new();
        let cohort = gather(&self.sources(&contained));
        let occasion = self.occasion();
        let draft = draft(&cohort, &occasion);
        with_probes(draft, &self.probes, &self.can_try, &self.states, &occasion)
    }

    fn sources<'a>(&'a self, contained: &'a BTreeMap<AccountId, i64>) -> Sources<'a> {
        Sources {
            verdicts: &self.verdicts,
            list: None,
            states: &self.states,
            labels: &self.labels,
            contained,
            moved: &NONE_MOVED,
            unsettled: &NONE_UNSETTLED,
            policy: &self.policy,
        }
    }

    fn occasion(&self) -> Occasion<'_> {
        Occasion {
            plan: "p1".into(),
            author: "ana".into(),
            at: 5000,
            hunt: Digest::of(b"hunt"),
            connector: "test".to_owned(),
            policy: (&self.policy, Digest::of(b"policy")),
            can: &self.can,
            outlives_ms: self.outlives_ms,
        }
    }

    /// An addendum to the earlier plan.
    pub(crate) fn addendum(&self) -> Draft {
        let contained = BTreeMap::new();
        let cohort = gather(&self.sources(&contained));
        draft_addendum(&self.parent, &cohort, &self.timelines, &self.occasion())
    }

    pub(crate) fn basis(&self) -> Basis<'_> {
        Basis {
            verdicts: &self.verdicts,
            timelines: &self.timelines,
            summary: &self.summary,
            states: &self.states,
            labels: &self.labels,
            history: &self.history,
            placebo: self.placebo.as_ref(),
            guard_is_atomic: self.guard_is_atomic,
            outlives_ms: self.outlives_ms,
            can: &self.can,
            probes: &self.probes,
            opens: &ProbeKind::ALL,
            can_try: &self.can_try,
            parent: Some(&self.parent),
            policy: &self.policy,
        }
    }

    pub(crate) fn report(&self, checks: &[Check], draft: &Draft) -> Report {
        preflight_of(checks, draft, &self.basis())
    }

    /// The worst that each check says.
    pub(crate) fn said(&self, checks: &[Check], draft: &Draft) -> BTreeMap<Check, Severity> {
        let mut said = BTreeMap::new();
        for note in self.report(checks, draft).notes {
            let worst = said.entry(note.check).or_insert(note.severity);
            *worst = note.severity.max(*worst);
        }
        said
    }

    /// The checks that say more than a remark.
    pub(crate) fn against(&self, draft: &Draft) -> BTreeSet<Check> {
        let said = self.said(Check::ALL, draft);
        said.into_iter().filter(|(_, severity)| *severity > Severity::Info).map(|(check, _)| check).collect()
    }

    /// Changes the record of an account.
    pub(crate) fn edit(&mut self, i: usize, change: impl Fn(&mut Account)) {
        change(&mut self.states.get_mut(&id(i)).unwrap().record);
    }
}
