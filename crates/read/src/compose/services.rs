//! What a service says, field by field.

use std::collections::BTreeMap;

use tightship_model::compose::{
    Attachment, Build, Command, Dependency, Deploy, Entry, Grant, Healthcheck, Logging, Resources,
    Service, Text, Ulimit,
};
use tightship_model::{Gap, Span, Trail};

use super::text::{below, trail};
use super::{environment, load::Scope, mounts, ports, scalar, text};
use crate::files::Tree;
use crate::yaml::Node;

/// A service, and why Compose refuses elements of it.
pub(super) struct Read<'n> {
    service: Service,
    node: &'n Node,
    refused: Vec<(&'n Node, &'static str)>,
}

/// Reads what a service of the merged tree says itself.
pub(super) fn read<'n>(tree: &Tree, scope: &Scope, key: &Node, node: &'n Node) -> Read<'n> {
    let name = key.text().unwrap_or_default();
    let field = |key: &str| text::field(node, key);
    let list = |key: &str| text::list(node, key);
    let entries = |key: &str| text::entries(node, key);
    let mut service = Service {
        name: name.to_owned(),
        span: Some(Span::new(key.span.source, key.span.start, key.span.end)),
        image: field("image"),
        build: node
            .get("build")
            .filter(|node| !node.is_null())
            .map(|node| build(scope, node)),
        command: node
            .get("command")
            .and_then(|node| command(node, "command")),
        entrypoint: node
            .get("entrypoint")
            .and_then(|node| command(node, "entrypoint")),
        env_files: environment::files(tree, node.get("env_file")),
        expose: list("expose"),
        volumes_from: list("volumes_from"),
        networks: networks(node.get("networks")),
        network_mode: field("network_mode"),
        depends_on: depends_on(node.get("depends_on")),
        links: list("links"),
        healthcheck: node
            .get("healthcheck")
            .filter(|node| !node.is_null())
            .map(healthcheck),
        restart: field("restart"),
        deploy: node
            .get("deploy")
            .filter(|node| !node.is_null())
            .map(deploy),
        scale: field("scale"),
        logging: node
            .get("logging")
            .filter(|node| !node.is_null())
            .map(logging),
        profiles: list("profiles"),
        container_name: field("container_name"),
        hostname: field("hostname"),
        domainname: field("domainname"),
        extra_hosts: hosts(node.get("extra_hosts")),
        dns: list("dns"),
        labels: entries("labels"),
        annotations: entries("annotations"),
        platform: field("platform"),
        pull_policy: field("pull_policy"),
        runtime: field("runtime"),
        user: field("user"),
        group_add: list("group_add"),
        working_dir: field("working_dir"),
        privileged: field("privileged"),
        read_only: field("read_only"),
        use_api_socket: field("use_api_socket"),
        init: field("init"),
        stdin_open: field("stdin_open"),
        tty: field("tty"),
        oom_kill_disable: field("oom_kill_disable"),
        cap_add: list("cap_add"),
        cap_drop: list("cap_drop"),
        security_opt: list("security_opt"),
        devices: devices(node),
        device_cgroup_rules: list("device_cgroup_rules"),
        pid: field("pid"),
        ipc: field("ipc"),
        uts: field("uts"),
        userns_mode: field("userns_mode"),
        cgroup: field("cgroup"),
        cgroup_parent: field("cgroup_parent"),
        mem_limit: field("mem_limit"),
        memswap_limit: field("memswap_limit"),
        mem_reservation: field("mem_reservation"),
        cpus: field("cpus"),
        pids_limit: field("pids_limit"),
        shm_size: field("shm_size"),
        ulimits: ulimits(node.get("ulimits")),
        sysctls: entries("sysctls"),
        stop_grace_period: field("stop_grace_period"),
        stop_signal: field("stop_signal"),
        secrets: grants(node.get("secrets")),
        configs: grants(node.get("configs")),
        develop: node.get("develop").map(|node| node.span),
        post_start: node.get("post_start").map(|node| node.span),
        pre_stop: node.get("pre_stop").map(|node| node.span),
        ..Service::default()
    };
    let mut refused = Vec::new();
    for item in node.get("ports").map_or(&[][..], Node::items) {
        match ports::read(item) {
            Ok(port) => service.ports.push(port),
            Err(reason) => refused.push((item, reason)),
        }
    }
    for item in node.get("volumes").map_or(&[][..], Node::items) {
        match mounts::read(item) {
            Ok(mount) => service.mounts.push(mount),
            Err(reason) => refused.push((item, reason)),
        }
    }
    let tmpfs = node.get("tmpfs").map_or(&[][..], Node::items).iter();
    service.mounts.extend(tmpfs.map(mounts::tmpfs));
    Read {
        service,
        node,
        refused,
    }
}

