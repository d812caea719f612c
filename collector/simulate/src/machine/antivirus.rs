//! Protection products as their machines show them. Comes in: a number of the table; goes out: names,
//! services and witnesses. It decides no verdict but the one that the agent's own rule gives.

use daicho_report::{
    AntivirusKind, AntivirusProduct, AntivirusVerdict, Reading, Testimony, Time, Witness,
};

/// A product.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Product {
    pub name: &'static str,
    pub kind: AntivirusKind,
    pub version: &'static str,
    pub publisher: &'static str,
    pub services: &'static [&'static str],
    /// Server of the hospital that it reports to: port and program on the client.
    pub server: Option<(u16, &'static str)>,
}

impl Product {
    /// It comes with the system and cannot be uninstalled.
    pub(crate) fn built_in(&self) -> bool {
        self.services == ["WinDefend"]
    }
}

/// Products of Japanese hospitals.
pub(crate) const PRODUCTS: &[Product] = &[
    Product {
        name: "Trend Micro Apex One セキュリティエージェント",
        kind: AntivirusKind::Antivirus,
        version: "14.0.14260",
        publisher: "Trend Micro Inc.",
        services: &["ntrtscan", "tmlisten", "TmCCSF"],
        server: Some((4343, "TmListen.exe")),
    },
    Product {
        name: "ウイルスバスター ビジネスセキュリティ クライアント",
        kind: AntivirusKind::Antivirus,
        version: "20.0.4021",
        publisher: "Trend Micro Inc.",
        services: &["ntrtscan", "tmlisten"],
        server: Some((4343, "TmListen.exe")),
    },
    Product {
        name: "Symantec Endpoint Protection",
        kind: AntivirusKind::Antivirus,
        version: "14.3.9681.7000",
        publisher: "Broadcom",
        services: &["SepMasterService"],
        server: Some((8014, "ccSvcHst.exe")),
    },
    Product {
        name: "ESET Endpoint Security",
        kind: AntivirusKind::Antivirus,
        version: "11.1.2039.2",
        publisher: "ESET, spol. s r.o.",
        services: &["ekrn", "EraAgentSvc"],
        server: Some((2222, "ERAAgent.exe")),
    },
    Product {
        name: "Microsoft Defender Antivirus",
        kind: AntivirusKind::Antivirus,
        version: "4.18.25090.3009",
        publisher: "Microsoft Corporation",
        services: &["WinDefend"],
        server: None,
    },
    Product {
        name: "CrowdStrike Falcon Sensor",
        kind: AntivirusKind::Edr,
        version: "7.29.20108.0",
        publisher: "CrowdStrike, Inc.",
        services: &["CSFalconService"],
        server: None,
    },
];

/// A product on a machine.
#[derive(Debug, Clone)]
pub(crate) struct Installed {
    pub product: &'static Product,
    pub running: bool,
    /// How old its definitions are, in seconds.
    pub behind_s: i64,
    /// They stand still since the machine came.
    pub still: bool,
    /// The system has a security centre.
    pub centre: bool,
}

impl Installed {
    /// The date of its definitions at a moment; they come once a day.
    pub(crate) fn definitions_at(&self, start: Time, at: Time) -> Time {
        let from = if self.still { start } else { at };
        let newest = from.seconds() - self.behind_s;
        Time::from_seconds(newest.div_euclid(86_400) * 86_400 - 5_400)
    }

    /// As the agent reports it.
    pub(crate) fn fact(&self, definitions_at: Time) -> AntivirusProduct {
        let product = self.product;
        let says = if self.running {
            Testimony::Running
        } else {
            Testimony::Stopped
        };
        let mut witnesses: Vec<Witness> = product
            .services
            .iter()
            .map(|service| Witness {
                source: format!("service {service}"),
                says,
                raw: None,
            })
            .collect();
        let place = if product.built_in() {
            "registry Windows Defender"
        } else {
            "uninstall"
        };
        witnesses.push(Witness {
            source: place.to_owned(),
            says: Testimony::Installed,
            raw: Some(product.version.to_owned()),
        });
        if self.running && self.centre {
            witnesses.push(Witness {
                source: "SecurityCenter".to_owned(),
                says: Testimony::Running,
                raw: Some("266240".to_owned()),
            });
        }
        witnesses.sort();
        let definitions = "registry SOFTWARE";
        AntivirusProduct {
            name: product.name.to_owned(),
            kind: product.kind,
            version: Reading::known(product.version.to_owned(), place),
            definitions_at: match product.kind {
                AntivirusKind::Edr => {
                    Reading::unknown(daicho_report::Reason::Unsupported, definitions)
                }
                _ => Reading::known(definitions_at, definitions),
            },
            witnesses,
            verdict: if self.running {
                AntivirusVerdict::Running
            } else {
                AntivirusVerdict::NotRunning
            },
        }
    }
}
