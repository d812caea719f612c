use std::collections::BTreeMap;

type Entries = BTreeMap<String, Vec<u8>>;

use daicho_report::{Hash, ReportKey, Time, TreeHead};
use proptest::prelude::*;

use super::manifest::{FORMAT, from_paper};
use super::verify::Fault;
use super::*;

fn key() -> ReportKey {
    ReportKey::from_secret(&[3; 32])
}

fn manifest() -> Manifest {
    Manifest {
        format: FORMAT.to_owned(),
        form: Form::Inside,
        hospital: "架空病院".to_owned(),
        simulated: true,
        as_of: Time::from_seconds(1_800_000_000),
        period: None,
        made_at: Time::from_seconds(1_800_000_100),
        by: "山田".to_owned(),
        approver: String::new(),
        version: "0.1.0".to_owned(),
        original: None,
        masked: Vec::new(),
        files: Vec::new(),
    }
}

/// A bundle whose entry is the second of three in the log.
fn bundle(files: &[(&str, &[u8])], key: &ReportKey) -> Vec<u8> {
    let files = files
        .iter()
        .map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()));
    let bundle = Bundle::new(files.collect(), manifest()).unwrap();
    let leaf = format!("{{\"exported\":\"{}\"}}", bundle.root);
    let leaves = ["first", leaf.as_str(), "third"].map(|it| tree::leaf_hash(it.as_bytes()));
    let (root, at) = (tree::root(&leaves), Time::from_seconds(1_800_000_200));
    let head = TreeHead {
        size: 3,
        root,
        at,
        signature: key.sign(&TreeHead::signed_bytes(3, &root, at)),
    };
    let path = tree::prove_inclusion(&leaves, 1).unwrap();
    let proof = Proof {
        leaf,
        position: 1,
        head,
        path,
    };
    seal(bundle, &proof, key).unwrap()
}

fn small() -> Vec<u8> {
    let files: [(&str, &[u8]); 2] = [("台帳.csv", b"a,b\n"), ("diagram.svg", b"<svg/>")];
    bundle(&files, &key())
}

fn verdict(bytes: &[u8]) -> Option<Verdict> {
    verify(bytes, &Expected::default())
        .ok()
        .map(|it| it.verdict)
}

#[test]
fn whole_bundle_is_whole_and_its_issuer_is_known_by_key_or_by_paper_alone() {
    let bytes = small();
    assert_eq!(verdict(&bytes), Some(Verdict::WholeUnknownIssuer));
    let root = verify(&bytes, &Expected::default()).unwrap().root;
    let by = |key: Option<ReportKey>, root: Option<Hash>| {
        let key = key.map(|it| it.public());
        verify(&bytes, &Expected { key, root }).unwrap()
    };
    assert_eq!(by(Some(key()), None).verdict, Verdict::Whole);
    let paper = printable(&root);
    assert_eq!(paper.split('-').count(), 16);
    let read = from_paper(&paper.to_lowercase().replace('-', " ")).unwrap();
    assert_eq!(by(None, Some(read)).verdict, Verdict::Whole);
    let other = by(Some(ReportKey::from_secret(&[4; 32])), None);
    assert_eq!(
        (other.verdict, other.problems[0].what),
        (Verdict::Changed, Fault::OtherKey)
    );
    let other = by(None, Some(Hash::of(b"else")));
    assert_eq!(
        (other.verdict, other.problems[0].what),
        (Verdict::Changed, Fault::OtherRoot)
    );
}

#[test]
fn touched_missing_and_added_files_are_named() {
    let entries = |change: &dyn Fn(&mut Entries)| {
        let bytes = small();
        let read = container::read(&bytes).unwrap();
        let mut files: Entries = read
            .into_iter()
            .map(|(name, it)| (name, it.to_vec()))
            .collect();
        change(&mut files);
        let outcome = verify(&container::write(&files).unwrap(), &Expected::default()).unwrap();
        assert_eq!(outcome.verdict, Verdict::Changed);
        outcome.problems
    };
    let problem = |file: &str, what| Problem {
        file: file.to_owned(),
        what,
    };
    let changed = entries(&|files| files.get_mut("files/台帳.csv").unwrap().push(b'x'));
    assert_eq!(changed, [problem("files/台帳.csv", Fault::Changed)]);
    let gone = entries(&|files| drop(files.remove("files/diagram.svg")));
    assert_eq!(gone, [problem("files/diagram.svg", Fault::Missing)]);
    let added = entries(&|files| drop(files.insert("files/more".to_owned(), Vec::new())));
    assert_eq!(added, [problem("files/more", Fault::Added)]);
    // The list of hashes goes with the file: the signature is about another list.
    let both = entries(&|files| {
        let text = String::from_utf8(files["manifest.json"].clone()).unwrap();
        let (old, new) = (Hash::of(b"a,b\n"), Hash::of(b"a,c\n"));
        let text = text.replace(&old.to_string(), &new.to_string());
        files.insert("manifest.json".to_owned(), text.into_bytes());
        files.insert("files/台帳.csv".to_owned(), b"a,c\n".to_vec());
    });
    assert!(
        both.contains(&problem("manifest.json", Fault::Changed)),
        "{both:?}"
    );
}

