use tightship_model::site::http::{Http, Purpose, Trust};
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::domains::{LIST, registered};

use super::hsts::{NAME, Policy, judged};
use super::look::{Answered, answered, http, page, unseen};

pub(super) static CHECK: Check = Check {
    id: "http/preload-refused",
    title: "The site asks to be preloaded and the list would refuse it",
    severity: Severity::Low,
    needs: &[Need::Site],
    items: &["B16.4"],
    django_ids: &[],
    references: &[
        Reference::Url("https://hstspreload.org/#submission-requirements"),
        Reference::Django("ref/settings/#secure-hsts-preload"),
    ],
    doc: include_str!("preload_refused.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

/// What the list asks of new names since 2017: a year (chromium/hstspreload, commit d624d7c).
const YEAR: u64 = 31_536_000;

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let seen = page(deployment)?;
    if let Some(outcome) = judged(&seen) {
        return Err(outcome);
    }
    let asks = seen.answer.values(NAME).any(|value| {
        value
            .split(';')
            .any(|part| part.trim().eq_ignore_ascii_case("preload"))
    });
    if !asks {
        return Err(Outcome::NotApplicable(
            "the site does not ask to be preloaded".to_owned(),
        ));
    }
    if let Some((host, name)) = subdomain(&seen) {
        return Err(unseen(
            format!(
                "the list takes registered names alone ({LIST}), and reads the header of {name}, not of \
                 {host}"
            ),
            "name the address that the list would read with --url",
        ));
    }
    let refusals = refusals(&seen, http(deployment)?);
    Ok(match refusals.is_empty() {
        true => seen.holds(
            "the header and the redirects are what the list asks for",
            NAME,
        ),
        false => Outcome::Fail(
            refusals
                .into_iter()
                .map(|(code, why)| {
                    seen.on_header(
                        code,
                        format!("hstspreload.org would answer {code}: {why}"),
                        "Send `max-age=31536000; includeSubDomains; preload` once, and redirect \
                         http://NAME to https://NAME first.",
                    )
                })
                .collect(),
        ),
    })
}

/// The host of the page and the name that it stands below, where it is not registered itself.
fn subdomain(seen: &Answered<'_>) -> Option<(String, String)> {
    let url = url::Url::parse(&seen.exchange.request.url).ok()?;
    let host = url.host_str()?;
    let name = registered(host)?;
    (name != host).then(|| (host.to_owned(), name.to_owned()))
}

/// The codes of the list with what they mean here.
fn refusals(seen: &Answered<'_>, http: &Http) -> Vec<(&'static str, String)> {
    let mut refusals = Vec::new();
    let values: Vec<_> = seen.answer.values(NAME).collect();
    if values.len() > 1 {
        refusals.push((
            "response.multiple_headers",
            format!("it comes {} times", values.len()),
        ));
    }
    if let Some(Trust::NotVerified(reason)) = &seen.answer.certificate {
        refusals.push(("domain.tls.invalid_cert_chain", reason.clone()));
    }
    match values.first().and_then(|value| Policy::parse(value)) {
        None => refusals.push((
            "header.preloadable.max_age.missing",
            "it has no max-age that is a number".to_owned(),
        )),
        Some(policy) => {
            if !policy.include_subdomains {
                refusals.push((
                    "header.preloadable.include_sub_domains.missing",
                    "includeSubDomains is not in it".to_owned(),
                ));
            }
            if policy.max_age < YEAR {
                refusals.push((
                    "header.preloadable.max_age.below_1_year",
                    format!("it lasts {} s, and a year is {YEAR} s", policy.max_age),
                ));
            }
        }
    }
    refusals.extend(first_redirect(http));
    refusals
}

/// Over plain HTTP the first step must be to HTTPS on the same name.
fn first_redirect(http: &Http) -> Option<(&'static str, String)> {
    let first = answered(http.all(Purpose::Plain).next()?).ok()?;
    let url = &first.exchange.request.url;
    if !first.answer.is_redirect() {
        let why = format!("{url} answers {}", first.answer.status);
        return Some(("redirects.http.no_redirect", why));
    }
    let target = first.answer.value("location")?;
    let own = url.strip_prefix("http://")?.split('/').next()?;
    let led = target
        .strip_prefix("https://")
        .map(|rest| rest.split('/').next().unwrap_or(rest));
    match led {
        Some(host) if host.eq_ignore_ascii_case(own) => None,
        Some(host) if host.strip_prefix("www.") == Some(own) => Some((
            "redirects.http.www_first",
            format!("{url} leads to {host} before HTTPS is kept for {own}"),
        )),
        _ => Some((
            "redirects.http.first_redirect.insecure",
            format!("{url} does not lead to HTTPS on the same name first"),
        )),
    }
}
