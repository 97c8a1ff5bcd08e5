//! The law of takeovers: whoever made an object, and however often git changes it, it ends as a fresh apply of what git has now.
//! Random objects by other tools, adopted, edited by people, emptied of their owners, changed in git.
//!
//! `PUSHBOAT_TAKEOVERS` says how many rounds, `PUSHBOAT_SEED` which; a run without is always the same one.

mod objects;

use super::law::edits::Random;
use super::law::number;
use super::plane;
use crate::support::Scene;
use objects::{is_deployment, object};
use serde_json::{Value, json};

/// Objects of one round; they share an app, so a round costs few runs.
const OBJECTS: usize = 10;
/// How often git changes after the adoption.
const CHANGES: usize = 3;

const MAKERS: [&str; 6] = [
    "kubectl-client-side-apply",
    "kubectl-create",
    "kubectl-replace",
    "helm",
    "velero-server",
    "before-first-apply",
];

#[test]
fn an_adopted_object_ends_as_a_fresh_apply_of_what_git_has() {
    let default = if crate::support::is_long() { 50 } else { 2 };
    let (n_rounds, seed) = (
        number("PUSHBOAT_TAKEOVERS", default),
        number("PUSHBOAT_SEED", 1),
    );
    let mut random = Random(seed);
    for _ in 0..n_rounds {
        let scene = Scene::new(plane(), "takeover", &[]);
        plane().kubectl(&["create", "namespace", &fresh(&scene)]);
        run(&scene, &mut random);
    }
}

/// The namespace in which the same manifests are applied anew.
fn fresh(scene: &Scene) -> String {
    format!("{}-fresh", scene.namespace)
}

fn run(scene: &Scene, random: &mut Random) {
    let names: Vec<String> = (0..OBJECTS).map(|n| format!("object-{n}")).collect();
    let mut log = Vec::new();
    for name in &names {
        let maker = MAKERS[random.below(MAKERS.len())];
        let git = object(name, random);
        // What only `kubectl create` and the like had set is a person's; what `kubectl apply` had set is not.
        let made = match maker {
            "kubectl-client-side-apply" => object_like(&git, random),
            _ => git.clone(),
        };
        make(scene, maker, &made);
        log.push(format!("{name} by {maker}: {made}\n  git: {git}"));
        scene.put(&git);
        let note = json!({"metadata": {"annotations": {"note": "of a person"}}});
        scene.edit(kind_of(&git), name, "kubectl-annotate", &note);
    }
    settle(scene, &names, &log);
    for _ in 0..CHANGES {
        for name in &names {
            log.extend(meddle(scene, name, random));
            let git = object_like(&read(scene, name), random);
            log.push(format!("{name} in git: {git}"));
            scene.put(&git);
        }
        settle(scene, &names, &log);
    }
}

fn kind_of(object: &Value) -> &str {
    object["kind"].as_str().unwrap()
}

