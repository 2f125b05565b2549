//! What stands behind a path of a container: a file of the repository, a volume, the image.
//!
//! Mounts hide what the image holds, and the one with the longest target wins. What the image holds
//! is told by its COPY and ADD instructions; a RUN may have changed it, which no text tells.

use crate::compose::{Compose, Mount, MountKind, Service};
use crate::image::{Action, Copy, CopyFrom};
use crate::{Files, Image, Link, Span, Trail, absolute, ignore};

/// Services that `volumes_from` leads through, and stages that COPY --from does.
const DEEPEST: usize = 16;

/// What is asked about paths in containers. It can be asked before a `Deployment` is complete.
#[derive(Clone, Copy, Debug)]
pub struct Containers<'a> {
    pub compose: &'a Compose,
    pub images: &'a [Image],
    pub files: &'a Files,
}

/// What stands behind a path.
#[derive(Clone, Debug, PartialEq)]
pub struct Location {
    pub place: Place,
    /// Whether the container cannot write there.
    pub read_only: bool,
    /// The mounts and instructions that put it there.
    pub trail: Trail,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Mounted from the repository: the path relative to its root.
    Repository(String),
    /// Mounted from the host, outside of the repository: the path as Compose has it.
    Host(String),
    /// In a volume: its key in the Compose model, `None` for one without a name; and the path in
    /// it, `""` for its root.
    Volume {
        name: Option<String>,
        path: String,
    },
    Tmpfs,
    /// In the image, copied from this path of the repository.
    Copied(String),
    /// In the image, from its base or made in the build; or nothing is there.
    Image,
    /// Text does not tell, and why.
    Unknown(String),
}

/// A service that sees a place, where, and whether it can write.
#[derive(Clone, Debug, PartialEq)]
pub struct Sharer<'a> {
    pub service: &'a str,
    /// Path in its container.
    pub path: String,
    pub read_only: bool,
    pub mount: &'a Mount,
}

/// A file of the build context that an image holds.
#[derive(Clone, Debug)]
pub struct Copied<'a> {
    /// Relative to the root of the repository.
    pub path: String,
    /// In the image; `None` where variables decide that are not known.
    pub destination: Option<String>,
    pub copy: &'a Copy,
}

