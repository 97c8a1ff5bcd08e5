//! The helm program as the command line and the environment set it up.

use std::sync::Arc;
use std::time::Instant;

use super::args::GlobalArgs;
use super::env::Env;
use crate::helm::{self, Helm};
use crate::object::mask::Masker;

/// Helm ends when the command must have answered.
pub(super) fn helm(env: &Env, global: &GlobalArgs, masker: &Masker, started: Instant) -> Arc<Helm> {
    let answer_by = global.timeout.map(|timeout| started + timeout);
    let settings = helm::Settings {
        command: global.helm_command.clone(),
        path: env.get("PATH").unwrap_or_default().to_owned(),
        directory: env.directory.clone(),
        temporary: env.temporary(),
        answer_by,
        ..helm::Settings::default()
    };
    Arc::new(Helm::new(settings, masker.clone()))
}
