//! What a scalar means: null, boolean, number, text or time, as the two Go readers decide it.
//!
//! Both readers share one set of rules; the older one (`kubectl`) adds the booleans of YAML 1.1 and leaves times as text.

use std::borrow::Cow;

use serde_json::{Number, Value};

use super::{Dialect, Scalar, Style, timestamp};

/// A scalar with its type.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Typed<'a> {
    Null,
    Bool(bool),
    Int(i64),
    /// A whole number beyond `i64`.
    Uint(u64),
    Float(f64),
    Text(Cow<'a, str>),
    /// A date or time, in the form in which it goes on as text.
    Time(String),
}

pub const TAGS: &str = "tag:yaml.org,2002:";

/// Types a scalar by its tag, its style and, when it is plain, its text.
pub(super) fn typed<'a>(
    scalar: &'a Scalar,
    tag: Option<&str>,
    dialect: Dialect,
) -> Result<Typed<'a>, String> {
    let text = &*scalar.text;
    let is_quoted = scalar.style != Style::Plain;
    match tag {
        None if is_quoted => Ok(Typed::Text(text.into())),
        None => plain(text, dialect, true),
        // The non-specific tag: the older reader takes it for an unknown one, the newer for none.
        Some("!") if !is_quoted && dialect == Dialect::Kustomize => plain(text, dialect, true),
        Some(tag) => match tag.strip_prefix(TAGS) {
            Some("binary") => binary(text),
            Some(name @ ("bool" | "int" | "float" | "null" | "timestamp")) => {
                demanded(text, name, dialect)
            }
            _ => Ok(Typed::Text(text.into())),
        },
    }
}

/// A scalar whose tag demands a type.
fn demanded<'a>(text: &'a str, name: &str, dialect: Dialect) -> Result<Typed<'a>, String> {
    if name == "timestamp" {
        return match timestamp::normalise(text) {
            Some(time) if dialect == Dialect::Kustomize => Ok(Typed::Time(time?)),
            Some(_) => Ok(Typed::Text(text.into())),
            None => Err(not_as_tagged(name)),
        };
    }
    match (name, plain(text, dialect, false)?) {
        ("null", Typed::Null) => Ok(Typed::Null),
        ("bool", Typed::Bool(value)) => Ok(Typed::Bool(value)),
        ("int", value @ (Typed::Int(_) | Typed::Uint(_))) => Ok(value),
        ("float", Typed::Float(value)) => Ok(Typed::Float(value)),
        #[expect(clippy::cast_precision_loss, reason = "a float was asked for")]
        ("float", Typed::Int(value)) => Ok(Typed::Float(value as f64)),
        _ => Err(not_as_tagged(name)),
    }
}

/// The value itself is not told: it may be a Secret's.
fn not_as_tagged(name: &str) -> String {
    format!("the value is no {name}, as its tag demands")
}

/// The bytes behind base64 as text; what is no UTF-8 becomes replacement characters, one a byte.
fn binary(text: &str) -> Result<Typed<'_>, String> {
    use base64::Engine as _;
    let packed: String = text.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(packed)
        .map_err(|_| "`!!binary` holds no valid base64".to_owned())?;
    let mut decoded = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        decoded.push_str(chunk.valid());
        decoded.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Ok(Typed::Text(decoded.into()))
}

/// Types a plain scalar by its text alone.
fn plain(text: &str, dialect: Dialect, times: bool) -> Result<Typed<'_>, String> {
    let Some(&first) = text.as_bytes().first() else {
        return Ok(Typed::Null);
    };
    let typed = match first {
        b'0'..=b'9' | b'+' | b'-' => {
            if times
                && dialect == Dialect::Kustomize
                && let Some(time) = timestamp::normalise(text)
            {
                return Ok(Typed::Time(time?));
            }
            special_float(text)
                .map(Typed::Float)
                .or_else(|| number(text, dialect))
        }
        b'.' => special_float(text)
            .or_else(|| fraction(text))
            .map(Typed::Float),
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => {
            word(text, dialect)
        }
        _ => None,
    };
    Ok(typed.unwrap_or(Typed::Text(text.into())))
}

fn word(text: &str, dialect: Dialect) -> Option<Typed<'static>> {
    Some(match text {
        "~" | "null" | "Null" | "NULL" => Typed::Null,
        "true" | "True" | "TRUE" => Typed::Bool(true),
        "false" | "False" | "FALSE" => Typed::Bool(false),
        _ if dialect == Dialect::Kustomize => return None,
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Typed::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Typed::Bool(false),
        _ => return None,
    })
}

fn special_float(text: &str) -> Option<f64> {
    match text {
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// A number that starts with a digit or a sign; underscores may stand anywhere in it.
fn number(text: &str, dialect: Dialect) -> Option<Typed<'static>> {
    let digits: Cow<'_, str> = if text.contains('_') {
        text.replace('_', "").into()
    } else {
        text.into()
    };
    integer(&digits)
        .or_else(|| float(&digits).map(Typed::Float))
        .or_else(|| with_inner_sign(&digits, "0b", 2))
        .or_else(|| match dialect {
            Dialect::Kustomize => with_inner_sign(&digits, "0o", 8),
            Dialect::Kubectl => None,
        })
}

