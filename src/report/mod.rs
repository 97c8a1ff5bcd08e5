//! Results to text and documents: one value a command, which every output form reads.
//!
//! The types here are what users see, apart from the inner types: an inner rename never changes JSON. Values are masked when
//! they are put in, so no output form can print a secret. Nothing here prints: [`show`] hands text to the terminal.

pub mod app_details;
pub mod app_list;
pub mod clusters;
pub mod diff;
mod diff_text;
pub mod doctor;
pub mod document;
pub mod doubt;
pub mod error_view;
mod failure;
pub mod history;
mod labels;
pub mod manifests;
pub mod resources;
mod shown;
pub mod sync;
pub mod tree;
mod unified;
pub mod unlock;
pub mod wait;
mod words;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod secrecy;

pub use app_details::{AppDetails, Condition, LockView, SourceView};
pub use app_list::{AppList, AppRow};
pub use clusters::{ClusterDetails, ClusterList, ClusterRow, Connection, Right};
pub use diff::{
    Action, AppDiff, DiffFormat, DiffReport, LiveValues, OwnerView, ResourceDiff, ResourceInput,
    Sync,
};
pub use doctor::{Check, CheckResult, Doctor};
pub use document::{Format, Report, show};
pub use doubt::Doubt;
pub use error_view::{ErrorView, LocationView};
pub use failure::Failure;
pub use history::{AppHistory, HistoryList, HistoryRow, candidates};
pub use labels::count;
pub use manifests::{AppManifests, Manifests};
pub use resources::{AppResources, ResourceList, ResourceRow};
pub use shown::Shown;
pub use sync::{AppSync, Outcome, ResourceSync, SyncReport, SyncResult};
pub use tree::{AppTree, FlatNode, Node, Tree};
pub use unlock::{AppUnlock, UnlockReport};
pub use wait::{AppWait, WaitReport, Waiting};
