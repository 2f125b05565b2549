//! Command lines of certbot, in starts and in scripts that a person runs once.

use std::collections::BTreeMap;

use tightship_model::{Certbot, CertbotRun, Contact, HookKind, Program, Span, Value};

use super::folders;
use crate::files::Tree;
use crate::start::{Called, Options};

/// Scripts that are read.
const MOST_SCRIPTS: usize = 200;

/// Bytes of one script.
const LONGEST_SCRIPT: usize = 256 * 1024;

/// Commands of certbot that act on certificates.
const SUBCOMMANDS: [&str; 4] = ["certonly", "renew", "run", "certificates"];

pub(super) fn of_call(called: &Called) -> CertbotRun {
    let mut run = run(&called.words, called.span);
    run.by = Some(called.by.clone());
    run
}

/// Finds command lines in shell scripts, and the certificates that these make to begin with.
pub(super) fn of_scripts(tree: &mut Tree, certbot: &mut Certbot) {
    let is_script =
        |path: &&str| path.ends_with(".sh") || !path.contains('.') && path.contains("cert");
    let paths: Vec<String> = tree.files().filter(is_script).map(str::to_owned).collect();
    for path in paths.into_iter().take(MOST_SCRIPTS) {
        let Some(source) = tree.read(&path) else {
            continue;
        };
        let text = tree.text(source).to_owned();
        if text.len() > LONGEST_SCRIPT {
            continue;
        }
        let variables = variables(&text);
        for (start, end) in calls(&text, "certbot ") {
            let span = Span::new(source, start as u32, end as u32);
            // A start that was followed to here has told it already.
            if certbot.runs.iter().any(|run| overlaps(run.span, span)) {
                continue;
            }
            let words = expanded(&text[start..end], &variables);
            if words.get(1..).is_some_and(|words| {
                words
                    .iter()
                    .any(|word| SUBCOMMANDS.contains(&word.as_str()))
            }) {
                certbot.runs.push(run(&words, span));
            }
        }
        for (start, end) in calls(&text, "docker run ") {
            let span = Span::new(source, start as u32, end as u32);
            let words = expanded(&text[start..end], &variables);
            let Some(image) = folders::image(&words) else {
                continue;
            };
            let own: Vec<String> = std::iter::once("certbot".to_owned())
                .chain(words[image + 1..].iter().cloned())
                .collect();
            if own.iter().any(|word| SUBCOMMANDS.contains(&word.as_str())) {
                certbot.runs.push(run(&own, span));
            }
            let mounted = folders::mounted(&words[..image], span);
            certbot.laid_out.extend(mounted);
        }
        for (start, end) in calls(&text, "mkdir ") {
            let span = Span::new(source, start as u32, end as u32);
            let words = expanded(&text[start..end], &variables);
            certbot.laid_out.extend(folders::made(&words, span));
        }
        for (start, end) in calls(&text, "openssl req ") {
            if text[start..end].contains("-x509") {
                let span = Span::new(source, start as u32, end as u32);
                certbot.placeholders.push(span);
            }
        }
    }
}

fn overlaps(one: Span, other: Span) -> bool {
    one.source == other.source && one.start < other.end && other.start < one.end
}

/// Reads the words of a command line.
fn run(words: &[String], span: Span) -> CertbotRun {
    let options = Options::read(&Program::Certbot, words.get(1..).unwrap_or(&[]), span);
    let text = |name: &str| options.text(name);
    let is_set = |name: &str| options.is_set(name);
    let subcommand = options
        .positional
        .iter()
        .find(|word| SUBCOMMANDS.contains(&word.as_str()))
        .or(options.positional.first());
    let plugin = ["webroot", "standalone", "nginx", "apache", "manual"]
        .into_iter()
        .find(|name| is_set(name))
        .map(str::to_owned);
    let dns = options
        .values
        .iter()
        .find(|(name, value)| name.starts_with("dns_") && value.value == Value::Bool(true))
        .map(|(name, _)| name.replace('_', "-"));
    let contact = match text("email") {
        Some(address) => Some(Contact::Address(address)),
        None => is_set("register_unsafely_without_email").then_some(Contact::Nobody),
    };
    let hook = |kind: HookKind, name: &str| Some((kind, text(name)?));
    CertbotRun {
        by: None,
        subcommand: subcommand.cloned().unwrap_or_default(),
        domains: options
            .texts("domain")
            .iter()
            .flat_map(|domains| domains.split(','))
            .map(|domain| domain.trim().to_owned())
            .filter(|domain| !domain.is_empty())
            .collect(),
        webroots: options.texts("webroot_path"),
        authenticator: text("authenticator").or(plugin).or(dns),
        cert_name: text("cert_name"),
        is_staging: is_set("staging")
            || text("server").is_some_and(|server| server.contains("staging")),
        is_dry_run: is_set("dry_run"),
        forces_renewal: is_set("force_renewal"),
        contact,
        rsa_key_size: text("rsa_key_size"),
        key_type: text("key_type"),
        hooks: [
            hook(HookKind::Pre, "pre_hook"),
            hook(HookKind::Deploy, "deploy_hook"),
            hook(HookKind::Post, "post_hook"),
        ]
        .into_iter()
        .flatten()
        .collect(),
        span,
    }
}

