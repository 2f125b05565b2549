//! Images that workflows of GitHub build and push, by docker/build-push-action (read at version 6).

use tightship_model::Trail;
use tightship_model::compose::{Build, Text};

use super::files;
use crate::files::{Tree, join, normal};
use crate::yaml::{self, Node};

/// Workflows that are asked.
const MOST_FILES: usize = 20;

/// A build of a workflow, and the images that it pushes.
pub(super) struct Pushed {
    /// `owner/name`, or `name` alone where the workflow keeps the owner to itself.
    images: Vec<String>,
    pub(super) build: Build,
}

impl Pushed {
    /// Whether an image of this repository is one of them.
    pub(super) fn is_of(&self, repository: &str) -> bool {
        let name = repository.rsplit('/').next().unwrap_or(repository);
        self.images.iter().any(|image| match image.contains('/') {
            true => image == repository || image.ends_with(&format!("/{repository}")),
            false => image == name,
        })
    }
}

/// The builds that push, in all workflows.
pub(super) fn builds(tree: &mut Tree) -> Vec<Pushed> {
    let is_workflow = |path: &&str| {
        path.starts_with(".github/workflows/")
            && (path.ends_with(".yml") || path.ends_with(".yaml"))
    };
    let paths: Vec<String> = tree
        .files()
        .filter(is_workflow)
        .take(MOST_FILES)
        .map(str::to_owned)
        .collect();
    let mut found = Vec::new();
    for path in paths {
        let promises = |text: &String| text.contains("docker/build-push-action");
        if !tree.load(&path).is_ok_and(|text| promises(&text)) {
            continue;
        }
        let Some(source) = tree.read(&path) else {
            continue;
        };
        let (root, _) = yaml::parse(source, tree.text(source));
        let jobs = root.as_ref().and_then(|root| root.get("jobs"));
        let steps = jobs
            .map_or(&[][..], Node::entries)
            .iter()
            .flat_map(|(_, job)| job.get("steps").map_or(&[][..], Node::items));
        let inputs = steps.filter_map(|step| {
            let uses = step.get("uses")?.text()?;
            uses.starts_with("docker/build-push-action")
                .then(|| step.get("with"))?
        });
        found.extend(inputs.filter_map(|inputs| pushed(tree, inputs)));
    }
    found
}

fn pushed(tree: &Tree, inputs: &Node) -> Option<Pushed> {
    let text = |name: &str| inputs.get(name).and_then(Node::text);
    let images: Vec<String> = text("tags")?
        .split(['\n', ','])
        .filter_map(|tag| image(tag.trim()))
        .collect();
    // Without a context the action takes the whole repository.
    let folder = folder(text("context").unwrap_or("."))?;
    let dockerfile = match text("file") {
        Some(file) => normal(file)?,
        None => join(&folder, "Dockerfile"),
    };
    let is_for_production = !files::is_development_name(&dockerfile);
    (tree.has_file(&dockerfile) && is_for_production && !images.is_empty()).then(|| Pushed {
        images,
        build: Build {
            span: Some(inputs.span),
            context: Text {
                value: text("context").unwrap_or(".").to_owned(),
                trail: Trail::at(inputs.span, "a workflow builds and pushes it"),
                ..Text::default()
            },
            folder: Some(folder),
            dockerfile_path: Some(dockerfile),
            ..Build::default()
        },
    })
}

fn folder(context: &str) -> Option<String> {
    match context.trim_end_matches('/') {
        "." | "" | "${{ github.workspace }}" => Some(String::new()),
        context if context.contains(['$', ':']) => None,
        context => normal(context),
    }
}

/// The repository of a tag: `owner/name` of `owner/name:1`, `name` of `${{ secrets.USER }}/name`.
fn image(tag: &str) -> Option<String> {
    let (owner, name) = tag.rsplit_once('/').unwrap_or(("", tag));
    let name = name
        .split([':', '@'])
        .next()
        .filter(|name| !name.is_empty())?;
    if name.contains(['$', '{']) {
        return None;
    }
    Some(match owner.is_empty() || owner.contains('$') {
        true => name.to_owned(),
        false => format!("{owner}/{name}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_name_their_image() {
        for (tag, expected) in [
            ("shop/web:latest", Some("shop/web")),
            ("ghcr.io/shop/web@sha256:0", Some("ghcr.io/shop/web")),
            (
                "${{ secrets.DOCKER_USERNAME }}/web:${{ github.sha }}",
                Some("web"),
            ),
            ("${{ steps.meta.outputs.tags }}", None),
            ("shop/${{ matrix.app }}:1", None),
        ] {
            assert_eq!(image(tag).as_deref(), expected, "{tag}");
        }
    }
}
