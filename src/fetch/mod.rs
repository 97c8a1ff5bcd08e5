//! Addresses to bytes: other repositories, single files and artifacts of registries, from the places that the user allowed.
//!
//! The only part that opens a connection to anything but an API server. HTTPS only, no program is started, nothing is asked
//! for, and what a redirect leads to is held against the same list.

mod address;
mod allow;
mod git;
mod https;
mod registry;
mod smart;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::object::display::display;
use crate::repo::foreign::{Artifact, Foreign, ForeignTree, Wanted};
use crate::repo::remote::without_credentials;

pub use allow::AllowList;
pub use https::Proxy;

use https::Https;
use registry::Registry;

/// How long one file may take.
const FILE_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of one file.
const FILE_BYTES: u64 = 32 << 20;
/// How long a repository may take unless its address says otherwise.
const GIT_TIMEOUT: Duration = Duration::from_secs(60);
/// The longest that an address may ask for.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(600);

/// Once per address and run: two apps on one base see the same commit.
type Once<K, T> = Mutex<BTreeMap<K, Arc<OnceLock<Result<T>>>>>;

/// Fetches what the user allowed.
pub struct Fetcher {
    allow: Arc<AllowList>,
    proxy: Proxy,
    /// Where repositories are kept; deleting it costs time only.
    cache: Option<PathBuf>,
    https: OnceLock<Result<Arc<Https>>>,
    trees: Once<Wanted, ForeignTree>,
    files: Once<String, Arc<[u8]>>,
    tags: Once<String, Arc<[String]>>,
    artifacts: Once<Artifact, Arc<[u8]>>,
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fetcher({:?})", self.allow)
    }
}

impl Fetcher {
    /// A fetcher that opens no connection before it is asked for something.
    pub fn new(allow: AllowList, proxy: Proxy, cache: Option<PathBuf>) -> Self {
        Self {
            allow: Arc::new(allow),
            proxy,
            cache,
            https: OnceLock::new(),
            trees: Mutex::default(),
            files: Mutex::default(),
            tags: Mutex::default(),
            artifacts: Mutex::default(),
        }
    }

    /// Whether the user allowed an address, for programs that fetch by themselves.
    pub fn check(&self, url: &str) -> Result<()> {
        self.allow.check(url).map(drop)
    }

    /// Asks a registry about one of its repositories.
    fn registry<T>(
        &self,
        url: &str,
        ask: impl FnOnce(&mut Registry<'_>) -> Result<T>,
    ) -> Result<T> {
        let repository = self.allow.check(&address::of_registry(url))?;
        let https = self.https()?;
        let deadline = Instant::now() + FILE_TIMEOUT;
        Registry::new(&https, repository, deadline)
            .and_then(|mut registry| ask(&mut registry))
            .map_err(|error| {
                error.context(format!(
                    "failed to fetch from the registry of `{}`",
                    display(&without_credentials(url))
                ))
            })
    }

    fn https(&self) -> Result<Arc<Https>> {
        self.https
            .get_or_init(|| Https::new(Arc::clone(&self.allow), &self.proxy).map(Arc::new))
            .clone()
    }
}

impl Foreign for Fetcher {
    fn repository(&self, wanted: &Wanted) -> Result<ForeignTree> {
        once(&self.trees, wanted, || {
            let address = self.allow.check(&wanted.url)?;
            let cache = self.cache.as_deref().ok_or_else(|| {
                Error::config("there is no folder to keep other repositories in")
                    .hint("set `HOME`, `XDG_CACHE_HOME` or `PUSHBOAT_CACHE_DIR`")
            })?;
            let timeout = wanted.timeout.unwrap_or(GIT_TIMEOUT).min(LONGEST_TIMEOUT);
            let deadline = Instant::now() + timeout;
            git::tree(&self.https()?, cache, &address, wanted, deadline)
                .map_err(|error| error.context(format!("failed to fetch `{address}`")))
        })
    }

    fn file(&self, url: &str) -> Result<Arc<[u8]>> {
        once(&self.files, &url.to_owned(), || {
            let address = self.allow.check(url)?;
            let deadline = Instant::now() + FILE_TIMEOUT;
            let bytes = || {
                self.https()?
                    .get(&address, &[], FILE_BYTES, deadline)?
                    .bytes()
            };
            bytes().map_err(|error| error.context(format!("failed to fetch `{address}`")))
        })
    }

    fn tags(&self, url: &str) -> Result<Arc<[String]>> {
        once(&self.tags, &url.to_owned(), || {
            self.registry(url, |registry| registry.tags().map(Arc::from))
        })
    }

    fn artifact(&self, wanted: &Artifact) -> Result<Arc<[u8]>> {
        once(&self.artifacts, wanted, || {
            self.registry(&wanted.url, |registry| registry.artifact(wanted))
        })
    }
}

fn once<K: Ord + Clone, T: Clone>(
    map: &Once<K, T>,
    key: &K,
    ask: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let cell = map
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .entry(key.clone())
        .or_default()
        .clone();
    cell.get_or_init(ask).clone()
}
