//! Entry: machines that failed to sign in to many accounts, and so hold a list of credentials. A failure is no
//! entry; who is let in from such a machine is another matter. A household that forgets its passwords, and a carrier
//! or school behind one address, are told by being at home on most of the accounts they try.

use super::act::Act;
use super::actor::{Actor, Origin};
use super::fold::Folded;
use super::lore::{Feature, Lore};
use super::words::{Map, Set, mix};

/// What tells a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trace {
    /// Its exact address.
    Address,
    /// Its device.
    Device,
    /// Its network.
    Network,
    /// Its user agent on its network.
    Tool,
    /// Its user agent at its exact address.
    ToolAtAddress,
}

type Machine = (Trace, u64);

/// A machine's failure on an account, or its being at home there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attempt {
    machine: Machine,
    how: How,
    account: u32,
}

/// What a machine was to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum How {
    /// It was refused.
    Failed,
    /// It is the owner's.
    AtHome,
    /// A device or session of the owner's came from it, on a journey.
    Visited,
}

/// What tells the machine of an act.
fn machines(act: &Act, lore: &Lore<'_>) -> impl Iterator<Item = Machine> {
    let view = lore.view(act);
    let network = view.get(Feature::Network);
    let address = view.get(Feature::Address);
    let with_tool = |place: u64| match act.agent.is_none() || place == 0 {
        true => 0,
        false => mix(act.agent.index() as u64 + 1, place) | 1,
    };
    let all = [
        (Trace::Address, address),
        (Trace::Device, view.device),
        (Trace::Network, network),
        (Trace::Tool, with_tool(network)),
        (Trace::ToolAtAddress, with_tool(address)),
    ];
    all.into_iter().filter(|(_, value)| *value != 0)
}

/// The machines that tried one account or are at home on it, each once.
#[must_use]
pub fn attempts(account: u32, acts: &[Act], folded: &Folded, lore: &Lore<'_>) -> Vec<Attempt> {
    let mut found: Set<(Machine, How)> = Set::default();
    let mut last = None;
    for (at, act) in acts.iter().enumerate() {
        let hand = folded.hands[at];
        let failed = act.is_users_own() && act.is_failed_login();
        let how = match folded.actors.get(usize::from(hand)) {
            Some(actor) if is_resident(actor) => Some(How::AtHome),
            Some(actor) if matches!(actor.origin, Origin::Roaming(_)) => Some(How::Visited),
            Some(_) | None => failed.then_some(How::Failed),
        };
        let same = (hand, act.ip, act.device, act.agent);
        if let Some(how) = how.filter(|how| *how == How::Failed || last != Some(same)) {
            found.extend(machines(act, lore).map(|machine| (machine, how)));
            last = (how != How::Failed).then_some(same);
        }
    }
    found.into_iter().map(|(machine, how)| Attempt { machine, how, account }).collect()
}

/// Whether a hand is at home where it is: an application's servers and a journey's networks are nobody's home, and who
/// came before there was history, for a day, lives nowhere yet.
fn is_resident(actor: &Actor) -> bool {
    let lives = match actor.origin {
        Origin::App(_) => false,
        Origin::Early => actor.days > 1,
        Origin::Arrived | Origin::Broken | Origin::Roaming(_) | Origin::Outburst(_) => true,
    };
    lives && (!actor.is_doubtful() || actor.is_unsure())
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    failed: u32,
    at_home: u32,
    visited: u32,
}

/// Machines that failed to sign in to many accounts.
#[derive(Clone, Debug, Default)]
pub struct Failures {
    machines: Map<Machine, Count>,
}

/// So many accounts that a machine failed on are no household.
const FAILED_MIN: u32 = 12;
/// So many accounts that one address failed on, while nobody is at home there, are no owners who mistyped: they would
/// have been seen there otherwise.
const FAILED_NOBODYS_HOME_MIN: u32 = 3;
/// Failures to each account the machine is at home on, or was on a journey, at least.
const FAILED_TO_HOME: u32 = 4;
/// The same where the address alone is to tell the machine: owners stand behind the exit of a VPN as well.
const FAILED_TO_HOME_ALONE: u32 = 20;

