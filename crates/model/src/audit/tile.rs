//! The log as static files (C2SP `tlog-tiles`): which tiles a log of some size has, what they are called, and its right
//! edge, which grows leaf by leaf and gives each tile as it fills. Nothing here touches a file.

use crate::id::Digest;
use crate::merkle::{self, Frontier};

/// How many hashes a full tile has.
pub const WIDTH: u64 = 256;
/// Levels of the tree in one tile.
const HEIGHT: u32 = 8;
/// A log of the most entries there can be has so many levels of tiles.
const LEVELS: u8 = 8;
/// An entry of this log is a commitment; its length stands before it in a bundle, big-endian.
const ENTRY_LEN: [u8; 2] = [0, 32];

/// One tile of a log: hashes side by side at one level, or fewer at the log's right edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// The level: 0 holds leaves, each further one the roots of full tiles of the one below.
    pub level: u8,
    /// The place in its level.
    pub index: u64,
    /// How many hashes it has: 1 to 256.
    pub width: u64,
}

impl Tile {
    /// The tile of this level and place in a log of `size` entries; `None` where it has none there.
    #[must_use]
    pub fn in_log(level: u8, index: u64, size: u64) -> Option<Self> {
        let hashes = size.checked_shr(u32::from(level) * HEIGHT).unwrap_or(0);
        let width = hashes.saturating_sub(index.saturating_mul(WIDTH)).min(WIDTH);
        (width > 0).then_some(Self { level, index, width })
    }

    /// Its path below the log's folder.
    #[must_use]
    pub fn path(&self) -> String {
        format!("tile/{}/{}", self.level, self.place())
    }

    /// The path of the bundle of entries whose leaves it holds; it is a tile of level 0.
    #[must_use]
    pub fn bundle_path(&self) -> String {
        format!("tile/entries/{}", self.place())
    }

    /// The tile that this one becomes, or is.
    #[must_use]
    pub fn full(&self) -> Self {
        Self { width: WIDTH, ..*self }
    }

    /// Groups of three digits, all but the last after an `x`; then the width of one that is not full.
    fn place(&self) -> String {
        let mut text = format!("{:03}", self.index % 1000);
        let mut rest = self.index / 1000;
        while rest > 0 {
            text = format!("x{:03}/{text}", rest % 1000);
            rest /= 1000;
        }
        if self.width < WIDTH {
            text.push_str(&format!(".p/{}", self.width));
        }
        text
    }
}

/// The tiles of a log of `size` entries that are not full: at most one a level, the lowest first.
pub fn partial(size: u64) -> impl Iterator<Item = Tile> {
    (0..LEVELS).filter_map(move |level| {
        let hashes = size >> (u32::from(level) * HEIGHT);
        let width = hashes % WIDTH;
        (width > 0).then_some(Tile { level, index: hashes / WIDTH, width })
    })
}

/// The root over the leaves `index << height .. (index + 1) << height` of a log of `size` entries, from the one tile
/// that holds it; all of them are in the log.
///
/// # Errors
/// Those of `read`, which gives a tile's hashes.
pub fn subtree<E>(
    height: u32,
    index: u64,
    size: u64,
    read: &mut impl FnMut(Tile) -> Result<Vec<Digest>, E>,
) -> Result<Digest, E> {
    let level = height / HEIGHT;
    let count = 1_u64 << (height % HEIGHT);
    let first = index * count;
    let width = ((size >> (level * HEIGHT)) - first / WIDTH * WIDTH).min(WIDTH);
    let hashes = read(Tile { level: level as u8, index: first / WIDTH, width })?;
    let from = (first % WIDTH) as usize;
    Ok(merkle::root(&hashes[from..from + count as usize]))
}

/// A tile's hashes as its file holds them.
#[must_use]
pub fn bytes(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// Reads a tile's file; `None` where it is not hashes.
#[must_use]
pub fn hashes(bytes: &[u8]) -> Option<Vec<Digest>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    rest.is_empty().then(|| hashes.iter().map(|hash| Digest(*hash)).collect())
}

/// A bundle's entries as its file holds them.
#[must_use]
pub fn bundle_bytes(commitments: &[Digest]) -> Vec<u8> {
    commitments.iter().flat_map(|entry| ENTRY_LEN.into_iter().chain(entry.0)).collect()
}

/// Reads a bundle's file; `None` where it is not entries of this log.
#[must_use]
pub fn bundle(bytes: &[u8]) -> Option<Vec<Digest>> {
    let (entries, rest) = bytes.as_chunks::<34>();
    let one = |entry: &[u8; 34]| {
        let hash = entry.strip_prefix(&ENTRY_LEN)?;
        <[u8; 32]>::try_from(hash).ok().map(Digest)
    };
    rest.is_empty().then(|| entries.iter().map(one).collect())?
}

/// The right edge of a log in tiles: at each level, the hashes of the tile that is not full yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    levels: Vec<Vec<Digest>>,
}

impl Edge {
    /// The edge of a log of `size` entries, from its partial tiles.
    ///
    /// # Errors
    /// Those of `read`, which gives a tile's hashes.
    pub fn read<E>(size: u64, read: &mut impl FnMut(Tile) -> Result<Vec<Digest>, E>) -> Result<Self, E> {
        let mut edge = Self { size, levels: Vec::new() };
        for tile in partial(size) {
            edge.levels.resize(usize::from(tile.level) + 1, Vec::new());
            edge.levels[usize::from(tile.level)] = read(tile)?;
        }
        Ok(edge)
    }

