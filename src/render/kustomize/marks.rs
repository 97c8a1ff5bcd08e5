//! The steps of a layer that put the same into every object: namespace, names, labels, annotations.

use super::accumulate::{Layer, Walker, in_field};
use super::config::Tables;
use super::labels;
use super::names::{self, End};
use super::namespace::{self, Namespace};
use super::set::ResourceSet;
use crate::error::Result;

impl Walker<'_> {
    /// Namespace, prefix and suffix.
    pub(super) fn rename(
        &mut self,
        set: &mut ResourceSet,
        layer: &Layer<'_>,
        tables: &Tables,
    ) -> Result<()> {
        let file = layer.file;
        if !file.namespace.is_empty() {
            let step = Namespace {
                namespace: &file.namespace,
                ..Namespace::default()
            };
            namespace::apply(set, &step, &tables.namespace, &self.loader.budget)
                .map_err(|error| in_field(error, file, "namespace", 0))?;
            self.done(set, file, "NamespaceTransformer");
        }
        let ends = [
            (
                &file.name_prefix,
                End::Prefix,
                &tables.name_prefix,
                "namePrefix",
                "PrefixTransformer",
            ),
            (
                &file.name_suffix,
                End::Suffix,
                &tables.name_suffix,
                "nameSuffix",
                "SuffixTransformer",
            ),
        ];
        for (affix, end, specs, field, kind) in ends {
            if !affix.is_empty() {
                names::apply(set, affix, end, specs, &self.loader.budget)
                    .map_err(|error| in_field(error, file, field, 0))?;
                self.done(set, file, kind);
            }
        }
        Ok(())
    }

    /// Labels and annotations.
    pub(super) fn label(
        &mut self,
        set: &mut ResourceSet,
        layer: &Layer<'_>,
        tables: &Tables,
    ) -> Result<()> {
        let file = layer.file;
        for entry in &file.labels {
            let specs = labels::specs_of(entry, tables)
                .map_err(|error| in_field(error, file, "labels", 0))?;
            labels::apply(set, &entry.pairs, &specs, &self.loader.budget)
                .map_err(|error| in_field(error, file, "labels", 0))?;
            self.done(set, file, "LabelTransformer");
        }
        // A layer with `labels` counts one for `commonLabels` too, even where there are none.
        if !file.common_labels.is_empty() || !file.labels.is_empty() {
            labels::apply(
                set,
                &file.common_labels,
                &tables.common_labels,
                &self.loader.budget,
            )
            .map_err(|error| in_field(error, file, "commonLabels", 0))?;
            self.done(set, file, "LabelTransformer");
        }
        if !file.common_annotations.is_empty() {
            labels::apply(
                set,
                &file.common_annotations,
                &tables.common_annotations,
                &self.loader.budget,
            )
            .map_err(|error| in_field(error, file, "commonAnnotations", 0))?;
            self.done(set, file, "AnnotationsTransformer");
        }
        Ok(())
    }
}
