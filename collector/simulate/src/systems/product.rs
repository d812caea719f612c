//! Products. Comes in: nothing; goes out: rows of what servers and terminals of a product show.

use crate::machine::release::{self, Release};

/// A database.
#[derive(Debug)]
pub(crate) struct Database {
    pub name: &'static str,
    pub version: &'static str,
    /// Name and version on systems before Windows Server 2016.
    pub older: Option<(&'static str, &'static str)>,
    pub publisher: &'static str,
    pub service: &'static str,
    pub program: &'static str,
    pub port: u16,
}

/// A product of a hospital.
#[derive(Debug)]
pub(crate) struct Product {
    pub sort: &'static str,
    pub name: &'static str,
    pub server_name: &'static str,
    pub client_name: &'static str,
    pub version: &'static str,
    pub publisher: &'static str,
    pub server_program: &'static str,
    pub client_program: &'static str,
    pub services: &'static [&'static str],
    /// Ports of its servers; the terminals use the first.
    pub ports: &'static [u16],
    pub folders: &'static [&'static str],
    pub database: Option<&'static Database>,
    /// Terminals talk to the database themselves.
    pub two_tier: bool,
    pub linux: Option<&'static Release>,
    pub share: &'static str,
    pub host: &'static str,
    pub trade: &'static str,
    /// A document at hand names a trait of its servers.
    pub public: bool,
}

static ORACLE: Database = Database {
    name: "Oracle Database 19c Standard Edition 2",
    version: "19.3.0.0.0",
    older: Some(("Oracle Database 11g Release 2", "11.2.0.4.0")),
    publisher: "Oracle Corporation",
    service: "OracleServiceHIS",
    program: "TNSLSNR.EXE",
    port: 1521,
};
pub(crate) static SQL_SERVER: Database = Database {
    name: "Microsoft SQL Server 2019 (64-bit)",
    version: "15.0.2000.5",
    older: Some(("Microsoft SQL Server 2008 R2 (64-bit)", "10.53.6000.34")),
    publisher: "Microsoft Corporation",
    service: "MSSQLSERVER",
    program: "sqlservr.exe",
    port: 1433,
};
static CACHE: Database = Database {
    name: "InterSystems Caché 2018.1",
    version: "2018.1.4.505",
    older: None,
    publisher: "InterSystems",
    service: "Cache_c-_intersystems_cache",
    program: "cache.exe",
    port: 1972,
};
static POSTGRES: Database = Database {
    name: "PostgreSQL 14",
    version: "14.13-1",
    older: None,
    publisher: "PostgreSQL Global Development Group",
    service: "postgresql-x64-14",
    program: "postgres",
    port: 5432,
};

const BASE: Product = Product {
    sort: "",
    name: "",
    server_name: "",
    client_name: "",
    version: "1.0.0",
    publisher: "",
    server_program: "",
    client_program: "",
    services: &[],
    ports: &[],
    folders: &[],
    database: None,
    two_tier: false,
    linux: None,
    share: "DATA",
    host: "SV",
    trade: "ehr",
    public: false,
};

