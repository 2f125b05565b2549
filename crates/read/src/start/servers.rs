//! The options of servers, from their command lines and variables.
//!
//! Names and kinds are those of gunicorn 27.0, uvicorn 0.54, daphne 4.2, granian 2.8, hypercorn
//! 0.18, waitress 3.0, uWSGI 2.0, celery 5.6 and Django's runserver. An option is kept under the
//! server's long name with `_`.

use std::collections::BTreeMap;

use tightship_model::{Bind, Cause, Items, Link, Program, Span, Traced, Unknown, Value};

use super::text::{self, Text};

/// How a program spells its options.
pub(super) struct Grammar {
    shorts: &'static [(char, &'static str)],
    /// Options without a value.
    switches: &'static [&'static str],
    /// Options that may be given again.
    lists: &'static [&'static str],
    /// Long options whose setting has another name.
    renamed: &'static [(&'static str, &'static str)],
    /// What a variable of the environment that gives an option begins with.
    variables: Option<&'static str>,
}

/// What a command line says.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) options: BTreeMap<String, Traced<Value>>,
    pub(super) positional: Vec<Text>,
}

const NONE: Grammar = Grammar {
    shorts: &[],
    switches: &[],
    lists: &[],
    renamed: &[],
    variables: None,
};

const GUNICORN: Grammar = Grammar {
    shorts: &[
        ('b', "bind"),
        ('c', "config"),
        ('w', "workers"),
        ('k', "worker_class"),
        ('t', "timeout"),
        ('D', "daemon"),
        ('e', "raw_env"),
        ('p', "pidfile"),
        ('u', "user"),
        ('g', "group"),
        ('m', "umask"),
        ('n', "proc_name"),
        ('R', "enable_stdio_inheritance"),
    ],
    switches: &[
        "reload",
        "spew",
        "check_config",
        "print_config",
        "preload_app",
        "no_sendfile",
        "reuse_port",
        "daemon",
        "initgroups",
        "disable_redirect_access_to_syslog",
        "capture_output",
        "syslog",
        "enable_stdio_inheritance",
        "enable_backlog_metric",
        "suppress_ragged_eofs",
        "do_handshake_on_connect",
        "permit_obsolete_folding",
        "strip_header_spaces",
        "permit_unconventional_http_method",
        "permit_unconventional_http_version",
        "casefold_http_method",
        "control_socket_disable",
    ],
    lists: &[
        "bind",
        "raw_env",
        "reload_extra_files",
        "raw_paste_global_conf",
        "dirty_apps",
    ],
    renamed: &[
        ("keep_alive", "keepalive"),
        ("preload", "preload_app"),
        ("env", "raw_env"),
        ("pid", "pidfile"),
        ("name", "proc_name"),
        ("access_logfile", "accesslog"),
        ("access_logformat", "access_log_format"),
        ("error_logfile", "errorlog"),
        ("log_file", "errorlog"),
        ("log_level", "loglevel"),
        ("log_config", "logconfig"),
        ("log_config_json", "logconfig_json"),
        ("log_syslog", "syslog"),
        ("log_syslog_to", "syslog_addr"),
        ("log_syslog_prefix", "syslog_prefix"),
        ("log_syslog_facility", "syslog_facility"),
        ("paster", "paste"),
        ("paste_global", "raw_paste_global_conf"),
        ("proxy_allow_from", "proxy_allow_ips"),
        ("uwsgi_allow_from", "uwsgi_allow_ips"),
        ("reload_extra_file", "reload_extra_files"),
        ("dirty_app", "dirty_apps"),
        ("no_control_socket", "control_socket_disable"),
    ],
    variables: None,
};

const UVICORN: Grammar = Grammar {
    switches: &[
        "reload",
        "access_log",
        "no_access_log",
        "use_colors",
        "no_use_colors",
        "proxy_headers",
        "no_proxy_headers",
        "server_header",
        "no_server_header",
        "date_header",
        "no_date_header",
        "http2",
        "reset_contextvars",
        "factory",
    ],
    lists: &["header", "reload_dir", "reload_include", "reload_exclude"],
    variables: Some("UVICORN_"),
    ..NONE
};

const DAPHNE: Grammar = Grammar {
    shorts: &[
        ('p', "port"),
        ('b', "bind"),
        ('u', "unix_socket"),
        ('e', "endpoint"),
        ('v', "verbosity"),
        ('t', "http_timeout"),
        ('s', "server_name"),
    ],
    switches: &["proxy_headers", "no_server_name"],
    lists: &["endpoint"],
    ..NONE
};

