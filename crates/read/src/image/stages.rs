//! The stages of a Dockerfile: what each instruction says once variables are put in.

use std::collections::BTreeMap;

use tightship_model::image::{
    Action, Base, Copy, CopyFrom, HealthTest, Healthcheck, ImageConfig, Instruction, Run, RunMount,
    Stage, Variable,
};
use tightship_model::{Argv, Link, Span, Traced, Trail, Value, absolute};

use super::expand::{self, Expanded, Found};
use super::lines::{Fault, Line, Lines};
use super::words;

/// Stages of one file.
const MOST_STAGES: usize = 200;

/// Arguments that BuildKit itself sets (Dockerfile reference, "Automatic platform ARGs in the
/// global scope").
const PLATFORM_ARGS: [&str; 9] = [
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETARCH",
    "TARGETVARIANT",
    "TARGETSTAGE",
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDARCH",
    "BUILDVARIANT",
];

/// Arguments that need no ARG (the same, "Predefined ARGs").
const PREDEFINED_ARGS: [&str; 10] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "FTP_PROXY",
    "ftp_proxy",
    "NO_PROXY",
    "no_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// What is given to the build.
#[derive(Debug, Default)]
pub(super) struct Given {
    /// `build.args`, `--build-arg`.
    pub(super) args: BTreeMap<String, Expanded>,
    pub(super) target: Option<String>,
}

#[derive(Debug)]
pub(super) struct Evaluated {
    pub(super) stages: Vec<Stage>,
    pub(super) chain: Vec<usize>,
    pub(super) config: ImageConfig,
    pub(super) faults: Vec<Fault>,
    /// Places of secrets.
    pub(super) secrets: Vec<Span>,
}

/// Evaluates every stage; `chain` and `config` are those of the target.
pub(super) fn evaluate(lines: &Lines, given: &Given) -> Evaluated {
    let mut builder = Builder {
        lines,
        given,
        globals: BTreeMap::new(),
        stages: Vec::new(),
        states: Vec::new(),
        faults: lines.faults.clone(),
        secrets: Vec::new(),
    };
    for line in &lines.lines {
        if line.keyword == "FROM" && builder.stages.len() == MOST_STAGES {
            builder.fault(line.span, format!("has more than {MOST_STAGES} stages"));
            break;
        }
        builder.take(line);
    }
    builder.finish()
}

struct Builder<'a> {
    lines: &'a Lines,
    given: &'a Given,
    /// ARGs before the first FROM.
    globals: BTreeMap<String, Expanded>,
    stages: Vec<Stage>,
    /// One for each stage.
    states: Vec<State>,
    faults: Vec<Fault>,
    secrets: Vec<Span>,
}

/// What holds at a place of a stage.
#[derive(Clone, Debug, Default)]
struct State {
    /// ENV and ARG as later instructions see them: the last one wins.
    variables: BTreeMap<String, Expanded>,
    /// Whether an image that is not here may say more.
    stands_on_image: bool,
    workdir: Option<Expanded>,
    config: ImageConfig,
    /// Whether this stage has a CMD of its own, which a later ENTRYPOINT leaves alone.
    has_cmd: bool,
    triggers: Vec<Line>,
}

