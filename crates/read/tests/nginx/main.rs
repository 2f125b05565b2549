//! The reader of nginx's files.

mod acceptance;
mod bounds;
mod deployments;
mod tree;
