//! The objects of an app and what their controllers made of them: what `app tree` answers.

use std::collections::BTreeMap;

use serde::Serialize;

use super::document::Report;
use super::error_view::ErrorView;
use super::labels;
use super::shown::Shown;
use super::words;
use crate::exit::Exit;
use crate::health;
use crate::plan::ResourceStatus;
use crate::ui::{Label, Screen, Table};

/// Owners of owners are followed this far; a chain of real controllers has four links.
const DEEPEST: usize = 32;

#[derive(Debug, Clone, Serialize)]
pub struct Tree {
    pub apps: Vec<AppTree>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AppTree {
    pub cluster: String,
    pub name: String,
    #[serde(flatten)]
    pub shown: Shown,
    pub error: Option<ErrorView>,
    pub nodes: Vec<Node>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Node {
    pub group: String,
    pub kind: String,
    pub namespace: String,
    pub name: String,
    /// `null` for objects that no repository declares.
    #[serde(serialize_with = "words::option")]
    pub status: Option<ResourceStatus>,
    #[serde(serialize_with = "words::option")]
    pub health: Option<health::Status>,
    pub message: String,
    /// RFC 3339; empty for an object that is missing.
    pub created: String,
    pub children: Vec<Self>,
}

/// An object before it has a place in the tree.
#[derive(Debug, Clone)]
pub struct FlatNode {
    /// Empty for an object that is missing.
    pub uid: String,
    /// UIDs of the owners; the first that is known counts.
    pub owners: Vec<String>,
    pub node: Node,
}

impl AppTree {
    /// Puts every object below its owner. Each object appears once, also when owners form a ring.
    pub fn new((cluster, name): (String, String), shown: Shown, flat: Vec<FlatNode>) -> Self {
        let known: BTreeMap<String, usize> = flat
            .iter()
            .enumerate()
            .filter(|(_, node)| !node.uid.is_empty())
            .map(|(at, node)| (node.uid.clone(), at))
            .collect();
        let mut roots = Vec::new();
        let mut children: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, node) in flat.iter().enumerate() {
            match node.owners.iter().find_map(|uid| known.get(uid)) {
                Some(&owner) if owner != at => children.entry(owner).or_default().push(at),
                Some(_) | None => roots.push(at),
            }
        }
        let mut pool: Vec<Option<Node>> = flat.into_iter().map(|node| Some(node.node)).collect();
        let rest = 0..pool.len();
        let nodes = roots
            .into_iter()
            .chain(rest)
            .filter_map(|at| take(at, &mut pool, &children, 0))
            .collect();
        Self {
            cluster,
            name,
            shown,
            error: None,
            nodes: sorted(nodes),
        }
    }
}

fn take(
    at: usize,
    pool: &mut [Option<Node>],
    children: &BTreeMap<usize, Vec<usize>>,
    depth: usize,
) -> Option<Node> {
    if depth == DEEPEST {
        return None;
    }
    let mut node = pool.get_mut(at)?.take()?;
    let below = children.get(&at).map_or(&[][..], Vec::as_slice);
    let below = below
        .iter()
        .filter_map(|&child| take(child, pool, children, depth + 1));
    node.children = sorted(below.collect());
    Some(node)
}

fn sorted(mut nodes: Vec<Node>) -> Vec<Node> {
    nodes.sort_by(|a, b| {
        (&a.kind, &a.namespace, &a.name, &a.group).cmp(&(&b.kind, &b.namespace, &b.name, &b.group))
    });
    nodes
}

impl AppTree {
    fn table(&self, wide: bool, screen: &Screen) -> String {
        let mut head = vec!["KIND/NAME", "STATUS", "HEALTH", "AGE"];
        if wide {
            head.insert(1, "NAMESPACE");
        }
        head.push("MESSAGE");
        let mut table = Table::new(&head);
        for node in &self.nodes {
            rows(node, "", "", wide, screen, &mut table);
        }
        table.render(screen)
    }
}

/// A row for `node` and one for each below it. `own` stands before its name, `below` before the names under it.
fn rows(node: &Node, own: &str, below: &str, wide: bool, screen: &Screen, table: &mut Table) {
    let age = match node.created.as_str() {
        "" => "-".to_owned(),
        created => labels::age(created, screen.now),
    };
    let mut cells = vec![
        (Label::Plain, format!("{own}{}/{}", node.kind, node.name)),
        labels::status_cell(node.status),
        labels::health_cell(node.health),
        (Label::Plain, age),
    ];
    if wide {
        cells.insert(1, (Label::Plain, node.namespace.clone()));
    }
    cells.push((Label::Plain, node.message.clone()));
    table.row(cells);
    for (n, child) in node.children.iter().enumerate() {
        let (own, next) = match n + 1 == node.children.len() {
            true => ("└─", "  "),
            false => ("├─", "│ "),
        };
        rows(
            child,
            &format!("{below}{own}"),
            &format!("{below}{next}"),
            wide,
            screen,
            table,
        );
    }
}

impl Tree {
    fn print(&self, wide: bool, screen: &Screen) -> String {
        labels::sections(
            &self.apps,
            screen,
            |app| (&app.cluster, &app.name, app.error.as_ref()),
            |app| app.table(wide, screen),
        )
    }
}

impl Report for Tree {
    const KIND: &'static str = "Tree";

    fn text(&self, screen: &Screen) -> String {
        self.print(false, screen)
    }

    fn wide(&self, screen: &Screen) -> String {
        self.print(true, screen)
    }

    fn names(&self) -> Vec<String> {
        fn walk(node: &Node, names: &mut Vec<String>) {
            names.push(format!("{}/{}", node.kind, node.name));
            node.children.iter().for_each(|child| walk(child, names));
        }
        let mut names = Vec::new();
        for node in self.apps.iter().flat_map(|app| &app.nodes) {
            walk(node, &mut names);
        }
        names
    }

    fn exit(&self) -> Exit {
        let errors = self.apps.iter().filter_map(|app| app.error.as_ref());
        errors.map(|error| error.exit).collect()
    }
}
