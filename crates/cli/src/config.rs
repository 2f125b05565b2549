//! `tightship.toml`, or `[tool.tightship]` of `pyproject.toml`: the choices of the command line for
//! every day, thresholds and waivers.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de};
use tightship_model::Policy;
use toml::Spanned;

use crate::args::{FailOn, Format};
use crate::failure::{Failure, nearest};

/// A configuration file as it was read.
pub(crate) struct ConfigFile {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) config: Config,
}

/// What `tightship.toml` and `[tool.tightship]` in `pyproject.toml` may say. Flags of the command
/// line win over it. Paths are relative to the file.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Config {
    /// Run only these checks: ids (`django/debug-on`) or areas (`django`).
    pub(crate) select: Vec<String>,
    /// Leave these checks out: ids or areas.
    pub(crate) ignore: Vec<String>,
    /// From which severity on findings make the exit code 1. Default high.
    pub(crate) fail_on: Option<FailOn>,
    /// The format on stdout. Default terminal.
    pub(crate) format: Option<Format>,
    /// Reports to write to files.
    pub(crate) outputs: Vec<Output>,
    /// The settings module, instead of the one that the project names.
    pub(crate) settings: Option<String>,
    /// The Compose files of production, relative to the project, the base first; instead of those
    /// that the project tells.
    pub(crate) compose: Vec<String>,
    /// The production environment, in .env syntax.
    pub(crate) env_file: Option<PathBuf>,
    /// An earlier JSON report, whose findings are not reported again.
    pub(crate) baseline: Option<PathBuf>,
    /// The values that checks hold settings against.
    pub(crate) thresholds: Policy,
    /// The lists of `tightship checklist`: deployment, production, complete, or Markdown files.
    /// Default complete.
    pub(crate) checklists: Vec<String>,
    /// Where days begin and end for sign-offs and duties: a name of the IANA time zone database,
    /// `Europe/Berlin`. Default UTC.
    pub(crate) time_zone: Option<String>,
    /// Findings that the team accepts for a time.
    pub(crate) waivers: Vec<WaiverEntry>,
}

/// A report in a file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Output {
    pub(crate) format: Format,
    pub(crate) file: PathBuf,
}

/// An accepted finding.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WaiverEntry {
    /// Id of the check.
    pub(crate) check: String,
    /// Subject of the finding, as the JSON report and `--verbose` show it: `settings:DEBUG`.
    pub(crate) subject: String,
    /// Why it is accepted.
    pub(crate) reason: String,
    /// Who accepts it.
    pub(crate) owner: String,
    /// The last day on which it holds: a date, `2027-01-31`.
    #[schemars(with = "String")]
    #[serde(deserialize_with = "day")]
    pub(crate) expires: Spanned<Day>,
}

/// A day, written as a date of TOML or as a string.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Day(pub(crate) Date);

impl ConfigFile {
    /// Reads `given`, or what stands in the project's folder; without either, nothing.
    pub(crate) fn find(folder: &Path, given: Option<&Path>) -> Result<Option<Self>, Failure> {
        if let Some(path) = given {
            return Self::read(path);
        }
        for name in ["tightship.toml", "pyproject.toml"] {
            let path = folder.join(name);
            if path.is_file()
                && let Some(found) = Self::read(&path)?
            {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// A path of the configuration, seen from where the user stands.
    pub(crate) fn resolve(&self, path: &Path) -> PathBuf {
        match self.path.parent() {
            Some(folder) => folder.join(path),
            None => path.to_owned(),
        }
    }

    fn read(path: &Path) -> Result<Option<Self>, Failure> {
        let text = tightship_read::given(path).map_err(|error| {
            Failure::new(
                format!("{} cannot be read: {error}", path.display()),
                "give another file with --config",
            )
        })?;
        let in_pyproject = path
            .file_name()
            .is_some_and(|name| name == "pyproject.toml");
        let parsed = if in_pyproject {
            toml::from_str(&text).map(|file: PyProject| file.tool.tightship)
        } else {
            toml::from_str(&text).map(Some)
        };
        match parsed {
            Ok(Some(config)) => Ok(Some(Self {
                path: path.to_owned(),
                text,
                config,
            })),
            Ok(None) => Ok(None),
            // A pyproject.toml that is broken elsewhere is no concern of ours.
            Err(_) if in_pyproject && !text.contains("[tool.tightship") => Ok(None),
            Err(error) => Err(refuse(path, &text, &error)),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PyProject {
    tool: Tools,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tools {
    tightship: Option<Config>,
}

fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Spanned<Day>, D::Error> {
    let written = Spanned::<toml::Value>::deserialize(deserializer)?;
    let text = match written.get_ref() {
        toml::Value::Datetime(date) => date.to_string(),
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let date = text.parse().map_err(|_| {
        de::Error::custom(format!(
            "expires is {text:?}; it must be a date like 2027-01-31"
        ))
    })?;
    Ok(Spanned::new(written.span(), Day(date)))
}

/// The failure that a broken configuration is, with its place and the nearest name.
fn refuse(path: &Path, text: &str, error: &toml::de::Error) -> Failure {
    let offset = error.span().map_or(0, |span| span.start);
    let line = text[..offset.min(text.len())].matches('\n').count() + 1;
    let message = error.message().lines().next().unwrap_or_default();
    // Serde words it: unknown field `x`, expected one of `a`, `b`.
    let mut names = message.split('`').skip(1).step_by(2);
    let help = match (message.starts_with("unknown"), names.next()) {
        (true, Some(unknown)) => match nearest(unknown, names.clone()) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("known here: {}", names.collect::<Vec<_>>().join(", ")),
        },
        _ => "`tightship schema config` prints what may stand there".to_owned(),
    };
    Failure::new(format!("{}:{line}: {message}", path.display()), help)
}
