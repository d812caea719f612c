//! Reports of machines that do not reach the collector, carried by hand.

use daicho_tests::Folder;
use serde_json::Value;

use super::{agent, collector};

#[test]
fn a_report_written_to_a_file_becomes_a_row_of_the_ledger_with_its_carrier() {
    let folder = Folder::new("carried");
    let (data, usb) = (folder.join("data"), folder.join("usb"));
    std::fs::create_dir_all(&usb).unwrap();
    let state = folder.join("no-state");
    for name in ["one.json", "two.json"] {
        let (file, state) = (usb.join(name), state.to_str().unwrap());
        let out = file.to_str().unwrap();
        let written = agent(&["report", "--out", out, "--state", state]);
        assert_eq!(written.code, 0, "{}", written.err);
        assert!(written.err.contains("import --by"), "{}", written.err);
    }
    assert!(!state.exists(), "a report leaves nothing behind");
    let one = usb.join("one.json");
    let usb = usb.to_str().unwrap();
    let nameless = collector(&data, &["import", one.to_str().unwrap()]);
    assert_eq!(nameless.code, 4);
    assert!(nameless.err.contains("CAR-008"), "{}", nameless.err);
    let taken = collector(&data, &["import", usb, "--by", "山田太郎", "--json"]);
    assert_eq!(taken.code, 0, "{}{}", taken.out, taken.err);
    let lines: Value = serde_json::from_str(&taken.out).unwrap();
    assert_eq!(lines[0]["outcome"], "new");
    assert_eq!(lines[0]["agent"], lines[1]["agent"]);
    let out = folder.join("ledger.json");
    let ledger = collector(&data, &["ledger", "--out", out.to_str().unwrap()]);
    assert_eq!(ledger.code, 0, "{}", ledger.err);
    let ledger: Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
    let asset = &ledger["ledger"]["assets"][0];
    assert_eq!(asset["carried"]["by"], "山田太郎", "{asset:.300}");
    assert_eq!(asset["carried"]["signed"], false);
    let verified = collector(&data, &["log", "verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
    // What is no report loses nothing that was there.
    let junk = folder.join("junk.json");
    std::fs::write(&junk, "{").unwrap();
    let refused = collector(
        &data,
        &["import", junk.to_str().unwrap(), "--by", "山田太郎"],
    );
    assert_eq!(refused.code, 4);
    assert!(refused.err.contains("CAR-001"), "{}", refused.err);
}
