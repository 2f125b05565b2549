//! The names of the files of the repository.

use std::collections::{BTreeMap, BTreeSet};

/// What lies in the repository, by path relative to the root with `/` between the parts.
#[derive(Clone, Debug, Default)]
pub struct Files {
    pub paths: BTreeSet<String>,
    pub folders: BTreeSet<String>,
    /// Folders that were seen and not listed: `.git`, `node_modules`.
    pub unlisted: BTreeSet<String>,
    /// Permission bits (`0o640`) of files that hold secrets; none on systems without them.
    pub modes: BTreeMap<String, u32>,
}

impl Files {
    pub fn has_file(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    /// Whether a folder is there, listed or not; `""` is the root.
    pub fn has_folder(&self, path: &str) -> bool {
        path.is_empty() || self.folders.contains(path) || self.unlisted.contains(path)
    }

    /// The files below a folder, sorted; `""` is the root.
    pub fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a str> {
        let prefix = match folder {
            "" => String::new(),
            _ => format!("{folder}/"),
        };
        self.paths
            .range(prefix.clone()..)
            .take_while(move |path| path.starts_with(&prefix))
            .map(String::as_str)
    }
}

/// A path from `/`, without `.`, `..` and doubled slashes; `..` above `/` stays there, as for the
/// kernel where no link is on the way.
pub fn absolute(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}
