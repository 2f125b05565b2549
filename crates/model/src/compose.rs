//! What Docker Compose is told to run: the file set of production as one.
//!
//! The words are those of the Compose specification. Each value stands after interpolation, merge,
//! `include` and `extends`, in its long form, with the way it came.

use std::collections::BTreeMap;

use crate::{Environment, SourceId, Span, Traced, Trail, Value};

/// The file set of production, put together.
#[derive(Clone, Debug, Default)]
pub struct Compose {
    /// The files that are merged, the base first.
    pub files: Vec<SourceId>,
    /// Files that these take in by `include` and `extends`.
    pub taken_in: Vec<SourceId>,
    /// The project directory, relative to the root: relative paths begin here.
    pub folder: String,
    /// The top-level `name`, where the files give one.
    pub name: Option<Text>,
    /// Why these files are production's: `docker-compose.prod.yml names production`.
    pub chosen_because: Trail,
    /// Other Compose files, which do not count.
    pub not_chosen: Vec<NotChosen>,
    /// In the order of the files.
    pub services: Vec<Service>,
    pub networks: Vec<Network>,
    pub volumes: Vec<Volume>,
    pub secrets: Vec<StoredFile>,
    pub configs: Vec<StoredFile>,
}

/// A file set that is the developers' own where the repository holds none of production.
#[derive(Clone, Debug, Default)]
pub struct DevelopersCompose {
    pub compose: Compose,
    /// The service that answers requests.
    pub service: String,
    /// What says so, at its place: `its service web starts Django's own server and mounts the code`.
    pub because: Trail,
}

/// A Compose file that is not one of production's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotChosen {
    /// Relative to the root.
    pub path: String,
    pub reason: String,
}

/// A scalar after interpolation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text {
    /// As Compose reads it while all of `open` are unset.
    pub value: String,
    /// Variables in it that no file sets: the shell that starts Compose may. Sorted.
    pub open: Vec<String>,
    /// Those of `open` without a default: Compose then warns and puts nothing in their place.
    pub blank: Vec<String>,
    /// Those of `open` without which Compose refuses to start (`${NAME:?}`).
    pub demanded: Vec<String>,
    /// Begins where the text is written; goes on to what `extends`, merges and variables brought.
    pub trail: Trail,
}

/// One service. A field that no file gives is `None` or empty.
#[derive(Clone, Debug, Default)]
pub struct Service {
    pub name: String,
    /// The key, in the file that comes last.
    pub span: Option<Span>,
    pub image: Option<Text>,
    pub build: Option<Build>,
    pub command: Option<Command>,
    pub entrypoint: Option<Command>,
    /// What the container gets from `env_file` and `environment`, without the image's own ENV.
    pub environment: Environment,
    /// The names that `environment` itself lists, and where.
    pub own_variables: BTreeMap<String, Span>,
    pub env_files: Vec<EnvFile>,
    pub ports: Vec<Port>,
    pub expose: Vec<Text>,
    pub mounts: Vec<Mount>,
    /// Mounts of the services and containers named here come too.
    pub volumes_from: Vec<Text>,
    pub networks: Vec<Attachment>,
    pub network_mode: Option<Text>,
    pub depends_on: Vec<Dependency>,
    pub links: Vec<Text>,
    pub healthcheck: Option<Healthcheck>,
    pub restart: Option<Text>,
    pub deploy: Option<Deploy>,
    /// `scale`, the older way to say `deploy.replicas`.
    pub scale: Option<Text>,
    pub logging: Option<Logging>,
    pub profiles: Vec<Text>,
    pub container_name: Option<Text>,
    pub hostname: Option<Text>,
    pub domainname: Option<Text>,
    pub extra_hosts: Vec<Entry>,
    pub dns: Vec<Text>,
    pub labels: Vec<Entry>,
    pub annotations: Vec<Entry>,
    pub platform: Option<Text>,
    pub pull_policy: Option<Text>,
    pub runtime: Option<Text>,
    pub user: Option<Text>,
    pub group_add: Vec<Text>,
    pub working_dir: Option<Text>,
    pub privileged: Option<Text>,
    pub read_only: Option<Text>,
    /// Whether Compose hands in Docker's socket, and what logs in to registries.
    pub use_api_socket: Option<Text>,
    pub init: Option<Text>,
    pub stdin_open: Option<Text>,
    pub tty: Option<Text>,
    pub oom_kill_disable: Option<Text>,
    pub cap_add: Vec<Text>,
    pub cap_drop: Vec<Text>,
    pub security_opt: Vec<Text>,
    pub devices: Vec<Text>,
    pub device_cgroup_rules: Vec<Text>,
    pub pid: Option<Text>,
    pub ipc: Option<Text>,
    pub uts: Option<Text>,
    pub userns_mode: Option<Text>,
    pub cgroup: Option<Text>,
    pub cgroup_parent: Option<Text>,
    pub mem_limit: Option<Text>,
    pub memswap_limit: Option<Text>,
    pub mem_reservation: Option<Text>,
    pub cpus: Option<Text>,
    pub pids_limit: Option<Text>,
    pub shm_size: Option<Text>,
    pub ulimits: Vec<Ulimit>,
    pub sysctls: Vec<Entry>,
    pub stop_grace_period: Option<Text>,
    pub stop_signal: Option<Text>,
    pub secrets: Vec<Grant>,
    pub configs: Vec<Grant>,
    /// `develop.watch` and hooks are for developers or need a newer Compose; only their places.
    pub develop: Option<Span>,
    pub post_start: Option<Span>,
    pub pre_stop: Option<Span>,
}

