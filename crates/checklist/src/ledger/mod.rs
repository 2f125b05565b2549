//! The ledger: what people vouched for and when verdicts changed, in lines that cannot be changed
//! unseen.
//!
//! Each line holds the hashes of the lines that were last when it was written, and its own. Where two
//! branches were merged by git's union driver, two lines follow the same one; the next entry holds the
//! hashes of both. So the lines are a graph that grows at its ends and never changes behind them.
//!
//! Hand-written: no crate keeps such a file; hashes come from sha2, locks from the standard library.

mod chain;
mod file;
mod line;

pub use chain::{Chain, Fault, FaultKind};
pub use file::{Ledger, LedgerError, hash_file};
pub use line::Entry;
