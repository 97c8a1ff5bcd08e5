//! `cluster add` and `cluster rm` as a user calls them, on real control planes: which rights are given, and that none stays behind.

use crate::support::{ControlPlane, Finished, Pushboat, Repo, pushboat};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The account with rights in the whole cluster has one name, so tests that make it go one after the other.
fn alone() -> MutexGuard<'static, ()> {
    static LOCK: Mutex<()> = Mutex::new(());
    LOCK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A user with a home and a repository.
struct User {
    repo: Repo,
    home: tempfile::TempDir,
    kubeconfig: PathBuf,
}

impl User {
    fn of(plane: &ControlPlane) -> Self {
        Self::with(&plane.kubeconfig())
    }

    fn with(kubeconfig: &Path) -> Self {
        let repo = Repo::new(&[("pushboat.yaml", "")]);
        repo.git(&[
            "remote",
            "add",
            "origin",
            "https://git.example/teams/add.git",
        ]);
        std::fs::create_dir_all(repo.path().join("clusters")).unwrap();
        Self {
            repo,
            home: tempfile::tempdir().unwrap(),
            kubeconfig: kubeconfig.to_owned(),
        }
    }

    fn pushboat(&self, args: &[&str]) -> Pushboat {
        pushboat(args)
            .dir(self.repo.path())
            .kubeconfig(&self.kubeconfig)
            .home(self.home.path())
            .env("USER", "anna")
    }

    fn run(&self, args: &[&str]) -> Finished {
        self.pushboat(args).run()
    }

    /// Registers the control plane's context under a name.
    #[track_caller]
    fn add(&self, name: &str, args: &[&str]) -> Finished {
        let mut all = vec!["cluster", "add", "test", "--name", name, "--yes"];
        all.extend(args);
        self.run(&all).expect_code(0)
    }

    #[track_caller]
    fn rm(&self, name: &str) -> Finished {
        self.run(&["cluster", "rm", name, "--yes"]).expect_code(0)
    }

    fn own(&self) -> PathBuf {
        self.home.path().join(".config/pushboat/kubeconfig")
    }

    /// Declares an app of one ConfigMap for a cluster.
    fn declare(&self, cluster: &str, namespace: &str) {
        let app = json!({
            "apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "app"},
            "spec": {"project": "default", "source": {"repoURL": "", "path": "apps/app"}, "destination": {"namespace": namespace}},
        });
        let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"a": "b"}});
        let write = |path: &str, value: &Value| self.repo.write(path, &value.to_string());
        write(&format!("clusters/{cluster}/app.yaml"), &app);
        write("apps/app/map.yaml", &map);
    }
}

/// The account's objects that are left anywhere, its tokens among them. Other tests have accounts of their own on this plane.
fn left(plane: &ControlPlane, account: &str) -> Vec<String> {
    let kinds = "serviceaccounts,roles,rolebindings,clusterroles,clusterrolebindings,secrets";
    let all = plane.kubectl(&["get", kinds, "--all-namespaces", "-o", "json"]);
    let all: Value = serde_json::from_str(&all).unwrap();
    let is_left = |item: &&Value| {
        let metadata = &item["metadata"];
        metadata["name"] == account
            || metadata["annotations"]["kubernetes.io/service-account.name"] == account
    };
    let items = all["items"].as_array().unwrap().iter();
    let left = items.filter(is_left);
    left.map(|item| format!("{}/{}", item["kind"], item["metadata"]["name"]))
        .collect()
}

fn may(plane: &ControlPlane, account: &str, question: &[&str]) -> bool {
    let user = format!("system:serviceaccount:kube-system:{account}");
    let mut args = vec!["auth", "can-i"];
    args.extend(question);
    args.extend(["--as", &user]);
    plane.try_kubectl(&args, "").stdout.trim() == "yes"
}

#[test]
fn a_cluster_added_for_one_namespace_is_usable_and_rm_takes_every_right_back() {
    let _alone = alone();
    let plane = ControlPlane::shared_full();
    let namespace = plane.namespace("limited");
    let user = User::of(plane);
    let added = user.add("lim", &["--namespace", &namespace]);
    let said = format!("everything in namespace `{namespace}`");
    assert!(added.stderr.contains(&said), "{}", added.stderr);
    user.declare("lim", &namespace);
    user.run(&["cluster", "list"]).expect_code(0);
    user.run(&["app", "sync", "app", "--yes"]).expect_code(0);
    user.run(&["app", "diff", "app"]).expect_code(0);
    assert!(!may(
        plane,
        "pushboat-manager-lim",
        &["get", "pods", "-n", "default"]
    ));
    user.rm("lim");
    assert_eq!(left(plane, "pushboat-manager-lim"), [""; 0]);
}