/// How an image is made.
#[derive(Clone, Debug, Default)]
pub struct Build {
    pub span: Option<Span>,
    /// As written; `.` where only other keys are given.
    pub context: Text,
    /// The context relative to the root; `None` where it is not a folder of the project.
    pub folder: Option<String>,
    pub dockerfile: Option<Text>,
    /// The Dockerfile relative to the root, `Dockerfile` by default; `None` where it lies outside
    /// or stands in the Compose file itself.
    pub dockerfile_path: Option<String>,
    pub dockerfile_inline: Option<Text>,
    pub target: Option<Text>,
    pub args: BTreeMap<String, Traced<Value>>,
    /// Arguments that the shell's variables of the same name give.
    pub passed_args: BTreeMap<String, Trail>,
    pub additional_contexts: Vec<Entry>,
    pub secrets: Vec<Grant>,
    pub ssh: Vec<Text>,
    pub labels: Vec<Entry>,
    pub cache_from: Vec<Text>,
    pub network: Option<Text>,
    pub privileged: Option<Text>,
    pub extra_hosts: Vec<Entry>,
}

/// `command` or `entrypoint`.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// Split as Compose does where it is given as one line. Empty: the image's own is taken away.
    pub words: Vec<String>,
    /// Whether it was given as a list.
    pub is_list: bool,
    pub open: Vec<String>,
    pub span: Span,
    pub trail: Trail,
}

#[derive(Clone, Debug, PartialEq)]
pub struct EnvFile {
    pub written: Text,
    /// Relative to the root; `None` where it lies outside of it.
    pub path: Option<String>,
    /// Without it, Compose refuses to start the service.
    pub is_required: bool,
    /// `format: raw`: no quotes and no variables.
    pub is_raw: bool,
    /// Whether it was found.
    pub is_here: bool,
    pub span: Span,
}

/// A published port, or an exposed one where `published` is `None`: Docker then takes a free one.
#[derive(Clone, Debug, PartialEq)]
pub struct Port {
    pub host_ip: Option<String>,
    /// On the host. A range over one target: one of it.
    pub published: Option<PortRange>,
    /// In the container.
    pub target: PortRange,
    /// `tcp` by default.
    pub protocol: String,
    /// `ingress` by default, or `host`.
    pub mode: String,
    pub open: Vec<String>,
    pub span: Span,
    pub trail: Trail,
}

