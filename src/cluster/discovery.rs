//! Which kinds a server serves: the aggregated documents first, one group at a time where a server has none.
//!
//! A group that is stale or unreadable is kept as broken, with the reason; an empty or foreign answer is an error.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::api::{ApiResource, Discovery, StatusPart};
use super::send::{Broken, Call, Reply, Sender};
use super::status::{Subject, cut};
use super::transport::Answer;
use super::url::ApiPath;
use crate::error::{Error, Reason, Result};
use crate::object::Gvk;

const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

/// Reads what the server serves.
pub async fn discover(sender: &Sender) -> Result<Discovery> {
    let subject = Subject::read("read which kinds the server serves");
    let (core, groups) = futures::join!(
        fetch(sender, "/api", &subject),
        fetch(sender, "/apis", &subject)
    );
    let mut discovery = Discovery::default();
    for document in [core?, groups?] {
        match document {
            Document::Aggregated(list) => add_aggregated(&mut discovery, list),
            Document::Versions(versions) => {
                for version in &versions {
                    let path = format!("/api/{version}");
                    add_classic(sender, &mut discovery, "", version, &path, &subject).await?;
                }
            }
            Document::Groups(groups) => {
                add_groups(sender, &mut discovery, groups, &subject).await?
            }
        }
    }
    if discovery.by_group_kind.is_empty() {
        return Err(subject.error(Reason::Discovery, "the server says it serves nothing"));
    }
    Ok(discovery)
}

