//! Whether everything pushboat needs is there: what `doctor` answers.

use serde::Serialize;

use super::document::Report;
use crate::exit::Exit;
use crate::object::display::display;
use crate::ui::{Label, Screen};

#[derive(Debug, Clone, Serialize)]
pub struct Doctor {
    pub version: String,
    pub checks: Vec<Check>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    pub name: String,
    pub result: CheckResult,
    pub message: String,
    pub hint: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum CheckResult {
    Ok,
    Warning,
    Failed,
}

impl CheckResult {
    fn word(self) -> (Label, &'static str) {
        match self {
            Self::Ok => (Label::Good, "ok     "),
            Self::Warning => (Label::Attention, "warning"),
            Self::Failed => (Label::Bad, "failed "),
        }
    }
}

impl Report for Doctor {
    const KIND: &'static str = "Doctor";

    fn text(&self, screen: &Screen) -> String {
        let mut text = format!("pushboat {}\n", display(&self.version));
        for check in &self.checks {
            let (label, word) = check.result.word();
            let word = screen.paint(label, word);
            text.push_str(&format!(
                "{word}  {}: {}\n",
                display(&check.name),
                display(&check.message)
            ));
            if !check.hint.is_empty() {
                text.push_str(&format!("         hint: {}\n", display(&check.hint)));
            }
        }
        text
    }

    /// The checks that failed.
    fn names(&self) -> Vec<String> {
        let failed = self
            .checks
            .iter()
            .filter(|check| check.result == CheckResult::Failed);
        failed.map(|check| check.name.clone()).collect()
    }

    fn exit(&self) -> Exit {
        let exit = |check: &Check| match check.result {
            CheckResult::Ok | CheckResult::Warning => Exit::Ok,
            CheckResult::Failed => Exit::No,
        };
        self.checks.iter().map(exit).collect()
    }
}
