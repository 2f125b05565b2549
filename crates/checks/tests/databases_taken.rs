//! The databases and drivers that each Django takes, held against the packages themselves.

use std::path::Path;
use std::process::Command;

/// The Djangos that the tests install, by the name of their environment.
const DJANGOS: [(&str, &str); 4] = [
    ("django42", "4.2"),
    ("django52", "5.2"),
    ("django60", "6.0"),
    ("django61", "6.1"),
];

/// Prints the line of the table that this Django would have.
const ASK: &str = r#"
import re, types, pathlib
import django
from django.conf import settings

settings.configure()
backends = pathlib.Path(django.__file__).parent / "db/backends"
postgres = (backends / "postgresql/features.py").read_text()
mysql = (backends / "mysql/features.py").read_text()
base = (backends / "postgresql/base.py").read_text()


def dotted(numbers):
    return ".".join(re.findall(r"\d+", numbers))


taken = re.search(r"minimum_database_version = \((.*?)\)", postgres)[1]
mariadb, plain = re.search(
    r"def minimum_database_version.*?return \((.*?)\).*?return \((.*?)\)", mysql, re.S
).groups()
psycopg2 = re.search(r"if psycopg_version\(\) < \((.*?)\)", base)[1]
psycopg = re.search(r"<= psycopg_version\(\) < \((.*?)\)", base)[1]
print(*map(dotted, (taken, plain, mariadb, psycopg2, psycopg)), sep="\t")
"#;

#[test]
fn the_table_holds_what_django_takes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cross/databases.tsv");
    let table = std::fs::read_to_string(path).expect("a table");
    for (environment, release) in DJANGOS {
        let output = Command::new(tightship_testbed::python(environment))
            .args(["-c", ASK])
            .output()
            .expect("Python runs");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{release}: {complaint}");
        let line = format!("{release}\t{}", String::from_utf8_lossy(&output.stdout));
        assert!(table.contains(&line), "{line:?} is not in\n{table}");
    }
}
