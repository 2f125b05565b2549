//! Start commands and what they lead to.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use tightship_model::{Bind, Deployment, Process, StepKind, Value};

/// Files of a project and the processes that they start, a line each.
fn processes(files: &[(&str, &str)]) -> Vec<String> {
    read(files).processes.iter().map(shown).collect()
}

fn read(files: &[(&str, &str)]) -> Deployment {
    let root = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        write(root.path(), path, text);
    }
    crate::read(root.path(), &crate::Options::default()).expect("reads")
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    fs::write(path, text).expect("a file");
}

/// `program application on binds; steps; options`.
fn shown(process: &Process) -> String {
    let binds: Vec<String> = process
        .binds
        .iter()
        .map(|bind| match &bind.value {
            Bind::Tcp { host, port } => {
                let port = port.map_or("?".to_owned(), |port| port.to_string());
                format!("{host}:{port}")
            }
            Bind::Unix(path) => format!("unix:{path}"),
            Bind::Descriptor(fd) => format!("fd:{fd}"),
            Bind::Unknown(unknown) => format!("({})", unknown.reason),
        })
        .collect();
    let steps: Vec<String> = process
        .steps
        .iter()
        .map(|step| match &step.kind {
            StepKind::Manage(command) => command.clone(),
            StepKind::Wait => "wait".to_owned(),
            StepKind::Other(name) => format!("({name})"),
        })
        .collect();
    let options = process.options.iter().filter(|(name, _)| *name != "bind");
    let options: Vec<String> = options
        .map(|(name, value)| match &value.value {
            Value::Str(text) => format!("{name}={text}"),
            Value::Int(number) => format!("{name}={number}"),
            Value::Bool(truth) => format!("{name}={truth}"),
            Value::Environment(dependent) => format!("{name}=${}", dependent.variables.join("+")),
            _ => format!("{name}=?"),
        })
        .collect();
    let user = process.user.as_ref().and_then(|user| user.value.as_str());
    [
        format!("{}:", process.starter.name()),
        process.program.name().to_owned(),
        process
            .application
            .as_ref()
            .map_or(String::new(), |application| application.value.clone()),
        match binds.is_empty() {
            true => String::new(),
            false => format!("on {}", binds.join(",")),
        },
        user.map_or(String::new(), |user| format!("as {user}")),
        steps.join(","),
        options.join(" "),
    ]
    .into_iter()
    .filter(|part| !part.is_empty())
    .collect::<Vec<_>>()
    .join(" ")
}

/// A Compose file of one service with this start, and further files.
fn one(service: &str, files: &[(&str, &str)]) -> String {
    let compose = format!("services:\n  web:\n    build: .\n{service}\n");
    let mut all = vec![("compose.yml", compose.as_str())];
    all.extend(files);
    if !files.iter().any(|(path, _)| *path == "Dockerfile") {
        all.push(("Dockerfile", "FROM python:3.12\nWORKDIR /app\nCOPY . .\n"));
    }
    processes(&all).join("\n")
}

