//! Objects that move between apps, and objects that two apps want: claims count whatever is selected, and what cannot be read may want
//! more than it says.

use super::plane;
use crate::support::scene::{MEMBER, config_map, reasons};
use crate::support::{Finished, Scene};
use serde_json::{Value, json};

/// Two apps of one repository, `from` and `to`, each in a namespace of its own.
struct Two<'a> {
    from: Scene<'a>,
    to: String,
    moved: Value,
}

impl Two<'_> {
    /// Both are synced; `moved` is an object of `from`.
    fn new(name: &str) -> Self {
        let moved = config_map("moved", "1");
        let from = Scene::new(plane(), name, &[config_map("own", "1"), moved.clone()]);
        let to = second_app(&from, &format!("{name}-to"));
        let two = Self { from, to, moved };
        two.put(&config_map("own", "2"));
        two.run(&["app", "sync", "--all", "--yes"]).expect_code(0);
        two
    }

    /// Writes an object of `to`.
    fn put(&self, object: &Value) {
        let name = object["metadata"]["name"].as_str().unwrap();
        let file = format!("apps/{}/{name}.yaml", self.to);
        self.from.repo.write(&file, &object.to_string());
    }

    /// What a commit does that moves the object from one app to the other.
    fn hand_over(&self) {
        self.from.take(&self.moved);
        let mut moved = self.moved.clone();
        moved["metadata"]["namespace"] = json!(self.from.namespace);
        self.put(&moved);
    }

    fn run(&self, args: &[&str]) -> Finished {
        self.from.run(args)
    }

    fn uid(&self) -> Value {
        self.from.live("configmaps/moved")["metadata"]["uid"].clone()
    }

    /// Syncs `to`, which then has the very object that was there.
    #[track_caller]
    fn expect_taken(&self, uid: &Value) {
        self.run(&["app", "sync", &self.to, "--yes"]).expect_code(0);
        assert_eq!(&self.uid(), uid);
        let live = self.from.live("configmaps/moved");
        assert_ne!(live["metadata"]["labels"][MEMBER], json!(self.from.id()));
        self.run(&["app", "diff", "--all"]).expect_code(0);
    }
}

/// Declares a second app in the repository of `scene`, and gives its name.
fn second_app(scene: &Scene, name: &str) -> String {
    let second = plane().namespace(name);
    let file = |app: &str| format!("clusters/{}/{app}.yaml", plane().name());
    let declared = scene.repo.path().join(file(&scene.namespace));
    let declared = std::fs::read_to_string(declared).unwrap();
    let declared = declared.replace(&scene.namespace, &second);
    scene.repo.write(&file(&second), &declared);
    second
}

#[test]
fn an_object_that_moves_to_another_app_of_the_run_is_neither_pruned_nor_made_anew() {
    let mut moved = config_map("moved", "1");
    let one = Scene::new(
        plane(),
        "move-from",
        &[config_map("own", "1"), moved.clone()],
    );
    let two = second_app(&one, "move-to");
    let own = config_map("own", "2");
    one.repo
        .write(&format!("apps/{two}/own.yaml"), &own.to_string());
    let sync = ["app", "sync", "--all", "--yes", "--prune"];
    one.run(&sync).expect_code(0);
    let before = one.live("configmaps/moved");
    one.take(&moved);
    moved["metadata"]["namespace"] = json!(one.namespace);
    one.repo
        .write(&format!("apps/{two}/moved.yaml"), &moved.to_string());
    let answer = one.run(&sync).expect_code(0);
    let after = one.live("configmaps/moved");
    assert_eq!(
        after["metadata"]["uid"], before["metadata"]["uid"],
        "{answer:?}"
    );
    assert_ne!(after["metadata"]["labels"][MEMBER], json!(one.id()));
    one.run(&["app", "diff", "--all"]).expect_code(0);
}

