//! One value of every report, for the golden files.

use serde_json::{Value, json};

use super::*;
use crate::error::{Error, Reason};
use crate::health::Status;
use crate::object::mask::Masker;
use crate::object::path::{FieldPath, KeyValue, Step};
use crate::object::{Gvk, Object};
use crate::plan::{Cause, Change, Op, ResourceStatus, Writer};

pub const SHA: &str = "3f9a01c2d4e5f60718293a4b5c6d7e8f90a1b2c3";

pub fn masker() -> Masker {
    Masker::new([7; 32])
}

/// `spec.replicas` and the like; a step `name=web` is an item of a keyed list.
pub fn path(steps: &[&str]) -> FieldPath {
    let step = |step: &&str| match step.split_once('=') {
        Some((key, value)) => Step::Item(vec![(key.to_owned(), KeyValue::Text(value.to_owned()))]),
        None => Step::Field((*step).to_owned()),
    };
    FieldPath(steps.iter().map(step).collect())
}

pub fn change(steps: &[&str], live: Option<Value>, desired: Option<Value>) -> Change {
    Change {
        path: path(steps),
        op: match (&live, &desired) {
            (None, _) => Op::Add,
            (_, None) => Op::Remove,
            _ => Op::Replace,
        },
        live,
        desired,
        cause: Cause::Git,
        last_writer: None,
    }
}

pub fn by(manager: &str, change: Change) -> Change {
    Change {
        cause: Cause::Git,
        last_writer: Some(Writer {
            manager: manager.to_owned(),
            operation: "Update".to_owned(),
            subresource: String::new(),
            time: "2026-01-01T00:00:00Z".to_owned(),
        }),
        ..change
    }
}

fn object(api_version: &str, kind: &str, name: &str, more: Value) -> Value {
    let mut object = json!({"apiVersion": api_version, "kind": kind,
        "metadata": {"name": name, "namespace": "shop"}});
    if let (Some(object), Some(more)) = (object.as_object_mut(), more.as_object()) {
        object.extend(more.clone());
    }
    object
}

fn resource(
    status: ResourceStatus,
    live: Option<&Value>,
    desired: Option<&Value>,
    changes: &[Change],
) -> ResourceDiff {
    let either = Object::new(live.or(desired).expect("one side is there").clone());
    ResourceDiff::new(
        &masker(),
        ResourceInput {
            gvk: either.gvk(),
            namespace: either.namespace().to_owned(),
            name: either.name().to_owned(),
            status,
            requires_prune: status == ResourceStatus::Extra,
            action: None,
            taken_from: Vec::new(),
            changes,
            live,
            desired,
            error: None,
            values: LiveValues::Shown,
        },
    )
}

fn deployment(replicas: u32, image: &str) -> Value {
    object(
        "apps/v1",
        "Deployment",
        "web",
        json!({"spec": {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}},
            "template": {"spec": {"containers": [{"name": "main", "image": image}]}}}}),
    )
}

fn drifted_deployment() -> ResourceDiff {
    let mut live = deployment(5, "web:1");
    live["metadata"]["managedFields"] = json!([{"manager": "x"}]);
    live["status"] = json!({"replicas": 5});
    let desired = deployment(3, "web:2");
    let replicas = change(&["spec", "replicas"], Some(json!(5)), Some(json!(3)));
    let image = [
        "spec",
        "template",
        "spec",
        "containers",
        "name=main",
        "image",
    ];
    let image = change(&image, Some(json!("web:1")), Some(json!("web:2")));
    let changes = [
        by("kubectl-edit", replicas),
        by("pushboat", image),
        change(
            &["metadata", "annotations", "a.b/c"],
            None,
            Some(json!("5")),
        ),
        change(&["spec", "paused"], Some(json!(true)), None),
    ];
    resource(
        ResourceStatus::Modified,
        Some(&live),
        Some(&desired),
        &changes,
    )
}

