//! Dockerfiles and the images that they make.
//!
//! Meanings are those of the Dockerfile reference (docs.docker.com/reference/dockerfile) as
//! BuildKit builds them.

use std::collections::BTreeMap;

use crate::compose::ImageReference;
use crate::{Argv, SourceId, Span, Traced, Trail, Value};

/// An image that is built from a Dockerfile of the repository.
///
/// Services that build the same stage of the same file in the same context with the same arguments
/// share one.
#[derive(Clone, Debug)]
pub struct Image {
    pub file: SourceId,
    /// Folder of the build context, relative to the root; `None` where it lies outside.
    pub context: Option<String>,
    /// The stage that is asked for; `None` for the last one.
    pub target: Option<String>,
    /// Names of the services that run it. Empty where no Compose file builds it.
    pub services: Vec<String>,
    /// Every stage of the file, built or not.
    pub stages: Vec<Stage>,
    /// Indices into [`Image::stages`] of those whose layers the image holds, the base first.
    pub chain: Vec<usize>,
    /// What the image tells the container, after the whole chain.
    pub config: ImageConfig,
    /// The ignore file that holds for the context.
    pub ignore: Option<Ignore>,
}

impl Image {
    /// The stages of the image itself, the base first.
    pub fn own_stages(&self) -> impl Iterator<Item = &Stage> {
        self.chain.iter().filter_map(|at| self.stages.get(*at))
    }

    /// The instructions that make the layers and the configuration, in their order.
    pub fn instructions(&self) -> impl Iterator<Item = &Instruction> {
        self.own_stages().flat_map(|stage| &stage.instructions)
    }

    /// The image that everything stands on: what the first stage of the chain names.
    pub fn base(&self) -> Option<&Base> {
        Some(&self.own_stages().next()?.base)
    }

    /// The COPY and ADD instructions of the image itself.
    pub fn copies(&self) -> impl Iterator<Item = &Copy> {
        self.instructions().filter_map(|made| match &made.action {
            Action::Copy(copy) => Some(copy),
            _ => None,
        })
    }

    /// The RUN instructions of the image itself.
    pub fn runs(&self) -> impl Iterator<Item = &Run> {
        self.instructions().filter_map(|made| match &made.action {
            Action::Run(run) => Some(run),
            _ => None,
        })
    }
}

/// One FROM and what follows it.
#[derive(Clone, Debug)]
pub struct Stage {
    pub name: Option<String>,
    pub base: Base,
    pub instructions: Vec<Instruction>,
    /// The FROM instruction.
    pub span: Span,
}

/// What a stage begins with.
#[derive(Clone, Debug)]
pub struct Base {
    /// As written, with its `$` variables.
    pub written: String,
    /// With the variables put in: `python:3.12-slim@sha256:…`. [`Value::Str`], or what is known.
    pub reference: Traced<Value>,
    /// The earlier stage that it is, where it names one.
    pub stage: Option<usize>,
    /// `FROM --platform=`.
    pub platform: Option<String>,
    pub span: Span,
}

impl Base {
    pub fn is_scratch(&self) -> bool {
        self.written == "scratch"
    }

    /// The image by its parts, where its reference is known.
    pub fn image(&self) -> Option<ImageReference> {
        ImageReference::parse(self.reference.value.as_str()?)
    }
}

/// One instruction with its place: from the keyword to the end of the last line.
#[derive(Clone, Debug)]
pub struct Instruction {
    pub action: Action,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum Action {
    Env(Vec<Variable>),
    /// A variable of the build. Its value stays in the history of the image wherever a RUN follows.
    Arg(Vec<Variable>),
    Label(Vec<Variable>),
    Run(Run),
    /// COPY and ADD.
    Copy(Copy),
    User(Traced<Value>),
    /// The absolute folder that holds from here.
    Workdir(Traced<Value>),
    Entrypoint(Argv),
    Cmd(Argv),
    Shell(Vec<String>),
    Healthcheck(Healthcheck),
    /// Ports as written with variables put in: `8000/tcp`.
    Expose(Vec<String>),
    Volume(Vec<String>),
    StopSignal(String),
    /// Runs in the build of an image that stands on this one.
    OnBuild(Box<Instruction>),
    Maintainer,
}

/// A variable that ENV, ARG or LABEL names.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    pub name: String,
    /// Variables put in; `None` for an ARG without a default. A secret by name or shape is a
    /// [`Value::Secret`].
    pub value: Option<Traced<Value>>,
    pub span: Span,
}

