//! What the web service of a Compose set says of its own use: that developers run it, or that
//! visitors reach it.

use tightship_model::compose::{Compose, PortRange, Service};
use tightship_model::{Link, LinkKind, Mention, Span, Value};

use super::mentions::{of_service, while_unset};
use super::{is_developers, is_development_module};
use crate::command::Command;
use crate::compose::{deployed_by, is_development_name};
use crate::files::Tree;
use crate::process::{Process, Starters, own_commands};

/// The web service of a Compose set, and what it starts.
pub(super) struct Web<'a> {
    pub(super) compose: &'a Compose,
    pub(super) service: &'a Service,
    process: &'a Process,
    projects: &'a [String],
}

impl<'a> Web<'a> {
    pub(super) fn of(
        starters: &'a Starters,
        process: &'a Process,
        projects: &'a [String],
    ) -> Option<Self> {
        let compose = starters.compose.as_ref()?;
        Some(Self {
            compose,
            service: &compose.services[process.service?],
            process,
            projects,
        })
    }

    /// What says that it is a developer's one. Weak: enough where another place tells what
    /// production runs.
    pub(super) fn is_for_development(&self, tree: &Tree) -> Option<Link> {
        if self.publishes(&[443]) {
            return None;
        }
        let service = self.service;
        if let Some((span, text)) = self.starts_developers_server() {
            return Some(self.says(span, text));
        }
        if let Some(span) = service.span.filter(|_| is_developers(&service.name)) {
            return Some(self.says(span, "is called after developers"));
        }
        let build = service.build.as_ref();
        let target = build.and_then(|build| build.target.as_ref());
        if let Some(target) = target.filter(|target| is_developers(&target.value)) {
            let text = format!("runs the stage {}", target.value);
            return Some(self.says(target.trail.first_span()?, text));
        }
        let mut mentions = of_service(service, Mention::Compose).into_iter();
        if let Some(mention) = mentions.find(|mention| is_development_module(&mention.module)) {
            return Some(self.says(mention.span, format!("runs {}", mention.module)));
        }
        let (span, text) = match (self.debug(is_on), self.takes_developers_file()) {
            (Some((name, span)), _) => (span, format!("mounts the source and sets {name}")),
            (None, Some((span, path))) => (span, format!("mounts the source and takes {path}")),
            (None, None) => (self.reloads()?, "mounts the source and reloads".to_owned()),
        };
        self.mounts_code(tree).then(|| self.says(span, text))
    }

    /// The Dockerfile or a file of variables that the service takes, where its path says that it is the
    /// developers' own: `compose/local/django/Dockerfile`, `.envs/.local/.django`.
    fn takes_developers_file(&self) -> Option<(Span, &str)> {
        let service = self.service;
        let build = service.build.as_ref();
        let dockerfile =
            build.and_then(|build| Some((build.span?, build.dockerfile_path.as_deref()?)));
        let files = service.env_files.iter();
        let files = files.filter_map(|file| Some((file.span, file.path.as_deref()?)));
        let mut taken = dockerfile.into_iter().chain(files);
        taken.find(|(_, path)| is_development_name(path))
    }

    /// What says that nobody but developers runs it: the code of the machine lies over that of the
    /// image, the server is one that follows changes of it, and nothing leads visitors there.
    ///
    /// Strong: enough where nothing tells what production runs instead. A small team may deploy
    /// with `runserver`; it then publishes port 80, has the service start again, or says so in a script.
    pub(super) fn is_only_for_development(&self, tree: &Tree) -> Option<Link> {
        let (span, text) = match (self.starts_developers_server(), self.reloads()) {
            (Some((span, text)), _) => (span, format!("{text} and mounts the code")),
            (None, Some(span)) => (span, "mounts the code and reloads it".to_owned()),
            (None, None) => {
                let (span, path) = self.takes_developers_file()?;
                (span, format!("mounts the code and takes {path}"))
            }
        };
        let is_production = self.publishes(&[80, 443])
            || self.starts_again()
            || self.debug(is_off).is_some()
            || self.has_certificates()
            || deployed_by(tree, self.compose);
        (!is_production && self.mounts_code(tree)).then(|| self.says(span, text))
    }

