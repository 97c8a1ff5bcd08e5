//! Regular expressions in the syntax of Go's `regexp` package (RE2), which kustomize and Argo CD read: translated to the `regex` crate's.
//!
//! The two differ in what a brace, a `&&` in a class, `\Q…\E`, an octal escape, `\<`, `x**` or a Unicode word boundary means, and in
//! what is refused. Rules: <https://pkg.go.dev/regexp/syntax>. Only whether a text matches is asked, so that what is lazy does not count.

use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

use regex::bytes::{Regex, RegexBuilder};

use crate::error::{Error, Result};
use crate::object::display::display;

/// The largest count of a repetition, nested ones multiplied.
const MAX_REPEAT: u32 = 1000;
/// The deepest nesting of groups.
const MAX_DEPTH: usize = 1000;
/// Memory of a compiled expression. Go allows about as much.
const MAX_BYTES: usize = 64 << 20;

/// A compiled expression.
#[derive(Debug)]
pub struct Pattern(Regex);

impl Pattern {
    /// An expression that may fit anywhere in a text.
    pub fn new(text: &str) -> Result<Self> {
        let wrong = |why: &str| {
            Error::render(format!(
                "`{}` is no regular expression: {why}",
                display(text)
            ))
        };
        let translated = translate(text).map_err(wrong)?;
        let mut builder = RegexBuilder::new(&translated);
        let built = builder.size_limit(MAX_BYTES).nest_limit(u32::MAX).build();
        built.map(Self).map_err(|_| wrong("it is too large"))
    }

    /// One that must fit a whole text.
    pub fn anchored(text: &str) -> Result<Self> {
        Self::new(&format!("^(?:{text})$"))
    }

    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text.as_bytes())
    }
}

type Parsed<T> = std::result::Result<T, &'static str>;

fn translate(text: &str) -> Parsed<String> {
    let mut parser = Parser {
        left: text.chars().peekable(),
        flags: Flags::default(),
        names: Vec::new(),
        depth: 0,
    };
    let alternation = parser.alternation()?;
    match parser.left.next() {
        None => Ok(alternation.text),
        Some(_) => Err("unexpected )"),
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    ignores_case: bool,
    is_multi_line: bool,
    dot_is_all: bool,
}

/// A part of the translation that stands for itself.
#[derive(Debug, Default)]
struct Piece {
    text: String,
    /// The product of the repetitions in it.
    n_repeats: u32,
}

impl Piece {
    fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            n_repeats: 1,
        }
    }
}

struct Parser<'a> {
    left: Peekable<Chars<'a>>,
    flags: Flags,
    names: Vec<String>,
    depth: usize,
}

