use tightship_model::Trail;
use tightship_model::image::Action;
use tightship_model::{Check, Deployment, Finding, Image, Outcome, Reference, Severity};

use super::{about, judge_each, squeezed, text_of};

pub(super) static CHECK: Check = Check {
    id: "docker/world-writable",
    title: "Everyone in the container may change these files",
    severity: Severity::Medium,
    needs: &[],
    items: &["A13.4"],
    django_ids: &[],
    references: &[Reference::Cwe(732)],
    doc: include_str!("world_writable.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_each(
        deployment,
        "no file of an image is writable for all",
        &|image| judge(deployment, image),
    )
}

fn judge(deployment: &Deployment, image: &Image) -> Vec<Finding> {
    image
        .instructions()
        .filter(|made| match &made.action {
            Action::Run(_) => opens(&squeezed(text_of(deployment, made.span))),
            Action::Copy(copy) => copy.chmod.as_deref().is_some_and(is_open),
            _ => false,
        })
        .map(|made| Finding {
            message: format!(
                "files of {} are writable for every user of the container: a hole in any program in \
                 it changes code that others run",
                super::name(deployment, image)
            ),
            advice: "Give the files to the user that writes them: --chown, chmod 755 or 750.".to_owned(),
            ..about(deployment, image, "mode", &Trail::at(made.span, "sets the mode"))
        })
        .collect()
}

/// Whether a command runs chmod with a mode that lets everyone write, the sticky bit aside.
fn opens(text: &str) -> bool {
    text.split(['&', ';', '|']).any(|command| {
        let mut words = command
            .split_whitespace()
            .skip_while(|word| !word.ends_with("chmod"));
        words.next().is_some()
            && words
                .find(|word| !word.starts_with('-'))
                .is_some_and(is_open)
    })
}

fn is_open(mode: &str) -> bool {
    let bare = mode.trim_start_matches('0');
    let by_number = bare.len() == 3
        && bare.bytes().all(|byte| (b'0'..=b'7').contains(&byte))
        && bare.ends_with(['2', '3', '6', '7']);
    by_number
        || mode.split(',').any(|part| {
            part.split_once('+')
                .or_else(|| part.split_once('='))
                .is_some_and(|(who, what)| {
                    what.contains('w') && (who.contains('o') || who.contains('a'))
                })
        })
}
