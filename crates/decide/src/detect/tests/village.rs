//! Builds a service's events by hand, and runs the whole detection over them on one thread.

use crate::detect::*;
use model::event::{Event, Kind, Outcome};
use model::verdict::{Belief, Shift, Verdict};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const DAY: i64 = 86_400_000;
pub(super) const MINUTE: i64 = 60_000;
pub(super) const START: i64 = 1_790_000_000_000;

/// From what machine an act comes.
#[derive(Clone, Default)]
pub(super) struct From {
    pub(super) device: Option<String>,
    pub(super) session: Option<String>,
    pub(super) ip: String,
    pub(super) asn: u32,
    pub(super) country: String,
    pub(super) agent: String,
    pub(super) app: String,
}

/// The events of a service, and a clock of ids.
#[derive(Default)]
pub(super) struct Village {
    pub(super) events: Vec<Event>,
    /// What others say.
    pub(super) outside: Outside,
}

pub(super) fn name(account: usize) -> String {
    format!("u{account:04}")
}

/// Where and with what an owner lives.
pub(super) fn home(account: usize) -> From {
    From {
        device: Some(format!("d{account}")),
        session: Some(format!("s{account}")),
        ip: format!("10.{}.{}.7", account / 250, account % 250),
        asn: 64_500 + account as u32 % 5,
        country: ["DE", "FR", "BR"][account % 3].to_owned(),
        agent: format!("Browser{}/12.{} (Desktop)", account % 4, account % 7),
        app: "web".to_owned(),
    }
}

/// A stranger's machine, the `n`th of one intruder.
pub(super) fn abroad(n: usize) -> From {
    From {
        device: Some(format!("x{n}")),
        session: Some(format!("xs{n}")),
        ip: format!("192.0.2.{}", n % 200),
        asn: 65_000,
        country: "ZZ".to_owned(),
        agent: "Tool/1.0 (Server)".to_owned(),
        app: "web".to_owned(),
    }
}

impl Village {
    /// `accounts` owners who post every day for three weeks, each in words of their own.
    pub(super) fn of(accounts: usize) -> Self {
        let mut village = Self::default();
        for account in 0..accounts {
            for day in 0..21 {
                let at = START + day * DAY + (account as i64 * 7919) % DAY / 3;
                let words = ["river", "bread", "bicycle", "garden", "window", "harbour", "letter"];
                let text = format!(
                    "today {} and {} met number{account} under the {} of {}",
                    words[(account + day as usize) % 7],
                    words[(account * 3 + 1) % 7],
                    words[(day as usize * 5 + 2) % 7],
                    name(account)
                );
                village.say(account, at, Kind::Post, &home(account), &text);
            }
        }
        village
    }

    pub(super) fn add(&mut self, account: usize, at: i64, kind: Kind, from: &From) -> &mut Event {
        let id = format!("e{:06}", self.events.len());
        let mut event = Event::new(id.as_str().into(), at, name(account).as_str().into(), kind);
        event.device = from.device.clone();
        event.session = from.session.as_deref().map(Into::into);
        event.ip = Some(from.ip.clone()).filter(|i| !i.is_empty());
        event.asn = (from.asn != 0).then_some(from.asn);
        event.country = Some(from.country.clone()).filter(|c| !c.is_empty());
        event.user_agent = Some(from.agent.clone()).filter(|a| !a.is_empty());
        event.app = Some(from.app.as_str().into());
        let object = format!("o{}", self.events.len());
        event.object = Some(object.as_str().into());
        self.events.push(event);
        self.events.last_mut().expect("one was just pushed")
    }

    pub(super) fn say(&mut self, account: usize, at: i64, kind: Kind, from: &From, text: &str) {
        self.add(account, at, kind, from).text = Some(text.to_owned());
    }

    pub(super) fn login(&mut self, account: usize, at: i64, outcome: Outcome, from: &From) {
        let event = self.add(account, at, Kind::Login, from);
        event.outcome = Some(outcome);
        if outcome == Outcome::Failure {
            event.session = None;
        }
    }

