//! Which lines of Compose files describe which service.

use std::collections::HashMap;

use tightship_model::compose::Compose;
use tightship_model::{Deployment, SourceId, Span};

/// The services that a Compose set describes, file by file: a service may stand in several.
#[derive(Default)]
pub(super) struct Sections<'a>(HashMap<SourceId, Vec<Section<'a>>>);

/// From here to the next one.
struct Section<'a> {
    start: u32,
    /// `None` for what is no service.
    service: Option<&'a str>,
}

impl<'a> Sections<'a> {
    pub(super) fn of(deployment: &'a Deployment, compose: &'a Compose) -> Self {
        let files = compose.files.iter().chain(&compose.taken_in);
        let sections = files.map(|file| (*file, sections(deployment.sources[*file].raw())));
        Self(sections.collect())
    }

    /// The name of the service that a place describes.
    pub(super) fn service(&self, place: Span) -> Option<&'a str> {
        let sections = self.0.get(&place.source)?;
        let after = sections.partition_point(|section| section.start <= place.start);
        sections[..after].last()?.service
    }
}

/// By the indentation alone, in the block style of YAML: whoever writes `services: {...}` on one line
/// gets none.
fn sections(text: &str) -> Vec<Section<'_>> {
    let mut found = Vec::new();
    let mut is_among_services = false;
    let mut depth = None;
    let mut start = 0_u32;
    for line in text.split_inclusive('\n') {
        let here = start;
        start = start.saturating_add(u32::try_from(line.len()).unwrap_or(u32::MAX));
        let key = line.trim();
        if key.is_empty() || key.starts_with('#') {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        if indent == 0 {
            is_among_services = key.starts_with("services:");
            depth = None;
            found.push(Section {
                start: here,
                service: None,
            });
        } else if is_among_services && *depth.get_or_insert(indent) == indent {
            let name = key.split(':').next().unwrap_or_default().trim();
            found.push(Section {
                start: here,
                service: Some(name.trim_matches(['"', '\''])),
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::sections;

    #[test]
    fn lines_belong_to_the_service_above_them() {
        let text = "name: shop\nservices:\n  # first\n  web:\n    ports:\n    - 80:80\n\n  \"db\": \n\
                    \x20   image: x\nvolumes:\n  data:\n";
        let found: Vec<_> = sections(text)
            .into_iter()
            .map(|section| (&text[section.start as usize..][..5], section.service))
            .collect();
        let expected = [
            ("name:", None),
            ("servi", None),
            ("  web", Some("web")),
            ("  \"db", Some("db")),
            ("volum", None),
        ];
        assert_eq!(found, expected);
    }
}
