//! Another repository at a revision: asked which commit that is, fetched if the cache has not got it, read from there.
//!
//! The cache holds one bare repository for each address. It is written by [`gix`] alone; no hook, filter, credential helper or
//! other program is ever run, and what the server sends is read as data.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use gix::ObjectId;
use gix::remote::Direction;
use gix::remote::fetch::{Shallow, Tags};
use gix_transport::client::blocking_io::http::Transport;
use sha2::{Digest, Sha256};

use super::address::Address;
use super::https::Https;
use super::smart::{Failure, Smart};
use crate::error::{Error, Reason, Result};
use crate::object::display::display;
use crate::repo::foreign::ForeignTree;
use crate::repo::git::{GitTree, why};

/// Between two looks at a lock that another process holds.
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// A revision and what is known of it before a server is asked.
enum Revision {
    Commit(ObjectId),
    Name(String),
    /// The default branch.
    Head,
}

/// The files of the repository at `address` at a revision.
pub fn tree(
    https: &Arc<Https>,
    cache: &Path,
    address: &Address,
    revision: &str,
    deadline: Instant,
) -> Result<ForeignTree> {
    let revision = parse(revision)?;
    let repo = open(cache, address)?;
    if let Revision::Commit(id) = revision
        && has(&repo, id)
    {
        return read(repo, id, false);
    }
    let _lock = lock(&repo, deadline)?;
    let failure = Failure::default();
    let fetched = fetch(&repo, https, address, &revision, deadline, &failure);
    let (id, moves) = fetched.map_err(|error| failure.take().unwrap_or(error))?;
    read(repo, id, moves)
}

fn parse(revision: &str) -> Result<Revision> {
    if revision.is_empty() || revision == "HEAD" {
        return Ok(Revision::Head);
    }
    if let Ok(id) = ObjectId::from_hex(revision.as_bytes()) {
        return Ok(Revision::Commit(id));
    }
    let name = revision
        .strip_prefix("refs/")
        .map_or_else(|| format!("refs/heads/{revision}"), |_| revision.to_owned());
    let is_fine = gix::validate::reference::name(name.as_str().into()).is_ok()
        && !revision.contains(['*', ':', '+']);
    if !is_fine || revision.starts_with('-') {
        return Err(Error::render(format!(
            "`{}` is no branch, tag or commit",
            display(revision)
        )));
    }
    Ok(Revision::Name(revision.to_owned()))
}

/// The cached repository of an address, made when it is not there.
fn open(cache: &Path, address: &Address) -> Result<gix::Repository> {
    let name = hex(&Sha256::digest(address.to_string()))[..32].to_owned();
    let folder = cache.join("git");
    let place = folder.join(name);
    let wrong = |why: &str| {
        Error::io(format!("cannot use the cache `{}`: {why}", place.display()))
            .hint("it may be deleted at any time")
    };
    if !place.join("HEAD").is_file() {
        create(&folder, &place).map_err(|error| wrong(&error.to_string()))?;
    }
    options()
        .open(&place)
        .map(|repo| repo.to_thread_local())
        .map_err(|error| wrong(&why(&error)))
}

/// Makes it beside its place first: another process may do the same.
fn create(folder: &Path, place: &PathBuf) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let made = folder.join(format!(
        ".new-{}-{}",
        std::process::id(),
        place.file_name().unwrap_or_default().to_string_lossy()
    ));
    let _ = std::fs::remove_dir_all(&made);
    let create = gix::create::Options::default();
    gix::ThreadSafeRepository::init_opts(&made, gix::create::Kind::Bare, create, options())
        .map_err(|error| std::io::Error::other(why(&error)))?;
    let moved = std::fs::rename(&made, place);
    if moved.is_err() {
        let _ = std::fs::remove_dir_all(&made);
    }
    match moved {
        Err(_) if place.join("HEAD").is_file() => Ok(()),
        moved => moved,
    }
}

/// Nothing of the machine's or the user's configuration counts, and no object may ask for more memory than a file may have.
fn options() -> gix::open::Options {
    gix::open::Options::isolated()
        .open_path_as_is(true)
        .with(gix::sec::Trust::Full)
        .config_overrides(["gitoxide.objects.allocLimit=67108864", "protocol.version=2"])
}

/// Held while a repository is written to: gix does not wait for another process.
struct Lock(#[expect(dead_code, reason = "the lock goes with the file")] std::fs::File);

fn lock(repo: &gix::Repository, deadline: Instant) -> Result<Lock> {
    let place = repo.path().join("pushboat.lock");
    let wrong = |error: std::io::Error| {
        Error::io(format!(
            "cannot lock the cache `{}`: {error}",
            place.display()
        ))
        .hint("it may be deleted at any time")
    };
    let file = std::fs::File::create(&place).map_err(wrong)?;
    loop {
        match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(Lock(file)),
            Err(rustix::io::Errno::WOULDBLOCK) if Instant::now() < deadline => {
                std::thread::sleep(LOCK_PAUSE);
            }
            Err(error) => return Err(wrong(error.into())),
        }
    }
}

