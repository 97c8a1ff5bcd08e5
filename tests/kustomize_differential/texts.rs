//! Random YAML texts in a ConfigMap, changed by a replacement: the same bytes as the real program's.
//!
//! `PUSHBOAT_KUSTOMIZE_CASES` and `PUSHBOAT_KUSTOMIZE_SEED` say how many and which, as for overlays.

use std::collections::BTreeMap;

use super::random::Random;
use super::{number, program, real, write};
use pushboat::render::kustomize::{BuildOptions, build};
use pushboat::repo::tree::MemoryTree;

const CASES: u64 = 60;

/// A text in the making.
struct Writer {
    random: Random,
    out: String,
    anchors: usize,
}

const WORDS: &[&str] = &[
    "a",
    "x-y",
    "true",
    "5",
    "\"q\\t\"",
    "'s t'",
    "é",
    "on",
    "0x1F",
    "1e3",
    "2020-01-02",
    "-x",
    "a#b",
    "http://x:80/y",
    "two words",
    "null",
    "''",
    "\"\"",
    "~x",
    "=",
];
const KEYS: &[&str] = &[
    "a", "b", "c d", "\"q\"", "'s'", "5", "true", "null", "e.f", "name",
];
const COMMENTS: &[&str] = &["# c", "#", "#x: y", "#  - two  ", "# é"];

