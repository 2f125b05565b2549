//! Start commands and what they lead to.
