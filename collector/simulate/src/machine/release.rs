//! Systems as their machines name them. Comes in: a number of the table; goes out: names and versions
//! as the agent reports them. It says nothing of when support ends.

/// A release of a system.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Release {
    pub windows: bool,
    pub server: bool,
    pub id: &'static str,
    pub name: &'static str,
    pub edition: Option<&'static str>,
    /// Versions, newest first: what it is patched from and to.
    pub versions: &'static [&'static str],
    pub kernel: &'static str,
    /// Seconds since 1970 between which such systems were installed.
    pub years: (i64, i64),
}

const Y2011: i64 = 1_293_840_000;
const Y2014: i64 = 1_388_534_400;
const Y2017: i64 = 1_483_228_800;
const Y2019: i64 = 1_546_300_800;
const Y2021: i64 = 1_609_459_200;
const Y2022: i64 = 1_640_995_200;
const Y2024: i64 = 1_704_067_200;
const Y2025: i64 = 1_735_689_600;
const Y2026: i64 = 1_767_225_600;

macro_rules! windows {
    ($name:ident, $server:expr, $text:expr, $edition:expr, $versions:expr, $years:expr) => {
        pub(crate) static $name: Release = Release {
            windows: true,
            server: $server,
            id: if $server { "windows_server" } else { "windows" },
            name: $text,
            edition: $edition,
            versions: $versions,
            kernel: "",
            years: $years,
        };
    };
}

windows!(
    WIN7,
    false,
    "Windows 7 Professional",
    Some("Pro"),
    &["6.1.7601.24546", "6.1.7601.24384"],
    (Y2011, Y2017)
);
windows!(
    WIN10,
    false,
    "Windows 10 Pro",
    Some("Pro"),
    &["10.0.19045.6456", "10.0.19045.5854", "10.0.19045.4291"],
    (Y2019, Y2024)
);
windows!(
    WIN10_LTSC_2019,
    false,
    "Windows 10 Enterprise LTSC",
    Some("Enterprise LTSC 2019"),
    &["10.0.17763.7792", "10.0.17763.6893", "10.0.17763.3650"],
    (Y2019, Y2022)
);
windows!(
    WIN10_LTSC_2021,
    false,
    "Windows 10 Enterprise LTSC",
    Some("Enterprise LTSC 2021"),
    &["10.0.19044.6456", "10.0.19044.4651"],
    (Y2022, Y2025)
);
windows!(
    WIN10_IOT_2021,
    false,
    "Windows 10 IoT Enterprise LTSC",
    Some("IoT Enterprise LTSC 2021"),
    &["10.0.19044.6093", "10.0.19044.3086"],
    (Y2022, Y2025)
);
windows!(
    WIN11,
    false,
    "Windows 11 Pro",
    Some("Pro"),
    &["10.0.26100.6899", "10.0.26100.4652", "10.0.26100.2894"],
    (Y2024, Y2026)
);
windows!(
    SERVER_2008R2,
    true,
    "Windows Server 2008 R2 Standard",
    Some("ServerStandard"),
    &["6.1.7601.24546"],
    (Y2011, Y2014)
);
windows!(
    SERVER_2012R2,
    true,
    "Windows Server 2012 R2 Standard",
    Some("ServerStandard"),
    &["6.3.9600.21620", "6.3.9600.20246"],
    (Y2014, Y2017)
);
windows!(
    SERVER_2016,
    true,
    "Windows Server 2016 Standard",
    Some("ServerStandard"),
    &["10.0.14393.8422", "10.0.14393.6897"],
    (Y2017, Y2021)
);
windows!(
    SERVER_2019,
    true,
    "Windows Server 2019 Standard",
    Some("ServerStandard"),
    &["10.0.17763.7792", "10.0.17763.6893", "10.0.17763.5576"],
    (Y2019, Y2022)
);
windows!(
    SERVER_2022,
    true,
    "Windows Server 2022 Standard",
    Some("ServerStandard"),
    &["10.0.20348.4171", "10.0.20348.3207", "10.0.20348.2227"],
    (Y2022, Y2026)
);

