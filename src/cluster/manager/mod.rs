//! The account that pushboat works with in a cluster: what `cluster add` would make, making it, proving it, renewing its token
//! and removing it again.
//!
//! Everything is labelled. An object of the same name without the label is somebody else's: it is neither used nor changed nor
//! removed. The plan is a value, to be shown before anything is written. Each registration has a token of its own, so that one can go
//! and the others stay; the account and its rights go with the last.

mod account;
mod file;
mod plan;
mod remove;
mod token;

pub use account::{Lifetime, ManagerOptions, NAME, TOKEN_NAME, limited_account};
pub use file::ClusterFileContent;
pub use plan::{Action, Begun, ManagerPlan, Step, execute, plan, undo};
pub use remove::{Removed, Tokens, remove};
pub use token::{
    Expiry, Token, drop_other_tokens, may_create, new_token, request, verify, who_am_i,
};
