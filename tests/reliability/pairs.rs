//! Two syncs of one app at once, which want different objects: each does all its writes without one of the other in between, and the
//! second deletes what only the first wanted. Nobody unlocks anything by hand.

use super::plane;
use crate::support::scene::config_map;
use crate::support::{Repo, Scene, is_long};
use std::path::{Path, PathBuf};

/// Pairs in the suite, and in a long run.
const SHORT: usize = 8;
const LONG: usize = 1000;

/// One of the two: a working tree at the same commit, with a file that the other lacks, and a user of its own for the audit log.
struct Writer {
    user: &'static str,
    tree: PathBuf,
    kubeconfig: PathBuf,
}

impl Writer {
    fn new(scene: &Scene, user: &'static str, tree: &Path) -> Self {
        Self {
            user,
            tree: tree.to_owned(),
            kubeconfig: plane().kubeconfig_for(user, "system:masters"),
        }
        .with(scene, 0)
    }

    /// What this writer wants in a round: one object of its own, and a common one with its own value.
    fn with(self, scene: &Scene, round: usize) -> Self {
        let folder = self.tree.join("apps").join(&scene.namespace);
        std::fs::create_dir_all(&folder).unwrap();
        let mut objects = vec![config_map("common", &format!("{} {round}", self.user))];
        objects.extend((0..3).map(|n| config_map(&format!("of-{}-{n}", self.user), "x")));
        for object in objects {
            let name = object["metadata"]["name"].as_str().unwrap();
            let file = folder.join(format!("configmap-{name}.yaml"));
            std::fs::write(file, object.to_string()).unwrap();
        }
        self
    }

    fn start(&self, scene: &Scene) -> crate::support::Running {
        let args = ["app", "sync", &scene.namespace, "--yes", "--prune"];
        scene
            .pushboat(&args)
            .dir(&self.tree)
            .kubeconfig(&self.kubeconfig)
            .start()
    }
}

/// Users of the writes of a pair, the Lease's left out, each run of one user once.
fn turns(scene: &Scene) -> Vec<String> {
    let writes = scene.writes();
    let mut users: Vec<String> = writes
        .iter()
        .filter(|event| event.resource != "leases" && event.code < 300)
        .map(|event| event.user.clone())
        .collect();
    users.dedup();
    users
}

fn live(scene: &Scene) -> Vec<String> {
    let list = scene.live("configmaps");
    let items = list["items"].as_array().unwrap().iter();
    let names = items.map(|item| item["metadata"]["name"].as_str().unwrap().to_owned());
    let mut names: Vec<String> = names.filter(|name| name.starts_with("of-")).collect();
    names.sort();
    names
}

#[test]
fn two_syncs_at_once_write_one_after_the_other() {
    let scene = Scene::new(plane(), "pairs", &[]);
    let clone: Repo = scene.repo.cloned();
    let mut one = Writer::new(&scene, "pair-one", scene.repo.path());
    let mut two = Writer::new(&scene, "pair-two", clone.path());
    let n_pairs = if is_long() { LONG } else { SHORT };
    for round in 0..n_pairs {
        (one, two) = (one.with(&scene, round), two.with(&scene, round));
        scene.mark();
        let (first, second) = match round % 2 {
            0 => (one.start(&scene), two.start(&scene)),
            _ => (two.start(&scene), one.start(&scene)),
        };
        for running in [first, second] {
            let answer = running.wait();
            assert_eq!(answer.code, 0, "pair {round}: {answer:?}");
        }
        let turns = turns(&scene);
        assert_eq!(turns.len(), 2, "pair {round}: {turns:?}");
        let last = turns.last().unwrap();
        let expected: Vec<_> = (0..3).map(|n| format!("of-{last}-{n}")).collect();
        assert_eq!(live(&scene), expected, "pair {round}");
    }
    eprintln!("{n_pairs} pairs of syncs, none of them interleaved");
}
