//! Windows: who logs in, and with which rights. Comes in: sessions with their tokens, members of the
//! group of administrators by its SID, local accounts, settings of Winlogon; goes out: the body of
//! section `account`. What a token says comes first: it holds the groups of the domain, nested ones
//! too, so that no controller is asked. Of a password nothing is read, not even whether it is there.

use std::collections::BTreeSet;

use daicho_report::{
    Account, Accounts, AdministratorGrant, Elevation, LogIn, LogInVerdict, Reading, Reason,
};

use crate::platform::{Answer, Miss, RawAccount, RawJoin, RawMember, RawToken, Source};
use crate::probe::field::line;

#[cfg(test)]
mod tests;

/// The group of administrators, whatever it is called (well-known SIDs, MS-DTYP §2.4.2.4).
const ADMINISTRATORS: &str = "S-1-5-32-544";
const GROUP: &str = "Administrators";
const MEMBERS: &str = "NetLocalGroupGetMembers S-1-5-32-544";
const ACCOUNTS: &str = "NetUserEnum";
const SESSIONS: &str = "WTSEnumerateSessionsW, WTSQueryUserToken";
const JOIN: &str = "NetGetJoinInformation";
const LOGON_UI: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Authentication\LogonUI";
const WINLOGON: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon";
/// The account that every Windows is made with, whatever it is called now.
const BUILT_IN: u32 = 500;
/// Domain Admins.
const DOMAIN_ADMINS: &str = "-512";
/// Bits of an account (`UF_ACCOUNTDISABLE`, `UF_LOCKOUT`).
const CLOSED: u32 = 0x2 | 0x10;
/// Who belongs to these is everybody who is logged in.
const EVERYBODY: &[&str] = &["S-1-1-0", "S-1-5-4", "S-1-5-11", "S-1-5-113"];
/// Attributes of a group in a token (`SE_GROUP_ENABLED`).
const ENABLED: u32 = 4;
/// Sessions that the system makes for its own windows and fonts.
const OF_THE_SYSTEM: &[&str] = &["S-1-5-90-", "S-1-5-96-", "S-1-5-18"];
const PEOPLE_MAX: usize = 5_000;

/// What rights are told from.
struct Rights {
    join: Answer<RawJoin>,
    host: Option<String>,
    accounts: Result<Vec<RawAccount>, Reason>,
    members: Result<Vec<RawMember>, Reason>,
}

/// Somebody, by a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Person {
    /// `None`: of this machine.
    domain: Option<String>,
    name: String,
}

/// Reads the section.
pub(super) fn read(source: &Source) -> Accounts {
    let rights = Rights::read(source);
    Accounts {
        accounts: rights.listed(),
        log_ins: log_ins(source, &rights),
        grants: Reading::from_result(
            rights.members.as_ref().map(|_| ()).map_err(Clone::clone),
            MEMBERS,
        ),
        directory: match &rights.join {
            Ok(join) if join.status == DOMAIN => {
                // What a domain grants is told for those who are logged in, and for nobody else.
                Reading::unknown(Reason::Unsupported, JOIN)
            }
            Ok(_) => Reading::known(false, JOIN),
            Err(miss) => Reading::unknown(miss.clone().reason(), JOIN),
        },
    }
}

/// It belongs to a domain (`NETSETUP_JOIN_STATUS`).
const DOMAIN: u32 = 3;

impl Rights {
    fn read(source: &Source) -> Self {
        let members = source.group_members(ADMINISTRATORS).map_err(Miss::reason);
        let machine = source.machine().ok().and_then(|it| it.host_name);
        Self {
            join: source.join(),
            host: machine.and_then(|it| it.split('.').next().map(str::to_owned)),
            accounts: source.local_accounts().map_err(Miss::reason),
            // The built-in account cannot be taken out: an empty list is none.
            members: members.and_then(|all| {
                if all.is_empty() {
                    Err(Reason::failed("empty"))
                } else {
                    Ok(all)
                }
            }),
        }
    }

