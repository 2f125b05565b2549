//! Files that are broken, hostile or not files at all: bounded, located, told, never a panic.

use std::path::Path;

use proptest::prelude::*;
use tightship_model::{Deployment, Gap, Value};
use tightship_read::{Error, Options, read};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn write(root: &Path, path: &str, bytes: impl AsRef<[u8]>) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("its folder");
    std::fs::write(path, bytes).expect("the file");
}

const SETTINGS_ARE_HERE: &str =
    "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')\n";

fn deployment(root: &Path) -> Deployment {
    read(root, &Options::default()).expect("a deployment")
}

fn gap<'a>(deployment: &'a Deployment, place: &str) -> &'a Gap {
    let found = deployment.gaps.iter().find(|gap| gap.place == place);
    found.unwrap_or_else(|| panic!("no gap at {place}: {:?}", deployment.gaps))
}

#[test]
fn no_folder_no_deployment() {
    let options = Options::default();
    assert!(matches!(
        read(Path::new("/no/such/folder"), &options),
        Err(Error::NoSuchPath(_))
    ));
    let root = folder();
    write(root.path(), "file", "");
    assert!(matches!(
        read(&root.path().join("file"), &options),
        Err(Error::NotAFolder(_))
    ));
    assert!(deployment(root.path()).project.no_settings.is_some());
}

#[test]
#[cfg(unix)]
fn links_are_followed_to_files_of_the_project_only() {
    use std::os::unix::fs::symlink;
    let outside = folder();
    write(outside.path(), "requirements.txt", "django==1.0\n");
    let root = folder();
    write(root.path(), "real/pins.txt", "django==5.2\n");
    write(root.path(), "manage.py", "import django\n");
    symlink("real/pins.txt", root.path().join("requirements.txt")).expect("a link");
    symlink(
        outside.path().join("requirements.txt"),
        root.path().join("outside.txt"),
    )
    .expect("a link");
    symlink("loop-b", root.path().join("loop-a")).expect("a link");
    symlink("loop-a", root.path().join("loop-b")).expect("a link");
    symlink(".", root.path().join("real/self")).expect("a link");
    let deployment = deployment(root.path());
    assert_eq!(
        deployment
            .packages
            .get("django")
            .and_then(|p| p.version.as_deref()),
        Some("5.2")
    );
    assert!(
        gap(&deployment, "outside.txt")
            .reason
            .contains("out of the project")
    );
    assert!(gap(&deployment, "loop-a").reason.contains("leads nowhere"));
    assert!(!deployment.gaps.iter().any(|gap| gap.place == "real/self"));
}

#[test]
#[cfg(unix)]
fn what_is_no_regular_file_is_told_and_never_opened() {
    let root = folder();
    write(root.path(), "manage.py", "import django\n");
    let made = std::process::Command::new("mkfifo")
        .arg(root.path().join("docker-compose.yml"))
        .status()
        .expect("mkfifo");
    assert!(made.success());
    let _socket =
        std::os::unix::net::UnixListener::bind(root.path().join("settings.py")).expect("a socket");
    let deployment = deployment(root.path());
    assert!(
        gap(&deployment, "docker-compose.yml")
            .reason
            .contains("not a regular file")
    );
    assert!(
        gap(&deployment, "settings.py")
            .reason
            .contains("not a regular file")
    );
}

#[test]
#[cfg(unix)]
fn what_may_not_be_read_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let root = folder();
    write(root.path(), "manage.py", "import django\n");
    write(root.path(), "requirements.txt", "django\n");
    write(root.path(), "closed/x.py", "x = 1\n");
    let close = |path: &str| {
        let closed = std::fs::Permissions::from_mode(0o000);
        std::fs::set_permissions(root.path().join(path), closed).expect("permissions");
    };
    close("requirements.txt");
    close("closed");
    let is_superuser = std::fs::read(root.path().join("requirements.txt")).is_ok();
    let deployment = deployment(root.path());
    if !is_superuser {
        assert!(
            gap(&deployment, "requirements.txt")
                .reason
                .contains("cannot be read")
        );
        assert!(
            gap(&deployment, "closed")
                .reason
                .contains("cannot be listed")
        );
    }
    let open = std::fs::Permissions::from_mode(0o700);
    std::fs::set_permissions(root.path().join("closed"), open).expect("permissions");
}

#[test]
fn a_file_beyond_the_bound_is_told_with_its_size() {
    let root = folder();
    write(root.path(), "manage.py", "import django\n");
    let file = std::fs::File::create(root.path().join("requirements.txt")).expect("a file");
    file.set_len(61 * 1024 * 1024).expect("its length");
    let reason = deployment(root.path()).gaps.remove(0).reason;
    assert_eq!(reason, "is 61 MB; files beyond 16 MB are not read");
}

