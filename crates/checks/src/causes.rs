//! One cause, one finding, across checks: where DEBUG's default or one missing variable makes several
//! settings bad, the worst is told, and the others are not known until that is mended.

use std::collections::BTreeSet;

use tightship_model::{Check, Finding, Link, LinkKind, Outcome, Severity, Trail, Verdict};

use crate::setting::is_while_unset;
use crate::{django, env};

/// Leaves out each finding that another one explains; a verdict without any left is Unknown.
pub(crate) fn told_once(verdicts: &mut [Verdict]) {
    // Of thousands of findings a few are causes of others.
    let causes: Vec<Cause> = verdicts.iter().flat_map(Cause::of_verdict).collect();
    if causes.is_empty() {
        return;
    }
    for verdict in verdicts {
        let check = verdict.check;
        let Outcome::Fail(findings) = &mut verdict.outcome else {
            continue;
        };
        let mut explained = None;
        findings.retain(|finding| {
            let own = Cause::of(check, finding);
            let others = causes.iter().filter(|other| other.explains(&own));
            let by = others.min_by_key(|other| other.rank());
            if let Some(by) = by {
                explained = explained.take().or(Some((own.subject, by)));
            }
            by.is_none()
        });
        if let (true, Some((subject, by))) = (findings.is_empty(), explained) {
            verdict.outcome = Outcome::Unknown {
                reason: format!(
                    "{} goes by what {} tells of: what it is once that is mended is not known",
                    name(&subject),
                    by.check
                ),
                remedy: format!("mend {} first, then look again", name(&by.subject)),
                trail: by.trail.clone(),
            };
        }
    }
}

/// A finding that holds because of DEBUG, or because variables are missing.
struct Cause {
    check: &'static str,
    subject: String,
    severity: Severity,
    trail: Trail,
    /// The variables on the way that are not set, or may not be.
    unset: BTreeSet<String>,
    is_debug: bool,
}

impl Cause {
    /// The findings of a verdict that can explain others.
    fn of_verdict(verdict: &Verdict) -> Vec<Self> {
        let Outcome::Fail(findings) = &verdict.outcome else {
            return Vec::new();
        };
        let all = findings.iter().map(|one| Self::of(verdict.check, one));
        all.filter(|one| one.is_debug || !one.unset.is_empty())
            .collect()
    }

    fn of(check: &Check, finding: &Finding) -> Self {
        Self {
            check: check.id,
            subject: finding.subject.clone(),
            severity: finding.severity(check),
            trail: finding.trail.clone(),
            unset: unset(check.id, finding),
            is_debug: finding.subject == "settings:DEBUG"
                && [django::DEBUG_ON.id, django::UNSAFE_DEFAULT.id].contains(&check.id),
        }
    }

    /// Whether to mend this is to mend the other.
    fn explains(&self, other: &Self) -> bool {
        // Two faults of one setting, its value and the way it is read, want two mends.
        let is_own = self.check == other.check && self.check != django::UNSAFE_DEFAULT.id
            || self.subject == other.subject;
        if is_own || other.is_debug {
            return false;
        }
        if self.is_debug {
            return other.trail.links().iter().any(|link| self.decides(link));
        }
        !self.unset.is_empty() && self.unset.is_subset(&other.unset) && self.rank() < other.rank()
    }

    /// Whether a link is the assignment of DEBUG, or a condition that chose it.
    fn decides(&self, link: &Link) -> bool {
        let own = self.trail.links();
        let is_same = |one: &Link| one.span == link.span && one.text == link.text;
        link.span.is_some()
            && (own.first().is_some_and(is_same)
                || link.kind == LinkKind::Decides && own.iter().any(is_same))
    }

    /// The worst first; DEBUG before all.
    fn rank(&self) -> impl Ord + use<> {
        let worst_first = std::cmp::Reverse(self.severity);
        let id = (self.check, self.subject.clone());
        (!self.is_debug, worst_first, self.unset.len(), id)
    }
}

