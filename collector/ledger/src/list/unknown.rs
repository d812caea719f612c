//! What could not be asked, and why: a row for each field without a (newest) value.

use daicho_report::{OsFamily, Reading, Reason, Time};

use super::{Column, Layer, Row, View, column, seen_label};
use crate::asset::AgentAsset;
use crate::cell::Cell;
use crate::text::{self, visible};

const C: Layer = Layer::Collected;

pub(super) const COLUMNS: &[Column] = &[
    column(C, "field", "項目", "field"),
    column(C, "reason", "理由", "reason"),
    column(C, "source", "照会先", "what was asked"),
    column(C, "at", "照会日時", "asked at"),
    column(Layer::Derived, "kept", "前回値の取得日時", "older value of"),
];

/// A field without a newest value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gap {
    pub(crate) section: &'static str,
    pub(crate) ja: &'static str,
    pub(crate) en: &'static str,
    /// What in the field, when it is a part of it.
    pub(crate) part: String,
    pub(crate) reason: Reason,
    pub(crate) source: String,
    pub(crate) kept: Option<Time>,
}

/// Looks at one field after the other.
struct Gaps<'a> {
    asset: &'a AgentAsset,
    found: Vec<Gap>,
}

impl Gaps<'_> {
    fn look<T>(
        &mut self,
        name: (&'static str, &'static str),
        titles: (&'static str, &'static str),
        reading: &Reading<T>,
    ) {
        let (section, field) = name;
        let stale = self.asset.stale_field(section, field);
        let kept = stale.map(|(at, _)| at);
        let reason = stale.map(|(_, reason)| reason).or(reading.reason());
        if let Some(reason) = reason {
            self.found.push(Gap {
                section,
                ja: titles.0,
                en: titles.1,
                part: String::new(),
                reason: reason.clone(),
                source: reading.source().to_owned(),
                kept,
            });
        }
    }

    fn part<T>(
        &mut self,
        section: &'static str,
        titles: (&'static str, &'static str),
        part: &str,
        reading: &Reading<T>,
    ) {
        let before = self.found.len();
        self.look((section, ""), titles, reading);
        for gap in self.found.iter_mut().skip(before) {
            gap.part = visible(part);
        }
    }
}

/// All fields of a machine without a newest value.
pub(crate) fn gaps(asset: &AgentAsset) -> Vec<Gap> {
    let mut gaps = Gaps {
        asset,
        found: Vec::new(),
    };
    machine(&mut gaps);
    network(&mut gaps);
    people(&mut gaps);
    upkeep(&mut gaps);
    outside(&mut gaps);
    for (kind, reason, source) in &asset.interval_reasons {
        let (section, ja, en) = match kind.as_str() {
            "flow" => ("flow", "通信", "flows"),
            "neighbour" => ("neighbour", "隣接機器", "neighbours"),
            _ => continue,
        };
        gaps.found.push(Gap {
            section,
            ja,
            en,
            part: String::new(),
            reason: reason.clone(),
            source: source.clone(),
            kept: None,
        });
    }
    gaps.found
}

#[rustfmt::skip]
fn machine(gaps: &mut Gaps<'_>) {
    let (os, it) = (&gaps.asset.os, &gaps.asset.hardware);
    gaps.look(("os", "family"), ("OSの系統", "OS family"), &os.family);
    gaps.look(("os", "id"), ("OSの識別名", "OS id"), &os.id);
    gaps.look(("os", "name"), ("OS", "OS"), &os.name);
    gaps.look(("os", "edition"), ("OSエディション", "OS edition"), &os.edition);
    gaps.look(("os", "version"), ("OSバージョン", "OS version"), &os.version);
    gaps.look(("os", "kernel"), ("カーネル・ビルド", "kernel, build"), &os.kernel);
    gaps.look(("os", "architecture"), ("CPUの種類", "architecture"), &os.architecture);
    gaps.look(("os", "installed_at"), ("OS導入日時", "OS installed"), &os.installed_at);
    gaps.look(("hardware", "host_name"), ("ホスト名", "host name"), &it.host_name);
    gaps.look(("hardware", "domain"), ("ドメイン", "domain"), &it.domain);
    gaps.look(("hardware", "machine_id"), ("システム識別子", "machine id"), &it.machine_id);
    gaps.look(("hardware", "smbios_uuid"), ("機器のUUID", "SMBIOS UUID"), &it.smbios_uuid);
    gaps.look(("hardware", "manufacturer"), ("メーカー", "maker"), &it.manufacturer);
    gaps.look(("hardware", "model"), ("型式", "model"), &it.model);
    gaps.look(("hardware", "serial"), ("製造番号", "serial number"), &it.serial);
    gaps.look(("hardware", "chassis"), ("種別", "kind"), &it.chassis);
    gaps.look(("hardware", "virtualization"), ("物理・仮想", "physical or virtual"), &it.virtualization);
    gaps.look(("hardware", "processor"), ("CPU", "processor"), &it.processor);
    gaps.look(("hardware", "processor_count"), ("論理CPU数", "logical processors"), &it.processor_count);
    gaps.look(("hardware", "memory_mib"), ("メモリ", "memory"), &it.memory_mib);
    gaps.look(("hardware", "volumes"), ("ボリューム", "volumes"), &it.volumes);
    gaps.look(("software", "items"), ("ソフトウェア", "programs"), &gaps.asset.software.items);
}