#[test]
fn environments_of_tools_are_skipped_and_vendored_code_counts() {
    let root = folder();
    write(root.path(), "manage.py", "import django\n");
    for path in [
        "venv/pyvenv.cfg",
        "venv/lib/x.py",
        "conda/conda-meta/history",
        "conda/y.py",
        "node_modules/z/setup.py",
        "lib/python3.13/site-packages/w.py",
        "{{cookiecutter.slug}}/manage.py",
    ] {
        write(root.path(), path, "import os; os.environ['SEEN']\n");
    }
    write(
        root.path(),
        "vendor/package/module.py",
        "import os; os.environ['VENDORED']\n",
    );
    let deployment = deployment(root.path());
    let names: Vec<_> = deployment
        .facts
        .env_reads
        .iter()
        .map(|read| read.name.as_str())
        .collect();
    assert_eq!(names, ["VENDORED"]);
    assert!(deployment.project.others.is_empty());
}

#[test]
fn encodings_of_settings_and_environment_files() {
    let root = folder();
    write(
        root.path(),
        "manage.py",
        "\u{FEFF}import os, django\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config')\n",
    );
    write(root.path(), "config.py", b"A = 1\0\xff\n");
    let bytes: Vec<u8> = "\u{FEFF}DEBUG=0\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    write(root.path(), ".env.prod", bytes);
    let deployment = deployment(root.path());
    assert_eq!(
        deployment
            .project
            .module
            .as_ref()
            .map(|module| module.name.as_str()),
        Some("config")
    );
    let debug = &deployment.environment.variables["DEBUG"];
    assert_eq!(debug.value.as_str(), Some("0"));
}

/// Real Pythons refuse what they refuse here.
#[test]
fn settings_in_utf_16_are_told_as_refused() {
    let text = "DEBUG = False\nWORD = 'é'\n";
    let units = |unit: fn(u16) -> [u8; 2], mark: &str| -> Vec<u8> {
        let text = format!("{mark}{text}");
        text.encode_utf16().flat_map(unit).collect()
    };
    let marked = format!("\u{FEFF}{text}").into_bytes();
    let latin = |line: &str| {
        let text = format!("{line}\n{text}");
        text.chars().map(|c| c as u8).collect::<Vec<u8>>()
    };
    let files = [
        ("wide_le", units(u16::to_le_bytes, ""), None),
        ("wide_be", units(u16::to_be_bytes, ""), None),
        ("wide_marked", units(u16::to_le_bytes, "\u{FEFF}"), None),
        ("wide_marked_be", units(u16::to_be_bytes, "\u{FEFF}"), None),
        ("marked", marked, Some("é")),
        ("latin", latin("# -*- coding: latin-1 -*-"), Some("é")),
    ];
    for (name, bytes, word) in files {
        let root = folder();
        let manage =
            format!("import os, django\nos.environ['DJANGO_SETTINGS_MODULE'] = '{name}'\n");
        write(root.path(), "manage.py", manage);
        write(root.path(), &format!("{name}.py"), bytes);
        let import = format!("import {name}; assert {name}.WORD == 'é'");
        let run = std::process::Command::new(tightship_testbed::python("django52"))
            .args(["-B", "-c", &import])
            .current_dir(root.path())
            .output()
            .expect("Python runs");
        assert_eq!(run.status.success(), word.is_some(), "{name}");
        let deployment = deployment(root.path());
        let is_refused = |gap: &&Gap| gap.reason.contains("Python refuses");
        let refused = deployment.gaps.iter().find(is_refused);
        assert_eq!(refused.is_none(), word.is_some(), "{name}");
        let settings = deployment.settings.as_ref();
        let found = settings.and_then(|settings| settings.overridden.get("WORD"));
        let found = found.map(|value| value.value.as_str().unwrap_or("not known"));
        assert_eq!(found, word, "{name}");
    }
}

#[test]
fn bombs_and_cycles_meet_their_bounds() {
    let root = folder();
    write(
        root.path(),
        "manage.py",
        format!(
            "import django\n{}x{}\n",
            "(".repeat(10_000),
            ")".repeat(10_000)
        ),
    );
    write(
        root.path(),
        "deep.py",
        format!(
            "from django.conf import settings\nx = {}1\n",
            "settings.A + ".repeat(100_000)
        ),
    );
    write(
        root.path(),
        "wide.py",
        format!("import os\nx = '{}'\n", "a".repeat(5 * 1024 * 1024)),
    );
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..20 {
        bomb += &format!(
            "a{level}: &a{level} [{}]\n",
            vec![format!("*a{}", level - 1); 9].join(", ")
        );
    }
    write(root.path(), "docker-compose.yml", &bomb);
    write(
        root.path(),
        "docker-compose.prod.yml",
        "services:\n  a:\n    extends: b\n    build: .\n  b:\n    extends: a\n    build: .\n",
    );
    let deployment = deployment(root.path());
    assert!(deployment.facts.python_files == 3);
}