impl<'a> Containers<'a> {
    /// The image that a service runs, where it is built from a Dockerfile of the repository.
    pub fn image(&self, service: &str) -> Option<&'a Image> {
        let mut images = self.images.iter();
        images.find(|image| image.services.iter().any(|name| name == service))
    }

    /// What stands behind an absolute path in the container of a service.
    pub fn locate(&self, service: &str, path: &str) -> Location {
        let path = absolute(path);
        let Some(found) = self.compose.service(service) else {
            return unknown(format!("there is no service {service}"));
        };
        let mounts = self.mounts(found, 0);
        let behind = mounts.iter().filter_map(|(mount, read_only)| {
            let rest = below(&path, &absolute(&mount.target.value))?;
            Some((mount, *read_only, rest))
        });
        // Of two mounts on one target the later one is on top.
        let longest = behind.max_by_key(|(mount, ..)| absolute(&mount.target.value).len());
        if let Some((mount, read_only, rest)) = longest {
            return mounted(mount, read_only, rest);
        }
        self.granted(found, &path)
            .unwrap_or_else(|| self.in_image(found, &path))
    }

    /// The services that see a place, in the order of the model: through a mount of it, or of a
    /// folder above it.
    pub fn sharers(&self, place: &Place) -> Vec<Sharer<'a>> {
        let mut sharers = Vec::new();
        for service in &self.compose.services {
            for (mount, read_only) in self.mounts(service, 0) {
                let rest = match (place, mounted(mount, read_only, "").place) {
                    (Place::Repository(path), Place::Repository(root)) => below(path, &root),
                    (Place::Host(path), Place::Host(root)) => below(path, &root),
                    (
                        Place::Volume {
                            name: Some(name),
                            path,
                        },
                        Place::Volume {
                            name: Some(other),
                            path: root,
                        },
                    ) if *name == other => below(path, &root),
                    _ => None,
                };
                let Some(rest) = rest else { continue };
                let path = joined(&absolute(&mount.target.value), rest);
                // Of two mounts on one target the later one is on top.
                sharers.retain(|known: &Sharer<'_>| {
                    known.service != service.name || known.path != path
                });
                sharers.push(Sharer {
                    service: &service.name,
                    path,
                    read_only,
                    mount,
                });
            }
        }
        sharers
    }

    /// The mounts of a service, with those that `volumes_from` brings, and whether each is
    /// read-only.
    pub fn mounts(&self, service: &'a Service, depth: usize) -> Vec<(&'a Mount, bool)> {
        let mut mounts = Vec::new();
        if depth < DEEPEST {
            for from in &service.volumes_from {
                let (name, mode) = match from.value.split_once(':') {
                    Some(("container", _)) => continue,
                    Some((name, mode)) => (name, mode),
                    None => (from.value.as_str(), ""),
                };
                let other = self.compose.service(name);
                let theirs = other.map_or_else(Vec::new, |other| self.mounts(other, depth + 1));
                let theirs = theirs.into_iter();
                mounts.extend(theirs.map(|(mount, read_only)| (mount, read_only || mode == "ro")));
            }
        }
        mounts.extend(service.mounts.iter().map(|mount| (mount, mount.read_only)));
        mounts
    }

    /// The secrets and configs that Compose mounts.
    fn granted(&self, service: &Service, path: &str) -> Option<Location> {
        let secrets = service.secrets.iter().map(|grant| {
            let name = grant.target.as_ref().unwrap_or(&grant.source);
            (
                grant,
                joined("/run/secrets", &name.value),
                &self.compose.secrets,
            )
        });
        let configs = service.configs.iter().map(|grant| {
            let name = grant.target.as_ref().unwrap_or(&grant.source);
            (grant, joined("/", &name.value), &self.compose.configs)
        });
        let (grant, _, stored) = secrets
            .chain(configs)
            .find(|(_, target, _)| target == path)?;
        let file = stored.iter().find(|file| file.key == grant.source.value);
        let place = match file.map(|file| (&file.path, &file.file)) {
            Some((Some(path), _)) => Place::Repository(path.clone()),
            Some((None, Some(written))) => Place::Host(written.value.clone()),
            _ => Place::Unknown(format!("{} is kept outside", grant.source.value)),
        };
        let link = Link::new(Some(grant.span), format!("is given to {}", service.name));
        Some(Location {
            place,
            read_only: true,
            trail: Trail::new(vec![link]),
        })
    }

    fn in_image(&self, service: &Service, path: &str) -> Location {
        let Some(image) = self.image(&service.name) else {
            return Location {
                place: Place::Image,
                read_only: is_read_only(service),
                trail: Trail::default(),
            };
        };
        let volume = image.config.volumes.iter().find_map(|volume| {
            let rest = below(path, &absolute(&volume.value))?;
            Some((rest, volume.trail.clone()))
        });
        if let Some((rest, trail)) = volume {
            return Location {
                place: Place::Volume {
                    name: None,
                    path: rest.to_owned(),
                },
                read_only: false,
                trail,
            };
        }
        let (place, trail) = image.content(self.files, path);
        Location {
            place,
            read_only: is_read_only(service),
            trail,
        }
    }
}

impl Image {
    /// What an absolute path of the image holds: [`Place::Copied`] or [`Place::Image`].
    pub fn content(&self, files: &Files, path: &str) -> (Place, Trail) {
        let last = self.chain.last().copied();
        last.and_then(|stage| self.copied_to(files, stage, &absolute(path), 0))
            .unwrap_or((Place::Image, Trail::default()))
    }

    /// The files of the repository that the build context holds, relative to the root, sorted.
    pub fn context_files<'a>(&'a self, files: &'a Files) -> impl Iterator<Item = &'a str> {
        let folder = self.context.as_deref();
        let inside = folder.into_iter().flat_map(|folder| files.below(folder));
        inside.filter(|path| !self.is_ignored(path))
    }

    /// Whether the ignore file leaves out a path, which is relative to the root.
    pub fn is_ignored(&self, path: &str) -> bool {
        let inside = self
            .context
            .as_deref()
            .and_then(|folder| below_folder(path, folder));
        inside.is_some_and(|inside| {
            let ignore = self.ignore.as_ref();
            ignore.is_some_and(|ignore| ignore.judge(inside).is_ignored)
        })
    }

