//! What of an account speaks for strangers: of each act of a hand that is not surely the owner's, the artefacts that are
//! guilty or lean. It is looked up once an account; the signals read it.

use super::act::Act;
use super::actor::{Actor, Origin};
use super::artefact::{Key, keys};
use super::company;
use super::fold::Folded;
use super::lore::Lore;
use super::standing::Artefacts;

/// The artefacts of an account's doubtful acts that have a standing, in the order of the acts.
#[derive(Clone, Debug, Default)]
pub struct Burden(Vec<(usize, Key)>);

impl Burden {
    /// Looks an account's acts through.
    #[must_use]
    pub fn of(acts: &[Act], folded: &Folded, artefacts: &Artefacts, lore: &Lore<'_>) -> Self {
        let is_asked =
            |a: &Actor| a.is_doubtful() || a.origin == Origin::Early || company::has_a_machine_of_its_own(a);
        let asked: Vec<bool> = folded.actors.iter().map(is_asked).collect();
        let mut found = Vec::new();
        for (at, (act, hand)) in acts.iter().zip(&folded.hands).enumerate() {
            if asked.get(usize::from(*hand)).copied().unwrap_or(false) {
                keys(act, lore, &mut |key| {
                    if artefacts.leaning(key).is_some() {
                        found.push((at, key));
                    }
                });
            }
        }
        Self(found)
    }

    /// What one hand carries, with the place of the act.
    pub(super) fn of_hand(&self, folded: &Folded, hand: u8) -> impl Iterator<Item = (usize, Key)> {
        self.0.iter().copied().filter(move |(at, _)| folded.hands[*at] == hand)
    }
}
