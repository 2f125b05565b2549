//! Start commands: from what starts a container or a service of the host to the servers that run.

mod gunicorn;
mod prefix;
mod run;
mod servers;
mod shell;
#[cfg(test)]
mod tests;
mod text;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use tightship_model::compose::{self, Compose, ImageReference};
use tightship_model::{
    Containers, Environment, Files as Names, Host, Image, Link, Place, Process, Program, SourceId,
    Span, Starter, Traced, Trail, Unknown, Value,
};

use crate::files::{Tree, join, normal};
use crate::ini::{self, Dialect};
use crate::process::Starters;
use run::{Found, Outcome, Runner};
use servers::{Grammar, Line};
use text::{Text, Variables};

/// Bytes of a script that is followed.
const LONGEST_SCRIPT: usize = 256 * 1024;

/// Programs of one supervisor configuration.
const MOST_PROGRAMS: usize = 100;

/// Everything that starts leads to.
#[derive(Debug, Default)]
pub(crate) struct Started {
    pub(crate) processes: Vec<Process>,
    /// Command lines of certbot, of loops and of steps too.
    pub(crate) certbot: Vec<Called>,
    /// Commands of loops that never end.
    pub(crate) loops: Vec<Looped>,
}

/// A command line that was met on the way.
#[derive(Clone, Debug)]
pub(crate) struct Called {
    pub(crate) by: Starter,
    pub(crate) words: Vec<String>,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct Looped {
    pub(crate) called: Called,
    /// Seconds between two rounds.
    pub(crate) every: Option<u64>,
}

/// A start that stands in a file of the host: a unit, a line of a Procfile.
#[derive(Clone, Debug)]
pub(crate) struct HostStart {
    pub(crate) starter: Starter,
    pub(crate) line: String,
    /// Whether a shell reads the line.
    pub(crate) is_shell: bool,
    pub(crate) environment: Environment,
    pub(crate) folder: Option<String>,
    pub(crate) user: Option<Traced<Value>>,
    pub(crate) span: Span,
}

/// What production starts: the services of Compose, else what the host starts, else the images.
pub(crate) fn read(tree: &mut Tree, starters: &Starters, images: &[Image], host: &Host) -> Started {
    let mut started = match &starters.compose {
        Some(compose) => of_services(tree, compose, images),
        None => Started::default(),
    };
    let mut starts = crate::host::starts(host);
    if starters.compose.is_none() {
        starts.extend(of_procfile(tree, starters));
    } else {
        // Programs of supervisor run inside of a container then, and are found from its start.
        starts.retain(|start| matches!(start.starter, Starter::Unit(_)));
    }
    started.add(of_host(tree, &starts));
    if started.processes.is_empty() {
        for image in images {
            started.add(of_image(tree, image));
        }
    }
    started
}

impl Started {
    fn add(&mut self, other: Self) {
        self.processes.extend(other.processes);
        self.certbot.extend(other.certbot);
        self.loops.extend(other.loops);
    }
}

fn of_procfile(tree: &Tree, starters: &Starters) -> Vec<HostStart> {
    let lines = starters.procfile.iter().filter_map(|(kind, command)| {
        let range = command.span.start as usize..command.span.end as usize;
        let (_, line) = tree.text(command.span.source).get(range)?.split_once(':')?;
        Some(HostStart {
            starter: Starter::Procfile(kind.clone()),
            line: line.trim().to_owned(),
            is_shell: true,
            environment: Environment::default(),
            folder: None,
            user: None,
            span: command.span,
        })
    });
    lines.collect()
}

/// What the services of the Compose model start.
fn of_services(tree: &mut Tree, compose: &Compose, images: &[Image]) -> Started {
    let names = tree.names();
    let mut started = Started::default();
    for service in &compose.services {
        let containers = Containers {
            compose,
            images,
            files: &names,
        };
        let image = containers.image(&service.name);
        let environment = environment(service, image);
        let mut world = World {
            tree,
            names: Arc::clone(&names),
            containers: Some((containers, &service.name)),
            image,
        };
        let starter = Starter::Service(service.name.clone());
        let user = service.user.as_ref().map(compose_value);
        let user = user.or_else(|| image.and_then(|image| image.config.user.clone()));
        let folder = service.working_dir.as_ref().map(compose_value);
        let folder = folder.or_else(|| image.and_then(|image| image.config.workdir.clone()));
        let around = Around {
            starter,
            environment: &environment,
            user,
            folder,
        };
        let start = command_of(service, image);
        around.follow(&mut world, start, &mut started);
    }
    started
}

/// What units, supervisor programs and Procfiles start.
fn of_host(tree: &mut Tree, starts: &[HostStart]) -> Started {
    let names = tree.names();
    let mut started = Started::default();
    for start in starts {
        let mut world = World {
            tree,
            names: Arc::clone(&names),
            containers: None,
            image: None,
        };
        let link = Link::new(Some(start.span), "WorkingDirectory");
        let folder = start.folder.as_ref().map(|folder| {
            let trail = Trail::new(vec![link.clone()]);
            Traced::new(Value::Str(folder.clone()), trail)
        });
        let around = Around {
            starter: start.starter.clone(),
            environment: &start.environment,
            user: start.user.clone(),
            folder,
        };
        let argv = match start.is_shell {
            true => vec![
                Text::new("sh"),
                Text::new("-c"),
                Text::new(start.line.as_str()),
            ],
            false => crate::command::words(&start.line)
                .into_iter()
                .map(Text::new)
                .collect(),
        };
        let command = Start::Command(argv, start.span);
        around.follow(&mut world, command, &mut started);
    }
    started
}

/// What an image starts that no service runs.
fn of_image(tree: &mut Tree, image: &Image) -> Started {
    let names = tree.names();
    let path = tree.sources()[image.file].path.clone();
    let environment = Environment {
        variables: image.config.env.clone(),
        ..Environment::default()
    };
    let mut world = World {
        tree,
        names,
        containers: None,
        image: Some(image),
    };
    let around = Around {
        starter: Starter::Image(path),
        environment: &environment,
        user: image.config.user.clone(),
        folder: image.config.workdir.clone(),
    };
    let mut started = Started::default();
    let start = command_of(&compose::Service::default(), Some(image));
    around.follow(&mut world, start, &mut started);
    started
}

/// What a container starts.
enum Start {
    Command(Vec<Text>, Span),
    /// An image that is not here, by what is known of it.
    Known(Program, Trail),
}

/// What stands around a start.
struct Around<'a> {
    starter: Starter,
    environment: &'a Environment,
    user: Option<Traced<Value>>,
    folder: Option<Traced<Value>>,
}

