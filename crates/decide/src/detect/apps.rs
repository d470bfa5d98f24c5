//! Applications across accounts: which of those that were let in do harm. A good one and a bad one both post from a
//! template; what tells them apart is that a bad one acts at once, after the same wait everywhere, or reaches out to
//! people, and is thrown out again by the owners who notice.

use super::act::{Act, Deed};
use super::actor::Origin;
use super::fold::{Folded, app_key};
use super::lore::Lore;
use super::words::Sym;
use model::id::Millis;
use statrs::distribution::{Binomial, DiscreteCDF};
use std::collections::{HashMap, HashSet};

const WEEK_MS: Millis = 7 * 86_400_000;
/// Accounts that make a pattern.
const ACCOUNTS_MIN: usize = 3;
/// The share of its accounts that let the application in within the input: a bad one has no long history.
const LET_IN_MIN: f64 = 0.8;
/// The share of acts that reach out to people.
const REACHES_MIN: f64 = 0.2;
/// Accounts that make a pattern where no owner has noticed yet: it reaches out at once, or after the same wait, everywhere.
const ALONE_MIN: usize = 5;
/// Other applications reach out to people less than that, where one that does is conspicuous.
const REACHES_USUAL: f64 = 0.1;
/// The share of its accounts whose owners throw out or delete that needs nothing beside it but a machine's regularity.
const DISOWNED_MANY: f64 = 0.2;
/// Three of four accounts on which it acted so soon after being let in are a script's work.
const SOON_MS: Millis = 3_600_000;
/// The chance that one innocent application of all is disowned as often.
const FALSE_ALARM: f64 = 0.01;

/// What one application did on one account.
#[derive(Clone, Copy, Debug)]
pub struct Use {
    app: Sym,
    /// The account let it in within the input.
    let_in: bool,
    /// How soon it acted then, ms.
    lag_ms: Millis,
    acts: u32,
    /// Messages and follows.
    reaches: u32,
    /// Revoked, its posts deleted, or the account reported, within a week.
    disowned: bool,
}

/// What applications did on one account.
#[must_use]
pub fn uses(acts: &[Act], folded: &Folded, lore: &Lore<'_>) -> Vec<Use> {
    let words = lore.words;
    let mut found = Vec::new();
    for (hand, actor) in folded.actors.iter().enumerate() {
        let Origin::App(app) = actor.origin else { continue };
        let key = app_key(words.apps.text(app));
        let named =
            |act: &Act, deed: Deed| act.deed == deed && app_key(words.objects.text(act.object)) == key;
        let let_in = acts.iter().find(|act| named(act, Deed::AppAuthorize)).map(|act| act.time);
        let theirs: Vec<&Act> = folded.acts_of(hand as u8).map(|at| &acts[at]).collect();
        let posts: HashSet<Sym> = theirs.iter().filter(|a| a.deed == Deed::Post).map(|a| a.object).collect();
        let since = actor.seen.0;
        let disowned = acts.iter().any(|act| {
            let soon = act.time >= since && act.time - since <= WEEK_MS;
            let deleted = act.deed == Deed::DeletePost && act.object.is_some() && posts.contains(&act.object);
            soon && (named(act, Deed::AppRevoke) || deleted || act.deed == Deed::Report)
        });
        let reaches = theirs.iter().filter(|a| matches!(a.deed, Deed::Message | Deed::Follow)).count() as u32;
        found.push(Use {
            app,
            let_in: let_in.is_some_and(|t| t <= since),
            lag_ms: let_in.map_or(Millis::MAX, |t| since - t),
            acts: theirs.len() as u32,
            reaches,
            disowned,
        });
    }
    found
}

/// What is held against an application.
#[derive(Clone, Debug, PartialEq)]
pub struct Harm {
    /// Accounts it acted on.
    pub accounts: usize,
    /// Of these, those whose owner threw it out, deleted its posts, or was reported.
    pub disowned: usize,
    /// How soon after being let in it acted, in the middle, ms.
    pub lag_ms: Millis,
    /// The share of its acts that reach out to people.
    pub reaches: f64,
    /// Whether owners mind it beyond chance; else it is held against it that no other application does the like.
    pub is_minded: bool,
}

/// Applications that do harm.
#[derive(Clone, Debug, Default)]
pub struct Apps {
    harmful: HashMap<Sym, Harm>,
}

