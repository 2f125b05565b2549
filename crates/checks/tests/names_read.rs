//! The names that packages read, taken from the packages themselves.
//!
//! `TIGHTSHIP_UPDATE=1` writes the tables anew.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// The table of each package, below `src`.
const TABLES: [&str; 4] = [
    "allauth/names.txt",
    "axes/names.txt",
    "drf/keys.txt",
    "jwt/keys.txt",
];

/// Prints the head and the names of each table as JSON.
const NAMES: &str = r##"
import ast, json, pathlib, re
from importlib.metadata import version
from django.conf import settings

settings.configure(SECRET_KEY="x")
import allauth, axes, rest_framework.settings, rest_framework_simplejwt.settings


def texts(package):
    for path in sorted(pathlib.Path(package.__file__).parent.rglob("*.py")):
        yield path.read_text()


def of_allauth():
    for text in texts(allauth):
        yield from re.findall(r'(?<!_)get_setting\(\s*"([A-Z_]+)"', text)
        yield from re.findall(r'getattr\(\s*settings,\s*"((?:SOCIAL)?ACCOUNT_[A-Z_]+)"', text)
        prefix = re.search(r'AppSettings\("([A-Z_]+_)"\)', text)
        if prefix:
            for name in re.findall(r'self\._setting\(\s*"([A-Z0-9_]+)"', text):
                yield prefix[1] + name


def of_axes():
    for text in texts(axes):
        for node in ast.walk(ast.parse(text)):
            match node:
                case ast.Attribute(value=ast.Name(id="settings"), attr=name):
                    yield name
                case ast.Call(args=[ast.Name(id="settings"), ast.Constant(value=name), *_]):
                    yield name


def table(package, names):
    return f"# {package} {version(package)}", sorted(set(names))


print(json.dumps({
    "allauth/names.txt": table("django-allauth", of_allauth()),
    "axes/names.txt": table("django-axes", (name for name in of_axes() if name.startswith("AXES_"))),
    "drf/keys.txt": table("djangorestframework", rest_framework.settings.DEFAULTS),
    "jwt/keys.txt": table("djangorestframework-simplejwt", rest_framework_simplejwt.settings.DEFAULTS),
}))
"##;

#[test]
fn the_tables_hold_what_the_packages_read() {
    let output = Command::new(tightship_testbed::python("django52"))
        .args(["-c", NAMES])
        .output()
        .expect("Python runs");
    let complaint = String::from_utf8_lossy(&output.stderr);
    let read: BTreeMap<String, (String, Vec<String>)> = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {complaint}"));
    let tables: Vec<_> = read.keys().map(String::as_str).collect();
    assert_eq!(tables, TABLES);
    for (table, (head, names)) in read {
        assert!(names.len() > 30, "{table} has {} names", names.len());
        let text = format!("{head}\n{}\n", names.join("\n"));
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("src")
            .join(&table);
        if std::env::var_os("TIGHTSHIP_UPDATE").is_some() {
            std::fs::write(&path, &text).expect("a table");
        }
        let stands = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            stands == text,
            "{table} is out of date: run with TIGHTSHIP_UPDATE=1"
        );
    }
}
