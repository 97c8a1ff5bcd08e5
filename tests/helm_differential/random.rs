//! Random charts entries in random layers, so that options meet that nobody thought of together.
//!
//! `PUSHBOAT_HELM_CASES` names how many are tried, `PUSHBOAT_HELM_SEED` the first.

use std::fmt::Write as _;

use super::{Alike, compare_with};
use pushboat::render::kustomize::LoadRestrictor;

/// Few enough for every run; half a second each.
const CASES: u64 = 12;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

/// The same numbers for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % n as u64).unwrap_or(0)
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    /// Each of these with this chance in percent.
    fn some(&mut self, percent: usize, of: &[&str]) -> Vec<String> {
        of.iter()
            .filter(|_| self.below(100) < percent)
            .map(|text| (*text).to_owned())
            .collect()
    }
}

const SCALARS: &[&str] = &[
    "yes",
    "'yes'",
    "0644",
    "1.0",
    "1e3",
    "2020-01-01",
    "null",
    "~",
    "true",
    "''",
    "'a: b'",
    "-1",
    "12345678901234567890",
    "0x1F",
    ".5",
    "é",
    "n",
    "[1, a]",
    "{x: 1}",
    "[]",
    "{}",
    "1_000",
    "'1'",
];
const KEYS: &[&str] = &[
    "replicas", "other", "list", "extra", "own", "deep", "flag", "n",
];

/// A map of values in flow style.
fn values(random: &mut Random, depth: usize) -> String {
    let mut text = "{".to_owned();
    let start = random.below(KEYS.len());
    for key in KEYS.iter().cycle().skip(start).take(1 + random.below(4)) {
        let value = if depth > 0 && random.below(3) == 0 {
            values(random, depth - 1)
        } else {
            random.pick(SCALARS).to_owned()
        };
        let _ = write!(text, "{key}: {value}, ");
    }
    text + "}"
}

fn entry(random: &mut Random, n: usize) -> String {
    let mut fields = vec!["name: app".to_owned(), format!("releaseName: r{n}")];
    fields.extend(random.some(
        25,
        &[
            "namespace: own",
            "includeCRDs: true",
            "skipHooks: true",
            "skipTests: true",
            "apiVersions: [example.com/v1]",
            "kubeVersion: '1.29.0'",
            "additionalValuesFiles: [more.yaml]",
            "valuesFile: mine.yaml",
        ],
    ));
    if random.below(3) > 0 {
        fields.push(format!("valuesInline: {}", values(random, 2)));
        fields.extend(random.some(30, &["valuesMerge: override"]));
        if fields
            .last()
            .is_some_and(|last| !last.starts_with("valuesMerge"))
        {
            fields.extend(random.some(30, &["valuesMerge: merge"]));
        }
    }
    format!("- {{{}}}\n", fields.join(", "))
}

fn case(seed: u64) -> String {
    let mut random = Random(seed);
    let mut text = String::new();
    for layer in ["base", "top"] {
        let _ = writeln!(text, "=== {layer}/kustomization.yaml");
        if layer == "top" {
            text.push_str("resources: [../base]\n");
        }
        let steps = random.some(
            35,
            &[
                "namespace: team",
                "namePrefix: p-",
                "labels: [{pairs: {a: b}, includeSelectors: true}]",
                "commonAnnotations: {x: 'y'}",
                "images: [{name: nginx, newTag: '9'}]",
                "buildMetadata: [originAnnotations]",
                "configMapGenerator: [{name: made, literals: [a=b]}]",
                "patches: [{patch: '[{\"op\": \"add\", \"path\": \"/metadata/annotations/x\", \"value\": \"b\"}]', target: {kind: Service}}]",
            ],
        );
        for step in steps {
            let step = step
                .replace("team", &format!("{layer}-team"))
                .replace("made", &format!("made-{layer}"))
                .replace("p-", &format!("{layer}-"));
            let _ = writeln!(text, "{step}");
        }
        text.push_str("helmCharts:\n");
        for n in 0..=random.below(2) {
            text.push_str(&entry(&mut random, n + if layer == "top" { 5 } else { 0 }));
        }
        for file in ["mine", "more"] {
            let values = values(&mut random, 2);
            let _ = writeln!(text, "=== {layer}/{file}.yaml\n{values}");
        }
    }
    text
}

#[test]
fn random_charts_come_out_as_the_real_kustomize_gives_them() {
    let first = number("PUSHBOAT_HELM_SEED", 1);
    let n = number("PUSHBOAT_HELM_CASES", CASES);
    let built = (first..first + n)
        .filter(|seed| {
            matches!(
                compare_with(&case(*seed), LoadRestrictor::RootOnly),
                Alike::Built(_)
            )
        })
        .count();
    println!("{n} cases: {built} built alike, the others refused alike");
    assert!(built > 0);
}
