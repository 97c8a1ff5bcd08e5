//! The facts of a certificate that are needed here: its version, until when it is valid, and its public key.
//!
//! It verifies nothing; trust is decided by rustls alone.

use jiff::Timestamp;
use jiff::civil::DateTime;

/// What a certificate says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// 1, 2 or 3.
    pub version: u8,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
}

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const VERSION: u8 = 0xa0;

/// Reads the facts of a DER certificate; `None` when it is not one.
pub fn facts(der: &[u8]) -> Option<Facts> {
    let (version, rest) = up_to_validity(der)?;
    let (validity, _) = element(rest, SEQUENCE)?;
    let (not_before, rest) = time(validity)?;
    let (not_after, _) = time(rest)?;
    Some(Facts {
        version,
        not_before,
        not_after,
    })
}

/// The SubjectPublicKeyInfo of a DER certificate, whole; `None` when it is not one.
pub fn public_key(der: &[u8]) -> Option<&[u8]> {
    let (_, rest) = up_to_validity(der)?;
    let (_, rest) = element(rest, SEQUENCE)?; // validity
    let (_, rest) = element(rest, SEQUENCE)?; // subject
    let (_, after) = element(rest, SEQUENCE)?;
    rest.get(..rest.len() - after.len())
}

/// The version of a certificate, and what begins with its validity.
fn up_to_validity(der: &[u8]) -> Option<(u8, &[u8])> {
    let (certificate, _) = element(der, SEQUENCE)?;
    let (body, _) = element(certificate, SEQUENCE)?;
    let (version, rest) = match element(body, VERSION) {
        Some((version, rest)) => (element(version, INTEGER)?.0.first()?.checked_add(1)?, rest),
        None => (1, body),
    };
    let (_, rest) = element(rest, INTEGER)?; // serial number
    let (_, rest) = element(rest, SEQUENCE)?; // signature algorithm
    let (_, rest) = element(rest, SEQUENCE)?; // issuer
    Some((version, rest))
}

fn time(der: &[u8]) -> Option<(Timestamp, &[u8])> {
    let tag = *der.first()?;
    let (text, rest) = element(der, tag)?;
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let full = match tag {
        // Two digits of the year: 50 and more are the last century (RFC 5280).
        UTC_TIME if text.get(..2)? >= "50" => format!("19{text}"),
        UTC_TIME => format!("20{text}"),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let time = DateTime::strptime("%Y%m%d%H%M%S", &full).ok()?;
    let timestamp = time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    Some((timestamp, rest))
}

/// The content of the element at the start of `der`, which must have `tag`, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    if found != tag {
        return None;
    }
    let (&first, mut rest) = rest.split_first()?;
    let mut length = usize::from(first);
    if first & 0x80 != 0 {
        let n = usize::from(first & 0x7f);
        if n == 0 || n > 4 {
            return None;
        }
        let (bytes, after) = rest.split_at_checked(n)?;
        length = bytes
            .iter()
            .fold(0, |length, &byte| (length << 8) | usize::from(byte));
        rest = after;
    }
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_version_and_end_of_a_certificate() {
        let mut params = rcgen::CertificateParams::new(vec!["a".to_owned()]).expect("valid name");
        params.not_before = rcgen::date_time_ymd(2029, 2, 3);
        params.not_after = rcgen::date_time_ymd(2031, 2, 3);
        let key = rcgen::KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        let facts = facts(certificate.der()).expect("a certificate");
        assert_eq!(facts.version, 3);
        assert_eq!(facts.not_before.to_string(), "2029-02-03T00:00:00Z");
        assert_eq!(facts.not_after.to_string(), "2031-02-03T00:00:00Z");
        let whole = rcgen::PublicKeyData::subject_public_key_info(&key);
        assert_eq!(public_key(certificate.der()), Some(whole.as_slice()));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let _ = (facts(&bytes), public_key(&bytes));
        }
    }
}
