use tightship_model::Trail;
use tightship_model::{Check, Deployment, Finding, Image, Outcome, Reference, Severity};

use super::{about, judge_each, squeezed, text_of};

pub(super) static CHECK: Check = Check {
    id: "docker/sudo-installed",
    title: "Programs in the container may become root by sudo",
    severity: Severity::Medium,
    needs: &[],
    items: &["A13.4"],
    django_ids: &[],
    references: &[Reference::Cwe(250)],
    doc: include_str!("sudo_installed.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_each(deployment, "no image has sudo", &|image| {
        judge(deployment, image)
    })
}

fn judge(deployment: &Deployment, image: &Image) -> Vec<Finding> {
    let runs: Vec<_> = image
        .runs()
        .map(|run| (run, squeezed(text_of(deployment, run.span))))
        .collect();
    let is_open = |text: &str| text.contains("NOPASSWD");
    // That it asks for no password says all that it is there says.
    let any_open = runs.iter().any(|(_, text)| is_open(text));
    runs.into_iter()
        .filter(|(_, text)| is_open(text) || installs(text) && !any_open)
        .map(|(run, text)| {
            let is_open = is_open(&text);
            Finding {
                message: match is_open {
                    true => format!(
                        "who breaks into {} is root with one word: sudo asks for no password there",
                        super::name(deployment, image)
                    ),
                    false => format!(
                        "{} brings sudo, a program that makes root of a user, and its holes with it",
                        super::name(deployment, image)
                    ),
                },
                severity: Some(if is_open { Severity::Medium } else { Severity::Low }),
                advice: "Do what needs root before USER; start as the user.".to_owned(),
                ..about(
                    deployment,
                    image,
                    if is_open { "sudo without a password" } else { "sudo" },
                    &Trail::at(run.span, "brings sudo"),
                )
            }
        })
        .collect()
}

/// Whether a package manager installs sudo.
fn installs(text: &str) -> bool {
    text.split(['&', ';', '|']).any(|command| {
        let words: Vec<&str> = command.split_whitespace().collect();
        words.iter().any(|word| matches!(*word, "install" | "add"))
            && words.contains(&"sudo")
            && words.iter().any(|word| {
                matches!(
                    *word,
                    "apt-get" | "apt" | "apk" | "dnf" | "yum" | "microdnf"
                )
            })
    })
}