/// Ports from `first` to `last`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortRange {
    pub first: u16,
    pub last: u16,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Mount {
    pub kind: MountKind,
    /// As written: a path of the host, or the name of a volume.
    pub source: Option<Text>,
    /// The source of a bind relative to the root; `None` where it lies outside.
    pub path: Option<String>,
    /// In the container.
    pub target: Text,
    pub read_only: bool,
    /// `bind.propagation`, `volume.nocopy`, `volume.subpath`, `tmpfs.size`, `bind.selinux` and the
    /// like: the dotted name and the value.
    pub options: Vec<Entry>,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MountKind {
    Bind,
    Volume,
    Tmpfs,
    Npipe,
    Cluster,
    Image,
}

/// A key and its value: a label, a host, an option.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub key: String,
    /// Empty where the file gives none.
    pub value: Text,
}

/// A network that a service is on.
#[derive(Clone, Debug, PartialEq)]
pub struct Attachment {
    pub network: String,
    pub aliases: Vec<Text>,
    pub ipv4_address: Option<Text>,
    pub ipv6_address: Option<Text>,
    pub span: Option<Span>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Dependency {
    pub service: String,
    /// `service_started` by default.
    pub condition: String,
    /// Whether the condition is written out.
    pub is_explicit: bool,
    pub required: bool,
    pub restart: bool,
    pub span: Span,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Healthcheck {
    /// `CMD` or `CMD-SHELL` first; a line of text is `CMD-SHELL`.
    pub test: Option<Command>,
    pub interval: Option<Text>,
    pub timeout: Option<Text>,
    pub retries: Option<Text>,
    pub start_period: Option<Text>,
    pub start_interval: Option<Text>,
    /// `disable: true` or `test: [NONE]`.
    pub is_disabled: bool,
    pub span: Option<Span>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deploy {
    pub mode: Option<Text>,
    pub replicas: Option<Text>,
    pub limits: Resources,
    pub reservations: Resources,
    /// `condition` of `restart_policy`.
    pub restart_condition: Option<Text>,
    pub labels: Vec<Entry>,
    pub span: Option<Span>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resources {
    pub cpus: Option<Text>,
    pub memory: Option<Text>,
    pub pids: Option<Text>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Logging {
    pub driver: Option<Text>,
    pub options: Vec<Entry>,
    pub span: Option<Span>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Ulimit {
    pub name: String,
    pub soft: Text,
    pub hard: Text,
}

/// A secret or config that a service, or a build, is given.
#[derive(Clone, Debug, PartialEq)]
pub struct Grant {
    pub source: Text,
    /// A path, or a name below `/run/secrets`; the source's name by default.
    pub target: Option<Text>,
    pub mode: Option<Text>,
    pub span: Span,
}

/// A network of the top level.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Network {
    pub key: String,
    /// The name that Docker knows it by, where one is given.
    pub name: Option<Text>,
    pub driver: Option<Text>,
    pub driver_opts: Vec<Entry>,
    pub is_external: bool,
    pub internal: bool,
    pub attachable: bool,
    pub enable_ipv6: bool,
    pub labels: Vec<Entry>,
    pub span: Option<Span>,
}

/// A volume of the top level.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Volume {
    pub key: String,
    /// The name that Docker knows it by, where one is given.
    pub name: Option<Text>,
    pub driver: Option<Text>,
    pub driver_opts: Vec<Entry>,
    pub is_external: bool,
    pub labels: Vec<Entry>,
    pub span: Option<Span>,
}

/// A secret or a config of the top level.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoredFile {
    pub key: String,
    pub name: Option<Text>,
    /// As written.
    pub file: Option<Text>,
    /// The file relative to the root; `None` where it lies outside.
    pub path: Option<String>,
    /// The variable of the shell that holds it.
    pub environment: Option<Text>,
    /// The content itself.
    pub content: Option<Text>,
    pub is_external: bool,
    pub span: Option<Span>,
}

/// An image by its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageReference {
    /// `docker.io` where none is written.
    pub registry: String,
    /// With `library/` for Docker's own: `library/postgres`.
    pub repository: String,
    /// As written; Docker takes `latest` where there is neither a tag nor a digest.
    pub tag: Option<String>,
    pub digest: Option<String>,
}

impl Compose {
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.name == name)
    }

