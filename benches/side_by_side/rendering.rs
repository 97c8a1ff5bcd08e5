//! Rendering of kustomize overlays, beside `kustomize build`.

use std::path::{Path, PathBuf};

use crate::Outcome;
use crate::process::{Bench, in_turns, root, run_expecting, seconds};
use crate::samples;
use crate::table::Limit;

const OVERLAYS: usize = 100;

pub(crate) fn run(bench: &mut Bench) -> Outcome {
    sample(bench)?;
    hundred(bench)?;
    growth(bench)
}

fn render(bench: &Bench, folder: &Path) -> Outcome<f64> {
    let mut command = bench.pushboat(folder);
    command.args(["render", "."]);
    seconds(command)
}

fn kustomize(bench: &Bench, folder: &Path) -> Outcome<f64> {
    let mut command = bench.peer("kustomize");
    command.arg("build").arg(folder);
    seconds(command)
}

/// The overlay of the sample repository: five objects, a patch, a generator.
fn sample(bench: &mut Bench) -> Outcome {
    let overlay = root().join("testdata/repos/sample/apps/overlays/dev");
    let mut ours = |_| render(bench, &overlay);
    let mut theirs = |_| kustomize(bench, &overlay);
    let medians = in_turns(bench.rounds * 4, &mut [&mut ours, &mut theirs])?;
    let job = "render one small overlay";
    bench.table.time(job, "pushboat render", medians[0]);
    bench.table.time(job, "kustomize build", medians[1]);
    bench.table.ratio(
        job,
        "kustomize / pushboat",
        medians[1] / medians[0],
        Some(Limit::AtLeast(10.0)),
    );
    Ok(())
}

/// 100 apps, each with an overlay of ten objects: one run of pushboat, 100 of kustomize.
fn hundred(bench: &mut Bench) -> Outcome {
    let repo = bench.folder.join("overlays");
    samples::new_repo(&repo)?;
    let name = |n: usize| format!("app-{n:03}");
    let overlay = |n: usize| format!("apps/{}/overlays/prod", name(n));
    for n in 0..OVERLAYS {
        samples::write_overlay(
            &repo.join("apps").join(name(n)).join("base"),
            &repo.join(overlay(n)),
            1,
            true,
        )?;
    }
    let apps: Vec<_> = (0..OVERLAYS)
        .map(|n| samples::application(&name(n), &overlay(n), "team"))
        .collect();
    samples::write_cluster(&repo, "prod", &apps)?;
    let kubeconfig = write_kubeconfig(&bench.folder)?;
    let mut ours = |_| {
        let mut command = bench.pushboat(&repo);
        command
            .env("KUBECONFIG", &kubeconfig)
            .args(["app", "manifests", "--all"]);
        seconds(command)
    };
    let mut theirs = |_| {
        (0..OVERLAYS)
            .map(|n| kustomize(bench, &repo.join(overlay(n))))
            .sum()
    };
    let medians = in_turns(bench.rounds, &mut [&mut ours, &mut theirs])?;
    let job = "render 100 overlays of 10 objects";
    bench
        .table
        .time(job, "pushboat app manifests --all", medians[0]);
    bench.table.time(job, "100 × kustomize build", medians[1]);
    bench.table.ratio(
        job,
        "kustomize / pushboat",
        medians[1] / medians[0],
        Some(Limit::AtLeast(50.0)),
    );
    Ok(())
}

/// One overlay, larger and larger.
fn growth(bench: &mut Bench) -> Outcome {
    let job = "render one overlay of many objects";
    let mut per_object = Vec::new();
    for n_groups in [100, 500, 2000] {
        let folder = bench.folder.join(format!("overlay-{n_groups}"));
        samples::new_repo(&folder)?;
        samples::write_overlay(&folder.join("base"), &folder.join("prod"), n_groups, true)?;
        let overlay = folder.join("prod");
        check_same(bench, &overlay, n_groups)?;
        let mut ours = |_| render(bench, &overlay);
        let ours = in_turns(bench.rounds, &mut [&mut ours])?[0];
        bench.table.time(
            job,
            &format!("pushboat render, {} objects", n_groups * 10),
            ours,
        );
        per_object.push(ours / n_groups as f64);
        let is_long = n_groups > 100;
        if !is_long || (n_groups == 500 && std::env::var_os("BENCH_LONG").is_some()) {
            let theirs = kustomize(bench, &overlay)?;
            bench.table.time(
                job,
                &format!("kustomize build, {} objects (one run)", n_groups * 10),
                theirs,
            );
            // kustomize's time grows with the square.
            let bar = if is_long { 200.0 } else { 20.0 };
            bench.table.ratio(
                job,
                &format!("kustomize / pushboat, {} objects", n_groups * 10),
                theirs / ours,
                Some(Limit::AtLeast(bar)),
            );
        }
    }
    if std::env::var_os("BENCH_LONG").is_none() {
        eprintln!(
            "  kustomize takes more than a minute for 5,000 objects: BENCH_LONG=1 measures it too"
        );
    }
    bench.table.ratio(
        job,
        "time per object, 20,000 / 1,000",
        per_object[2] / per_object[0],
        Some(Limit::AtMost(1.5)),
    );
    Ok(())
}

/// A fast wrong answer is none: where kustomize is quick enough, the two must print the same.
fn check_same(bench: &Bench, overlay: &Path, n_groups: usize) -> Outcome {
    if n_groups > 100 {
        return Ok(());
    }
    let mut ours = bench.pushboat(overlay);
    ours.args(["render", "."]);
    let mut theirs = bench.peer("kustomize");
    theirs.arg("build").arg(overlay);
    if run_expecting(0, ours)?.stdout == run_expecting(0, theirs)?.stdout {
        return Ok(());
    }
    Err(format!(
        "pushboat and kustomize render {} differently",
        overlay.display()
    )
    .into())
}

/// Names a cluster; nothing of it is ever asked.
fn write_kubeconfig(folder: &Path) -> Outcome<PathBuf> {
    let file = folder.join("kubeconfig-render");
    let text = "apiVersion: v1\nkind: Config\ncontexts: [{name: prod, context: {cluster: prod, user: prod}}]\n\
                clusters: [{name: prod, cluster: {server: \"https://127.0.0.1:1\"}}]\nusers: [{name: prod, user: {}}]\n";
    std::fs::write(&file, text)?;
    Ok(file)
}
