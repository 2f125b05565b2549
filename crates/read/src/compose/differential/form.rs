//! The model in the normal form of `tests/oracles/docker_compose.py`.

use serde_json::{Map, Value, json};
use tightship_model::compose::{
    Build, Command, Compose, Deploy, Entry, Grant, Healthcheck, Mount, MountKind, Port, Resources,
    Service, Text,
};
use tightship_model::{self as model, Traced};

pub(super) fn of(compose: &Compose) -> Value {
    let services: Map<_, _> = compose
        .services
        .iter()
        .map(|found| (found.name.clone(), service(found)))
        .collect();
    let networks = compose
        .networks
        .iter()
        .filter(|found| found.key != "default" || found.driver.is_some());
    let networks: Map<_, _> = networks
        .map(|found| {
            let form = json!({
                "given": true,
                "name": text(&found.name),
                "external": flag(found.is_external),
                "driver": text(&found.driver),
                "driver_opts": entries(&found.driver_opts),
                "internal": flag(found.internal),
                "attachable": flag(found.attachable),
                "labels": entries(&found.labels),
            });
            (
                found.key.clone(),
                named(form, &found.key, found.is_external),
            )
        })
        .collect();
    let volumes: Map<_, _> = compose
        .volumes
        .iter()
        .map(|found| {
            let form = json!({
                "given": true,
                "name": text(&found.name),
                "external": flag(found.is_external),
                "driver": text(&found.driver),
                "driver_opts": entries(&found.driver_opts),
                "labels": entries(&found.labels),
            });
            (
                found.key.clone(),
                named(form, &found.key, found.is_external),
            )
        })
        .collect();
    let stored = |files: &[model::compose::StoredFile]| -> Value {
        let files = files.iter().map(|found| {
            let file = found
                .path
                .clone()
                .or_else(|| Some(found.file.as_ref()?.value.clone()));
            let form = json!({
                "given": true,
                "name": text(&found.name),
                "external": flag(found.is_external),
                "file": file,
                "environment": text(&found.environment),
                "content": text(&found.content),
            });
            (
                found.key.clone(),
                named(form, &found.key, found.is_external),
            )
        });
        Value::Object(files.collect())
    };
    clean(json!({
        "services": services,
        "networks": networks,
        "volumes": volumes,
        "secrets": stored(&compose.secrets),
        "configs": stored(&compose.configs),
    }))
}

fn service(found: &Service) -> Value {
    let mut form = json!({
        "image": text(&found.image),
        "restart": text(&found.restart),
        "network_mode": text(&found.network_mode),
        "container_name": text(&found.container_name),
        "hostname": text(&found.hostname),
        "domainname": text(&found.domainname),
        "platform": text(&found.platform),
        "pull_policy": text(&found.pull_policy),
        "runtime": text(&found.runtime),
        "user": text(&found.user),
        "working_dir": text(&found.working_dir),
        "pid": text(&found.pid),
        "ipc": text(&found.ipc),
        "uts": text(&found.uts),
        "userns_mode": text(&found.userns_mode),
        "cgroup": text(&found.cgroup),
        "cgroup_parent": text(&found.cgroup_parent),
        "stop_signal": text(&found.stop_signal),
        "privileged": truth(&found.privileged),
        "read_only": truth(&found.read_only),
        "use_api_socket": truth(&found.use_api_socket),
        "init": truth(&found.init),
        "stdin_open": truth(&found.stdin_open),
        "tty": truth(&found.tty),
        "oom_kill_disable": truth(&found.oom_kill_disable),
        "mem_limit": size(&found.mem_limit),
        "memswap_limit": size(&found.memswap_limit),
        "mem_reservation": size(&found.mem_reservation),
        "shm_size": size(&found.shm_size),
        "cpus": number(&found.cpus),
        "pids_limit": number(&found.pids_limit),
        "scale": number(&found.scale),
        "stop_grace_period": time(&found.stop_grace_period),
    });
    let more = json!({
        "expose": list(&found.expose),
        "volumes_from": list(&found.volumes_from),
        "links": list(&found.links),
        "profiles": list(&found.profiles),
        "dns": list(&found.dns),
        "group_add": list(&found.group_add),
        "cap_add": list(&found.cap_add),
        "cap_drop": list(&found.cap_drop),
        "security_opt": list(&found.security_opt),
        "device_cgroup_rules": list(&found.device_cgroup_rules),
        "command": command(&found.command),
        "entrypoint": command(&found.entrypoint),
        "environment": environment(found),
        "labels": entries(&found.labels),
        "annotations": entries(&found.annotations),
        "sysctls": entries(&found.sysctls),
        "extra_hosts": hosts(&found.extra_hosts),
        "ports": sorted(found.ports.iter().flat_map(ports)),
        "devices": sorted(found.devices.iter().map(device)),
        "tmpfs": sorted(found.mounts.iter().filter(|found| is_of_tmpfs(found)).map(tmpfs)),
        "mounts": sorted(found.mounts.iter().filter(|found| !is_of_tmpfs(found)).map(mount)),
        "networks": networks(found),
        "depends_on": depends_on(found),
        "healthcheck": found.healthcheck.as_ref().map(healthcheck),
        "logging": found.logging.as_ref().map(|logging| json!({
            "driver": text(&logging.driver),
            "options": entries(&logging.options),
        })),
        "deploy": found.deploy.as_ref().map(deploy),
        "build": found.build.as_ref().map(build),
        "ulimits": found.ulimits.iter().map(|limit| {
            let number = |text: &Text| json!(text.value.parse::<i64>().ok());
            (limit.name.clone(), json!([number(&limit.soft), number(&limit.hard)]))
        }).collect::<Map<_, _>>(),
        "secrets": grants(&found.secrets),
        "configs": grants(&found.configs),
    });
    let form_map = form.as_object_mut().expect("an object");
    form_map.extend(more.as_object().expect("an object").clone());
    form
}

