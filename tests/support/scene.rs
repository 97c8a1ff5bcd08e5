//! One app in a throw-away repository that goes to a namespace of its own: where most live tests start.
//!
//! What was really written is read from the API server's audit log, never from pushboat's own words.

use super::audit::Event;
use super::control_plane::ControlPlane;
use super::process::Finished;
use super::pushboat::{Pushboat, pushboat};
use super::repository::Repo;
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The label by which every member names its set.
pub(crate) const MEMBER: &str = "applyset.kubernetes.io/part-of";

/// An app, its repository and the cluster that it goes to.
pub(crate) struct Scene<'a> {
    pub(crate) plane: &'a ControlPlane,
    pub(crate) repo: Repo,
    /// Also the app's name.
    pub(crate) namespace: String,
    pub(crate) kubeconfig: PathBuf,
    mark: Cell<u64>,
}

impl<'a> Scene<'a> {
    /// Makes a namespace, and an app of these objects; each is a file `NAME.yaml` of its own.
    pub(crate) fn new(plane: &'a ControlPlane, name: &str, objects: &[Value]) -> Self {
        let namespace = plane.namespace(name);
        Self::at(plane, &namespace, objects)
    }

    /// The same in a namespace that is there, or is not.
    pub(crate) fn at(plane: &'a ControlPlane, namespace: &str, objects: &[Value]) -> Self {
        let origin = format!("https://git.example/teams/{namespace}.git");
        Self::of(plane, namespace, &origin, objects)
    }

    /// The same with a remote of the test's choice, which is the repository's identity.
    pub(crate) fn of(
        plane: &'a ControlPlane,
        namespace: &str,
        origin: &str,
        objects: &[Value],
    ) -> Self {
        let repo = Repo::new(&[("pushboat.yaml", "")]);
        repo.git(&["remote", "add", "origin", origin]);
        let scene = Self {
            plane,
            repo,
            namespace: namespace.into(),
            kubeconfig: plane.kubeconfig(),
            mark: Cell::new(plane.audit_end()),
        };
        scene.declare(&json!({}));
        for object in objects {
            scene.put(object);
        }
        scene.repo.commit("objects");
        scene
    }

    /// Through another kubeconfig, such as the one of a proxy.
    pub(crate) fn through(mut self, kubeconfig: PathBuf) -> Self {
        self.kubeconfig = kubeconfig;
        self
    }

    /// Declares the app with this `syncPolicy`.
    pub(crate) fn declare(&self, policy: &Value) {
        let app = &self.namespace;
        let path = format!("apps/{app}");
        let application = json!({
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": app, "namespace": "argocd"},
            "spec": {
                "project": "default",
                "source": {"repoURL": "", "path": path, "directory": {"recurse": true}},
                "destination": {"server": "https://kubernetes.default.svc", "namespace": app},
                "syncPolicy": policy,
            },
        });
        let file = format!("clusters/{}/{app}.yaml", self.plane.name());
        self.repo.write(&file, &pretty(&application));
        std::fs::create_dir_all(self.repo.path().join(path)).unwrap();
    }

    /// Gives the Application annotations; declaring it anew takes them off.
    pub(crate) fn annotate(&self, annotations: &Value) {
        let file = format!("clusters/{}/{}.yaml", self.plane.name(), self.namespace);
        let text = std::fs::read_to_string(self.repo.path().join(&file)).unwrap();
        let mut application: Value = serde_json::from_str(&text).unwrap();
        application["metadata"]["annotations"] = annotations.clone();
        self.repo.write(&file, &pretty(&application));
    }

    /// Writes or replaces one object's file.
    pub(crate) fn put(&self, object: &Value) {
        self.repo.write(&self.file(object), &pretty(object));
    }

    /// Removes one object's file.
    pub(crate) fn take(&self, object: &Value) {
        self.repo.remove(&self.file(object));
    }

    fn file(&self, object: &Value) -> String {
        let text = |pointer: &str| object.pointer(pointer).unwrap().as_str().unwrap();
        let kind = text("/kind").to_lowercase();
        format!(
            "apps/{}/{kind}-{}.yaml",
            self.namespace,
            text("/metadata/name")
        )
    }

    /// Prepares `pushboat ARGS…` in the repository.
    pub(crate) fn pushboat(&self, args: &[&str]) -> Pushboat {
        pushboat(args)
            .dir(self.repo.path())
            .kubeconfig(&self.kubeconfig)
    }

    #[track_caller]
    pub(crate) fn run(&self, args: &[&str]) -> Finished {
        self.pushboat(args).run()
    }

