//! The process that answers requests in production: what starts it, and where that is said.

use tightship_model::compose::{self, Build, Compose, Service};
use tightship_model::{Link, Span};

use crate::command::{self, Command};
use crate::compose::is_development_name;
use crate::dockerfile::{self, Dockerfile};
use crate::files::{Tree, join};
use crate::systemd::{self, Unit};

/// Scripts that a start may lead through.
const MOST_SCRIPTS: usize = 8;

/// Files of one kind that are read, those nearest to the root first.
const MOST_FILES: usize = 100;

/// Everything in the tree that starts processes.
#[derive(Debug, Default)]
pub(crate) struct Starters {
    pub(crate) compose: Option<Compose>,
    /// A Compose file set that is the developers' own: it starts nothing here.
    pub(crate) set_aside: Option<SetAside>,
    /// Dockerfiles that only such a set builds, relative to the root.
    pub(crate) developers_images: Vec<String>,
    pub(crate) dockerfiles: Vec<Dockerfile>,
    pub(crate) units: Vec<Unit>,
    /// Path, process type and command of each line of a Procfile.
    pub(crate) procfile: Vec<(String, Command)>,
}

/// A Compose file set that is the developers' own.
#[derive(Debug)]
pub(crate) struct SetAside {
    pub(crate) compose: Compose,
    /// The service that answers requests.
    pub(crate) service: String,
    /// What says that the set is theirs.
    pub(crate) reason: Link,
    /// Whether Django's own server answers.
    pub(crate) is_served_by_django: bool,
    /// Whether no place tells what production runs instead.
    pub(crate) is_all: bool,
}

/// The web process of production.
#[derive(Debug, Default)]
pub(crate) struct Process {
    /// Index into the services of the Compose model.
    pub(crate) service: Option<usize>,
    /// Index into [`Starters::dockerfiles`]: the image that it runs.
    pub(crate) dockerfile: Option<usize>,
    pub(crate) target: Option<String>,
    /// Index into [`Starters::units`].
    pub(crate) unit: Option<usize>,
    /// Command lines in the order in which they run, those of start scripts included.
    pub(crate) commands: Vec<Command>,
    /// Start scripts, relative to the root.
    pub(crate) scripts: Vec<String>,
}

impl Process {
    /// Whether a server that is made for production answers.
    pub(crate) fn serves_production(&self) -> bool {
        self.commands.iter().any(Command::is_production_server)
    }
}

impl Starters {
    /// What starts processes beside `compose`, the file set of production.
    pub(crate) fn read(tree: &mut Tree, compose: Option<Compose>) -> Self {
        let mut starters = Self {
            compose,
            ..Self::default()
        };
        let named = |tree: &Tree, is_wanted: &dyn Fn(&str) -> bool| -> Vec<String> {
            let mut paths: Vec<String> = tree
                .files()
                .filter(|path| is_wanted(path))
                .map(str::to_owned)
                .collect();
            paths.sort_by_key(|path| path.matches('/').count());
            paths.truncate(MOST_FILES);
            paths
        };
        let mut dockerfiles = named(tree, &|path| {
            is_dockerfile(path) && !is_development_name(path)
        });
        let built = starters.builds().into_iter();
        dockerfiles.extend(built.filter_map(|build| build.dockerfile_path));
        starters.add_dockerfiles(tree, dockerfiles);
        for path in named(tree, &|path| {
            path.ends_with(".service") && !is_development_name(path)
        }) {
            if let Some(source) = tree.read(&path) {
                starters
                    .units
                    .push(systemd::parse(source, &path, tree.text(source)));
            }
        }
        for path in named(tree, &|path| name(path) == "Procfile")
            .into_iter()
            .take(1)
        {
            starters.procfile = procfile(tree, &path);
        }
        starters
    }

    /// Puts another Compose file set in the place of the one that is read.
    pub(crate) fn replace_compose(&mut self, tree: &mut Tree, compose: Compose) {
        self.compose = Some(compose);
        let built = self.builds().into_iter();
        let paths = built.filter_map(|build| build.dockerfile_path).collect();
        self.add_dockerfiles(tree, paths);
    }

    fn add_dockerfiles(&mut self, tree: &mut Tree, paths: Vec<String>) {
        for path in paths {
            if self.dockerfiles.iter().any(|known| known.path == path) {
                continue;
            }
            if let Some(source) = tree.read(&path) {
                let text = tree.text(source);
                self.dockerfiles
                    .push(dockerfile::parse(source, &path, text));
            }
        }
    }

