//! A template to its tags and their words, exactly as the language's own lexer cuts them: [`super::guard`] edits by them, and a
//! difference would let an expression slip by.

use std::ops::Range;

/// One `{{ … }}` or `{% … %}`.
#[derive(Debug, Clone)]
pub(super) struct Tag {
    /// `{% … %}`.
    pub(super) is_statement: bool,
    pub(super) range: Range<usize>,
    /// `{%-`: the text before loses its trailing blanks.
    pub(super) trims_before: bool,
    /// `-%}`.
    pub(super) trims_after: bool,
    pub(super) words: Vec<Word>,
}

/// One token within a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) kind: WordKind,
    pub(super) range: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WordKind {
    Name,
    Text,
    Number,
    Sign,
}

impl Word {
    pub(super) fn is(&self, source: &str, text: &str) -> bool {
        self.kind != WordKind::Text && &source[self.range.clone()] == text
    }
}

/// The tags of a template. `Err` is where one is not closed or holds what no tag may.
pub(super) fn tags(source: &str) -> Result<Vec<Tag>, usize> {
    let bytes = source.as_bytes();
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(start) = next_mark(bytes, at) {
        let trims_before = bytes.get(start + 2) == Some(&b'-');
        let inside = start + 2 + usize::from(trims_before);
        match bytes[start + 1] {
            b'#' => at = find(bytes, inside, b"#}").ok_or(start)? + 2,
            mark => {
                let is_statement = mark == b'%';
                if is_statement && let Some(body) = keyword_end(bytes, inside, b"raw") {
                    at = raw_end(bytes, body).ok_or(start)?;
                    continue;
                }
                let close: &[u8] = if is_statement { b"%}" } else { b"}}" };
                let (words, end, trims_after) = words(bytes, inside, close)?;
                tags.push(Tag {
                    is_statement,
                    range: start..end,
                    trims_before,
                    trims_after,
                    words,
                });
                at = end;
            }
        }
    }
    Ok(tags)
}

fn next_mark(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let is_mark = |pair: &[u8]| matches!(pair, b"{{" | b"{%" | b"{#");
    rest.windows(2).position(is_mark).map(|n| from + n)
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(what.len())
        .position(|window| window == what)
        .map(|n| from + n)
}

/// Where the tag that holds only `keyword` ends, when it is that one.
fn keyword_end(bytes: &[u8], mut at: usize, keyword: &[u8]) -> Option<usize> {
    let blanks = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        at
    };
    // The lexer passes over a dash here even where it has seen one.
    if bytes.get(at) == Some(&b'-') {
        at += 1;
    }
    at = blanks(at);
    at = bytes[at..]
        .starts_with(keyword)
        .then_some(at + keyword.len())?;
    at = blanks(at);
    if bytes.get(at) == Some(&b'-') {
        at += 1;
    }
    bytes[at..].starts_with(b"%}").then_some(at + 2)
}

fn raw_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let inside = find(bytes, at, b"{%")? + 2;
        if let Some(end) = keyword_end(bytes, inside, b"endraw") {
            return Some(end);
        }
        at = inside;
    }
}

type Words = (Vec<Word>, usize, bool);

fn words(bytes: &[u8], mut at: usize, close: &[u8]) -> Result<Words, usize> {
    let mut words = Vec::new();
    let start = at;
    loop {
        while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        let rest = bytes
            .get(at..)
            .filter(|rest| !rest.is_empty())
            .ok_or(start)?;
        if rest[0] == b'-' && rest[1..].starts_with(close) {
            return Ok((words, at + 3, true));
        }
        if rest.starts_with(close) {
            return Ok((words, at + 2, false));
        }
        let (kind, length) = word(rest).ok_or(at)?;
        words.push(Word {
            kind,
            range: at..at + length,
        });
        at += length;
    }
}

fn word(rest: &[u8]) -> Option<(WordKind, usize)> {
    const TWO: [&[u8]; 9] = [
        b"//", b"**", b"==", b"!=", b">=", b"<=", b"</", b"?.", b"?[",
    ];
    if rest.starts_with(b"...") {
        return Some((WordKind::Sign, 3));
    }
    if TWO.iter().any(|two| rest.starts_with(two)) {
        return Some((WordKind::Sign, 2));
    }
    match rest[0] {
        quote @ (b'"' | b'\'' | b'`') => Some((WordKind::Text, text(rest, quote)?)),
        b'0'..=b'9' => {
            let mut is_float = false;
            let is_part = |byte: &&u8| match **byte {
                b'.' if !is_float => {
                    is_float = true;
                    true
                }
                byte => byte.is_ascii_digit(),
            };
            Some((WordKind::Number, rest.iter().take_while(is_part).count()))
        }
        byte if byte == b'_' || byte.is_ascii_alphabetic() => {
            let is_part = |byte: &&u8| **byte == b'_' || byte.is_ascii_alphanumeric();
            Some((WordKind::Name, rest.iter().take_while(is_part).count()))
        }
        byte if b"+-*/%!.,:~|=><()[]{}@".contains(&byte) => Some((WordKind::Sign, 1)),
        _ => None,
    }
}

fn text(rest: &[u8], quote: u8) -> Option<usize> {
    let mut is_escaped = false;
    for (n, byte) in rest.iter().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            byte if *byte == quote => return Some(n + 1),
            _ => {}
        }
    }
    None
}
