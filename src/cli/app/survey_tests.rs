//! A model of objects that move: random repositories whose apps are edited, broken and mended, and random syncs, deletes and rollbacks of
//! random selections. Reading, rendering, claims and prune decisions are the real ones; only the servers are maps.
//!
//! The law: no object is deleted that another declared app wants, whether that app can be read or not. And once everything can be read,
//! a sync of everything leaves each object with the one app that wants it, and nothing that nobody wants.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::FutureExt;
use serde_json::json;

use super::*;
use crate::object::{Gvk, Object, labels};
use crate::plan::claims::Taking;
use crate::plan::prune::{Evidence, Guards, Kept, plan};
use crate::render::app::{Shared, desired_from};
use crate::render::scope::Names;
use crate::repo::checkout::Revision;
use crate::repo::cluster::{KnownCluster, KnownClusters, KnownContext, known};
use crate::repo::inventory::{self, Inventory};
use crate::repo::remote::Identity;
use crate::repo::tree::MemoryTree;
use crate::repo::{declared, select, servers};

const RUNS: u64 = 2_000;
const STEPS: usize = 14;
/// The first two folders stand for one server.
const FOLDERS: [&str; 3] = ["one", "two", "other"];
const NAMESPACES: [&str; 2] = ["n1", "n2"];
const APPS: [&str; 4] = ["a", "b", "c", "d"];

/// SplitMix64: the same numbers for the same seed everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap_or_default()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// What keeps an app from being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    Manifest,
    /// One of its objects has no kind.
    Kindless,
    NotYaml,
    Mistyped,
    Field,
    Unsupported,
    Nowhere,
}

#[derive(Debug, Clone)]
struct App {
    folder: &'static str,
    namespace: &'static str,
    wants: BTreeSet<Key>,
    flaw: Flaw,
}

/// What the files say of who is who.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proof {
    Address,
    Uid,
    /// The servers would have to be asked, and they answer.
    Asked,
    /// They do not.
    Silent,
}

struct Release {
    keys: BTreeSet<Key>,
    took: BTreeMap<Key, String>,
}

struct Model {
    random: Random,
    proof: Proof,
    apps: BTreeMap<&'static str, App>,
    /// By server and key: the app whose label it carries.
    live: BTreeMap<(usize, Key), Option<String>>,
    history: BTreeMap<&'static str, Vec<Release>>,
    log: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Sync,
    Delete,
    /// To the release with this index.
    Rollback(usize),
}

fn server_of(folder: &str) -> usize {
    usize::from(folder == "other")
}

fn key(random: &mut Random) -> Key {
    let n = random.below(4);
    let (group, kind, namespace) = match random.below(5) {
        0 => ("rbac.authorization.k8s.io", "ClusterRole", ""),
        _ => ("", "ConfigMap", random.pick(&NAMESPACES)),
    };
    Key {
        group: group.to_owned(),
        kind: kind.to_owned(),
        namespace: namespace.to_owned(),
        name: format!("x{n}"),
    }
}

fn served(gvk: &Gvk) -> Option<bool> {
    Some(gvk.kind != "ClusterRole")
}

fn member(key: &Key, set: &str) -> Object {
    let api_version = match key.group.as_str() {
        "" => "v1".to_owned(),
        group => format!("{group}/v1"),
    };
    let label = format!("f:{}", labels::APPLYSET_PART_OF);
    Object::new(json!({
        "apiVersion": api_version, "kind": key.kind,
        "metadata": {
            "name": key.name, "namespace": key.namespace, "uid": key.to_string(), "resourceVersion": "7",
            "labels": {labels::APPLYSET_PART_OF: set},
            "managedFields": [{
                "manager": "pushboat", "operation": "Apply", "fieldsType": "FieldsV1",
                "fieldsV1": {"f:metadata": {"f:labels": {label: {}}}},
            }],
        },
    }))
}

/// What an app wants, and a file of it that cannot be read.
type Rendered = (Vec<Key>, Option<Error>);

/// The repository as one command finds it.
struct Repository {
    tree: Arc<MemoryTree>,
    inventory: Inventory,
    known: KnownClusters,
    read: RefCell<BTreeMap<String, Result<Rendered>>>,
}

impl Repository {
    fn of(model: &Model) -> Self {
        let tree: MemoryTree = model.files().into_iter().collect();
        let inventory = inventory::read(&tree, &Identity::default()).expect("reads");
        let none: [KnownContext; 0] = [];
        let known = known(&inventory.folders, &none, &none);
        Self {
            tree: Arc::new(tree),
            inventory,
            known,
            read: RefCell::default(),
        }
    }