#[test]
fn adding_again_with_fewer_rights_takes_the_others_away() {
    let _alone = alone();
    let plane = ControlPlane::shared_full();
    let (one, two) = (plane.namespace("kept"), plane.namespace("dropped"));
    let user = User::of(plane);
    let added = user.add("lim", &[]);
    assert!(
        added.stderr.contains("as cluster-admin may"),
        "{}",
        added.stderr
    );
    assert!(added.stderr.contains("never expires"), "{}", added.stderr);
    assert!(may(plane, "pushboat-manager", &["delete", "nodes"]));
    user.add("lim", &["--namespace", &one, "--namespace", &two]);
    assert!(!may(plane, "pushboat-manager", &["delete", "nodes"]));
    assert_eq!(left(plane, "pushboat-manager"), [""; 0]);
    let secrets = |namespace: &str| {
        may(
            plane,
            "pushboat-manager-lim",
            &["get", "secrets", "-n", namespace],
        )
    };
    assert!(secrets(&one) && secrets(&two));
    let narrowed = user.add("lim", &["--namespace", &one]);
    assert!(
        narrowed.stderr.contains("delete RoleBinding"),
        "{}",
        narrowed.stderr
    );
    assert!(secrets(&one) && !secrets(&two));
    user.rm("lim");
    assert_eq!(left(plane, "pushboat-manager-lim"), [""; 0]);
}

#[test]
fn one_of_two_registrations_goes_and_the_other_still_works() {
    let _alone = alone();
    let plane = ControlPlane::shared_full();
    let (anna, other) = (User::of(plane), User::of(plane));
    anna.add("one", &[]);
    anna.add("two", &[]);
    other.add("one", &[]);
    let works = |user: &User, name: &str| {
        let answer = user.run(&["cluster", "get", name]);
        assert_eq!(answer.code, 0, "{name}: {}", answer.stderr);
    };
    // The second user is the same to the cluster: its own token for the name is told apart by what is stored.
    let removed = anna.rm("one");
    assert!(
        removed.stderr.contains("other registrations"),
        "{}",
        removed.stderr
    );
    works(&anna, "two");
    anna.rm("two");
    other.rm("one");
    assert_eq!(left(plane, "pushboat-manager"), [""; 0]);
}

#[test]
fn another_cluster_is_not_put_under_a_known_name_unasked() {
    let _alone = alone();
    let (old, new) = (ControlPlane::shared(), ControlPlane::shared_full());
    let user = User::of(old);
    user.run(&[
        "cluster",
        "add",
        "test",
        "--name",
        "prod",
        "--no-manager",
        "--yes",
    ])
    .expect_code(0);
    user.declare("prod", "default");
    let file = user.repo.path().join("clusters/prod/cluster.yaml");
    let before = std::fs::read_to_string(&file).unwrap();
    let mark = new.audit_end();
    let again = |args: &[&str]| {
        let mut all = vec!["cluster", "add", "test", "--name", "prod", "--yes"];
        all.extend(args);
        user.pushboat(&all).kubeconfig(new.kubeconfig()).run()
    };
    let refused = again(&[]).expect_code(1);
    for part in [
        old.server(),
        new.server(),
        "1 app goes there".into(),
        "--replace".into(),
    ] {
        assert!(refused.stderr.contains(&part), "{part}: {}", refused.stderr);
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
    assert!(
        !new.audit_from(mark)
            .iter()
            .any(|event| event.verb == "create" && event.uri.contains("serviceaccounts"))
    );
    let replaced = again(&["--replace", "--no-manager"]).expect_code(0);
    assert!(
        replaced.stderr.contains(&old.server()),
        "{}",
        replaced.stderr
    );
    assert!(
        std::fs::read_to_string(&file)
            .unwrap()
            .contains(&new.server())
    );
}

#[test]
fn a_repository_cannot_send_the_file_elsewhere_and_nothing_is_made_then() {
    let plane = ControlPlane::shared();
    let outside = tempfile::tempdir().unwrap();
    let user = User::of(plane);
    let link = user.repo.path().join("clusters/prod");
    std::os::unix::fs::symlink(outside.path(), link).unwrap();
    let mark = plane.audit_end();
    let refused = user.run(&["cluster", "add", "test", "--name", "prod", "--yes"]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
    let wrote = |event: &crate::support::Event| {
        event.uri.contains("serviceaccounts") && event.verb != "get"
    };
    assert!(!plane.audit_from(mark).iter().any(wrote));
}

#[test]
fn what_a_failed_add_made_is_removed_again() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace("failed");
    // May make everything but the token.
    let kubeconfig = plane.kubeconfig_for("maker", "makers");
    plane.kubectl_apply(&format!(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {{name: maker, namespace: {namespace}}}\nrules:\n\
         - {{apiGroups: ['', rbac.authorization.k8s.io], resources: [serviceaccounts, roles, rolebindings], verbs: ['*']}}\n\
         - {{apiGroups: [rbac.authorization.k8s.io], resources: [roles], verbs: [escalate, bind]}}\n\
         - {{apiGroups: [''], resources: [secrets], verbs: [get, list]}}\n---\n\
         apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{name: maker, namespace: {namespace}}}\n\
         roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: maker}}\nsubjects: [{{kind: User, name: maker, apiGroup: rbac.authorization.k8s.io}}]\n"
    ));
    let user = User::with(&kubeconfig);
    let failed = user.run(&[
        "cluster",
        "add",
        "test",
        "--name",
        "failed",
        "--namespace",
        &namespace,
        "--yes",
    ]);
    assert_eq!(failed.code, 1, "{}", failed.stderr);
    assert!(
        failed.stderr.contains("was removed again"),
        "{}",
        failed.stderr
    );
    let names = plane.kubectl(&[
        "get",
        "serviceaccounts,roles,rolebindings",
        "-n",
        &namespace,
        "-o",
        "name",
    ]);
    assert!(!names.contains("pushboat"), "{names}");
    assert!(!user.own().exists());
    assert!(!user.repo.path().join("clusters/failed").exists());
}

