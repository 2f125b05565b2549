//! The deployment as one thing: everything a check may ask.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;

use crate::compose::{Compose, DevelopersCompose};
use crate::nginx::Nginx;
use crate::site::Site;
use crate::{
    Certbot, Containers, Documents, Files, Host, Image, Location, Memo, Module, Policy, Process,
    Repeated, Routes, Secret, Settings, Sources, Span, Starter, Traced, Trail, UpdateSchedule,
    Value,
};

/// What is known of a deployment. Checks ask it and nothing else.
#[derive(Clone, Debug, Default)]
pub struct Deployment {
    /// Seconds since 1970-01-01 UTC: the only clock that a check has.
    pub now: i64,
    pub policy: Policy,
    /// Findings that the team accepts for a time.
    pub waivers: Vec<Waiver>,
    pub sources: Sources,
    /// The folder that was read, absolute and without links: paths of evaluated settings begin
    /// with it. Empty where no folder was.
    pub root: String,
    /// The names of all files of the repository, read or not.
    pub files: Files,
    /// What git keeps of them; `None` where the folder is no checkout, or its index is not read.
    pub git: Option<Git>,
    pub project: Project,
    pub environment: Environment,
    /// The Compose files of production; `None` where the project has none.
    pub compose: Option<Compose>,
    /// The Compose files that are here where they are the developers' own and those of production
    /// are not: what they say is judged as nothing. `None` beside [`Deployment::compose`].
    pub developers_compose: Option<DevelopersCompose>,
    pub packages: Packages,
    /// The settings under [`Deployment::environment`]; `None` where no module was found or read.
    pub settings: Option<Settings>,
    /// The settings as they would be if every variable that has a default were missing: what an
    /// operator gets who forgets one. `None` as above.
    pub settings_unset: Option<Settings>,
    /// The images that are built from Dockerfiles of the repository.
    pub images: Vec<Image>,
    /// What runs, as far as start commands tell.
    pub processes: Vec<Process>,
    pub certbot: Certbot,
    pub host: Host,
    pub facts: Facts,
    pub nginx: Nginx,
    /// The URL configuration; `None` where there is none or its module is not in the project.
    pub routes: Option<Routes>,
    pub documents: Documents,
    /// What is done again and again: by loops, crontabs and timers.
    pub repeated: Vec<Repeated>,
    /// The drills that were timed, the oldest first, as the ledger tells.
    pub drills: Vec<Drill>,
    /// What proposes newer versions.
    pub updates: Vec<UpdateSchedule>,
    /// The live site; `None` where nobody asked to look at it.
    pub site: Option<Site>,
    /// Variables of a file that Compose hands on and that another reader of it reads differently.
    pub divergences: Vec<Divergence>,
    /// What could not be read, and what is lost with it.
    pub gaps: Vec<Gap>,
    /// Where the processes of each starter stand: checks ask that of every service.
    pub by_starter: Memo,
    /// Which image each service runs.
    pub by_service: Memo,
}

impl Deployment {
    /// What is asked about paths in containers; `None` without a Compose model.
    pub fn containers(&self) -> Option<Containers<'_>> {
        Some(Containers {
            compose: self.compose.as_ref()?,
            images: &self.images,
            files: &self.files,
        })
    }

    /// What stands behind an absolute path in the container of a service.
    pub fn locate(&self, service: &str, path: &str) -> Option<Location> {
        Some(self.containers()?.locate(service, path))
    }

    /// The image that a service runs, where it is built from a Dockerfile of the repository.
    pub fn image(&self, service: &str) -> Option<&Image> {
        let by_service = self.by_service.get_or_make(|| {
            let mut places: HashMap<String, usize> = HashMap::new();
            for (at, image) in self.images.iter().enumerate() {
                for service in &image.services {
                    places.entry(service.clone()).or_insert(at);
                }
            }
            places
        });
        self.images.get(*by_service?.get(service)?)
    }

    /// What this starts, in the order in which it does.
    pub fn processes_of(&self, starter: &Starter) -> impl Iterator<Item = &Process> {
        let by_starter = self.by_starter.get_or_make(|| {
            let mut places: HashMap<Starter, Vec<usize>> = HashMap::new();
            for (at, process) in self.processes.iter().enumerate() {
                places.entry(process.starter.clone()).or_default().push(at);
            }
            places
        });
        let places = by_starter.and_then(|places| places.get(starter));
        let places = places.into_iter().flatten();
        places.filter_map(|at| self.processes.get(*at))
    }
}

/// A variable of a file that two readers read differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    pub name: String,
    /// The whole assignment.
    pub span: Span,
    /// Who reads it otherwise than Compose does: `python-decouple`.
    pub reader: &'static str,
    /// What Compose reads. Kept as a secret, whatever it is.
    pub compose: Secret,
    pub other: Secret,
}

/// What the index of git says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Git {
    /// The files that are committed or about to be, relative to the root.
    pub tracked: BTreeSet<String>,
}