#[test]
fn an_object_that_two_apps_of_one_run_want_is_refused_by_diff_and_sync_alike() {
    let one = Scene::new(plane(), "twice", &[config_map("shared", "first")]);
    let two = second_app(&one, "twice-too");
    let mut shared = config_map("shared", "second");
    shared["metadata"]["namespace"] = json!(one.namespace);
    one.repo
        .write(&format!("apps/{two}/shared.yaml"), &shared.to_string());
    for verb in [&["diff"][..], &["sync", "--yes"]] {
        let args = [&["app"], verb, &["--all", "-o", "json"]].concat();
        let answer = one.run(&args).expect_code(2);
        let document = answer.json();
        for (app, other) in [(&one.namespace, &two), (&two, &one.namespace)] {
            let apps = document["apps"].as_array().unwrap();
            let row = apps.iter().find(|row| row["name"] == **app).unwrap();
            let error = row["error"].to_string();
            assert!(
                error.contains(&format!("is also in app `test/{other}`")),
                "{error}"
            );
            assert!(error.contains(&format!("apps/{app}/")), "{error}");
        }
    }
    assert_eq!(one.writes().len(), 0);
}

#[test]
fn a_sync_of_the_old_app_alone_keeps_what_the_new_one_wants() {
    for (n, select) in [&[][..], &["-l", "side=old"]].into_iter().enumerate() {
        let two = Two::new(&format!("alone-{n}"));
        let (name, uid) = (two.from.namespace.clone(), two.uid());
        let file = format!("clusters/{}/{name}.yaml", plane().name());
        let label = format!("\"name\": \"{name}\",\n    \"labels\": {{\"side\": \"old\"}},");
        two.from
            .repo
            .replace(&file, &format!("\"name\": \"{name}\","), &label);
        two.hand_over();
        let select = if select.is_empty() {
            vec![name.as_str()]
        } else {
            select.to_vec()
        };
        let sync = [&["app", "sync", "--yes", "--prune"], &select[..]].concat();
        let answer = two.run(&sync).expect_code(0);
        assert!(
            answer
                .said()
                .contains(&format!("app `{}` wants it", two.to)),
            "{answer:?}"
        );
        assert_eq!(two.uid(), uid);
        two.expect_taken(&uid);
    }
}

#[test]
fn a_deleted_app_leaves_what_another_app_wants() {
    let two = Two::new("leaving");
    let uid = two.uid();
    two.hand_over();
    let name = two.from.namespace.clone();
    let answer = two.run(&["app", "delete", &name, "--yes"]).expect_code(0);
    assert!(
        answer
            .said()
            .contains(&format!("app `{}` wants it", two.to)),
        "{answer:?}"
    );
    assert!(!two.from.exists("configmaps/own"));
    two.from
        .repo
        .remove(&format!("clusters/{}/{name}.yaml", plane().name()));
    two.expect_taken(&uid);
}

#[test]
fn apps_that_are_deleted_together_leave_nothing_to_each_other() {
    let two = Two::new("leaving-both");
    two.hand_over();
    two.run(&["app", "delete", "--all", "--yes"]).expect_code(0);
    assert!(!two.from.exists("configmaps/moved"));
}

type Breakage<'a> = &'a dyn Fn(&Two);

/// What keeps the new app from being read: what it wants is not known, so nothing is surplus until it is mended.
#[test]
fn while_the_new_app_cannot_be_read_nothing_is_pruned() {
    let breakages: [(&str, Breakage); 5] = [
        ("lost", &|two| {
            let file = format!("apps/{}/moved.yaml", two.to);
            two.from.repo.write(&file, "");
        }),
        ("render", &|two| {
            two.from
                .repo
                .write(&format!("apps/{}/broken.yaml", two.to), "a: [1\n")
        }),
        ("declared", &|two| {
            let file = format!("clusters/{}/{}.yaml", plane().name(), two.to);
            two.from.repo.write(&file, "kind: Application\nspec: [\n");
        }),
        ("mistyped", &|two| {
            let file = format!("clusters/{}/{}.yaml", plane().name(), two.to);
            two.from
                .repo
                .replace(&file, "\"Application\"", "\"Aplication\"");
        }),
        ("field", &|two| {
            let file = format!("clusters/{}/{}.yaml", plane().name(), two.to);
            two.from.repo.replace(
                &file,
                "\"destination\"",
                "\"destinatoin\": 1, \"destination\"",
            );
        }),
    ];
    for (name, spoil) in breakages {
        let two = Two::new(&format!("unread-{name}"));
        let uid = two.uid();
        two.hand_over();
        two.from.repo.commit("moved");
        spoil(&two);
        let answer = two
            .run(&["app", "sync", "--all", "--yes", "--prune"])
            .expect_code(2);
        assert_eq!(two.uid(), uid, "{name} {answer:?}");
        let answer = two.from.sync(&["--prune"]).expect_code(1);
        assert!(
            answer.said().contains("--ignore-unreadable"),
            "{name} {answer:?}"
        );
        assert_eq!(two.uid(), uid, "{name} {answer:?}");
        let answer = two.from.app("delete", &["--yes"]).expect_code(1);
        assert_eq!(two.uid(), uid, "{name} {answer:?}");
        let record = format!("secrets/{}", two.from.record());
        assert!(
            two.from.exists(&record),
            "{name}: the records find what is left"
        );
        two.from.repo.git(&["checkout", "--quiet", "."]);
        two.from.repo.git(&["clean", "--quiet", "-fd"]);
        two.expect_taken(&uid);
    }
}

