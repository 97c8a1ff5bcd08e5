//! The one test binary: drives the built program, against real control planes where a cluster matters.
//!
//! Each topic is a module beside this file; what they share is in `support`. One binary links once and lets the tests
//! share a control plane.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that meets the unexpected should fail there and say so"
)]

mod support;

mod bad_input;
mod cli;
mod cluster_add;
mod cluster_layer;
mod cluster_manager;
mod directory_corpus;
mod drift;
mod faultline;
mod harness;
mod helm;
mod helm_differential;
mod kill;
mod kustomize_differential;
mod layers;
mod real_apps;
mod reliability;
mod remote;
mod sample;
mod sync;
mod writes;
mod yaml_against_kubectl;
