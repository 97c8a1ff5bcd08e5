//! Canaries: a word of its own in every place that may hold a secret, looked for in everything that any command prints in any form, and in
//! everything that is left in the cluster and in files but the Secrets themselves.

use super::plane;
use crate::support::scene::{config_map, pretty};
use crate::support::{Finished, Scene, eventually, is_long};
use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Value, json};

/// A secret with everything that encodings treat in their own ways, and the name of the place that it stands in.
struct Canary {
    place: &'static str,
    text: String,
}

impl Canary {
    fn new(n: usize, place: &'static str) -> Self {
        let text = format!("kestrel{n:02}Feather7+quill");
        Self { place, text }
    }

    /// What must not be found: the value as it travels, and pieces of it.
    fn forms(&self) -> Vec<String> {
        let text = &self.text;
        let inside = (0..3).map(|n| {
            let shifted = BASE64_STANDARD.encode(format!("{}{text}", "\0".repeat(n)));
            shifted[4..shifted.len() - 4].to_owned()
        });
        let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        let head = text.split("Feather").next().unwrap();
        inside
            .chain([
                head.to_owned(),
                text.replace('+', "%2B"),
                text.bytes().map(|byte| format!("%{byte:02X}")).collect(),
                hex.to_uppercase(),
                hex,
                text.chars().rev().collect(),
                BASE64_STANDARD.encode(BASE64_STANDARD.encode(text)),
            ])
            .collect()
    }
}

/// All that stand somewhere in one repository and its cluster.
struct Canaries(Vec<Canary>);

impl Canaries {
    /// The next one.
    fn at(&mut self, place: &'static str) -> String {
        let canary = Canary::new(self.0.len(), place);
        let text = canary.text.clone();
        self.0.push(canary);
        text
    }

    #[track_caller]
    fn expect_none(&self, what: &str, text: &str) {
        for canary in &self.0 {
            for form in canary.forms() {
                if let Some(at) = text.find(&form) {
                    let start = text[..at]
                        .char_indices()
                        .rev()
                        .nth(300)
                        .map_or(0, |it| it.0);
                    let around: String = text[start..].chars().take(500).collect();
                    panic!("{what}: `{form}` of {}: {around}", canary.place);
                }
            }
        }
    }

    #[track_caller]
    fn expect_silent(&self, what: &str, answer: &Finished) {
        self.expect_none(&format!("{what}, stdout"), &answer.stdout);
        self.expect_none(&format!("{what}, stderr"), &answer.stderr);
    }
}

/// What is in the cluster for an app: Secrets in all their ways, copies of them, and one object of somebody else.
fn objects(canaries: &mut Canaries, other: &str) -> Vec<Value> {
    let secret = |name: &str, more: Value| {
        let mut secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}});
        for (field, value) in more.as_object().unwrap() {
            secret[field] = value.clone();
        }
        secret
    };
    let encoded = |text: &str| BASE64_STANDARD.encode(text);
    let login = canaries.at("a registry's login");
    let docker = json!({"auths": {"registry.example": {"auth": encoded(&format!("me:{login}"))}}});
    let lines = canaries.at("the middle line of a key");
    let annotated = |name: &str, key: &str, value: String| json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "annotations": {key: value}}});
    let copy = |text: &str| {
        json!({"apiVersion": "v1", "kind": "Secret", "data": {"p": encoded(text)}}).to_string()
    };
    let last = "kubectl.kubernetes.io/last-applied-configuration";
    let mut foreign = config_map("theirs", "1");
    foreign["metadata"]["namespace"] = json!(other);
    let mut copied = config_map("copies", "1");
    copied["metadata"]["annotations"] = json!({"example.com/backup": copy(&canaries.at("a copy in an annotation of another kind"))});
    vec![
        secret(
            "data",
            json!({"data": {"p": encoded(&canaries.at("data"))}}),
        ),
        secret(
            "text",
            json!({"stringData": {"p": canaries.at("stringData")}}),
        ),
        secret(
            "docker",
            json!({"type": "kubernetes.io/dockerconfigjson", "data": {".dockerconfigjson": encoded(&docker.to_string())}}),
        ),
        secret(
            "key",
            json!({"stringData": {"key": format!("-----BEGIN KEY-----\n{lines}\n-----END KEY-----\n")}}),
        ),
        annotated(
            "noted",
            "example.com/password",
            canaries.at("an annotation of its own"),
        ),
        annotated("applied", last, copy(&canaries.at("what was applied last"))),
        copied,
        foreign,
    ]
}

const GOOD: (&str, &str) = (
    "s.yaml",
    "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {p: x}\n",
);

