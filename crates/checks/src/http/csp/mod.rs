//! Content security policies as browsers read them (CSP 3, section 2.2).

pub mod evaluate;
mod hosts;
mod nonces;
mod words;

use std::collections::HashSet;

use tightship_model::site::http::Answer;

pub(super) use nonces::repeated;

/// Words of a policy that are read: those in use have some hundreds, a hostile one has no end.
const MOST_WORDS: usize = 5_000;

/// One policy: its directives in their order, each name once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Policy {
    pub(super) directives: Vec<(String, Vec<String>)>,
}

impl Policy {
    /// Any text is a policy; of a directive that is given twice the first counts.
    pub(super) fn parse(text: &str) -> Self {
        let mut policy = Self::default();
        let mut known = HashSet::new();
        let mut left = MOST_WORDS;
        for part in text.split(';') {
            let mut words = part.split_ascii_whitespace().take(left);
            let Some(name) = words.next() else { continue };
            let name = name.to_ascii_lowercase();
            let sources: Vec<_> = words.map(str::to_owned).collect();
            left = left.saturating_sub(1 + sources.len());
            if known.insert(name.clone()) {
                policy.directives.push((name, sources));
            }
        }
        policy
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Vec<String>> {
        let (_, sources) = self.directives.iter().find(|(known, _)| known == name)?;
        Some(sources)
    }

    /// The directive that decides about `name`, whether it is given or not: its own, else the one
    /// that it falls back to (CSP 3, section 6.8.3).
    pub(super) fn deciding<'n>(&self, name: &'n str) -> &'n str {
        let broader = match name {
            "script-src-attr" | "script-src-elem" => "script-src",
            "style-src-attr" | "style-src-elem" => "style-src",
            _ => name,
        };
        [name, broader]
            .into_iter()
            .find(|name| self.has(name))
            .unwrap_or(match words::FETCHES.contains(&name) {
                true => "default-src",
                false => name,
            })
    }

    /// Whether it says where scripts may come from.
    pub(super) fn limits_scripts(&self) -> bool {
        self.has("script-src") || self.has("default-src")
    }
}

/// The policies that browsers enforce: all of them at once, those of `<meta>` not among them.
pub(super) fn enforced(answer: &Answer) -> Vec<Policy> {
    sent(answer, "content-security-policy")
}

/// The policies of a header.
pub(super) fn sent(answer: &Answer, header: &str) -> Vec<Policy> {
    answer
        .values(header)
        .flat_map(|value| value.split(','))
        .map(Policy::parse)
        .filter(|policy| !policy.directives.is_empty())
        .collect()
}

/// The policies of `<meta>`, without the directives that count in a header only (HTML, section
/// 4.2.5.3).
pub(super) fn in_page(answer: &Answer) -> Vec<Policy> {
    const HEADERS_ONLY: [&str; 3] = ["frame-ancestors", "report-uri", "sandbox"];
    let metas = answer.content.page.iter().flat_map(|page| &page.metas);
    metas
        .filter(|meta| meta.is_http && meta.name == "content-security-policy")
        .flat_map(|meta| meta.content.split(','))
        .map(|text| {
            let mut policy = Policy::parse(text);
            policy
                .directives
                .retain(|(name, _)| !HEADERS_ONLY.contains(&name.as_str()));
            policy
        })
        .filter(|policy| !policy.directives.is_empty())
        .collect()
}

/// The directive that an unknown one may be a slip for: with a colon, or one or two letters away.
pub(super) fn meant(name: &str) -> Option<&'static str> {
    const LONGEST: usize = 40;
    let plain = name.trim_end_matches(':');
    if plain.len() > LONGEST {
        return None;
    }
    let mut near: Vec<_> = words::directives()
        .map(|known| (strsim::damerau_levenshtein(plain, known), known))
        .filter(|(distance, _)| *distance <= 2)
        .collect();
    near.sort();
    let (_, known) = near.first()?;
    Some(known)
}
