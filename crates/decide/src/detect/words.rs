//! Dictionaries: every value of the input once, and a number for each. Numbers depend on the order of reading, so
//! they can be compared for equality only, never ordered: what is written out is ordered by the text.

use hashbrown::HashTable;

/// A value's number in its dictionary; the default is "absent".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sym(u32);

impl Sym {
    /// Absent.
    pub const NONE: Self = Self(0);

    /// Whether there is a value.
    #[must_use]
    pub fn is_some(self) -> bool {
        self.0 != 0
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_none(self) -> bool {
        self.0 == 0
    }

    /// A place for this value in an array of [`Dictionary::bound`] places.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// The number of entry `at` of shard `shard` among `shards`; `None` where a dictionary is full.
    #[must_use]
    pub fn of(at: u32, shard: usize, shards: usize) -> Option<Self> {
        let number = u64::from(at) * shards as u64 + shard as u64 + 1;
        u32::try_from(number).ok().map(Self)
    }
}

/// A 64-bit hash of bytes that is the same everywhere: it goes into answers (which bucket a text falls in), so it
/// must not depend on the machine. Two rounds of 64×64→128 bit multiplication a word, folded (as in wyhash).
#[must_use]
pub fn hash64(bytes: &[u8], seed: u64) -> u64 {
    let mut state = mix(seed ^ 0x9e37_79b9_7f4a_7c15, bytes.len() as u64 ^ 0xe703_7ed1_a0b4_28db);
    let mut words = bytes.chunks_exact(8);
    for word in &mut words {
        let word = u64::from_le_bytes(word.try_into().unwrap_or_default());
        state = mix(state ^ word, 0xa076_1d64_78bd_642f);
    }
    let rest = words.remainder().iter().rev().fold(0u64, |w, b| (w << 8) | u64::from(*b));
    mix(state ^ rest, 0x8ebc_6af0_9c88_c6e3)
}

pub(crate) fn mix(a: u64, b: u64) -> u64 {
    let wide = u128::from(a) * u128::from(b);
    (wide as u64) ^ ((wide >> 64) as u64) ^ a.rotate_left(32)
}

/// Hashes keys that are hashes or numbers already; for sets that live within one pass. No attacker chooses what is
/// in them: texts and addresses have been through [`hash64`].
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mixer(u64);

impl std::hash::Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = mix(self.0 ^ hash64(bytes, 4), 0xa076_1d64_78bd_642f);
    }

    fn write_u8(&mut self, n: u8) {
        self.write_u64(n.into());
    }

    fn write_u32(&mut self, n: u32) {
        self.write_u64(n.into());
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = mix(self.0 ^ n ^ 0x9e37_79b9_7f4a_7c15, 0xa076_1d64_78bd_642f);
    }

    fn write_isize(&mut self, n: isize) {
        self.write_u64(n as u64);
    }
}

/// A map by [`Mixer`].
pub(crate) type Map<K, V> = std::collections::HashMap<K, V, std::hash::BuildHasherDefault<Mixer>>;
/// A set by [`Mixer`].
pub(crate) type Set<K> = std::collections::HashSet<K, std::hash::BuildHasherDefault<Mixer>>;

/// Strings, each once, in one piece of memory.
#[derive(Default)]
pub struct Lexicon {
    bytes: String,
    ends: Vec<u32>,
    table: HashTable<Place>,
}

/// An entry in the table, with a part of its hash: most strings that are not the one looked for need not be read.
struct Place {
    at: u32,
    tag: u32,
}

/// The table's hash of a tag: odd, so that nothing of it is lost (Knuth's multiplicative hashing).
fn spread(tag: u32) -> u64 {
    u64::from(tag).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl Lexicon {
    /// The entry of a string, and whether it was there already. `hash` must be a function of the string; `None`
    /// where the lexicon has no room (4 GiB of text).
    pub fn intern(&mut self, text: &str, hash: u64) -> Option<(u32, bool)> {
        let tag = hash as u32;
        let (bytes, ends) = (&self.bytes, &self.ends);
        let is_it = |place: &Place| place.tag == tag && entry(bytes, ends, place.at) == text;
        if let Some(place) = self.table.find(spread(tag), is_it) {
            return Some((place.at, true));
        }
        let at = self.push(text)?;
        self.table.insert_unique(spread(tag), Place { at, tag }, |place| spread(place.tag));
        Some((at, false))
    }

    /// Takes a string in without looking whether it is there; its entry, `None` where there is no room.
    pub fn push(&mut self, text: &str) -> Option<u32> {
        let at = u32::try_from(self.ends.len()).ok()?;
        let end = u32::try_from(self.bytes.len() + text.len()).ok()?;
        self.bytes.push_str(text);
        self.ends.push(end);
        Some(at)
    }

    /// How many strings.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The string of an entry.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<&str> {
        (at < self.ends.len()).then(|| entry(&self.bytes, &self.ends, at as u32))
    }

    /// Gives the table's memory back: nothing more will be interned.
    pub fn freeze(&mut self) {
        self.table = HashTable::new();
        self.bytes.shrink_to_fit();
    }
}

