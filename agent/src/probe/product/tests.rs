use super::*;
use crate::platform::RawProcess;
use crate::platform::replay::Bundle;
use crate::probe::software;

const FILES: &[&str] = &[
    include_str!("../../data/antivirus.toml"),
    include_str!("../../data/remote_tool.toml"),
    include_str!("../../data/backup.toml"),
    include_str!("../../data/vpn_client.toml"),
];

#[test]
fn every_data_file_is_read_whole_and_each_entry_says_where_it_was_read() {
    for text in FILES {
        let products = products(text);
        assert_eq!(products.len(), text.matches("[[product]]").count());
        let mut names: Vec<&str> = products.iter().map(|it| it.name.as_str()).collect();
        names.dedup();
        assert_eq!(names.len(), products.len());
        for product in &products {
            let name = &product.name;
            assert!(!product.source.is_empty(), "{name}");
            assert_eq!(product.checked.len(), 10, "{name}");
            let processes = product.processes.iter().chain(&product.ambiguous_processes);
            assert!(processes.into_iter().all(|it| it.len() <= 15), "{name}");
            assert!(product.paths.iter().all(|it| it.starts_with('/')), "{name}");
            let unit = |it: &String| it.contains('.') && !it.contains('/');
            assert!(product.units.iter().all(unit), "{name}");
        }
    }
    assert!(products(FILES[1]).len() >= 40);
}

#[test]
fn no_two_products_claim_the_same_program() {
    for text in FILES {
        let products = products(text);
        let mut all: Vec<&String> = products.iter().flat_map(|it| &it.processes).collect();
        all.sort();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}

fn witnesses(bundle: Bundle, product: &Product) -> Vec<String> {
    let source = Source::from_bundle(bundle.with_nothing_else());
    let (units, software) = (Units::read(&source), software::read(&source));
    let mut places = Places::new(&source, &units, &software);
    let found = places.witnesses(product);
    found
        .into_iter()
        .map(|it| format!("{} {:?}", it.source, it.says))
        .collect()
}

#[test]
fn a_name_that_others_use_too_counts_beside_another_witness_only() {
    let product = Product {
        processes: vec!["oaeventd".to_owned()],
        ambiguous_processes: vec!["startd".to_owned()],
        paths: vec!["/opt/eset/efs".to_owned()],
        ..Product::default()
    };
    let startd = RawProcess {
        name: "startd".to_owned(),
        sockets: None,
        unread: None,
    };
    let alone = Bundle::new("linux").with("processes", "", &vec![startd]);
    assert_eq!(witnesses(alone.clone(), &product), Vec::<String>::new());
    let installed = alone.with("exists", "/opt/eset/efs", &true);
    assert_eq!(
        witnesses(installed, &product),
        ["path /opt/eset/efs Installed", "process startd Running"]
    );
}

#[test]
fn a_unit_with_a_customers_number_is_found() {
    let product = Product {
        units: vec!["connectwisecontrol-*.service".to_owned()],
        ..Product::default()
    };
    let unit = "connectwisecontrol-0a1b2c.service";
    let bundle = Bundle::new("linux")
        .with_folder(
            "/usr/lib/systemd/system",
            &[unit, "connectwisecontrol-.timer"],
        )
        .with_folder("/etc/systemd/system", &["multi-user.target.wants"])
        .with_folder("/etc/systemd/system/multi-user.target.wants", &[unit])
        .with_folder("/sys/fs/cgroup/system.slice", &["ssh.service"]);
    assert_eq!(
        witnesses(bundle, &product),
        [
            format!("unit {unit} Enabled"),
            format!("unit {unit} Stopped"),
        ]
    );
}