/// More apps, by name: those that fail, each in its own way, and one whose objects are generated. `@1` and `@2` stand for canaries.
const APPS: &[(&str, &[(&str, &str)])] = &[
    (
        "anchor",
        &[(
            "s.yaml",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {p: *@1}\n",
        )],
    ),
    (
        "literal",
        &[(
            "kustomization.yaml",
            "secretGenerator: [{name: s, literals: ['@1']}]\n",
        )],
    ),
    (
        "inline",
        &[
            (
                "kustomization.yaml",
                "resources: [s.yaml]\npatches: [{patch: 'stringData: {p: @1'}]\n",
            ),
            GOOD,
        ],
    ),
    (
        "operation",
        &[
            (
                "kustomization.yaml",
                "resources: [s.yaml]\npatches: [{target: {kind: Secret}, patch: '[{\"op\": @1}]'}]\n",
            ),
            GOOD,
        ],
    ),
    (
        "broken",
        &[(
            "s.json",
            "{\"kind\": \"Secret\", \"stringData\": {\"p\": @1}}",
        )],
    ),
    (
        "misspelt",
        &[(
            "s.yaml",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: misspelt}\nstringDatta: {p: @1}\n",
        )],
    ),
    (
        "badly",
        &[(
            "s.yaml",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: badly}\ndata: {p: '@1!'}\n",
        )],
    ),
    (
        "nested",
        &[(
            "s.yaml",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: nested}\nstringData: {p: {q: @1}}\n",
        )],
    ),
    ("locked", &[("s.yaml", "\0GITCRYPT\0@1")]),
    (
        "marked",
        &[(
            "s.yaml",
            "apiVersion: v1\nkind: Secret\n<<<<<<< HEAD\nstringData: {p: @1}\n=======\n",
        )],
    ),
    (
        "template",
        &[
            ("s.yaml.tera", "p: {{ password | int }}\n"),
            ("values.yaml", "password: '@1'\n"),
        ],
    ),
    (
        "oldpatch",
        &[
            (
                "kustomization.yaml",
                "resources: [s.yaml]\npatchesStrategicMerge:\n- |-\n  kind: Secret\n  stringData: {p: @1\n",
            ),
            GOOD,
        ],
    ),
    ("remote", &[("README", "@1")]),
    (
        "made",
        &[
            (
                "kustomization.yaml",
                "secretGenerator:\n- name: made\n  literals: [p=@1]\n  envs: [x.env]\n  files: [x.txt]\n",
            ),
            ("x.env", "Q=@1\n"),
            ("x.txt", "first\n@2\nlast\n"),
        ],
    ),
];

/// The app of the scene, and more beside it, all in one cluster folder.
fn scene(canaries: &mut Canaries) -> Scene<'static> {
    let other = plane().namespace("canary-other");
    let mut theirs = config_map("theirs", "1");
    theirs["data"]["key"] = json!(canaries.at("somebody else's live value"));
    plane().create(&format!("/api/v1/namespaces/{other}/configmaps"), &theirs);
    let scene = Scene::new(plane(), "canary", &objects(canaries, &other));
    for (name, files) in APPS {
        let app = format!("{}-{name}", scene.namespace);
        let is_template = files.iter().any(|(file, _)| file.ends_with(".tera"));
        let mut canary = |mark: &str| match files.iter().any(|(_, text)| text.contains(mark)) {
            true => canaries.at(name),
            false => String::new(),
        };
        let (one, two) = (canary("@1"), canary("@2"));
        for (file, text) in *files {
            let text = text.replace("@1", &one).replace("@2", &two);
            scene.repo.write(&format!("apps/{app}/{file}"), &text);
        }
        let mut application = json!({
            "apiVersion": "argoproj.io/v1alpha1", "kind": "Application",
            "metadata": {"name": app, "namespace": "argocd"},
            "spec": {
                "project": "default",
                "source": {"repoURL": "", "path": format!("apps/{app}")},
                "destination": {"server": "https://kubernetes.default.svc", "namespace": scene.namespace},
            },
        });
        if *name == "remote" {
            let url = format!("https://robot:{one}@git.example/teams/other.git");
            application["spec"]["source"]["repoURL"] = json!(url);
        }
        if is_template {
            application["spec"]["source"]["plugin"] = json!({"name": "tera"});
        }
        let file = format!("clusters/{}/{app}.yaml", plane().name());
        scene.repo.write(&file, &pretty(&application));
    }
    scene.repo.commit("canaries");
    scene
}

