//! What holds a worker: a job that ends it when this program ends, lets it start nothing, and bounds its
//! memory. Where the system refuses (before Windows 8 a process can be in one job only), the worker is
//! still ended at its deadline.

use std::os::windows::io::AsRawHandle;
use std::process::Child;

use windows_sys::Win32::Foundation::{CloseHandle, HANDLE};
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_ACTIVE_PROCESS,
    JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, JOB_OBJECT_LIMIT_PROCESS_MEMORY,
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation,
    SetInformationJobObject,
};

/// COM and an answer need some ten.
const MEMORY_BYTES: usize = 128 << 20;

/// A job, closed at the end: then its process ends.
pub(super) struct Job(HANDLE);

impl Drop for Job {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: the handle is ours and closed once; the result changes nothing.
        let _ = unsafe { CloseHandle(self.0) };
    }
}

impl Job {
    /// Around this worker, where the system lets us.
    #[allow(unsafe_code)]
    pub(super) fn around(worker: &Child) -> Option<Self> {
        // SAFETY: without a name and rights it is a new job of our own.
        let job = unsafe { CreateJobObjectW(std::ptr::null(), std::ptr::null()) };
        if job.is_null() {
            return None;
        }
        let job = Self(job);
        let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
        limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
            | JOB_OBJECT_LIMIT_ACTIVE_PROCESS
            | JOB_OBJECT_LIMIT_PROCESS_MEMORY;
        limits.BasicLimitInformation.ActiveProcessLimit = 1;
        limits.ProcessMemoryLimit = MEMORY_BYTES;
        let length = u32::try_from(size_of_val(&limits)).ok()?;
        // SAFETY: the structure is of the kind that is named and has the length that is given.
        let set = unsafe {
            SetInformationJobObject(
                job.0,
                JobObjectExtendedLimitInformation,
                (&raw const limits).cast(),
                length,
            )
        };
        // SAFETY: both handles are open.
        let held = unsafe { AssignProcessToJobObject(job.0, worker.as_raw_handle()) };
        (set != 0 && held != 0).then_some(job)
    }
}
