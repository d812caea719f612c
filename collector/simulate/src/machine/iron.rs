//! Hardware as firmware tables name it. Comes in: chance; goes out: maker, model, serial number and
//! size of a machine, or those of a virtual one. It knows nothing of networks.

use daicho_report::{Chassis, Virtualization};

use crate::dice::{Dice, SERIAL};

/// The machine itself.
#[derive(Debug, Clone)]
pub(crate) struct Iron {
    pub maker: &'static str,
    pub model: &'static str,
    pub serial: Option<String>,
    pub uuid: String,
    pub chassis: Chassis,
    pub virtualization: Virtualization,
    pub processor: &'static str,
    pub cores: u32,
    pub memory_mib: u64,
    pub disk_gb: u64,
    /// Beginning of its hardware addresses.
    pub oui: &'static str,
    pub driver: &'static str,
}

type Row = (
    &'static str,
    &'static str,
    Chassis,
    &'static str,
    u32,
    u64,
    &'static str,
    &'static str,
);

/// PCs.
pub(crate) const PCS: &[Row] = &[
    (
        "FUJITSU",
        "ESPRIMO D7010/F",
        Chassis::Desktop,
        "Intel(R) Core(TM) i5-10500 CPU @ 3.10GHz",
        12,
        8_192,
        "00:00:0e",
        "Intel(R) Ethernet Connection (11) I219-LM",
    ),
    (
        "FUJITSU CLIENT COMPUTING LIMITED",
        "ESPRIMO G5011/J",
        Chassis::Desktop,
        "11th Gen Intel(R) Core(TM) i3-10105T",
        8,
        8_192,
        "00:17:42",
        "Intel(R) Ethernet Connection (14) I219-V",
    ),
    (
        "NEC",
        "PC-MKL39LZ6ACZG",
        Chassis::Desktop,
        "Intel(R) Core(TM) i3-9100 CPU @ 3.60GHz",
        4,
        4_096,
        "00:30:13",
        "Intel(R) Ethernet Connection (7) I219-V",
    ),
    (
        "HP",
        "HP ProDesk 400 G7 Small Form Factor PC",
        Chassis::Desktop,
        "Intel(R) Core(TM) i5-10500 CPU @ 3.10GHz",
        12,
        8_192,
        "3c:52:82",
        "Realtek PCIe GbE Family Controller",
    ),
    (
        "Dell Inc.",
        "OptiPlex 7010",
        Chassis::Desktop,
        "13th Gen Intel(R) Core(TM) i5-13500",
        20,
        16_384,
        "f8:b1:56",
        "Intel(R) Ethernet Connection (17) I219-LM",
    ),
    (
        "LENOVO",
        "11T4S0AB00",
        Chassis::Desktop,
        "12th Gen Intel(R) Core(TM) i5-12400",
        12,
        8_192,
        "00:06:1b",
        "Realtek PCIe GbE Family Controller",
    ),
];

/// Notebooks.
pub(crate) const NOTEBOOKS: &[Row] = &[
    (
        "FUJITSU CLIENT COMPUTING LIMITED",
        "LIFEBOOK A5511/H",
        Chassis::Notebook,
        "11th Gen Intel(R) Core(TM) i3-1115G4 @ 3.00GHz",
        4,
        8_192,
        "00:17:42",
        "Intel(R) Ethernet Connection (13) I219-V",
    ),
    (
        "Panasonic Corporation",
        "CFSV1-2",
        Chassis::Notebook,
        "11th Gen Intel(R) Core(TM) i5-1145G7 @ 2.60GHz",
        8,
        16_384,
        "00:80:45",
        "Intel(R) Ethernet Connection (13) I219-LM",
    ),
    (
        "Dynabook Inc.",
        "dynabook B65/HV",
        Chassis::Notebook,
        "11th Gen Intel(R) Core(TM) i5-1135G7 @ 2.40GHz",
        8,
        8_192,
        "00:00:39",
        "Realtek PCIe GbE Family Controller",
    ),
    (
        "LENOVO",
        "20WES1KX00",
        Chassis::Notebook,
        "11th Gen Intel(R) Core(TM) i5-1135G7 @ 2.40GHz",
        8,
        16_384,
        "00:06:1b",
        "Realtek USB GbE Family Controller",
    ),
];

/// Small PCs, as installers of card readers use them.
pub(crate) const SMALL_PCS: &[Row] = &[
    (
        "ELECOM",
        "LB-JB18/M",
        Chassis::Desktop,
        "Intel(R) Celeron(R) J4125 CPU @ 2.00GHz",
        4,
        8_192,
        "00:90:fe",
        "Intel(R) I211 Gigabit Network Connection",
    ),
    (
        "FUJITSU",
        "ESPRIMO Q7010/E",
        Chassis::Desktop,
        "Intel(R) Core(TM) i3-10100T CPU @ 3.00GHz",
        8,
        8_192,
        "00:00:0e",
        "Intel(R) Ethernet Connection (11) I219-LM",
    ),
    (
        "HP",
        "HP EliteDesk 800 G6 Desktop Mini PC",
        Chassis::Desktop,
        "Intel(R) Core(TM) i5-10500T CPU @ 2.30GHz",
        12,
        16_384,
        "3c:52:82",
        "Intel(R) Ethernet Connection (11) I219-LM",
    ),
];

