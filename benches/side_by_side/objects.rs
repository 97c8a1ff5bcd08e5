//! One app on one cluster: first sync, drift, a sync with nothing to do, and memory.

use std::path::PathBuf;
use std::process::Command;

use crate::Outcome;
use crate::plane::Plane;
use crate::process::{Bench, in_turns, peak_memory, run_expecting, seconds};
use crate::raw::Raw;
use crate::samples;
use crate::table::Limit;

/// Groups of ten objects.
const THOUSAND: usize = 100;
const TEN_THOUSAND: usize = 1000;
/// What takes a tenth of a second is run this many times as often as what takes seconds.
const REPEATS: usize = 5;

fn repo(bench: &Bench) -> PathBuf {
    bench.folder.join("repo")
}

fn pushboat(bench: &Bench, args: &[&str]) -> Command {
    let mut command = bench.pushboat(&repo(bench));
    command.arg("app").args(args);
    command
}

fn kubectl(bench: &Bench, args: &[&str], namespace: &str) -> Command {
    let mut command = bench.kubectl();
    command
        .args(args)
        .args(["--server-side", "--namespace", namespace, "--filename"]);
    command.arg(repo(bench).join("apps/load"));
    command
}

/// The repository of 1,000 objects, deployed once a round, each time to a namespace of its own.
fn prepare(bench: &Bench) -> Outcome {
    let repo = repo(bench);
    samples::new_repo(&repo)?;
    samples::write_manifests(&repo.join("apps/load"), THOUSAND)?;
    let mut apps: Vec<_> = (0..bench.rounds)
        .map(|round| {
            samples::application(
                &format!("load-{round}"),
                "apps/load",
                &format!("push-{round}"),
            )
        })
        .collect();
    apps.push(samples::application("large", "apps/large", "large"));
    samples::write_cluster(&repo, "bench", &apps)
}

/// The first sync of 1,000 objects, beside kubectl and beside the requests alone.
pub(crate) fn first_sync(bench: &mut Bench, plane: &Plane) -> Outcome {
    prepare(bench)?;
    for round in 0..bench.rounds {
        for tool in ["push", "kubectl", "raw"] {
            let mut command = bench.kubectl();
            command.args(["create", "namespace", &format!("{tool}-{round}")]);
            run_expecting(0, command)?;
        }
    }
    let objects: Vec<_> = (0..THOUSAND).flat_map(samples::group).collect();
    let raw = Raw::connect(&plane.kubeconfig)?;
    raw.list(&objects, "raw-0")?; // opens the connections
    let mut ours = |round| {
        seconds(pushboat(
            bench,
            &["sync", &format!("load-{round}"), "--yes"],
        ))
    };
    let mut theirs = |round| seconds(kubectl(bench, &["apply"], &format!("kubectl-{round}")));
    let mut floor = |round| raw.apply(&objects, &format!("raw-{round}"));
    let medians = in_turns(bench.rounds, &mut [&mut ours, &mut theirs, &mut floor])?;
    let job = "first sync of 1,000 objects";
    bench.table.time(job, "pushboat app sync --yes", medians[0]);
    bench
        .table
        .time(job, "kubectl apply --server-side", medians[1]);
    bench
        .table
        .time(job, "the same PATCHes alone, 16 at once", medians[2]);
    bench.table.ratio(
        job,
        "pushboat / PATCHes alone",
        medians[0] / medians[2],
        Some(Limit::AtMost(1.3)),
    );
    bench
        .table
        .ratio(job, "kubectl / pushboat", medians[1] / medians[0], None);
    Ok(())
}

/// The drift of 1,000 objects that are in sync, and a sync that finds nothing to do. Needs [`first_sync`].
pub(crate) fn drift(bench: &mut Bench, plane: &Plane) -> Outcome {
    let objects: Vec<_> = (0..THOUSAND).flat_map(samples::group).collect();
    let raw = Raw::connect(&plane.kubeconfig)?;
    raw.list(&objects, "push-0")?;
    let mut ours = |_| seconds(pushboat(bench, &["diff", "load-0"]));
    let mut nothing = |_| seconds(pushboat(bench, &["sync", "load-0", "--yes"]));
    let mut floor = |_| raw.list(&objects, "push-0");
    let rounds = bench.rounds * REPEATS;
    let medians = in_turns(rounds, &mut [&mut ours, &mut nothing, &mut floor])?;
    let (ours, nothing, floor) = (medians[0], medians[1], medians[2]);
    let mut exact = |_| seconds(pushboat(bench, &["diff", "load-0", "--exact"]));
    let mut theirs = |_| seconds(kubectl(bench, &["diff"], "kubectl-0"));
    let medians = in_turns(bench.rounds, &mut [&mut exact, &mut theirs])?;
    let (exact, theirs) = (medians[0], medians[1]);
    let job = "drift of 1,000 objects in sync";
    bench.table.time(job, "pushboat app diff", ours);
    bench.table.time(job, "pushboat app diff --exact", exact);
    bench.table.time(job, "kubectl diff --server-side", theirs);
    bench
        .table
        .time(job, "the LISTs alone, not decoded, connections open", floor);
    bench.table.ratio(
        job,
        "kubectl / pushboat",
        theirs / ours,
        Some(Limit::AtLeast(30.0)),
    );
    bench
        .table
        .ratio(job, "kubectl / pushboat --exact", theirs / exact, None);
    bench
        .table
        .ratio(job, "pushboat / LISTs alone", ours / floor, None);
    let job = "sync of 1,000 objects with nothing to do";
    bench.table.time(job, "pushboat app sync --yes", nothing);
    bench
        .table
        .ratio(job, "sync / diff", nothing / ours, Some(Limit::AtMost(1.2)));
    Ok(())
}

/// The peak memory of the drift of 10,000 objects.
pub(crate) fn memory(bench: &mut Bench) -> Outcome {
    prepare(bench)?;
    samples::write_manifests(&repo(bench).join("apps/large"), TEN_THOUSAND)?;
    let sync = seconds(pushboat(bench, &["sync", "large", "--yes"]))?;
    let mut ours = |_| seconds(pushboat(bench, &["diff", "large"]));
    let medians = in_turns(bench.rounds, &mut [&mut ours])?;
    let job = "10,000 objects";
    bench.table.time(job, "first sync (one run)", sync);
    bench.table.time(job, "drift", medians[0]);
    match peak_memory(pushboat(bench, &["diff", "large"]))? {
        Some(bytes) => bench
            .table
            .bytes(job, "peak memory of the drift", bytes, Some(100_000_000)),
        None => eprintln!("  this system does not tell peak memory"),
    }
    Ok(())
}
