//! The command as a user runs it: one folder, one command line, one answer.

mod bar;
mod calendar;
mod check;
mod checklists;
mod config;
mod demos;
mod documents;
mod files;
mod hostile;
mod inspect;
mod kept;
mod ledger;
mod live;
mod live_demos;
mod live_django;
mod live_tls;
mod many;
mod oscal;
mod page;
mod project;
mod screen;
mod usage;
mod waivers;
mod workplaces;
