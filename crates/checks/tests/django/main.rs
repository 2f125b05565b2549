//! Django's deployment checks and these give the same ids: on the calls that Django's own tests
//! make, and against each Django that is installed.

mod cases;
mod installed;
mod recorded;
