//! `pushboat app tree`: an app's objects and what controllers made of them.

use std::sync::Arc;

use super::pipeline::{self, Ready};
use crate::cli::args::SelectArgs;
use crate::cli::context::Context;
use crate::error::Result;
use crate::exit::Exit;
use crate::health;
use crate::object::Object;
use crate::report::{AppTree, ErrorView, FlatNode, Node, Shown, Tree};
use crate::sync::children;

/// Show the tree of objects: what is declared, and what belongs to it
#[derive(Debug, clap::Args)]
#[command(after_help = crate::cli::help::APP_TREE)]
pub(crate) struct Args {
    #[command(flatten)]
    select: SelectArgs,
}

pub(crate) async fn run(context: &Arc<Context>, args: Args) -> Result<Exit> {
    let answers = pipeline::each(context, &args.select, |context, target| async move {
        let ready = pipeline::ready(&context, &target, context.preparing()).await?;
        let children = children::list(&ready.prepared).await?;
        let nodes = declared(&ready)
            .chain(children.iter().map(|object| child(&ready, object)))
            .collect();
        let name = (target.cluster.name.clone(), target.app.name.clone());
        let unread = ready.prepared.comparison.unread.first();
        Ok(AppTree {
            error: unread.map(ErrorView::from),
            ..AppTree::new(name, ready.rendered.shown(), nodes)
        })
    })
    .await?;
    let apps = answers.into_iter().map(|(target, answer)| {
        answer.unwrap_or_else(|error| AppTree {
            cluster: target.cluster.name,
            name: target.app.name.clone(),
            shown: Shown::default(),
            error: Some(ErrorView::from(&error)),
            nodes: Vec::new(),
        })
    });
    context.show(&Tree {
        apps: apps.collect(),
    })
}

fn declared(ready: &Ready) -> impl Iterator<Item = FlatNode> + '_ {
    ready.prepared.comparison.resources.iter().map(|resource| {
        let live = resource.live.as_ref();
        let health = live.and_then(|live| live.health.as_ref());
        FlatNode {
            uid: live.map(|live| live.uid.clone()).unwrap_or_default(),
            owners: Vec::new(),
            node: Node {
                group: resource.key.group.clone(),
                kind: resource.key.kind.clone(),
                namespace: resource.key.namespace.clone(),
                name: resource.key.name.clone(),
                status: Some(resource.status),
                health: health.map(|health| health.status),
                message: health
                    .map(|health| health.message.clone())
                    .unwrap_or_default(),
                created: live.map(|live| live.created.clone()).unwrap_or_default(),
                children: Vec::new(),
            },
        }
    })
}

fn child(ready: &Ready, object: &Object) -> FlatNode {
    let health = health::health(object);
    let key = object.key();
    let owners = object
        .value
        .pointer("/metadata/ownerReferences")
        .and_then(|list| list.as_array());
    FlatNode {
        uid: object.uid().to_owned(),
        owners: owners
            .into_iter()
            .flatten()
            .filter_map(|owner| Some(owner["uid"].as_str()?.to_owned()))
            .collect(),
        node: Node {
            group: key.group,
            kind: key.kind,
            namespace: key.namespace,
            name: key.name,
            status: None,
            health: health.as_ref().map(|health| health.status),
            message: health
                .map(|health| ready.prepared.redactor.text(&health.message))
                .unwrap_or_default(),
            created: crate::sync::compare::created(object),
            children: Vec::new(),
        },
    }
}
