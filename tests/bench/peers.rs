//! Other inventory programs on this machine. Comes in: the PATH and `DAICHO_BENCH_PEERS`; goes out:
//! commands that print one inventory on stdout, or why a peer is not there. It installs nothing.

use std::path::Path;

use crate::ground::on_path;

/// A program that is measured.
#[derive(Debug, Clone)]
pub(crate) struct Contender {
    pub(crate) name: String,
    pub(crate) command: Vec<String>,
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// Peers that are there, and those that are not with the reason.
pub(crate) fn peers(folder: &Path) -> (Vec<Contender>, Vec<(String, String)>) {
    let scratch = folder.join("ocs");
    let known = [
        (
            "glpi-agent",
            "glpi-inventory",
            "glpi-inventory --json".to_owned(),
        ),
        (
            "facter",
            "facter",
            "facter --json --no-custom-facts --no-external-facts".to_owned(),
        ),
        (
            "ocsinventory-agent",
            "ocsinventory-agent",
            format!(
                "ocsinventory-agent --stdout --force --basevardir={}",
                scratch.display()
            ),
        ),
    ];
    let (mut there, mut missing) = (named(), Vec::new());
    for (name, program, command) in known {
        if there.iter().any(|it| it.name == name) {
            continue;
        }
        if on_path(program) {
            there.push(Contender {
                name: name.to_owned(),
                command: words(&command),
            });
        } else {
            missing.push((name.to_owned(), format!("{program} is not on the PATH")));
        }
    }
    // A peer that does not make its own folder would fail.
    let _ = std::fs::create_dir_all(&scratch);
    (there, missing)
}

fn named() -> Vec<Contender> {
    let text = std::env::var("DAICHO_BENCH_PEERS").unwrap_or_default();
    let pairs = text.split(';').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, command)| Contender {
            name: name.trim().to_owned(),
            command: words(command),
        })
        .filter(|it| !it.command.is_empty())
        .collect()
}
