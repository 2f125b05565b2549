use tightship_model::Trail;
use tightship_model::image::CopyFrom;
use tightship_model::{Check, Deployment, Finding, Image, Outcome, Reference, Severity};

use super::{about, judge_each, secret_file_in_image};
use crate::told::{leave_out, places_of};

pub(super) static CHECK: Check = Check {
    id: "docker/context-unfiltered",
    title: "The whole folder is copied, with whatever lies in it",
    severity: Severity::Medium,
    needs: &[],
    items: &["B4.6", "X35"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.docker.com/build/concepts/context/#dockerignore-files"),
        Reference::Cwe(538),
    ],
    doc: include_str!("context_unfiltered.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let outcome = judge_each(
        deployment,
        "no image takes in a whole folder without a look",
        &|image| judge(deployment, image).into_iter().collect(),
    );
    // That no ignore file is there is a fault of its own; a line that one lacks is told by what it
    // lets in.
    let has_file = |image: &Image| image.ignore.is_some();
    if !deployment.images.iter().all(has_file) {
        return outcome;
    }
    let told = places_of(deployment, &secret_file_in_image::CHECK);
    leave_out(outcome, &told, &secret_file_in_image::CHECK)
}

fn judge(deployment: &Deployment, image: &Image) -> Option<Finding> {
    let whole =
        |source: &String| matches!(source.trim_end_matches('/'), "" | "." | "./." | "*" | "./*");
    let copy = image
        .copies()
        .find(|copy| copy.from == CopyFrom::Context && copy.sources.iter().any(whole))?;
    let takes = |path: &str| {
        image
            .ignore
            .as_ref()
            .is_none_or(|ignore| !ignore.judge(path).is_ignored)
    };
    let taken: Vec<&str> = [".env", ".git/config"]
        .into_iter()
        .filter(|path| takes(path))
        .collect();
    // Git's folder stands at the root alone; another context has none.
    let at_root = image.context.as_deref() == Some("");
    let shown = match (
        taken.contains(&".env"),
        taken.contains(&".git/config") && at_root,
    ) {
        (true, true) => "a .env and the history in .git",
        (true, false) => "a .env",
        (false, true) => "the history in .git",
        (false, false) => return None,
    };
    let why = match image.ignore {
        Some(_) => "the ignore file lets it through",
        None => "there is no .dockerignore",
    };
    let trail = Trail::at(copy.span, "copies the whole folder");
    Some(Finding {
        message: format!(
            "{} takes in {shown}, as soon as the machine that builds it has that: {why}",
            super::name(deployment, image)
        ),
        severity: Some(match image.ignore {
            None => Severity::Medium,
            Some(_) => Severity::Low,
        }),
        advice:
            "Write a .dockerignore with .git, .env*, *.sqlite3, *.pem and what else is not code."
                .to_owned(),
        ..about(deployment, image, "context", &trail)
    })
}
