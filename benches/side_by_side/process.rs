//! Runs programs, measures how long they take and how much memory they need.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::table::Table;

/// What every part works with.
pub(crate) struct Bench {
    /// Removed at the end.
    pub(crate) folder: PathBuf,
    pub(crate) table: Table,
    /// Rounds of what takes seconds; what takes milliseconds has ten times as many.
    pub(crate) rounds: usize,
    path: String,
    kubeconfig: Option<PathBuf>,
}

/// One finished program.
pub(crate) struct Ran {
    pub(crate) wall: Duration,
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Bench {
    pub(crate) fn new(folder: &Path) -> Outcome<Self> {
        let rounds = std::env::var("BENCH_ROUNDS")
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(5);
        let bin = Command::new(root().join("testdata/controlplane/bin.sh")).output()?;
        let path = format!(
            "{}:{}",
            String::from_utf8(bin.stdout)?.trim(),
            std::env::var("PATH")?
        );
        let mut bench = Self {
            folder: folder.to_path_buf(),
            table: Table::default(),
            rounds,
            path,
            kubeconfig: None,
        };
        bench.table.versions = bench.versions();
        Ok(bench)
    }

    pub(crate) fn use_kubeconfig(&mut self, file: &Path) {
        self.kubeconfig = Some(file.to_path_buf());
    }

    fn versions(&self) -> Vec<String> {
        let version = |program: &str, args: &[&str]| {
            let ran = self.peer(program).args(args).output().ok()?;
            let text = String::from_utf8_lossy(&ran.stdout).trim().to_owned();
            Some(
                text.rsplit([' ', '\n'])
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
            )
            .filter(|text| !text.is_empty())
        };
        let kubectl = version(
            "kubectl",
            &[
                "version",
                "--client",
                "-o",
                "go-template={{.clientVersion.gitVersion}}",
            ],
        );
        let module = self.module("kubectl").or(kubectl).unwrap_or_default();
        let kustomize = self.module("kustomize").unwrap_or_default();
        let api_server = self.module("kube-apiserver").unwrap_or_default();
        vec![
            format!("pushboat {}", env!("CARGO_PKG_VERSION")),
            format!("kubectl {module}"),
            format!("kube-apiserver {api_server}"),
            format!("kustomize {kustomize}"),
        ]
    }

    /// What a Go program was built from: programs built without linker flags do not say it themselves.
    fn module(&self, program: &str) -> Option<String> {
        let file = std::env::split_paths(&self.path)
            .map(|folder| folder.join(program))
            .find(|file| file.is_file())?;
        let ran = Command::new("go")
            .args(["version", "-m"])
            .arg(file)
            .output()
            .ok()?;
        let text = String::from_utf8_lossy(&ran.stdout).into_owned();
        let wanted = if program == "kustomize" {
            "sigs.k8s.io/kustomize/kustomize/v5"
        } else {
            "k8s.io/kubernetes"
        };
        let line = text.lines().find(|line| {
            line.split_whitespace().any(|word| word == wanted) && line.contains("\tv")
        })?;
        line.split_whitespace()
            .find(|word| word.starts_with('v'))
            .map(str::to_owned)
    }

    /// The program under test, in an environment of its own.
    pub(crate) fn pushboat(&self, repo: &Path) -> Command {
        let mut command = self.peer(env!("CARGO_BIN_EXE_pushboat"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PUSHBOAT_") {
                command.env_remove(name);
            }
        }
        command
            .env("PUSHBOAT_CONFIG_DIR", self.folder.join("config"))
            .env("PUSHBOAT_CACHE_DIR", self.folder.join("cache"))
            .current_dir(repo);
        command
    }

    pub(crate) fn peer(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env("PATH", &self.path)
            .env("NO_COLOR", "1")
            .stdin(Stdio::null());
        if let Some(kubeconfig) = &self.kubeconfig {
            command.env("KUBECONFIG", kubeconfig);
        }
        command
    }

    /// kubectl with a discovery cache that the first run warms.
    pub(crate) fn kubectl(&self) -> Command {
        let mut command = self.peer("kubectl");
        command
            .arg("--cache-dir")
            .arg(self.folder.join("kubectl-cache"));
        command
    }
}

/// The repository this was built from.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Runs a program to its end and takes its time; its output goes through pipes, as in a pipeline.
pub(crate) fn run(mut command: Command) -> Outcome<Ran> {
    let started = Instant::now();
    let output = command
        .output()
        .map_err(|error| format!("failed to start {command:?}: {error}"))?;
    Ok(Ran {
        wall: started.elapsed(),
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// As [`run`], and the program must end with this code: a wrong answer is no figure.
pub(crate) fn run_expecting(code: i32, command: Command) -> Outcome<Ran> {
    let shown = format!("{command:?}");
    let ran = run(command)?;
    if ran.code == code {
        return Ok(ran);
    }
    let tail: String = ran
        .stderr
        .lines()
        .chain(ran.stdout.lines())
        .take(12)
        .collect::<Vec<_>>()
        .join("\n");
    Err(format!("{shown} ended with {}, expected {code}:\n{tail}", ran.code).into())
}

/// The time of one run, which must succeed.
pub(crate) fn seconds(command: Command) -> Outcome<f64> {
    Ok(run_expecting(0, command)?.wall.as_secs_f64())
}

/// The peak of a run's resident memory in bytes, read from the kernel while it runs; `None` where there is no `/proc`.
pub(crate) fn peak_memory(mut command: Command) -> Outcome<Option<u64>> {
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak = None;
    let ended = loop {
        // The high-water mark only grows, so the last one read before the end is it.
        peak = high_water_mark(&status).or(peak);
        if let Some(ended) = child.try_wait()? {
            break ended;
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    if !ended.success() {
        return Err(format!("{command:?} failed while its memory was measured").into());
    }
    Ok(peak)
}

fn high_water_mark(status: &Path) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// The middle of some figures.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Lets several candidates take turns for some rounds, and returns the median of each.
pub(crate) fn in_turns(
    rounds: usize,
    candidates: &mut [&mut dyn FnMut(usize) -> Outcome<f64>],
) -> Outcome<Vec<f64>> {
    let mut figures = vec![Vec::new(); candidates.len()];
    for round in 0..rounds {
        for (candidate, figures) in candidates.iter_mut().zip(&mut figures) {
            figures.push(candidate(round)?);
        }
    }
    Ok(figures.into_iter().map(median).collect())
}
