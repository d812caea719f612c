//! What tests across crates share: the repository's root, the built programs, folders that vanish,
//! and parts that a machine may lack. Nothing here decides whether a product answer is right.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The repository's root.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests is a folder of the root")
        .to_owned()
}

/// The shipped programs, built by one call per run in the profile of this test.
#[derive(Debug, Clone)]
pub struct Programs {
    /// `daicho-agent`.
    pub agent: PathBuf,
    /// `daicho-collector`.
    pub collector: PathBuf,
    /// `daicho-verify`.
    pub verify: PathBuf,
}

/// Builds the programs if needed and says where they are.
#[must_use]
pub fn programs() -> &'static Programs {
    static PROGRAMS: OnceLock<Programs> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        // target/<profile>/deps/<this test>
        let test = std::env::current_exe().expect("a test knows its own path");
        let folder = test
            .ancestors()
            .nth(2)
            .expect("tests run in target/<profile>/deps")
            .to_owned();
        let profile = folder
            .file_name()
            .expect("the folder is named by its profile");
        let profile = if profile == "debug" {
            "dev".into()
        } else {
            profile.to_owned()
        };
        let target = folder
            .parent()
            .expect("the profile's folder is in the target folder");
        let built = Command::new(env!("CARGO"))
            .args([
                "build",
                "--quiet",
                "-p",
                "daicho-agent",
                "-p",
                "daicho-collector",
                "-p",
                "daicho-evidence",
                "--profile",
            ])
            .arg(&profile)
            .arg("--target-dir")
            .arg(target)
            .current_dir(root())
            .status()
            .expect("cargo runs");
        assert!(built.success(), "the programs build");
        Programs {
            agent: folder.join(format!("daicho-agent{}", std::env::consts::EXE_SUFFIX)),
            collector: folder.join(format!("daicho-collector{}", std::env::consts::EXE_SUFFIX)),
            verify: folder.join(format!("daicho-verify{}", std::env::consts::EXE_SUFFIX)),
        }
    })
}

/// Whether a part of the machine is there. If not: prints `SKIP part: reason`, and fails the test
/// when `DAICHO_REQUIRE=all` is set.
#[must_use]
pub fn have(part: &str, there: bool, reason: &str) -> bool {
    if !there {
        // Past the harness, which keeps back what a test that passes prints.
        let _ = writeln!(std::io::stderr(), "SKIP {part}: {reason}");
        let all = std::env::var("DAICHO_REQUIRE").is_ok_and(|parts| parts == "all");
        assert!(!all, "{part} is required: {reason}");
    }
    there
}

/// Whether a program is on the PATH, see [`have`].
#[must_use]
pub fn have_program(name: &str, package: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there = std::env::split_paths(&path).any(|folder| folder.join(name).is_file());
    have(name, there, &format!("not on the PATH (package {package})"))
}

/// A folder of its own for one test, removed at the end.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes an empty folder whose name holds `name` and this process's number.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("daicho-test-{}-{name}", std::process::id()));
        if path.exists() {
            std::fs::remove_dir_all(&path).expect("an old folder can be removed");
        }
        std::fs::create_dir_all(&path).expect("a folder can be made");
        Self(path)
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A path inside.
    #[must_use]
    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that stays behind harms nothing; the test's own result matters more.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
