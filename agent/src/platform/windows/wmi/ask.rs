//! The worker's questions: objects of a class of WMI, and what Windows Update offers. This runs in the
//! worker alone, so it may wait without end. Nothing is changed: the search of Windows Update is told
//! not to go to any server. On real Windows none of this was tried yet.

use daicho_report::Reason;
use windows::Win32::Foundation::VARIANT_FALSE;
use windows::Win32::System::Com::{
    CLSCTX_INPROC_SERVER, COINIT_MULTITHREADED, CoCreateInstance, CoInitializeEx,
};
use windows::Win32::System::UpdateAgent::{IUpdate, IUpdateSession, UpdateSession};
use windows::core::{BSTR, HRESULT};
use wmi::{AuthLevel, Variant, WMIConnection, WMIError};

use super::super::{Answer, Miss, RawObject, RawUpdate};
use crate::platform::RawProperty;

/// Objects and updates that are taken.
const ITEMS_MAX: usize = 2_000;
const TEXT_MAX: usize = 4_096;
/// What is not installed and not hidden by anybody.
const OFFERED: &str = "IsInstalled=0 and IsHidden=0";
/// The category of security updates.
const SECURITY: &str = "0fa1201d-4330-4fa8-8ae9-b877473b6441";
/// `E_ACCESSDENIED`, `WBEM_E_ACCESS_DENIED`, `E_NOTIMPL`.
const DENIED: [u32; 2] = [0x8007_0005, 0x8004_1003];
const NOT_IMPLEMENTED: u32 = 0x8000_4001;

fn miss(code: i32) -> Miss {
    let code = code.cast_unsigned();
    Miss::Unknown(match code {
        code if DENIED.contains(&code) => Reason::Denied,
        NOT_IMPLEMENTED => Reason::Unsupported,
        code => Reason::failed(format!("0x{code:08X}")),
    })
}

fn of_wmi(error: &WMIError) -> Miss {
    match error {
        WMIError::HResultError { hres } => miss(*hres),
        _ => Miss::Unknown(Reason::failed("WMI")),
    }
}

fn of_com(error: &windows::core::Error) -> Miss {
    let HRESULT(code) = error.code();
    miss(code)
}

#[allow(unsafe_code)]
fn begin() -> Answer<()> {
    // SAFETY: the worker asks in this thread alone and ends with it.
    let begun = unsafe { CoInitializeEx(None, COINIT_MULTITHREADED) };
    begun.ok().map_err(|error| of_com(&error))
}

/// All objects of a class with all of their properties.
pub(super) fn objects(namespace: &str, class: &str) -> Answer<Vec<RawObject>> {
    begin()?;
    let connection = WMIConnection::with_namespace_path(namespace).map_err(|it| of_wmi(&it))?;
    // Some providers, that of BitLocker among them, answer over nothing less.
    let private = connection.set_proxy_blanket(AuthLevel::PktPrivacy);
    private.map_err(|it| of_wmi(&it))?;
    let query = format!("SELECT * FROM {class}");
    let found = connection.exec_query(query).map_err(|it| of_wmi(&it))?;
    let mut objects = Vec::new();
    for object in found {
        // A part of a list is not the list.
        if objects.len() >= ITEMS_MAX {
            return Err(Miss::Unknown(Reason::failed("too many entries")));
        }
        let object = object.map_err(|it| of_wmi(&it))?;
        let names = object.list_properties().map_err(|it| of_wmi(&it))?;
        let mut properties = RawObject::new();
        for name in names.into_iter().take(ITEMS_MAX) {
            let value = object.get_property(&name).map_err(|it| of_wmi(&it))?;
            properties.insert(name, property(value));
        }
        objects.push(properties);
    }
    Ok(objects)
}

fn property(value: Variant) -> RawProperty {
    match value {
        Variant::Empty | Variant::Null => RawProperty::Null,
        Variant::String(text) => RawProperty::Text(text.chars().take(TEXT_MAX).collect()),
        Variant::Bool(value) => RawProperty::Bool(value),
        Variant::I1(number) => RawProperty::Number(number.into()),
        Variant::I2(number) => RawProperty::Number(number.into()),
        Variant::I4(number) => RawProperty::Number(number.into()),
        Variant::I8(number) => RawProperty::Number(number),
        Variant::UI1(number) => RawProperty::Number(number.into()),
        Variant::UI2(number) => RawProperty::Number(number.into()),
        Variant::UI4(number) => RawProperty::Number(number.into()),
        Variant::UI8(number) => {
            i64::try_from(number).map_or(RawProperty::Other, RawProperty::Number)
        }
        Variant::Array(all) => {
            RawProperty::List(all.into_iter().take(ITEMS_MAX).map(property).collect())
        }
        _ => RawProperty::Other,
    }
}

/// What Windows Update found at its last search.
pub(super) fn updates() -> Answer<Vec<RawUpdate>> {
    begin()?;
    search().map_err(|error| of_com(&error))
}

#[allow(unsafe_code)]
fn search() -> windows::core::Result<Vec<RawUpdate>> {
    // SAFETY: every object is used in the thread that made it, through its own counted pointer.
    unsafe {
        let session: IUpdateSession = CoCreateInstance(&UpdateSession, None, CLSCTX_INPROC_SERVER)?;
        let searcher = session.CreateUpdateSearcher()?;
        searcher.SetOnline(VARIANT_FALSE)?;
        let updates = searcher.Search(&BSTR::from(OFFERED))?.Updates()?;
        let mut found = Vec::new();
        for at in 0..updates.Count()? {
            // One more than a report takes: it says then that there are too many.
            if found.len() > ITEMS_MAX {
                break;
            }
            found.push(update(&updates.get_Item(at)?)?);
        }
        found.sort();
        Ok(found)
    }
}

#[allow(unsafe_code)]
fn update(update: &IUpdate) -> windows::core::Result<RawUpdate> {
    // SAFETY: as above.
    unsafe {
        let numbers = update.KBArticleIDs()?;
        let mut articles = Vec::new();
        for at in 0..numbers.Count()?.min(64) {
            articles.push(numbers.get_Item(at)?.to_string());
        }
        let categories = update.Categories()?;
        let mut security = !update.MsrcSeverity()?.is_empty();
        for at in 0..categories.Count()?.min(64) {
            let id = categories.get_Item(at)?.CategoryID()?.to_string();
            security |= id.eq_ignore_ascii_case(SECURITY);
        }
        Ok(RawUpdate {
            title: update.Title()?.to_string().chars().take(TEXT_MAX).collect(),
            articles,
            security,
        })
    }
}
