use tightship_model::site::http::Purpose;
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use url::Url;

use super::cdn;
use super::look::{answer, http, shown, unseen};

pub(super) static CHECK: Check = Check {
    id: "http/asset-uncached",
    title: "Files that never change are fetched again",
    severity: Severity::Low,
    needs: &[Need::Site],
    items: &["A5.5"],
    django_ids: &[],
    references: &[
        Reference::Rfc(9111, "5.2.2"),
        Reference::Rfc(8246, "2"),
        Reference::Django("ref/contrib/staticfiles/#manifeststaticfilesstorage"),
    ],
    doc: include_str!("asset_uncached.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

/// Seconds. A visitor who comes back within it fetches nothing anew; usual are a month to ten years.
const DAY: u64 = 86_400;

/// Where nothing shows a network that keeps copies.
const CONSIDER: &str = "one would keep copies near visitors who are far away";

/// Digits of the shortest digest in a name; Django's storage writes twelve.
const DIGITS: usize = 8;

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let seen = answer(http(deployment)?, Purpose::Asset)?;
    let url = &seen.exchange.request.url;
    if !seen.answer.is_success() {
        return Err(unseen(
            format!("{} answers {}", shown(url), seen.answer.status),
            "look again when the site's style sheets and scripts are there",
        ));
    }
    if !carries_digest(url) {
        return Ok(Outcome::NotApplicable(format!(
            "the name of {} does not change with what is in it: kept for long it would be out of date",
            shown(url)
        )));
    }
    let values: Vec<&str> = seen.answer.values("cache-control").collect();
    let says = |word: &str| directives(&values).any(|(name, _)| name.eq_ignore_ascii_case(word));
    let lifetime = directives(&values)
        .filter(|(name, _)| name.eq_ignore_ascii_case("max-age"))
        .find_map(|(_, value)| value?.trim_matches('"').parse::<u64>().ok());
    let is_kept = !says("no-store") && !says("no-cache");
    let network = cdn::named(seen.answer);
    match lifetime {
        Some(DAY..) if is_kept => Ok(seen.holds(
            match network {
                Some((whose, field)) => format!(
                    "browsers keep what never changes, and {whose} brings it (its {field} is there)"
                ),
                None => format!("browsers keep what never changes; no CDN is seen: {CONSIDER}"),
            },
            "Cache-Control",
        )),
        None if is_kept && seen.answer.value("expires").is_some() => Err(unseen(
            "how long it may be kept is said by Expires alone, which is not read",
            "say it by Cache-Control, which browsers prefer",
        )),
        _ => Ok(Outcome::Fail(vec![seen.on_header(
            "Cache-Control",
            format!(
                "visitors wait for files that they have: {} carries a digest of its content in its name and \
                 is to be fetched again {}",
                shown(url),
                match lifetime {
                    Some(seconds) if is_kept => format!("after {seconds} seconds"),
                    None if is_kept => "when the browser thinks fit".to_owned(),
                    _ => "each time".to_owned(),
                }
            ),
            &format!(
                "Send `Cache-Control: public, max-age=31536000, immutable` with them: WhiteNoise does so for \
                 names that its manifest made, nginx by `expires 1y;` in the location of static files. {}",
                match network {
                    Some((whose, field)) => format!(
                        "{whose}, which brings them (its {field} is there), goes by it too, unless its own \
                         rules say otherwise."
                    ),
                    None => format!("No CDN is seen; with that header, {CONSIDER}."),
                }
            ),
        )])),
    }
}

/// Names and values: RFC 9111, 5.2.
fn directives<'a>(values: &'a [&'a str]) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
    let parts = values.iter().flat_map(|value| value.split(','));
    parts.map(|part| match part.trim().split_once('=') {
        Some((name, value)) => (name.trim(), Some(value.trim())),
        None => (part.trim(), None),
    })
}

/// Whether a part of the file's name is a digest: figures and letters up to f, both of them, as Django's
/// manifests and webpack write it. Dates and numbers of versions are none.
fn carries_digest(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else {
        return false;
    };
    let name = url.path().rsplit('/').next().unwrap_or_default();
    name.split(['.', '-', '_']).any(|part| {
        part.len() >= DIGITS
            && part.bytes().all(|byte| byte.is_ascii_hexdigit())
            && part.bytes().any(|byte| byte.is_ascii_digit())
            && part.bytes().any(|byte| byte.is_ascii_alphabetic())
    })
}

#[cfg(test)]
mod tests {
    use tightship_observe::site::http::transcript;

    use super::*;

    /// What is said of a style sheet with these headers.
    fn said(headers: &str) -> String {
        let seen = format!(
            "# asset\nGET https://shop.example/site.5e3f1a9c0b7d.css\n\nHTTP/1.1 200 OK\n{headers}"
        );
        let deployment = Deployment {
            site: Some(transcript::read(&seen).expect("a transcript")),
            ..Deployment::default()
        };
        match (CHECK.run)(&deployment) {
            Outcome::Pass(evidence) => evidence[0].text.clone(),
            Outcome::Fail(findings) => findings[0].advice.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_network_is_named_or_advised() {
        const KEPT: &str = "Cache-Control: max-age=31536000\n";
        const CLOUDFLARE: &str = "CF-Ray: 8f1c2d3e4f5a6b7c-FRA\n";
        for (headers, words) in [
            (
                format!("{KEPT}{CLOUDFLARE}"),
                "Cloudflare brings it (its CF-Ray is there)",
            ),
            (KEPT.to_owned(), CONSIDER),
            (CLOUDFLARE.to_owned(), "Cloudflare, which brings them"),
            (String::new(), CONSIDER),
        ] {
            let said = said(&headers);
            assert!(said.contains(words), "{said}");
            assert!(!said.contains("8f1c2d3e4f5a6b7c"), "{said}");
        }
    }
}