macro_rules! linux {
    ($name:ident, $id:expr, $text:expr, $versions:expr, $kernel:expr, $years:expr) => {
        pub(crate) static $name: Release = Release {
            windows: false,
            server: true,
            id: $id,
            name: $text,
            edition: None,
            versions: $versions,
            kernel: $kernel,
            years: $years,
        };
    };
}

linux!(
    UBUNTU_2204,
    "ubuntu",
    "Ubuntu 22.04.5 LTS",
    &["22.04.5", "22.04.4"],
    "5.15.0-160-generic",
    (Y2022, Y2025)
);
linux!(
    UBUNTU_2404,
    "ubuntu",
    "Ubuntu 24.04.3 LTS",
    &["24.04.3", "24.04.1"],
    "6.8.0-88-generic",
    (Y2024, Y2026)
);
linux!(
    DEBIAN_11,
    "debian",
    "Debian GNU/Linux 11 (bullseye)",
    &["11.11", "11.9"],
    "5.10.0-36-amd64",
    (Y2021, Y2024)
);
linux!(
    DEBIAN_12,
    "debian",
    "Debian GNU/Linux 12 (bookworm)",
    &["12.12", "12.9"],
    "6.1.0-40-amd64",
    (Y2024, Y2026)
);
linux!(
    RHEL_8,
    "rhel",
    "Red Hat Enterprise Linux 8.10 (Ootpa)",
    &["8.10", "8.8"],
    "4.18.0-553.el8_10.x86_64",
    (Y2021, Y2024)
);
linux!(
    RHEL_9,
    "rhel",
    "Red Hat Enterprise Linux 9.6 (Plow)",
    &["9.6", "9.4"],
    "5.14.0-570.el9_6.x86_64",
    (Y2024, Y2026)
);
linux!(
    CENTOS_7,
    "centos",
    "CentOS Linux 7 (Core)",
    &["7"],
    "3.10.0-1160.el7.x86_64",
    (Y2017, Y2021)
);

/// Systems of servers: which, and how many of a hundred.
pub(crate) const SERVERS: &[(&Release, usize)] = &[
    (&SERVER_2022, 30),
    (&SERVER_2019, 32),
    (&SERVER_2016, 18),
    (&SERVER_2012R2, 14),
    (&SERVER_2008R2, 6),
];

/// Systems of terminals on the HIS side.
pub(crate) const HIS_TERMINALS: &[(&Release, usize)] = &[
    (&WIN10_LTSC_2019, 22),
    (&WIN10_LTSC_2021, 30),
    (&WIN10, 26),
    (&WIN11, 20),
    (&WIN7, 2),
];

/// Systems of terminals elsewhere.
pub(crate) const OTHER_TERMINALS: &[(&Release, usize)] = &[(&WIN11, 58), (&WIN10, 40), (&WIN7, 2)];

/// Systems of departments' own machines.
pub(crate) const DEPARTMENT: &[(&Release, usize)] = &[
    (&WIN10_IOT_2021, 30),
    (&WIN10, 34),
    (&WIN7, 14),
    (&WIN11, 22),
];

/// Systems of Linux servers of the hospital's own.
pub(crate) const LINUX_SERVERS: &[(&Release, usize)] = &[
    (&UBUNTU_2404, 20),
    (&DEBIAN_12, 25),
    (&DEBIAN_11, 20),
    (&RHEL_9, 20),
    (&RHEL_8, 10),
    (&CENTOS_7, 5),
];

/// One of a table of shares.
pub(crate) fn draw(
    dice: &mut crate::dice::Dice,
    of: &[(&'static Release, usize)],
) -> &'static Release {
    let mut n = dice.below(of.iter().map(|it| it.1).sum());
    for (release, share) in of {
        if n < *share {
            return release;
        }
        n -= share;
    }
    of[0].0
}
