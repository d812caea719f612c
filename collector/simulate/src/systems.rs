//! Systems of a hospital: servers, and what their terminals run. Comes in: the plan; goes out:
//! servers, and who talks to whom. Product names are those that makers print; ports and program names
//! for which no document was at hand are made up and say nothing of a real product.

pub(crate) mod backbone;
pub(crate) mod product;

use std::collections::BTreeMap;

use daicho_report::{ListedFolder, Protocol};

use crate::frame::vendor;
use crate::machine::Machine;
use crate::machine::release::{self, Release};
use crate::machines;
use crate::plan::{Plan, Scale};
use crate::truth::TrueSystem;
use crate::world::{AssetNo, NetNo, World};
use product::{Database, Product};

/// Servers by what they are for.
#[derive(Default)]
pub(crate) struct Cast {
    servers: BTreeMap<&'static str, Vec<AssetNo>>,
    products: BTreeMap<&'static str, &'static Product>,
}

impl Cast {
    /// Servers of a sort.
    pub(crate) fn of(&self, sort: &str) -> &[AssetNo] {
        self.servers.get(sort).map_or(&[], Vec::as_slice)
    }

    /// The first server of a sort.
    pub(crate) fn first(&self, sort: &str) -> Option<AssetNo> {
        self.of(sort).first().copied()
    }

    /// The product of a sort.
    pub(crate) fn product(&self, sort: &str) -> Option<&'static Product> {
        self.products.get(sort).copied()
    }

    /// Notes a server.
    pub(crate) fn add(&mut self, sort: &'static str, server: AssetNo) {
        self.servers.entry(sort).or_default().push(server);
    }
}

/// Builds the systems that a hospital of this size has.
pub(crate) fn build(world: &mut World, plan: &Plan, cloud: bool) -> Cast {
    let mut cast = Cast::default();
    let scale = Scale::of(world.size);
    backbone::build(world, plan, &mut cast);
    let mut dice = world.dice("systems");
    if !cloud {
        let product = dice.pick(product::EHRS);
        ehr(world, plan, scale, product, &mut cast);
    }
    let pacs = dice.pick(product::PACS);
    system(
        world,
        plan.imaging[0],
        pacs,
        1 + usize::from(scale == Scale::Large),
        &mut cast,
    );
    let orca =
        scale == Scale::Small && dice.chance(85) || scale == Scale::Medium && dice.chance(25);
    let receipt = if orca {
        &product::ORCA
    } else {
        &product::RECEIPT
    };
    let net = *plan.his_servers.first().unwrap_or(&plan.his_floors[0]);
    system(world, net, receipt, 1, &mut cast);
    departments(world, plan, scale, &mut cast);
    links(world, &cast);
    cast
}

fn departments(world: &mut World, plan: &Plan, scale: Scale, cast: &mut Cast) {
    let mut dice = world.dice("departments");
    let his = plan.his_servers[0];
    if world.size >= 40 {
        system(world, plan.lab[0], dice.pick(product::LIS), 1, cast);
    }
    if scale == Scale::Small {
        return;
    }
    let rows: [(&'static Product, NetNo, usize); 6] = [
        (&product::RIS, plan.imaging[0], 100),
        (&product::PHARMACY, plan.pharmacy[0], 90),
        (&product::MONITOR, plan.monitors[0], 100),
        (&product::NURSE_CALL, plan.nurse_call[0], 100),
        (&product::CATERING, his, 70),
        (&product::CHECKUP, his, 60),
    ];
    for (product, net, chance) in rows {
        if dice.chance(chance) || scale == Scale::Large {
            let several = matches!(product.sort, "nurse_call" | "vital_monitor");
            let count = match (several, scale) {
                (true, Scale::Large) => dice.between(2, 4),
                (true, _) => dice.between(1, 3),
                _ => 1,
            };
            system(world, net, product, count, cast);
        }
    }
}

fn ehr(world: &mut World, plan: &Plan, scale: Scale, product: &'static Product, cast: &mut Cast) {
    let count = match scale {
        Scale::Small => 1,
        Scale::Medium => 3,
        Scale::Large => 6,
    };
    system(world, plan.his_servers[0], product, count, cast);
}

/// Adds a system with its servers: applications on the first, the database on the last.
pub(crate) fn system(
    world: &mut World,
    net: NetNo,
    product: &'static Product,
    count: usize,
    cast: &mut Cast,
) {
    let id = format!("s-{}", product.sort);
    let count = count.min(world.room().saturating_sub(8).max(1));
    let mut dice = world.dice(&format!("system {}", product.sort));
    let mut servers = Vec::new();
    for n in 0..count {
        let release: Option<&'static Release> = product.linux.or_else(|| {
            // Departments' servers live longer.
            let old = product.sort != "ehr" && dice.chance(20);
            old.then(|| *dice.pick(&[&release::SERVER_2012R2, &release::SERVER_2008R2]))
        });
        let server = machines::server(world, product.host, net, release);
        world.assets[server].systems.push(id.clone());
        world.assets[server].vendor = vendor(world, product.trade);
        let database = n + 1 == count;
        let named = n == 0 || dice.chance(70);
        if let Some(machine) = world.machine(server) {
            serve(machine, product, named, database);
        }
        servers.push(server);
        cast.add(product.sort, server);
    }
    if let (Some(first), Some(last)) = (servers.first(), servers.last())
        && first != last
        && let Some(database) = &product.database
    {
        for other in &servers[..servers.len() - 1] {
            let programs = (product.server_program, database.program);
            world.talk((*other, *last), database.port, programs, "データベース");
        }
    }
    world.systems.push(TrueSystem {
        id,
        sort: product.sort.to_owned(),
        product: product.name.to_owned(),
        public_signature: product.public,
        servers: servers
            .iter()
            .map(|it| world.assets[*it].id.clone())
            .collect(),
        clients: Vec::new(),
        vendor: vendor(world, product.trade).map(|it| world.vendors[it].name.clone()),
    });
    cast.products.insert(product.sort, product);
}