    fn rendered(&self, app: &Declared) -> Result<Rendered> {
        let mut read = self.read.borrow_mut();
        let read = read.entry(app.id()).or_insert_with(|| self.render(app));
        read.clone()
    }

    fn render(&self, app: &Declared) -> Result<Rendered> {
        app.app.check()?;
        let revision = Revision {
            tree: self.tree.clone(),
            id: "worktree".to_owned(),
            is_dirty: false,
            beside: None,
        };
        let desired = desired_from(&app.app, &app.cluster, &revision, &Shared::default())?;
        let names = Names::of(&desired.objects, None);
        let keys = names.keys(&served, &app.app.destination.namespace)?;
        Ok((keys, desired.unreadable.into_iter().next()))
    }

    fn declared(&self, server: &[KnownCluster]) -> Vec<Declaration> {
        let apps = declared::apps(&self.inventory, &self.known);
        let read = |file: &str| {
            let bytes = crate::repo::tree::FileTree::read(&*self.tree, file).ok()?;
            Some(String::from_utf8_lossy(&bytes).into_owned())
        };
        declared::on_server_of(server, &apps, &self.inventory, &self.known, &read)
    }
}

struct Asked<'a> {
    model: &'a Model,
    repository: &'a Repository,
    server: usize,
}

impl World for Asked<'_> {
    async fn keys(&self, app: &Arc<Declared>, _: Access) -> Result<Vec<Key>> {
        match self.repository.rendered(app)? {
            (_, Some(lost)) => Err(lost),
            (keys, None) => Ok(keys),
        }
    }

    async fn recorded(&self, app: &Declared) -> Result<BTreeSet<String>> {
        let live = self.model.live.iter();
        let members = live.filter(|((server, _), set)| {
            *server == self.server && set.as_deref() == Some(&app.app.name)
        });
        Ok(members.map(|((_, key), _)| key.namespace.clone()).collect())
    }

    async fn is_this_server(&self, cluster: &str) -> Result<bool> {
        match self.model.proof {
            Proof::Silent => Err(Error::new(crate::error::Reason::Unreachable, "silence")),
            Proof::Address | Proof::Uid | Proof::Asked => Ok(server_of(cluster) == self.server),
        }
    }

    fn set(&self, app: &Declared) -> String {
        app.app.name.clone()
    }
}

