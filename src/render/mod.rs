//! Files to objects: directories of manifests and kustomize overlays. Pure over a [`crate::repo::tree::FileTree`].

pub mod app;
pub mod bookkeeping;
pub mod build_env;
pub mod directory;
pub mod kustomize;
pub mod manifest;
pub mod re2;
pub mod scope;
pub mod template;

#[cfg(test)]
mod leak_tests;