    /// Runs the detection; verdicts by account, and the shifts.
    pub(super) fn judged(&self) -> Judged {
        let mut words = Words::default();
        let mut of_account: BTreeMap<String, Vec<Act>> = BTreeMap::new();
        for event in &self.events {
            of_account.entry(event.account.as_str().to_owned()).or_default().push(act(event, &mut words));
        }
        for acts in of_account.values_mut() {
            acts.sort_by(|a, b| (a.time, words.ids.text(a.id)).cmp(&(b.time, words.ids.text(b.id))));
        }
        let accounts: Vec<&[Act]> = of_account.values().map(Vec::as_slice).collect();
        let mut lore = Lore::new(&words);
        let mut whole = Census::default();
        accounts.iter().for_each(|acts| whole.add(census(acts, &lore)));
        let shifts = whole.shifts(&lore);
        lore.learn(&shifts);
        let folds: Vec<Folded> = accounts.iter().map(|acts| fold(acts, &lore)).collect();
        let mut doubts = Doubts::default();
        accounts.iter().zip(&folds).for_each(|(acts, folded)| doubts.add(acts, folded, &lore));
        let mut all = Carriage::default();
        let (mut tries, mut used) = (Vec::new(), Vec::new());
        let mut intelligence = Intelligence::new(self.outside.clone(), &words);
        for (at, (acts, folded)) in accounts.iter().zip(&folds).enumerate() {
            tries.extend(attempts(at as u32, acts, folded, &lore));
            used.extend(uses(acts, folded, &lore));
        }
        let (failures, apps) = (Failures::count(&tries), Apps::weigh(&used));
        let patterns = doubts.patterns();
        for (at, (acts, folded)) in accounts.iter().zip(&folds).enumerate() {
            let hands = Hands::of(acts, folded);
            intelligence.learn(&intelligence.met(acts, &hands, &lore));
            all = all.with(carried(at as u32, acts, &hands, &lore, &patterns, &apps));
        }
        let artefacts = Artefacts::weigh(all, doubts.tried());
        let end = self.events.iter().map(|e| e.time).max().unwrap_or(0);
        let mut judgements: Vec<Judgement> = Vec::new();
        for (at, (acts, folded)) in accounts.iter().zip(&folds).enumerate() {
            let burden = Burden::of(acts, folded, &artefacts, &lore);
            let case = Case {
                acts,
                folded,
                hand: 0,
                lore: &lore,
                artefacts: &artefacts,
                burden: &burden,
                failures: &failures,
                apps: &apps,
                intelligence: &intelligence,
                calibration: Calibration::default(),
                end,
            };
            judgements.extend(judge(at as u32, &case, None));
        }
        // A hunt judges only accounts that can have something: those with a verdict must be among them.
        let carriers: BTreeSet<u32> = artefacts
            .guilty()
            .flat_map(|(_, s)| s.foreign.iter().chain(&s.others).map(|c| c.account))
            .collect();
        for judgement in &judgements {
            let at = judgement.account as usize;
            assert!(
                folds[at].may_tell(accounts[at])
                    || carriers.contains(&judgement.account)
                    || failures.any_login(accounts[at], &lore),
                "no hunt would look at {}",
                judgement.verdict.account
            );
        }
        let (campaigns, _) = campaigns(&mut judgements, &artefacts, &lore, &|a| accounts[a as usize]);
        let timelines =
            judgements.iter().map(|j| timeline(j, accounts[j.account as usize], &words)).collect();
        Judged {
            verdicts: judgements
                .into_iter()
                .map(|j| (j.verdict.account.as_str().to_owned(), j.verdict))
                .collect(),
            campaigns,
            timelines,
            shifts: shifts.told,
            intelligence: intelligence.files(),
        }
    }
}

/// What a village's detection found.
pub(super) struct Judged {
    pub(super) verdicts: BTreeMap<String, Verdict>,
    pub(super) campaigns: Vec<model::verdict::Campaign>,
    pub(super) timelines: Vec<model::verdict::Timeline>,
    pub(super) shifts: Vec<Shift>,
    pub(super) intelligence: Vec<model::verdict::IntelligenceFile>,
}

impl Judged {
    /// The accounts believed compromised.
    pub(super) fn compromised(&self) -> Vec<String> {
        let sure = self.verdicts.values().filter(|v| v.verdict == Belief::Compromised);
        sure.map(|v| v.account.as_str().to_owned()).collect()
    }
}

/// An event as an act, its values taken into the dictionaries.
pub(super) fn act(event: &Event, words: &mut Words) -> Act {
    fn sym(of: &mut Dictionary, text: Option<&str>) -> Sym {
        text.filter(|t| !t.is_empty()).map_or(Sym::NONE, |t| of.intern(t))
    }
    let lists = [event.urls.as_deref(), event.mentions.as_deref(), event.hashtags.as_deref()];
    Act {
        time: event.time,
        id: words.ids.intern(event.id.as_str()),
        account: words.accounts.intern(event.account.as_str()),
        session: sym(&mut words.sessions, event.session.as_ref().map(model::id::SessionId::as_str)),
        device: sym(&mut words.devices, event.device.as_deref()),
        ip: sym(&mut words.ips, event.ip.as_deref()),
        country: sym(&mut words.names, event.country.as_deref()),
        agent: sym(&mut words.agents, event.user_agent.as_deref()),
        app: sym(&mut words.apps, event.app.as_ref().map(model::id::AppId::as_str)),
        object: sym(&mut words.objects, event.object.as_ref().map(model::id::ObjectId::as_str)),
        text: sym(&mut words.texts, event.text.as_deref()),
        previous: sym(&mut words.objects, event.previous.as_deref()),
        change: sym(&mut words.names, event.change.as_deref()),
        lang: sym(&mut words.names, event.lang.as_deref()),
        kind_name: Sym::NONE,
        lists: sym(&mut words.lists, pack_lists(lists).as_deref()),
        asn: event.asn.unwrap_or(0),
        deed: Deed::from(&event.kind),
        outcome: event.outcome,
        initiator: event.initiator,
    }
}
