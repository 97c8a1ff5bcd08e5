//! A kind that discovery does not list: its objects may still be stored, so nothing is called gone without a proof.

use super::plane;
use crate::support::faultline::{Answer, Rule, Verb};
use crate::support::scene::{config_map, definition, reasons};
use crate::support::{ControlPlane, Faultline, Part, Scene, pushboat};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};

const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/// An app of a ConfigMap and a custom object, synced; the definition belongs to nobody.
struct Custom {
    scene: Scene<'static>,
    group: String,
    widget: Value,
}

impl Custom {
    fn new(name: &str) -> Self {
        let plane = plane();
        let group = format!("{name}.example.com");
        plane.kubectl_apply(&definition("widgets", "Widget", &group).to_string());
        let crd = format!("crd/widgets.{group}");
        plane.kubectl(&["wait", "--for=condition=Established", &crd]);
        let widget = json!({"apiVersion": format!("{group}/v1"), "kind": "Widget", "metadata": {"name": "gear"}, "spec": {"size": 2}});
        let scene = Scene::new(plane, name, &[config_map("one", "1"), widget.clone()]);
        let custom = Self {
            scene,
            group,
            widget,
        };
        custom.await_served(true);
        custom.scene.synced(&[]);
        custom
    }

    /// Says whether the definition serves its only version, and waits until discovery knows.
    fn serve(&self, served: bool) {
        let patch = json!([{"op": "replace", "path": "/spec/versions/0/served", "value": served}]);
        let name = format!("widgets.{}", self.group);
        let patch = patch.to_string();
        self.scene
            .plane
            .kubectl(&["patch", "crd", &name, "--type=json", "-p", &patch]);
        self.await_served(served);
    }

    fn await_served(&self, served: bool) {
        crate::support::eventually("discovery to follow the definition", || {
            let kinds = self.scene.plane.kinds_served(&self.group, "v1");
            (kinds.contains("Widget") == served).then_some(())
        });
    }

    fn is_stored(&self) -> bool {
        self.scene.exists(&self.path())
    }

    fn path(&self) -> String {
        format!("{}/v1/widgets/gear", self.group)
    }

    /// The kinds that the parent names.
    fn recorded(&self) -> String {
        let parent = self.scene.live(&format!("secrets/{}", self.scene.record()));
        let kinds =
            &parent["metadata"]["annotations"]["applyset.kubernetes.io/contains-group-kinds"];
        kinds.as_str().unwrap().to_owned()
    }

    fn expect_recorded(&self) {
        let kinds = self.recorded();
        assert!(kinds.contains(&format!("Widget.{}", self.group)), "{kinds}");
    }

    /// A proxy that takes this group out of the server's answers, of all or of the first `n`.
    fn without_group(&self, n: usize) -> Faultline {
        let proxy = Faultline::before(self.scene.plane);
        let group = self.group.clone();
        proxy.rule(
            Rule::on(&[Verb::Discover])
                .path("^/apis$")
                .first(n)
                .edit(move |answer| without(answer, &group)),
        );
        proxy
    }
}

fn without(answer: Answer, group: &str) -> Answer {
    let Ok(mut document) = serde_json::from_slice::<Value>(&answer.body) else {
        return answer;
    };
    for list in ["items", "groups"] {
        if let Some(groups) = document[list].as_array_mut() {
            groups.retain(|item| item["metadata"]["name"] != group && item["name"] != group);
        }
    }
    Answer {
        body: document.to_string().into(),
        ..answer
    }
}

/// What is stored is not seen, whether the repository still wants it or not, with and without `--prune`, and by `app delete`.
#[test]
fn a_kind_that_is_not_served_for_a_moment_keeps_its_place_in_the_record() {
    let custom = Custom::new("absence-served");
    let scene = &custom.scene;
    custom.serve(false);
    for wanted in [true, false] {
        if !wanted {
            scene.take(&custom.widget);
        }
        let diff = scene.app("diff", &["-o", "json"]).expect_code(2);
        assert!(reasons(&diff.json()).contains("discovery"), "{diff:?}");
        assert!(diff.stdout.contains("still stored"), "{diff:?}");
        for more in [&[][..], &["--prune"]] {
            scene.sync(more).expect_code(2);
            custom.expect_recorded();
        }
        scene.app("resources", &[]).expect_code(2);
        scene.app("tree", &[]).expect_code(2);
        scene.app("list", &[]).expect_code(2);
        scene.app("get", &[]).expect_code(2);
    }
    scene.app("delete", &["--yes"]).expect_code(2);
    scene
        .app("delete", &["--yes", "--cascade", "false"])
        .expect_code(2);
    custom.expect_recorded();
    assert!(scene.exists("configmaps/one"));
    custom.serve(true);
    assert!(custom.is_stored());
    assert_eq!(scene.diff(&[]).status("Widget", "gear"), "Extra");
}

