use tightship_model::site::http::Http;
use tightship_model::{Check, Confidence, Deployment, Finding, Need, Outcome, Reference, Severity};

use super::csp::evaluate::{Flaw, Kind, flaws, known_bypass};
use super::csp::{self, Policy};
use super::look::{Answered, http, page, shown};

pub(super) static CHECK: Check = Check {
    id: "http/csp-weak",
    title: "The content security policy lets injected scripts run",
    severity: Severity::Medium,
    needs: &[Need::Site],
    items: &["A2.8"],
    django_ids: &[],
    references: &[
        Reference::Url("https://www.w3.org/TR/CSP3/#strict-csp"),
        Reference::Url("https://github.com/google/csp-evaluator"),
        Reference::Cwe(79),
    ],
    doc: include_str!("csp_weak.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

const NAME: &str = "Content-Security-Policy";
const SPELLING: &str = "Write keywords in ticks and a semicolon between directives.";
const ADVICE: &str =
    "Allow scripts by nonce: script-src 'nonce-…' 'strict-dynamic'; base-uri 'none'.";

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let seen = page(deployment)?;
    let mut policies = csp::enforced(seen.answer);
    policies.extend(csp::in_page(seen.answer));
    if seen.answer.content.page.is_none() || policies.is_empty() {
        return Err(Outcome::NotApplicable(
            "no page with a policy was answered".to_owned(),
        ));
    }
    let slips = policies.iter().flat_map(slips).take(MOST_SLIPS);
    let mut told: Vec<_> = slips
        .map(|slip| Finding {
            advice: SPELLING.to_owned(),
            ..finding(&seen, slip)
        })
        .collect();
    let limiting: Vec<_> = policies.iter().filter(|one| one.limits_scripts()).collect();
    match limiting[..] {
        [] => told.push(finding(
            &seen,
            Told {
                subject: "script-src".to_owned(),
                message: "an injected script runs as without a policy: no directive says where \
                          scripts may come from"
                    .to_owned(),
                severity: Severity::Medium,
                confidence: Confidence::High,
            },
        )),
        [_, ..] => {
            // Browsers hold the page to every policy: what one of them refuses does not run.
            let mut each: Vec<_> = limiting.into_iter().map(gaps).collect();
            let first = each.swap_remove(0);
            let is_open = |gap: &Gap| {
                each.iter()
                    .all(|gaps| gaps.iter().any(|it| it.what == gap.what))
            };
            let open = first.into_iter().filter(is_open).take(MOST_GAPS);
            told.extend(open.map(|gap| finding(&seen, gap.told())));
        }
    }
    told.extend(static_nonce(http(deployment)?));
    Ok(match told.is_empty() {
        false => Outcome::Fail(told),
        true => seen.holds("scripts come from named places only", NAME),
    })
}

/// More findings of a policy help nobody: a hostile one has thousands.
const MOST_SLIPS: usize = 20;
const MOST_GAPS: usize = 50;

struct Told {
    /// The directive and the source, which tell findings apart.
    subject: String,
    message: String,
    severity: Severity,
    confidence: Confidence,
}

fn finding(seen: &Answered<'_>, told: Told) -> Finding {
    Finding {
        subject: format!("site:{NAME} {}", told.subject),
        severity: Some(told.severity),
        confidence: told.confidence,
        ..seen.on_header(NAME, told.message, ADVICE)
    }
}

/// A way for scripts of strangers that a policy leaves open.
struct Gap {
    what: What,
    flaw: Flaw,
    host: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Inline,
    Anywhere,
    Eval,
    Base,
    Nonce,
    Bypass,
}

/// Plugins are no such way any more: no browser runs them.
fn gaps(policy: &Policy) -> Vec<Gap> {
    let all = flaws(policy).into_iter();
    all.filter_map(|flaw| {
        let is_script = flaw.directive.starts_with("script-src") || flaw.directive == "default-src";
        let source = flaw.source.as_deref();
        let beside = policy.get(&flaw.directive).map_or(&[][..], Vec::as_slice);
        let host = source.and_then(|source| known_bypass(source, beside));
        let what = match flaw.kind {
            Kind::UnsafeInline => What::Inline,
            Kind::PlainScheme | Kind::PlainWildcard if is_script => What::Anywhere,
            Kind::UnsafeEval => What::Eval,
            Kind::NonceShort if is_script => What::Nonce,
            Kind::MissingDirective if flaw.directive == "base-uri" => What::Base,
            Kind::ScriptBypass if host.is_some() => What::Bypass,
            _ => return None,
        };
        Some(Gap { what, flaw, host })
    })
    .collect()
}

impl Gap {
    fn told(self) -> Told {
        let source = shown(self.flaw.source.as_deref().unwrap_or_default());
        let directive = &self.flaw.directive;
        let (gain, severity) = match self.what {
            What::Inline => (
                "a script that an attacker gets into a page runs".to_owned(),
                Severity::Medium,
            ),
            What::Anywhere => (
                "a script from any server of the attacker's choice runs".to_owned(),
                Severity::Medium,
            ),
            What::Eval => (
                "a text that an attacker gets into eval runs as a script".to_owned(),
                Severity::Low,
            ),
            What::Nonce => (
                "a nonce of less than eight characters can be guessed".to_owned(),
                Severity::Medium,
            ),
            What::Base => (
                "an injected <base> makes the page load its own scripts from the attacker's server"
                    .to_owned(),
                Severity::Low,
            ),
            What::Bypass => (
                format!(
                    "{} is known to run scripts of whoever asks",
                    self.host.unwrap_or_default()
                ),
                Severity::Low,
            ),
        };
        let place = match self.what {
            What::Base => "the policy has nonces or hashes and no base-uri".to_owned(),
            _ => format!("{directive} allows {source}"),
        };
        Told {
            subject: format!("{directive} {source}").trim().to_owned(),
            message: format!("{gain}: {place}"),
            severity,
            // What the hosts of the list serve today was not looked at.
            confidence: match self.what {
                What::Bypass => Confidence::Medium,
                _ => Confidence::High,
            },
        }
    }
}

/// What is written so that browsers pass over it.
fn slips(policy: &Policy) -> Vec<Told> {
    let all = flaws(policy).into_iter();
    all.filter_map(|flaw| {
        let directive = shown(&flaw.directive);
        let source = flaw.source.as_deref().map(shown).unwrap_or_default();
        let message = match flaw.kind {
            // Elsewhere the words are names that people choose.
            Kind::MissingSemicolon if flaw.directive.ends_with("-src") => format!(
                "a directive does nothing: {source} stands among the sources of {directive}, as a \
                 semicolon is missing"
            ),
            Kind::InvalidKeyword if !source.starts_with('\'') && flaw.directive.ends_with("-src") => {
                format!(
                    "a source is not what it looks like: without ticks browsers take {source} in \
                     {directive} for the name of a host"
                )
            }
            Kind::UnknownDirective => {
                let meant = csp::meant(&flaw.directive)?;
                format!(
                    "a directive does nothing: browsers do not know {directive}, which may mean {meant}"
                )
            }
            _ => return None,
        };
        Some(Told {
            subject: format!("{directive} {source}").trim().to_owned(),
            message,
            severity: Severity::Low,
            confidence: Confidence::High,
        })
    })
    .collect()
}

fn static_nonce(http: &Http) -> Option<Finding> {
    let nonce = csp::repeated(http)?;
    let answer = nonce.second.answer()?;
    let seen = Answered {
        exchange: nonce.second,
        answer,
    };
    Some(finding(
        &seen,
        Told {
            subject: "nonce".to_owned(),
            message: format!(
                "an attacker who reads the page once writes scripts that run: {} {} and {} {} carry \
                 the same nonce, {}",
                nonce.first.request.method,
                shown(&nonce.first.request.url),
                nonce.second.request.method,
                shown(&nonce.second.request.url),
                shown(&nonce.source)
            ),
            severity: Severity::Medium,
            confidence: Confidence::High,
        },
    ))
}
