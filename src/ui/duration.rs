//! How long something took, in words as short as kubectl's.

/// Seconds in the largest two units: `45s`, `3m12s`, `5h7m`, `2d3h`.
pub fn duration(seconds: i64) -> String {
    let (value, unit, rest, rest_unit) = match seconds {
        ..60 => return format!("{seconds}s"),
        60..3600 => (seconds / 60, "m", seconds % 60, "s"),
        3600..86400 => (seconds / 3600, "h", seconds % 3600 / 60, "m"),
        _ => (seconds / 86400, "d", seconds % 86400 / 3600, "h"),
    };
    match rest {
        0 => format!("{value}{unit}"),
        rest => format!("{value}{unit}{rest}{rest_unit}"),
    }
}

/// `0.4s`, `12s`, `3m12s`: tenths only where they matter.
pub fn precise(seconds: f64) -> String {
    if seconds < 9.95 {
        format!("{seconds:.1}s")
    } else {
        // A run is far shorter than the range of the integer, and the cast saturates for anything else.
        duration(seconds.round() as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_keep_two_units() {
        let shown = [0, 59, 60, 192, 3600, 18420, 86400, 183_600].map(duration);
        assert_eq!(
            shown,
            ["0s", "59s", "1m", "3m12s", "1h", "5h7m", "1d", "2d3h"]
        );
    }

    #[test]
    fn short_times_have_tenths() {
        let shown = [0.04, 9.94, 9.96, 192.4].map(precise);
        assert_eq!(shown, ["0.0s", "9.9s", "10s", "3m12s"]);
    }
}
