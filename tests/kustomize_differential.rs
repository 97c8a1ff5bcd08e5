//! Random overlays through the native renderer and through the real `kustomize`: the same bytes, or an error from both.
//!
//! `KUSTOMIZE` names the program, `PUSHBOAT_KUSTOMIZE_CASES` how many overlays are tried, `PUSHBOAT_KUSTOMIZE_SEED` the first.
//! Skipped with a word where the program is not there.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use pushboat::render::kustomize::{BuildOptions, build};
use pushboat::repo::tree::MemoryTree;

/// Few enough for every run; 20 to 50 ms each.
const CASES: u64 = 150;

fn program() -> Option<PathBuf> {
    let set = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let built = || {
        let home = set("CONTROLPLANE_HOME").or_else(|| {
            let cache = set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")))?;
            Some(cache.join("pushboat/controlplane"))
        })?;
        Some(home.join("bin/kustomize"))
    };
    set("KUSTOMIZE")
        .or_else(built)
        .filter(|path| path.is_file())
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

/// The same numbers for the same seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap_or(0)
    }

    /// True in `percent` of all cases.
    fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

const NAMES: &[&str] = &["web", "api", "db", "cfg", "sec"];
const KINDS: &[&str] = &[
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "CronJob",
    "Service",
    "ConfigMap",
    "Secret",
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "ClusterRole",
    "ClusterRoleBinding",
    "Ingress",
    "HorizontalPodAutoscaler",
    "Widget",
    "Namespace",
    "PersistentVolumeClaim",
    "NetworkPolicy",
    "Job",
    "Pod",
    "ValidatingWebhookConfiguration",
];
/// Scalars that readers and writers disagree about.
const SCALARS: &[&str] = &[
    "plain",
    "\"yes\"",
    "yes",
    "0644",
    "1.0",
    "1e3",
    "2020-01-01",
    "'1:30'",
    "null",
    "~",
    "true",
    "\"\"",
    "'a: b'",
    "-1",
    "\"with \\\"quotes\\\"\"",
    "a very long text that goes on and on until it has to be folded because it is longer than the width",
    "12345678901234567890",
    "|\n        two\n        lines",
    "'it''s'",
    "'#no'",
    "0x1F",
    ".5",
    "'trailing '",
    "\"tab\\there\"",
    "é",
    "n",
];
const IMAGES: &[&str] = &[
    "nginx",
    "nginx:1.25",
    "reg.io:5000/team/app:v1",
    "busybox@sha256:abc",
    "redis:7@sha256:def",
];

fn api_version(kind: &str) -> &'static str {
    match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" => "apps/v1",
        "CronJob" | "Job" => "batch/v1",
        "Role" | "RoleBinding" | "ClusterRole" | "ClusterRoleBinding" => {
            "rbac.authorization.k8s.io/v1"
        }
        "Ingress" | "NetworkPolicy" => "networking.k8s.io/v1",
        "HorizontalPodAutoscaler" => "autoscaling/v2",
        "ValidatingWebhookConfiguration" => "admissionregistration.k8s.io/v1",
        "Widget" => "example.com/v1",
        _ => "v1",
    }
}

fn pod_spec(random: &mut Random, indent: &str) -> String {
    let mut text = format!("{indent}containers:\n");
    for n in 0..=random.below(2) {
        let image = random.pick(IMAGES);
        let _ = writeln!(text, "{indent}- name: c{n}\n{indent}  image: {image}");
        if random.chance(40) {
            let (config, secret) = (random.pick(NAMES), random.pick(NAMES));
            let _ = write!(
                text,
                "{indent}  env:\n{indent}  - name: A\n{indent}    value: \"1\"\n{indent}  - name: B\n{indent}    valueFrom: {{configMapKeyRef: {{name: {config}, key: k}}}}\n{indent}  envFrom:\n{indent}  - secretRef: {{name: {secret}}}\n"
            );
        }
        if random.chance(30) {
            let _ = write!(
                text,
                "{indent}  ports:\n{indent}  - containerPort: 80\n{indent}  - {{containerPort: 53, protocol: UDP, name: dns}}\n"
            );
        }
    }
    if random.chance(40) {
        let (config, secret) = (random.pick(NAMES), random.pick(NAMES));
        let _ = write!(
            text,
            "{indent}volumes:\n{indent}- name: v\n{indent}  configMap: {{name: {config}}}\n{indent}- name: s\n{indent}  secret: {{secretName: {secret}}}\n"
        );
    }
    if random.chance(40) {
        let _ = writeln!(text, "{indent}serviceAccountName: {}", random.pick(NAMES));
    }
    text
}