/// The Django project that was found.
#[derive(Clone, Debug, Default)]
pub struct Project {
    /// Folder of manage.py relative to the root, `""` for the root itself; `None` without Django.
    pub folder: Option<String>,
    /// Every place that names a settings module, in the order of their say in production.
    pub settings_mentions: Vec<SettingsMention>,
    /// The module that was judged.
    pub module: Option<Module>,
    /// The class of django-configurations that production uses (DJANGO_CONFIGURATION).
    pub configuration: Option<Traced<String>>,
    /// Why no module could be judged, where that is so.
    pub no_settings: Option<String>,
    /// Other Django projects below the root, by folder, which were not judged.
    pub others: Vec<String>,
}

/// A place that names a settings module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsMention {
    /// Dotted name.
    pub module: String,
    /// What kind of file names it, and for which use.
    pub by: Mention,
    pub span: Span,
}

/// The kinds of files that name a settings module. The order is their say in production.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mention {
    Compose,
    EnvFile,
    Dockerfile,
    Systemd,
    Procfile,
    StartScript,
    Wsgi,
    Asgi,
    Celery,
    ManagePy,
    /// A Compose file set that is the developers' own.
    DevelopmentCompose,
    Workflow,
    Pytest,
}

impl Mention {
    /// What it is called in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Compose => "Compose",
            Self::EnvFile => "the environment file",
            Self::Dockerfile => "the Dockerfile",
            Self::Systemd => "the systemd unit",
            Self::Procfile => "the Procfile",
            Self::StartScript => "a start script",
            Self::Wsgi => "wsgi.py",
            Self::Asgi => "asgi.py",
            Self::Celery => "the Celery module",
            Self::ManagePy => "manage.py",
            Self::DevelopmentCompose => "the developers' Compose file",
            Self::Workflow => "a CI workflow",
            Self::Pytest => "the pytest configuration",
        }
    }
}

/// The environment variables of the production process.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    pub origin: EnvOrigin,
    /// [`Value::Str`], or [`Value::Secret`] where the name or the value says so. A variable that is
    /// made of others that are not known (`${TAG}` in Compose) is a [`Value::Environment`].
    pub variables: BTreeMap<String, Traced<Value>>,
    /// Variables that are handed through from outside, set or not, and the place that does so.
    pub passed: BTreeMap<String, Trail>,
    /// Why variables beyond these may be set too: `.env.prod, which compose.yml names, is not here`.
    pub incomplete: Option<String>,
}

/// What is known of one variable of an environment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Variable<'a> {
    Set(&'a Traced<Value>),
    Unset,
    /// Set or not: nothing tells. The trail is that of the place that passes it on, where one does.
    Open(Option<&'a Trail>),
}

/// What gave the environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum EnvOrigin {
    /// Nothing did, or `--env` alone: a variable that is not listed may be set or not.
    #[default]
    Nothing,
    /// `--env-file`.
    Given(String),
    /// A service of the Compose model.
    Compose { service: String, files: Vec<String> },
    /// The `EnvironmentFile=` or `Environment=` of a systemd unit.
    Systemd(String),
    /// A `.env` file that names production.
    DotEnv(String),
}

impl Environment {
    /// Whether variables that are neither listed nor passed on are known to be unset.
    pub fn is_known(&self) -> bool {
        self.origin != EnvOrigin::Nothing && self.incomplete.is_none()
    }

    pub fn variable(&self, name: &str) -> Variable<'_> {
        if let Some(value) = self.variables.get(name) {
            return Variable::Set(value);
        }
        match self.passed.get(name) {
            Some(trail) => Variable::Open(Some(trail)),
            None if self.is_known() => Variable::Unset,
            None => Variable::Open(None),
        }
    }
}

/// The packages that the project asks for, by normalised name (PEP 503).
#[derive(Clone, Debug, Default)]
pub struct Packages {
    /// Which Pythons the project says it runs on.
    pub python: Option<PythonDemand>,
    pub by_name: BTreeMap<String, Package>,
}

/// `requires-python` of a pyproject.toml, or `python` of Poetry's dependencies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PythonDemand {
    /// In the words of PEP 440: `>=3.11,<4`.
    pub text: String,
    /// The minor versions of Python 3 of which it takes some release.
    pub minors: Vec<u32>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    pub name: String,
    /// The version that is locked or pinned with `==`; else `None`.
    pub version: Option<String>,
    /// The requirement as written, `Django>=5.2,<5.3`.
    pub requirement: String,
    pub trail: Trail,
}

impl Packages {
    /// By any spelling of its name.
    pub fn get(&self, name: &str) -> Option<&Package> {
        self.by_name
            .get(&name.to_lowercase().replace(['_', '.'], "-"))
    }
}

impl Package {
    /// The first three numbers of the pinned version.
    pub fn release(&self) -> Option<(u32, u32, u32)> {
        let mut numbers = self.version.as_deref()?.split('.').map(|part| {
            let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        });
        let first = numbers.next()??;
        Some((
            first,
            numbers.next().flatten().unwrap_or(0),
            numbers.next().flatten().unwrap_or(0),
        ))
    }
}

