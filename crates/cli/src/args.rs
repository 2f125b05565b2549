//! The command line.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{
    ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum, ValueHint,
};
use schemars::JsonSchema;
use serde::Deserialize;
use tightship_model::Severity;
use tightship_observe::site::dns;

use crate::checklist::args::Checklist;
use crate::failure::Failure;
use crate::kept;
use crate::ledger::args as ledger;
use crate::outlet::Manner;

/// Audits the production security of Django deployments, with evidence.
///
/// Reads a project without running it and answers a security checklist with verdicts: each with the
/// place and the way of the value that decided it. Exit code 0: nothing at or above --fail-on;
/// 1: findings; 2: tightship itself failed or was used wrongly.
#[derive(Debug, Parser)]
#[command(
    name = "tightship",
    version,
    max_term_width = 100,
    arg_required_else_help = true,
    after_help = "Begin with: tightship check path/to/project"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Check(Box<Check>),
    Report(kept::Report),
    Diff(kept::Diff),
    Checklist(Box<Checklist>),
    Sign(ledger::Sign),
    Waive(ledger::Waive),
    Deployed(ledger::Deployed),
    Due(ledger::Due),
    History(ledger::History),
    /// Look after the ledger of what was signed
    #[command(subcommand)]
    Ledger(ledger::Ledger),
    Explain(Explain),
    List(List),
    #[command(subcommand)]
    Inspect(Inspect),
    /// Print the completions for a shell
    Completions {
        shell: clap_complete::Shell,
    },
    /// Write the man pages into a folder
    Man {
        #[arg(value_hint = ValueHint::DirPath)]
        folder: PathBuf,
    },
    /// Print the JSON Schema of a machine contract
    Schema {
        #[arg(value_enum)]
        name: Schema,
    },
}

/// Judge a project and report what is unsafe
#[derive(Args, Debug)]
pub(crate) struct Check {
    /// Folder of the project
    #[arg(default_value = ".", value_hint = ValueHint::DirPath)]
    pub(crate) path: PathBuf,
    #[command(flatten)]
    pub(crate) reading: Reading,
    #[command(flatten)]
    pub(crate) live: Live,
    #[command(flatten)]
    pub(crate) outputs: Outputs,
    /// Look at each site of this file, and at no project: one address a line, # begins a comment, - is
    /// stdin. One line a site, as each is done; with --format json each line is a report
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Live site",
          conflicts_with_all = ["path", "url", "record", "replay", "baseline", "settings", "compose", "env_file", "env"])]
    pub(crate) url_file: Option<PathBuf>,
    /// Sites of --url-file that are looked at at once [default: 16]
    #[arg(long, value_name = "NUMBER", requires = "url_file", help_heading = "Live site",
          value_parser = at_once)]
    pub(crate) at_once: Option<NonZeroUsize>,
    /// Run only these checks: ids (django/debug-on) or areas (django)
    #[arg(long, value_name = "CHECK", value_delimiter = ',')]
    pub(crate) select: Vec<String>,
    /// Leave these checks out: ids or areas
    #[arg(long, value_name = "CHECK", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,
    /// Exit with 1 from this severity on [default: high]
    #[arg(long, value_name = "LEVEL", value_enum)]
    pub(crate) fail_on: Option<FailOn>,
    /// Report only findings that this earlier JSON report does not hold
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) baseline: Option<PathBuf>,
    /// Use this file instead of the project's tightship.toml or pyproject.toml
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,
    /// Print nothing on stdout: the exit code is the answer, and files are still written
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Show passes with their evidence, what does not apply, and each finding in full
    #[arg(short, long)]
    pub(crate) verbose: bool,
    #[command(flatten)]
    pub(crate) manner: Manner,
}

/// The wordings of a report, each with its file.
#[derive(Args, Debug)]
pub(crate) struct Outputs {
    /// How to word the report [default: terminal]. May be given several times, each with its --output
    #[arg(short, long, value_enum)]
    format: Vec<Format>,
    /// Write the report of the --format before it to this file; without one the name decides
    /// (.json, .sarif, .xml, .md, .html, .csv, .svg, .txt)
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Vec<PathBuf>,
    /// Formats with their files, in the order of the command line
    #[arg(skip)]
    pub(crate) outlets: Vec<Outlet>,
}

/// Print the page of a check: why it matters, how to mend it, examples
#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// The check's id, such as django/debug-on
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) manner: Manner,
}

/// List all checks with their rows, needs and severity
#[derive(Args, Debug)]
pub(crate) struct List {
    #[arg(short, long, value_enum, default_value_t)]
    pub(crate) format: Wording,
    #[command(flatten)]
    pub(crate) manner: Manner,
}