#[rustfmt::skip]
fn network(gaps: &mut Gaps<'_>) {
    let asset = gaps.asset;
    gaps.look(("interface", "interfaces"), ("インターフェース", "interfaces"), &asset.interfaces.interfaces);
    gaps.look(("interface", "name_servers"), ("DNSサーバ", "name servers"), &asset.interfaces.name_servers);
    gaps.look(("interface", "search_domains"), ("検索ドメイン", "search domains"), &asset.interfaces.search_domains);
    gaps.look(("route", "routes"), ("経路", "routes"), &asset.routes.routes);
    gaps.look(("route", "forwarding"), ("パケット転送の有無", "forwarding"), &asset.routes.forwarding);
    gaps.look(("listener", "listeners"), ("待受", "listeners"), &asset.listeners.listeners);
    gaps.look(("listener", "owners"), ("待受・通信のプログラム", "owners of sockets"), &asset.listeners.owners);
}

#[rustfmt::skip]
fn people(gaps: &mut Gaps<'_>) {
    let asset = gaps.asset;
    gaps.look(("account", "accounts"), ("アカウント", "accounts"), &asset.accounts.accounts);
    gaps.look(("account", "log_ins"), ("ログオン", "log-ins"), &asset.accounts.log_ins);
    gaps.look(("account", "grants"), ("管理者権限の根拠", "places that grant rights"), &asset.accounts.grants);
    gaps.look(("account", "directory"), ("ディレクトリサービス", "directory service"), &asset.accounts.directory);
    for it in asset.accounts.accounts.value().into_iter().flatten() {
        gaps.part("account", ("対話ログオン可", "can log in"), &it.name, &it.can_log_in);
    }
    gaps.look(("antivirus", "products"), ("ウイルス対策製品", "protection products"), &asset.antivirus.products);
    gaps.look(("antivirus", "verdict"), ("ウイルス対策の状態", "protection"), &asset.antivirus.verdict);
    for it in asset.antivirus.products.value().into_iter().flatten() {
        gaps.part("antivirus", ("ウイルス対策製品の版", "version of product"), &it.name, &it.version);
        gaps.part("antivirus", ("定義ファイルの日付", "date of definitions"), &it.name, &it.definitions_at);
    }
}

#[rustfmt::skip]
fn upkeep(gaps: &mut Gaps<'_>) {
    let asset = gaps.asset;
    let it = &asset.patches;
    gaps.look(("patch", "last_update_at"), ("最終更新日（パッチ）", "last patch"), &it.last_update_at);
    gaps.look(("update", "pending"), ("未適用の更新", "pending updates"), &asset.updates.pending);
    gaps.look(("patch", "index_at"), ("更新一覧の取得日時", "index of updates of"), &it.index_at);
    gaps.look(("patch", "reboot"), ("再起動の要否", "restart"), &it.reboot);
    gaps.look(("patch", "automatic"), ("更新の自動適用", "updates install themselves"), &it.automatic);
    gaps.look(("patch", "sources"), ("更新の取得元", "sources of updates"), &it.sources);
    gaps.look(("service", "services"), ("サービス", "services"), &asset.services.services);
    gaps.look(("service", "autostarts"), ("自動起動", "autostart"), &asset.services.autostarts);
    gaps.look(("backup", "tools"), ("バックアップ製品", "backup software"), &asset.backups.tools);
    gaps.look(("printer", "printers"), ("プリンタ（印刷先）", "printers"), &asset.printers.printers);
    gaps.look(("policy", "password"), ("パスワードの規則", "rules for passwords"), &asset.policies.password);
    gaps.look(("policy", "log"), ("ログの設定", "settings of logs"), &asset.policies.log);
    gaps.look(("policy", "time_sources"), ("時刻同期", "clock is set by"), &asset.policies.time_sources);
    gaps.look(("guest", "runs_on"), ("稼働先の物理機器", "runs on"), &asset.guests.runs_on);
    gaps.look(("guest", "guests"), ("仮想マシン", "virtual machines here"), &asset.guests.guests);
    gaps.look(("guest", "containers"), ("コンテナ", "containers here"), &asset.guests.containers);
}

