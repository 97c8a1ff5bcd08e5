//! Charts to manifests through the `helm` program: run with arguments of fixed shape, in a folder of its own, for a limited time.
//!
//! Helm sees a copy of the chart and nothing of the user's: no configuration, no plugins, no kubeconfig, no environment but
//! `PATH`. It asks no cluster and resolves no names. What a repository says ends up in values and checked arguments only.

mod arguments;
mod message;
mod process;
mod program;
mod workspace;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use crate::error::{Error, Reason, Result};
use crate::object::display::display;
use crate::object::mask::Masker;
use crate::render::kustomize::{ChartRequest, Charts};

use process::Limits;
use workspace::Workspace;

/// A chart that renders longer than this is stuck.
const DEADLINE: Duration = Duration::from_secs(60);
/// No chart gives more.
const MAX_OUTPUT: usize = 256 << 20;
/// How many helm programs run at once: each takes a processor and a few hundred megabytes.
const AT_ONCE: usize = 4;

/// How helm is run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What the user named; looked up in `path` when it is a bare name. None is `helm`.
    pub command: Option<PathBuf>,
    /// `PATH`.
    pub path: String,
    /// What a relative `command` is relative to.
    pub directory: PathBuf,
    /// Where temporary folders go.
    pub temporary: PathBuf,
    pub deadline: Duration,
    /// When the command must have answered.
    pub answer_by: Option<Instant>,
    pub max_output: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            command: None,
            path: String::new(),
            directory: PathBuf::from("/"),
            temporary: PathBuf::from("/tmp"),
            deadline: DEADLINE,
            answer_by: None,
            max_output: MAX_OUTPUT,
        }
    }
}

type Output = Arc<OnceLock<Result<Arc<[u8]>>>>;

/// The helm program of a run. What it gave once is not asked again.
#[derive(Debug)]
pub struct Helm {
    settings: Settings,
    masker: Masker,
    program: OnceLock<Result<PathBuf>>,
    outputs: Mutex<HashMap<[u8; 32], Output>>,
    slots: Slots,
    running: Arc<process::Running>,
}

impl Helm {
    pub fn new(settings: Settings, masker: Masker) -> Self {
        Self {
            settings,
            masker,
            program: OnceLock::new(),
            outputs: Mutex::default(),
            slots: Slots::new(AT_ONCE),
            running: Arc::default(),
        }
    }

    /// Ends what still runs and removes its folders; for a command that stops early.
    pub fn stop(&self) {
        self.running.stop();
    }

    /// The program, found and asked for its version once.
    fn program(&self) -> Result<&PathBuf> {
        self.program
            .get_or_init(|| {
                let program = program::find(&self.settings)?;
                let workspace = self.workspace()?;
                let output = process::run(
                    &program,
                    &["version".into(), "--short".into()],
                    &workspace,
                    &self.limits(),
                    &self.running,
                )?;
                program::check_version(&program, &output)?;
                Ok(program)
            })
            .as_ref()
            .map_err(Clone::clone)
    }

    fn workspace(&self) -> Result<Workspace> {
        Workspace::new(&self.settings.temporary, &self.running)
    }

    fn limits(&self) -> Limits<'_> {
        Limits {
            path: &self.settings.path,
            deadline: match self.settings.answer_by {
                Some(end) => end
                    .saturating_duration_since(Instant::now())
                    .min(self.settings.deadline),
                None => self.settings.deadline,
            },
            max_output: self.settings.max_output,
        }
    }

    fn run(&self, request: &ChartRequest<'_>) -> Result<Arc<[u8]>> {
        arguments::check(request)?;
        let program = self.program()?;
        let _slot = self.slots.take(self.settings.answer_by)?;
        let workspace = self.workspace()?;
        let chart = workspace.chart(&request.chart.name, request.files)?;
        let values = workspace.values(request.values)?;
        let arguments = arguments::template(request, &chart, &values);
        let output = process::run(
            program,
            &arguments,
            &workspace,
            &self.limits(),
            &self.running,
        )?;
        if output.is_success() {
            return Ok(output.stdout.into());
        }
        let own = request
            .files
            .iter()
            .filter(|file| file.path == "values.yaml");
        let values: Vec<_> = own
            .map(|file| file.content.clone())
            .chain(request.values.iter().cloned())
            .collect();
        let words = message::shown(&output.stderr, &workspace, &values, &self.masker);
        let name = display(&request.chart.name);
        Err(Error::render(format!(
            "helm could not render chart `{name}` ({}){words}",
            output.ended()
        )))
    }
}

impl Charts for Helm {
    fn template(&self, request: &ChartRequest<'_>) -> Result<Arc<[u8]>> {
        let output = self
            .outputs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(digest(request))
            .or_default()
            .clone();
        output.get_or_init(|| self.run(request)).clone()
    }
}

/// Names everything that decides what helm gives.
fn digest(request: &ChartRequest<'_>) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    for argument in arguments::template(request, "", &[]) {
        part(argument.as_encoded_bytes());
    }
    part(request.chart.name.as_bytes());
    part(b"values");
    request.values.iter().for_each(|values| part(values));
    part(b"files");
    for file in request.files {
        part(file.path.as_bytes());
        part(&file.content);
    }
    hash.finalize().into()
}

/// So many may run at once.
#[derive(Debug)]
struct Slots {
    free: Mutex<usize>,
    changed: Condvar,
}

struct Slot<'a>(&'a Slots);

impl Slots {
    fn new(n: usize) -> Self {
        Self {
            free: Mutex::new(n),
            changed: Condvar::new(),
        }
    }

    fn take(&self, answer_by: Option<Instant>) -> Result<Slot<'_>> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            let left = answer_by.map_or(Duration::MAX, |end| {
                end.saturating_duration_since(Instant::now())
            });
            if left.is_zero() {
                return Err(Error::new(
                    Reason::Timeout,
                    "the time of the command was over before helm was run",
                ));
            }
            let waited = self.changed.wait_timeout(free, left);
            free = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        *free -= 1;
        Ok(Slot(self))
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.changed.notify_one();
    }
}

#[cfg(test)]
mod tests;
