//! Checklists in Markdown and the ledger of what people vouch for.
//!
//! A checklist is plain Markdown. An invisible comment binds a box to the checks that prove it
//! ([`Checklist`]); [`judge`] holds the boxes against verdicts and the [`ledger`]; [`Checklist::ticked`]
//! writes the answers back and leaves every other byte as it is.

mod adopt;
mod built_in;
mod cadence;
mod incident;
mod join;
mod judge;
pub mod ledger;
mod list;
mod markdown;
mod note;
mod parameter;
mod record;

pub use adopt::{Proposal, adopt, adopted};
pub use built_in::{BUILT_IN, built_in};
pub use cadence::Cadence;
pub use incident::{Incident, Runbook};
pub use join::{Joined, JoinedItem, join};
pub use judge::{Sight, judge};
pub use list::{Answer, Checklist, Item, LARGEST, Refusal};
pub use note::{Binding, Need, days};
pub use parameter::{PARAMETERS, Parameter, Strict};
pub use record::{Act, Exhibit, Record, What};