#[rustfmt::skip]
fn outside(gaps: &mut Gaps<'_>) {
    let asset = gaps.asset;
    gaps.look(("firewall", "verdict"), ("機器のファイアウォール", "its own firewall"), &asset.firewall.verdict);
    gaps.look(("firewall", "witnesses"), ("ファイアウォールの根拠", "witnesses of the firewall"), &asset.firewall.witnesses);
    gaps.look(("firewall", "default_input"), ("受信の既定", "default of input"), &asset.firewall.default_input);
    gaps.look(("storage", "encryption"), ("ディスク暗号化", "disk encryption"), &asset.storage.encryption);
    gaps.look(("storage", "shares"), ("共有（提供）", "shares offered"), &asset.storage.shares);
    gaps.look(("storage", "remote_mounts"), ("共有（利用先）", "shares used"), &asset.storage.remote_mounts);
    gaps.look(("storage", "usb_storage"), ("USBストレージ", "storage on USB"), &asset.storage.usb_storage);
    gaps.look(("policy", "ssh"), ("遠隔ログオン（SSH）", "remote log-in (SSH)"), &asset.policies.ssh);
    gaps.look(("remote_tool", "tools"), ("リモートメンテナンスツール", "remote maintenance tools"), &asset.remote_tools.tools);
    gaps.look(("vpn", "vpns"), ("VPN", "VPN"), &asset.vpns.vpns);
    gaps.look(("trust", "proxies"), ("プロキシ", "proxies"), &asset.trust.proxies);
    gaps.look(("trust", "added_roots"), ("追加された認証局", "added authorities"), &asset.trust.added_roots);
    gaps.look(("trust", "certificates"), ("サービスの証明書", "certificates of services"), &asset.trust.certificates);
    // Other systems do not have them.
    if gaps.asset.os.family.value() == Some(&OsFamily::Windows) {
        gaps.look(("policy", "remote_desktop"), ("遠隔ログオン（リモートデスクトップ）", "remote log-in (Remote Desktop)"), &asset.policies.remote_desktop);
        gaps.look(("backup", "shadow_copies"), ("シャドウコピー", "shadow copies"), &asset.backups.shadow_copies);
        gaps.look(("trace", "networks"), ("接続したことのあるネットワーク", "networks it was connected to"), &asset.traces.networks);
        gaps.look(("policy", "uac"), ("ユーザーアカウント制御（UAC）", "UAC"), &asset.policies.uac);
        gaps.look(("policy", "smb1"), ("ファイル共有の旧方式（SMBv1）", "SMBv1"), &asset.policies.smb1);
    }
    traces(gaps);
}

#[rustfmt::skip]
fn traces(gaps: &mut Gaps<'_>) {
    let it = &gaps.asset.traces;
    gaps.look(("trace", "hosts"), ("外部接続の手がかり：hosts", "sign of outside: hosts"), &it.hosts);
    gaps.look(("trace", "resolver_rules"), ("外部接続の手がかり：DNSの振り分け", "sign of outside: rules of the resolver"), &it.resolver_rules);
    gaps.look(("trace", "proxy_bypass"), ("外部接続の手がかり：プロキシの例外", "sign of outside: past the proxy"), &it.proxy_bypass);
    gaps.look(("trace", "resolved"), ("外部接続の手がかり：名前解決", "sign of outside: resolved names"), &it.resolved);
    gaps.look(("trace", "folders"), ("外部接続の手がかり：フォルダ", "sign of outside: folders"), &it.folders);
    gaps.look(("trace", "tasks"), ("外部接続の手がかり：タスク", "sign of outside: tasks"), &it.tasks);
    gaps.look(("trace", "credentials"), ("外部接続の手がかり：資格情報（有無のみ）", "sign of outside: credentials (existence only)"), &it.credentials);
}

impl Gap {
    /// What the field is called.
    pub(crate) fn title(&self, lang: text::Lang) -> String {
        let title = lang.pick(self.ja, self.en);
        if self.part.is_empty() {
            return title.to_owned();
        }
        lang.remark(title, &self.part)
    }
}

pub(super) fn rows(view: View<'_>, put: &mut dyn FnMut(Row)) {
    for asset in &view.ledger.assets {
        for gap in gaps(asset) {
            put(view.row(&asset.id, &asset.label, cells(view, asset, &gap)));
        }
    }
    let lang = view.lang;
    let all = lang.pick("アドレス以外のすべて", "all but its addresses");
    let why = lang.pick("エージェントがない", "no agent");
    for seen in &view.ledger.seen {
        let cells = vec![
            Cell::own(all),
            Cell::own(lang.remark(&text::reason(&Reason::NotAsked, lang), why)),
            Cell::not_applicable(),
            Cell::not_applicable(),
            Cell::none(lang),
        ];
        put(view.row(&seen.id, &seen_label(seen), cells));
    }
}

fn cells(view: View<'_>, asset: &AgentAsset, gap: &Gap) -> Vec<Cell> {
    let lang = view.lang;
    let at = asset.section_at(gap.section);
    vec![
        Cell::own(gap.title(lang)),
        Cell::own(text::reason(&gap.reason, lang)),
        match gap.source.as_str() {
            "" => Cell::not_applicable(),
            source => Cell::value(source, lang),
        },
        match at {
            Some(at) => Cell::moment(at, view.offset()),
            None => Cell::not_applicable(),
        },
        match gap.kept {
            Some(at) => Cell::moment(at, view.offset()),
            None => Cell::none(lang),
        },
    ]
}