impl Apps {
    /// Weighs the applications of the population against each other: by what owners did about them, and then, against
    /// all that no owner minds, by what they do.
    #[must_use]
    pub fn weigh(uses: &[Use]) -> Self {
        let mut of_app: HashMap<Sym, Vec<&Use>> = HashMap::new();
        for one in uses {
            of_app.entry(one.app).or_default().push(one);
        }
        let disowned = uses.iter().filter(|u| u.disowned).count();
        let apps = of_app.len() as f64;
        let conducts: Vec<(Sym, Conduct)> = of_app
            .into_iter()
            .map(|(app, uses)| (app, Conduct::of(&uses)))
            .filter(|(_, c)| c.accounts >= ACCOUNTS_MIN && c.let_in >= LET_IN_MIN * c.accounts as f64)
            .collect();
        let is_minded =
            |(_, c): &&(Sym, Conduct)| c.is_minded(uses.len() - c.accounts, disowned - c.disowned, apps);
        let minded: HashSet<Sym> = conducts.iter().filter(is_minded).map(|(app, _)| *app).collect();
        let harmful = conducts.into_iter().filter(|(app, conduct)| {
            minded.contains(app)
                || conduct.is_machinelike()
                    && others_reach(uses, |u| u.app != *app && !minded.contains(&u.app)) < REACHES_USUAL
        });
        Self { harmful: harmful.map(|(app, c)| (app, c.harm(minded.contains(&app)))).collect() }
    }

    /// What is held against an application, if anything.
    #[must_use]
    pub fn harmful(&self, app: Sym) -> Option<&Harm> {
        self.harmful.get(&app)
    }
}

/// How one application went about it on all its accounts.
struct Conduct {
    accounts: usize,
    /// Accounts that let it in within the input.
    let_in: f64,
    disowned: usize,
    /// Messages and follows, as a share of all it did.
    reaches: f64,
    lag_ms: Millis,
    /// It acted at once nearly everywhere.
    soon: bool,
    /// It waited for as long nearly everywhere. People are not regular: half of them would begin to use an application
    /// within a spell longer than the usual wait.
    regular: bool,
}

impl Conduct {
    fn of(uses: &[&Use]) -> Self {
        let n = uses.len();
        let mut lags: Vec<Millis> = uses.iter().map(|u| u.lag_ms).collect();
        lags.sort_unstable();
        let (early, usual, late) = (lags[n / 4], lags[n / 2], lags[n * 3 / 4]);
        Self {
            accounts: n,
            let_in: uses.iter().filter(|u| u.let_in).count() as f64,
            disowned: uses.iter().filter(|u| u.disowned).count(),
            reaches: reach(uses.iter().copied()),
            lag_ms: usual,
            soon: late <= SOON_MS,
            regular: late.saturating_sub(early).saturating_mul(2) <= usual,
        }
    }

    /// Whether owners mind it beyond chance, where so many of so many accounts of other applications are disowned.
    fn is_minded(&self, others: usize, disowned: usize, apps: f64) -> bool {
        let by_many = self.disowned >= 2
            && self.disowned as f64 >= DISOWNED_MANY * self.accounts as f64
            && self.regular;
        // How often the others are disowned, with one more than was seen, to be careful with few.
        let usual = ((disowned as f64 + 1.0) / (others as f64 + 20.0)).clamp(1e-4, 0.5);
        let chance = Binomial::new(usual, self.accounts as u64)
            .map_or(1.0, |b| b.sf((self.disowned as u64).saturating_sub(1)));
        self.disowned >= 1
            && chance * apps < FALSE_ALARM
            && (self.reaches >= REACHES_MIN || self.soon || by_many)
    }

    /// Whether it does on many accounts what no owner began: it reaches out to people, at once or after the same wait.
    fn is_machinelike(&self) -> bool {
        self.accounts >= ALONE_MIN && (self.soon || self.regular) && self.reaches >= REACHES_MIN
    }

    fn harm(self, is_minded: bool) -> Harm {
        let Self { accounts, disowned, lag_ms, reaches, .. } = self;
        Harm { accounts, disowned, lag_ms, reaches, is_minded }
    }
}

/// The share of all acts that reach out to people.
fn reach<'u>(uses: impl Iterator<Item = &'u Use>) -> f64 {
    let (reaches, acts) = uses.fold((0, 0), |(r, a), u| (r + u.reaches, a + u.acts));
    f64::from(reaches) / f64::from(acts.max(1))
}

/// The same over those of all uses that count.
fn others_reach(uses: &[Use], counts: impl Fn(&Use) -> bool) -> f64 {
    reach(uses.iter().filter(|u| counts(u)))
}