/// Electronic health records.
pub(crate) static EHRS: &[Product] = &[
    Product {
        sort: "ehr",
        name: "HOPE LifeMark-HX",
        server_name: "HOPE LifeMark-HX サーバ",
        client_name: "HOPE LifeMark-HX クライアント",
        version: "V03L20",
        publisher: "富士通Japan株式会社",
        server_program: "HxAppSrv.exe",
        client_program: "HxClient.exe",
        services: &["HxAppService"],
        ports: &[20_080],
        database: Some(&ORACLE),
        share: "HX",
        host: "EHR",
        public: true,
        ..BASE
    },
    Product {
        sort: "ehr",
        name: "HOPE EGMAIN-GX",
        server_name: "HOPE/EGMAIN-GX 業務サーバ",
        client_name: "HOPE EGMAIN-GX",
        version: "V08",
        publisher: "富士通株式会社",
        server_program: "EgxServer.exe",
        client_program: "EgMain.exe",
        services: &["EgxService"],
        ports: &[21_000],
        database: Some(&ORACLE),
        two_tier: true,
        share: "EGMAIN",
        host: "GX",
        public: true,
        ..BASE
    },
    Product {
        sort: "ehr",
        name: "MegaOak/iS",
        server_name: "MegaOak/iS Server",
        client_name: "MegaOak/iS Client",
        version: "6.1.2",
        publisher: "NEC Corporation",
        server_program: "w3wp.exe",
        client_program: "MegaOak.exe",
        services: &["W3SVC", "MegaOakJobService"],
        ports: &[8_443, 80],
        database: Some(&SQL_SERVER),
        share: "MEGAOAK",
        host: "OAK",
        public: true,
        ..BASE
    },
    Product {
        sort: "ehr",
        name: "NEWTONS2",
        server_name: "NEWTONS2 サーバー",
        client_name: "NEWTONS2",
        version: "5.40",
        publisher: "株式会社ソフトウェア・サービス",
        server_program: "NtsServer.exe",
        client_program: "Newtons2.exe",
        services: &["NtsServer"],
        ports: &[7_100],
        database: Some(&SQL_SERVER),
        two_tier: true,
        share: "NEWTONS",
        host: "NTS",
        public: true,
        ..BASE
    },
    Product {
        sort: "ehr",
        name: "MI･RA･Is/AZ",
        server_name: "MI・RA・Is/AZ サーバ",
        client_name: "MI・RA・Is/AZ",
        version: "3.2.1",
        publisher: "株式会社シーエスアイ",
        server_program: "MiraisSrv.exe",
        client_program: "Mirais.exe",
        services: &["MiraisService"],
        ports: &[9_700],
        database: Some(&CACHE),
        two_tier: true,
        share: "MIRAIS",
        host: "MIR",
        public: true,
        ..BASE
    },
    Product {
        sort: "ehr",
        name: "Medicom-HRf",
        server_name: "メディコム Medicom-HRf サーバー",
        client_name: "メディコム Medicom-HRf",
        version: "6.30",
        publisher: "ウィーメックス株式会社",
        server_program: "HrfServer.exe",
        client_program: "Hrf.exe",
        services: &["HrfServer"],
        ports: &[9_001],
        database: Some(&SQL_SERVER),
        two_tier: true,
        share: "MEDICOM",
        host: "HRF",
        public: true,
        ..BASE
    },
];

/// Image archives.
pub(crate) static PACS: &[Product] = &[
    Product {
        sort: "pacs",
        name: "SYNAPSE",
        server_name: "SYNAPSE PACS Server",
        client_name: "SYNAPSE Viewer",
        version: "5.7.220",
        publisher: "FUJIFILM Corporation",
        server_program: "SynapseSrv.exe",
        client_program: "SynapseViewer.exe",
        services: &["SynapseDicomService", "W3SVC"],
        ports: &[443, 104],
        database: Some(&ORACLE),
        share: "IMAGE",
        host: "PACS",
        trade: "imaging",
        public: true,
        ..BASE
    },
    Product {
        sort: "pacs",
        name: "Claio",
        server_name: "PSC Claio Server",
        client_name: "Claio Viewer",
        version: "4.2.0",
        publisher: "株式会社ピーエスシー",
        server_program: "ClaioServer.exe",
        client_program: "Claio.exe",
        services: &["ClaioServer"],
        ports: &[8_090, 104],
        database: Some(&SQL_SERVER),
        share: "CLAIO",
        host: "IMG",
        trade: "imaging",
        public: true,
        ..BASE
    },
    Product {
        sort: "pacs",
        name: "Orthanc",
        server_name: "orthanc",
        client_name: "",
        version: "1.9.7+dfsg-3build1",
        publisher: "Ubuntu Developers",
        server_program: "Orthanc",
        client_program: "msedge.exe",
        services: &["orthanc"],
        ports: &[8_042, 4_242, 11_112],
        linux: Some(&release::UBUNTU_2204),
        share: "",
        host: "DCM",
        trade: "imaging",
        public: true,
        ..BASE
    },
];

/// 日医標準レセプトソフト.
pub(crate) static ORCA: Product = Product {
    sort: "receipt",
    name: "日医標準レセプトソフト",
    server_name: "jma-receipt-weborca",
    client_name: "",
    version: "1:1.0.0-22",
    publisher: "ORCA Management Organization Co., Ltd.",
    server_program: "jma-receipt-web",
    client_program: "javaw.exe",
    services: &["jma-receipt-weborca"],
    ports: &[8_000],
    folders: &["/opt/jma"],
    database: Some(&POSTGRES),
    linux: Some(&release::UBUNTU_2204),
    host: "ORCA",
    trade: "receipt",
    public: true,
    ..BASE
};

/// Accounting of larger hospitals.
pub(crate) static RECEIPT: Product = Product {
    sort: "receipt",
    name: "医事会計システム",
    server_name: "医事会計システム サーバ",
    client_name: "医事会計システム",
    version: "11.2",
    publisher: "模擬医事サポート有限会社",
    server_program: "IjiServer.exe",
    client_program: "Iji.exe",
    services: &["IjiServer"],
    ports: &[9_500],
    database: Some(&SQL_SERVER),
    share: "IJI",
    host: "IJI",
    trade: "receipt",
    ..BASE
};