    /// Where the image holds a path of the repository: through every COPY and ADD of the build
    /// context in the stages that make it.
    pub fn copies_of(&self, path: &str) -> Vec<Copied<'_>> {
        let Some(inside) = self
            .context
            .as_deref()
            .and_then(|folder| below_folder(path, folder))
        else {
            return Vec::new();
        };
        if self.is_ignored(path) {
            return Vec::new();
        }
        let copies = self.copies().filter(|copy| copy.from == CopyFrom::Context);
        copies
            .filter(|copy| !copy.leaves_out(inside))
            .filter_map(|copy| {
                let target = copy
                    .sources
                    .iter()
                    .find_map(|source| copy.target(source, inside))?;
                Some(Copied {
                    path: path.to_owned(),
                    destination: copy.destination.as_ref().map(|folder| match target {
                        Target::Itself => folder.clone(),
                        Target::Below(rest) => joined(folder, rest),
                    }),
                    copy,
                })
            })
            .collect()
    }

    /// The last COPY of a stage, or of those below it, that puts something at a path.
    fn copied_to(
        &self,
        files: &Files,
        stage: usize,
        path: &str,
        depth: usize,
    ) -> Option<(Place, Trail)> {
        let stage = self.stages.get(stage)?;
        if depth == DEEPEST {
            return None;
        }
        for made in stage.instructions.iter().rev() {
            let Action::Copy(copy) = &made.action else {
                continue;
            };
            if let Some(found) = self.copied_by(files, copy, path, depth) {
                return Some(found);
            }
        }
        self.copied_to(files, stage.base.stage?, path, depth + 1)
    }

    fn copied_by(
        &self,
        files: &Files,
        copy: &Copy,
        path: &str,
        depth: usize,
    ) -> Option<(Place, Trail)> {
        let rest = below(path, copy.destination.as_deref()?)?;
        let link = |span: Span| Link::new(Some(span), "COPY puts it into the image");
        for source in &copy.sources {
            let source = source.trim_start_matches("./").trim_matches('/');
            let source = if source == "." { "" } else { source };
            let name = source.rsplit('/').next().unwrap_or(source);
            // A file lands under its own name in a folder; of a folder, what it holds does.
            let as_file = match rest.is_empty() {
                true => !copy.into_folder,
                false => rest == name,
            };
            let inner = joined_relative(source, rest);
            match &copy.from {
                CopyFrom::Context if ignore::is_pattern(source) => {
                    let context = self.context.as_deref()?;
                    let lands = |path: &&str| {
                        let inside = below_folder(path, context);
                        let target = inside.and_then(|inside| copy.target(source, inside));
                        matches!(target, Some(Target::Below(inner)) if inner == rest)
                            && inside.is_some_and(|inside| !copy.leaves_out(inside))
                            && !self.is_ignored(path)
                    };
                    if let Some(path) = files.below(context).find(lands) {
                        let place = Place::Copied(path.to_owned());
                        return Some((place, Trail::new(vec![link(copy.span)])));
                    }
                }
                CopyFrom::Context => {
                    let context = self.context.as_deref()?;
                    let candidates = [
                        as_file.then(|| joined_relative(context, source)),
                        Some(joined_relative(context, &inner)),
                    ];
                    let mut candidates = candidates.into_iter().flatten();
                    let found = candidates.find(|path| {
                        (files.has_file(path) || files.has_folder(path)) && !self.is_ignored(path)
                    });
                    let inside = found
                        .as_deref()
                        .and_then(|path| below_folder(path, context));
                    if let Some(inside) = inside
                        && !copy.leaves_out(inside)
                    {
                        let place = Place::Copied(found.unwrap_or_default());
                        return Some((place, Trail::new(vec![link(copy.span)])));
                    }
                }
                CopyFrom::Stage(stage) => {
                    let candidates = [as_file.then(|| source.to_owned()), Some(inner)];
                    for inner in candidates.into_iter().flatten() {
                        let there = self.copied_to(files, *stage, &absolute(&inner), depth + 1);
                        if let Some((place, trail)) = there {
                            let mut links = vec![link(copy.span)];
                            links.extend(trail.links().iter().cloned());
                            return Some((place, Trail::new(links)));
                        }
                    }
                }
                CopyFrom::Image(_) => {}
            }
        }
        None
    }
}

