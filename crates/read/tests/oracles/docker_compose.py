"""What `docker-compose config` of Compose 1 says of file sets, in one normal form.

Reads {"cases": [{"folder": ..., "files": [...]}]}, writes {"answers": [...]}: for each case the
normal form, or {"refused": true}. It goes the way of the command `config`: load, serialize, print;
one process for all cases, as each start takes a third of a second.
"""

import json
import logging
import os
import re
import shlex
import sys

ABSENT = ("", [], {}, None)


def main():
    import yaml
    from compose.config import ConfigurationError, config
    from compose.config.environment import Environment
    from compose.config.serialize import serialize_config

    logging.disable(logging.CRITICAL)
    answers = []
    for case in json.load(sys.stdin)["cases"]:
        folder = case["folder"]
        try:
            # As get_config_from_options does.
            environment = Environment.from_env_file(folder)
            details = config.find(folder, case["files"], environment)
            text = serialize_config(config.load(details), escape_dollar=False)
        except ConfigurationError as error:
            answers.append({"refused": True, "why": str(error)})
            continue
        except Exception as error:
            answers.append({"refused": True, "why": repr(error)})
            continue
        answers.append(normal(yaml.safe_load(text), folder))
    json.dump({"answers": answers}, sys.stdout)


def normal(model, folder):
    """The model with one way of writing each thing; what is empty or default is left out."""
    services = model.get("services") or {}
    form = {"services": {name: service(spec, folder) for name, spec in services.items()}}
    for section in ("networks", "volumes", "secrets", "configs"):
        found = {
            key: resource(key, spec or {}, model.get("name"), folder)
            for key, spec in (model.get(section) or {}).items()
            if not (section == "networks" and key == "default" and not (spec or {}).get("driver"))
        }
        form[section] = found
    return clean(form)


def clean(value):
    if isinstance(value, dict):
        cleaned = {key: clean(item) for key, item in value.items()}
        return {key: item for key, item in cleaned.items() if item not in ABSENT}
    return value


TEXTS = """image restart network_mode container_name hostname domainname platform pull_policy runtime
user working_dir pid ipc uts userns_mode cgroup cgroup_parent stop_signal""".split()
FLAGS = "privileged read_only init stdin_open tty oom_kill_disable".split()
SIZES = "mem_limit memswap_limit mem_reservation shm_size".split()
NUMBERS = "cpus pids_limit scale".split()
LISTS = """expose volumes_from links profiles dns group_add cap_add cap_drop security_opt
device_cgroup_rules""".split()


def service(spec, folder):
    form = {}
    for key in TEXTS:
        form[key] = text(spec.get(key))
    for key in FLAGS:
        form[key] = spec.get(key) or None
    for key in SIZES:
        form[key] = size(spec.get(key))
    for key in NUMBERS:
        form[key] = float(spec[key]) if spec.get(key) is not None else None
    for key in LISTS:
        items = spec.get(key) or []
        items = [items] if isinstance(items, str) else items
        form[key] = sorted(text(item) for item in items)
    form["volumes_from"] = sorted(re.sub("^service:|:rw$", "", item) for item in form["volumes_from"])
    form["command"] = words(spec.get("command"))
    form["entrypoint"] = words(spec.get("entrypoint"))
    form["environment"] = pairs(spec.get("environment"))
    for key in ("labels", "annotations", "sysctls"):
        form[key] = filled(spec.get(key))
    form["extra_hosts"] = hosts(spec.get("extra_hosts"))
    form["ports"] = sorted(entry for item in spec.get("ports") or [] for entry in port(item))
    form["devices"] = sorted(device(item) for item in spec.get("devices") or [])
    form["tmpfs"] = sorted(one_or_more(spec.get("tmpfs")))
    form["mounts"] = sorted(mount(item, folder) for item in spec.get("volumes") or [])
    form["networks"] = networks(spec.get("networks"))
    form["depends_on"] = depends_on(spec.get("depends_on"))
    form["healthcheck"] = healthcheck(spec.get("healthcheck"))
    form["logging"] = logged(spec.get("logging"))
    form["deploy"] = deploy(spec.get("deploy"))
    form["build"] = build(spec.get("build"), folder)
    form["ulimits"] = {
        name: [limit["soft"], limit["hard"]] if isinstance(limit, dict) else [limit, limit]
        for name, limit in (spec.get("ulimits") or {}).items()
    }
    for key in ("secrets", "configs"):
        form[key] = sorted(grant(item, key) for item in spec.get(key) or [])
    form["stop_grace_period"] = nanoseconds(spec.get("stop_grace_period"))
    return clean(form)