/// Go's integer literals: `12`, `0x1F`, `0b11`, `0o17` and `017`, each with a sign.
fn integer(text: &str) -> Option<Typed<'static>> {
    let (negative, signed, body) = match text.as_bytes().first()? {
        b'-' => (true, true, &text[1..]),
        b'+' => (false, true, &text[1..]),
        _ => (false, false, text),
    };
    let (radix, digits) = match body.as_bytes() {
        [b'0', b'x' | b'X', _, ..] => (16, &body[2..]),
        [b'0', b'b' | b'B', _, ..] => (2, &body[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &body[2..]),
        [b'0', _, ..] => (8, &body[1..]),
        _ => (10, body),
    };
    // The standard parser would take one more sign.
    if !digits.as_bytes().first()?.is_ascii_alphanumeric() {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    if negative {
        return 0i64.checked_sub_unsigned(magnitude).map(Typed::Int);
    }
    match i64::try_from(magnitude) {
        Ok(value) => Some(Typed::Int(value)),
        Err(_) if signed => None,
        Err(_) => Some(Typed::Uint(magnitude)),
    }
}

/// `0b-1`: a quirk of both readers, which look at what follows `0b` once more. That of kustomize does so with `0o`, too.
fn with_inner_sign(text: &str, prefix: &str, radix: u32) -> Option<Typed<'static>> {
    let digits = text.strip_prefix(prefix)?;
    i64::from_str_radix(digits, radix).ok().map(Typed::Int)
}

/// A float that starts with its point: an underscore may stand between two digits only.
fn fraction(text: &str) -> Option<f64> {
    if !text.contains('_') {
        return float(text);
    }
    let between_digits = |at: usize| {
        let is_digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
        at > 0 && is_digit(at - 1) && is_digit(at + 1)
    };
    let all = text.match_indices('_').all(|(at, _)| between_digits(at));
    all.then(|| float(&text.replace('_', "")))?
}

/// A decimal float; what overflows is no number at all.
fn float(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes[from..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count()
    };
    let mut at = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let whole = digits(at);
    at += whole;
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        let fraction = digits(at);
        at += fraction;
        if whole == 0 && fraction == 0 {
            return None;
        }
    } else if whole == 0 {
        return None;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        at += 1;
        at += usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
        let exponent = digits(at);
        at += exponent;
        if exponent == 0 {
            return None;
        }
    }
    if at != bytes.len() {
        return None;
    }
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

impl Typed<'_> {
    /// The JSON value, as it is after the reader's own detour over JSON text.
    pub(super) fn into_value(self, dialect: Dialect) -> Result<Value, String> {
        Ok(match self {
            Self::Null => Value::Null,
            Self::Bool(value) => value.into(),
            Self::Int(value) => value.into(),
            Self::Uint(value) if dialect == Dialect::Kustomize => value.into(),
            #[expect(
                clippy::cast_precision_loss,
                reason = "as Kubernetes reads such a number"
            )]
            Self::Uint(value) => Value::Number(float_number(value as f64)?),
            Self::Float(value) => Value::Number(float_number(value)?),
            Self::Text(text) => Value::String(text.into_owned()),
            Self::Time(time) => Value::String(time),
        })
    }

    /// The key that this scalar makes in a JSON object.
    pub(super) fn into_key(self) -> Result<String, String> {
        Ok(match self {
            Self::Text(text) => text.into_owned(),
            Self::Time(time) => time,
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::Float(value) => float_key(value),
            Self::Null => return Err("a key that is null".to_owned()),
            Self::Uint(value) => return Err(format!("the number {value} is too large for a key")),
        })
    }
}

/// The number that reading a float's JSON text gives: the shortest digits, whole ones as integers. So it equals what a
/// cluster sends back for it.
pub(crate) fn float_number(value: f64) -> Result<Number, String> {
    /// Beyond 2^64 no whole number is kept.
    const LARGEST: f64 = 1.9e19;
    if value.fract() == 0.0 && value.abs() < LARGEST {
        let digits = value.to_string();
        if let Ok(whole) = digits.parse::<i64>() {
            return Ok(whole.into());
        }
        if let Ok(whole) = digits.parse::<u64>() {
            return Ok(whole.into());
        }
    }
    Number::from_f64(value).ok_or_else(|| {
        let name = if value.is_nan() {
            "not a number"
        } else {
            "infinite"
        };
        format!("a value that is {name} cannot be sent to a cluster")
    })
}

/// A float as a key: rounded to 32 bits, in the shortest form of Go's `%g`.
fn float_key(value: f64) -> String {
    if value.is_nan() {
        return ".nan".to_owned();
    }
    #[expect(clippy::cast_possible_truncation, reason = "as the reader does it")]
    let short = value as f32;
    if value.is_infinite() || short.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{short:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&power) {
        return short.to_string();
    }
    let sign = if power < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", power.abs())
}

/// The tag, in its short form, that a plain text has by itself to kustomize.
pub fn plain_tag(text: &str) -> &'static str {
    match plain(text, Dialect::Kustomize, true) {
        Ok(Typed::Null) => "!!null",
        Ok(Typed::Bool(_)) => "!!bool",
        Ok(Typed::Int(_) | Typed::Uint(_)) => "!!int",
        Ok(Typed::Float(_)) => "!!float",
        Ok(Typed::Time(_)) | Err(_) => "!!timestamp",
        Ok(Typed::Text(_)) => "!!str",
    }
}
