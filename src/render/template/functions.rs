//! What a template can call beside the pure filters of the language: replacements for those whose result may be far larger
//! than what they are given, a few that manifests need, and the checks that [`super::guard`] puts into every template.
//!
//! There is none that reads a file, the environment, the network, the clock or random numbers.

use std::sync::Arc;

use base64::Engine as _;
use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

use super::budget::{Budget, VALUE_BYTES, size};
use super::guard::{COND, DEFINED, ENTER, LEAVE, LOOP, OUT, TICK, VALUE};

/// The message of an error that [`super::engine`] says better, because it knows the source.
pub(super) const UNDEFINED: &str = "pushboat:undefined";
/// Elements of a `range`.
const RANGE: i64 = 10_000;

pub(super) fn register(tera: &mut Tera, budget: &Arc<Budget>) {
    checks(tera, budget);
    bounded(tera, budget);
    own(tera);
    for name in [
        "escape",
        "escape_html",
        "escape_xml",
        "newlines_to_br",
        "safe",
    ] {
        tera.register_filter(name, move |_: &Value, _: Kwargs, _: &State<'_>| {
            Err::<Value, _>(Error::message(format!(
                "the filter `{name}` is for HTML, not for manifests"
            )))
        });
    }
}

/// The checks in every template.
fn checks(tera: &mut Tera, budget: &Arc<Budget>) {
    let left = budget.clone();
    tera.register_function(TICK, move |kwargs: Kwargs, _: &State<'_>| {
        left.charge(kwargs.must_get::<u64>("n")?)?;
        Ok::<_, Error>(String::new())
    });
    let left = budget.clone();
    tera.register_function(ENTER, move |kwargs: Kwargs, _: &State<'_>| {
        left.enter()?;
        left.charge(kwargs.must_get::<u64>("n")?)?;
        Ok::<_, Error>(String::new())
    });
    let left = budget.clone();
    tera.register_function(LEAVE, move |_: Kwargs, _: &State<'_>| {
        left.leave();
        String::new()
    });
    let left = budget.clone();
    tera.register_filter(OUT, move |value: &Value, _: Kwargs, _: &State<'_>| {
        defined(value)?;
        if value.is_array() || value.is_map() {
            return Err(Error::message(
                "a list or a map cannot be written as it is: `| json` makes YAML of it",
            ));
        }
        left.value(value)?;
        Ok::<_, Error>(value.clone())
    });
    for name in [DEFINED, VALUE, COND] {
        let left = budget.clone();
        tera.register_filter(name, move |value: &Value, _: Kwargs, _: &State<'_>| {
            defined(value)?;
            left.value(value)?;
            Ok::<_, Error>(value.clone())
        });
    }
    let left = budget.clone();
    tera.register_filter(LOOP, move |value: &Value, kwargs: Kwargs, _: &State<'_>| {
        defined(value)?;
        left.value(value)?;
        let rounds = value.len().unwrap_or_default() as u64;
        left.charge(rounds.saturating_mul(kwargs.must_get::<u64>("n")?))?;
        Ok::<_, Error>(value.clone())
    });
}

fn defined(value: &Value) -> TeraResult<()> {
    if value.is_undefined() {
        return Err(Error::new(tera::ErrorKind::InvalidArgument {
            expected_type: UNDEFINED.to_owned(),
            actual_type: String::new(),
        }));
    }
    Ok(())
}

