//! How often each address may enrol. Comes in: an address and the time; goes out: yes or no. What it
//! remembers stays small: an address that has been quiet is forgotten.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Instant;

/// Above this many addresses, those that have been quiet are forgotten.
const REMEMBERED: usize = 1024;

/// A bucket that fills by `per_second` up to `most`.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at: Instant,
}

/// Rates for each address and in all.
#[derive(Debug)]
pub(super) struct Rate {
    per_address: (f64, f64),
    in_all: (f64, f64),
    all: Bucket,
    by_address: BTreeMap<IpAddr, Bucket>,
}

impl Bucket {
    fn full((_, most): (f64, f64), now: Instant) -> Self {
        Self {
            left: most,
            at: now,
        }
    }

    fn fill(&mut self, (per_second, most): (f64, f64), now: Instant) {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = (self.left + since * per_second).min(most);
        self.at = now;
    }
}

impl Rate {
    pub(super) fn new(per_address: (u32, u32), in_all: (u32, u32), now: Instant) -> Self {
        let float = |(per_second, most): (u32, u32)| (f64::from(per_second), f64::from(most));
        let in_all = float(in_all);
        Self {
            per_address: float(per_address),
            in_all,
            all: Bucket::full(in_all, now),
            by_address: BTreeMap::new(),
        }
    }

    /// Whether one more may come now; an address beyond its own rate takes nothing from the others.
    pub(super) fn admits(&mut self, address: IpAddr, now: Instant) -> bool {
        self.all.fill(self.in_all, now);
        if self.by_address.len() >= REMEMBERED {
            let rate = self.per_address;
            self.by_address.retain(|_, bucket| {
                bucket.fill(rate, now);
                bucket.left < rate.1
            });
        }
        let full = Bucket::full(self.per_address, now);
        let bucket = self.by_address.entry(source(address)).or_insert(full);
        bucket.fill(self.per_address, now);
        if bucket.left < 1.0 || self.all.left < 1.0 {
            return false;
        }
        bucket.left -= 1.0;
        self.all.left -= 1.0;
        true
    }
}

/// One network of IPv6 is one source: a machine has as many addresses there as it likes.
fn source(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn bursts_end_and_fill_again() {
        let now = Instant::now();
        let mut rate = Rate::new((1, 5), (10, 20), now);
        let address = IpAddr::from([10, 0, 0, 1]);
        let admitted = (0..9).filter(|_| rate.admits(address, now)).count();
        assert_eq!(admitted, 5);
        assert!(
            rate.admits(IpAddr::from([10, 0, 0, 2]), now),
            "others are not held up"
        );
        let later = now + Duration::from_secs(1);
        assert!(rate.admits(address, later) && !rate.admits(address, later));
    }

    #[test]
    fn many_addresses_share_one_rate_and_are_forgotten() {
        let mut now = Instant::now();
        let mut rate = Rate::new((1, 5), (10, 20), now);
        let from = |number: u32| IpAddr::from(number.to_be_bytes());
        assert_eq!((0..100).filter(|n| rate.admits(from(*n), now)).count(), 20);
        for number in 0..5000 {
            now += Duration::from_secs(1);
            assert!(rate.admits(from(number), now));
        }
        assert!(rate.by_address.len() <= REMEMBERED);
    }

    #[test]
    fn one_network_of_ipv6_is_one_source() {
        let now = Instant::now();
        let mut rate = Rate::new((1, 5), (10, 20), now);
        let from = |last: u16| IpAddr::from([0xfd00, 0, 0, 1, 0, 0, 0, last]);
        assert_eq!(
            (0..20).filter(|last| rate.admits(from(*last), now)).count(),
            5
        );
    }
}
