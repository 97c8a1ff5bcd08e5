//! The rules of docs/architecture.md, held against the source.

use crate::support::source::Source;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Where a package may be named: parts of the program, or beginnings of paths. A package that is not listed may be used anywhere.
const PACKAGES: &[(&[&str], &[&str])] = &[
    (
        &["clap", "clap_complete", "clap_mangen", "tracing_subscriber"],
        &["cli/"],
    ),
    (&["anyhow"], &["cli/", "main.rs"]),
    (
        &[
            "kube",
            "hyper",
            "hyper_util",
            "hyper_rustls",
            "http",
            "http_body",
            "http_body_util",
            "tower",
        ],
        &["cluster/"],
    ),
    (&["gix"], &["repo/git", "fetch/"]),
    (&["gix_transport", "ureq"], &["fetch/"]),
    (&["rustls"], &["cluster/", "fetch/"]),
    (&["tera"], &["render/"]),
    (&["libyaml_safer"], &["object/yaml/"]),
    (&["indicatif", "dialoguer"], &["ui/"]),
    (&["comfy_table"], &["ui/", "report/"]),
    (&["similar"], &["report/"]),
    (&["tokio"], &["cluster/", "sync/", "fleet/", "cli/"]),
    (&["futures"], &["cluster/", "sync/", "fleet/", "cli/"]),
];

/// No file has more code than this, tests not counted.
const MOST_LINES: usize = 600;

/// Fails with every place that breaks a rule, so that one run shows them all.
#[track_caller]
fn expect_none(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{rule}:\n  {}", broken.join("\n  "));
}

/// Places where code that ships matches a pattern, outside the paths that begin with one of these.
fn places(pattern: &str, allowed: &[&str]) -> Vec<String> {
    let mut places = Vec::new();
    for source in Source::all() {
        if !allowed.iter().any(|path| source.path.starts_with(path)) {
            let lines = source.lines_with(pattern);
            places.extend(
                lines
                    .iter()
                    .map(|line| format!("src/{}:{line}", source.path)),
            );
        }
    }
    places
}

/// The code map of docs/architecture.md: each part with what it may know, `None` for everything, and its column `I/O`.
fn code_map() -> BTreeMap<String, (Option<BTreeSet<String>>, String)> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md");
    let text = std::fs::read_to_string(file).unwrap();
    let table = text
        .split("## Code map")
        .nth(1)
        .unwrap()
        .split("\n## ")
        .next()
        .unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let row = |line: &str| {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let knows =
            (cells[2] != "everything").then(|| cells[2].split(", ").map(str::to_owned).collect());
        (
            cells[0].trim_matches('`').to_owned(),
            (knows, cells[3].to_owned()),
        )
    };
    rows.map(row).collect()
}

#[test]
fn the_code_map_names_every_folder_and_no_other() {
    let mapped: Vec<_> = code_map().into_keys().collect();
    let folders: BTreeSet<_> = Source::all()
        .iter()
        .filter(|source| source.path.contains('/'))
        .map(|source| source.part().to_owned())
        .collect();
    assert_eq!(mapped, folders.into_iter().collect::<Vec<_>>());
}

#[test]
fn each_part_knows_only_what_the_code_map_says() {
    let map = code_map();
    let mut broken = Vec::new();
    for source in Source::all() {
        let Some((Some(knows), _)) = map.get(source.part()) else {
            continue;
        };
        for (line, name) in source.uses() {
            if name != source.part() && !knows.contains(&name) {
                broken.push(format!("src/{}:{line} uses {name}", source.path));
            }
        }
    }
    expect_none(
        "the code map in docs/architecture.md does not allow",
        &broken,
    );
}

#[test]
fn errors_and_exits_know_nothing_else() {
    let sources = Source::all();
    let mut broken = Vec::new();
    for (part, knows) in [("exit", &[][..]), ("error", &["exit"])] {
        for (line, name) in sources
            .iter()
            .filter(|source| source.part() == part)
            .flat_map(Source::uses)
        {
            if !knows.contains(&name.as_str()) {
                broken.push(format!("src/{part}.rs:{line} uses {name}"));
            }
        }
    }
    expect_none("these stand below everything", &broken);
}

#[test]
fn packages_stay_in_their_places() {
    let mut broken = Vec::new();
    for source in Source::all() {
        for (line, root) in source.roots() {
            let place = PACKAGES
                .iter()
                .find(|(packages, _)| packages.contains(&root));
            if let Some((_, allowed)) = place
                && !allowed.iter().any(|path| source.path.starts_with(path))
            {
                broken.push(format!(
                    "src/{}:{line} uses {root}, which is only for {allowed:?}",
                    source.path
                ));
            }
        }
    }
    expect_none("packages have their places", &broken);
}

#[test]
fn parts_without_io_have_none() {
    let machine = places(r"\bstd::(fs|net|process)\b|\bFile::(open|create)\b", &[]);
    for (part, (_, io)) in code_map() {
        if io == "none" || io.starts_with("through ") {
            let folder = format!("src/{part}/");
            let broken: Vec<_> = machine
                .iter()
                .filter(|place| place.starts_with(&folder))
                .cloned()
                .collect();
            expect_none(&format!("{part}: {io}"), &broken);
        }
    }
}

#[test]
fn decisions_have_no_clock() {
    let clocks = r"\b(Instant|SystemTime|Timestamp|Zoned)::now\b";
    let others = [
        "cli/",
        "cluster/",
        "fetch/",
        "fleet/",
        "helm/", // how long it may run
        "repo/",
        "render/template/budget.rs", // how long a template may run
        "report/",
        "sync/",
        "ui/",
    ];
    expect_none(
        "time is given to these parts, not asked for",
        &places(clocks, &others),
    );
}

#[test]
fn only_one_file_reads_the_environment() {
    let reads = r"\benv::(vars?|vars?_os|current_dir|current_exe|home_dir|temp_dir|set_var|remove_var)\b|\buse std::env\b";
    expect_none(
        "the environment is read in cli/env.rs",
        &places(reads, &["cli/env.rs"]),
    );
    expect_none(
        "the arguments are read in main.rs",
        &places(r"\benv::args", &["main.rs"]),
    );
}

#[test]
fn nothing_prints_but_the_terminal_layer() {
    let macros = r"\b(e?print(ln)?|dbg)!";
    expect_none("text goes through ui", &places(macros, &[]));
    // Scripts and manuals are written whole, before there is a terminal to ask about; context.rs hands the streams to ui.
    let streams = r"\bstd(out|err)\(\)(\.lock\(\))?\.write|\bwriteln?!\((std::)?io::std";
    let writers = ["ui/", "cli/completion.rs", "cli/man.rs"];
    expect_none("text goes through ui", &places(streams, &writers));
}

#[test]
fn every_file_says_what_it_is() {
    let silent: Vec<_> = Source::all()
        .iter()
        .filter(|source| !source.text.starts_with("//! "))
        .map(|source| format!("src/{}", source.path))
        .collect();
    expect_none("a file starts with `//!` and what it does", &silent);
}

#[test]
fn no_file_grows_too_long() {
    let mut long = Vec::new();
    for source in Source::all() {
        let code = source.text.lines().count() - tests_in(&source.text);
        if code > MOST_LINES {
            long.push(format!("src/{} has {code} lines", source.path));
        }
    }
    expect_none(
        &format!("a file has at most {MOST_LINES} lines, its tests not counted"),
        &long,
    );
}

/// The lines of the tests that end a file.
fn tests_in(text: &str) -> usize {
    text.find("\n#[cfg(test)]\nmod tests {")
        .map_or(0, |at| text[at..].lines().count())
}