#[test]
fn command_lines_of_each_server() {
    for (command, expected) in [
        ("gunicorn shop.wsgi", "gunicorn shop.wsgi on 127.0.0.1:8000"),
        (
            "gunicorn shop.wsgi:application -b :8000 -w 4 --timeout=60 --forwarded-allow-ips='*'",
            "gunicorn shop.wsgi:application on 0.0.0.0:8000 forwarded_allow_ips=* timeout=60 workers=4",
        ),
        (
            "gunicorn -k uvicorn.workers.UvicornWorker -w4 shop.asgi --bind unix:/run/g.sock --reload",
            "gunicorn shop.asgi on unix:/run/g.sock reload=true worker_class=uvicorn.workers.UvicornWorker workers=4",
        ),
        (
            "python -m gunicorn --bind=[::]:8000 --bind 127.0.0.1:9000 shop.wsgi",
            "gunicorn shop.wsgi on :::8000,127.0.0.1:9000",
        ),
        (
            "uvicorn shop.asgi:application --host 0.0.0.0 --port 8001 --no-proxy-headers --workers 2",
            "uvicorn shop.asgi:application on 0.0.0.0:8001 host=0.0.0.0 port=8001 proxy_headers=false workers=2",
        ),
        (
            "uvicorn shop.asgi:app --uds /run/u.sock",
            "uvicorn shop.asgi:app on unix:/run/u.sock uds=/run/u.sock",
        ),
        (
            "daphne shop.asgi:application",
            "daphne shop.asgi:application on 127.0.0.1:8000",
        ),
        (
            "daphne -b 0.0.0.0 -p 8000 --proxy-headers shop.asgi:application",
            "daphne shop.asgi:application on 0.0.0.0:8000 port=8000 proxy_headers=true",
        ),
        (
            "daphne -e tcp:port=9000:interface=0.0.0.0 shop.asgi:application",
            "daphne shop.asgi:application on 0.0.0.0:9000 endpoint=?",
        ),
        (
            "granian --interface asginl shop.asgi:application --host 0.0.0.0 --no-ws",
            "granian shop.asgi:application on 0.0.0.0:8000 host=0.0.0.0 interface=asginl ws=false",
        ),
        (
            "hypercorn shop.asgi:application -b 0.0.0.0:5000",
            "hypercorn shop.asgi:application on 0.0.0.0:5000",
        ),
        (
            "waitress-serve --listen=*:8041 --threads=8 shop.wsgi:application",
            "waitress shop.wsgi:application on 0.0.0.0:8041 listen=? threads=8",
        ),
        (
            "waitress-serve shop.wsgi:application",
            "waitress shop.wsgi:application on 0.0.0.0:8080",
        ),
        (
            "uwsgi --http-socket :8000 --module shop.wsgi --master -p 4",
            "uwsgi shop.wsgi on 0.0.0.0:8000 http_socket=? master=true module=shop.wsgi processes=4",
        ),
        ("python manage.py runserver", "runserver on 127.0.0.1:8000"),
        (
            "python -u manage.py runserver 0:9000 --insecure",
            "runserver on 0.0.0.0:9000 insecure=true",
        ),
        ("./manage.py runserver 8080", "runserver on 127.0.0.1:8080"),
        (
            "celery -A shop worker -l info -c 4 -B",
            "celery worker shop app=shop beat=true concurrency=4 loglevel=info",
        ),
        ("celery -A shop beat", "celery beat shop app=shop"),
        ("python manage.py migrate", "migrate"),
        (
            "poetry run gunicorn shop.wsgi",
            "gunicorn shop.wsgi on 127.0.0.1:8000",
        ),
        (
            "uv run --no-sync python -m uvicorn shop.asgi:app",
            "uvicorn shop.asgi:app on 127.0.0.1:8000",
        ),
        (
            "dumb-init -- gunicorn shop.wsgi",
            "gunicorn shop.wsgi on 127.0.0.1:8000",
        ),
        (
            "tini -g -- gosu app:app nice -n 5 gunicorn shop.wsgi",
            "gunicorn shop.wsgi on 127.0.0.1:8000 as app:app",
        ),
        (
            "env A=1 WEB_CONCURRENCY=3 gunicorn shop.wsgi",
            "gunicorn shop.wsgi on 127.0.0.1:8000 workers=3",
        ),
        (
            "./wait-for-it.sh db:5432 -t 30 -- gunicorn shop.wsgi",
            "gunicorn shop.wsgi on 127.0.0.1:8000 wait",
        ),
        (
            "bash -c 'gunicorn shop.wsgi -b 0.0.0.0:$$PORT'",
            "gunicorn shop.wsgi on 0.0.0.0:?",
        ),
        (
            "sh -c 'python manage.py migrate && exec gunicorn shop.wsgi'",
            "gunicorn shop.wsgi on 127.0.0.1:8000 migrate",
        ),
        (
            "sh -c 'python manage.py migrate; python manage.py collectstatic --noinput; gunicorn shop.wsgi'",
            "gunicorn shop.wsgi on 127.0.0.1:8000 migrate,collectstatic",
        ),
        (
            "newrelic-admin run-program gunicorn shop.wsgi",
            "gunicorn shop.wsgi on 127.0.0.1:8000",
        ),
        (
            "/usr/bin/env python3 -m daphne shop.asgi:application",
            "daphne shop.asgi:application on 127.0.0.1:8000",
        ),
        ("sleep infinity", "sleep"),
    ] {
        let found = one(&format!("    command: {}", quoted(command)), &[]);
        assert_eq!(found, format!("service web: {expected}"), "{command}");
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\\\""))
}

