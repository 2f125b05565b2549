//! The report as SARIF 2.1.0 (OASIS standard, 27 March 2020).

use std::borrow::Cow;
use std::io::{self, Write};

use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};
use tightship_model::{Check, Severity};

use crate::catalog::Catalog;
use crate::document::{Finding, Label, Report, Status, Verdict};
use crate::json;
use crate::page::Page;
use crate::place::from_here;

/// Writes one run with a rule for each check that was run and a result for each finding. Verdicts
/// that are unknown become notifications, as they are no results and must not look green.
pub fn render(report: &Report, checks: &Catalog, out: &mut dyn Write) -> io::Result<()> {
    let judged = judged(report);
    let rules: Vec<_> = judged.iter().map(|verdict| rule(verdict, checks)).collect();
    let run = Run {
        tool: json!({"driver": {
            "name": "tightship",
            "semanticVersion": report.tool.version,
            "rules": rules,
        }}),
        column_kind: "unicodeCodePoints",
        invocations: json!([{
            "executionSuccessful": true,
            "toolExecutionNotifications": notifications(report),
        }]),
        results: results(report, &judged),
    };
    let document = Document {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [run],
    };
    json::write(&document, out)
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Value,
    column_kind: &'static str,
    invocations: Value,
    results: Vec<Outcome<'a>>,
}

/// What SARIF calls a result.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    rule_id: &'a str,
    rule_index: Option<usize>,
    level: &'static str,
    message: Text<'a>,
    locations: [Location<'a>; 1],
    partial_fingerprints: Fingerprints<'a>,
    properties: Properties<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code_flows: Option<[CodeFlow<'a>; 1]>,
}

#[derive(Serialize)]
struct Text<'a> {
    text: Cow<'a, str>,
}

#[derive(Serialize)]
struct Fingerprints<'a> {
    #[serde(rename = "tightship/v1")]
    of_check_and_subject: &'a str,
}

#[derive(Serialize)]
struct Properties<'a> {
    severity: &'static str,
    confidence: &'static str,
    subject: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<usize>,
}

/// From the source of a value to the place where it counts.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CodeFlow<'a> {
    thread_flows: [ThreadFlow<'a>; 1],
}

#[derive(Serialize)]
struct ThreadFlow<'a> {
    locations: Vec<Step<'a>>,
}

#[derive(Serialize)]
struct Step<'a> {
    location: Location<'a>,
}

/// The verdicts by the id of their check.
fn judged(report: &Report) -> Vec<&Verdict> {
    let mut verdicts: Vec<_> = report.verdicts.iter().collect();
    verdicts.sort_by(|a, b| a.check.cmp(&b.check));
    verdicts
}

fn rule(verdict: &Verdict, checks: &Catalog) -> Value {
    let check = checks.get(&verdict.check);
    let page = check.map(Page::of);
    let section = |name: &str| {
        page.as_ref()
            .map_or_else(String::new, |page| page.section(name))
    };
    let why = section("Why");
    let mend = section("Mend");
    let severity = check.map_or(verdict.severity, |check| check.severity);
    let mut rule = json!({
        "id": verdict.check,
        "shortDescription": {"text": verdict.title},
        "fullDescription": {"text": if why.is_empty() { &verdict.title } else { &why }},
        "help": {
            "text": format!("{why}\n\n{mend}"),
            "markdown": check.map_or("", |check| guidance(check.doc)),
        },
        "defaultConfiguration": {"level": level(severity)},
        "properties": {
            "security-severity": score(severity),
            "tags": tags(verdict, check),
        },
    });
    if let Some(reference) = check.and_then(|check| check.references.first()) {
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

fn tags<'a>(verdict: &'a Verdict, check: Option<&Check>) -> Vec<&'a str> {
    let known_as: Vec<&str> = match check {
        Some(check) => check.django_ids.to_vec(),
        None => verdict.django_ids.iter().map(String::as_str).collect(),
    };
    ["security", verdict.area()]
        .into_iter()
        .chain(verdict.items.iter().map(String::as_str))
        .chain(known_as)
        .collect()
}

