//! Where the tests find the real programs that they compare with. Used by tests only.
//!
//! `./test` installs all of them. What is missing is a failure that says how to mend it; nothing is
//! passed over in silence. The one exception are virtual environments that `./test` itself found
//! impossible on this machine: it prints a skip, which fails CI, and names them in
//! `TIGHTSHIP_SKIPPED_VENVS`.

mod odd_tls;
mod openssl;
mod server;
pub mod tls;

use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub use odd_tls::odd_tls;
pub use openssl::{DH_1024, issue, openssl, self_signed};
pub use server::{Server, free_port, nginx};

/// The root of this repository.
pub fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The interpreter of a virtual environment of `./test`, by its name: `django52`.
///
/// Panics where it is missing.
pub fn python(venv: &str) -> PathBuf {
    let folder =
        env::var_os("TIGHTSHIP_VENVS").map_or_else(|| repository().join(".venvs"), PathBuf::from);
    let python = folder.join(venv).join("bin/python");
    assert!(
        python.exists(),
        "{} is missing: run ./test, which makes it",
        python.display()
    );
    python
}

/// As [`python`]; `None` where `./test` says that this machine cannot have the environment.
pub fn python_unless_skipped(venv: &str) -> Option<PathBuf> {
    let skipped = env::var("TIGHTSHIP_SKIPPED_VENVS").unwrap_or_default();
    let is_skipped = skipped.split_whitespace().any(|name| name == venv);
    (!is_skipped).then(|| python(venv))
}

/// A program of the system, by its name: `nginx`, `docker-compose`.
///
/// Panics where it is missing.
pub fn program(name: &str) -> PathBuf {
    // Debian keeps servers where the PATH of an ordinary user does not lead.
    const SERVERS: [&str; 2] = ["/usr/sbin", "/usr/local/sbin"];
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(SERVERS.map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("{name} is not installed: run ./test, which installs it"))
}

/// What `oracle.mjs` of a folder answers to a text, with the node modules that `./test` installs
/// there.
///
/// Panics where they are missing or the script fails.
pub fn ask_node(folder: &Path, question: String) -> Vec<u8> {
    assert!(
        folder.join("node_modules").is_dir(),
        "{} lacks its node modules: run ./test, which installs them",
        folder.display()
    );
    let child = Command::new(program("node"))
        .arg("oracle.mjs")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let answered = child.and_then(|mut child| {
        let stdin = child.stdin.take();
        // Beside the reading: neither pipe may fill while the other is waited for.
        let writer = std::thread::spawn(move || {
            stdin.map_or(Ok(()), |mut stdin| stdin.write_all(question.as_bytes()))
        });
        let output = child.wait_with_output()?;
        match writer.join() {
            Ok(written) => written.map(|()| output),
            Err(_) => Err(io::Error::other("the question was not written")),
        }
    });
    match answered {
        Ok(output) if output.status.success() => output.stdout,
        Ok(output) => panic!(
            "oracle.mjs of {} ends with {}",
            folder.display(),
            output.status
        ),
        Err(error) => panic!("node in {}: {error}", folder.display()),
    }
}

/// The source distribution of Gixy-Next 0.9.0, unpacked.
///
/// Panics where it cannot be fetched.
pub fn gixy_next(cache: &Path) -> PathBuf {
    source_distribution(
        cache,
        "gixy_next-0.9.0",
        "gixy-next==0.9.0 \
         --hash=sha256:f52b2d9a44633c0f8c8057aeed8588bd1ca571fd9d7de5dbe1843de5fe7db1b1",
    )
}

/// The source distribution of pyspf 2.0.14, unpacked: it ships the suite of RFC 7208.
///
/// Panics where it cannot be fetched.
pub fn pyspf(cache: &Path) -> PathBuf {
    source_distribution(
        cache,
        "pyspf-2.0.14",
        "pyspf==2.0.14 \
         --hash=sha256:57a7ef01bda090173aafb6af0106251686ed73f03db4e911fcd34c57fc347186",
    )
}

/// The source distribution of django-sslserver 0.20, unpacked: it ships a certificate with its key.
///
/// Panics where it cannot be fetched.
pub fn django_sslserver(cache: &Path) -> PathBuf {
    source_distribution(
        cache,
        "django-sslserver-0.20",
        "django-sslserver==0.20 \
         --hash=sha256:6b2514427b4eed0713e478ae6dfdda622070a98f657d61a4502bf42b6311c66e",
    )
}

/// A package of npm, unpacked and without what it depends on: `webpack-dev-server` of version `2.4.1`.
///
/// Panics where it cannot be fetched.
pub fn node_package(cache: &Path, name: &str, version: &str) -> PathBuf {
    let folder = format!("{name}-{version}");
    let package = cache.join(&folder);
    if package.is_dir() {
        return package;
    }
    let fetched = cache.join(format!("{folder}.{}", std::process::id()));
    let prepared = fs::create_dir_all(&fetched);
    assert!(prepared.is_ok(), "{} cannot be written", fetched.display());
    run(Command::new(program("npm"))
        .args(["pack", "--silent", "--ignore-scripts"])
        .arg(format!("{name}@{version}"))
        .current_dir(&fetched)
        .stdout(Stdio::null())
        .stderr(Stdio::null()));
    // Its fields of old tar programs are warned of, one by one.
    run(Command::new("tar")
        .args(["--warning=no-unknown-keyword", "-xzf"])
        .arg(format!("{folder}.tgz"))
        .current_dir(&fetched));
    keep(&fetched.join("package"), &package, &fetched);
    package
}

/// A source distribution, fetched from the package index by name where `cache` does not hold it
/// yet. Nothing of it is in this repository.
fn source_distribution(cache: &Path, folder: &str, requirement: &str) -> PathBuf {
    let suite = cache.join(folder);
    if suite.is_dir() {
        return suite;
    }
    let fetched = cache.join(format!("{folder}.{}", std::process::id()));
    let prepared = fs::create_dir_all(&fetched)
        .and_then(|()| fs::write(fetched.join("requirements.txt"), requirement));
    assert!(prepared.is_ok(), "{} cannot be written", fetched.display());
    let pip = [
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--no-binary",
        ":all:",
    ];
    run(Command::new(python("django52"))
        .args(pip)
        .args([
            "--disable-pip-version-check",
            "--requirement",
            "requirements.txt",
        ])
        .current_dir(&fetched));
    run(Command::new("tar")
        .arg("-xzf")
        .arg(format!("{folder}.tar.gz"))
        .current_dir(&fetched));
    keep(&fetched.join(folder), &suite, &fetched);
    suite
}

/// Moves what was unpacked to where it is kept.
fn keep(unpacked: &Path, kept: &Path, scratch: &Path) {
    // Another test may have been faster; its copy is the same.
    if fs::rename(unpacked, kept).is_err() {
        assert!(kept.is_dir(), "{} could not be made", kept.display());
    }
    // What is left lies below `target`: no loss where it stays.
    let _ = fs::remove_dir_all(scratch);
}

fn run(command: &mut Command) {
    let status = command.status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "{command:?} failed: is the package index within reach?"
    );
}
