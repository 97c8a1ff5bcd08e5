//! Whether two cluster folders stand for one server, as far as files say. Pure; a server itself is asked by the commands.

use std::borrow::Cow;

use super::cluster::{KnownCluster, normalise_server};

/// What the files say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Same {
    Yes,
    No,
    /// The servers would have to be asked.
    Unknown,
}

/// Compares the recorded UIDs of `kube-system`; where one is missing, the addresses. Two addresses may lead to one server, so a
/// difference there proves nothing.
pub fn same(a: &KnownCluster, b: &KnownCluster) -> Same {
    if a.name == b.name {
        return Same::Yes;
    }
    if let (Some(a), Some(b)) = (uid(a), uid(b)) {
        return if a == b { Same::Yes } else { Same::No };
    }
    // One address behind two proxies may be two servers.
    let (way_a, way_b) = (way(a), way(b));
    if way_a.is_some() && way_a == way_b {
        Same::Yes
    } else {
        Same::Unknown
    }
}

/// Puts the clusters together that stand for one server.
pub fn groups(clusters: impl IntoIterator<Item = KnownCluster>) -> Vec<Vec<KnownCluster>> {
    let mut groups: Vec<Vec<KnownCluster>> = Vec::new();
    for cluster in clusters {
        let is_here = |group: &Vec<KnownCluster>| {
            let mut known = group.iter();
            known.any(|known| same(known, &cluster) == Same::Yes)
        };
        let (here, elsewhere): (Vec<_>, Vec<_>) = groups.into_iter().partition(is_here);
        groups = elsewhere;
        groups.push(here.into_iter().flatten().chain([cluster]).collect());
    }
    groups
}

fn uid(cluster: &KnownCluster) -> Option<&str> {
    cluster.file.as_ref()?.kube_system_uid.as_deref()
}

/// Address and proxy.
fn way(cluster: &KnownCluster) -> Option<(Cow<'_, str>, Option<&str>)> {
    let server = normalise_server(cluster.server.as_deref()?);
    let proxy = cluster
        .file
        .as_ref()
        .and_then(|file| file.proxy_url.as_deref());
    Some((server, proxy))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::cluster::ClusterFile;

    fn cluster(name: &str, server: &str, uid: &str, proxy: &str) -> KnownCluster {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        KnownCluster {
            name: name.to_owned(),
            server: some(server),
            file: Some(ClusterFile {
                kube_system_uid: some(uid),
                proxy_url: some(proxy),
                ..ClusterFile::default()
            }),
            ..KnownCluster::default()
        }
    }

    fn check(a: (&str, &str, &str), b: (&str, &str, &str), expected: Same) {
        let (one, two) = (cluster("one", a.0, a.1, a.2), cluster("two", b.0, b.1, b.2));
        assert_eq!(same(&one, &two), expected, "{a:?} {b:?}");
        assert_eq!(same(&two, &one), expected, "{b:?} {a:?}");
    }

    #[test]
    fn uids_decide_and_without_them_equal_addresses() {
        check(("https://a", "u1", ""), ("https://b", "u1", ""), Same::Yes);
        check(("https://a", "u1", ""), ("https://a", "u2", ""), Same::No);
        check(
            ("https://A:443/", "", ""),
            ("https://a", "u2", ""),
            Same::Yes,
        );
        check(
            ("https://a", "", ""),
            ("https://b", "u2", ""),
            Same::Unknown,
        );
        check(("", "", ""), ("", "", ""), Same::Unknown);
        check(
            ("https://a", "", "http://p"),
            ("https://a", "", ""),
            Same::Unknown,
        );
        let one = cluster("one", "", "", "");
        assert_eq!(same(&one, &one), Same::Yes);
    }

    #[test]
    fn one_cluster_may_join_two_that_nothing_else_joins() {
        let clusters = [
            cluster("by-address", "https://a", "", ""),
            cluster("by-uid", "https://b", "u1", ""),
            cluster("other", "https://c", "u2", ""),
            cluster("both", "https://a", "u1", ""),
        ];
        let groups = groups(clusters);
        let names = groups.iter().map(|group| {
            let names: Vec<&str> = group.iter().map(|it| it.name.as_str()).collect();
            names.join(" ")
        });
        let names: Vec<String> = names.collect();
        assert_eq!(names, ["other", "by-address by-uid both"]);
    }
}
