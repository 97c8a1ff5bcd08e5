//! Puts checks into a template before it runs: every variable must be defined, every loop, block, value and written text is
//! charged to a [`super::budget::Budget`]. What cannot be bounded this way is refused by name.
//!
//! The checks stand on the line of what they check, and [`Guarded::place`] leads back to the text as written.

use super::scan::{Tag, Word, WordKind, tags};

pub(super) const TICK: &str = "__pushboat_tick";
pub(super) const ENTER: &str = "__pushboat_enter";
pub(super) const LEAVE: &str = "__pushboat_leave";
pub(super) const DEFINED: &str = "__pushboat_defined";
pub(super) const OUT: &str = "__pushboat_out";
pub(super) const VALUE: &str = "__pushboat_value";
pub(super) const COND: &str = "__pushboat_cond";
pub(super) const LOOP: &str = "__pushboat_loop";

/// `~` of one tag, and filters of one tag: each may copy what stands before it.
const PER_TAG: usize = 32;
/// Maps within maps in one tag: written as text, each level doubles what has to be escaped.
const MAP_DEPTH: usize = 3;

/// Brackets within brackets in one tag, beside that.
const BRACKET_DEPTH: usize = 40;

/// A template with its checks.
#[derive(Debug, Clone, Default)]
pub(super) struct Guarded {
    pub(super) original: String,
    pub(super) source: String,
    /// The templates it names, and where.
    pub(super) references: Vec<(String, usize)>,
    pub(super) edits: Vec<(usize, String)>,
}

/// What is wrong with a template, and at which byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) offset: usize,
    pub(super) message: String,
}

impl Guarded {
    /// Where a byte of `source` stands in `original`.
    pub(super) fn original_offset(&self, offset: usize) -> usize {
        let mut added = 0;
        for (at, text) in &self.edits {
            let start = at + added;
            if offset < start {
                break;
            }
            if offset < start + text.len() {
                return *at;
            }
            added += text.len();
        }
        offset - added
    }

    /// The variable that starts at `start` of `original`, with all its fields.
    pub(super) fn variable(&self, start: usize) -> &str {
        let texts = self
            .edits
            .iter()
            .filter(|(at, text)| *at > start && text.contains(DEFINED));
        let mut texts = texts.filter_map(|(at, _)| self.original.get(start..*at));
        // An index may hold variables of its own.
        let is_whole = |text: &&str| text.matches('[').count() == text.matches(']').count();
        texts.find(is_whole).unwrap_or_default()
    }

    /// Line and column, from 1, of a byte of `original`.
    pub(super) fn place(&self, offset: usize) -> (u32, u32) {
        let before = self.original.get(..offset).unwrap_or(&self.original);
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        (small(line), small(column))
    }
}

/// Puts the checks in.
pub(super) fn guard(source: &str) -> Result<Guarded, Wrong> {
    let wrong = |offset| Wrong {
        offset,
        message: "this tag is not closed, or holds what no tag may".to_owned(),
    };
    let tags = tags(source).map_err(wrong)?;
    let mut guard = Guard {
        source,
        edits: Vec::new(),
        references: Vec::new(),
    };
    let is_child = tags.iter().any(|tag| guard.word_of(tag) == "extends");
    if !is_child {
        guard
            .edits
            .push((0, format!("{{{{ {TICK}(n={}) }}}}", source.len() + 1)));
    }
    let bodies = bodies(&guard, &tags);
    for (n, tag) in tags.iter().enumerate() {
        guard.tag(tag, bodies[n])?;
    }
    let Guard {
        mut edits,
        references,
        ..
    } = guard;
    edits.sort_by_key(|(at, _)| *at);
    let mut text = String::with_capacity(source.len() * 2);
    let mut done = 0;
    for (at, edit) in &edits {
        text.push_str(&source[done..*at]);
        text.push_str(edit);
        done = *at;
    }
    text.push_str(&source[done..]);
    Ok(Guarded {
        original: source.to_owned(),
        source: text,
        references,
        edits,
    })
}

/// The bytes of the body of each loop and block: what one round may write beside values.
fn bodies(guard: &Guard<'_>, tags: &[Tag]) -> Vec<usize> {
    let mut bodies = vec![guard.source.len() + 1; tags.len()];
    let mut open = Vec::new();
    for (n, tag) in tags.iter().enumerate() {
        match guard.word_of(tag) {
            "for" => open.push(n),
            "endfor" => {
                if let Some(start) = open.pop() {
                    bodies[start] = tag.range.end - tags[start].range.start;
                }
            }
            _ => {}
        }
    }
    bodies
}

