//! What was measured, as a table for people and as JSON for comparisons.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::Outcome;

#[derive(Default)]
pub(crate) struct Table {
    pub(crate) versions: Vec<String>,
    rows: Vec<Row>,
}

struct Row {
    job: String,
    what: String,
    value: String,
    /// Seconds, bytes or a ratio.
    figure: f64,
    bar: Option<Bar>,
}

struct Bar {
    words: String,
    is_met: bool,
}

/// What a ratio must be.
#[derive(Clone, Copy)]
pub(crate) enum Limit {
    AtLeast(f64),
    AtMost(f64),
}

impl Table {
    /// A time, with no bar of its own.
    pub(crate) fn time(&mut self, job: &str, what: &str, seconds: f64) {
        self.add(job, what, format_time(seconds), seconds, None);
    }

    /// A time that must stay under a bar.
    pub(crate) fn time_under(&mut self, job: &str, what: &str, seconds: f64, limit: f64) {
        let bar = Bar {
            words: format!("< {}", format_time(limit)),
            is_met: seconds < limit,
        };
        self.add(job, what, format_time(seconds), seconds, Some(bar));
    }

    pub(crate) fn bytes(&mut self, job: &str, what: &str, bytes: u64, limit: Option<u64>) {
        let mebibytes = bytes as f64 / (1024.0 * 1024.0);
        let bar = limit.map(|limit| Bar {
            words: format!("< {} MB", limit / 1_000_000),
            is_met: bytes < limit,
        });
        self.add(job, what, format!("{mebibytes:.1} MiB"), bytes as f64, bar);
    }

    pub(crate) fn ratio(&mut self, job: &str, what: &str, ratio: f64, limit: Option<Limit>) {
        let bar = limit.map(|limit| match limit {
            Limit::AtLeast(wanted) => Bar {
                words: format!("≥ {wanted} ×"),
                is_met: ratio >= wanted,
            },
            Limit::AtMost(wanted) => Bar {
                words: format!("≤ {wanted} ×"),
                is_met: ratio <= wanted,
            },
        });
        self.add(job, what, format!("{ratio:.2} ×"), ratio, bar);
    }

    fn add(&mut self, job: &str, what: &str, value: String, figure: f64, bar: Option<Bar>) {
        let row = Row {
            job: job.to_owned(),
            what: what.to_owned(),
            value,
            figure,
            bar,
        };
        eprintln!("{}", line(&row));
        self.rows.push(row);
    }

    /// Where this was measured; the load says how much to believe it.
    pub(crate) fn machine(&self) -> String {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = load.split(' ').take(3).collect::<Vec<_>>().join(" ");
        format!("{cores} cores, load {load}, {}", self.versions.join(", "))
    }

    pub(crate) fn text(&self) -> String {
        let missed = self
            .rows
            .iter()
            .filter(|row| row.bar.as_ref().is_some_and(|bar| !bar.is_met))
            .count();
        let mut lines = vec![String::new(), self.machine(), String::new()];
        let mut job = "";
        for row in &self.rows {
            if row.job != job {
                job = &row.job;
                lines.push(job.to_owned());
            }
            lines.push(line(row));
        }
        lines.push(String::new());
        lines.push(match missed {
            0 => "every bar is met".to_owned(),
            1 => "1 bar is missed".to_owned(),
            n => format!("{n} bars are missed"),
        });
        lines.join("\n")
    }

    /// Writes `results.json` beside the build.
    pub(crate) fn save(&self) -> Outcome<PathBuf> {
        let rows: Vec<Value> = self.rows.iter().map(as_json).collect();
        let document = json!({"schemaVersion": 1, "machine": self.machine(), "rows": rows});
        let folder = target().join("bench");
        std::fs::create_dir_all(&folder)?;
        let file = folder.join("results.json");
        std::fs::write(&file, serde_json::to_vec_pretty(&document)?)?;
        Ok(file)
    }
}

fn line(row: &Row) -> String {
    let bar = row.bar.as_ref().map(|bar| {
        format!(
            "{:<9} {}",
            bar.words,
            if bar.is_met { "met" } else { "MISSED" }
        )
    });
    format!(
        "  {:<62} {:>10}  {}",
        row.what,
        row.value,
        bar.unwrap_or_default()
    )
    .trim_end()
    .to_owned()
}

fn as_json(row: &Row) -> Value {
    let bar = row
        .bar
        .as_ref()
        .map(|bar| json!({"limit": bar.words, "met": bar.is_met}));
    json!({"job": row.job, "what": row.what, "figure": row.figure, "bar": bar})
}

fn format_time(seconds: f64) -> String {
    if seconds < 0.1 {
        format!("{:.1} ms", seconds * 1000.0)
    } else {
        format!("{seconds:.2} s")
    }
}

/// The build's folder: the program stands in `<target>/<profile>`.
fn target() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_pushboat"));
    program
        .ancestors()
        .nth(2)
        .map(Path::to_path_buf)
        .unwrap_or_default()
}
