//! The worker that asks WMI, against one that says what the test wants (`wmi_mock.c`, built here): data
//! comes through whole, and a class that never answers costs its own fact.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use daicho_report::{Antivirus, AntivirusVerdict, Reason, Storage};
use serde_json::Value;

use super::wine::{Windows, agent, body};

const COMPILER: &str = "x86_64-w64-mingw32-gcc";
/// Where COM finds what makes objects of WMI, instead of Wine's own.
const SEED: &str = r#"[HKEY_CLASSES_ROOT\CLSID\{4590F811-1D3A-11D0-891F-00AA004B2E24}\InprocServer32]
@="C:\\wmi-mock\\mock.dll"
"ThreadingModel"="Both"
"#;
const VOLUMES: &str = r"root_cimv2_Security_MicrosoftVolumeEncryption\Win32_EncryptableVolume.txt";
const CENTER: &str = r"root_SecurityCenter2\AntiVirusProduct.txt";

/// The library, built anew.
fn mock(folder: &Path) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there = std::env::split_paths(&path).any(|it| it.join(COMPILER).is_file());
    if !super::have(COMPILER, there, "not there (package gcc-mingw-w64-x86-64)") {
        return None;
    }
    let library = folder.join("mock.dll");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/windows/wmi_mock.c");
    let built = Command::new(COMPILER)
        .args([
            "-Wall",
            "-Wextra",
            "-Werror",
            "-Wno-cast-function-type",
            "-shared",
            "-O1",
            "-o",
        ])
        .args([&library, &source])
        .args(["-loleaut32", "-luuid"])
        .status()
        .expect("the compiler starts");
    assert!(built.success(), "the mock builds");
    Some(library)
}

/// A Windows whose WMI holds these classes.
fn windows(name: &str, classes: &[(&str, &str)]) -> Option<Windows> {
    let windows = Windows::new(name)?;
    let folder = windows.drive().join("wmi-mock");
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    mock(&folder)?;
    for (path, text) in classes {
        let path = folder.join(path.replace('\\', "/"));
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
        std::fs::write(path, text).expect("a file can be written");
    }
    windows.seed(&SEED.replace('\n', "\r\n"));
    Some(windows)
}

fn report(windows: &Windows, agent: &Path) -> Value {
    let output = windows.run(agent, &["report", "--json"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).expect("a report is JSON")
}

#[test]
fn what_wmi_says_comes_through_with_its_japanese_names() {
    let Some(agent) = agent() else { return };
    let center = "displayName=国産ウイルス対策 プロ\nproductState=266256\n\n\
                  displayName=Windows Defender\nproductState=393472\n";
    let volumes = "DriveLetter=C:\nProtectionStatus=1\nConversionStatus=1\n\n\
                   DriveLetter=D:\nProtectionStatus=0\nConversionStatus=1\n";
    let classes = [(CENTER, center), (VOLUMES, volumes)];
    let Some(windows) = windows("wmi", &classes) else {
        return;
    };
    let report = report(&windows, &agent);
    let antivirus: Antivirus = body(&report);
    let products = antivirus.products.value().expect("products are known");
    let own = products
        .iter()
        .find(|it| it.name == "国産ウイルス対策 プロ");
    let own = own.unwrap_or_else(|| panic!("{products:?}"));
    assert_eq!(own.verdict, AntivirusVerdict::ToConfirm);
    let raw = own.witnesses[0].raw.as_deref();
    assert_eq!(raw, Some("0x41010 on, definitions old"));
    let storage: Storage = body(&report);
    let volumes = storage.encryption.value().expect("volumes are known");
    let shown: Vec<(&str, Option<&str>)> = volumes
        .iter()
        .map(|it| (it.mount.as_str(), it.encryption.as_deref()))
        .collect();
    let suspended = Some("BitLocker (suspended)");
    assert_eq!(shown, [(r"C:\", Some("BitLocker")), (r"D:\", suspended)]);
}

#[test]
fn class_that_never_answers_costs_its_own_fact_and_the_report_is_there() {
    let Some(agent) = agent() else { return };
    let center = "displayName=ESET Security\nproductState=266240\n";
    let Some(windows) = windows("wmi-hang", &[(CENTER, center), (VOLUMES, "HANG\n")]) else {
        return;
    };
    let begun = Instant::now();
    let report = report(&windows, &agent);
    super::told!(
        "with a class that never answers: {:.1} s",
        begun.elapsed().as_secs_f64()
    );
    // Longer than any wait of the agent for it, and no measure of speed.
    assert!(begun.elapsed() < Duration::from_secs(30));
    let storage: Storage = body(&report);
    assert_eq!(storage.encryption.reason(), Some(&Reason::TimedOut));
    assert!(storage.usb_storage.value().is_some());
    let antivirus: Antivirus = body(&report);
    assert_eq!(
        antivirus.verdict.value(),
        Some(&AntivirusVerdict::ToConfirm)
    );
}
