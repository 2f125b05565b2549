//! The score and the grade of MDN's HTTP Observatory, by its scoring algorithm 6
//! (github.com/mdn/mdn-http-observatory, package 1.6.3, commit 94042bb).
//!
//! Hand-written because the Observatory is JavaScript. Twelve tests each end in one result code with
//! a modifier; the codes and modifiers are those of the Observatory, so that the two can be compared.
//! The list of sites that browsers preload is not at hand, so the codes `hsts-preloaded` and
//! `redirection-all-redirects-preloaded` are never given.

mod cookies;
mod csp;
mod headers;
mod integrity;

use tightship_model::site::Site;
use tightship_model::site::http::{Answer, Exchange, Http, Purpose};
use tightship_model::site::page::Meta;

/// The version of the algorithm that is followed.
pub const ALGORITHM: u32 = 6;

/// What the Observatory would say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// From 0; over 100 with bonuses.
    pub score: i32,
    /// `A+` to `F`.
    pub grade: &'static str,
    /// In the order of the Observatory.
    pub tests: Vec<Test>,
}

/// One test with its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Test {
    pub name: &'static str,
    /// The Observatory's own code: `csp-not-implemented`.
    pub result: &'static str,
    pub modifier: i32,
}

/// Bonuses count from this score on.
const LEAST_FOR_BONUS: i32 = 90;

/// Scores a site.
///
/// # Errors
///
/// Why there is no score: the site was not asked, gave no answer, or one that the Observatory does
/// not score.
pub fn score(site: &Site) -> Result<Score, String> {
    let http = site
        .http
        .as_ref()
        .ok_or("the site was not asked over HTTP")?;
    let view = View::of(http)?;
    let status = view.answer.status;
    if !(200..400).contains(&status) && !matches!(status, 401 | 403) {
        return Err(format!(
            "the Observatory scores no page that answers {status}"
        ));
    }
    let hsts = headers::hsts(&view);
    let results = [
        ("content-security-policy", csp::result(&view)),
        ("cookies", cookies::result(&view, hsts)),
        ("cross-origin-resource-sharing", headers::cors(&view)),
        ("redirection", headers::redirection(&view)),
        ("referrer-policy", headers::referrer(&view)),
        ("strict-transport-security", hsts),
        ("subresource-integrity", integrity::result(&view)),
        ("x-content-type-options", headers::sniffing(&view)),
        ("x-frame-options", headers::framing(&view)),
        (
            "cross-origin-resource-policy",
            headers::resource_policy(&view),
        ),
        (
            "cross-origin-embedder-policy",
            headers::embedder_policy(&view),
        ),
        ("cross-origin-opener-policy", headers::opener_policy(&view)),
    ];
    Ok(of_tests(
        results
            .into_iter()
            .map(|(name, result)| Test {
                name,
                result,
                modifier: modifier(result),
            })
            .collect(),
    ))
}

/// The score of tests: bonuses count only where the losses leave an A.
fn of_tests(tests: Vec<Test>) -> Score {
    let losses: i32 = tests.iter().map(|test| test.modifier.min(0)).sum();
    let all: i32 = tests.iter().map(|test| test.modifier).sum();
    let score = match 100 + losses {
        uncurved @ LEAST_FOR_BONUS.. => uncurved - losses + all,
        uncurved => uncurved.max(0),
    };
    Score {
        score,
        grade: grade(score),
        tests,
    }
}

/// The grade of a score, which is rounded down to a multiple of five.
fn grade(score: i32) -> &'static str {
    match score.min(100) / 5 * 5 {
        100 => "A+",
        95 | 90 => "A",
        85 => "A-",
        80 => "B+",
        75 | 70 => "B",
        65 => "B-",
        60 => "C+",
        55 | 50 => "C",
        45 => "C-",
        40 => "D+",
        35 | 30 => "D",
        25 => "D-",
        _ => "F",
    }
}

/// The modifier of each result code of the algorithm.
fn modifier(result: &str) -> i32 {
    MODIFIERS
        .iter()
        .find(|(code, _)| *code == result)
        .map_or(0, |(_, modifier)| *modifier)
}