impl Builder<'_> {
    fn finish(mut self) -> Evaluated {
        let target = self.given.target.as_deref();
        let mut current = match target {
            Some(target) => self.stage_named(target, self.stages.len()),
            None => self.stages.len().checked_sub(1),
        };
        if let (Some(target), None, Some(first)) = (target, current, self.stages.first()) {
            let (span, reason) = (
                first.span,
                format!("has no stage {target}, which is asked for"),
            );
            self.fault(span, reason);
        }
        let config = current.map(|at| std::mem::take(&mut self.states[at].config));
        let mut chain = Vec::new();
        while let Some(at) = current {
            chain.push(at);
            current = self.stages[at].base.stage;
        }
        chain.reverse();
        Evaluated {
            stages: self.stages,
            chain,
            config: config.unwrap_or_default(),
            faults: self.faults,
            secrets: self.secrets,
        }
    }

    fn take(&mut self, line: &Line) {
        let taken = match (line.keyword.as_str(), self.states.is_empty()) {
            ("FROM", _) => self.from(line),
            ("ARG", true) => self.global(line),
            (_, true) => Err("stands before the first FROM".to_owned()),
            _ => self.instruction(line),
        };
        if let Err(reason) = taken {
            self.fault(line.span, reason);
        }
    }

    fn fault(&mut self, span: Span, reason: String) {
        self.faults.push(Fault { span, reason });
    }

    fn global(&mut self, line: &Line) -> Result<(), String> {
        for (name, value, span) in arguments(line, self.lines.escape)? {
            let given = self.given.args.get(&name).cloned();
            let value = match (given, value) {
                (Some(given), _) => given,
                (None, Some(value)) => {
                    let lookup = |name: &str| self.global_variable(name);
                    let mut value = expand::word(&value, self.lines.escape, &lookup)?;
                    value.links.insert(0, declared("ARG", &name, span));
                    value
                }
                (None, None) => continue,
            };
            self.hide(&name, &value, span);
            self.globals.insert(name, value);
        }
        Ok(())
    }

    fn global_variable(&self, name: &str) -> Found<'_> {
        match self.globals.get(name) {
            Some(value) => Found::Set(value),
            None => automatic(name),
        }
    }

    fn from(&mut self, line: &Line) -> Result<(), String> {
        let words: Vec<&str> = line.arguments.split_whitespace().collect();
        let (base, name) = match words.as_slice() {
            [base] => (*base, None),
            [base, by, name] if by.eq_ignore_ascii_case("as") => (*base, Some(name.to_lowercase())),
            _ => return Err("FROM takes an image, and a name behind AS".to_owned()),
        };
        let lookup = |name: &str| self.global_variable(name);
        let reference = expand::word(base, self.lines.escape, &lookup)?;
        let stage = reference
            .known()
            .and_then(|name| self.stage_called(name, self.stages.len()));
        let platform = line.flags.iter().find_map(|flag| {
            let written = flag.strip_prefix("--platform=")?;
            let platform = expand::word(written, self.lines.escape, &lookup).ok()?;
            Some(platform.known().unwrap_or(written).to_owned())
        });
        let at = line.arguments.find(base).unwrap_or(0);
        let span = line.span_of(at..at + base.len());
        let link = Link::new(Some(span), "FROM");
        let mut state = match stage {
            Some(stage) => self.states[stage].clone(),
            None => State {
                stands_on_image: base != "scratch",
                ..State::default()
            },
        };
        state.has_cmd = false;
        let triggers = std::mem::take(&mut state.triggers);
        self.states.push(state);
        self.stages.push(Stage {
            name,
            base: Base {
                written: base.to_owned(),
                reference: reference.value("image", link, span),
                stage,
                platform,
                span,
            },
            instructions: Vec::new(),
            span: line.span,
        });
        for trigger in triggers {
            self.take(&trigger);
        }
        Ok(())
    }

    /// The stage of this name before a place.
    fn stage_called(&self, name: &str, before: usize) -> Option<usize> {
        let mut names = self.stages[..before].iter();
        names.rposition(|stage| {
            let own = stage.name.as_deref();
            own.is_some_and(|own| own.eq_ignore_ascii_case(name))
        })
    }

    /// The stage of this name or number.
    fn stage_named(&self, name: &str, before: usize) -> Option<usize> {
        self.stage_called(name, before)
            .or_else(|| name.parse().ok().filter(|number| *number < before))
    }

    fn instruction(&mut self, line: &Line) -> Result<(), String> {
        let action = self.action(line)?;
        let mut state = self.states.pop().unwrap_or_default();
        self.apply(&mut state, &action, line);
        self.states.push(state);
        if let Some(stage) = self.stages.last_mut() {
            stage.instructions.push(Instruction {
                action,
                span: line.span,
            });
        }
        Ok(())
    }

    fn action(&mut self, line: &Line) -> Result<Action, String> {
        let arguments = line.arguments.as_str();
        if arguments.is_empty() {
            return Err(format!("{} needs an argument", line.keyword));
        }
        Ok(match line.keyword.as_str() {
            "ENV" => Action::Env(self.pairs(line)?),
            "LABEL" => Action::Label(self.pairs(line)?),
            "ARG" => Action::Arg(self.args(line)?),
            "RUN" => Action::Run(self.run(line)),
            "COPY" | "ADD" => Action::Copy(self.copy(line)?),
            "USER" => Action::User(self.text(line, "USER")?),
            "WORKDIR" => Action::Workdir(self.workdir(line)?),
            "ENTRYPOINT" => Action::Entrypoint(self.argv(line)),
            "CMD" => Action::Cmd(self.argv(line)),
            "SHELL" => {
                let shell = words::json(arguments).filter(|shell| !shell.is_empty());
                Action::Shell(shell.ok_or("SHELL takes a list in JSON")?)
            }
            "HEALTHCHECK" => Action::Healthcheck(self.healthcheck(line)?),
            "EXPOSE" => Action::Expose(self.all(arguments.split_whitespace())?),
            "VOLUME" => match words::json(arguments) {
                Some(volumes) => Action::Volume(self.all(volumes.iter().map(String::as_str))?),
                None => Action::Volume(self.all(arguments.split_whitespace())?),
            },
            "STOPSIGNAL" => Action::StopSignal(self.expand(arguments)?.text),
            "ONBUILD" => self.on_build(line)?,
            "MAINTAINER" => Action::Maintainer,
            other => return Err(format!("{} is no instruction", shortened(other))),
        })
    }

    fn on_build(&mut self, line: &Line) -> Result<Action, String> {
        let trigger = line
            .trigger(self.lines.escape)
            .ok_or("ONBUILD needs an instruction")?;
        if matches!(trigger.keyword.as_str(), "ONBUILD" | "FROM" | "MAINTAINER") {
            return Err(format!("{} cannot stand behind ONBUILD", trigger.keyword));
        }
        let action = self.action(&trigger)?;
        Ok(Action::OnBuild(Box::new(Instruction {
            action,
            span: line.span,
        })))
    }

    /// What the instruction changes for those that follow.
    fn apply(&mut self, state: &mut State, action: &Action, line: &Line) {
        let config = &mut state.config;
        let trail = |text: &str| Trail::at(line.span, text);
        match action {
            Action::Env(pairs) => {
                for pair in pairs
                    .iter()
                    .filter_map(|pair| Some((pair, pair.value.as_ref()?)))
                {
                    let (variable, value) = pair;
                    config.env.insert(variable.name.clone(), value.clone());
                }
            }
            Action::Label(pairs) => {
                for pair in pairs {
                    let value = pair.value.clone();
                    config
                        .labels
                        .extend(value.map(|value| (pair.name.clone(), value)));
                }
            }
            Action::User(user) => config.user = Some(user.clone()),
            Action::Workdir(folder) => config.workdir = Some(folder.clone()),
            Action::Cmd(argv) => {
                state.has_cmd = true;
                config.cmd = Some(Traced::new(argv.clone(), trail("CMD")));
            }
            Action::Entrypoint(argv) => {
                config.entrypoint = Some(Traced::new(argv.clone(), trail("ENTRYPOINT")));
                if !state.has_cmd {
                    config.cmd = None;
                }
            }
            Action::Shell(shell) => config.shell = Some(shell.clone()),
            Action::Healthcheck(check) => {
                config.healthcheck = Some(Traced::new(check.clone(), trail("HEALTHCHECK")));
            }
            Action::Expose(ports) => {
                let ports = ports.iter().cloned();
                let ports = ports.map(|port| Traced::new(port, trail("EXPOSE")));
                config.exposes.extend(ports);
            }
            Action::Volume(volumes) => {
                let volumes = volumes.iter().cloned();
                let volumes = volumes.map(|volume| Traced::new(volume, trail("VOLUME")));
                config.volumes.extend(volumes);
            }
            Action::StopSignal(signal) => {
                config.stop_signal = Some(Traced::new(signal.clone(), trail("STOPSIGNAL")));
            }
            Action::OnBuild(_) => state.triggers.extend(line.trigger(self.lines.escape)),
            Action::Arg(_) | Action::Run(_) | Action::Copy(_) | Action::Maintainer => {}
        }
        self.remember(state, action, line);
    }

    /// Keeps the variables and the folder as later words see them.
    fn remember(&mut self, state: &mut State, action: &Action, line: &Line) {
        let escape = self.lines.escape;
        match action {
            Action::Env(_) => {
                let mut set = Vec::new();
                for (name, value, span) in pairs(line, escape).unwrap_or_default() {
                    let lookup = |name: &str| variable(state, name);
                    let Ok(mut value) = expand::word(&value, escape, &lookup) else {
                        continue;
                    };
                    value.links.insert(0, declared("ENV", &name, span));
                    set.push((name, value));
                }
                state.variables.extend(set);
            }
            Action::Arg(_) => {
                for (name, default, span) in arguments(line, escape).unwrap_or_default() {
                    if let Some(value) = self.arg(state, &name, default.as_deref(), span) {
                        state.variables.insert(name, value);
                    }
                }
            }
            Action::Workdir(_) => {
                let lookup = |name: &str| variable(state, name);
                state.workdir = expand::word(&line.arguments, escape, &lookup)
                    .ok()
                    .map(|written| inside(state, written));
            }
            _ => {}
        }
    }

    /// The value that an ARG of a stage has: given, its default, or the global one.
    fn arg(
        &self,
        state: &State,
        name: &str,
        default: Option<&str>,
        span: Span,
    ) -> Option<Expanded> {
        let mut value = match (self.given.args.get(name), default) {
            (Some(given), _) => given.clone(),
            (None, Some(default)) => {
                let lookup = |name: &str| variable(state, name);
                expand::word(default, self.lines.escape, &lookup).ok()?
            }
            (None, None) => match self.globals.get(name) {
                Some(global) => global.clone(),
                None if PLATFORM_ARGS.contains(&name) => Expanded {
                    open: [name.to_owned()].into(),
                    ..Expanded::default()
                },
                None => return None,
            },
        };
        value.links.insert(0, declared("ARG", name, span));
        Some(value)
    }

    fn state(&self) -> &State {
        // Instructions are read only behind a FROM, which makes a state.
        &self.states[self.states.len() - 1]
    }

    fn expand(&self, text: &str) -> Result<Expanded, String> {
        let state = self.state();
        expand::word(text, self.lines.escape, &|name| variable(state, name))
    }

    /// Words that are taken whatever is known of them.
    fn all<'w>(&self, words: impl Iterator<Item = &'w str>) -> Result<Vec<String>, String> {
        words
            .map(|word| {
                let expanded = self.expand(word)?;
                Ok(expanded.known().unwrap_or(word).to_owned())
            })
            .collect()
    }

    fn text(&self, line: &Line, name: &str) -> Result<Traced<Value>, String> {
        let expanded = self.expand(&line.arguments)?;
        let link = Link::new(Some(line.span), name);
        Ok(expanded.value(name, link, line.span))
    }

    fn workdir(&self, line: &Line) -> Result<Traced<Value>, String> {
        let written = self.expand(&line.arguments)?;
        let link = Link::new(Some(line.span), "WORKDIR");
        Ok(inside(self.state(), written).value("WORKDIR", link, line.span))
    }

    fn pairs(&mut self, line: &Line) -> Result<Vec<Variable>, String> {
        let mut found = Vec::new();
        for (name, written, span) in pairs(line, self.lines.escape)? {
            let name = self.expand(&name)?.text;
            let value = self.expand(&written)?;
            self.hide(&name, &value, span);
            let link = declared(&line.keyword, &name, span);
            let value = value.value(&name, link, span);
            found.push(Variable {
                name,
                value: Some(value),
                span,
            });
        }
        Ok(found)
    }

    fn args(&mut self, line: &Line) -> Result<Vec<Variable>, String> {
        let mut found = Vec::new();
        for (name, default, span) in arguments(line, self.lines.escape)? {
            let value = self.arg(self.state(), &name, default.as_deref(), span);
            if let Some(value) = &value {
                self.hide(&name, value, span);
            }
            let value = value.map(|mut value| {
                let link = value.links.remove(0);
                value.value(&name, link, span)
            });
            found.push(Variable { name, value, span });
        }
        Ok(found)
    }

    fn hide(&mut self, name: &str, value: &Expanded, span: Span) {
        if crate::interpolate::is_secret(name, &value.text) {
            // The value alone: the name says what is hidden.
            let name = name.len() as u32 + 1;
            self.secrets.push(Span {
                start: (span.start + name).min(span.end),
                ..span
            });
        }
    }

    fn run(&self, line: &Line) -> Run {
        let mut mounts = Vec::new();
        let mut options = Vec::new();
        for flag in &line.flags {
            let (name, value) = option(flag);
            match name {
                "mount" => mounts.push(mount(value)),
                _ => options.push((name.to_owned(), value.to_owned())),
            }
        }
        Run {
            argv: self.argv(line),
            heredocs: line.heredocs.clone(),
            mounts,
            options,
            user: self.state().config.user.clone(),
            span: line.span,
        }
    }

    /// Exec form, or the shell with its script.
    fn argv(&self, line: &Line) -> Argv {
        let span = line.span_of(0..line.arguments.len());
        self.command(&line.arguments, span)
    }

    fn command(&self, text: &str, span: Span) -> Argv {
        if let Some(words) = words::json(text) {
            return Argv {
                is_shell: false,
                words,
                span,
            };
        }
        let shell = self.state().config.shell.clone();
        let mut words = shell.unwrap_or_else(|| vec!["/bin/sh".to_owned(), "-c".to_owned()]);
        words.push(text.to_owned());
        Argv {
            is_shell: true,
            words,
            span,
        }
    }

    fn healthcheck(&self, line: &Line) -> Result<Healthcheck, String> {
        let text = line.arguments.as_str();
        let length = text.find(char::is_whitespace).unwrap_or(text.len());
        let (kind, command) = text.split_at(length);
        let command = command.trim_start();
        if kind.eq_ignore_ascii_case("none") && command.is_empty() {
            return Ok(Healthcheck::Off);
        }
        if !kind.eq_ignore_ascii_case("cmd") || command.is_empty() {
            return Err("HEALTHCHECK takes NONE, or CMD and a command".to_owned());
        }
        let flag = |wanted: &str| {
            let mut options = line.flags.iter().map(|flag| option(flag));
            let (_, value) = options.find(|(name, _)| *name == wanted)?;
            Some(value.to_owned())
        };
        let span = line.span_of(text.len() - command.len()..text.len());
        Ok(Healthcheck::Test(HealthTest {
            argv: self.command(command, span),
            interval: flag("interval"),
            timeout: flag("timeout"),
            start_period: flag("start-period"),
            start_interval: flag("start-interval"),
            retries: flag("retries"),
        }))
    }

    fn copy(&self, line: &Line) -> Result<Copy, String> {
        let mut written = match words::json(&line.arguments) {
            Some(words) => words,
            None => line
                .arguments
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
        };
        let destination = written.pop().unwrap_or_default();
        if written.is_empty() {
            return Err(format!("{} needs a source and a destination", line.keyword));
        }
        let flags: Vec<(&str, &str)> = line.flags.iter().map(|flag| option(flag)).collect();
        let flag = |wanted: &str| {
            let (_, value) = flags.iter().find(|(name, _)| *name == wanted)?;
            let expanded = self.expand(value).ok()?;
            Some(expanded.known().unwrap_or(value).to_owned())
        };
        let from = match flag("from") {
            None => CopyFrom::Context,
            Some(from) => match self.stage_named(&from, self.stages.len() - 1) {
                Some(stage) => CopyFrom::Stage(stage),
                None => CopyFrom::Image(from),
            },
        };
        let sources = written.iter().filter(|word| words::heredoc(word).is_none());
        let sources = self.all(sources.map(String::as_str))?;
        let into_folder = destination.ends_with('/')
            || matches!(destination.as_str(), "." | "..")
            || destination.ends_with("/.")
            || written.len() > 1;
        let destination = inside(self.state(), self.expand(&destination)?);
        Ok(Copy {
            is_add: line.keyword == "ADD",
            from,
            sources,
            destination: destination.known().map(str::to_owned),
            into_folder,
            heredocs: line.heredocs.clone(),
            chown: flag("chown"),
            chmod: flag("chmod"),
            parents: flag("parents").is_some_and(|value| value != "false"),
            excludes: flags
                .iter()
                .filter(|(name, _)| *name == "exclude")
                .map(|(_, value)| (*value).to_owned())
                .collect(),
            span: line.span,
        })
    }
}

