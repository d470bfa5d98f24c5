//! Who plays what: victims of each wave, accounts that a run of tried passwords fails on, look-alikes.

use super::dice::{Dice, Purpose};
use super::person::Person;
use super::settings::{Attack, DAY, HOUR, Settings};
use super::trap::{Groups, Trap};
use super::wave::{Run, Wave};
use super::world::World;
use std::collections::BTreeMap;

/// One account's part in a wave.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) wave: usize,
    /// The intruder's first act.
    pub(crate) at: i64,
    /// When the owner notices and answers with a new password, if ever.
    pub(crate) answered_at: Option<i64>,
    /// Accounts the worm must reach from here.
    pub(crate) passes_to: Vec<u32>,
}

/// Everybody's part.
#[derive(Default)]
pub(crate) struct Cast {
    pub(crate) waves: Vec<Wave>,
    pub(crate) runs: Vec<Run>,
    pub(crate) victims: BTreeMap<u32, Part>,
    /// A second intruder, on a few of them.
    pub(crate) seconds: BTreeMap<u32, Part>,
    /// Failed tries by account: run and moment.
    pub(crate) tries: BTreeMap<u32, Vec<(usize, i64)>>,
    pub(crate) traps: BTreeMap<u32, Vec<Trap>>,
    pub(crate) groups: Groups,
}

impl Cast {
    pub(crate) fn draw(settings: &Settings, world: &World, people: &[Person]) -> Self {
        let mut dice = Dice::of(settings.seed, Purpose::Cast, 0);
        let mut cast = Self { groups: Groups::draw(world, &mut dice), ..Self::default() };
        let mut free: Vec<u32> = (0..settings.accounts)
            .filter(|n| {
                let record = &people[*n as usize].record;
                record.sentinel != Some(true) && record.service != Some(true)
            })
            .collect();
        dice.shuffle(&mut free);
        let attacked = (f64::from(settings.accounts) * settings.attacked_share).round() as usize;
        for (attack, size) in shares(&settings.attacks, attacked, &mut dice) {
            cast.attack(world, people, attack, size, &mut free, &mut dice);
        }
        cast.second_intruders(world, people, settings.seconds_share, &mut dice);
        if settings.look_alikes {
            // a run that gets nowhere
            let tries = free.len() / 30;
            cast.run(world, tries, &mut dice);
            cast.look_alikes(world, people, &free, &mut dice);
        }
        cast
    }

    fn attack(
        &mut self,
        world: &World,
        people: &[Person],
        attack: Attack,
        size: usize,
        free: &mut Vec<u32>,
        dice: &mut Dice,
    ) {
        let mut left = size;
        while left > 0 {
            let most = if left < 16 { left } else { (left as f64 * dice.real(0.3, 1.0)) as usize };
            let members = match attack {
                Attack::Worm => Vec::new(),
                Attack::StuffingSpam
                | Attack::OauthApp
                | Attack::SessionTheft
                | Attack::Lockout
                | Attack::LowAndSlow
                | Attack::FollowFarm
                | Attack::Sleeper => take(free, most, |n| {
                    // accounts that nobody uses are tried like all others, but many are passed over
                    let lively = people[n as usize].monthly > 4.0 || n % 2 == 0;
                    lively && (!attack.wants_password() || people[n as usize].has_password())
                }),
            };
            let from_run = match attack {
                Attack::StuffingSpam | Attack::Sleeper => true,
                Attack::FollowFarm => dice.chance(0.5),
                Attack::Worm
                | Attack::OauthApp
                | Attack::SessionTheft
                | Attack::Lockout
                | Attack::LowAndSlow => false,
            };
            let run = from_run.then(|| {
                let tries = (members.len() as f64 * dice.lognormal(12.0, 0.5)) as usize + 20;
                self.run(world, tries.min(world.accounts as usize / 3), dice)
            });
            let mut wave = Wave::draw(world, attack, run, dice);
            if let Some(run) = run {
                wave.start = self.runs[run].start;
            }
            let place = self.waves.len();
            self.waves.push(wave);
            let found = if attack == Attack::Worm {
                self.infect(world, people, place, most, free, dice)
            } else {
                for n in &members {
                    let at = match run {
                        Some(run) => self.runs[run].moment(dice),
                        None => self.moment(place, dice),
                    };
                    self.fall(world, *n, place, at, dice);
                }
                members.len()
            };
            if found == 0 {
                return;
            }
            left -= found;
        }
    }

    /// Sells some passwords twice.
    fn second_intruders(&mut self, world: &World, people: &[Person], share: f64, dice: &mut Dice) {
        let buyers: Vec<usize> =
            (0..self.waves.len()).filter(|w| self.waves[*w].attack == Attack::StuffingSpam).collect();
        let sold: Vec<u32> = self
            .victims
            .iter()
            .filter(|(n, part)| {
                let attack = self.waves[part.wave].attack;
                let open = attack != Attack::Lockout && attack != Attack::OauthApp;
                open && part.answered_at.is_none() && people[**n as usize].has_password()
            })
            .map(|(n, _)| *n)
            .collect();
        for n in sold {
            let Some(wave) = (!buyers.is_empty()).then(|| *dice.pick(&buyers)) else { return };
            if dice.chance(share) && self.victims[&n].wave != wave {
                let at = self.moment(wave, dice).min(world.end - 2 * HOUR);
                let part = Part { wave, at, answered_at: None, passes_to: Vec::new() };
                self.seconds.insert(n, part);
            }
        }
    }