fn has(repo: &gix::Repository, id: ObjectId) -> bool {
    repo.find_commit(id).is_ok()
}

fn read(repo: gix::Repository, id: ObjectId, moves: bool) -> Result<ForeignTree> {
    let tree = GitTree::open(repo, id, "")?;
    Ok(ForeignTree {
        commit: tree.commit().to_owned(),
        tree: Arc::new(tree),
        moves,
    })
}

/// Asks the server what the revision is and fetches that one commit. Says whether the revision is a branch.
fn fetch(
    repo: &gix::Repository,
    https: &Arc<Https>,
    address: &Address,
    revision: &Revision,
    deadline: Instant,
    failure: &Failure,
) -> Result<(ObjectId, bool)> {
    let lost = |error: gix::Error| Error::new(Reason::Unreachable, why(&error));
    let url = gix::url::parse(address.to_string().as_str())
        .map_err(|error| Error::internal(error.to_string()))?;
    let remote = repo
        .remote_at(url.clone())
        .map_err(lost)?
        .with_fetch_tags(Tags::None)
        .with_refspecs(specs(revision).iter().map(String::as_str), Direction::Fetch)
        .map_err(lost)?;
    let http = Smart::new(Arc::clone(https), deadline, failure.clone());
    let transport = Transport::new_http(http, url, gix_transport::Protocol::V2, false);
    let fetch = remote
        .to_connection_with_transport(transport)
        // Ours are sent by the transport; nobody is asked for others.
        .with_credentials(|_| Ok(None))
        .prepare_fetch(
            gix::progress::Discard,
            gix::remote::ref_map::Options::default(),
        )
        .map_err(lost)?;
    let found = choose(fetch.ref_map(), revision)?;
    if !has(repo, found.commit) {
        fetch
            .with_shallow(Shallow::DepthAtRemote(std::num::NonZeroU32::MIN))
            .receive(gix::progress::Discard, &AtomicBool::new(false))
            .map_err(lost)?;
    }
    let object = repo.find_object(found.commit).map_err(lost)?;
    let commit = object.peel_to_commit().map_err(lost)?;
    Ok((commit.id, found.is_branch))
}

fn specs(revision: &Revision) -> Vec<String> {
    match revision {
        Revision::Head => vec!["HEAD".to_owned()],
        Revision::Commit(id) => vec![id.to_string()],
        Revision::Name(name) if name.starts_with("refs/") => vec![name.clone()],
        Revision::Name(name) => vec![format!("refs/tags/{name}"), format!("refs/heads/{name}")],
    }
}

/// What the server says of a revision.
struct Chosen {
    commit: ObjectId,
    is_branch: bool,
}

/// A tag goes before a branch of the same name, as with git.
fn choose(refs: &gix::remote::fetch::RefMap, revision: &Revision) -> Result<Chosen> {
    let mut found: Vec<(bool, ObjectId)> = refs
        .mappings
        .iter()
        .filter_map(|mapping| {
            let is_tag = mapping
                .remote
                .as_name()
                .is_some_and(|name| name.starts_with(b"refs/tags/"));
            Some((!is_tag, mapping.remote.peeled_id()?.to_owned()))
        })
        .collect();
    found.sort_unstable();
    let Some((is_branch, commit)) = found.first().copied() else {
        let what = match revision {
            Revision::Head => "no default branch".to_owned(),
            Revision::Commit(id) => format!("no commit {id}"),
            Revision::Name(name) => format!("no branch or tag `{}`", display(name)),
        };
        return Err(Error::render(format!("it has {what}"))
            .hint("`?ref=` takes a branch, a tag or a full commit id"));
    };
    let is_branch = is_branch && !matches!(revision, Revision::Commit(_));
    Ok(Chosen { commit, is_branch })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_is_a_commit_a_name_or_the_default_branch() {
        assert!(matches!(parse(""), Ok(Revision::Head)));
        assert!(matches!(parse("HEAD"), Ok(Revision::Head)));
        assert!(matches!(parse("v1.0.0"), Ok(Revision::Name(_))));
        assert!(matches!(parse("refs/pull/7/head"), Ok(Revision::Name(_))));
        assert!(matches!(parse(&"a".repeat(40)), Ok(Revision::Commit(_))));
        for odd in [
            "-u",
            "--upload-pack=id",
            "a b",
            "a..b",
            "a:b",
            "*",
            "+main",
            "a\nb",
            "refs/",
            "^main",
            "a~1",
        ] {
            assert!(parse(odd).is_err(), "{odd}");
        }
    }
}
