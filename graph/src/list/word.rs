//! Words for what data files name in short. A name that is not here is shown as it is.

use daicho_ledger::Lang;
use daicho_ledger::text::visible;

use crate::recognise::Weight;

/// What a kind of trait is called.
const TRAITS: &[(&str, &str, &str)] = &[
    ("account", "アカウント", "account"),
    ("credential", "資格情報の名前", "stored credential"),
    ("declared", "手入力", "entered by hand"),
    ("default_route", "既定経路", "default route"),
    ("device", "手入力の機器", "device kept by hand"),
    ("domain", "ドメイン", "domain"),
    ("driver", "ドライバー", "driver"),
    ("dual_home", "二つの網への接続", "two networks"),
    ("flow", "通信", "flow"),
    ("flow_in", "受けた通信", "flow received"),
    ("flow_out", "外への通信", "flow to outside"),
    (
        "flow_public",
        "インターネットとの通信",
        "flow to public addresses",
    ),
    ("folder", "フォルダ", "folder"),
    ("forwarding", "パケット転送", "forwarding"),
    ("gateway", "ゲートウェイ", "gateway"),
    ("host_entry", "hostsの登録", "hosts entry"),
    ("hosts", "hostsの登録", "hosts entry"),
    ("host_name", "ホスト名", "host name"),
    ("interface", "インターフェース", "interface"),
    ("listener", "待受", "listening socket"),
    ("mac", "MACアドレス", "hardware address"),
    ("name_server", "DNSサーバ", "name server"),
    ("peer", "通信相手", "peer"),
    ("port", "ポート", "port"),
    ("process", "プログラム", "program"),
    ("program", "プログラム", "program"),
    ("proxy", "プロキシ", "proxy"),
    ("proxy_bypass", "プロキシの例外", "proxy bypass"),
    ("publisher", "発行元", "publisher"),
    ("range", "IPアドレス範囲", "range"),
    ("remote_mount", "共有（利用先）", "share used"),
    (
        "remote_tool",
        "リモートメンテナンスツール",
        "remote maintenance tool",
    ),
    ("resolved", "名前の照会", "name resolved"),
    ("resolver_rule", "名前解決の規則", "resolver rule"),
    ("route", "経路", "route"),
    ("rule", "病院の規則", "rule of the site"),
    ("service", "サービス", "service"),
    ("share", "共有（提供）", "share offered"),
    ("site_rule", "病院の規則", "rule of the site"),
    ("software", "ソフトウェア", "program installed"),
    ("task", "タスク", "task"),
    ("time_source", "時刻同期先", "clock is set by"),
    ("vpn", "VPN", "VPN"),
];

/// What a sort of system is called.
const SORTS: &[(&str, &str, &str)] = &[
    ("ad", "認証（ディレクトリ）", "directory service"),
    ("antivirus", "ウイルス対策の管理", "antivirus management"),
    ("backup", "バックアップ", "backup"),
    ("blood", "輸血管理", "blood transfusion"),
    ("catering", "給食", "catering"),
    ("checkup", "健診", "health check-up"),
    ("database", "データベース", "database"),
    ("dialysis", "透析", "dialysis"),
    ("dicom", "医用画像（DICOM）", "imaging (DICOM)"),
    ("directory", "認証（ディレクトリ）", "directory service"),
    ("dns", "名前解決（DNS）", "name service"),
    ("ehr", "電子カルテ", "electronic health record"),
    ("endoscopy", "内視鏡", "endoscopy"),
    ("file", "ファイル共有", "file service"),
    ("file_server", "ファイル共有", "file service"),
    ("groupware", "グループウェア", "groupware"),
    ("hl7", "連携（HL7）", "interface (HL7)"),
    ("hypervisor", "仮想化基盤", "virtualization"),
    ("lis", "検体検査", "laboratory"),
    ("monitor", "生体情報モニタ", "vital-sign monitoring"),
    ("nas", "ファイル共有（NAS）", "storage (NAS)"),
    ("ntp", "時刻配信", "time service"),
    ("nurse_call", "ナースコール", "nurse call"),
    ("nutrition", "給食・栄養管理", "nutrition"),
    ("oqs", "オンライン資格確認", "online eligibility check"),
    ("orca", "レセプト（日医標準レセプト）", "receipt (ORCA)"),
    ("pacs", "医用画像（PACS）", "imaging (PACS)"),
    ("pathology", "病理", "pathology"),
    ("pharmacy", "薬剤", "pharmacy"),
    ("physiology", "生理検査", "physiology"),
    ("print", "印刷", "printing"),
    ("receipt", "医事会計（レセプト）", "receipt"),
    ("rehabilitation", "リハビリ", "rehabilitation"),
    ("ris", "放射線情報（RIS）", "radiology (RIS)"),
    ("surgery", "手術", "surgery"),
    ("update", "更新配信", "updates"),
    ("vital", "生体情報モニタ", "vital-sign monitoring"),
    ("vital_monitor", "生体情報モニタ", "vital-sign monitoring"),
    ("wsus", "更新配信", "updates"),
];

fn word(table: &[(&str, &str, &str)], name: &str, lang: Lang) -> String {
    let found = table.iter().find(|(key, _, _)| *key == name);
    found.map_or_else(|| visible(name), |(_, ja, en)| lang.pick(ja, en).to_owned())
}

/// What a kind of trait is called.
pub(super) fn kind(name: &str, lang: Lang) -> String {
    word(TRAITS, name, lang)
}

/// What a sort of system is called.
pub(super) fn sort(name: &str, lang: Lang) -> String {
    word(SORTS, name, lang)
}

/// How much a trait says.
pub(super) fn weight(weight: Weight, lang: Lang) -> &'static str {
    let (ja, en) = match weight {
        Weight::Decisive => ("決め手", "decisive"),
        Weight::Strong => ("強い", "strong"),
        Weight::Medium => ("中", "medium"),
        Weight::Weak => ("弱い", "weak"),
    };
    lang.pick(ja, en)
}