#[test]
fn an_app_that_cannot_be_read_is_overlooked_when_it_is_named() {
    let two = Two::new("overlook");
    two.from.take(&two.moved);
    two.from
        .repo
        .write(&format!("apps/{}/broken.yaml", two.to), "a: [1\n");
    two.from.sync(&["--prune"]).expect_code(1);
    assert!(two.from.exists("configmaps/moved"));
    two.from
        .synced(&["--prune", "--ignore-unreadable", &two.to]);
    assert!(!two.from.exists("configmaps/moved"));
}

/// What is refused for good must not hold back every app: only what lies where the app goes.
#[test]
fn an_app_that_is_not_supported_yet_holds_back_its_own_namespace_only() {
    let two = Two::new("chart");
    let file = format!("clusters/{}/{}.yaml", plane().name(), two.to);
    two.from.repo.replace(
        &file,
        "\"source\": {",
        "\"source\": {\"helm\": {\"releaseName\": \"x\"},",
    );
    two.from.take(&two.moved);
    two.from.synced(&["--prune"]);
    assert!(!two.from.exists("configmaps/moved"), "another namespace");
    two.from.repo.replace(
        &file,
        &format!("\"namespace\": \"{}\"", two.to),
        &format!("\"namespace\": \"{}\"", two.from.namespace),
    );
    two.from.take(&config_map("own", "1"));
    two.from.put(&config_map("other", "1"));
    two.from.sync(&["--prune"]).expect_code(1);
    assert!(two.from.exists("configmaps/own"), "its namespace");
}

/// Declares `to` in another folder, which stands for the same server.
fn in_folder(two: &Two, cluster: &str) {
    let name = format!("clusters/{}/{}.yaml", plane().name(), two.to);
    let text = std::fs::read_to_string(two.from.repo.path().join(&name)).unwrap();
    two.from.repo.remove(&name);
    two.from
        .repo
        .write(&format!("clusters/two/{}.yaml", two.to), &text);
    two.from.repo.write("clusters/two/cluster.yaml", cluster);
}

#[test]
fn two_folders_for_one_server_count_as_one() {
    let two = Two::new("folders");
    let to = two.to.clone();
    two.run(&["app", "delete", &to, "--yes"]).expect_code(0);
    in_folder(&two, &format!("context: {}\n", plane().name()));
    two.run(&["app", "sync", "--all", "--yes"]).expect_code(0);
    let uid = two.uid();
    two.hand_over();
    let answer = two.from.sync(&["--prune"]).expect_code(0);
    assert!(
        answer.said().contains(&format!("app `two/{to}` wants it")),
        "{answer:?}"
    );
    two.run(&["app", "sync", "--all", "--yes", "--prune"])
        .expect_code(0);
    assert_eq!(two.uid(), uid);
    two.from.put(&two.moved);
    let answer = two
        .run(&["app", "sync", "--all", "--yes", "-o", "json"])
        .expect_code(2);
    assert!(
        answer
            .stdout
            .contains(&format!("is also in app `two/{to}`")),
        "{answer:?}"
    );
}

