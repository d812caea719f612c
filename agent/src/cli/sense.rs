//! `sense`.

use clap::Args;
use daicho_agent::message::{Exit, Failure, Lang};
use daicho_agent::sense::{Sightings, sense as listen};

use super::Out;

/// Options of `sense`.
#[derive(Debug, Args)]
pub(super) struct SenseArgs {
    /// 聞くインターフェース / interface to listen on
    #[arg(long, value_name = "I")]
    interface: String,
    /// 聞く秒数 / for how many seconds
    #[arg(long, value_name = "N", default_value_t = 60,
        value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
    /// JSON で表示する / print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn sense(args: &SenseArgs, out: &Out) -> Result<Exit, Failure> {
    let sightings = listen(&args.interface, args.seconds)?;
    if args.json {
        let json = serde_json::to_string(&sightings.json())
            .map_err(daicho_agent::report::ReportError::Encode)?;
        out.print(&json)?;
    } else {
        out.print(&table(&sightings, out.lang))?;
    }
    if sightings.is_empty() {
        out.say("sense-none", &args.seconds.to_string());
    }
    if sightings.not_listed() > 0 {
        out.say("sense-overflow", &sightings.not_listed().to_string());
        return Ok(Exit::Incomplete);
    }
    Ok(Exit::Done)
}

fn table(sightings: &Sightings, lang: Lang) -> String {
    let (arp, lldp) = match lang {
        Lang::Ja => (
            "ARP で聞こえた機器（MACアドレス、IPアドレス、初回、最終、回数）",
            "LLDP で名乗った機器（MACアドレス、機器、ポート、名前、管理アドレス、初回、最終、回数）",
        ),
        Lang::En => (
            "Heard by ARP (MAC, address, first, last, count)",
            "Heard by LLDP (MAC, chassis, port, name, management addresses, first, last, count)",
        ),
    };
    let mut text = format!("{arp}\n");
    for it in sightings.arp() {
        let address = it
            .address
            .map_or_else(|| "-".to_owned(), |it| it.to_string());
        text.push_str(&format!(
            "  {}  {address:<15}  {}  {}  {}\n",
            it.mac, it.first, it.last, it.count
        ));
    }
    text.push_str(&format!("{lldp}\n"));
    for it in sightings.lldp() {
        let managed: Vec<String> = it.says.management.iter().map(ToString::to_string).collect();
        text.push_str(&format!(
            "  {}  {}  {}  {}  {}  {}  {}  {}\n",
            it.mac,
            it.says.chassis,
            it.says.port,
            it.says.system_name.as_deref().unwrap_or("-"),
            if managed.is_empty() {
                "-".to_owned()
            } else {
                managed.join(",")
            },
            it.first,
            it.last,
            it.count
        ));
    }
    text
}