/// One of the three documents that `/api` and `/apis` may answer.
enum Document {
    Aggregated(Vec<Group>),
    Versions(Vec<String>),
    Groups(Vec<ClassicGroup>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    #[serde(default)]
    kind: String,
    items: Option<Vec<Group>>,
    versions: Option<Vec<String>>,
    groups: Option<Vec<ClassicGroup>>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    metadata: Meta,
    #[serde(default)]
    versions: Vec<Version>,
}

#[derive(Default, Deserialize)]
struct Meta {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct Version {
    version: String,
    #[serde(default)]
    resources: Vec<Resource>,
    #[serde(default)]
    freshness: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    resource: String,
    #[serde(default)]
    response_kind: Option<Kind>,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    verbs: Vec<String>,
    #[serde(default)]
    subresources: Vec<Subresource>,
}

#[derive(Deserialize)]
struct Subresource {
    #[serde(default)]
    subresource: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Kind {
    kind: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClassicGroup {
    name: String,
    #[serde(default)]
    versions: Vec<GroupVersion>,
    preferred_version: Option<GroupVersion>,
}

#[derive(Clone, PartialEq, Deserialize)]
struct GroupVersion {
    version: String,
}

#[derive(Deserialize)]
struct ClassicList {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    resources: Vec<ClassicResource>,
}

#[derive(Deserialize)]
struct ClassicResource {
    name: String,
    kind: String,
    #[serde(default)]
    namespaced: bool,
    #[serde(default)]
    verbs: Vec<String>,
}

async fn fetch(sender: &Sender, path: &'static str, subject: &Subject) -> Result<Document> {
    let path = ApiPath::raw(path)?;
    let mut call = Call::get(&path, subject);
    call.accept = AGGREGATED;
    let sent = sender.send(&call, document).await.map_err(as_discovery)?;
    done(sender, sent.reply, subject)
}

fn done<T>(sender: &Sender, reply: Reply<T>, subject: &Subject) -> Result<T> {
    match reply {
        Reply::Done(value) => Ok(value),
        Reply::Refused(answer) => Err(as_discovery(sender.refusal(&answer, subject))),
        Reply::Unknown(words) => Err(subject.error(Reason::Discovery, words)),
    }
}

/// What went wrong in the answer itself is a failed discovery; what kept us from an answer keeps its own reason.
fn as_discovery(error: Error) -> Error {
    match error.reason() {
        Reason::Internal | Reason::Invalid => error.because(Reason::Discovery),
        _ => error,
    }
}

fn document(answer: &Answer) -> std::result::Result<Document, Broken> {
    let envelope: Envelope = serde_json::from_slice(&answer.body)?;
    let foreign = || Broken::Foreign("the answer is not a discovery document".to_owned());
    match envelope.kind.as_str() {
        "APIGroupDiscoveryList" => envelope.items.map(Document::Aggregated),
        "APIVersions" => envelope.versions.map(Document::Versions),
        "APIGroupList" => envelope.groups.map(Document::Groups),
        _ => None,
    }
    .ok_or_else(foreign)
}

fn status_part(is_served: bool) -> StatusPart {
    match is_served {
        true => StatusPart::Subresource,
        false => StatusPart::Content,
    }
}

fn add(discovery: &mut Discovery, resource: ApiResource) {
    let key = (resource.gvk.group.clone(), resource.gvk.kind.clone());
    let versions = discovery.by_group_kind.entry(key).or_default();
    // Two resources of one version may have the same kind, such as `pods/eviction`; the first is the object itself.
    if versions.iter().all(|known| known.gvk != resource.gvk) {
        versions.push(resource);
    }
}

fn add_aggregated(discovery: &mut Discovery, groups: Vec<Group>) {
    for group in groups {
        let name = group.metadata.name;
        for version in group.versions {
            if version.freshness == "Stale" {
                discovery.broken_groups.insert(
                    name.clone(),
                    format!(
                        "version {} is stale: its API server does not answer",
                        cut(&version.version, 63)
                    ),
                );
            }
            for resource in version.resources {
                let mut parts = resource.subresources.iter();
                let status = status_part(parts.any(|part| part.subresource == "status"));
                let Some(kind) = resource.response_kind.filter(|kind| !kind.kind.is_empty()) else {
                    continue;
                };
                add(
                    discovery,
                    ApiResource {
                        gvk: Gvk {
                            group: name.clone(),
                            version: version.version.clone(),
                            kind: kind.kind,
                        },
                        plural: resource.resource,
                        namespaced: resource.scope == "Namespaced",
                        verbs: resource.verbs,
                        status,
                    },
                );
            }
        }
    }
}

/// Groups of a server without aggregated discovery, preferred version first.
async fn add_groups(
    sender: &Sender,
    discovery: &mut Discovery,
    groups: Vec<ClassicGroup>,
    subject: &Subject,
) -> Result<()> {
    for group in groups {
        let mut versions = group.versions;
        if let Some(preferred) = &group.preferred_version {
            versions.sort_by_key(|version| version != preferred);
        }
        for GroupVersion { version } in versions {
            let path = format!("/apis/{}/{version}", group.name);
            if let Err(error) =
                add_classic(sender, discovery, &group.name, &version, &path, subject).await
            {
                if matches!(
                    error.reason(),
                    Reason::Unauthorized | Reason::Timeout | Reason::Config
                ) {
                    return Err(error);
                }
                discovery
                    .broken_groups
                    .insert(group.name.clone(), error.message());
            }
        }
    }
    Ok(())
}

async fn add_classic(
    sender: &Sender,
    discovery: &mut Discovery,
    group: &str,
    version: &str,
    path: &str,
    subject: &Subject,
) -> Result<()> {
    let path = ApiPath::raw(path)?;
    let sent = sender
        .send(&Call::get(&path, subject), |answer| {
            let list: ClassicList = serde_json::from_slice(&answer.body)?;
            if list.kind == "APIResourceList" {
                Ok(list)
            } else {
                Err(Broken::Foreign(
                    "the answer is not a discovery document".to_owned(),
                ))
            }
        })
        .await
        .map_err(as_discovery)?;
    let resources = done(sender, sent.reply, subject)?.resources;
    let parts: BTreeSet<String> = resources
        .iter()
        .filter_map(|resource| Some(resource.name.strip_suffix("/status")?.to_owned()))
        .collect();
    for resource in resources {
        if resource.name.contains('/') {
            continue;
        }
        add(
            discovery,
            ApiResource {
                gvk: Gvk {
                    group: group.to_owned(),
                    version: version.to_owned(),
                    kind: resource.kind,
                },
                status: status_part(parts.contains(&resource.name)),
                plural: resource.name,
                namespaced: resource.namespaced,
                verbs: resource.verbs,
            },
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(body: &serde_json::Value) -> std::result::Result<Document, Broken> {
        document(&Answer {
            status: 200,
            headers: http::HeaderMap::new(),
            body: body.to_string().into(),
        })
    }

    #[test]
    fn keeps_versions_in_order_and_stale_groups_apart() {
        let mut resource = json!({"resource": "ds", "responseKind": {"group": "", "version": "", "kind": "D"},
            "scope": "Namespaced", "verbs": ["list"]});
        let without = resource.clone();
        resource["subresources"] = json!([{"subresource": "status", "verbs": ["get"]}]);
        let body = json!({"kind": "APIGroupDiscoveryList", "items": [
            {"metadata": {"name": "a.io"}, "versions": [
                {"version": "v2", "resources": [resource], "freshness": "Current"},
                {"version": "v1", "resources": [without], "freshness": "Current"}]},
            {"metadata": {"name": "b.io"}, "versions": [{"version": "v1", "freshness": "Stale"}]}]});
        let Ok(Document::Aggregated(groups)) = read(&body) else {
            panic!("an aggregated document");
        };
        let mut discovery = Discovery::default();
        add_aggregated(&mut discovery, groups);
        let versions: Vec<_> = discovery
            .versions("a.io", "D")
            .iter()
            .map(|resource| (resource.gvk.version.as_str(), resource.status))
            .collect();
        let expected = [("v2", StatusPart::Subresource), ("v1", StatusPart::Content)];
        assert_eq!(versions, expected);
        assert!(discovery.broken_groups.contains_key("b.io"));
    }

    #[test]
    fn an_answer_of_another_type_is_no_empty_discovery() {
        assert!(read(&json!({"kind": "PodList", "items": []})).is_err());
        assert!(read(&json!({"kind": "APIGroupList"})).is_err());
        assert!(read(&json!({})).is_err());
    }
}