impl Around<'_> {
    fn follow(&self, world: &mut World<'_>, start: Start, started: &mut Started) {
        let (argv, span) = match start {
            Start::Command(argv, span) => (argv, span),
            Start::Known(program, trail) => {
                started.processes.push(self.bare(program, trail));
                return;
            }
        };
        let mut runner = Runner::new(
            world,
            Variables {
                outside: self.environment,
                own: BTreeMap::new(),
                arguments: Vec::new(),
            },
        );
        let folder = self
            .folder
            .as_ref()
            .and_then(|folder| folder.value.as_str());
        runner.folder = folder.map(str::to_owned);
        let outcome = runner.start(argv, span);
        self.note(&outcome, started);
        for found in &outcome.found {
            if found.program == Program::Other("supervisord".to_owned()) {
                self.supervised(world, found, started);
            } else {
                let process = self.process(world, found);
                started.processes.push(process);
            }
        }
    }

    /// Keeps what certbot and loops need.
    fn note(&self, outcome: &Outcome, started: &mut Started) {
        let called = |argv: &[Text], span: Span| Called {
            by: self.starter.clone(),
            words: argv.iter().map(|word| word.text.clone()).collect(),
            span,
        };
        let is_certbot = |argv: &[Text]| prefix::program(argv) == Some(Program::Certbot);
        for step in &outcome.steps {
            let argv: Vec<Text> = step.argv.words.iter().map(Text::new).collect();
            if is_certbot(&argv) {
                started.certbot.push(called(&argv, step.argv.span));
            }
        }
        for looped in &outcome.loops {
            if is_certbot(&looped.argv) {
                started.certbot.push(called(&looped.argv, looped.span));
            }
            started.loops.push(Looped {
                called: called(&looped.argv, looped.span),
                every: looped.every,
            });
        }
        let in_loop = |span: Span| outcome.loops.iter().any(|looped| looped.span == span);
        for found in &outcome.found {
            if is_certbot(&found.argv) && !in_loop(found.span) {
                started.certbot.push(called(&found.argv, found.span));
            }
        }
    }

    /// A process of which only the program is known.
    fn bare(&self, program: Program, trail: Trail) -> Process {
        Process {
            starter: self.starter.clone(),
            program,
            application: None,
            options: BTreeMap::new(),
            binds: Vec::new(),
            user: self.user.clone(),
            workdir: self.folder.clone(),
            steps: Vec::new(),
            trail,
            rest: None,
        }
    }

    fn process(&self, world: &mut World<'_>, found: &Found) -> Process {
        let grammar = Grammar::of(&found.program);
        let mut line = grammar.read(found.argv.get(1..).unwrap_or(&[]), found.span);
        let mut rest = None;
        let variables = self.variables(found);
        let named = variables
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()));
        for (name, value) in grammar.variables(named) {
            line.options.entry(name).or_insert(value);
        }
        match found.program {
            Program::Gunicorn => {
                rest = gunicorn::complete(world, &mut line, &variables, found, self.environment);
            }
            Program::Uvicorn => gunicorn::defaults_of_environment(&mut line, &variables),
            Program::Uwsgi => rest = uwsgi(world, &mut line, found),
            _ => {}
        }
        let port = variables.get("PORT");
        let trail = Trail::new(found.way.clone());
        let folder = found
            .folder
            .as_ref()
            .map(|folder| Traced::new(Value::Str(folder.clone()), trail.clone()));
        Process {
            starter: self.starter.clone(),
            application: application(&found.program, &line, &trail),
            binds: servers::binds(&found.program, &line, port),
            program: found.program.clone(),
            options: line.options,
            user: found.user.clone().or_else(|| self.user.clone()),
            workdir: folder.or_else(|| self.folder.clone()),
            steps: found.steps.clone(),
            trail,
            rest,
        }
    }

    /// The variables that the program sees: those of the script over those of the container.
    fn variables(&self, found: &Found) -> BTreeMap<String, Text> {
        let scope = Variables {
            outside: self.environment,
            own: found.variables.clone(),
            arguments: Vec::new(),
        };
        let outside = self.environment.variables.keys();
        let passed = self.environment.passed.keys();
        let names = outside.chain(passed).chain(found.variables.keys());
        names
            .filter_map(|name| Some((name.clone(), scope.variable(name)?)))
            .collect()
    }

    /// The programs of the configuration that supervisord is started with.
    fn supervised(&self, world: &mut World<'_>, found: &Found, started: &mut Started) {
        let words: Vec<&str> = found.argv.iter().map(|word| word.text.as_str()).collect();
        let named = words
            .windows(2)
            .find(|pair| matches!(pair[0], "-c" | "--configuration"))
            .map(|pair| pair[1]);
        let named = named.or_else(|| {
            let mut inline = words
                .iter()
                .filter_map(|word| word.strip_prefix("--configuration="));
            inline.next()
        });
        // supervisord's own search, as far as it is usual.
        let usual = ["/etc/supervisor/supervisord.conf", "/etc/supervisord.conf"];
        let paths: Vec<&str> = named.map_or(usual.to_vec(), |named| vec![named]);
        let file = paths
            .iter()
            .find_map(|path| world.file(path, found.folder.as_deref()));
        let Some((source, text)) = file else {
            let trail = Trail::new(found.way.clone());
            let reason = "supervisord's configuration is not here".to_owned();
            let mut process = self.bare(found.program.clone(), trail);
            process.rest = Some(Unknown::new(
                tightship_model::Cause::File,
                reason,
                Some(found.span),
            ));
            started.processes.push(process);
            return;
        };
        let ini = ini::parse(source, &text, Dialect::Configparser);
        let commands = ini
            .keys
            .iter()
            .filter(|key| key.section.starts_with("program:") && key.name == "command")
            .take(MOST_PROGRAMS);
        for key in commands {
            let folder = ini
                .section(&key.section)
                .find(|key| key.name == "directory");
            let inner = Around {
                starter: self.starter.clone(),
                environment: self.environment,
                user: self.user.clone(),
                folder: folder
                    .map(|key| {
                        let trail = Trail::at(key.span, "directory");
                        Traced::new(Value::Str(key.value.clone()), trail)
                    })
                    .or_else(|| self.folder.clone()),
            };
            let argv = crate::command::words(&key.value);
            let argv: Vec<Text> = argv.into_iter().map(Text::new).collect();
            let is_itself = argv
                .first()
                .is_some_and(|word| prefix::name(&word.text) == "supervisord");
            if !is_itself {
                inner.follow(world, Start::Command(argv, key.span), started);
            }
        }
    }
}

