//! What staff wrote down. Comes in: the hospital; goes out: entries, as people keep them: much is
//! there, some is missing, a little is wrong. It holds no rule and no decision.

mod device;

use daicho_ledger::hand::{DeclaredPoint, Entry, EntryBody, HandSystem, Person, Vendor};
use daicho_ledger::{AssetId, PointKind};
use daicho_report::Time;

use crate::dice::{DIGITS, Dice};
use crate::names::{self, LABEL};
use crate::world::World;

/// Writes it down, and tells the hospital what has an entry.
pub(crate) fn write(world: &mut World) -> Vec<Entry> {
    if world.unkept {
        for point in &mut world.points {
            point.forgotten = true;
        }
        return Vec::new();
    }
    let mut dice = world.dice("hand");
    let writer = names::person(&mut dice);
    let mut entries = Vec::new();
    let mut note = |key: String, at: Time, body: EntryBody| {
        entries.push(Entry {
            key,
            by: writer.clone(),
            at,
            body,
        });
    };
    for (key, body) in vendors(world, &mut dice)
        .into_iter()
        .chain(persons(&mut dice))
    {
        note(key, world.ago(30, dice.seconds(0, 80_000)), body);
    }
    for (key, body) in systems(world, &mut dice) {
        note(key, world.ago(25, dice.seconds(0, 80_000)), body);
    }
    for (key, body) in device::devices(world, &mut dice) {
        note(
            key,
            world.ago(dice.seconds(5, 25), dice.seconds(0, 80_000)),
            body,
        );
    }
    for (key, body) in points(world, &mut dice) {
        note(
            key,
            world.ago(dice.seconds(3, 20), dice.seconds(0, 80_000)),
            body,
        );
    }
    gone(world, &mut note);
    for entry in &mut entries {
        entry.at = entry.at.max(world.start);
    }
    settle(world);
    entries.sort_by(|a, b| (a.body.kind(), &a.key).cmp(&(b.body.kind(), &b.key)));
    entries
}

type Rows = Vec<(String, EntryBody)>;

fn vendors(world: &World, dice: &mut Dice) -> Rows {
    let mut rows = Rows::new();
    for vendor in &world.vendors {
        // One that nobody has called for years is not in the list.
        if dice.chance(92) {
            let body = Vendor {
                name: vendor.name.clone(),
                contact: format!("保守窓口（{}）", names::person(dice)),
                phone: vendor.phone.clone(),
                contract: format!("保守契約 令和8年度 第{}号", dice.text(3, DIGITS)),
                note: LABEL.to_owned(),
            };
            rows.push((vendor.key.clone(), EntryBody::Vendor(body)));
        }
    }
    rows
}

fn persons(dice: &mut Dice) -> Rows {
    let roles = [
        (
            "person-safety",
            "医療情報システム安全管理責任者",
            "副院長室",
        ),
        ("person-admin", "システム管理者", "医療情報室"),
        ("person-net", "ネットワーク担当", "医療情報室"),
        ("person-iji", "機器管理責任者", "医事課"),
    ];
    let rows = roles
        .into_iter()
        .enumerate()
        .map(|(n, (key, role, department))| {
            let body = Person {
                name: names::person(dice),
                role: role.to_owned(),
                department: department.to_owned(),
                phone: format!("内線 {}（模擬）", 2_000 + n),
            };
            (key.to_owned(), EntryBody::Person(body))
        });
    rows.collect()
}

fn systems(world: &World, dice: &mut Dice) -> Rows {
    let mut rows = Rows::new();
    for (n, system) in world.systems.iter().enumerate() {
        if !dice.chance(80) {
            continue;
        }
        let vendor = world
            .vendors
            .iter()
            .find(|it| Some(&it.name) == system.vendor.as_ref());
        let body = HandSystem {
            name: system.product.clone(),
            department: "医療情報室".to_owned(),
            vendor: vendor.map(|it| it.key.clone()),
            person: Some("person-admin".to_owned()),
            restore_order: dice.chance(60).then(|| u32::try_from(n + 1).unwrap_or(1)),
            care: match system.sort.as_str() {
                "ehr" => "診療録の参照と指示ができない".to_owned(),
                "lis" => "検査結果が届かない".to_owned(),
                _ => String::new(),
            },
            substitute: if dice.chance(50) {
                "紙の伝票で運用".to_owned()
            } else {
                String::new()
            },
            downtime: String::new(),
            note: LABEL.to_owned(),
        };
        rows.push((format!("sys-{}", system.sort), EntryBody::System(body)));
    }
    rows
}

fn points(world: &mut World, dice: &mut Dice) -> Rows {
    let mut rows = Rows::new();
    for n in 0..world.points.len() {
        let point = world.points[n].clone();
        let always = matches!(point.kind, PointKind::Internet | PointKind::Other);
        if point.forgotten || !(always || dice.chance(72)) {
            continue;
        }
        let key = format!("line-{}", point.id.trim_start_matches("p-"));
        let at = &world.assets[point.asset];
        let device = at.hand.clone().or_else(|| {
            point
                .also_at
                .iter()
                .find_map(|it| world.assets[*it].hand.clone())
        });
        let asset = at.agent.as_ref().map(|it| AssetId(it.as_str().to_owned()));
        let address = world
            .address_of(point.asset, None)
            .filter(|_| device.is_none() || dice.chance(50));
        let body = DeclaredPoint {
            name: format!(
                "{}（{}）",
                point.kind.title(daicho_ledger::Lang::Ja),
                point.peer
            ),
            kind: point.kind,
            device: device.filter(|_| asset.is_none()),
            asset,
            address,
            line: point.line.clone(),
            peer: point.peer.clone(),
            peer_networks: point.peer_networks.clone(),
            vendor: point.vendor.map(|it| world.vendors[it].key.clone()),
            always_on: dice.chance(70).then_some(point.always_on),
            switch_off: if dice.chance(50) {
                "装置の電源を切る（システム管理者）".to_owned()
            } else {
                String::new()
            },
            demarcation: if dice.chance(40) {
                "回線終端装置".to_owned()
            } else {
                String::new()
            },
            system: point.system.clone(),
            note: LABEL.to_owned(),
        };
        world.points[n].hand = Some(key.clone());
        rows.push((key, EntryBody::Point(body)));
    }
    rows
}

/// A line that was given up long ago is still in the list.
fn gone(world: &mut World, note: &mut impl FnMut(String, Time, EntryBody)) {
    let body = DeclaredPoint {
        name: "旧レセプト請求回線（ISDN）".to_owned(),
        kind: PointKind::OnlineClaims,
        device: None,
        asset: None,
        address: None,
        line: "ISDN（解約済みのはず）".to_owned(),
        peer: "審査支払機関".to_owned(),
        peer_networks: Vec::new(),
        vendor: None,
        always_on: Some(false),
        switch_off: String::new(),
        demarcation: String::new(),
        system: None,
        note: LABEL.to_owned(),
    };
    note(
        "line-old-isdn".to_owned(),
        world.start,
        EntryBody::Point(body),
    );
    world
        .traps
        .push("もう存在しない届出回線（line-old-isdn）".to_owned());
}

/// What no list has is forgotten.
fn settle(world: &mut World) {
    for n in 0..world.points.len() {
        let point = &world.points[n];
        let listed = point.hand.is_some() || world.assets[point.asset].hand.is_some();
        world.points[n].forgotten = !listed;
    }
}