impl Failures {
    /// Counts the attempts of all accounts.
    #[must_use]
    pub fn count(attempts: &[Attempt]) -> Self {
        let mut machines: Map<Machine, Count> = Map::default();
        for attempt in attempts {
            let count = machines.entry(attempt.machine).or_default();
            match attempt.how {
                How::Failed => count.failed += 1,
                How::AtHome => count.at_home += 1,
                How::Visited => count.visited += 1,
            }
        }
        machines.retain(|_, m| m.failed > 0);
        Self { machines }
    }

    /// On how many accounts the very machine of an act failed, where it works through a list: by its address or
    /// device; or its network is such a machine's, and its address and its tool failed as well, if only
    /// a few times; or nobody is at home at its address, on which three accounts were failed.
    #[must_use]
    pub fn stuffer(&self, act: &Act, lore: &Lore<'_>) -> Option<(Trace, u32)> {
        let count = |machine: &Machine| self.machines.get(machine).copied().unwrap_or_default();
        let all: Vec<(Machine, Count)> = machines(act, lore).map(|m| (m, count(&m))).collect();
        // Behind the exit of a VPN stand owners as well, with browsers of their own.
        let with_its_tool =
            act.agent.is_none() || all.iter().any(|((t, _), c)| *t == Trace::ToolAtAddress && c.failed > 0);
        let own = all.iter().filter(|((t, _), c)| match t {
            Trace::Address => works_alone(*c) && with_its_tool || is_nobodys_home(*c),
            Trace::Device => works_a_list(*c),
            Trace::Network | Trace::Tool | Trace::ToolAtAddress => false,
        });
        if let Some(((trace, _), count)) =
            own.max_by_key(|((trace, _), c)| (c.failed, std::cmp::Reverse(*trace)))
        {
            return Some((*trace, count.failed));
        }
        let rotates = all.iter().any(|((t, _), c)| *t == Trace::Network && works_a_list(*c));
        let failed_too =
            all.iter().find(|((t, _), c)| *t == Trace::Address && c.failed >= 2 && c.at_home == 0);
        // A VPN's customers share its network with the machines, but not their browser string.
        let same_tool = all.iter().any(|((t, _), c)| *t == Trace::Tool && c.failed >= 2);
        let network = all.iter().find(|((t, _), _)| *t == Trace::Network)?;
        (rotates && same_tool && failed_too.is_some()).then_some((Trace::Network, network.1.failed))
    }

    /// Whether one of the acts is a sign-in that [`Self::stuffer`] or [`Self::near_stuffer`] speaks of.
    #[must_use]
    pub fn any_login(&self, acts: &[Act], lore: &Lore<'_>) -> bool {
        let mut logins = acts.iter().filter(|a| a.is_login());
        logins.any(|a| self.stuffer(a, lore).is_some() || self.near_stuffer(a, lore).is_some())
    }

    /// On how many accounts machines near this one failed: with the same tool in the same network, or at the same
    /// address, with another tool, or where others stand as well (the exit of a VPN).
    #[must_use]
    pub fn near_stuffer(&self, act: &Act, lore: &Lore<'_>) -> Option<u32> {
        machines(act, lore)
            .filter_map(|machine| {
                let count = self.machines.get(&machine)?;
                let near = match machine.0 {
                    Trace::Tool | Trace::ToolAtAddress => works_a_list(*count),
                    Trace::Address => works_alone(*count),
                    Trace::Device | Trace::Network => false,
                };
                near.then_some(count.failed)
            })
            .max()
    }
}

fn is_nobodys_home(count: Count) -> bool {
    count.failed >= FAILED_NOBODYS_HOME_MIN && count.at_home == 0 && count.visited == 0
}

fn works_a_list(count: Count) -> bool {
    count.failed >= FAILED_MIN && count.failed >= FAILED_TO_HOME * (count.at_home + count.visited)
}

fn works_alone(count: Count) -> bool {
    count.failed >= FAILED_MIN && count.failed >= FAILED_TO_HOME_ALONE * (count.at_home + count.visited)
}
