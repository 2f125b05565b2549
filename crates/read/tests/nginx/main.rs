//! The reader of nginx's files.

mod acceptance;
mod deployments;
mod tree;
