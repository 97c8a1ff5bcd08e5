//! Hard YAML: what kubectl and kustomize read, recorded in `testdata/yaml/cases.txt`, and what pushboat reads.
//!
//! A line is a case, what kubectl says and what kustomize says, with tabs between. A case is a value, or with `@` a whole
//! file in which `OBJECT` stands for the first lines of an object. `¶` is a newline, `⇥` a tab, `␍` a carriage return.
//! `UPDATE_EXPECT=1` records anew.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use pushboat::object::yaml::{Dialect, Limits, parse, to_json, with_final_newline};
use serde_json::Value;

use crate::support::{finish, program};

const TABLE: &str = "testdata/yaml/cases.txt";

/// Where pushboat answers otherwise than the program, and why.
const DIFFERENCES: &[(&str, Dialect, &str)] = &[
    // An escape of JSON: one reader serves both.
    (r#""\/""#, KUBECTL, r#""/""#),
    (r#""\/""#, KUSTOMIZE, r#""/""#),
    (
        r#"@{"apiVersion": "t/v1", "kind": "T", "metadata": {"name": "NAME"}, "a": 1e3, "b": "\/"}"#,
        KUSTOMIZE,
        r#"{"a":1000,"b":"/"}"#,
    ),
    // Pairs of surrogates are JSON's too; a JSON document in a file of manifests is read as JSON after this reader.
    (
        r#"@{"apiVersion": "t/v1", "kind": "T", "metadata": {"name": "NAME"}, "a": 1.0, "b": "\ud83d\ude00"}"#,
        KUBECTL,
        "refused",
    ),
    // kustomize writes a resource out and reads it again; a null within braces becomes an empty text on the way.
    ("!!set {a, b}", KUSTOMIZE, r#"{"a":null,"b":null}"#),
    ("{a, b: 1}", KUSTOMIZE, r#"{"a":null,"b":1}"#),
    ("{a: }", KUSTOMIZE, r#"{"a":null}"#),
    ("{a:1}", KUSTOMIZE, r#"{"a:1":null}"#),
    // On the same way a folded text gains an empty line before lines that are indented more.
    (">-¶  a¶    b¶  c¶", KUSTOMIZE, r#""a\n  b\nc""#),
    // Both programs cut files at `---` before they parse, and so lose what a directive says.
    ("@%YAML 1.1¶---¶OBJECT¶a: 1¶", KUBECTL, r#"{"a":1}"#),
    ("@%YAML 1.1¶---¶OBJECT¶a: 1¶", KUSTOMIZE, r#"{"a":1}"#),
    ("@%TAG ! !x¶---¶OBJECT¶a: !y 1¶", KUBECTL, r#"{"a":"1"}"#),
    ("@%TAG ! !x¶---¶OBJECT¶a: !y 1¶", KUSTOMIZE, r#"{"a":"1"}"#),
];

const KUBECTL: Dialect = Dialect::Kubectl;
const KUSTOMIZE: Dialect = Dialect::Kustomize;

/// The objects of a file without their head; nothing where the file is refused.
type Answer = Option<Vec<Value>>;

#[test]
fn reads_hard_yaml_as_recorded() {
    let mut wrong = String::new();
    for line in table().lines() {
        let Some((case, kubectl, kustomize)) = columns(line) else {
            continue;
        };
        for (dialect, recorded) in [(Dialect::Kubectl, kubectl), (Dialect::Kustomize, kustomize)] {
            let ours = written(&ours(&file(case, 0), dialect));
            let differs = DIFFERENCES.iter().find(|d| d.0 == case && d.1 == dialect);
            let expected = differs.map_or(recorded, |difference| difference.2);
            if ours != expected {
                let _ = writeln!(wrong, "{case}\t{dialect:?}\tours {ours}\ttheirs {recorded}");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_records_are_what_the_programs_say() {
    let table = table();
    let cases: Vec<&str> = table
        .lines()
        .filter(|line| !is_comment(line))
        .map(|line| line.split('\t').next().unwrap())
        .collect();
    let files: Vec<String> = (0..).zip(&cases).map(|(n, case)| file(case, n)).collect();
    let refused = |dialect| files.iter().map(|f| ours(f, dialect).is_none()).collect();
    let kubectl = ask_all(&files, refused(Dialect::Kubectl), &kubectl);
    let kustomize = ask_all(&files, refused(Dialect::Kustomize), &kustomize);
    let mut text = String::new();
    let mut n = 0;
    for line in table.lines() {
        if is_comment(line) {
            let _ = writeln!(text, "{line}");
        } else {
            let (one, two) = (written(&kubectl[n]), written(&kustomize[n]));
            let _ = writeln!(text, "{}\t{one}\t{two}", cases[n]);
            n += 1;
        }
    }
    expect_test::expect_file![Path::new(env!("CARGO_MANIFEST_DIR")).join(TABLE)].assert_eq(&text);
}

/// Random scalars and small structures, hundreds in one run of the program.
#[test]
fn reads_random_yaml_as_kubectl_does() {
    const CASES: usize = 400;
    let word = "[-+]?[0-9]{1,3}|[-+.0-9eExob_]{1,8}|(0x|0b|0o|0)[0-9a-f_]{0,6}|[yYnNtTfFoO][a-zA-Z]{0,4}|[a-z]{1,4}|~|\\.(inf|NaN)|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2}:[0-9]{2}|'[a-z0-9]{0,3}'|\"[a-z0-9]{0,3}\"";
    let any = format!("({word})|\\[({word}), ({word})\\]|\\{{({word}): ({word})\\}}");
    let strategy = proptest::string::string_regex(&any).unwrap();
    let mut runner = TestRunner::deterministic();
    let files: Vec<String> = (0..CASES)
        .map(|n| file(&strategy.new_tree(&mut runner).unwrap().current(), n))
        .collect();
    let (good, bad): (Vec<String>, Vec<String>) = files
        .into_iter()
        .partition(|file| ours(file, Dialect::Kubectl).is_some());
    assert!(good.len() > CASES / 2, "only {} are valid", good.len());
    let answers = ask_all(&good, vec![false; good.len()], &kubectl);
    for (file, theirs) in good.iter().zip(answers) {
        assert_eq!(
            written(&ours(file, Dialect::Kubectl)),
            written(&theirs),
            "{file}"
        );
    }
    for file in bad.iter().take(20) {
        assert_eq!(kubectl(file), None, "{file}");
    }
}

fn table() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(TABLE)).unwrap()
}

fn is_comment(line: &str) -> bool {
    line.starts_with("# ")
}

fn columns(line: &str) -> Option<(&str, &str, &str)> {
    if is_comment(line) {
        return None;
    }
    let mut columns = line.split('\t');
    Some((columns.next()?, columns.next()?, columns.next()?))
}

/// The file a case stands for. Names keep the order when a program sorts.
fn file(case: &str, n: usize) -> String {
    let text = match case.strip_prefix('@') {
        Some(text) => text.to_owned(),
        None if case == "<empty>" => "OBJECT¶v:¶".to_owned(),
        None => format!("OBJECT¶v: {case}¶"),
    };
    let mut text = text
        .replace('¶', "\n")
        .replace('⇥', "\t")
        .replace('␍', "\r");
    let mut part = 0;
    while let Some(at) = text.find("OBJECT") {
        let head = format!("apiVersion: t/v1\nkind: T\nmetadata: {{name: n{n:04}-{part}}}");
        text.replace_range(at..at + "OBJECT".len(), &head);
        part += 1;
    }
    text.replace("NAME", &format!("n{n:04}"))
}

fn written(answer: &Answer) -> String {
    match answer {
        None => "refused".to_owned(),
        Some(values) => {
            let texts: Vec<String> = values
                .iter()
                .map(|value| short(value).to_string())
                .collect();
            texts.join(" ")
        }
    }
}

/// The object without its head, or only its value `v`; numbers as a cluster keeps them.
fn short(object: &Value) -> Value {
    let mut object = object.clone();
    let map = object.as_object_mut().unwrap();
    map.retain(|key, _| !matches!(key.as_str(), "apiVersion" | "kind" | "metadata"));
    narrow(&mut object);
    match object.as_object() {
        Some(map) if map.len() == 1 && map.contains_key("v") => map["v"].clone(),
        _ => object,
    }
}

/// Whole numbers beyond 63 bits, rounded: what passed through kubectl has lost its last digits.
fn narrow(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_u64() && !number.is_i64() => {
            let rounded = number.as_f64().unwrap().to_string();
            *number = serde_json::from_str(&rounded).unwrap();
        }
        Value::Array(items) => items.iter_mut().for_each(narrow),
        Value::Object(map) => map.values_mut().for_each(narrow),
        _ => {}
    }
}

fn ours(text: &str, dialect: Dialect) -> Answer {
    let mut text = Cow::Borrowed(text.as_bytes());
    if dialect == Dialect::Kubectl {
        text = Cow::Owned(with_final_newline(&text).into_owned());
    }
    let parsed = parse(&text, "file.yaml", &Limits::default()).ok()?;
    let values: Result<Vec<Value>, _> = parsed
        .documents
        .iter()
        .map(|document| to_json(document, "file.yaml", dialect))
        .collect();
    let is_object = |value: &Value| value["kind"] == "T";
    values.ok().filter(|values| values.iter().all(is_object))
}

/// Asks a program about all files: those likely refused alone, the others in one run that is halved where it fails.
fn ask_all(files: &[String], refused: Vec<bool>, ask: &dyn Fn(&str) -> Answer) -> Vec<Answer> {
    let mut answers: BTreeMap<usize, Answer> = BTreeMap::new();
    let mut batches: Vec<Vec<usize>> = Vec::new();
    let is_alone = |n: &usize| {
        let text = &files[*n];
        refused[*n]
            || !text.ends_with('\n')
            || !text.starts_with("apiVersion")
            || text.matches("apiVersion").count() > 1
    };
    let (alone, together): (Vec<usize>, Vec<usize>) = (0..files.len()).partition(is_alone);
    batches.extend(alone.into_iter().map(|n| vec![n]));
    batches.push(together);
    while let Some(batch) = batches.pop() {
        let parts: Vec<&str> = batch.iter().map(|n| files[*n].as_str()).collect();
        if let [only] = batch[..] {
            answers.insert(only, ask(parts[0]));
            continue;
        }
        match ask(&parts.join("---\n")) {
            Some(values) if values.len() == batch.len() => {
                for (n, value) in batch.into_iter().zip(values) {
                    answers.insert(n, Some(vec![value]));
                }
            }
            _ => {
                let (left, right) = batch.split_at(batch.len() / 2);
                batches.extend([left.to_vec(), right.to_vec()]);
            }
        }
    }
    answers.into_values().collect()
}

const PATIENCE: Duration = Duration::from_secs(60);

fn kubectl(text: &str) -> Answer {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(program("kubectl"));
    command
        .args(["label", "--local", "-f", "-", "-o", "json", "absent-"])
        .env_clear()
        .env("HOME", home.path())
        .env("KUBECONFIG", "/dev/null");
    let answer = finish(&mut command, text, PATIENCE);
    if answer.code != 0 {
        return None;
    }
    let values = serde_json::Deserializer::from_str(&answer.stdout).into_iter();
    Some(values.map(Result::unwrap).collect())
}

fn kustomize(text: &str) -> Answer {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("r.yaml"), text).unwrap();
    std::fs::write(
        folder.path().join("kustomization.yaml"),
        "resources: [r.yaml]",
    )
    .unwrap();
    let mut command = Command::new(program("kustomize"));
    command.arg("build").arg(folder.path()).env_clear();
    let answer = finish(&mut command, "", PATIENCE);
    // Its output is read by kubectl, so that no reader of ours judges itself.
    (answer.code == 0).then(|| kubectl(&answer.stdout))?
}
