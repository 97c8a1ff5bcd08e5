//! Resource quantities (`500m`, `1Gi`) in the one form that the API server stores.
//!
//! Only what is exact is answered: a value that the server would round, or that is out of range here, has no canonical form.

use serde_json::Value;

const BINARY: [(&str, u32); 6] = [
    ("Ki", 10),
    ("Mi", 20),
    ("Gi", 30),
    ("Ti", 40),
    ("Pi", 50),
    ("Ei", 60),
];
/// Decimal suffixes that the server writes, by the power of ten.
const DECIMAL: [(&str, i32); 10] = [
    ("n", -9),
    ("u", -6),
    ("m", -3),
    ("", 0),
    ("k", 3),
    ("M", 6),
    ("G", 9),
    ("T", 12),
    ("P", 15),
    ("E", 18),
];

/// The text the server stores for `value`, a string or a number.
pub fn canonical(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => canonical_text(text),
        Value::Number(number) => canonical_text(&number.to_string()),
        _ => None,
    }
}

fn canonical_text(text: &str) -> Option<String> {
    let (number, suffix) = split(text)?;
    let (mantissa, scale) = decimal(number)?;
    if mantissa == 0 {
        return Some("0".to_owned());
    }
    if let Some((_, shift)) = BINARY.iter().find(|(name, _)| *name == suffix) {
        return binary(mantissa, scale, *shift);
    }
    let (_, power) = DECIMAL.iter().find(|(name, _)| *name == suffix)?;
    decimal_form(mantissa, scale + power)
}

/// Number and suffix. Exponents (`1e3`) keep a form of their own in the server and are not answered here.
fn split(text: &str) -> Option<(&str, &str)> {
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+')))
        .unwrap_or(text.len());
    Some(text.split_at(end)).filter(|(number, _)| !number.is_empty())
}

/// `1.50` as (15, -1): a mantissa without trailing zeros and a power of ten.
fn decimal(number: &str) -> Option<(i128, i32)> {
    let (negative, digits) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || whole.len() + fraction.len() > 18 {
        return None;
    }
    let mut mantissa: i128 = format!("0{whole}{fraction}").parse().ok()?;
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut scale = -i32::try_from(fraction.len()).ok()?;
    while mantissa != 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        scale += 1;
    }
    Some((if negative { -mantissa } else { mantissa }, scale))
}

/// Beyond this the server keeps or caps values in other ways.
const MAX: i128 = i64::MAX as i128;

fn decimal_form(mantissa: i128, scale: i32) -> Option<String> {
    if !(-9..=18).contains(&scale) {
        return None;
    }
    // The largest suffix that leaves an integer.
    let (suffix, power) = DECIMAL.iter().rev().find(|(_, power)| *power <= scale)?;
    let value = mantissa.checked_mul(10i128.checked_pow(u32::try_from(scale - power).ok()?)?)?;
    let full = if *power > 0 {
        value.checked_mul(10i128.pow(u32::try_from(*power).ok()?))?
    } else {
        value
    };
    (full.abs() <= MAX).then(|| format!("{value}{suffix}"))
}

fn binary(mantissa: i128, scale: i32, shift: u32) -> Option<String> {
    let scaled = mantissa.checked_mul(1i128 << shift)?;
    let bytes = if scale >= 0 {
        scaled.checked_mul(10i128.checked_pow(u32::try_from(scale).ok()?)?)?
    } else {
        let divisor = 10i128.checked_pow(u32::try_from(-scale).ok()?)?;
        // A fraction of a byte is written in decimal by the server.
        if scaled % divisor != 0 {
            return None;
        }
        scaled / divisor
    };
    // Small values are written in decimal by the server too.
    if bytes.abs() < 1024 || bytes.abs() > MAX {
        return None;
    }
    let zeros = bytes.trailing_zeros();
    let suffix = BINARY.iter().rev().find(|(_, power)| *power <= zeros);
    Some(match suffix {
        Some((name, power)) => format!("{}{name}", bytes >> power),
        None => bytes.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(given: Value, stored: Option<&str>) {
        assert_eq!(canonical(&given).as_deref(), stored, "{given}");
    }

    #[test]
    fn decimal_values_get_the_largest_suffix() {
        check(json!("1000m"), Some("1"));
        check(json!("0.5"), Some("500m"));
        check(json!("1.25"), Some("1250m"));
        check(json!(2), Some("2"));
        check(json!("1000k"), Some("1M"));
        check(json!("1500"), Some("1500"));
        check(json!("1000"), Some("1k"));
        check(json!("-5"), Some("-5"));
        check(json!("0"), Some("0"));
    }

    #[test]
    fn binary_values_get_the_largest_suffix() {
        check(json!("1024Mi"), Some("1Gi"));
        check(json!("1.5Gi"), Some("1536Mi"));
        check(json!("0.5Gi"), Some("512Mi"));
        check(json!("128Mi"), Some("128Mi"));
    }

    #[test]
    fn what_is_rounded_or_odd_is_not_answered() {
        for text in [
            "0.1Gi",
            "1e3",
            "12E2",
            "",
            "abc",
            "1..2",
            "0.5Ki",
            "9999999999E",
            "1 Gi",
            "1.0000000001",
        ] {
            check(json!(text), None);
        }
    }
}
