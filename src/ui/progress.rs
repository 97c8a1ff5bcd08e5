//! How far syncs are: readers of their events.
//!
//! On a terminal one line an app that changes in place and leaves nothing behind; elsewhere one plain line a change of state,
//! with the time since the start. With `--quiet` or a document on stdout there is none. Warnings are always told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::duration::duration;
use super::safe;
use super::style::{Label, Screen};
use super::terminal::Ui;
use crate::object::display::display;
use crate::sync::event::{Applied, Event, EventKind, Finished};

/// How often the line with the elapsed time is drawn again.
const TICK: Duration = Duration::from_millis(500);

/// Time since the start of the run.
pub type Elapsed = Arc<dyn Fn() -> Duration + Send + Sync>;

/// Takes events from any number of apps at once.
pub struct Progress {
    ui: Ui,
    elapsed: Elapsed,
    form: Form,
}

enum Form {
    Lines(Mutex<BTreeMap<(String, String), usize>>),
    Bars(Box<Mutex<Bars>>),
    Silent,
}

impl Progress {
    /// `is_wanted` is false when stdout carries a document.
    pub fn new(ui: &Ui, is_wanted: bool, elapsed: Elapsed) -> Self {
        let options = ui.options();
        let form = match (is_wanted && !options.quiet, options.stderr_is_terminal) {
            (false, _) => Form::Silent,
            (true, false) => Form::Lines(Mutex::default()),
            (true, true) => {
                let bars = Bars::new();
                let multi = bars.multi.clone();
                ui.set_around(Some(Arc::new(move |write| multi.suspend(write))));
                Form::Bars(Box::new(Mutex::new(bars)))
            }
        };
        Self {
            ui: ui.clone(),
            elapsed,
            form,
        }
    }

    pub fn event(&self, event: &Event) {
        if let EventKind::Warning { text } = &event.kind {
            self.ui
                .warn(&format!("{}/{}: {text}", event.cluster, event.app));
            return;
        }
        match &self.form {
            Form::Silent => {}
            Form::Lines(waiting) => {
                let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
                if is_news(event, &mut waiting)
                    && let Some((label, text)) = sentence(&event.kind)
                {
                    self.line(event, label, &text);
                }
            }
            Form::Bars(bars) => {
                let mut bars = bars.lock().unwrap_or_else(PoisonError::into_inner);
                bars.event(event, &self.ui.err_screen());
                drop(bars);
                // What a reader must not miss stays on the screen, above the lines that move.
                if let (true, Some((label, text))) = (stays(&event.kind), sentence(&event.kind)) {
                    self.line(event, label, &text);
                }
            }
        }
    }