/// What a server serves.
fn application(program: &Program, line: &Line, trail: &Trail) -> Option<Traced<String>> {
    let option = |name: &str| {
        let value = line.options.get(name)?;
        let text = value.value.as_str()?.to_owned();
        Some(Traced::new(text, value.trail.clone()))
    };
    match program {
        Program::CeleryWorker | Program::CeleryBeat | Program::Flower => option("app"),
        Program::Uwsgi => option("module").or_else(|| option("wsgi_file")),
        Program::Gunicorn
        | Program::Uvicorn
        | Program::Daphne
        | Program::Granian
        | Program::Hypercorn
        | Program::Waitress => {
            let word = line.positional.first()?.known()?.to_owned();
            Some(Traced::new(word, trail.clone()))
        }
        _ => None,
    }
    .or_else(|| option("wsgi_app"))
}

/// Takes in the options of uWSGI's ini file.
fn uwsgi(world: &mut World<'_>, line: &mut Line, found: &Found) -> Option<Unknown> {
    let named = line.options.get("ini").and_then(|ini| ini.value.as_str());
    let named = named.or_else(|| {
        let mut words = line.positional.iter().map(|word| word.text.as_str());
        words.find(|word| word.ends_with(".ini"))
    });
    let named = named?.to_owned();
    let Some((source, text)) = world.file(&named, found.folder.as_deref()) else {
        let reason = format!("{named}, which uWSGI reads, is not here");
        return Some(Unknown::new(
            tightship_model::Cause::File,
            reason,
            Some(found.span),
        ));
    };
    let ini = ini::parse(source, &text, Dialect::Plain);
    let mut words = Vec::new();
    for key in ini.section("uwsgi") {
        words.push((format!("--{}={}", key.name, key.value), key.span));
    }
    let grammar = Grammar::of(&Program::Uwsgi);
    for (word, span) in words {
        let of_file = grammar.read(&[Text::new(word)], span);
        for (name, value) in of_file.options {
            line.options.entry(name).or_insert(value);
        }
    }
    None
}

