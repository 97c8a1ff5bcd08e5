//! Another repository at a revision: asked which commit that is, fetched if the cache has not got it, read from there.
//!
//! The cache holds one bare repository for each address. It is written by [`gix`] alone; no hook, filter, credential helper or
//! other program is ever run, and what the server sends is read as data.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use gix::ObjectId;
use gix::bstr::ByteSlice;
use gix::progress::Discard;
use gix::remote::fetch::{Shallow, Tags};
use gix::remote::{Connection, Direction, ref_map};
use gix_transport::client::blocking_io::http::Transport;
use sha2::{Digest, Sha256};

use super::address::Address;
use super::https::Https;
use super::smart::{Failure, Smart};
use crate::error::{Error, Reason, Result};
use crate::object::display::display;
use crate::object::hex::hex;
use crate::repo::foreign::{ForeignTree, Wanted};
use crate::repo::git::{GitTree, why};
use crate::repo::semver::{Constraint, Version};

/// Between two looks at a lock that another process holds.
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// What is asked for.
enum Asked {
    Exactly(Revision),
    /// The highest tag that fits, else what is called so.
    Newest(Constraint, Result<Revision>),
}

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
    wanted: &Wanted,
    deadline: Instant,
) -> Result<ForeignTree> {
    let revision = parse(&wanted.revision);
    let constraint = Constraint::parse(&wanted.revision).filter(|_| wanted.may_be_constraint);
    let asked = match constraint {
        Some(constraint) => Asked::Newest(constraint, revision),
        None => Asked::Exactly(revision?),
    };
    let repo = open(cache, address, deadline)?;
    if let Asked::Exactly(Revision::Commit(id)) = asked
        && has(&repo, id)
    {
        return read(repo, id, false);
    }
    let _lock = lock(&repo.path().join("pushboat.lock"), deadline)?;
    let server = Server {
        repo: &repo,
        https,
        address,
        deadline,
        failure: Failure::default(),
    };
    let fetched = server.fetch(asked);
    let (id, moves) = fetched.map_err(|error| server.failure.take().unwrap_or(error))?;
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
        && !revision.contains(['*', ':']);
    if !is_fine || revision.starts_with('-') {
        return Err(Error::render(format!(
            "`{}` is no branch, tag or commit",
            display(revision)
        )));
    }
    Ok(Revision::Name(revision.to_owned()))
}

/// The cached repository of an address, made when it is not there.
fn open(cache: &Path, address: &Address, deadline: Instant) -> Result<gix::Repository> {
    let name = hex(&Sha256::digest(address.to_string()))[..32].to_owned();
    let folder = cache.join("git");
    let place = folder.join(name);
    // The first may be a link of the user's own, to another disk.
    refuse_shared(cache, rustix::fs::stat(cache))?;
    refuse_shared(&folder, rustix::fs::lstat(&folder))?;
    if !place.join("HEAD").is_file() {
        private_folder(&folder).map_err(|error| spoilt(&place, &error.to_string()))?;
        let _lock = lock(&folder.join(".lock"), deadline)?;
        if !place.join("HEAD").is_file() {
            create(&folder.join(".new"), &place)
                .map_err(|error| spoilt(&place, &error.to_string()))?;
        }
    }
    options()
        .open(&place)
        .map(|repo| repo.to_thread_local())
        .map_err(|error| spoilt(&place, &why(&error)))
}

fn spoilt(place: &Path, why: &str) -> Error {
    Error::io(format!("cannot use the cache `{}`: {why}", place.display()))
        .hint("it may be deleted at any time")
}

/// Whoever else may write to the cache could put links into it that turn our writes elsewhere, or objects of their own.
fn refuse_shared(folder: &Path, stat: rustix::io::Result<rustix::fs::Stat>) -> Result<()> {
    use rustix::fs::FileType;
    let stat = match stat {
        Ok(stat) => stat,
        // Made by us in a moment, for us alone.
        Err(rustix::io::Errno::NOENT) => return Ok(()),
        Err(error) => return Err(spoilt(folder, &error.to_string())),
    };
    let why = if FileType::from_raw_mode(stat.st_mode) != FileType::Directory {
        "it is no folder"
    } else if stat.st_uid != rustix::process::geteuid().as_raw() {
        "it belongs to another user"
    } else if stat.st_mode & 0o022 != 0 {
        "other users may write to it"
    } else {
        return Ok(());
    };
    Err(spoilt(folder, why)
        .hint("run `chmod 700` on it, or set `PUSHBOAT_CACHE_DIR` to a folder of your own"))
}

fn private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