/// The definition is the app's own, and a sync repairs it.
#[test]
fn a_definition_that_a_sync_serves_again_finds_its_objects_again() {
    let group = "absence-own.example.com";
    let widget = |size| json!({"apiVersion": format!("{group}/v1"), "kind": "Widget", "metadata": {"name": "gear"}, "spec": {"size": size}});
    let objects = [definition("widgets", "Widget", group), widget(2)];
    let scene = Scene::new(plane(), "absence-own", &objects);
    scene.synced(&[]);
    let custom = Custom {
        scene,
        group: group.to_owned(),
        widget: widget(2),
    };
    custom.serve(false);
    let diff = custom.scene.diff(&[]);
    assert_eq!((diff.code, diff.status("Widget", "gear")), (2, "Unknown"));
    // A list says why it does not know.
    let list = custom.scene.app("list", &["-o", "json"]).expect_code(2);
    let row = list.json()["apps"][0].clone();
    assert_eq!(row["sync"], "Unknown");
    assert!(row["error"]["reason"].is_string(), "{row}");
    custom.scene.put(&widget(3));
    custom.scene.synced(&[]);
    assert_eq!(custom.scene.live(&custom.path())["spec"]["size"], 3);
    custom.scene.expect_clean();
    // A member that nobody wants any more is found by the same sync, and not deleted by it: it was in no plan.
    custom.serve(false);
    custom.scene.take(&custom.widget);
    custom.scene.sync(&["--prune"]).expect_code(2);
    assert!(custom.is_stored());
    assert_eq!(custom.scene.diff(&[]).status("Widget", "gear"), "Extra");
}

#[test]
fn a_kind_whose_definition_is_gone_is_gone_and_only_then_anything_is_asked() {
    let custom = Custom::new("absence-gone");
    let scene = &custom.scene;
    scene.mark();
    scene.expect_clean();
    let asked = |scene: &Scene| {
        let events = scene.plane.audit_from(scene.marked());
        let is_ours = |event: &&crate::support::Event| event.agent.starts_with("pushboat");
        let uris = events.iter().filter(is_ours).map(|event| event.uri.clone());
        let proofs = uris.filter(|uri| {
            uri.starts_with(&format!("{DEFINITIONS}?")) || uri.contains("/apiservices")
        });
        proofs.count()
    };
    let by_others = asked(scene);
    scene.take(&custom.widget);
    let name = format!("widgets.{}", custom.group);
    scene.plane.kubectl(&["delete", "crd", &name]);
    custom.await_served(false);
    let diff = scene.diff(&[]);
    assert_eq!((diff.code, diff.sync()), (0, "Synced"), "{}", diff.app);
    assert!(asked(scene) > by_others, "the proof");
    scene.synced(&[]);
    assert_eq!(custom.recorded(), "ConfigMap");
    scene.mark();
    scene.synced(&[]);
    assert_eq!(scene.writes().len(), 0);
}

/// An API server that has just started answers for fewer groups than it has.
#[test]
fn an_answer_that_lacks_a_group_for_a_moment_changes_nothing() {
    let custom = Custom::new("absence-moment");
    for n in 1..=2 {
        let proxy = custom.without_group(n);
        let answer = custom.scene.app_with(&proxy.kubeconfig(), &[]);
        assert_eq!(answer.code, 0, "{n}: {answer:?}");
    }
    custom.scene.take(&custom.widget);
    let proxy = custom.without_group(usize::MAX);
    let answer = custom.scene.app_with(&proxy.kubeconfig(), &["-o", "json"]);
    assert_eq!(answer.code, 2, "{answer:?}");
    let sync = ["app", "sync", &custom.scene.namespace, "--yes", "--prune"];
    let sync = custom.scene.pushboat(&sync).kubeconfig(proxy.kubeconfig());
    sync.run().expect_code(2);
    custom.expect_recorded();
    assert!(custom.is_stored());
}

/// The same before the first sync: which kinds are namespaced is not guessed from half an answer.
#[test]
fn a_first_look_by_half_an_answer_is_made_again() {
    let group = "absence-first.example.com";
    let mut crd = definition("regions", "Region", group);
    crd["spec"]["scope"] = json!("Cluster");
    plane().kubectl_apply(&crd.to_string());
    let region = json!({"apiVersion": format!("{group}/v1"), "kind": "Region", "metadata": {"name": "north"}});
    let scene = Scene::new(plane(), "absence-first", &[region]);
    let custom = Custom {
        scene,
        group: group.to_owned(),
        widget: Value::Null,
    };
    crate::support::eventually("the kind is served", || {
        let kinds = plane().kinds_served(group, "v1");
        kinds.contains("Region").then_some(())
    });
    let proxy = custom.without_group(1);
    let sync = ["app", "sync", &custom.scene.namespace, "--yes"];
    let sync = custom.scene.pushboat(&sync).kubeconfig(proxy.kubeconfig());
    sync.run().expect_code(0);
    plane().get(&format!("/apis/{group}/v1/regions/north"));
}

