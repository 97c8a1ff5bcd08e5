//! An app on a cluster: what every command works on.

use std::sync::Arc;

use super::application::Application;
use crate::error::{Error, Result};
use crate::object::display::display;

/// One app on one cluster.
#[derive(Debug, Clone)]
pub struct Target {
    /// The cluster's name; the folder's where the cluster could not be decided, then `problem` says why.
    pub cluster: String,
    /// The cluster that its file says, where `--override-destination` sends it to another one.
    pub declared_for: Option<String>,
    pub app: Arc<Application>,
    /// What keeps this app from being used.
    pub problem: Option<Error>,
}

impl Target {
    /// `CLUSTER/APP`, as people may type it.
    pub fn id(&self) -> String {
        if self.cluster.is_empty() {
            self.app.name.clone()
        } else {
            format!("{}/{}", self.cluster, self.app.name)
        }
    }

    /// The name, safe to print.
    pub fn shown(&self) -> String {
        display(&self.id()).into_owned()
    }

    /// The problem as an error, where there is one.
    pub fn check(&self) -> Result<()> {
        self.problem.clone().map_or(Ok(()), Err)
    }
}
