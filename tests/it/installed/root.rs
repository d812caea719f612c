//! A copy of an old Debian's root. Comes in: the root that `.ci/run` made; goes out: what programs in
//! the copy print and which files stand in it. The root itself is never changed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use daicho_tests::{Folder, have_program};

use super::{Ran, command, have_root, made};

/// What every package or log-in of the system itself rewrites: logs, caches and older copies.
const OF_THE_SYSTEM: &[&str] = &[
    "dev",
    "etc/.pwd.lock",
    "etc/group-",
    "etc/gshadow-",
    "etc/passwd-",
    "etc/shadow-",
    "etc/subgid-",
    "etc/subuid-",
    "proc",
    "var/cache",
    "var/lib/dpkg",
    "var/log",
];

/// The copy, removed with the test.
pub(super) struct OldRoot(Folder);

impl OldRoot {
    /// Copies the root, where there is one and it may be entered.
    pub(super) fn copy(name: &str) -> Option<Self> {
        let from = made("DAICHO_OLD_ROOT", "debootstrap, see .ci/run")?;
        if !have_root() || !have_program("unshare", "util-linux") {
            return None;
        }
        let folder = Folder::new(name);
        let all = format!("{}/.", from.to_str()?);
        let copied = command(
            "cp",
            &["-a", "--reflink=auto", &all, folder.path().to_str()?],
        );
        assert_eq!(copied.code, 0, "{}", copied.err);
        Some(Self(folder))
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs a program inside, with a `/proc` of its own.
    pub(super) fn run(&self, arguments: &[&str]) -> Ran {
        let root = self.path().to_str().unwrap();
        let proc = format!("--mount-proc={root}/proc");
        let mut all = vec!["--mount", "--pid", "--fork", &proc, "chroot", root];
        all.extend(["env", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"]);
        all.extend(arguments);
        command("unshare", &all)
    }

    pub(super) fn take(&self, file: &Path, name: &str) {
        std::fs::copy(file, self.0.join(name)).unwrap();
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(super) fn link(&self, name: &str, target: &str) {
        std::os::unix::fs::symlink(target, self.0.join(name)).unwrap();
    }

    pub(super) fn drop_file(&self, name: &str) {
        std::fs::remove_file(self.0.join(name)).unwrap();
    }

    pub(super) fn text(&self, name: &str) -> String {
        let path = self.0.join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub(super) fn link_stands(&self, name: &str) -> bool {
        self.0.join(name).symlink_metadata().is_ok()
    }

    /// Every path, with the text of the lists of accounts.
    pub(super) fn snapshot(&self) -> BTreeMap<PathBuf, Option<String>> {
        let mut found = BTreeMap::new();
        walk(self.path(), Path::new(""), &mut found);
        found
    }
}

fn walk(root: &Path, below: &Path, found: &mut BTreeMap<PathBuf, Option<String>>) {
    for entry in std::fs::read_dir(root.join(below)).unwrap() {
        let entry = entry.unwrap();
        let name = below.join(entry.file_name());
        if OF_THE_SYSTEM
            .iter()
            .any(|ignored| name == Path::new(ignored))
        {
            continue;
        }
        let is_list = ["etc/passwd", "etc/group"]
            .iter()
            .any(|list| name == Path::new(list));
        let text = is_list.then(|| std::fs::read_to_string(entry.path()).unwrap());
        if entry.file_type().unwrap().is_dir() {
            walk(root, &name, found);
        }
        found.insert(name, text);
    }
}