/// A RUN.
#[derive(Clone, Debug)]
pub struct Run {
    pub argv: Argv,
    pub heredocs: Vec<Heredoc>,
    pub mounts: Vec<RunMount>,
    /// `--network=`, `--security=`.
    pub options: Vec<(String, String)>,
    /// Who runs it, where a USER before it says.
    pub user: Option<Traced<Value>>,
    pub span: Span,
}

/// `RUN --mount=type=…`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunMount {
    /// `bind` where it is not written.
    pub kind: String,
    /// The other keys as written: `id`, `target`, `source`, `from`, `env`, `required`.
    pub keys: BTreeMap<String, String>,
}

/// A COPY or ADD.
#[derive(Clone, Debug)]
pub struct Copy {
    pub is_add: bool,
    pub from: CopyFrom,
    /// Paths in the context, in the stage or in the image, variables put in; URLs of an ADD.
    pub sources: Vec<String>,
    /// Absolute; `None` where variables decide that are not known.
    pub destination: Option<String>,
    /// Whether the destination must be a folder: it ends in `/`, or there are several sources.
    pub into_folder: bool,
    /// Files whose text stands in the Dockerfile.
    pub heredocs: Vec<Heredoc>,
    pub chown: Option<String>,
    pub chmod: Option<String>,
    /// `--parents`: the folders of the sources are kept.
    pub parents: bool,
    /// `--exclude=`.
    pub excludes: Vec<String>,
    pub span: Span,
}

/// Where a COPY takes its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyFrom {
    Context,
    /// Index into [`Image::stages`].
    Stage(usize),
    /// An image, or a context that the build names.
    Image(String),
}

/// A text in a Dockerfile: `<<EOF`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heredoc {
    pub name: String,
    /// Whether variables are put in: the name is not quoted.
    pub expands: bool,
    /// Whether leading tabs are taken away: `<<-EOF`.
    pub strips_tabs: bool,
    /// The text, without the line that ends it.
    pub body: Span,
}

#[derive(Clone, Debug)]
pub enum Healthcheck {
    /// `HEALTHCHECK NONE`.
    Off,
    Test(HealthTest),
}

/// The options are durations as written (`30s`), `None` where Docker's default holds: interval 30s,
/// timeout 30s, start period 0s, start interval 5s, 3 retries.
#[derive(Clone, Debug)]
pub struct HealthTest {
    pub argv: Argv,
    pub interval: Option<String>,
    pub timeout: Option<String>,
    pub start_period: Option<String>,
    pub start_interval: Option<String>,
    pub retries: Option<String>,
}

/// What an image tells the container that runs it.
#[derive(Clone, Debug, Default)]
pub struct ImageConfig {
    /// Without the variables of a base image that is not here.
    pub env: BTreeMap<String, Traced<Value>>,
    /// `None` where no instruction says: what the base image says, `root` for most.
    pub user: Option<Traced<Value>>,
    pub workdir: Option<Traced<Value>>,
    pub entrypoint: Option<Traced<Argv>>,
    pub cmd: Option<Traced<Argv>>,
    pub healthcheck: Option<Traced<Healthcheck>>,
    pub exposes: Vec<Traced<String>>,
    pub volumes: Vec<Traced<String>>,
    pub labels: BTreeMap<String, Traced<Value>>,
    pub shell: Option<Vec<String>>,
    pub stop_signal: Option<Traced<String>>,
}

/// An ignore file of a build context.
#[derive(Clone, Debug)]
pub struct Ignore {
    pub file: SourceId,
    /// In their order: the last one that matches decides.
    pub patterns: Vec<IgnorePattern>,
}

/// One line of an ignore file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IgnorePattern {
    /// Cleaned: without leading `/`, `./` and `!`, and without `..`.
    pub pattern: String,
    /// A `!` takes back what came before it.
    pub takes_back: bool,
    pub span: Span,
}

/// What an ignore file says of a path.
#[derive(Clone, Debug, PartialEq)]
pub struct Ignored {
    pub is_ignored: bool,
    /// The line that decided; empty where none did.
    pub trail: Trail,
}
