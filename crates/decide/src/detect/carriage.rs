//! Who carries an artefact: a petition is carried by its signers' own hands, a lure by strangers. It counts accounts
//! and knows no verdicts.

use super::act::Act;
use super::actor::{Actor, Origin};
use super::apps::Apps;
use super::artefact::{Key, Sort, keys, keys_of_deed, keys_of_machine};
use super::fold::Folded;
use super::lore::Lore;
use super::profile::{ACQUAINTANCES, Acquaintance, Distance};
use super::words::{Map, Set, Sym};
use model::id::Millis;

/// Whose hand carried an artefact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Carrier {
    /// The owner's.
    Own,
    /// One that came before there was history: it says nothing.
    Early,
    /// An application's.
    App,
    /// A known one, in a network where the owner was never seen.
    Roaming,
    /// A known one, in a country where the owner was never seen.
    Abroad,
    /// A known one, in a manner that the owner never showed.
    Outburst,
    /// A stranger's.
    Foreign,
}

/// One hand of one account that carried an artefact.
#[derive(Clone, Copy, Debug)]
pub struct Carried {
    /// What.
    pub key: Key,
    /// The account (its place in the hunt's list).
    pub account: u32,
    /// The hand.
    pub hand: u8,
    /// Whose.
    pub carrier: Carrier,
    /// When first, ms.
    pub time: Millis,
    /// At which act of the account.
    pub act: u32,
    /// By how many steps the owner was known then.
    pub(super) known: u8,
    /// Whether the hand says it again and again, and little else: an outburst is told by that already.
    pub(super) insists: bool,
}

/// Whose a hand is.
#[must_use]
pub(super) fn carrier(folded: &Folded, hand: u8) -> Carrier {
    let actor = &folded.actors[usize::from(hand)];
    match actor.origin {
        _any if actor.is_foreign() => Carrier::Foreign,
        Origin::App(_) => Carrier::App,
        Origin::Roaming(_) if actor.distance == Distance::Country => Carrier::Abroad,
        Origin::Roaming(_) => Carrier::Roaming,
        Origin::Outburst(_) => Carrier::Outburst,
        Origin::Early => Carrier::Early,
        Origin::Arrived if actor.is_unsure() => Carrier::Roaming,
        Origin::Arrived | Origin::Broken => Carrier::Own,
    }
}

/// The artefacts that doubtful hands of one account carried: all others are carried by owners only.
fn doubtful(acts: &[Act], folded: &Folded, lore: &Lore<'_>) -> Set<Key> {
    let mut found = Set::default();
    let of_hand: Vec<bool> = folded.actors.iter().map(Actor::is_doubtful).collect();
    for (act, hand) in acts.iter().zip(&folded.hands) {
        if of_hand.get(usize::from(*hand)).copied().unwrap_or(false) {
            keys(act, lore, &mut |key| {
                found.insert(key);
            });
        }
    }
    found
}

/// Artefacts with the number of accounts on which a doubtful hand carries them.
#[derive(Clone, Debug, Default)]
pub struct Doubts(Map<Key, u32>);

impl Doubts {
    /// Counts the doubtful artefacts of one more account.
    pub fn add(&mut self, acts: &[Act], folded: &Folded, lore: &Lore<'_>) {
        for key in doubtful(acts, folded, lore) {
            *self.0.entry(key).or_default() += 1;
        }
    }

    /// Puts other accounts' to these.
    #[must_use]
    pub fn with(mut self, mut more: Self) -> Self {
        if more.0.len() > self.0.len() {
            std::mem::swap(&mut self, &mut more);
        }
        for (key, accounts) in more.0 {
            *self.0.entry(key).or_default() += accounts;
        }
        self
    }

    /// Those on enough accounts to make a pattern.
    #[must_use]
    pub fn patterns(&self) -> Patterns {
        let enough = self.0.iter().filter(|(_, accounts)| **accounts >= PATTERN_MIN);
        Patterns(enough.map(|(key, _)| *key).collect())
    }

    /// How many artefacts of each sort could have been a pattern by chance: those on more than one account.
    #[must_use]
    pub fn tried(&self) -> Tried {
        let mut tried = Tried::default();
        for (key, _) in self.0.iter().filter(|(_, accounts)| **accounts > 1) {
            tried.0[key.sort as usize] += 1;
        }
        tried
    }
}

/// Artefacts that may make a pattern.
#[derive(Clone, Debug, Default)]
pub struct Patterns(Set<Key>);

/// How many artefacts of each sort were looked at for a pattern: one seems guilty by chance the sooner, the more are
/// looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tried([usize; Sort::ALL.len()]);

impl Tried {
    /// Of one sort.
    #[must_use]
    pub(super) fn of(self, sort: Sort) -> f64 {
        self.0[sort as usize].max(1) as f64
    }
}

/// The fewest accounts of any sort's floor.
const PATTERN_MIN: u32 = 3;

/// What the hands of some accounts carried.
#[derive(Clone, Debug, Default)]
pub struct Carriage {
    /// Of the artefacts that may make a pattern, each once a hand.
    pub(super) carried: Vec<Carried>,
    /// How much was carried of all the others.
    pub(super) bases: [Base; Sort::ALL.len()],
}

