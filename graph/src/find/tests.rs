use super::{Kind, ListError, Wanted, find, list};
use crate::tests::{flow, ledger, machine};

fn wanted(kind: Kind, text: &str) -> Vec<Wanted> {
    Wanted::new(kind, text).into_iter().collect()
}

fn hits(kind: Kind, text: &str) -> Vec<String> {
    let mut one = machine(1, 1, 10, "00:1b:21:00:00:01");
    one.flows
        .push(flow("192.168.1.10", "203.0.113.9", 443, "Edge.exe"));
    let all = ledger(vec![one, machine(2, 1, 11, "00:1b:21:00:00:01")]);
    let found = find(&wanted(kind, text), &all, None);
    found
        .into_iter()
        .map(|it| format!("{} {}", it.section, it.value))
        .collect()
}

#[test]
fn address_range_and_program_find_the_talk_with_its_proof() {
    let talk = "flow 192.168.1.10 → 203.0.113.9 443/tcp Edge.exe";
    assert_eq!(hits(Kind::Address, "203.0.113.9"), [talk]);
    assert_eq!(hits(Kind::Any, "203.0.113.0/24"), [talk]);
    assert_eq!(hits(Kind::Program, "edge.exe"), [talk]);
    assert_eq!(hits(Kind::Any, "dge"), [talk]);
    assert!(hits(Kind::Program, "dge").is_empty());
    assert!(hits(Kind::Address, "203.0.113.90").is_empty());
    assert!(Wanted::new(Kind::Address, "0.0.0.0/0").is_none());
    assert!(Wanted::new(Kind::Any, "0.0.0.0/0").is_none());
    assert!(Wanted::new(Kind::Any, "***").is_none());
}

#[test]
fn stix_patterns_are_read_and_what_cannot_be_looked_for_is_counted() {
    let text = r#"{"type":"bundle","objects":[
      {"type":"indicator","pattern":"[ipv4-addr:value = '198.51.100.7' OR domain-name:value = 'bad.example']"},
      {"type":"indicator","pattern":"[file:hashes.'SHA-256' = 'aa'] AND [url:value = 'https://u@evil.example:8080/x?y']"},
      {"type":"indicator","pattern":"[process:name != 'good.exe']"},
      {"type":"domain-name","value":"it\u0027s.example"},
      {"type":"malware","name":"x"}]}"#;
    let taken = list(text.as_bytes()).unwrap();
    let texts: Vec<&str> = taken.wanted.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "198.51.100.7",
            "bad.example",
            "evil.example",
            "it's.example"
        ]
    );
    assert_eq!(taken.left.values().sum::<usize>(), 1, "{:?}", taken.left);
}

#[test]
fn csv_lists_are_read_line_by_line_and_wrong_lines_are_counted() {
    let text = "\u{feff}kind,value\naddress,198.51.100.7\n\"domain\",\"bad.example\"\naddress,nonsense\nnothing,x\n198.51.100.0/24\n";
    let taken = list(text.as_bytes()).unwrap();
    assert_eq!(taken.wanted.len(), 3);
    assert_eq!(taken.left["row"], 2);
}

#[test]
fn hostile_lists_are_refused_before_they_are_parsed() {
    assert_eq!(
        list(&vec![b' '; super::LIST_BYTES + 1]).unwrap_err(),
        ListError::Long
    );
    assert_eq!(list(&[0xff, 0xfe]).unwrap_err(), ListError::Text);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(matches!(list(deep.as_bytes()), Err(ListError::Json(_))));
    assert_eq!(
        list("1.2.3.4\n".repeat(30_000).as_bytes()).unwrap_err(),
        ListError::Many
    );
    // Quotes without an end, escapes at the end: no harm.
    for pattern in ["[a:b = '", "[a:b = '\\\\", "'''", "= ''"] {
        let text = format!("{{\"type\":\"indicator\",\"pattern\":\"{pattern}\"}}");
        assert!(list(text.as_bytes()).unwrap().wanted.is_empty());
    }
}