#[test]
fn a_context_that_ends_at_one_namespace_can_be_registered() {
    let plane = ControlPlane::shared_full();
    let namespace = plane.namespace("inside");
    let kubeconfig = plane.kubeconfig_for("tenant", "tenants");
    plane.kubectl_apply(&format!(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {{name: tenant, namespace: {namespace}}}\nrules: [{{apiGroups: ['*'], resources: ['*'], verbs: ['*']}}]\n---\n\
         apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{name: tenant, namespace: {namespace}}}\n\
         roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: tenant}}\nsubjects: [{{kind: User, name: tenant, apiGroup: rbac.authorization.k8s.io}}]\n"
    ));
    for args in [
        vec!["--namespace", namespace.as_str()],
        vec!["--no-manager"],
    ] {
        let user = User::with(&kubeconfig);
        let added = user.add("inside", &args);
        assert!(
            added.stderr.contains("UID is not recorded"),
            "{}",
            added.stderr
        );
        user.declare("inside", &namespace);
        user.run(&["app", "sync", "app", "--yes"]).expect_code(0);
        if args.len() == 2 {
            user.rm("inside");
        }
    }
    let names = plane.kubectl(&[
        "get",
        "serviceaccounts,roles,rolebindings",
        "-n",
        &namespace,
        "-o",
        "name",
    ]);
    assert!(!names.contains("pushboat"), "{names}");
}

#[test]
fn a_token_that_expires_is_renewed_by_any_command_while_there_is_time() {
    let _alone = alone();
    let plane = ControlPlane::shared_full();
    let user = User::of(plane);
    let added = user.add("short", &["--token-duration", "1h"]);
    assert!(added.stderr.contains("good for 1h"), "{}", added.stderr);
    let own = std::fs::read_to_string(user.own()).unwrap();
    // As if most of its time were over.
    let aged = own.replace("given: 3600", "given: 36000");
    assert_ne!(aged, own);
    std::fs::write(user.own(), &aged).unwrap();
    user.run(&["cluster", "list"]).expect_code(0);
    let renewed = std::fs::read_to_string(user.own()).unwrap();
    assert!(
        renewed.contains("given: 3600") && !renewed.contains("given: 36000"),
        "not renewed"
    );
    user.run(&["cluster", "list"]).expect_code(0);
    assert_eq!(
        std::fs::read_to_string(user.own()).unwrap(),
        renewed,
        "once is enough"
    );

    let line = renewed
        .lines()
        .find(|line| line.trim_start().starts_with("expires:"))
        .unwrap();
    let over = renewed.replace(
        line,
        &format!(
            "{}expires: 2026-01-01T00:00:00Z",
            &line[..line.len() - line.trim_start().len()]
        ),
    );
    std::fs::write(user.own(), over).unwrap();
    let refused = user.run(&["cluster", "list"]).expect_code(2);
    let text = refused.stdout + &refused.stderr;
    assert!(text.contains("expired at 2026-01-01T00:00:00Z"), "{text}");
    user.rm("short");
    assert_eq!(left(plane, "pushboat-manager"), [""; 0]);
}

#[test]
fn rm_with_a_context_cleans_up_what_nobody_registered() {
    let _alone = alone();
    let plane = ControlPlane::shared_full();
    let user = User::of(plane);
    user.add("lost", &[]);
    std::fs::remove_file(user.own()).unwrap();
    let unknown = user.run(&["cluster", "rm", "lost", "--yes"]).expect_code(2);
    assert!(unknown.stderr.contains("--context"), "{}", unknown.stderr);
    user.run(&["cluster", "rm", "lost", "--context", "test", "--yes"])
        .expect_code(0);
    assert_eq!(left(plane, "pushboat-manager"), [""; 0]);
}