    fn moment(&self, wave: usize, dice: &mut Dice) -> i64 {
        let wave = &self.waves[wave];
        wave.start + (wave.span_ms as f64 * dice.unit().powf(1.6)) as i64
    }

    fn fall(&mut self, world: &World, n: u32, wave: usize, at: i64, dice: &mut Dice) {
        let at = at.min(world.end - HOUR - dice.between(0, 8 * HOUR));
        let answered = match self.waves[wave].attack {
            Attack::Lockout | Attack::Sleeper => false,
            Attack::StuffingSpam
            | Attack::Worm
            | Attack::OauthApp
            | Attack::SessionTheft
            | Attack::LowAndSlow
            | Attack::FollowFarm => dice.chance(0.12),
        };
        let answered_at = answered.then(|| at + 6 * HOUR + dice.exponential(2.0 * DAY as f64) as i64);
        let answered_at = answered_at.filter(|t| *t < world.end - HOUR);
        self.victims.insert(n, Part { wave, at, answered_at, passes_to: Vec::new() });
    }

    /// Spreads a worm along acquaintances until it has its number; how many it reached.
    fn infect(
        &mut self,
        world: &World,
        people: &[Person],
        wave: usize,
        size: usize,
        free: &mut Vec<u32>,
        dice: &mut Dice,
    ) -> usize {
        let mut available: std::collections::BTreeSet<u32> = free.iter().copied().collect();
        let mut queue = std::collections::VecDeque::new();
        let mut reached = 0;
        while reached < size && !available.is_empty() {
            if queue.is_empty() {
                let Some(first) = free.iter().copied().find(|n| available.contains(n)) else { break };
                available.remove(&first);
                let at = self.moment(wave, dice);
                self.fall(world, first, wave, at, dice);
                reached += 1;
                queue.push_back(first);
            }
            let Some(parent) = queue.pop_front() else { break };
            let from = self.victims[&parent].at;
            for friend in &people[parent as usize].friends {
                if reached < size && dice.chance(0.3) && available.remove(friend) {
                    let at = from + 20 * 60_000 + dice.exponential(3.0 * HOUR as f64) as i64;
                    if at >= world.end - HOUR {
                        available.insert(*friend);
                        continue;
                    }
                    self.fall(world, *friend, wave, at, dice);
                    if let Some(part) = self.victims.get_mut(&parent) {
                        part.passes_to.push(*friend);
                    }
                    reached += 1;
                    queue.push_back(*friend);
                }
            }
        }
        free.retain(|n| available.contains(n));
        reached
    }

    /// A run of tried passwords with its failures.
    fn run(&mut self, world: &World, tries: usize, dice: &mut Dice) -> usize {
        let span = (world.end - world.start) as f64;
        let start = world.start + (span * dice.real(0.3, 0.93)) as i64;
        let run = Run::draw(world, start, tries, dice);
        let place = self.runs.len();
        for _ in 0..tries {
            let n = dice.below(world.accounts as usize) as u32;
            let at = run.moment(dice);
            let list = self.tries.entry(n).or_default();
            for k in 0..1 + i64::from(dice.chance(0.2)) {
                list.push((place, at + k * 900));
            }
        }
        self.runs.push(run);
        place
    }

    fn look_alikes(&mut self, world: &World, people: &[Person], free: &[u32], dice: &mut Dice) {
        let each = (world.accounts as usize / 125).max(2);
        for trap in Trap::PLANTED {
            let mut found = 0;
            while found < each {
                let n = free[dice.below(free.len())];
                let person = &people[n as usize];
                found += 1;
                if trap.fits(person) && self.traps.get(&n).is_none_or(|t| t.len() < 2 && !t.contains(&trap)) {
                    self.traps.entry(n).or_default().push(trap);
                    if let Some(mate) = trap.partner(world, n)
                        && !self.victims.contains_key(&mate)
                    {
                        self.traps.entry(mate).or_default().push(trap);
                    }
                }
            }
        }
        for n in self.tries.keys().filter(|n| !self.victims.contains_key(n)) {
            self.traps.entry(*n).or_default().push(Trap::FailedStuffing);
        }
    }
}

/// How many accounts each attack gets; at least a few each.
fn shares(attacks: &[Attack], total: usize, dice: &mut Dice) -> Vec<(Attack, usize)> {
    if attacks.is_empty() || total == 0 {
        return Vec::new();
    }
    let weights: Vec<f64> = attacks.iter().map(|_| dice.lognormal(1.0, 0.4)).collect();
    let sum: f64 = weights.iter().sum();
    attacks
        .iter()
        .zip(weights)
        .map(|(attack, w)| (*attack, ((total as f64 * w / sum).round() as usize).max(1)))
        .collect()
}

/// Takes the first so many that fit.
fn take(free: &mut Vec<u32>, size: usize, fits: impl Fn(u32) -> bool) -> Vec<u32> {
    let mut taken = Vec::new();
    free.retain(|n| {
        let wanted = taken.len() < size && fits(*n);
        if wanted {
            taken.push(*n);
        }
        !wanted
    });
    taken
}
