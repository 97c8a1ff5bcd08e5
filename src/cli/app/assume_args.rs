//! What a person knows of kinds that cannot be read.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::plan::applyset::GroupKind;

#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Deleting")]
pub(crate) struct AssumeArgs {
    /// Take it that nothing of this kind is left where it cannot be read, because it is not served or may not be listed; repeatable
    #[arg(long, value_name = "KIND.GROUP", value_parser = group_kind)]
    assume_gone: Vec<GroupKind>,
}

impl AssumeArgs {
    pub(crate) fn kinds(&self) -> Arc<BTreeSet<GroupKind>> {
        Arc::new(self.assume_gone.iter().cloned().collect())
    }
}

fn group_kind(text: &str) -> Result<GroupKind, String> {
    let kind = GroupKind::parse(text).filter(|kind| kind.kind.starts_with(char::is_uppercase));
    kind.ok_or_else(|| {
        "not a kind as manifests write it: such as `Widget.example.com`, or `ConfigMap`".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_written_as_in_manifests_with_its_group() {
        let kind = group_kind("Widget.example.com").map(|kind| (kind.group, kind.kind));
        assert_eq!(kind, Ok(("example.com".to_owned(), "Widget".to_owned())));
        assert!(group_kind("ConfigMap").is_ok());
        for wrong in ["widgets.example.com", "", ".example.com", "Widget/x"] {
            assert!(group_kind(wrong).is_err(), "{wrong}");
        }
    }
}
