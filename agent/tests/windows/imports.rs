//! The import gate: everything that the programs import has to be in Windows 7 SP1.

use std::collections::{BTreeMap, BTreeSet};

use object::LittleEndian as LE;
use object::pe::{ImageNtHeaders32, ImageNtHeaders64};
use object::read::pe::{ImageNtHeaders, ImageOptionalHeader, Import, PeFile};

/// Function names by DLL, in lower case.
type Functions = BTreeMap<String, BTreeSet<String>>;

/// The largest program that is let through. The aim of the project is 3 MB.
const BYTES_MAX: usize = 4_900_000;
/// Windows 7 and Server 2008 R2.
const WINDOWS_7: (u16, u16) = (6, 1);

/// What one program asks of the system.
#[derive(Debug, Default)]
struct Asked {
    functions: Functions,
    /// The oldest Windows that its header lets it run on.
    oldest: (u16, u16),
}

fn known() -> Functions {
    let mut known = Functions::new();
    for text in [include_str!("metadata.txt"), include_str!("reviewed.txt")] {
        let mut library = String::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let name = line.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
            if let Some(name) = name {
                name.clone_into(&mut library);
                continue;
            }
            let functions = known.entry(library.clone()).or_default();
            functions.extend(line.split_whitespace().map(str::to_owned));
        }
    }
    known.remove("");
    known
}

fn asked(program: &[u8]) -> Result<Asked, String> {
    match object::FileKind::parse(program) {
        Ok(object::FileKind::Pe64) => asked_of::<ImageNtHeaders64>(program),
        Ok(object::FileKind::Pe32) => asked_of::<ImageNtHeaders32>(program),
        other => Err(format!("no program of Windows: {other:?}")),
    }
    .map_err(|error| format!("cannot be read: {error}"))
}

fn asked_of<Pe: ImageNtHeaders>(program: &[u8]) -> Result<Asked, String> {
    let text = |error: object::Error| error.to_string();
    let file = PeFile::<Pe>::parse(program).map_err(text)?;
    let header = file.nt_headers().optional_header();
    let mut asked = Asked {
        oldest: (
            header.major_subsystem_version(),
            header.minor_subsystem_version(),
        ),
        ..Asked::default()
    };
    if let Some(table) = file.import_table().map_err(text)? {
        let mut libraries = table.descriptors().map_err(text)?;
        while let Some(library) = libraries.next().map_err(text)? {
            let name = table.name(library.name.get(LE)).map_err(text)?;
            let mut thunks = table
                .thunks(library.original_first_thunk.get(LE))
                .map_err(text)?;
            let functions = functions_of(&mut asked, name);
            while let Some(thunk) = thunks.next::<Pe>().map_err(text)? {
                functions.insert(shown(&table.import::<Pe>(thunk).map_err(text)?));
            }
        }
    }
    let directories = file.data_directories();
    let sections = file.section_table();
    let delayed = directories.delay_load_import_table(program, &sections);
    if let Some(table) = delayed.map_err(text)? {
        let mut libraries = table.descriptors().map_err(text)?;
        while let Some(library) = libraries.next().map_err(text)? {
            let name = table.name(library.dll_name_rva.get(LE)).map_err(text)?;
            let mut thunks = table
                .thunks(library.import_name_table_rva.get(LE))
                .map_err(text)?;
            let functions = functions_of(&mut asked, name);
            while let Some(thunk) = thunks.next::<Pe>().map_err(text)? {
                functions.insert(shown(&table.import::<Pe>(thunk).map_err(text)?));
            }
        }
    }
    Ok(asked)
}

fn functions_of<'asked>(asked: &'asked mut Asked, library: &[u8]) -> &'asked mut BTreeSet<String> {
    let library = String::from_utf8_lossy(library).to_ascii_lowercase();
    asked.functions.entry(library).or_default()
}

/// A number instead of a name is in no list, and so never let through.
fn shown(import: &Import<'_>) -> String {
    match import {
        Import::Ordinal(number) => format!("#{number}"),
        Import::Name(_, name) => String::from_utf8_lossy(name).into_owned(),
    }
}