fn read(scene: &Scene, name: &str) -> Value {
    let kind = if is_deployment(name) {
        "deployment"
    } else {
        "service"
    };
    let file = format!("apps/{}/{kind}-{name}.yaml", scene.namespace);
    let text = std::fs::read_to_string(scene.repo.path().join(file)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn object_like(git: &Value, random: &mut Random) -> Value {
    object(git["metadata"]["name"].as_str().unwrap(), random)
}

/// Makes an object as a tool of this name would.
fn make(scene: &Scene, maker: &str, object: &Value) {
    let (namespace, text) = (&scene.namespace, object.to_string());
    let manager = format!("--field-manager={maker}");
    let args = match maker {
        "kubectl-client-side-apply" => vec!["-n", namespace, "apply", "-f", "-"],
        _ => vec!["-n", namespace, "create", &manager, "-f", "-"],
    };
    plane().try_kubectl(&args, &text).expect_code(0);
}

/// Something that people do between two syncs.
fn meddle(scene: &Scene, name: &str, random: &mut Random) -> Option<String> {
    let kind = if is_deployment(name) {
        "deployment"
    } else {
        "service"
    };
    let edit = |manager: &str, patch: Value| {
        scene.edit(kind, name, manager, &patch);
        Some(format!("{name} {manager}: {patch}"))
    };
    match random.below(6) {
        0 => edit("cleaner", json!({"metadata": {"managedFields": [{}]}})),
        // What git never had stays a person's, and has no place in a comparison.
        1 if read(scene, name)["spec"]["minReadySeconds"].is_number() => {
            edit("kubectl-patch", json!({"spec": {"minReadySeconds": 7}}))
        }
        // A value over a reference is a person's alone, and both together no server takes.
        2 if has_value(&read(scene, name), "B") => {
            let args = [
                "-n",
                &scene.namespace,
                "set",
                "env",
                &format!("deployment/{name}"),
                "--containers=main",
                "A-",
                "B=edited",
            ];
            plane().kubectl(&args);
            Some(format!("{name} {}", args[2..].join(" ")))
        }
        3 if is_deployment(name) => {
            plane().kubectl(&[
                "-n",
                &scene.namespace,
                "rollout",
                "restart",
                &format!("deployment/{name}"),
            ]);
            Some(format!("{name} restarted"))
        }
        4 => edit(
            "kubectl-edit",
            json!({"metadata": {"labels": {"team": "edited"}}}),
        ),
        _ => None,
    }
}

/// Whether the main container has a variable with a plain value.
fn has_value(git: &Value, variable: &str) -> bool {
    let containers = git.pointer("/spec/template/spec/containers");
    let containers = containers.and_then(Value::as_array).into_iter().flatten();
    let main = containers.filter(|it| it["name"] == "main");
    let mut env = main.flat_map(|it| it["env"].as_array().into_iter().flatten());
    env.any(|it| it["name"] == variable && it["value"].is_string())
}

/// Syncs, and compares what runs with a fresh apply.
fn settle(scene: &Scene, names: &[String], log: &[String]) {
    let told = log.join("\n");
    let statuses = |more: &[&str]| scene.diff(more).drifted();
    assert_eq!(statuses(&[]), statuses(&["--exact"]), "{told}");
    let answer = scene.sync(&[]);
    assert_eq!(answer.code, 0, "{answer:?}\n{told}");
    for more in [&[][..], &["--exact"]] {
        let diff = scene.diff(more);
        assert_eq!(
            (diff.code, diff.sync()),
            (0, "Synced"),
            "{more:?} {}\n{told}",
            diff.app
        );
    }
    let new = fresh(scene);
    plane().kubectl(&[
        "-n",
        &new,
        "delete",
        "deployments,services",
        "--all",
        "--wait=false",
    ]);
    for name in names {
        let text = read(scene, name).to_string();
        let args = [
            "-n",
            &new,
            "apply",
            "--server-side",
            "--field-manager=pushboat",
            "-f",
            "-",
        ];
        plane().try_kubectl(&args, &text).expect_code(0);
        let place = match is_deployment(name) {
            true => format!("/apis/apps/v1/namespaces/NS/deployments/{name}"),
            false => format!("/api/v1/namespaces/NS/services/{name}"),
        };
        let live = plane().get(&place.replace("NS", &scene.namespace));
        let expected = plane().get(&place.replace("NS", &new));
        assert_eq!(content(&live), content(&expected), "{name}\n{told}");
        assert_eq!(
            live["metadata"]["annotations"]["note"], "of a person",
            "{name}\n{told}"
        );
    }
}

/// What must be equal: the spec, and the labels that git has, without what the server gives to each object of its own and
/// without a restart.
fn content(live: &Value) -> Value {
    let mut spec = live["spec"].clone();
    for name in ["clusterIP", "clusterIPs"] {
        spec.as_object_mut().unwrap().remove(name);
    }
    let template = spec.pointer_mut("/template/metadata");
    if let Some(Value::Object(template)) = template {
        template.remove("annotations");
    }
    spec
}
