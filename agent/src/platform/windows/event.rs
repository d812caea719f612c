//! Logs of events: age and size. Comes in: a log's name; goes out: the time of its oldest entry and the
//! size of its file; no other value of an entry is rendered. Wine's functions answer without doing
//! anything: an answer without a time is unknown.

use std::ptr::null;

use daicho_report::Reason;
use windows_sys::Win32::System::EventLog::{
    EVT_HANDLE, EVT_VARIANT, EvtClose, EvtCreateRenderContext, EvtNext, EvtQuery,
    EvtQueryChannelPath, EvtQueryForwardDirection, EvtRender, EvtRenderContextValues,
    EvtRenderEventValues, EvtVarTypeFileTime,
};

use super::super::filetime;
use super::registry::value;
use super::{Answer, Miss, RawEventLog, file, last_miss, wide};

const CURRENT: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion";
const LOGS: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\EventLog";
const VARIABLE: &str = "%SystemRoot%";
/// The service answers at once or not at all.
const WAIT_MS: u32 = 2_000;

/// A handle, closed at the end.
struct Handle(EVT_HANDLE);

impl Drop for Handle {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: the handle is ours and closed once; the result changes nothing.
        let _ = unsafe { EvtClose(self.0) };
    }
}

/// Age and size of a log.
pub(in crate::platform) fn event_log(name: &str) -> Answer<RawEventLog> {
    let path = place(name)?;
    Ok(RawEventLog {
        oldest_at: oldest(name).ok(),
        bytes: file::folder_bytes(&path)?,
    })
}

/// The log's file: where its own setting says, or else where it usually is.
fn place(name: &str) -> Answer<String> {
    let parse = || Miss::Unknown(Reason::failed("parse"));
    let root = value(CURRENT, "SystemRoot")?;
    let root = root.text().ok_or_else(parse)?;
    let set = match value(&format!(r"{LOGS}\{name}"), "File") {
        Ok(set) => set.text().ok_or_else(parse)?.to_owned(),
        Err(Miss::Absent) => format!(r"{VARIABLE}\System32\winevt\Logs\{name}.evtx"),
        Err(miss) => return Err(miss),
    };
    Ok(match set.split_at_checked(VARIABLE.len()) {
        Some((start, rest)) if start.eq_ignore_ascii_case(VARIABLE) => format!("{root}{rest}"),
        _ => set,
    })
}

#[allow(unsafe_code)]
fn oldest(name: &str) -> Answer<i64> {
    let channel = wide(name);
    let how = EvtQueryChannelPath | EvtQueryForwardDirection;
    // SAFETY: the name ends with 0; without a session it is this machine.
    let query = unsafe { EvtQuery(0, channel.as_ptr(), null(), how) };
    if query == 0 {
        return Err(last_miss());
    }
    let query = Handle(query);
    let (mut event, mut count) = (0, 0);
    // SAFETY: there is room for one event; both are written only.
    let known = unsafe { EvtNext(query.0, 1, &raw mut event, WAIT_MS, 0, &raw mut count) };
    if known == 0 || count != 1 || event == 0 {
        return Err(last_miss());
    }
    created(&Handle(event))
}

/// When an event was written.
#[allow(unsafe_code)]
fn created(event: &Handle) -> Answer<i64> {
    let path = wide("Event/System/TimeCreated/@SystemTime");
    let paths = [path.as_ptr()];
    // SAFETY: there is one path, which ends with 0.
    let context = unsafe { EvtCreateRenderContext(1, paths.as_ptr(), EvtRenderContextValues) };
    if context == 0 {
        return Err(last_miss());
    }
    let context = Handle(context);
    // Room for one value; a time lies in it and not behind it.
    let mut values = [EVT_VARIANT::default(); 8];
    let room = u32::try_from(size_of_val(&values)).unwrap_or(0);
    let (mut used, mut count) = (0, 0);
    // SAFETY: the buffer has the length that is given; both numbers are written only.
    let known = unsafe {
        EvtRender(
            context.0,
            event.0,
            EvtRenderEventValues,
            room,
            values.as_mut_ptr().cast(),
            &raw mut used,
            &raw mut count,
        )
    };
    let [first, ..] = &values;
    if known == 0 || count != 1 || first.Type != EvtVarTypeFileTime.cast_unsigned() {
        return Err(Miss::Unknown(Reason::failed("no time")));
    }
    // SAFETY: its type says that it is a time; every value is one.
    let time = unsafe { first.Anonymous.FileTimeVal };
    let since = filetime::seconds(time);
    since.ok_or(Miss::Unknown(Reason::failed("no time")))
}