/// Every command that reads, about all apps at once.
const COMMANDS: [&[&str]; 14] = [
    &["app", "list", "--all"],
    &["app", "get", "*"],
    &["app", "diff", "--all"],
    &["app", "diff", "--all", "--exact"],
    &["app", "diff", "--all", "--format", "unified"],
    &["app", "resources", "--all"],
    &["app", "tree", "--all"],
    &["app", "manifests", "--all"],
    &["app", "history", "--all"],
    &["app", "sync", "--all", "--dry-run"],
    &["app", "wait", "--all", "--timeout", "1s"],
    &["cluster", "list"],
    &["cluster", "get", "*"],
    &["doctor"],
];

/// Asks everything in all forms; the short run in those that differ most.
fn ask(scene: &Scene, canaries: &Canaries) -> usize {
    let all: [&[&str]; 8] = [
        &["-vvv"],
        &["-o", "json"],
        &[],
        &["-o", "wide"],
        &["-o", "yaml"],
        &["-o", "name"],
        &["-v"],
        &["-vv", "-o", "json"],
    ];
    let forms = if is_long() { &all[..] } else { &all[..2] };
    let mut n_answers = 0;
    for command in COMMANDS {
        for form in forms {
            let args = [command, form].concat();
            let answer = scene.pushboat(&args).env("RUST_LOG", "trace").run();
            canaries.expect_silent(&args.join(" "), &answer);
            n_answers += 1;
        }
    }
    for (name, files) in APPS {
        if *name != "made" && files[0].0 == "kustomization.yaml" {
            let path = format!("apps/{}-{name}", scene.namespace);
            let answer = scene.run(&["render", &path, "-vvv"]).expect_code(2);
            canaries.expect_silent("render", &answer);
            n_answers += 1;
        }
    }
    n_answers
}

/// What is left in the cluster beside the Secrets' own data, and what the repository's folder and the home hold.
fn expect_left_nothing(scene: &Scene, canaries: &Canaries) {
    let namespace = &scene.namespace;
    let secrets = scene.live("secrets");
    let records = secrets["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|secret| {
            let name = secret["metadata"]["name"].as_str().unwrap();
            name.starts_with("pushboat.")
        });
    let mut n_records = 0;
    for record in records {
        canaries.expect_none("a record", &record["metadata"].to_string());
        n_records += 1;
    }
    assert!(n_records > 1, "the parents and the history are there");
    for path in [
        format!("/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"),
        format!("/api/v1/namespaces/{namespace}/events"),
        format!("/apis/events.k8s.io/v1/namespaces/{namespace}/events"),
    ] {
        canaries.expect_none(&path, &scene.plane.get(&path).to_string());
    }
    let status = scene.repo.git(&["status", "--porcelain"]);
    assert_eq!(status, "", "nothing is written into the repository");
}

#[test]
fn no_command_tells_a_secret_in_any_form() {
    let mut canaries = Canaries(Vec::new());
    let scene = scene(&mut canaries);
    let stale = canaries.at("a live value that somebody wrote");
    assert!(canaries.0.len() >= 18, "{} places", canaries.0.len());
    let home = tempfile::tempdir().unwrap();
    let document = scene.run(&["app", "diff", "--all", "-o", "json"]).json();
    let apps = document["apps"].as_array().unwrap();
    let n_failed = apps.iter().filter(|app| !app["error"].is_null()).count();
    assert_eq!((apps.len(), n_failed), (APPS.len() + 1, 10), "{document}");
    let mut n_answers = ask(&scene, &canaries);
    let sync = |more: &[&str]| {
        let args = [&["app", "sync", "--all", "--yes", "-vvv"], more].concat();
        let answer = scene.pushboat(&args).home(home.path()).run();
        canaries.expect_silent("app sync", &answer);
    };
    sync(&[]);
    scene.edit(
        "secret",
        "text",
        "kubectl-edit",
        &json!({"stringData": {"p": stale, "more": stale}}),
    );
    n_answers += ask(&scene, &canaries);
    sync(&["-o", "json"]);
    expect_left_nothing(&scene, &canaries);
    let name = scene.namespace.as_str();
    for args in [
        &["app", "rollback", name, "--yes", "-vvv"][..],
        &["app", "delete", name, "--yes", "-vvv", "-o", "json"],
    ] {
        canaries.expect_silent(
            &args.join(" "),
            &scene.pushboat(args).home(home.path()).run(),
        );
        n_answers += 1;
    }
    let written = std::process::Command::new("grep")
        .args(["-rl", "kestrel"])
        .arg(home.path())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&written.stdout), "");
    eprintln!("{} places, {n_answers} answers, 0 found", canaries.0.len());
}

