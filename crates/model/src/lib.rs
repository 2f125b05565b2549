//! The nouns of tightship: what readers and observers state, what checks ask and answer.
//!
//! Everything here is plain data. Nothing opens a file, a socket or a clock; nothing words a thing
//! for a screen. Readers build a [`Deployment`], checks turn it into [`Verdict`]s, renderers print
//! a [`Report`].

mod answer;
mod certbot;
mod check;
pub mod checklist;
pub mod compose;
mod container;
mod deployment;
pub mod documents;
mod files;
mod host;
mod ignore;
pub mod image;
mod memo;
pub mod nginx;
mod policy;
mod process;
mod repeated;
mod report;
mod routes;
mod secret;
mod settings;
pub mod site;
mod source;
mod traced;
mod updates;
mod value;
mod verdict;
mod views;

pub use answer::{Answer, Doubt};
pub use certbot::{Certbot, CertbotRun, Certificate, Contact, HookKind, Lineage, PrivateKey};
pub use check::{Check, Need, Reference};
pub use container::{Containers, Copied, Location, Place, Sharer};
pub use deployment::{
    Administrator, Deployment, Divergence, Drill, EnvOrigin, EnvRead, Environment, Facts, Gap, Git,
    MadeBy, Mention, Package, Packages, PasswordText, PasswordWrite, Project, PythonDemand,
    SettingsMention, SettingsRead, Signature, Symbol, ThrottleScope, TrackerCall, Variable, Waiver,
};
pub use documents::{Documents, Patching};
pub use files::{Files, absolute};
pub use host::{
    CronJob, DockerDaemon, Firewall, FirewallRule, Host, Jail, Keys, LogRotation, ServiceUnit,
    SupervisorProgram, TimerUnit,
};
pub use image::Image;
pub use memo::Memo;
pub use policy::Policy;
pub use process::{Argv, Bind, Process, Program, ServerOption, Starter, Step, StepKind};
pub use repeated::{Repeated, RepeatedBy};
pub use report::{Head, Report, SiteGrade};
pub use routes::{Pattern, Route, Routes, UnreadRoutes, View};
pub use secret::{Secret, names_a_secret};
pub use settings::{Module, Setting, Settings};
pub use source::{Source, SourceId, Sources, Span};
pub use traced::{Link, LinkKind, Traced, Trail};
pub use updates::{LooksAt, UpdateSchedule, UpdateTool};
pub use value::{
    ANY_VARIABLE, Case, Cause, Dependent, Dict, Instance, Items, State, Unknown, Value, stands_for,
};
pub use verdict::{
    Confidence, Edit, Evidence, Finding, Fix, Label, Outcome, Safety, Severity, Verdict,
    give_variables, settings_to_inspect, variables_to_give, worst_first,
};
pub use views::{ViewCall, ViewCode};