fn body(random: &mut Random, kind: &str) -> String {
    let name = random.pick(NAMES);
    match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" | "Job" => format!(
            "spec:\n  selector:\n    matchLabels: {{app: {name}}}\n  template:\n    metadata:\n      labels: {{app: {name}}}\n    spec:\n{}",
            pod_spec(random, "      ")
        ),
        "CronJob" => format!(
            "spec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n{}",
            pod_spec(random, "          ")
        ),
        "Pod" => format!("spec:\n{}", pod_spec(random, "  ")),
        "Service" => format!("spec:\n  selector: {{app: {name}}}\n  ports:\n  - port: 80\n"),
        "ConfigMap" | "Widget" => {
            let field = if kind == "Widget" { "spec" } else { "data" };
            let mut text = format!("{field}:\n");
            for n in 0..=random.below(3) {
                let _ = writeln!(text, "  k{n}: {}", random.pick(SCALARS));
            }
            text
        }
        "Secret" => "type: Opaque\ndata: {a: Yg==}\n".to_owned(),
        "Role" | "ClusterRole" => format!(
            "rules:\n- apiGroups: ['']\n  resources: [secrets]\n  resourceNames: [{name}]\n  verbs: [get]\n"
        ),
        "RoleBinding" | "ClusterRoleBinding" => {
            let role = if kind == "RoleBinding" && random.chance(50) {
                "Role"
            } else {
                "ClusterRole"
            };
            let namespace = random.pick(&[
                "",
                ", namespace: default",
                ", namespace: ns1",
                ", namespace: ns2",
            ]);
            let account = random.pick(&["default", "web", "api"]);
            format!(
                "roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {role}, name: {name}}}\nsubjects:\n- {{kind: ServiceAccount, name: {account}{namespace}}}\n"
            )
        }
        "Ingress" => format!(
            "spec:\n  tls:\n  - secretName: {name}\n  rules:\n  - http:\n      paths:\n      - path: /\n        backend: {{service: {{name: {}, port: {{number: 80}}}}}}\n",
            random.pick(NAMES)
        ),
        "HorizontalPodAutoscaler" => {
            format!("spec:\n  scaleTargetRef: {{kind: Deployment, name: {name}}}\n")
        }
        "NetworkPolicy" => format!("spec:\n  podSelector: {{matchLabels: {{app: {name}}}}}\n"),
        "ValidatingWebhookConfiguration" => format!(
            "webhooks:\n- name: a.b.c\n  clientConfig: {{service: {{name: {name}, namespace: default}}}}\n"
        ),
        _ => String::new(),
    }
}

fn object(random: &mut Random, kind: &str, name: &str) -> String {
    let mut text = format!(
        "apiVersion: {}\nkind: {kind}\nmetadata:\n  name: {name}\n",
        api_version(kind)
    );
    if random.chance(20) {
        let _ = writeln!(
            text,
            "  namespace: {}",
            random.pick(&["default", "ns1", "ns2"])
        );
    }
    if random.chance(30) {
        let _ = writeln!(
            text,
            "  labels: {{app: {name}, tier: {}}}",
            random.pick(&["front", "\"1\"", "back"])
        );
    }
    if random.chance(25) {
        let _ = writeln!(
            text,
            "  annotations:\n    note: {}",
            random.pick(&["a", "1.0", "\"yes\"", "null", "true"])
        );
    }
    text + &body(random, kind)
}

/// A kustomization and the files beside it.
struct Directory<'a> {
    random: &'a mut Random,
    path: String,
    text: String,
    files: Vec<(String, String)>,
    /// Kinds and names of what there is to patch.
    known: Vec<(String, String)>,
}

