use tightship_model::Trail;
use tightship_model::{Check, Deployment, Finding, Image, Outcome, Reference, Severity};

use super::{about, judge_each, squeezed, text_of};

pub(super) static CHECK: Check = Check {
    id: "docker/remote-script-run",
    title: "A script from the internet runs in the build unseen",
    severity: Severity::Medium,
    needs: &[],
    items: &[],
    django_ids: &[],
    references: &[Reference::Cwe(494)],
    doc: include_str!("remote_script_run.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_each(
        deployment,
        "no build runs what it just downloaded",
        &|image| judge(deployment, image),
    )
}

fn judge(deployment: &Deployment, image: &Image) -> Vec<Finding> {
    let runs = image.stages.iter().flat_map(|stage| &stage.instructions);
    runs.filter(|made| matches!(made.action, tightship_model::image::Action::Run(_)))
        .filter(|made| pipes_into_shell(&squeezed(text_of(deployment, made.span))))
        .map(|made| Finding {
            message: format!(
                "the build of {} runs whatever a server sends that day: who takes that server over, \
                 or its name, has code in the image",
                super::name(deployment, image)
            ),
            advice: "Copy the tool from an image with a digest, or check its sum before it runs."
                .to_owned(),
            ..about(deployment, image, "remote script", &Trail::at(made.span, "runs what it downloads"))
        })
        .collect()
}

/// `curl … | sh`, `wget -O- … | python`, `bash <(curl …)`, `sh -c "$(curl …)"`.
fn pipes_into_shell(text: &str) -> bool {
    let fetches = |part: &str| {
        part.split([' ', '(', '"', '\''])
            .any(|word| matches!(word, "curl" | "wget"))
    };
    let by_pipe = text
        .split(["&&", ";"].as_slice()[0])
        .flat_map(|part| part.split(';'))
        .any(|command| {
            let parts: Vec<&str> = command.split('|').collect();
            parts
                .windows(2)
                .any(|pair| fetches(pair[0]) && SHELLS.contains(&first_word(pair[1])))
        });
    by_pipe
        || text.contains("<(curl")
        || text.contains("<(wget")
        || text.contains("-c \"$(curl")
        || text.contains("-c \"$(wget")
}

/// The program of a command, without `sudo` and variables before it.
fn first_word(command: &str) -> &str {
    let mut words = command.split_whitespace();
    let word = words.find(|word| !matches!(*word, "sudo" | "env" | "-E") && !word.contains('='));
    word.unwrap_or_default()
        .rsplit('/')
        .next()
        .unwrap_or_default()
}

const SHELLS: [&str; 8] = [
    "sh", "bash", "zsh", "dash", "ash", "python", "python3", "perl",
];