    /// Takes the moving lines away. Also done when this value goes.
    pub fn finish(&self) {
        if let Form::Bars(bars) = &self.form {
            self.ui.set_around(None);
            bars.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }

    /// `[ 12s] dev/web  created Deployment.apps/shop/web`.
    fn line(&self, event: &Event, label: Label, text: &str) {
        let seconds = i64::try_from((self.elapsed)().as_secs()).unwrap_or(i64::MAX);
        let screen = self.ui.err_screen();
        let head = format!("[{:>5}]", duration(seconds));
        let text = screen.paint(label, &safe::text(text));
        let name = format!("{}/{}", display(&event.cluster), display(&event.app));
        self.ui.status_painted(&format!("{head} {name}  {text}"));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Whether a plain line is due: a count of objects that is the same as before is no change.
fn is_news(event: &Event, waiting: &mut BTreeMap<(String, String), usize>) -> bool {
    match event.kind {
        EventKind::WaitingFor { n_objects } => {
            let key = (event.cluster.clone(), event.app.clone());
            waiting.insert(key, n_objects) != Some(n_objects)
        }
        _ => true,
    }
}

fn stays(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::Applied {
            outcome: Applied::Failed { .. },
            ..
        } | EventKind::LockWaiting { .. }
            | EventKind::AppFinished { .. }
    )
}

/// An event in words; `None` for what is no change of state.
fn sentence(kind: &EventKind) -> Option<(Label, String)> {
    Some(match kind {
        EventKind::AppStarted { n_steps: 0 } => (Label::Dim, "nothing to do".to_owned()),
        EventKind::AppStarted { n_steps: 1 } => (Label::Plain, "1 step".to_owned()),
        EventKind::AppStarted { n_steps } => (Label::Plain, format!("{n_steps} steps")),
        EventKind::LockWaiting { holder, since } => {
            let text = format!("waiting for the lock, held by {holder} since {since}");
            (Label::Attention, text)
        }
        EventKind::PhaseChanged { phase, wave } => (Label::Plain, format!("{phase}, wave {wave}")),
        EventKind::Applied { key, outcome } => match outcome {
            Applied::Created => (Label::Added, format!("created {key}")),
            Applied::Configured => (Label::Changed, format!("configured {key}")),
            Applied::Replaced => (Label::Removed, format!("replaced {key}")),
            Applied::Unchanged => return None,
            Applied::Failed { error } => (Label::Bad, format!("failed {key}: {error}")),
        },
        EventKind::Pruned { key } => (Label::Removed, format!("pruned {key}")),
        EventKind::PruneKept { key, why } => (Label::Attention, format!("kept {key}: {why}")),
        EventKind::HealthChanged {
            key,
            from,
            to,
            message,
        } => {
            let from = from.map_or_else(String::new, |from| format!("{} → ", from.as_str()));
            let message = match message.as_str() {
                "" => String::new(),
                message => format!(": {message}"),
            };
            let text = format!("{key} {from}{}{message}", to.as_str());
            (health_label(*to), text)
        }
        EventKind::WaitingFor { n_objects: 0 } => (Label::Good, "all healthy".to_owned()),
        EventKind::WaitingFor { n_objects: 1 } => (Label::Plain, "waiting for 1 object".to_owned()),
        EventKind::WaitingFor { n_objects } => {
            (Label::Plain, format!("waiting for {n_objects} objects"))
        }
        EventKind::Retrying { what, why } => (Label::Attention, format!("again: {what}: {why}")),
        EventKind::AppFinished { outcome } => match outcome {
            Finished::Succeeded => (Label::Good, "done".to_owned()),
            Finished::Failed { error } => (Label::Bad, format!("failed: {error}")),
            Finished::Interrupted => (Label::Bad, "interrupted".to_owned()),
        },
        EventKind::Locked | EventKind::Applying { .. } | EventKind::Warning { .. } => return None,
    })
}

/// Which meaning a health has on screen.
pub fn health_label(status: crate::health::Status) -> Label {
    use crate::health::Status;
    match status {
        Status::Healthy => Label::Good,
        Status::Suspended | Status::Progressing | Status::Missing => Label::Attention,
        Status::Degraded | Status::Unknown => Label::Bad,
    }
}

/// Where one app stands, as its line shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Standing {
    n_done: usize,
    n_steps: usize,
    now: String,
}

impl Standing {
    fn take(&mut self, kind: &EventKind) {
        match kind {
            EventKind::AppStarted { n_steps } => self.n_steps = *n_steps,
            EventKind::Applied { .. } | EventKind::Pruned { .. } => self.n_done += 1,
            EventKind::Applying { key } => self.now = format!("applying {key}"),
            EventKind::Locked => self.now = "locked".to_owned(),
            EventKind::PruneKept { .. } | EventKind::Warning { .. } => {}
            EventKind::LockWaiting { .. }
            | EventKind::PhaseChanged { .. }
            | EventKind::HealthChanged { .. }
            | EventKind::WaitingFor { .. }
            | EventKind::Retrying { .. }
            | EventKind::AppFinished { .. } => {
                self.now = sentence(kind).map_or_else(String::new, |(_, text)| text);
            }
        }
    }

    /// `dev/web  3/10  applying Deployment.apps/shop/web`.
    fn line(&self, name: &str, screen: &Screen) -> String {
        let name = screen.paint(Label::Heading, name);
        let counts = format!("{}/{}", self.n_done.min(self.n_steps), self.n_steps);
        format!("{name}  {counts}  {}", safe::text(&self.now))
    }
}

struct Bars {
    multi: MultiProgress,
    foot: ProgressBar,
    by_app: BTreeMap<(String, String), (ProgressBar, Standing)>,
}

impl Bars {
    fn new() -> Self {
        let multi = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let foot = multi.add(ProgressBar::new_spinner());
        foot.set_style(style("{elapsed}"));
        foot.enable_steady_tick(TICK);
        Self {
            multi,
            foot,
            by_app: BTreeMap::new(),
        }
    }

    fn event(&mut self, event: &Event, screen: &Screen) {
        let key = (event.cluster.clone(), event.app.clone());
        if let EventKind::AppFinished { .. } = event.kind {
            if let Some((bar, _)) = self.by_app.remove(&key) {
                // Its line goes with the next drawing; ending the bar first may leave the line on the screen.
                self.multi.remove(&bar);
            }
            return;
        }
        let (multi, foot) = (&self.multi, &self.foot);
        let (bar, standing) = self.by_app.entry(key).or_insert_with(|| {
            let bar = multi.insert_before(foot, ProgressBar::no_length());
            bar.set_style(style("{wide_msg}"));
            (bar, Standing::default())
        });
        standing.take(&event.kind);
        let name = format!("{}/{}", display(&event.cluster), display(&event.app));
        bar.set_message(standing.line(&name, screen));
    }

