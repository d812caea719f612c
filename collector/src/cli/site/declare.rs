//! `site declare`: one device without an agent, or one connection point, from the command line.

use clap::Subcommand;
use daicho_ledger::AssetId;
use daicho_ledger::hand::{DeclaredPoint, DeviceKind, EntryBody, HandDevice, HandInterface};
use daicho_report::Address;

use super::name::{Words, value};
use super::{By, enter_one, writable};
use crate::cli::{Outcome, Shared};
use crate::hand::{self, Draft};
use crate::refusal::Refused;

const AFTER_HELP: &str = "\
例 / Examples:
  daicho-collector site declare device --key fw-a --name ファイアウォール --kind firewall \\
    --interface LAN=10.1.0.1/24 --place サーバ室 --by 架空花子
  daicho-collector site declare point --key line-1 --name 保守回線 --kind vendor_vpn --device vpn-1 \\
    --peer 保守センター --always-on true --by 架空花子

同じ key でもう一度書くと、書き換わります（前の内容は記録に残ります）。多くを書くときは site import が便利です。
The same key again replaces (what stood before stays in the log); for many, use `site import`.";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// エージェントを入れられない機器 / a device without an agent
    Device(Box<Device>),
    /// 外部接続点 / a connection point
    Point(Box<Point>),
}

#[derive(clap::Args)]
struct Device {
    /// 名前（key）。あとで変えない / its key; keep it
    #[arg(long)]
    key: String,
    /// 呼び名 / what it is called
    #[arg(long)]
    name: String,
    /// 種類 / kind: firewall, vpn, router, core_switch, switch, wireless, line_terminal,
    /// mobile_router, medical_device, server, terminal, printer, storage, other
    #[arg(long)]
    kind: String,
    /// 口。名前=アドレス、または名前だけ / an interface: NAME=ADDRESS, or NAME alone
    #[arg(long = "interface", value_name = "NAME=10.1.2.3/24")]
    interfaces: Vec<String>,
    /// 口のMACアドレス（--interface と同じ順） / hardware addresses, in the order of --interface
    #[arg(long = "mac", value_name = "MAC")]
    macs: Vec<String>,
    /// メーカー / maker
    #[arg(long, default_value = "")]
    maker: String,
    /// 型番 / model
    #[arg(long, default_value = "")]
    model: String,
    /// 製造番号 / serial number
    #[arg(long, default_value = "")]
    serial: String,
    /// ファームウェアの版 / version of its firmware
    #[arg(long, default_value = "")]
    firmware: String,
    /// 設置場所 / where it stands
    #[arg(long, default_value = "")]
    place: String,
    /// 使用用途 / use
    #[arg(long, default_value = "")]
    purpose: String,
    /// 部署 / department
    #[arg(long, default_value = "")]
    department: String,
    /// 所有（病院・リース・事業者・個人） / who owns it
    #[arg(long, default_value = "")]
    owner: String,
    /// 保守事業者の key / key of the vendor
    #[arg(long)]
    vendor: Option<String>,
    /// システム名 / name of the system
    #[arg(long)]
    system: Option<String>,
    /// 系 / zone: dmz, his, department, medical_device, information, guest, management
    #[arg(long)]
    zone: Option<String>,
    /// 冗長構成の相手の key / key of the other of its pair
    #[arg(long)]
    pair: Option<String>,
    /// 備考 / note
    #[arg(long, default_value = "")]
    note: String,
    #[command(flatten)]
    by: By,
}

