//! Measures pushboat beside its peers, in one run on one control plane: `make bench`, or `cargo bench --bench side_by_side -- PART…`.
//!
//! Figures are medians over rounds that take turns, so that a busy machine slows everybody alike. A figure that misses its bar is said so
//! in the table and never fails the run: only a program that answers wrongly does.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark that prints its table"
)]

mod fleet;
mod objects;
mod plane;
mod process;
mod raw;
mod rendering;
mod samples;
mod slow;
mod startup;
mod table;

use std::process::ExitCode;

/// What a part of the run may fail with: nobody branches on it.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// The parts in the order they run, by the name that selects them.
const PARTS: [&str; 5] = ["startup", "render", "objects", "memory", "fleet"];

fn main() -> ExitCode {
    // Cargo passes `--bench`; the rest names parts.
    let chosen: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    if let Some(odd) = chosen.iter().find(|word| !PARTS.contains(&word.as_str())) {
        eprintln!(
            "error: no part is called `{odd}`: choose from {}",
            PARTS.join(", ")
        );
        return ExitCode::from(2);
    }
    match run(&chosen) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(chosen: &[String]) -> Outcome {
    let is_chosen = |part: &str| chosen.is_empty() || chosen.iter().any(|word| word == part);
    let folder = tempfile::Builder::new()
        .prefix("pushboat-bench-")
        .tempdir()?;
    let mut bench = process::Bench::new(folder.path())?;
    eprintln!("{}", bench.table.machine());
    if is_chosen("startup") {
        startup::run(&mut bench)?;
    }
    if is_chosen("render") {
        rendering::run(&mut bench)?;
    }
    if ["objects", "memory", "fleet"].into_iter().any(is_chosen) {
        let plane = plane::Plane::start(&mut bench)?;
        if is_chosen("objects") {
            objects::first_sync(&mut bench, &plane)?;
            objects::drift(&mut bench, &plane)?;
        }
        if is_chosen("memory") {
            objects::memory(&mut bench)?;
        }
        if is_chosen("fleet") {
            fleet::run(&mut bench, &plane)?;
        }
    }
    println!("{}", bench.table.text());
    let file = bench.table.save()?;
    println!("written to {}", file.display());
    Ok(())
}