#[test]
fn the_image_the_script_and_compose_together_tell_what_runs() {
    const SCRIPT: &str = "#!/bin/bash\nset -o errexit\nset -euo pipefail\n\nuntil nc -z db 5432; do\n  sleep 1\ndone\n\n\
        if [ \"$1\" = \"gunicorn\" ]; then\n  python manage.py migrate --noinput\n\
        python manage.py collectstatic --noinput\nfi\n\nexec \"$@\"\n";
    let file = "FROM python:3.12\nWORKDIR /app\nCOPY deploy/entrypoint.sh /entrypoint.sh\n\
        COPY . .\nUSER app\nENTRYPOINT [\"/entrypoint.sh\"]\nCMD [\"gunicorn\", \"shop.wsgi\", \"-b\", \"0.0.0.0:8000\"]\n";
    let files = [("Dockerfile", file), ("deploy/entrypoint.sh", SCRIPT)];
    assert_eq!(
        one("", &files),
        "service web: gunicorn shop.wsgi on 0.0.0.0:8000 as app wait,migrate,collectstatic"
    );
    // Another command goes through the same script, and is no gunicorn.
    assert_eq!(
        one("    command: celery -A shop worker", &files),
        "service web: celery worker shop as app wait app=shop"
    );
    // An entrypoint of Compose makes the image's CMD void.
    assert_eq!(
        one(
            "    entrypoint: [\"daphne\", \"shop.asgi:application\"]",
            &files
        ),
        "service web: daphne shop.asgi:application on 127.0.0.1:8000 as app"
    );
}

#[test]
fn scripts_are_followed_as_a_shell_would() {
    let file = "FROM python:3.12\nWORKDIR /app\nCOPY . .\nCMD [\"./start.sh\"]\n";
    for (script, expected) in [
        (
            "exec gunicorn shop.wsgi",
            "gunicorn shop.wsgi on 127.0.0.1:8000",
        ),
        (
            "WORKERS=3\ngunicorn shop.wsgi -w $WORKERS",
            "gunicorn shop.wsgi on 127.0.0.1:8000 workers=3",
        ),
        (
            "gunicorn shop.wsgi -w ${WORKERS:-2} --timeout \"${T}\"",
            "gunicorn shop.wsgi on 127.0.0.1:8000 timeout= workers=2",
        ),
        (
            "set -- gunicorn shop.wsgi\nexec \"$@\" --reload",
            "gunicorn shop.wsgi on 127.0.0.1:8000 reload=true",
        ),
        (
            "set -o errexit\nset -euo pipefail\nset -- daphne shop.asgi:app\nset +o nounset\nexec \"$@\"",
            "daphne shop.asgi:app on 127.0.0.1:8000",
        ),
        (
            "serve() {\n  gunicorn shop.wsgi -b \"$1\"\n}\nserve 0.0.0.0:80",
            "gunicorn shop.wsgi on 0.0.0.0:80",
        ),
        (
            "case \"$MODE\" in\n  web) exec gunicorn shop.wsgi ;;\n  *) exec daphne shop.asgi:application ;;\nesac",
            "daphne shop.asgi:application on 127.0.0.1:8000",
        ),
        (
            "python manage.py migrate || exit 1\ngunicorn \\\n  --workers 5 \\\n  shop.wsgi",
            "gunicorn shop.wsgi on 127.0.0.1:8000 migrate workers=5",
        ),
        (
            "[ -n \"$DEBUG\" ] && exec python manage.py runserver\nexec gunicorn shop.wsgi",
            "gunicorn shop.wsgi on 127.0.0.1:8000",
        ),
        (
            "celery -A shop worker &\ngunicorn shop.wsgi",
            "celery worker shop app=shop\nservice web: gunicorn shop.wsgi on 127.0.0.1:8000",
        ),
        (
            "cat <<EOF\ngunicorn no.wsgi\nEOF\nuvicorn shop.asgi:app",
            "uvicorn shop.asgi:app on 127.0.0.1:8000 (cat)",
        ),
        (". ./lib.sh\nrun", "gunicorn shop.wsgi on 127.0.0.1:8000"),
        (
            "# gunicorn no.wsgi\ngunicorn yes.wsgi # --reload",
            "gunicorn yes.wsgi on 127.0.0.1:8000",
        ),
        (
            "gunicorn shop.wsgi -w $(nproc)",
            "gunicorn shop.wsgi on 127.0.0.1:8000 workers=?",
        ),
        (
            "if python manage.py check; then\n  exec gunicorn a.wsgi\nelse\n  exec gunicorn b.wsgi\nfi",
            "gunicorn a.wsgi on 127.0.0.1:8000\nservice web: gunicorn b.wsgi on 127.0.0.1:8000",
        ),
    ] {
        let files = [
            ("Dockerfile", file),
            ("start.sh", &format!("#!/bin/sh\n{script}\n")),
            ("lib.sh", "run() {\n  exec gunicorn shop.wsgi\n}\n"),
        ];
        let found = one("    environment:\n      DEBUG: \"\"", &files);
        assert_eq!(found, format!("service web: {expected}"), "{script}");
    }
}

