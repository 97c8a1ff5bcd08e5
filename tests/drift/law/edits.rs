//! Random edits by everybody but pushboat's own next sync. Some are refused by the server: only those that went through count.

use super::MEMBER;
use crate::support::ControlPlane;
use serde_json::{Map, Value, json};

/// A small generator whose whole state is its seed.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(n).unwrap()).unwrap()
    }

    /// One of them; nothing where there are none, as an object may have nothing left to edit.
    fn of<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        (!items.is_empty()).then(|| &items[self.below(items.len())])
    }
}

const MANAGERS: [&str; 6] = [
    "kubectl-edit",
    "kubectl-client-side-apply",
    "autoscaler",
    "mesh",
    "helm",
    "pushboat",
];

/// Makes one edit of the object at this path; returns what it was if the server took it.
pub(super) fn edit(plane: &ControlPlane, path: &str, random: &mut Random) -> Option<String> {
    let (status, body) = plane.request("GET", path, None).unwrap();
    if status != 200 {
        return None; // an earlier edit deleted it
    }
    let live: Value = serde_json::from_str(&body).unwrap();
    let manager = *random.of(&MANAGERS)?;
    match random.below(12) {
        // Without a controller nobody would take off what protects a claim.
        0 if !path.contains("persistentvolumeclaims") => send(
            plane,
            "DELETE",
            path,
            "?propagationPolicy=Background", // nobody here would collect orphans
            "application/json",
            None,
        ),
        1 => {
            let patch = json!({"metadata": {"labels": {MEMBER: null}}});
            merge(plane, path, manager, &patch)
        }
        2 => {
            let patch = json!({"metadata": {"annotations": {"edited": "yes"}, "labels": {"edited": "yes"}}});
            merge(plane, path, manager, &patch)
        }
        3 if live["spec"]["replicas"].is_u64() && scalable(path) => {
            let patch = json!({"spec": {"replicas": random.below(9)}});
            merge(plane, &format!("{path}/scale"), manager, &patch)
        }
        4 => apply_part(plane, path, &live, manager, random),
        5 => {
            let patch = json!({"metadata": {"managedFields": [{}]}});
            merge(plane, path, manager, &patch)
        }
        6 => remove(plane, path, &live, manager, random),
        _ => change(plane, path, &live, manager, random),
    }
}

fn scalable(path: &str) -> bool {
    ["deployments", "statefulsets", "replicationcontrollers"]
        .iter()
        .any(|kind| path.contains(kind))
}

fn send(
    plane: &ControlPlane,
    method: &str,
    path: &str,
    query: &str,
    kind: &str,
    body: Option<&Value>,
) -> Option<String> {
    let (status, _) = plane
        .request_as(method, &format!("{path}{query}"), kind, body)
        .unwrap();
    (status < 300).then(|| {
        format!(
            "{method} {path}{query} {}",
            body.map(ToString::to_string).unwrap_or_default()
        )
    })
}

fn merge(plane: &ControlPlane, path: &str, manager: &str, patch: &Value) -> Option<String> {
    let query = format!("?fieldManager={manager}");
    send(
        plane,
        "PATCH",
        path,
        &query,
        "application/merge-patch+json",
        Some(patch),
    )
}

/// Paths of everything that may be edited: what a person would, not what the server alone writes.
fn places(live: &Value) -> Vec<Vec<String>> {
    let mut places = Vec::new();
    for (name, value) in live.as_object().unwrap() {
        match name.as_str() {
            "apiVersion" | "kind" | "immutable" => {}
            "status" if live["kind"] != "Vessel" => {}
            "metadata" => {
                for name in ["labels", "annotations"] {
                    if let Some(map) = value.get(name) {
                        walk(map, &mut vec!["metadata".into(), name.into()], &mut places);
                    }
                }
            }
            name => walk(value, &mut vec![name.to_string()], &mut places),
        }
    }
    places
}

fn walk(value: &Value, path: &mut Vec<String>, places: &mut Vec<Vec<String>>) {
    places.push(path.clone());
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => map
            .iter()
            .map(|(name, value)| (name.clone(), value))
            .collect(),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(n, value)| (n.to_string(), value))
            .collect(),
        _ => Vec::new(),
    };
    for (name, child) in children {
        path.push(name);
        walk(child, path, places);
        path.pop();
    }
}