/// The codes whose modifier is not 0.
const MODIFIERS: &[(&str, i32)] = &[
    ("csp-implemented-with-no-unsafe-default-src-none", 10),
    ("csp-implemented-with-no-unsafe", 5),
    (
        "csp-implemented-with-insecure-scheme-in-passive-content-only",
        -10,
    ),
    ("csp-implemented-with-unsafe-eval", -10),
    ("csp-implemented-with-unsafe-inline", -20),
    ("csp-implemented-with-insecure-scheme", -20),
    ("csp-header-invalid", -25),
    ("csp-not-implemented", -25),
    ("csp-not-implemented-but-reporting-enabled", -25),
    ("cookies-secure-with-httponly-sessions-and-samesite", 5),
    ("cookies-without-secure-flag-but-protected-by-hsts", -5),
    (
        "cookies-session-without-secure-flag-but-protected-by-hsts",
        -10,
    ),
    ("cookies-without-secure-flag", -20),
    ("cookies-samesite-flag-invalid", -20),
    ("cookies-anticsrf-without-samesite-flag", -20),
    ("cookies-session-without-httponly-flag", -30),
    ("cookies-session-without-secure-flag", -40),
    (
        "cross-origin-resource-sharing-implemented-with-universal-access",
        -50,
    ),
    ("redirection-off-host-from-http", -5),
    ("redirection-not-to-https-on-initial-redirection", -10),
    ("redirection-not-to-https", -20),
    ("redirection-missing", -20),
    ("redirection-invalid-cert", -20),
    ("referrer-policy-private", 5),
    ("referrer-policy-unsafe", -5),
    ("referrer-policy-header-invalid", -5),
    ("hsts-implemented-max-age-less-than-six-months", -10),
    ("hsts-not-implemented", -20),
    ("hsts-header-invalid", -20),
    ("hsts-not-implemented-no-https", -20),
    ("hsts-invalid-cert", -20),
    ("sri-implemented-and-all-scripts-loaded-securely", 5),
    ("sri-implemented-and-external-scripts-loaded-securely", 5),
    (
        "sri-not-implemented-but-external-scripts-loaded-securely",
        -5,
    ),
    (
        "sri-implemented-but-external-scripts-not-loaded-securely",
        -20,
    ),
    (
        "sri-not-implemented-and-external-scripts-not-loaded-securely",
        -50,
    ),
    ("x-content-type-options-not-implemented", -5),
    ("x-content-type-options-header-invalid", -5),
    ("x-frame-options-implemented-via-csp", 5),
    ("x-frame-options-sameorigin-or-deny", 5),
    ("x-frame-options-not-implemented", -20),
    ("x-frame-options-header-invalid", -20),
    ("corp-header-invalid", -5),
    ("corp-implemented-with-same-origin", 10),
    ("corp-implemented-with-same-site", 10),
    ("coep-implemented-with-require-corp", 10),
    ("coep-implemented-with-credentialless", 10),
    ("coep-header-invalid", -5),
    ("coop-implemented-with-same-origin", 10),
    ("coop-implemented-with-same-origin-allow-popups", 10),
    ("coop-implemented-with-noopener-allow-popups", 10),
    ("coop-header-invalid", -5),
];

fn joined(answer: &Answer, name: &str) -> Option<String> {
    let values: Vec<_> = answer.values(name).collect();
    (!values.is_empty()).then(|| values.join(", "))
}

/// What the Observatory looks at.
struct View<'a> {
    http: &'a Http,
    /// The page, redirects followed.
    page: &'a Exchange,
    answer: &'a Answer,
}

impl<'a> View<'a> {
    fn of(http: &'a Http) -> Result<Self, String> {
        let page = http
            .last(Purpose::Page)
            .ok_or("the page was not asked for")?;
        let answer = page.answer().ok_or("the site gave no answer")?;
        Ok(Self { http, page, answer })
    }

    /// What the page comes with over HTTPS.
    fn secure(&self) -> Option<&'a Answer> {
        self.page.is_secure().then_some(self.answer)
    }

    /// A header of the page; the values of several are one, as Node joins them.
    fn header(&self, name: &str) -> Option<String> {
        joined(self.answer, name)
    }

    /// What `<meta>` says of the policy for content.
    fn policies_in_page(&self) -> Vec<&'a str> {
        let is_it = |meta: &&Meta| meta.is_http && meta.name == "content-security-policy";
        let metas = self.metas().filter(is_it).map(|meta| meta.content.as_str());
        metas.filter(|content| !content.is_empty()).collect()
    }

    /// What `<meta>` says of the referrer; the last one counts.
    fn referrer_in_page(&self) -> Option<&'a str> {
        let is_it = |meta: &&Meta| !meta.is_http && meta.name == "referrer";
        let metas = self.metas().filter(is_it).map(|meta| meta.content.as_str());
        metas.filter(|content| !content.is_empty()).last()
    }

    fn metas(&self) -> impl Iterator<Item = &'a Meta> {
        let page = self.answer.content.page.as_ref();
        page.map_or(&[][..], |page| &page.metas).iter()
    }

    /// The host of an address.
    fn host(url: &str) -> &str {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => authority,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(modifiers: &[i32]) -> (i32, &'static str) {
        let tests = modifiers.iter().map(|modifier| Test {
            name: "",
            result: "",
            modifier: *modifier,
        });
        let score = of_tests(tests.collect());
        (score.score, score.grade)
    }

    #[test]
    fn bonuses_count_from_an_a_on() {
        assert_eq!(of(&[]), (100, "A+"));
        assert_eq!(of(&[10, 5, 5]), (120, "A+"));
        assert_eq!(of(&[-10, 20]), (110, "A+"));
        assert_eq!(of(&[-15, 50]), (85, "A-"));
        assert_eq!(of(&[-50, -50, -50]), (0, "F"));
    }

    #[test]
    fn grades_stand_at_their_borders() {
        for (score, expected) in [
            (100, "A+"),
            (99, "A"),
            (90, "A"),
            (89, "A-"),
            (84, "B+"),
            (79, "B"),
            (69, "B-"),
            (64, "C+"),
            (59, "C"),
            (49, "C-"),
            (44, "D+"),
            (39, "D"),
            (29, "D-"),
            (24, "F"),
            (0, "F"),
        ] {
            assert_eq!(grade(score), expected, "{score}");
        }
    }
}