/// The variables that no environment is known to set, and that the bad value is read from; where the
/// finding holds only while they are missing, those of its conditions too.
fn unset(check: &str, finding: &Finding) -> BTreeSet<String> {
    let links = finding.trail.links();
    let is_conditional = is_while_unset(&finding.message) || check == django::UNSAFE_DEFAULT.id;
    let read: Vec<&Link> = match is_conditional {
        true => links.iter().collect(),
        false => finding.trail.own_links().collect(),
    };
    let is_unset = |name: &str| {
        links.iter().any(|link| {
            let rest = link.text.strip_prefix(name);
            link.span.is_none()
                && (rest.is_some_and(|rest| rest.starts_with(" is not set in "))
                    || rest == Some(" taken as not set")
                    || link.text == format!("no known environment says whether {name} is set"))
        })
    };
    let read = read.into_iter();
    let read = read.filter(|link| link.kind == LinkKind::Reads);
    let names = read.filter_map(|link| link.text.strip_prefix("reads "));
    let waiting = finding.subject.strip_prefix("variable:");
    let waiting = waiting.filter(|_| check == env::FLAG_NEVER_SET.id);
    names
        .filter(|name| is_unset(name))
        .chain(waiting)
        .map(str::to_owned)
        .collect()
}

/// A subject without its kind.
fn name(subject: &str) -> &str {
    subject.split_once(':').map_or(subject, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use tightship_model::{SourceId, Span};

    use super::*;
    use crate::setting::about;

    fn link(at: Option<u32>, text: &str, kind: LinkKind) -> Link {
        let span = at.map(|at| Span::new(SourceId(0), at, at + 1));
        let text = text.to_owned();
        Link { span, text, kind }
    }

    /// What reads a variable that is not set.
    fn reads(at: u32, name: &str) -> [Link; 2] {
        let unset = format!("no known environment says whether {name} is set");
        [
            link(Some(at), &format!("reads {name}"), LinkKind::Reads),
            link(None, &unset, LinkKind::Passes),
        ]
    }

    fn verdict(check: &'static Check, setting: &str, message: &str, links: Vec<Link>) -> Verdict {
        let finding = Finding {
            message: message.to_owned(),
            ..about(setting, &Trail::new(links))
        };
        let outcome = Outcome::Fail(vec![finding]);
        Verdict { check, outcome }
    }

    fn still_fail(mut verdicts: Vec<Verdict>) -> Vec<&'static str> {
        told_once(&mut verdicts);
        verdicts.retain(|verdict| matches!(verdict.outcome, Outcome::Fail(_)));
        verdicts.iter().map(|verdict| verdict.check.id).collect()
    }

    #[test]
    fn what_follows_debug_is_told_with_it() {
        let debug = [link(Some(1), "sets DEBUG", LinkKind::Passes)];
        let debug = debug.into_iter().chain(reads(2, "DEBUG"));
        let mail = [
            link(Some(5), "sets EMAIL_BACKEND", LinkKind::Passes),
            link(Some(4), "decides here", LinkKind::Decides),
        ];
        let mail = mail.into_iter().chain(debug.clone()).collect();
        let cookie = [link(
            Some(7),
            "sets SESSION_COOKIE_SECURE",
            LinkKind::Passes,
        )];
        let cookie = cookie.into_iter().chain(reads(8, "SECURE")).collect();
        let condition = "while DEBUG is not set, it is bad";
        let verdicts = vec![
            verdict(&django::DEBUG_ON, "DEBUG", condition, debug.collect()),
            verdict(
                &crate::mail::BACKEND_SENDS_NOTHING,
                "EMAIL_BACKEND",
                condition,
                mail,
            ),
            verdict(
                &env::FLAG_NEVER_SET,
                "SESSION_COOKIE_SECURE",
                "it is off",
                cookie,
            ),
        ];
        assert_eq!(
            still_fail(verdicts),
            ["django/debug-on", "env/flag-never-set"]
        );
    }

    #[test]
    fn one_missing_variable_is_one_finding_and_two_are_two() {
        let set = |at, name: &str, variable| {
            let sets = [link(Some(at), &format!("sets {name}"), LinkKind::Passes)];
            sets.into_iter().chain(reads(at + 1, variable)).collect()
        };
        let of = |one: &'static str, other: &'static str| {
            vec![
                verdict(
                    &django::ALLOWED_HOSTS_EMPTY,
                    "ALLOWED_HOSTS",
                    "while it is not set, it is empty",
                    set(1, "ALLOWED_HOSTS", one),
                ),
                verdict(
                    &crate::mail::BACKEND_SENDS_NOTHING,
                    "EMAIL_BACKEND",
                    "while it is not set, mail goes nowhere",
                    set(5, "EMAIL_BACKEND", other),
                ),
            ]
        };
        assert_eq!(still_fail(of("SITE", "SITE")).len(), 1);
        assert_eq!(still_fail(of("HOSTS", "MAIL")).len(), 2);
    }
}