fn drifted_secret() -> ResourceDiff {
    let (old, new) = ("aHVudGVyMg==", "c3dvcmRmaXNo");
    let login = |password: &str| {
        let data = json!({"data": {"password": password, "user": "YW5u"}});
        object("v1", "Secret", "login", data)
    };
    let changes = [change(
        &["data", "password"],
        Some(json!(old)),
        Some(json!(new)),
    )];
    resource(
        ResourceStatus::Modified,
        Some(&login(old)),
        Some(&login(new)),
        &changes,
    )
}

fn drifted() -> Vec<ResourceDiff> {
    let config = object("v1", "ConfigMap", "settings", json!({"data": {"a": "1"}}));
    let service = object(
        "v1",
        "Service",
        "gone",
        json!({"spec": {"ports": [{"port": 80}]}}),
    );
    let same = object("v1", "ServiceAccount", "web", json!({}));
    vec![
        drifted_deployment(),
        drifted_secret(),
        resource(ResourceStatus::Missing, None, Some(&config), &[]),
        resource(ResourceStatus::Extra, Some(&service), None, &[]),
        resource(ResourceStatus::InSync, Some(&same), Some(&same), &[]),
    ]
}

fn unreadable() -> ResourceDiff {
    let error = Error::new(
        Reason::Forbidden,
        "failed to list `widgets.example.com`: forbidden",
    )
    .hint("give the user the verbs `get` and `list`");
    ResourceDiff::new(
        &masker(),
        ResourceInput {
            gvk: Gvk::new("example.com/v1", "Widget"),
            namespace: "shop".into(),
            name: "w".into(),
            status: ResourceStatus::Unknown,
            requires_prune: false,
            action: None,
            taken_from: Vec::new(),
            changes: &[],
            live: None,
            desired: None,
            error: Some(&error),
            values: LiveValues::Shown,
        },
    )
}

fn app_diff(cluster: &str, name: &str, resources: Vec<ResourceDiff>) -> AppDiff {
    AppDiff::new(
        cluster.into(),
        name.into(),
        "shop".into(),
        SHA.into(),
        false,
        resources,
    )
}

pub fn unreachable() -> ErrorView {
    ErrorView::from(&connection_refused())
}

fn connection_refused() -> Error {
    Error::new(Reason::Unreachable, "connection refused")
        .context("failed to reach cluster `prod` at https://10.0.0.1:6443")
        .hint("run `pushboat cluster get prod`")
}

fn broken() -> ErrorView {
    let error = Error::render("no such file `base`").at("apps/shop/kustomization.yaml", 3, 5);
    ErrorView::from(&error)
}

pub fn diff(format: DiffFormat) -> DiffReport {
    let in_sync = drifted().pop().expect("the last one is in sync");
    let mut dirty = app_diff("dev", "shop", drifted());
    (dirty.revision, dirty.dirty) = ("worktree".into(), true);
    dirty
        .notes
        .push("an ignore rule matches nothing: `/spec/x`".into());
    let down = AppDiff::failed(
        "prod".into(),
        "shop".into(),
        "shop".into(),
        &connection_refused(),
    );
    let mut half = app_diff("prod", "widgets", vec![unreadable()]);
    half.exact = true;
    DiffReport::new(
        vec![half, down, dirty, app_diff("dev", "clean", vec![in_sync])],
        format,
    )
}

/// One app alone, as most people run it.
pub fn diff_of_one(format: DiffFormat) -> DiffReport {
    DiffReport::new(vec![app_diff("dev", "shop", drifted())], format)
}

/// From a branch that is not what is checked out.
fn shown() -> Shown {
    Shown {
        revision: SHA.into(),
        dirty: false,
        notice: Some(
            "rendered from `main` (3f9a01c), not from the working tree at 9d8e7f6 (detached)"
                .into(),
        ),
    }
}

fn app_row(cluster: &str, name: &str) -> AppRow {
    AppRow {
        cluster: cluster.into(),
        name: name.into(),
        shown: shown(),
        namespace: "shop".into(),
        project: "default".into(),
        sync: Some(Sync::Synced),
        health: Some(Status::Healthy),
        sync_policy: "Auto-Prune".into(),
        conditions: Vec::new(),
        repo: "https://git.example.com/shop.git".into(),
        path: "apps/overlays/dev".into(),
        target_revision: "main".into(),
        orphaned: false,
        error: None,
    }
}

