//! The reader of nginx's files.

mod acceptance;
mod tree;
