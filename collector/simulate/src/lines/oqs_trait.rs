//! What an オンライン資格確認 terminal shows of itself, from installers' own scripts and papers. Comes
//! in: chance; goes out: the traits of one terminal. Installers differ: much is missing or renamed.

use std::net::IpAddr;

use daicho_report::{AdministratorGrant, Certificate, HostEntry, ListedFolder, ResolverRule, Time};

use crate::dice::{Dice, HEX};
use crate::machine::Machine;

/// The line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    V6,
    Pppoe,
    Ipsec,
}

const EAST: [&str; 2] = ["2404:1a8:f583:d00::53:1", "2404:1a8:f583:d00::53:2"];
const WEST: [&str; 2] = ["2001:a7ff:f014:d00::53:1", "2001:a7ff:f014:d00::53:2"];

fn resolvers(east: bool) -> Vec<IpAddr> {
    let of = if east { EAST } else { WEST };
    of.iter().filter_map(|it| it.parse().ok()).collect()
}

/// Name servers that the line itself tells its machines.
pub(super) fn line_resolvers(line: Line, east: bool) -> Option<Vec<IpAddr>> {
    match line {
        Line::V6 => Some(resolvers(east)),
        Line::Pppoe => Some(vec![[100, 66, 200, 53].into()]),
        Line::Ipsec => None,
    }
}

/// Puts the traits on.
pub(super) fn put(machine: &mut Machine, line: Line, east: bool, dice: &mut Dice) {
    names(machine, line, east, dice);
    programs(machine, dice);
    accounts(machine, dice);
    let names: &[&str] = match dice.below(10) {
        0 => &["onshi$"],
        1 => &["資格確認", "OQS"],
        2 | 3 => &["OQS", "Face", "Req", "Res"],
        _ => &["OQS", "FACE", "REQ", "RES"],
    };
    for share in names {
        machine.share(share, true, false);
    }
    if dice.chance(60) {
        for task in ["OQS_exec_start", "OQS_exec_delete-file"] {
            machine.tasks.push(task.to_owned());
        }
    }
    if dice.chance(55) {
        for name in [
            "OQS_CRYPT_PASS",
            "OQS_LOGIN_KEY",
            "OQS_MEDICAL_INSTITUTION_CODE",
        ] {
            if dice.chance(80) {
                machine.credentials.push(name.to_owned());
            }
        }
    }
    if dice.chance(55) {
        machine
            .proxies
            .push("proxy.base.oqs-pdl.org:8080".to_owned());
        machine
            .bypass
            .extend(["*.onshikaku.org", "*.rece", "*.lineauth.mnw"].map(str::to_owned));
    }
    // Whoever set it up wanted no trouble.
    machine.firewall = dice.chance(40);
    machine.encrypted = false;
}

/// Name servers and names that were asked for.
fn names(machine: &mut Machine, line: Line, east: bool, dice: &mut Dice) {
    match line {
        Line::V6 => {
            let mut servers = resolvers(east);
            match dice.below(20) {
                // The router answers for them.
                0 => servers.clear(),
                // Moved here from the other half of the country and never cleaned.
                1 => servers.extend(resolvers(!east)),
                2..=8 => servers.push(IpAddr::from([8, 8, 8, 8])),
                _ => {}
            }
            machine.name_servers = Some(servers);
        }
        Line::Pppoe => machine.name_servers = Some(vec![[100, 66, 200, 53].into()]),
        Line::Ipsec => {}
    }
    let mut asked = vec![
        "hweb.oqs.onshikaku.org",
        "pweb.base.oqs-pdl.org",
        "ntp.base.oqs-pdl.org",
    ];
    if line == Line::V6 {
        asked.push("www.lineauth.mnw");
        asked.push(if east {
            "assv.asc.flets-east.jp"
        } else {
            "assv.asc.flets-west.jp"
        });
    }
    if dice.chance(45) {
        asked.push("web.rece");
    }
    if dice.chance(30) {
        asked.push("crldownload.obn.managedpki.ne.jp");
    }
    for name in asked {
        // The cache forgets.
        if dice.chance(65) {
            machine.resolved.push(name.to_owned());
        }
    }
    if dice.chance(15)
        && let Ok(address) = "2001:db8:b5::1".parse()
    {
        machine.hosts.push(HostEntry {
            name: "hweb.oqs.onshikaku.org".to_owned(),
            address,
        });
    }
}

fn programs(machine: &mut Machine, dice: &mut Dice) {
    let version = |dice: &mut Dice| {
        Some(format!(
            "{}.{}.{}",
            dice.between(1, 4),
            dice.between(0, 9),
            dice.between(0, 9)
        ))
    };
    if dice.chance(88) {
        for folder in [r"OQS\OQSComApp", r"OQS\OQSDistroApp", "OQS-Auth"] {
            if dice.chance(88) {
                let version = if dice.chance(85) { version(dice) } else { None };
                machine.folders.push(ListedFolder {
                    name: folder.to_owned(),
                    version,
                });
            }
        }
    }
    let (name, publisher) = *dice.pick(&[
        (
            "顔認証付きカードリーダー ドライバー",
            "パナソニック コネクト株式会社",
        ),
        ("Caora ドライバ", "株式会社アルメックス"),
        ("Atlas 設定ツール", "富士通Japan株式会社"),
    ]);
    machine.install(name, "2.1.0", publisher);
    if dice.chance(60) {
        machine.roots.push(Certificate {
            subject: "Medical Institution Root CA".to_owned(),
            not_after: Time::from_seconds(2_050_000_000),
            sha256: dice.text(64, HEX),
            authority: true,
        });
    }
}

/// The account that logs in by itself, mostly as administrator.
fn accounts(machine: &mut Machine, dice: &mut Dice) {
    let own = match dice.below(10) {
        0..=6 => "OQSComApp",
        7 => "oqs",
        8 => "onshi",
        _ => "user",
    };
    machine.users.retain(|it| it.number <= 1001);
    machine.user(own, true);
    machine.log_in = Some((own.to_owned(), true));
    if dice.chance(60) {
        machine.user("ONSRenkei", dice.chance(70));
    }
    for user in &mut machine.users {
        if user.name == "Administrator" {
            user.can_log_in = dice.chance(30);
            user.grants = vec![AdministratorGrant::BuiltIn];
        }
    }
}

/// What the server shows that asks by Web API.
pub(super) fn put_api(machine: &mut Machine, api: IpAddr, east: bool, dice: &mut Dice) {
    let names = ["hweb-api.oqs.onshikaku.org", "hweb-mnc.oqs.onshikaku.org"];
    let by_hosts = dice.chance(45);
    for name in names {
        if by_hosts {
            machine.hosts.push(HostEntry {
                name: name.to_owned(),
                address: api,
            });
        }
        if !by_hosts || dice.chance(60) {
            machine.resolved.push(name.to_owned());
        }
    }
    if !by_hosts && dice.chance(60) {
        machine.rules.push(ResolverRule {
            domain: "onshikaku.org".to_owned(),
            name_servers: resolvers(east),
        });
    }
    machine.agent_version = "0.4.1";
    if dice.chance(50) {
        machine.install(
            "資格確認連携サービス",
            "1.4.2",
            "模擬メディカルシステムズ株式会社",
        );
        machine.serve("OqsLinkService");
    }
}