    fn builds(&self) -> Vec<Build> {
        let services = self.compose.iter().flat_map(|model| &model.services);
        services
            .filter_map(|service| service.build.clone())
            .collect()
    }

    /// The web process: of Compose, else of systemd, else of a Procfile, else of a Dockerfile.
    /// `projects` are the folders that hold a manage.py.
    pub(crate) fn web_process(&self, tree: &mut Tree, projects: &[String]) -> Process {
        let mut process = self
            .compose
            .as_ref()
            .and_then(|model| self.service(tree, model, projects))
            .or_else(|| self.systemd())
            .or_else(|| self.of_procfile())
            .or_else(|| self.image(tree))
            .unwrap_or_default();
        self.follow_scripts(tree, &mut process);
        process
    }

    /// The requirement files that the image installs, relative to the root.
    pub(crate) fn requirements(&self, tree: &Tree, process: &Process) -> Vec<String> {
        let Some(file) = process.dockerfile.map(|at| &self.dockerfiles[at]) else {
            return Vec::new();
        };
        let context = self.context(tree, process);
        let mut found = Vec::new();
        for stage in file.chain(process.target.as_deref()) {
            for run in stage.runs.iter().filter(|run| {
                run.words
                    .iter()
                    .any(|word| word == "install" || word == "wheel")
            }) {
                for pair in run
                    .words
                    .windows(2)
                    .filter(|pair| pair[0] == "-r" || pair[0] == "--requirement")
                {
                    found.extend(self.in_context(&context, stage, &pair[1]));
                }
            }
        }
        found
    }

    /// The folder that the image of a process is built from.
    fn context(&self, tree: &Tree, process: &Process) -> String {
        let build = process
            .service
            .and_then(|at| self.compose.as_ref()?.services[at].build.as_ref());
        match (build, process.dockerfile) {
            (Some(build), _) => build.folder.clone().unwrap_or_default(),
            (None, Some(at)) => crate::image::context_of(tree, &self.dockerfiles[at].path),
            (None, None) => String::new(),
        }
    }

    /// The paths that a file of the image may have in the build context.
    fn in_context(&self, context: &str, stage: &dockerfile::Stage, written: &str) -> Vec<String> {
        let wanted = name(written);
        let copied = stage
            .copies
            .iter()
            .map(|(from, _)| from.trim_start_matches("./").trim_start_matches('/'))
            .filter(|from| name(from) == wanted)
            .map(|from| join(context, from));
        let mut paths: Vec<String> = copied.collect();
        let inner = written.trim_start_matches("./").trim_start_matches('/');
        paths.push(join(context, inner));
        paths.extend(inner.split_once('/').map(|(_, tail)| join(context, tail)));
        paths
    }

    fn service(&self, tree: &mut Tree, model: &Compose, projects: &[String]) -> Option<Process> {
        let mut best: Option<(u32, Process)> = None;
        for (at, service) in model.services.iter().enumerate() {
            let mut process = self.of_service(service, at);
            self.follow_scripts(tree, &mut process);
            let score = score(service, &process, projects);
            if score > best.as_ref().map_or(0, |(best, _)| *best) {
                best = Some((score, process));
            }
        }
        let (_, mut process) = best?;
        process.scripts.clear();
        let own = self.of_service(&model.services[process.service?], process.service?);
        process.commands = own.commands;
        Some(process)
    }

    fn of_service(&self, service: &Service, at: usize) -> Process {
        let build = service.build.as_ref();
        let dockerfile = build
            .and_then(|build| build.dockerfile_path.as_ref())
            .and_then(|path| self.dockerfiles.iter().position(|file| file.path == *path));
        let target = build.and_then(|build| Some(build.target.as_ref()?.value.clone()));
        let mut commands: Vec<Command> = own_commands(service).collect();
        if let Some(file) = dockerfile.map(|at| &self.dockerfiles[at]) {
            let (entrypoint, command) = of_image(file, target.as_deref());
            if service.entrypoint.is_none() {
                commands.splice(0..0, entrypoint);
                if service.command.is_none() {
                    commands.extend(command);
                }
            }
        }
        Process {
            service: Some(at),
            dockerfile,
            target,
            commands,
            ..Process::default()
        }
    }

