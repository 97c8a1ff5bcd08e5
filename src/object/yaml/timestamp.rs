//! Dates and times as the newer Go reader finds them in plain text, and as they come out again (RFC 3339).
//!
//! Only the four forms it knows; everything else stays text.

/// Returns the RFC 3339 form of a date or time: nothing if the text is none, an error if it cannot be written in that form.
pub(super) fn normalise(text: &str) -> Option<Result<String, String>> {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || bytes[4] != b'-' || !bytes[..4].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut rest = Cursor(&bytes[5..]);
    let month = rest.number()?;
    rest.expect(b'-')?;
    let day = rest.number()?;
    let date = format!("{}-{month:02}-{day:02}", &text[..4]);
    let year = text[..4].parse().ok()?;
    if !(1..=12).contains(&month) || day < 1 || day > days(year, month) {
        return None;
    }
    let Some(separator) = rest.next() else {
        return Some(Ok(format!("{date}T00:00:00Z")));
    };
    let (time, fraction) = rest.time()?;
    match separator {
        b' ' if rest.0.is_empty() => Some(Ok(format!("{date}T{time}{fraction}Z"))),
        b'T' | b't' => {
            let zone = rest.zone()?;
            Some(zone.map(|zone| format!("{date}T{time}{fraction}{zone}")))
        }
        _ => None,
    }
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    fn digit(&mut self) -> Option<u32> {
        let digit = self.0.first().filter(|byte| byte.is_ascii_digit())?;
        let value = u32::from(digit - b'0');
        self.next();
        Some(value)
    }

    /// One digit or two.
    fn number(&mut self) -> Option<u32> {
        let first = self.digit()?;
        Some(self.digit().map_or(first, |second| first * 10 + second))
    }

    /// Hours, minutes and seconds, and the fraction without trailing zeros (nine digits at most).
    fn time(&mut self) -> Option<(String, String)> {
        let hour = self.number()?;
        self.expect(b':')?;
        let minute = self.number()?;
        self.expect(b':')?;
        let second = self.number()?;
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let mut fraction = String::new();
        if let [b'.' | b',', digit, ..] = self.0
            && digit.is_ascii_digit()
        {
            self.next();
            while let Some(digit) = self.digit() {
                if fraction.len() < 9 {
                    fraction.push_str(&digit.to_string());
                }
            }
        }
        let fraction = match fraction.trim_end_matches('0') {
            "" => String::new(),
            digits => format!(".{digits}"),
        };
        Some((format!("{hour:02}:{minute:02}:{second:02}"), fraction))
    }

    /// `Z` or `+02:00`, to the end of the text.
    fn zone(&mut self) -> Option<Result<String, String>> {
        match self.0 {
            [b'Z'] => Some(Ok("Z".to_owned())),
            [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2]
                if [h1, h2, m1, m2].iter().all(|byte| byte.is_ascii_digit()) =>
            {
                let hours = (h1 - b'0') * 10 + (h2 - b'0');
                let minutes = (m1 - b'0') * 10 + (m2 - b'0');
                if hours > 24 || minutes > 60 {
                    return None;
                }
                Some(offset(*sign, u32::from(hours) * 60 + u32::from(minutes)))
            }
            _ => None,
        }
    }
}

fn offset(sign: u8, minutes: u32) -> Result<String, String> {
    match (minutes, minutes / 60) {
        (0, _) => Ok("Z".to_owned()),
        (_, 24..) => Err("a time zone of a day or more".to_owned()),
        (_, hours) => Ok(format!(
            "{}{hours:02}:{:02}",
            char::from(sign),
            minutes % 60
        )),
    }
}
