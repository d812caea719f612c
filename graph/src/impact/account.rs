//! Steps by administrators. Comes in: accounts and log-ins that agents report; goes out: machines of
//! one domain of networks that have an administrator's name in common, and what a directory's
//! administrators may. It knows names alone: that passwords are the same it never says.

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::AgentAsset;
use daicho_report::{AdministratorGrant, Join, LogInVerdict};
use petgraph::stable_graph::NodeIndex;

use super::model::{Model, Proof, Reason, ThingKind};
use super::place::Places;
use super::tool::{Common, reported};
use crate::list::Basis;

/// Names that every machine has; that they are shared says nothing.
const EVERYWHERE: &[&str] = &["administrator", "root"];

/// The group whose members are administrators of all that joined the directory.
const DIRECTORY_ADMINISTRATORS: &str = "domain admins";

/// Machines with what shows it, by domain of networks and name of the directory.
type Members = BTreeMap<(usize, String), Vec<(NodeIndex, Proof)>>;

/// Adds them.
pub(super) fn add(basis: Basis<'_>, places: &Places<'_>, model: &mut Model) {
    let mut local = Common::new(Reason::Administrator);
    let mut seen = Common::new(Reason::LogIn);
    let (mut masters, mut joined) = (Members::new(), Members::new());
    for asset in &basis.ledger.assets {
        let Some(at) = model.find(&asset.id.0) else {
            continue;
        };
        let own = accounts((asset, at), places, &mut local);
        let master = log_ins((asset, at), &own, places, &mut seen);
        let (name, controls) = match asset.hardware.join.value() {
            Some(Join::Domain(name)) => (name, false),
            Some(Join::DomainController(name)) => (name, true),
            _ => continue,
        };
        let proof = reported(asset, "hardware", name.clone());
        for domain in places.domains_of(&asset.id.0) {
            let key = (domain, name.to_lowercase());
            let here = joined.entry(key.clone()).or_default();
            here.push((at, proof.clone()));
            let master = master.clone().or_else(|| controls.then(|| proof.clone()));
            if let Some(proof) = master {
                masters.entry(key).or_default().push((at, proof));
            }
        }
    }
    local.join(model);
    seen.join(model);
    directories(masters, &joined, model);
}

/// Local administrators; gives back their names.
fn accounts(
    (asset, at): (&AgentAsset, NodeIndex),
    places: &Places<'_>,
    local: &mut Common,
) -> BTreeSet<String> {
    let mut own = BTreeSet::new();
    let accounts = asset.accounts.accounts.value().into_iter().flatten();
    for account in accounts.filter(|it| !it.administrator.is_empty()) {
        let name = account.name.to_lowercase();
        let new = own.insert(name.clone());
        let off = account.can_log_in.value() == Some(&false);
        let built_in = account.administrator == [AdministratorGrant::BuiltIn];
        if !new || off || (built_in && EVERYWHERE.contains(&name.as_str())) {
            continue;
        }
        let proof = reported(asset, "account", account.name.clone());
        local.put((asset, at), &name, &proof, places);
    }
    own
}

/// Administrators who log in and are no local accounts; gives back what shows a directory's.
fn log_ins(
    (asset, at): (&AgentAsset, NodeIndex),
    own: &BTreeSet<String>,
    places: &Places<'_>,
    seen: &mut Common,
) -> Option<Proof> {
    let mut names = BTreeSet::new();
    let mut master = None;
    for log_in in asset.accounts.log_ins.value().into_iter().flatten() {
        let by = match &log_in.verdict {
            LogInVerdict::Administrator => "",
            LogInVerdict::AdministratorBy(by) => by,
            _ => continue,
        };
        let name = log_in.account.to_lowercase();
        let proof = reported(asset, "account", log_in.account.clone());
        if by.to_lowercase().contains(DIRECTORY_ADMINISTRATORS) {
            master = Some(proof.clone());
        }
        let new = names.insert(name.clone());
        if new && !own.contains(&name) && !EVERYWHERE.contains(&name.as_str()) {
            seen.put((asset, at), &name, &proof, places);
        }
    }
    master
}

/// From where a directory's administrators are, to all that joined it.
fn directories(masters: Members, joined: &Members, model: &mut Model) {
    for (key, masters) in masters {
        let members = joined.get(&key).map(Vec::as_slice).unwrap_or_default();
        if members.len() < 2 {
            continue;
        }
        let id = format!("common:directory:{}:{}", key.0, key.1);
        let midst = model.thing(&id, ThingKind::Common);
        for (at, proof) in masters {
            let proof = model.prove(proof);
            model.lasting((at, midst), Reason::LogIn, false, proof);
        }
        for (at, proof) in members {
            let proof = model.prove(proof.clone());
            model.lasting((midst, *at), Reason::LogIn, false, proof);
        }
    }
}
