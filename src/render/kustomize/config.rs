//! The field tables of a layer: the built-in ones, what `configurations` and `crds` add, and what inner layers bring up.

use std::sync::Arc;

use super::defaults;
use super::fields::Fields;
use super::fieldspec::{FieldSpec, Specs};
use super::id::sort_text;
use super::sort;
use crate::error::Result;
use crate::object::Gvk;
use crate::object::yaml::Node;

/// Which fields hold names of objects of one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameReference {
    pub gvk: Gvk,
    pub referrers: Specs,
}

impl PartialEq for Specs {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Specs {}

/// All field tables.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    pub name_prefix: Specs,
    pub name_suffix: Specs,
    pub namespace: Specs,
    pub common_labels: Specs,
    pub labels: Specs,
    pub template_labels: Specs,
    pub claim_template_labels: Specs,
    pub common_annotations: Specs,
    pub name_references: Vec<NameReference>,
    pub var_references: Specs,
    pub images: Specs,
    pub replicas: Specs,
}

/// The tables of a layer in the making. Nothing is copied while all of them are the built-in ones.
#[derive(Debug, Clone, Default)]
pub struct Additions(Option<Arc<Tables>>);

impl Additions {
    /// Adds the tables of one layer: the built-in ones with what its files say.
    pub fn add_layer(&mut self, files: Vec<Tables>) -> Result<()> {
        if files.is_empty() {
            return self.add(&defaults::tables());
        }
        let mut tables = (*defaults::tables()).clone();
        files.into_iter().try_for_each(|file| tables.merge(file))?;
        self.add(&Arc::new(tables))
    }

    /// Takes over what an inner layer had.
    pub fn extend(&mut self, inner: &Self) -> Result<()> {
        match &inner.0 {
            Some(tables) => self.add(&tables.clone()),
            None => Ok(()),
        }
    }

    /// Row by row, in their order: a row for any kind does not come back in where one for a single kind stands.
    fn add(&mut self, tables: &Arc<Tables>) -> Result<()> {
        let is_builtin = Arc::ptr_eq(tables, &defaults::tables());
        match &mut self.0 {
            None if is_builtin => self.0 = Some(tables.clone()),
            Some(known) if Arc::ptr_eq(known, tables) => {}
            known => {
                let mut merged = known
                    .as_ref()
                    .map_or_else(Tables::default, |known| (**known).clone());
                merged.merge((**tables).clone())?;
                *known = Some(Arc::new(merged));
            }
        }
        Ok(())
    }

    /// The tables as they are now.
    pub fn tables(&self) -> Arc<Tables> {
        self.0.clone().unwrap_or_else(defaults::tables)
    }
}

impl Tables {
    /// Reads a file of `configurations`.
    pub fn read(node: &Node, file: &str) -> Result<Self> {
        let mut fields = Fields::strict(node, "configurations", file)?;
        let mut tables = Self {
            name_prefix: specs(&mut fields, "namePrefix", file)?,
            name_suffix: specs(&mut fields, "nameSuffix", file)?,
            namespace: specs(&mut fields, "namespace", file)?,
            common_labels: specs(&mut fields, "commonLabels", file)?,
            labels: specs(&mut fields, "labels", file)?,
            template_labels: specs(&mut fields, "templateLabels", file)?,
            claim_template_labels: specs(&mut fields, "volumeClaimTemplateLabels", file)?,
            common_annotations: specs(&mut fields, "commonAnnotations", file)?,
            var_references: specs(&mut fields, "varReference", file)?,
            images: specs(&mut fields, "images", file)?,
            replicas: specs(&mut fields, "replicas", file)?,
            name_references: Vec::new(),
        };
        for item in fields.list("nameReference")? {
            tables.name_references.push(name_reference(item, file)?);
        }
        fields.finish()?;
        Ok(tables)
    }

    /// Adds rows; nothing is ever taken away.
    pub fn merge(&mut self, other: Self) -> Result<()> {
        self.name_prefix.merge(other.name_prefix.0)?;
        self.name_suffix.merge(other.name_suffix.0)?;
        self.namespace.merge(other.namespace.0)?;
        self.common_labels.merge(other.common_labels.0)?;
        self.labels.merge(other.labels.0)?;
        self.template_labels.merge(other.template_labels.0)?;
        self.claim_template_labels
            .merge(other.claim_template_labels.0)?;
        self.common_annotations.merge(other.common_annotations.0)?;
        self.var_references.merge(other.var_references.0)?;
        self.images.merge(other.images.0)?;
        self.replicas.merge(other.replicas.0)?;
        for reference in other.name_references {
            let same = self
                .name_references
                .iter_mut()
                .find(|known| known.gvk == reference.gvk);
            match same {
                Some(known) => known.referrers.merge(reference.referrers.0)?,
                None => self.name_references.push(reference),
            }
        }
        sort_references(&mut self.name_references);
        Ok(())
    }
}

pub(super) fn sort_references(references: &mut [NameReference]) {
    references.sort_by_cached_key(|reference| {
        (
            sort::legacy_rank(&reference.gvk.kind),
            sort_text(&reference.gvk),
        )
    });
}

fn specs<'a>(fields: &mut Fields<'a>, name: &'a str, file: &str) -> Result<Specs> {
    fields
        .list(name)?
        .iter()
        .map(|item| FieldSpec::read(item, file, true))
        .collect::<Result<_>>()
        .map(Specs)
}

fn name_reference(node: &Node, file: &str) -> Result<NameReference> {
    let mut fields = Fields::strict(node, "nameReference", file)?;
    let gvk = Gvk {
        group: fields.text("group")?,
        version: fields.text("version")?,
        kind: fields.text("kind")?,
    };
    let referrers = specs(&mut fields, "fieldSpecs", file)?;
    fields.finish()?;
    Ok(NameReference { gvk, referrers })
}
