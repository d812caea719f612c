//! Tools for remote maintenance, and VPNs of single machines. Comes in: what the agent recognised,
//! resolved names and flows; goes out: drafts at the machine. A tool that is only installed is 推定.

use std::collections::BTreeSet;

use daicho_ledger::{Grade, PointKind};
use daicho_report::{Tool, ToolState, VpnGrade};

use super::super::Weight;
use super::super::draft::{Drafts, protocol_fact};
use super::super::index::Place;
use super::super::knowledge::Knowledge;
use super::super::pattern::is_within;
use super::super::sign::Shown;

/// Adds the tools of one machine.
pub(super) fn tools(
    place: &Place<'_>,
    shown: &Shown<'_>,
    knowledge: &Knowledge,
    drafts: &mut Drafts,
) {
    let all = place.asset.remote_tools.tools.value().into_iter().flatten();
    for tool in all {
        let draft = drafts.at(&place.asset.id.0, PointKind::RemoteTool);
        draft.names.insert(tool.name.clone());
        draft
            .segments
            .extend(place.segments.iter().map(|it| (*it).to_owned()));
        let id = &place.asset.id;
        let state = match tool.state {
            ToolState::Running => "running",
            ToolState::Enabled => "enabled",
            ToolState::Installed => "installed",
            ToolState::Unclear => "unclear",
        };
        let value = format!("{} ({state})", tool.name);
        // A tool that lies there unused is a hint, not a way in.
        let weight = match tool.state {
            ToolState::Running | ToolState::Enabled => Weight::Strong,
            ToolState::Installed | ToolState::Unclear => Weight::Medium,
        };
        let seen = place.seen("remote_tool");
        draft
            .witnesses
            .push(protocol_fact("remote_tool", value, weight, id, seen));
        let before = draft.witnesses.len();
        for name in resolved(place, tool, knowledge) {
            let seen = place.seen("trace");
            draft
                .witnesses
                .push(protocol_fact("resolved", name, Weight::Strong, id, seen));
        }
        for flow in &shown.talk.public {
            if is_of(tool, flow.item.program.as_deref(), knowledge) {
                let value = format!("{}:{}", flow.item.peer, flow.item.port);
                let seen = place.went_on(flow.since, flow.until);
                draft
                    .witnesses
                    .push(protocol_fact("flow", value, Weight::Strong, id, seen));
                break;
            }
        }
        // VNC waits for whoever reaches the machine; by itself it leads nowhere.
        if draft.witnesses.len() == before && tool.name.contains("VNC") {
            for it in &mut draft.witnesses {
                if it.kind == "remote_tool" && it.value.contains("VNC") {
                    it.weight = Weight::Medium;
                }
            }
        }
    }
    unlisted(place, shown, knowledge, drafts);
    named_only(place, shown, knowledge, drafts);
}

/// Names of a tool that the agent did not see: with a program that nobody knows and that holds a
/// connection to a public address they make 推定, by themselves a hint.
fn named_only(place: &Place<'_>, shown: &Shown<'_>, knowledge: &Knowledge, drafts: &mut Drafts) {
    // One tool's name is no witness of another tool.
    let key = (place.asset.id.0.clone(), PointKind::RemoteTool);
    if drafts.all.contains_key(&key) {
        return;
    }
    let names = place.asset.traces.resolved.value().into_iter().flatten();
    for name in names.map(|it| it.to_lowercase()) {
        let Some(tool) = knowledge.tool_of_name(&name) else {
            continue;
        };
        let draft = drafts.at(&place.asset.id.0, PointKind::RemoteTool);
        draft.names.insert(tool.to_owned());
        let segments = place.segments.iter().map(|it| (*it).to_owned());
        draft.segments.extend(segments);
        let id = &place.asset.id;
        let seen = place.seen("trace");
        let witness = protocol_fact("resolved", name, Weight::Medium, id, seen);
        draft.witnesses.push(witness);
        let holds = shown.talk.public.iter().find(|it| {
            let program = it.item.program.as_deref();
            let unknown = program.is_some_and(|it| !knowledge.is_ordinary(&it.to_lowercase()));
            unknown && it.until.is_none()
        });
        if let Some(flow) = holds {
            let program = flow.item.program.as_deref().unwrap_or_default();
            let value = format!("{program} → {}:{}", flow.item.peer, flow.item.port);
            let seen = place.went_on(flow.since, flow.until);
            let witness = protocol_fact("flow", value, Weight::Medium, id, seen);
            draft.witnesses.push(witness);
        }
    }
}

