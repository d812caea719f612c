//! Words for what data files name in short. A name that is not here is shown as it is.

use daicho_ledger::Lang;
use daicho_ledger::text::visible;

use crate::recognise::{Weight, kind_title};

/// Whose word a trait is, by the names of the shipped files.
const SOURCES: &[(&str, &str, &str)] = &[
    (
        "api-clients",
        "資格確認のAPIを使う公開プログラム（複数の作者）",
        "public programs that use the API",
    ),
    (
        "installer",
        "設置事業者の公開スクリプト（一社）",
        "public scripts of one installer",
    ),
    (
        "public-list",
        "公開のホスト名一覧",
        "a public list of host names",
    ),
    (
        "product-name",
        "製品が登録する名前",
        "the product's own name",
    ),
    (
        "orca",
        "日医標準レセプトの公開情報",
        "public documents of ORCA",
    ),
    ("words", "機器名・設定名に使われる言葉", "words in names"),
    ("iana", "ポート番号の登録簿", "registry of port numbers"),
    ("orthanc", "Orthancの公開情報", "documents of Orthanc"),
    (
        "opendolphin",
        "OpenDolphinの公開コード",
        "code of OpenDolphin",
    ),
    ("protocol", "通信の仕組み", "what the protocol is for"),
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
    ("meal", "給食・栄養", "meals"),
    ("monitor", "生体情報モニタ", "vital-sign monitoring"),
    ("nas", "ファイル共有（NAS）", "storage (NAS)"),
    ("ntp", "時刻配信", "time service"),
    ("nurse_call", "ナースコール", "nurse call"),
    ("nursing", "看護", "nursing"),
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
    visible(&kind_title(name, lang))
}

/// Whose word a trait is.
pub(super) fn source(name: &str, lang: Lang) -> String {
    word(SOURCES, name, lang)
}

/// What a sort of system is called.
pub(crate) fn sort(name: &str, lang: Lang) -> String {
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
