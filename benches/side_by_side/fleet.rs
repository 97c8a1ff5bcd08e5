//! Many clusters at once: 100 names, one of them slow. All are one API server on this machine, so its work is paid 100 times here
//! and would be paid by 100 machines elsewhere; the bar is about the slow one holding up nobody.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::Outcome;
use crate::plane::Plane;
use crate::process::{Bench, in_turns, seconds};
use crate::samples;
use crate::slow;
use crate::table::Limit;

const CLUSTERS: usize = 100;
const APPS: usize = 10;
/// Apps at once: enough that the apps of a slow cluster do not take every place.
const PARALLELISM: &str = "200";
/// How late the slow cluster answers: another continent, through a VPN.
const DELAY: Duration = Duration::from_millis(300);

pub(crate) fn run(bench: &mut Bench, plane: &Plane) -> Outcome {
    let repo = bench.folder.join("fleet");
    write_repo(&repo)?;
    let fast = write_kubeconfig(&bench.folder, plane, None)?;
    let slow = write_kubeconfig(&bench.folder, plane, Some(DELAY))?;
    let pushboat = |kubeconfig: &Path, args: &[&str]| -> Command {
        let mut command = bench.pushboat(&repo);
        command
            .env("KUBECONFIG", kubeconfig)
            .arg("app")
            .args(args)
            .args(["--parallelism", PARALLELISM]);
        command
    };
    let first = seconds(pushboat(&fast, &["sync", "--all", "--yes"]))?;
    let mut all = |_| seconds(pushboat(&slow, &["diff", "--all"]));
    let mut slowest = |_| seconds(pushboat(&slow, &["diff", "--all", "--cluster", &name(0)]));
    let mut without = |_| seconds(pushboat(&fast, &["diff", "--all"]));
    let mut one = |_| seconds(pushboat(&fast, &["diff", "--all", "--cluster", &name(1)]));
    let medians = in_turns(
        bench.rounds,
        &mut [&mut all, &mut slowest, &mut without, &mut one],
    )?;
    let job = "fleet of 100 clusters with 10 apps each";
    bench
        .table
        .time(job, "first sync of all 1,000 apps (one run)", first);
    bench.table.time(job, "drift of one cluster", medians[3]);
    bench.table.time(job, "drift of all clusters", medians[2]);
    bench.table.time(
        job,
        "drift of the slow cluster alone (answers 300 ms late)",
        medians[1],
    );
    bench
        .table
        .time(job, "drift of all clusters, one of them slow", medians[0]);
    bench.table.ratio(
        job,
        "all with a slow one / the slow one alone",
        medians[0] / medians[1],
        Some(Limit::AtMost(1.5)),
    );
    Ok(())
}

/// Ten apps of three objects for each cluster, all in one namespace of its own.
fn write_repo(repo: &Path) -> Outcome {
    samples::new_repo(repo)?;
    let objects: Vec<Value> = samples::group(0)
        .into_iter()
        .filter(|object| object["kind"] == "ConfigMap")
        .collect();
    for cluster in (0..CLUSTERS).map(name) {
        let app = |n| {
            samples::application(
                &format!("app-{n}"),
                &format!("apps/app-{n}"),
                &format!("fleet-{cluster}"),
            )
        };
        samples::write_cluster(repo, &cluster, &(0..APPS).map(app).collect::<Vec<_>>())?;
    }
    for n in 0..APPS {
        // Apps of one namespace must not want the same objects.
        let own = objects.iter().cloned().map(|mut object| {
            object["metadata"]["name"] = json!(format!(
                "{}-{n}",
                object["metadata"]["name"].as_str().unwrap_or_default()
            ));
            object
        });
        let folder = repo.join(format!("apps/app-{n}"));
        std::fs::create_dir_all(&folder)?;
        std::fs::write(
            folder.join("app.yaml"),
            samples::yaml(&own.collect::<Vec<_>>())?,
        )?;
    }
    Ok(())
}

fn name(n: usize) -> String {
    format!("cluster-{n:03}")
}

/// A context for each cluster name; the first through a slow line, where one is asked for.
fn write_kubeconfig(folder: &Path, plane: &Plane, delay: Option<Duration>) -> Outcome<PathBuf> {
    let text = std::fs::read_to_string(&plane.kubeconfig)?;
    let real: Value = serde_yaml::from_str(&text)?;
    let server = real["clusters"][0]["cluster"]["server"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let late = match delay {
        Some(delay) => {
            let address = server.trim_start_matches("https://").parse()?;
            format!("https://{}", slow::listen(address, delay)?)
        }
        None => server.clone(),
    };
    let cluster = |n: usize| {
        let mut cluster = real["clusters"][0]["cluster"].clone();
        cluster["server"] = json!(if n == 0 { &late } else { &server });
        json!({"name": name(n), "cluster": cluster})
    };
    let context = |n: usize| json!({"name": name(n), "context": {"cluster": name(n), "user": real["users"][0]["name"]}});
    let document = json!({"apiVersion": "v1", "kind": "Config", "users": real["users"],
        "clusters": (0..CLUSTERS).map(cluster).collect::<Vec<_>>(),
        "contexts": (0..CLUSTERS).map(context).collect::<Vec<_>>()});
    let file = folder.join(if delay.is_some() {
        "kubeconfig-slow"
    } else {
        "kubeconfig-fleet"
    });
    std::fs::write(&file, serde_json::to_vec(&document)?)?;
    Ok(file)
}
