use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use proptest::prelude::*;
use sha2::Sha256;

use super::*;

fn both(size: usize) -> (Vec<Hash>, MemoryBackedTree<Sha256, Vec<u8>>) {
    let mut theirs = MemoryBackedTree::new();
    let mut ours = Vec::new();
    for number in 0..size {
        let leaf = format!("leaf {number}").into_bytes();
        ours.push(leaf_hash(&leaf));
        theirs.push(leaf);
    }
    (ours, theirs)
}

fn joined(proof: &[Hash]) -> Vec<u8> {
    proof.iter().flat_map(|hash| *hash.bytes()).collect()
}

#[test]
fn empty_tree_has_the_hash_of_nothing() {
    assert_eq!(
        root(&[]).to_string(),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn roots_and_inclusion_agree_with_ct_merkle(size in 1_usize..200, pick in any::<prop::sample::Index>()) {
        let index = pick.index(size);
        let (ours, theirs) = both(size);
        let their_root = theirs.root();
        let our_root = root(&ours);
        prop_assert_eq!(our_root.bytes().as_slice(), their_root.as_bytes().as_slice());

        let proof = prove_inclusion(&ours, index).unwrap();
        let theirs_proof = theirs.prove_inclusion(index);
        prop_assert_eq!(joined(&proof), theirs_proof.as_bytes());
        let again = InclusionProof::<Sha256>::from_bytes(joined(&proof));
        let leaf = format!("leaf {index}").into_bytes();
        prop_assert!(their_root.verify_inclusion(&leaf, index as u64, &again).is_ok());

        let (size, index) = (size as u64, index as u64);
        prop_assert!(includes(&root(&ours), size, index, &leaf_hash(&leaf), &proof));
        prop_assert!(!includes(&root(&ours), size, index, &leaf_hash(b"other"), &proof));
        if size > 1 {
            let other = (index + 1) % size;
            prop_assert!(!includes(&root(&ours), size, other, &leaf_hash(&leaf), &proof));
        }
    }

    #[test]
    fn consistency_agrees_with_ct_merkle(old in 1_usize..120, more in 0_usize..80) {
        let (ours, theirs) = both(old + more);
        let (older, their_older) = both(old);
        let proof = prove_consistency(&ours, old).unwrap();
        let theirs_proof = theirs.prove_consistency(more);
        prop_assert_eq!(joined(&proof), theirs_proof.as_bytes());
        let again = ConsistencyProof::<Sha256>::try_from_bytes(joined(&proof)).unwrap();
        let their_root: RootHash<Sha256> = theirs.root();
        prop_assert!(their_root.verify_consistency(&their_older.root(), &again).is_ok());

        let (old_root, new_root) = (root(&older), root(&ours));
        let (old, new) = (old as u64, (old + more) as u64);
        prop_assert!(continues((old, &old_root), (new, &new_root), &proof));
        prop_assert!(!continues((old, &leaf_hash(b"x")), (new, &new_root), &proof));
        prop_assert!(!continues((old, &old_root), (new, &leaf_hash(b"x")), &proof));
    }
}
