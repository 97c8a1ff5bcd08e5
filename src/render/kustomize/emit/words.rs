//! Which texts a YAML 1.1 reader would not read back as strings.

/// Whether plain `text` would be read as something else than a string: a boolean, null, number, date or base-60 number.
pub fn is_not_a_string(text: &str) -> bool {
    let Some(&first) = text.as_bytes().first() else {
        return true;
    };
    match first {
        b'0'..=b'9' | b'+' | b'-' => {
            is_date(text) || is_number(text) || is_base_60(text) || is_float_word(text)
        }
        b'.' => is_float_word(text) || is_float(text),
        b'~' => text.len() == 1,
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' => is_word(text),
        _ => false,
    }
}

fn is_word(text: &str) -> bool {
    text.len() <= 5
        && matches!(
            text,
            "y" | "Y"
                | "yes"
                | "Yes"
                | "YES"
                | "n"
                | "N"
                | "no"
                | "No"
                | "NO"
                | "on"
                | "On"
                | "ON"
                | "off"
                | "Off"
                | "OFF"
                | "true"
                | "True"
                | "TRUE"
                | "false"
                | "False"
                | "FALSE"
                | "null"
                | "Null"
                | "NULL"
        )
}

fn is_float_word(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

fn is_number(text: &str) -> bool {
    let plain: std::borrow::Cow<'_, str> = if text.contains('_') {
        text.replace('_', "").into()
    } else {
        text.into()
    };
    is_integer(&plain) || is_float(&plain)
}

/// Whether it is an integer in base 2, 8, 10 or 16 that fits 64 bits.
fn is_integer(text: &str) -> bool {
    let negative = text.starts_with('-');
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (digits, radix) = match unsigned.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&unsigned[2..], 16),
        [b'0', b'b' | b'B', ..] => (&unsigned[2..], 2),
        [b'0', b'o' | b'O', ..] => (&unsigned[2..], 8),
        [b'0', _, ..] => (&unsigned[1..], 8),
        _ => (unsigned, 10),
    };
    if digits.is_empty() || !digits.bytes().all(|b| (b as char).is_digit(radix)) {
        return false;
    }
    match u64::from_str_radix(digits, radix) {
        Ok(_) if text.starts_with('+') && radix == 10 => true,
        Ok(value) => !negative || value <= 1 << 63,
        Err(_) => false,
    }
}

/// `[-+]?(.digits | digits[.digits])([eE][-+]?digits)?`, within the range of a float.
fn is_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        Some((whole, part)) => {
            all_digits(whole) && all_digits(part) && !(whole.is_empty() && part.is_empty())
        }
        None => !mantissa.is_empty() && all_digits(mantissa),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !digits.is_empty() && all_digits(digits)
    });
    mantissa_fits && exponent_fits && text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// `1:30`, `190:20:30.5`: seconds and minutes of old.
fn is_base_60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mut parts = unsigned.split(':');
    let head = parts.next().unwrap_or_default();
    if !head.starts_with(|c: char| c.is_ascii_digit())
        || !head.bytes().all(|b| b.is_ascii_digit() || b == b'_')
    {
        return false;
    }
    let mut rest: Vec<&str> = parts.collect();
    let Some(last) = rest.last_mut() else {
        return false;
    };
    if let Some((whole, fraction)) = last.split_once('.') {
        if !fraction.bytes().all(|b| b.is_ascii_digit() || b == b'_') {
            return false;
        }
        *last = whole;
    }
    rest.iter().all(|part| match part.as_bytes() {
        [one] => one.is_ascii_digit(),
        [ten, one] => (b'0'..=b'5').contains(ten) && one.is_ascii_digit(),
        _ => false,
    })
}

/// `2006-1-2`, alone or with a time after `T`, `t` or a space.
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || !bytes[..4].iter().all(u8::is_ascii_digit) || bytes[4] != b'-' {
        return false;
    }
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some((bytes[at], &text[at + 1..]))),
        None => (text, None),
    };
    let mut parts = date.split('-').skip(1);
    let month = parts.next().and_then(|part| in_range(part, 1, 12));
    let day = parts.next().and_then(|part| in_range(part, 1, 31));
    let (Some(month), Some(day), None) = (month, day, parts.next()) else {
        return false;
    };
    let year: i16 = text[..4].parse().unwrap_or_default();
    let exists = jiff::civil::Date::new(year, month, day).is_ok();
    exists && time.is_none_or(|(mark, time)| is_time(time, mark != b' '))
}

/// `15:4:5.999` and, after a `T`, a zone: `Z`, `+01:00`.
fn is_time(text: &str, with_zone: bool) -> bool {
    let clock = if with_zone {
        match text.strip_suffix('Z') {
            Some(clock) => clock,
            None => match text.rfind(['+', '-']).filter(|_| text.is_ascii()) {
                Some(at) if is_zone(&text[at + 1..]) => &text[..at],
                _ => return false,
            },
        }
    } else {
        text
    };
    let mut parts = clock.split(':');
    let hour = parts.next().and_then(|part| in_range(part, 0, 23));
    let minute = parts.next().and_then(|part| in_range(part, 0, 59));
    let second = parts.next().unwrap_or_default();
    let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
    hour.is_some()
        && minute.is_some()
        && in_range(second, 0, 59).is_some()
        && parts.next().is_none()
        && !fraction.is_empty()
        && fraction.bytes().all(|b| b.is_ascii_digit())
}

fn is_zone(text: &str) -> bool {
    text.split_once(':').is_some_and(|(hours, minutes)| {
        hours.len() == 2
            && minutes.len() == 2
            && in_range(hours, 0, 24).is_some()
            && in_range(minutes, 0, 60).is_some()
    })
}

fn in_range(text: &str, from: i8, to: i8) -> Option<i8> {
    if text.is_empty() || text.len() > 2 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse()
        .ok()
        .filter(|value| (from..=to).contains(value))
}

#[cfg(test)]
mod tests {
    use super::is_not_a_string;

    #[test]
    fn knows_what_old_readers_would_misread() {
        for text in [
            "",
            "y",
            "No",
            "OFF",
            "True",
            "~",
            "null",
            "1",
            "-1",
            "+1",
            "1.",
            ".5",
            "0x1f",
            "0o7",
            "0b1",
            "1_000",
            "1e3",
            "012",
            "08",
            "2020-01-01",
            "2020-1-1 00:00:00",
            "2020-01-01T00:00:00Z",
            "1:30",
            "190:20:30",
            "-.inf",
            ".NaN",
        ] {
            assert!(is_not_a_string(text), "{text} needs quotes");
        }
        for text in [
            "a",
            "e1",
            "12e",
            "0x",
            "-",
            "--",
            "nan",
            "inf",
            "1,000",
            "2020-13-01",
            "1:99",
            "yess",
            "1e400",
            "=",
            "<<",
            "1.2.3",
            "v1",
            "10m",
            "0x1g",
            ".",
            "+",
        ] {
            assert!(!is_not_a_string(text), "{text} needs no quotes");
        }
    }
}
