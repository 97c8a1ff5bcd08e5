//! `pushboat app unlock`: takes an app's lock from a holder that does not give it back.

use std::sync::Arc;

use super::pipeline::{self, Target};
use crate::cli::args::SelectArgs;
use crate::cli::context::Context;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::report::{AppUnlock, ErrorView, UnlockReport};
use crate::sync::lease::Life;
use crate::sync::unlock::{Locked, look, unlock};
use crate::ui::prompt::Question;

/// Take an app's lock from its holder
///
/// For a holder that hangs. A dead process of this machine is taken over by the next run at once, and a lock that is not renewed for 30 s
/// by any, so neither needs this. The holder stops at its next renewal; until it surely has, the next run waits. Who took the lock, when
/// and why is noted in the Lease.
#[derive(Debug, clap::Args)]
#[command(after_help = crate::cli::help::APP_UNLOCK)]
pub(crate) struct Args {
    /// The app; `CLUSTER/APP` where a name is not unique
    app: String,

    /// Why, for whoever finds it
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    reason: String,

    /// Do not ask
    #[arg(short = 'y', long)]
    yes: bool,
}

pub(crate) async fn run(context: &Arc<Context>, args: Args) -> Result<Exit> {
    let select = SelectArgs {
        apps: vec![args.app.clone()],
        ..SelectArgs::default()
    };
    let targets = pipeline::selected(context, &select)?;
    let [(target, problem)] = targets.as_slice() else {
        return Err(Error::usage(format!(
            "`{}` names {} apps, and an unlock takes one",
            args.app,
            targets.len()
        )));
    };
    if let Some(error) = problem {
        return Err(error.clone());
    }
    let repository = context.repository()?;
    let cluster = context.connect(&target.cluster).await?;
    let app = pipeline::app_ref(&repository, target);
    let locker = context.locker(None);
    let Some(locked) = look(&cluster, &app, &locker).await? else {
        return show(context, target, &args.reason, None, Ok(0));
    };
    let text = describe(target, &locked);
    if args.yes {
        context.ui().warn(&text);
    } else if !agreed(context, target, &locked, text).await? {
        context.ui().status("the lock stays");
        return Ok(Exit::No);
    }
    let freed = unlock(&cluster, &app, &locker, &locked, &args.reason).await;
    let after = freed.map(|after| after.as_secs());
    show(context, target, &args.reason, Some(&locked), after)
}

async fn agreed(context: &Context, target: &Target, locked: &Locked, text: String) -> Result<bool> {
    context.ui().status(&text);
    let (name, holder) = (target.display(), &locked.holder);
    let question = format!("take the lock of {name} from {holder}?");
    context.ask(Question::yes_or_no(question)).await
}

/// Who holds it, and what is known of the holder.
fn describe(target: &Target, locked: &Locked) -> String {
    let life = match locked.life {
        Life::Running => "it runs on this machine at this moment: end it first if you can",
        Life::Dead => "it ran on this machine and is gone",
        Life::Unknown => "whether it runs is not known from here",
    };
    format!(
        "the lock of {} is held by {} since {}, renewed {}; {life}",
        target.display(),
        locked.holder,
        locked.since,
        locked.renewed
    )
}

fn show(
    context: &Context,
    target: &Target,
    reason: &str,
    locked: Option<&Locked>,
    after: Result<u64>,
) -> Result<Exit> {
    let error = after.as_ref().err().map(ErrorView::from);
    let app = AppUnlock {
        cluster: target.cluster.name.clone(),
        name: target.app.name.clone(),
        holder: locked.map(|locked| locked.holder.clone()),
        since: locked.map(|locked| locked.since.clone()),
        reason: reason.to_owned(),
        free_after_seconds: after.unwrap_or_default(),
        error,
    };
    context.show(&UnlockReport { apps: vec![app] })
}
