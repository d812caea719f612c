//! The machines: what each is made from, and what of it has to stand in the ledger. They are fictitious.

use serde_json::Value;

/// A machine.
pub(super) struct Machine {
    pub(super) host: &'static str,
    /// The last number of its address.
    pub(super) host_part: u8,
    pub(super) mac: &'static str,
    /// From which Wine makes the UUID of the firmware.
    pub(super) machine_id: &'static str,
    pub(super) firmware: &'static [(&'static str, &'static str)],
    pub(super) files: &'static [(&'static str, &'static str)],
    pub(super) registry: &'static str,
    pub(super) check: fn(&Value),
}

pub(super) const MACHINES: &[Machine] = &[
    Machine {
        host: "KARTE-PC01",
        host_part: 11,
        mac: "00:0b:5d:00:00:11",
        machine_id: "0123456789abcdef0123456789abcd01",
        firmware: &[
            ("sys_vendor", "FUJITSU\n"),
            ("product_name", "ESPRIMO D7010\n"),
            ("product_serial", "YLXX000001\n"),
            ("chassis_type", "3\n"),
        ],
        files: &[
            (
                "windows/system32/drivers/etc/hosts",
                "10.77.0.5 karte.hosp.example\r\n",
            ),
            ("Program Files/OQS/OQSComApp/Version.info", "4.00.1\r\n"),
        ],
        registry: include_str!("karte_pc01.reg"),
        check: karte_pc01,
    },
    Machine {
        host: "PACS-SV01",
        host_part: 21,
        mac: "00:0b:5d:00:00:21",
        machine_id: "0123456789abcdef0123456789abcd02",
        firmware: &[
            ("sys_vendor", "VMware, Inc.\n"),
            ("product_name", "VMware Virtual Platform\n"),
            (
                "product_serial",
                "VMware-56 4d 00 00 00 00 00 00-00 00 00 00 00 00 00 21\n",
            ),
            ("chassis_type", "1\n"),
        ],
        files: &[],
        registry: include_str!("pacs_sv01.reg"),
        check: pacs_sv01,
    },
];

/// The text of a cell in the ledger's list of devices.
fn cell(ledger: &Value, host: &str, key: &str) -> String {
    let lists = ledger["lists"].as_array().expect("lists");
    let devices = lists
        .iter()
        .find(|it| it["list"] == "devices")
        .expect("devices");
    let columns = devices["columns"].as_array().expect("columns");
    let place = |key: &str| {
        columns
            .iter()
            .position(|it| it["key"] == key)
            .expect("a column")
    };
    let (at, named) = (place(key), place("host_name"));
    let mut rows = devices["rows"].as_array().expect("rows").iter();
    let row = rows
        .find(|it| it["cells"][named]["text"] == host)
        .expect("a row");
    row["cells"][at]["text"].as_str().expect("text").to_owned()
}

fn is(ledger: &Value, host: &str, cells: &[(&str, &str)]) {
    for (key, text) in cells {
        assert_eq!(cell(ledger, host, key), *text, "{host} {key}");
    }
}

fn karte_pc01(ledger: &Value) {
    let host = "KARTE-PC01";
    is(
        ledger,
        host,
        &[
            ("manufacturer", "FUJITSU"),
            ("model", "ESPRIMO D7010"),
            ("serial", "YLXX000001"),
            ("chassis", "端末PC（デスクトップ）"),
            ("virtualization", "物理機器"),
            ("os_name", "Windows 10 Pro"),
            ("os_edition", "Pro"),
            ("os_version", "10.0.19045.4630"),
            ("installed_at", "2023-01-01 09:00"),
            ("macs", "00:0b:5d:00:00:11"),
            ("gateways", "10.77.0.1"),
            // Wine has no Security Center, where another product might say that it runs.
            ("antivirus", "未確認（取得失敗: 0x8004100E）"),
            ("remote_tools", "TeamViewer（導入済み、15.2）"),
            ("trace_hosts", "10.77.0.5 karte.hosp.example"),
            ("trace_folders", r"OQS\OQSComApp 4.00.1"),
            ("systems", "電子カルテ"),
            ("software", "2"),
            (
                "printers",
                "RICOH IM C3000 JPN RPCS（ネットワーク 10.77.0.41:9100）",
            ),
            (
                "trace_networks",
                "hosp.example（有線、ドメイン）\n受付のiPhone（無線LAN、パブリック、最終利用 2026-11-14、\
                 ゲートウェイ 2e:f0:a2:00:00:01）",
            ),
        ],
    );
    assert!(cell(ledger, host, "addresses").contains("10.77.0.11/24"));
    assert!(cell(ledger, host, "os_support_end").starts_with("2025-10-14（終了"));
    assert!(cell(ledger, host, "antivirus_products").contains("Apex One"));
    assert!(cell(ledger, host, "points").contains("オンライン資格確認"));
    // Wine lists no members of the group: whether he is an administrator cannot be told.
    assert!(cell(ledger, host, "admin_log_in").starts_with("受付: 判定できず"));
    // Where somebody is logged in without a password, that password stays where it is.
    assert!(!ledger.to_string().contains("himitsu"));
}

fn pacs_sv01(ledger: &Value) {
    let host = "PACS-SV01";
    is(
        ledger,
        host,
        &[
            ("virtualization", "仮想マシン（vmware）"),
            ("os_name", "Windows Server 2022 Standard"),
            ("os_version", "10.0.20348.2909"),
            ("os_support_end", "2031-10-14"),
            ("macs", "00:0b:5d:00:00:21"),
            // Without Security Center, which no server has: every place was looked at.
            ("antivirus", "なし（全箇所を確認）"),
            ("backup_tools", "Veeam Agent（導入済み、6.2）"),
            ("remote_tools", "なし"),
            ("software", "1"),
            (
                "shares",
                "画像（smb、書込可、許可：Everyone（全員） 変更・管理者 フルコントロール）",
            ),
        ],
    );
    assert!(cell(ledger, host, "addresses").contains("10.77.0.21/24"));
}

/// Of the counters of a machine's network: something went to the collector, and nothing elsewhere.
pub(super) fn nothing_left_for_others(counters: &str, host: &str) {
    let packets = |name: &str| -> u64 {
        let at = counters
            .find(&format!("counter {name} "))
            .expect("the counter is there");
        let rest = &counters[at..];
        let at = rest.find("packets ").expect("it counts") + "packets ".len();
        let digits: String = rest[at..]
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        digits.parse().expect("a number")
    };
    assert!(packets("collector") > 10, "{host}: {counters}");
    assert_eq!(packets("others"), 0, "{host}: {counters}");
}