    /// Django's own server, where the service starts it.
    pub(super) fn starts_developers_server(&self) -> Option<(Span, &'static str)> {
        let own: Vec<Command> = own_commands(self.service).collect();
        if let Some(command) = own.iter().find(|command| command.is_development_server()) {
            return Some((command.span, "starts Django's own server"));
        }
        let mut started = self.process.commands.iter();
        let started = started.find(|command| command.is_development_server())?;
        if !self.process.serves_production() {
            return Some((started.span, "starts Django's own server"));
        }
        // One start script may have a word for each use: `web-dev`, `web-prod`.
        let has_word = |command: &&Command| command.words.iter().any(|word| is_developers(word));
        let command = own.iter().find(has_word)?;
        Some((command.span, "starts the developers' server"))
    }

    /// A server that takes changes of the code up while it runs.
    fn reloads(&self) -> Option<Span> {
        const VARIABLES: [&str; 2] = ["UWSGI_PYTHON_AUTORELOAD", "UWSGI_PY_AUTORELOAD"];
        let mut own = own_commands(self.service);
        let command = own.find(Command::is_reloading).map(|command| command.span);
        let variables = &self.service.own_variables;
        let variable = || {
            VARIABLES
                .iter()
                .find_map(|name| variables.get(*name).copied())
        };
        command.or_else(variable)
    }

    /// Its own variable that switches DEBUG, where its value is of that kind.
    fn debug(&self, is_it: fn(&str) -> bool) -> Option<(&str, Span)> {
        let service = self.service;
        let value = |name: &str| service.environment.variables.get(name);
        let mut names = service.own_variables.keys();
        names.find_map(|name| {
            let debug = value(name).filter(|value| is_debug(name, &value.value, is_it))?;
            Some((name.as_str(), debug.trail.first_span()?))
        })
    }

    fn says(&self, span: Span, text: impl Into<String>) -> Link {
        Link {
            span: Some(span),
            text: format!("its service {} {}", self.service.name, text.into()),
            kind: LinkKind::Decides,
        }
    }

    /// Whether one of these ports of the host leads into the set.
    fn publishes(&self, wanted: &[u16]) -> bool {
        let is_wanted = |range: PortRange| wanted.iter().any(|port| range == PortRange::one(*port));
        let mut ports = self.compose.services.iter().flat_map(|one| &one.ports);
        ports.any(|port| is_wanted(port.published.unwrap_or(port.target)))
    }

    /// Whether it comes back after a restart of the machine: `on-failure` only waits for a database.
    fn starts_again(&self) -> bool {
        let deploy = self.service.deploy.as_ref();
        let condition = deploy.and_then(|deploy| deploy.restart_condition.as_ref());
        let mut policies = self.service.restart.iter().chain(condition);
        policies.any(|policy| matches!(policy.value.trim(), "always" | "unless-stopped" | "any"))
    }

    fn has_certificates(&self) -> bool {
        let is_one = |text: &str| {
            ["certbot", "letsencrypt", "acme"]
                .iter()
                .any(|word| text.contains(word))
        };
        let mut services = self.compose.services.iter();
        services.any(|service| {
            let image = service.image.as_ref();
            is_one(&service.name) || image.is_some_and(|image| is_one(&image.value))
        })
    }

    /// Whether the machine's code lies over that of the image.
    fn mounts_code(&self, tree: &Tree) -> bool {
        let is_below = |path: &str, folder: &str| {
            folder.is_empty()
                || path
                    .strip_prefix(folder)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let mounts = self.service.mounts.iter();
        let mut mounts = mounts.filter_map(|mount| mount.path.as_ref());
        mounts.any(|mount| {
            self.projects.iter().any(|project| is_below(project, mount))
                || tree
                    .files()
                    .any(|path| path.ends_with(".py") && is_below(path, mount))
        })
    }
}

fn is_debug(name: &str, value: &Value, is_it: fn(&str) -> bool) -> bool {
    let is_debug = name == "DEBUG" || name.ends_with("_DEBUG");
    is_debug && while_unset(value).is_some_and(is_it)
}

fn is_on(value: &str) -> bool {
    matches!(
        value.to_ascii_lowercase().as_str(),
        "1" | "true" | "on" | "yes" | "t" | "y"
    )
}

fn is_off(value: &str) -> bool {
    matches!(
        value.to_ascii_lowercase().as_str(),
        "0" | "false" | "off" | "no" | "f" | "n"
    )
}