/// Where a file lands, seen from the destination of its COPY.
enum Target<'p> {
    Itself,
    Below(&'p str),
}

impl Copy {
    /// Where a path of the context lands, if the source takes it.
    fn target<'p>(&self, source: &str, path: &'p str) -> Option<Target<'p>> {
        let source = source.trim_start_matches("./").trim_matches('/');
        if source.is_empty() || source == "." {
            return Some(Target::Below(path));
        }
        // The part of the path that the source names: as many parts as the source has.
        let parts = source.split('/').count();
        let end = path.match_indices('/').nth(parts - 1).map(|(at, _)| at);
        let named = &path[..end.unwrap_or(path.len())];
        let is_named = match ignore::is_pattern(source) {
            true => ignore::matches_path(source, named),
            false => named == source,
        };
        match (is_named, end) {
            (false, _) => None,
            _ if self.parents => Some(Target::Below(path)),
            (true, Some(end)) => Some(Target::Below(&path[end + 1..])),
            (true, None) if self.into_folder => {
                Some(Target::Below(named.rsplit('/').next().unwrap_or(named)))
            }
            (true, None) => Some(Target::Itself),
        }
    }

    fn leaves_out(&self, path: &str) -> bool {
        self.excludes
            .iter()
            .any(|pattern| ignore::covers(pattern, path))
    }
}

fn mounted(mount: &Mount, read_only: bool, rest: &str) -> Location {
    let source = mount.source.as_ref();
    let place = match (mount.kind, &mount.path, source) {
        (MountKind::Bind, Some(path), _) => Place::Repository(joined_relative(path, rest)),
        (MountKind::Bind, None, Some(source)) => match source.known() {
            Some(path) => Place::Host(joined(&normal_host(path), rest)),
            None => Place::Unknown(format!("the source depends on {}", source.open.join(", "))),
        },
        (MountKind::Volume | MountKind::Cluster, _, source) => {
            let option = |entry: &&crate::compose::Entry| entry.key == "volume.subpath";
            let subpath = mount.options.iter().find(option);
            let subpath = subpath.map_or("", |entry| entry.value.value.trim_matches('/'));
            Place::Volume {
                name: source.map(|source| source.value.clone()),
                path: joined_relative(subpath, rest),
            }
        }
        (MountKind::Tmpfs, ..) => Place::Tmpfs,
        _ => Place::Unknown("its mount names no folder".to_owned()),
    };
    let link = Link::new(Some(mount.span), "is mounted here");
    Location {
        place,
        read_only,
        trail: Trail::new(vec![link]),
    }
}

fn is_read_only(service: &Service) -> bool {
    let read_only = service.read_only.as_ref();
    read_only.and_then(|text| text.as_bool()) == Some(true)
}

fn unknown(reason: String) -> Location {
    Location {
        place: Place::Unknown(reason),
        read_only: false,
        trail: Trail::default(),
    }
}

/// The part of a path below a folder, `""` for the folder itself.
fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(folder.trim_end_matches('/'))?;
    match rest.strip_prefix('/') {
        Some(rest) => Some(rest),
        None if rest.is_empty() => Some(rest),
        None if folder.is_empty() => Some(rest),
        None => None,
    }
}

/// The same for paths relative to the root, whose folder is `""`.
fn below_folder<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    match folder {
        "" => Some(path),
        _ => below(path, folder),
    }
}

fn joined(folder: &str, rest: &str) -> String {
    match rest {
        "" => folder.to_owned(),
        _ if rest.starts_with('/') => rest.to_owned(),
        _ => format!("{}/{rest}", folder.trim_end_matches('/')),
    }
}

fn joined_relative(folder: &str, rest: &str) -> String {
    match (folder, rest) {
        ("", rest) => rest.to_owned(),
        (folder, "") => folder.to_owned(),
        (folder, rest) => format!("{folder}/{rest}"),
    }
}

/// A path of the host; one that is not absolute (`~/data`) stays as it is.
fn normal_host(path: &str) -> String {
    match path.starts_with('/') {
        true => absolute(path),
        false => path.trim_end_matches('/').to_owned(),
    }
}
