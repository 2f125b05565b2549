use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Need, Outcome, Pattern, Reference, Route,
    Severity, Span, Trail, View, ViewCode,
};

use super::guards::Guarded;
use super::proof::{self, is_telling, verifies, words};
use crate::cross::{label, lets_strangers_through};
use crate::setting::{finding_about, lists, settled};

pub(super) static CHECK: Check = Check {
    id: "code/webhook-unverified",
    title: "A webhook believes whoever calls it",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["A14.4"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.stripe.com/webhooks/signature"),
        Reference::Django("ref/csrf/#django.views.decorators.csrf.csrf_exempt"),
        Reference::Cwe(345),
    ],
    doc: include_str!("webhook_unverified.md"),
    run,
};

/// What is known of one webhook.
enum Told {
    Forged(Finding),
    Verified(Evidence),
    Unclear {
        reason: String,
        span: Span,
    },
    /// Nobody else can call it, or it does nothing with what it is sent.
    Idle,
}

fn run(deployment: &Deployment) -> Outcome {
    let none = "no route is named like a webhook of the project's own";
    let Some(routes) = &deployment.routes else {
        return Outcome::NotApplicable("the URL configuration is not in the project".to_owned());
    };
    let mut findings = Vec::new();
    let mut evidence = Vec::new();
    let mut open = None;
    let certain = routes.routes.iter().filter(|route| route.when.is_none());
    for route in certain.filter(|route| is_webhook(route)) {
        match judge(deployment, route) {
            Told::Forged(finding) => findings.push(finding),
            Told::Verified(seen) => evidence.push(seen),
            Told::Idle => {}
            Told::Unclear { reason, span } => {
                open.get_or_insert_with(|| Outcome::Unknown {
                    trail: Trail::at(span, reason.clone()),
                    reason,
                    remedy: "look whether a forged call is refused, and sign that row off"
                        .to_owned(),
                });
            }
        }
    }
    match open {
        Some(open) if findings.is_empty() => open,
        _ => settled(findings, evidence, Outcome::NotApplicable(none.to_owned())),
    }
}

/// Whether a route, or the view that it leads to, is named like a webhook.
fn is_webhook(route: &Route) -> bool {
    let View::Callable(view) = &route.view else {
        return false;
    };
    let name = view.rsplit('.').next().unwrap_or(view);
    let patterns = route.patterns.iter().filter_map(|pattern| match pattern {
        Pattern::Path(text) | Pattern::Regex(text) => Some(text.as_str()),
        _ => None,
    });
    patterns
        .chain(route.name.as_deref())
        .chain([name])
        .any(|text| {
            let words = words(text);
            let is_word = |word: &String| {
                matches!(
                    word.as_str(),
                    "webhook" | "webhooks" | "hook" | "hooks" | "ipn"
                )
            };
            words.iter().any(is_word)
        })
}

fn judge(deployment: &Deployment, route: &Route) -> Told {
    let Some(guarded) = Guarded::of(deployment, route) else {
        return Told::Idle;
    };
    // Views of packages are theirs to verify.
    let Some(own) = guarded.own() else {
        return Told::Idle;
    };
    let Some(payload) = guarded.code.iter().find_map(|code| code.payload) else {
        return Told::Idle;
    };
    if !guarded.is_exempt(deployment) || guarded.is_open(deployment) == Some(false) {
        return Told::Idle;
    }
    if let Some(call) = guarded.calls().find(|call| verifies(call)) {
        let text = format!(
            "{} calls {}",
            guarded.view,
            call.path.trim_start_matches('.')
        );
        let trail = Trail::at(call.span, text.clone());
        return Told::Verified(Evidence { text, trail });
    }
    let path = route.path().map(|path| format!("/{path}"));
    if let Some(path) = &path
        && lets_strangers_through(deployment, path) == Some(false)
    {
        let text = format!("nginx lets no stranger through to {path}");
        let trail = Trail::at(route.span, text.clone());
        return Told::Verified(Evidence { text, trail });
    }
    if guarded.is_open(deployment).is_none() {
        return Told::Unclear {
            reason: format!(
                "whom the permissions of {} let in is not known",
                guarded.view
            ),
            span: own.span,
        };
    }
    if let Some((reason, span)) = doubt(deployment, &guarded, route) {
        return Told::Unclear { reason, span };
    }
    if !guarded.calls().any(proof::has_effect) {
        return Told::Idle;
    }
    Told::Forged(forged(route, path.as_deref(), own, payload))
}

fn forged(route: &Route, path: Option<&str>, own: &ViewCode, payload: Span) -> Finding {
    let at = path.unwrap_or("its address");
    let labels = [
        (payload, "is believed as it comes"),
        (own.span, "compares no signature, here or in what it calls"),
        (route.span, "open to everyone"),
    ];
    Finding {
        message: format!(
            "whoever calls {at} is taken for the service that it belongs to: an event that anyone \
             writes, such as a payment that never was, counts as told by that service"
        ),
        confidence: Confidence::Medium,
        labels: labels.map(|(span, text)| label(span, text)).into(),
        advice: "Compare the signature of each call before its body is used: \
                 stripe.Webhook.construct_event, or hmac.compare_digest over the raw body."
            .to_owned(),
        ..finding_about(format!("route:{}", path.unwrap_or("?")), &Trail::default())
    }
}

/// What may compare a signature and was not followed, or sounds as if it did.
fn doubt(deployment: &Deployment, guarded: &Guarded<'_>, route: &Route) -> Option<(String, Span)> {
    let view = guarded.view;
    let hears = |class: &str| {
        let words = words(class);
        words
            .iter()
            .any(|word| word.contains("hook") || is_telling(word))
            && !class.starts_with("django.")
    };
    if lists(deployment, "MIDDLEWARE", &hears) != Some(false) {
        let reason = format!("a middleware may verify what {view} is sent");
        return Some((reason, route.span));
    }
    if route.patterns.iter().any(is_unguessable) {
        let reason = format!("the address of {view} may be the secret that it shares");
        return Some((reason, route.span));
    }
    for code in &guarded.code {
        if let Some((why, span)) = &code.lost {
            return Some((format!("not all of {view} is followed: {why}"), *span));
        }
        if let Some(span) = code.headers {
            return Some((format!("{view} may compare a header or the address"), span));
        }
        let foreign = |path: &&String| !proof::is_framework(path);
        let authentications = code.authentications.iter().flatten();
        if let Some(class) = code.bases.iter().chain(authentications).find(foreign) {
            return Some((
                format!("{class}, which {view} stands on, may verify"),
                code.span,
            ));
        }
        if let Some(name) = code.names.iter().find(|name| proof::sounds_like_one(name)) {
            return Some((
                format!("{view} may compare a proof: it names {name}"),
                code.span,
            ));
        }
    }
    let unread = guarded
        .calls()
        .find(|call| call.takes_input && !call.is_followed && !proof::is_harmless(&call.path))?;
    let called = unread.path.trim_start_matches('.');
    Some((
        format!("{view} gives what it is sent to {called}, which is not read"),
        unread.span,
    ))
}

/// Whether a part of an address is a value to be compared, or as good as a password.
fn is_unguessable(pattern: &Pattern) -> bool {
    const LONG: usize = 16;
    match pattern {
        Pattern::Path(text) | Pattern::Regex(text) => {
            let is_random = |part: &str| {
                part.len() >= LONG
                    && part.chars().any(|c| c.is_ascii_digit())
                    && part
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
            };
            text.contains('<') || text.contains('(') || text.split('/').any(is_random)
        }
        Pattern::Language { .. } => false,
        Pattern::Open | Pattern::Unknown(_) => true,
    }
}
