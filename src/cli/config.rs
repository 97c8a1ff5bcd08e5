//! `config.yaml` in the user's configuration folder: what this user allows beyond what a repository may say. Pure.
//!
//! No repository can change it, and nothing writes it.

use std::collections::BTreeMap;

use crate::cluster::Allowed;
use crate::error::{Error, Reason, Result};
use crate::object::display::display;
use crate::object::yaml::{self, Limits};
use crate::plan::prune::Limit;
use crate::repo::layout::first;
use crate::repo::reader::{Fields, Reader};

/// The file's name in the configuration folder.
pub(crate) const FILE: &str = "config.yaml";

/// What the user allows.
#[derive(Debug, Clone, Default)]
pub(crate) struct UserConfig {
    /// By the cluster's name.
    clusters: BTreeMap<String, Allowed>,
    /// How many objects one sync may delete where no flag says so.
    pub(crate) max_prune: Option<Limit>,
}

impl UserConfig {
    pub(crate) fn parse(text: &[u8], file: &str) -> Result<Self> {
        let parsed = yaml::parse(text, file, &Limits::default())
            .map_err(|error| error.because(Reason::Config))?;
        let Some(document) = parsed.documents.first() else {
            return Ok(Self::default());
        };
        let reader = Reader::new(file);
        let mut config = Self::default();
        if let Some(mut fields) = reader.fields("", document) {
            if let Some(mut clusters) = fields.map("clusters") {
                let names: Vec<String> = clusters.keys().map(|(name, _)| name.to_owned()).collect();
                for name in names {
                    if let Some(cluster) = clusters.map(&name) {
                        config.clusters.insert(name, allowed(cluster));
                    }
                }
            }
            config.max_prune = fields.text("maxPrune").and_then(|text| {
                let limit = Limit::parse(&text);
                if limit.is_none() {
                    let node = document.get("maxPrune").unwrap_or(document);
                    reader.problem(
                        node,
                        "`maxPrune` must be a number or a share, such as `25` or `50%`",
                    );
                }
                limit
            });
            fields.finish(&[], &["clusters", "maxPrune"]);
        }
        first(reader.into_problems())?;
        Ok(config)
    }

    /// Allows one value for one cluster, as `--allow-address CLUSTER=ADDRESS` gives it.
    pub(crate) fn allow(&mut self, text: &str) -> Result<()> {
        let parts = text
            .split_once('=')
            .filter(|(name, value)| !name.trim().is_empty() && !value.trim().is_empty());
        let Some((name, value)) = parts else {
            return Err(Error::usage(format!(
                "`--allow-address {}` does not say for which cluster",
                display(text)
            ))
            .hint("write it like `--allow-address prod=https://10.0.0.1:6443`"));
        };
        let cluster = self.clusters.entry(name.trim().to_owned()).or_default();
        let value = value.trim().to_owned();
        if value.contains("://") {
            cluster.servers.push(value.clone());
            cluster.proxy_urls.push(value);
        } else {
            cluster.tls_server_names.push(value);
        }
        Ok(())
    }

    /// What is allowed for a cluster.
    pub(crate) fn allowed(&self, cluster: &str) -> Allowed {
        self.clusters.get(cluster).cloned().unwrap_or_default()
    }
}

fn allowed(mut fields: Fields<'_>) -> Allowed {
    let mut one = |key| -> Vec<String> {
        let text = fields.text(key).map(|text| text.value);
        text.into_iter().collect()
    };
    let allowed = Allowed {
        servers: one("server"),
        proxy_urls: one("proxyUrl"),
        tls_server_names: one("tlsServerName"),
    };
    fields.finish(&[], &["server", "proxyUrl", "tlsServerName"]);
    allowed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_allowed_holds_for_its_cluster_only() {
        let text = "clusters:\n  prod: {server: 'https://a', proxyUrl: 'socks5://p'}\n  1: {tlsServerName: b}\nmaxPrune: 40%\n";
        let mut config = UserConfig::parse(text.as_bytes(), "config.yaml").expect("valid");
        assert_eq!(config.max_prune, Some(Limit::Percent(40)));
        assert!(config.allowed("prod").has_server("HTTPS://A:443/"));
        assert!(!config.allowed("dev").has_server("https://a"));
        assert_eq!(config.allowed("1").tls_server_names, ["b"]);
        config.allow("dev=https://c:6443").expect("valid");
        assert!(config.allowed("dev").has_server("https://c:6443"));
        assert_eq!(config.allowed("dev").proxy_urls, ["https://c:6443"]);
    }

    #[test]
    fn what_cannot_be_meant_is_told() {
        let check = |text: &str, word: &str| {
            let error = UserConfig::parse(text.as_bytes(), "config.yaml").expect_err(text);
            assert!(error.report().contains(word), "{}", error.report());
        };
        check("clusters: {prod: {sever: a}}", "sever");
        check("maxPrune: many", "`maxPrune` must be");
        check("maxPurne: 3", "maxPurne");
        check("clusters: [", "config.yaml:");
        for text in ["https://a", "=https://a", "prod="] {
            let error = UserConfig::default().allow(text).expect_err(text);
            assert_eq!(error.reason(), Reason::Usage, "{text}");
        }
    }
}
