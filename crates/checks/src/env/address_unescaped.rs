use tightship_model::compose::Service;
use tightship_model::{
    Check, Deployment, Evidence, Finding, Outcome, Reference, Severity, Traced, Value,
};

use super::{at, django_services, read_by_settings};
use crate::setting::settled;

pub(super) static CHECK: Check = Check {
    id: "env/address-unescaped",
    title: "A password ends its address too soon",
    severity: Severity::High,
    needs: &[],
    items: &["B4.5"],
    django_ids: &[],
    references: &[
        Reference::Rfc(3986, "3.2"),
        Reference::Url("https://django-environ.readthedocs.io/en/latest/tips.html"),
    ],
    doc: include_str!("address_unescaped.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let services = match django_services(deployment) {
        Ok(services) => services,
        Err(outcome) => return outcome,
    };
    let read = read_by_settings(deployment);
    let cuts_at_hash = cuts_at_hash(deployment);
    let mut findings: Vec<Finding> = Vec::new();
    let mut evidence = Vec::new();
    for service in services {
        for (name, value) in &service.environment.variables {
            let Some(rest) = value.value.as_str().and_then(behind_scheme) else {
                continue;
            };
            match cut(rest, cuts_at_hash) {
                Some(by) if read.is_empty() || read.contains(name.as_str()) => {
                    let is_known = |known: &Finding| known.subject.ends_with(&format!(" {name}"));
                    if !findings.iter().any(is_known) {
                        findings.push(finding(service, name, value, by));
                    }
                }
                None if rest.contains('@') => evidence.push(Evidence {
                    text: format!("the password in {name} stays whole"),
                    trail: value.trail.clone(),
                }),
                _ => {}
            }
        }
    }
    let otherwise = "no service is given the address of a store with a password";
    settled(
        findings,
        evidence,
        Outcome::NotApplicable(otherwise.to_owned()),
    )
}

/// What stands behind the scheme of a store's address.
fn behind_scheme(address: &str) -> Option<&str> {
    const SCHEMES: [&str; 8] = [
        "postgres", "postgis", "pgsql", "psql", "mysql", "redis", "valkey", "amqp",
    ];
    let (scheme, rest) = address.split_once("://")?;
    SCHEMES
        .iter()
        .any(|known| scheme.starts_with(known))
        .then_some(rest)
}

/// The character in a password at which a reader takes the host to end: what stands before it has a
/// colon with no port behind it, and the `@` of the password comes later.
fn cut(rest: &str, cuts_at_hash: bool) -> Option<char> {
    let ends = |c: char| matches!(c, '/' | '?') || c == '#' && cuts_at_hash;
    let at = rest.find(ends)?;
    let (authority, behind) = rest.split_at(at);
    let (_, port) = authority.rsplit_once(':')?;
    let is_port = port.chars().all(|c| c.is_ascii_digit());
    (!authority.contains(['@', '[']) && !is_port && behind.contains('@'))
        .then(|| behind.chars().next())
        .flatten()
}

/// django-environ 0.14 puts a `#` back into the password; dj-database-url 3.1 and urllib do not.
fn cuts_at_hash(deployment: &Deployment) -> bool {
    deployment.packages.get("dj-database-url").is_some()
        && deployment.packages.get("django-environ").is_none()
}

fn finding(service: &Service, name: &str, value: &Traced<Value>, by: char) -> Finding {
    let subject = format!("service:{} {name}", service.name);
    let mut finding = at(
        subject,
        value.trail.first_span(),
        &format!("{} gets {name}", service.name),
    );
    let places = crate::setting::labels(&value.trail);
    finding.labels.extend(places.into_iter().skip(1));
    let encoded = match by {
        '/' => "%2F",
        '?' => "%3F",
        _ => "%23",
    };
    Finding {
        message: format!(
            "{} does not start: the password in {name} holds a `{by}`, at which the host of an \
             address ends, so that half of the password is taken for a port",
            service.name
        ),
        advice: format!(
            "Write `{by}` as `{encoded}` inside the address, or make a password of letters and \
             digits (`openssl rand -hex 32`) where other files share it."
        ),
        ..finding
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_ends_at_the_first_slash_question_or_hash() {
        for (address, expected) in [
            ("shop:pa/ss@db:5432/shop", Some('/')),
            ("shop:pa?ss@db/shop", Some('?')),
            (":pa/ss@cache:6379/0", Some('/')),
            ("shop:p@ss@db:5432/shop", None),
            ("shop:pa%2Fss@db:5432/shop", None),
            ("db:5432/shop?options=a@b", None),
            ("[::1]:5432/shop?options=a@b", None),
            ("/shop?host=/run&user=a@b", None),
            ("shop:pa#ss@db/shop", None),
        ] {
            assert_eq!(cut(address, false), expected, "{address}");
        }
        assert_eq!(cut("shop:pa#ss@db/shop", true), Some('#'));
    }
}
