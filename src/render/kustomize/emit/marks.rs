//! The marks that both writers put around and into texts: line breaks, escapes, the hints behind the mark of a block.

pub fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Appends a character as double quotes have it, in ASCII.
pub fn escape(c: char, out: &mut String) {
    out.push('\\');
    let letter = match c {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        c => {
            let code = u32::from(c);
            out.push_str(&match code {
                0..=0xff => format!("x{code:02X}"),
                0x100..=0xffff => format!("u{code:04X}"),
                _ => format!("U{code:08X}"),
            });
            return;
        }
    };
    out.push(letter);
}

/// What stands behind `|` or `>`: the indent where the text starts with a blank, and what to do with the breaks at its end.
pub fn hints(text: &str) -> impl Iterator<Item = char> {
    let indent = text.starts_with(|c| c == ' ' || is_break(c)).then_some('2');
    let mut from_end = text.chars().rev();
    let end = if !from_end.next().is_some_and(is_break) {
        Some('-')
    } else {
        from_end.next().is_none_or(is_break).then_some('+')
    };
    [indent, end].into_iter().flatten()
}
