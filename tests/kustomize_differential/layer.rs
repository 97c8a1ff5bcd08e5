//! One directory of an overlay: its resources, and the transformers that take a line or two.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::objects::{KINDS, Known, NAMES, object};
use super::random::Random;

/// What the layers of one case share.
pub struct Case {
    pub random: Random,
    pub files: BTreeMap<String, String>,
    /// Variables that are defined so far: a name may stand once.
    pub vars: usize,
}

/// A kustomization in the making, and the files beside it.
pub struct Layer<'a> {
    pub case: &'a mut Case,
    pub path: String,
    pub is_component: bool,
    text: String,
    /// What there is to patch.
    pub known: Vec<Known>,
}

impl<'a> Layer<'a> {
    pub fn new(case: &'a mut Case, path: &str, is_component: bool, known: Vec<Known>) -> Self {
        let text = if is_component {
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n".to_owned()
        } else {
            String::new()
        };
        Self {
            case,
            path: path.to_owned(),
            is_component,
            text,
            known,
        }
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.case.random.chance(percent)
    }

    pub fn pick<'b>(&mut self, of: &[&'b str]) -> &'b str {
        self.case.random.pick(of)
    }

    pub fn add(&mut self, name: &str, content: impl Into<String>) {
        let path = format!("{}/{name}", self.path);
        self.case.files.insert(path, content.into());
    }

    pub fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Writes the kustomization and gives what an outer layer may patch.
    pub fn finish(mut self) -> Vec<Known> {
        let text = std::mem::take(&mut self.text);
        self.add("kustomization.yaml", text);
        self.known
    }

    /// Something that is there, nearly always.
    pub fn target(&mut self) -> Known {
        if self.known.is_empty() || self.chance(2) {
            return Known {
                kind: self.pick(KINDS).to_owned(),
                name: self.pick(NAMES).to_owned(),
                namespace: String::new(),
            };
        }
        let n = self.case.random.below(self.known.len());
        self.known[n].clone()
    }

    /// Something of one of these kinds, if there is any.
    pub fn target_of(&mut self, fits: impl Fn(&str) -> bool) -> Option<Known> {
        let fitting: Vec<Known> = self
            .known
            .iter()
            .filter(|known| fits(&known.kind))
            .cloned()
            .collect();
        if fitting.is_empty() {
            return None;
        }
        Some(fitting[self.case.random.below(fitting.len())].clone())
    }

    pub fn resources(&mut self, bases: &[String]) {
        let n_files: usize = if bases.is_empty() && !self.is_component {
            1 + self.case.random.below(3)
        } else {
            self.case.random.below(2)
        };
        let mut list = String::new();
        for base in bases {
            let _ = writeln!(list, "- ../{base}");
        }
        for n in 0..n_files {
            let mut documents = Vec::new();
            for _ in 0..=self.case.random.below(4) {
                let kind = self.pick(KINDS);
                let name = self.pick(NAMES);
                let is_taken = |known: &Known| known.kind == kind && known.name == name;
                // Now and then two of one name, to see both refuse it.
                if self.known.iter().any(is_taken) && !self.chance(2) {
                    continue;
                }
                let (known, text) = object(&mut self.case.random, kind, name);
                documents.push(text);
                self.known.push(known);
            }
            let text = if self.chance(8) {
                as_list(&documents)
            } else {
                documents.join("---\n")
            };
            self.add(&format!("r{n}.yaml"), text);
            let _ = writeln!(list, "- r{n}.yaml");
        }
        if list.is_empty() {
            self.line("resources: []");
        } else {
            self.line(&format!("resources:\n{}", list.trim_end()));
        }
    }

    pub fn names(&mut self) {
        if self.chance(35) {
            let prefix = self.pick(&["p-", "q-", "'1'"]);
            self.line(&format!("namePrefix: {prefix}"));
        }
        if self.chance(20) {
            let suffix = self.pick(&["-s", "-t"]);
            self.line(&format!("nameSuffix: {suffix}"));
        }
        if self.chance(35) {
            let namespace = self.pick(&["ns1", "ns2", "prod", "default"]);
            self.line(&format!("namespace: {namespace}"));
        }
    }

    pub fn labels(&mut self) {
        if self.chance(25) {
            let pairs = self.pick(&["{team: a, app: common}", "{team: a}", "{tier: $(ONE)}"]);
            self.line(&format!("commonLabels: {pairs}"));
        }
        if self.chance(30) {
            self.line("labels:");
            for _ in 0..=self.case.random.below(2) {
                let random = &mut self.case.random;
                let pairs = random.pick(&["{extra: \"1\", 'on': \"yes\"}", "{app: x, l: m}"]);
                let selectors = random.maybe(25, "\n  includeSelectors: true");
                let templates = random.maybe(40, "\n  includeTemplates: true");
                let claims = random.maybe(20, "\n  includeVolumeClaimTemplates: true");
                let fields = random.pick(&[
                    "",
                    "",
                    "",
                    "\n  fields: [{path: spec/labels, kind: Widget, create: true}]",
                    "\n  fields: [{path: spec/selector, group: example.com, kind: Widget}]",
                    "\n  fields: [{path: spec/updateStrategy/labels, kind: DaemonSet, create: true}]",
                    "\n  fields: [{path: 'spec/a\\/b/l[]/labels', version: v1, create: true}]",
                ]);
                self.line(&format!(
                    "- pairs: {pairs}{selectors}{templates}{claims}{fields}"
                ));
            }
        }
        if self.chance(25) {
            let pairs = self.pick(&["{who: 'me: you', m: \"1\"}", "{note: $(TWO)}"]);
            self.line(&format!("commonAnnotations: {pairs}"));
        }
    }

    pub fn images_and_replicas(&mut self) {
        if self.chance(30) {
            self.line("images:");
            for _ in 0..=self.case.random.below(2) {
                let entry = self.pick(&[
                    "{name: nginx, newTag: '2'}",
                    "{name: nginx, newName: my/nginx}",
                    "{name: reg.io:5000/team/app, digest: 'sha256:123'}",
                    "{name: '.*', newTag: x}",
                    "{name: redis, newTag: '8', newName: valkey}",
                    "{name: redis, newTag: '8', digest: 'sha256:9'}",
                    "{name: busybox, tagSuffix: -x}",
                    "{name: busybox, digest: 'sha512:9', newName: 'reg:1/b'}",
                    "{name: '(nginx|redis)', newName: both}",
                    "{name: valkey, newTag: later}",
                    "{name: '[', newTag: x}",
                    "{name: 'reg.io:5000/team/app:v1', newTag: v2}",
                ]);
                self.line(&format!("- {entry}"));
            }
        }
        if self.chance(20) {
            let scales = |kind: &str| {
                matches!(
                    kind,
                    "Deployment" | "StatefulSet" | "ReplicaSet" | "ReplicationController"
                )
            };
            let name = match self.target_of(scales) {
                Some(found) => found.name,
                None if self.chance(5) => "web".to_owned(),
                None => return,
            };
            let count = self.pick(&["count: 3", "count: 0", "count: 3", "{}"]);
            let count = if count == "{}" { "" } else { count };
            self.line(&format!("replicas:\n- {{name: {name}, {count}}}"));
        }
    }

    pub fn rest(&mut self) {
        if self.chance(25) {
            let order = self.pick(&[
                "{order: fifo}",
                "{order: fifo}",
                "{order: legacy}",
                "{order: legacy, legacySortOptions: {orderFirst: [Widget, Pod], orderLast: [Namespace, Secret]}}",
                "{order: legacy, legacySortOptions: {orderFirst: [Secret]}}",
            ]);
            self.line(&format!("sortOptions: {order}"));
        }
        if self.chance(15) {
            let what = self.pick(&[
                "originAnnotations",
                "transformerAnnotations",
                "managedByLabel",
                "originAnnotations, transformerAnnotations, managedByLabel",
            ]);
            self.line(&format!("buildMetadata: [{what}]"));
        }
    }
}

/// Documents as the items of one list.
fn as_list(documents: &[String]) -> String {
    let mut text = String::from("apiVersion: v1\nkind: List\nitems:");
    if documents.is_empty() {
        text.push_str(" []");
    }
    text.push('\n');
    for document in documents {
        for (n, line) in document.lines().enumerate() {
            text.push_str(if n == 0 { "- " } else { "  " });
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}