const GRANIAN: Grammar = Grammar {
    switches: &[
        "ws",
        "no_ws",
        "log",
        "no_log",
        "access_log",
        "no_access_log",
        "http1_keep_alive",
        "no_http1_keep_alive",
        "http1_pipeline_flush",
        "no_http1_pipeline_flush",
        "http2_adaptive_window",
        "no_http2_adaptive_window",
        "ssl_client_verify",
        "no_ssl_client_verify",
        "respawn_failed_workers",
        "no_respawn_failed_workers",
        "factory",
        "no_factory",
        "metrics",
        "no_metrics",
        "reload",
        "no_reload",
        "reload_ignore_worker_failure",
        "no_reload_ignore_worker_failure",
    ],
    variables: Some("GRANIAN_"),
    ..NONE
};

const HYPERCORN: Grammar = Grammar {
    shorts: &[
        ('b', "bind"),
        ('c', "config"),
        ('D', "daemon"),
        ('g', "group"),
        ('k', "worker_class"),
        ('p', "pid"),
        ('m', "umask"),
        ('u', "user"),
        ('w', "workers"),
    ],
    switches: &["daemon", "debug", "reload"],
    lists: &["bind", "insecure_bind", "quic_bind", "server_name"],
    ..NONE
};

const WAITRESS: Grammar = Grammar {
    switches: &[
        "call",
        "ipv4",
        "no_ipv4",
        "ipv6",
        "no_ipv6",
        "log_socket_errors",
        "no_log_socket_errors",
        "expose_tracebacks",
        "no_expose_tracebacks",
        "asyncore_use_poll",
        "log_untrusted_proxy_headers",
        "clear_untrusted_proxy_headers",
        "no_clear_untrusted_proxy_headers",
    ],
    lists: &["listen"],
    ..NONE
};

const UWSGI: Grammar = Grammar {
    shorts: &[
        ('s', "socket"),
        ('p', "processes"),
        ('w', "module"),
        ('M', "master"),
        ('H', "home"),
        ('d', "daemonize"),
        ('t', "harakiri"),
        ('b', "buffer_size"),
    ],
    switches: &[
        "master",
        "vacuum",
        "enable_threads",
        "single_interpreter",
        "die_on_term",
        "need_app",
        "lazy_apps",
        "py_autoreload",
        "disable_logging",
        "http_keepalive",
        "thunder_lock",
        "strict",
    ],
    lists: &[
        "socket",
        "http",
        "http_socket",
        "https",
        "env",
        "static_map",
    ],
    renamed: &[
        ("workers", "processes"),
        ("wsgi", "module"),
        ("uwsgi_socket", "socket"),
        ("virtualenv", "home"),
    ],
    variables: Some("UWSGI_"),
};

const CELERY: Grammar = Grammar {
    shorts: &[
        ('A', "app"),
        ('b', "broker"),
        ('l', "loglevel"),
        ('c', "concurrency"),
        ('P', "pool"),
        ('Q', "queues"),
        ('n', "hostname"),
        ('B', "beat"),
        ('E', "task_events"),
        ('D', "detach"),
        ('O', "optimization"),
        ('S', "scheduler"),
        ('s', "schedule"),
        ('f', "logfile"),
        ('X', "exclude_queues"),
        ('I', "include"),
    ],
    switches: &[
        "beat",
        "task_events",
        "events",
        "detach",
        "purge",
        "discard",
        "without_gossip",
        "without_mingle",
        "without_heartbeat",
        "disable_prefetch",
    ],
    ..NONE
};

const RUNSERVER: Grammar = Grammar {
    shorts: &[('6', "ipv6"), ('v', "verbosity")],
    switches: &[
        "ipv6",
        "noreload",
        "nothreading",
        "nostatic",
        "insecure",
        "traceback",
        "skip_checks",
        "force_color",
        "no_color",
    ],
    ..NONE
};