    /// The member that this account is.
    fn member(&self, account: &RawAccount) -> Option<&RawMember> {
        let ending = format!("-{}", account.rid);
        let members = self.members.as_deref().unwrap_or_default();
        members.iter().find(|member| {
            let named = member
                .name
                .as_deref()
                .is_some_and(|it| same(it, &account.name));
            named && member.sid.starts_with("S-1-5-21-") && member.sid.ends_with(&ending)
        })
    }

    /// Whether a member whose name is not known may be this account.
    fn may_be_member(&self, account: &RawAccount) -> bool {
        let ending = format!("-{}", account.rid);
        let members = self.members.as_deref().unwrap_or_default();
        let unnamed = members.iter().filter(|it| it.name.is_none());
        unnamed
            .filter(|it| it.sid.starts_with("S-1-5-21-"))
            .any(|it| it.sid.ends_with(&ending))
    }

    fn grants(&self, account: &RawAccount) -> Vec<AdministratorGrant> {
        let mut grants = Vec::new();
        if account.rid == BUILT_IN {
            grants.push(AdministratorGrant::BuiltIn);
        }
        if self.member(account).is_some() {
            grants.push(AdministratorGrant::Group(GROUP.to_owned()));
        }
        grants
    }

    /// Local accounts, and everybody else who is a member of the group.
    fn listed(&self) -> Reading<Vec<Account>> {
        let accounts = match &self.accounts {
            Ok(accounts) => accounts,
            Err(reason) => return Reading::unknown(reason.clone(), ACCOUNTS),
        };
        let local = accounts.iter().filter_map(|account| {
            Some(Account {
                name: line(&account.name)?,
                number: Some(account.rid),
                can_log_in: Reading::known(account.flags & CLOSED == 0, ACCOUNTS),
                administrator: self.grants(account),
            })
        });
        let mut listed: Vec<Account> = local
            .filter(|it| !it.administrator.is_empty() || it.can_log_in.value() != Some(&false))
            .collect();
        let members = self.members.as_deref().unwrap_or_default();
        let is_local = |member: &&RawMember| {
            let found = accounts.iter().filter_map(|it| self.member(it));
            found.into_iter().any(|it| it == *member)
        };
        let others = members.iter().filter(|member| !is_local(member));
        listed.extend(others.filter_map(|member| {
            Some(Account {
                name: line(&name_of(member))?,
                number: member.sid.rsplit('-').next().and_then(|it| it.parse().ok()),
                can_log_in: Reading::unknown(Reason::NotAsked, MEMBERS),
                administrator: vec![AdministratorGrant::Group(GROUP.to_owned())],
            })
        }));
        if listed.len() > PEOPLE_MAX {
            return Reading::unknown(Reason::failed("too many entries"), ACCOUNTS);
        }
        listed.sort();
        Reading::known(listed, format!("{ACCOUNTS}, {MEMBERS}"))
    }

    /// Whether somebody is an administrator, without his token.
    fn verdict(&self, person: &Person, sid: Option<&str>) -> LogInVerdict {
        let unclear = |place: &str| LogInVerdict::Unclear(place.to_owned());
        let Ok(members) = &self.members else {
            return unclear(MEMBERS);
        };
        if let Some(everybody) = members
            .iter()
            .find(|it| EVERYBODY.contains(&it.sid.as_str()))
        {
            return LogInVerdict::AdministratorBy(name_of(everybody));
        }
        if sid.is_some_and(|sid| members.iter().any(|it| it.sid == sid)) {
            return LogInVerdict::AdministratorBy(GROUP.to_owned());
        }
        if person.domain.is_some() {
            return unclear("groups of the domain (no token)");
        }
        let accounts = match &self.accounts {
            Ok(accounts) => accounts,
            Err(_) => return unclear(ACCOUNTS),
        };
        let Some(account) = accounts.iter().find(|it| same(&it.name, &person.name)) else {
            return unclear(ACCOUNTS);
        };
        match self.grants(account).first() {
            Some(AdministratorGrant::BuiltIn) => LogInVerdict::Administrator,
            Some(_) => LogInVerdict::AdministratorBy(GROUP.to_owned()),
            None if self.may_be_member(account) => unclear(MEMBERS),
            None => LogInVerdict::NotAdministrator,
        }
    }

