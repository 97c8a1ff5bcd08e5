//! Which value wins.

use super::*;
use crate::repo::Spanned;
use crate::repo::application::Parameter;
use crate::repo::tree::MemoryTree;

fn merged(files: &[(&str, &str)], parameters: &[(&str, Value)]) -> Result<Map<String, Value>> {
    let tree: MemoryTree = files
        .iter()
        .map(|(path, text)| (*path, text.as_bytes()))
        .collect();
    let parameter = |(name, value): &(&str, Value)| Parameter {
        name: Spanned {
            value: (*name).to_owned(),
            line: 7,
            column: 3,
        },
        value: value.clone(),
    };
    let plugin = Plugin {
        parameters: parameters.iter().map(parameter).collect(),
        env: [("REGION".to_owned(), "eu".to_owned())].into(),
    };
    let mut app = Application::default();
    app.name = "shop".into();
    app.project = "default".into();
    app.file = "a.yaml".into();
    values(&app, &plugin, &tree, "apps/shop", "dev", "worktree")
}

#[test]
fn parameters_win_over_the_cluster_and_the_cluster_over_the_app() {
    let files = [
        (
            "apps/shop/values.yaml",
            "a: 1\nb: 1\nc: 1\nmap: {k: 1, l: 1, m: 1}\nlist: [1, 2]\n",
        ),
        (
            "clusters/dev/values.yaml",
            "b: 2\nc: 2\nmap: {l: 2, m: 2}\nlist: [3]\n",
        ),
        ("clusters/prod/values.yaml", "a: 9\n"),
    ];
    let mut found = merged(&files, &[("c", json!("3")), ("map.m", json!("3"))]).expect("merges");
    let app = found.remove("app").expect("given");
    assert_eq!(
        Value::Object(found),
        json!({"a": 1, "b": 2, "c": "3", "map": {"k": 1, "l": 2, "m": "3"}, "list": [3]})
    );
    assert_eq!(
        app,
        json!({"name": "shop", "namespace": "", "project": "default", "cluster": "dev", "revision": "worktree", "env": {"REGION": "eu"}})
    );
}

#[test]
fn values_that_cannot_be_used_are_told_at_their_place() {
    let check = |text: &str, expected: &str| {
        let error = merged(&[("apps/shop/values.yaml", text)], &[]).expect_err(expected);
        assert_eq!(
            error.to_string(),
            format!("apps/shop/values.yaml:{expected}")
        );
    };
    check(
        "a: 1\napp: {}\n",
        "2:6: `app` is given by pushboat: give the value another name",
    );
    check("- a\n", "1:1: a values file holds names and values");
    check("a: 1\n---\nb: 1\n", "3:1: a values file holds one document");
    assert!(
        merged(&[("apps/shop/values.yaml", "a: 1\na: 2\n")], &[]).is_err(),
        "a name that stands twice"
    );
    assert!(merged(&[("apps/shop/values.yaml", "# nothing yet\n")], &[]).is_ok());
    let error = merged(&[], &[("app.name", json!("x"))]).expect_err("reserved");
    assert_eq!(
        error.to_string(),
        "a.yaml:7:3: `app` is given by pushboat: give the parameter another name"
    );
}

#[test]
fn a_cluster_name_never_leaves_the_clusters_folder() {
    for cluster in ["", "..", ".", "../../etc", "a/b"] {
        assert_eq!(
            files("apps/shop", cluster),
            ["apps/shop/values.yaml"],
            "{cluster}"
        );
    }
}