impl Parser<'_> {
    fn take(&mut self, wanted: char) -> bool {
        self.left.next_if_eq(&wanted).is_some()
    }

    /// Up to the end or the `)` of the group.
    fn alternation(&mut self) -> Parsed<Piece> {
        let mut whole = Piece::new("");
        let mut pieces: Vec<Piece> = Vec::new();
        let mut is_after_repeat = false;
        loop {
            let c = match self.left.peek().copied() {
                None | Some(')') => break,
                Some(c) => c,
            };
            let was_repeat = std::mem::take(&mut is_after_repeat);
            match c {
                '|' => {
                    self.left.next();
                    join(&mut whole, &mut pieces);
                    whole.text.push('|');
                }
                '*' | '+' | '?' => {
                    self.left.next();
                    let (min, max) = match c {
                        '*' => (0, None),
                        '+' => (1, None),
                        _ => (0, Some(1)),
                    };
                    self.repeat(&mut pieces, was_repeat, min, max)?;
                    is_after_repeat = true;
                }
                '{' => match self.counts() {
                    None => pieces.push(self.literal('{')),
                    Some((min, max)) => {
                        if min.max(max.unwrap_or(0)) > MAX_REPEAT || max.is_some_and(|m| m < min) {
                            return Err("invalid repeat count");
                        }
                        self.repeat(&mut pieces, was_repeat, min, max)?;
                        is_after_repeat = true;
                    }
                },
                '(' => {
                    self.left.next();
                    // Flags alone are nothing that a repetition could follow.
                    pieces.extend(self.group()?);
                }
                _ => self.atom(&mut pieces)?,
            }
        }
        join(&mut whole, &mut pieces);
        Ok(whole)
    }

    fn atom(&mut self, pieces: &mut Vec<Piece>) -> Parsed<()> {
        let c = self.left.next().unwrap_or_default();
        pieces.push(match c {
            '[' => Piece::new(self.class()?),
            '.' if self.flags.dot_is_all => Piece::new("(?s:.)"),
            '.' => Piece::new(r"[^\n]"),
            '^' if self.flags.is_multi_line => Piece::new("(?m:^)"),
            '^' => Piece::new(r"\A"),
            '$' if self.flags.is_multi_line => Piece::new("(?m:$)"),
            '$' => Piece::new(r"\z"),
            '\\' => return self.escape(pieces),
            c => self.literal_at(c),
        });
        Ok(())
    }

    /// A literal whose character was not read yet.
    fn literal(&mut self, c: char) -> Piece {
        self.left.next();
        self.literal_at(c)
    }

    fn literal_at(&self, c: char) -> Piece {
        let code = u32::from(c);
        Piece::new(match self.flags.ignores_case {
            true => format!("(?i:\\x{{{code:x}}})"),
            false => format!("\\x{{{code:x}}}"),
        })
    }

    fn repeat(
        &mut self,
        pieces: &mut Vec<Piece>,
        was_repeat: bool,
        min: u32,
        max: Option<u32>,
    ) -> Parsed<()> {
        self.take('?');
        if was_repeat {
            return Err("invalid nested repetition operator");
        }
        let of = pieces
            .pop()
            .ok_or("missing argument to repetition operator")?;
        // Whether `*` or `x{2,}`: what has no upper end counts as its lower one.
        let count = max.unwrap_or(min).max(1);
        let n_repeats = of.n_repeats.saturating_mul(count);
        if n_repeats > MAX_REPEAT && (min >= 2 || max.is_some_and(|max| max >= 2)) {
            return Err("invalid repeat count");
        }
        let max = max.map(|max| max.to_string()).unwrap_or_default();
        pieces.push(Piece {
            text: format!("(?:{}){{{min},{max}}}", of.text),
            n_repeats,
        });
        Ok(())
    }

    /// `{n}`, `{n,}` or `{n,m}` where that stands here; anything else is text.
    fn counts(&mut self) -> Option<(u32, Option<u32>)> {
        let mut ahead = self.left.clone();
        ahead.next();
        let min = number(&mut ahead)?;
        let max = match ahead.next()? {
            '}' => Some(min),
            ',' if ahead.next_if_eq(&'}').is_some() => None,
            ',' => {
                let max = number(&mut ahead)?;
                ahead.next_if_eq(&'}')?;
                Some(max)
            }
            _ => return None,
        };
        self.left = ahead;
        Some((min, max))
    }

    fn group(&mut self) -> Parsed<Option<Piece>> {
        let outer = self.flags;
        if self.take('?') && self.group_head()? {
            return Ok(None);
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("expression nests too deeply");
        }
        let inner = self.alternation()?;
        self.depth -= 1;
        if !self.take(')') {
            return Err("missing closing )");
        }
        self.flags = outer;
        Ok(Some(Piece {
            text: format!("(?:{})", inner.text),
            ..inner
        }))
    }

    /// What follows `(?`; whether the group ends with it.
    fn group_head(&mut self) -> Parsed<bool> {
        let mut ahead = self.left.clone();
        let is_named = match ahead.next() {
            Some('P') => ahead.next() == Some('<'),
            Some('<') => true,
            _ => false,
        };
        if is_named {
            self.left = ahead;
            self.name()?;
            return Ok(false);
        }
        let (mut is_set, mut n_flags) = (true, 0);
        loop {
            match self.left.next().ok_or("missing argument to flags")? {
                'i' => self.flags.ignores_case = is_set,
                'm' => self.flags.is_multi_line = is_set,
                's' => self.flags.dot_is_all = is_set,
                'U' => {}
                '-' if is_set => {
                    (is_set, n_flags) = (false, 0);
                    continue;
                }
                c @ (':' | ')') if is_set || n_flags > 0 => return Ok(c == ')'),
                _ => return Err("invalid or unsupported Perl syntax"),
            }
            n_flags += 1;
        }
    }

    fn name(&mut self) -> Parsed<()> {
        let is_word = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
        let mut name = String::new();
        while let Some(c) = self.left.next_if(is_word) {
            name.push(c);
        }
        if name.is_empty() || !self.take('>') {
            return Err("invalid named capture");
        }
        if self.names.contains(&name) {
            return Err("duplicate capture group name");
        }
        self.names.push(name);
        Ok(())
    }

    fn escape(&mut self, pieces: &mut Vec<Piece>) -> Parsed<()> {
        let piece = match self.left.peek() {
            Some('Q') => {
                self.left.next();
                self.quoted(pieces);
                return Ok(());
            }
            Some('A') => Piece::new(r"\A"),
            Some('z') => Piece::new(r"\z"),
            Some('b') => Piece::new(r"(?-u:\b)"),
            Some('B') => Piece::new(r"(?-u:\B)"),
            Some(_) => {
                let item = self.class_escape()?;
                pieces.push(match item {
                    Item::Char(c) => self.literal_at(c),
                    Item::Set(set) => Piece::new(self.folded(format!("[{set}]"))),
                });
                return Ok(());
            }
            None => return Err("trailing backslash at end of expression"),
        };
        self.left.next();
        pieces.push(piece);
        Ok(())
    }

    /// Up to `\E` or the end.
    fn quoted(&mut self, pieces: &mut Vec<Piece>) {
        while let Some(c) = self.left.next() {
            if c == '\\' && self.take('E') {
                return;
            }
            pieces.push(self.literal_at(c));
        }
    }

    fn folded(&self, class: String) -> String {
        match self.flags.ignores_case {
            true => format!("(?i:{class})"),
            false => class,
        }
    }

    /// The rest of a class, after its `[`.
    fn class(&mut self) -> Parsed<String> {
        let mut class = String::from(if self.take('^') { "[^" } else { "[" });
        let mut is_first = true;
        while is_first || self.left.peek() != Some(&']') {
            is_first = false;
            match self.class_item()? {
                Item::Set(set) => class.push_str(&set),
                Item::Char(low) => {
                    let high = self.range_end()?.unwrap_or(low);
                    if high < low {
                        return Err("invalid character class range");
                    }
                    let (low, high) = (u32::from(low), u32::from(high));
                    let _ = write!(class, "\\x{{{low:x}}}-\\x{{{high:x}}}");
                }
            }
        }
        self.left.next();
        class.push(']');
        Ok(self.folded(class))
    }

    fn class_item(&mut self) -> Parsed<Item> {
        match self.left.next() {
            None => Err("missing closing ]"),
            Some('\\') => self.class_escape(),
            Some('[') if self.left.peek() == Some(&':') => self.named_class(),
            Some(c) => Ok(Item::Char(c)),
        }
    }

    /// The end of a range, where one follows.
    fn range_end(&mut self) -> Parsed<Option<char>> {
        let mut ahead = self.left.clone();
        if ahead.next() != Some('-') || matches!(ahead.peek(), None | Some(']')) {
            return Ok(None);
        }
        self.left = ahead;
        match self.left.next() {
            Some('\\') => match self.class_escape()? {
                Item::Char(c) => Ok(Some(c)),
                Item::Set(_) => Err("invalid escape sequence"),
            },
            other => Ok(other),
        }
    }

    /// `[:name:]` in a class; a `[:` without its end is text.
    fn named_class(&mut self) -> Parsed<Item> {
        let rest: String = self.left.clone().collect();
        let Some((name, _)) = rest.get(1..).and_then(|rest| rest.split_once(":]")) else {
            return Ok(Item::Char('['));
        };
        let set = match name.trim_start_matches('^') {
            plain if POSIX.contains(&plain) && name.len() - plain.len() < 2 => {
                format!("[:{name}:]")
            }
            _ => return Err("invalid character class range"),
        };
        self.left.nth(name.chars().count() + 2);
        Ok(Item::Set(set))
    }

    /// After a backslash, in a class or outside.
    fn class_escape(&mut self) -> Parsed<Item> {
        let c = self
            .left
            .next()
            .ok_or("trailing backslash at end of expression")?;
        let set = match c {
            'd' => "0-9",
            'D' => "[^0-9]",
            's' => r"\t\n\x0c\r ",
            'S' => r"[^\t\n\x0c\r ]",
            'w' => "0-9A-Za-z_",
            'W' => "[^0-9A-Za-z_]",
            'p' | 'P' => return self.unicode_class(c == 'P'),
            c => return self.char_escape(c).map(Item::Char),
        };
        Ok(Item::Set(set.to_owned()))
    }

    fn unicode_class(&mut self, is_negated: bool) -> Parsed<Item> {
        let wrong = "invalid character class range";
        let mut name = String::new();
        match self.left.next().ok_or(wrong)? {
            '{' => loop {
                match self.left.next().ok_or(wrong)? {
                    '}' => break,
                    c => name.push(c),
                }
            },
            c => name.push(c),
        }
        let plain = name.trim_start_matches('^');
        let is_negated = is_negated != (plain.len() < name.len());
        let letter = if is_negated { 'P' } else { 'p' };
        let set = format!(r"\{letter}{{{plain}}}");
        let is_known = plain.chars().all(|c| c.is_ascii_alphabetic() || c == '_')
            && name.len() - plain.len() < 2
            && Regex::new(&set).is_ok();
        if is_known {
            Ok(Item::Set(set))
        } else {
            Err(wrong)
        }
    }

    fn char_escape(&mut self, c: char) -> Parsed<char> {
        let wrong = "invalid escape sequence";
        match c {
            '1'..='7' if !self.left.peek().is_some_and(|c| c.is_digit(8)) => Err(wrong),
            '0'..='7' => {
                let mut code = c.to_digit(8).unwrap_or_default();
                for _ in 0..2 {
                    if let Some(digit) = self.left.next_if(|c| c.is_digit(8)) {
                        code = code * 8 + digit.to_digit(8).unwrap_or_default();
                    }
                }
                char::from_u32(code).ok_or(wrong)
            }
            'x' => self.hex().and_then(char::from_u32).ok_or(wrong),
            'a' => Ok('\x07'),
            'f' => Ok('\x0c'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'v' => Ok('\x0b'),
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => Ok(c),
            _ => Err(wrong),
        }
    }

    fn hex(&mut self) -> Option<u32> {
        if self.take('{') {
            let mut code = None;
            while let Some(digit) = self.left.next_if(char::is_ascii_hexdigit) {
                let before: u32 = code.unwrap_or_default();
                code = Some(before.checked_mul(16)?.checked_add(digit.to_digit(16)?)?);
            }
            return code.filter(|_| self.take('}'));
        }
        let high = self.left.next()?.to_digit(16)?;
        Some(high * 16 + self.left.next()?.to_digit(16)?)
    }
}

