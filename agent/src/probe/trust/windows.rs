//! Windows: certificates in the stores of the machine. Comes in: the registry's entries, which hold the
//! public part only; goes out: authorities but the few that every Windows is made with, and certificates
//! with which the machine shows who it is; keys lie elsewhere and are not looked for. That an untouched
//! Windows of each version shows no other authority is not confirmed yet (未確認).

use std::collections::BTreeSet;

use daicho_report::{Certificate, Reading, Reason, Trust};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::{FILES_MAX, Names, certificate};
use crate::platform::{Miss, Source};
use crate::probe::registry::{keys, people};

#[cfg(test)]
mod tests;

/// Authorities: the machine's own store, those of policies and of the domain. What Microsoft's programme
/// brings is in a store of its own (AuthRoot) and not here.
const ROOTS: &[&str] = &[
    r"HKLM\SOFTWARE\Microsoft\SystemCertificates\ROOT\Certificates",
    r"HKLM\SOFTWARE\Policies\Microsoft\SystemCertificates\ROOT\Certificates",
    r"HKLM\SOFTWARE\Microsoft\EnterpriseCertificates\ROOT\Certificates",
];
const OWN: &[&str] = &[r"HKLM\SOFTWARE\Microsoft\SystemCertificates\MY\Certificates"];
const PROXIES: &str = "Internet Settings, WinHttpSettings";
/// The property that is the certificate itself (`CERT_CERT_PROP_ID`).
const CERTIFICATE: u32 = 32;
/// Authorities that every Windows is made with, by what their keys are called (SHA-1 of each, as
/// MITRE ATT&CK T1553.004 and public listings of untouched machines have them).
const OF_WINDOWS: &[&str] = &[
    "0119E81BE9A14CD8E22F40AC118C687ECBA3F4D8",
    "06F1AA330B927B753A40E68CDF22E34BCBEF3352",
    "18F7C1FCC3090203FD5BAA2F861A754976C8DD25",
    "245C97DF7514E7CF2DF8BE72AE957B9E04741E85",
    "31F9FC8BA3805986B721EA7295C65B3A44534274",
    "3B1EFD3A66EA28B16697394703A72CA340A05BD5",
    "742C3192E607E424EB4549542BE1BBC53E6174E2",
    "7F88CD7223F3C813818C994614A89C99FA3B5247",
    "8F43288AD272F3103B6FB1428485EA3014C0BCFE",
    "92B46C76E13054E104F230517E6E504D43AB10B5",
    "A43489159A520F0D93D032CCAF37E7FE20A8B419",
    "BE36A4562FB2EE05DBB3D32323ADF445084ED656",
    "CDD4EEAE6000AC7F40C3802C171E30148030C072",
];
/// What stands in the names of all of them.
const MAKERS: &[&str] = &["microsoft", "verisign", "thawte", "symantec"];
/// Authorities that somebody added for himself alone.
const OF_A_PERSON: [&str; 2] = [
    r"Software\Microsoft\SystemCertificates\Root\Certificates",
    r"Software\Policies\Microsoft\SystemCertificates\Root\Certificates",
];
const PEOPLE_MAX: usize = 200;
const PROPERTIES_MAX: usize = 100;

pub(super) fn read(source: &Source) -> Trust {
    let own = stores(source, OWN, Names::Hosts);
    Trust {
        added_roots: added_roots(source),
        certificates: Reading::from_result(own.map(listed), OWN.join(", ")),
        proxies: Reading::from_result(source.proxies().map_err(Miss::reason), PROXIES),
    }
}

fn listed(found: BTreeSet<Certificate>) -> Vec<Certificate> {
    found.into_iter().collect()
}

fn added_roots(source: &Source) -> Reading<Vec<Certificate>> {
    let place = format!("{}, HKU", ROOTS.join(", "));
    let of_machine = stores(source, ROOTS, Names::Authorities);
    let (mut found, people) = match (of_machine, people(source)) {
        (Ok(found), Ok(people)) => (found, people),
        (Err(reason), _) | (_, Err(reason)) => return Reading::unknown(reason, place),
    };
    // Somebody else's part may only be read by an administrator: then it is said that it is missing.
    let mut refused = Vec::new();
    for (at, sid) in people.iter().enumerate() {
        let own = OF_A_PERSON.map(|it| format!(r"HKU\{sid}\{it}"));
        match stores(
            source,
            &own.each_ref().map(String::as_str),
            Names::Authorities,
        ) {
            Ok(mut of_person) if at < PEOPLE_MAX => found.append(&mut of_person),
            Ok(_) => refused.push(Reason::failed("too many entries")),
            Err(reason) => refused.push(reason),
        }
    }
    let unread = format!("{place} (unread: {} of {})", refused.len(), people.len());
    match refused.into_iter().next() {
        None => Reading::known(listed(found), place),
        Some(reason) if found.is_empty() => Reading::unknown(reason, unread),
        Some(_) => Reading::known(listed(found), unread),
    }
}

fn stores(source: &Source, stores: &[&str], names: Names) -> Result<BTreeSet<Certificate>, Reason> {
    let parse = || Reason::failed("parse");
    let mut found = BTreeSet::new();
    for store in stores {
        let entries = keys(source, store)?;
        if entries.len() > FILES_MAX {
            return Err(Reason::failed("too many entries"));
        }
        for entry in &entries {
            let blob = source.registry(&format!(r"{store}\{entry}"), "Blob");
            let blob = blob.map_err(Miss::reason)?.bytes().ok_or_else(parse)?;
            let der = der(&blob).ok_or_else(parse)?;
            if names == Names::Hosts || !is_of_windows(entry, der) {
                found.extend(certificate(der, names));
            }
        }
    }
    Ok(found)
}

/// Properties, each behind its number, a mark and its length.
fn der(blob: &[u8]) -> Option<&[u8]> {
    let mut rest = blob;
    for _ in 0..PROPERTIES_MAX {
        let number = u32::from_le_bytes(*rest.first_chunk::<4>()?);
        let length = u32::from_le_bytes(*rest.get(8..)?.first_chunk::<4>()?);
        let end = usize::try_from(length).ok()?.checked_add(12)?;
        let value = rest.get(12..end)?;
        if number == CERTIFICATE {
            return Some(value);
        }
        rest = rest.get(end..)?;
    }
    None
}

/// Both the key and the name have to be those of Windows: a name alone is chosen by whoever makes it.
fn is_of_windows(entry: &str, der: &[u8]) -> bool {
    let Ok((_, parsed)) = X509Certificate::from_der(der) else {
        return false;
    };
    let subject = parsed.subject().to_string().to_lowercase();
    let is_known = OF_WINDOWS.iter().any(|it| it.eq_ignore_ascii_case(entry));
    is_known && MAKERS.iter().any(|it| subject.contains(it))
}