/// Laboratory.
pub(crate) static LIS: &[Product] = &[
    Product {
        sort: "lis",
        name: "CLINILAN GL-3",
        server_name: "CLINILAN GL-3 サーバ",
        client_name: "CLINILAN GL-3",
        version: "3.1",
        publisher: "株式会社エイアンドティー",
        server_program: "GlServer.exe",
        client_program: "GlClient.exe",
        services: &["GlServer"],
        ports: &[6_300],
        database: Some(&ORACLE),
        share: "LIS",
        host: "LIS",
        trade: "lab",
        ..BASE
    },
    Product {
        sort: "lis",
        name: "臨床検査システム",
        server_name: "臨床検査システム サーバ",
        client_name: "臨床検査システム 端末",
        version: "8.0.4",
        publisher: "模擬検査システム株式会社",
        server_program: "LabSrv.exe",
        client_program: "LabTerm.exe",
        services: &["LabSrv"],
        ports: &[6_300],
        database: Some(&SQL_SERVER),
        share: "KENSA",
        host: "LAB",
        trade: "lab",
        ..BASE
    },
];

/// Radiology orders.
pub(crate) static RIS: Product = Product {
    sort: "ris",
    name: "放射線部門システム",
    server_name: "放射線部門システム RIS サーバ",
    client_name: "放射線部門システム RIS",
    version: "7.5",
    publisher: "模擬画像サービス株式会社",
    server_program: "RisServer.exe",
    client_program: "RisClient.exe",
    services: &["RisServer"],
    ports: &[6_500],
    database: Some(&SQL_SERVER),
    share: "RIS",
    host: "RIS",
    trade: "imaging",
    ..BASE
};

/// Pharmacy.
pub(crate) static PHARMACY: Product = Product {
    sort: "pharmacy",
    name: "調剤支援システム",
    server_name: "調剤支援システム サーバ",
    client_name: "調剤支援システム",
    version: "12.1",
    publisher: "株式会社湯山製作所",
    server_program: "DrugSrv.exe",
    client_program: "DrugTerm.exe",
    services: &["DrugSrv"],
    ports: &[5_100],
    database: Some(&SQL_SERVER),
    share: "YAKUZAI",
    host: "YAKU",
    trade: "pharmacy",
    ..BASE
};

/// Vital-sign monitors.
pub(crate) static MONITOR: Product = Product {
    sort: "vital_monitor",
    name: "生体情報モニタ",
    server_name: "生体情報ゲートウェイサーバ",
    client_name: "セントラルモニタ ビューア",
    version: "4.0.1",
    publisher: "日本光電工業株式会社",
    server_program: "VitalGw.exe",
    client_program: "VitalView.exe",
    services: &["VitalGateway"],
    ports: &[7_500],
    database: None,
    share: "VITAL",
    host: "VSGW",
    trade: "monitor",
    ..BASE
};

/// Nurse call.
pub(crate) static NURSE_CALL: Product = Product {
    sort: "nurse_call",
    name: "ナースコールシステム",
    server_name: "ナースコール連携サーバ",
    client_name: "ナースコール ボード",
    version: "2.8",
    publisher: "株式会社ケアコム",
    server_program: "NcServer.exe",
    client_program: "NcBoard.exe",
    services: &["NcServer"],
    ports: &[5_200],
    database: Some(&SQL_SERVER),
    share: "NC",
    host: "NCS",
    trade: "nurse_call",
    ..BASE
};

/// Meals.
pub(crate) static CATERING: Product = Product {
    sort: "catering",
    name: "給食管理システム",
    server_name: "給食管理システム サーバ",
    client_name: "給食管理システム",
    version: "9.3",
    publisher: "模擬給食センター株式会社",
    server_program: "MealSrv.exe",
    client_program: "Meal.exe",
    services: &["MealSrv"],
    ports: &[5_300],
    database: Some(&SQL_SERVER),
    share: "SHOKUJI",
    host: "MEAL",
    trade: "catering",
    ..BASE
};

/// Health checks.
pub(crate) static CHECKUP: Product = Product {
    sort: "checkup",
    name: "健診システム",
    server_name: "健診システム サーバ",
    client_name: "健診システム",
    version: "5.5",
    publisher: "株式会社タック",
    server_program: "KenshinSrv.exe",
    client_program: "Kenshin.exe",
    services: &["KenshinSrv"],
    ports: &[5_400],
    database: Some(&SQL_SERVER),
    share: "KENSHIN",
    host: "KNS",
    trade: "ehr",
    ..BASE
};