    /// How many entries the log has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root over all leaves so far.
    #[must_use]
    pub fn root(&self) -> Digest {
        let mut peaks = Vec::new();
        for level in self.levels.iter().rev() {
            let mut frontier = Frontier::default();
            level.iter().for_each(|hash| frontier.push(*hash));
            peaks.extend_from_slice(frontier.peaks());
        }
        merkle::join(peaks.into_iter())
    }

    /// Appends a leaf's hash; gives the tiles that it fills, the lowest first.
    pub fn push(&mut self, leaf: Digest) -> Vec<(Tile, Vec<Digest>)> {
        self.size += 1;
        let (mut full, mut hash) = (Vec::new(), leaf);
        for level in 0..LEVELS {
            let at = usize::from(level);
            if self.levels.len() == at {
                self.levels.push(Vec::new());
            }
            self.levels[at].push(hash);
            if self.levels[at].len() as u64 != WIDTH {
                break;
            }
            let hashes = std::mem::take(&mut self.levels[at]);
            hash = merkle::root(&hashes);
            let index = (self.size >> (u32::from(level) * HEIGHT)) / WIDTH - 1;
            full.push((Tile { level, index, width: WIDTH }, hashes));
        }
        full
    }

    /// The tiles that are not full, the lowest first.
    pub fn partial(&self) -> impl Iterator<Item = (Tile, &[Digest])> {
        partial(self.size).map(|tile| (tile, self.levels[usize::from(tile.level)].as_slice()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn names_and_widths_are_the_specifications() {
        // The two examples of C2SP tlog-tiles.
        let tile = Tile { level: 0, index: 1_234_067, width: 256 };
        assert_eq!(tile.path(), "tile/0/x001/x234/067");
        assert_eq!(Tile { width: 7, ..tile }.bundle_path(), "tile/entries/x001/x234/067.p/7");
        assert_eq!(Tile { level: 1, index: 5, width: 1 }.path(), "tile/1/005.p/1");
        let found: Vec<_> = partial(70_000).map(|t| (t.level, t.index, t.width)).collect();
        assert_eq!(found, [(0, 273, 112), (1, 1, 17), (2, 0, 1)]);
        assert_eq!(partial(256).map(|t| (t.level, t.width)).collect::<Vec<_>>(), [(1, 1)]);
        assert_eq!(partial(0).count(), 0);
        let width = |level, index| Tile::in_log(level, index, 70_000).map(|t| t.width);
        assert_eq!((width(0, 272), width(0, 273), width(0, 274)), (Some(256), Some(112), None));
        assert_eq!(
            (width(1, 0), width(1, 1), width(2, 0), width(3, 0)),
            (Some(256), Some(17), Some(1), None)
        );
    }

    #[test]
    fn a_file_is_read_as_it_was_written_and_another_is_none() {
        let some: Vec<_> = (0..5_u8).map(|n| Digest::of(&[n])).collect();
        assert_eq!(hashes(&bytes(&some)), Some(some.clone()));
        assert_eq!(hashes(&bytes(&some)[1..]), None);
        let file = bundle_bytes(&some);
        assert_eq!((file.len(), bundle(&file)), (5 * 34, Some(some)));
        assert_eq!(bundle(&file[..33]), None);
        let mut longer = file;
        longer[1] = 33;
        assert_eq!(bundle(&longer), None);
    }

    #[test]
    fn the_edge_gives_each_tile_once_and_the_tree_is_the_plain_one() {
        // Two full tiles of level 1 and some: three levels.
        let size = 131_072 + 3 * 256 + 9;
        let leaves: Vec<_> = (0..size as u64).map(|n| merkle::leaf(&n.to_be_bytes())).collect();
        let (mut edge, mut frontier, mut tiles) = (Edge::default(), Frontier::default(), BTreeMap::new());
        for leaf in &leaves {
            frontier.push(*leaf);
            for (tile, hashes) in edge.push(*leaf) {
                assert!(tiles.insert((tile.level, tile.index), hashes).is_none(), "{}", tile.path());
            }
            // Each size near an edge of tiles, and some between.
            let n = edge.size();
            if n % 256 < 3 || n.is_multiple_of(509) {
                assert_eq!(edge.root(), frontier.root(), "{n}");
                let mut read = |tile: Tile| -> Result<_, std::convert::Infallible> {
                    let (_, hashes) = edge.partial().find(|(t, _)| *t == tile).expect("it is partial");
                    Ok(hashes.to_vec())
                };
                let mut again = Edge::read(n, &mut read).unwrap();
                again.levels.resize(edge.levels.len(), Vec::new());
                assert_eq!(again, edge, "{n}");
            }
        }
        tiles.extend(edge.partial().map(|(tile, hashes)| ((tile.level, tile.index), hashes.to_vec())));
        let size = size as u64;
        for (&(level, index), hashes) in &tiles {
            assert_eq!(Tile::in_log(level, index, size).map(|t| t.width), Some(hashes.len() as u64));
            let below = 256_usize.pow(u32::from(level));
            for (i, hash) in hashes.iter().enumerate().step_by(85) {
                let first = (index as usize * 256 + i) * below;
                assert_eq!(*hash, merkle::root(&leaves[first..first + below]), "{level}/{index}, {i}");
            }
        }
        let mut read = |tile: Tile| -> Result<_, std::convert::Infallible> {
            let hashes = &tiles[&(tile.level, tile.index)];
            assert_eq!(tile.width, hashes.len() as u64, "{}", tile.path());
            Ok(hashes.clone())
        };
        for (height, index) in [(0, 0), (0, size - 1), (7, 1023), (8, 511), (9, 3), (15, 3), (16, 1), (17, 0)]
        {
            let from = (index << height) as usize;
            let wanted = merkle::root(&leaves[from..from + (1 << height)]);
            assert_eq!(subtree(height, index, size, &mut read), Ok(wanted), "{height}, {index}");
        }
    }
}
