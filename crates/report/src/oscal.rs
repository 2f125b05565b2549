//! The report as assessment results of OSCAL 1.1.3, NIST's language for security controls.
//!
//! <https://pages.nist.gov/OSCAL-Reference/models/v1.1.3/assessment-results/json-reference/>
//!
//! A check is an objective: satisfied where it passed, not satisfied where it failed or is unknown.
//! What does not apply has no finding. Places, passes and open questions are observations.

use std::io::{self, Write};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::document::{Report, Status, Verdict, worded};
use crate::json;
use crate::markdown::escape;

const OSCAL: &str = "1.1.3";

/// Of all identifiers that are made here (drawn at random once).
const NAMESPACE: Uuid = Uuid::from_u128(0x7d0c_52f1_9f0e_4c7b_8a52_4f1d_3e0b_96c4);

/// Writes the document. Equal reports give equal identifiers.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let ids = Ids::of(report);
    let plan = ids.of_text("no plan");
    let mut observations = Vec::new();
    let mut findings = Vec::new();
    for verdict in &report.verdicts {
        if verdict.status == Status::NotApplicable {
            continue;
        }
        let seen = observations_of(verdict, report, &ids);
        let related: Vec<_> = seen
            .iter()
            .map(|one| json!({"observation-uuid": one["uuid"]}))
            .collect();
        findings.push(finding(verdict, &related, &ids));
        observations.extend(seen);
    }
    let mut result = json!({
        "uuid": ids.of_text("result"),
        "title": format!("tightship {}", report.tool.version),
        "description": description(report),
        "start": ids.time,
        "end": ids.time,
        "reviewed-controls": {"control-selections": [{"include-all": {}}]},
    });
    // A list that would be empty must not be there.
    if !findings.is_empty() {
        result["observations"] = observations.into();
        result["findings"] = findings.into();
    }
    let document = json!({"assessment-results": {
        "uuid": ids.of_text("document"),
        "metadata": {
            "title": format!("tightship: {}", escape(&report.environment.root)),
            "last-modified": ids.time,
            "version": report.tool.version,
            "oscal-version": OSCAL,
        },
        "import-ap": {"href": format!("#{plan}")},
        "results": [result],
        "back-matter": {"resources": [{
            "uuid": plan,
            "title": "No assessment plan",
            "description": "What was judged are the checks of tightship; nobody wrote a plan.",
        }]},
    }});
    json::write(&document, out)
}

/// Identifiers by what they stand for, and the day of the run.
struct Ids {
    run: String,
    time: String,
}

impl Ids {
    fn of(report: &Report) -> Self {
        let environment = &report.environment;
        let day = environment.judged_on.as_deref().unwrap_or("1970-01-01");
        let time = format!("{day}T00:00:00Z");
        Self {
            run: format!("{}\n{time}\n{}", environment.root, report.tool.version),
            time,
        }
    }

    fn of_text(&self, what: &str) -> String {
        let name = format!("{}\n{what}", self.run);
        Uuid::new_v5(&NAMESPACE, name.as_bytes()).to_string()
    }
}

fn description(report: &Report) -> String {
    let summary = &report.summary;
    let mut text = format!(
        "{} checks failed, {} are unknown, {} passed, {} do not apply. {} findings are waived, {} \
         are in a baseline.",
        summary.fail,
        summary.unknown,
        summary.pass,
        summary.not_applicable,
        summary.waived.len(),
        summary.in_baseline
    );
    for remedy in &summary.remedies {
        text.push_str(&format!(
            "\n\n{}",
            escape(&worded(remedy, &report.environment.root))
        ));
    }
    text
}

/// Each finding of a failure with its places; what a pass stands on; why something is unknown.
fn observations_of(verdict: &Verdict, report: &Report, ids: &Ids) -> Vec<Value> {
    let observation = |what: String, text: String, evidence: Vec<Value>| {
        let mut entry = json!({
            "uuid": ids.of_text(&what),
            "description": text,
            "methods": ["EXAMINE"],
            "collected": ids.time,
        });
        if !evidence.is_empty() {
            entry["relevant-evidence"] = evidence.into();
        }
        entry
    };
    let root = &report.environment.root;
    match verdict.status {
        Status::Fail => {
            let all = verdict.findings.iter().enumerate();
            all.map(|(at, finding)| {
                let labels = finding.labels.iter();
                let labels = labels.map(|label| (label.clickable(root), &label.text));
                let links = finding.trail.iter();
                let links = links.filter_map(|link| Some((link.clickable(root)?, &link.text)));
                let evidence = labels.chain(links).map(
                    |(place, text)| json!({"description": escape(&format!("{place} {text}"))}),
                );
                let text = [&finding.message, &finding.advice]
                    .map(|text| escape(text))
                    .join("\n\n");
                let what = format!("observation {} {at}", finding.fingerprint);
                observation(what, text, evidence.collect())
            })
            .collect()
        }
        Status::Pass => {
            let all = verdict.evidence.iter().enumerate();
            all.map(|(at, proof)| {
                let what = format!("observation {} {at}", verdict.check);
                observation(what, escape(&proof.text), Vec::new())
            })
            .collect()
        }
        Status::Unknown | Status::NotApplicable => {
            let words = [&verdict.reason, &verdict.remedy].into_iter().flatten();
            let text: Vec<_> = words.map(String::as_str).collect();
            let what = format!("observation {}", verdict.check);
            vec![observation(what, escape(&text.join("; ")), Vec::new())]
        }
    }
}

fn finding(verdict: &Verdict, related: &[Value], ids: &Ids) -> Value {
    let (state, reason) = match verdict.status {
        Status::Pass => ("satisfied", "pass"),
        Status::Fail => ("not-satisfied", "fail"),
        Status::Unknown | Status::NotApplicable => ("not-satisfied", "other"),
    };
    let mut finding = json!({
        "uuid": ids.of_text(&format!("finding {}", verdict.check)),
        "title": escape(&verdict.title),
        "description": match verdict.status {
            Status::Pass => format!("Not so: {}", escape(&verdict.title)),
            Status::Fail => escape(&verdict.title),
            Status::Unknown | Status::NotApplicable => {
                format!("Not known: {}", escape(&verdict.title))
            }
        },
        "props": [
            {"name": "check", "ns": "urn:tightship", "value": verdict.check},
            {"name": "severity", "ns": "urn:tightship", "value": verdict.severity.name()},
        ],
        "target": {
            "type": "objective-id",
            "target-id": token(&verdict.check),
            "status": {"state": state, "reason": reason},
        },
    });
    if !related.is_empty() {
        finding["related-observations"] = related.into();
    }
    finding
}

/// An id as a token of OSCAL, which begins with a letter and has no slash.
fn token(check: &str) -> String {
    let keeps = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let kept: String = check
        .chars()
        .map(|c| if keeps(c) { c } else { '.' })
        .collect();
    match kept.starts_with(|c: char| c.is_ascii_alphabetic()) {
        true => kept,
        false => format!("_{kept}"),
    }
}
