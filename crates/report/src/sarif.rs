//! The report as SARIF 2.1.0 (OASIS standard, 27 March 2020).

use std::io::{self, Write};

use serde_json::{Value, json};
use tightship_model::{Check, Finding, Label, Link, Outcome, Report, Severity, Span, Verdict};

use crate::json;
use crate::page::Page;
use crate::place::{Place, from_here};

/// Writes one run with a rule for each check that was run and a result for each finding. Verdicts
/// that are unknown become notifications, as they are no results and must not look green.
pub fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let rules: Vec<_> = checks(report).into_iter().map(rule).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "tightship",
                "semanticVersion": report.head.version,
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": notifications(report),
            }],
            "results": results(report),
        }],
    });
    json::write(&document, out)
}

/// Checks that were run, by id.
fn checks(report: &Report<'_>) -> Vec<&'static Check> {
    let mut checks: Vec<_> = report
        .verdicts
        .iter()
        .map(|verdict| verdict.check)
        .collect();
    checks.sort_by_key(|check| check.id);
    checks
}

fn rule(check: &'static Check) -> Value {
    let page = Page::of(check);
    let why = page.section("Why");
    let mend = page.section("Mend");
    let mut rule = json!({
        "id": check.id,
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": if why.is_empty() { check.title } else { &why }},
        "help": {
            "text": format!("{why}\n\n{mend}"),
            "markdown": guidance(check.doc),
        },
        "defaultConfiguration": {"level": level(check.severity)},
        "properties": {
            "security-severity": score(check.severity),
            "tags": tags(check),
        },
    });
    if let Some(reference) = check.references.first() {
        rule["helpUri"] = reference.url().into();
    }
    rule
}

/// A page without its title and its examples.
fn guidance(page: &str) -> &str {
    let text = page
        .split_once("\n## ")
        .map_or(page, |(title, _)| &page[title.len()..]);
    let text = text
        .split_once("\n## Examples")
        .map_or(text, |(text, _)| text);
    text.trim()
}

fn tags(check: &Check) -> Vec<String> {
    ["security", check.area()]
        .into_iter()
        .chain(check.items.iter().copied())
        .chain(check.django_ids.iter().copied())
        .map(str::to_owned)
        .collect()
}

fn results(report: &Report<'_>) -> Vec<Value> {
    let checks = checks(report);
    let mut results = Vec::new();
    for verdict in &report.verdicts {
        let Outcome::Fail(findings) = &verdict.outcome else {
            continue;
        };
        let index = checks.iter().position(|check| check.id == verdict.check.id);
        for finding in findings {
            results.push(result(finding, verdict, index, report));
        }
    }
    results
}

fn result(
    finding: &Finding,
    verdict: &Verdict,
    index: Option<usize>,
    report: &Report<'_>,
) -> Value {
    let severity = finding.severity(verdict.check);
    let mut result = json!({
        "ruleId": verdict.check.id,
        "ruleIndex": index,
        "level": level(severity),
        "message": {"text": format!("{}\n\n{}", finding.message, finding.advice)},
        "locations": [primary(finding, report)],
        "partialFingerprints": {"tightship/v1": finding.fingerprint(verdict.check)},
        "properties": {
            "severity": severity.name(),
            "confidence": finding.confidence.name(),
            "subject": finding.subject,
        },
    });
    let related: Vec<_> = finding
        .labels
        .iter()
        .skip(1)
        .enumerate()
        .map(|(i, Label { span, text })| {
            let mut location = location(*span, text, report);
            location["id"] = (i + 1).into();
            location
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = related.into();
    }
    // A code flow runs from the source of the value to the place where it counts.
    let flow: Vec<_> = finding
        .trail
        .links()
        .iter()
        .rev()
        .filter_map(|Link { span, text, .. }| {
            Some(json!({"location": location((*span)?, text, report)}))
        })
        .collect();
    if !flow.is_empty() {
        result["codeFlows"] = json!([{"threadFlows": [{"locations": flow}]}]);
    }
    result
}

/// The first label. What stands nowhere belongs where it should stand: into the settings module.
fn primary(finding: &Finding, report: &Report<'_>) -> Value {
    if let Some(Label { span, text }) = finding.labels.first() {
        return location(*span, text, report);
    }
    let deployment = report.deployment;
    let path = match &deployment.project.module {
        Some(module) => deployment.sources[module.source].path.as_str(),
        None => "manage.py",
    };
    json!({"physicalLocation": {"artifactLocation": {"uri": uri(report, path)}}})
}

fn location(span: Span, text: &str, report: &Report<'_>) -> Value {
    let place = Place::of(&report.deployment.sources, span);
    json!({
        "physicalLocation": {
            "artifactLocation": {"uri": uri(report, &place.path)},
            "region": {
                "startLine": place.line,
                "startColumn": place.column,
                "endLine": place.end_line,
                "endColumn": place.end_column,
            },
        },
        "message": {"text": text},
    })
}

fn notifications(report: &Report<'_>) -> Vec<Value> {
    let unknown = report.verdicts.iter().filter_map(|verdict| {
        let Outcome::Unknown { reason, remedy, .. } = &verdict.outcome else {
            return None;
        };
        Some(json!({
            "level": "note",
            "message": {"text": format!("{} is unknown: {reason}; {remedy}", verdict.check.id)},
            "associatedRule": {"id": verdict.check.id},
        }))
    });
    let gaps = report.deployment.gaps.iter().map(|gap| {
        json!({
            "level": "warning",
            "message": {"text": format!("{}: {}; {}", gap.place, gap.reason, gap.lost)},
        })
    });
    unknown.chain(gaps).collect()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// The scale of code hosts: over 9 is critical, from 7 high, from 4 medium, below low.
/// <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.5",
    }
}

/// A path as the path of a URI (RFC 3986 section 3.3).
fn uri(report: &Report<'_>, path: &str) -> String {
    let keeps = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte);
    from_here(&report.head.root, path)
        .bytes()
        .map(|byte| match keeps(byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect()
}
