//! Rust source text, reduced to the code that ships: no comments, no literals, no tests.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// A file below `src/`.
pub(crate) struct Source {
    /// The path below `src/`, such as `cli/env.rs`.
    pub(crate) path: String,
    pub(crate) text: String,
    /// The text without comments, without what is in literals, and without items marked `#[cfg(test)]`. Lines keep their
    /// numbers.
    pub(crate) code: String,
}

impl Source {
    /// Every file below `src/` that is not a test.
    pub(crate) fn all() -> &'static [Self] {
        static ALL: LazyLock<Vec<Source>> = LazyLock::new(Source::read);
        &ALL
    }

    fn read() -> Vec<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut paths = Vec::new();
        collect(&root, &mut paths);
        let mut sources: Vec<_> = paths
            .iter()
            .map(|path| {
                let text = std::fs::read_to_string(path).unwrap();
                let path = path.strip_prefix(&root).unwrap().to_str().unwrap();
                Self::new(path, &text)
            })
            .collect();
        let tests: Vec<_> = sources.iter().flat_map(Self::test_files).collect();
        sources
            .retain(|source| !source.path.ends_with("tests.rs") && !tests.contains(&source.path));
        sources
    }

    fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            code: without_tests(&bare(text)),
        }
    }

    /// The part of the program that the file belongs to: `cli`, `cluster`, or the file's own name at the top.
    pub(crate) fn part(&self) -> &str {
        self.path
            .split(['/', '.'])
            .next()
            .expect("a path has a first part")
    }

    /// The names that stand right below the package in this file's paths, each with its line.
    pub(crate) fn uses(&self) -> Vec<(usize, String)> {
        let depth = self.path.trim_end_matches("/mod.rs").split('/').count();
        let path = regex::Regex::new(r"\b(?:crate|((?:super::)*super))::(\w+)").unwrap();
        let found = path.captures_iter(&self.code).filter(|found| {
            let up = found
                .get(1)
                .map_or(depth, |up| up.as_str().split("::").count());
            up == depth && !self.code[..found.get(0).unwrap().start()].ends_with("::")
        });
        found
            .map(|found| {
                (
                    self.line(found.get(0).unwrap().start()),
                    found[2].to_owned(),
                )
            })
            .collect()
    }

    /// The first parts of all paths, each with its line: `tokio` for `tokio::spawn` and for `use tokio;`.
    pub(crate) fn roots(&self) -> Vec<(usize, &str)> {
        let mut roots = Vec::new();
        for (number, line) in self.code.lines().enumerate() {
            let paths = line.match_indices("::").map(|(at, _)| &line[..at]);
            let plain = line
                .trim()
                .strip_prefix("use ")
                .and_then(|used| used.strip_suffix(';'));
            for path in paths.chain(plain) {
                let start = path
                    .rfind(|c: char| !c.is_alphanumeric() && c != '_')
                    .map_or(0, |at| at + 1);
                if !path[..start].ends_with([':', '.']) {
                    roots.push((number + 1, &path[start..]));
                }
            }
        }
        roots
    }

    /// The lines where the pattern matches the code.
    pub(crate) fn lines_with(&self, pattern: &str) -> Vec<usize> {
        let pattern = regex::Regex::new(pattern).unwrap();
        let found = pattern.find_iter(&self.code);
        found.map(|found| self.line(found.start())).collect()
    }

    fn line(&self, at: usize) -> usize {
        self.code[..at].matches('\n').count() + 1
    }

    /// The files of modules that this one declares for tests only.
    fn test_files(&self) -> Vec<String> {
        let declared = regex::Regex::new(
            r"#\[cfg\(test\)\]\s*(?:#\[[^\]]*\]\s*)*(?:pub(?:\([a-z]+\))? )?mod (\w+);",
        )
        .unwrap();
        let folder = match self.path.rsplit_once('/') {
            Some((folder, "mod.rs")) => folder.to_owned(),
            _ => self.path.trim_end_matches(".rs").to_owned(),
        };
        let names = declared.captures_iter(&self.text);
        names
            .map(|name| format!("{folder}/{}.rs", &name[1]))
            .collect()
    }
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// Blanks comments and what stands in literals; line ends and quotes stay.
fn bare(text: &str) -> String {
    let comment = r"//[^\n]*|/\*.*?\*/";
    let string = r###"\bb?r##?".*?"##?|\bb?r"[^"]*"|"(?:\\.|[^"\\])*""###;
    let character = r"'(?:\\(?:u\{[^}]*\}|x..|.)|[^'\\])'";
    let token = regex::Regex::new(&format!("(?s){comment}|{string}|{character}")).unwrap();
    let blank = |found: &regex::Captures<'_>| {
        let lines: String = found[0].chars().filter(|c| *c == '\n').collect();
        if found[0].starts_with('/') {
            lines
        } else {
            format!("\"{lines}\"")
        }
    };
    token.replace_all(text, blank).into_owned()
}

/// Blanks every item that is marked `#[cfg(test)]`: to its closing brace, or to its semicolon.
fn without_tests(code: &str) -> String {
    let mut left = String::new();
    let mut rest = code;
    while let Some(at) = rest.find("#[cfg(test)]") {
        left.push_str(&rest[..at]);
        let item = &rest[at..];
        let end = end_of_item(item);
        left.extend(item[..end].chars().filter(|c| *c == '\n'));
        rest = &item[end..];
    }
    left + rest
}

fn end_of_item(item: &str) -> usize {
    let mut depth = 0;
    for (at, c) in item.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return at + 1,
            '}' => depth -= 1,
            ';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    item.len()
}

#[test]
fn code_is_what_ships() {
    let source = Source::new(
        "plan/x.rs",
        "//! crate::a\nuse super::super::b; /* crate::c */\nlet s = \"crate::d {\";\n#[cfg(test)]\nmod tests {\n use crate::e;\n}\n\
         use crate::f::g;\nuse super::near;\nlet c = '{'; let l: &'static str = r#\"crate::h \"quoted\" \"#;",
    );
    assert_eq!(source.part(), "plan");
    assert_eq!(source.uses(), [(2, "b".to_owned()), (8, "f".to_owned())]);
}
