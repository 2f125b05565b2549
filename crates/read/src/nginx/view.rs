//! The files as one nginx sees them: paths of its container or machine.

use std::collections::{BTreeMap, BTreeSet};

use tightship_model::compose::MountKind;
use tightship_model::image::{Action, Image};
use tightship_model::{Containers, Environment, Files, Place};

use super::template::{self, Named, Rendered};
use super::{glob, stock};
use crate::files::{Tree, join};

/// Paths of one container that are listed.
const MOST_PATHS: usize = 50_000;

/// Where an nginx runs, and with it which of the project's files it sees.
#[derive(Debug)]
pub(super) struct View<'a> {
    inside: Inside<'a>,
    files: &'a Files,
    family: stock::Family,
    /// The paths that are known to be there, by path of the container: where in the project.
    paths: BTreeMap<String, String>,
    /// Texts that are made when the container starts: the template's path in the project.
    rendered: BTreeMap<String, (String, Rendered)>,
    /// What a Dockerfile removes from the image.
    removed: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Inside<'a> {
    Service(Containers<'a>, &'a str),
    Image(&'a Image),
    /// This folder of the project becomes the folder of nginx's configuration.
    Folder(&'a str),
}

/// What stands behind a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// A file of the project.
    File(String),
    /// A text made of this template of the project.
    Rendered(String),
    /// A file of the image or package.
    Stock(&'static str),
    /// The project does not hold it; why.
    Missing(String),
}

/// What a pattern matches.
#[derive(Debug, Default)]
pub(super) struct Matches {
    /// In the order in which nginx takes them.
    pub(super) paths: Vec<String>,
    /// Why others may match too.
    pub(super) unknown: Option<String>,
}

impl<'a> View<'a> {
    pub(super) fn new(inside: Inside<'a>, files: &'a Files, family: stock::Family) -> Self {
        let mut view = Self {
            inside,
            files,
            family,
            paths: BTreeMap::new(),
            rendered: BTreeMap::new(),
            removed: Vec::new(),
        };
        match inside {
            Inside::Service(containers, service) => {
                if let Some(image) = containers.image(service) {
                    view.image(image);
                }
                view.mounts(containers, service);
            }
            Inside::Image(image) => view.image(image),
            Inside::Folder(_) => {}
        }
        view
    }

    pub(super) fn family(&self) -> stock::Family {
        self.family
    }

    /// The text of a rendered path.
    pub(super) fn rendered(&self, path: &str) -> Option<&Rendered> {
        Some(&self.rendered.get(path)?.1)
    }

    /// The paths of the container that the project fills.
    pub(super) fn paths(&self) -> impl Iterator<Item = (&str, &str)> {
        self.paths
            .iter()
            .map(|(path, file)| (path.as_str(), file.as_str()))
    }

    /// Makes a text from a template of the container.
    pub(super) fn render(
        &mut self,
        tree: &mut Tree,
        template: &str,
        output: &str,
        environment: &Environment,
        named: &Named,
    ) {
        let Seen::File(file) = self.look(template) else {
            return;
        };
        if let Some(source) = tree.read(&file) {
            let rendered = template::render(tree.text(source), environment, named);
            self.rendered.insert(output.to_owned(), (file, rendered));
        }
    }

    /// What stands behind an absolute path.
    pub(super) fn look(&self, path: &str) -> Seen {
        if let Some((file, _)) = self.rendered.get(path) {
            return Seen::Rendered(file.clone());
        }
        let missing = match self.place(path) {
            Ok(file) => return Seen::File(file),
            Err(None) if self.is_folder(path) => Some("where a folder is mounted".to_owned()),
            Err(missing) => missing,
        };
        let is_removed = self.removed.iter().any(|removed| {
            removed == path || glob::regex(removed).is_some_and(|removed| removed.is_match(path))
        });
        let is_official = self.family.is_official && missing.is_none() && !is_removed;
        if let Some(text) = stock::content(path, is_official) {
            return Seen::Stock(text);
        }
        Seen::Missing(missing.unwrap_or_else(|| "which the project does not hold".to_owned()))
    }

    /// The paths that a pattern matches.
    pub(super) fn matching(&self, pattern: &str) -> Matches {
        let Some(regex) = glob::regex(pattern) else {
            return Matches::default();
        };
        let mut found = BTreeSet::new();
        let known = self
            .paths
            .keys()
            .chain(self.rendered.keys())
            .map(String::as_str);
        let known = known.chain(stock::OFFICIAL);
        found.extend(known.filter(|path| regex.is_match(path)).map(str::to_owned));
        if let Inside::Folder(folder) = self.inside
            && let Some(rest) = self.relative(glob::folder(pattern))
        {
            let below = join(folder, rest);
            let prefix = glob::folder(pattern);
            let files = self.files.below(&below).take(MOST_PATHS);
            let paths = files.map(|file| format!("{prefix}{}", &file[below.len()..]));
            found.extend(paths.filter(|path| regex.is_match(path)));
        }
        found.retain(|path| !matches!(self.look(path), Seen::Missing(_)));
        Matches {
            paths: found.into_iter().collect(),
            unknown: self
                .place(&format!("{}/", glob::folder(pattern)))
                .err()
                .flatten(),
        }
    }

    /// The file of the project behind a path; otherwise why it is not the image's own affair.
    fn place(&self, path: &str) -> Result<String, Option<String>> {
        if let Some(file) = self.paths.get(path) {
            return Ok(file.clone());
        }
        let place = match self.inside {
            Inside::Service(containers, service) => containers.locate(service, path).place,
            Inside::Image(image) => image.content(self.files, path).0,
            Inside::Folder(folder) => {
                let file = self.relative(path).map(|rest| join(folder, rest));
                let file = file.filter(|file| self.files.has_file(file));
                return file.ok_or(Some("which the project does not hold".to_owned()));
            }
        };
        match place {
            Place::Repository(file) | Place::Copied(file) => {
                let file = file.trim_end_matches('/').to_owned();
                if self.files.has_file(&file) {
                    Ok(file)
                } else if self.files.has_folder(&file) {
                    Err(None)
                } else {
                    Err(Some(format!(
                        "which comes from {file}; that is not in the project"
                    )))
                }
            }
            Place::Host(folder) => Err(Some(format!("which comes from {folder} of the host"))),
            Place::Volume { name, .. } => {
                let name = name.unwrap_or_else(|| "without a name".to_owned());
                Err(Some(format!("which lies in the volume {name}")))
            }
            Place::Tmpfs => Err(Some("which lies in memory and begins empty".to_owned())),
            Place::Unknown(reason) => Err(Some(format!("which is not known: {reason}"))),
            Place::Image => Err(self.in_unknown_image()),
        }
    }

    /// Whether the project fills places below a path.
    fn is_folder(&self, path: &str) -> bool {
        let below = format!("{path}/");
        let mut paths = self.paths.range(below.clone()..);
        paths
            .next()
            .is_some_and(|(path, _)| path.starts_with(&below))
    }

    /// Why a path of the image may hold anything; `None` where the image is known.
    fn in_unknown_image(&self) -> Option<String> {
        let is_known = self.family.is_official;
        (!is_known).then(|| "which the image may hold".to_owned())
    }

    fn mounts(&mut self, containers: Containers<'_>, service: &str) {
        let Some(found) = containers.compose.service(service) else {
            return;
        };
        let mut paths = Vec::new();
        for (mount, _) in containers.mounts(found, 0) {
            let Some(folder) = mount
                .path
                .as_ref()
                .filter(|_| mount.kind == MountKind::Bind)
            else {
                continue;
            };
            let target = mount.target.value.trim_end_matches('/');
            if self.files.has_file(folder) {
                paths.push((target.to_owned(), folder.clone()));
                continue;
            }
            for file in self.files.below(folder).take(MOST_PATHS) {
                let rest = file[folder.len()..].trim_start_matches('/');
                paths.push((format!("{target}/{rest}"), file.to_owned()));
            }
        }
        for (path, file) in paths {
            self.add(path, file);
        }
        // A mount may hide what lies below it.
        let hidden: Vec<String> = self
            .paths
            .iter()
            .filter(
                |(path, file)| match containers.locate(service, path).place {
                    Place::Repository(seen) | Place::Copied(seen) => seen != **file,
                    _ => true,
                },
            )
            .map(|(path, _)| path.clone())
            .collect();
        for path in hidden {
            self.paths.remove(&path);
        }
    }

    /// What a Dockerfile copies, links and removes.
    fn image(&mut self, image: &Image) {
        let mut copied = Vec::new();
        for file in image
            .context_files(self.files)
            .filter(|file| may_be_read(file))
        {
            for copy in image.copies_of(file) {
                if let Some(path) = copy.destination {
                    copied.push((path, file.to_owned()));
                }
            }
        }
        for (path, file) in copied {
            self.add(path, file);
        }
        for instruction in image.instructions() {
            let Action::Run(run) = &instruction.action else {
                continue;
            };
            let script = run.argv.script().map(str::to_owned);
            let script = script.unwrap_or_else(|| run.argv.words.join(" "));
            for command in script.split(['&', ';', '|', '\n']) {
                self.command(command);
            }
        }
    }

    /// What a command of a build removes and links.
    fn command(&mut self, command: &str) {
        let words: Vec<&str> = command.split_whitespace().collect();
        let paths = || words.iter().skip(1).filter(|word| word.starts_with('/'));
        match words.first() {
            Some(&"rm") => {
                let removed = paths().map(|path| (*path).to_owned());
                self.removed.extend(removed);
                let gone = |path: &String| {
                    paths().any(|removed| {
                        path == removed || glob::regex(removed).is_some_and(|it| it.is_match(path))
                    })
                };
                self.paths.retain(|path, _| !gone(path));
            }
            Some(&("ln" | "mv" | "cp")) => {
                let found: Vec<&&str> = paths().collect();
                let [from, to] = found.as_slice() else {
                    return;
                };
                let Some(file) = self.paths.get(**from).cloned() else {
                    return;
                };
                let name = from.rsplit('/').next().unwrap_or_default();
                let is_folder = to.ends_with('/')
                    || !to.rsplit('/').next().unwrap_or_default().contains('.')
                        && FOLDERS.iter().any(|folder| to.ends_with(folder));
                let path = match is_folder {
                    true => format!("{}/{name}", to.trim_end_matches('/')),
                    false => (**to).to_owned(),
                };
                if words[0] == "mv" {
                    self.paths.remove(**from);
                }
                self.add(path, file);
            }
            _ => {}
        }
    }

    fn add(&mut self, path: String, file: String) {
        if self.paths.len() < MOST_PATHS {
            self.paths.insert(path, file);
        }
    }

    /// A path below the folder of the configuration.
    fn relative<'p>(&self, path: &'p str) -> Option<&'p str> {
        let folder = self
            .family
            .root
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder);
        let rest = path.strip_prefix(folder)?;
        let rest = rest.trim_end_matches('/');
        (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_start_matches('/'))
    }
}

/// Whether a file of a build context may be one of nginx's, by its name.
fn may_be_read(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    match name.rsplit_once('.') {
        Some((_, extension)) => EXTENSIONS.contains(&extension),
        None => true,
    }
}

const EXTENSIONS: [&str; 10] = [
    "conf", "template", "inc", "types", "nginx", "vhost", "site", "params", "snippet", "tmpl",
];

/// Folders that files are linked into by name.
const FOLDERS: [&str; 3] = ["sites-enabled", "conf.d", "http.d"];
