//! Asks once more where the cluster moved on before the lock was ours; where nobody is asked, the new plan is shown before it is carried
//! out.

use futures::FutureExt;
use futures::future::BoxFuture;

use super::pipeline::Target;
use super::question::{self, Consent, Missing};
use super::show;
use crate::cli::context::Context;
use crate::error::Result;
use crate::report::{DiffFormat, DiffReport, Report};
use crate::sync::again::Confirm;
use crate::sync::prepare::Prepared;
use crate::sync::run::Options;

/// Whether a command was told to go on without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asking {
    Person,
    Nobody,
}

impl Asking {
    /// By `--yes`.
    pub(super) fn unless(yes: bool) -> Self {
        if yes { Self::Nobody } else { Self::Person }
    }
}

/// What asks for one app.
pub(super) struct Again<'a> {
    pub(super) context: &'a Context,
    pub(super) target: &'a Target,
    pub(super) asking: Asking,
    /// The revision, and whether the tree is dirty.
    pub(super) source: (String, bool),
}

impl Confirm for Again<'_> {
    fn confirm<'a>(
        &'a self,
        prepared: &'a Prepared,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<bool>> {
        self.show_and_ask(prepared, options).boxed()
    }
}

impl Again<'_> {
    async fn show_and_ask(&self, prepared: &Prepared, options: &Options) -> Result<bool> {
        let (context, name) = (self.context, self.target.display());
        // Apps run side by side; of plans and questions there is one at a time.
        let _turn = context.one_question().await;
        let drift = show::drift(context, self.target, self.source.clone(), prepared, options);
        let plan = DiffReport::new(vec![drift], DiffFormat::Path);
        context.ui().warn(&format!(
            "`{name}` changed before its lock was ours; this is the plan now"
        ));
        context.ui().plan(&plan.text(&context.ui().err_screen()));
        match self.asking {
            Asking::Nobody => Ok(true),
            Asking::Person => {
                let mut missing = Missing::default();
                missing.want(&self.target.cluster, &Consent::default());
                question::ask_text(context, &format!("go on with `{name}`?"), &missing).await
            }
        }
    }
}
