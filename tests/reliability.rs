//! Promises that are counted: many bad moments in a row, and a number that must be zero.
//!
//! The runs in the suite are short. `PUSHBOAT_LONG_TESTS=1` makes them as long as `docs/reliability.md` says.

mod decoys;
mod faults;
mod mass_deletion;
mod pairs;
mod read_faults;

use crate::support::ControlPlane;

fn plane() -> &'static ControlPlane {
    ControlPlane::shared()
}

/// A random number generator that a seed determines (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// A number below `n`.
    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }
}