const CERTBOT: Grammar = Grammar {
    shorts: &[
        ('d', "domain"),
        ('w', "webroot_path"),
        ('m', "email"),
        ('n', "non_interactive"),
        ('q', "quiet"),
        ('v', "verbose"),
        ('t', "text"),
        ('a', "authenticator"),
        ('i', "installer"),
        ('c', "config"),
    ],
    switches: &[
        "webroot",
        "standalone",
        "nginx",
        "apache",
        "manual",
        "staging",
        "test_cert",
        "dry_run",
        "force_renewal",
        "renew_by_default",
        "agree_tos",
        "no_eff_email",
        "eff_email",
        "register_unsafely_without_email",
        "non_interactive",
        "noninteractive",
        "quiet",
        "verbose",
        "text",
        "keep_until_expiring",
        "keep",
        "expand",
        "must_staple",
        "redirect",
        "hsts",
        "no_self_upgrade",
        "no_random_sleep_on_renew",
        "dns_cloudflare",
        "dns_route53",
        "dns_digitalocean",
    ],
    lists: &["domain", "webroot_path"],
    renamed: &[
        ("domains", "domain"),
        ("test_cert", "staging"),
        ("renew_by_default", "force_renewal"),
        ("noninteractive", "non_interactive"),
        ("renew_hook", "deploy_hook"),
    ],
    variables: None,
};

impl Grammar {
    pub(super) fn of(program: &Program) -> &'static Self {
        match program {
            Program::Gunicorn => &GUNICORN,
            Program::Uvicorn => &UVICORN,
            Program::Daphne => &DAPHNE,
            Program::Granian => &GRANIAN,
            Program::Hypercorn => &HYPERCORN,
            Program::Waitress => &WAITRESS,
            Program::Uwsgi => &UWSGI,
            Program::CeleryWorker | Program::CeleryBeat | Program::Flower => &CELERY,
            Program::Runserver => &RUNSERVER,
            Program::Certbot => &CERTBOT,
            _ => &NONE,
        }
    }

    /// Reads the words behind the program.
    pub(super) fn read(&self, words: &[Text], span: Span) -> Line {
        let mut line = Line::default();
        let mut rest = words.iter().peekable();
        while let Some(word) = rest.next() {
            let text = word.text.as_str();
            if let Some(long) = text.strip_prefix("--") {
                let (written, inline) = match long.split_once('=') {
                    Some((name, _)) => (name, word.without(&format!("--{name}="))),
                    None => (long, None),
                };
                if written.is_empty() {
                    continue;
                }
                let name = self.name(written);
                let value = match inline {
                    Some(value) => Some(value),
                    None if self.switches.contains(&name.as_str()) => None,
                    None => rest.next_if(|next| !next.text.starts_with("--")).cloned(),
                };
                self.set(&mut line, &name, value, span);
            } else if let Some(short) = text.strip_prefix('-').filter(|rest| !rest.is_empty()) {
                let mut letters = short.chars();
                while let Some(letter) = letters.next() {
                    let known = self.shorts.iter().find(|(short, _)| *short == letter);
                    let Some((_, name)) = known else { continue };
                    if self.switches.contains(name) {
                        self.set(&mut line, name, None, span);
                        continue;
                    }
                    let inline = letters.as_str();
                    let value = match inline.is_empty() {
                        true => rest.next().cloned(),
                        false => Some(Text {
                            text: inline.trim_start_matches('=').to_owned(),
                            ..word.clone()
                        }),
                    };
                    self.set(&mut line, name, value, span);
                    break;
                }
            } else {
                line.positional.push(word.clone());
            }
        }
        line
    }

    /// The options that variables of the environment give; they are weaker than the command line.
    pub(super) fn variables<'a>(
        &self,
        names: impl Iterator<Item = (&'a str, Text)>,
    ) -> BTreeMap<String, Traced<Value>> {
        let mut options = BTreeMap::new();
        let Some(prefix) = self.variables else {
            return options;
        };
        for (variable, value) in names {
            let Some(name) = variable.strip_prefix(prefix) else {
                continue;
            };
            let name = self.name(&name.to_lowercase());
            let link = Link::new(None, format!("{variable} sets {name}"));
            options.insert(name.clone(), value.value(&name, link, &typed));
        }
        options
    }

    fn name(&self, written: &str) -> String {
        let name = written.replace('-', "_");
        let renamed = self.renamed.iter().find(|(from, _)| *from == name);
        renamed.map_or(name, |(_, to)| (*to).to_owned())
    }

    fn set(&self, line: &mut Line, name: &str, value: Option<Text>, span: Span) {
        let link = Link::new(Some(span), format!("the command line sets {name}"));
        let (name, value) = match (value, name.strip_prefix("no_")) {
            (Some(value), _) => (name, value.value(name, link.clone(), &typed)),
            (None, Some(positive)) if self.switches.contains(&positive) => (
                positive,
                Traced::new(Value::Bool(false), trail(link.clone())),
            ),
            (None, _) => (name, Traced::new(Value::Bool(true), trail(link.clone()))),
        };
        if !self.lists.contains(&name) {
            line.options.insert(name.to_owned(), value);
            return;
        }
        let list = line
            .options
            .entry(name.to_owned())
            .or_insert_with(|| Traced::new(Value::List(Items::default()), trail(link)));
        if let Value::List(items) = &mut list.value {
            items.items.push(value);
        }
    }
}