/// Show what was read, before it is judged
#[derive(Debug, Subcommand)]
pub(crate) enum Inspect {
    Settings(InspectSettings),
    Response(InspectResponse),
    Nginx(InspectNginx),
    Env(InspectEnv),
    Deployment(InspectDeployment),
}

/// Predict what a visitor gets who opens an address: redirects, headers and who sends each
#[derive(Args, Debug)]
pub(crate) struct InspectResponse {
    /// Folder of the project
    #[arg(default_value = ".", value_hint = ValueHint::DirPath)]
    pub(crate) path: PathBuf,
    /// The address that is opened: https://shop.example/admin/
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) url: String,
    #[arg(short, long, value_enum, default_value_t)]
    pub(crate) format: Wording,
    #[command(flatten)]
    pub(crate) looking: Looking,
}

/// Tell which server and location of nginx answer an address, with what headers, and why
#[derive(Args, Debug)]
pub(crate) struct InspectNginx {
    /// Folder of the project, or one nginx configuration file
    #[arg(default_value = ".", value_hint = ValueHint::AnyPath)]
    pub(crate) path: PathBuf,
    /// The address that is asked for: https://shop.example/admin/
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) url: String,
    #[arg(short, long, value_enum, default_value_t)]
    pub(crate) format: Wording,
    #[command(flatten)]
    pub(crate) looking: Looking,
}

/// Print the environment variables of a service, each with the way of its value
#[derive(Args, Debug)]
pub(crate) struct InspectEnv {
    /// Folder of the project
    #[arg(default_value = ".", value_hint = ValueHint::DirPath)]
    pub(crate) path: PathBuf,
    /// The service of the Compose files [default: the one that answers with Django]
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    #[arg(short, long, value_enum, default_value_t)]
    pub(crate) format: Wording,
    #[command(flatten)]
    pub(crate) looking: Looking,
}

/// Draw the deployment: what runs, what the internet reaches, who talks to whom, where findings stand
#[derive(Args, Debug)]
pub(crate) struct InspectDeployment {
    /// Folder of the project
    #[arg(default_value = ".", value_hint = ValueHint::DirPath)]
    pub(crate) path: PathBuf,
    #[arg(short, long, value_enum, default_value_t)]
    pub(crate) format: Drawing,
    /// Write to this file instead of stdout
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) looking: Looking,
}

/// The forms of a chart
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Drawing {
    /// For a person: boxes and lines
    #[default]
    Terminal,
    /// For a program, `tightship schema deployment`
    Json,
    /// A flowchart for a page that draws Mermaid
    Mermaid,
    /// A picture
    Svg,
}

/// Print the evaluated settings, each with its state and the way of its value
#[derive(Args, Debug)]
pub(crate) struct InspectSettings {
    /// Folder of the project
    #[arg(default_value = ".", value_hint = ValueHint::DirPath)]
    pub(crate) path: PathBuf,
    /// Print only these settings, also where they are Django's defaults
    #[arg(long, value_name = "NAME", num_args = 1.., value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    #[arg(short, long, value_enum, default_value_t)]
    pub(crate) format: Wording,
    #[command(flatten)]
    pub(crate) looking: Looking,
}

/// What every `inspect` takes.
#[derive(Args, Debug)]
pub(crate) struct Looking {
    #[command(flatten)]
    pub(crate) reading: Reading,
    /// Use this file instead of the project's tightship.toml or pyproject.toml
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) manner: Manner,
}

/// Which settings to judge, under which environment.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Reading {
    /// The settings module, instead of the one that the project names
    #[arg(long, value_name = "MODULE")]
    pub(crate) settings: Option<String>,
    /// A Compose file of production, relative to PATH, the base first: instead of those that the
    /// project tells. May be given several times
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) compose: Vec<String>,
    /// The production environment, in .env syntax: all of it, what it does not name is not set
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) env_file: Option<PathBuf>,
    /// A variable of the production environment, on top of --env-file or of what was found
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) env: Vec<String>,
}