fn pointer(place: &[String]) -> String {
    place
        .iter()
        .map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1")))
        .collect()
}

fn json_patch(plane: &ControlPlane, path: &str, manager: &str, operation: Value) -> Option<String> {
    let query = format!("?fieldManager={manager}");
    send(
        plane,
        "PATCH",
        path,
        &query,
        "application/json-patch+json",
        Some(&json!([operation])),
    )
}

fn remove(
    plane: &ControlPlane,
    path: &str,
    live: &Value,
    manager: &str,
    random: &mut Random,
) -> Option<String> {
    let places = places(live);
    let place = random.of(&places)?;
    json_patch(
        plane,
        path,
        manager,
        json!({"op": "remove", "path": pointer(place)}),
    )
}

fn change(
    plane: &ControlPlane,
    path: &str,
    live: &Value,
    manager: &str,
    random: &mut Random,
) -> Option<String> {
    let places = places(live);
    let place = random.of(&places)?;
    let pointer = pointer(place);
    let old = live.pointer(&pointer)?;
    let (op, pointer, value) = match old {
        Value::Object(_) => ("add", format!("{pointer}/added"), json!("yes")),
        Value::Array(list) if list.is_empty() => ("add", format!("{pointer}/-"), json!("yes")),
        // Once more, so that the list has an item that nobody declared, or one twice.
        Value::Array(list) => (
            "add",
            format!("{pointer}/{}", random.below(list.len() + 1)),
            copy_of(random.of(list)?, random),
        ),
        scalar => ("replace", pointer, other_than(scalar, random)),
    };
    json_patch(
        plane,
        path,
        manager,
        json!({"op": op, "path": pointer, "value": value}),
    )
}

/// An item for the same list: under another name where it has one.
fn copy_of(item: &Value, random: &mut Random) -> Value {
    let mut copy = item.clone();
    let n = random.below(50);
    for key in ["name", "deck", "containerPort", "port", "mountPath"] {
        match copy.get(key) {
            Some(Value::String(text)) => copy[key] = json!(format!("{text}{n}")),
            Some(Value::Number(_)) => copy[key] = json!(1000 + n),
            _ => {}
        }
    }
    match copy {
        Value::String(text) if random.below(2) == 0 => json!(format!("{text}{n}")),
        copy => copy,
    }
}

fn other_than(scalar: &Value, random: &mut Random) -> Value {
    match scalar {
        Value::Bool(value) => json!(!value),
        Value::Number(number) if number.is_f64() => json!(number.as_f64().unwrap() + 0.5),
        Value::Number(number) => {
            json!(number.as_i64().unwrap() + 1 + i64::try_from(random.below(3)).unwrap())
        }
        Value::String(text) => match random.below(5) {
            0 => json!(""),
            // The same quantity or the same number in another way of writing.
            1 => json!(
                text.replace("1024Mi", "1Gi")
                    .replace("1Gi", "1024Mi")
                    .replace("100m", "0.1")
                    .replace("0.5", "500m")
            ),
            2 => scalar.clone(), // only who wrote it changes
            _ => json!(format!("{text}x")),
        },
        other => other.clone(),
    }
}

/// A server-side apply of one path by another manager, or by one that pretends to be pushboat.
fn apply_part(
    plane: &ControlPlane,
    path: &str,
    live: &Value,
    manager: &str,
    random: &mut Random,
) -> Option<String> {
    let places: Vec<_> = places(live)
        .into_iter()
        .filter(|place| place.iter().all(|name| name.parse::<usize>().is_err()))
        .collect();
    let place = random.of(&places)?;
    let old = live.pointer(&pointer(place))?;
    let new = if old.is_object() || old.is_array() || random.below(2) == 0 {
        old.clone()
    } else {
        other_than(old, random)
    };
    let mut part = place.iter().rev().fold(new, |value, name| {
        let mut map = Map::new();
        map.insert(name.clone(), value);
        Value::Object(map)
    });
    part["apiVersion"] = live["apiVersion"].clone();
    part["kind"] = live["kind"].clone();
    part["metadata"]["name"] = live["metadata"]["name"].clone();
    let query = format!("?fieldManager={manager}&force={}", random.below(2) == 0);
    send(
        plane,
        "PATCH",
        path,
        &query,
        "application/apply-patch+yaml",
        Some(&part),
    )
}
