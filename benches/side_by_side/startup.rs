//! Start-up: what a shell waits for.

use crate::Outcome;
use crate::process::{Bench, in_turns, seconds};

pub(crate) fn run(bench: &mut Bench) -> Outcome {
    let folder = bench.folder.clone();
    let pushboat = |args: &[&str]| {
        let mut command = bench.pushboat(&folder);
        command.args(args);
        seconds(command)
    };
    let mut version = |_| pushboat(&["--version"]);
    let mut completion = |_| pushboat(&["completion", "bash"]);
    let mut kustomize = |_| {
        let mut command = bench.peer("kustomize");
        command.arg("version");
        seconds(command)
    };
    let medians = in_turns(
        bench.rounds * 10,
        &mut [&mut version, &mut completion, &mut kustomize],
    )?;
    let job = "start-up";
    bench
        .table
        .time_under(job, "pushboat --version", medians[0], 0.010);
    bench
        .table
        .time_under(job, "pushboat completion bash", medians[1], 0.010);
    bench.table.time(job, "kustomize version", medians[2]);
    Ok(())
}