/// Which live site to look at, and how.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Live site")]
pub(crate) struct Live {
    /// Look at this site too: it, and nothing else, is sent requests. smtp://mail.example:587 looks at
    /// the TLS of a mail server
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) url: Option<String>,
    /// Requests a second to the site [default: 20; to this machine as fast as it answers]
    #[arg(long, value_name = "NUMBER", value_parser = rate)]
    pub(crate) rate: Option<f64>,
    /// Requests to the site altogether [default: 60, and what each --probe may send]
    #[arg(long, value_name = "NUMBER",
          value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
    pub(crate) max_requests: Option<usize>,
    /// Seconds for one request, from the connection to the last byte
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0, value_parser = seconds)]
    pub(crate) timeout: f64,
    /// Connect to this address instead of what the name resolves to, as curl does:
    /// shop.example:443:127.0.0.1:8443
    #[arg(long, value_name = "HOST:PORT:ADDRESS:PORT")]
    pub(crate) connect_to: Vec<String>,
    /// Trust these certificates (PEM) beside Mozilla's
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) ca_file: Option<PathBuf>,
    /// Certificates (PEM, or a table of them) that complete a chain of which the site sends a part: certbot's
    /// chain.pem, or CCADB's list of intermediates
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) known_issuers: Option<PathBuf>,
    /// Ask this resolver about names instead of the system's: 192.0.2.53 or [2001:db8::53]:5353. Of
    /// several the first is judged, the others are compared with it
    #[arg(long, value_name = "ADDRESS", value_parser = resolver)]
    pub(crate) resolver: Vec<SocketAddr>,
    /// Look for the DKIM key of this selector, which mail carries as `s=`
    #[arg(long, value_name = "SELECTOR")]
    pub(crate) dkim_selector: Vec<String>,
    /// Try out what is more than browsing, on a site that is yours
    #[arg(long, value_name = "WHAT", value_enum, value_delimiter = ',')]
    pub(crate) probe: Vec<Probe>,
    /// Keep what the site answered in this file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) record: Option<PathBuf>,
    /// Judge what --record kept instead of looking again
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath,
          conflicts_with_all = ["url", "record"])]
    pub(crate) replay: Option<PathBuf>,
}

/// What is asked of a site only where the user wishes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Probe {
    /// Known faults of TLS libraries: Heartbleed, early ChangeCipherSpec, ROBOT, Ticketbleed, oracles
    /// of CBC padding
    TlsFaults,
    /// The login's form with and without its token: up to 10 requests
    Csrf,
    /// A body that is announced with 100 MiB and not sent: up to 3 requests
    BodyLimit,
    /// Words in the query of pages that come compressed and hold a token, which BREACH reads by their
    /// length: up to 10 requests
    Breach,
    /// Requests in a row until one is refused: up to 30
    RateLimit,
    /// Wrong passwords for made-up accounts until one is refused: up to 32 requests, sent last. Your
    /// address is locked out then, and everybody's where the site takes them for one
    Lockout,
    /// What the site should have sent of its chain, from where its certificate says: up to 3 requests, to
    /// its authority
    Issuers,
    /// Twelve ports that must be closed: databases, caches, brokers, the application server
    Ports,
}

fn resolver(text: &str) -> Result<SocketAddr, String> {
    dns::resolver(text).ok_or_else(|| "give an IP address, with a port or without".to_owned())
}

fn rate(text: &str) -> Result<f64, String> {
    within(text, 0.1, 10_000.0)
}

fn seconds(text: &str) -> Result<f64, String> {
    within(text, 0.1, 600.0)
}

fn at_once(text: &str) -> Result<NonZeroUsize, String> {
    const MOST: usize = 256;
    let number = text
        .parse()
        .ok()
        .filter(|number: &NonZeroUsize| number.get() <= MOST);
    number.ok_or_else(|| format!("give a number from 1 to {MOST}"))
}

fn within(text: &str, least: f64, most: f64) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(format!("give a number from {least} to {most}")),
    }
}

/// A format, and the file to write it to; without one, stdout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outlet {
    pub(crate) format: Format,
    pub(crate) file: Option<PathBuf>,
}

/// The wordings of a report
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// For a person: code frames, trails, what to do
    Terminal,
    /// The stable machine contract, `tightship schema report`
    Json,
    /// SARIF 2.1.0, for code hosts
    Sarif,
    /// JUnit XML, for CI servers
    Junit,
    /// Workflow commands of GitHub Actions
    Github,
    /// A comment for a pull request
    Markdown,
    /// A page for people: one file that needs no network
    Html,
    /// GitLab's code quality report, for merge requests
    Gitlab,
    /// Assessment results of OSCAL 1.1.3
    Oscal,
    /// A table for spreadsheets
    Csv,
    /// The grade as a small picture for a README
    Badge,
}

/// The wordings of what is no report
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Wording {
    /// For a person
    #[default]
    Terminal,
    /// For a program
    Json,
}

/// The documents that have a JSON Schema
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Schema {
    /// `tightship check --format json`
    Report,
    /// `tightship diff --format json`
    Diff,
    /// `tightship inspect settings --format json`
    Settings,
    /// `tightship inspect response --format json`
    Response,
    /// `tightship inspect nginx --format json`
    Nginx,
    /// `tightship inspect env --format json`
    Env,
    /// `tightship inspect deployment --format json`
    Deployment,
    /// `tightship checklist --format json`
    Checklist,
    /// `tightship list --format json`
    Checks,
    /// tightship.toml
    Config,
}

