use tightship_model::nginx::Directive;
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::nginx::Matcher;

use super::context::{Context, places};
use super::judgement::{finding, judge};

pub(super) static CHECK: Check = Check {
    id: "nginx/filesystem-root-served",
    title: "nginx serves the whole file system",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["A10.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_core_module.html#root"),
        Reference::Cwe(552),
    ],
    doc: include_str!("filesystem_root_served.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "no folder is served",
        |configuration, judgement| {
            for (context, directive) in places(configuration, &["root", "alias"]) {
                if serves_everything(&context, directive) {
                    judgement.fails(finding(
                        &context,
                        directive,
                        format!(
                            "{} is the root of the file system: whoever knows a path reads the \
                         file, /etc/passwd and the keys of the site among them",
                            directive.argument(0).unwrap_or_default()
                        ),
                        "Name the folder that holds what is meant to be public, and nothing else.",
                    ));
                } else {
                    judgement.holds("no folder that is served is the root", directive);
                }
            }
        },
    )
}

/// `alias` puts the rest of the path right behind its folder: without a slash between them the
/// two make another name, and only a prefix hands the rest on.
fn serves_everything(context: &Context<'_>, directive: &Directive) -> bool {
    let folder = directive.argument(0).unwrap_or_default();
    if !is_root(folder) {
        return false;
    }
    if directive.is("root") {
        return true;
    }
    match context.matcher() {
        Some(Matcher::Prefix { path, .. }) => folder.ends_with('/') || !path.ends_with('/'),
        _ => false,
    }
}

/// Whether a path means `/` once its dots are resolved.
fn is_root(path: &str) -> bool {
    if !path.starts_with('/') || path.contains('$') {
        return false;
    }
    let mut depth = 0_usize;
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => depth = depth.saturating_sub(1),
            _ => depth += 1,
        }
    }
    depth == 0
}
