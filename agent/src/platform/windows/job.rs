//! Jobs: what holds processes of our own. A job ends its processes when its last handle goes, and bounds
//! the memory of each. Where the system refuses (before Windows 8 a process can be in one job only), the
//! process goes on without.

use windows_sys::Win32::Foundation::{CloseHandle, HANDLE};
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_ACTIVE_PROCESS,
    JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, JOB_OBJECT_LIMIT_PROCESS_MEMORY,
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation,
    SetInformationJobObject,
};

/// A job, closed at the end.
pub(in crate::platform) struct Job(HANDLE);

impl Drop for Job {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: the handle is ours and closed once; the result changes nothing.
        let _ = unsafe { CloseHandle(self.0) };
    }
}

impl Job {
    /// Around this process, where the system lets us: so many bytes for each process, and so many
    /// processes; `None`: as many as there are.
    #[allow(unsafe_code)]
    pub(in crate::platform) fn around(
        process: HANDLE,
        bytes: usize,
        processes: Option<u32>,
    ) -> Option<Self> {
        // SAFETY: without a name and rights it is a new job of our own.
        let job = unsafe { CreateJobObjectW(std::ptr::null(), std::ptr::null()) };
        if job.is_null() {
            return None;
        }
        let job = Self(job);
        let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
        limits.BasicLimitInformation.LimitFlags =
            JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_PROCESS_MEMORY;
        limits.ProcessMemoryLimit = bytes;
        if let Some(processes) = processes {
            limits.BasicLimitInformation.LimitFlags |= JOB_OBJECT_LIMIT_ACTIVE_PROCESS;
            limits.BasicLimitInformation.ActiveProcessLimit = processes;
        }
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
        let held = unsafe { AssignProcessToJobObject(job.0, process) };
        (set != 0 && held != 0).then_some(job)
    }
}