    fn systemd(&self) -> Option<Process> {
        let unit = self
            .units
            .iter()
            .position(|unit| unit.start.as_ref().is_some_and(Command::is_server))?;
        Some(Process {
            unit: Some(unit),
            commands: self.units[unit].start.iter().cloned().collect(),
            ..Process::default()
        })
    }

    fn of_procfile(&self) -> Option<Process> {
        let (_, command) = self
            .procfile
            .iter()
            .find(|(kind, _)| kind == "web")
            .or_else(|| {
                self.procfile
                    .iter()
                    .find(|(_, command)| command.is_server())
            })?;
        Some(Process {
            commands: vec![command.clone()],
            ..Process::default()
        })
    }

    /// The Dockerfile that starts a server, one called after the web before others; else the one
    /// nearest to the root.
    fn image(&self, tree: &mut Tree) -> Option<Process> {
        let mut found: Option<((bool, bool), Process)> = None;
        for (at, file) in self.dockerfiles.iter().enumerate() {
            let (entrypoint, command) = of_image(file, None);
            let mut process = Process {
                dockerfile: Some(at),
                commands: entrypoint.into_iter().chain(command).collect(),
                ..Process::default()
            };
            let own = process.commands.clone();
            self.follow_scripts(tree, &mut process);
            let serves = process.commands.iter().any(Command::is_server);
            process.commands = own;
            process.scripts.clear();
            let mut words = name(&file.path).split(['.', '-', '_']);
            let rank = (
                serves,
                serves && words.any(|word| WEB_NAMES.contains(&word)),
            );
            if found.as_ref().is_none_or(|(best, _)| rank > *best) {
                found = Some((rank, process));
            }
        }
        found.map(|(_, process)| process)
    }

    /// Adds the commands of the scripts that the process starts.
    fn follow_scripts(&self, tree: &mut Tree, process: &mut Process) {
        let mut at = 0;
        while at < process.commands.len() && process.scripts.len() < MOST_SCRIPTS {
            let written: Vec<String> = process.commands[at].scripts().map(str::to_owned).collect();
            for script in written {
                let Some(path) = self.script(tree, process, &script) else {
                    continue;
                };
                if process.scripts.contains(&path) {
                    continue;
                }
                if let Some(source) = tree.read(&path) {
                    let text = tree.text(source);
                    let span = Span::new(source, 0, text.len() as u32);
                    process.commands.push(Command::shell(text, span));
                    process.scripts.push(path);
                }
            }
            at += 1;
        }
    }

    /// The file of the tree that a path in the image is: by the COPY that put it there, else by
    /// its name below the build context.
    fn script(&self, tree: &Tree, process: &Process, written: &str) -> Option<String> {
        let file = process.dockerfile.map(|at| &self.dockerfiles[at]);
        let context = self.context(tree, process);
        let copied = file
            .into_iter()
            .flat_map(|file| file.chain(process.target.as_deref()));
        let is_there = |path: &str| tree.has_file(path) || tree.has_folder(path);
        for (from, to) in copied.flat_map(|stage| &stage.copies) {
            let from = from.trim_start_matches("./").trim_start_matches('/');
            let lands_here = to == written
                || (to.ends_with('/') && written.strip_prefix(to.as_str()) == Some(name(from)));
            // Where nothing tells the context, it may be the root.
            let is_here = process.service.is_some() || is_there(&join(&context, from));
            let path = if is_here {
                join(&context, from)
            } else {
                from.to_owned()
            };
            if lands_here && tree.has_file(&path) {
                return Some(path);
            }
            // A folder that lands around it: `COPY rootfs /`, `ENTRYPOINT ["/start.sh"]`.
            let below = written.strip_prefix(to.trim_end_matches('/'));
            let below = below.and_then(|rest| rest.strip_prefix('/'));
            if let Some(inside) = below.map(|rest| join(&path, rest))
                && tree.has_file(&inside)
                && is_script(&inside)
            {
                return Some(inside);
            }
            // A folder of scripts that PATH names: `COPY ./scripts/ /scripts/`, `CMD ["start.sh"]`;
            // or the folder that it starts in.
            let bare = written.trim_start_matches("./");
            let inside = join(&path, bare);
            if !bare.contains('/') && tree.has_file(&inside) && is_script(&inside) {
                return Some(inside);
            }
        }
        let inner = written.trim_start_matches("./").trim_start_matches('/');
        let mut tail = inner;
        loop {
            let path = join(&context, tail);
            if tree.has_file(&path) && is_script(&path) {
                return Some(path);
            }
            tail = tail.split_once('/')?.1;
        }
    }
}

