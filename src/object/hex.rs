//! Bytes in hexadecimal digits, as digests and ids are written.

/// Two lower-case digits a byte.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_byte_has_two_digits() {
        assert_eq!(super::hex(&[0, 9, 16, 255]), "000910ff");
        assert_eq!(super::hex(&[]), "");
    }
}
