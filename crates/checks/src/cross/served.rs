//! The folders that nginx hands out files from, on the servers that Django answers on too.

use tightship_model::nginx::Directive;
use tightship_model::{Deployment, Value};
use tightship_predict::nginx::{Handler, Leaf, Matcher};
use tightship_predict::ways::Edge;

use crate::setting::setting;

/// A place of nginx that answers with files.
pub(crate) struct Folder<'e, 'a> {
    pub(super) edge: &'e Edge<'a>,
    pub(super) leaf: Leaf<'e, 'a>,
    /// `root` or `alias`.
    pub(crate) directive: &'a Directive,
    /// What it names, in nginx's container or on its host.
    path: &'a str,
    /// Whether only nginx itself leads there (`internal`).
    pub(super) is_internal: bool,
    /// The beginning of the paths that it answers.
    pub(crate) prefix: &'e str,
}

impl<'e, 'a> Folder<'e, 'a> {
    /// Those of an nginx, but for the proofs for certificates. Folders that regular
    /// expressions choose, or whose names hold variables, are not among them.
    pub(crate) fn all(edge: &'e Edge<'a>) -> Vec<Self> {
        let folder = |leaf: Leaf<'e, 'a>| {
            let Handler::Files(Some(directive)) = leaf.handler else {
                return None;
            };
            let word = directive
                .arguments
                .first()
                .filter(|word| word.is_literal())?;
            let prefix = match leaf.scope.location() {
                None => "/",
                Some(location) => match location.matcher()? {
                    Matcher::Prefix { path, .. } => path.as_str(),
                    _ => return None,
                },
            };
            let is_internal = !leaf.scope.effective("internal").directives.is_empty();
            (word.text.starts_with('/') && !prefix.contains("/.well-known")).then_some(Self {
                edge,
                leaf,
                directive,
                path: &word.text,
                is_internal,
                prefix,
            })
        };
        edge.http.leaves().into_iter().filter_map(folder).collect()
    }

    /// Whether a server that has this place has one at which Django answers as well.
    pub(super) fn is_beside_django(&self, deployment: &'a Deployment) -> bool {
        let number = self.leaf.server.number;
        let ways = self.edge.ways_to_django(deployment);
        ways.iter().any(|way| way.leaf.server.number == number)
    }

    /// The file that answers a path of the site; `None` for paths that another place answers.
    pub(super) fn file(&self, url: &str) -> Option<String> {
        let rest = url.strip_prefix(self.prefix)?;
        Some(match self.directive.is("alias") {
            true => format!("{}{rest}", self.path),
            false => format!("{}{url}", self.path.trim_end_matches('/')),
        })
    }

    /// Whether it is the one, of the folders of its server, that answers a path.
    pub(crate) fn answers(&self, url: &str, all: &[Self]) -> bool {
        let longest = all
            .iter()
            .filter(|other| {
                other.leaf.server.number == self.leaf.server.number && url.starts_with(other.prefix)
            })
            .map(|other| other.prefix.len())
            .max();
        url.starts_with(self.prefix) && longest == Some(self.prefix.len())
    }
}

/// The path of `STATIC_URL` or `MEDIA_URL`: `/media/`; `None` where it is another site's, empty or
/// not known.
pub(crate) fn url_path(deployment: &Deployment, name: &str) -> Option<String> {
    let setting = setting(deployment, name)?;
    let Value::Str(url) = &setting.value.value else {
        return None;
    };
    // Django puts the script name before a relative one, which is `/` for a whole site.
    let path = match url.strip_prefix('/') {
        _ if url.contains("://") || url.starts_with("//") => return None,
        Some(rest) => rest,
        None => url,
    };
    let path = path.trim_end_matches('/');
    (!path.is_empty()).then(|| format!("/{path}/"))
}
