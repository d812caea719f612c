//! `site name`: a rule that gives a system, a zone or a kind of connection point to all that match.

use std::collections::BTreeSet;

use daicho_ledger::hand::{EntryBody, Match, SiteRule};
use daicho_ledger::{PointKind, ZoneKind};
use daicho_report::{Hash, Protocol};
use serde::de::DeserializeOwned;

use super::present::{Present, present};
use super::{By, enter_one, writable};
use crate::cli::say::say;
use crate::cli::{Outcome, Shared};
use crate::hand::{self, Draft};
use crate::refusal::{Refused, visible};

const AFTER_HELP: &str = "\
例 / Examples:
  daicho-collector site name --match publisher=\"Example*\" --system 検体検査 --by 架空花子
  daicho-collector site name --match port=104 --match range=10.3.0.0/16 --zone medical_device --by 架空花子
  daicho-collector site name --match program=vpnui.exe --point vendor_vpn --by 架空花子

--match の名前 / what --match knows: publisher, software, program, service, port, protocol, host_name,
range, peer_range, domain。すべて当てはまるものに付きます。* は任意の文字 / all must hold; * is any text";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// 条件（名前=値）。いくつでも / a condition, NAME=VALUE; as many as needed
    #[arg(long = "match", value_name = "NAME=VALUE", required = true)]
    matches: Vec<String>,
    /// システム名 / name of the system
    #[arg(long, value_name = "NAME")]
    system: Option<String>,
    /// 系 / zone: dmz, his, department, medical_device, information, guest, management, unknown
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// 外部接続点の種類 / kind of connection point: internet, vendor_vpn, mobile, …
    #[arg(long, value_name = "KIND")]
    point: Option<String>,
    #[command(flatten)]
    by: By,
    /// 規則の名前（既定は条件から作る） / key of the rule (by default made from the conditions)
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// 備考 / note
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    let when = when(&arguments.matches)?;
    let rule = SiteRule {
        system: arguments.system.clone(),
        zone: arguments
            .zone
            .as_deref()
            .map(|it| value("--zone", it))
            .transpose()?,
        point: arguments
            .point
            .as_deref()
            .map(|it| value("--point", it))
            .transpose()?,
        note: arguments.note.clone(),
        when,
    };
    let key = arguments.key.clone().unwrap_or_else(|| key(&rule.when));
    let (opened, site) = writable(shared)?;
    let draft = Draft {
        key: key.clone(),
        body: EntryBody::Rule(rule),
    };
    enter_one(&opened, &site, &arguments.by, draft, shared)?;
    let (machines, segments) = reach(&present(&opened)?, &key);
    say(&format!(
        "{}: {} {machines}、{} {segments}",
        shared.lang.pick("当てはまるもの", "it matches"),
        shared.lang.pick("機器", "machines"),
        shared.lang.pick("セグメント", "segments"),
    ))?;
    if machines == 0 {
        say(shared.lang.pick(
            "いまは当てはまる機器がありません。条件を確かめてください（取り消しは site withdraw rule）。",
            "no machine matches at present; look at the conditions (`site withdraw rule` takes it back)",
        ))?;
    }
    Ok(Outcome::Done)
}

/// The same conditions make the same key, so that naming again replaces.
fn key(when: &Match) -> String {
    // A match always has a JSON form: its keys are texts.
    let text = serde_json::to_vec(when).unwrap_or_default();
    let hash = Hash::of(&text).to_string();
    format!("r-{}", hash.chars().take(12).collect::<String>())
}

/// How many machines and segments a rule speaks of.
fn reach(present: &Present, key: &str) -> (usize, usize) {
    let it = &present.recognition;
    let of_segments = it.segments.iter().flat_map(|it| &it.witnesses);
    let witnesses = it
        .points
        .iter()
        .flat_map(|it| &it.witnesses)
        .chain(it.systems.iter().flat_map(|it| &it.witnesses))
        .chain(of_segments)
        .filter(|it| it.source == key);
    let machines: BTreeSet<&str> = witnesses.map(|it| it.asset.0.as_str()).collect();
    let segments = it
        .segments
        .iter()
        .filter(|it| it.witnesses.iter().any(|it| it.source == key));
    (machines.len(), segments.count())
}

