use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::look::{answer, http};
use tightship_model::site::http::{Mark, Purpose};

pub(super) static CHECK: Check = Check {
    id: "http/repository-served",
    title: "The site hands out its git repository",
    severity: Severity::Critical,
    needs: &[Need::Site],
    items: &["A1.2"],
    django_ids: &[],
    references: &[
        Reference::Cwe(538),
        Reference::Url("https://git-scm.com/docs/gitrepository-layout"),
    ],
    doc: include_str!("repository_served.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let seen = answer(http(deployment)?, Purpose::Repository)?;
    let head = seen
        .answer
        .content
        .marks
        .iter()
        .find_map(|mark| match mark {
            Mark::GitHead(head) if seen.answer.is_success() => Some(head),
            _ => None,
        });
    Ok(match head {
        Some(head) => Outcome::Fail(vec![seen.finding(
            "/.git/",
            format!("everybody downloads the code with its whole history: /.git/HEAD says {head:?}"),
            "Refuse it in nginx (`location ~ /\\.git { return 404; }`), serve a folder that holds no \
             repository, and change every secret that was ever committed.",
        )]),
        None => seen.passes("/.git/HEAD is not served"),
    })
}