impl Carriage {
    /// Puts other accounts' to this.
    #[must_use]
    pub fn with(mut self, mut more: Self) -> Self {
        self.carried.append(&mut more.carried);
        for (base, more) in self.bases.iter_mut().zip(more.bases) {
            base.add(&more);
        }
        self
    }
}

/// So long a life shows an owner.
const LIVED_MS: Millis = 7 * 86_400_000;

/// Whose each act of an account is: what is kept of a fold until all accounts are folded.
#[derive(Clone, Debug, Default)]
pub struct Hands {
    /// Of each act.
    of: Box<[u8]>,
    whose: Box<[Whose]>,
    owner: Acquaintance,
}

/// Whose a hand is, and the application that it is.
#[derive(Clone, Copy, Debug)]
struct Whose {
    carrier: Carrier,
    app: Sym,
}

impl Hands {
    /// Whose the acts of an account are.
    #[must_use]
    pub fn of(acts: &[Act], folded: &Folded) -> Self {
        // An early hand that the account lived with for long, and most of the time, is the owner's as far as anybody can
        // tell; one that is there for a week on an account that nobody used may be anybody's.
        let span = acts.last().map_or(0, |a| a.time) - acts.first().map_or(0, |a| a.time);
        let whose = folded.actors.iter().enumerate().map(|(hand, actor)| {
            let lived = actor.seen.1 - actor.seen.0;
            let carrier = match carrier(folded, hand as u8) {
                Carrier::Early if lived >= LIVED_MS && 2 * lived >= span => Carrier::Own,
                as_it_came @ (Carrier::Own
                | Carrier::Early
                | Carrier::App
                | Carrier::Roaming
                | Carrier::Abroad
                | Carrier::Outburst
                | Carrier::Foreign) => as_it_came,
            };
            Whose { carrier, app: if let Origin::App(app) = actor.origin { app } else { Sym::NONE } }
        });
        let owner = folded.profile.acquaintance();
        Self { of: folded.hands.as_slice().into(), whose: whose.collect(), owner }
    }

    /// Whose an act is, where it shows a hand.
    #[must_use]
    pub(super) fn carrier(&self, at: usize) -> Option<Carrier> {
        self.whose.get(usize::from(*self.of.get(at)?)).map(|whose| whose.carrier)
    }
}

/// What the hands of one account carried.
#[must_use]
pub fn carried(
    account: u32,
    acts: &[Act],
    hands: &Hands,
    lore: &Lore<'_>,
    patterns: &Patterns,
    apps: &Apps,
) -> Carriage {
    let mut seen: Map<(Key, u8), (usize, Times)> = Map::default();
    // An owner who says or uses the same as ever carries it again, as one who is known better.
    let mut others: Map<(Key, u8), (Carrier, u8, Times)> = Map::default();
    let mut found = Carriage::default();
    let mut before = None;
    for (at, (act, hand)) in acts.iter().zip(&hands.of).enumerate() {
        let Some(Whose { carrier, app }) = hands.whose.get(usize::from(*hand)).copied() else { continue };
        if app.is_some() && apps.harmful(app).is_some() {
            // What a malicious application says, no owner says: it must not make a lure look like an owner's.
            continue;
        }
        let (hand, time, known) = (*hand, act.time, hands.owner.at(act.time));
        let mut take = |key| {
            if patterns.0.contains(&key) {
                let next = found.carried.len();
                let (_, times) = seen.entry((key, hand)).or_insert((next, Times::default()));
                if times.add(at) == 1 {
                    let act = at as u32;
                    let insists = false;
                    found.carried.push(Carried { key, account, hand, carrier, time, act, known, insists });
                }
                return;
            }
            let (first, of, times) = others.entry((key, known)).or_insert((carrier, hand, Times::default()));
            if *first == Carrier::Early && carrier != Carrier::Early {
                (*first, *of, *times) = (carrier, hand, Times::default());
            }
            if *of == hand {
                times.add(at);
            }
        };
        // The same machine again carries nothing more, of an owner known as well.
        let view = lore.view(act);
        let machine = Some((hand, act.agent, view, known));
        if machine != before {
            keys_of_machine(act, &view, &mut take);
            before = machine;
        }
        keys_of_deed(act, lore, &mut take);
    }
    let mut said: Map<u8, u32> = Map::default();
    for (_, hand) in acts.iter().zip(&hands.of).filter(|(act, _)| act.deed.speaks()) {
        *said.entry(*hand).or_default() += 1;
    }
    let said = |hand: u8| said.get(&hand).copied().unwrap_or(0);
    for ((_, hand), (at, times)) in seen {
        let one = &mut found.carried[at];
        one.insists = one.carrier != Carrier::Outburst && times.of(said(hand));
    }
    // Of an early hand nothing can be said: it is no carrier of whom something was to be expected.
    for ((key, known), (carrier, hand, times)) in others {
        if carrier != Carrier::Early {
            found.bases[key.sort as usize].count(
                strangeness(carrier, key.sort),
                carrier != Carrier::Outburst && times.of(said(hand)),
                known,
            );
        }
    }
    found
}