#[test]
fn units_procfiles_and_supervisor_start_processes_too() {
    let unit = "[Service]\nUser=www-data\nWorkingDirectory=/srv/shop\nEnvironment=WEB_CONCURRENCY=4\n\
        ExecStart=/srv/shop/venv/bin/gunicorn --bind unix:/run/shop.sock shop.wsgi:application\n";
    assert_eq!(
        processes(&[("deploy/shop.service", unit)]),
        [
            "unit deploy/shop.service: gunicorn shop.wsgi:application on unix:/run/shop.sock as www-data workers=4"
        ]
    );
    assert_eq!(
        processes(&[(
            "Procfile",
            "web: gunicorn shop.wsgi\nworker: celery -A shop worker\n"
        )]),
        [
            "Procfile process web: gunicorn shop.wsgi on 127.0.0.1:8000",
            "Procfile process worker: celery worker shop app=shop"
        ]
    );
    let programs = "[supervisord]\nnodaemon=true\n[program:web]\ncommand=gunicorn shop.wsgi\nuser=app\n\
        [program:worker]\ncommand=celery -A shop worker ; note\n";
    let file = "FROM python:3.12\nCOPY supervisord.conf /etc/supervisor/supervisord.conf\n\
        CMD [\"supervisord\", \"-c\", \"/etc/supervisor/supervisord.conf\"]\n";
    assert_eq!(
        one("", &[("Dockerfile", file), ("supervisord.conf", programs)]),
        "service web: gunicorn shop.wsgi on 127.0.0.1:8000\nservice web: celery worker shop app=shop"
    );
}

#[test]
fn images_that_are_not_here_run_what_they_are_known_for() {
    let compose = "services:\n  edge:\n    image: nginx:1.27-alpine\n  db:\n    image: postgres:17\n  \
        certbot:\n    image: certbot/certbot\n    command: renew --quiet\n  app:\n    image: ghcr.io/a/b\n";
    assert_eq!(
        processes(&[("compose.yml", compose)]),
        [
            "service edge: nginx",
            "service db: postgres",
            "service certbot: certbot quiet=true",
            "service app: unknown"
        ]
    );
}