/// Neither UID nor address says that it is one server: it is asked, and where it cannot be asked nothing is pruned.
#[test]
fn a_folder_that_may_be_the_same_server_is_asked() {
    let two = Two::new("asked");
    let to = two.to.clone();
    two.run(&["app", "delete", &to, "--yes"]).expect_code(0);
    let kubeconfig = std::fs::read_to_string(plane().kubeconfig()).unwrap();
    let other = two.from.repo.path().join(".other-kubeconfig");
    let renamed = kubeconfig
        .replace(
            &format!("\"name\":\"{}\"", plane().name()),
            "\"name\":\"elsewhere\"",
        )
        .replace("127.0.0.1", "localhost");
    std::fs::write(&other, renamed).unwrap();
    let both = format!("{}:{}", plane().kubeconfig().display(), other.display());
    let run = |args: &[&str]| two.from.pushboat(args).env("KUBECONFIG", &both).run();
    in_folder(&two, "context: elsewhere\n");
    let uid = two.uid();
    two.hand_over();
    let sync = [
        "app",
        "sync",
        two.from.namespace.as_str(),
        "--yes",
        "--prune",
    ];
    let answer = run(&sync).expect_code(0);
    assert!(
        answer.said().contains(&format!("app `two/{to}` wants it")),
        "{answer:?}"
    );
    let answer = two.run(&sync).expect_code(1);
    assert!(answer.said().contains("kubeSystemUID"), "{answer:?}");
    assert_eq!(two.uid(), uid);
    two.from.repo.write(
        "clusters/two/cluster.yaml",
        "context: elsewhere\nkubeSystemUID: another\n",
    );
    let own = plane().get("/api/v1/namespaces/kube-system");
    let own = format!(
        "kubeSystemUID: {}\n",
        own["metadata"]["uid"].as_str().unwrap()
    );
    two.from
        .repo
        .write(&format!("clusters/{}/cluster.yaml", plane().name()), &own);
    two.run(&sync).expect_code(0);
    assert!(
        !two.from.exists("configmaps/moved"),
        "proved to be another server"
    );
}

#[test]
fn one_app_alone_sees_that_another_one_wants_its_object() {
    let two = Two::new("see");
    let (from, to) = (two.from.namespace.clone(), two.to.clone());
    let mut shared = two.moved.clone();
    shared["metadata"]["namespace"] = json!(from);
    two.put(&shared);
    let expected = format!("is also in app `{}/{to}`", plane().name());
    for verb in [&["sync", "--yes"][..], &["diff"]] {
        let args = [&["app"], verb, &[from.as_str(), "-o", "json"]].concat();
        let answer = two.run(&args).expect_code(2);
        assert!(answer.stdout.contains(&expected), "{answer:?}");
        assert!(reasons(&answer.json()).contains("config"), "{answer:?}");
    }
    for verb in ["get", "resources"] {
        let answer = two.run(&["app", verb, &from, "-o", "json"]).expect_code(0);
        assert!(answer.stdout.contains(&expected), "{answer:?}");
    }
    let answer = two
        .run(&["app", "list", &from, "-o", "json"])
        .expect_code(0);
    let conditions = &answer.json()["apps"][0]["conditions"];
    assert_eq!(
        conditions[0],
        format!("SharedResource({}/{to})", plane().name())
    );
}

#[test]
fn an_object_of_an_app_that_cannot_be_read_is_not_taken_over() {
    let two = Two::new("hold");
    two.hand_over();
    two.from.repo.write(
        &format!("apps/{}/broken.yaml", two.from.namespace),
        "a: [1\n",
    );
    let answer = two
        .run(&["app", "sync", &two.to, "--yes", "-o", "json"])
        .expect_code(1);
    assert!(reasons(&answer.json()).contains("guard"), "{answer:?}");
    assert!(
        answer
            .stdout
            .contains(&format!("belongs to app `{}`", two.from.namespace)),
        "{answer:?}"
    );
    let live = two.from.live("configmaps/moved");
    assert_eq!(live["metadata"]["labels"][MEMBER], json!(two.from.id()));
}