/// Functions of the language whose result can be far larger than their input.
fn bounded(tera: &mut Tera, budget: &Arc<Budget>) {
    tera.register_function("range", |kwargs: Kwargs, _: &State<'_>| range(&kwargs));
    tera.register_filter("replace", |text: &str, kwargs: Kwargs, _: &State<'_>| {
        let (from, to) = (
            kwargs.must_get::<&str>("from")?,
            kwargs.must_get::<&str>("to")?,
        );
        if from.is_empty() {
            return Err(Error::message("`from` of `replace` is empty"));
        }
        fits(text.len() + text.matches(from).count() * to.len())?;
        Ok::<_, Error>(text.replace(from, to))
    });
    tera.register_filter("join", |items: &[Value], kwargs: Kwargs, _: &State<'_>| {
        let separator = kwargs.get::<&str>("sep")?.unwrap_or_default();
        fits(items.len() * separator.len())?;
        let mut texts = Vec::with_capacity(items.len());
        let mut bytes = items.len() * separator.len();
        for item in items {
            let text = text_of(item)?;
            bytes += text.len();
            fits(bytes)?;
            texts.push(text);
        }
        Ok::<_, Error>(texts.join(separator))
    });
    tera.register_filter("str", |value: &Value, _: Kwargs, _: &State<'_>| {
        text_of(value)
    });
    tera.register_filter("indent", |text: &str, kwargs: Kwargs, _: &State<'_>| {
        indent(text, &kwargs)
    });
    let left = budget.clone();
    tera.register_filter(
        "unique",
        move |items: &[Value], _: Kwargs, _: &State<'_>| {
            let n = items.len() as u64;
            left.charge(n.saturating_mul(n))?;
            let mut found: Vec<Value> = Vec::new();
            for item in items {
                if !found.contains(item) {
                    found.push(item.clone());
                }
            }
            Ok::<_, Error>(found)
        },
    );
}

/// What manifests need.
fn own(tera: &mut Tera) {
    for name in ["json", "quote"] {
        tera.register_filter(name, move |value: &Value, _: Kwargs, _: &State<'_>| {
            defined(value)?;
            size(value)?;
            let text = match name {
                "quote" => serde_json::to_string(&text_of(value)?),
                _ => serde_json::to_string(value),
            };
            let text = text.map_err(|error| Error::message(error.to_string()))?;
            fits(text.len())?;
            Ok::<_, Error>(text)
        });
    }
    tera.register_filter("base64", |text: &str, _: Kwargs, _: &State<'_>| {
        fits(text.len() * 2)?;
        Ok::<_, Error>(base64::engine::general_purpose::STANDARD.encode(text))
    });
}

fn range(kwargs: &Kwargs) -> TeraResult<Vec<i64>> {
    let start = kwargs.get::<i64>("start")?.unwrap_or_default();
    let end = kwargs.must_get::<i64>("end")?;
    let step = kwargs.get::<i64>("step_by")?.unwrap_or(1);
    if step < 1 || end < start {
        return Err(Error::message(
            "`range` goes up only: `start` must not exceed `end`, `step_by` must be 1 or more",
        ));
    }
    let span = end.checked_sub(start).filter(|span| span / step < RANGE);
    if span.is_none() {
        return Err(Error::message(format!(
            "`range` has more than {RANGE} elements"
        )));
    }
    let step = usize::try_from(step).unwrap_or(usize::MAX);
    Ok((start..end).step_by(step).collect())
}

/// Every line but the first and empty ones `width` deeper.
fn indent(text: &str, kwargs: &Kwargs) -> TeraResult<String> {
    let width = kwargs.get::<u64>("width")?.unwrap_or(4).min(1000);
    let is_first_too = kwargs.get::<bool>("first")?.unwrap_or_default();
    let is_blank_too = kwargs.get::<bool>("blank")?.unwrap_or_default();
    let pad = " ".repeat(usize::try_from(width).unwrap_or_default());
    fits(text.len() + text.split('\n').count() * pad.len())?;
    let mut out = String::new();
    for (n, line) in text.split_inclusive('\n').enumerate() {
        let is_blank = line.trim_end_matches(['\n', '\r']).is_empty();
        if (n > 0 || is_first_too) && (!is_blank || is_blank_too) {
            out.push_str(&pad);
        }
        out.push_str(line);
    }
    Ok(out)
}

fn text_of(value: &Value) -> TeraResult<String> {
    defined(value)?;
    size(value)?;
    let text = value.to_string();
    fits(text.len())?;
    Ok(text)
}

fn fits(bytes: usize) -> TeraResult<()> {
    if bytes as u64 > VALUE_BYTES {
        return Err(Error::message(format!(
            "a value is larger than {VALUE_BYTES} bytes"
        )));
    }
    Ok(())
}
