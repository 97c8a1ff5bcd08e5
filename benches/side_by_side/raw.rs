//! The floor: the same requests with nothing around them, through kube's own client over connections that stay open.

use std::path::Path;
use std::time::Instant;

use futures::StreamExt;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::Outcome;

/// Requests under way at once; 8 to 32 are equally fast on a local API server.
const IN_FLIGHT: usize = 16;
/// As long as the label that pushboat gives its members, so that the bodies are equally large.
const LABEL: (&str, &str) = (
    "applyset.kubernetes.io/part-of",
    "applyset-0000000000000000000000000000000000000000000-v1",
);

pub(crate) struct Raw {
    client: kube::Client,
    runtime: Runtime,
}

impl Raw {
    pub(crate) fn connect(kubeconfig: &Path) -> Outcome<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        let client = runtime.block_on(async {
            let kubeconfig = kube::config::Kubeconfig::read_from(kubeconfig)?;
            let config =
                kube::Config::from_custom_kubeconfig(kubeconfig, &Default::default()).await?;
            Ok::<_, Box<dyn std::error::Error>>(kube::Client::try_from(config)?)
        })?;
        Ok(Self { client, runtime })
    }

    /// Seconds for one LIST of each kind, page by page, all kinds at once; nothing is decoded.
    pub(crate) fn list(&self, objects: &[Value], namespace: &str) -> Outcome<f64> {
        let mut paths: Vec<String> = objects
            .iter()
            .map(|object| collection(object, namespace))
            .collect();
        paths.sort();
        paths.dedup();
        let started = Instant::now();
        self.runtime.block_on(async {
            let lists = paths.iter().map(|path| self.list_one(path));
            futures::future::try_join_all(lists).await
        })?;
        Ok(started.elapsed().as_secs_f64())
    }

    async fn list_one(&self, path: &str) -> Outcome {
        let mut next = String::new();
        loop {
            let request = http::Request::get(format!("{path}?limit=500{next}")).body(Vec::new())?;
            let text = self.client.request_text(request).await?;
            // The token stands near the start; looking for it is all that is read.
            let head: String = text.chars().take(1000).collect();
            let token = head
                .split_once("\"continue\":\"")
                .and_then(|(_, rest)| rest.split_once('"'));
            match token {
                Some((token, _)) if !token.is_empty() => next = format!("&continue={token}"),
                _ => return Ok(()),
            }
        }
    }

    /// Seconds for one server-side apply of each object.
    pub(crate) fn apply(&self, objects: &[Value], namespace: &str) -> Outcome<f64> {
        let mut requests = Vec::new();
        for object in objects {
            let mut object = object.clone();
            object["metadata"]["namespace"] = Value::from(namespace);
            object["metadata"]["labels"][LABEL.0] = Value::from(LABEL.1);
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            let path = format!(
                "{}/{name}?fieldManager=pushboat&fieldValidation=Strict",
                collection(&object, namespace)
            );
            let request =
                http::Request::patch(path).header("content-type", "application/apply-patch+yaml");
            requests.push(request.body(serde_json::to_vec(&object)?)?);
        }
        let started = Instant::now();
        self.runtime.block_on(async {
            let mut answers =
                futures::stream::iter(requests)
                    .map(|request| {
                        let client = self.client.clone();
                        // A task each, so that both cores encrypt.
                        async move {
                            tokio::spawn(async move { client.request_text(request).await }).await
                        }
                    })
                    .buffer_unordered(IN_FLIGHT);
            while let Some(answer) = answers.next().await {
                answer??;
            }
            Ok::<_, Box<dyn std::error::Error>>(())
        })?;
        Ok(started.elapsed().as_secs_f64())
    }
}

/// The path of a kind in a namespace.
fn collection(object: &Value, namespace: &str) -> String {
    let version = object["apiVersion"].as_str().unwrap_or_default();
    let root = if version.contains('/') { "apis" } else { "api" };
    let plural = format!(
        "{}s",
        object["kind"].as_str().unwrap_or_default().to_lowercase()
    );
    format!("/{root}/{version}/namespaces/{namespace}/{plural}")
}