/// Where a program is called in a script: from its name to the end of the command, which goes on
/// behind a backslash and ends with a quote that was open before it.
fn calls(text: &str, name: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(name) {
        let line = text[..at].rfind('\n').map_or(0, |line| line + 1);
        let before = &text[line..at];
        let is_command = before
            .trim_end()
            .chars()
            .next_back()
            .is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '.' | ',' | ':' | '#'))
            || before.ends_with(' ');
        if before.trim_start().starts_with(['#', 'e']) && !before.contains("exec") {
            continue;
        }
        if !is_command || before.ends_with(['-', '_', '/', '.']) && !before.ends_with("bin/") {
            continue;
        }
        found.push((at, at + end_of(&text[at..])));
    }
    found
}

fn end_of(text: &str) -> usize {
    let mut quote = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (None, '\\') => {
                chars.next_if(|(_, c)| *c == '\r');
                chars.next();
            }
            (None, '\n' | ';' | '&' | '|' | ')') => return at,
            // The quote that closes the string around the command stands behind a word or alone.
            (None, '"' | '\'') => {
                let is_opening = text[..at].ends_with([' ', '=', '\t']);
                let closes_here = text[at + 1..].find(c);
                let on_this_line = text[at + 1..].find('\n');
                match (is_opening, closes_here, on_this_line) {
                    (true, Some(close), Some(line)) if close < line => quote = Some(c),
                    (true, Some(_), None) => quote = Some(c),
                    _ => return at,
                }
            }
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    text.len()
}

/// Variables of the common script: `domains=(a b)`, `staging=1`, `email="x"`.
fn variables(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut variables = BTreeMap::new();
    for line in text.lines() {
        let Some((name, value)) = line.trim().split_once('=') else {
            continue;
        };
        let is_name =
            !name.is_empty() && name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric());
        // The first assignment is the setting; later ones are made of it.
        if !is_name || variables.contains_key(name) {
            continue;
        }
        let value = match value.strip_prefix('(') {
            Some(list) => list.split(')').next().unwrap_or(list),
            None => value,
        };
        variables.insert(name.to_owned(), crate::command::words(value));
    }
    // `for domain in $domains; do set -- "$@" -d "$domain"; done`
    let collects = ["-d", "--domain", "--domains"]
        .iter()
        .any(|option| text.contains(&format!("set -- \"$@\" {option} \"$domain\"")));
    if collects && let Some(domains) = variables.get("domains") {
        let names = domains.iter().flat_map(|names| names.split_whitespace());
        let options = names.flat_map(|name| ["-d".to_owned(), name.to_owned()]);
        variables.insert("@".to_owned(), options.collect());
    }
    variables
}

/// The words of a command, with the variables that the common script builds its options of.
fn expanded(text: &str, variables: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let known = |name: &str| variables.get(name).cloned().unwrap_or_default();
    let is_set = |name: &str| {
        known(name)
            .first()
            .is_some_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
    };
    let mut words = Vec::new();
    for word in crate::command::words(&text.replace("\\\r\n", " ").replace("\\\n", " ")) {
        let Some(name) = word.strip_prefix('$') else {
            words.push(inserted(&word, variables));
            continue;
        };
        let name = name.trim_matches(['{', '}']);
        match name {
            "staging_arg" => words.extend(is_set("staging").then(|| "--staging".to_owned())),
            "email_arg" => match is_set("email") {
                true => words.extend(["--email".to_owned(), known("email").concat()]),
                false => words.push("--register-unsafely-without-email".to_owned()),
            },
            "domain_args" => {
                for domain in known("domains") {
                    words.extend(["-d".to_owned(), domain]);
                }
            }
            "@" if variables.contains_key("@") => words.extend(known("@")),
            _ => words.push(inserted(&word, variables)),
        }
    }
    words
}

/// A word with the variables put in that have one value.
fn inserted(word: &str, variables: &BTreeMap<String, Vec<String>>) -> String {
    let mut text = String::new();
    let mut rest = word;
    while let Some(at) = rest.find('$') {
        text.push_str(&rest[..at]);
        let behind = rest[at + 1..].trim_start_matches('{');
        let length = behind
            .find(|c: char| c != '_' && !c.is_ascii_alphanumeric())
            .unwrap_or(behind.len());
        let (name, after) = behind.split_at(length);
        match variables.get(name).map(Vec::as_slice) {
            Some([value, ..]) if !value.contains('$') => text.push_str(value),
            _ => text.push_str(&rest[at..rest.len() - after.len()]),
        }
        rest = after.strip_prefix('}').unwrap_or(after);
    }
    text.push_str(rest);
    text
}
