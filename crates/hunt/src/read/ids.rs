//! Ids of events. Almost every one stands there once, so that no table is kept of them while reading: which stand there
//! more than once is found when all is read, by sorting parts of their hashes.

use crate::error::HuntError;
use decide::detect::{Dictionary, Lexicon, Sym, hash64};
use rayon::prelude::*;
use std::collections::HashMap;

/// Ids are sorted in so many parts, by the first byte of their hash.
const PARTS: usize = 256;

/// The ids that one thread read.
pub(super) struct Ids {
    thread: usize,
    threads: usize,
    lexicon: Lexicon,
    /// Each with 32 bits of its hash, by the first eight.
    parts: Vec<Vec<(u32, Sym)>>,
}

impl Ids {
    /// None yet; `thread` counts from 0 and is one of `threads`.
    pub(super) fn new(thread: usize, threads: usize) -> Self {
        Self { thread, threads, lexicon: Lexicon::default(), parts: vec![Vec::new(); PARTS] }
    }

    /// Takes an id in.
    pub(super) fn take(&mut self, id: &str) -> Result<Sym, HuntError> {
        let at = self.lexicon.push(id);
        let sym = at.and_then(|at| Sym::of(at, self.thread, self.threads)).ok_or(HuntError::Full("id"))?;
        let hash = hash64(id.as_bytes(), 0);
        self.parts[(hash >> 56) as usize].push((hash as u32, sym));
        Ok(sym)
    }
}

/// Brings the ids of all threads together: the dictionary, and for each entry of an id that stands there more than once
/// the first entry of the same id.
pub(super) fn together(mut all: Vec<Ids>) -> (Dictionary, HashMap<Sym, Sym>) {
    all.sort_by_key(|ids| ids.thread);
    let mut parts: Vec<Vec<(u32, Sym)>> = vec![Vec::new(); PARTS];
    let mut shards = Vec::with_capacity(all.len());
    for ids in all {
        parts.iter_mut().zip(ids.parts).for_each(|(part, more)| match part.is_empty() {
            true => *part = more,
            false => part.extend(more),
        });
        shards.push(ids.lexicon);
    }
    let dictionary = Dictionary::new(shards);
    let repeated = parts.into_par_iter().flat_map_iter(|part| repeated(part, &dictionary)).collect();
    (dictionary, repeated)
}

fn repeated(mut part: Vec<(u32, Sym)>, ids: &Dictionary) -> Vec<(Sym, Sym)> {
    part.sort_unstable_by_key(|(hash, _)| *hash);
    let mut found = Vec::new();
    for alike in part.chunk_by_mut(|a, b| a.0 == b.0).filter(|alike| alike.len() > 1) {
        alike.sort_unstable_by_key(|(_, sym)| ids.text(*sym));
        for same in alike.chunk_by(|a, b| ids.text(a.1) == ids.text(b.1)).filter(|same| same.len() > 1) {
            found.extend(same.iter().map(|(_, sym)| (*sym, same[0].1)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_there_twice_is_found_whichever_thread_read_it_and_nothing_else() {
        let mut threads: Vec<Ids> = (0..3).map(|thread| Ids::new(thread, 3)).collect();
        let mut syms = Vec::new();
        for n in 0..30_000 {
            let id = format!("e{}", n % 29_000);
            syms.push((threads[n % 3].take(&id).unwrap(), id));
        }
        threads.reverse();
        let (ids, repeated) = together(threads);
        assert!(syms.iter().all(|(sym, id)| ids.text(*sym) == id));
        assert_eq!(repeated.len(), 2_000);
        for (sym, first) in &repeated {
            assert_eq!(ids.text(*sym), ids.text(*first));
            assert_eq!(repeated[first], *first);
        }
        let firsts: std::collections::HashSet<_> = repeated.values().collect();
        assert_eq!(firsts.len(), 1_000);
    }
}