struct Guard<'a> {
    source: &'a str,
    edits: Vec<(usize, String)>,
    references: Vec<(String, usize)>,
}

impl Guard<'_> {
    fn text(&self, word: &Word) -> &str {
        &self.source[word.range.clone()]
    }

    fn is(&self, words: &[Word], n: usize, text: &str) -> bool {
        words.get(n).is_some_and(|word| word.is(self.source, text))
    }

    /// The first word of a statement.
    fn word_of(&self, tag: &Tag) -> &str {
        match tag.words.first() {
            Some(word) if tag.is_statement && word.kind != WordKind::Text => self.text(word),
            Some(_) | None => "",
        }
    }

    fn tag(&mut self, tag: &Tag, body: usize) -> Result<(), Wrong> {
        self.refuse(tag)?;
        let words = &tag.words[..];
        let Some(last) = words.last() else {
            return Ok(());
        };
        let keyword = self.word_of(tag).to_owned();
        match keyword.as_str() {
            "" => self.expression(words, 0, &format!(" | {OUT}")),
            "if" | "elif" => self.expression(words, 1, &format!(" | {COND}")),
            "for" => {
                if let Some(n) = words.iter().position(|word| word.is(self.source, "in")) {
                    self.expression(words, n + 1, &format!(" | {LOOP}(n={body})"));
                }
            }
            "set" | "set_global" if self.is(words, 2, "=") => {
                self.expression(words, 3, &format!(" | {VALUE}"))
            }
            "set" | "set_global" => {
                self.paths(words, 2..words.len());
                self.edits.push((last.range.end, format!(" | {VALUE}")));
            }
            "filter" => {
                self.paths(words, 2..words.len());
                self.edits.push((last.range.end, format!(" | {OUT}")));
            }
            "include" | "extends" => {
                if let Some(name) = words.get(1).filter(|word| word.kind == WordKind::Text) {
                    let text = self.text(name);
                    let inside = text[1..text.len() - 1].to_owned();
                    self.references.push((inside, name.range.start));
                }
            }
            "block" => {
                let dash = if tag.trims_after { "-" } else { "" };
                self.edits
                    .push((tag.range.end, format!("{{{{ {ENTER}(n={body}) {dash}}}}}")));
            }
            "endblock" => {
                let dash = if tag.trims_before { "-" } else { "" };
                self.edits
                    .push((tag.range.start, format!("{{{{{dash} {LEAVE}() }}}}")));
            }
            // The language's parser knows the others, and refuses what is none.
            _ => {}
        }
        Ok(())
    }

    /// What cannot be checked, or would get round the checks.
    fn refuse(&self, tag: &Tag) -> Result<(), Wrong> {
        let wrong = |word: &Word, message: &str| {
            Err(Wrong {
                offset: word.range.start,
                message: message.to_owned(),
            })
        };
        let mut open: Vec<&str> = Vec::new();
        let (mut tildes, mut filters) = (0, 0);
        for (n, word) in tag.words.iter().enumerate() {
            let text = self.text(word);
            if word.kind == WordKind::Name
                && let Some(message) = self.refused_name(tag, n)
            {
                return wrong(word, message);
            }
            match (word.kind, text) {
                (WordKind::Sign, "(" | "[" | "{" | "?[") => {
                    open.push(if text == "?[" { "[" } else { text })
                }
                (WordKind::Sign, ")" | "]" | "}") => {
                    let opener = match text {
                        ")" => "(",
                        "]" => "[",
                        _ => "{",
                    };
                    if open.pop() != Some(opener) {
                        return wrong(word, &format!("`{text}` closes nothing"));
                    }
                }
                (WordKind::Sign, "~") => tildes += 1,
                (WordKind::Sign, "|") => filters += 1,
                _ => {}
            }
            if let Some(message) = too_much(&open, tildes.max(filters)) {
                return wrong(word, &message);
            }
        }
        match tag.words.last() {
            Some(last) if !open.is_empty() => wrong(last, "a bracket is not closed in this tag"),
            Some(_) | None => Ok(()),
        }
    }

    /// Why the name at `n` may not stand there.
    fn refused_name(&self, tag: &Tag, n: usize) -> Option<&'static str> {
        let follows = |text: &str| {
            n.checked_sub(1)
                .is_some_and(|before| self.is(&tag.words, before, text))
        };
        let is_first = n == 0 && tag.is_statement;
        match self.text(&tag.words[n]) {
            "component" if is_first => Some(
                "components are not supported: put the text into a file of its own and `include` it",
            ),
            "for" if !is_first && !follows(".") && !follows("?.") => {
                Some("a list made by `for` is not supported: use a `for` tag")
            }
            name if name.starts_with("__") => Some("names that start with `__` are reserved"),
            _ => None,
        }
    }

    /// Wraps the expression that starts at word `from` and all variables in it.
    fn expression(&mut self, words: &[Word], from: usize, check: &str) {
        let (Some(first), Some(last)) = (words.get(from), words.last()) else {
            return;
        };
        self.edits.push((first.range.start, "(".to_owned()));
        self.paths(words, from..words.len());
        self.edits.push((last.range.end, format!("){check}")));
    }

    /// Wraps the variables among these words: names with the fields and indexes behind them.
    fn paths(&mut self, words: &[Word], range: std::ops::Range<usize>) {
        let mut n = range.start;
        while n < range.end {
            if words[n].kind != WordKind::Name || self.is_no_variable(words, n) {
                n += 1;
                continue;
            }
            let end = self.path(words, n, range.end);
            if !self.may_be_undefined(words, end) {
                self.edits.push((words[n].range.start, "(".to_owned()));
                // The closing edit must come after those of the indexes within, the opening one before.
                self.indexes(words, n + 1..end);
                self.edits
                    .push((words[end - 1].range.end, format!(" | {DEFINED})")));
            } else {
                self.indexes(words, n + 1..end);
            }
            n = end;
        }
    }

    /// The word behind the path that starts at `n`.
    fn path(&self, words: &[Word], n: usize, limit: usize) -> usize {
        let mut end = n + 1;
        while end < limit {
            if (self.is(words, end, ".") || self.is(words, end, "?."))
                && words
                    .get(end + 1)
                    .is_some_and(|word| word.kind == WordKind::Name)
            {
                end += 2;
            } else if self.is(words, end, "[") || self.is(words, end, "?[") {
                end = self.closing(words, end) + 1;
            } else {
                break;
            }
        }
        end.min(limit)
    }

    /// The word that closes the bracket at `n`; [`Self::refuse`] has seen that there is one.
    fn closing(&self, words: &[Word], n: usize) -> usize {
        let mut depth = 0usize;
        for (at, word) in words.iter().enumerate().skip(n) {
            match self.text(word) {
                "[" | "?[" if word.kind == WordKind::Sign => depth += 1,
                "]" if word.kind == WordKind::Sign => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return at;
            }
        }
        words.len() - 1
    }

    /// The variables within the brackets of a path.
    fn indexes(&mut self, words: &[Word], range: std::ops::Range<usize>) {
        let mut n = range.start;
        while n < range.end {
            if self.is(words, n, "[") || self.is(words, n, "?[") {
                let end = self.closing(words, n);
                self.paths(words, n + 1..end);
                n = end;
            }
            n += 1;
        }
    }

    fn is_no_variable(&self, words: &[Word], n: usize) -> bool {
        const KEYWORDS: [&str; 15] = [
            "and", "or", "not", "in", "is", "if", "else", "true", "True", "false", "False", "none",
            "None", "null", "for",
        ];
        let before = |back: usize, text: &str| {
            n.checked_sub(back)
                .is_some_and(|at| self.is(words, at, text))
        };
        let is_test = before(1, "is") || (before(1, "not") && before(2, "is"));
        let is_argument = self.is(words, n + 1, "=") && (before(1, "(") || before(1, ","));
        KEYWORDS.contains(&self.text(&words[n]))
            || before(1, "|")
            || before(1, ".")
            || before(1, "?.")
            || is_test
            || is_argument
            || self.is(words, n + 1, "(")
    }

    /// `| default(…)`, `is defined` and `is undefined` are there for variables that may be undefined.
    fn may_be_undefined(&self, words: &[Word], n: usize) -> bool {
        let at = |n: usize, text: &str| self.is(words, n, text);
        let test = if at(n + 1, "not") { n + 2 } else { n + 1 };
        (at(n, "|") && at(n + 1, "default"))
            || (at(n, "is") && (at(test, "defined") || at(test, "undefined")))
    }
}

/// What a tag has more of than it may, given its open brackets and its most frequent sign.
fn too_much(open: &[&str], signs: usize) -> Option<String> {
    let maps = open.iter().filter(|text| **text == "{").count();
    if signs > PER_TAG {
        let message =
            format!("more than {PER_TAG} `~` or filters in one tag: use `set` in between");
        return Some(message);
    }
    if open.len() > BRACKET_DEPTH {
        return Some(format!(
            "brackets nest deeper than {BRACKET_DEPTH} in one tag"
        ));
    }
    (maps > MAP_DEPTH).then(|| format!("maps nest deeper than {MAP_DEPTH} in one tag"))
}