    pub fn network(&self, key: &str) -> Option<&Network> {
        self.networks.iter().find(|network| network.key == key)
    }

    pub fn volume(&self, key: &str) -> Option<&Volume> {
        self.volumes.iter().find(|volume| volume.key == key)
    }
}

impl Service {
    /// Whether `docker compose up` starts it: it is in no profile.
    pub fn starts_by_default(&self) -> bool {
        self.profiles.is_empty()
    }

    /// The image that it runs, where it names one.
    pub fn reference(&self) -> Option<ImageReference> {
        ImageReference::parse(&self.image.as_ref()?.value)
    }

    /// The most memory that it may take, in bytes, wherever that is said.
    pub fn memory_limit(&self) -> Option<&Text> {
        let deploy = self.deploy.as_ref();
        deploy
            .and_then(|deploy| deploy.limits.memory.as_ref())
            .or(self.mem_limit.as_ref())
    }
}

impl Text {
    /// Where it is written.
    pub fn span(&self) -> Option<Span> {
        self.trail.first_span()
    }

    /// Its value, unless the shell may make another of it.
    pub fn known(&self) -> Option<&str> {
        self.open.is_empty().then_some(self.value.as_str())
    }

    /// A boolean as Compose takes it, those of YAML 1.1 included.
    pub fn as_bool(&self) -> Option<bool> {
        match self.value.to_ascii_lowercase().as_str() {
            "true" | "y" | "yes" | "on" => Some(true),
            "false" | "n" | "no" | "off" => Some(false),
            _ => None,
        }
    }

    pub fn as_number(&self) -> Option<f64> {
        self.value.trim().parse().ok()
    }

    /// Bytes of `64m`, `1.5gb` or `1024` (Compose specification, "Specifying byte values"): a step
    /// is 1024.
    pub fn as_bytes(&self) -> Option<u64> {
        let text = self.value.trim().to_ascii_lowercase();
        let digits = text.len()
            - text
                .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.')
                .len();
        let (number, unit) = text.split_at(digits);
        let number: f64 = number.parse().ok()?;
        let power = match unit.trim() {
            "" | "b" => 0,
            "k" | "kb" | "kib" => 1,
            "m" | "mb" | "mib" => 2,
            "g" | "gb" | "gib" => 3,
            "t" | "tb" | "tib" => 4,
            "p" | "pb" | "pib" => 5,
            _ => return None,
        };
        Some((number * 1024_f64.powi(power)) as u64)
    }

    /// Nanoseconds of `1m30s` (Compose specification, "Specifying durations").
    pub fn as_nanoseconds(&self) -> Option<u64> {
        let mut rest = self.value.trim();
        if rest == "0" {
            return Some(0);
        }
        let mut sum = 0.0;
        if rest.is_empty() {
            return None;
        }
        while !rest.is_empty() {
            let digits = rest.len()
                - rest
                    .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.')
                    .len();
            let number: f64 = rest[..digits].parse().ok()?;
            let unit = rest[digits..]
                .split(|c: char| c.is_ascii_digit() || c == '.')
                .next()?;
            sum += number
                * match unit {
                    "h" => 3.6e12,
                    "m" => 6e10,
                    "s" => 1e9,
                    "ms" => 1e6,
                    "us" | "µs" | "μs" => 1e3,
                    "ns" => 1.0,
                    _ => return None,
                };
            rest = &rest[digits + unit.len()..];
        }
        Some(sum as u64)
    }
}

impl PortRange {
    pub fn one(port: u16) -> Self {
        Self {
            first: port,
            last: port,
        }
    }

    pub fn contains(self, port: u16) -> bool {
        (self.first..=self.last).contains(&port)
    }

    /// How many ports it holds.
    pub fn width(self) -> u32 {
        u32::from(self.last.saturating_sub(self.first)) + 1
    }
}

impl Port {
    /// Whether only the host itself reaches it.
    pub fn is_loopback(&self) -> bool {
        self.host_ip.as_deref().is_some_and(|ip| {
            ip == "localhost" || ip == "::1" || ip == "[::1]" || ip.starts_with("127.")
        })
    }

