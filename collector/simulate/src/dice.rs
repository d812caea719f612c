//! Chance that is always the same. Comes in: the seed and the name of a question; goes out: the same
//! answers whenever they are asked. Two questions never share a stream, so that a new one changes no
//! answer of another.

use daicho_report::Hash;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// A stream of answers.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream of this question.
    pub(crate) fn of(seed: u64, question: &str) -> Self {
        let hash = Hash::of(format!("daicho simulate 1\n{seed}\n{question}").as_bytes());
        Self(ChaCha8Rng::from_seed(*hash.bytes()))
    }

    /// A number from 0 up to, not including, `end`; 0 when `end` is 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.0.next_u64() % end).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// The same for seconds and other whole numbers.
    pub(crate) fn seconds(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high.saturating_sub(low)).unwrap_or(0) + 1;
        low + i64::try_from(self.0.next_u64() % span).unwrap_or(0)
    }

    /// Yes in so many of a hundred cases.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of them; the table must not be empty.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let n = self.below(from.len());
        &from[n]
    }

    /// One byte.
    pub(crate) fn byte(&mut self) -> u8 {
        let [byte, ..] = self.0.next_u32().to_le_bytes();
        byte
    }

    /// Sixteen bytes, for ids.
    pub(crate) fn bytes16(&mut self) -> [u8; 16] {
        std::array::from_fn(|_| self.byte())
    }

    /// So many digits and letters out of `of`.
    pub(crate) fn text(&mut self, length: usize, of: &[u8]) -> String {
        (0..length).map(|_| char::from(*self.pick(of))).collect()
    }

    /// A UUID in lower case.
    pub(crate) fn uuid(&mut self) -> String {
        let hex: String = self.bytes16().iter().map(|b| format!("{b:02x}")).collect();
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        format!(
            "{}-{}-4{}-a{}-{}",
            part(0, 8),
            part(8, 12),
            part(13, 16),
            part(17, 20),
            part(20, 32)
        )
    }
}

/// Capital letters and digits, for serial numbers.
pub(crate) const SERIAL: &[u8] = b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Hexadecimal digits.
pub(crate) const HEX: &[u8] = b"0123456789abcdef";
/// Digits.
pub(crate) const DIGITS: &[u8] = b"0123456789";