pub fn app_list() -> AppList {
    let mut drifted = app_row("dev", "shop");
    (drifted.sync, drifted.health) = (Some(Sync::OutOfSync), Some(Status::Progressing));
    drifted.conditions = vec![
        "SharedResourceWarning".into(),
        "OrphanedResourceWarning".into(),
    ];
    let mut down = app_row("prod", "shop");
    (down.sync, down.health) = (Some(Sync::Unknown), Some(Status::Unknown));
    down.error = Some(unreachable());
    let mut declared = app_row("prod", "blog");
    (declared.sync, declared.health, declared.sync_policy) = (None, None, "Manual".into());
    AppList::new(vec![down, declared, drifted, app_row("dev", "blog")])
}

fn resource_row(group: &str, kind: &str, name: &str) -> ResourceRow {
    ResourceRow {
        group: group.into(),
        version: "v1".into(),
        kind: kind.into(),
        namespace: "shop".into(),
        name: name.into(),
        status: Some(ResourceStatus::InSync),
        health: None,
        message: String::new(),
        hook: String::new(),
        wave: 0,
    }
}

fn resource_rows() -> Vec<ResourceRow> {
    let mut web = resource_row("apps", "Deployment", "web");
    web.status = Some(ResourceStatus::Modified);
    web.health = Some(Status::Degraded);
    web.message = "Deployment \"web\" exceeded its progress deadline".into();
    let mut job = resource_row("batch", "Job", "migrate");
    (job.hook, job.wave, job.health) = ("PreSync".into(), -1, Some(Status::Healthy));
    let mut declared = resource_row("", "ConfigMap", "settings");
    declared.status = Some(ResourceStatus::Missing);
    declared.health = Some(Status::Missing);
    vec![
        web,
        job,
        declared,
        resource_row("", "ServiceAccount", "web"),
    ]
}

pub fn resource_list() -> ResourceList {
    let app = |name: &str, error, resources| AppResources {
        cluster: "dev".into(),
        name: name.into(),
        shown: shown(),
        error,
        resources,
    };
    ResourceList {
        apps: vec![
            app("shop", None, resource_rows()),
            app("blog", Some(broken()), Vec::new()),
        ],
    }
}

fn revision(id: u64) -> HistoryRow {
    HistoryRow {
        id,
        time: "2026-01-01T00:00:00Z".into(),
        who: "ann@laptop".into(),
        revision: SHA.into(),
        dirty: false,
        result: "Succeeded".into(),
        n_objects: 12,
        n_changed: 2,
        rollback_to: None,
        applied: true,
        verdict: "same as the newest".into(),
        message: String::new(),
    }
}

pub fn history() -> HistoryList {
    let mut failed = revision(2);
    (failed.result, failed.message) = ("Failed".into(), "1 of 12 objects was refused".into());
    (failed.revision, failed.dirty) = ("worktree".into(), true);
    (failed.applied, failed.verdict) = (false, "rolled back by 3".into());
    let mut back = revision(3);
    (back.rollback_to, back.verdict) = (Some(1), "newest".into());
    HistoryList {
        apps: vec![AppHistory {
            cluster: "dev".into(),
            name: "shop".into(),
            error: None,
            revisions: vec![back, failed, revision(1)],
        }],
    }
}

pub fn app_details() -> AppDetails {
    AppDetails {
        cluster: "dev".into(),
        server: "https://127.0.0.1:6443".into(),
        name: "shop".into(),
        namespace: "shop".into(),
        project: "default".into(),
        location: Some(LocationView {
            file: "clusters/dev/shop.yaml".into(),
            line: 1,
            column: 1,
        }),
        sources: vec![SourceView {
            repo: "https://git.example.com/shop.git".into(),
            target_revision: "main".into(),
            path: "apps/overlays/dev".into(),
            chart: String::new(),
        }],
        revision: SHA.into(),
        dirty: true,
        notice: None,
        sync_policy: "Automated (Prune)".into(),
        sync: Some(Sync::OutOfSync),
        health: Some(Status::Degraded),
        health_message: "1 of 4 objects is degraded".into(),
        last_sync: Some(revision(3)),
        lock: Some(LockView {
            holder: "ci-7".into(),
            since: "2026-01-01T01:59:00Z".into(),
        }),
        conditions: vec![Condition {
            kind: "SharedResourceWarning".into(),
            message: "ConfigMap/shop/settings is also part of app `blog`".into(),
            last_transition: "2026-01-01T00:00:00Z".into(),
        }],
        error: None,
        resources: resource_rows(),
    }
}

