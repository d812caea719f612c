//! Whether the machine is virtual. Comes in: traces of containers, firmware's strings, the
//! processor's flags; goes out: physical, virtual or container with the technology; physical only
//! when a place that would tell otherwise was read.

use daicho_report::{Reading, Reason, Virtualization};

use super::firmware::{DMI, TABLE, string};
use crate::platform::{Miss, Source, System};

const CPUINFO: &str = "/proc/cpuinfo";
const CLOCKS: &str = "/sys/devices/system/clocksource/clocksource0/available_clocksource";
const XEN: &str = "/proc/xen/capabilities";
const ACPI: &str = "/sys/firmware/acpi/tables/FACP";
const TREE: &str = "/proc/device-tree/hypervisor/compatible";
const CONTAINER: &str = "/run/systemd/container";
const PODMAN: &str = "/run/.containerenv";
const DOCKER: &str = "/.dockerenv";
const MOUNTS: &str = "/proc/self/mountinfo";
const CGROUP: &str = "/proc/1/cgroup";
const LINES_MAX: usize = 10_000;

/// What a text of the firmware says, by its beginning.
const FIRMWARE: &[(&str, &str)] = &[
    ("KVM", "kvm"),
    ("OpenStack", "kvm"),
    ("KubeVirt", "kvm"),
    ("Cloud Hypervisor", "cloud-hypervisor"),
    ("Amazon EC2", "amazon"),
    ("Google Compute Engine", "google"),
    ("QEMU", "qemu"),
    ("VMware", "vmware"),
    ("VMW", "vmware"),
    ("innotek GmbH", "virtualbox"),
    ("VirtualBox", "virtualbox"),
    ("Xen", "xen"),
    ("Bochs", "bochs"),
    ("Parallels", "parallels"),
    ("BHYVE", "bhyve"),
    ("Hyper-V", "hyper-v"),
    ("Virtual Machine", "hyper-v"),
    ("Apple Virtualization", "apple"),
    ("Nutanix AHV", "nutanix"),
    ("Alibaba Cloud ECS", "kvm"),
];
const FIRMWARE_FIELDS: &[&str] = &["product_name", "sys_vendor", "board_vendor", "bios_vendor"];

/// Whether the machine is virtual.
pub(super) fn read(source: &Source) -> Reading<Virtualization> {
    if source.system() == System::Windows {
        return of_windows(source);
    }
    match container(source) {
        Ok(Some((technology, path))) => {
            return Reading::known(Virtualization::Container(technology), path);
        }
        Ok(None) => {}
        Err(reason) => return Reading::unknown(reason, CONTAINER),
    }
    let flag = hypervisor_flag(source);
    if let Some((technology, path)) = by_firmware(source, flag.as_ref().ok()) {
        return Reading::known(Virtualization::Virtual(technology.to_owned()), path);
    }
    if source
        .text(XEN)
        .is_ok_and(|text| text.contains("control_d"))
    {
        // The first domain of Xen sees a hypervisor and is the physical machine.
        return Reading::known(Virtualization::Physical, XEN);
    }
    match flag {
        Ok(Some(true)) => {
            let (technology, path) = by_kernel(source);
            Reading::known(Virtualization::Virtual(technology.to_owned()), path)
        }
        Ok(Some(false)) => Reading::known(Virtualization::Physical, CPUINFO),
        Ok(None) => without_flag(source),
        Err(reason) => Reading::unknown(reason, CPUINFO),
    }
}

/// By the firmware alone: the bit of the processor is set on physical machines too, where Windows
/// keeps its own secrets behind a hypervisor.
fn of_windows(source: &Source) -> Reading<Virtualization> {
    if let Some((technology, _)) = by_firmware(source, None) {
        return Reading::known(Virtualization::Virtual(technology.to_owned()), TABLE);
    }
    string(source, "sys_vendor").map(|_| Virtualization::Physical)
}