def resource(key, spec, project, folder):
    name = spec.get("name")
    external = spec.get("external")
    implied = name == f"{project}_{key}" or (name == key and external)
    return clean(
        {
            "given": True,
            "name": None if implied else name,
            "external": bool(external) or None,
            "driver": spec.get("driver"),
            "driver_opts": filled(spec.get("driver_opts")),
            "internal": spec.get("internal") or None,
            "attachable": spec.get("attachable") or None,
            "labels": filled(spec.get("labels")),
            "file": inside(spec.get("file"), folder),
            "environment": spec.get("environment"),
            "content": spec.get("content"),
        }
    )


def text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def words(value):
    if value is None:
        return None
    split = shlex.split(value) if isinstance(value, str) else value
    return {"words": [text(word) for word in split], "given": True}


def pairs(value):
    if isinstance(value, list):
        value = dict(item.split("=", 1) if "=" in item else (item, None) for item in value)
    items = (value or {}).items()
    return {key: "handed through" if item is None else f"={text(item)}" for key, item in items}


def filled(value):
    return {key: "=" if item == "handed through" else item for key, item in pairs(value).items()}


def one_or_more(value):
    return [value] if isinstance(value, str) else value or []


def hosts(value):
    if isinstance(value, dict):
        value = [
            f"{name}={address}" for name, found in value.items() for address in one_or_more(found)
        ]
    return sorted(re.sub(r"[:=]", "=", item, count=1) for item in value or [])


def port(item):
    if isinstance(item, (int, str)):
        item = str(item)
        target, _, protocol = item.partition("/")
        parts = target.rsplit(":", 2)
        target = parts[-1]
        published = parts[-2] if len(parts) > 1 else ""
        ip = parts[-3].strip("[]") if len(parts) > 2 else ""
        item = {"target": target, "published": published, "protocol": protocol, "host_ip": ip}
    ip, published = item.get("host_ip") or "", str(item.get("published") or "")
    protocol, mode = item.get("protocol") or "tcp", item.get("mode") or "ingress"
    return [f"{ip}|{published}|{item['target']}/{protocol}|{mode}"]


def device(item):
    if isinstance(item, str):
        parts = item.split(":")
        item = {"source": parts[0], "target": parts[1] if len(parts) > 1 else parts[0]}
        item["permissions"] = parts[2] if len(parts) > 2 else "rwm"
    return f"{item['source']}:{item['target']}:{item.get('permissions', 'rwm')}"


def inside(path, folder):
    if path is None:
        return None
    if path == folder:
        return "."
    if path.startswith(folder + "/"):
        return path[len(folder) + 1 :]
    above = os.path.dirname(folder)
    return f"../{path[len(above) + 1 :]}" if path.startswith(above + "/") else path


def mount(item, folder):
    if isinstance(item, str):
        parts = re.findall(r"(?:^[A-Za-z]:|[^:])+", item)
        source, target = (parts[0], parts[1]) if len(parts) > 1 else ("", parts[0])
        options = parts[2].split(",") if len(parts) > 2 else []
        is_path = source.startswith((".", "/", "~", "\\")) or re.match("[A-Za-z]:", source)
        item = {
            "type": "bind" if is_path else "volume",
            "source": source,
            "target": target,
            "read_only": "ro" in options,
            "volume": {"nocopy": "nocopy" in options},
            "bind": {
                "propagation": next((o for o in options if re.fullmatch("r?(private|shared|slave)", o)), None),
                "selinux": next((o for o in options if o in "zZ"), None),
            },
        }
    bind, volume = item.get("bind") or {}, item.get("volume") or {}
    tmpfs = item.get("tmpfs") or {}
    options = [
        bind.get("propagation"),
        bind.get("selinux"),
        "nocopy" if volume.get("nocopy") else None,
        f"subpath={volume['subpath']}" if volume.get("subpath") else None,
        f"size={size(tmpfs['size'])}" if tmpfs.get("size") else None,
    ]
    source = item.get("source") or ""
    if item.get("type", "volume") == "bind":
        home = os.path.expanduser("~")
        source = inside(source, folder)
        source = "~" + source[len(home) :] if source.startswith(home + "/") else source
    access = "ro" if item.get("read_only") else "rw"
    options = ",".join(option for option in options if option)
    return f"{item.get('type', 'volume')}|{source}|{item['target']}|{access}|{options}"