    /// The same from the token.
    fn of_token(&self, token: &RawToken) -> LogInVerdict {
        let group = token.groups.iter().find(|(sid, _)| sid == ADMINISTRATORS);
        if token.elevation == 1 && group.is_some_and(|(_, bits)| bits & ENABLED == 0) {
            return LogInVerdict::Unclear("S-1-5-32-544 for denial only".to_owned());
        }
        if group.is_none() {
            return if token.elevation == 1 {
                LogInVerdict::NotAdministrator
            } else {
                // Divided for another reason: a backup operator's, say.
                LogInVerdict::Unclear("token divided without S-1-5-32-544".to_owned())
            };
        }
        if token.sid.starts_with("S-1-5-21-") && token.sid.ends_with("-500") {
            return LogInVerdict::Administrator;
        }
        let members = self.members.as_deref().unwrap_or_default();
        if members.iter().any(|member| member.sid == token.sid) {
            return LogInVerdict::AdministratorBy(GROUP.to_owned());
        }
        let by = members
            .iter()
            .find(|member| token.groups.iter().any(|(sid, _)| *sid == member.sid));
        LogInVerdict::AdministratorBy(by.map_or_else(|| GROUP.to_owned(), name_of))
    }

    /// Of this machine when the domain says so, or is not said.
    fn person(&self, domain: &str, name: &str) -> Option<Person> {
        let name = line(name)?;
        // Machines have accounts too.
        if name.ends_with('$') {
            return None;
        }
        let host = self.host.as_deref().unwrap_or_default();
        let domain = line(domain).filter(|it| it != "." && !same(it, host));
        Some(Person { domain, name })
    }
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// The name of a member, as far as it is known here.
fn name_of(member: &RawMember) -> String {
    match &member.name {
        Some(name) => name.clone(),
        None if member.sid.starts_with("S-1-5-21-") && member.sid.ends_with(DOMAIN_ADMINS) => {
            format!("Domain Admins ({})", member.sid)
        }
        None => member.sid.clone(),
    }
}

impl Person {
    fn shown(&self) -> String {
        match &self.domain {
            Some(domain) => format!(r"{domain}\{}", self.name),
            None => self.name.clone(),
        }
    }
}

fn elevation(token: &RawToken) -> Elevation {
    match token.elevation {
        1 => Elevation::Undivided,
        2 => Elevation::Full,
        3 => Elevation::Limited,
        _ => Elevation::Other,
    }
}

/// Who is logged in, who was last, and who is logged in without being asked.
fn log_ins(source: &Source, rights: &Rights) -> Reading<Vec<LogIn>> {
    let mut found = Vec::new();
    let mut failed = None;
    let mut take = |answer: Result<Vec<(Person, LogIn)>, Reason>| match answer {
        Ok(more) => found.extend(more),
        Err(reason) => failed = Some(reason),
    };
    take(sessions(source, rights));
    take(automatic(source, rights));
    take(last(source, rights));
    let here: BTreeSet<Person> = found
        .iter()
        .filter(|it| it.1.how == "session")
        .map(|it| it.0.clone())
        .collect();
    // What a token says of somebody is true of him however else he is known.
    let of_tokens: Vec<(Person, LogIn)> = found
        .iter()
        .filter(|it| it.1.elevation.is_some())
        .cloned()
        .collect();
    let mut log_ins: Vec<LogIn> = Vec::new();
    for (person, mut log_in) in found {
        if log_in.how == "last" && here.contains(&person) {
            continue;
        }
        if let Some((_, known)) = of_tokens.iter().find(|it| it.0 == person) {
            log_in.verdict = known.verdict.clone();
            log_in.elevation = known.elevation;
        }
        log_ins.push(log_in);
    }
    log_ins.sort();
    log_ins.dedup();
    let mut places = format!("{SESSIONS}, LogonUI, Winlogon");
    if failed.is_some() && !log_ins.is_empty() {
        places.push_str(" (not every place answered)");
    }
    match failed {
        // "Nobody" needs every place.
        Some(reason) if log_ins.is_empty() => Reading::unknown(reason, places),
        _ if log_ins.len() > PEOPLE_MAX => {
            Reading::unknown(Reason::failed("too many entries"), places)
        }
        _ => Reading::known(log_ins, places),
    }
}

fn sessions(source: &Source, rights: &Rights) -> Result<Vec<(Person, LogIn)>, Reason> {
    let sessions = source.sessions().map_err(Miss::reason)?;
    let log_ins = sessions.iter().filter_map(|session| {
        let token = session.token.as_ref().ok();
        if token.is_some_and(|it| OF_THE_SYSTEM.iter().any(|start| it.sid.starts_with(start))) {
            return None;
        }
        let person = rights.person(&session.domain, &session.user)?;
        let verdict = match token {
            Some(token) => rights.of_token(token),
            None => rights.verdict(&person, None),
        };
        let log_in = LogIn {
            account: person.shown(),
            how: "session".to_owned(),
            verdict,
            elevation: token.map(elevation),
        };
        Some((person, log_in))
    });
    Ok(log_ins.collect())
}

/// The account that is logged in at the start without anybody (`AutoAdminLogon`).
fn automatic(source: &Source, rights: &Rights) -> Result<Vec<(Person, LogIn)>, Reason> {
    let setting = match source.registry(WINLOGON, "AutoAdminLogon") {
        Ok(setting) => setting,
        Err(Miss::Absent) => return Ok(Vec::new()),
        Err(Miss::Unknown(reason)) => return Err(reason),
    };
    if setting.text() != Some("1") && setting.number() != Some(1) {
        return Ok(Vec::new());
    }
    let name = source
        .registry(WINLOGON, "DefaultUserName")
        .map_err(Miss::reason)?;
    let domain = match source.registry(WINLOGON, "DefaultDomainName") {
        Ok(domain) => domain.text().unwrap_or_default().to_owned(),
        Err(Miss::Absent) => String::new(),
        Err(Miss::Unknown(reason)) => return Err(reason),
    };
    let name = name.text().ok_or(Reason::failed("parse"))?;
    // A name may hold its domain.
    let (domain, name) = name.split_once('\\').unwrap_or((&domain, name));
    let person = rights.person(domain, name);
    Ok(person
        .into_iter()
        .map(|it| known_by(it, "auto", rights, None))
        .collect())
}

/// Who was at the screen last, where Windows keeps that.
fn last(source: &Source, rights: &Rights) -> Result<Vec<(Person, LogIn)>, Reason> {
    let text = |name: &str| match source.registry(LOGON_UI, name) {
        Ok(value) => Ok(value.text().map(str::to_owned)),
        Err(Miss::Absent) => Ok(None),
        Err(Miss::Unknown(reason)) => Err(reason),
    };
    let name = match text("LastLoggedOnSAMUser")? {
        Some(name) => name,
        None => match text("LastLoggedOnUser")? {
            Some(name) => name,
            None => return Ok(Vec::new()),
        },
    };
    let sid = text("LastLoggedOnUserSID").ok().flatten();
    let (domain, name) = name.split_once('\\').unwrap_or(("", &name));
    let person = rights.person(domain, name);
    Ok(person
        .into_iter()
        .map(|it| known_by(it, "last", rights, sid.as_deref()))
        .collect())
}

fn known_by(person: Person, how: &str, rights: &Rights, sid: Option<&str>) -> (Person, LogIn) {
    let log_in = LogIn {
        account: person.shown(),
        how: how.to_owned(),
        verdict: rights.verdict(&person, sid),
        elevation: None,
    };
    (person, log_in)
}
