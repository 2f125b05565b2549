//! Files to model: reads a project without running it and states what it says.
//!
//! [`read`] walks the tree, finds the Django project, chooses the environment, evaluates the
//! settings and extracts facts from the code. It judges nothing.

mod dotenv;
mod files;
#[cfg(test)]
mod oracle;
mod python;
mod urls;

use std::path::{Path, PathBuf};

use tightship_model::{Deployment, Policy};

pub use files::Tree;

/// What the user decided beforehand.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The settings module to judge instead of the one that the project names.
    pub settings: Option<String>,
    /// A file in `.env` syntax that is the production environment.
    pub env_file: Option<PathBuf>,
    /// Variables set on top of the environment.
    pub env: Vec<(String, String)>,
    /// Seconds since 1970-01-01 UTC.
    pub now: i64,
    pub policy: Policy,
}

/// Why nothing could be read at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0} does not exist")]
    NoSuchPath(PathBuf),
    #[error("{0} is not a folder")]
    NotAFolder(PathBuf),
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
}

/// Reads the project below `root`.
pub fn read(root: &Path, options: &Options) -> Result<Deployment, Error> {
    let tree = Tree::walk(root)?;
    let (sources, gaps) = tree.into_parts();
    Ok(Deployment {
        now: options.now,
        policy: options.policy.clone(),
        sources,
        gaps,
        ..Deployment::default()
    })
}