/// Servers.
pub(crate) const SERVERS: &[Row] = &[
    (
        "FUJITSU",
        "PRIMERGY RX2540 M5",
        Chassis::Server,
        "Intel(R) Xeon(R) Silver 4214 CPU @ 2.20GHz",
        24,
        65_536,
        "00:17:42",
        "Intel(R) Ethernet Connection X722 for 10GBASE-T",
    ),
    (
        "NEC",
        "Express5800/R120h-2M",
        Chassis::Server,
        "Intel(R) Xeon(R) Silver 4210 CPU @ 2.20GHz",
        20,
        65_536,
        "00:30:13",
        "HPE Ethernet 1Gb 4-port 331i Adapter",
    ),
    (
        "HPE",
        "ProLiant DL380 Gen10",
        Chassis::Server,
        "Intel(R) Xeon(R) Gold 5218 CPU @ 2.30GHz",
        32,
        131_072,
        "00:11:85",
        "HPE Ethernet 1Gb 4-port 331i Adapter",
    ),
    (
        "Dell Inc.",
        "PowerEdge R640",
        Chassis::Server,
        "Intel(R) Xeon(R) Silver 4216 CPU @ 2.10GHz",
        32,
        98_304,
        "f8:b1:56",
        "Broadcom NetXtreme Gigabit Ethernet",
    ),
    (
        "FUJITSU",
        "PRIMERGY TX1320 M4",
        Chassis::Server,
        "Intel(R) Xeon(R) E-2124 CPU @ 3.30GHz",
        4,
        32_768,
        "00:00:0e",
        "Intel(R) I210 Gigabit Network Connection",
    ),
];

/// Serial numbers that makers of boards leave in.
const WORTHLESS: &[&str] = &[
    "To be filled by O.E.M.",
    "Default string",
    "System Serial Number",
    "0123456789",
];

impl Iron {
    /// A physical machine of this row.
    pub(crate) fn of(row: &Row, dice: &mut Dice) -> Self {
        let (maker, model, chassis, processor, cores, memory_mib, oui, driver) = *row;
        let serial = match dice.below(40) {
            0 => Some((*dice.pick(WORTHLESS)).to_owned()),
            1 => None,
            _ => Some(dice.text(10, SERIAL)),
        };
        let disks: &[u64] = if chassis == Chassis::Server {
            &[600, 1_200, 2_400]
        } else {
            &[256, 256, 512]
        };
        Self {
            maker,
            model,
            serial,
            uuid: dice.uuid(),
            chassis,
            virtualization: Virtualization::Physical,
            processor,
            cores,
            memory_mib,
            disk_gb: *dice.pick(disks),
            oui,
            driver,
        }
    }

    /// A virtual machine of this technology.
    pub(crate) fn guest(technology: &str, dice: &mut Dice) -> Self {
        let (maker, model, oui, driver) = match technology {
            "vmware" => (
                "VMware, Inc.",
                "VMware7,1",
                "00:50:56",
                "vmxnet3 Ethernet Adapter",
            ),
            "hyperv" => (
                "Microsoft Corporation",
                "Virtual Machine",
                "00:15:5d",
                "Microsoft Hyper-V Network Adapter",
            ),
            _ => (
                "QEMU",
                "Standard PC (Q35 + ICH9, 2009)",
                "52:54:00",
                "Red Hat VirtIO Ethernet Adapter",
            ),
        };
        let uuid = dice.uuid();
        let serial = match technology {
            "vmware" => Some(format!("VMware-{}", uuid.replace('-', " "))),
            "hyperv" => Some(dice.text(28, crate::dice::DIGITS)),
            _ => None,
        };
        Self {
            maker,
            model,
            serial,
            uuid,
            chassis: Chassis::Other,
            virtualization: Virtualization::Virtual(technology.to_owned()),
            processor: "Intel(R) Xeon(R) Gold 5218 CPU @ 2.30GHz",
            cores: *dice.pick(&[2, 4, 4, 8]),
            memory_mib: *dice.pick(&[8_192, 16_384, 16_384, 32_768]),
            disk_gb: *dice.pick(&[120, 300, 500, 1_000]),
            oui,
            driver,
        }
    }

    /// Whether it is a virtual machine.
    pub(crate) fn is_guest(&self) -> bool {
        self.virtualization != Virtualization::Physical
    }
}
