//! Tools for remote maintenance, backup software and VPNs. Comes in: data files, and what shows a
//! product or a tunnel; goes out: three sections; a product that only might be there is never listed,
//! and "none" needs that every place could be read.

mod dial;

use std::sync::LazyLock;

use daicho_report::{
    Backups, Interface, InterfaceKind, Reading, Reason, RemoteTools, Testimony, Tool, ToolState,
    Vpn, VpnGrade, Vpns, Witness,
};

use super::interface::windows::CLASS;
use super::product::{Places, Product, products, witness};
use crate::platform::{Miss, Source, System};

#[cfg(test)]
mod tests;

static REMOTE: LazyLock<Vec<Product>> =
    LazyLock::new(|| products(include_str!("../data/remote_tool.toml")));
static BACKUP: LazyLock<Vec<Product>> =
    LazyLock::new(|| products(include_str!("../data/backup.toml")));
static VPN: LazyLock<Vec<Product>> =
    LazyLock::new(|| products(include_str!("../data/vpn_client.toml")));

const SHADOWS: (&str, &str) = (r"root\cimv2", "Win32_ShadowCopy");
/// `WBEM_E_INVALID_CLASS`.
const NO_CLASS: &str = "0x80041010";

const PLACES: &str = "processes, units, packages, paths";
const PLACES_WINDOWS: &str = "services, drivers, processes, Uninstall, folders";
const INTERFACE: &str = "interface";

/// Tools for remote control and remote maintenance.
pub(crate) fn remote(places: &mut Places<'_>) -> RemoteTools {
    RemoteTools {
        tools: tools(places, &REMOTE),
    }
}

/// Backup software.
pub(crate) fn backup(places: &mut Places<'_>) -> Backups {
    Backups {
        tools: tools(places, &BACKUP),
        shadow_copies: shadow_copies(places.source()),
    }
}

/// Copies of volumes that Windows keeps beside them.
fn shadow_copies(source: &Source) -> Reading<u32> {
    if source.system() != System::Windows {
        return Reading::unknown(Reason::Unsupported, SHADOWS.1);
    }
    let found = match source.wmi(SHADOWS.0, SHADOWS.1, &["ID"]) {
        Ok(all) => u32::try_from(all.len()).map_err(|_| Reason::failed("too many entries")),
        // Editions without the class.
        Err(Miss::Unknown(Reason::Failed(code))) if code == NO_CLASS => Err(Reason::Unsupported),
        Err(miss) => Err(miss.reason()),
    };
    Reading::from_result(found, SHADOWS.1)
}

/// Where products are looked for.
fn asked(places: &Places<'_>) -> &'static str {
    if places.is_windows() {
        PLACES_WINDOWS
    } else {
        PLACES
    }
}

fn tools(places: &mut Places<'_>, products: &[Product]) -> Reading<Vec<Tool>> {
    let mut tools: Vec<Tool> = products.iter().filter_map(|it| tool(places, it)).collect();
    tools.sort();
    let asked = asked(places);
    match places.unread() {
        Some(reason) if tools.is_empty() => Reading::unknown(reason.clone(), asked),
        _ => Reading::known(tools, asked),
    }
}

fn tool(places: &mut Places<'_>, product: &Product) -> Option<Tool> {
    let witnesses = places.witnesses(product);
    if witnesses.is_empty() {
        return None;
    }
    let says = |what: Testimony| witnesses.iter().any(|it| it.says == what);
    let state = if says(Testimony::Running) {
        ToolState::Running
    } else if places.is_blind() {
        ToolState::Unclear
    } else if says(Testimony::Enabled) {
        ToolState::Enabled
    } else {
        ToolState::Installed
    };
    Some(Tool {
        name: product.name.clone(),
        version: places.version(product).value().cloned(),
        state,
        witnesses,
    })
}

/// VPNs, from interfaces and from products.
pub(crate) fn vpn(places: &mut Places<'_>, interfaces: &Reading<Vec<Interface>>) -> Vpns {
    if places.is_windows() {
        // Without the drivers of its interfaces a machine shows no VPN, which is not that it has none.
        places.needs(CLASS);
    }
    let none = Vec::new();
    let all = interfaces.value().unwrap_or(&none);
    let (mut found, taken) = of_products(places, all);
    for interface in all.iter().filter(|it| !taken.contains(&it.name.as_str())) {
        let dialled = places.is_windows() && is_dialled(interface);
        if let Some(grade) = grade(interface).or(dialled.then_some(VpnGrade::Probable)) {
            let (product, witnesses) = of_driver(places, interface).unzip();
            // It is not only capable: here is what it made.
            found.retain(|it| {
                let is_this = product.is_some_and(|own| it.product.as_ref() == Some(&own.name));
                it.grade != VpnGrade::Capable || !is_this
            });
            let witnesses = witnesses.unwrap_or_default();
            found.push(of_interface(grade, product, interface, &witnesses));
        }
    }
    let mut unread = places.unread().cloned();
    if places.is_windows() {
        match dial::entries(places.source()) {
            Ok(all) => all.into_iter().for_each(|it| it.put(&mut found)),
            Err(reason) => unread = unread.or(Some(reason)),
        }
    }
    found.sort();
    let asked = asked(places);
    let vpns = match (interfaces, unread) {
        (Reading::Unknown { reason, source }, _) => {
            Reading::unknown(reason.clone(), source.clone())
        }
        (_, Some(reason)) if found.is_empty() => Reading::unknown(reason, asked),
        _ => Reading::known(found, format!("{INTERFACE}, {asked}")),
    };
    Vpns { vpns }
}

/// VPNs of known products, and the interfaces that are theirs.
fn of_products<'a>(places: &mut Places<'_>, all: &'a [Interface]) -> (Vec<Vpn>, Vec<&'a str>) {
    let mut found: Vec<Vpn> = Vec::new();
    let mut taken: Vec<&str> = Vec::new();
    for product in VPN.iter() {
        let own: Vec<&Interface> = all
            .iter()
            .filter(|it| is_of(product, it, places.is_windows()))
            .collect();
        let witnesses = places.witnesses(product);
        // A name alone is nothing: anybody may call an interface so.
        let own: Vec<_> = own
            .into_iter()
            .filter(|it| is_tunnel(it) || !witnesses.is_empty())
            .collect();
        for interface in &own {
            taken.push(&interface.name);
            // Adapters of Windows stay when the VPN ends.
            let stays = places.is_windows() && !interface.up;
            let grade = if stays {
                VpnGrade::Capable
            } else {
                VpnGrade::Certain
            };
            found.push(of_interface(grade, Some(product), interface, &witnesses));
        }
        if own.is_empty() && !witnesses.is_empty() {
            found.push(Vpn {
                grade: VpnGrade::Capable,
                product: Some(product.name.clone()),
                interface: None,
                up: false,
                server: None,
                witnesses,
            });
        }
    }
    (found, taken)
}

