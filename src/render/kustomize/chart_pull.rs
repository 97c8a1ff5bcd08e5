//! Charts that are not in the tree: looked up in the index of a chart repository or among the tags of a registry, and unpacked, as
//! `helm pull` does it.
//!
//! Nothing is fetched here: [`Foreign`] is asked for each address, and it knows which ones the user allowed.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::chart_archive;
use super::charts::ChartFile;
use super::helm_chart::HelmChart;
use super::node::NodeExt;
use crate::error::{Error, Result};
use crate::object::display::display;
use crate::object::hex::hex;
use crate::object::yaml::{Limits, Node, parse};
use crate::repo::foreign::{Artifact, Foreign};
use crate::repo::remote::without_credentials;
use crate::repo::semver::{Constraint, Version};

/// A chart from elsewhere.
#[derive(Debug)]
pub struct Pulled {
    pub files: Vec<ChartFile>,
    /// The version that was taken.
    pub version: String,
    /// The entry does not say which version, so that another may be taken tomorrow.
    pub moves: bool,
}

/// The configuration of an artifact that is a chart.
const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
/// The chart in it, and what it was called before.
const LAYERS: &[&str] = &[
    "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
    "application/tar+gzip",
];

/// Fetches the chart of an entry that names a `repo`.
pub fn pull(foreign: &dyn Foreign, chart: &HelmChart) -> Result<Pulled> {
    if chart.repo.to_ascii_lowercase().starts_with("oci://") {
        from_registry(foreign, chart)
    } else {
        from_index(foreign, chart)
    }
}

/// Each chart is a repository of its own there, and its versions are tags.
fn from_registry(foreign: &dyn Foreign, chart: &HelmChart) -> Result<Pulled> {
    let url = format!("{}/{}", chart.repo.trim_end_matches('/'), chart.name);
    let is_pinned = Version::parse(&chart.version).is_some();
    let version = if is_pinned {
        chart.version.clone()
    } else {
        newest(&foreign.tags(&url)?, chart)?
    };
    let archive = foreign.artifact(&Artifact {
        url,
        // A tag holds no `+`.
        tag: version.replace('+', "_"),
        config: CONFIG,
        layers: LAYERS,
    })?;
    Ok(Pulled {
        files: chart_archive::unpack(&archive)?,
        version,
        moves: !is_pinned,
    })
}

/// The newest version among tags that fits; tags that are no full versions are none.
fn newest(tags: &[String], chart: &HelmChart) -> Result<String> {
    let constraint = Constraint::parse(&chart.version);
    let fits = |version: &Version| match &constraint {
        Some(constraint) => constraint.matches(version),
        None => chart.version.is_empty() && (chart.devel || !version.is_prerelease()),
    };
    let full = |tag: &String| {
        let text = tag.replace('_', "+");
        let core = text.split(['-', '+']).next().unwrap_or_default();
        let version = Version::parse(&text).filter(&fits)?;
        let is_full = core.split('.').count() == 3 && !core.starts_with('v');
        is_full.then_some((version, text))
    };
    newest_of(tags.iter().filter_map(full)).ok_or_else(|| none_fits(chart))
}

/// What has the newest version; of several that differ only in their build, the first.
fn newest_of<T>(versions: impl Iterator<Item = (Version, T)>) -> Option<T> {
    let newer = |best: (Version, T), next: (Version, T)| if next.0 > best.0 { next } else { best };
    versions.reduce(newer).map(|(_, item)| item)
}

fn none_fits(chart: &HelmChart) -> Error {
    Error::render(format!(
        "no chart version found for {}-{}",
        display(&chart.name),
        display(&chart.version)
    ))
}

/// From a chart repository with an `index.yaml`.
fn from_index(foreign: &dyn Foreign, chart: &HelmChart) -> Result<Pulled> {
    let repo = &chart.repo;
    let shown = without_credentials(repo);
    let index_url = below(repo, "index.yaml");
    let index = foreign.file(&index_url)?;
    let parsed = parse(&index, &index_url, &Limits::default())
        .map_err(|error| error.context("the index of the chart repository cannot be read"))?;
    let entries = parsed
        .documents
        .first()
        .and_then(|index| index.at(&["entries", &chart.name]))
        .and_then(NodeExt::items)
        .ok_or_else(|| {
            Error::render(format!(
                "there is no chart `{}` in `{}`",
                display(&chart.name),
                display(&shown)
            ))
        })?;
    let (entry, moves) = choose(entries, chart)?;
    let url = entry
        .get("urls")
        .and_then(NodeExt::items)
        .and_then(|urls| urls.first()?.text())
        .ok_or_else(|| Error::render("the index names no address of the chart"))?;
    let archive = foreign.file(&resolved(repo, url))?;
    check_digest(&archive, entry.text_at(&["digest"]))?;
    Ok(Pulled {
        files: chart_archive::unpack(&archive)?,
        version: entry.text_at(&["version"]).to_owned(),
        moves,
    })
}