/// What Windows 7 SP1 has not, one line for each.
fn refused(asked: &Asked, known: &Functions) -> Vec<String> {
    let mut refused = Vec::new();
    if asked.oldest > WINDOWS_7 {
        refused.push(format!("its header wants Windows {:?}", asked.oldest));
    }
    for (library, functions) in &asked.functions {
        let Some(known) = known.get(library) else {
            refused.push(format!("{library} is not on the list"));
            continue;
        };
        let missing = functions.difference(known);
        refused.extend(missing.map(|name| format!("{library}!{name} is not in Windows 7 SP1")));
    }
    refused
}

#[test]
fn the_programs_import_only_what_windows_7_sp1_has() {
    let known = known();
    for path in super::shipped() {
        let program = std::fs::read(&path).expect("the program can be read");
        let asked = asked(&program).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let count: usize = asked.functions.values().map(BTreeSet::len).sum();
        let libraries: Vec<&str> = asked.functions.keys().map(String::as_str).collect();
        super::told!(
            "{}: {} bytes, {count} functions of {} DLLs ({}), Windows {:?} and newer",
            path.display(),
            program.len(),
            libraries.len(),
            libraries.join(" "),
            asked.oldest,
        );
        // A program that asks for nothing was not read.
        assert!(count > 50, "{asked:?}");
        assert_eq!(refused(&asked, &known), Vec::<String>::new());
        assert!(program.len() <= BYTES_MAX, "{} bytes", program.len());
    }
}

/// The agent waits for no peer, and starts nothing but itself (`worker`, in
/// `platform/windows/wmi.rs`): then it has no need of what opens documents or borrows an account, and
/// names no program of the system.
#[test]
fn the_programs_open_no_port_and_name_no_program_to_start() {
    let unwanted = [
        "CreateProcessA",
        "CreateProcessAsUserW",
        "CreateProcessWithTokenW",
        "WinExec",
        "ShellExecuteW",
        "ShellExecuteExW",
        "listen",
        "accept",
        "AcceptEx",
    ];
    let programs = [
        "powershell",
        "pwsh",
        "wmic",
        "netsh",
        "reg.exe",
        "sc.exe",
        "schtasks",
        "systeminfo.exe",
        "Win32_Product",
    ];
    for path in super::shipped() {
        let program = std::fs::read(&path).expect("the program can be read");
        let asked = asked(&program).expect("a program of Windows");
        let all: BTreeSet<&str> = asked
            .functions
            .values()
            .flatten()
            .map(String::as_str)
            .collect();
        for name in unwanted {
            assert!(!all.contains(name), "{}: {name}", path.display());
        }
        let lower = program.to_ascii_lowercase();
        for name in programs {
            let name = name.to_ascii_lowercase();
            let wide: Vec<u8> = name.bytes().flat_map(|byte| [byte, 0]).collect();
            for bytes in [name.as_bytes(), &wide] {
                let mut windows = lower.windows(bytes.len());
                assert!(!windows.any(|it| it == bytes), "{}: {name}", path.display());
            }
        }
    }
}

#[test]
fn what_is_newer_than_windows_7_is_refused() {
    let known = known();
    let ask = |library: &str, name: &str| {
        let functions = BTreeSet::from([name.to_owned()]);
        let asked = Asked {
            functions: BTreeMap::from([(library.to_owned(), functions)]),
            oldest: (6, 1),
        };
        refused(&asked, &known)
    };
    assert_eq!(ask("kernel32.dll", "CreateFileW"), Vec::<String>::new());
    assert_eq!(ask("ws2_32.dll", "WSAStartup"), Vec::<String>::new());
    // Windows 8, 10, 8.1 and 8 again: what an unfinished build imports and Windows 7 has not.
    for (library, name) in [
        ("kernel32.dll", "GetSystemTimePreciseAsFileTime"),
        ("kernel32.dll", "SetThreadDescription"),
        ("ws2_32.dll", "GetHostNameW"),
        ("combase.dll", "CoCreateFreeThreadedMarshaler"),
        ("bcryptprimitives.dll", "ProcessPrng"),
        ("kernel32.dll", "#12"),
    ] {
        assert_eq!(ask(library, name).len(), 1, "{library}!{name}");
    }
    let asked = Asked {
        oldest: (6, 2),
        ..Asked::default()
    };
    assert_eq!(refused(&asked, &known).len(), 1);
    assert!(asked_text_is_refused());
}

fn asked_text_is_refused() -> bool {
    asked(b"MZ, and nothing behind it").is_err()
}