fn node(uid: &str, owner: &str, kind: &str, name: &str) -> FlatNode {
    FlatNode {
        uid: uid.into(),
        owners: vec![owner.into()],
        node: Node {
            group: String::new(),
            kind: kind.into(),
            namespace: "shop".into(),
            name: name.into(),
            status: None,
            health: Some(Status::Healthy),
            message: String::new(),
            created: "2026-01-01T00:00:00Z".into(),
            children: Vec::new(),
        },
    }
}

pub fn tree() -> Tree {
    let mut web = node("d", "", "Deployment", "web");
    web.node.status = Some(ResourceStatus::Modified);
    let mut missing = node("", "", "ConfigMap", "settings");
    missing.node.status = Some(ResourceStatus::Missing);
    missing.node.health = Some(Status::Missing);
    missing.node.created.clear();
    let mut crashing = node("p2", "r2", "Pod", "web-2-b");
    crashing.node.health = Some(Status::Degraded);
    crashing.node.message = "back-off restarting failed container".into();
    let flat = vec![
        node("p1", "r2", "Pod", "web-2-a"),
        node("r2", "d", "ReplicaSet", "web-2"),
        web,
        node("r1", "d", "ReplicaSet", "web-1"),
        crashing,
        node("e", "s", "EndpointSlice", "web-x"),
        missing,
        node("s", "", "Service", "web"),
    ];
    Tree {
        apps: vec![AppTree::new(("dev".into(), "shop".into()), shown(), flat)],
    }
}

fn written(kind: &str, name: &str, outcome: Outcome) -> ResourceSync {
    ResourceSync {
        group: String::new(),
        kind: kind.into(),
        namespace: "shop".into(),
        name: name.into(),
        outcome,
        phase: "Sync".into(),
        wave: 0,
        health: None,
        message: String::new(),
        error: None,
        healthy_after_seconds: None,
    }
}

fn app_sync(cluster: &str) -> AppSync {
    let mut kept = written("PersistentVolumeClaim", "data", Outcome::Kept);
    kept.message = "not confirmed by name".into();
    let mut web = written("Deployment", "web", Outcome::Configured);
    (web.group, web.health) = ("apps".into(), Some(Status::Healthy));
    web.healthy_after_seconds = Some(3.5);
    AppSync {
        cluster: cluster.into(),
        name: "shop".into(),
        namespace: "shop".into(),
        revision: SHA.into(),
        dirty: false,
        notice: None,
        result: SyncResult::Succeeded,
        sync: Some(Sync::Synced),
        health: Some(Status::Healthy),
        history_id: Some(4),
        message: String::new(),
        error: None,
        warnings: Vec::new(),
        resources: vec![
            written("ConfigMap", "settings", Outcome::Created),
            web,
            written("Service", "gone", Outcome::Pruned),
            kept,
            written("ServiceAccount", "web", Outcome::Unchanged),
        ],
        duration_seconds: 4.2,
        requests: 9,
        retries: 1,
    }
}

pub fn sync() -> SyncReport {
    let mut failed = app_sync("prod");
    failed.result = SyncResult::Failed;
    failed.health = Some(Status::Degraded);
    let error = Error::new(Reason::Conflict, "field `.spec.replicas` is held by `hpa`")
        .hint("leave the field out of the repository, or add `--force-conflicts`");
    let mut refused = written("Deployment", "web", Outcome::Failed);
    refused.error = Some(ErrorView::from(&error));
    let mut later = written("Job", "after", Outcome::Skipped);
    later.phase = "PostSync".into();
    failed.resources = vec![refused, later];
    failed.error = Some(ErrorView::from(&Error::new(
        Reason::Conflict,
        "1 of 2 objects failed",
    )));
    failed.warnings = vec!["v1 ComponentStatus is deprecated".into()];
    failed.message = "the working tree has changes that are in no commit".into();
    (failed.duration_seconds, failed.retries) = (75.0, 0);
    SyncReport::new("sync", false, vec![failed, app_sync("dev")])
}

