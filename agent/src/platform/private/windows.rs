//! Folders that nobody but the system, its administrators and the service may enter. Comes in: paths;
//! goes out: folders made with their rights from the first moment, or why one that is there already is
//! not to be trusted. It never takes over a folder that another account made.

use std::io;
use std::path::Path;
use std::ptr::null_mut;

use windows_sys::Win32::Foundation::{ERROR_ALREADY_EXISTS, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    ConvertStringSecurityDescriptorToSecurityDescriptorW, GetNamedSecurityInfoW, SDDL_REVISION_1,
    SE_FILE_OBJECT, SetNamedSecurityInfoW,
};
use windows_sys::Win32::Security::{
    ACL, DACL_SECURITY_INFORMATION, GetSecurityDescriptorDacl, GetSecurityDescriptorOwner,
    OWNER_SECURITY_INFORMATION, PROTECTED_DACL_SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, PSID,
    SECURITY_ATTRIBUTES,
};
use windows_sys::Win32::Storage::FileSystem::CreateDirectoryW;

use super::Untrusted;
use crate::platform::live::{of_account, own_sid, shown, wide};

/// Administrators, the system, and the installer of Windows.
const TRUSTED: &[&str] = &[
    ADMINISTRATORS,
    "S-1-5-18",
    "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
];
const ADMINISTRATORS: &str = "S-1-5-32-544";
/// Entries of a folder of ours that are looked at: it holds a handful, and the spool's some hundreds.
const ENTRIES_MAX: usize = 20_000;

/// Rights as the system takes them, given back at the end.
struct Descriptor(PSECURITY_DESCRIPTOR);

impl Drop for Descriptor {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: the system allocated it for us, and it is given back once.
        unsafe { LocalFree(self.0) };
    }
}

impl Descriptor {
    /// The system and administrators; the service, once it has a mark; and who owns the folder, where
    /// that is one person working without an administrator's rights.
    #[allow(unsafe_code)]
    fn of_ours(owned_by_administrators: bool) -> io::Result<Self> {
        // Wine has no marks of services.
        let mark = of_account(&format!(r"NT SERVICE\{}", crate::platform::daemon::NAME));
        let service = mark.map_or(String::new(), |sid| format!("(A;OICI;FA;;;{sid})"));
        let (owner, own) = if owned_by_administrators {
            ("O:BA", "")
        } else {
            ("", "(A;OICI;FA;;;OW)")
        };
        let rights = format!("{owner}D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA){service}{own}");
        let rights = wide(&rights);
        let mut descriptor: PSECURITY_DESCRIPTOR = null_mut();
        // SAFETY: the text ends with 0; the descriptor is written only, and given back once.
        let known = unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                rights.as_ptr(),
                SDDL_REVISION_1,
                &raw mut descriptor,
                null_mut(),
            )
        };
        if known == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Self(descriptor))
    }

    #[allow(unsafe_code)]
    fn list(&self) -> *mut ACL {
        let (mut there, mut list, mut by_default) = (0, null_mut::<ACL>(), 0);
        // SAFETY: the descriptor is whole; the list lies in it.
        unsafe {
            GetSecurityDescriptorDacl(self.0, &raw mut there, &raw mut list, &raw mut by_default);
        }
        list
    }

    #[allow(unsafe_code)]
    fn owner(&self) -> PSID {
        let (mut owner, mut by_default) = (null_mut(), 0);
        // SAFETY: the descriptor is whole; the identifier lies in it.
        unsafe { GetSecurityDescriptorOwner(self.0, &raw mut owner, &raw mut by_default) };
        owner
    }

    #[allow(unsafe_code)]
    fn make(&self, folder: &Path) -> io::Result<()> {
        let path = wide(&folder.to_string_lossy());
        let attributes = SECURITY_ATTRIBUTES {
            nLength: u32::try_from(size_of::<SECURITY_ATTRIBUTES>()).unwrap_or(0),
            lpSecurityDescriptor: self.0,
            bInheritHandle: 0,
        };
        // SAFETY: the path ends with 0; the rights live until the call has ended.
        if unsafe { CreateDirectoryW(path.as_ptr(), &raw const attributes) } == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(())
    }

    #[allow(unsafe_code)]
    fn put_on(&self, folder: &Path) -> io::Result<()> {
        let path = wide(&folder.to_string_lossy());
        let owner = self.owner();
        let mut what = DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
        if !owner.is_null() {
            what |= OWNER_SECURITY_INFORMATION;
        }
        // SAFETY: the path ends with 0; owner and list lie in the descriptor, which lives.
        let code = unsafe {
            SetNamedSecurityInfoW(
                path.as_ptr(),
                SE_FILE_OBJECT,
                what,
                owner,
                null_mut(),
                self.list(),
                null_mut(),
            )
        };
        match code {
            0 => Ok(()),
            code => Err(io::Error::from_raw_os_error(code.cast_signed())),
        }
    }
}

/// Tries as an administrator first; who is none keeps the folder as his own.
fn with_rights(act: impl Fn(&Descriptor) -> io::Result<()>) -> io::Result<()> {
    act(&Descriptor::of_ours(true)?).or_else(|_| act(&Descriptor::of_ours(false)?))
}

/// Makes a folder, and those above it that are missing, with our rights from the first moment.
pub(super) fn create(path: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = path
        .ancestors()
        .take_while(|it| !it.as_os_str().is_empty() && !it.exists())
        .collect();
    if let Some(above) = missing.last().and_then(|it| it.parent()) {
        trusted(above)?;
    }
    for folder in missing.into_iter().rev() {
        let made = with_rights(|rights| rights.make(folder));
        match made {
            // Somebody was faster: theirs is looked at like any other.
            Err(error) if error.raw_os_error() == Some(ERROR_ALREADY_EXISTS.cast_signed()) => {
                trusted(folder)?;
            }
            other => other?,
        }
    }
    Ok(())
}

/// Puts our rights on a folder that is there, after a look at who made it and what is in it.
pub(super) fn guard(path: &Path) -> io::Result<()> {
    if let Some(above) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
        trusted(above)?;
    }
    trusted(path)?;
    // Nobody puts anything into it while it is looked through.
    with_rights(|rights| rights.put_on(path))?;
    for entry in std::fs::read_dir(path)?.take(ENTRIES_MAX) {
        trusted(&entry?.path())?;
    }
    Ok(())
}

/// Whether it is no link, and belongs to the system, its administrators or who runs this.
fn trusted(path: &Path) -> io::Result<()> {
    let kind = std::fs::symlink_metadata(path)?.file_type();
    if kind.is_symlink() {
        return Err(Untrusted::new(path, "link").into());
    }
    let owner = owner(path)?;
    if TRUSTED.contains(&owner.as_str()) || own_sid().ok().as_ref() == Some(&owner) {
        return Ok(());
    }
    Err(Untrusted::new(path, &owner).into())
}

#[allow(unsafe_code)]
fn owner(path: &Path) -> io::Result<String> {
    let name = wide(&path.to_string_lossy());
    let (mut owner, mut descriptor) = (null_mut(), null_mut());
    // SAFETY: the path ends with 0; both are written only, and the owner lies in the descriptor.
    let code = unsafe {
        GetNamedSecurityInfoW(
            name.as_ptr(),
            SE_FILE_OBJECT,
            OWNER_SECURITY_INFORMATION,
            &raw mut owner,
            null_mut(),
            null_mut(),
            null_mut(),
            &raw mut descriptor,
        )
    };
    if code != 0 {
        return Err(io::Error::from_raw_os_error(code.cast_signed()));
    }
    let _given_back = Descriptor(descriptor);
    shown(owner).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
}
