//! `kustomize build` without kustomize: overlays to objects, equal to the real program's output byte for byte.
//!
//! Pure over a [`FileTree`](crate::repo::tree::FileTree). Content stays as YAML nodes with their text as written until the
//! output, as in the real program, because that is what decides how values are typed. It runs no programs; charts are asked
//! for through [`Charts`], and refused where there is none. What lies outside the tree is asked of a
//! [`Foreign`](crate::repo::foreign::Foreign).

mod accumulate;
mod budget;
mod build;
mod chart_archive;
mod chart_pull;
mod chart_values;
mod charts;
mod config;
mod crds;
mod defaults;
mod defaults_names;
mod definition;
mod emit;
mod fields;
mod fieldspec;
mod generators;
mod hash;
mod helm_chart;
mod id;
mod images;
mod input;
mod jsonpatch;
mod kustomization;
mod labels;
mod load;
mod marks;
mod merge_sort;
mod metadata;
mod names;
mod namespace;
mod node;
mod overrides;
mod patches;
mod path;
mod plugins;
mod references;
mod remote;
mod replacements;
mod replicas;
mod resource;
mod selector;
mod set;
mod shared;
mod smp;
mod sort;
mod structured;
mod text;
mod transformers;
mod typed;
mod vars;
mod vars_expand;
mod visit;

pub use build::{BuildOptions, Built, Reorder, build, build_remote};
pub use charts::{ChartFile, ChartRequest, Charts};
pub use helm_chart::HelmChart;
pub use load::{Cache, FILE_NAMES, LoadRestrictor};
pub use overrides::SourceOverrides;
pub use remote::is_remote;

#[cfg(test)]
mod build_tests;
#[cfg(test)]
mod entries_tests;

#[cfg(test)]
mod corpus_tests;

#[cfg(test)]
mod laws_tests;
#[cfg(test)]
mod restrictor_tests;