impl Writer {
    fn pad(&mut self, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    fn pick(&mut self, of: &[&str]) {
        let text = self.random.pick(of).to_owned();
        self.out += &text;
    }

    fn trail(&mut self) {
        if self.random.chance(20) {
            self.out.push(' ');
            self.pick(COMMENTS);
        }
        self.out.push('\n');
    }

    /// Comments and empty lines between entries.
    fn gap(&mut self, indent: usize) {
        while self.random.chance(25) {
            if self.random.chance(35) {
                self.out.push('\n');
                continue;
            }
            let elsewhere = self.random.below(indent + 3);
            let at = if self.random.chance(80) {
                indent
            } else {
                elsewhere
            };
            self.pad(at);
            self.pick(COMMENTS);
            self.out.push('\n');
        }
    }

    fn properties(&mut self) {
        if self.random.chance(6) {
            self.anchors += 1;
            self.out += &format!("&x{} ", self.anchors);
        }
        if self.random.chance(5) {
            self.pick(&["!!str ", "!foo ", "!!int ", "! "]);
        }
    }

    fn scalar(&mut self, indent: usize) {
        if self.anchors > 0 && self.random.chance(8) {
            self.out += &format!("*x{} ", self.anchors);
            return self.trail();
        }
        self.properties();
        match self.random.below(8) {
            0 => self.block_text(indent),
            1 => {
                self.out += "some\n";
                self.pad(indent + 2);
                self.out += "more";
                self.trail();
            }
            _ => {
                self.pick(WORDS);
                self.trail();
            }
        }
    }

    fn block_text(&mut self, indent: usize) {
        self.pick(&["|", ">"]);
        self.pick(&["", "-", "+"]);
        self.trail();
        for n in 0..=self.random.below(4) {
            if n > 0 && self.random.chance(25) {
                self.out.push('\n');
            }
            self.pad(indent + 2);
            if n > 0 && self.random.chance(20) {
                self.out.push(' ');
            }
            self.pick(&["text", "more words", "# none", "x: 1"]);
            self.out.push('\n');
        }
    }

    fn flow(&mut self, depth: usize, indent: usize) {
        let kind = if depth == 0 { 0 } else { self.random.below(3) };
        if kind == 0 {
            return self.pick(WORDS);
        }
        self.out.push(if kind == 1 { '[' } else { '{' });
        for n in 0..self.random.below(4) {
            if n > 0 {
                self.out.push(',');
            }
            if self.random.chance(15) {
                self.out.push(' ');
                self.pick(COMMENTS);
                self.out.push('\n');
                self.pad(indent + 2);
            } else {
                self.out.push(' ');
            }
            if kind == 2 {
                self.out += &format!("k{n}: ");
            }
            self.flow(depth - 1, indent);
        }
        self.out.push(if kind == 1 { ']' } else { '}' });
    }

    /// What follows `-` or `key:`.
    fn value(&mut self, depth: usize, indent: usize) {
        if self.random.chance(5) {
            return self.trail();
        }
        match self.random.below(if depth == 0 { 3 } else { 6 }) {
            0 | 1 => {
                self.out.push(' ');
                self.scalar(indent);
            }
            2 => {
                self.out.push(' ');
                self.flow(2, indent);
                self.trail();
            }
            kind => {
                self.trail();
                let indent = indent + 2 + 2 * self.random.below(2);
                self.gap(indent);
                if kind < 5 {
                    self.map(depth - 1, indent);
                } else {
                    self.list(depth - 1, indent);
                }
            }
        }
    }

    fn map(&mut self, depth: usize, indent: usize) {
        let first = self.random.below(KEYS.len());
        for n in 0..=self.random.below(3) {
            if n > 0 {
                self.gap(indent);
            }
            self.pad(indent);
            self.out += KEYS[(first + n) % KEYS.len()];
            self.out.push(':');
            self.value(depth, indent);
        }
    }

    fn list(&mut self, depth: usize, indent: usize) {
        for n in 0..=self.random.below(3) {
            if n > 0 {
                self.gap(indent);
            }
            self.pad(indent);
            self.out.push('-');
            self.value(depth, indent);
        }
    }
}

/// A text with a field `to`.
fn text(random: Random) -> (String, Random) {
    let mut writer = Writer {
        random,
        out: String::new(),
        anchors: 0,
    };
    writer.gap(0);
    if writer.random.chance(10) {
        writer.out += "---\n";
    }
    writer.gap(0);
    let is_first = writer.random.chance(50);
    if !is_first {
        writer.map(3, 0);
        writer.gap(0);
    }
    writer.pick(&[
        "to: x",
        "to: 5",
        "to: \"q\"",
        "to: 's'",
        "to: {x: 1}",
        "to: [a]",
    ]);
    writer.trail();
    writer.gap(0);
    if is_first {
        writer.map(3, 0);
        writer.gap(0);
    }
    (writer.out, writer.random)
}

fn case(seed: u64) -> BTreeMap<String, String> {
    let (text, mut random) = text(Random(seed));
    let value = random.pick(&["new", "5", "a b", "it's", "x: y", "l1\nl2", "true", "\t"]);
    let path = random.pick(&["to", "to", "to", "made", "made.x", "made.[n=x].v", "a.b"]);
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n";
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let files = [
        (
            "text",
            format!("{map}  name: text\ndata:\n  text: {}\n", quoted(&text)),
        ),
        (
            "source",
            format!("{map}  name: source\ndata:\n  value: {}\n", quoted(value)),
        ),
        (
            "kustomization",
            format!(
                "resources: [text.yaml, source.yaml]\nreplacements:\n\
                 - source: {{kind: ConfigMap, name: source, fieldPath: data.value}}\n  targets:\n  \
                 - select: {{name: ^text$}}\n    fieldPaths: [{}]\n    options: {{create: {}}}\n",
                quoted(&format!("data.text.{path}")),
                path.starts_with("made"),
            ),
        ),
    ];
    files
        .into_iter()
        .map(|(name, content)| (format!("top/{name}.yaml"), content))
        .collect()
}

#[test]
fn texts_that_a_replacement_changes_look_as_the_real_kustomize_writes_them() {
    let program = program();
    let first = number("PUSHBOAT_KUSTOMIZE_SEED", 1);
    let n = number("PUSHBOAT_KUSTOMIZE_CASES", CASES);
    let mut failed = Vec::new();
    let mut built = 0;
    for seed in first..first + n {
        let files = case(seed);
        let root = tempfile::tempdir().unwrap();
        write(root.path(), &files);
        let expected = real(&program, root.path());
        let tree: MemoryTree = files
            .iter()
            .map(|(path, content)| (path, content.as_str()))
            .collect();
        let ours = build(&tree, "top", &BuildOptions::default()).map(|built| built.to_yaml());
        match (expected, ours) {
            (Ok(expected), Ok(ours)) if expected == ours => built += 1,
            (Err(_), Err(_)) => {}
            (expected, ours) => failed.push(format!(
                "seed {seed}:\n{}\n{expected:#?}\n{ours:#?}",
                files["top/text.yaml"]
            )),
        }
    }
    eprintln!("{n} texts: {built} written alike, {} differ", failed.len());
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}
