//! certbot: lineages, command lines, what renews and what reloads, and certificates that lie in the
//! repository.

mod certificates;
mod folders;
mod repeated;
mod runs;
#[cfg(test)]
mod tests;

use tightship_model::{Argv, Certbot, HookKind, Lineage, Repeated, SourceId, Traced, Trail};

use crate::files::Tree;
use crate::ini::{self, Dialect, Ini, Key};
use crate::start::Started;

/// Files of one kind that are read.
const MOST_FILES: usize = 200;

pub(crate) fn read(tree: &mut Tree, started: &Started, repeated: &[Repeated]) -> Certbot {
    let mut certbot = Certbot {
        lineages: lineages(tree),
        ..Certbot::default()
    };
    certbot.runs = started.certbot.iter().map(runs::of_call).collect();
    runs::of_scripts(tree, &mut certbot);
    repeated::find(&mut certbot, repeated);
    certificates::find(tree, &mut certbot);
    certbot
}

/// What `renewal/*.conf` says, and folders below `live/` that no such file names.
fn lineages(tree: &mut Tree) -> Vec<Lineage> {
    let is_renewal = |path: &&str| {
        let folder = crate::files::parent(path);
        path.ends_with(".conf") && (folder == "renewal" || folder.ends_with("/renewal"))
    };
    let paths: Vec<String> = tree.files().filter(is_renewal).map(str::to_owned).collect();
    let mut lineages = Vec::new();
    for path in paths.into_iter().take(MOST_FILES) {
        if let Some(source) = tree.read(&path) {
            lineages.push(lineage(&path, source, tree.text(source)));
        }
    }
    for path in tree.files() {
        let Some((_, inner)) = path.rsplit_once("live/") else {
            continue;
        };
        let Some((name, "fullchain.pem" | "cert.pem")) = inner.split_once('/') else {
            continue;
        };
        if !lineages.iter().any(|lineage| lineage.name == name) {
            lineages.push(Lineage {
                name: name.to_owned(),
                ..Lineage::default()
            });
        }
    }
    lineages
}

/// Reads any text as certbot's renewal configuration (configobj).
fn lineage(path: &str, source: SourceId, text: &str) -> Lineage {
    let ini = ini::parse(source, text, Dialect::Plain);
    let file = path.rsplit('/').next().unwrap_or(path);
    let top = |name: &str| value(&ini, "", name);
    let parameter = |name: &str| value(&ini, "renewalparams", name);
    let webroots = parameter("webroot_path").map_or_else(Vec::new, |list| {
        // A list of configobj ends with a comma where it has one element.
        let items = list
            .value
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty());
        let items = items.map(|item| Traced::new(unquoted(item), list.trail.clone()));
        items.collect()
    });
    let map = ini.section("renewalparams/webroot_map");
    let hook = |kind: HookKind, name: &str| {
        let command = parameter(name)?;
        let argv = Argv {
            words: vec!["/bin/sh".to_owned(), "-c".to_owned(), command.value],
            is_shell: true,
            span: command.trail.first_span()?,
        };
        Some((kind, argv))
    };
    Lineage {
        name: file.trim_end_matches(".conf").to_owned(),
        file: Some(source),
        version: top("version"),
        archive_dir: top("archive_dir"),
        cert: top("cert"),
        privkey: top("privkey"),
        chain: top("chain"),
        fullchain: top("fullchain"),
        authenticator: parameter("authenticator"),
        installer: parameter("installer"),
        server: parameter("server"),
        key_type: parameter("key_type"),
        rsa_key_size: parameter("rsa_key_size"),
        renew_before_expiry: parameter("renew_before_expiry")
            .or_else(|| top("renew_before_expiry")),
        webroot_path: webroots,
        webroot_map: map.map(|key| (key.name.clone(), traced(key))).collect(),
        hooks: [
            hook(HookKind::Pre, "pre_hook"),
            hook(HookKind::Deploy, "renew_hook"),
            hook(HookKind::Deploy, "deploy_hook"),
            hook(HookKind::Post, "post_hook"),
        ]
        .into_iter()
        .flatten()
        .collect(),
    }
}

/// The last key of this name, unless it is `None`, which certbot writes for nothing.
fn value(ini: &Ini, section: &str, name: &str) -> Option<Traced<String>> {
    let key = ini.section(section).filter(|key| key.name == name).last()?;
    let value = traced(key);
    (value.value != "None").then_some(value)
}

fn traced(key: &Key) -> Traced<String> {
    let trail = Trail::at(key.span, format!("sets {}", key.name));
    Traced::new(unquoted(&key.value), trail)
}

fn unquoted(text: &str) -> String {
    let text = text.trim();
    for quote in ['"', '\''] {
        let inner = text
            .strip_prefix(quote)
            .and_then(|text| text.strip_suffix(quote));
        if let Some(inner) = inner {
            return inner.to_owned();
        }
    }
    text.to_owned()
}