    /// Whether this port of the host leads into the container.
    pub fn publishes(&self, port: u16) -> bool {
        self.published.is_some_and(|range| range.contains(port))
    }
}

impl ImageReference {
    /// Reads a reference as Docker does (distribution's `reference` package, "normalized name").
    pub fn parse(text: &str) -> Option<Self> {
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest.to_owned())),
            None => (text, None),
        };
        let last = name.rfind('/').map_or(0, |at| at + 1);
        let (name, tag) = match name[last..].rfind(':') {
            Some(at) => (&name[..last + at], Some(name[last + at + 1..].to_owned())),
            None => (name, None),
        };
        if name.is_empty() {
            return None;
        }
        let is_registry = |part: &str| {
            part.contains(['.', ':']) || part == "localhost" || part != part.to_ascii_lowercase()
        };
        let (registry, repository) = match name.split_once('/') {
            Some((first, rest)) if is_registry(first) => (first, rest.to_owned()),
            _ => ("docker.io", name.to_owned()),
        };
        let registry = match registry {
            "index.docker.io" => "docker.io",
            registry => registry,
        };
        let repository = match registry == "docker.io" && !repository.contains('/') {
            true => format!("library/{repository}"),
            false => repository,
        };
        Some(Self {
            registry: registry.to_owned(),
            repository,
            tag,
            digest,
        })
    }

    /// The last part of the name in a reference, without its tag: `redis` of `bitnami/redis:7.2`.
    pub fn last_name(text: &str) -> Option<&str> {
        let (name, _) = text.split_once('@').unwrap_or((text, ""));
        let last = name.rsplit('/').next()?;
        let (last, _) = last.rsplit_once(':').unwrap_or((last, ""));
        (!last.is_empty() || name.contains('/')).then_some(last)
    }

    /// The repository without the folder of Docker's own: `postgres`, `bitnami/redis`.
    pub fn short_name(&self) -> &str {
        self.repository
            .strip_prefix("library/")
            .unwrap_or(&self.repository)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Text {
        Text {
            value: value.to_owned(),
            ..Text::default()
        }
    }

    #[test]
    fn sizes_and_durations_are_those_of_the_specification() {
        for (written, expected) in [
            ("2b", Some(2)),
            ("1024kb", Some(1 << 20)),
            ("2048k", Some(2 << 20)),
            ("300m", Some(300 << 20)),
            ("1gb", Some(1 << 30)),
            ("1.5g", Some(3 << 29)),
            ("64", Some(64)),
            ("lots", None),
        ] {
            assert_eq!(text(written).as_bytes(), expected, "{written}");
        }
        for (written, expected) in [
            ("10ms", Some(10_000_000)),
            ("40s", Some(40_000_000_000)),
            ("1m30s", Some(90_000_000_000)),
            ("1h5m30s20ms", Some(3_930_020_000_000)),
            ("30", None),
            ("", None),
            ("0", Some(0)),
        ] {
            assert_eq!(text(written).as_nanoseconds(), expected, "{written}");
        }
    }

    #[test]
    fn references_are_read_as_docker_does() {
        let parts = |text: &str| {
            let image = ImageReference::parse(text).expect("a reference");
            (
                image.registry,
                image.repository,
                image.tag,
                image.digest.is_some(),
            )
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            parts("postgres"),
            ("docker.io".into(), "library/postgres".into(), None, false)
        );
        assert_eq!(
            parts("bitnami/redis:7.2"),
            (
                "docker.io".into(),
                "bitnami/redis".into(),
                some("7.2"),
                false
            )
        );
        assert_eq!(
            parts("localhost:5000/shop@sha256:0a"),
            ("localhost:5000".into(), "shop".into(), None, true)
        );
        assert_eq!(
            parts("ghcr.io/a/b/c:1@sha256:0a"),
            ("ghcr.io".into(), "a/b/c".into(), some("1"), true)
        );
        assert_eq!(ImageReference::parse(""), None);
    }
}
