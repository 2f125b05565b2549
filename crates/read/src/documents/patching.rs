//! Where the project has the system install its security updates by itself, or keeps it from that.

use tightship_model::{Patching, SourceId, Span};

use super::backups::{LARGEST, may_tell};
use super::is_document;
use crate::files::Tree;

/// Places that are kept.
const MOST: usize = 20;

/// What installs them, in lower case: Debian's and Ubuntu's package and its timer, those of Fedora and
/// Red Hat, of older ones of these, and of openSUSE.
const INSTALLERS: [&str; 6] = [
    "unattended-upgrade",
    "apt-daily-upgrade",
    "dnf-automatic",
    "dnf5-automatic",
    "yum-cron",
    "transactional-update.timer",
];

/// Words of a line that switch it on, and such that switch it off for good.
const ON: [&str; 5] = ["install", "enable", "reconfigure", "present", "\"1\""];
const OFF: [&str; 11] = [
    "remove",
    "purge",
    "disable",
    " mask ",
    "absent",
    "enabled: no",
    "enabled: false",
    "enabled=no",
    "enabled=false",
    "boolean false",
    "\"0\"",
];

/// The lines, in files that tell the server or people what to run. Machines of a pipeline and images are
/// not the server.
pub(super) fn find(tree: &mut Tree) -> Vec<Patching> {
    let is_of_server =
        |path: &&str| may_tell(path) && !path.starts_with(".git") && !path.contains("Dockerfile");
    let paths: Vec<String> = tree
        .files()
        .filter(is_of_server)
        .map(str::to_owned)
        .collect();
    let mut found = Vec::new();
    for path in paths {
        let is_told = match tree.known(&path) {
            Some(source) => source.is_some_and(|source| speaks(tree.text(source))),
            None => tree.load(&path).is_ok_and(|text| speaks(&text)),
        };
        if is_told && let Some(source) = tree.read(&path) {
            lines(source, tree.text(source), Manner::of(&path), &mut found);
        }
        if found.len() >= MOST {
            break;
        }
    }
    found.truncate(MOST);
    found
}

fn speaks(text: &str) -> bool {
    text.len() <= LARGEST && names_one(&text.to_ascii_lowercase())
}

fn names_one(lower: &str) -> bool {
    INSTALLERS.iter().any(|name| lower.contains(name))
}

/// How the lines of a file hang together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Prose,
    /// A task of Ansible names the package on one line and its state on the next ones.
    Yaml,
    Commands,
}

impl Manner {
    fn of(path: &str) -> Self {
        match path.rsplit('.').next() {
            _ if is_document(path) => Self::Prose,
            Some("yml" | "yaml") => Self::Yaml,
            _ => Self::Commands,
        }
    }
}

fn lines(source: SourceId, text: &str, manner: Manner, found: &mut Vec<Patching>) {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut start = 0;
    for (at, line) in lines.iter().enumerate() {
        let trimmed = line.trim();
        let is_comment =
            manner != Manner::Prose && ["#", "//"].iter().any(|sign| trimmed.starts_with(sign));
        let lower = line.to_ascii_lowercase();
        if !is_comment && names_one(&lower) {
            let mut task = lower;
            if manner == Manner::Yaml {
                let further = lines[at + 1..].iter().take_while(|next| goes_on(next));
                task.extend(further.take(3).map(|line| line.to_ascii_lowercase()));
            }
            let has = |words: &[&str]| words.iter().any(|word| task.contains(word));
            let is_on = match (has(&OFF), has(&ON)) {
                // Prose may warn of it.
                (true, _) if manner == Manner::Prose => None,
                (true, _) => Some(false),
                (false, true) => Some(true),
                (false, false) => None,
            };
            if let Some(is_on) = is_on {
                let begin = start + (line.len() - line.trim_start().len());
                let span = Span::new(source, begin as u32, (begin + trimmed.len()) as u32);
                found.push(Patching { span, is_on });
            }
        }
        start += line.len();
    }
}

/// Whether a line goes on with a mapping.
fn goes_on(line: &str) -> bool {
    let text = line.trim_start();
    text.len() < line.len() && !text.starts_with("- ") && text.contains(':')
}
