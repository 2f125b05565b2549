//! The way of the data: read, judge, set aside what is accepted, word it.

use std::collections::BTreeSet;
use std::process::ExitCode;

use tightship_model::{Head, Outcome, Report, Verdict};

use crate::args::Check;
use crate::choices::{Choices, shown};
use crate::failure::Failure;
use crate::outlet::{self, Look};
use crate::progress::watched;
use crate::waivers;

/// `tightship check`: exit code 1 with findings at or above `--fail-on`, else 0.
pub(crate) fn check(args: &Check) -> Result<ExitCode, Failure> {
    let choices = Choices::of(args)?;
    let baseline = match &choices.baseline {
        Some(path) => waivers::baseline(path)?,
        None => BTreeSet::new(),
    };
    let root = shown(&args.path);
    let selects = |check: &tightship_model::Check| choices.selects(check);

    let (deployment, mut verdicts) = watched(&format!("reading {root}"), || {
        let mut deployment = tightship_read::read(&args.path, &choices.options)?;
        if let Some(file) = &choices.config {
            waivers::add(file, &args.path, &mut deployment);
        }
        let verdicts = waivers::judge(&deployment, selects);
        Ok((deployment, verdicts))
    })
    .map_err(unreadable)?;

    if deployment.project.folder.is_none() && verdicts.iter().all(says_nothing) {
        return Err(nothing_to_judge(
            &root,
            deployment.project.no_settings.as_deref(),
        ));
    }
    let aside = waivers::set_aside(&mut verdicts, &deployment, &baseline, selects);
    let code = u8::from(verdicts.iter().any(|verdict| fails(verdict, &choices)));
    let report = Report {
        deployment: &deployment,
        verdicts,
        head: Head {
            root,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            waived: aside.waived,
            idle_waivers: aside.idle,
            in_baseline: aside.in_baseline,
        },
    };
    let look = Look {
        verbose: args.verbose,
        no_color: args.no_color,
    };
    outlet::write(&report, &choices.outlets, &look)?;
    Ok(ExitCode::from(code))
}

fn fails(verdict: &Verdict, choices: &Choices) -> bool {
    matches!(verdict.outcome, Outcome::Fail(_)) && choices.fail_on.fails(verdict.severity())
}

/// Whether a verdict tells nothing of the files below the root.
fn says_nothing(verdict: &Verdict) -> bool {
    matches!(verdict.outcome, Outcome::NotApplicable(_)) || verdict.check.area() == waivers::AREA
}

pub(crate) fn unreadable(error: tightship_read::Error) -> Failure {
    Failure::new(error.to_string(), "give the folder that holds manage.py")
}

fn nothing_to_judge(root: &str, reason: Option<&str>) -> Failure {
    let reason = reason.unwrap_or("no Django project was found");
    Failure::new(
        format!("nothing in {root} can be judged: {reason}"),
        "give the folder that holds manage.py, or name the settings with --settings",
    )
}