fn refuse(what: String) -> Refused {
    Refused::new("SIT-002", what)
}

/// A word of a file as its value.
pub(super) fn value<T: DeserializeOwned + Words>(option: &str, text: &str) -> Result<T, Refused> {
    let value = serde_json::Value::String(text.to_owned());
    serde_json::from_value(value).map_err(|_| {
        let known = T::words().into_iter().map(str::to_owned).collect();
        let near = hand::nearest(text, &known);
        let shown: String = text.chars().take(40).collect();
        refuse(format!("{option} {shown}（{}）", near.join(", ")))
    })
}

/// Types that files and options write as a word.
pub(super) trait Words {
    /// All of the words.
    fn words() -> Vec<&'static str>;
}

impl Words for ZoneKind {
    fn words() -> Vec<&'static str> {
        vec![
            "dmz",
            "his",
            "department",
            "medical_device",
            "information",
            "guest",
            "management",
            "unknown",
        ]
    }
}

impl Words for PointKind {
    fn words() -> Vec<&'static str> {
        vec![
            "internet",
            "oqs_ipv6",
            "oqs_pppoe",
            "oqs_ipsec",
            "oqs_web_api",
            "oqs",
            "online_claims",
            "e_prescription",
            "ehr_sharing",
            "regional_link",
            "regional_ip_vpn",
            "cloud_ehr",
            "vendor_vpn",
            "remote_tool",
            "mobile",
            "second_route",
            "other",
        ]
    }
}

fn when(conditions: &[String]) -> Result<Match, Refused> {
    let mut when = Match::default();
    for condition in conditions {
        let wrong = || {
            let shown: String = condition.chars().take(80).collect();
            refuse(format!("--match {}", visible(&shown)))
        };
        let (name, value) = condition.split_once('=').ok_or_else(wrong)?;
        let text = || value.to_owned();
        let address = || hand::address(value).ok_or_else(wrong);
        let twice = match name.trim() {
            "publisher" => when.publisher.replace(text()).is_some(),
            "software" => when.software.replace(text()).is_some(),
            "program" => when.program.replace(text()).is_some(),
            "service" => when.service.replace(text()).is_some(),
            "host_name" => when.host_name.replace(text()).is_some(),
            "domain" => when.domain.replace(text()).is_some(),
            "port" => {
                let port = value.parse().map_err(|_| wrong())?;
                when.port.replace(port).is_some()
            }
            "protocol" => {
                let protocol = match value {
                    "tcp" => Protocol::Tcp,
                    "udp" => Protocol::Udp,
                    _ => return Err(wrong()),
                };
                when.protocol.replace(protocol).is_some()
            }
            "range" => when.range.replace(address()?).is_some(),
            "peer_range" => when.peer_range.replace(address()?).is_some(),
            _ => return Err(wrong()),
        };
        if twice {
            return Err(wrong());
        }
    }
    Ok(when)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read_and_wrong_ones_are_named() {
        let texts = |all: &[&str]| all.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let read = when(&texts(&["publisher=A=B*", "port=104", "range=10.0.0.0/8"])).unwrap();
        assert_eq!(read.publisher.as_deref(), Some("A=B*"));
        assert_eq!(read.port, Some(104));
        assert_eq!(key(&read), key(&read));
        assert_ne!(key(&read), key(&Match::default()));
        for wrong in [
            "publisher",
            "colour=red",
            "port=70000",
            "range=10.0.0.0",
            "protocol=icmp",
        ] {
            let refused = when(&texts(&[wrong])).unwrap_err();
            assert!(refused.detail.contains(wrong), "{refused}");
        }
        assert!(when(&texts(&["program=a", "program=b"])).is_err());
    }

    #[test]
    fn words_are_those_of_the_types() {
        for word in ZoneKind::words() {
            assert!(value::<ZoneKind>("--zone", word).is_ok(), "{word}");
        }
        for word in PointKind::words() {
            assert!(value::<PointKind>("--point", word).is_ok(), "{word}");
        }
        assert_eq!(PointKind::words().len(), PointKind::ALL.len());
        assert_eq!(ZoneKind::words().len(), ZoneKind::ALL.len());
        let refused = value::<ZoneKind>("--zone", "hiss").unwrap_err();
        assert!(refused.detail.contains("his"), "{refused}");
    }
}
