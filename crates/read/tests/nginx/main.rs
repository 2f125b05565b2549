//! The reader of nginx's files.

mod acceptance;
mod bounds;
mod deployments;
mod suite;
mod tree;
