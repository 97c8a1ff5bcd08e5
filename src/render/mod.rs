//! Files to objects: directories of manifests and kustomize overlays. Pure over a [`crate::repo::tree::FileTree`].

pub mod kustomize;