/// Finds files of the repository behind paths of a container or host.
pub(crate) struct World<'a> {
    tree: &'a mut Tree,
    names: Arc<Names>,
    containers: Option<(Containers<'a>, &'a str)>,
    image: Option<&'a Image>,
}

impl run::Files for World<'_> {
    fn script(&mut self, path: &str, folder: Option<&str>) -> Option<(SourceId, String)> {
        // What has no slash is a program of the PATH.
        if !path.contains('/') && !path.ends_with(".sh") {
            return None;
        }
        let (source, text) = self.file(path, folder)?;
        let first = text.lines().next().unwrap_or("");
        let is_shell = match first.strip_prefix("#!") {
            Some(program) => program.contains("sh"),
            None => !matches!(path.rsplit_once('.'), Some((_, "py" | "rb" | "js" | "php"))),
        };
        (is_shell && text.len() <= LONGEST_SCRIPT).then_some((source, text))
    }
}

impl World<'_> {
    /// The file that a path of the container, or of the host, is.
    fn file(&mut self, path: &str, folder: Option<&str>) -> Option<(SourceId, String)> {
        let found = self.path(path, folder)?;
        let source = self.tree.read(&found)?;
        Some((source, self.tree.text(source).to_owned()))
    }

    fn path(&self, path: &str, folder: Option<&str>) -> Option<String> {
        let absolute = words::inside(folder, path);
        let place = match (&self.containers, self.image) {
            (Some((containers, service)), _) => containers.locate(service, &absolute).place,
            (None, Some(image)) => image.content(&self.names, &absolute).0,
            (None, None) => Place::Image,
        };
        match place {
            Place::Repository(path) | Place::Copied(path) if self.names.has_file(&path) => {
                return Some(path);
            }
            _ => {}
        }
        // An image of Docker's own holds nothing of this repository.
        let is_foreign = self.containers.is_some_and(|(containers, service)| {
            let service = containers.compose.service(service);
            let reference = service.and_then(compose::Service::reference);
            self.image.is_none()
                && reference.is_some_and(|image| image.repository.starts_with("library/"))
        });
        if is_foreign {
            return None;
        }
        // Where no text says how it came there: the file of this name nearest to the context.
        let context = self
            .image
            .and_then(|image| image.context.as_deref())
            .unwrap_or("");
        let mut tail = path.trim_start_matches("./").trim_start_matches('/');
        loop {
            let found = normal(&join(context, tail));
            if let Some(found) = found.filter(|found| self.names.has_file(found)) {
                return Some(found);
            }
            tail = tail.split_once('/')?.1;
        }
    }
}

/// The variables of a container: the image's under those of Compose.
fn environment(service: &compose::Service, image: Option<&Image>) -> Environment {
    let mut environment = service.environment.clone();
    if let Some(image) = image {
        for (name, value) in &image.config.env {
            if !environment.passed.contains_key(name) {
                let own = environment.variables.entry(name.clone());
                own.or_insert_with(|| value.clone());
            }
        }
    }
    environment
}