pub fn wait() -> WaitReport {
    let late = AppWait {
        cluster: "prod".into(),
        name: "shop".into(),
        shown: shown(),
        reached: false,
        sync: Some(Sync::Synced),
        health: Some(Status::Progressing),
        waited_seconds: 300.0,
        error: Some(ErrorView::from(
            &Error::new(Reason::Timeout, "not healthy after 5m")
                .during(crate::error::During::Write),
        )),
        waiting_for: vec![Waiting {
            group: "apps".into(),
            kind: "Deployment".into(),
            namespace: "shop".into(),
            name: "web".into(),
            health: Some(Status::Progressing),
            message: "1 of 3 replicas are available".into(),
        }],
    };
    let there = AppWait {
        cluster: "dev".into(),
        name: "shop".into(),
        shown: shown(),
        reached: true,
        sync: Some(Sync::Synced),
        health: Some(Status::Healthy),
        waited_seconds: 1.5,
        error: None,
        waiting_for: Vec::new(),
    };
    WaitReport {
        apps: vec![there, late],
    }
}

fn cluster_row(name: &str) -> ClusterRow {
    ClusterRow {
        name: name.into(),
        server: "https://127.0.0.1:6443".into(),
        version: "v1.36.3".into(),
        status: Connection::Connected,
        error: None,
        latency_ms: Some(12),
        auth: "client certificate".into(),
        expires: "2026-01-03T05:00:00Z".into(),
        n_apps: 3,
        known_from: "clusters/dev/cluster.yaml".into(),
        context: name.into(),
        secret: String::new(),
        uid: format!("{name}-0b1c"),
    }
}

pub fn cluster_list() -> ClusterList {
    let mut down = cluster_row("prod");
    (down.status, down.error) = (Connection::Failed, Some(unreachable()));
    (down.version, down.latency_ms) = (String::new(), None);
    down.expires = "2026-01-01T01:00:00Z".into();
    ClusterList::new(vec![down, cluster_row("dev")])
}

pub fn cluster_details() -> ClusterDetails {
    let right = |what: &str, allowed| Right {
        what: what.into(),
        allowed,
    };
    ClusterDetails {
        row: cluster_row("dev"),
        labels: [("env".to_owned(), "dev".to_owned())].into(),
        aliases: vec!["https://dev.example.com".into()],
        proxy_url: String::new(),
        tls_server_name: "kubernetes".into(),
        insecure: true,
        recorded_uid: "0b1c".into(),
        live_uid: "9f8e".into(),
        user: "ann".into(),
        rights: vec![
            right("patch deployments.apps in shop", true),
            right("delete namespaces", false),
        ],
        apps: vec!["blog".into(), "shop".into()],
    }
}

pub fn manifests() -> Manifests {
    let objects = [
        object(
            "v1",
            "Secret",
            "login",
            json!({"stringData": {"password": "hunter2"}}),
        ),
        object(
            "v1",
            "ConfigMap",
            "settings",
            json!({"data": {"run.sh": "echo hello\n::error::x\n"}}),
        ),
    ]
    .map(Object::new);
    let app = AppManifests::new(&masker(), ("dev".into(), "shop".into()), shown(), &objects);
    let failed = AppManifests::failed("dev".into(), "blog".into(), broken());
    Manifests {
        apps: vec![app, failed],
    }
}

pub fn doctor() -> Doctor {
    let check = |name: &str, result, message: &str, hint: &str| Check {
        name: name.into(),
        result,
        message: message.into(),
        hint: hint.into(),
    };
    Doctor {
        version: "0.1.0".into(),
        checks: vec![
            check("repository", CheckResult::Ok, "/srv/shop", ""),
            check(
                "working tree",
                CheckResult::Warning,
                "2 files have changes that are in no commit",
                "",
            ),
            check(
                "cluster prod",
                CheckResult::Failed,
                "connection refused",
                "run `pushboat cluster get prod`",
            ),
        ],
    }
}