/// A number where it is one, `true` and `false` as such, else the text.
pub(super) fn typed(name: &str, text: &str) -> Value {
    match text {
        "true" | "True" => Value::Bool(true),
        "false" | "False" => Value::Bool(false),
        _ => match text.parse() {
            Ok(number) => Value::Int(number),
            Err(_) => text::plain(name, text),
        },
    }
}

/// Where a server listens, by its options; its default where they are silent.
pub(super) fn binds(
    program: &Program,
    line: &Line,
    port_variable: Option<&Text>,
) -> Vec<Traced<Bind>> {
    let option = |name: &str| line.options.get(name);
    let default = |host: &str, port: u16| {
        let text = format!("{} listens on {host}:{port} by default", program.name());
        let host = host.to_owned();
        let port = Some(port);
        vec![Traced::new(
            Bind::Tcp { host, port },
            trail(Link::new(None, text)),
        )]
    };
    let all = |names: &[&str], parse: &dyn Fn(&str) -> Bind| -> Vec<Traced<Bind>> {
        let values = names.iter().filter_map(|name| option(name));
        let values = values.flat_map(|value| match &value.value {
            Value::List(items) | Value::Tuple(items) => items.items.clone(),
            _ => vec![value.clone()],
        });
        values.map(|value| bind(&value, parse)).collect()
    };
    match program {
        Program::Gunicorn | Program::Hypercorn => {
            let found = all(&["bind", "insecure_bind", "quic_bind"], &address);
            match (found.is_empty(), port_variable) {
                (false, _) => found,
                (true, Some(port)) if *program == Program::Gunicorn => {
                    let link = Link::new(None, "PORT sets bind");
                    let address_of = |_: &str, port: &str| Value::Str(format!("0.0.0.0:{port}"));
                    vec![bind(&port.value("bind", link, &address_of), &address)]
                }
                (true, _) => default("127.0.0.1", 8000),
            }
        }
        Program::Uvicorn | Program::Granian => {
            let sockets = all(&["uds"], &|path| Bind::Unix(path.to_owned()));
            let descriptors = all(&["fd"], &|fd| Bind::Descriptor(fd.to_owned()));
            match sockets.is_empty() && descriptors.is_empty() {
                true => vec![host_and_port(
                    option("host"),
                    option("port"),
                    "127.0.0.1",
                    8000,
                )],
                false => sockets.into_iter().chain(descriptors).collect(),
            }
        }
        Program::Daphne => {
            let mut found = all(&["endpoint"], &endpoint);
            found.extend(all(&["unix_socket"], &|path| Bind::Unix(path.to_owned())));
            found.extend(all(&["fd"], &|fd| Bind::Descriptor(fd.to_owned())));
            if found.is_empty() || option("bind").is_some() || option("port").is_some() {
                found.push(host_and_port(
                    option("bind"),
                    option("port"),
                    "127.0.0.1",
                    8000,
                ));
            }
            found
        }
        Program::Waitress => {
            let mut found = all(&["listen"], &address);
            found.extend(all(&["unix_socket"], &|path| Bind::Unix(path.to_owned())));
            match found.is_empty() {
                true => vec![host_and_port(
                    option("host"),
                    option("port"),
                    "0.0.0.0",
                    8080,
                )],
                false => found,
            }
        }
        Program::Uwsgi => all(
            &["socket", "http", "http_socket", "https", "http11_socket"],
            &uwsgi_socket,
        ),
        Program::Runserver => match line.positional.iter().find(|word| word.text != "runserver") {
            Some(written) => {
                let link = written.links.first().cloned();
                let link = link.unwrap_or_else(|| Link::new(None, "the command line"));
                let value = written.value("bind", link, &text::plain);
                vec![bind(&value, &runserver_address)]
            }
            None => default("127.0.0.1", 8000),
        },
        Program::Flower => {
            vec![host_and_port(
                option("address"),
                option("port"),
                "0.0.0.0",
                5555,
            )]
        }
        _ => Vec::new(),
    }
}

