use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::dns::spf::Limits;

use super::look::Seen;
use super::mail::{Published, each_spf_record};

pub(super) static CHECK: Check = Check {
    id: "dns/spf-too-many-lookups",
    title: "The SPF record asks more than receivers answer",
    severity: Severity::Medium,
    needs: &[Need::Site],
    items: &["A6.3"],
    django_ids: &[],
    references: &[Reference::Rfc(7208, "4.6.4")],
    doc: include_str!("spf_too_many_lookups.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    each_spf_record(deployment, judge)
}

fn judge(seen: Seen<'_>, name: &str, published: &Published<'_>) -> Outcome {
    let limit = Limits::RFC_7208.lookups;
    let most = published
        .evaluations
        .iter()
        .max_by_key(|one| one.lookups)
        .map_or(0, |one| one.lookups);
    let says = published.says(name);
    if most <= limit {
        return seen.passes(
            format!("{most} terms of the SPF record of {name} ask the DNS, and {limit} may"),
            &says,
        );
    }
    let count = match most >= Limits::WIDE.lookups {
        true => format!("{most} terms or more"),
        false => format!("{most} terms"),
    };
    seen.fails(
        &format!("SPF {name}"),
        format!(
            "receivers give up in the middle of the record and treat mail of {name} as sent by a \
             domain in error: {count} ask the DNS, and {limit} may"
        ),
        &says,
        "Take out includes that are not used, and write addresses of your own as ip4 and ip6.",
    )
}
