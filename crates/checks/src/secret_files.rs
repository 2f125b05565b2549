//! Files that hold secrets, by their names and by what is known of their content.

use tightship_model::{Deployment, names_a_secret};

/// Whether a file of this name holds keys, passwords or people's data.
pub(crate) fn holds_secrets(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let is_example = [
        "example", "exmp", "sample", "template", "dist", "test", "tst", "default", "ci", "travis",
        "circleci", "gitlab", "github",
    ]
    .iter()
    .any(|word| name.split(['.', '-', '_']).any(|part| part == *word));
    let in_tests = path
        .split('/')
        .any(|part| matches!(part, "tests" | "test" | "fixtures" | "docs"));
    let is_environment = name == ".env" || name.starts_with(".env.") || name.ends_with(".env");
    let is_public = name
        .split(['.', '-', '_'])
        .any(|part| ["cert", "chain", "ca", "public", "pub"].contains(&part) || is_group(part));
    let is_key = (name.ends_with(".pem") && !is_public)
        || name.ends_with(".key")
        || matches!(
            name.as_str(),
            "id_rsa" | "id_ed25519" | "id_ecdsa" | ".netrc" | ".pgpass" | ".htpasswd"
        )
        || name.ends_with(".pfx")
        || name.ends_with(".p12");
    !is_example && !in_tests && (is_environment || is_key || is_data(path))
}

/// Whether an environment file holds no secret: as far as it was read, or because it lies in the
/// folder of a frontend, whose variables go to every browser.
pub(crate) fn is_known_to_be_harmless(deployment: &Deployment, path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    if !name.contains("env") {
        return false;
    }
    let beside = |name: &str| match folder {
        "" => deployment.files.has_file(name),
        _ => deployment.files.has_file(&format!("{folder}/{name}")),
    };
    let read = deployment
        .sources
        .by_path(path)
        .map(|source| deployment.sources[source].raw());
    match read {
        Some(text) => !text.lines().any(|line| {
            let (name, value) = line.split_once('=').unwrap_or_default();
            let value = value.trim().trim_matches(['"', '\'']);
            let name = name.trim().trim_start_matches("export ");
            !value.is_empty()
                && !is_of_shell(value)
                && (names_a_secret(name) || value.contains('@') && value.contains("://"))
        }),
        None => beside("package.json") && !beside("manage.py"),
    }
}

/// Whether a word names the group of a key exchange, which everyone may know: `dhparams`, `dh2048`,
/// `ffdhe3072`.
fn is_group(word: &str) -> bool {
    let size = word.strip_prefix("ffdhe").or(word.strip_prefix("dh"));
    size.is_some_and(|rest| rest.starts_with("param") || rest.chars().all(|c| c.is_ascii_digit()))
}

/// Whether a value is a variable of who starts it: `$DB_PASS`, `${DB_PASS}`.
pub(crate) fn is_of_shell(value: &str) -> bool {
    let name = value.strip_prefix('$').unwrap_or_default();
    let name = name.trim_start_matches('{').trim_end_matches('}');
    !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}

/// Databases and dumps.
pub(crate) fn is_data(path: &str) -> bool {
    let name = path.to_ascii_lowercase();
    [".sqlite3", ".sqlite", ".dump", ".sql.gz"]
        .iter()
        .any(|end| name.ends_with(end))
}
