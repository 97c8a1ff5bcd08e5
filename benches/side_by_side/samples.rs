//! Repositories of any size: plain manifests and kustomize overlays, the same bytes every time.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::Outcome;

/// Ten objects as an app has them, of seven kinds; `n` makes their names.
pub(crate) fn group(n: usize) -> Vec<Value> {
    let name = |suffix: &str| format!("app-{n:05}{suffix}");
    let meta = |name: String| json!({"name": name, "labels": {"app": format!("app-{n:05}"), "tier": "web"}});
    let config = |suffix: &str| {
        let lines: String = (0..12).fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "setting.{line}=value of {n} in line {line}");
            text
        });
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta(name(suffix)),
            "data": {"app.properties": lines, "MODE": "production", "LEVEL": "info"}})
    };
    let role = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name("")});
    vec![
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta(name(""))}),
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": meta(name("")),
            "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch"]}]}),
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": meta(name("")),
            "roleRef": role, "subjects": [{"kind": "ServiceAccount", "name": name("")}]}),
        config(""),
        config("-extra"),
        config("-more"),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": meta(name("")), "type": "Opaque",
            "data": {"password": "c2VjcmV0IGVub3VnaA==", "user": "YWRtaW4="}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": meta(name("")),
            "spec": {"selector": {"app": name("")}, "ports": [{"name": "http", "port": 80, "targetPort": 8080}]}}),
        deployment(&name(""), &meta(name(""))),
        deployment(&name("-worker"), &meta(name("-worker"))),
    ]
}

fn deployment(name: &str, meta: &Value) -> Value {
    let labels = json!({"app": name});
    let container = json!({"name": "main", "image": "registry.example.com/team/app:1.27.3",
        "args": ["--listen=:8080", "--config=/etc/app/app.properties"],
        "ports": [{"name": "http", "containerPort": 8080}],
        "env": [{"name": "MODE", "value": "production"}, {"name": "REGION", "value": "eu"}],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}, "periodSeconds": 5},
        "volumeMounts": [{"name": "config", "mountPath": "/etc/app"}]});
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta,
        "spec": {"replicas": 2, "selector": {"matchLabels": labels}, "template": {
            "metadata": {"labels": labels},
            "spec": {"containers": [container], "volumes": [{"name": "config", "configMap": {"name": name}}]}}}})
}

/// Objects as one YAML stream.
pub(crate) fn yaml(objects: &[Value]) -> Outcome<String> {
    let texts: Result<Vec<String>, _> = objects.iter().map(serde_yaml::to_string).collect();
    Ok(texts?.join("---\n"))
}

/// `n_groups` files of ten objects each.
pub(crate) fn write_manifests(folder: &Path, n_groups: usize) -> Outcome {
    std::fs::create_dir_all(folder)?;
    for n in 0..n_groups {
        std::fs::write(folder.join(format!("app-{n:05}.yaml")), yaml(&group(n))?)?;
    }
    Ok(())
}

/// One overlay over one base: prefix, namespace, labels, an image, and a strategic merge patch where asked for.
pub(crate) fn write_overlay(
    base: &Path,
    overlay: &Path,
    n_groups: usize,
    is_patched: bool,
) -> Outcome {
    write_manifests(base, n_groups)?;
    let files: String = (0..n_groups).fold(String::new(), |mut text, n| {
        let _ = writeln!(text, "- app-{n:05}.yaml");
        text
    });
    std::fs::write(
        base.join("kustomization.yaml"),
        format!("resources:\n{files}"),
    )?;
    std::fs::create_dir_all(overlay)?;
    let up: String = std::iter::repeat_n(
        "../",
        overlay
            .strip_prefix(common(base, overlay))?
            .components()
            .count(),
    )
    .collect();
    let down = base.strip_prefix(common(base, overlay))?.display();
    let mut text = format!(
        "resources:\n- {up}{down}\nnamespace: team\nnamePrefix: prod-\nlabels:\n- includeSelectors: true\n  pairs:\n    \
         team: web\nimages:\n- name: registry.example.com/team/app\n  newTag: 1.28.0\n"
    );
    if is_patched {
        text.push_str("patches:\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata:\n      name: app-00000\n    \
                       spec:\n      replicas: 5\n");
    }
    std::fs::write(overlay.join("kustomization.yaml"), text)?;
    Ok(())
}

/// The folder that both stand in.
fn common<'a>(one: &'a Path, other: &Path) -> &'a Path {
    one.ancestors()
        .find(|folder| other.starts_with(folder))
        .unwrap_or(one)
}

/// An Application of this repository.
pub(crate) fn application(name: &str, path: &str, namespace: &str) -> Value {
    json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": name, "namespace": "argocd"},
        "spec": {"project": "default",
            "source": {"repoURL": "", "targetRevision": "HEAD", "path": path},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": namespace},
            "syncPolicy": {"syncOptions": ["CreateNamespace=true"]}}})
}

/// Declares apps of one cluster.
pub(crate) fn write_cluster(repo: &Path, cluster: &str, apps: &[Value]) -> Outcome {
    let folder = repo.join("clusters").join(cluster);
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("applications.yaml"), yaml(apps)?)?;
    Ok(())
}

/// A repository with settings and nothing else.
pub(crate) fn new_repo(repo: &Path) -> Outcome {
    std::fs::create_dir_all(repo.join("apps"))?;
    std::fs::write(repo.join("pushboat.yaml"), "repoID: bench-repository\n")?;
    Ok(())
}
