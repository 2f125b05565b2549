//! What a run shall do: the command line over the configuration over the defaults.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tightship_model::{Check, Policy};
use tightship_read::Options;

use crate::args::{self, FailOn, Format, Outlet, Reading};
use crate::config::ConfigFile;
use crate::failure::{Failure, nearest};
use crate::waivers;

pub(crate) struct Choices {
    pub(crate) options: Options,
    pub(crate) outlets: Vec<Outlet>,
    pub(crate) fail_on: FailOn,
    pub(crate) baseline: Option<PathBuf>,
    pub(crate) config: Option<ConfigFile>,
    select: Vec<String>,
    ignore: Vec<String>,
}

impl Choices {
    pub(crate) fn of(args: &args::Check) -> Result<Self, Failure> {
        let config = ConfigFile::find(&args.path, args.config.as_deref())?;
        let options = options(&args.reading, config.as_ref())?;
        let said = config.as_ref().map(|file| &file.config);
        let either = |flags: &[String], said: Option<&Vec<String>>| match flags {
            [] => said.cloned().unwrap_or_default(),
            flags => flags.to_vec(),
        };
        let choices = Self {
            options,
            outlets: outlets(args, config.as_ref()),
            fail_on: args
                .fail_on
                .or(said.and_then(|said| said.fail_on))
                .unwrap_or_default(),
            baseline: args.baseline.clone().or_else(|| {
                let file = config.as_ref()?;
                Some(file.resolve(file.config.baseline.as_ref()?))
            }),
            select: either(&args.select, said.map(|said| &said.select)),
            ignore: either(&args.ignore, said.map(|said| &said.ignore)),
            config,
        };
        choices
            .select
            .iter()
            .chain(&choices.ignore)
            .try_for_each(|selector| known(selector))?;
        Ok(choices)
    }

    /// Whether nobody asked for some of the checks only.
    pub(crate) fn is_whole(&self) -> bool {
        self.select.is_empty()
    }

    /// Whether a check shall run.
    pub(crate) fn selects(&self, check: &Check) -> bool {
        let named = |selectors: &[String]| selectors.iter().any(|one| matches(one, check));
        (self.select.is_empty() || named(&self.select)) && !named(&self.ignore)
    }
}

/// What to read, and as what.
pub(crate) fn options(reading: &Reading, config: Option<&ConfigFile>) -> Result<Options, Failure> {
    let said = config.map(|file| &file.config);
    let env = reading
        .env
        .iter()
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
            // The text is not repeated: it may be a secret.
            _ => Err(Failure::new(
                "a value of --env is not of the form NAME=VALUE",
                "write it like --env DEBUG=False",
            )),
        })
        .collect::<Result<_, _>>()?;
    let env_file = reading.env_file.clone().or_else(|| {
        let file = config?;
        Some(file.resolve(file.config.env_file.as_ref()?))
    });
    Ok(Options {
        settings: reading.settings.clone().or_else(|| said?.settings.clone()),
        compose: match reading.compose.as_slice() {
            [] => said.map_or_else(Vec::new, |said| said.compose.clone()),
            files => files.to_vec(),
        },
        env_file,
        env,
        now: now(),
        policy: said.map_or_else(Policy::default, |said| said.thresholds.clone()),
    })
}

/// The clock. `SOURCE_DATE_EPOCH` sets it, so that a run can be repeated
/// (reproducible-builds.org/specs/source-date-epoch).
pub(crate) fn now() -> i64 {
    std::env::var("SOURCE_DATE_EPOCH")
        .ok()
        .and_then(|seconds| seconds.parse().ok())
        .unwrap_or_else(|| jiff::Timestamp::now().as_second())
}

fn outlets(args: &args::Check, config: Option<&ConfigFile>) -> Vec<Outlet> {
    let mut outlets = args.outputs.outlets.clone();
    if outlets.is_empty() {
        let said = config.map(|file| &file.config);
        outlets.push(Outlet {
            format: said
                .and_then(|said| said.format)
                .unwrap_or(Format::Terminal),
            file: None,
        });
        if let Some(file) = config {
            outlets.extend(file.config.outputs.iter().map(|output| Outlet {
                format: output.format,
                file: Some(file.resolve(&output.file)),
            }));
        }
    }
    if args.quiet {
        outlets.retain(|outlet| outlet.file.is_some());
    }
    outlets
}

/// `django/debug-on`, `django` and `django/*` all select `django/debug-on`.
fn matches(selector: &str, check: &Check) -> bool {
    selector == check.id || selector.strip_suffix("/*").unwrap_or(selector) == check.area()
}

/// Refuses a selector that selects nothing.
fn known(selector: &str) -> Result<(), Failure> {
    if waivers::catalog().any(|check| matches(selector, check)) {
        return Ok(());
    }
    let areas: BTreeSet<_> = waivers::catalog().map(Check::area).collect();
    let names = waivers::catalog().map(|check| check.id).chain(areas);
    Err(Failure::new(
        format!("no check and no area is called {selector:?}"),
        match nearest(selector, names) {
            Some(near) => format!("did you mean {near}?"),
            None => "`tightship list` names all checks".to_owned(),
        },
    ))
}

/// The folder as the user named it, in a form that does not depend on how they ended it.
pub(crate) fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    match text.trim_end_matches('/') {
        "" => text.into_owned(),
        trimmed => trimmed.to_owned(),
    }
}
