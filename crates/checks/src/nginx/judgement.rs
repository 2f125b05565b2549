//! From what a check sees in each configuration to its verdict.

use std::collections::hash_map::Entry;
use std::fmt::Display;

use foldhash::{HashMap, HashSet};
use smallvec::SmallVec;
use tightship_model::nginx::{Configuration, Directive};
use tightship_model::{
    Confidence, Deployment, Evidence, Finding, Label, Link, Outcome, Severity, Span, Trail,
};

use super::context::Context;
use crate::setting::settled;

/// What a check has found so far.
#[derive(Default)]
pub(super) struct Judgement {
    findings: Vec<Finding>,
    /// The number of the first finding at its places.
    first_at: HashMap<Places, usize>,
    /// What is said where there are several, whichever server it is said of.
    told: HashSet<(Places, String)>,
    evidence: Vec<Evidence>,
    open: Option<Outcome>,
}

/// The places of a finding's labels.
type Places = SmallVec<[Span; 2]>;

/// Looks at each configuration that runs. Where `look` finds nothing at all to judge, the check
/// does not apply, for the reason `otherwise`.
pub(super) fn judge(
    deployment: &Deployment,
    otherwise: &str,
    look: impl Fn(&Configuration, &mut Judgement),
) -> Outcome {
    let mut judgement = Judgement::default();
    for configuration in &deployment.nginx.configurations {
        look(configuration, &mut judgement);
    }
    judgement.outcome(otherwise)
}

impl Judgement {
    pub(super) fn outcome(self, otherwise: &str) -> Outcome {
        let otherwise = Outcome::NotApplicable(otherwise.to_owned());
        match self.open {
            Some(open) if self.findings.is_empty() => open,
            _ => settled(self.findings, self.evidence, otherwise),
        }
    }

    /// One more finding; not twice where two servers share the line through an include.
    pub(super) fn fails(&mut self, finding: Finding) {
        let places: Places = finding.labels.iter().map(|label| label.span).collect();
        match self.first_at.entry(places) {
            Entry::Vacant(place) => _ = place.insert(self.findings.len()),
            Entry::Occupied(place) => {
                let places = place.key();
                let first = of_any_server(&self.findings[*place.get()]);
                self.told.insert((places.clone(), first));
                let of_any_server = of_any_server(&finding);
                if !self.told.insert((places.clone(), of_any_server)) {
                    return;
                }
            }
        }
        self.findings.push(finding);
    }

    /// A directive shows that it holds.
    pub(super) fn holds(&mut self, text: impl AsRef<str>, directive: &Directive) {
        let text = text.as_ref();
        if !self.evidence.iter().any(|known| known.text == text) {
            self.evidence.push(Evidence {
                text: text.to_owned(),
                trail: Trail::at(directive.heading_span(), directive.heading()),
            });
        }
    }

    /// What was not seen, and what would show it.
    pub(super) fn unseen(&mut self, reason: impl Display, remedy: &str, span: Option<Span>) {
        if self.open.is_none() {
            let reason = reason.to_string();
            self.open = Some(Outcome::Unknown {
                trail: span.map_or_else(Trail::default, |span| Trail::at(span, reason.clone())),
                reason,
                remedy: remedy.to_owned(),
            });
        }
    }

    /// The files of an include are not here, and what they say could decide.
    pub(super) fn hidden(&mut self, context: &Context<'_>, what: &str) {
        let gap = context.configuration.gaps.first();
        let cause = gap.map_or("a file that it includes is not here", |gap| &gap.reason);
        self.unseen(
            format!("{what} is not known: nginx {cause}"),
            "add the file to the project, or give its folder",
            gap.map(|gap| gap.span),
        );
    }
}

/// Leaves out what stands first in a file that nginx brings itself: its page of welcome tells nobody
/// anything, and no team writes there.
pub(super) fn without_nginx_itself(deployment: &Deployment, outcome: Outcome) -> Outcome {
    let Outcome::Fail(mut findings) = outcome else {
        return outcome;
    };
    let is_own = |label: &Label| {
        let path = &deployment.sources[label.span.source].path;
        path.ends_with("(of nginx itself)")
    };
    findings.retain(|finding| !finding.labels.first().is_some_and(is_own));
    match findings.is_empty() {
        true => Outcome::NotApplicable("only files that nginx brings itself do this".to_owned()),
        false => Outcome::Fail(findings),
    }
}

/// What a finding says, whichever server it is said of.
fn of_any_server(finding: &Finding) -> String {
    let context = finding.subject.strip_prefix("nginx:");
    let context = context.and_then(|subject| subject.rsplit_once(": "));
    match context {
        Some((server, _)) => finding.message.replace(server, "…"),
        None => finding.message.clone(),
    }
}

/// A finding about a directive.
pub(super) fn finding(
    context: &Context<'_>,
    directive: &Directive,
    message: impl Into<String>,
    advice: &str,
) -> Finding {
    let heading = directive.heading();
    let own = Link::new(Some(directive.heading_span()), heading.clone());
    let trail = match context.configuration.included_by(directive.span.source) {
        includes if includes.is_empty() => Trail::one(own),
        includes => {
            let include = |span| Link::new(Some(span), "includes the file");
            let includes = includes.into_iter().map(include);
            Trail::new(std::iter::once(own).chain(includes).collect())
        }
    };
    Finding {
        subject: subject(context, directive),
        message: message.into(),
        severity: None,
        confidence: Confidence::High,
        labels: vec![label(directive, heading)],
        trail,
        django_id: None,
        advice: advice.to_owned(),
        fix: None,
    }
}

/// A place in a finding, and what is there.
pub(super) fn label(directive: &Directive, text: impl Into<String>) -> Label {
    Label {
        span: directive.heading_span(),
        text: text.into(),
    }
}

/// Completes a finding with another place and another severity.
pub(super) trait With: Sized {
    fn beside(self, directive: &Directive, text: impl Into<String>) -> Self;
    fn with_severity(self, severity: Severity) -> Self;
    fn with_confidence(self, confidence: Confidence) -> Self;
}

impl With for Finding {
    fn beside(mut self, directive: &Directive, text: impl Into<String>) -> Self {
        self.labels.push(label(directive, text));
        self
    }

    fn with_severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    fn with_confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }
}

/// The place, and what tells a directive from others of the same place: not its value, which an edit
/// changes, but for those that may stand several times.
fn subject(context: &Context<'_>, directive: &Directive) -> String {
    const REPEATED: [&str; 12] = [
        "add_header",
        "add_trailer",
        "error_page",
        "geo",
        "limit_req",
        "limit_req_zone",
        "listen",
        "location",
        "map",
        "proxy_set_header",
        "set",
        "upstream",
    ];
    let name = directive.name.text.as_str();
    let mut subject = ["nginx:", &context.name(), ": ", name].concat();
    if let Some(first) = directive.argument(0)
        && REPEATED.contains(&name)
    {
        subject.push(' ');
        subject.push_str(first);
    }
    subject
}
