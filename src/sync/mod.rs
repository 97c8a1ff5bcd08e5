//! A plan and a cluster to writes, in an order that a crash at any instant cannot spoil.
//!
//! Order of records: lease, parent widened, history `InProgress`, applies, waits, prunes, parent narrowed, history done, lease
//! released; then the parent says that the sync is done. Everything written before a crash can be found again from the parent; running again goes on from there.

pub mod absence;
pub mod admission;
pub mod again;
pub mod app;
pub mod apply;
pub mod children;
pub mod clock;
pub mod compare;
mod compared;
pub mod delete;
mod dry_run;
mod entries;
pub mod event;
pub mod events;
pub mod foreign;
pub mod handover;
pub mod history;
mod holder;
pub mod inhabitants;
pub mod intent;
pub mod interrupt;
pub mod lease;
mod listing;
pub mod lookup;
pub mod moving;
mod mutators;
mod namespace;
mod opening;
mod overlap;
pub mod parent;
pub mod prepare;
pub mod prune;
pub mod records;
mod repeat;
pub mod replace;
mod request;
pub mod run;
mod stages;
mod suspect;
pub mod taken_over;
pub mod unlock;
pub mod wait;

pub use app::AppRef;
pub use clock::{Clock, SystemClock};
