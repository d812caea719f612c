//! Certificates added on this machine and proxies. Comes in: public certificates in the places for
//! them; goes out: the body of section `trust`; no private key is opened, and of a certificate's
//! holder nothing but a machine's or an authority's name is kept.

mod windows;

use std::collections::BTreeSet;

use daicho_report::{Certificate, Hash, Reading, Reason, Time, Trust};
use x509_parser::certificate::X509Certificate;
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer;

use super::field::line;
use crate::platform::{Miss, Source, System};

#[cfg(test)]
mod tests;

/// Authorities that somebody added: Debian, RHEL, SUSE, Alpine.
const ROOTS: &[&str] = &[
    "/usr/local/share/ca-certificates",
    "/etc/pki/ca-trust/source/anchors",
    "/etc/pki/trust/anchors",
];
/// Certificates of services: RHEL's place and that of common installers. Each is a folder of files.
const SERVICES: &[&str] = &[
    "/etc/pki/tls/certs",
    "/etc/ssl/localcerts",
    "/etc/nginx/ssl",
];
/// One folder for each name, with `cert.pem` in it.
const LETSENCRYPT: &str = "/etc/letsencrypt/live";
const PROXIES: &str = "/etc/environment, apt.conf, dnf.conf";
const FILE_BYTES_MAX: usize = 256 << 10;
const FILES_MAX: usize = 200;
/// A file with more is a bundle of a maker's authorities.
const IN_FILE_MAX: usize = 20;
const MADE_BY_MAKER: &[&str] = &["ca-bundle.crt", "ca-bundle.trust.crt"];

/// Reads the section.
#[must_use]
pub fn read(source: &Source) -> Trust {
    if source.system() == System::Windows {
        return windows::read(source);
    }
    Trust {
        added_roots: folders(source, ROOTS, None, Names::Authorities),
        certificates: folders(source, SERVICES, Some(LETSENCRYPT), Names::Hosts),
        proxies: Reading::from_result(source.proxies().map_err(Miss::reason), PROXIES),
    }
}

/// Whose names are told. A certificate that somebody signed for himself may call itself an
/// authority's; among those that services show, none is told as such.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    Authorities,
    Hosts,
}

fn folders(
    source: &Source,
    places: &[&str],
    named: Option<&str>,
    names: Names,
) -> Reading<Vec<Certificate>> {
    let mut files = Vec::new();
    for place in places {
        match source.folder(place) {
            Ok(found) => {
                let found = found.iter().filter(|name| is_certificate(name));
                files.extend(found.map(|name| (*place, format!("{place}/{name}"))));
            }
            Err(Miss::Absent) => {}
            Err(Miss::Unknown(reason)) => return Reading::unknown(reason, *place),
        }
    }
    if let Some(place) = named {
        match source.folder(place) {
            // Its README is no folder: nothing is found below it.
            Ok(found) => {
                let found = found.iter();
                files.extend(found.map(|name| (place, format!("{place}/{name}/cert.pem"))));
            }
            Err(Miss::Absent) => {}
            Err(Miss::Unknown(reason)) => return Reading::unknown(reason, place),
        }
    }
    let all = places.join(", ");
    if files.len() > FILES_MAX {
        return Reading::unknown(Reason::failed("too many entries"), all);
    }
    let mut found = BTreeSet::new();
    for (place, file) in &files {
        match source.file_up_to(file, FILE_BYTES_MAX) {
            Ok(bytes) => found.extend(certificates(&bytes, names)),
            Err(Miss::Absent) => {}
            // The file may be called by a person's name.
            Err(Miss::Unknown(reason)) => return Reading::unknown(reason, *place),
        }
    }
    Reading::known(found.into_iter().collect(), all)
}

fn is_certificate(name: &str) -> bool {
    let ending = name.rsplit('.').next().unwrap_or_default();
    matches!(ending, "crt" | "pem" | "cer" | "der") && !MADE_BY_MAKER.contains(&name)
}

/// Certificates of a file in either form; what is none is passed over.
fn certificates(bytes: &[u8], names: Names) -> Vec<Certificate> {
    if bytes.first() == Some(&0x30) {
        return certificate(bytes, names).into_iter().collect();
    }
    let parts = Pem::iter_from_buffer(bytes).filter_map(Result::ok);
    let parts = parts
        .filter(|it| it.label.ends_with("CERTIFICATE"))
        .take(IN_FILE_MAX);
    parts
        .filter_map(|it| certificate(&it.contents, names))
        .collect()
}

fn certificate(der: &[u8], names: Names) -> Option<Certificate> {
    let (_, parsed) = X509Certificate::from_der(der).ok()?;
    let authority = parsed.is_ca();
    let organisation = parsed.subject().iter_organization().next();
    let name = parsed
        .subject()
        .iter_common_name()
        .next()
        .or(organisation)?;
    let name = line(name.as_str().ok()?)?;
    Some(Certificate {
        // A person's certificate carries a name; a machine's carries one without spaces.
        subject: if (authority && names == Names::Authorities) || is_host(&name) {
            name
        } else {
            "(other)".to_owned()
        },
        not_after: Time::from_seconds(parsed.validity().not_after.timestamp()),
        sha256: Hash::of(der).to_string(),
        authority,
    })
}

fn is_host(name: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '*' | '_');
    name.contains('.') && name.chars().all(known)
}
