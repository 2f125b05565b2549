//! Content security policies as browsers read them (CSP 3, section 2.2).

use tightship_model::site::http::Answer;

/// One policy: its directives in their order, each name once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Policy {
    pub(super) directives: Vec<(String, Vec<String>)>,
}

impl Policy {
    /// Any text is a policy; of a directive that is given twice the first counts.
    pub(super) fn parse(text: &str) -> Self {
        let mut policy = Self::default();
        for part in text.split(';') {
            let mut words = part.split_ascii_whitespace();
            let Some(name) = words.next() else { continue };
            let name = name.to_ascii_lowercase();
            if !policy.has(&name) {
                policy
                    .directives
                    .push((name, words.map(str::to_owned).collect()));
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
}

/// The policies that browsers enforce: all of them at once, those of `<meta>` not among them.
pub(super) fn enforced(answer: &Answer) -> Vec<Policy> {
    answer
        .values("content-security-policy")
        .flat_map(|value| value.split(','))
        .map(Policy::parse)
        .filter(|policy| !policy.directives.is_empty())
        .collect()
}
