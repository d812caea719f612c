//! Servers and terminals: machines with an agent, and devices that were only seen
//! （台帳外・通信のみ観測）. Devices seen as gateway or router stand among the network devices.

use daicho_report::{Reading, Time};

use super::seen::{is_network, not_asked};
use super::{
    Column, Layer, Row, View, column, protection, seen, seen_label, setting, share, summary, trace,
};
use crate::asset::{AgentAsset, SeenAsset};
use crate::cell::Cell;
use crate::hand::field;
use crate::input::Carriage;
use crate::text::{self, Lang, visible};

const C: Layer = Layer::Collected;
const D: Layer = Layer::Derived;

/// A row's asset.
#[derive(Clone, Copy)]
enum Subject<'a> {
    Agent(&'a AgentAsset),
    Seen(&'a SeenAsset),
}

type Show = fn(View<'_>, Subject<'_>) -> Cell;

/// Columns that staff keep by hand; collection never fills them.
fn hand() -> impl Iterator<Item = Column> {
    super::hand_columns(field::DEVICES)
}

#[rustfmt::skip]
const FIELDS: &[(Column, Show)] = &[
    (column(D, "label", "機器名", "asset"), label),
    (column(D, "asset_id", "台帳番号", "ledger id"), |v, s| Cell::value(id(s), v.lang)),
    (column(D, "standing", "台帳区分", "standing"), standing),
    (column(C, "host_name", "ホスト名", "host name"), |v, s| text_of(v, s, ("hardware", "host_name"), |a| &a.hardware.host_name)),
    (column(C, "domain", "ドメイン", "domain"), |v, s| option_of(v, s, ("hardware", "domain"), |a| &a.hardware.domain)),
    (column(C, "join", "所属（ドメイン・ワークグループ）", "belongs to"), |v, s| agent(v, s, setting::join)),
    (column(C, "chassis", "種別", "kind"), chassis),
    (column(C, "virtualization", "物理・仮想", "physical or virtual"), |v, s| of(v, s, ("hardware", "virtualization"), |a| &a.hardware.virtualization, |it| Cell::own(text::virtualization(it, v.lang)))),
    (column(C, "manufacturer", "メーカー", "maker"), |v, s| text_of(v, s, ("hardware", "manufacturer"), |a| &a.hardware.manufacturer)),
    (column(C, "model", "型式", "model"), |v, s| text_of(v, s, ("hardware", "model"), |a| &a.hardware.model)),
    (column(C, "serial", "製造番号", "serial number"), |v, s| text_of(v, s, ("hardware", "serial"), |a| &a.hardware.serial)),
    (column(C, "os_name", "OS", "OS"), |v, s| text_of(v, s, ("os", "name"), |a| &a.os.name)),
    (column(C, "os_edition", "OSエディション", "OS edition"), |v, s| option_of(v, s, ("os", "edition"), |a| &a.os.edition)),
    (column(C, "os_version", "OSバージョン", "OS version"), |v, s| text_of(v, s, ("os", "version"), |a| &a.os.version)),
    (column(C, "kernel", "カーネル・ビルド", "kernel, build"), |v, s| text_of(v, s, ("os", "kernel"), |a| &a.os.kernel)),
    (column(C, "architecture", "CPUの種類", "architecture"), |v, s| text_of(v, s, ("os", "architecture"), |a| &a.os.architecture)),
    (column(C, "installed_at", "OS導入日時", "OS installed"), |v, s| of(v, s, ("os", "installed_at"), |a| &a.os.installed_at, |it| Cell::moment(*it, v.offset()))),
    (column(D, "os_support_end", "OSサポート期限", "OS support ends"), |v, s| agent(v, s, protection::support)),
    (column(C, "last_patch", "最終更新日（パッチ）", "last patch"), |v, s| agent(v, s, protection::last_update)),
    (column(C, "pending", "未適用の更新", "pending updates"), |v, s| agent(v, s, protection::pending)),
    (column(C, "index_at", "更新一覧の取得日時", "index of updates of"), |v, s| agent(v, s, protection::index_at)),
    (column(C, "reboot", "再起動の要否", "restart"), |v, s| agent(v, s, protection::reboot)),
    (column(C, "automatic", "更新の自動適用", "updates install themselves"), |v, s| of(v, s, ("patch", "automatic"), |a| &a.patches.automatic, |it| Cell::own(text::yes_no(*it, v.lang)))),
    (column(C, "addresses", "IPアドレス／プレフィックス長", "addresses"), addresses),
    (column(C, "macs", "MACアドレス", "hardware addresses"), macs),
    (column(D, "mac_maker", "MACアドレスの登録メーカー", "registered maker of the address"), mac_maker),
    (column(C, "gateways", "デフォルトゲートウェイ", "default gateways"), gateways),
    (column(C, "name_servers", "DNSサーバ", "name servers"), |v, s| of(v, s, ("interface", "name_servers"), |a| &a.interfaces.name_servers, |it| Cell::lines(it.iter().map(ToString::to_string), v.lang))),
    (column(C, "antivirus", "ウイルス対策の状態", "protection"), |v, s| of(v, s, ("antivirus", "verdict"), |a| &a.antivirus.verdict, |it| Cell::own(text::antivirus_verdict(*it, v.lang)))),
    (column(C, "antivirus_products", "ウイルス対策製品・版", "protection products"), |v, s| agent(v, s, summary::products)),
    (column(C, "definitions_at", "定義ファイルの日付", "date of definitions"), |v, s| agent(v, s, summary::definitions)),
    (column(D, "admin_log_in", "管理者権限でのログオン", "logs in as administrator"), |v, s| agent(v, s, summary::log_ins)),
    (column(C, "administrators", "管理者権限を持つアカウント", "administrators"), |v, s| agent(v, s, summary::administrators)),
    (column(C, "firewall", "機器のファイアウォール", "its own firewall"), |v, s| agent(v, s, protection::firewall)),
    (column(C, "encryption", "ディスク暗号化", "disk encryption"), |v, s| agent(v, s, protection::encryption)),
    (column(C, "usb_storage", "USBストレージ", "storage on USB"), |v, s| agent(v, s, protection::usb)),
    (column(C, "remote_tools", "リモートメンテナンスツール", "remote maintenance tools"), |v, s| agent(v, s, protection::remote_tools)),
    (column(C, "vpns", "VPN", "VPN"), |v, s| agent(v, s, protection::vpns)),
    (column(C, "ssh", "遠隔ログオン（SSH）", "remote log-in (SSH)"), |v, s| agent(v, s, protection::ssh)),
    (column(C, "remote_desktop", "遠隔ログオン（リモートデスクトップ）", "remote log-in (Remote Desktop)"), |v, s| agent(v, s, setting::remote_desktop)),
    (column(C, "uac", "ユーザーアカウント制御（UAC）", "UAC"), |v, s| agent(v, s, setting::uac)),
    (column(C, "smb1", "ファイル共有の旧方式（SMBv1）", "SMBv1"), |v, s| agent(v, s, setting::smb1)),
    (column(C, "name_queries", "名前の問い合わせ（LLMNR・NetBIOS）", "LLMNR, NetBIOS"), |v, s| agent(v, s, setting::name_queries)),
    (column(C, "shares", "共有（提供）", "shares offered"), |v, s| agent(v, s, share::shares)),
    (column(C, "remote_mounts", "共有（利用先）", "shares used"), |v, s| agent(v, s, share::remote_mounts)),
    (column(C, "printers", "プリンタ（印刷先）", "printers"), |v, s| agent(v, s, share::printers)),
    (column(C, "backup_tools", "バックアップ製品", "backup software"), |v, s| agent(v, s, protection::backups)),
    (column(C, "shadow_copies", "シャドウコピーの数", "shadow copies"), |v, s| of(v, s, ("backup", "shadow_copies"), |a| &a.backups.shadow_copies, |it| Cell::number(u64::from(*it)))),
    (column(C, "password_policy", "パスワードの規則", "rules for passwords"), |v, s| agent(v, s, protection::password)),
    (column(C, "log_policy", "ログの設定", "settings of logs"), |v, s| agent(v, s, protection::log)),
    (column(C, "time_sources", "時刻同期", "clock is set by"), |v, s| agent(v, s, protection::time_sources)),
    (column(C, "runs_on", "稼働先の物理機器", "runs on"), |v, s| agent(v, s, protection::runs_on)),
    (column(C, "guests", "仮想マシン（この機器上）", "virtual machines here"), |v, s| agent(v, s, protection::guests)),
    (column(C, "containers", "コンテナ（この機器上）", "containers here"), |v, s| agent(v, s, protection::containers)),
    (column(C, "proxies", "プロキシ", "proxies"), |v, s| agent(v, s, protection::proxies)),
    (column(C, "added_roots", "追加された認証局", "added authorities"), |v, s| agent(v, s, protection::added_roots)),
    (column(C, "certificates", "サービスの証明書", "certificates of services"), |v, s| agent(v, s, protection::own_certificates)),
    (column(C, "trace_hosts", "外部接続の手がかり：hosts", "sign of outside: hosts"), |v, s| agent(v, s, trace::hosts)),
    (column(C, "trace_resolver_rules", "外部接続の手がかり：DNSの振り分け", "sign of outside: rules of the resolver"), |v, s| agent(v, s, trace::resolver_rules)),
    (column(C, "trace_proxy_bypass", "外部接続の手がかり：プロキシの例外", "sign of outside: past the proxy"), |v, s| agent(v, s, trace::proxy_bypass)),
    (column(C, "trace_resolved", "外部接続の手がかり：名前解決", "sign of outside: resolved names"), |v, s| agent(v, s, trace::resolved)),
    (column(C, "trace_folders", "外部接続の手がかり：フォルダ", "sign of outside: folders"), |v, s| agent(v, s, trace::folders)),
    (column(C, "trace_tasks", "外部接続の手がかり：タスク", "sign of outside: tasks"), |v, s| agent(v, s, trace::tasks)),
    (column(C, "trace_credentials", "外部接続の手がかり：資格情報（有無のみ）", "sign of outside: credentials (existence only)"), |v, s| agent(v, s, trace::credentials)),
    (column(C, "trace_networks", "接続したことのあるネットワーク", "networks it was connected to"), |v, s| agent(v, s, trace::networks)),
    (column(C, "software", "ソフトウェア数", "programs"), |v, s| of(v, s, ("software", "items"), |a| &a.software.items, |it| Cell::number(it.len() as u64))),
    (column(C, "processor", "CPU", "processor"), |v, s| text_of(v, s, ("hardware", "processor"), |a| &a.hardware.processor)),
    (column(C, "processor_count", "論理CPU数", "logical processors"), |v, s| of(v, s, ("hardware", "processor_count"), |a| &a.hardware.processor_count, |it| Cell::number(u64::from(*it)))),
    (column(C, "memory_mib", "メモリ（MiB）", "memory (MiB)"), |v, s| of(v, s, ("hardware", "memory_mib"), |a| &a.hardware.memory_mib, |it| Cell::number(*it))),
    (column(C, "volumes", "ボリューム（容量）", "volumes (size)"), volumes),
];

#[rustfmt::skip]
const REPORTS: &[(Column, Show)] = &[
    (column(D, "enrolled_at", "登録日時", "enrolled"), |v, s| presence(v, s, |a| a.enrolled_at)),
    (column(D, "first_at", "初回の報告・観測", "first report or sighting"), first),
    (column(D, "last_at", "最終の報告・観測", "last report or sighting"), last),
    (column(C, "collected_at", "最終取得日時（機器の時計）", "last collected (its own clock)"), |v, s| presence(v, s, |a| a.presence.collected_at)),
    (column(D, "report_state", "報告の状況", "state of reports"), report_state),
    (column(D, "seen_by", "観測した機器", "seen by"), seen_by),
    (column(C, "agent_version", "エージェントの版", "agent version"), |v, s| match s {
        Subject::Agent(a) => Cell::value(&a.agent_version, v.lang),
        Subject::Seen(_) => Cell::not_applicable(),
    }),
];

pub(super) fn columns() -> Vec<Column> {
    let fields = FIELDS.iter().map(|(column, _)| *column);
    let hand = hand();
    let reports = REPORTS.iter().map(|(column, _)| *column);
    fields.chain(hand).chain(reports).collect()
}

pub(super) fn rows(view: View<'_>) -> Vec<Row> {
    let agents = view.ledger.assets.iter();
    let mut rows: Vec<Row> = agents.map(|it| agent_row(view, it)).collect();
    let seen = view.ledger.seen.iter().filter(|it| !is_network(it));
    rows.extend(seen.map(|it| row_of_seen(view, it)));
    rows
}

/// The row of a machine with an agent.
pub(super) fn agent_row(view: View<'_>, asset: &AgentAsset) -> Row {
    row(view, Subject::Agent(asset))
}

/// The row that a device without an agent has in this list.
pub(super) fn row_of_seen(view: View<'_>, seen: &SeenAsset) -> Row {
    row(view, Subject::Seen(seen))
}

/// Columns that lists with the network put between these.
const ADDED_BY_GRAPH: usize = 5;

fn row(view: View<'_>, subject: Subject<'_>) -> Row {
    let show = |(column, show): &(Column, Show)| match view.wants(column.key) {
        true => show(view, subject),
        false => Cell::own(String::new()),
    };
    // Ten thousand rows: no more room than the columns need, with those that the network adds.
    let mut cells =
        Vec::with_capacity(FIELDS.len() + hand().count() + REPORTS.len() + ADDED_BY_GRAPH);
    cells.extend(FIELDS.iter().map(show));
    cells.extend(hand().map(|_| Cell::by_hand(view.lang)));
    cells.extend(REPORTS.iter().map(show));
    let asset = match subject {
        Subject::Agent(asset) => &asset.id,
        Subject::Seen(seen) => &seen.id,
    };
    Row {
        asset: Some(asset.clone()),
        key: Some(asset.0.clone()),
        cells,
    }
}

fn id(subject: Subject<'_>) -> &str {
    match subject {
        Subject::Agent(asset) => &asset.id.0,
        Subject::Seen(seen) => &seen.id.0,
    }
}

/// A field of a machine with an agent; of one without it, nobody could ask.
fn of<T: Clone>(
    view: View<'_>,
    subject: Subject<'_>,
    name: (&str, &str),
    pick: impl FnOnce(&AgentAsset) -> &Reading<T>,
    show: impl FnOnce(&T) -> Cell,
) -> Cell {
    match subject {
        Subject::Agent(asset) => view.reading(asset, name, pick(asset), show),
        Subject::Seen(_) => not_asked(view),
    }
}

/// A cell of a machine with an agent.
fn agent(view: View<'_>, subject: Subject<'_>, show: fn(View<'_>, &AgentAsset) -> Cell) -> Cell {
    match subject {
        Subject::Agent(asset) => show(view, asset),
        Subject::Seen(_) => not_asked(view),
    }
}

fn text_of(
    view: View<'_>,
    subject: Subject<'_>,
    name: (&str, &str),
    pick: impl FnOnce(&AgentAsset) -> &Reading<String>,
) -> Cell {
    of(view, subject, name, pick, |it| Cell::value(it, view.lang))
}

fn option_of(
    view: View<'_>,
    subject: Subject<'_>,
    name: (&str, &str),
    pick: impl FnOnce(&AgentAsset) -> &Reading<Option<String>>,
) -> Cell {
    of(view, subject, name, pick, |it| match it {
        Some(text) => Cell::value(text, view.lang),
        None => Cell::none(view.lang),
    })
}

fn label(view: View<'_>, subject: Subject<'_>) -> Cell {
    match subject {
        Subject::Agent(asset) => Cell::value(&asset.label, view.lang),
        Subject::Seen(seen) => Cell::value(&seen_label(seen), view.lang),
    }
}

fn chassis(view: View<'_>, subject: Subject<'_>) -> Cell {
    let lang = view.lang;
    match subject {
        Subject::Agent(asset) => {
            let reading = &asset.hardware.chassis;
            view.reading(asset, ("hardware", "chassis"), reading, |it| {
                Cell::own(text::chassis(*it, lang))
            })
        }
        Subject::Seen(seen) => seen::kind(view, seen),
    }
}

fn standing(view: View<'_>, subject: Subject<'_>) -> Cell {
    let (ja, en) = match subject {
        Subject::Agent(_) => ("エージェントあり", "with agent"),
        Subject::Seen(_) => ("台帳外（通信のみ観測）", "not in the ledger (only seen)"),
    };
    Cell::own(view.lang.pick(ja, en))
}

fn addresses(view: View<'_>, subject: Subject<'_>) -> Cell {
    let lang = view.lang;
    match subject {
        Subject::Seen(seen) => Cell::lines(seen.addresses.iter().map(ToString::to_string), lang),
        Subject::Agent(_) => {
            let name = ("interface", "interfaces");
            of(
                view,
                subject,
                name,
                |a| &a.interfaces.interfaces,
                |all| {
                    let outside = all.iter().flat_map(|it| &it.addresses);
                    let outside = outside.filter(|it| !it.address.is_loopback());
                    Cell::lines(
                        outside.map(|it| format!("{}/{}", it.address, it.prefix)),
                        lang,
                    )
                },
            )
        }
    }
}

fn macs(view: View<'_>, subject: Subject<'_>) -> Cell {
    let name = ("interface", "interfaces");
    if let Subject::Seen(seen) = subject {
        return seen::mac(view, seen);
    }
    of(
        view,
        subject,
        name,
        |a| &a.interfaces.interfaces,
        |all| {
            let mut macs: Vec<_> = all
                .iter()
                .filter_map(|it| it.mac.as_deref())
                .map(visible)
                .collect();
            macs.retain(|mac| mac != "00:00:00:00:00:00");
            macs.sort();
            macs.dedup();
            Cell::lines(macs, view.lang)
        },
    )
}

fn mac_maker(view: View<'_>, subject: Subject<'_>) -> Cell {
    match subject {
        Subject::Seen(seen) => crate::maker::cell(seen.mac.as_deref().into_iter(), view.lang),
        Subject::Agent(asset) => {
            let all = asset.interfaces.interfaces.value().into_iter().flatten();
            crate::maker::cell(all.filter_map(|it| it.mac.as_deref()), view.lang)
        }
    }
}

fn gateways(view: View<'_>, subject: Subject<'_>) -> Cell {
    of(
        view,
        subject,
        ("route", "routes"),
        |a| &a.routes.routes,
        |routes| {
            let default = routes.iter().filter(|it| it.destination.prefix == 0);
            let mut hops: Vec<_> = default.filter_map(|it| it.gateway).collect();
            hops.sort_unstable();
            hops.dedup();
            Cell::lines(hops.iter().map(ToString::to_string), view.lang)
        },
    )
}

fn volumes(view: View<'_>, subject: Subject<'_>) -> Cell {
    of(
        view,
        subject,
        ("hardware", "volumes"),
        |a| &a.hardware.volumes,
        |all| {
            let lines = all.iter().map(|it| {
                let tenths = it.size_bytes.saturating_mul(10) >> 30;
                let (whole, part) = (tenths / 10, tenths % 10);
                let (mount, system) = (visible(&it.mount), visible(&it.file_system));
                format!("{mount} {system} {whole}.{part} GiB")
            });
            Cell::lines(lines, view.lang)
        },
    )
}

fn presence(view: View<'_>, subject: Subject<'_>, pick: fn(&AgentAsset) -> Time) -> Cell {
    match subject {
        Subject::Agent(asset) => Cell::moment(pick(asset), view.offset()),
        Subject::Seen(_) => Cell::not_applicable(),
    }
}

fn first(view: View<'_>, subject: Subject<'_>) -> Cell {
    match subject {
        Subject::Agent(asset) => Cell::moment(asset.presence.first_at, view.offset()),
        Subject::Seen(seen) => seen::first(view, seen),
    }
}

fn last(view: View<'_>, subject: Subject<'_>) -> Cell {
    match subject {
        Subject::Agent(asset) => Cell::moment(asset.presence.last_at, view.offset()),
        Subject::Seen(seen) => seen::last(view, seen),
    }
}

fn report_state(view: View<'_>, subject: Subject<'_>) -> Cell {
    let lang = view.lang;
    let Subject::Agent(asset) = subject else {
        return Cell::own(lang.pick("エージェントなし", "no agent"));
    };
    if let Some((cause, at)) = asset.presence.goodbye {
        let when = text::moment(at, view.offset());
        return Cell::own(lang.remark(text::goodbye(cause, lang), &when));
    }
    if let Some(carriage) = &asset.carried {
        return carried(view, asset, carriage);
    }
    let (ja, en) = if crate::finding::is_silent(view.ledger, asset) {
        ("24時間以上、報告なし", "silent for more than 24 hours")
    } else {
        ("報告あり", "reports")
    };
    Cell::own(lang.pick(ja, en))
}

/// Who carried the report, when it was collected, and whether the machine signed it.
fn carried(view: View<'_>, asset: &AgentAsset, carriage: &Carriage) -> Cell {
    let lang = view.lang;
    let collected = text::moment(asset.presence.collected_at, view.offset());
    let by = &carriage.by;
    let who = match lang {
        Lang::Ja => format!("運んだ人 {by}、収集 {collected}"),
        Lang::En => format!("by {by}, collected {collected}"),
    };
    let how = if carriage.signed {
        lang.pick("手で運んだ報告（署名あり）", "carried by hand (signed)")
    } else {
        lang.pick("手で運んだ報告（署名なし）", "carried by hand (not signed)")
    };
    Cell::own(lang.remark(how, &who))
}

fn seen_by(view: View<'_>, subject: Subject<'_>) -> Cell {
    match subject {
        Subject::Agent(_) => Cell::not_applicable(),
        Subject::Seen(seen) => seen::observers(view, seen),
    }
}
