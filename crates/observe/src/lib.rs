//! The live side of a deployment, observed: facts only, each with what was sent and received.
//!
//! This is the only room with sockets. Nothing here judges; `tightship-checks` does.

pub mod site;
