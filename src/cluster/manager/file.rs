//! The text of `clusters/<name>/cluster.yaml` as `cluster add` writes it. Pure.

use serde_json::Value;

/// What `clusters/<name>/cluster.yaml` should hold after `cluster add`: never a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterFileContent {
    pub context: String,
    pub server: String,
    /// `None` where it may not be read: what the file says of it stays.
    pub kube_system_uid: Option<String>,
    /// Digests of the authorities' public keys; none where the system's store decides.
    pub authorities: Vec<String>,
}

impl ClusterFileContent {
    /// The file's text. Lines of an existing file that say something else are kept, comments too; `None` when the existing file is
    /// written in a way that cannot be edited line by line.
    pub fn text(&self, existing: &str) -> Option<String> {
        let digests: Vec<String> = self
            .authorities
            .iter()
            .map(|one| format!("\"{one}\""))
            .collect();
        let uid = self.kube_system_uid.as_deref().map(quoted);
        let wanted = [
            ("context", Some(quoted(&self.context))),
            ("server", Some(quoted(&self.server))),
            ("kubeSystemUID", uid),
            ("authorities", Some(format!("[{}]", digests.join(", ")))),
        ];
        let mut lines: Vec<String> = existing.lines().map(str::to_owned).collect();
        if lines
            .iter()
            .any(|line| line.starts_with(['{', '[', '"', '\'']))
        {
            return None;
        }
        for (key, value) in wanted {
            let Some(value) = value else { continue };
            let known = lines
                .iter()
                .position(|line| line.split(':').next() == Some(key));
            let at = known.unwrap_or(lines.len());
            if known.is_some() {
                // The value may go on below, as a list does.
                let rest = lines[at + 1..].iter();
                let n_more = rest.take_while(|line| line.starts_with([' ', '-'])).count();
                lines.drain(at..=at + n_more);
            }
            if value != "[]" {
                lines.insert(at, format!("{key}: {value}"));
            }
        }
        Some(lines.join("\n") + "\n")
    }
}

/// A YAML scalar: plain where that is safe, else between quotes.
fn quoted(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '/' | ':' | '@'))
        && !text.ends_with(':')
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null"
        );
    if plain {
        text.to_owned()
    } else {
        Value::from(text).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_file_keeps_what_people_wrote() {
        let content = ClusterFileContent {
            context: "prod".to_owned(),
            server: "https://a:6443".to_owned(),
            kube_system_uid: Some("1e3-4".to_owned()),
            authorities: vec!["sha256:ab".to_owned()],
        };
        let existing = "# production\ncontext: old\nlabels:\n  env: prod\n";
        assert_eq!(
            content.text(existing).as_deref(),
            Some(
                "# production\ncontext: prod\nlabels:\n  env: prod\nserver: https://a:6443\nkubeSystemUID: \"1e3-4\"\nauthorities: [\"sha256:ab\"]\n"
            )
        );
        let bare = ClusterFileContent {
            authorities: Vec::new(),
            ..content.clone()
        };
        let stale = "context: prod\nauthorities:\n- \"sha256:cd\"\n# end\n";
        assert_eq!(
            bare.text(stale).as_deref(),
            Some("context: prod\n# end\nserver: https://a:6443\nkubeSystemUID: \"1e3-4\"\n")
        );
        assert_eq!(content.text("{context: x}"), None);
    }
}