    fn clear(&mut self) {
        for (bar, _) in std::mem::take(&mut self.by_app).into_values() {
            bar.finish_and_clear();
        }
        self.foot.finish_and_clear();
        // A terminal that is gone needs no clearing.
        let _ = self.multi.clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, Reason};
    use crate::health::Status;
    use crate::object::Key;
    use crate::ui::terminal::tests::piped;
    use expect_test::expect;

    fn key(name: &str) -> Key {
        Key {
            group: "apps".into(),
            kind: "Deployment".into(),
            namespace: "shop".into(),
            name: name.into(),
        }
    }

    fn story() -> Vec<EventKind> {
        vec![
            EventKind::LockWaiting {
                holder: "ci-7".into(),
                since: "2026-01-01T00:00:00Z".into(),
            },
            EventKind::Locked,
            EventKind::AppStarted { n_steps: 3 },
            EventKind::PhaseChanged {
                phase: "Sync".into(),
                wave: 0,
            },
            EventKind::Applying { key: key("web") },
            EventKind::Applied {
                key: key("web"),
                outcome: Applied::Created,
            },
            EventKind::Applied {
                key: key("same"),
                outcome: Applied::Unchanged,
            },
            EventKind::WaitingFor { n_objects: 2 },
            EventKind::WaitingFor { n_objects: 2 },
            EventKind::HealthChanged {
                key: key("web"),
                from: Some(Status::Progressing),
                to: Status::Degraded,
                message: "::error::\u{1b}[2J".into(),
            },
            EventKind::Warning { text: "odd".into() },
            EventKind::AppFinished {
                outcome: Finished::Failed {
                    error: Error::new(Reason::Unhealthy, "not healthy"),
                },
            },
        ]
    }

    fn told(ui: &Ui, is_wanted: bool) {
        let progress = Progress::new(ui, is_wanted, Arc::new(|| Duration::from_secs(72)));
        for kind in story() {
            progress.event(&Event {
                cluster: "dev".into(),
                app: "web".into(),
                kind,
            });
        }
    }

    #[test]
    fn without_a_terminal_every_change_of_state_is_one_line() {
        let (ui, stdout, stderr) = piped(|_| ());
        told(&ui, true);
        assert_eq!(stdout.text(), "");
        expect![[r#"
            [1m12s] dev/web  waiting for the lock, held by ci-7 since 2026-01-01T00:00:00Z
            [1m12s] dev/web  3 steps
            [1m12s] dev/web  Sync, wave 0
            [1m12s] dev/web  created Deployment.apps/shop/web
            [1m12s] dev/web  waiting for 2 objects
            [1m12s] dev/web  Deployment.apps/shop/web Progressing → Degraded: ::error::\x1b[2J
            warning: dev/web: odd
            [1m12s] dev/web  failed: not healthy
        "#]]
        .assert_eq(&stderr.text());
    }

    #[test]
    fn quiet_runs_and_documents_have_warnings_only() {
        let (ui, _, stderr) = piped(|options| options.quiet = true);
        told(&ui, true);
        assert_eq!(stderr.text(), "warning: dev/web: odd\n");
        let (ui, _, stderr) = piped(|_| ());
        told(&ui, false);
        assert_eq!(stderr.text(), "warning: dev/web: odd\n");
    }

    #[test]
    fn an_apps_line_counts_steps_and_says_what_goes_on() {
        let mut standing = Standing::default();
        let mut lines = Vec::new();
        for kind in story() {
            standing.take(&kind);
            lines.push(standing.line("dev/web", &Screen::plain(jiff::Timestamp::UNIX_EPOCH)));
        }
        lines.dedup();
        expect![[r#"
            dev/web  0/0  waiting for the lock, held by ci-7 since 2026-01-01T00:00:00Z
            dev/web  0/0  locked
            dev/web  0/3  locked
            dev/web  0/3  Sync, wave 0
            dev/web  0/3  applying Deployment.apps/shop/web
            dev/web  1/3  applying Deployment.apps/shop/web
            dev/web  2/3  applying Deployment.apps/shop/web
            dev/web  2/3  waiting for 2 objects
            dev/web  2/3  Deployment.apps/shop/web Progressing → Degraded: ::error::\x1b[2J
            dev/web  2/3  failed: not healthy"#]]
        .assert_eq(&lines.join("\n"));
    }
}