/// A program that talks to a public address and has a tool's own name, where the agent could not see
/// that the tool is there.
fn unlisted(place: &Place<'_>, shown: &Shown<'_>, knowledge: &Knowledge, drafts: &mut Drafts) {
    let listed = place.asset.remote_tools.tools.value();
    for flow in &shown.talk.public {
        let program = flow.item.program.as_deref();
        let Some(tool) = program.and_then(|it| knowledge.tool_of(it)) else {
            continue;
        };
        if listed.is_some_and(|all| all.iter().any(|it| it.name == tool)) {
            continue;
        }
        let draft = drafts.at(&place.asset.id.0, PointKind::RemoteTool);
        draft.names.insert(tool.to_owned());
        let segments = place.segments.iter().map(|it| (*it).to_owned());
        draft.segments.extend(segments);
        let told = program.unwrap_or_default();
        let value = format!("{told} → {}:{}", flow.item.peer, flow.item.port);
        let seen = place.went_on(flow.since, flow.until);
        let id = &place.asset.id;
        let witness = protocol_fact("program", value, Weight::Strong, id, seen);
        draft.witnesses.push(witness);
        let names = place.asset.traces.resolved.value().into_iter().flatten();
        for name in names.map(|it| it.to_lowercase()) {
            if knowledge.tool_of_name(&name) == Some(tool) {
                let seen = place.seen("trace");
                let witness = protocol_fact("resolved", name, Weight::Strong, id, seen);
                draft.witnesses.push(witness);
            }
        }
    }
}

/// Resolved names below the tool's own domains.
fn resolved(place: &Place<'_>, tool: &Tool, knowledge: &Knowledge) -> BTreeSet<String> {
    let domains = knowledge.tool_domains.get(&tool.name);
    let names = place.asset.traces.resolved.value().into_iter().flatten();
    let names = names.map(|it| it.to_lowercase());
    let within = |name: &String| {
        let mut domains = domains.into_iter().flatten();
        domains.any(|domain| is_within(name, domain))
    };
    names.filter(within).collect()
}

/// Whether a program is one by which the agent knew the tool.
fn is_of(tool: &Tool, program: Option<&str>, knowledge: &Knowledge) -> bool {
    program.is_some_and(|program| {
        if knowledge.tool_of(program) == Some(tool.name.as_str()) {
            return true;
        }
        let mut witnesses = tool.witnesses.iter();
        witnesses.any(|it| it.source.strip_prefix("process ") == Some(program))
    })
}

/// Adds the VPNs of one machine.
pub(super) fn vpns(place: &Place<'_>, drafts: &mut Drafts) {
    for vpn in place.asset.vpns.vpns.value().into_iter().flatten() {
        let id = &place.asset.id;
        let weight = match vpn.grade {
            VpnGrade::Certain => Weight::Strong,
            VpnGrade::Probable => Weight::Medium,
            VpnGrade::Capable | VpnGrade::Unclear => Weight::Weak,
        };
        let draft = drafts.at(&id.0, PointKind::VendorVpn);
        draft.names.extend(vpn.product.clone());
        draft
            .segments
            .extend(place.segments.iter().map(|it| (*it).to_owned()));
        let named = [&vpn.product, &vpn.interface, &vpn.server];
        let named = named.map(Option::as_deref);
        let value = named.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let seen = place.seen("vpn");
        draft
            .witnesses
            .push(protocol_fact("vpn", value, weight, id, seen));
        draft.at_most(
            Grade::Inferred,
            "VPNの相手と用途は観測からは分からない",
            "who is at the other end of the VPN and what for cannot be told from what was seen",
        );
    }
}