impl Directory<'_> {
    fn add(&mut self, name: &str, content: String) {
        self.files.push((format!("{}/{name}", self.path), content));
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn resources(&mut self, bases: &[String]) {
        self.line("resources:");
        for base in bases {
            self.line(&format!("- ../{base}"));
        }
        let n_files: usize = if bases.is_empty() {
            1 + self.random.below(3)
        } else {
            self.random.below(2)
        };
        for n in 0..n_files {
            let mut documents = Vec::new();
            for _ in 0..=self.random.below(3) {
                let kind = self.random.pick(KINDS);
                let name = self.random.pick(NAMES);
                let id = (kind.to_owned(), name.to_owned());
                // Now and then two of one name, to see both refuse it.
                if self.known.contains(&id) && !self.random.chance(3) {
                    continue;
                }
                documents.push(object(self.random, kind, name));
                self.known.push(id);
            }
            self.add(&format!("r{n}.yaml"), documents.join("---\n"));
            self.line(&format!("- r{n}.yaml"));
        }
        if bases.is_empty() && n_files == 0 {
            self.line("[]");
        }
    }

    fn names(&mut self) {
        if self.random.chance(35) {
            let prefix = self.random.pick(&["p-", "q-", "1"]);
            self.line(&format!(
                "namePrefix: {}",
                if prefix == "1" { "'1'" } else { prefix }
            ));
        }
        if self.random.chance(20) {
            self.line("nameSuffix: -s");
        }
        if self.random.chance(35) {
            let namespace = self.random.pick(&["ns1", "ns2", "prod", "default"]);
            self.line(&format!("namespace: {namespace}"));
        }
    }

    fn labels(&mut self) {
        if self.random.chance(25) {
            self.line("commonLabels: {team: a, app: common}");
        }
        if self.random.chance(25) {
            let selectors = self.random.chance(40);
            let templates = self.random.chance(50);
            self.line(&format!(
                "labels:\n- pairs: {{extra: \"1\", 'on': \"yes\"}}\n  includeSelectors: {selectors}\n  includeTemplates: {templates}"
            ));
        }
        if self.random.chance(25) {
            self.line("commonAnnotations: {who: 'me: you', m: \"1\"}");
        }
    }

    fn images_and_replicas(&mut self) {
        if self.random.chance(30) {
            let entry = self.random.pick(&[
                "{name: nginx, newTag: '2'}",
                "{name: nginx, newName: my/nginx}",
                "{name: reg.io:5000/team/app, digest: 'sha256:123'}",
                "{name: '.*', newTag: x}",
                "{name: redis, newTag: '8', newName: valkey}",
                "{name: busybox, tagSuffix: -x}",
            ]);
            self.line(&format!("images:\n- {entry}"));
        }
        if self.random.chance(15) {
            let scales = |(kind, _): &&(String, String)| {
                matches!(kind.as_str(), "Deployment" | "StatefulSet")
            };
            let found = self.known.iter().find(scales).map(|(_, name)| name.clone());
            let name = found.unwrap_or_else(|| self.random.pick(NAMES).to_owned());
            if self.random.chance(5) || self.known.iter().any(|known| scales(&known)) {
                self.line(&format!("replicas:\n- {{name: {name}, count: 3}}"));
            }
        }
    }

    fn generators(&mut self) {
        if self.random.chance(35) {
            let name = self.random.pick(NAMES);
            let is_there = self
                .known
                .contains(&("ConfigMap".to_owned(), name.to_owned()));
            let behavior = match (is_there, self.random.chance(3)) {
                (true, false) => self
                    .random
                    .pick(&["behavior: merge, ", "behavior: replace, "]),
                _ => "",
            };
            self.known.push(("ConfigMap".to_owned(), name.to_owned()));
            let value = self.random.pick(&["b", "\"yes\"", "é<>&", "1", "'a=b'"]);
            self.line(&format!(
                "configMapGenerator:\n- {{name: {name}, {behavior}literals: ['a={}']}}",
                value.replace('\'', "''")
            ));
        }
        let name = self.random.pick(NAMES);
        let id = ("Secret".to_owned(), name.to_owned());
        if self.random.chance(25) && (!self.known.contains(&id) || self.random.chance(5)) {
            self.known.push(id);
            self.add("env.txt", "A=1\n# no\nB= x \nC\n".to_owned());
            self.add("file.bin", "some text that is long enough to be broken into several lines of base64, as it is done\n".to_owned());
            let options = self.random.pick(&[
                "",
                "",
                ", options: {disableNameSuffixHash: true}",
                ", options: {labels: {g: h}, immutable: true}",
            ]);
            self.line(&format!(
                "secretGenerator:\n- {{name: {name}, envs: [env.txt], files: [file.bin]{options}}}"
            ));
        }
        if self.random.chance(10) {
            self.line("generatorOptions: {annotations: {made: \"true\"}}");
        }
    }

    fn target(&mut self) -> (String, String) {
        if self.known.is_empty() || self.random.chance(3) {
            let kind = self.random.pick(KINDS).to_owned();
            return (kind, self.random.pick(NAMES).to_owned());
        }
        self.known[self.random.below(self.known.len())].clone()
    }

    fn patches(&mut self) {
        if !self.random.chance(50) {
            return;
        }
        self.line("patches:");
        for n in 0..=self.random.below(2) {
            let (kind, name) = self.target();
            let version = api_version(&kind);
            if self.random.chance(40) {
                let has_pods = matches!(
                    kind.as_str(),
                    "Deployment" | "StatefulSet" | "DaemonSet" | "Job"
                );
                let operation = match self.random.below(10) {
                    0..=2 => "{op: add, path: /metadata/labels, value: {patched: \"true\"}}",
                    3 | 4 => "{op: add, path: /metadata/annotations, value: {n: \"1\"}}",
                    5 if has_pods => "{op: replace, path: /spec/replicas, value: 5}",
                    6 if has_pods => {
                        "{op: add, path: /spec/template/spec/containers/-, value: {name: new, image: nginx}}"
                    }
                    7 if has_pods => {
                        "{op: replace, path: /spec/template/spec/containers/0/image, value: 1.0}"
                    }
                    8 => "{op: test, path: /metadata/name, value: web}",
                    _ => "{op: add, path: /x, value: yes}",
                };
                let by = self.random.pick(&[
                    "kind: KIND, name: NAME",
                    "kind: KIND, name: 'N.*|NAME'",
                    "kind: KIND, labelSelector: tier=front",
                ]);
                let by = by.replace("KIND", &kind).replace("NAME", &name);
                self.line(&format!(
                    "- target: {{{by}}}\n  patch: |\n    - {operation}"
                ));
                continue;
            }
            let change = self.random.pick(&[
                "metadata: {name: NAME, labels: {patched: 'true', tier: null}}",
                "metadata: {name: NAME}\nspec: {replicas: 4, extra: {a: {b: null}}}",
                "metadata: {name: NAME}\nspec: {template: {spec: {containers: [{name: c1, image: other}, {name: c9, image: last}]}}}",
                "metadata: {name: NAME}\nspec: {template: {spec: {containers: [{name: c0, env: [{name: A, value: x}, {name: Z, value: z}]}]}}}",
                "metadata: {name: NAME}\nspec: {template: {spec: {containers: [{name: c0, $patch: delete}]}}}",
                "metadata: {name: NAME, labels: {x: y}}",
                "metadata: {name: NAME}\ndata: {k0: changed, new: yes, k1: null}",
                "metadata: {name: NAME, annotations: {note: null, more: \"1\"}}\nspec: {template: {spec: {volumes: [{name: v, $patch: delete}, {name: w, emptyDir: {}}]}}}",
                "metadata: {name: NAME}\nspec: {ports: [{port: 80, name: http}, {port: 443}]}",
                "metadata: {name: NAME}\nspec: {template: {spec: {containers: [{name: c0, ports: [{containerPort: 80, name: x}, {containerPort: 53, protocol: UDP, name: y}]}]}}}",
            ]);
            let change = change.replace("NAME", &name);
            self.add(
                &format!("p{n}.yaml"),
                format!("apiVersion: {version}\nkind: {kind}\n{change}\n"),
            );
            let target = if self.random.chance(40) {
                format!("\n  target: {{kind: {kind}}}")
            } else {
                String::new()
            };
            self.line(&format!("- path: p{n}.yaml{target}"));
        }
    }

    fn replacements(&mut self) {
        if !self.random.chance(25) {
            return;
        }
        let (source, name) = self.target();
        let (target, _) = self.target();
        let has_pods = matches!(
            target.as_str(),
            "Deployment" | "StatefulSet" | "DaemonSet" | "Job"
        );
        let field = match self.random.below(6) {
            0 | 1 => "metadata.labels.copied",
            2 => "metadata.annotations.[a/b.c]",
            3 if has_pods => "spec.template.spec.containers.[name=c0].image",
            4 if has_pods => "spec.template.spec.containers.*.env.[name=A].value",
            // Not a label that `commonLabels` sets: the real program makes one node of all its places in an object, and a
            // replacement of one of them shows in the others.
            _ => "metadata.annotations.note",
        };
        let create = self.random.chance(97);
        self.line(&format!(
            "replacements:\n- source: {{kind: {source}, name: {name}}}\n  targets:\n  - select: {{kind: {target}}}\n    fieldPaths: ['{field}']\n    options: {{create: {create}}}"
        ));
    }

    fn rest(&mut self) {
        if self.random.chance(15) {
            self.line("sortOptions: {order: fifo}");
        }
        if self.random.chance(8) {
            self.line("buildMetadata: [originAnnotations, transformerAnnotations]");
        }
    }
}

