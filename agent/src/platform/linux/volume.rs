//! Volumes on devices of this machine. Comes in: the mount table; goes out: each volume once with
//! its size, and why the list is not complete. A volume that does not answer holds up neither the
//! agent nor the others, and is not asked again before it has answered.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use daicho_report::Reason;

use super::super::{RawVolume, space};
use super::file::file;
use super::mount::{Mount, mounts};

#[cfg(test)]
#[path = "volume/tests.rs"]
mod tests;

/// All volumes together.
const WAIT: Duration = Duration::from_secs(2);
/// One of them: the others are to have their turn.
const WAIT_ONE: Duration = Duration::from_millis(600);
/// Threads that wait for volumes that never answer.
const STUCK_MAX: usize = 4;
const VOLUMES_MAX: usize = 1_000;
/// The question needs next to nothing.
const STACK_BYTES: usize = 64 << 10;

/// Size and free bytes; `None`: the system refused.
type Room = Option<(u64, u64)>;

/// Who asks volumes, and which of them have not answered yet.
#[derive(Debug, Clone, Default)]
struct Asker {
    /// Places whose thread has not come back.
    stuck: Arc<Mutex<BTreeSet<Vec<u8>>>>,
}

/// The volumes, sorted, and why there may be more.
pub(super) fn volumes() -> (Vec<RawVolume>, Option<Reason>) {
    static ASKER: Mutex<Option<Asker>> = Mutex::new(None);

    let mounts = match mounts() {
        Ok(mounts) => chosen(mounts),
        Err(miss) => return (Vec::new(), Some(miss.reason())),
    };
    // Held throughout: what one question asks is not stuck for another.
    let mut asker = ASKER.lock().unwrap_or_else(PoisonError::into_inner);
    let asker = asker.get_or_insert_default();
    let (rooms, missed) = asker.ask(&mounts, WAIT, WAIT_ONE, room);
    let mut volumes: Vec<RawVolume> = mounts
        .into_iter()
        .zip(rooms)
        .filter_map(|(mount, room)| {
            let (total, free) = room?;
            Some(RawVolume {
                removable: removable(&mount),
                mount: mount.place,
                file_system: mount.kind,
                device: mount.device,
                total,
                free,
            })
        })
        .collect();
    volumes.sort();
    (volumes, missed)
}

/// Mounts of volumes of this machine, each volume once: a whole file system before a part of it
/// that is mounted elsewhere too, and the root before other parts.
fn chosen(mounts: Vec<Mount>) -> Vec<Mount> {
    let mut local: Vec<Mount> = mounts.into_iter().filter(is_volume).collect();
    local.sort_by_key(|mount| {
        // Files of a container that its engine has laid there come last.
        let is_setting = mount.place.starts_with("/etc/");
        (mount.root != "/", mount.place != "/", is_setting)
    });
    let mut seen = BTreeSet::new();
    local.retain(|mount| seen.insert(volume(mount).to_owned()));
    local.truncate(VOLUMES_MAX);
    local
}

fn is_volume(mount: &Mount) -> bool {
    let device = mount.device.as_str();
    let on_device = device.starts_with("/dev/") && !device.starts_with("/dev/loop");
    !mount.waits() && (on_device || mount.kind == "zfs")
}

/// What is one volume: a device, or a pool with all its file systems.
fn volume(mount: &Mount) -> &str {
    match mount.kind.as_str() {
        "zfs" => mount.device.split('/').next().unwrap_or_default(),
        _ => &mount.device,
    }
}

/// A partition's mark is that of the disk it stands on: the folder above it in sysfs.
fn removable(mount: &Mount) -> bool {
    let name = mount.device.trim_start_matches("/dev/");
    [
        format!("/sys/dev/block/{}", mount.number),
        format!("/sys/class/block/{name}"),
    ]
    .iter()
    .find_map(|folder| {
        let own = file(&format!("{folder}/removable"), 16);
        own.or_else(|_| file(&format!("{folder}/../removable"), 16))
            .ok()
    })
    .is_some_and(|flag| flag.starts_with(b"1"))
}

impl Asker {
    /// Asks all mounts on threads of their own, one after the other; whoever does not answer in
    /// time is left behind.
    fn ask(
        &self,
        mounts: &[Mount],
        wait: Duration,
        wait_one: Duration,
        room: fn(&Mount) -> Room,
    ) -> (Vec<Room>, Option<Reason>) {
        let end = Instant::now() + wait;
        let mut rooms: Vec<Room> = Vec::new();
        let mut missed = None;
        let mut running: Option<Receiver<Room>> = None;
        while let Some(next) = mounts.get(rooms.len()) {
            let left = end.saturating_duration_since(Instant::now());
            if self.stuck().contains(&next.path) && running.is_none() || left.is_zero() {
                missed = Some(Reason::TimedOut);
                rooms.push(None);
                continue;
            }
            let answers = match running.take() {
                Some(answers) => answers,
                None => match self.start(mounts.get(rooms.len()..).unwrap_or_default(), room) {
                    Ok(answers) => answers,
                    Err(reason) => {
                        missed = Some(reason);
                        rooms.push(None);
                        continue;
                    }
                },
            };
            match answers.recv_timeout(left.min(wait_one)) {
                Ok(room) => {
                    rooms.push(room);
                    running = Some(answers);
                }
                Err(RecvTimeoutError::Timeout) => {
                    missed = Some(Reason::TimedOut);
                    rooms.push(None);
                }
                // The thread stopped before one that is stuck since earlier.
                Err(RecvTimeoutError::Disconnected) if self.stuck().contains(&next.path) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    missed = Some(Reason::failed("thread"));
                    rooms.push(None);
                }
            }
        }
        (rooms, missed)
    }

    /// A thread that asks these one after the other, up to one that is known to be stuck.
    fn start(&self, mounts: &[Mount], room: fn(&Mount) -> Room) -> Result<Receiver<Room>, Reason> {
        if self.stuck().len() >= STUCK_MAX {
            return Err(Reason::TimedOut);
        }
        let (sender, answers) = channel();
        let (asker, mounts) = (self.clone(), mounts.to_vec());
        let ask = move || {
            for mount in &mounts {
                if !asker.stuck().insert(mount.path.clone()) {
                    return;
                }
                let answer = room(mount);
                asker.stuck().remove(&mount.path);
                if sender.send(answer).is_err() {
                    // Nobody waits any more.
                    return;
                }
            }
        };
        std::thread::Builder::new()
            .name("volumes".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(ask)
            .map_err(|error| Reason::failed(error.kind().to_string()))?;
        Ok(answers)
    }

    fn stuck(&self) -> MutexGuard<'_, BTreeSet<Vec<u8>>> {
        self.stuck.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Size and free bytes of the volume mounted at a path.
fn room(mount: &Mount) -> Room {
    let space = space::of(Path::new(OsStr::from_bytes(&mount.path))).ok()?;
    Some((space.total, space.available))
}