/// The release took the object from the other app: going back does not undo that by deleting what was there before it.
#[test]
fn a_rollback_keeps_what_its_release_took_over() {
    let two = Two::new("back");
    let (uid, to) = (two.uid(), two.to.clone());
    two.hand_over();
    two.put(&config_map("new", "1"));
    two.run(&["app", "sync", "--all", "--yes", "--prune"])
        .expect_code(0);
    let back = [
        "app",
        "rollback",
        &to,
        "1",
        "--yes",
        "--trust-records",
        "--prune",
    ];
    for _ in 0..2 {
        let answer = two.run(&back).expect_code(1);
        let expected = format!("it was taken over from app `{}`", two.from.namespace);
        assert!(answer.said().contains(&expected), "{answer:?}");
        assert_eq!(two.uid(), uid);
        let path = format!("/api/v1/namespaces/{to}/configmaps/new");
        assert_eq!(
            plane().request("GET", &path, None).unwrap().0,
            404,
            "its own goes"
        );
    }
}

/// The old app goes back to a release that had the object: the new one has it now, and wants it.
#[test]
fn a_rollback_takes_nothing_from_an_app_that_wants_it() {
    let two = Two::new("forth");
    two.hand_over();
    two.from.put(&config_map("own", "2"));
    two.run(&["app", "sync", "--all", "--yes", "--prune"])
        .expect_code(0);
    let before = two.from.live("configmaps/moved");
    let name = two.from.namespace.clone();
    let back = ["app", "rollback", &name, "1", "--yes", "--trust-records"];
    let answer = two.run(&back).expect_code(1);
    assert!(
        answer
            .said()
            .contains(&format!("belongs to app `{}`", two.to)),
        "{answer:?}"
    );
    assert_eq!(two.from.live("configmaps/moved"), before);
    assert_eq!(
        two.from.live("configmaps/own")["data"]["key"],
        "1",
        "the rest goes back"
    );
}

/// Each object is wanted by one of three apps at any time, so no command may ever delete one. The model in `cli/app/survey_tests.rs` does this
/// two thousand times without a server.
#[test]
fn random_moves_lose_nothing_on_a_real_server() {
    let (seed, steps) = (7_u64, if crate::support::is_long() { 100 } else { 10 });
    println!("seed {seed}");
    let mut state = seed;
    let mut below = |n: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((state >> 33) % n).unwrap()
    };
    let one = Scene::new(plane(), "random", &[config_map("anchor", "1")]);
    let apps = [
        one.namespace.clone(),
        second_app(&one, "random-b"),
        second_app(&one, "random-c"),
    ];
    let file = |app: usize, n: usize| format!("apps/{}/moving-{n}.yaml", apps[app]);
    let broken = |app: usize| format!("apps/{}/broken.yaml", apps[app]);
    let write = |app: usize, n: usize| {
        let mut object = config_map(&format!("moving-{n}"), "1");
        object["metadata"]["namespace"] = json!(one.namespace);
        one.repo.write(&file(app, n), &object.to_string());
    };
    for app in &apps {
        one.repo
            .write(&format!("apps/{app}/empty.yaml"), "# nothing\n");
    }
    let mut owners = [0, 1, 2, 0];
    (0..4).for_each(|n| write(owners[n], n));
    one.run(&["app", "sync", "--all", "--yes"]).expect_code(0);
    one.mark();
    let all = ["app", "sync", "--all", "--yes", "--prune", "--allow-empty"];
    for _ in 0..steps {
        let (n, to, flawed) = (below(4), below(3), below(6));
        one.repo.remove(&file(owners[n], n));
        owners[n] = to;
        write(to, n);
        if flawed < 3 {
            one.repo.write(&broken(flawed), "a: [1\n");
        }
        let alone = [
            "app",
            "sync",
            apps[below(3)].as_str(),
            "--yes",
            "--prune",
            "--allow-empty",
        ];
        let answer = one.run(if below(2) == 0 { &all[..] } else { &alone[..] });
        if flawed < 3 {
            one.repo.remove(&broken(flawed));
        }
        let deletes = one.changes();
        assert!(
            !deletes.iter().any(|change| change.starts_with("delete")),
            "{deletes:?} {answer:?}"
        );
    }
    one.run(&all).expect_code(0);
    one.run(&["app", "diff", "--all"]).expect_code(0);
}