impl Model {
    fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let proof = random.pick(&[Proof::Address, Proof::Uid, Proof::Asked, Proof::Silent]);
        let mut model = Self {
            random,
            proof,
            apps: BTreeMap::new(),
            live: BTreeMap::new(),
            history: BTreeMap::new(),
            log: vec![format!("{proof:?}")],
        };
        for name in APPS {
            model.create(name);
        }
        model
    }

    fn create(&mut self, name: &'static str) {
        let random = &mut self.random;
        let wants = (0..random.below(4)).map(|_| key(random)).collect();
        let app = App {
            folder: random.pick(&["one", "one", "two", "other"]),
            namespace: random.pick(&NAMESPACES),
            wants,
            flaw: Flaw::None,
        };
        self.apps.insert(name, app);
        self.part(name);
    }

    /// No two apps of one server want the same: that is refused, which is tested elsewhere.
    fn part(&mut self, name: &str) {
        let Some(app) = self.apps.get(name).cloned() else {
            return;
        };
        for (other, its) in &mut self.apps {
            if *other != name && server_of(its.folder) == server_of(app.folder) {
                its.wants.retain(|key| !app.wants.contains(key));
            }
        }
    }

    fn files(&self) -> Vec<(String, String)> {
        let uids = match self.proof {
            Proof::Uid => [
                "kubeSystemUID: u1\n",
                "kubeSystemUID: u1\n",
                "kubeSystemUID: u2\n",
            ],
            Proof::Address | Proof::Asked | Proof::Silent => ["", "", ""],
        };
        let addresses = match self.proof {
            Proof::Address => ["https://s", "https://S:443/", "https://t"],
            Proof::Uid | Proof::Asked | Proof::Silent => {
                ["https://s", "https://other-way", "https://t"]
            }
        };
        let mut files = vec![("pushboat.yaml".to_owned(), String::new())];
        for n in 0..3 {
            let text = format!("server: {}\n{}", addresses[n], uids[n]);
            files.push((format!("clusters/{}/cluster.yaml", FOLDERS[n]), text));
        }
        for (name, app) in &self.apps {
            let file = format!("clusters/{}/{name}.yaml", app.folder);
            files.push((file, application(name, app)));
            // The folder must be there when nothing is wanted.
            files.push((format!("apps/{name}/empty.yaml"), "# nothing\n".to_owned()));
            for key in &app.wants {
                let mut object = member(key, "");
                object.value["metadata"] = json!({"name": key.name, "namespace": key.namespace});
                if key.namespace == app.namespace || key.namespace.is_empty() {
                    object.value["metadata"] = json!({"name": key.name});
                }
                if app.flaw == Flaw::Kindless
                    && Some(key) == app.wants.last()
                    && let Some(object) = object.value.as_object_mut()
                {
                    let kind = object.remove("kind");
                    object.insert("kimd".to_owned(), kind.unwrap_or_default());
                }
                let file = format!(
                    "apps/{name}/{}-{}-{}.json",
                    key.kind, key.namespace, key.name
                );
                files.push((file, object.value.to_string()));
            }
            if app.flaw == Flaw::Manifest {
                files.push((format!("apps/{name}/broken.yaml"), "a: [1\n".to_owned()));
            }
        }
        files
    }

    fn step(&mut self) {
        match self.random.below(10) {
            0..=5 => self.edit(),
            6 | 7 => {
                let all = self.random.one_in(3);
                let names: Vec<&str> = APPS
                    .into_iter()
                    .filter(|_| all || self.random.one_in(2))
                    .collect();
                self.run(Act::Sync, &names);
            }
            8 => {
                let name = self.random.pick(&APPS);
                let also = self.random.pick(&APPS);
                self.run(Act::Delete, &[name, also]);
            }
            _ => {
                let name = self.random.pick(&APPS);
                let n = self.history.get(name).map_or(0, Vec::len);
                if n > 1 {
                    let to = self.random.below(n - 1);
                    self.run(Act::Rollback(to), &[name]);
                }
            }
        }
    }

    /// One commit.
    fn edit(&mut self) {
        let (name, other) = (self.random.pick(&APPS), self.random.pick(&APPS));
        match self.random.below(8) {
            0..=3 => self.hand_over(name, other),
            4 => {
                let key = key(&mut self.random);
                if let Some(app) = self.apps.get_mut(name) {
                    app.wants.insert(key);
                }
                self.part(name);
            }
            5 => {
                if let Some(app) = self.apps.get_mut(name) {
                    app.wants.pop_first();
                }
            }
            6 => {
                let flaw = self.random.pick(&[
                    Flaw::None,
                    Flaw::Manifest,
                    Flaw::Kindless,
                    Flaw::NotYaml,
                    Flaw::Mistyped,
                    Flaw::Field,
                    Flaw::Unsupported,
                    Flaw::Nowhere,
                ]);
                if let Some(app) = self.apps.get_mut(name) {
                    app.flaw = flaw;
                }
                self.log.push(format!("{name} {flaw:?}"));
            }
            _ if self.random.one_in(2) => {
                self.apps.remove(name);
                self.log.push(format!("{name} leaves the repository"));
            }
            _ => {
                self.create(name);
                self.log.push(format!("{name} anew"));
            }
        }
    }

    fn hand_over(&mut self, from: &'static str, to: &'static str) {
        let Some(moved) = self.apps.get_mut(from).and_then(|app| app.wants.pop_last()) else {
            return;
        };
        self.log.push(format!("{moved} from {from} to {to}"));
        if let Some(app) = self.apps.get_mut(to) {
            app.wants.insert(moved);
        }
        self.part(to);
    }

    /// One command.
    fn run(&mut self, act: Act, names: &[&str]) {
        self.log.push(format!("{act:?} {names:?}"));
        let repository = Repository::of(self);
        let all = select::everything(&repository.inventory, &repository.known);
        let chosen: Vec<Declared> = all
            .into_iter()
            .filter(|target| names.contains(&target.app.name.as_str()))
            .collect();
        let selected: BTreeSet<Claimant> = chosen.iter().map(claimant).collect();
        let clusters: BTreeMap<String, KnownCluster> = chosen
            .iter()
            .filter_map(|target| {
                Some((
                    target.cluster.clone(),
                    repository.known.get(&target.cluster)?.clone(),
                ))
            })
            .collect();
        for group in servers::groups(clusters.into_values()) {
            let is_here = |target: &&Declared| {
                target.problem.is_none() && group.iter().any(|known| known.name == target.cluster)
            };
            let apps: Vec<&Declared> = chosen.iter().filter(is_here).collect();
            self.on_server(act, &repository, &group, &apps, &selected);
        }
    }

    fn on_server(
        &mut self,
        act: Act,
        repository: &Repository,
        group: &[KnownCluster],
        apps: &[&Declared],
        selected: &BTreeSet<Claimant>,
    ) {
        let server = server_of(&group[0].name);
        let desired = |app: &Declared| match act {
            Act::Sync => repository.rendered(app).ok(),
            Act::Delete => Some((Vec::new(), None)),
            Act::Rollback(to) => {
                let releases = self.history.get(app.app.name.as_str())?;
                Some((releases[to].keys.iter().cloned().collect(), None))
            }
        };
        let asking: Vec<(&Declared, Rendered)> = apps
            .iter()
            .filter_map(|app| Some((*app, desired(app)?)))
            .collect();
        let mut stakes = BTreeSet::new();
        let mut sets = BTreeSet::new();
        for (app, (keys, _)) in &asking {
            stakes.extend(self.extras(server, &app.app.name, keys));
            let others = keys
                .iter()
                .filter_map(|key| self.live.get(&(server, key.clone()))?.clone());
            sets.extend(others.filter(|set| *set != app.app.name));
        }
        let ignored = BTreeSet::new();
        let gathering = Gathering {
            world: Asked {
                model: self,
                repository,
                server,
            },
            purpose: &match act {
                Act::Delete => Purpose::Leave { ignored },
                Act::Sync | Act::Rollback(_) => Purpose::Delete { ignored },
            },
            declared: &repository.declared(group),
            selected,
            answered: asking
                .iter()
                .map(|(app, (keys, lost))| Answered {
                    lost: lost.clone(),
                    app: Arc::new(claimant(app)),
                    set: app.app.name.clone(),
                    keys: match selected.len() {
                        1 => Vec::new(),
                        _ => keys.clone(),
                    },
                })
                .collect(),
            stakes,
            sets,
        };
        let claims = gathering
            .claims()
            .now_or_never()
            .expect("nothing to wait for");
        for (app, rendered) in asking {
            self.carry_out(act, server, app, &rendered, &claims, selected);
        }
    }

    fn extras(&self, server: usize, app: &str, keys: &[Key]) -> Vec<Key> {
        let live = self.live.iter().filter(|((at, key), set)| {
            *at == server && set.as_deref() == Some(app) && !keys.contains(key)
        });
        live.map(|((_, key), _)| key.clone()).collect()
    }

    fn carry_out(
        &mut self,
        act: Act,
        server: usize,
        app: &Declared,
        (keys, lost): &Rendered,
        claims: &Claims,
        selected: &BTreeSet<Claimant>,
    ) {
        let (name, me) = (app.app.name.clone(), claimant(app));
        if act == Act::Sync && keys.iter().any(|key| claims.sharer(key, &me).is_some()) {
            return;
        }
        let mut took = BTreeMap::new();
        let mut is_whole = lost.is_none();
        for key in keys {
            let live = self.live.entry((server, key.clone())).or_insert(None);
            match live.clone() {
                Some(set) if set != name => match claims.taking(key, &set, &me) {
                    Taking::Free => {
                        took.insert(key.clone(), set);
                        *live = Some(name.clone());
                    }
                    Taking::Held { .. } | Taking::Foreign => is_whole = false,
                },
                Some(_) | None => *live = Some(name.clone()),
            }
        }
        let releases = self
            .history
            .entry(APPS[APPS.iter().position(|it| *it == name).unwrap()]);
        let releases = releases.or_default();
        let newer: BTreeMap<Key, String> = match act {
            Act::Rollback(to) => releases
                .iter()
                .skip(to + 1)
                .flat_map(|it| it.took.clone())
                .collect(),
            Act::Sync | Act::Delete => BTreeMap::new(),
        };
        let keys_now = keys.iter().cloned().collect();
        releases.push(Release {
            keys: keys_now,
            took,
        });
        if is_whole {
            self.prune(act, server, &me, keys, claims, selected, &newer);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a step of the model")]
    fn prune(
        &mut self,
        act: Act,
        server: usize,
        me: &Claimant,
        keys: &[Key],
        claims: &Claims,
        selected: &BTreeSet<Claimant>,
        newer: &BTreeMap<Key, String>,
    ) {
        let extras = self.extras(server, &me.app, keys);
        let members: Vec<Object> = extras.iter().map(|key| member(key, &me.app)).collect();
        let why = |key: &Key| {
            let taken = || {
                Some(Kept::TakenOver {
                    from: newer.get(key)?.clone(),
                })
            };
            Kept::by_claim(claims, key, me).or_else(taken)
        };
        let evidence = Evidence {
            id: me.app.clone(),
            desired: keys.iter().cloned().collect(),
            not_surplus: extras
                .iter()
                .filter_map(|key| Some((key.clone(), why(key)?)))
                .collect(),
            ..Evidence::default()
        };
        let guards = Guards {
            allow_empty: true,
            ..Guards::default()
        };
        let plan = plan(&members, &evidence, &guards);
        for candidate in plan.delete {
            self.log
                .push(format!("{me} deletes {} on {server}", candidate.key));
            self.check_deletion(act, server, me, &candidate.key, selected, newer);
            self.live.remove(&(server, candidate.key));
        }
        let is_finished = plan.kept.iter().all(|(_, why)| !why.is_open());
        if act == Act::Delete && is_finished {
            for (key, _) in plan.kept {
                self.live.insert((server, key), None);
            }
            self.history.remove(me.app.as_str());
        }
    }

    /// The law.
    fn check_deletion(
        &self,
        act: Act,
        server: usize,
        me: &Claimant,
        key: &Key,
        selected: &BTreeSet<Claimant>,
        newer: &BTreeMap<Key, String>,
    ) {
        assert!(
            !newer.contains_key(key),
            "taken over by the release, {}",
            self.told()
        );
        for (name, app) in &self.apps {
            let leaves = act == Act::Delete && selected.iter().any(|it| it.app == *name);
            let is_far = app.flaw == Flaw::Unsupported
                && !key.namespace.is_empty()
                && key.namespace != app.namespace;
            if *name != me.app && server_of(app.folder) == server && !leaves && !is_far {
                assert!(!app.wants.contains(key), "{name} wants it, {}", self.told());
            }
        }
    }

    fn told(&self) -> String {
        self.log.join("\n")
    }

    /// Everything is mended and synced: each object is with the app that wants it, and nothing else is left of the apps that are there.
    fn check_end(&mut self) {
        self.apps.values_mut().for_each(|app| app.flaw = Flaw::None);
        for _ in 0..2 {
            self.run(Act::Sync, &APPS);
        }
        if self.proof == Proof::Silent {
            return;
        }
        let holder = |server: usize, key: &Key| {
            let live = self.live.get(&(server, key.clone())).cloned();
            live.flatten()
        };
        for (name, app) in &self.apps {
            let server = server_of(app.folder);
            // What an app that left the repository holds is taken by nobody unasked, and an app that lacks it prunes nothing.
            let is_orphans = |key: &Key| {
                let holder = holder(server, key);
                let is_here = |set: String| {
                    let its = self.apps.get(set.as_str());
                    its.is_some_and(|its| server_of(its.folder) == server)
                };
                holder.is_some_and(|set| !is_here(set))
            };
            if app.wants.iter().any(is_orphans) {
                continue;
            }
            for key in &app.wants {
                let holder = holder(server, key);
                assert_eq!(holder.as_deref(), Some(*name), "{key}, {}", self.told());
            }
            for ((at, key), set) in &self.live {
                let is_left = *at == server && set.as_deref() == Some(*name);
                let told = || format!("{key} of {name} is left, {}", self.told());
                assert!(!is_left || app.wants.contains(key), "{}", told());
            }
        }
    }
}

fn application(name: &str, app: &App) -> String {
    if app.flaw == Flaw::NotYaml {
        return "kind: Application\nspec: [\n".to_owned();
    }
    let kind = match app.flaw {
        Flaw::Mistyped => "Aplication",
        _ => "Application",
    };
    let mut application = json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {
            "source": {"path": format!("apps/{name}")},
            "destination": {"namespace": app.namespace},
        },
    });
    match app.flaw {
        Flaw::Field => application["spec"]["destinatoin"] = json!("x"),
        Flaw::Unsupported => application["spec"]["source"]["helm"] = json!({"releaseName": "x"}),
        Flaw::Nowhere => application["spec"]["destination"]["server"] = json!("https://nobody"),
        Flaw::None | Flaw::Manifest | Flaw::Kindless | Flaw::NotYaml | Flaw::Mistyped => {}
    }
    application.to_string()
}

#[test]
fn no_run_deletes_what_another_app_wants() {
    let mut n_deleted = 0;
    for seed in 0..RUNS {
        let told = std::panic::catch_unwind(|| {
            let mut model = Model::new(seed);
            for _ in 0..STEPS {
                model.step();
            }
            model.check_end();
            model
                .log
                .iter()
                .filter(|line| line.contains("deletes"))
                .count()
        });
        match told {
            Ok(n) => n_deleted += n,
            Err(panic) => {
                println!("seed {seed}");
                std::panic::resume_unwind(panic);
            }
        }
    }
    println!("{RUNS} runs from seed 0, {n_deleted} objects deleted");
    assert!(
        n_deleted > 1_000,
        "a model that deletes nothing proves nothing"
    );
}