/// The product that the kernel's driver belongs to, if something shows it here.
fn of_driver(
    places: &mut Places<'_>,
    interface: &Interface,
) -> Option<(&'static Product, Vec<Witness>)> {
    let driver = interface.driver.as_ref()?;
    let product = VPN.iter().find(|it| it.drivers.contains(driver))?;
    let witnesses = places.witnesses(product);
    (!witnesses.is_empty()).then_some((product, witnesses))
}

fn is_of(product: &Product, interface: &Interface, on_windows: bool) -> bool {
    let driver = interface.driver.as_deref().unwrap_or_default();
    let is_component = on_windows && product.windows.components.iter().any(|it| it == driver);
    let mut names = product.interfaces.iter();
    is_component || names.any(|prefix| interface.name.starts_with(prefix))
}

/// Whether this driver of an adapter of Windows (`ComponentId`, in lower case) is a VPN's.
pub(crate) fn is_vpn_component(component: &str) -> bool {
    let shared = ["wintun", "tap0801"];
    let mut all = VPN.iter().flat_map(|it| &it.windows.components);
    shared.contains(&component) || all.any(|it| it == component)
}

/// A connection of Windows from one address to one other: a VPN of the system itself (IKEv2, SSTP,
/// L2TP), or PPPoE. Others have the drivers that every Windows has (WAN Miniport), which show nothing.
fn is_dialled(interface: &Interface) -> bool {
    let mut addresses = interface.addresses.iter();
    let single = addresses.any(|it| it.address.is_ipv4() && it.prefix == 32);
    interface.up && single && interface.kind != InterfaceKind::Loopback
}

fn is_tunnel(interface: &Interface) -> bool {
    matches!(interface.kind, InterfaceKind::Vpn | InterfaceKind::Ppp)
}

/// What an interface is by itself: its driver carries nothing but VPNs, or it may be something else.
fn grade(interface: &Interface) -> Option<VpnGrade> {
    let driver = interface.driver.as_deref().unwrap_or_default();
    match interface.kind {
        InterfaceKind::Vpn if matches!(driver, "wireguard" | "xfrm" | "vti" | "vti6" | "ovpn") => {
            Some(VpnGrade::Certain)
        }
        InterfaceKind::Vpn => Some(VpnGrade::Probable),
        _ => None,
    }
}

fn of_interface(
    grade: VpnGrade,
    product: Option<&Product>,
    interface: &Interface,
    others: &[Witness],
) -> Vpn {
    let says = if interface.up {
        Testimony::Running
    } else {
        Testimony::Stopped
    };
    let shown = format!("{INTERFACE} {}", interface.name);
    let mut witnesses = vec![witness(shown, says, interface.driver.clone())];
    witnesses.extend(others.iter().cloned());
    witnesses.sort();
    Vpn {
        grade,
        product: product.map(|it| it.name.clone()),
        interface: Some(interface.name.clone()),
        up: interface.up,
        server: None,
        witnesses,
    }
}