#[test]
fn same_files_give_the_same_bytes_in_any_order_and_every_program_for_zip_can_open_them() {
    let files: [(&str, &[u8]); 2] = [("diagram.svg", b"<svg/>"), ("台帳.csv", b"a,b\n")];
    assert_eq!(bundle(&files, &key()), small());
    let folder = std::env::temp_dir().join(format!("daicho-evidence-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("bundle.zip");
    std::fs::write(&path, small()).unwrap();
    let script = "import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint(sorted(z.namelist()))";
    match std::process::Command::new("python3")
        .args(["-c", script])
        .arg(&path)
        .output()
    {
        Ok(output) => {
            let names = String::from_utf8_lossy(&output.stdout);
            assert!(
                output.status.success() && names.contains("files/台帳.csv"),
                "{output:?}"
            );
        }
        Err(error) => eprintln!("SKIP python3: {error}"),
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// How many bits of how many a test changes: all of a bundle of 64 KiB in the release build, where
/// `DAICHO_EXHAUSTIVE` is set.
fn exhaustive() -> bool {
    std::env::var_os("DAICHO_EXHAUSTIVE").is_some()
}

/// Bytes that look like nothing in particular, the same each time.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn every_changed_bit_of_a_bundle_is_found() {
    // With what stands around it 64 KiB.
    let content = noise(if exhaustive() { 63_000 } else { 500 });
    let mut bytes = bundle(&[("ledger.json", &content)], &key());
    let (bits, mut found) = (bytes.len() * 8, 0);
    for bit in 0..bits {
        bytes[bit / 8] ^= 1 << (bit % 8);
        let named = verify(&bytes, &Expected::default());
        assert!(
            named
                .as_ref()
                .map_or(true, |it| it.verdict == Verdict::Changed),
            "bit {bit}"
        );
        found += 1;
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    eprintln!(
        "{found} of {bits} single bits found ({} bytes)",
        bytes.len()
    );
    assert_eq!(verdict(&bytes), Some(Verdict::WholeUnknownIssuer));
}

#[test]
fn changed_bits_of_a_large_bundle_are_found() {
    let (length, flips) = if exhaustive() {
        (50 << 20, 1_000)
    } else {
        (1 << 20, 20)
    };
    let mut bytes = bundle(&[("ledger.json", &noise(length))], &key());
    let places = noise(flips * 8);
    for place in places.as_chunks::<8>().0 {
        let bit = usize::try_from(u64::from_le_bytes(*place)).unwrap() % (bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert_ne!(
            verdict(&bytes),
            Some(Verdict::WholeUnknownIssuer),
            "bit {bit}"
        );
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    eprintln!("{flips} random bits of {} bytes found", bytes.len());
}

#[test]
fn names_that_lead_elsewhere_are_refused_when_written_and_when_read() {
    for name in [
        "../a", "/a", "a//b", "a/../b", "C:a", "a\\b", "a\n", "", ".a", "a.", "a ",
    ] {
        let files = BTreeMap::from([(name.to_owned(), Vec::new())]);
        assert!(
            matches!(container::write(&files), Err(ContainerError::Name(_))),
            "{name}"
        );
    }
    let long = BTreeMap::from([("a".repeat(201), Vec::new())]);
    assert!(container::write(&long).is_err());
    let good = container::write(&BTreeMap::from([("abcd".to_owned(), Vec::new())])).unwrap();
    let swapped: Vec<u8> = String::from_utf8_lossy(&good)
        .replace("abcd", "../a")
        .into_bytes();
    assert!(container::read(&swapped).is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused_and_never_more_than_that(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut bytes = bytes;
        let _ = verify(&bytes, &Expected::default());
        // The beginning of a bundle and then anything.
        bytes.splice(0..0, small().into_iter().take(100));
        prop_assert_ne!(verdict(&bytes), Some(Verdict::WholeUnknownIssuer));
    }
}
