//! pushboat: what Argo CD gives from a server, from the command line and with no server.
//!
//! The modules stand in the order of the data: a repository's files become applications and clusters (`repo`), applications
//! become objects (`render`), a cluster answers what runs (`cluster`), the two become decisions (`plan`, `health`), decisions
//! become writes (`sync`), many clusters are asked at once (`fleet`), and results become text (`report`, `ui`, `cli`).

pub mod cli;
pub mod cluster;
pub mod error;
pub mod exit;
pub mod fetch;
pub mod fleet;
pub mod health;
pub mod helm;
pub mod object;
pub mod plan;
pub mod render;
pub mod repo;
pub mod report;
pub mod sync;
pub mod ui;