/// Which container this is and by which trace, `None` if none; a reason where the traces could not be read.
pub(crate) fn container(source: &Source) -> Result<Option<(String, &'static str)>, Reason> {
    // Written by the container's own systemd.
    match source.text(CONTAINER) {
        Ok(text) => {
            let name: String = text
                .trim()
                .chars()
                .filter(char::is_ascii_graphic)
                .take(32)
                .collect();
            if !name.is_empty() {
                return Ok(Some((name, CONTAINER)));
            }
        }
        Err(Miss::Absent) => {}
        Err(Miss::Unknown(reason)) => return Err(reason),
    }
    if source.has(PODMAN)? {
        return Ok(Some(("podman".to_owned(), PODMAN)));
    }
    // Images of machines are built from images of containers too, with the file left in them.
    if source.has(DOCKER)? && is_laid_over(source)? {
        return Ok(Some(("docker".to_owned(), DOCKER)));
    }
    let groups = source.text(CGROUP).unwrap_or_default();
    let group = |mark: &str| {
        groups
            .lines()
            .take(LINES_MAX)
            .any(|line| line.contains(mark))
    };
    let by_group = [
        ("/kubepods", "kubernetes"),
        ("/docker/", "docker"),
        ("/lxc", "lxc"),
    ];
    if let Some((_, name)) = by_group.iter().find(|(mark, _)| group(mark)) {
        return Ok(Some(((*name).to_owned(), CGROUP)));
    }
    // An engine that hides its groups still lays its own files over the image's.
    let mounts = source.text(MOUNTS).unwrap_or_default();
    let is_on = |wanted: &str| {
        mounts
            .lines()
            .take(LINES_MAX)
            .any(|line| mount(line).0 == wanted)
    };
    if is_on("/etc/hosts") && is_on("/dev/termination-log") {
        return Ok(Some(("kubernetes".to_owned(), MOUNTS)));
    }
    let is_overlay = |line: &str| mount(line) == ("/", "overlay");
    let is_laid_over = is_on("/etc/hosts") && mounts.lines().take(LINES_MAX).any(is_overlay);
    Ok(is_laid_over.then(|| ("unknown".to_owned(), MOUNTS)))
}

/// Mount point and file system of a line of mountinfo.
fn mount(line: &str) -> (&str, &str) {
    let place = line.split(' ').nth(4).unwrap_or_default();
    let rest = line.split_once(" - ").map_or("", |(_, rest)| rest);
    (place, rest.split(' ').next().unwrap_or_default())
}

/// Whether the root or the files of names are laid over the image, as engines do.
fn is_laid_over(source: &Source) -> Result<bool, Reason> {
    let mounts = source.text(MOUNTS).map_err(Miss::reason)?;
    Ok(mounts.lines().take(LINES_MAX).any(|line| {
        let (place, kind) = mount(line);
        matches!(place, "/etc/hosts" | "/etc/hostname") || (place, kind) == ("/", "overlay")
    }))
}

fn by_firmware(source: &Source, flag: Option<&Option<bool>>) -> Option<(&'static str, String)> {
    let has_no_hypervisor = flag == Some(&Some(false));
    FIRMWARE_FIELDS.iter().find_map(|field| {
        let reading = string(source, field);
        let text = reading.value()?;
        let (_, technology) = FIRMWARE.iter().find(|(mark, _)| text.starts_with(mark))?;
        // Clouds name themselves on physical machines as well.
        let is_cloud = matches!(*technology, "amazon" | "google");
        let physical = is_cloud && (has_no_hypervisor || text.ends_with(".metal"));
        (!physical).then(|| (*technology, format!("{DMI}/{field}")))
    })
}

/// The processor's hypervisor bit, where processors have such a bit.
fn hypervisor_flag(source: &Source) -> Result<Option<bool>, Reason> {
    // One processor's lines are enough, and those of many may be long.
    let head = source.head(CPUINFO, 16 << 10).map_err(Miss::reason)?;
    let head = String::from_utf8_lossy(&head);
    let mut lines = head.lines();
    let flags = lines.find_map(|line| {
        let (name, flags) = line.split_once(':')?;
        (name.trim() == "flags").then_some(flags)
    });
    Ok(flags.map(|flags| flags.split_whitespace().any(|flag| flag == "hypervisor")))
}

/// A hypervisor is there: which one, as far as the kernel shows it.
fn by_kernel(source: &Source) -> (&'static str, &'static str) {
    // Bytes 10 to 15 of an ACPI table name its maker.
    let table = source.head(ACPI, 36).unwrap_or_default();
    if table.get(10..16) == Some(b"FIRECK".as_slice()) {
        return ("firecracker", ACPI);
    }
    let clocks = source.text(CLOCKS).unwrap_or_default();
    let marks = [("kvm-clock", "kvm"), ("hyperv", "hyper-v"), ("xen", "xen")];
    let found = marks.iter().find(|(mark, _)| clocks.contains(mark));
    found.map_or(("unknown", CPUINFO), |(_, technology)| {
        (*technology, CLOCKS)
    })
}

/// Processors without the bit: the device tree or the firmware must tell.
fn without_flag(source: &Source) -> Reading<Virtualization> {
    match source.text(TREE) {
        Ok(text) => {
            let kind = if text.contains("xen") { "xen" } else { "kvm" };
            Reading::known(Virtualization::Virtual(kind.to_owned()), TREE)
        }
        Err(Miss::Unknown(reason)) => Reading::unknown(reason, TREE),
        Err(Miss::Absent) => {
            let vendor = string(source, "sys_vendor");
            let model = source.exists("/proc/device-tree/model");
            match (vendor.reason(), model) {
                (None, _) => Reading::known(Virtualization::Physical, vendor.source()),
                (Some(_), Ok(true)) => Reading::known(Virtualization::Physical, TREE),
                (Some(reason), _) => Reading::unknown(reason.clone(), vendor.source()),
            }
        }
    }
}