/// Writes one directory; returns the kinds and names an outer one may patch.
fn directory(
    random: &mut Random,
    path: &str,
    bases: &[String],
    known: Vec<(String, String)>,
    all: &mut Vec<(String, String)>,
) -> Vec<(String, String)> {
    let mut directory = Directory {
        random,
        path: path.to_owned(),
        text: String::new(),
        files: Vec::new(),
        known,
    };
    directory.resources(bases);
    directory.names();
    directory.labels();
    directory.images_and_replicas();
    directory.generators();
    directory.patches();
    directory.replacements();
    directory.rest();
    let text = std::mem::take(&mut directory.text);
    directory.add("kustomization.yaml", text);
    all.append(&mut directory.files);
    directory.known
}

/// The files of one case; the top directory is `top`.
fn case(seed: u64) -> Vec<(String, String)> {
    let mut random = Random(seed);
    let mut files = Vec::new();
    let mut bases = vec!["base".to_owned()];
    let mut known = directory(&mut random, "base", &[], Vec::new(), &mut files);
    if random.chance(25) {
        known.extend(directory(&mut random, "other", &[], Vec::new(), &mut files));
        bases.push("other".to_owned());
    }
    if random.chance(40) {
        known = directory(&mut random, "middle", &bases, known, &mut files);
        bases = vec!["middle".to_owned()];
    }
    directory(&mut random, "top", &bases, known, &mut files);
    files
}