fn serve(machine: &mut Machine, product: &'static Product, named: bool, database: bool) {
    if named || !machine.release.windows {
        if !product.server_name.is_empty() {
            machine.install(product.server_name, product.version, product.publisher);
        }
        for service in product.services {
            machine.serve(service);
        }
        for port in product.ports {
            machine.listen(*port, product.server_program);
        }
    }
    for folder in product.folders {
        machine.folders.push(ListedFolder {
            name: (*folder).to_owned(),
            version: None,
        });
    }
    if database && let Some(it) = &product.database {
        install_database(machine, it);
    }
    if machine.release.windows && product.sort != "orca" {
        machine.share(product.share, true, false);
    }
}

/// Installs a database.
pub(crate) fn install_database(machine: &mut Machine, database: &'static Database) {
    if machine.release.windows {
        // An old system has the database of its time.
        let old = !machine.version.starts_with("10.");
        let (name, version) = database
            .older
            .filter(|_| old)
            .unwrap_or((database.name, database.version));
        machine.install(name, version, database.publisher);
        machine.serve(database.service);
    } else {
        machine.install(
            "postgresql-14",
            "14.19-0ubuntu0.22.04.1",
            "Ubuntu Developers",
        );
        machine.serve("postgresql");
    }
    machine.listen(database.port, database.program);
}

/// Makes a terminal use a system. Some have no program of their own for it.
pub(crate) fn client(world: &mut World, cast: &Cast, sort: &str, terminal: AssetNo) {
    let (Some(product), Some(server)) = (cast.product(sort), cast.first(sort)) else {
        return;
    };
    let mut dice = world.dice(&format!("client {sort} {terminal}"));
    let bare = dice.chance(5);
    let browser = product.client_program == "msedge.exe";
    if !bare
        && !product.client_name.is_empty()
        && let Some(machine) = world.machine(terminal)
    {
        machine.install(product.client_name, product.version, product.publisher);
    }
    let Some(port) = product.ports.first() else {
        return;
    };
    // Several servers share the terminals.
    let all = cast.of(sort);
    let others = all.len().saturating_sub(1).max(1);
    let mine = if all.len() > 1 {
        all[terminal % others]
    } else {
        server
    };
    let target = if listens(world, mine, *port) {
        mine
    } else {
        server
    };
    let programs = (product.client_program, product.server_program);
    world.talk((terminal, target), *port, programs, product.name);
    if product.two_tier
        && !browser
        && let (Some(database), Some(last)) = (&product.database, all.last())
    {
        let programs = (product.client_program, database.program);
        world.talk((terminal, *last), database.port, programs, "データベース");
    }
    if dice.chance(25)
        && world.assets[target]
            .machine
            .as_ref()
            .is_some_and(|it| it.release.windows)
    {
        world.talk(
            (terminal, target),
            445,
            ("System", "System"),
            "共有フォルダ",
        );
    }
    let id = format!("s-{sort}");
    if !world.assets[terminal].systems.contains(&id) {
        world.assets[terminal].systems.push(id.clone());
    }
    let name = world.assets[terminal].id.clone();
    if let Some(system) = world.systems.iter_mut().find(|it| it.id == id)
        && !system.clients.contains(&name)
    {
        system.clients.push(name);
    }
}

/// Whether a machine listens on this port.
pub(crate) fn listens(world: &World, asset: AssetNo, port: u16) -> bool {
    let machine = world.assets[asset].machine.as_deref();
    machine.is_some_and(|it| {
        it.waits
            .iter()
            .any(|it| it.port == port && it.protocol == Protocol::Tcp)
    })
}

/// Servers talk to servers.
fn links(world: &mut World, cast: &Cast) {
    let Some(ehr) = cast.first("ehr") else {
        return;
    };
    let ehr_program = cast
        .product("ehr")
        .map_or("java.exe", |it| it.server_program);
    for (sort, port, purpose) in [
        ("lis", 2575, "検査オーダ連携（HL7）"),
        ("ris", 2575, "放射線オーダ連携（HL7）"),
        ("pharmacy", 5100, "処方連携"),
        ("receipt", 8210, "会計連携（CLAIM）"),
        ("vital_monitor", 2575, "バイタル連携（HL7）"),
        ("nurse_call", 5200, "患者名連携"),
        ("catering", 5300, "食事オーダ連携"),
    ] {
        let (Some(server), Some(product)) = (cast.first(sort), cast.product(sort)) else {
            continue;
        };
        if let Some(machine) = world.machine(server) {
            machine.listen(port, product.server_program);
        }
        let programs = (ehr_program, product.server_program);
        world.talk((ehr, server), port, programs, purpose);
    }
    if let (Some(ris), Some(pacs)) = (cast.first("ris"), cast.first("pacs")) {
        let programs = (
            "RisServer.exe",
            cast.product("pacs")
                .map_or("java.exe", |it| it.server_program),
        );
        world.talk((ris, pacs), 104, programs, "DICOM");
    }
}
