//! Places for connections, in all and for each address. Comes in: an address; goes out: a pass that
//! gives its place back when it is dropped, or none. It never waits.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The door of one listener.
#[derive(Debug)]
pub(crate) struct Door {
    most: usize,
    most_per_address: usize,
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    all: usize,
    by_address: BTreeMap<IpAddr, usize>,
    refused: u64,
    noted: Option<Instant>,
}

/// One place, as long as it lives.
#[derive(Debug)]
pub(crate) struct Pass {
    door: Arc<Door>,
    address: IpAddr,
}

impl Door {
    pub(crate) fn new(most: usize, most_per_address: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            most_per_address,
            inside: Mutex::default(),
        })
    }

    fn inside(&self) -> std::sync::MutexGuard<'_, Inside> {
        // Numbers are whole at every moment, also after a panic elsewhere.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place, if there is one.
    pub(crate) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Pass> {
        let mut inside = self.inside();
        let here = inside.by_address.get(&address).copied().unwrap_or(0);
        if inside.all >= self.most || here >= self.most_per_address {
            inside.refused += 1;
            return None;
        }
        inside.all += 1;
        inside.by_address.insert(address, here + 1);
        Some(Pass {
            door: Arc::clone(self),
            address,
        })
    }

    /// At most one line a second, so that a flood of connections is not a flood of lines.
    pub(crate) fn note_refused(&self, stage: &'static str, peer: SocketAddr) {
        let mut inside = self.inside();
        let quiet = Duration::from_secs(1);
        if inside.noted.is_some_and(|noted| noted.elapsed() < quiet) {
            return;
        }
        inside.noted = Some(Instant::now());
        let refused = std::mem::take(&mut inside.refused);
        drop(inside);
        tracing::warn!(stage, %peer, code = "NET-014", refused, "too many connections");
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut inside = self.door.inside();
        inside.all = inside.all.saturating_sub(1);
        if let Some(here) = inside.by_address.get_mut(&self.address) {
            *here = here.saturating_sub(1);
            if *here == 0 {
                inside.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_given_back() {
        let door = Door::new(3, 2);
        let (a, b) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let first = door.enter(a).unwrap();
        let _second = door.enter(a).unwrap();
        assert!(door.enter(a).is_none(), "two from one address");
        let _third = door.enter(b).unwrap();
        assert!(door.enter(b).is_none(), "three in all");
        drop(first);
        let again = door.enter(b).unwrap();
        drop(again);
        assert_eq!(door.inside().by_address.len(), 2);
    }
}
