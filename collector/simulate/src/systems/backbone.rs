//! Servers that every hospital has, whatever its systems: directories, updates, protection, files,
//! backup, watching. Comes in: the plan; goes out: these servers and the habits of their clients.

use std::net::IpAddr;

use daicho_ledger::ZoneKind;
use daicho_report::{Guest, Testimony, Tool, ToolState, Witness};

use super::Cast;
use crate::frame::{device, vendor};
use crate::machine::antivirus::PRODUCTS;
use crate::machine::iron::{Iron, SERVERS};
use crate::machine::{Hours, release};
use crate::machines;
use crate::plan::{Plan, Scale};
use crate::truth::Role;
use crate::world::{AssetNo, World};

/// Builds them.
pub(crate) fn build(world: &mut World, plan: &Plan, cast: &mut Cast) {
    let scale = Scale::of(world.size);
    directories(world, plan, scale, cast);
    files(world, plan, scale, cast);
    if scale != Scale::Small {
        watching(world, plan, cast);
        protection(world, plan, cast);
        outside(world, plan, cast);
    }
    backup(world, plan, scale, cast);
}

fn directories(world: &mut World, plan: &Plan, scale: Scale, cast: &mut Cast) {
    let pairs = [
        (
            "his-ad",
            world.style.his_domain.is_some(),
            plan.his_servers[0],
        ),
        (
            "info-ad",
            world.style.info_domain.is_some(),
            plan.info_servers[0],
        ),
    ];
    for (sort, wanted, net) in pairs {
        if !wanted {
            continue;
        }
        for _ in 0..=usize::from(scale == Scale::Large) {
            let server = machines::server(world, "DC", net, Some(&release::SERVER_2019));
            let domain = if sort == "his-ad" {
                world.style.his_domain.clone()
            } else {
                world.style.info_domain.clone()
            };
            if let Some(machine) = world.machine(server) {
                machine.domain = domain;
                for service in ["NTDS", "DNS", "kdc", "Netlogon", "DFSR", "IsmServ"] {
                    machine.services.retain(|it| it.0 != service);
                    machine.serve(service);
                }
                for (port, program) in [
                    (53, "dns.exe"),
                    (88, "lsass.exe"),
                    (389, "lsass.exe"),
                    (464, "lsass.exe"),
                    (636, "lsass.exe"),
                    (3268, "lsass.exe"),
                    (9389, "Microsoft.ActiveDirectory.WebServices.exe"),
                ] {
                    machine.listen(port, program);
                }
                machine.share("NETLOGON", false, false);
                machine.share("SYSVOL", false, false);
            }
            cast.add(sort, server);
        }
    }
    resolvers(world, cast);
}

/// Which name servers the networks are told.
fn resolvers(world: &mut World, cast: &Cast) {
    let addresses = |world: &World, sort: &str| -> Vec<IpAddr> {
        let servers = cast.of(sort).iter();
        servers
            .filter_map(|it| world.address_of(*it, None))
            .collect()
    };
    let (his, info) = (addresses(world, "his-ad"), addresses(world, "info-ad"));
    let provider: Vec<IpAddr> = vec![[198, 51, 100, 53].into(), [198, 51, 100, 54].into()];
    for net in 0..world.nets.len() {
        let it = &mut world.nets[net];
        it.name_servers = match it.zone {
            ZoneKind::His | ZoneKind::Department | ZoneKind::Management => his.clone(),
            ZoneKind::Information if !info.is_empty() => info.clone(),
            // The router answers for the provider.
            ZoneKind::Information | ZoneKind::Guest => {
                it.hop.as_ref().map(|hop| vec![hop.0]).unwrap_or_default()
            }
            ZoneKind::Dmz => provider.clone(),
            _ => Vec::new(),
        };
    }
}

