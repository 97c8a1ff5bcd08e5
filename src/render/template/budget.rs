//! How much a template may do: every loop, every value it reads and every text it writes is charged before it happens.
//!
//! The charge depends on the template and its values alone, so that a template is refused on every machine or on none; the
//! deadline is only the last resort.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tera::value::ValueKind;
use tera::{Error, TeraResult, Value};

/// Bytes of one rendered file.
pub(super) const OUTPUT_BYTES: usize = 16 << 20;
/// Bytes looked at or written by all templates of one app together, loops counted as often as they go round.
const WORK: u64 = 64 << 20;
/// Wall time of all templates of one app together.
const TIME: Duration = Duration::from_millis(1200);
/// Bytes of one variable.
pub(super) const VALUE_BYTES: u64 = 1 << 20;
/// Lists and maps within one another.
const VALUE_DEPTH: usize = 32;
/// Blocks within one another.
const BLOCK_DEPTH: u64 = 64;
/// What a value that is not text costs.
const ENTRY: u64 = 16;

/// What is left for the templates of one app.
#[derive(Debug)]
pub(super) struct Budget {
    work: AtomicU64,
    time: Mutex<Clock>,
    depth: AtomicU64,
}

#[derive(Debug)]
struct Clock {
    left: Duration,
    since: Option<Instant>,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            work: AtomicU64::new(WORK),
            time: Mutex::new(Clock {
                left: TIME,
                since: None,
            }),
            depth: AtomicU64::new(0),
        }
    }
}

impl Budget {
    /// Time passes only between `start` and `stop`.
    pub(super) fn start(&self) {
        self.depth.store(0, Ordering::Relaxed);
        self.clock().since = Some(Instant::now());
    }

    pub(super) fn stop(&self) {
        let mut clock = self.clock();
        if let Some(since) = clock.since.take() {
            clock.left = clock.left.saturating_sub(since.elapsed());
        }
    }

    /// Takes `cost` off, or says that nothing is left.
    pub(super) fn charge(&self, cost: u64) -> TeraResult<()> {
        let took = self
            .work
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(cost)
            });
        if took.is_err() {
            self.work.store(0, Ordering::Relaxed);
            return Err(Error::message(
                "the template does more than is allowed: its loops go round too often, or its values are too large",
            ));
        }
        let clock = self.clock();
        match clock.since {
            Some(since) if since.elapsed() > clock.left => Err(Error::message(format!(
                "the template takes longer than {} ms",
                TIME.as_millis()
            ))),
            Some(_) | None => Ok(()),
        }
    }

    /// Charges for looking at `value`, which must be of a size that can be kept in a variable.
    pub(super) fn value(&self, value: &Value) -> TeraResult<()> {
        self.charge(size(value)?)
    }

    /// Goes into a block. Blocks that override one another can go round in a circle.
    pub(super) fn enter(&self) -> TeraResult<()> {
        if self.depth.fetch_add(1, Ordering::Relaxed) >= BLOCK_DEPTH {
            return Err(Error::message(format!(
                "blocks nest deeper than {BLOCK_DEPTH}, or go round in a circle"
            )));
        }
        Ok(())
    }

    pub(super) fn leave(&self) {
        self.depth.fetch_sub(1, Ordering::Relaxed);
    }

    fn clock(&self) -> std::sync::MutexGuard<'_, Clock> {
        self.time.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bytes of a value written out; an error when it is larger or deeper than a variable may be.
pub(super) fn size(value: &Value) -> TeraResult<u64> {
    let mut left = VALUE_BYTES;
    take(value, 0, &mut left)?;
    Ok(VALUE_BYTES - left + 1)
}

fn take(value: &Value, depth: usize, left: &mut u64) -> TeraResult<()> {
    if depth > VALUE_DEPTH {
        return Err(Error::message(format!(
            "a value nests deeper than {VALUE_DEPTH}"
        )));
    }
    let bytes = match value.kind() {
        ValueKind::String => length(value.as_str().unwrap_or_default()),
        ValueKind::Bytes => value.as_bytes().map_or(0, |bytes| bytes.len() as u64),
        _ => ENTRY,
    };
    spend(left, bytes)?;
    for item in value.as_array().unwrap_or_default() {
        take(item, depth + 1, left)?;
    }
    for (key, item) in value.as_map().into_iter().flatten() {
        spend(left, key.as_str().map_or(ENTRY, length))?;
        take(item, depth + 1, left)?;
    }
    Ok(())
}

fn spend(left: &mut u64, bytes: u64) -> TeraResult<()> {
    *left = left
        .checked_sub(bytes)
        .ok_or_else(|| Error::message(format!("a value is larger than {VALUE_BYTES} bytes")))?;
    Ok(())
}

fn length(text: &str) -> u64 {
    text.len() as u64 + 1
}