impl Read<'_> {
    /// The files that its environment is read from.
    pub(super) fn env_files(&self) -> impl Iterator<Item = String> {
        let files = self.service.env_files.iter();
        files.filter_map(|file| file.path.clone())
    }

    /// The service with its environment, for which other files are read.
    pub(super) fn filled(self, tree: &mut Tree, scope: &Scope, files: &[String]) -> Service {
        for (item, reason) in self.refused {
            refused(tree, item, reason);
        }
        let mut service = self.service;
        let environment = self.node.get("environment");
        environment::fill(tree, scope, files, &mut service, environment);
        service
    }
}

/// A list of grants, of a service or of its build.
fn grants(node: Option<&Node>) -> Vec<Grant> {
    let items = node.map_or(&[][..], Node::items).iter();
    items
        .filter_map(|item| {
            let source = match item.text() {
                Some(_) => text::of(item, "the source"),
                None => text::field(item, "source")?,
            };
            Some(Grant {
                source,
                target: text::field(item, "target"),
                mode: text::field(item, "mode"),
                span: item.span,
            })
        })
        .collect()
}

fn refused(tree: &mut Tree, node: &Node, reason: &str) {
    let place = tree.place(node.span);
    tree.add_gap(Gap {
        place,
        reason: format!("is refused by Compose: {reason}"),
        lost: "this element is not judged".to_owned(),
    });
}

fn build(scope: &Scope, node: &Node) -> Build {
    let context = text::field(node, "context").unwrap_or_else(|| Text {
        value: ".".to_owned(),
        trail: trail(node, "builds in the project directory".to_owned()),
        ..Text::default()
    });
    let at = node.get("context").unwrap_or(node);
    let folder = below(at, &context.value);
    let dockerfile = text::field(node, "dockerfile");
    let dockerfile_inline = text::field(node, "dockerfile_inline");
    let named = dockerfile
        .as_ref()
        .map_or("Dockerfile", |text| text.value.as_str());
    let dockerfile_path = match (&folder, &dockerfile_inline) {
        (Some(folder), None) if !named.starts_with('/') => {
            crate::files::normal(&crate::files::join(folder, named))
        }
        _ => None,
    };
    let mut build = Build {
        span: Some(node.span),
        context,
        folder,
        dockerfile,
        dockerfile_path,
        dockerfile_inline,
        target: text::field(node, "target"),
        additional_contexts: text::entries(node, "additional_contexts"),
        secrets: grants(node.get("secrets")),
        ssh: ssh(node),
        labels: text::entries(node, "labels"),
        cache_from: text::list(node, "cache_from"),
        network: text::field(node, "network"),
        privileged: text::field(node, "privileged"),
        extra_hosts: hosts(node.get("extra_hosts")),
        args: BTreeMap::new(),
        passed_args: BTreeMap::new(),
    };
    for (key, value) in node.get("args").map_or(&[][..], Node::entries) {
        let Some(name) = key.text() else { continue };
        let handed = || environment::handed_through(scope, key, name);
        match text::variable(value, name).or_else(handed) {
            Some(known) => {
                build.args.insert(name.to_owned(), known);
            }
            None => {
                let trail = Trail::at(key.span, format!("passes {name} on from the shell"));
                build.passed_args.insert(name.to_owned(), trail);
            }
        }
    }
    build
}

/// `[default, id=path]` or `{id: path}`.
fn ssh(node: &Node) -> Vec<Text> {
    let mut texts = text::list(node, "ssh");
    for Entry { key, value } in text::entries(node, "ssh") {
        texts.push(Text {
            value: match value.value.as_str() {
                "" => key,
                path => format!("{key}={path}"),
            },
            ..value
        });
    }
    texts
}

/// `None` where nothing is said, so that the image's own holds.
pub(super) fn command(node: &Node, key: &str) -> Option<Command> {
    if node.is_null() {
        return None;
    }
    let (words, items) = match scalar::text(node).filter(|_| node.text().is_some()) {
        Some(line) => (super::words::split(&line), std::slice::from_ref(node)),
        None => {
            let items = node.items();
            (items.iter().filter_map(scalar::text).collect(), items)
        }
    };
    let mut open: Vec<String> = items
        .iter()
        .flat_map(|item| item.origin.open.clone())
        .collect();
    open.sort();
    open.dedup();
    let links = items
        .iter()
        .flat_map(|item| item.origin.links.iter().cloned());
    let own = trail(node, format!("sets {key}"));
    let mut links: Vec<_> = own.links().iter().take(1).cloned().chain(links).collect();
    links.dedup();
    Some(Command {
        words,
        is_list: node.text().is_none(),
        open,
        span: node.span,
        trail: Trail::new(links),
    })
}