    /// `app VERB NAME MORE…`
    #[track_caller]
    pub(crate) fn app(&self, verb: &str, more: &[&str]) -> Finished {
        self.run(&[&["app", verb, &self.namespace], more].concat())
    }

    /// `app diff NAME MORE…` with another kubeconfig.
    #[track_caller]
    pub(crate) fn app_with(&self, kubeconfig: &std::path::Path, more: &[&str]) -> Finished {
        let args = [&["app", "diff", &self.namespace], more].concat();
        self.pushboat(&args).kubeconfig(kubeconfig).run()
    }

    /// `app sync NAME --yes` with another kubeconfig.
    #[track_caller]
    pub(crate) fn app_sync_with(&self, kubeconfig: &std::path::Path) -> Finished {
        let args = ["app", "sync", &self.namespace, "--yes"];
        self.pushboat(&args).kubeconfig(kubeconfig).run()
    }

    /// `app sync NAME --yes MORE…`
    #[track_caller]
    pub(crate) fn sync(&self, more: &[&str]) -> Finished {
        self.app("sync", &[&["--yes"], more].concat())
    }

    /// A sync that must succeed.
    #[track_caller]
    pub(crate) fn synced(&self, more: &[&str]) {
        self.sync(more).expect_code(0);
    }

    /// The app's part of `app diff -o json`.
    #[track_caller]
    pub(crate) fn diff(&self, more: &[&str]) -> Diff {
        let answer = self.app("diff", &[&["-o", "json"], more].concat());
        let document = answer.json();
        assert_eq!(document["schemaVersion"], "pushboat.dev/v1");
        assert_eq!(document["kind"], "DiffReport");
        assert_eq!(document["apps"].as_array().unwrap().len(), 1, "{document}");
        Diff {
            app: document["apps"][0].clone(),
            code: answer.code,
        }
    }

    /// Checks that the cluster is as the repository wants it, asked both ways.
    #[track_caller]
    pub(crate) fn expect_clean(&self) {
        for more in [&[][..], &["--exact"][..]] {
            let diff = self.diff(more);
            assert_eq!(
                (diff.code, diff.sync()),
                (0, "Synced"),
                "{more:?} {}",
                diff.app
            );
        }
    }

    /// From here on `writes` counts anew.
    pub(crate) fn mark(&self) {
        self.mark.set(self.plane.audit_end());
    }

    /// Where the mark stands in the audit log.
    pub(crate) fn marked(&self) -> u64 {
        self.mark.get()
    }

    /// Everything that was asked about this app's namespace, or about cluster-wide things named after it, since the mark.
    pub(crate) fn events(&self) -> Vec<Event> {
        let mut events = self.plane.audit_from(self.mark.get());
        events.retain(|event| {
            event.namespace == self.namespace || event.name.contains(&self.namespace)
        });
        events
    }

    /// What pushboat wrote for good since the mark.
    pub(crate) fn writes(&self) -> Vec<Event> {
        let mut events = self.events();
        events.retain(|e| e.is_write() && !e.is_dry_run() && e.agent.starts_with("pushboat"));
        events
    }

    /// The same without the records: what happened to the app's own objects, as `verb resource/name`.
    pub(crate) fn changes(&self) -> Vec<String> {
        let mut changes: Vec<_> = self
            .writes()
            .iter()
            .filter(|e| !e.name.starts_with("pushboat.") && !e.uri.ends_with("/leases"))
            .map(|e| format!("{} {}/{}", e.verb, e.resource, e.name))
            .collect();
        changes.sort();
        changes
    }

    /// The name of the parent and of the Lease.
    pub(crate) fn record(&self) -> String {
        format!("pushboat.{}", self.namespace)
    }