/// The entry with the wanted version: exactly that one, else the newest that fits. Whether another could fit tomorrow.
fn choose<'a>(entries: &'a [Node], chart: &HelmChart) -> Result<(&'a Node, bool)> {
    let wanted = chart.version.as_str();
    let exact = entries
        .iter()
        .find(|entry| !wanted.is_empty() && entry.text_at(&["version"]) == wanted);
    if let Some(exact) = exact {
        return Ok((exact, false));
    }
    let pinned = Version::parse(wanted).filter(|_| wanted.matches('.').count() >= 2);
    // Of a version with fewer numbers the rest is open.
    let constraint = match (wanted, Version::parse(wanted)) {
        ("", _) => None,
        (_, Some(_)) => Constraint::parse(&format!("{wanted}.x")),
        (_, None) => Constraint::parse(wanted),
    };
    let fits = |version: &Version| match (&pinned, &constraint) {
        (Some(pinned), _) => version == pinned,
        (None, Some(constraint)) => constraint.matches(version),
        (None, None) => wanted.is_empty() && (chart.devel || !version.is_prerelease()),
    };
    let fitting = entries.iter().filter_map(|entry| {
        let version = Version::parse(entry.text_at(&["version"])).filter(fits)?;
        Some((version, entry))
    });
    match newest_of(fitting) {
        Some(entry) => Ok((entry, pinned.is_none())),
        None => Err(none_fits(chart)),
    }
}

fn check_digest(archive: &Arc<[u8]>, expected: &str) -> Result<()> {
    let expected = expected.strip_prefix("sha256:").unwrap_or(expected);
    let digest = hex(&Sha256::digest(archive));
    if expected.is_empty() || expected.eq_ignore_ascii_case(&digest) {
        return Ok(());
    }
    Err(Error::render(
        "the chart's archive is not the one that the index speaks of: its digest differs",
    ))
}

/// The address of a file below another.
fn below(base: &str, file: &str) -> String {
    let (path, query) = match base.split_once('?') {
        Some((path, query)) => (path, format!("?{query}")),
        None => (base, String::new()),
    };
    format!("{}/{file}{query}", path.trim_end_matches('/'))
}

/// An address of the index as seen from its repository.
fn resolved(base: &str, url: &str) -> String {
    if url.contains("://") {
        return url.to_owned();
    }
    match (url.strip_prefix('/'), base.split_once("://")) {
        (Some(path), Some((scheme, rest))) => {
            let host = rest.split(['/', '?']).next().unwrap_or_default();
            format!("{scheme}://{host}/{path}")
        }
        _ => below(base, url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(versions: &str, wanted: &str, devel: bool) -> Option<(String, bool)> {
        let text = format!("[{versions}]");
        let parsed = parse(text.as_bytes(), "index", &Limits::default()).expect("parses");
        let chart = HelmChart {
            version: wanted.to_owned(),
            devel,
            ..HelmChart::default()
        };
        let entries: Vec<Node> = parsed.documents[0]
            .items()
            .expect("a list")
            .iter()
            .map(|version| {
                let mut entry = super::super::node::empty_map();
                entry.set("version", version.clone());
                entry
            })
            .collect();
        let (entry, moves) = choose(&entries, &chart).ok()?;
        Some((entry.text_at(&["version"]).to_owned(), moves))
    }

    #[test]
    fn the_version_is_taken_as_helm_takes_it() {
        let all = "1.2.3, v1.2.4, 2.0.0-rc.1, 1.10.0, 0.9.0+b, 1.2.0";
        let check = |wanted, devel, expected: Option<(&str, bool)>| {
            let found = chosen(all, wanted, devel);
            let found = found.as_ref().map(|(text, moves)| (text.as_str(), *moves));
            assert_eq!(found, expected, "{wanted}");
        };
        check("1.2.3", false, Some(("1.2.3", false)));
        check("1.2.4", false, Some(("v1.2.4", false)));
        check("0.9.0", false, Some(("0.9.0+b", false)));
        check("", false, Some(("1.10.0", true)));
        check("", true, Some(("2.0.0-rc.1", true)));
        check("1.2", false, Some(("v1.2.4", true)));
        check("~1.2.0", false, Some(("v1.2.4", true)));
        check(">=2.0.0-0", false, Some(("2.0.0-rc.1", true)));
        check("3.x", false, None);
        check("1.2.9", false, None);
        check("nonsense", false, None);
    }

    #[test]
    fn addresses_of_an_index_stand_below_its_repository() {
        let base = "https://h:1/a/b/?q=1";
        assert_eq!(below(base, "index.yaml"), "https://h:1/a/b/index.yaml?q=1");
        assert_eq!(resolved(base, "c-1.tgz"), "https://h:1/a/b/c-1.tgz?q=1");
        assert_eq!(resolved(base, "/c-1.tgz"), "https://h:1/c-1.tgz");
        assert_eq!(resolved(base, "https://o/c.tgz"), "https://o/c.tgz");
    }
}
