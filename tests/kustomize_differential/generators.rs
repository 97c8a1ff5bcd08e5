//! ConfigMaps and Secrets that are made: as fields and as objects, new and on top of others.

use super::layer::Layer;
use super::objects::{Known, NAMES};

const LITERALS: &[&str] = &[
    "b",
    "\"yes\"",
    "é<>&",
    "1",
    "'a=b'",
    "",
    "x-y",
    "$(ONE)",
    "two\nlines",
];
const OPTIONS: &[&str] = &[
    "",
    "",
    "",
    ", options: {disableNameSuffixHash: true}",
    ", options: {labels: {g: h}, immutable: true}",
    ", options: {annotations: {made: here, note: new}, labels: {app: gen}}",
];

impl Layer<'_> {
    pub fn generators(&mut self) {
        self.add("env.txt", "A=1\n# no\nB= x \n\n  C\nK=env\n");
        self.add("more.env", "\u{feff}M=\"quoted\"\r\nexport N=2\r\n");
        self.add("file.bin", "some text that is long enough to be broken into several lines of base64, as it is done\n");
        self.add("k1.txt", "one\n");
        if self.chance(40) {
            self.line("configMapGenerator:");
            for _ in 0..=self.case.random.below(2) {
                let entry = self.generated("ConfigMap");
                self.line(&format!("- {entry}"));
            }
        }
        if self.chance(30) {
            let entry = self.generated("Secret");
            self.line(&format!("secretGenerator:\n- {entry}"));
        }
        if self.chance(15) {
            let options = self.pick(&[
                "{annotations: {made: \"true\"}}",
                "{labels: {from: options, g: other}, immutable: true}",
                "{disableNameSuffixHash: true}",
            ]);
            self.line(&format!("generatorOptions: {options}"));
        }
    }

    /// The fields of one generator, as a flow map.
    pub fn generated(&mut self, kind: &str) -> String {
        let merges = self.chance(55);
        let old = if merges {
            self.target_of(|other| other == kind)
        } else {
            None
        };
        let mut name = self.pick(NAMES).to_owned();
        let mut behavior = "";
        let mut namespace = String::new();
        match old {
            Some(old) => {
                behavior = self.pick(&[
                    "behavior: merge, ",
                    "behavior: merge, ",
                    "behavior: replace, ",
                ]);
                if !old.namespace.is_empty() && !self.chance(4) {
                    namespace = format!("namespace: {}, ", old.namespace);
                }
                name = old.name;
            }
            None => {
                if self
                    .known
                    .iter()
                    .any(|known| known.kind == kind && known.name == name)
                {
                    name.push_str("-new");
                }
                if self.chance(8) {
                    behavior = self.pick(&["behavior: create, ", "behavior: odd, "]);
                }
                if self.chance(8) {
                    namespace = "namespace: ns1, ".to_owned();
                }
                let is_known = self
                    .known
                    .iter()
                    .any(|known| known.kind == kind && known.name == name);
                if !is_known {
                    self.known.push(Known {
                        kind: kind.to_owned(),
                        name: name.clone(),
                        namespace: namespace
                            .trim_start_matches("namespace: ")
                            .trim_end_matches(", ")
                            .to_owned(),
                    });
                }
            }
        }
        let sources = self.sources();
        let options = self.pick(OPTIONS);
        let secret_type = if kind == "Secret" && self.chance(25) {
            ", type: kubernetes.io/tls"
        } else {
            ""
        };
        format!("{{name: {name}, {namespace}{behavior}{sources}{secret_type}{options}}}")
    }

    fn sources(&mut self) -> String {
        let value = self
            .pick(LITERALS)
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n");
        let key = if self.chance(3) {
            "1"
        } else {
            self.pick(&["a", "k0", "new.key"])
        };
        match self.case.random.below(8) {
            0 => "literals: []".to_owned(),
            1 => format!("literals: [\"{key}={value}\"], envs: [env.txt]"),
            2 => "envs: [env.txt, more.env]".to_owned(),
            3 => format!("env: more.env, literals: [\"{key}={value}\"]"),
            4 => "files: [file.bin, renamed=k1.txt]".to_owned(),
            5 => format!("literals: [\"{key}={value}\", z=last], files: [k1.txt]"),
            _ => format!("literals: [\"{key}={value}\"]"),
        }
    }
}