#[derive(clap::Args)]
struct Point {
    /// 名前（key）。あとで変えない / its key; keep it
    #[arg(long)]
    key: String,
    /// 呼び名 / what it is called
    #[arg(long)]
    name: String,
    /// 種類 / kind: internet, oqs_ipv6, oqs_pppoe, oqs_ipsec, oqs_web_api, oqs, online_claims,
    /// e_prescription, ehr_sharing, regional_link, regional_ip_vpn, cloud_ehr, vendor_vpn,
    /// remote_tool, mobile, second_route, other
    #[arg(long)]
    kind: String,
    /// その装置の key / key of the device at which it is
    #[arg(long)]
    device: Option<String>,
    /// エージェントのある機器の番号 / the machine with an agent at which it is
    #[arg(long)]
    asset: Option<String>,
    /// 院内側のアドレス / address in the hospital
    #[arg(long)]
    address: Option<std::net::IpAddr>,
    /// 回線 / the line
    #[arg(long, default_value = "")]
    line: String,
    /// 相手 / who is at the other end
    #[arg(long, default_value = "")]
    peer: String,
    /// 相手側のネットワーク / networks at the other end
    #[arg(long = "peer-network", value_name = "10.9.0.0/16")]
    peer_networks: Vec<String>,
    /// 事業者の key / key of the vendor
    #[arg(long)]
    vendor: Option<String>,
    /// 常時接続か / whether it is always on
    #[arg(long, value_name = "true|false")]
    always_on: Option<bool>,
    /// 切断手順 / how to switch it off, and who may
    #[arg(long, default_value = "")]
    switch_off: String,
    /// 責任分界点 / where the responsibilities meet
    #[arg(long, default_value = "")]
    demarcation: String,
    /// システム名 / name of the system
    #[arg(long)]
    system: Option<String>,
    /// 備考 / note
    #[arg(long, default_value = "")]
    note: String,
    #[command(flatten)]
    by: By,
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    let (by, draft) = match &arguments.what {
        What::Device(it) => (&it.by, it.draft()?),
        What::Point(it) => (&it.by, it.draft()?),
    };
    let (opened, site) = writable(shared)?;
    enter_one(&opened, &site, by, draft, shared)?;
    Ok(Outcome::Done)
}

fn refuse(what: String) -> Refused {
    Refused::new("SIT-002", what)
}

fn address(option: &str, text: &str) -> Result<Address, Refused> {
    let shown: String = text.chars().take(60).collect();
    hand::address(text).ok_or_else(|| refuse(format!("{option} {shown}（10.1.2.3/24）")))
}

impl Words for DeviceKind {
    fn words() -> Vec<&'static str> {
        vec![
            "firewall",
            "vpn",
            "router",
            "core_switch",
            "switch",
            "wireless",
            "line_terminal",
            "mobile_router",
            "medical_device",
            "server",
            "terminal",
            "printer",
            "storage",
            "other",
        ]
    }
}

impl Device {
    fn draft(&self) -> Result<Draft, Refused> {
        if self.macs.len() > self.interfaces.len() {
            return Err(refuse("--mac: --interface".to_owned()));
        }
        let mut interfaces = Vec::new();
        for (number, text) in self.interfaces.iter().enumerate() {
            let (name, at) = match text.split_once('=') {
                Some((name, at)) => (name, Some(address("--interface", at)?)),
                None => (text.as_str(), None),
            };
            interfaces.push(HandInterface {
                name: name.to_owned(),
                mac: self.macs.get(number).cloned(),
                address: at,
                beside: None,
                linked_to: None,
            });
        }
        let zone = self.zone.as_deref().map(|it| value("--zone", it));
        let device = HandDevice {
            name: self.name.clone(),
            kind: value("--kind", &self.kind)?,
            interfaces,
            maker: self.maker.clone(),
            model: self.model.clone(),
            serial: self.serial.clone(),
            firmware: self.firmware.clone(),
            place: self.place.clone(),
            purpose: self.purpose.clone(),
            department: self.department.clone(),
            owner: self.owner.clone(),
            vendor: self.vendor.clone(),
            system: self.system.clone(),
            zone: zone.transpose()?,
            pair: self.pair.clone(),
            note: self.note.clone(),
        };
        Ok(Draft {
            key: self.key.clone(),
            body: EntryBody::Device(device),
        })
    }
}

impl Point {
    fn draft(&self) -> Result<Draft, Refused> {
        let networks = self.peer_networks.iter();
        let networks = networks.map(|it| address("--peer-network", it));
        let point = DeclaredPoint {
            name: self.name.clone(),
            kind: value("--kind", &self.kind)?,
            device: self.device.clone(),
            asset: self.asset.clone().map(AssetId),
            address: self.address,
            line: self.line.clone(),
            peer: self.peer.clone(),
            peer_networks: networks.collect::<Result<_, _>>()?,
            vendor: self.vendor.clone(),
            always_on: self.always_on,
            switch_off: self.switch_off.clone(),
            demarcation: self.demarcation.clone(),
            system: self.system.clone(),
            note: self.note.clone(),
        };
        Ok(Draft {
            key: self.key.clone(),
            body: EntryBody::Point(point),
        })
    }
}
