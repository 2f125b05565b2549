//! What the deployment will answer, told from what its files say.
//!
//! Pure functions of the model: nothing here reads a file, opens a socket or asks a clock, and
//! nothing judges. Checks ask [`nginx::Http`] which directives hold in which place, and what
//! becomes of a request; what is not modelled is said to be unknown, with the place.

pub mod alt_svc;
pub mod chart;
mod compiled;
pub mod django;
pub mod dns;
pub mod domains;
pub mod guarded;
pub mod nginx;
pub mod pages;
pub mod server;
pub mod visit;
pub mod ways;
