//! Variables named in files of any syntax: scripts, workflows, platform manifests, INI files.

use std::ops::Range;

use crate::command::is_dotted;
use crate::compose::is_development_name;

/// Keys that may stand between the name of a variable and its value: `scope`, `type`.
const MOST_KEYS: usize = 4;

/// Each place where `variable` is given a dotted name, and the name. Comments are left out.
///
/// Between the variable and its value may stand what shells, YAML, JSON, TOML and INI files put
/// there: `VAR=x`, `VAR: "x"`, `"VAR": {"value": "x"}`, `- key: VAR` with `value: x` below,
/// `VAR=${VAR:-x}`.
pub(super) fn assignments(text: &str, variable: &str) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(variable) {
        let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let before = &text[line_start..at];
        let is_longer_name =
            before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$' || c == '{');
        if before.trim_start().starts_with(['#', ';'])
            || before.trim_start().starts_with("//")
            || is_printed(before, &text[at..])
            || is_longer_name
        {
            continue;
        }
        if let Some((range, name)) = value_after(text, at + variable.len(), variable) {
            found.push((range, name));
        }
    }
    found
}

/// Whether a script tells this to a person, and no file takes it in.
fn is_printed(before: &str, rest: &str) -> bool {
    let line = rest.lines().next().unwrap_or_default();
    before.contains("echo ") && !line.contains(['>', '|'])
}

/// Each `--settings=module` or `--ds=module` and its place.
pub(super) fn options(text: &str) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    for option in ["--settings", "--ds"] {
        for (at, _) in text.match_indices(option) {
            let rest = &text[at + option.len()..];
            let value = rest.trim_start_matches([' ', '=', '"', ',', '\'']);
            if value.len() == rest.len() {
                continue;
            }
            let start = text.len() - value.len();
            let name = dotted_prefix(value);
            let is_file = name.ends_with(".py");
            if is_dotted(name) && !is_file {
                found.push((start..start + name.len(), name.to_owned()));
            }
        }
    }
    found
}

/// Whether a script names a module for one command that serves nobody: a step of the build, tests, or
/// the developers' server with the developers' module.
pub(super) fn is_of_step(text: &str, place: &Range<usize>, module: &str) -> bool {
    const STEPS: [&str; 9] = [
        "check",
        "collectstatic",
        "compilemessages",
        "compress",
        "dumpdata",
        "makemessages",
        "makemigrations",
        "shell",
        "test",
    ];
    let start = text[..place.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[place.end..]
        .find('\n')
        .map_or(text.len(), |at| place.end + at);
    let line = &text[start..end];
    let mut commands = line
        .split("manage.py")
        .skip(1)
        .chain(line.split("django-admin").skip(1));
    commands.any(
        |rest| match rest.split_whitespace().find(|word| !word.starts_with('-')) {
            Some("runserver") => is_development_name(module),
            Some(command) => STEPS.contains(&command),
            None => false,
        },
    )
}

fn value_after(text: &str, at: usize, variable: &str) -> Option<(Range<usize>, String)> {
    let mut rest = text[at..].trim_start_matches(['"', '\'', ' ', '\t']);
    let separated = rest.trim_start_matches([' ', '\t', '=', ':', ',', '"', '\'', '{']);
    if separated.len() < rest.len() {
        let opens_object = rest[..rest.len() - separated.len()].contains('{');
        rest = separated;
        if opens_object {
            rest = rest.trim_start_matches([' ', '\t', '\r', '\n', '"']);
            rest = rest.strip_prefix("value")?;
            rest = rest.trim_start_matches([' ', ':', '"']);
        } else if rest.starts_with(['\n', '\r']) {
            return None;
        }
    } else {
        let value = value_of_item(rest)?;
        rest = value.trim_start_matches(['"', '\'', ' ', ':', '=']);
    }
    if let Some(shell) = rest.strip_prefix("${").or_else(|| {
        rest.strip_prefix('$')
            .map(|rest| rest.trim_start_matches('{'))
    }) {
        let inner = shell.strip_prefix(variable)?;
        rest = inner
            .strip_prefix(":-")
            .or_else(|| inner.strip_prefix('-'))?;
        rest = rest.trim_start_matches(['"', '\'']);
    }
    let name = dotted_prefix(rest);
    let start = text.len() - rest.len();
    let is_call = rest[name.len()..].starts_with('(');
    (is_dotted(name) && !is_call).then(|| (start..start + name.len(), name.to_owned()))
}

/// What follows `value` in the item whose key stands before `rest`; other keys may come between.
fn value_of_item(rest: &str) -> Option<&str> {
    let mut rest = rest;
    for _ in 0..=MOST_KEYS {
        rest = rest.trim_start_matches(['\r', '\n', ' ', '\t', '"', '\'', ',']);
        if let Some(value) = rest.strip_prefix("value") {
            return Some(value);
        }
        let (line, below) = rest.split_once('\n')?;
        let is_key = line
            .split_once(':')
            .is_some_and(|(key, _)| is_dotted(key.trim_end_matches('"')));
        rest = is_key.then_some(below)?;
    }
    None
}

fn dotted_prefix(text: &str) -> &str {
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
        .unwrap_or(text.len());
    text[..end].trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_syntax_gives_the_module() {
        for text in [
            "export DJANGO_SETTINGS_MODULE=shop.prod",
            "DJANGO_SETTINGS_MODULE = shop.prod",
            "  DJANGO_SETTINGS_MODULE: \"shop.prod\"",
            "\"DJANGO_SETTINGS_MODULE\": {\n \"value\": \"shop.prod\"}",
            "\"DJANGO_SETTINGS_MODULE\": {\"value\": \"shop.prod\"}",
            "- key: DJANGO_SETTINGS_MODULE\n  value: shop.prod\n",
            "- key: DJANGO_SETTINGS_MODULE\n  scope: RUN_TIME\n  type: GENERAL\n  value: \"shop.prod\"\n",
            "export DJANGO_SETTINGS_MODULE=\"${DJANGO_SETTINGS_MODULE:-shop.prod}\"",
            "echo DJANGO_SETTINGS_MODULE=shop.prod >> .env",
        ] {
            let found = assignments(text, "DJANGO_SETTINGS_MODULE");
            assert_eq!(
                found.first().map(|(_, name)| name.as_str()),
                Some("shop.prod"),
                "{text}"
            );
            assert_eq!(&text[found[0].0.clone()], "shop.prod", "{text}");
        }
        for text in [
            "# DJANGO_SETTINGS_MODULE=shop.prod",
            "echo $DJANGO_SETTINGS_MODULE",
            ">&2 echo \"DJANGO_SETTINGS_MODULE=${DJANGO_SETTINGS_MODULE:-unset}\"",
            "DJANGO_SETTINGS_MODULE:\nother: x",
            "DJANGO_SETTINGS_MODULE",
            "OLD_DJANGO_SETTINGS_MODULE=a.b",
            "DJANGO_SETTINGS_MODULE = os.getenv('SETTINGS')",
            "- key: DJANGO_SETTINGS_MODULE\n  scope: RUN_TIME\n- key: OTHER\n  value: shop.prod\n",
        ] {
            assert!(
                assignments(text, "DJANGO_SETTINGS_MODULE").is_empty(),
                "{text}"
            );
        }
    }

    #[test]
    fn options_name_modules() {
        let text = "manage.py test --settings=shop.test && pytest --ds shop.other";
        let names: Vec<_> = options(text).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["shop.test", "shop.other"]);
    }
}