#[test]
fn a_broken_compose_file_is_told_with_its_line() {
    let root = folder();
    write(root.path(), "manage.py", "import django\n");
    write(
        root.path(),
        "compose.yml",
        "services:\n  web:\n    build: .\n    environment:\n      A: 1\n   B: [\n",
    );
    let deployment = deployment(root.path());
    assert!(
        deployment
            .gaps
            .iter()
            .any(|gap| gap.place.starts_with("compose.yml:")),
        "{:?}",
        deployment.gaps
    );
}

#[test]
fn a_file_of_nothing_but_faults_is_told_within_bounds() {
    let root = folder();
    write(root.path(), "manage.py", SETTINGS_ARE_HERE);
    write(root.path(), "settings.py", "1 / 0\n".repeat(20_000));
    let gaps = deployment(root.path()).gaps;
    assert_eq!(gaps.len(), 1_000);
    assert_eq!(gaps[999].reason, "more than 999 places could not be read");
}

#[test]
fn what_stands_before_a_nul_byte_is_read() {
    let root = folder();
    write(root.path(), "manage.py", SETTINGS_ARE_HERE);
    write(
        root.path(),
        "settings.py",
        b"DEBUG = True\nA = '\0'\nB = 1\n",
    );
    let deployment = deployment(root.path());
    let reason = &gap(&deployment, "settings.py:2:5").reason;
    assert!(reason.contains("not valid Python"), "{reason}");
    let settings = deployment.settings.expect("settings");
    assert_eq!(settings.overridden["DEBUG"].value, Value::Bool(true));
    assert!(!settings.overridden.contains_key("B"));
    assert!(settings.rest.is_some(), "B may be set");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Any bytes in any of the files that are read give a deployment.
    #[test]
    fn any_bytes_never_panic(
        compose in hostile(), docker in hostile(), requirements in hostile(), lock in hostile(),
        unit in hostile(), dotenv in hostile(), python in hostile(), script in hostile(),
    ) {
        let root = folder();
        write(root.path(), "manage.py", [b"# django\n", python.as_slice()].concat());
        write(root.path(), "wsgi.py", [b"DJANGO_SETTINGS_MODULE = environ\n", python.as_slice()].concat());
        write(root.path(), "compose.yml", [b"services:\n  web:\n    build: .\n    env_file: .env\n    ", compose.as_slice()].concat());
        write(root.path(), "Dockerfile", [b"FROM x\nCOPY . /\nENTRYPOINT /run.sh gunicorn\n", docker.as_slice()].concat());
        write(root.path(), "run.sh", &script);
        write(root.path(), "requirements.txt", &requirements);
        for name in ["uv.lock", "pylock.toml", "pyproject.toml", "Pipfile"] {
            write(root.path(), name, &lock);
        }
        for name in ["Pipfile.lock", "setup.cfg", "setup.py", "environment.yml", "Procfile"] {
            write(root.path(), name, &requirements);
        }
        write(root.path(), "x.service", [b"[Service]\n", unit.as_slice()].concat());
        write(root.path(), ".env", &dotenv);
        deployment(root.path());
    }
}

/// Bytes of any kind, and texts made of the signs that the formats give a meaning.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let signs = prop::sample::select(vec![
        "$",
        "{",
        "}",
        "${A:-",
        "$$",
        "\\",
        "\"",
        "'",
        "\n",
        "\n\n",
        "\r\n",
        "=",
        ":",
        "- ",
        "[",
        "]",
        "#",
        "<<",
        "<<EOF",
        "&a",
        "*a",
        "!reset",
        "  ",
        "\t",
        "A",
        "ß",
        "\u{1F680}",
        "\0",
        "é=",
        "ENV ",
        "ARG ",
        "FROM ",
        "COPY ",
        "RUN ",
        "--settings=",
        "DJANGO_SETTINGS_MODULE",
        "Environment=",
        "environment",
        "command",
        "extends",
        "-r ",
        "django==",
        "export ",
        "if -z",
        "$(",
        "`",
        "]]",
        "[[package]]",
        "name=\"",
        "version",
        "%",
        "@",
        "://",
        ";",
    ]);
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        prop::collection::vec(signs, 0..60).prop_map(|signs| signs.concat().into_bytes()),
    ]
}
