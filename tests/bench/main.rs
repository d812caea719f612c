//! The benchmark: one command measures the shipped programs, and other inventory programs beside
//! them in the same run. Comes in: options and two environment variables; goes out: one table on
//! stdout, and with `--write` into `docs/BENCHMARKS.md`. It never prints a figure that it did not
//! measure in this run: what could not be measured says `SKIP` and why.

mod churn;
mod collection;
mod find;
mod ground;
mod history;
mod hospital;
mod idle;
mod impact;
mod ingest;
mod layout;
mod ledger;
mod limits;
mod options;
mod page;
mod peers;
mod relay;
mod reporter;
mod server;
mod spent;
mod windows;
mod wire;

use anyhow::Context;
use ground::Ground;
use options::{Options, Part};
use page::Page;

fn main() -> anyhow::Result<()> {
    let options = Options::parse(std::env::args().skip(1))?;
    if !options.within {
        ground::build()?;
        if let Some(code) = ground::again_in_a_network_of_its_own()? {
            std::process::exit(code);
        }
    }
    let ground = Ground::new()?;
    let mut page = Page::new(&ground, options.within);
    let mut part = |part: Part, run: &dyn Fn(&mut Page) -> anyhow::Result<()>| {
        if options.parts.contains(&part) {
            eprintln!("… {part:?}");
            run(&mut page).with_context(|| format!("failed to measure {part:?}"))
        } else {
            Ok(())
        }
    };
    // First: a small process starts the programs, so that their peak of memory is their own.
    part(Part::Report, &|page| {
        collection::run(&ground, &options, page)
    })?;
    part(Part::Windows, &|page| windows::run(&options, page))?;
    part(Part::Wire, &|page| wire::run(&ground, page))?;
    part(Part::Idle, &|page| idle::run(&ground, &options, page))?;
    part(Part::Ledger, &|page| ledger::run(&ground, &options, page))?;
    part(Part::Ingest, &|page| ingest::run(&ground, &options, page))?;
    part(Part::History, &|page| history::run(&ground, &options, page))?;
    part(Part::Layout, &|page| layout::run(&ground, &options, page))?;
    part(Part::Impact, &|page| impact::run(&ground, &options, page))?;
    part(Part::Find, &|page| find::run(&ground, &options, page))?;
    let text = page.text();
    println!("{text}");
    if options.write {
        let path = daicho_tests::root().join("docs/BENCHMARKS.md");
        std::fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
    }
    if options.strict && page.is_broken() {
        std::process::exit(1);
    }
    Ok(())
}
