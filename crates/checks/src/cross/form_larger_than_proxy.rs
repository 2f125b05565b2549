use tightship_model::nginx::bytes;
use tightship_model::{
    Check, Deployment, Evidence, Need, Outcome, Reference, Severity, Span, Trail,
};
use tightship_predict::ways::{Edge, Way};

use super::{between, edges_to_django, label, place};

pub(super) static CHECK: Check = Check {
    id: "cross/form-larger-than-proxy",
    title: "nginx refuses requests that Django is set to take",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::Nginx],
    items: &["X9"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#data-upload-max-memory-size"),
        Reference::Url(
            "https://nginx.org/en/docs/http/ngx_http_core_module.html#client_max_body_size",
        ),
    ],
    doc: include_str!("form_larger_than_proxy.md"),
    run,
};

const SETTING: &str = "DATA_UPLOAD_MAX_MEMORY_SIZE";

fn run(deployment: &Deployment) -> Outcome {
    let own = deployment
        .settings
        .as_ref()
        .filter(|settings| settings.overrides(SETTING))
        .and_then(|settings| settings.get(SETTING));
    let Some(own) = own else {
        return Outcome::NotApplicable(format!("{SETTING} is not set"));
    };
    let Some(wanted) = own.value.value.as_int() else {
        return Outcome::NotApplicable(format!("{SETTING} is no number that is known"));
    };
    let edges = match edges_to_django(deployment) {
        Ok(edges) => edges,
        Err(outcome) => return outcome,
    };
    let most = match largest(deployment, &edges) {
        Ok(Some(most)) => most,
        Ok(None) => return Outcome::NotApplicable("nginx hands nothing to Django".to_owned()),
        Err(outcome) => return outcome,
    };
    if most.bytes == 0 || i128::from(most.bytes) >= wanted {
        return Outcome::Pass(vec![Evidence {
            text: format!("nginx takes requests of {} bytes", most.bytes),
            trail: own.value.trail.clone(),
        }]);
    }
    Outcome::Fail(vec![between(
        most.place,
        format!(
            "a user who sends a form of more than {} bytes loses it to nginx's bare 413: {SETTING} \
             was raised to {wanted} bytes, and no place of nginx lets that much through",
            most.bytes
        ),
        label(
            most.span,
            match most.is_default {
                true => "nginx's default of 1 MB holds here",
                false => "the most that nginx takes",
            },
        ),
        &own.value.trail,
        "Raise client_max_body_size in the location that takes these forms, or lower the setting.",
    )])
}

/// The largest request that some place of nginx lets through: a location of its own for large forms
/// is enough. `Err` where a file that is not here says it.
pub(super) fn largest(
    deployment: &Deployment,
    edges: &[Edge<'_>],
) -> Result<Option<Limit>, Outcome> {
    let mut most: Option<Limit> = None;
    for edge in edges {
        for way in edge.ways_to_django(deployment) {
            let Some(limit) = limit(&way) else {
                return Err(Outcome::Unknown {
                    reason: "how large a request may be is said in a file that is not here"
                        .to_owned(),
                    remedy: "see `tightship inspect nginx`".to_owned(),
                    trail: Trail::at(way.pass.heading_span(), "hands requests on"),
                });
            };
            let is_larger =
                |most: &Limit| most.bytes != 0 && (limit.bytes == 0 || limit.bytes > most.bytes);
            if most.as_ref().is_none_or(is_larger) {
                most = Some(limit);
            }
        }
    }
    Ok(most)
}

/// How large a request may be; `0` for without limit.
pub(super) struct Limit {
    pub(super) bytes: u64,
    pub(super) span: Span,
    is_default: bool,
    place: String,
}

fn limit(way: &Way<'_, '_>) -> Option<Limit> {
    let effective = way.leaf.scope.effective("client_max_body_size");
    let place = place(way);
    match effective.directives.last() {
        Some(directive) => {
            let word = directive.arguments.first().filter(|word| word.is_known)?;
            Some(Limit {
                bytes: bytes(&word.text)?,
                span: directive.heading_span(),
                is_default: false,
                place,
            })
        }
        None => effective.gap.is_none().then(|| Limit {
            bytes: 1 << 20,
            span: way.pass.heading_span(),
            is_default: true,
            place,
        }),
    }
}
