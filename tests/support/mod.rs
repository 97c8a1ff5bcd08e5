//! What the tests share: real control planes, the built program in a clean environment, throw-away repositories, and
//! `faultline`, the proxy that makes a healthy API server misbehave on demand.
//!
//! Nothing here fakes Kubernetes. Whatever is started ends with the test process, even when that is killed.
#![allow(
    dead_code,
    unused_imports,
    reason = "a vocabulary for tests that come and go"
)]

pub(crate) mod api;
mod audit;
mod certificate;
mod control_plane;
pub(crate) mod faultline;
mod git_server;
mod process;
mod programs;
mod pushboat;
mod registry;
mod repository;
pub(crate) mod scene;
pub(crate) mod source;
mod terminal;
mod wait;

pub(crate) use audit::Event;
pub(crate) use certificate::{Authority, Identity};
pub(crate) use control_plane::{ControlPlane, Options, Part, kubeconfig};
pub(crate) use faultline::Faultline;
pub(crate) use git_server::{Asked, GitServer, Page};
pub(crate) use process::{Finished, finish};
pub(crate) use programs::program;
pub(crate) use pushboat::{Pushboat, Running, pushboat, shell};
pub(crate) use registry::{Access, Registry, TokenKey};
pub(crate) use repository::Repo;
pub(crate) use scene::Scene;
pub(crate) use terminal::OnTerminal;
pub(crate) use wait::{eventually, within};

/// Says on the terminal, where the test runner does not swallow it, that a test has no data and shows nothing. `PUSHBOAT_TESTS_WHOLE=1`
/// makes that a failure.
pub(crate) fn skipped(why: &str) {
    use std::io::Write;
    assert!(
        std::env::var_os("PUSHBOAT_TESTS_WHOLE").is_none(),
        "nothing is tested: {why}"
    );
    let name = std::thread::current().name().unwrap_or("a test").to_owned();
    let _ = writeln!(std::io::stderr(), "skipped: {name}: {why}"); // a closed stream is no failure
}

/// Whether runs that are counted should be as long as `docs/reliability.md` says.
pub(crate) fn is_long() -> bool {
    std::env::var_os("PUSHBOAT_LONG_TESTS").is_some()
}
