//! Makes text from outside safe to print: names, messages and fields may hold terminal escape codes.

/// Returns `text` with everything that a terminal or a reader could mistake for something else written as an escape:
/// control characters (C0, DEL, C1), bidirectional overrides, zero-width and other invisible characters.
///
/// Newlines and tabs are escaped too; split into lines first where they are wanted.
pub fn display(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return text.into();
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => safe.push_str("\\n"),
            '\t' => safe.push_str("\\t"),
            '\r' => safe.push_str("\\r"),
            c if is_unsafe(c) && (c as u32) < 0x100 => {
                safe.push_str(&format!("\\x{:02x}", c as u32))
            }
            c if is_unsafe(c) => safe.push_str(&format!("\\u{{{:x}}}", c as u32)),
            c => safe.push(c),
        }
    }
    safe.into()
}

/// Whether `c` is one of the characters that [`display`] writes as an escape.
pub fn is_unsafe(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{61c}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::display;

    #[test]
    fn writes_escape_codes_out() {
        assert_eq!(display("a\u{1b}[31mred\u{202e}"), "a\\x1b[31mred\\u{202e}");
        assert_eq!(display("plain é 東"), "plain é 東");
    }
}
