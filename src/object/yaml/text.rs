//! Bytes to text: encodings, byte order marks and the characters YAML allows.
//!
//! The scanner behind it is only ever given text that passed here, so its own reader cannot fail.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use crate::error::{Error, Result};

/// Decodes UTF-8 (with or without mark) or UTF-16 (with mark). The mark is dropped.
pub(super) fn decode<'a>(bytes: &'a [u8], file: &str) -> Result<Cow<'a, str>> {
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes, file)?),
        [0xfe, 0xff, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes, file)?),
        [0xef, 0xbb, 0xbf, rest @ ..] => Cow::Borrowed(utf8(rest, file)?),
        bytes => Cow::Borrowed(utf8(bytes, file)?),
    };
    check(&text, file)?;
    Ok(text)
}

/// Refuses characters that no YAML text may hold.
pub(super) fn check(text: &str, file: &str) -> Result<()> {
    if let Some((offset, c)) = text.char_indices().find(|(_, c)| !is_allowed(*c)) {
        let message = format!("control character U+{:04X} is not allowed", c as u32);
        return Err(at_offset(message, &text[..offset], file));
    }
    // The scanner would skip it in silence, kubectl would take it for a part of the next key.
    if let Some(offset) = text.find("\n\u{feff}") {
        return Err(
            at_offset("a byte order mark inside the file", &text[..=offset], file)
                .hint("files were joined: remove the mark at the start of this line"),
        );
    }
    Ok(())
}

/// The text as kubectl and Argo CD hand it to their parser: always with a newline at the end. Where a file ends inside a
/// block of text that newline is part of the text.
pub fn with_final_newline(text: &[u8]) -> Cow<'_, [u8]> {
    match text {
        [] | [.., b'\n'] | [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Cow::Borrowed(text),
        _ => Cow::Owned([text, b"\n"].concat()),
    }
}

fn utf8<'a>(bytes: &'a [u8], file: &str) -> Result<&'a str> {
    std::str::from_utf8(bytes).map_err(|error| {
        let (before, _) = bytes.split_at(error.valid_up_to());
        at_offset("invalid UTF-8", &String::from_utf8_lossy(before), file)
            .hint("save the file as UTF-8")
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16, file: &str) -> Result<String> {
    let pairs = bytes.chunks_exact(2);
    let odd = !pairs.remainder().is_empty();
    let units = pairs.map(|pair| unit([pair[0], pair[1]]));
    let mut text = String::with_capacity(bytes.len() / 2);
    for c in char::decode_utf16(units) {
        match c {
            Ok(c) => text.push(c),
            Err(_) => return Err(at_offset("invalid UTF-16", &text, file)),
        }
    }
    if odd {
        return Err(at_offset("invalid UTF-16: half a character", &text, file));
    }
    Ok(text)
}

/// An error just after `before`.
fn at_offset(message: impl Into<String>, before: &str, file: &str) -> Error {
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before[start..].chars().count() + 1;
    Error::render(message).at(file, count(line), count(column))
}

/// A count as line or column.
pub(super) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The printable set of YAML 1.1.
fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
}

/// Text as a reader that hands out whole characters in small pieces, so that the scanner never holds a whole file as
/// four-byte characters.
pub(super) struct Chunks<'a> {
    rest: &'a str,
    newline: bool,
}

const CHUNK_BYTES: usize = 8 << 10;

impl<'a> Chunks<'a> {
    /// Reads `text`, then one newline if it is to be added.
    pub(super) fn new(text: &'a str, newline: bool) -> Self {
        Self {
            rest: text,
            newline,
        }
    }
}

impl BufRead for Chunks<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.rest.is_empty() && std::mem::take(&mut self.newline) {
            self.rest = "\n";
        }
        let end = self.rest.floor_char_boundary(CHUNK_BYTES);
        Ok(&self.rest.as_bytes()[..end])
    }

    fn consume(&mut self, amount: usize) {
        self.rest = self.rest.get(amount..).unwrap_or_default();
    }
}

impl Read for Chunks<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.fill_buf()?.read(buffer)?;
        self.consume(n);
        Ok(n)
    }
}
