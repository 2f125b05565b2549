//! What nginx tells Django in a header: set where, to what, and whether the client has a say.

use tightship_model::nginx::{Configuration, Directive, Word};
use tightship_model::{Settings, Traced, Value};
use tightship_predict::ways::Way;

/// The header that `SECURE_PROXY_SSL_HEADER` trusts, by its name in HTTP, with its value for HTTPS.
pub(super) struct TrustedHeader {
    pub(super) name: String,
    pub(super) secure: String,
    pub(super) setting: Traced<Value>,
}

impl TrustedHeader {
    /// `None` where the setting is not set, or not known.
    pub(super) fn of(settings: &Settings) -> Option<Self> {
        let setting = settings.get("SECURE_PROXY_SSL_HEADER")?.value.into_owned();
        let pair = setting.value.as_items()?;
        let [name, secure] = pair.items.as_slice() else {
            return None;
        };
        let name = name.value.as_str()?.strip_prefix("HTTP_")?;
        Some(Self {
            name: as_sent(name),
            secure: secure.value.as_str()?.to_owned(),
            setting,
        })
    }
}

/// `X_FORWARDED_PROTO` as `X-Forwarded-Proto`.
fn as_sent(meta: &str) -> String {
    let words = meta.split('_').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        format!("{first}{}", rest.to_lowercase())
    });
    words.collect::<Vec<_>>().join("-")
}

/// What nginx does about a header that Django reads.
pub(crate) enum Sent<'a> {
    /// This directive sets it.
    Set(&'a Directive),
    /// Nothing does: what the client sends goes through. With the directive of a block around it
    /// that would, were it not for those of a nearer block.
    PassedOn(Option<&'a Directive>),
    /// Not known: a file that nginx includes is not here, or another protocol carries the request.
    Unknown,
}

/// What a way does about a header, by its name in HTTP.
pub(crate) fn sent<'a>(way: &Way<'_, 'a>, header: &str) -> Sent<'a> {
    if way.pass.name.text != "proxy_pass" {
        return Sent::Unknown;
    }
    let effective = way.leaf.scope.effective("proxy_set_header");
    let is_it = |directive: &&Directive| {
        directive
            .argument(0)
            .is_some_and(|name| name.eq_ignore_ascii_case(header))
    };
    // Two of one name are both sent; Django sees them joined.
    if let Some(directive) = effective.directives.iter().copied().find(|one| is_it(one)) {
        return Sent::Set(directive);
    }
    match effective.gap {
        Some(_) => Sent::Unknown,
        None => Sent::PassedOn(effective.dropped.iter().copied().find(|one| is_it(one))),
    }
}

/// Whether the client decides the text of a word: a variable in it is `$http_name`, or a `map` or
/// `set` that can hand that on.
pub(super) fn client_decides(
    configuration: &Configuration,
    word: &Word,
    header: &str,
) -> Option<&'static str> {
    let variable = format!("http_{}", header.to_lowercase().replace('-', "_"));
    leads_to(configuration, word, &variable, 0)
}

/// In words, how `word` hands on the variable.
fn leads_to(
    configuration: &Configuration,
    word: &Word,
    variable: &str,
    depth: usize,
) -> Option<&'static str> {
    const DEEPEST: usize = 8;
    if depth > DEEPEST {
        return None;
    }
    for name in word.variables() {
        if name.eq_ignore_ascii_case(variable) {
            return Some("the client's own header");
        }
        let http = configuration.block("http")?;
        let wanted = format!("${name}");
        let map = http
            .children("map")
            .find(|map| map.argument(1) == Some(wanted.as_str()));
        let handed_on = map.is_some_and(|map| {
            map.directives().iter().any(|entry| {
                let value = entry.arguments.first();
                value.is_some_and(|value| {
                    leads_to(configuration, value, variable, depth + 1).is_some()
                })
            })
        });
        if handed_on {
            return Some("a map that hands the client's own header on");
        }
    }
    None
}