fn entry<'a>(bytes: &'a str, ends: &[u32], at: u32) -> &'a str {
    let at = at as usize;
    let start = if at == 0 { 0 } else { ends[at - 1] as usize };
    &bytes[start..ends[at] as usize]
}

/// One field's values, in shards so that several threads can fill it.
#[derive(Default)]
pub struct Dictionary {
    shards: Vec<Lexicon>,
}

impl Dictionary {
    /// A dictionary of filled shards.
    #[must_use]
    pub fn new(shards: Vec<Lexicon>) -> Self {
        Self { shards }
    }

    /// The text of a value, `None` where it is absent.
    #[must_use]
    pub fn get(&self, sym: Sym) -> Option<&str> {
        let number = sym.index().checked_sub(1)?;
        let shards = self.shards.len().max(1);
        self.shards.get(number % shards)?.get(number / shards)
    }

    /// The text of a value, empty where it is absent.
    #[must_use]
    pub fn text(&self, sym: Sym) -> &str {
        self.get(sym).unwrap_or_default()
    }

    /// One more than the largest [`Sym::index`].
    #[must_use]
    pub fn bound(&self) -> usize {
        let shards = self.shards.len();
        self.shards.iter().map(|s| s.len() * shards + 1).max().unwrap_or(0).max(1)
    }

    /// Every value with its text, in the order of the shards.
    pub fn iter(&self) -> impl Iterator<Item = (Sym, &str)> {
        let shards = self.shards.len();
        self.shards.iter().enumerate().flat_map(move |(shard, lexicon)| {
            (0..lexicon.len())
                .filter_map(move |at| Some((Sym::of(at as u32, shard, shards)?, lexicon.get(at)?)))
        })
    }

    /// Takes a value in (one thread; for small inputs and tests).
    pub fn intern(&mut self, text: &str) -> Sym {
        if self.shards.is_empty() {
            self.shards.push(Lexicon::default());
        }
        let shards = self.shards.len();
        let hash = hash64(text.as_bytes(), 0);
        let shard = (hash >> 32) as usize % shards;
        self.shards[shard]
            .intern(text, hash)
            .and_then(|(at, _)| Sym::of(at, shard, shards))
            .unwrap_or_default()
    }
}

/// All dictionaries of a hunt, one a field.
#[derive(Default)]
#[allow(missing_docs, reason = "named as the event schema names the field")]
pub struct Words {
    pub ids: Dictionary,
    pub accounts: Dictionary,
    pub sessions: Dictionary,
    pub devices: Dictionary,
    pub ips: Dictionary,
    pub agents: Dictionary,
    pub apps: Dictionary,
    /// `object` and `previous`.
    pub objects: Dictionary,
    pub texts: Dictionary,
    pub lists: Dictionary,
    /// Small sets: `country`, `lang`, `change`, names of unknown kinds.
    pub names: Dictionary,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_keeps_its_number_and_absence_has_none() {
        let mut of = Dictionary::new((0..4).map(|_| Lexicon::default()).collect());
        let syms: Vec<_> = (0..1000).map(|i| of.intern(&format!("v{i}"))).collect();
        for (i, sym) in syms.iter().enumerate() {
            assert_eq!(of.get(*sym), Some(format!("v{i}").as_str()));
            assert_eq!(of.intern(&format!("v{i}")), *sym);
            assert!(sym.index() < of.bound());
        }
        assert_eq!(of.iter().count(), 1000);
        assert_eq!(of.get(Sym::NONE), None);
        assert_eq!(Dictionary::default().get(Sym::NONE), None);
    }

    #[test]
    fn the_hash_is_fixed_for_ever() {
        assert_eq!(hash64(b"", 0), hash64(b"", 0));
        assert_ne!(hash64(b"a", 0), hash64(b"b", 0));
        assert_ne!(hash64(b"a", 0), hash64(b"a\0", 0));
        assert_ne!(hash64(b"a", 0), hash64(b"a", 1));
    }
}