fn bind(value: &Traced<Value>, parse: &dyn Fn(&str) -> Bind) -> Traced<Bind> {
    let parsed = match &value.value {
        Value::Str(text) => parse(text),
        Value::Int(number) => parse(&number.to_string()),
        other => Bind::Unknown(why(other)),
    };
    Traced::new(parsed, value.trail.clone())
}

/// Why a value is not known.
fn why(value: &Value) -> Unknown {
    match value {
        Value::Unknown(unknown) => unknown.clone(),
        Value::Environment(dependent) => {
            let reason = format!("it depends on {}", dependent.variables.join(", "));
            Unknown::new(Cause::Machine, reason, None)
        }
        _ => Unknown::new(Cause::Code, "it is no address".to_owned(), None),
    }
}

fn host_and_port(
    host: Option<&Traced<Value>>,
    port: Option<&Traced<Value>>,
    default_host: &str,
    default_port: u16,
) -> Traced<Bind> {
    let given = host.or(port).map(|value| value.trail.clone());
    let text = format!("listens on {default_host}:{default_port} by default");
    let trail = given.unwrap_or_else(|| trail(Link::new(None, text)));
    let host = match host.map(|host| (&host.value, host.value.as_str())) {
        None => default_host.to_owned(),
        Some((_, Some(""))) => "0.0.0.0".to_owned(),
        Some((_, Some(host))) => host.to_owned(),
        Some((value, None)) => return Traced::new(Bind::Unknown(why(value)), trail),
    };
    let port = match port {
        None => Some(default_port),
        Some(port) => port
            .value
            .as_int()
            .and_then(|port| u16::try_from(port).ok()),
    };
    Traced::new(Bind::Tcp { host, port }, trail)
}

/// gunicorn's and hypercorn's form: `host:port`, `:port`, `[::1]:port`, `unix:path`, `fd://3`.
fn address(text: &str) -> Bind {
    if let Some(path) = text.strip_prefix("unix:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        return Bind::Unix(path.to_owned());
    }
    if let Some(descriptor) = text.strip_prefix("fd://") {
        return Bind::Descriptor(descriptor.to_owned());
    }
    let text = text.strip_prefix("tcp://").unwrap_or(text);
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (text, "8000"),
    };
    let host = host.trim_matches(['[', ']']);
    let host = if host.is_empty() || host == "*" {
        "0.0.0.0"
    } else {
        host
    };
    Bind::Tcp {
        host: host.to_owned(),
        port: port.parse().ok(),
    }
}

/// Django's form: a port, or `address:port`, where `0` is `0.0.0.0`.
fn runserver_address(text: &str) -> Bind {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host.trim_matches(['[', ']']), port),
        None => ("127.0.0.1", text),
    };
    let host = if host == "0" { "0.0.0.0" } else { host };
    Bind::Tcp {
        host: host.to_owned(),
        port: port.parse().ok(),
    }
}

/// uWSGI's form: a path, or `address:port` with an empty address for all.
fn uwsgi_socket(text: &str) -> Bind {
    match text.rsplit_once(':') {
        Some((_, port)) if port.parse::<u16>().is_ok() => address(text),
        _ => Bind::Unix(text.to_owned()),
    }
}

/// Twisted's form: `tcp:port=8000:interface=0.0.0.0`, `unix:/run/x.sock`, `fd:fileno=0`.
fn endpoint(text: &str) -> Bind {
    let mut parts = text.split(':');
    let kind = parts.next().unwrap_or("");
    let mut host = "0.0.0.0".to_owned();
    let mut port = None;
    let mut path = String::new();
    for part in parts {
        match part.split_once('=') {
            Some(("interface", interface)) => host = interface.to_owned(),
            Some(("port", number)) => port = number.parse().ok(),
            Some(("address" | "fileno", value)) => path = value.to_owned(),
            Some(_) => {}
            None if path.is_empty() => {
                port = port.or_else(|| part.parse().ok());
                path = part.to_owned();
            }
            None => {}
        }
    }
    match kind {
        "unix" => Bind::Unix(path),
        "fd" | "systemd" => Bind::Descriptor(path),
        _ => Bind::Tcp { host, port },
    }
}

fn trail(link: Link) -> tightship_model::Trail {
    tightship_model::Trail::new(vec![link])
}
