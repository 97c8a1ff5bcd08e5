//! A plan and a cluster to writes, in an order that a crash at any instant cannot spoil.

pub mod event;
