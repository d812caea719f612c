//! The firewall of Windows. Comes in: settings of its three profiles, those of a policy before the
//! machine's own, and the state of its service; goes out: the body of section `firewall`; which profile
//! is in force is not read, so "active" needs all three. Rules are not read.

use daicho_report::{DefaultInput, Firewall, FirewallVerdict, Reading, Reason, Testimony, Witness};

use crate::platform::{Miss, RawService, Source};
use crate::probe::product::witness;
use crate::probe::registry::{is_on, number};

#[cfg(test)]
mod tests;

const POLICY: &str = r"HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall";
const LOCAL: &str =
    r"HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy";
/// Names of the profiles in a policy and in the machine's own settings.
const PROFILES: &[(&str, &str)] = &[
    ("DomainProfile", "DomainProfile"),
    ("PrivateProfile", "StandardProfile"),
    ("PublicProfile", "PublicProfile"),
];
/// Its service, and the one below it.
const SERVICES: &[&str] = &["mpssvc", "bfe"];
const PLACES: &str = "FirewallPolicy, MpsSvc, BFE";

/// A profile: whether it is on, and what happens to what no rule names.
struct Profile {
    name: &'static str,
    on: bool,
    set: bool,
    drops: bool,
}

pub(super) fn read(source: &Source) -> Firewall {
    match found(source) {
        Ok((profiles, services)) => told(&profiles, services),
        Err(reason) => Firewall {
            verdict: Reading::unknown(reason.clone(), PLACES),
            witnesses: Reading::unknown(reason.clone(), PLACES),
            default_input: Reading::unknown(reason, PLACES),
        },
    }
}

fn found(source: &Source) -> Result<(Vec<Profile>, Vec<Witness>), Reason> {
    let profiles: Result<Vec<Profile>, Reason> = PROFILES
        .iter()
        .map(|(of_policy, own)| profile(source, of_policy, own))
        .collect();
    let all = source.services().map_err(Miss::reason)?;
    let services = SERVICES.iter().map(|name| {
        let service = all.iter().find(|it| it.name.eq_ignore_ascii_case(name));
        let runs = service.is_some_and(RawService::runs);
        let says = if runs {
            Testimony::Running
        } else {
            Testimony::Stopped
        };
        witness(format!("service {name}"), says, None)
    });
    Ok((profiles?, services.collect()))
}

fn profile(source: &Source, of_policy: &str, own: &'static str) -> Result<Profile, Reason> {
    let keys = [format!(r"{POLICY}\{of_policy}"), format!(r"{LOCAL}\{own}")];
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let on = is_on(source, &keys, "EnableFirewall")?;
    let action = number(source, &keys, "DefaultInboundAction")?;
    Ok(Profile {
        name: own,
        // Windows is made with all three on, and keeping out.
        on: on.unwrap_or(true),
        set: on.is_some(),
        drops: action != Some(0),
    })
}

fn told(profiles: &[Profile], services: Vec<Witness>) -> Firewall {
    let runs = services.iter().all(|it| it.says == Testimony::Running);
    let on = profiles.iter().filter(|it| it.on).count();
    let verdict = match (on, runs) {
        (0, _) => FirewallVerdict::Inactive,
        (_, false) if services.iter().all(|it| it.says == Testimony::Stopped) => {
            FirewallVerdict::Inactive
        }
        (on, true) if on == profiles.len() => FirewallVerdict::Active,
        _ => FirewallVerdict::ToConfirm,
    };
    let of_profiles = profiles.iter().map(|profile| {
        let says = if profile.on {
            Testimony::Enabled
        } else {
            Testimony::Stopped
        };
        let raw = (!profile.set).then(|| "default".to_owned());
        witness(format!("profile {}", profile.name), says, raw)
    });
    let mut witnesses: Vec<Witness> = of_profiles.chain(services).collect();
    witnesses.sort();
    // Of profiles that are off nothing is kept out.
    let drops = profiles.iter().all(|it| it.on && it.drops);
    let default_input = match verdict {
        FirewallVerdict::Active if drops => Reading::known(DefaultInput::Drop, PLACES),
        FirewallVerdict::Inactive => Reading::known(DefaultInput::Accept, PLACES),
        FirewallVerdict::Active if profiles.iter().all(|it| !it.drops) => {
            Reading::known(DefaultInput::Accept, PLACES)
        }
        // The profiles differ, and which is in force is not known.
        _ => Reading::unknown(Reason::failed("profiles differ"), PLACES),
    };
    Firewall {
        verdict: Reading::known(verdict, PLACES),
        witnesses: Reading::known(witnesses, PLACES),
        default_input,
    }
}