    /// The id of the app's set, worked out anew from the format's specification.
    pub(crate) fn id(&self) -> String {
        let text = format!("{}.{}.Secret.", self.record(), self.namespace);
        format!(
            "applyset-{}-v1",
            BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text))
        )
    }

    /// The path of one object of this namespace, such as `configmaps/one` or `apps/v1/deployments/web`.
    pub(crate) fn path(&self, place: &str) -> String {
        let namespace = &self.namespace;
        match place.matches('/').count() {
            0 | 1 => format!("/api/v1/namespaces/{namespace}/{place}"),
            _ => {
                let (version, rest) = place
                    .match_indices('/')
                    .nth(1)
                    .map(|(at, _)| (&place[..at], &place[at + 1..]))
                    .unwrap();
                format!("/apis/{version}/namespaces/{namespace}/{rest}")
            }
        }
    }

    #[track_caller]
    pub(crate) fn live(&self, place: &str) -> Value {
        self.plane.get(&self.path(place))
    }

    /// The Secret of one history entry, whatever it is called.
    #[track_caller]
    pub(crate) fn entry(&self, id: u64) -> Value {
        let secrets = self.live("secrets");
        let is_it = |secret: &&Value| entry_info(secret).is_some_and(|info| info["id"] == id);
        let mut secrets = secrets["items"].as_array().unwrap().iter();
        secrets.find(is_it).unwrap().clone()
    }

    pub(crate) fn exists(&self, place: &str) -> bool {
        let (status, body) = self.plane.request("GET", &self.path(place), None).unwrap();
        assert!(matches!(status, 200 | 404), "{place}: {status} {body}");
        status == 200
    }

    /// Edits an object as another manager does.
    #[track_caller]
    pub(crate) fn edit(&self, kind: &str, name: &str, manager: &str, patch: &Value) {
        self.plane.kubectl(&[
            "-n",
            &self.namespace,
            "patch",
            kind,
            name,
            "--type=merge",
            &format!("--field-manager={manager}"),
            "-p",
            &patch.to_string(),
        ]);
    }
}

/// What a history Secret says of its deployment.
pub(crate) fn entry_info(secret: &Value) -> Option<Value> {
    let text = secret.pointer("/metadata/annotations/pushboat.dev~1info")?;
    serde_json::from_str(text.as_str()?).ok()
}

/// One app's drift.
pub(crate) struct Diff {
    pub(crate) app: Value,
    pub(crate) code: i32,
}

impl Diff {
    pub(crate) fn sync(&self) -> &str {
        self.app["sync"].as_str().unwrap()
    }

    pub(crate) fn resources(&self) -> &[Value] {
        self.app["resources"].as_array().unwrap()
    }

    /// One object of the answer.
    #[track_caller]
    pub(crate) fn resource(&self, kind: &str, name: &str) -> &Value {
        let is_it = |r: &&Value| r["kind"] == kind && r["name"] == name;
        self.resources()
            .iter()
            .find(is_it)
            .unwrap_or_else(|| panic!("no {kind} {name} in {}", self.app))
    }

    #[track_caller]
    pub(crate) fn status(&self, kind: &str, name: &str) -> &str {
        self.resource(kind, name)["status"].as_str().unwrap()
    }

    /// `KIND/NAME STATUS` of all that are not in sync.
    pub(crate) fn drifted(&self) -> BTreeSet<String> {
        self.resources()
            .iter()
            .filter(|r| r["status"] != "InSync")
            .map(|r| {
                let text = |field: &str| r[field].as_str().unwrap().to_string();
                format!("{}/{} {}", text("kind"), text("name"), text("status"))
            })
            .collect()
    }
}

/// Every `reason` that stands anywhere in a document.
pub(crate) fn reasons(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect_reasons(document, &mut found);
    found
}

fn collect_reasons(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            if let Some(reason) = map.get("reason").and_then(Value::as_str) {
                found.insert(reason.to_string());
            }
            map.values().for_each(|value| collect_reasons(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| collect_reasons(value, found)),
        _ => {}
    }
}

pub(crate) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap() + "\n"
}

/// A ConfigMap with one key.
pub(crate) fn config_map(name: &str, value: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"key": value}})
}

/// A ConfigMap that every API server refuses.
pub(crate) fn rejected(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"not a key": "x"}})
}

/// A Deployment of one container, ready on a full plane.
pub(crate) fn deployment(name: &str, image: &str, replicas: u32) -> Value {
    let labels = json!({"app": name});
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "main", "image": image}]},
            },
        },
    })
}

/// A custom kind and its definition's name: `KIND.GROUP`, both of this test alone.
pub(crate) fn definition(plural: &str, kind: &str, group: &str) -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{plural}.{group}")},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": plural, "singular": kind.to_lowercase(), "kind": kind, "listKind": format!("{kind}List")},
            "versions": [{
                "name": "v1", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": {
                    "type": "object",
                    "properties": {"spec": {
                        "type": "object",
                        "properties": {
                            "size": {"type": "integer", "default": 1},
                            "color": {"type": "string"},
                            "ports": {
                                "type": "array",
                                "x-kubernetes-list-type": "map",
                                "x-kubernetes-list-map-keys": ["name"],
                                "items": {
                                    "type": "object",
                                    "required": ["name"],
                                    "properties": {
                                        "name": {"type": "string"},
                                        "port": {"type": "integer"},
                                    },
                                },
                            },
                        },
                    }},
                }},
            }],
        },
    })
}
