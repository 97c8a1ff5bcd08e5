//! `generators`, `transformers` and `validators`: built-in ones given as objects.

use super::accumulate::{Accumulator, Layer, Walker};
use super::kustomization::Item;
use crate::error::{Error, Result};

/// Runs `generators`.
pub fn generate(
    _walker: &mut Walker<'_>,
    _acc: &mut Accumulator,
    _layer: &Layer<'_>,
    items: &[Item],
) -> Result<()> {
    refuse(items, "generators")
}

/// Runs `transformers`.
pub fn transform(
    _walker: &mut Walker<'_>,
    _acc: &mut Accumulator,
    _layer: &Layer<'_>,
    items: &[Item],
    field: &str,
) -> Result<()> {
    refuse(items, field)
}

/// Runs `validators`.
pub fn validate(
    _walker: &mut Walker<'_>,
    _acc: &mut Accumulator,
    _layer: &Layer<'_>,
    items: &[Item],
) -> Result<()> {
    refuse(items, "validators")
}

fn refuse(items: &[Item], field: &str) -> Result<()> {
    match items.first() {
        Some(item) => Err(Error::render(format!(
            "`{field}` is not supported: `{}`",
            item.text
        ))),
        None => Ok(()),
    }
}
