//! The live site: looked at, kept, or taken from what was kept.

use std::path::Path;
use std::time::Duration;

use tightship_model::Deployment;
use tightship_model::site::Site;
use tightship_observe::site::dns::Wish;
use tightship_observe::site::{
    self, CertificateDer, ConnectTo, Hints, Options, Target, certificates, observe,
};
use tightship_predict::guarded::guarded;
use tightship_predict::pages::pages;

use crate::args::{Live, Probe};
use crate::failure::Failure;
use crate::outlet::to_file;

/// What a run does, for a person who waits.
pub(crate) fn doing(wish: &Live, root: &str) -> String {
    match &wish.url {
        Some(url) => format!("reading {root} and looking at {url}"),
        None => format!("reading {root}"),
    }
}

/// Puts the site into the deployment where the user named one.
pub(crate) fn look(wish: &Live, deployment: &mut Deployment) -> Result<(), Failure> {
    deployment.site = match (&wish.url, &wish.replay) {
        (Some(url), _) => {
            let target = Target::parse(url).map_err(|error| {
                Failure::new(
                    format!("--url cannot be looked at: {error}"),
                    "give an address like https://shop.example",
                )
            })?;
            let options = options(wish, target, deployment)?;
            let site = observe(&options).map_err(|error| {
                Failure::new(
                    format!("{url} could not be looked at: {error}"),
                    "this machine gives no socket: is it out of files or memory?",
                )
            })?;
            Some(site)
        }
        (None, Some(file)) => Some(replay(file)?),
        (None, None) => None,
    };
    Ok(())
}

/// Keeps what was seen.
pub(crate) fn record(file: &Path, deployment: &Deployment) -> Result<(), Failure> {
    let Some(site) = &deployment.site else {
        return Err(Failure::new(
            "--record has nothing to keep",
            "name the site with --url",
        ));
    };
    to_file(file, |out| {
        serde_json::to_writer_pretty(
            &mut *out,
            &Capture {
                schema: SCHEMA,
                site,
            },
        )?;
        out.push(b'\n');
        Ok(())
    })
}

/// The form of the file, and its version.
const SCHEMA: &str = "tightship.site/1";

#[derive(serde::Serialize)]
struct Capture<'a> {
    schema: &'static str,
    site: &'a Site,
}

fn replay(file: &Path) -> Result<Site, Failure> {
    #[derive(serde::Deserialize)]
    struct Kept {
        schema: String,
        site: Site,
    }
    let refuse = |reason: String| {
        Failure::new(
            format!("{} cannot be judged: {reason}", file.display()),
            "keep a look at a site with `tightship check --url URL --record FILE`",
        )
    };
    let text = tightship_read::given(file).map_err(|error| refuse(error.to_string()))?;
    let kept: Kept = serde_json::from_str(&text).map_err(|error| refuse(error.to_string()))?;
    match kept.schema == SCHEMA {
        true => Ok(kept.site),
        false => Err(refuse(format!("its schema is {:?}", kept.schema))),
    }
}

/// How to look at a target.
pub(crate) fn options(
    wish: &Live,
    target: Target,
    deployment: &Deployment,
) -> Result<Options, Failure> {
    let connect_to = wish.connect_to.iter().map(|text| {
        ConnectTo::parse(text).ok_or_else(|| {
            Failure::new(
                format!("{text:?} is not of the form HOST:PORT:ADDRESS:PORT"),
                "write it like --connect-to shop.example:443:127.0.0.1:8443",
            )
        })
    });
    let fetch_issuers = wish.probe.contains(&Probe::Issuers);
    let fetched = match fetch_issuers {
        true => site::MOST_ISSUERS,
        false => 0,
    };
    let probes = probes(&wish.probe);
    let sent: usize = fetched + probes.iter().map(|probe| probe.requests()).sum::<usize>();
    let usual = Options::new(target);
    Ok(Options {
        rate: wish.rate.unwrap_or(usual.rate),
        max_requests: wish.max_requests.unwrap_or(usual.max_requests + sent),
        timeout: Duration::from_secs_f64(wish.timeout),
        connect_to: connect_to.collect::<Result<_, _>>()?,
        roots: in_file(wish.ca_file.as_deref(), "--ca-file")?,
        known_issuers: in_file(wish.known_issuers.as_deref(), "--known-issuers")?,
        fetch_issuers,
        weaknesses: wish.probe.contains(&Probe::TlsFaults),
        hints: hints(deployment),
        probes,
        ports: wish.probe.contains(&Probe::Ports),
        now: deployment.now,
        dns: Wish {
            resolvers: wish.resolver.clone(),
            selectors: wish.dkim_selector.clone(),
            senders: senders(deployment),
            relay: text_of(deployment, "EMAIL_HOST"),
        },
        ..usual
    })
}

/// The certificates of a file, none where no file is named.
fn in_file(file: Option<&Path>, option: &str) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let Some(file) = file else {
        return Ok(Vec::new());
    };
    let text = tightship_read::given(file).ok();
    text.and_then(|text| certificates(text.as_bytes()))
        .ok_or_else(|| {
            Failure::new(
                format!("{} holds no certificates", file.display()),
                format!("{option} takes certificates in PEM, or a table of them"),
            )
        })
}

/// The pages that the project names, and the usual ones where it names none.
fn hints(deployment: &Deployment) -> Hints {
    let named = pages(deployment);
    let usual = Hints::default();
    Hints {
        login: named.login.unwrap_or(usual.login),
        admin: named.admin.unwrap_or(usual.admin),
        guarded: guarded(deployment)
            .into_iter()
            .map(|one| one.path)
            .collect(),
        static_folder: named.static_folder.unwrap_or(usual.static_folder),
        media_folder: named.media_folder.unwrap_or(usual.media_folder),
        api_login: named.api_login,
        frontend: named.frontend,
    }
}

/// The addresses that the project sends mail as.
fn senders(deployment: &Deployment) -> Vec<String> {
    ["DEFAULT_FROM_EMAIL", "SERVER_EMAIL"]
        .into_iter()
        .filter_map(|name| text_of(deployment, name))
        .collect()
}

/// A setting whose value is one text.
fn text_of(deployment: &Deployment, name: &str) -> Option<String> {
    let settings = deployment.settings.as_ref()?;
    let setting = settings.get(name)?;
    setting.value.value.as_str().map(str::to_owned)
}

/// Those that are sent over HTTP.
fn probes(wished: &[Probe]) -> Vec<site::Probe> {
    let of = |probe: &Probe| match probe {
        Probe::TlsFaults | Probe::Ports | Probe::Issuers => None,
        Probe::Csrf => Some(site::Probe::Csrf),
        Probe::BodyLimit => Some(site::Probe::BodyLimit),
        Probe::Breach => Some(site::Probe::Breach),
        Probe::RateLimit => Some(site::Probe::RateLimit),
        Probe::Lockout => Some(site::Probe::Lockout),
    };
    wished.iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    /// The figures in the help are those of the probes.
    #[test]
    fn the_help_states_what_each_probe_sends() {
        for wish in Probe::value_variants() {
            let sent = match (wish, probes(&[*wish]).first()) {
                (Probe::Issuers, _) => site::MOST_ISSUERS,
                (_, Some(probe)) => probe.requests(),
                (_, None) => continue,
            };
            let value = wish.to_possible_value().expect("it is not hidden");
            let help = value.get_help().expect("a help").to_string();
            let figure = format!("up to {sent}");
            assert!(help.contains(&figure), "{help:?} does not say {figure:?}");
        }
    }
}