/// What the container of a service starts.
fn command_of(service: &compose::Service, image: Option<&Image>) -> Start {
    let config = image.map(|image| &image.config);
    let own_entrypoint = service.entrypoint.as_ref();
    let entrypoint = match own_entrypoint {
        Some(command) => Some((words(command), command.span)),
        None => config
            .and_then(|config| config.entrypoint.as_ref())
            .map(|argv| (exec(&argv.value), argv.value.span)),
    };
    let command = match (&service.command, own_entrypoint) {
        (Some(command), _) => Some((words(command), command.span)),
        // An entrypoint of Compose makes the image's command void.
        (None, Some(_)) => None,
        (None, None) => config
            .and_then(|config| config.cmd.as_ref())
            .map(|argv| (exec(&argv.value), argv.value.span)),
    };
    let span = command
        .as_ref()
        .or(entrypoint.as_ref())
        .map(|(_, span)| *span);
    let mut argv = Vec::new();
    let base = base_of(service, image);
    match entrypoint {
        Some((words, _)) => argv.extend(words),
        None => argv.extend(base.as_ref().and_then(entrypoint_of).map(Text::new)),
    }
    argv.extend(command.into_iter().flat_map(|(words, _)| words));
    match span {
        Some(span) if !argv.is_empty() => Start::Command(argv, span),
        _ => {
            let trail = service.image.as_ref().map(|image| image.trail.clone());
            let program = base.map_or(Program::Unknown, |base| own_program(&base));
            Start::Known(program, trail.unwrap_or_default())
        }
    }
}

fn base_of(service: &compose::Service, image: Option<&Image>) -> Option<ImageReference> {
    match image {
        Some(image) => image.base()?.image(),
        None => service.reference(),
    }
}

/// The entrypoint of images that are told apart, where the command is what it is given.
fn entrypoint_of(image: &ImageReference) -> Option<&'static str> {
    image
        .repository
        .starts_with("certbot/")
        .then_some("certbot")
}

/// What an image runs that is given no command.
fn own_program(image: &ImageReference) -> Program {
    let name = image.short_name();
    let last = name.rsplit('/').next().unwrap_or(name);
    match last {
        "nginx" | "nginx-unprivileged" | "openresty" | "nginx-certbot" => Program::Nginx,
        _ if image.repository.starts_with("certbot/") => Program::Certbot,
        // What a base image for code runs on its own is nothing that serves.
        "python" | "debian" | "ubuntu" | "alpine" | "node" => Program::Unknown,
        _ if image.repository.starts_with("library/") => Program::Other(last.to_owned()),
        _ => Program::Unknown,
    }
}

fn exec(argv: &tightship_model::Argv) -> Vec<Text> {
    argv.words.iter().map(Text::new).collect()
}

/// The words of a command in Compose; where a variable is open, each word may hold it.
fn words(command: &compose::Command) -> Vec<Text> {
    let word = |word: &String| Text {
        text: word.clone(),
        open: command.open.iter().cloned().collect(),
        ..Text::default()
    };
    command.words.iter().map(word).collect()
}

fn compose_value(text: &compose::Text) -> Traced<Value> {
    Traced::new(Value::Str(text.value.clone()), text.trail.clone())
}

/// The options of a command line, for those who know its program.
pub(crate) struct Options {
    pub(crate) values: BTreeMap<String, Traced<Value>>,
    pub(crate) positional: Vec<String>,
}

impl Options {
    pub(crate) fn read(program: &Program, words: &[String], span: Span) -> Self {
        let words: Vec<Text> = words.iter().map(Text::new).collect();
        let line = Grammar::of(program).read(&words, span);
        Self {
            values: line.options,
            positional: line.positional.into_iter().map(|word| word.text).collect(),
        }
    }

    /// Whether a switch is given.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.values
            .get(name)
            .is_some_and(|value| value.value == Value::Bool(true))
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match &self.values.get(name)?.value {
            Value::Int(number) => Some(number.to_string()),
            value => value.as_str().map(str::to_owned),
        }
    }

    /// The values of an option that may be given again.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        let value = self.values.get(name).map(|value| &value.value);
        match value.and_then(Value::as_items) {
            Some(items) => items
                .items
                .iter()
                .filter_map(|item| item.value.as_str().map(str::to_owned))
                .collect(),
            None => self.text(name).into_iter().collect(),
        }
    }
}