fn real(program: &Path, root: &Path) -> Result<String, String> {
    let output = Command::new(program)
        .arg("build")
        .arg(root.join("top"))
        .output()
        .unwrap();
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn check(program: &Path, seed: u64) -> Result<bool, String> {
    let files = case(seed);
    let root = tempfile::tempdir().unwrap();
    for (path, content) in &files {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    let expected = real(program, root.path());
    let tree: MemoryTree = files
        .iter()
        .map(|(path, content)| (path, content.as_str()))
        .collect();
    let ours = build(&tree, "top", &BuildOptions::default());
    let why = match (&expected, &ours) {
        (Ok(expected), Ok(ours)) if *expected == ours.to_yaml() => return Ok(true),
        (Err(_), Err(_)) => return Ok(false),
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
    let mut text = format!("seed {seed}\n");
    for (path, content) in &files {
        let _ = writeln!(text, "=== {path}\n{content}");
    }
    Err(text + &why)
}

#[test]
fn random_overlays_come_out_as_the_real_kustomize_gives_them() {
    let Some(program) = program() else {
        println!("skipped: no kustomize");
        return;
    };
    let first = number("PUSHBOAT_KUSTOMIZE_SEED", 1);
    let n = number("PUSHBOAT_KUSTOMIZE_CASES", CASES);
    let (mut built, mut failed) = (0, Vec::new());
    for seed in first..first + n {
        match check(&program, seed) {
            Ok(is_built) => built += u64::from(is_built),
            Err(why) => failed.push(why),
        }
    }
    println!(
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