def networks(value):
    value = {name: None for name in value} if isinstance(value, list) else value or {}
    form = {
        name: {
            "on": True,
            "aliases": sorted((spec or {}).get("aliases") or []),
            "ipv4_address": (spec or {}).get("ipv4_address"),
            "ipv6_address": (spec or {}).get("ipv6_address"),
        }
        for name, spec in value.items()
    }
    return {} if form.keys() == {"default"} and not form["default"]["aliases"] else form


def depends_on(value):
    if isinstance(value, list):
        value = {name: {} for name in value}
    return {
        name: {
            "condition": (spec or {}).get("condition", "service_started"),
            "optional": (spec or {}).get("required", True) is False or None,
            "restart": (spec or {}).get("restart") or None,
        }
        for name, spec in (value or {}).items()
    }


def healthcheck(spec):
    spec = spec or {}
    test = spec.get("test")
    if isinstance(test, str):
        test = ["CMD-SHELL", test]
    off = spec.get("disable") or test == ["NONE"]
    return {
        "test": None if off else test,
        "off": off or None,
        "retries": float(spec["retries"]) if "retries" in spec else None,
        **{key: nanoseconds(spec.get(key)) for key in ("interval", "timeout", "start_period")},
    }


def logged(spec):
    spec = spec or {}
    return {"driver": spec.get("driver"), "options": filled(spec.get("options"))}


def deploy(spec):
    spec = spec or {}
    resources = spec.get("resources") or {}

    def resource(key):
        found = resources.get(key) or {}
        return {
            "cpus": float(found["cpus"]) if found.get("cpus") else None,
            "memory": size(found.get("memory")),
            "pids": float(found["pids"]) if found.get("pids") else None,
        }

    return {
        "mode": spec.get("mode"),
        "replicas": float(spec["replicas"]) if spec.get("replicas") is not None else None,
        "limits": resource("limits"),
        "reservations": resource("reservations"),
        "restart": (spec.get("restart_policy") or {}).get("condition"),
        "labels": filled(spec.get("labels")),
    }


def build(spec, folder):
    spec = {"context": spec} if isinstance(spec, str) else spec
    if not spec:
        return None
    dockerfile = spec.get("dockerfile")
    return {
        "context": inside(spec.get("context"), folder),
        "dockerfile": None if dockerfile == "Dockerfile" else dockerfile,
        "inline": spec.get("dockerfile_inline"),
        "target": spec.get("target"),
        "args": pairs(spec.get("args")),
        "labels": filled(spec.get("labels")),
        "network": spec.get("network"),
        "cache_from": sorted(spec.get("cache_from") or []),
        "extra_hosts": hosts(spec.get("extra_hosts")),
        "secrets": sorted(grant(item, "build") for item in spec.get("secrets") or []),
    }


def grant(item, kind):
    item = {"source": item} if isinstance(item, str) else item
    source, target = item["source"], item.get("target") or ""
    if target == f"/run/secrets/{source}":
        target = ""
    mode = item.get("mode")
    mode = int(mode, 8) if isinstance(mode, str) else mode
    return f"{source}|{target}|{'' if mode is None else mode}"


def size(value):
    if value is None:
        return None
    found = re.fullmatch(r"([0-9.]+) *([kmgtp]?)(?:i?b)?", str(value).lower())
    return int(float(found[1]) * 1024 ** " kmgtp".index(found[2] or " "))


def nanoseconds(value):
    if value is None:
        return None
    units = {"h": 3.6e12, "m": 6e10, "s": 1e9, "ms": 1e6, "us": 1e3, "ns": 1}
    parts = re.findall(r"([0-9.]+)(h|ms|us|ns|m|s)", str(value))
    return int(sum(float(number) * units[unit] for number, unit in parts))


if __name__ == "__main__":
    main()
