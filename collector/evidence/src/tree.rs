//! The Merkle tree of RFC 6962 §2.1 on SHA-256. Comes in: leaf hashes; goes out: roots, inclusion
//! and consistency proofs, and whether a proof holds. It keeps nothing and reads nothing.

use daicho_report::Hash;

/// Hash of a leaf's exact bytes.
#[must_use]
pub fn leaf_hash(bytes: &[u8]) -> Hash {
    let mut input = Vec::with_capacity(bytes.len() + 1);
    input.push(0);
    input.extend_from_slice(bytes);
    Hash::of(&input)
}

/// Hash of an inner node.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut input = [0_u8; 65];
    let (prefix, children) = input.split_at_mut(1);
    prefix.fill(1);
    let (first, second) = children.split_at_mut(32);
    first.copy_from_slice(left.bytes());
    second.copy_from_slice(right.bytes());
    Hash::of(&input)
}

/// The right edge of a growing tree: what appending needs, and no more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// Roots of the full subtrees, largest first: one for each bit of `size`.
    peaks: Vec<Hash>,
}

impl Frontier {
    /// As it is stored: the size and the roots, one after the other.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.size.to_le_bytes().to_vec();
        for peak in &self.peaks {
            bytes.extend_from_slice(peak.bytes());
        }
        bytes
    }

    /// What [`Frontier::to_bytes`] made; `None`: nothing of the kind.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (size, rest) = bytes.split_first_chunk::<8>()?;
        let (peaks, rest) = rest.as_chunks::<32>();
        let size = u64::from_le_bytes(*size);
        let fits = rest.is_empty() && u32::try_from(peaks.len()) == Ok(size.count_ones());
        fits.then(|| Self {
            size,
            peaks: peaks.iter().copied().map(Hash::from).collect(),
        })
    }

    /// Number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        let mut rest = self.size;
        while rest & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
            rest >>= 1;
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else {
            return Hash::of(b"");
        };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }
}

/// The root of these leaves.
#[must_use]
pub fn root(leaves: &[Hash]) -> Hash {
    let mut frontier = Frontier::default();
    leaves.iter().for_each(|leaf| frontier.push(*leaf));
    frontier.root()
}

/// Where a tree of so many leaves (two or more) splits: the largest power of two below.
fn split(size: usize) -> usize {
    size.next_power_of_two() / 2
}

/// The proof that leaf `index` is in the tree (§2.1.1); `None`: there is no such leaf.
#[must_use]
pub fn prove_inclusion(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    if index >= leaves.len() {
        return None;
    }
    let (mut leaves, mut index, mut proof) = (leaves, index, Vec::new());
    while leaves.len() > 1 {
        let (left, right) = leaves.split_at(split(leaves.len()));
        if index < left.len() {
            proof.push(root(right));
            leaves = left;
        } else {
            proof.push(root(left));
            index -= left.len();
            leaves = right;
        }
    }
    proof.reverse();
    Some(proof)
}

/// Whether the proof shows that the leaf is at `index` in a tree of that size and root.
#[must_use]
pub fn includes(root: &Hash, size: u64, index: u64, leaf: &Hash, proof: &[Hash]) -> bool {
    if index >= size {
        return false;
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// The proof that the first `old` leaves were the whole tree once (§2.1.2).
#[must_use]
pub fn prove_consistency(leaves: &[Hash], old: usize) -> Option<Vec<Hash>> {
    if old == 0 || old > leaves.len() {
        return None;
    }
    let (mut leaves, mut old, mut whole, mut proof) = (leaves, old, true, Vec::new());
    while old < leaves.len() {
        let (left, right) = leaves.split_at(split(leaves.len()));
        if old <= left.len() {
            proof.push(root(right));
            leaves = left;
        } else {
            proof.push(root(left));
            old -= left.len();
            leaves = right;
            whole = false;
        }
    }
    if !whole {
        proof.push(root(leaves));
    }
    proof.reverse();
    Some(proof)
}

/// Whether the proof shows that the newer tree continues the older one.
#[must_use]
pub fn continues(old: (u64, &Hash), new: (u64, &Hash), proof: &[Hash]) -> bool {
    let ((old_size, old_root), (new_size, new_root)) = (old, new);
    if old_size == 0 || old_size > new_size {
        return false;
    }
    if old_size == new_size {
        return proof.is_empty() && old_root == new_root;
    }
    let (mut node, mut last) = (old_size - 1, new_size - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let mut rest = proof.iter();
    let first = if node == 0 && old_size.is_power_of_two() {
        Some(old_root)
    } else {
        rest.next()
    };
    let Some(first) = first else { return false };
    let (mut older, mut newer) = (*first, *first);
    for sibling in rest {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            older = node_hash(sibling, &older);
            newer = node_hash(sibling, &newer);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            newer = node_hash(&newer, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && older == *old_root && newer == *new_root
}

#[cfg(test)]
mod tests;
