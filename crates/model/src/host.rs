//! Files for the host that lie in the repository: units, programs, crontabs, log rotation, bans,
//! Docker's daemon and firewall.

use std::collections::BTreeMap;

use crate::{Argv, Environment, SourceId, Span, Traced, Value};

#[derive(Clone, Debug, Default)]
pub struct Host {
    pub services: Vec<ServiceUnit>,
    pub timers: Vec<TimerUnit>,
    pub programs: Vec<SupervisorProgram>,
    pub cron: Vec<CronJob>,
    pub rotations: Vec<LogRotation>,
    pub jails: Vec<Jail>,
    pub docker_daemon: Option<DockerDaemon>,
    pub firewall: Vec<FirewallRule>,
}

/// Keys of one section of a file in an INI-like form, in their order, each occurrence.
pub type Keys = Vec<(String, Traced<String>)>;

/// A systemd service (systemd.service(5)).
#[derive(Clone, Debug)]
pub struct ServiceUnit {
    /// Path relative to the root.
    pub path: String,
    pub file: SourceId,
    /// `[Service]`, continued lines joined; an empty assignment stands as written.
    pub service: Keys,
    pub unit: Keys,
    pub install: Keys,
    pub exec_start: Vec<Argv>,
    /// What `Environment=` sets; those keys are not in `service`.
    pub environment: Environment,
    /// `EnvironmentFile=` as written, without the `-` of one that may be missing.
    pub environment_files: Vec<Traced<String>>,
}

impl ServiceUnit {
    /// The last assignment of a key of `[Service]`, which is the one that holds.
    pub fn key(&self, name: &str) -> Option<&Traced<String>> {
        let mut found = self.service.iter().rev();
        found.find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

/// A systemd timer (systemd.timer(5)).
#[derive(Clone, Debug)]
pub struct TimerUnit {
    pub path: String,
    pub timer: Keys,
    /// The unit that it starts: `Unit=`, else the service of the same name.
    pub starts: String,
}

/// A `[program:x]` of supervisor.
#[derive(Clone, Debug)]
pub struct SupervisorProgram {
    pub name: String,
    pub path: String,
    pub command: Option<Argv>,
    /// All but `environment`.
    pub keys: Keys,
    pub environment: Environment,
    pub span: Span,
}

/// A line of a crontab (crontab(5)).
#[derive(Clone, Debug)]
pub struct CronJob {
    pub path: String,
    /// Five fields, or `@daily`.
    pub schedule: String,
    /// In the form of /etc/crontab and /etc/cron.d.
    pub user: Option<String>,
    pub command: Argv,
    /// Variables that the crontab sets before it.
    pub variables: BTreeMap<String, Traced<Value>>,
    pub span: Span,
}

/// A block of logrotate.conf(5), with the defaults that stand before it taken in.
#[derive(Clone, Debug, Default)]
pub struct LogRotation {
    pub path: String,
    /// Globs of log files.
    pub logs: Vec<Traced<String>>,
    /// `daily`, `weekly`, …, where one is said.
    pub frequency: Option<Traced<String>>,
    pub rotate: Option<Traced<String>>,
    pub size: Option<Traced<String>>,
    pub max_size: Option<Traced<String>>,
    /// Directives without a block: `compress`, `copytruncate`, `missingok`.
    pub flags: Vec<Traced<String>>,
    pub postrotate: Option<Argv>,
    pub prerotate: Option<Argv>,
}

/// A section of fail2ban's jail.local or jail.d (jail.conf(5)), `[DEFAULT]` taken in.
#[derive(Clone, Debug)]
pub struct Jail {
    pub name: String,
    pub path: String,
    pub enabled: Option<Traced<String>>,
    pub filter: Option<Traced<String>>,
    pub log_paths: Vec<Traced<String>>,
    pub keys: BTreeMap<String, Traced<String>>,
}

/// Docker's daemon.json.
#[derive(Clone, Debug)]
pub struct DockerDaemon {
    pub path: String,
    /// As JSON gives it, by the names of its keys.
    pub settings: BTreeMap<String, Traced<Value>>,
}

/// A line of a script or rules file that opens or closes something.
#[derive(Clone, Debug)]
pub struct FirewallRule {
    pub path: String,
    pub tool: Firewall,
    /// The words after the program.
    pub argv: Argv,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Firewall {
    Ufw,
    Iptables,
    Nft,
    Firewalld,
}