fn files(world: &mut World, plan: &Plan, scale: Scale, cast: &mut Cast) {
    let nas = device(
        world,
        ("nas", Role::Storage),
        world.nets[plan.info_servers[0]].zone,
        ("バッファロー", "TeraStation TS5420"),
        "事務用ファイル共有",
    );
    let mac = world.mac("00:07:40");
    let address = world.address(plan.info_servers[0], false);
    world.attach(nas, plan.info_servers[0], Some(mac), address);
    cast.add("nas", nas);
    if scale == Scale::Small {
        return;
    }
    let server = machines::server(world, "FS", plan.info_servers[0], None);
    if let Some(machine) = world.machine(server) {
        for share in ["共有", "総務", "看護部", "医局"] {
            machine.share(share, true, false);
        }
    }
    cast.add("files", server);
    let groupware = machines::server(world, "GW", plan.info_servers[0], None);
    if let Some(machine) = world.machine(groupware) {
        machine.install("サイボウズ Office 10", "10.8.6", "サイボウズ株式会社");
        machine.serve("W3SVC");
        machine.listen(80, "w3wp.exe");
        machine.listen(443, "w3wp.exe");
    }
    cast.add("groupware", groupware);
}

fn protection(world: &mut World, plan: &Plan, cast: &mut Cast) {
    let (his, info) = world.style.antivirus;
    let pairs = [
        ("his-av", his, plan.his_servers[0]),
        ("info-av", info, plan.info_servers[0]),
    ];
    for (sort, product, net) in pairs {
        let product = &PRODUCTS[product];
        let Some((port, _)) = product.server else {
            continue;
        };
        let server = machines::server(world, "AV", net, Some(&release::SERVER_2019));
        if let Some(machine) = world.machine(server) {
            let name = format!(
                "{} 管理サーバ",
                product.name.split(' ').next().unwrap_or("AV")
            );
            machine.install(&name, product.version, product.publisher);
            machine.serve("W3SVC");
            machine.listen(port, "w3wp.exe");
            machine.listen(8530, "w3wp.exe");
            machine.serve("WsusService");
        }
        cast.add(sort, server);
    }
}

fn watching(world: &mut World, plan: &Plan, cast: &mut Cast) {
    let Some(net) = plan.management.first().copied() else {
        return;
    };
    let server = machines::server(world, "MON", net, Some(&release::RHEL_9));
    if let Some(machine) = world.machine(server) {
        machine.install("zabbix-server-mysql", "6.0.41-release1.el9", "Zabbix SIA");
        machine.serve("zabbix-server");
        machine.serve("httpd");
        machine.listen(10_051, "zabbix_server");
        machine.listen(443, "httpd");
        machine.wait(daicho_report::Protocol::Udp, 514, "rsyslogd");
        machine.wait(daicho_report::Protocol::Udp, 162, "snmptrapd");
    }
    cast.add("watch", server);
    if !world.style.virtual_servers {
        return;
    }
    let hosts = if world.size > 1_199 { 4 } else { 2 };
    for _ in 0..hosts {
        let host = hypervisor(world, plan);
        cast.add("hypervisor", host);
    }
}

/// A host of virtual machines: a Linux that an agent can live on.
fn hypervisor(world: &mut World, plan: &Plan) -> AssetNo {
    let net = plan.management[0];
    let asset = world.asset("srv", Role::Server, ZoneKind::Management);
    let mut dice = world.dice(&format!("server {asset}"));
    let iron = Iron::of(dice.pick(&SERVERS[..4]), &mut dice);
    let name = crate::names::server(world, "HV");
    world.assets[asset].host_name = name;
    world.assets[asset].place = "本院 サーバ室".to_owned();
    world.assets[asset].department = "医療情報室";
    world.assets[asset].vendor = vendor(world, "network");
    machines::give(
        world,
        asset,
        (&release::DEBIAN_12, iron, Hours::Always),
        &mut dice,
    );
    machines::plug(world, asset, net);
    if let Some(machine) = world.machine(asset) {
        machine.install("pve-manager", "8.4.14", "Proxmox Support Team");
        machine.install("qemu-server", "8.4.4", "Proxmox Support Team");
        for service in [
            "pvedaemon",
            "pveproxy",
            "pvestatd",
            "pve-cluster",
            "corosync",
        ] {
            machine.serve(service);
        }
        machine.listen(8006, "pveproxy");
        machine.listen(3128, "spiceproxy");
    }
    asset
}