/// One thing in a class.
enum Item {
    Char(char),
    /// As it stands in a class of the `regex` crate.
    Set(String),
}

const POSIX: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
    "space", "upper", "word", "xdigit",
];

/// A count without superfluous zeros. One that is too large to hold is too large anyway.
fn number(from: &mut Peekable<Chars<'_>>) -> Option<u32> {
    let mut digits = String::new();
    while let Some(digit) = from.next_if(char::is_ascii_digit) {
        digits.push(digit);
    }
    let has_zeros = digits.len() > 1 && digits.starts_with('0');
    if digits.is_empty() || has_zeros {
        return None;
    }
    Some(digits.parse().unwrap_or(u32::MAX))
}

/// Puts a branch of an alternation behind what there is of it.
fn join(whole: &mut Piece, pieces: &mut Vec<Piece>) {
    for piece in pieces.drain(..) {
        whole.text.push_str(&piece.text);
        whole.n_repeats = whole.n_repeats.max(piece.n_repeats);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn fits(pattern: &str, texts: &[&str], others: &[&str]) {
        let pattern = Pattern::anchored(pattern).expect("compiles");
        texts
            .iter()
            .for_each(|text| assert!(pattern.is_match(text), "{text}"));
        others
            .iter()
            .for_each(|text| assert!(!pattern.is_match(text), "{text}"));
    }

    #[test]
    fn braces_that_count_nothing_are_text() {
        fits("a{", &["a{"], &["a"]);
        fits("a{,3}b", &["a{,3}b"], &["aab", "b"]);
        fits("a{2,3}", &["aa", "aaa"], &["a", "aaaa"]);
        fits("a{02}", &["a{02}"], &["aa"]);
        fits("x}]", &["x}]"], &["x"]);
        fits("a{2}?", &["aa"], &["a"]);
    }

    #[test]
    fn a_class_is_a_plain_list() {
        fits("[a-z&&[aeiou]+", &["a", "&", "[[x"], &["", "]"]);
        fits("[]a]+", &["]a"], &["b"]);
        fits("[^]a]", &["b", "\n"], &["]", "a"]);
        fits("[a-]+", &["a-"], &["b"]);
        fits("[[:alpha:]-]+", &["a-z"], &["1"]);
        fits("[[:^digit:]]", &["a"], &["1"]);
        fits("[[:x]+", &["[:x"], &["a"]);
        fits(r"[\w.]+", &["a_.1"], &["ä"]);
        fits("[&&~~]+", &["~&"], &["a"]);
    }

    #[test]
    fn escapes_are_those_of_go() {
        fits(r"\141pp", &["app"], &["141pp"]);
        fits(r"\x61\x{62}", &["ab"], &["x"]);
        fits(r"\Qa.b\E+", &["a.bb"], &["axb"]);
        fits(r"\<a", &["<a"], &["a"]);
        assert!(Pattern::new(r"\Qa)").expect("compiles").is_match("xa)"));
        fits(r"\pL\p{^Greek}", &["äb"], &["äα", "1b"]);
        fits(r"\d\s", &["1 "], &["१ ", "1\x0b"]);
        fits(r"\_\-", &["_-"], &["_"]);
    }

    #[test]
    fn flags_hold_for_their_group() {
        fits("(?i)a(?-i)b", &["Ab", "ab"], &["aB"]);
        fits("(?i:a)b", &["Ab"], &["AB"]);
        fits("(?s).", &["\n"], &[]);
        fits(".", &["a"], &["\n"]);
        fits("a(?i)*b", &["aab", "B"], &["x"]);
        fits("(?P<n>a)(?<m>b)", &["ab"], &[]);
        fits("(?m)a$\nb", &["a\nb"], &[]);
        fits(r"(?U)a+\b", &["aa"], &["aä"]);
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for pattern in [
            "a**",
            "a*+",
            "a{2}{3}",
            "*a",
            "(*)",
            "a|*",
            "(a",
            "a)",
            "[a",
            "[b-a]",
            "[[:nix:]]",
            r"\Z",
            r"\1",
            r"\8",
            r"\x6",
            r"\",
            "(?x)a",
            "(?=a)",
            "(?i-)",
            "(?P<a>b)(?P<a>c)",
            "(?P<>a)",
            "a{1001}",
            "a{3,2}",
            "(a{40}){40}",
            r"[\b]",
            r"[a-\d]",
            r"\p{Nix}",
            r"\ä",
            "(?",
        ] {
            assert!(Pattern::new(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn an_expression_stays_within_its_bounds() {
        assert!(Pattern::new(&"(".repeat(100_000)).is_err());
        let deep = format!("{}{}", "(".repeat(900), ")".repeat(900));
        assert!(Pattern::new(&deep).is_ok());
        assert!(Pattern::new(&r"\pL{1000}".repeat(100)).is_err());
    }
}