#[test]
fn masked_manifests_are_refused_by_the_server_however_they_are_applied() {
    let mut canaries = Canaries(Vec::new());
    let objects = objects(&mut canaries, "default");
    let scene = Scene::new(plane(), "canary-masks", &objects);
    let misspelt = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "misspelt"}, "stringDatta": {"p": "x"}});
    scene.put(&misspelt);
    let answer = scene.app("manifests", &[]).expect_code(0);
    assert!(answer.stderr.contains("7 Secrets are masked"), "{answer:?}");
    let documents = answer
        .stdout
        .split("---\n")
        .filter(|text| text.contains("kind: Secret"));
    let documents: Vec<&str> = documents.collect();
    assert_eq!(documents.len(), 7);
    let namespace = scene.namespace.as_str();
    for how in [
        &["apply", "-f", "-"][..],
        &["apply", "--server-side", "-f", "-"],
        &["apply", "--validate=false", "-f", "-"],
        &["apply", "--server-side", "--validate=false", "-f", "-"],
        &["create", "-f", "-"],
        &["create", "--validate=false", "-f", "-"],
    ] {
        let args = [&["-n", namespace], how].concat();
        for document in &documents {
            let answer = scene.plane.try_kubectl(&args, document);
            assert_ne!(answer.code, 0, "{how:?}: {document}");
        }
    }
    let secrets = scene.live("secrets");
    assert_eq!(secrets["items"], json!([]), "nothing was written");
}

/// A policy that looks at more than the object which it judges quotes what it finds there.
#[test]
fn a_policy_that_quotes_what_is_stored_tells_no_secret() {
    let secret = |text: &str| json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"p": text}});
    let (old, new) = ("kestrel of old", "kestrel of new");
    let scene = Scene::new(
        plane(),
        "canary-policy",
        &[secret(old), config_map("one", "1")],
    );
    scene.synced(&[]);
    scene.put(&secret(new));
    scene.put(&config_map("one", "2"));
    let said = format!(
        "the Secret holds {old}, {} and kestrelFeather77",
        BASE64_STANDARD.encode(old)
    );
    let policy = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": scene.namespace},
        "spec": {
            "matchConstraints": {
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": scene.namespace}},
                "resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["UPDATE"], "resources": ["configmaps"]}],
            },
            "validations": [{"expression": "false", "message": said}],
        },
    });
    let base = "/apis/admissionregistration.k8s.io/v1";
    scene
        .plane
        .create(&format!("{base}/validatingadmissionpolicies"), &policy);
    let binding = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": scene.namespace},
        "spec": {"policyName": scene.namespace, "validationActions": ["Deny"]},
    });
    scene.plane.create(
        &format!("{base}/validatingadmissionpolicybindings"),
        &binding,
    );
    let refused = || {
        let answer = scene.app("sync", &["--yes", "--dry-run"]);
        answer.said().contains("the Secret holds").then_some(answer)
    };
    let mut answers = vec![eventually("the policy holds", refused)];
    for args in [
        &["diff"][..],
        &["diff", "-o", "json"],
        &["sync", "--yes", "-vvv"],
    ] {
        answers.push(scene.app(args[0], &args[1..]));
    }
    for answer in answers {
        let said = answer.said();
        assert!(said.contains("the Secret holds <masked "), "{said}");
        assert!(!said.contains("kestrel"), "{said}");
        assert!(!said.contains(&BASE64_STANDARD.encode(old)), "{said}");
    }
}

#[test]
fn live_values_of_somebody_elses_object_are_masked_unless_a_project_names_its_place() {
    let other = plane().namespace("canary-theirs");
    let mut theirs = config_map("theirs", "guess");
    theirs["metadata"]["namespace"] = json!(other);
    let mut live = theirs.clone();
    live["data"] = json!({"key": "kestrelLive", "more": "kestrelMore"});
    plane().create(&format!("/api/v1/namespaces/{other}/configmaps"), &live);
    let scene = Scene::new(plane(), "canary-reader", &[theirs, config_map("ours", "1")]);
    let mut ours = config_map("ours", "0");
    ours["metadata"]["namespace"] = json!(scene.namespace);
    scene.plane.create(&scene.path("configmaps"), &ours);
    for format in [
        &[][..],
        &["--format", "unified"],
        &["-o", "json"],
        &["--exact", "-o", "yaml"],
    ] {
        let answer = scene.app("diff", format).expect_code(1);
        assert!(!answer.said().contains("kestrel"), "{answer:?}");
        let is_document = format.contains(&"-o");
        let line = if is_document {
            "liveMasked"
        } else {
            "live values are masked"
        };
        assert!(answer.stdout.contains(line), "{answer:?}");
    }
    let diff = scene.diff(&[]);
    let change = &diff.resource("ConfigMap", "theirs")["changes"][0];
    assert!(
        change["live"].as_str().unwrap().starts_with("<masked "),
        "{change}"
    );
    assert_eq!(change["desired"], "guess");
    let own = diff.resource("ConfigMap", "ours");
    assert_eq!(
        (&own["liveMasked"], &own["changes"][0]["live"]),
        (&json!(false), &json!("0"))
    );
    let project = json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "metadata": {"name": "default"},
        "spec": {"destinations": [{"server": "*", "namespace": other}]},
    });
    let file = format!("clusters/{}/project.yaml", scene.plane.name());
    scene.repo.write(&file, &pretty(&project));
    let diff = scene.diff(&[]);
    assert_eq!(
        diff.resource("ConfigMap", "theirs")["changes"][0]["live"],
        "kestrelLive"
    );
}