/// Without what is empty, at any depth.
fn clean(value: Value) -> Value {
    let is_absent = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        _ => false,
    };
    match value {
        Value::Object(entries) => Value::Object(
            entries
                .into_iter()
                .map(|(key, value)| (key, clean(value)))
                .filter(|(_, value)| !is_absent(value))
                .collect(),
        ),
        other => other,
    }
}

fn named(mut form: Value, key: &str, is_external: bool) -> Value {
    if is_external && form["name"] == key {
        form["name"] = Value::Null;
    }
    form
}

fn text(text: &Option<Text>) -> Value {
    json!(text.as_ref().map(|text| &text.value))
}

fn flag(is_on: bool) -> Value {
    json!(is_on.then_some(true))
}

fn truth(text: &Option<Text>) -> Value {
    flag(
        text.as_ref()
            .is_some_and(|text| text.as_bool() == Some(true)),
    )
}

fn size(text: &Option<Text>) -> Value {
    json!(text.as_ref().and_then(Text::as_bytes))
}

fn number(text: &Option<Text>) -> Value {
    json!(text.as_ref().and_then(Text::as_number))
}

fn time(text: &Option<Text>) -> Value {
    json!(text.as_ref().and_then(Text::as_nanoseconds))
}

fn sorted(items: impl Iterator<Item = String>) -> Value {
    let mut items: Vec<_> = items.collect();
    items.sort();
    json!(items)
}

fn list(texts: &[Text]) -> Value {
    sorted(texts.iter().map(|text| text.value.clone()))
}

fn entries(entries: &[Entry]) -> Value {
    let entries = entries.iter();
    let pairs = entries.map(|entry| (entry.key.clone(), json!(format!("={}", entry.value.value))));
    Value::Object(pairs.collect())
}

fn hosts(entries: &[Entry]) -> Value {
    sorted(
        entries
            .iter()
            .map(|entry| format!("{}={}", entry.key, entry.value.value)),
    )
}

fn command(command: &Option<Command>) -> Value {
    json!(
        command
            .as_ref()
            .map(|command| json!({"words": command.words, "given": true}))
    )
}

fn known(value: &Traced<model::Value>) -> Value {
    let value = match &value.value {
        model::Value::Environment(dependent) => dependent
            .unset
            .as_ref()
            .and_then(|unset| unset.value.as_str()),
        value => value.as_str(),
    };
    json!(value.map(|value| format!("={value}")))
}

fn environment(service: &Service) -> Value {
    let given = &service.environment;
    let set = given
        .variables
        .iter()
        .map(|(name, value)| (name.clone(), known(value)));
    let passed = given
        .passed
        .keys()
        .map(|name| (name.clone(), json!("handed through")));
    Value::Object(set.chain(passed).collect())
}

fn ports(port: &Port) -> Vec<String> {
    let ip = port.host_ip.as_deref().unwrap_or_default();
    let entry = |published: String, target: u16| {
        format!("{ip}|{published}|{target}/{}|{}", port.protocol, port.mode)
    };
    let targets = port.target.first..=port.target.last;
    match port.published {
        None => targets.map(|target| entry(String::new(), target)).collect(),
        Some(range) if range.width() == port.target.width() => targets
            .zip(range.first..=range.last)
            .map(|(target, published)| entry(published.to_string(), target))
            .collect(),
        Some(range) => {
            let published = format!("{}-{}", range.first, range.last);
            vec![entry(published, port.target.first)]
        }
    }
}

fn device(text: &Text) -> String {
    let parts: Vec<&str> = text.value.split(':').collect();
    let target = parts.get(1).unwrap_or(&parts[0]);
    format!("{}:{target}:{}", parts[0], parts.get(2).unwrap_or(&"rwm"))
}

/// Whether it comes from the field `tmpfs` and not from `volumes`.
fn is_of_tmpfs(mount: &Mount) -> bool {
    let first = mount.target.trail.links().first();
    first.is_some_and(|link| link.text == "sets tmpfs")
}

