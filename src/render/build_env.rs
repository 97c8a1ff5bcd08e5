//! The build environment of an Application: `$ARGOCD_APP_NAME` and its kin in kustomize images and common labels.
//!
//! Only these names exist; the environment of the process is never looked at.

use std::collections::BTreeMap;

use crate::repo::application::{Application, KustomizeOptions};
use crate::repo::checkout::WORKTREE;

/// The variables of one app at one revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildEnv {
    variables: BTreeMap<&'static str, String>,
}

impl BuildEnv {
    pub fn new(app: &Application, revision: &str) -> Self {
        let start = |n: usize| match revision {
            WORKTREE => revision.to_owned(),
            commit => commit.get(..n).unwrap_or(commit).to_owned(),
        };
        let source = &app.source;
        let variables = [
            ("ARGOCD_APP_NAME", app.name.clone()),
            // The destination's, not the Application's own.
            (
                "ARGOCD_APP_NAMESPACE",
                app.destination.namespace.value.clone(),
            ),
            ("ARGOCD_APP_PROJECT_NAME", app.project.clone()),
            ("ARGOCD_APP_REVISION", revision.to_owned()),
            ("ARGOCD_APP_REVISION_SHORT", start(7)),
            ("ARGOCD_APP_REVISION_SHORT_8", start(8)),
            ("ARGOCD_APP_SOURCE_REPO_URL", source.repo_url.value.clone()),
            ("ARGOCD_APP_SOURCE_PATH", source.path.value.clone()),
            (
                "ARGOCD_APP_SOURCE_TARGET_REVISION",
                source.target_revision.value.clone(),
            ),
        ];
        Self {
            variables: variables.into_iter().collect(),
        }
    }

    /// Puts values in for `$NAME` and `${NAME}`; `$$` is a dollar sign, an unknown name is nothing.
    pub fn substitute(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let name = if let Some(after) = rest.strip_prefix('$') {
                out.push('$');
                rest = after;
                continue;
            } else if let Some((name, after)) = rest
                .strip_prefix('{')
                .and_then(|inside| inside.split_once('}'))
            {
                rest = after;
                name
            } else {
                let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
                let (name, after) = rest.split_at(end);
                rest = after;
                name
            };
            if name.is_empty() {
                out.push('$');
            }
            out.push_str(self.variables.get(name).map_or("", String::as_str));
        }
        out.push_str(rest);
        out
    }

    /// The kustomize options with the variables put in where Argo CD does.
    pub fn kustomize(&self, options: &KustomizeOptions) -> KustomizeOptions {
        let values = |map: &BTreeMap<String, String>| {
            let pairs = map.iter();
            pairs
                .map(|(key, value)| (key.clone(), self.substitute(value)))
                .collect()
        };
        let mut options = options.clone();
        options.images = options
            .images
            .iter()
            .map(|image| self.substitute(image))
            .collect();
        options.common_labels = values(&options.common_labels);
        if options.common_annotations_envsubst {
            options.common_annotations = values(&options.common_annotations);
        }
        options
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn env() -> BuildEnv {
        let text = b"metadata: {name: shop}\nspec: {project: retail, source: {path: a}}\n";
        let parsed = crate::object::yaml::parse(text, "a.yaml", &Default::default());
        let node = parsed.expect("parses").documents.remove(0);
        let app = crate::repo::application::read(&node, "a.yaml", "");
        BuildEnv::new(&app, "0123456789abcdef0123456789abcdef01234567")
    }

    #[test]
    fn variables_are_put_in() {
        for (text, expected) in [
            ("plain", "plain"),
            ("img:$ARGOCD_APP_REVISION_SHORT", "img:0123456"),
            ("${ARGOCD_APP_NAME}-x", "shop-x"),
            ("$ARGOCD_APP_NAME-$ARGOCD_APP_PROJECT_NAME", "shop-retail"),
            ("$$ARGOCD_APP_NAME", "$ARGOCD_APP_NAME"),
            ("a$HOME-b", "a-b"),
            ("cost: 5$", "cost: 5$"),
        ] {
            assert_eq!(env().substitute(text), expected, "{text}");
        }
    }

    #[test]
    fn annotations_take_part_only_when_asked() {
        let one = |value: &str| [("k".to_owned(), value.to_owned())].into_iter().collect();
        let mut options = KustomizeOptions {
            images: vec!["a=b:$ARGOCD_APP_NAME".into()],
            common_labels: one("$ARGOCD_APP_NAME"),
            common_annotations: one("$ARGOCD_APP_NAME"),
            ..KustomizeOptions::default()
        };
        let done = env().kustomize(&options);
        assert_eq!(done.images, ["a=b:shop"]);
        assert_eq!(done.common_labels["k"], "shop");
        assert_eq!(done.common_annotations["k"], "$ARGOCD_APP_NAME");
        options.common_annotations_envsubst = true;
        assert_eq!(env().kustomize(&options).common_annotations["k"], "shop");
    }

    proptest! {
        #[test]
        fn text_without_a_dollar_stays(text in "[^$]{0,40}") {
            prop_assert_eq!(env().substitute(&text), text);
        }

        #[test]
        fn nothing_panics(text in "[$${}A-C_é]{0,20}") {
            let _ = env().substitute(&text);
        }
    }
}
