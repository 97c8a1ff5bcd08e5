//! The account that `cluster add` makes, against a real control plane whose controllers fill token Secrets, and the probe of
//! `cluster list`.

use crate::support::faultline::{Action, Rule};
use crate::support::{ControlPlane, Faultline, eventually};
use pushboat::cluster::manager::{self, Begun, ManagerOptions, Token, Tokens};
use pushboat::cluster::probe::probe;
use pushboat::cluster::registry::{Account, Entry, Registry};
use pushboat::cluster::{Cluster, ConnectOptions, CredentialKind, Kubeconfig};
use pushboat::error::Reason;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

fn options(kubeconfig: &Path) -> ConnectOptions {
    let kubeconfig = Kubeconfig::load_one(kubeconfig).unwrap();
    let context = kubeconfig.contexts().remove(0).name;
    ConnectOptions {
        name: "prod".into(),
        context,
        kubeconfig: Arc::new(kubeconfig),
        ..ConnectOptions::default()
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Runtime::new().unwrap()
}

fn connect(runtime: &Runtime, options: &ConnectOptions) -> Cluster {
    runtime.block_on(Cluster::connect(options)).unwrap()
}

/// An account in a namespace of its own, so that tests do not meet.
fn in_namespace(plane: &ControlPlane, prefix: &str) -> ManagerOptions {
    let namespace = plane.namespace(prefix);
    ManagerOptions {
        only_namespaces: vec![namespace.clone()],
        namespace,
        ..ManagerOptions::default()
    }
}

/// Keeps the token in a registry in `folder` and returns how to connect with it.
fn stored(
    folder: &Path,
    admin: &ConnectOptions,
    account: &ManagerOptions,
    token: Token,
) -> ConnectOptions {
    let registry = Registry::new(folder.join("pushboat/kubeconfig"));
    let source = admin.kubeconfig.resolve(&admin.context).unwrap();
    let name = "prod".to_owned();
    registry
        .add(&Entry {
            name,
            source,
            account: Account {
                namespace: account.namespace.clone(),
                name: account.account.clone(),
                only_namespaces: account.only_namespaces.clone(),
            },
            token,
        })
        .unwrap();
    options(registry.path())
}

fn is_all(plan: &manager::ManagerPlan, action: manager::Action) -> bool {
    plan.steps.iter().all(|step| step.action == action)
}

#[test]
fn an_account_is_made_proved_renewed_and_removed() {
    let plane = ControlPlane::shared_full();
    let runtime = runtime();
    let admin = options(&plane.kubeconfig());
    let cluster = connect(&runtime, &admin);
    let account = in_namespace(plane, "manager");

    let plan = runtime
        .block_on(manager::plan(&cluster, &account, "one"))
        .unwrap();
    assert!(is_all(&plan, manager::Action::Create));
    let token = runtime
        .block_on(manager::execute(&cluster, &plan, &mut Begun::default()))
        .unwrap();
    let known = ManagerOptions {
        token: Some(token.name.clone()),
        ..account.clone()
    };
    let again = runtime
        .block_on(manager::plan(&cluster, &known, "other"))
        .unwrap();
    assert!(is_all(&again, manager::Action::Keep), "{again:?}");

    let dir = tempfile::tempdir().unwrap();
    let store = |token| stored(dir.path(), &admin, &account, token);
    let with_token = store(token);
    let as_account = connect(&runtime, &with_token);
    runtime
        .block_on(manager::verify(&as_account, &account))
        .unwrap();
    let remove = |cluster: &Cluster| {
        runtime.block_on(manager::remove(cluster, &account, Tokens::OfRegistration))
    };
    let error = remove(&as_account).unwrap_err();
    assert_eq!(error.reason(), Reason::Usage, "{error}");

    let token = runtime
        .block_on(manager::new_token(&cluster, &account, "two"))
        .unwrap();
    let name = token.name.clone();
    let as_renewed = connect(&runtime, &store(token));
    runtime
        .block_on(manager::verify(&as_renewed, &account))
        .unwrap();
    let dropped = runtime
        .block_on(manager::drop_other_tokens(&cluster, &account, &name))
        .unwrap();
    assert_eq!(dropped.removed.len(), 1);
    runtime
        .block_on(manager::verify(&as_renewed, &account))
        .unwrap();

    let removed = remove(&cluster).unwrap();
    assert_eq!(
        (removed.removed.len(), removed.foreign.len()),
        (6, 0),
        "{removed:?}"
    );
    // The server remembers a good token for ten seconds.
    let error = eventually("a removed token is refused", || {
        runtime.block_on(manager::who_am_i(&as_renewed)).err()
    });
    assert_eq!(error.reason(), Reason::Unauthorized, "{error}");
    assert_eq!(remove(&cluster).unwrap(), manager::Removed::default());
}

#[test]
fn objects_of_others_are_neither_used_nor_removed() {
    let plane = ControlPlane::shared();
    let runtime = runtime();
    let cluster = connect(&runtime, &options(&plane.kubeconfig()));
    let account = in_namespace(plane, "foreign");
    let path = format!("/api/v1/namespaces/{}/serviceaccounts", account.namespace);
    plane.create(&path, &json!({"metadata": {"name": manager::NAME}}));
    let error = runtime
        .block_on(manager::plan(&cluster, &account, "one"))
        .unwrap_err();
    assert_eq!(error.reason(), Reason::Guard, "{error}");
    let removed = runtime
        .block_on(manager::remove(&cluster, &account, Tokens::OfRegistration))
        .unwrap();
    assert_eq!((removed.removed.len(), removed.foreign.len()), (0, 1));
    plane.get(&format!("{path}/{}", manager::NAME));
}

#[test]
fn a_cluster_that_fills_no_token_secrets_gives_one_that_expires() {
    let plane = ControlPlane::shared();
    let runtime = runtime();
    let admin = options(&plane.kubeconfig());
    let cluster = connect(&runtime, &admin);
    let mut account = in_namespace(plane, "no-token");
    account.token_patience = Duration::from_millis(600);
    let plan = runtime
        .block_on(manager::plan(&cluster, &account, "one"))
        .unwrap();
    let mut begun = Begun::default();
    let token = runtime
        .block_on(manager::execute(&cluster, &plan, &mut begun))
        .unwrap();
    assert!(token.expiry.is_some());
    let dir = tempfile::tempdir().unwrap();
    let as_account = connect(
        &runtime,
        &stored(dir.path(), &admin, &account, token.clone()),
    );
    runtime
        .block_on(manager::verify(&as_account, &account))
        .unwrap();
    // It renews itself with its own rights.
    let next = runtime
        .block_on(manager::request(
            &as_account,
            &account,
            &token.name,
            Duration::from_secs(3600),
        ))
        .unwrap();
    assert_eq!(next.expiry.unwrap().given, Duration::from_secs(3600));

    let stays = runtime.block_on(manager::undo(&cluster, &plan, &begun));
    assert!(stays.is_empty(), "{stays:?}");
    let again = runtime
        .block_on(manager::plan(&cluster, &account, "two"))
        .unwrap();
    assert!(is_all(&again, manager::Action::Create), "{again:?}");
}

#[test]
fn a_probe_says_version_user_and_credential() {
    let plane = ControlPlane::shared();
    let answer = runtime().block_on(probe(
        &options(&plane.kubeconfig()),
        Duration::from_secs(10),
    ));
    assert!(answer.error.is_none(), "{:?}", answer.error);
    assert!(answer.version.starts_with('v'), "{}", answer.version);
    assert_eq!(answer.user.as_deref(), Some("admin"));
    assert_eq!(answer.credential, Some(CredentialKind::ClientCertificate));
    assert!(answer.expires.is_some() && answer.latency.is_some());
    assert!(answer.kube_system_uid.is_some());
}

#[test]
fn a_probe_fails_within_its_limit_and_says_why() {
    let plane = ControlPlane::shared();
    let runtime = runtime();
    let faultline = Faultline::before(plane);
    let limit = Duration::from_secs(1);
    faultline.rule(Rule::any().act(Action::Delay(Duration::from_secs(30))));
    let start = Instant::now();
    let late = runtime.block_on(probe(&options(&faultline.kubeconfig()), limit));
    assert!(start.elapsed() < Duration::from_secs(2));
    assert_eq!(late.error.unwrap().reason(), Reason::Timeout);

    let bad = options(&faultline.kubeconfig_with_token("wrong"));
    faultline.heal();
    let refused = runtime.block_on(probe(&bad, limit));
    assert_eq!(refused.error.unwrap().reason(), Reason::Unauthorized);

    let gone = faultline.kubeconfig();
    let gone = options(&gone);
    drop(faultline);
    let start = Instant::now();
    let gone = runtime.block_on(probe(&gone, Duration::from_secs(20)));
    assert_eq!(gone.error.unwrap().reason(), Reason::Unreachable);
    assert!(start.elapsed() < Duration::from_secs(2), "it does not wait");

    let mut unknown = options(&plane.kubeconfig());
    unknown.context = "nowhere".into();
    let unknown = runtime.block_on(probe(&unknown, limit));
    assert_eq!(unknown.error.unwrap().reason(), Reason::Config);
}
