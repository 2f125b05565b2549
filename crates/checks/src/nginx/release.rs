//! Which nginx it is: its release, and the libraries of its image.

use tightship_model::nginx::{Configuration, Directive, RunsIn};
use tightship_model::{Confidence, Deployment, Finding};

use super::judgement::{Judgement, With};

/// The first releases without a fault: of the stable branch and of the mainline.
#[derive(Clone, Copy)]
pub(super) struct Fixed {
    pub(super) stable: (u32, u32, u32),
    pub(super) mainline: (u32, u32, u32),
}

impl Fixed {
    fn is_in(self, release: (u32, u32, u32)) -> bool {
        let (_, stable, _) = self.stable;
        let (_, branch, _) = release;
        if branch == stable {
            release >= self.stable
        } else {
            release >= self.mainline
        }
    }
}

/// A finding, unless the release of nginx is known not to have the fault. Where the release is not
/// known the finding is of low confidence and says so.
pub(super) fn unless_fixed(
    configuration: &Configuration,
    fixed: Fixed,
    mut finding: Finding,
    directive: &Directive,
    judgement: &mut Judgement,
) {
    match configuration.version {
        Some(release) if fixed.is_in(release) => {
            let (major, minor, patch) = release;
            judgement.holds(
                format!("nginx {major}.{minor}.{patch} does not have the fault"),
                directive,
            );
        }
        Some(_) => judgement.fails(finding),
        None => {
            let (major, minor, patch) = fixed.stable;
            finding.message = format!(
                "unless nginx is {major}.{minor}.{patch} or newer, {}",
                finding.message
            );
            judgement.fails(finding.with_confidence(Confidence::Low));
        }
    }
}

/// Whether nginx runs with OpenSSL 3.5 or newer, as far as the tag of its official image tells:
/// Alpine 3.22 and Debian 13 were the first to have it. `None` where it does not.
pub(super) fn has_openssl_35(
    deployment: &Deployment,
    configuration: &Configuration,
) -> Option<bool> {
    const FIRST_ALPINE: u32 = 22;
    let image = image(deployment, configuration)?;
    let (_, tag) = image.rsplit_once(':')?;
    if tag.contains("trixie") {
        return Some(true);
    }
    if tag.contains("bookworm") || tag.contains("bullseye") {
        return Some(false);
    }
    let (_, alpine) = tag.split_once("alpine3.")?;
    let digits: String = alpine.chars().take_while(char::is_ascii_digit).collect();
    Some(digits.parse::<u32>().ok()? >= FIRST_ALPINE)
}

/// The image that nginx runs in: that of its service, or the only one of nginx's own.
fn image<'a>(deployment: &'a Deployment, configuration: &Configuration) -> Option<&'a str> {
    let services = &deployment.compose.as_ref()?.services;
    let mut images = services.iter().filter_map(|service| {
        let image = service.image.as_ref()?.value.as_str();
        let is_it = match &configuration.runs_in {
            RunsIn::Service(name) => service.name == *name,
            _ => is_nginx(image),
        };
        is_it.then_some(image)
    });
    let image = images.next()?;
    (images.next().is_none() && is_nginx(image)).then_some(image)
}

fn is_nginx(image: &str) -> bool {
    const OFFICIAL: [&str; 3] = ["nginx", "library/nginx", "nginxinc/nginx-unprivileged"];
    let name = image.split(['@', ':']).next().unwrap_or(image);
    OFFICIAL.contains(&name.trim_start_matches("docker.io/"))
}
