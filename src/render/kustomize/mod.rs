//! A native kustomize: `kustomize build` over a file tree, with no binary and no library.
