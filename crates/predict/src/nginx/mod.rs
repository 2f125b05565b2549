//! nginx: which directives hold where, and how a request is answered.
//!
//! [`Http`] puts a [`Configuration`](tightship_model::nginx::Configuration) in order once. Its
//! [`Scope`]s are the places in which directives hold, [`Scope::effective`] merges them as nginx
//! does; [`Http::leaves`] are the places that can answer.

mod answer;
mod directives;
mod http;
mod laid_out;
mod leaf;
mod listen;
mod location;
mod names;
mod pattern;
mod request;
mod scope;
mod select;
mod tables;
mod uri;
mod walk;

pub use answer::{Answer, Body, Doubt, Header, Protocol, Response, Step, Text, Upstream};
pub use directives::{Merge, default, merge};
pub use http::{Http, Server, Socket};
pub use laid_out::http_blocks;
pub use leaf::{Handler, Leaf};
pub use listen::{Address, Listen};
pub use location::Matcher;
pub use names::{Name, NameForm};
pub use request::{Entry, Request, World};
pub use scope::{Effective, Level, Scope};
