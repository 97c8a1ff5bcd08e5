//! The control plane that everything is measured against: one bare API server, stopped at the end.

use std::path::PathBuf;
use std::process::Command;

use crate::Outcome;
use crate::process::{Bench, root};

const NAME: &str = "bench";

pub(crate) struct Plane {
    pub(crate) kubeconfig: PathBuf,
    folder: PathBuf,
}

impl Plane {
    pub(crate) fn start(bench: &mut Bench) -> Outcome<Self> {
        let folder = bench.folder.join("clusters");
        // Made before it is started, so that half a start is stopped too.
        let mut plane = Self {
            kubeconfig: PathBuf::new(),
            folder,
        };
        let output = plane.script("up.sh").args([NAME, "bare"]).output()?;
        if !output.status.success() {
            return Err(format!(
                "no control plane: {}",
                String::from_utf8_lossy(&output.stderr)
            )
            .into());
        }
        plane.kubeconfig = PathBuf::from(String::from_utf8(output.stdout)?.trim());
        bench.use_kubeconfig(&plane.kubeconfig);
        Ok(plane)
    }

    fn script(&self, name: &str) -> Command {
        let mut command = Command::new(root().join("testdata/controlplane").join(name));
        command.env("CONTROLPLANE_CLUSTERS", &self.folder);
        command
    }
}

impl Drop for Plane {
    fn drop(&mut self) {
        if let Err(error) = self.script("down.sh").arg(NAME).output() {
            eprintln!("warning: the control plane was not stopped: {error}");
        }
    }
}
