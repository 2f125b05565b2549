//! A project in a folder of its own, and the command run in it.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// 2026-11-22 00:00 UTC: the clock of all runs.
const NOW: &str = "1795305600";

pub(crate) struct Project {
    folder: TempDir,
}

/// What the command answered.
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Project {
    pub(crate) fn empty() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    /// A project with these settings and without an environment.
    pub(crate) fn with_settings(settings: &str) -> Self {
        Self::empty()
            .file(
                "manage.py",
                "import os\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"shop.settings\")\n",
            )
            .file("requirements.txt", "Django==5.2.1\n")
            .file("shop/__init__.py", "")
            .file("shop/settings.py", settings)
    }

    /// One that has a critical finding: `django/debug-on`.
    pub(crate) fn careless() -> Self {
        Self::with_settings("DEBUG = True\nSECRET_KEY = \"insecure\"\nALLOWED_HOSTS = [\"*\"]\n")
    }

    pub(crate) fn file(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
        self
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).expect("a file")
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// The command with the variables that change its behaviour taken away.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tightship"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("SOURCE_DATE_EPOCH", NOW)
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Answer {
        Answer::of(&mut self.command(arguments))
    }

    /// The JSON report.
    pub(crate) fn report(&self, arguments: &[&str]) -> Value {
        let answer = self.run(&[&["check", "--format", "json"], arguments].concat());
        serde_json::from_str(&answer.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", answer.stdout, answer.stderr))
    }
}

impl Answer {
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().expect("the command runs");
        Self {
            code: output.status.code().expect("no signal"),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// Exit code 2 with one line of cause and one of help, and nothing on stdout.
    #[track_caller]
    pub(crate) fn is_failure(&self, cause: &str, help: &str) {
        assert_eq!(self.code, 2, "{}{}", self.stdout, self.stderr);
        assert_eq!(self.stdout, "");
        let lines: Vec<_> = self.stderr.lines().collect();
        let [first, second] = lines[..] else {
            panic!("not two lines: {}", self.stderr);
        };
        assert!(
            first.starts_with("error: ") && first.contains(cause),
            "{first}"
        );
        assert!(
            second.starts_with("help: ") && second.contains(help),
            "{second}"
        );
    }
}

/// The verdict of a check in a JSON report.
#[track_caller]
pub(crate) fn verdict<'a>(report: &'a Value, check: &str) -> &'a Value {
    report["verdicts"]
        .as_array()
        .expect("verdicts")
        .iter()
        .find(|verdict| verdict["check"] == check)
        .unwrap_or_else(|| panic!("{check} has no verdict"))
}