/// Makes it beside its place first, so that what stands there is whole.
fn create(made: &Path, place: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(made) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let create = gix::create::Options::default();
    gix::ThreadSafeRepository::init_opts(made, gix::create::Kind::Bare, create, options())
        .map_err(|error| std::io::Error::other(why(&error)))?;
    std::fs::rename(made, place)
}

/// Nothing of the machine's or the user's configuration counts, and no object may ask for more memory than a file may have.
fn options() -> gix::open::Options {
    gix::open::Options::isolated()
        .open_path_as_is(true)
        .with(gix::sec::Trust::Full)
        .config_overrides(["gitoxide.objects.allocLimit=67108864", "protocol.version=2"])
}

/// Held while a folder is written to: gix does not wait for another process or thread.
struct Lock(#[expect(dead_code, reason = "the lock goes with the file")] std::fs::File);

fn lock(place: &Path, deadline: Instant) -> Result<Lock> {
    let file = std::fs::File::create(place).map_err(|error| spoilt(place, &error.to_string()))?;
    loop {
        match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(Lock(file)),
            Err(rustix::io::Errno::WOULDBLOCK) if Instant::now() < deadline => {
                std::thread::sleep(LOCK_PAUSE);
            }
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let what = format!("another process holds `{}`", place.display());
                return Err(Error::new(Reason::Timeout, what));
            }
            Err(error) => return Err(spoilt(place, &error.to_string())),
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

/// The server of one repository, and what is cached of it.
struct Server<'a> {
    repo: &'a gix::Repository,
    https: &'a Arc<Https>,
    address: &'a Address,
    deadline: Instant,
    failure: Failure,
}

impl Server<'_> {
    /// Asks what the revision is and fetches that one commit. Says whether the revision is a branch.
    fn fetch(&self, asked: Asked) -> Result<(ObjectId, bool)> {
        let revision = match asked {
            Asked::Exactly(revision) => revision,
            Asked::Newest(constraint, literal) => match self.newest_tag(&constraint)? {
                Some(tag) => Revision::Name(tag),
                None => literal?,
            },
        };
        let remote = self.remote(&specs(&revision))?;
        let fetch = self
            .connect(&remote)?
            .prepare_fetch(Discard, ref_map::Options::default())
            .map_err(lost)?;
        let found = choose(fetch.ref_map(), &revision)?;
        if !has(self.repo, found.commit) {
            fetch
                .with_shallow(Shallow::DepthAtRemote(std::num::NonZeroU32::MIN))
                .receive(Discard, &AtomicBool::new(false))
                .map_err(lost)?;
        }
        let object = self.repo.find_object(found.commit).map_err(lost)?;
        let commit = object.peel_to_commit().map_err(lost)?;
        Ok((commit.id, found.is_branch))
    }

    fn newest_tag(&self, constraint: &Constraint) -> Result<Option<String>> {
        let remote = self.remote(&["refs/tags/*:refs/tags/*".to_owned()])?;
        let (refs, _) = self
            .connect(&remote)?
            .ref_map(Discard, ref_map::Options::default())
            .map_err(lost)?;
        let tags = refs.mappings.iter().filter_map(|mapping| {
            let name = mapping.remote.as_name()?.to_str().ok()?;
            let name = name.strip_prefix("refs/tags/")?;
            Some((Version::parse(name)?, name.to_owned()))
        });
        let newest = tags
            .filter(|(version, _)| constraint.matches(version))
            .max_by(|(one, _), (other, _)| one.cmp(other));
        Ok(newest.map(|(_, name)| name))
    }

    fn remote(&self, specs: &[String]) -> Result<gix::Remote<'_>> {
        self.repo
            .remote_at(self.url()?)
            .map_err(lost)?
            .with_fetch_tags(Tags::None)
            .with_refspecs(specs.iter().map(String::as_str), Direction::Fetch)
            .map_err(lost)
    }

    /// The credentials of the user's list are sent by the transport; nobody is asked for others.
    fn connect<'r>(
        &self,
        remote: &'r gix::Remote<'r>,
    ) -> Result<Connection<'r, 'static, 'r, Transport<Smart>>> {
        let http = Smart::new(Arc::clone(self.https), self.deadline, self.failure.clone());
        let transport = Transport::new_http(http, self.url()?, gix_transport::Protocol::V2, false);
        let connection = remote.to_connection_with_transport(transport);
        Ok(connection.with_credentials(|_| Ok(None)))
    }

    fn url(&self) -> Result<gix::Url> {
        gix::url::parse(self.address.to_string().as_str())
            .map_err(|error| Error::internal(error.to_string()))
    }
}

fn lost(error: gix::Error) -> Error {
    Error::new(Reason::Unreachable, why(&error))
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
            "a\nb",
            "refs/",
            "^main",
            "a~1",
        ] {
            assert!(parse(odd).is_err(), "{odd}");
        }
    }
}
