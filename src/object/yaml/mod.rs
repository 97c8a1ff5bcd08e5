//! The one YAML loader: text to nodes with lines and columns, and nodes to JSON in one of two dialects.
//!
//! [`parse`] knows YAML's structure only: anchors and aliases are expanded under a budget, scalars keep their text, style
//! and tag. What a plain scalar *means* is decided by a [`Dialect`] when a node becomes JSON: kubectl, Argo CD and
//! `kustomization.yaml` read YAML 1.1; kustomize reads resources in its own way and keeps them as text until output.

mod build;
mod dialect;
mod locate;
mod node;
mod parse;
mod repeated;
mod scalar;
mod text;
mod timestamp;
mod tokens;

pub use dialect::{Dialect, resolve, to_json};
pub use node::{Node, NodeKind, Scalar, Style};
pub use parse::{First, Limits, Parsed, Warning, parse, parse_first};
pub(crate) use scalar::float_number;
pub use scalar::{TAGS, plain_tag};
pub use text::with_final_newline;
pub use tokens::{Place, Token, TokenKind, Tokens, tokens};

#[cfg(test)]
mod tests;