/// What the real gunicorn of the test environment makes of the same files, command line and
/// variables.
#[test]
fn gunicorn_gives_precedence_as_the_real_one_does() {
    const ASKED: [&str; 8] = [
        "workers",
        "threads",
        "timeout",
        "keepalive",
        "max_requests",
        "worker_class",
        "forwarded_allow_ips",
        "reload",
    ];
    const FILE: &str = "import os\nworkers = 2 * 2 + 1\ntimeout = int(os.environ.get('T', 90))\n\
        keepalive = 7\nforwarded_allow_ips = '10.0.0.1'\nbind = '0.0.0.0:9001'\n";
    type Case = (
        &'static str,
        &'static str,
        &'static [(&'static str, &'static str)],
    );
    let cases: [Case; 9] = [
        ("", "shop:app", &[]),
        (
            "",
            "shop:app -w 3 --timeout 11",
            &[("WEB_CONCURRENCY", "8")],
        ),
        (
            "",
            "shop:app",
            &[("WEB_CONCURRENCY", "8"), ("FORWARDED_ALLOW_IPS", "*")],
        ),
        (FILE, "shop:app", &[("WEB_CONCURRENCY", "8")]),
        (
            FILE,
            "-c gunicorn.conf.py shop:app --workers=2",
            &[("T", "33")],
        ),
        (
            FILE,
            "shop:app",
            &[(
                "GUNICORN_CMD_ARGS",
                "--workers 9 --bind=127.0.0.1:9002 --reload",
            )],
        ),
        (
            FILE,
            "shop:app -b :9003 -t 5",
            &[("GUNICORN_CMD_ARGS", "-t 6 --keep-alive 8")],
        ),
        ("", "shop:app", &[("PORT", "5005")]),
        (
            "",
            "shop:app --bind 127.0.0.1:1 --bind unix:/tmp/x.sock --threads=4 -k gthread",
            &[],
        ),
    ];
    for (file, line, variables) in cases {
        let root = tempfile::tempdir().expect("a folder");
        write(root.path(), "shop.py", "def app(environ, start): pass\n");
        let environment: String = variables
            .iter()
            .map(|(name, value)| format!("      {name}: {}\n", quoted(value)))
            .collect();
        let compose = format!(
            "services:\n  web:\n    build: .\n    command: gunicorn {line}\n    environment:\n      A: b\n{environment}"
        );
        write(root.path(), "compose.yml", &compose);
        write(
            root.path(),
            "Dockerfile",
            "FROM python\nWORKDIR /app\nCOPY . .\n",
        );
        if !file.is_empty() {
            write(root.path(), "gunicorn.conf.py", file);
        }
        let made = crate::read(root.path(), &crate::Options::default()).expect("reads");
        let [process] = made.processes.as_slice() else {
            panic!("{} processes", made.processes.len());
        };
        let python = tightship_testbed::python("django52");
        let answer = Command::new(python)
            .args(["-m", "gunicorn", "--print-config"])
            .args(line.split(' '))
            .current_dir(root.path())
            .env_clear()
            .envs(variables.iter().copied())
            .output()
            .expect("gunicorn runs");
        let text = String::from_utf8_lossy(&answer.stdout);
        let real: BTreeMap<&str, &str> = text
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.trim(), value.trim()))
            .collect();
        assert!(
            real.len() > 50,
            "{}",
            String::from_utf8_lossy(&answer.stderr)
        );
        for name in ASKED {
            let option = process.option(name).expect("a value");
            let ours = match &option.value.value {
                Value::Int(number) => number.to_string(),
                Value::Bool(true) => "True".to_owned(),
                Value::Bool(false) => "False".to_owned(),
                Value::Str(text) if name == "forwarded_allow_ips" => {
                    let items: Vec<String> = text.split(',').map(|ip| format!("'{ip}'")).collect();
                    format!("[{}]", items.join(", "))
                }
                Value::Str(text) => text.clone(),
                other => format!("{other:?}"),
            };
            let theirs = real[name].trim_matches('\'').to_owned();
            let theirs = theirs
                .rsplit('.')
                .next()
                .filter(|_| name == "worker_class")
                .map_or(theirs.clone(), |class| {
                    class.trim_end_matches("'>").to_owned()
                });
            assert_eq!(ours, theirs, "{name} of {line} under {variables:?}");
        }
        let ours: Vec<String> = process
            .binds
            .iter()
            .map(|bind| match &bind.value {
                Bind::Tcp { host, port } => format!("{host}:{}", port.expect("a port")),
                Bind::Unix(path) => format!("unix:{path}"),
                other => format!("{other:?}"),
            })
            .collect();
        let theirs: Vec<String> = real["bind"]
            .trim_matches(['[', ']'])
            .split(", ")
            .map(|bind| bind.trim_matches('\''))
            .map(|bind| match bind.strip_prefix(':') {
                Some(port) => format!("0.0.0.0:{port}"),
                None => bind.to_owned(),
            })
            .collect();
        assert_eq!(ours, theirs, "bind of {line} under {variables:?}");
    }
}

proptest::proptest! {
    /// Any script is read, and every place lies in it.
    #[test]
    fn any_script_is_read(text in "(if|then|fi|while|do|done|case|esac|in|[ -~\\n\u{e9}]){0,60}") {
        for item in super::shell::parse(&text) {
            proptest::prop_assert!(text.get(item.range.clone()).is_some());
        }
    }
}

#[test]
fn scripts_that_call_each_other_or_nest_are_bounded() {
    let loops = "#!/bin/sh\n./b.sh\n./b.sh\n./b.sh\n";
    let file = "FROM python\nWORKDIR /app\nCOPY . .\nCMD [\"./a.sh\"]\n";
    let back = loops.replace("b.sh", "a.sh");
    let nested = format!(
        "#!/bin/sh\n{}x{}\n",
        "( ".repeat(100_000),
        " )".repeat(100_000)
    );
    let functions = "#!/bin/sh\nf() { f; f; }\nf\ngunicorn shop.wsgi\n";
    one(
        "",
        &[("Dockerfile", file), ("a.sh", loops), ("b.sh", &back)],
    );
    one("", &[("Dockerfile", file), ("a.sh", &nested)]);
    one("", &[("Dockerfile", file), ("a.sh", functions)]);
}