fn tmpfs(mount: &Mount) -> String {
    let options: Vec<String> = mount
        .options
        .iter()
        .map(|option| {
            let key = option.key.trim_start_matches("tmpfs.");
            match option.value.value.as_str() {
                "" => key.to_owned(),
                value => format!("{key}={value}"),
            }
        })
        .collect();
    match options.as_slice() {
        [] => mount.target.value.clone(),
        options => format!("{}:{}", mount.target.value, options.join(",")),
    }
}

fn mount(mount: &Mount) -> String {
    let kind = match mount.kind {
        MountKind::Bind => "bind",
        MountKind::Volume => "volume",
        MountKind::Tmpfs => "tmpfs",
        MountKind::Npipe => "npipe",
        MountKind::Cluster => "cluster",
        MountKind::Image => "image",
    };
    let written = mount.source.as_ref().map(|source| source.value.clone());
    let source = match &mount.path {
        Some(path) if path.is_empty() => ".".to_owned(),
        Some(path) => path.clone(),
        None => written.unwrap_or_default(),
    };
    let option = |key: &str| mount.options.iter().find(|option| option.key == key);
    let options = [
        option("bind.propagation").map(|option| option.value.value.clone()),
        option("bind.selinux").map(|option| option.value.value.clone()),
        option("volume.nocopy")
            .filter(|option| option.value.as_bool() == Some(true))
            .map(|_| "nocopy".to_owned()),
        option("volume.subpath").map(|option| format!("subpath={}", option.value.value)),
        option("tmpfs.size").and_then(|option| Some(format!("size={}", option.value.as_bytes()?))),
    ];
    let options: Vec<String> = options.into_iter().flatten().collect();
    let access = if mount.read_only { "ro" } else { "rw" };
    format!(
        "{kind}|{source}|{}|{access}|{}",
        mount.target.value,
        options.join(",")
    )
}

fn networks(service: &Service) -> Value {
    let is_plain_default = service.networks.len() == 1
        && service.networks[0].network == "default"
        && service.networks[0].aliases.is_empty();
    let networks = service
        .networks
        .iter()
        .filter(|_| !is_plain_default)
        .map(|found| {
            let form = json!({
                "on": true,
                "aliases": list(&found.aliases),
                "ipv4_address": text(&found.ipv4_address),
                "ipv6_address": text(&found.ipv6_address),
            });
            (found.network.clone(), form)
        });
    Value::Object(networks.collect())
}

fn depends_on(service: &Service) -> Value {
    let needs = service.depends_on.iter().map(|found| {
        let form = json!({
            "condition": found.condition,
            "optional": flag(!found.required),
            "restart": flag(found.restart),
        });
        (found.service.clone(), form)
    });
    Value::Object(needs.collect())
}

fn healthcheck(found: &Healthcheck) -> Value {
    let test = found.test.as_ref().filter(|_| !found.is_disabled);
    json!({
        "test": test.map(|test| &test.words),
        "off": flag(found.is_disabled),
        "retries": number(&found.retries),
        "interval": time(&found.interval),
        "timeout": time(&found.timeout),
        "start_period": time(&found.start_period),
    })
}

fn deploy(found: &Deploy) -> Value {
    let resources = |found: &Resources| {
        json!({
            "cpus": number(&found.cpus),
            "memory": size(&found.memory),
            "pids": number(&found.pids),
        })
    };
    json!({
        "mode": text(&found.mode),
        "replicas": number(&found.replicas),
        "limits": resources(&found.limits),
        "reservations": resources(&found.reservations),
        "restart": text(&found.restart_condition),
        "labels": entries(&found.labels),
    })
}

fn build(found: &Build) -> Value {
    let args = found
        .args
        .iter()
        .map(|(name, value)| (name.clone(), known(value)));
    let dockerfile = found.dockerfile.as_ref().map(|text| text.value.as_str());
    let context = match &found.folder {
        Some(folder) if folder.is_empty() => ".".to_owned(),
        Some(folder) => folder.clone(),
        None => found.context.value.clone(),
    };
    json!({
        "context": context,
        "dockerfile": dockerfile.filter(|name| *name != "Dockerfile"),
        "inline": text(&found.dockerfile_inline),
        "target": text(&found.target),
        "args": Value::Object(args.collect()),
        "labels": entries(&found.labels),
        "network": text(&found.network),
        "cache_from": list(&found.cache_from),
        "additional_contexts": entries(&found.additional_contexts),
        "ssh": list(&found.ssh),
        "extra_hosts": hosts(&found.extra_hosts),
        "secrets": grants(&found.secrets),
    })
}

fn grants(grants: &[Grant]) -> Value {
    sorted(grants.iter().map(|grant| {
        let source = &grant.source.value;
        let target = grant.target.as_ref().map_or("", |target| &target.value);
        let target = match target == format!("/run/secrets/{source}") {
            true => "",
            false => target,
        };
        let mode = grant.mode.as_ref().map_or("", |mode| &mode.value);
        format!("{source}|{target}|{mode}")
    }))
}
