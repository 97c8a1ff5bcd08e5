//! What a small repository declares for one of its servers.

use super::*;
use crate::repo::cluster::{KnownContext, known};
use crate::repo::inventory;
use crate::repo::remote::Identity;
use crate::repo::tree::{FileTree, MemoryTree};

fn app(name: &str, destination: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}}}\nspec:\n  source: {{path: apps/{name}}}\n  destination: {destination}\n"
    )
}

/// Clusters `one` and `alias` have one address, `far` another, `proved` the UID of none of them.
fn declared(cluster: &str, files: &[(&str, String)]) -> Vec<String> {
    let fixed = [
        (
            "clusters/one/cluster.yaml",
            "server: https://one:6443\nkubeSystemUID: u1\n",
        ),
        ("clusters/alias/cluster.yaml", "server: https://ONE:6443/\n"),
        ("clusters/far/cluster.yaml", "server: https://far\n"),
        (
            "clusters/proved/cluster.yaml",
            "server: https://proved\nkubeSystemUID: u2\n",
        ),
    ];
    let fixed = fixed.iter().map(|(path, text)| (*path, (*text).to_owned()));
    let tree: MemoryTree = fixed.chain(files.iter().cloned()).collect();
    let inventory = inventory::read(&tree, &Identity::default()).expect("reads");
    let none: [KnownContext; 0] = [];
    let known = known(&inventory.folders, &none, &none);
    let read = |file: &str| {
        let bytes = tree.read(file).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    let cluster = known.get(cluster).expect("known").clone();
    let apps = apps(&inventory, &known);
    let found = on_server_of(&[cluster], &apps, &inventory, &known, &read);
    found.iter().map(show).collect()
}

fn show(declaration: &Declaration) -> String {
    let what = match &declaration.what {
        What::App(target) => target.id(),
        What::Unreadable(unreadable) => {
            let namespace = unreadable.namespace.as_deref().unwrap_or("*");
            format!("{} in {namespace}", unreadable.names.join(" or "))
        }
    };
    match &declaration.place {
        Place::Here => what,
        Place::MayBe(cluster) => format!("{what} if {cluster}"),
        Place::Anywhere(_) => format!("{what} anywhere"),
    }
}

#[test]
fn apps_of_every_folder_that_may_stand_for_the_server_are_declared_for_it() {
    let files = [
        ("clusters/one/a.yaml", app("a", "{namespace: shop}")),
        ("clusters/alias/b.yaml", app("b", "{namespace: shop}")),
        ("clusters/far/c.yaml", app("c", "{namespace: shop}")),
        (
            "clusters/far/d.yaml",
            app("d", "{name: one, namespace: shop}"),
        ),
        ("clusters/proved/e.yaml", app("e", "{namespace: shop}")),
        (
            "clusters/f.yaml",
            app("f", "{server: 'https://nobody', namespace: shop}"),
        ),
    ];
    let expected = ["f anywhere", "alias/b", "far/c if far", "one/a", "one/d"];
    assert_eq!(declared("one", &files), expected);
    let expected = ["f anywhere", "alias/b if alias", "far/c if far", "proved/e"];
    assert_eq!(declared("proved", &files), expected);
}

#[test]
fn a_file_that_cannot_be_read_is_for_its_folder_and_for_what_it_names() {
    let broken = "kind: Application\nspec: [\n";
    let files = [
        ("clusters/one/own.yaml", broken.to_owned()),
        ("clusters/proved/other.yaml", broken.to_owned()),
        (
            "clusters/proved/named.yaml",
            format!("# server: https://ONE:6443\n{broken}"),
        ),
        ("clusters/anywhere.yaml", broken.to_owned()),
    ];
    let expected = [
        "clusters/anywhere.yaml in *",
        "clusters/one/own.yaml in *",
        "clusters/proved/named.yaml in *",
    ];
    assert_eq!(declared("one", &files), expected);
}

#[test]
fn an_application_set_is_for_what_its_template_says() {
    let set = |destination: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: many}}\nspec: {{template: {{spec: {{destination: {destination}}}}}}}\n"
        )
    };
    let check = |destination: &str, expected: &[&str]| {
        let files = [("clusters/proved/many.yaml", set(destination))];
        assert_eq!(declared("one", &files), expected, "{destination}");
    };
    check("{namespace: shop}", &[]);
    let all = "many or clusters/proved/many.yaml in *";
    check("{name: '{{name}}', namespace: '{{path.basename}}'}", &[all]);
    let one = "many or clusters/proved/many.yaml in shop";
    check("{name: one, namespace: shop}", &[one]);
}
