//! Proofs over a Merkle tree whose complete subtrees somebody else keeps: that a leaf is in it, and that it grew from
//! an earlier one. What makes a proof asks for subtrees' roots; what verifies one trusts nothing but the roots given.
//!
//! `node(height, index)` answers the root over the leaves `index << height .. (index + 1) << height`, and is asked for
//! none that reaches beyond the tree.

use super::{join, node as inner};
use crate::id::Digest;

/// The largest power of two below `n`, which is at least 2.
fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// The root over the leaves `from .. from + n`, which begin where a subtree of that size begins.
fn range<E>(from: u64, n: u64, node: &mut impl FnMut(u32, u64) -> Result<Digest, E>) -> Result<Digest, E> {
    let (mut from, mut rest) = (from, n);
    let mut peaks = Vec::new();
    while rest > 0 {
        let height = rest.ilog2();
        peaks.push(node(height, from >> height)?);
        from += 1 << height;
        rest -= 1 << height;
    }
    Ok(join(peaks.into_iter()))
}

/// The root of the tree of `size` leaves.
///
/// # Errors
/// Those of `node`.
pub fn root_of<E>(size: u64, node: &mut impl FnMut(u32, u64) -> Result<Digest, E>) -> Result<Digest, E> {
    range(0, size, node)
}

/// The audit path of leaf `index` (RFC 6962, 2.1.1), from the leaf's sibling to the root's child; `None` where there
/// is no such leaf.
///
/// # Errors
/// Those of `node`.
pub fn inclusion<E>(
    index: u64,
    size: u64,
    node: &mut impl FnMut(u32, u64) -> Result<Digest, E>,
) -> Result<Option<Vec<Digest>>, E> {
    if index >= size {
        return Ok(None);
    }
    let (mut path, mut from, mut n) = (Vec::new(), 0, size);
    while n > 1 {
        let left = split(n);
        if index < from + left {
            path.push(range(from + left, n - left, node)?);
            n = left;
        } else {
            path.push(range(from, left, node)?);
            from += left;
            n -= left;
        }
    }
    path.reverse();
    Ok(Some(path))
}

/// The proof that the tree of `size` leaves begins with the one of `old` (RFC 6962, 2.1.2): empty where they are the
/// same or the old one is; `None` where the old one is the larger.
///
/// # Errors
/// Those of `node`.
pub fn consistency<E>(
    old: u64,
    size: u64,
    node: &mut impl FnMut(u32, u64) -> Result<Digest, E>,
) -> Result<Option<Vec<Digest>>, E> {
    if old > size {
        return Ok(None);
    }
    if old == 0 || old == size {
        return Ok(Some(Vec::new()));
    }
    // SUBPROOF(m, D[n], b): `whole` is b, whether the old tree is known to whoever verifies.
    let (mut path, mut from, mut n, mut m, mut whole) = (Vec::new(), 0, size, old, true);
    while m != n {
        let left = split(n);
        if m <= left {
            path.push(range(from + left, n - left, node)?);
            n = left;
        } else {
            path.push(range(from, left, node)?);
            (from, n, m, whole) = (from + left, n - left, m - left, false);
        }
    }
    if !whole {
        path.push(range(from, n, node)?);
    }
    path.reverse();
    Ok(Some(path))
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
            hash = inner(sibling, &hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = inner(&hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *expected
}

/// Whether `path` proves that the tree `new`, its size and root, begins with the tree `old`
/// (the algorithm of RFC 9162, 2.1.4.2).
#[must_use]
pub fn verify_consistency(old: (u64, &Digest), new: (u64, &Digest), path: &[Digest]) -> bool {
    if old.0 == new.0 {
        return path.is_empty() && old.1 == new.1;
    }
    if old.0 == 0 {
        return path.is_empty() && *old.1 == join(std::iter::empty());
    }
    if old.0 > new.0 {
        return false;
    }
    // An old tree that is one complete subtree is its own first node.
    let known = old.0.is_power_of_two().then_some(old.1);
    let mut path = known.into_iter().chain(path);
    let Some(first) = path.next() else { return false };
    let (mut at, mut last) = (old.0 - 1, new.0 - 1);
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let (mut was, mut is) = (*first, *first);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            was = inner(sibling, &was);
            is = inner(sibling, &is);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            is = inner(&is, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && was == *old.1 && is == *new.1
}
