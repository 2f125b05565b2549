//! The reader of nginx's files.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod acceptance;
mod bounds;
mod deployments;
mod suite;
mod tree;
