//! The way of the data: read, judge, set aside what is accepted, word it.

use std::collections::BTreeSet;
use std::process::ExitCode;

use tightship_model::{Head, Outcome, Project, Report, Verdict};

use crate::args::{Check, Format, Outlet};
use crate::checklist;
use crate::choices::{Choices, shown};
use crate::failure::Failure;
use crate::live;
use crate::outlet::{self, Look};
use crate::progress::watched;
use crate::waivers;

/// `tightship check`: exit code 1 with findings at or above `--fail-on`, else 0.
pub(crate) fn check(args: &Check) -> Result<ExitCode, Failure> {
    // The thread that reads judges too, which starts one thread less and wakes none where it waits for
    // the other. And glibc gives it memory 132 KB at a time, any other thread a page: 1,200 calls of
    // the system for 10,000 lines of nginx. A pool that stands already is as right.
    let _ = rayon::ThreadPoolBuilder::new()
        .use_current_thread()
        .build_global();
    let choices = Choices::of(args)?;
    let baseline = match &choices.baseline {
        Some(path) => waivers::baseline(path)?,
        None => BTreeSet::new(),
    };
    let root = shown(&args.path);
    let selects = |check: &tightship_model::Check| choices.selects(check);

    let (mut deployment, mut verdicts) = watched(&live::doing(&args.live, &root), || {
        let mut deployment =
            tightship_read::read(&args.path, &choices.options).map_err(unreadable)?;
        if let Some(file) = &choices.config {
            waivers::add(file, &args.path, &mut deployment);
        }
        checklist::add_drills(&args.path, &mut deployment)?;
        live::look(&args.live, &mut deployment)?;
        let verdicts = waivers::judge(&deployment, selects);
        Ok((deployment, verdicts))
    })?;

    if let Some(file) = &args.live.record {
        live::record(file, &deployment)?;
    }
    // Asked for settings that are not there, or left without any answer: a green exit code would lie.
    let asked = choices.options.settings.is_some();
    if deployment.settings.is_none() && (asked || verdicts.iter().all(says_nothing)) {
        return Err(nothing_to_judge(&root, &deployment.project));
    }
    let is_read_again = |outlet: &Outlet| matches!(outlet.format, Format::Html | Format::Json);
    let is_listed = choices.is_whole() && choices.outlets.iter().any(is_read_again);
    let of_list = is_listed.then(|| verdicts.clone());
    let aside = waivers::set_aside(&mut verdicts, &deployment, &baseline, selects);
    let code = u8::from(verdicts.iter().any(|verdict| fails(verdict, &choices)));
    let config = choices.config.as_ref();
    let checklist =
        of_list.map(|verdicts| checklist::beside(config, &args.path, &mut deployment, verdicts));
    let report = Report {
        deployment: &deployment,
        verdicts,
        head: Head {
            root,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            waived: aside.waived,
            idle_waivers: aside.idle,
            in_baseline: aside.in_baseline,
            site_grades: tightship_checks::site_grades(&deployment),
            checklist,
        },
    };
    let look = Look {
        verbose: args.verbose,
        manner: args.manner,
    };
    let is_shown = |outlet: &Outlet| outlet.format == Format::Terminal && !args.verbose;
    let document = match choices.outlets.iter().all(is_shown) {
        true => tightship_report::Report::on_screen(&report),
        false => tightship_report::Report::of(&report),
    };
    outlet::write(&document, &choices.outlets, &look)?;
    // The process ends here: the system takes its memory back at once, piece by piece takes longer.
    std::mem::forget((document, report));
    std::mem::forget(deployment);
    Ok(ExitCode::from(code))
}

pub(crate) fn fails(verdict: &Verdict, choices: &Choices) -> bool {
    matches!(verdict.outcome, Outcome::Fail(_)) && choices.fail_on.fails(verdict.severity())
}

/// Whether a verdict is no answer about the files below the root.
pub(crate) fn says_nothing(verdict: &Verdict) -> bool {
    let answers = matches!(verdict.outcome, Outcome::Pass(_) | Outcome::Fail(_));
    !answers || verdict.check.area() == waivers::AREA
}

pub(crate) fn unreadable(error: tightship_read::Error) -> Failure {
    let help = match error {
        tightship_read::Error::Compose(_) => {
            "--compose takes a Compose file, relative to the folder that is checked"
        }
        tightship_read::Error::EnvFile { .. } => "--env-file takes a file in .env syntax",
        _ => "give the folder that holds manage.py",
    };
    Failure::new(error.to_string(), help)
}

/// The failure that a project without settings is, with the modules that it names.
pub(crate) fn nothing_to_judge(root: &str, project: &Project) -> Failure {
    let reason = match &project.no_settings {
        Some(reason) => reason,
        None => "no Django project was found",
    };
    let mut named: Vec<_> = project
        .settings_mentions
        .iter()
        .map(|mention| mention.module.as_str())
        .collect();
    named.dedup();
    Failure::new(
        format!("nothing in {root} can be judged: {reason}"),
        match named[..] {
            [] => "give the folder that holds manage.py, or name the settings with --settings"
                .to_owned(),
            _ => format!("its files name {}", named.join(", ")),
        },
    )
}
