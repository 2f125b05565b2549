use tightship_model::Trail;
use tightship_model::image::Action;
use tightship_model::{Check, Deployment, Finding, Image, Outcome, Reference, Severity};

use super::{about, judge_each, squeezed, text_of};

pub(super) static CHECK: Check = Check {
    id: "docker/verification-off",
    title: "The build does not check whom it downloads from",
    severity: Severity::High,
    needs: &[],
    items: &[],
    django_ids: &[],
    references: &[Reference::Cwe(295), Reference::Cwe(494)],
    doc: include_str!("verification_off.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_each(
        deployment,
        "every download of the build is checked",
        &|image| judge(deployment, image),
    )
}

fn judge(deployment: &Deployment, image: &Image) -> Vec<Finding> {
    // What an earlier stage downloads is copied into the later ones.
    let made = image.stages.iter().flat_map(|stage| &stage.instructions);
    let looked_at = made.filter(|made| {
        matches!(
            made.action,
            Action::Run(_) | Action::Env(_) | Action::Arg(_)
        )
    });
    looked_at
        .flat_map(|made| {
            let text = squeezed(text_of(deployment, made.span));
            let found = OFF.iter().filter(|(sign, _)| text.contains(sign));
            found.map(|off| (made.span, off)).collect::<Vec<_>>()
        })
        .map(|(span, (sign, loss))| {
            let sign = sign.trim();
            let trail = Trail::at(span, format!("says {sign}"));
            Finding {
                message: format!("`{sign}` lets {loss} during the build, and it ends in the image"),
                advice: format!("Take `{sign}` out; where a certificate is the company's own, add its authority."),
                ..about(deployment, image, &format!("unchecked {sign}"), &trail)
            }
        })
        .collect()
}

/// Options and variables that switch a check off, from the manuals of each program.
const OFF: [(&str, &str); 22] = [
    (
        "--trusted-host",
        "whoever stands between put his own package in place of the one asked for",
    ),
    (
        "PYTHONHTTPSVERIFY=0",
        "whoever stands between change what Python downloads",
    ),
    (
        "PYTHONHTTPSVERIFY 0",
        "whoever stands between change what Python downloads",
    ),
    (
        "NODE_TLS_REJECT_UNAUTHORIZED=0",
        "whoever stands between change what Node downloads",
    ),
    (
        "NODE_TLS_REJECT_UNAUTHORIZED 0",
        "whoever stands between change what Node downloads",
    ),
    (
        "strict-ssl false",
        "whoever stands between change what npm downloads",
    ),
    (
        "strict-ssl=false",
        "whoever stands between change what npm downloads",
    ),
    (
        "GIT_SSL_NO_VERIFY=",
        "whoever stands between change the code that Git fetches",
    ),
    (
        "http.sslVerify false",
        "whoever stands between change the code that Git fetches",
    ),
    (
        "http.sslVerify=false",
        "whoever stands between change the code that Git fetches",
    ),
    (
        "--no-check-certificate",
        "whoever stands between change what wget downloads",
    ),
    (
        "curl -k ",
        "whoever stands between change what curl downloads",
    ),
    (
        "curl --insecure",
        "whoever stands between change what curl downloads",
    ),
    (
        " --insecure ",
        "whoever stands between change what is downloaded",
    ),
    (
        "--allow-unauthenticated",
        "anybody's packages be installed without a signature",
    ),
    (
        "--allow-insecure-repositories",
        "anybody's packages be installed without a signature",
    ),
    (
        "--force-yes",
        "anybody's packages be installed without a signature",
    ),
    (
        "[trusted=yes]",
        "anybody's packages be installed without a signature",
    ),
    (
        "--nogpgcheck",
        "anybody's packages be installed without a signature",
    ),
    (
        "--no-gpg-checks",
        "anybody's packages be installed without a signature",
    ),
    (
        "--allow-untrusted",
        "anybody's packages be installed without a signature",
    ),
    (
        "Acquire::https::Verify-Peer=false",
        "whoever stands between change what apt downloads",
    ),
];
