use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::setting::{Demand, judge, shown};

pub(super) static CHECK: Check = Check {
    id: "django/proxy-header-malformed",
    title: "SECURE_PROXY_SSL_HEADER has a form that never matches",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["A2.3", "B1.5"],
    django_ids: &[],
    references: &[Reference::Django("ref/settings/#secure-proxy-ssl-header")],
    doc: include_str!("proxy_header_malformed.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        &Demand {
            setting: "SECURE_PROXY_SSL_HEADER",
            refuses: &is_malformed,
            message: &|value| {
                format!(
                    "SECURE_PROXY_SSL_HEADER is {}: no request counts as secure, so redirects to \
                     HTTPS go round in circles, or every request fails",
                    shown(value)
                )
            },
            advice: "Write (\"HTTP_X_FORWARDED_PROTO\", \"https\").",
            django_id: None,
            mend: None,
        },
    )
}

/// Whether `HttpRequest.scheme` fails or can never find the header (django/http/request.py): two
/// texts are wanted, the first as WSGI names a header.
fn is_malformed(value: &Value) -> Option<bool> {
    if *value == Value::None {
        return Some(false);
    }
    let Some(pair) = value.as_items() else {
        return Some(true);
    };
    if pair.rest.is_some() {
        return None;
    }
    let [header, wanted] = pair.items.as_slice() else {
        return Some(true);
    };
    let name = match &header.value {
        Value::Str(name) => name,
        Value::Environment(_) | Value::OneOf(_) | Value::Unknown(_) => return None,
        _ => return Some(true),
    };
    let is_meta_key = name.strip_prefix("HTTP_").is_some_and(|rest| {
        !rest.is_empty()
            && rest
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    });
    match &wanted.value {
        Value::Str(_) => Some(!is_meta_key),
        Value::Environment(_) | Value::OneOf(_) | Value::Unknown(_) => None,
        _ => Some(true),
    }
}