fn results<'a>(report: &'a Report, judged: &[&Verdict]) -> Vec<Outcome<'a>> {
    let of = |verdict: &'a Verdict| {
        let index = judged.binary_search_by(|other| other.check.cmp(&verdict.check));
        let findings = verdict.findings.iter();
        findings.map(move |finding| result(finding, verdict, index.ok(), report))
    };
    report.verdicts.par_iter().flat_map_iter(of).collect()
}

fn result<'a>(
    finding: &'a Finding,
    verdict: &'a Verdict,
    index: Option<usize>,
    report: &Report,
) -> Outcome<'a> {
    let related = finding.labels.iter().skip(1).enumerate();
    let related = related.map(|(i, label)| Location {
        id: Some(i + 1),
        ..location(label, report)
    });
    let steps = finding.trail.iter().rev().filter_map(|link| {
        let (end_line, end_column) = link.end_line.zip(link.end_column).unzip();
        let region = Region {
            start_line: link.line?,
            start_column: link.column?,
            end_line,
            end_column,
        };
        let path = link.path.as_ref()?;
        let location = at(path, region, &link.text, report);
        Some(Step { location })
    });
    let steps: Vec<_> = steps.collect();
    Outcome {
        rule_id: &verdict.check,
        rule_index: index,
        level: level(finding.severity),
        message: Text {
            text: format!("{}\n\n{}", finding.message, finding.advice).into(),
        },
        locations: [primary(finding, report)],
        partial_fingerprints: Fingerprints {
            of_check_and_subject: &finding.fingerprint,
        },
        properties: Properties {
            severity: finding.severity.name(),
            confidence: finding.confidence.name(),
            subject: &finding.subject,
        },
        related_locations: related.collect(),
        code_flows: (!steps.is_empty()).then_some([CodeFlow {
            thread_flows: [ThreadFlow { locations: steps }],
        }]),
    }
}

/// The first label. What stands nowhere belongs where it should stand: into the settings module.
fn primary<'a>(finding: &'a Finding, report: &Report) -> Location<'a> {
    if let Some(label) = finding.labels.first() {
        return location(label, report);
    }
    let path = report.environment.settings_file.as_deref();
    Location {
        physical_location: Physical {
            artifact_location: Artifact {
                uri: uri(report, path.unwrap_or("manage.py")),
            },
            region: None,
        },
        message: None,
        id: None,
    }
}

fn location<'a>(label: &'a Label, report: &Report) -> Location<'a> {
    let region = Region {
        start_line: label.line,
        start_column: label.column,
        end_line: Some(label.end_line),
        end_column: Some(label.end_column),
    };
    at(&label.path, region, &label.text, report)
}

fn at<'a>(path: &str, region: Region, message: &'a str, report: &Report) -> Location<'a> {
    Location {
        physical_location: Physical {
            artifact_location: Artifact {
                uri: uri(report, path),
            },
            region: Some(region),
        },
        message: Some(Text {
            text: message.into(),
        }),
        id: None,
    }
}

fn notifications(report: &Report) -> Vec<Value> {
    let unknown = report.with_status(Status::Unknown).map(|verdict| {
        let reason = verdict.reason.as_deref().unwrap_or_default();
        let remedy = verdict.remedy.as_deref().unwrap_or_default();
        json!({
            "level": "note",
            "message": {"text": format!("{} is unknown: {reason}; {remedy}", verdict.check)},
            "associatedRule": {"id": verdict.check},
        })
    });
    let gaps = report.environment.gaps.iter().map(|gap| {
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
fn uri(report: &Report, path: &str) -> String {
    let keeps = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte);
    let path = from_here(&report.environment.root, path);
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match keeps(byte) {
            true => uri.push(char::from(byte)),
            false => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
