//! The Merkle tree of RFC 6962 (section 2.1), for plans and for the audit log: root, proofs, and a frontier that
//! grows leaf by leaf in memory of logarithmic size.

mod proof;

pub use proof::{consistency, inclusion, root_of, verify_consistency, verify_inclusion};

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

/// The root over the complete subtrees of a tree, the largest first; of none, the hash of nothing.
#[must_use]
pub fn join(peaks: impl DoubleEndedIterator<Item = Digest>) -> Digest {
    let mut peaks = peaks.rev();
    match peaks.next() {
        None => Digest::of(b""),
        Some(last) => peaks.fold(last, |right, left| node(&left, &right)),
    }
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

    /// Roots of the complete subtrees, the largest first.
    #[must_use]
    pub fn peaks(&self) -> &[Digest] {
        &self.peaks
    }

    /// The root over all leaves so far.
    #[must_use]
    pub fn root(&self) -> Digest {
        join(self.peaks.iter().copied())
    }
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

    /// The root of each complete subtree, by definition.
    fn subtrees(leaves: &[Digest]) -> impl FnMut(u32, u64) -> Result<Digest, std::convert::Infallible> + '_ {
        |height, index| {
            let from = usize::try_from(index << height).expect("a small tree");
            Ok(by_definition(&leaves[from..from + (1 << height)]))
        }
    }

    #[test]
    fn root_and_proofs_agree_with_the_definition() {
        for n in 0..70 {
            let leaves = some_leaves(n);
            let (top, size) = (by_definition(&leaves), n as u64);
            assert_eq!(root(&leaves), top, "{n} leaves");
            assert_eq!(root_of(size, &mut subtrees(&leaves)), Ok(top), "{n} leaves");
            assert_eq!(inclusion(size, size, &mut subtrees(&leaves)), Ok(None));
            for i in 0..n {
                let path = inclusion(i as u64, size, &mut subtrees(&leaves)).unwrap().expect("i < n");
                assert!(verify_inclusion(leaves[i], i as u64, size, &path, &top), "leaf {i} of {n}");
                let elsewhere = (i + 1) % n;
                assert!(n == 1 || !verify_inclusion(leaves[i], elsewhere as u64, size, &path, &top));
            }
        }
    }

    #[test]
    fn a_tree_that_grew_is_proved_to_have_and_one_that_was_changed_is_not() {
        for n in 0..40_u64 {
            let leaves = some_leaves(usize::try_from(n).unwrap());
            let top = root(&leaves);
            assert_eq!(consistency(n + 1, n, &mut subtrees(&leaves)), Ok(None));
            for m in 0..=n {
                let old = root(&leaves[..usize::try_from(m).unwrap()]);
                let path = consistency(m, n, &mut subtrees(&leaves)).unwrap().expect("m <= n");
                assert!(verify_consistency((m, &old), (n, &top), &path), "{m} to {n}");
                if m == 0 {
                    continue;
                }
                // A leaf among the first m is another: the old root is no longer that of the new tree's beginning.
                for changed in 0..m {
                    let mut other = leaves.clone();
                    other[usize::try_from(changed).unwrap()] = leaf(b"another");
                    let path = consistency(m, n, &mut subtrees(&other)).unwrap().expect("m <= n");
                    assert!(
                        !verify_consistency((m, &old), (n, &root(&other)), &path),
                        "{m} to {n}, {changed} changed"
                    );
                }
                let mut longer = path.clone();
                longer.push(leaf(b"too much"));
                assert!(!verify_consistency((m, &old), (n, &top), &longer), "{m} to {n}");
                for k in 0..path.len() {
                    let mut shorter = path.clone();
                    shorter.remove(k);
                    assert!(!verify_consistency((m, &old), (n, &top), &shorter), "{m} to {n} without {k}");
                }
            }
        }
    }
}