/// In how many acts a hand carried something: of two hands on one account the one that brought it there, where anything
/// can be said of it. An owner takes a petition up at home before they carry it on a journey; a stolen session that
/// spread a lure from abroad may spread it from a network of the owner's the next day.
#[derive(Clone, Copy, Debug, Default)]
struct Times {
    acts: u32,
    /// The last of them, and one more.
    next: usize,
}

/// So many times, and so much of what it says, is more than to pass something on: who spreads a lure sends it to one
/// after the other.
const INSISTS_MIN: u32 = 3;
const INSISTS_SHARE: f64 = 0.6;

impl Times {
    /// Counts an act once; how many there are now.
    fn add(&mut self, at: usize) -> u32 {
        if self.acts == 0 || at >= self.next {
            self.acts += 1;
            self.next = at + 1;
            return self.acts;
        }
        self.acts + 1
    }

    /// Whether that is to insist, for a hand that spoke so often.
    fn of(self, said: u32) -> bool {
        self.acts >= INSISTS_MIN && f64::from(self.acts) >= INSISTS_SHARE * f64::from(said)
    }
}

/// Whether a known hand in an unknown place counts as a stranger for a sort: it does for what it says and does, not
/// for where it is (a crowd of known devices behind one new address is a crowd).
fn counts_roaming(sort: Sort) -> bool {
    match sort {
        Sort::Text | Sort::Domain | Sort::Page | Sort::Handle | Sort::Mention | Sort::Target => true,
        Sort::Address | Sort::Device | Sort::Agent | Sort::Network => false,
    }
}

/// How strange a carrier is: a stranger, a known hand abroad, or one in an unknown network at home.
pub(super) const LEVELS: usize = 3;

fn level(carrier: Carrier) -> Option<usize> {
    match carrier {
        Carrier::Foreign | Carrier::Outburst => Some(0),
        Carrier::Abroad => Some(1),
        Carrier::Roaming => Some(2),
        Carrier::Own | Carrier::Early | Carrier::App => None,
    }
}

/// The level of a carrier where it counts as strange for a sort.
pub(super) fn strangeness(carrier: Carrier, sort: Sort) -> Option<usize> {
    level(carrier).filter(|at| *at == 0 || counts_roaming(sort))
}

/// Beside the levels: strange at any of them, and insisting.
pub(super) const INSISTENT: usize = LEVELS;

/// How often accounts carry something, and how often by a hand at least as strange as each level, or by a strange one
/// that insists; apart by how well the owner was known then: of an owner who was seen once, the second network is as likely as not their own.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Base([OfKnown; ACQUAINTANCES]);

/// The same of owners known so well.
#[derive(Clone, Copy, Debug, Default)]
struct OfKnown {
    carried: usize,
    strange: [usize; LEVELS + 1],
}

/// How many carriers the rate over all owners counts for beside those of owners known so well.
const OVER_ALL: f64 = 10.0;

impl Base {
    /// Counts one more account.
    pub(super) fn count(&mut self, strangeness: Option<usize>, insists: bool, known: u8) {
        let of = &mut self.0[usize::from(known)];
        of.carried += 1;
        if let Some(at) = strangeness {
            of.strange[at..LEVELS].iter_mut().for_each(|n| *n += 1);
            of.strange[INSISTENT] += usize::from(insists);
        }
    }

    fn add(&mut self, more: &Self) {
        for (of, more) in self.0.iter_mut().zip(more.0) {
            of.carried += more.carried;
            of.strange.iter_mut().zip(more.strange).for_each(|(sum, n)| *sum += n);
        }
    }

    /// The chance that one of an artefact's carriers is at least as strange as a level, told from all artefacts but the
    /// one in question: an attack must not make itself look usual. It is the mean over its carriers, each as likely to
    /// be strange as other carriers are whose owners are known as well: where they differ, to take the mean for each
    /// is to be careful (Hoeffding 1956).
    pub(super) fn rate(bases: &[Self], level: usize, of_this: &Self) -> f64 {
        let elsewhere = |known: usize| {
            let carried = bases.iter().map(|b| b.0[known].carried).sum::<usize>();
            let strange = bases.iter().map(|b| b.0[known].strange[level]).sum::<usize>();
            let this = of_this.0[known];
            let strange = strange.saturating_sub(this.strange[level]);
            (strange as f64, carried.saturating_sub(this.carried) as f64)
        };
        let (strange, carried) = (0..ACQUAINTANCES)
            .map(elsewhere)
            .fold((0.0, 0.0), |(s, c), (strange, carried)| (s + strange, c + carried));
        let over_all = (strange + 1.0) / (carried + 2.0);
        let carriers = of_this.0.iter().map(|of| of.carried).sum::<usize>();
        let expected = (0..ACQUAINTANCES).map(|known| {
            let (strange, carried) = elsewhere(known);
            of_this.0[known].carried as f64 * (strange + OVER_ALL * over_all) / (carried + OVER_ALL)
        });
        (expected.sum::<f64>() / carriers.max(1) as f64).clamp(1e-4, 0.9)
    }
}