fn networks(node: Option<&Node>) -> Vec<Attachment> {
    let entries = node.map_or(&[][..], Node::entries).iter();
    entries
        .filter_map(|(key, value)| {
            Some(Attachment {
                network: key.text()?.to_owned(),
                aliases: text::list(value, "aliases"),
                ipv4_address: text::field(value, "ipv4_address"),
                ipv6_address: text::field(value, "ipv6_address"),
                span: Some(key.span),
            })
        })
        .collect()
}

fn depends_on(node: Option<&Node>) -> Vec<Dependency> {
    let entries = node.map_or(&[][..], Node::entries).iter();
    entries
        .filter_map(|(key, value)| {
            let condition = text::field(value, "condition");
            let required = text::field(value, "required");
            Some(Dependency {
                service: key.text()?.to_owned(),
                // A list names no condition; its meaning stands at the place of the name.
                is_explicit: value
                    .get("condition")
                    .is_some_and(|node| node.span != key.span),
                condition: condition
                    .map_or_else(|| "service_started".to_owned(), |text| text.value),
                required: required.is_none_or(|text| text.as_bool() != Some(false)),
                restart: text::is_true(value, "restart"),
                span: key.span,
            })
        })
        .collect()
}

fn healthcheck(node: &Node) -> Healthcheck {
    let test = node.get("test").and_then(|test| {
        let mut command = command(test, "test")?;
        if !command.is_list {
            command.words = vec!["CMD-SHELL".to_owned(), scalar::text(test)?];
        }
        Some(command)
    });
    let is_none = test.as_ref().is_some_and(|test| test.words == ["NONE"]);
    Healthcheck {
        is_disabled: is_none || text::is_true(node, "disable"),
        test,
        interval: text::field(node, "interval"),
        timeout: text::field(node, "timeout"),
        retries: text::field(node, "retries"),
        start_period: text::field(node, "start_period"),
        start_interval: text::field(node, "start_interval"),
        span: Some(node.span),
    }
}

fn deploy(node: &Node) -> Deploy {
    let resources = |key: &str| {
        let node = node.get("resources").and_then(|node| node.get(key));
        node.map_or_else(Resources::default, |node| Resources {
            cpus: text::field(node, "cpus"),
            memory: text::field(node, "memory"),
            pids: text::field(node, "pids"),
        })
    };
    let restart = node.get("restart_policy");
    Deploy {
        mode: text::field(node, "mode"),
        replicas: text::field(node, "replicas"),
        limits: resources("limits"),
        reservations: resources("reservations"),
        restart_condition: restart.and_then(|node| text::field(node, "condition")),
        labels: text::entries(node, "labels"),
        span: Some(node.span),
    }
}

fn logging(node: &Node) -> Logging {
    Logging {
        driver: text::field(node, "driver"),
        options: text::entries(node, "options"),
        span: Some(node.span),
    }
}

fn ulimits(node: Option<&Node>) -> Vec<Ulimit> {
    let entries = node.map_or(&[][..], Node::entries).iter();
    entries
        .filter_map(|(key, value)| {
            let name = key.text()?;
            let one = value.text().map(|_| text::of(value, name));
            Some(Ulimit {
                name: name.to_owned(),
                soft: one.clone().or_else(|| text::field(value, "soft"))?,
                hard: one.or_else(|| text::field(value, "hard"))?,
            })
        })
        .collect()
}

/// `name=address` or `name:address`, of which the first sign parts.
fn hosts(node: Option<&Node>) -> Vec<Entry> {
    let items = node.map_or(&[][..], Node::items).iter();
    items
        .filter_map(|item| {
            let written = text::of(item, "extra_hosts");
            let (host, address) = written
                .value
                .split_once('=')
                .or_else(|| written.value.split_once(':'))?;
            let address = address
                .strip_prefix('[')
                .and_then(|address| address.strip_suffix(']'))
                .unwrap_or(address);
            Some(Entry {
                key: host.to_owned(),
                value: Text {
                    value: address.to_owned(),
                    ..written.clone()
                },
            })
        })
        .collect()
}

/// `HOST:CONTAINER:PERMISSIONS`, also of the long form.
fn devices(node: &Node) -> Vec<Text> {
    let items = node.get("devices").map_or(&[][..], Node::items).iter();
    items
        .filter_map(|item| match item.text() {
            Some(_) => Some(text::of(item, "devices")),
            None => {
                let mut source = text::field(item, "source")?;
                for part in ["target", "permissions"] {
                    if let Some(text) = text::field(item, part) {
                        source.value = format!("{}:{}", source.value, text.value);
                    }
                }
                Some(source)
            }
        })
        .collect()
}