#[test]
fn what_the_status_of_somebody_elses_object_says_is_not_told() {
    let other = plane().namespace("canary-status");
    let pods = json!({"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [{"name": "main", "image": "web:1"}]}});
    let theirs = json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "busy", "namespace": other},
        "spec": {"selector": {"matchLabels": {"app": "a"}}, "template": pods},
    });
    let path = format!("/apis/apps/v1/namespaces/{other}/replicasets");
    plane().create(&path, &theirs);
    let condition = json!({"type": "ReplicaFailure", "status": "True", "message": "kestrelStatus"});
    let status =
        json!({"status": {"observedGeneration": 1, "replicas": 0, "conditions": [condition]}});
    let (code, body) = plane()
        .request_as(
            "PATCH",
            &format!("{path}/busy/status"),
            "application/merge-patch+json",
            Some(&status),
        )
        .unwrap();
    assert_eq!(code, 200, "{body}");
    let scene = Scene::new(plane(), "canary-status", &[theirs]);
    for verb in ["resources", "tree", "get"] {
        let answer = scene.app(verb, &["-o", "json"]);
        assert!(answer.stdout.contains("Degraded"), "{answer:?}");
        assert!(!answer.said().contains("kestrel"), "{answer:?}");
    }
}

#[test]
fn a_kubeconfig_in_the_place_of_its_path_is_repeated_nowhere() {
    let scene = Scene::new(plane(), "canary-config", &[config_map("one", "1")]);
    let content = std::fs::read_to_string(&scene.kubeconfig).unwrap();
    let data = content
        .split_once("client-key-data")
        .map(|(_, rest)| rest.trim_start_matches([':', ' ', '"']))
        .unwrap();
    let key = &data[..40];
    for args in [
        &["app", "list", "--all"][..],
        &["doctor"],
        &["cluster", "list", "-o", "json"],
        &["app", "diff", "--all", "-vvv"],
    ] {
        let by_variable = scene.pushboat(args).env("KUBECONFIG", &content).run();
        let by_flag = scene
            .pushboat(args)
            .without("KUBECONFIG")
            .arg("--kubeconfig")
            .arg(&content)
            .run();
        let by_setting = scene
            .pushboat(args)
            .env("PUSHBOAT_KUBECONFIG", &content)
            .run();
        for answer in [by_variable, by_flag, by_setting] {
            let said = answer.said();
            assert!(
                said.contains("holds the content of a kubeconfig, not a path"),
                "{said}"
            );
            assert!(
                !said.contains(key) && !said.contains("client-key"),
                "{said}"
            );
        }
    }
}

#[test]
fn what_a_credential_plugin_says_goes_to_the_log_and_nowhere_else() {
    let scene = Scene::new(plane(), "canary-plugin", &[config_map("one", "1")]);
    let words = "echo kestrelPrinted; echo kestrelSaid >&2; exit 3";
    let user = json!({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "sh", "args": ["-c", words], "interactiveMode": "Never"}});
    let config =
        crate::support::kubeconfig(plane().name(), &plane().server(), plane().authority(), user);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), config).unwrap();
    let run = |more: &[&str]| {
        let args = [&["app", "diff", &scene.namespace][..], more].concat();
        scene
            .pushboat(&args)
            .kubeconfig(file.path())
            .run()
            .expect_code(2)
    };
    for more in [&[][..], &["-o", "json"]] {
        let said = run(more).said();
        assert!(
            said.contains("failed with code 3") && !said.contains("kestrel"),
            "{said}"
        );
    }
    let loud = run(&["-v", "-o", "json"]);
    assert!(loud.stderr.contains("kestrelSaid"), "{loud:?}");
    assert!(
        !loud.said().contains("kestrelPrinted") && !loud.stdout.contains("kestrel"),
        "{loud:?}"
    );
}
