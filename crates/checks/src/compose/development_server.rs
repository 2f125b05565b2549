use tightship_model::compose::{DevelopersCompose, Service};
use tightship_model::{
    Check, Confidence, Deployment, Finding, Outcome, Process, Program, Reference, Severity,
    Starter, Trail, Value,
};

use super::{about, image_of, judge_each, no_compose, services, start_words};
use crate::setting::finding_about;

pub(super) static CHECK: Check = Check {
    id: "compose/development-server",
    title: "A developer's server answers in production",
    severity: Severity::High,
    needs: &[],
    items: &["A10.1", "B4.1"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/django-admin/#runserver"),
        Reference::Cwe(489),
    ],
    doc: include_str!("development_server.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(developers) = &deployment.developers_compose {
        return match has_other_server(deployment, developers) {
            true => no_compose(deployment),
            false => Outcome::Fail(vec![alone(developers)]),
        };
    }
    let outcome = judge_each(
        deployment,
        "no service starts a developer's server",
        &|service| judge(deployment, service).into_iter().collect(),
    );
    let services = services(deployment).unwrap_or_default();
    let choosing = services.iter().find(|one| chooses(deployment, one));
    match (outcome, choosing) {
        (Outcome::Pass(_), Some(service)) => Outcome::Unknown {
            reason: format!(
                "which server {} starts is not known: its script knows a developer's one and one \
                 for production",
                service.name
            ),
            remedy: "give the variables that the script asks for, with --env-file".to_owned(),
            trail: Trail::default(),
        },
        (outcome, _) => outcome,
    }
}

/// Whether a script starts Django's own server or another one, as a variable says that is not known.
fn chooses(deployment: &Deployment, service: &Service) -> bool {
    let starter = Starter::Service(service.name.clone());
    let starts = |is_it: &dyn Fn(&Program) -> bool| {
        let mut processes = deployment.processes_of(&starter);
        processes.any(|process| is_it(&process.program))
    };
    let is_own = |program: &Program| *program == Program::Runserver;
    starts(&is_own) && starts(&|program| program.serves_django() && !is_own(program))
}

/// Whether the project has what production needs beside the developers' Compose files: a server that
/// they do not start, nginx's configuration, or the file of a platform.
fn has_other_server(deployment: &Deployment, developers: &DevelopersCompose) -> bool {
    const SERVERS: [&str; 9] = [
        "gunicorn",
        "uvicorn",
        "uwsgi",
        "pyuwsgi",
        "daphne",
        "granian",
        "hypercorn",
        "waitress",
        "mod-wsgi",
    ];
    const PLATFORMS: [&str; 10] = [
        "Procfile",
        "app.yaml",
        "fly.toml",
        "render.yaml",
        "railway.toml",
        "railway.json",
        "zappa_settings.json",
        "serverless.yml",
        "heroku.yml",
        "uwsgi.ini",
    ];
    let service = developers.compose.service(&developers.service);
    let commands = service
        .into_iter()
        .flat_map(|one| one.command.iter().chain(&one.entrypoint));
    let own: Vec<&str> = commands
        .flat_map(|command| {
            command
                .words
                .iter()
                .flat_map(|word| word.split_whitespace())
        })
        .filter_map(|word| word.rsplit('/').next())
        .collect();
    let packages = &deployment.packages;
    let is_other = |name: &&str| packages.get(name).is_some() && !own.contains(name);
    let mut files = deployment.files.below("");
    SERVERS.iter().any(is_other)
        || !deployment.nginx.configurations.is_empty()
        || files.any(|path| PLATFORMS.contains(&path.rsplit('/').next().unwrap_or(path)))
}

/// The one finding about Compose files of developers where the project has nothing else to be
/// deployed with.
fn alone(developers: &DevelopersCompose) -> Finding {
    let name = &developers.service;
    Finding {
        message: format!(
            "{name} runs a developers' server, and the project has no other: it was never audited, \
             answers few requests at once and shows code on errors wherever this is deployed"
        ),
        confidence: Confidence::Low,
        advice:
            "Start gunicorn, uvicorn or another server that was made for production in a Compose \
                 file of production. If production is deployed without Compose, say so by a waiver."
                .to_owned(),
        ..finding_about(format!("service:{name} command"), &developers.because)
    }
}

fn judge(deployment: &Deployment, service: &Service) -> Option<Finding> {
    if chooses(deployment, service) {
        return None;
    }
    let words = start_words(deployment, service);
    let has = |wanted: &str| {
        words
            .iter()
            .any(|word| word.trim_matches(['"', '\'', ';']) == wanted)
    };
    let starter = Starter::Service(service.name.clone());
    let process = |is_it: &dyn Fn(&Process) -> bool| {
        deployment
            .processes_of(&starter)
            .find(|process| is_it(process))
    };
    let runserver = process(&|process| process.program == Program::Runserver);
    let reloading = process(&|process| reload(process).is_some());
    let (severity, message) = if runserver.is_some() || has("runserver") || has("runserver_plus") {
        (
            Severity::High,
            "runs Django's own server: it was never audited, answers few requests at once, shows \
             code on errors and serves one slow client at the cost of others",
        )
    } else if reloading.is_some() || has("--reload") || has("--autoreload") {
        (
            Severity::Medium,
            "has its server reload: it watches all files, restarts whenever one changes, and whoever \
             writes one has his code run",
        )
    } else if ["dev", "start:dev", "serve"].iter().any(|script| {
        ["npm", "yarn", "pnpm", "bun"]
            .iter()
            .any(|tool| follows(&words, tool, script))
    }) || has("webpack-dev-server")
    {
        (
            Severity::Medium,
            "runs the developers' server of the frontend: it gives the source away and serves files \
             of the container to whoever asks in the right way",
        )
    } else {
        return None;
    };
    let of_process = runserver.map(|process| &process.trail);
    let decides = of_process.or_else(|| reloading.and_then(reload));
    let trail = trail(deployment, service, decides);
    Some(Finding {
        message: format!("{} {message}", service.name),
        severity: Some(severity),
        advice:
            "Start gunicorn, uvicorn or another server that was made for production; serve built \
                 files of the frontend by nginx."
                .to_owned(),
        ..about(service, "command", &trail)
    })
}

/// What tells a server to reload: an option, or a file such as gunicorn.conf.py.
fn reload(process: &Process) -> Option<&Trail> {
    let set = process.options.get("reload")?;
    (set.value == Value::Bool(true)).then_some(&set.trail)
}

/// Whether a program is told to run a script, `run` between or not.
fn follows(words: &[&str], tool: &str, script: &str) -> bool {
    words
        .windows(2)
        .any(|pair| pair[0] == tool && pair[1] == script)
        || words
            .windows(3)
            .any(|three| three[0] == tool && three[1] == "run" && three[2] == script)
}

/// The way to the command.
fn trail(deployment: &Deployment, service: &Service, decides: Option<&Trail>) -> Trail {
    let own = service.command.as_ref().or(service.entrypoint.as_ref());
    if let Some(trail) = decides.filter(|trail| trail.first_span().is_some()) {
        return trail.clone();
    }
    if let Some(command) = own {
        return command.trail.clone();
    }
    let image = image_of(deployment, service);
    let argv = image.and_then(|image| {
        image
            .config
            .cmd
            .as_ref()
            .or(image.config.entrypoint.as_ref())
    });
    argv.map(|argv| argv.trail.clone()).unwrap_or_default()
}
