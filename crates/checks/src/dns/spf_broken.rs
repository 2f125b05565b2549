use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::dns::spf::{self, Limits};

use super::look::{Seen, shown};
use super::mail::{Published, each_spf_record};

pub(super) static CHECK: Check = Check {
    id: "dns/spf-broken",
    title: "The SPF record is in error",
    severity: Severity::Medium,
    needs: &[Need::Site],
    items: &["A6.3"],
    django_ids: &[],
    references: &[Reference::Rfc(7208, "2.6.7"), Reference::Rfc(7208, "4.6.4")],
    doc: include_str!("spf_broken.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    each_spf_record(deployment, judge)
}

fn judge(seen: Seen<'_>, name: &str, published: &Published<'_>) -> Outcome {
    let says = published.says(name);
    match error(published) {
        None => seen.passes(format!("the SPF record of {name} has no error"), &says),
        Some(because) => seen.fails(
            &format!("SPF {name}"),
            format!(
                "receivers treat all mail of {name} as sent by a domain in error, and many refuse \
                 it: {}",
                shown(&because)
            ),
            &says,
            "Mend the record: one TXT that begins with v=spf1, whose includes exist.",
        ),
    }
}

/// What ends the evaluation in a permanent error. Terms beyond the limit are told by
/// `dns/spf-too-many-lookups`.
fn error(published: &Published<'_>) -> Option<String> {
    let limits = Limits::RFC_7208;
    published.evaluations.iter().find_map(|one| {
        let is_wide = one.lookups >= Limits::WIDE.lookups;
        if one.outcome == spf::Outcome::PermError && !is_wide {
            return Some(one.because.clone());
        }
        (one.voids > limits.voids && !is_wide).then(|| {
            format!(
                "{} questions of the record have no answer, and receivers stop at {}",
                one.voids, limits.voids
            )
        })
    })
}
