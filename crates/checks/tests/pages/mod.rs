//! Reads a check's page: its sections and its examples.
//!
//! An example is a heading `### Fires: title` (or `Passes`, `Unknown`, `Not applicable`) under
//! `## Examples`, with one fenced block for each file: the words after the fence are its language
//! and its path. Three paths are special: `environment` is the production environment in `.env`
//! syntax, `message` holds, line by line, what the findings' messages must contain, `git` names the
//! files that are committed, `private` those that only their owner may read, `tightship.toml` gives
//! thresholds and `drills.json` the drills that were timed;
//! `site.http` is what the live site answers, in the form of
//! `tightship_observe::site::http::transcript`, `site.dns` what the DNS says of it, in that of
//! `tightship_observe::site::dns::transcript`, and `site.json` a capture as it is kept. Without a `manage.py` the example gets one that names `settings`, the file `settings.py`.

use std::collections::BTreeSet;

use tightship_model::site::Site;
use tightship_model::site::dns::Dns;
use tightship_model::{Deployment, Drill, Policy};
use tightship_observe::site::{dns, http::transcript};
use tightship_read::Options;

pub(crate) struct Page {
    pub(crate) title: String,
    pub(crate) sections: BTreeSet<String>,
    pub(crate) examples: Vec<Example>,
}

pub(crate) struct Example {
    pub(crate) expected: Expected,
    pub(crate) title: String,
    pub(crate) files: Vec<(String, String)>,
    pub(crate) environment: Option<String>,
    /// The files that git keeps; `None` where the example is no checkout.
    pub(crate) tracked: Option<Vec<String>>,
    /// The files of mode 600; all others have 644.
    pub(crate) private: Vec<String>,
    pub(crate) messages: Vec<String>,
    pub(crate) policy: Policy,
    pub(crate) drills: Vec<Drill>,
    pub(crate) site: Option<Site>,
    pub(crate) dns: Option<Dns>,
}

#[derive(serde::Deserialize)]
struct Config {
    thresholds: Policy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    Fires,
    Passes,
    Unknown,
    NotApplicable,
}

const MANAGE_PY: &str = "import os\n\
    os.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"settings\")\n";

impl Page {
    pub(crate) fn parse(text: &str) -> Self {
        let mut page = Self {
            title: String::new(),
            sections: BTreeSet::new(),
            examples: Vec::new(),
        };
        let mut section = String::new();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if line.starts_with("```") {
                let fence = line.trim_start_matches('`');
                // A file that holds fences itself stands in a longer one.
                let end = &line[..line.len() - fence.len()];
                let body: Vec<_> = lines.by_ref().take_while(|line| *line != end).collect();
                let path = fence.split_once(' ').map_or("", |(_, path)| path.trim());
                if section == "Examples" && !path.is_empty() {
                    let example = page
                        .examples
                        .last_mut()
                        .expect("a heading before the fence");
                    example.add(path, body.join("\n") + "\n");
                }
            } else if let Some(heading) = line.strip_prefix("### ") {
                if section == "Examples" {
                    page.examples.push(Example::titled(heading));
                }
            } else if let Some(heading) = line.strip_prefix("## ") {
                section = heading.trim().to_owned();
                page.sections.insert(section.clone());
            } else if let Some(heading) = line.strip_prefix("# ") {
                page.title = heading.trim().to_owned();
            }
        }
        page
    }
}

impl Example {
    fn titled(heading: &str) -> Self {
        let (word, title) = heading.split_once(": ").unwrap_or((heading, ""));
        let expected = match word.trim() {
            "Fires" => Expected::Fires,
            "Passes" => Expected::Passes,
            "Unknown" => Expected::Unknown,
            "Not applicable" => Expected::NotApplicable,
            other => panic!("an example is called {other:?}"),
        };
        Self {
            expected,
            title: title.trim().to_owned(),
            files: Vec::new(),
            environment: None,
            tracked: None,
            private: Vec::new(),
            messages: Vec::new(),
            policy: Policy::default(),
            drills: Vec::new(),
            site: None,
            dns: None,
        }
    }

    fn add(&mut self, path: &str, body: String) {
        match path {
            "environment" => self.environment = Some(body),
            "git" => self.tracked = Some(body.lines().map(str::to_owned).collect()),
            "private" => self.private = body.lines().map(str::to_owned).collect(),
            "message" => self.messages = body.lines().map(str::to_owned).collect(),
            "tightship.toml" => {
                let config: Config = toml::from_str(&body).expect("thresholds");
                self.policy = config.thresholds;
            }
            "drills.json" => self.drills = serde_json::from_str(&body).expect("drills"),
            "site.http" => {
                let read = transcript::read(&body);
                self.site = Some(read.unwrap_or_else(|error| panic!("{}: {error}", self.title)));
            }
            "site.dns" => {
                let read = dns::transcript::read(&body);
                self.dns = Some(read.unwrap_or_else(|error| panic!("{}: {error}", self.title)));
            }
            "site.json" => self.site = Some(serde_json::from_str(&body).expect("a capture")),
            path => self.files.push((path.to_owned(), body)),
        }
    }

    /// Lays the files out in a folder of their own and reads them.
    pub(crate) fn read(&self) -> Deployment {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let write = |path: &str, body: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(&path, body).expect("a file");
            allow(&path, 0o644);
        };
        for (path, body) in &self.files {
            write(path, body);
        }
        if self.files.iter().any(|(path, _)| path == "settings.py") {
            write("manage.py", MANAGE_PY);
        }
        for path in &self.private {
            allow(&folder.path().join(path), 0o600);
        }
        if let Some(tracked) = &self.tracked {
            commit(folder.path(), tracked);
        }
        let environment = tempfile::NamedTempFile::new().expect("a temporary file");
        let mut options = Options {
            now: 1_800_000_000,
            policy: self.policy.clone(),
            ..Options::default()
        };
        if let Some(text) = &self.environment {
            std::fs::write(environment.path(), text).expect("the environment");
            options.env_file = Some(environment.path().to_owned());
        }
        let mut deployment =
            tightship_read::read(folder.path(), &options).expect("a readable project");
        deployment.drills = self.drills.clone();
        deployment.site = self.site.clone();
        if let Some(dns) = &self.dns {
            let site = deployment.site.get_or_insert_default();
            site.dns = Some(dns.clone());
        }
        deployment
    }
}

/// Makes a checkout of a folder, with these files in its index.
fn commit(folder: &std::path::Path, tracked: &[String]) {
    let git = |arguments: &[&str]| {
        let done = std::process::Command::new("git")
            .args(arguments)
            .current_dir(folder)
            .output()
            .expect("git is installed");
        assert!(done.status.success(), "{done:?}");
    };
    git(&["init", "--quiet"]);
    let mut arguments = vec!["add", "--force", "--"];
    arguments.extend(tracked.iter().map(String::as_str));
    git(&arguments);
}

/// Gives a file its mode, on systems that have them.
fn allow(path: &std::path::Path, mode: u32) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(path, permissions).expect("a mode");
    }
    #[cfg(not(unix))]
    let _ = (path, mode);
}