/// What the whole code of the project says, without judging it.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Environment variables that code reads.
    pub env_reads: Vec<EnvRead>,
    /// Settings that code outside of settings modules reads: `settings.NAME`, `getattr(settings, "NAME")`.
    pub settings_reads: Vec<SettingsRead>,
    /// Dotted paths that settings name and that lead into the project, with what stands there.
    pub symbols: BTreeMap<String, Symbol>,
    /// Where code sets up a service that errors are reported to.
    pub tracker_calls: Vec<TrackerCall>,
    /// Where code stores a password that a client sent.
    pub password_writes: Vec<PasswordWrite>,
    /// Where code and scripts make an administrator.
    pub administrators: Vec<Administrator>,
    /// Where code takes the first address of X-Forwarded-For for the visitor's.
    pub first_addresses: Vec<Span>,
    /// Fields of models that keep a file.
    pub file_fields: Vec<Span>,
    /// The folders, as paths of the site, that code hands over to nginx by `X-Accel-Redirect`.
    pub accel_redirects: Vec<(String, Span)>,
    /// Where code puts something beside the password before Django's admin, by the name of the class
    /// or decorator (`OTPAdminSite`), and `site.login` where that is replaced.
    pub second_factors: Vec<(String, Span)>,
    /// The scopes of throttles that views of REST framework name.
    pub throttle_scopes: Vec<ThrottleScope>,
    /// Number of Python files that were parsed.
    pub python_files: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvRead {
    pub name: String,
    pub span: Span,
    /// Whether the program stops without it: no default, no guard.
    pub is_required: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsRead {
    pub name: String,
    pub span: Span,
}

/// `throttle_scope` of a view of REST framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThrottleScope {
    pub scope: String,
    /// The last names of the view's own `throttle_classes`; `None` where it takes the default ones.
    pub throttles: Option<Vec<String>>,
    pub span: Span,
}

/// A call that sets up an error tracker.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackerCall {
    /// Dotted path of the function: `sentry_sdk.init`.
    pub function: String,
    /// The keywords that are given as plain literals; the others as [`Value::Unknown`].
    pub keywords: Vec<(String, Traced<Value>)>,
    pub span: Span,
}

impl TrackerCall {
    pub fn keyword(&self, name: &str) -> Option<&Traced<Value>> {
        let (_, value) = self.keywords.iter().find(|(keyword, _)| keyword == name)?;
        Some(value)
    }
}

/// A call that stores a password out of a request, in a serializer or a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordWrite {
    /// Name of the function: `create_user`.
    pub function: String,
    /// Whether the module names `validate_password` or `password_validation`.
    pub module_validates: bool,
    pub span: Span,
}

/// A place that makes an administrator of the site. Of Python files only those that a start may run and
/// that hold a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Administrator {
    pub by: MadeBy,
    pub span: Span,
    /// The passwords that stand there as text.
    pub passwords: Vec<PasswordText>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MadeBy {
    /// A shell script.
    Script,
    /// A migration, which every `migrate` runs once.
    Migration,
    /// A command of manage.py, by name.
    Command(String),
}

/// A password that stands in the project as text, and where what holds it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordText {
    /// The variable that has it; `None` where the call itself does.
    pub variable: Option<String>,
    pub span: Span,
}

/// What a dotted path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Symbol {
    /// The module is in the project and has no such name.
    Missing,
    Class {
        /// Dotted paths of all bases, nearest first, as far as they are known.
        bases: Vec<String>,
        span: Span,
    },
    Function {
        signature: Signature,
        span: Span,
    },
    /// Something else: a variable, an instance, the result of a call.
    Other {
        span: Span,
    },
}

/// The parameters of a function, as `inspect.signature` sees them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// Name, and whether it has a default.
    pub positional_only: Vec<(String, bool)>,
    pub positional_or_keyword: Vec<(String, bool)>,
    pub keyword_only: Vec<(String, bool)>,
    pub takes_any_positional: bool,
    pub takes_any_keyword: bool,
}

/// An accepted finding: who accepts it, why, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// Id of the check.
    pub check: String,
    /// Subject of the finding.
    pub subject: String,
    pub reason: String,
    pub owner: String,
    /// The first second since 1970-01-01 UTC at which it no longer holds.
    pub expires: i64,
    /// Where its date stands.
    pub span: Span,
}

/// A drill that somebody signed, with the time that it took.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Drill {
    /// The checklist's row: `A11.3`.
    pub item: String,
    pub by: String,
    /// Seconds from its begin to its end.
    pub took: u64,
}

/// Something that could not be read, and what is lost with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Path relative to the root, with the line where one is known.
    pub place: String,
    /// What happened, with the measured value: `is 61 MB; files beyond 16 MB are not read`.
    pub reason: String,
    /// What is therefore not judged.
    pub lost: String,
}