/// From which severity on findings make the exit code 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FailOn {
    Low,
    Medium,
    #[default]
    High,
    Critical,
    Never,
}

impl FailOn {
    pub(crate) fn fails(self, severity: Severity) -> bool {
        let least = match self {
            Self::Low => Severity::Low,
            Self::Medium => Severity::Medium,
            Self::High => Severity::High,
            Self::Critical => Severity::Critical,
            Self::Never => return false,
        };
        severity >= least
    }
}

impl Cli {
    /// Reads the command line; an error may also be a wish for help.
    pub(crate) fn parse_from(
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<Self, clap::Error> {
        let matches = Self::command().try_get_matches_from(arguments)?;
        let mut cli = Self::from_arg_matches(&matches)?;
        let outputs = match &mut cli.command {
            Command::Check(check) => Some(&mut check.outputs),
            Command::Report(report) => Some(&mut report.outputs),
            _ => None,
        };
        if let (Some(outputs), Some((_, matches))) = (outputs, matches.subcommand()) {
            outputs.outlets = outlets(outputs, matches)?;
        }
        Ok(cli)
    }
}

/// Turns what clap says into help on stdout or into a [`Failure`].
pub(crate) fn explain(error: &clap::Error) -> Result<ExitCode, Failure> {
    use clap::error::{ContextKind, ErrorKind};
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    ) {
        let asked = error.exit_code() == 0;
        // A closed pipe after `tightship --help | head` is no failure.
        let _ = error.print();
        return Ok(ExitCode::from(if asked { 0 } else { Failure::CODE }));
    }
    let text = error.to_string();
    // What is required may stand on the lines after the first, up to the usage.
    let cause = text
        .lines()
        .take_while(|line| !line.starts_with("Usage:"))
        .filter(|line| {
            let line = line.trim_start();
            !line.starts_with("tip:") && !line.starts_with("For more information")
        })
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(" ");
    let cause = cause.trim_start_matches("error: ").trim().to_owned();
    let suggestion = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedValue,
        ContextKind::SuggestedSubcommand,
    ]
    .into_iter()
    .find_map(|kind| error.get(kind));
    let help = match suggestion {
        Some(near) => format!("did you mean {near}?"),
        None => "see `tightship --help` and `tightship COMMAND --help`".to_owned(),
    };
    Err(Failure::new(cause, help))
}

/// Pairs each --output with the --format before it.
fn outlets(given: &Outputs, matches: &ArgMatches) -> Result<Vec<Outlet>, clap::Error> {
    let indices = |id| matches.indices_of(id).into_iter().flatten();
    enum Word<'a> {
        Format(Format),
        Output(&'a PathBuf),
    }
    let formats = indices("format").zip(given.format.iter().copied().map(Word::Format));
    let outputs = indices("output").zip(given.output.iter().map(Word::Output));
    let mut words: Vec<_> = formats.chain(outputs).collect();
    words.sort_by_key(|(index, _)| *index);

    let mut outlets: Vec<Outlet> = Vec::new();
    let mut pending = false;
    for (_, word) in words {
        match word {
            Word::Format(format) => {
                outlets.push(Outlet { format, file: None });
                pending = true;
            }
            Word::Output(file) if pending => {
                pending = false;
                if let Some(last) = outlets.last_mut() {
                    last.file = Some(file.clone());
                }
            }
            Word::Output(file) => {
                let format = Format::of_file(file).ok_or_else(|| {
                    usage(format!(
                        "--output {} has no --format before it and its name tells none",
                        file.display()
                    ))
                })?;
                outlets.push(Outlet {
                    format,
                    file: Some(file.clone()),
                });
            }
        }
    }
    if outlets
        .iter()
        .filter(|outlet| outlet.file.is_none())
        .count()
        > 1
    {
        return Err(usage(
            "only one format can go to stdout; give the others an --output each".to_owned(),
        ));
    }
    Ok(outlets)
}

impl Format {
    /// The format that a file's name asks for.
    fn of_file(file: &std::path::Path) -> Option<Self> {
        match file.extension()?.to_str()? {
            "json" => Some(Self::Json),
            "sarif" => Some(Self::Sarif),
            "xml" => Some(Self::Junit),
            "md" => Some(Self::Markdown),
            "html" => Some(Self::Html),
            "csv" => Some(Self::Csv),
            "svg" => Some(Self::Badge),
            "txt" => Some(Self::Terminal),
            _ => None,
        }
    }
}

fn usage(message: String) -> clap::Error {
    clap::Error::raw(clap::error::ErrorKind::ValueValidation, message)
}