#[test]
fn who_may_not_ask_is_told_what_to_do_and_a_person_may_decide() {
    let custom = Custom::new("absence-word");
    let scene = &custom.scene;
    scene.take(&custom.widget);
    let name = format!("widgets.{}", custom.group);
    scene.plane.kubectl(&["delete", "crd", &name]);
    custom.await_served(false);
    let proxy = Faultline::before(plane());
    proxy.rule(
        Rule::on(&[Verb::List])
            .path(DEFINITIONS)
            .answer(Answer::status(403, "Forbidden", "may not list")),
    );
    let run = |args: &[&str]| {
        let call = scene.pushboat(&[&["app", args[0], &scene.namespace], &args[1..]].concat());
        call.kubeconfig(proxy.kubeconfig()).run()
    };
    let kind = format!("Widget.{}", custom.group);
    for args in [&["diff"][..], &["sync", "--yes"], &["delete", "--yes"]] {
        let answer = run(args).expect_code(2);
        let flag = format!("--assume-gone {kind}");
        assert!(answer.said().contains(&flag), "{args:?}: {answer:?}");
        custom.expect_recorded();
    }
    run(&["diff", "--assume-gone", "widgets"]).expect_code(2);
    run(&["diff", "--assume-gone", &kind]).expect_code(0);
    run(&["sync", "--yes", "--assume-gone", &kind]).expect_code(0);
    assert_eq!(custom.recorded(), "ConfigMap");
    run(&["delete", "--yes"]).expect_code(0);
    assert!(!scene.exists("configmaps/one"));
}

/// What a person says of one kind lets go of nothing that can be read.
#[test]
fn a_kind_that_is_served_is_not_gone_whatever_is_assumed() {
    let custom = Custom::new("absence-there");
    custom.scene.take(&custom.widget);
    let kind = format!("Widget.{}", custom.group);
    let diff = custom.scene.diff(&["--assume-gone", &kind]);
    assert_eq!(diff.status("Widget", "gear"), "Extra");
    let sync = custom.scene.sync(&["--assume-gone", &kind]);
    assert_eq!(sync.code, 1, "{sync:?}");
    custom.expect_recorded();
}

/// An API server behind an APIService that is silent may have the kind.
#[test]
fn a_group_with_a_silent_server_is_not_gone() {
    let custom = Custom::new("absence-silent");
    let scene = &custom.scene;
    scene.take(&custom.widget);
    let name = format!("widgets.{}", custom.group);
    scene.plane.kubectl(&["delete", "crd", &name]);
    custom.await_served(false);
    let service = json!({
        "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
        "metadata": {"name": format!("v9.{}", custom.group)},
        "spec": {
            "group": custom.group, "version": "v9", "groupPriorityMinimum": 100, "versionPriority": 100,
            "insecureSkipTLSVerify": true, "service": {"name": "nobody", "namespace": scene.namespace},
        },
    });
    scene.plane.kubectl_apply(&service.to_string());
    scene.sync(&["--prune"]).expect_code(2);
    custom.expect_recorded();
    let service = format!("apiservice/v9.{}", custom.group);
    scene.plane.kubectl(&["delete", &service]);
    scene.synced(&["--prune"]);
    assert_eq!(custom.recorded(), "ConfigMap");
}

/// While a killed API server comes back it answers for a part of its groups: no run takes that for all there is.
#[test]
fn a_server_that_was_killed_and_restarted_is_never_taken_at_half_its_word() {
    let mut plane = ControlPlane::bare();
    let group = "absence-killed.example.com";
    plane.kubectl_apply(&definition("widgets", "Widget", group).to_string());
    let crd = format!("crd/widgets.{group}");
    plane.kubectl(&["wait", "--for=condition=Established", &crd]);
    let widget = json!({"apiVersion": format!("{group}/v1"), "kind": "Widget", "metadata": {"name": "gear"}, "spec": {"size": 2}});
    let scene = Scene::new(
        &plane,
        "absence-killed",
        &[config_map("one", "1"), widget.clone()],
    );
    scene.synced(&[]);
    scene.take(&widget);
    let record = scene.path(&format!("secrets/{}", scene.record()));
    let Scene {
        repo,
        namespace,
        kubeconfig,
        ..
    } = scene;
    plane.stop_part(Part::ApiServer);
    let is_back = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let runs = scope.spawn(|| {
            let mut codes = Vec::new();
            while !is_back.load(Ordering::SeqCst) {
                let call = pushboat(&["app", "sync", &namespace, "--yes"]).dir(repo.path());
                codes.push(call.kubeconfig(&kubeconfig).run());
            }
            codes
        });
        plane.restart_part(Part::ApiServer);
        is_back.store(true, Ordering::SeqCst);
        for run in runs.join().unwrap() {
            assert!(matches!(run.code, 1 | 2), "{run:?}");
        }
    });
    let parent = plane.get(&record).to_string();
    assert!(parent.contains(&format!("Widget.{group}")), "{parent}");
}
