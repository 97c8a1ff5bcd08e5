//! Random overlays through the native renderer and through the real `kustomize`: the same bytes, or an error from both.
//!
//! The overlays combine what people combine: layers, components, generators on top of generators, patches of every form,
//! replacements, vars, field tables, built-in transformers as objects. `KUSTOMIZE` names the program, `PUSHBOAT_KUSTOMIZE_CASES` how
//! many overlays are tried, `PUSHBOAT_KUSTOMIZE_SEED` the first, and
//! `PUSHBOAT_KUSTOMIZE_KEEP` a folder that gets those that differ. Skipped with a word where the program is not there.

mod generators;
mod layer;
mod objects;
mod patches;
mod plugins;
mod random;
mod tables;
mod texts;
mod values;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use self::layer::{Case, Layer};
use self::objects::Known;
use self::random::Random;
use pushboat::render::kustomize::{BuildOptions, build};
use pushboat::repo::tree::MemoryTree;

/// Few enough for every run; 20 to 50 ms each.
const CASES: u64 = 150;

fn program() -> PathBuf {
    std::env::var_os("KUSTOMIZE")
        .filter(|path| !path.is_empty())
        .map_or_else(|| crate::support::program("kustomize"), PathBuf::from)
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

/// Writes one directory; returns what an outer one may patch.
fn directory(case: &mut Case, path: &str, bases: &[String], known: Vec<Known>) -> Vec<Known> {
    let mut layer = Layer::new(case, path, false, known);
    layer.resources(bases);
    layer.generators();
    if layer.chance(15) {
        let part = format!("{path}-part");
        let known = std::mem::take(&mut layer.known);
        let known = component(layer.case, &part, known);
        layer.known = known;
        layer.line(&format!("components: [../{part}]"));
    }
    steps(layer)
}

fn component(case: &mut Case, path: &str, known: Vec<Known>) -> Vec<Known> {
    let mut layer = Layer::new(case, path, true, known);
    if layer.chance(50) {
        layer.resources(&[]);
    }
    layer.generators();
    steps(layer)
}

fn steps(mut layer: Layer<'_>) -> Vec<Known> {
    layer.tables();
    layer.patches();
    layer.names();
    layer.labels();
    layer.images_and_replicas();
    layer.replacements();
    layer.plugins();
    layer.vars();
    layer.rest();
    layer.finish()
}

/// The files of one case; the top directory is `top`.
fn case(seed: u64) -> BTreeMap<String, String> {
    let mut case = Case {
        random: Random(seed),
        files: BTreeMap::new(),
        vars: 0,
    };
    let mut bases = vec!["base".to_owned()];
    let mut known = directory(&mut case, "base", &[], Vec::new());
    if case.random.chance(25) {
        known.extend(directory(&mut case, "other", &[], Vec::new()));
        bases.push("other".to_owned());
    }
    if case.random.chance(40) {
        known = directory(&mut case, "middle", &bases, known);
        bases = vec!["middle".to_owned()];
    }
    directory(&mut case, "top", &bases, known);
    case.files
}

fn real(program: &Path, root: &Path) -> Result<String, String> {
    let output = Command::new(program)
        .arg("build")
        .arg(root.join("top"))
        .output()
        .unwrap();
    if output.status.success() {
        // The label of `managedByLabel` tells the version; this renderer follows the newest.
        let text = String::from_utf8(output.stdout).unwrap();
        Ok(text.replace("kustomize-v5.8.2", "kustomize-v5.8.3"))
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn write(root: &Path, files: &BTreeMap<String, String>) {
    for (path, content) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
}

fn check(program: &Path, seed: u64) -> Result<bool, String> {
    let files = case(seed);
    let root = tempfile::tempdir().unwrap();
    write(root.path(), &files);
    let expected = real(program, root.path());
    let tree: MemoryTree = files
        .iter()
        .map(|(path, content)| (path, content.as_str()))
        .collect();
    let ours = build(&tree, "top", &BuildOptions::default());
    let why = match (&expected, &ours) {
        (Ok(expected), Ok(ours)) if *expected == ours.to_yaml() => return Ok(true),
        // A crash is no answer.
        (Err(theirs), _) if theirs.contains("panic: ") => return Ok(false),
        (Err(theirs), Err(ours)) => {
            let theirs = theirs
                .lines()
                .find(|line| line.starts_with("Error"))
                .unwrap_or_default();
            eprintln!(
                "seed {seed} refused: {theirs:.300}\n  by pushboat: {}",
                ours.message()
            );
            return Ok(false);
        }
        (Ok(expected), Ok(ours)) => {
            let ours = ours.to_yaml();
            similar::TextDiff::from_lines(expected.as_str(), &ours)
                .unified_diff()
                .header("kustomize", "pushboat")
                .to_string()
        }
        (Ok(_), Err(error)) => format!("only pushboat fails: {error}"),
        (Err(error), Ok(_)) => format!("only kustomize fails: {error}"),
    };
    eprintln!("seed {seed}: {why}");
    if let Some(keep) = std::env::var_os("PUSHBOAT_KUSTOMIZE_KEEP") {
        write(&Path::new(&keep).join(seed.to_string()), &files);
    }
    let mut text = format!("seed {seed}\n");
    for (path, content) in &files {
        let _ = writeln!(text, "=== {path}\n{content}");
    }
    Err(text + &why)
}

#[test]
fn random_overlays_come_out_as_the_real_kustomize_gives_them() {
    let program = program();
    let first = number("PUSHBOAT_KUSTOMIZE_SEED", 1);
    let n = number("PUSHBOAT_KUSTOMIZE_CASES", CASES);
    let (mut built, mut failed) = (0, Vec::new());
    for seed in first..first + n {
        match check(&program, seed) {
            Ok(is_built) => built += u64::from(is_built),
            Err(why) => failed.push(why),
        }
    }
    eprintln!(
        "{n} overlays: {built} built alike, {} refused alike, {} differ",
        n - built - failed.len() as u64,
        failed.len()
    );
    assert!(
        failed.is_empty(),
        "{} overlays differ, the first:\n{}",
        failed.len(),
        failed[0]
    );
}
