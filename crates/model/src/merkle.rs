//! The Merkle tree of RFC 6962 (section 2.1), for plans and for the audit log: root, proofs, and a frontier that
//! grows leaf by leaf in memory of logarithmic size.

use crate::id::Digest;
use sha2::{Digest as _, Sha256};

/// The hash of a leaf: SHA-256(0x00 ‖ data).
#[must_use]
pub fn leaf(data: &[u8]) -> Digest {
    let mut hash = Sha256::new();
    hash.update([0]);
    hash.update(data);
    Digest(hash.finalize().into())
}

/// The hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
#[must_use]
pub fn node(left: &Digest, right: &Digest) -> Digest {
    let mut hash = Sha256::new();
    hash.update([1]);
    hash.update(left.0);
    hash.update(right.0);
    Digest(hash.finalize().into())
}

/// The root of the tree over leaf hashes; of no leaves, the hash of nothing.
#[must_use]
pub fn root(leaves: &[Digest]) -> Digest {
    let mut frontier = Frontier::default();
    leaves.iter().for_each(|leaf| frontier.push(*leaf));
    frontier.root()
}

/// The right edge of a growing tree: enough to append and to tell the root.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Frontier {
    size: u64,
    /// Roots of the complete subtrees, the largest first: one for each bit set in `size`.
    peaks: Vec<Digest>,
}

impl Frontier {
    /// How many leaves there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf's hash.
    pub fn push(&mut self, leaf: Digest) {
        let mut hash = leaf;
        let mut size = self.size;
        while size & 1 == 1 {
            if let Some(left) = self.peaks.pop() {
                hash = node(&left, &hash);
            }
            size >>= 1;
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The root over all leaves so far.
    #[must_use]
    pub fn root(&self) -> Digest {
        let mut peaks = self.peaks.iter().rev();
        match peaks.next() {
            None => Digest::of(b""),
            Some(last) => peaks.fold(*last, |right, left| node(left, &right)),
        }
    }
}

/// The largest power of two below `n` (which is at least 2).
fn split(n: usize) -> usize {
    let half = n.next_power_of_two() / 2;
    if half == n { n / 2 } else { half }
}

/// The audit path of leaf `index` (RFC 6962, 2.1.1), from the leaf's sibling to the root's child; `None` where there
/// is no such leaf.
#[must_use]
pub fn inclusion_proof(leaves: &[Digest], index: usize) -> Option<Vec<Digest>> {
    if index >= leaves.len() {
        return None;
    }
    let mut path = Vec::new();
    let (mut rest, mut at) = (leaves, index);
    while rest.len() > 1 {
        let (left, right) = rest.split_at(split(rest.len()));
        if at < left.len() {
            path.push(root(right));
            rest = left;
        } else {
            path.push(root(left));
            at -= left.len();
            rest = right;
        }
    }
    path.reverse();
    Some(path)
}

/// Whether `path` proves that `leaf` is leaf `index` of the tree of `size` leaves under `expected`
/// (the algorithm of RFC 9162, 2.1.3.2).
#[must_use]
pub fn verify_inclusion(leaf: Digest, index: u64, size: u64, path: &[Digest], expected: &Digest) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, leaf);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node(sibling, &hash);
            if at & 1 == 0 {
                while at & 1 == 0 && at != 0 {
                    at >>= 1;
                    last >>= 1;
                }
            }
        } else {
            hash = node(&hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *expected
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962, 2.1, word by word: what everything above is held against.
    fn by_definition(leaves: &[Digest]) -> Digest {
        match leaves {
            [] => Digest::of(b""),
            [one] => *one,
            many => {
                let mut k = 1;
                while k * 2 < many.len() {
                    k *= 2;
                }
                node(&by_definition(&many[..k]), &by_definition(&many[k..]))
            }
        }
    }

    fn some_leaves(n: usize) -> Vec<Digest> {
        (0..n).map(|i| leaf(&i.to_be_bytes())).collect()
    }

    #[test]
    fn the_empty_tree_and_one_leaf_are_as_published() {
        // Test values of RFC 6962's reference implementation: the empty tree, and a tree of one empty leaf.
        assert_eq!(root(&[]).hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(
            root(&[leaf(b"")]).hex(),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
    }

    #[test]
    fn root_and_proofs_agree_with_the_definition() {
        for n in 0..70 {
            let leaves = some_leaves(n);
            let top = by_definition(&leaves);
            assert_eq!(root(&leaves), top, "{n} leaves");
            for i in 0..n {
                let path = inclusion_proof(&leaves, i).expect("i < n");
                assert!(verify_inclusion(leaves[i], i as u64, n as u64, &path, &top), "leaf {i} of {n}");
                let elsewhere = (i + 1) % n;
                assert!(n == 1 || !verify_inclusion(leaves[i], elsewhere as u64, n as u64, &path, &top));
            }
        }
    }
}
