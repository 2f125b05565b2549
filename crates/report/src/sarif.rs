//! The report as SARIF 2.1.0 (OASIS standard, 27 March 2020).

use std::io::{self, Write};

use rayon::prelude::*;
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
    let run = object([
        (
            "tool",
            json!({"driver": {
                "name": "tightship",
                "semanticVersion": report.tool.version,
                "rules": rules,
            }}),
        ),
        ("columnKind", "unicodeCodePoints".into()),
        (
            "invocations",
            json!([{
                "executionSuccessful": true,
                "toolExecutionNotifications": notifications(report),
            }]),
        ),
        ("results", results(report, &judged).into()),
    ]);
    let schema = "https://json.schemastore.org/sarif-2.1.0.json";
    let document = object([
        ("$schema", schema.into()),
        ("version", "2.1.0".into()),
        ("runs", vec![run].into()),
    ]);
    json::write(&document, out)
}

/// An object that takes its values as they are: `json!` copies each with all that is in it, so that
/// what stands deep is copied once for each level above it.
fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let fields = fields.into_iter();
    Value::Object(
        fields
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

fn text(text: impl Into<Value>) -> Value {
    object([("text", text.into())])
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

fn results(report: &Report, judged: &[&Verdict]) -> Vec<Value> {
    let of = |verdict| {
        let verdict: &Verdict = verdict;
        let index = judged.binary_search_by(|other| other.check.cmp(&verdict.check));
        let findings = verdict.findings.iter();
        findings.map(move |finding| result(finding, verdict, index.ok(), report))
    };
    report.verdicts.par_iter().flat_map_iter(of).collect()
}

fn result(finding: &Finding, verdict: &Verdict, index: Option<usize>, report: &Report) -> Value {
    let message = format!("{}\n\n{}", finding.message, finding.advice);
    let mut result = object([
        ("ruleId", verdict.check.as_str().into()),
        ("ruleIndex", index.into()),
        ("level", level(finding.severity).into()),
        ("message", text(message)),
        ("locations", vec![primary(finding, report)].into()),
        (
            "partialFingerprints",
            object([("tightship/v1", finding.fingerprint.as_str().into())]),
        ),
        (
            "properties",
            object([
                ("severity", finding.severity.name().into()),
                ("confidence", finding.confidence.name().into()),
                ("subject", finding.subject.as_str().into()),
            ]),
        ),
    ]);
    let related: Vec<_> = finding
        .labels
        .iter()
        .skip(1)
        .enumerate()
        .map(|(i, label)| {
            let mut location = location(label, report);
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
        .iter()
        .rev()
        .filter_map(|link| {
            let mut region = object([
                ("startLine", link.line?.into()),
                ("startColumn", link.column?.into()),
            ]);
            if let (Some(line), Some(column)) = (link.end_line, link.end_column) {
                region["endLine"] = line.into();
                region["endColumn"] = column.into();
            }
            let path = link.path.as_ref()?;
            let location = at(path, region, &link.text, report);
            Some(object([("location", location)]))
        })
        .collect();
    if !flow.is_empty() {
        let thread = object([("locations", flow.into())]);
        let flow = object([("threadFlows", vec![thread].into())]);
        result["codeFlows"] = vec![flow].into();
    }
    result
}

/// The first label. What stands nowhere belongs where it should stand: into the settings module.
fn primary(finding: &Finding, report: &Report) -> Value {
    if let Some(label) = finding.labels.first() {
        return location(label, report);
    }
    let path = report.environment.settings_file.as_deref();
    let uri = uri(report, path.unwrap_or("manage.py"));
    json!({"physicalLocation": {"artifactLocation": {"uri": uri}}})
}

fn location(label: &Label, report: &Report) -> Value {
    let region = object([
        ("startLine", label.line.into()),
        ("startColumn", label.column.into()),
        ("endLine", label.end_line.into()),
        ("endColumn", label.end_column.into()),
    ]);
    at(&label.path, region, &label.text, report)
}

fn at(path: &str, region: Value, message: &str, report: &Report) -> Value {
    let place = object([
        (
            "artifactLocation",
            object([("uri", uri(report, path).into())]),
        ),
        ("region", region),
    ]);
    object([("physicalLocation", place), ("message", text(message))])
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