/// Tells hosts and guests of each other, once all servers are there.
pub(crate) fn house(world: &mut World, cast: &Cast) {
    let hosts = cast.of("hypervisor");
    if hosts.is_empty() {
        return;
    }
    let guests: Vec<AssetNo> = (0..world.assets.len())
        .filter(|it| {
            let machine = world.assets[*it].machine.as_deref();
            machine.is_some_and(|it| it.iron.is_guest())
        })
        .collect();
    for (n, guest) in guests.iter().enumerate() {
        let host = hosts[n % hosts.len()];
        let name = world.assets[*guest].host_name.clone();
        let Some(machine) = world.machine(*guest) else {
            continue;
        };
        let uuid = machine.iron.uuid.clone();
        if let Some(host) = world.machine(host) {
            host.guests.push(Guest {
                name,
                uuid: Some(uuid),
                running: Some(true),
            });
        }
    }
}

/// Servers that stand between inside and outside.
fn outside(world: &mut World, plan: &Plan, cast: &mut Cast) {
    let Some(net) = plan.dmz.first().copied() else {
        return;
    };
    let mut dice = world.dice("servers outside");
    let systems = release::LINUX_SERVERS;
    let system = release::draw(&mut dice, systems);
    let proxy = machines::server(world, "PROXY", net, Some(system));
    if let Some(machine) = world.machine(proxy) {
        machine.install("squid", "5.7-2+deb12u3", "Debian Developers");
        machine.serve("squid");
        machine.listen(3128, "squid");
    }
    cast.add("proxy", proxy);
    let system = release::draw(&mut dice, systems);
    let web = machines::server(world, "WEB", net, Some(system));
    if let Some(machine) = world.machine(web) {
        machine.install("httpd", "2.4.62-4.el9", "Red Hat, Inc.");
        machine.install("postfix", "3.5.25-1.el9", "Red Hat, Inc.");
        machine.serve("httpd");
        machine.serve("postfix");
        machine.listen(80, "httpd");
        machine.listen(443, "httpd");
        machine.listen(25, "master");
    }
    cast.add("web", web);
}

fn backup(world: &mut World, plan: &Plan, scale: Scale, cast: &mut Cast) {
    let net = *plan.his_servers.first().unwrap_or(&plan.his_floors[0]);
    let storage = device(
        world,
        ("nas", Role::Storage),
        ZoneKind::His,
        ("QNAP", "TS-873AeU"),
        "電子カルテのバックアップ先",
    );
    let mac = world.mac("24:5e:be");
    let address = world.address(net, false);
    world.attach(storage, net, Some(mac), address);
    world.marks.insert("backup store", storage);
    if scale == Scale::Small {
        return;
    }
    let server = machines::server(world, "BK", net, Some(&release::SERVER_2019));
    if let Some(machine) = world.machine(server) {
        machine.install(
            "Veeam Backup & Replication",
            "12.3.2.3617",
            "Veeam Software Group GmbH",
        );
        machine.serve("VeeamBackupSvc");
        machine.listen(9392, "Veeam.Backup.Service.exe");
        machine.backups.push(tool(
            "Veeam Backup & Replication",
            "12.3.2.3617",
            "VeeamBackupSvc",
        ));
    }
    world.talk((server, storage), 445, ("System", ""), "バックアップ");
    cast.add("backup", server);
}

/// A tool that runs, as the agent reports it.
pub(crate) fn tool(name: &str, version: &str, service: &str) -> Tool {
    Tool {
        name: name.to_owned(),
        version: Some(version.to_owned()),
        state: ToolState::Running,
        witnesses: vec![
            Witness {
                source: format!("service {service}"),
                says: Testimony::Running,
                raw: None,
            },
            Witness {
                source: "uninstall".to_owned(),
                says: Testimony::Installed,
                raw: Some(version.to_owned()),
            },
        ],
    }
}