/// A variable as an instruction of a stage sees it.
fn variable<'s>(state: &'s State, name: &str) -> Found<'s> {
    match state.variables.get(name) {
        Some(value) => Found::Set(value),
        None if PREDEFINED_ARGS.contains(&name) => Found::Unset,
        None if state.stands_on_image => Found::Inherited,
        None => Found::Unset,
    }
}

/// A variable of the global scope that no ARG declares.
fn automatic(name: &str) -> Found<'static> {
    match PLATFORM_ARGS.contains(&name) {
        true => Found::Inherited,
        false => Found::Unset,
    }
}

/// The absolute path of a folder or file that is written relative to the working folder.
fn inside(state: &State, mut path: Expanded) -> Expanded {
    if path.known().is_none() {
        return path;
    }
    if !path.text.starts_with('/') {
        match &state.workdir {
            Some(folder) => {
                path.text = format!("{}/{}", folder.text, path.text);
                path.open.extend(folder.open.iter().cloned());
                path.inherited = folder.inherited.clone();
                path.links.extend(folder.links.iter().cloned());
            }
            None if state.stands_on_image => path.inherited = Some("WORKDIR".to_owned()),
            None => {}
        }
    }
    path.text = absolute(&path.text);
    path
}

/// `NAME=value …`, or the old `NAME all of this`, with the place of each.
fn pairs(line: &Line, escape: char) -> Result<Vec<(String, String, Span)>, String> {
    let text = line.arguments.as_str();
    let words = words::quoted(text, escape);
    if words.first().is_some_and(|(word, _)| !word.contains('=')) {
        let (name, value) = text
            .split_once([' ', '\t'])
            .ok_or_else(|| format!("{} needs a name and a value", line.keyword))?;
        let span = line.span_of(0..text.len());
        return Ok(vec![(name.to_owned(), value.trim_start().to_owned(), span)]);
    }
    let pair = |(word, range): (String, std::ops::Range<usize>)| {
        let (name, value) = word
            .split_once('=')
            .ok_or_else(|| format!("{} has a word without `=`", line.keyword))?;
        if name.is_empty() {
            return Err(format!("{} has a value without a name", line.keyword));
        }
        Ok((name.to_owned(), value.to_owned(), line.span_of(range)))
    };
    words.into_iter().map(pair).collect()
}

