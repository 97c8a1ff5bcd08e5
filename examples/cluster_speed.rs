//! Measures the cluster layer against a server you name: `cargo run --release --example cluster_speed KUBECONFIG CONTEXT`.
//!
//! It works in the namespace `cluster-speed`, which it makes, and is for people who change `src/cluster`.
#![expect(clippy::print_stdout, reason = "an example that prints its figures")]

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use futures::StreamExt;
use pushboat::cluster::{
    ApiResource, ApplyOptions, Cluster, ConnectOptions, Kubeconfig, ListOptions,
};
use pushboat::object::Object;
use serde_json::json;

const NAMESPACE: &str = "cluster-speed";
const N: usize = 1000;

fn config_map(n: usize, run: u32) -> Object {
    Object::new(json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": format!("cm-{n}"), "namespace": NAMESPACE, "labels": {"app": "speed"}},
        "data": {"key": format!("value {n} {run}"), "other": "x".repeat(200)}}))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or("give a kubeconfig")?;
    let context = args.next().ok_or("give a context")?;
    let options = ConnectOptions {
        name: context.clone(),
        context: context.clone(),
        kubeconfig: Arc::new(Kubeconfig::load_one(Path::new(&path))?),
        concurrency: args.next().and_then(|n| n.parse().ok()).unwrap_or(16),
        ..ConnectOptions::default()
    };
    let cluster = Cluster::connect(&options).await?;
    let start = Instant::now();
    let discovery = cluster.discovery().await?;
    println!(
        "discovery of {} kinds: {:?}",
        discovery.by_group_kind.len(),
        start.elapsed()
    );
    let namespace = Object::new(
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}),
    );
    apply(&cluster, &ApiResource::namespace(), &namespace).await?;
    let resource = ApiResource::known("v1", "ConfigMap", "configmaps", true);
    for run in 0..2 {
        let start = Instant::now();
        let results: Vec<_> = futures::stream::iter(0..N)
            .map(|n| {
                let (cluster, resource) = (&cluster, &resource);
                async move { apply(cluster, resource, &config_map(n, run)).await }
            })
            .buffer_unordered(64)
            .collect()
            .await;
        results.into_iter().collect::<Result<Vec<_>, _>>()?;
        println!("apply of {N} ConfigMaps: {:?}", start.elapsed());
    }
    list(&cluster, &resource).await?;
    println!("{:?}", cluster.stats());
    raw(&path, &context).await
}

async fn apply(
    cluster: &Cluster,
    resource: &ApiResource,
    object: &Object,
) -> Result<Object, pushboat::error::Error> {
    cluster
        .apply(resource, object, ApplyOptions::default())
        .await
        .map_err(|failure| failure.error().clone())
}

async fn list(cluster: &Cluster, resource: &ApiResource) -> Result<(), pushboat::error::Error> {
    let options = ListOptions {
        namespace: Some(NAMESPACE.to_owned()),
        ..ListOptions::default()
    };
    for _ in 0..5 {
        let start = Instant::now();
        let mut n = 0;
        let listed = cluster
            .list(resource, &options, &mut || {}, &mut |_| n += 1)
            .await?;
        println!("list of {} objects: {:?}", listed.n_items, start.elapsed());
        assert_eq!(n, listed.n_items);
    }
    Ok(())
}

/// The same through kube's own client, as text.
async fn raw(path: &str, context: &str) -> Result<(), Box<dyn std::error::Error>> {
    let kubeconfig = kube::config::Kubeconfig::read_from(path)?;
    let options = kube::config::KubeConfigOptions {
        context: Some(context.to_owned()),
        ..Default::default()
    };
    let config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await?;
    let client = kube::Client::try_from(config)?;
    let url = |limit: usize| format!("/api/v1/namespaces/{NAMESPACE}/configmaps?limit={limit}");
    for _ in 0..5 {
        let start = Instant::now();
        let request = http::Request::get(url(500)).body(Vec::new())?;
        let text = client.request_text(request).await?;
        println!(
            "raw list of 500 ({} bytes): {:?}",
            text.len(),
            start.elapsed()
        );
    }
    let start = Instant::now();
    let results: Vec<_> = futures::stream::iter(0..N)
        .map(|n| {
            let client = client.clone();
            let body = serde_json::to_vec(&config_map(n, 9).value).unwrap_or_default();
            let url = format!("/api/v1/namespaces/{NAMESPACE}/configmaps/cm-{n}?fieldManager=pushboat&force=true&fieldValidation=Strict");
            async move {
                let request = http::Request::patch(url)
                    .header("content-type", "application/apply-patch+yaml")
                    .body(body)
                    .map_err(|error| error.to_string())?;
                client.request_text(request).await.map_err(|error| error.to_string())
            }
        })
        .buffer_unordered(16)
        .collect()
        .await;
    results.into_iter().collect::<Result<Vec<_>, _>>()?;
    println!("raw apply of {N}: {:?}", start.elapsed());
    Ok(())
}
