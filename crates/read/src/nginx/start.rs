//! How a container comes to its nginx: which file it opens first, and which texts are made before.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use tightship_model::compose::{ImageReference, Service};
use tightship_model::image::Image;
use tightship_model::{Containers, Environment};

use super::stock::{self, Family};
use super::template::Named;
use super::view::View;
use crate::files::Tree;

/// What starts an nginx in a container.
#[derive(Debug, Default)]
pub(super) struct Start {
    /// Entrypoint and command as words; empty where the image's own holds.
    words: Vec<String>,
    /// Whether the entrypoint is the image's, which renders templates for a command `nginx`.
    keeps_entrypoint: bool,
    environment: Environment,
    reference: Option<ImageReference>,
    /// Whether a build installs nginx or stands on an image of it.
    is_built_with_nginx: bool,
}

impl Start {
    pub(super) fn of_service(containers: Containers<'_>, service: &Service) -> Self {
        let image = containers.image(&service.name);
        let mut start = image.map_or_else(Self::default, Self::of_image);
        if image.is_none() {
            start.keeps_entrypoint = true;
            start.reference = service.reference();
        }
        if let Some(entrypoint) = &service.entrypoint {
            start.keeps_entrypoint = false;
            start.words.clone_from(&entrypoint.words);
        }
        if let Some(command) = &service.command {
            if service.entrypoint.is_none() {
                start.words.clear();
            }
            start.words.extend(command.words.iter().cloned());
        }
        let image_variables = std::mem::take(&mut start.environment.variables);
        start.environment = service.environment.clone();
        for (name, value) in image_variables {
            start.environment.variables.entry(name).or_insert(value);
        }
        start
    }

    pub(super) fn of_image(image: &Image) -> Self {
        let entrypoint = image.config.entrypoint.as_ref();
        let command = image.config.cmd.as_ref();
        let words = [entrypoint, command].into_iter().flatten();
        let installs = |words: &[String]| {
            let script = words.join(" ");
            script.contains("nginx") && INSTALLS.is_match(&script)
        };
        let reference = image
            .base()
            .and_then(|base| ImageReference::parse(base.reference.value.as_str()?));
        Self {
            words: words.flat_map(|argv| argv.value.words.clone()).collect(),
            keeps_entrypoint: entrypoint.is_none(),
            environment: Environment {
                variables: image.config.env.clone(),
                ..Environment::default()
            },
            is_built_with_nginx: is_nginx(reference.as_ref())
                || image.runs().any(|run| installs(&run.argv.words)),
            reference,
        }
    }

    /// Whether nginx runs at all, as far as image and command tell.
    pub(super) fn runs_nginx(&self) -> bool {
        self.is_built_with_nginx || is_nginx(self.reference.as_ref()) || self.names_nginx()
    }

    pub(super) fn family(&self) -> Family {
        stock::family(self.reference.as_ref())
    }

    pub(super) fn release(&self) -> Option<(u32, u32, u32)> {
        stock::release(self.reference.as_ref()?)
    }

    /// The file of `nginx -c`.
    pub(super) fn root(&self) -> String {
        let words = self.script();
        let mut words = words
            .split_whitespace()
            .skip_while(|word| !is_program(word));
        let given = words.find(|word| *word == "-c").and_then(|_| words.next());
        let given = given.filter(|path| path.starts_with('/'));
        given.unwrap_or(self.family().root).to_owned()
    }

    /// Makes the texts that the container makes before nginx starts.
    pub(super) fn render(&self, tree: &mut Tree, view: &mut View<'_>) {
        if self.keeps_entrypoint && view.family().has_templates && self.is_plain() {
            self.render_templates(tree, view);
        }
        let script = self.script();
        if !script.contains("envsubst") {
            return;
        }
        for call in ENVSUBST.captures_iter(&script) {
            let list = call
                .get(1)
                .or_else(|| call.get(2))
                .map(|list| list.as_str());
            let named = list.map_or(Named::All, |list| Named::These(names(list)));
            view.render(tree, &call[3], &call[4], &self.environment, &named);
        }
    }

    /// `20-envsubst-on-templates.sh` of the image's entrypoint.
    fn render_templates(&self, tree: &mut Tree, view: &mut View<'_>) {
        let option = |name: &str, default: &str| {
            let value = self.environment.variables.get(name);
            let value = value.and_then(|value| value.value.as_str());
            value
                .filter(|value| !value.is_empty())
                .unwrap_or(default)
                .to_owned()
        };
        let folder = option("NGINX_ENVSUBST_TEMPLATE_DIR", "/etc/nginx/templates");
        let suffix = option("NGINX_ENVSUBST_TEMPLATE_SUFFIX", ".template");
        let output = option("NGINX_ENVSUBST_OUTPUT_DIR", "/etc/nginx/conf.d");
        let filter = option("NGINX_ENVSUBST_FILTER", "");
        let named = Named::Set(Regex::new(&filter).ok());
        let templates: Vec<(String, String)> = view
            .paths()
            .filter_map(|(path, _)| {
                let name = path.strip_prefix(&folder)?.strip_suffix(&suffix)?;
                Some((path.to_owned(), format!("{output}{name}")))
            })
            .collect();
        for (template, output) in templates {
            view.render(tree, &template, &output, &self.environment, &named);
        }
    }

    /// Whether the command is nginx itself: the entrypoint renders for no other.
    fn is_plain(&self) -> bool {
        let first = self.words.first().map(String::as_str);
        first.is_none_or(|word| matches!(word, "nginx" | "nginx-debug"))
    }

    fn names_nginx(&self) -> bool {
        self.script().split_whitespace().any(is_program)
    }

    fn script(&self) -> String {
        self.words.join(" ")
    }
}

fn is_program(word: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or(word);
    matches!(name, "nginx" | "nginx-debug" | "openresty")
}

fn is_nginx(reference: Option<&ImageReference>) -> bool {
    let name = reference.and_then(|reference| reference.repository.rsplit('/').next());
    name.is_some_and(|name| {
        (name.contains("nginx") || name.contains("openresty")) && !name.contains("exporter")
    })
}

/// The names in the list of an `envsubst '$A ${B}'`.
fn names(list: &str) -> BTreeSet<String> {
    tightship_model::nginx::variables(list)
        .map(str::to_owned)
        .collect()
}

/// `apt-get install nginx`, `apk add nginx` and the like.
static INSTALLS: LazyLock<Regex> =
    LazyLock::new(|| regex(r"\b(?:install|add)\b[^&;|]*\snginx(?:[\s=\\-]|$)"));

/// `envsubst '$A $B' < template > output`.
static ENVSUBST: LazyLock<Regex> = LazyLock::new(|| {
    regex(r#"envsubst\s+(?:'([^']*)'\s*|"([^"]*)"\s*)?<\s*(/\S+)\s*>\s*(/[^\s;&|]+)"#)
});

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern")
}
