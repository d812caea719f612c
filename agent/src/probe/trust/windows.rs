//! Windows: certificates in the stores of the machine. Comes in: the registry's entries, which hold the
//! public part only; goes out: authorities that are not Microsoft's own, and certificates with which
//! the machine shows who it is; keys lie elsewhere and are not looked for.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use daicho_report::{Certificate, Reading, Reason, Trust};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::{FILES_MAX, Names, certificate};
use crate::platform::{Miss, RawValue, Source};
use crate::probe::registry::keys;

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
/// Who signed the authorities that every Windows is made with.
const OF_WINDOWS: &[&str] = &[
    "Microsoft Corporation",
    "Microsoft Trust Network",
    "VeriSign, Inc.",
    "VeriSign Trust Network",
    "Thawte Consulting",
    "DigiCert Inc",
    "Symantec Corporation",
];
const PROPERTIES_MAX: usize = 100;

pub(super) fn read(source: &Source) -> Trust {
    Trust {
        added_roots: stores(source, ROOTS, Names::Authorities),
        certificates: stores(source, OWN, Names::Hosts),
        proxies: Reading::from_result(source.proxies().map_err(Miss::reason), PROXIES),
    }
}

fn stores(source: &Source, stores: &[&str], names: Names) -> Reading<Vec<Certificate>> {
    let find = || {
        let mut found = BTreeSet::new();
        for store in stores {
            let entries = keys(source, store)?;
            if entries.len() > FILES_MAX {
                return Err(Reason::failed("too many entries"));
            }
            for entry in &entries {
                let blob = source.registry(&format!(r"{store}\{entry}"), "Blob");
                let RawValue::Bytes(blob) = blob.map_err(Miss::reason)? else {
                    return Err(Reason::failed("parse"));
                };
                let blob = BASE64_STANDARD.decode(blob);
                let blob = blob.map_err(|_| Reason::failed("parse"))?;
                let der = der(&blob).ok_or(Reason::failed("parse"))?;
                if names == Names::Authorities && is_of_windows(der) {
                    continue;
                }
                found.extend(certificate(der, names));
            }
        }
        Ok(found.into_iter().collect())
    };
    Reading::from_result(find(), stores.join(", "))
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

fn is_of_windows(der: &[u8]) -> bool {
    let Ok((_, parsed)) = X509Certificate::from_der(der) else {
        return false;
    };
    let subject = parsed.subject();
    let organisations = subject
        .iter_organization()
        .chain(subject.iter_common_name());
    let mut names = organisations.filter_map(|it| it.as_str().ok());
    // Some of the oldest have no organisation.
    names.any(|name| OF_WINDOWS.contains(&name) || name.starts_with("Microsoft Root "))
}