/// The entrypoint and the command that Compose gives the service.
pub(crate) fn own_commands(service: &Service) -> impl Iterator<Item = Command> + '_ {
    service
        .entrypoint
        .iter()
        .chain(&service.command)
        .map(of_compose)
}

/// The words of a command of Compose, those of scripts in them (`sh -c "…"`) apart.
fn of_compose(command: &compose::Command) -> Command {
    Command {
        words: command
            .words
            .iter()
            .flat_map(|word| command::words(word))
            .collect(),
        span: command.span,
    }
}

/// How likely a service is the web process; 0 for no.
fn score(service: &Service, process: &Process, projects: &[String]) -> u32 {
    let serves = process.commands.iter().any(Command::is_server);
    let own: Vec<Command> = own_commands(service).collect();
    // A start script may ask a worker how it does before it starts the server.
    let is_worker = process.commands.iter().any(Command::is_worker) && !serves;
    let own_is = |is_kind: fn(&Command) -> bool| own.iter().any(is_kind);
    if is_worker || own_is(Command::is_worker) && !own_is(Command::is_server) {
        return 0;
    }
    let builds_project = service.build.as_ref().is_some_and(|build| {
        build.folder.as_ref().is_some_and(|context| {
            projects.iter().any(|project| {
                context.is_empty()
                    || project == context
                    || project.starts_with(&format!("{context}/"))
            })
        })
    });
    let mut score = 0;
    if serves {
        score += 100;
    }
    if builds_project {
        score += 40;
    }
    // An image of a registry may be ours, built elsewhere; `postgres:17` is not.
    let is_named_image = service
        .image
        .as_ref()
        .is_some_and(|image| image.value.contains('/'));
    let is_ours = service.build.is_some() || serves || is_named_image;
    if is_ours && WEB_NAMES.contains(&service.name.to_ascii_lowercase().as_str()) {
        score += 20;
    }
    if NOT_WEB
        .iter()
        .any(|word| service.name.to_ascii_lowercase().contains(word))
    {
        score /= 4;
    }
    score
}

const WEB_NAMES: [&str; 9] = [
    "web", "django", "app", "backend", "api", "server", "www", "site", "wsgi",
];

const NOT_WEB: [&str; 9] = [
    "nginx", "celery", "worker", "beat", "flower", "migrat", "postgres", "redis", "frontend",
];

/// ENTRYPOINT and CMD that hold in the image.
fn of_image(file: &Dockerfile, target: Option<&str>) -> (Option<Command>, Option<Command>) {
    let mut result = (None, None);
    for stage in file.chain(target) {
        if stage.entrypoint.is_some() {
            result = (stage.entrypoint.clone(), None);
        }
        if stage.command.is_some() {
            result.1.clone_from(&stage.command);
        }
    }
    result
}

/// The lines `type: command` of a Procfile.
fn procfile(tree: &mut Tree, path: &str) -> Vec<(String, Command)> {
    let Some(source) = tree.read(path) else {
        return Vec::new();
    };
    let mut offset = 0u32;
    let mut commands = Vec::new();
    for raw in tree.text(source).split_inclusive('\n') {
        let span = Span::new(source, offset, offset + raw.trim_end().len() as u32);
        offset += raw.len() as u32;
        if let Some((kind, command)) = raw.split_once(':')
            && !raw.starts_with('#')
        {
            commands.push((
                kind.trim().to_owned(),
                Command {
                    words: command::words(command),
                    span,
                },
            ));
        }
    }
    commands
}

fn is_dockerfile(path: &str) -> bool {
    let name = name(path);
    name == "Dockerfile"
        || name == "Containerfile"
        || name.starts_with("Dockerfile.")
        || name.ends_with(".Dockerfile")
        || name.ends_with(".dockerfile")
}

/// Whether a file may be a shell script, by its name.
fn is_script(path: &str) -> bool {
    match name(path).rsplit_once('.') {
        None => true,
        Some((_, ending)) => matches!(ending, "sh" | "bash"),
    }
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
