//! What proves who calls a webhook, what may, and what does not.

use tightship_model::ViewCall;

/// Calls after which only the service itself, or who shares its secret, is left: Stripe 16, svix 1,
/// paypalrestsdk 1.13, twilio 9, Python 3.14, Django 6.1.
const VERIFIERS: [&str; 12] = [
    "stripe.Webhook.construct_event",
    "stripe.WebhookSignature.verify_header",
    "stripe.Event.retrieve",
    "secrets.compare_digest",
    "django.utils.crypto.constant_time_compare",
    "django.utils.crypto.salted_hmac",
    "svix.Webhook",
    "svix.webhooks.Webhook",
    "standardwebhooks.Webhook",
    "twilio.request_validator.RequestValidator",
    "slack_sdk.signature.SignatureVerifier",
    "jwt.decode",
];

pub(super) fn verifies(call: &ViewCall) -> bool {
    if call.is_followed {
        return false;
    }
    let last = call.path.rsplit('.').next().unwrap_or_default();
    call.path.starts_with("hmac.")
        || VERIFIERS.contains(&call.path.as_str())
        || matches!(
            last,
            "construct_event" | "parse_event_notification" | "compare_digest"
        )
        || call.takes_input && words(last).iter().any(|word| word.starts_with("verif"))
}

/// Whether a class is one of Django's or REST framework's that proves nothing.
pub(super) fn is_framework(path: &str) -> bool {
    let named = |prefixes: &[&str]| prefixes.iter().any(|prefix| path.starts_with(prefix));
    path == "object"
        || named(&["django.views.", "django.utils.", "rest_framework."])
            && !named(&["rest_framework.authtoken."])
}

/// Whether a word is one of those that proofs of a sender are named with.
pub(super) fn is_telling(word: &str) -> bool {
    const WHOLE: [&str; 14] = [
        "auth", "checksum", "crc", "hash", "hashed", "sha", "sig", "sign", "signed", "signer",
        "signing", "md5", "apikey", "nonce",
    ];
    const BEGINNINGS: [&str; 11] = [
        "allowlist",
        "authenti",
        "authoriz",
        "digest",
        "hmac",
        "password",
        "secret",
        "signature",
        "token",
        "verif",
        "whitelist",
    ];
    WHOLE.contains(&word)
        || word.starts_with("sha") && word[3..].chars().all(|c| c.is_ascii_digit())
        || BEGINNINGS
            .iter()
            .any(|beginning| word.starts_with(beginning))
}

/// Whether a name is one of those that proofs of a sender have.
pub(super) fn sounds_like_one(name: &str) -> bool {
    // The key with which a client of Stripe asks, which no call is signed with.
    const KEYS: [&str; 3] = [
        "STRIPE_SECRET_KEY",
        "STRIPE_LIVE_SECRET_KEY",
        "STRIPE_TEST_SECRET_KEY",
    ];
    !KEYS.contains(&name) && words(name).iter().any(|word| is_telling(word))
}

/// Calls that take what was sent apart, store it or answer, and prove nothing.
pub(super) fn is_harmless(path: &str) -> bool {
    const MODULES: [&str; 25] = [
        "base64",
        "codecs",
        "collections",
        "copy",
        "csv",
        "datetime",
        "dateutil",
        "decimal",
        "enum",
        "functools",
        "io",
        "itertools",
        "json",
        "logging",
        "math",
        "orjson",
        "pprint",
        "pytz",
        "re",
        "rest_framework",
        "sentry_sdk",
        "simplejson",
        "structlog",
        "time",
        "uuid",
    ];
    const FUNCTIONS: [&str; 32] = [
        "print",
        "dict",
        "list",
        "set",
        "tuple",
        "str",
        "int",
        "float",
        "bool",
        "bytes",
        "len",
        "getattr",
        "setattr",
        "hasattr",
        "isinstance",
        "repr",
        "round",
        "sum",
        "min",
        "max",
        "sorted",
        "any",
        "all",
        "range",
        "enumerate",
        "zip",
        "map",
        "filter",
        "type",
        "vars",
        "abs",
        "iter",
    ];
    const METHODS: [&str; 40] = [
        "add",
        "aget",
        "append",
        "bulk_create",
        "bulk_update",
        "count",
        "create",
        "critical",
        "debug",
        "decode",
        "delete",
        "encode",
        "endswith",
        "error",
        "exception",
        "exclude",
        "exists",
        "extend",
        "filter",
        "first",
        "format",
        "get_or_create",
        "info",
        "insert",
        "join",
        "last",
        "log",
        "order_by",
        "pop",
        "replace",
        "save",
        "select_for_update",
        "select_related",
        "set",
        "setdefault",
        "split",
        "startswith",
        "strip",
        "update",
        "update_or_create",
    ];
    const LOGGERS: [&str; 6] = ["logger", "log", "LOGGER", "LOG", "_logger", "Logger"];
    let first = path.split('.').next().unwrap_or_default();
    let signs = ["django.core.signing.", "django.contrib.auth."];
    match path.strip_prefix('.') {
        Some(method) => METHODS.contains(&method),
        None if first == "self" => true,
        None if path.starts_with("django.") => !signs.iter().any(|sign| path.starts_with(sign)),
        None if path.starts_with("urllib.parse.") || path == "stripe.Event.construct_from" => true,
        None if !path.contains('.') => FUNCTIONS.contains(&path),
        None => {
            MODULES.contains(&first)
                || path.contains(".objects.")
                || path.split('.').any(|part| LOGGERS.contains(&part))
        }
    }
}

/// Whether a call may change something: more than taking apart, logging and answering.
pub(super) fn has_effect(call: &ViewCall) -> bool {
    const STORES: [&str; 12] = [
        "save",
        "create",
        "update",
        "delete",
        "get_or_create",
        "update_or_create",
        "bulk_create",
        "bulk_update",
        "asave",
        "acreate",
        "delay",
        "apply_async",
    ];
    let last = call.path.rsplit('.').next().unwrap_or_default();
    STORES.contains(&last) && call.path.contains('.') || call.path.starts_with("django.core.mail.")
}

/// The words of a name in lower case: `X-Hub-Signature`, `webhook_secret`, `PayHook`.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        let begins = c.is_ascii_uppercase() && was_lower;
        was_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        if begins || !c.is_ascii_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_ascii_alphanumeric()) {
            word.push(c.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