type Argument = (String, Option<String>, Span);

/// `NAME`, `NAME=default`.
fn arguments(line: &Line, escape: char) -> Result<Vec<Argument>, String> {
    if line.arguments.is_empty() {
        return Err("ARG needs a name".to_owned());
    }
    let argument = |(word, range): (String, std::ops::Range<usize>)| {
        let span = line.span_of(range);
        match word.split_once('=') {
            Some(("", _)) => Err("ARG has a value without a name".to_owned()),
            Some((name, value)) => Ok((name.to_owned(), Some(value.to_owned()), span)),
            None => Ok((word, None, span)),
        }
    };
    let words = words::quoted(&line.arguments, escape);
    words.into_iter().map(argument).collect()
}

/// `--name=value`; a name alone is `true`.
fn option(flag: &str) -> (&str, &str) {
    let flag = flag.trim_start_matches("--");
    flag.split_once('=').unwrap_or((flag, "true"))
}

/// The keys of a `--mount`, spelled one way.
fn mount(text: &str) -> RunMount {
    let mut mount = RunMount {
        kind: "bind".to_owned(),
        ..RunMount::default()
    };
    for field in text.split(',') {
        let (key, value) = field.split_once('=').unwrap_or((field, "true"));
        let key = match key.to_ascii_lowercase().as_str() {
            "type" => {
                mount.kind = value.to_ascii_lowercase();
                continue;
            }
            "dst" | "destination" => "target".to_owned(),
            "src" => "source".to_owned(),
            "ro" => "readonly".to_owned(),
            "rw" => "readwrite".to_owned(),
            other => other.to_owned(),
        };
        mount.keys.insert(key, value.to_owned());
    }
    mount
}

fn declared(keyword: &str, name: &str, span: Span) -> Link {
    Link::new(Some(span), format!("{keyword} sets {name}"))
}

/// An unknown word as it may stand in a sentence.
fn shortened(word: &str) -> String {
    let text: String = word.chars().filter(|c| !c.is_control()).take(24).collect();
    format!("`{text}`")
}
