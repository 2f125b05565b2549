use tightship_model::compose::{Command, Service};
use tightship_model::{
    Check, Deployment, Finding, Outcome, Place, Reference, Severity, Span, Trail,
};

use super::redis_logins::{Login, logins};
use crate::compose::{What, services, what};
use crate::cross::label;
use crate::package::pass;
use crate::setting::{finding_about, together, told_once};

pub(super) static CHECK: Check = Check {
    id: "env/redis-password-differs",
    title: "The site and its Redis do not agree on a password",
    severity: Severity::High,
    needs: &[],
    items: &["B4.5"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://redis.io/docs/latest/operate/oss_and_stack/management/security/#authentication",
        ),
        Reference::Django("topics/cache/#redis"),
    ],
    doc: include_str!("redis_password_differs.md"),
    run,
};

/// What a Redis asks for.
enum Asked<'a> {
    Nothing(Option<Span>),
    Password(&'a str, Span),
    /// Files do not tell, and why.
    Open(&'static str, Option<Span>),
}

fn run(deployment: &Deployment) -> Outcome {
    let stores = services(deployment).unwrap_or_default().into_iter();
    let stores = stores.filter(|service| what(service) == What::Store("Redis"));
    let outcomes = stores.flat_map(|store| {
        let asked = asked(deployment, store);
        let mut logins = logins(deployment, &store.name);
        // A user of its own is in a list that a file or a person has made.
        logins.retain(|login| login.user.is_none_or(|user| user == "default"));
        let outcomes = logins.iter().map(|login| judge(store, &asked, login));
        outcomes.collect::<Vec<_>>()
    });
    let none = Outcome::NotApplicable("the site logs in to no Redis of Compose's".to_owned());
    // One address stands in several settings.
    told_once(together(outcomes.chain([none])), |one, other| {
        one.labels == other.labels
    })
}

fn judge(store: &Service, asked: &Asked<'_>, login: &Login<'_>) -> Outcome {
    let (name, place) = (&store.name, &login.place);
    let fails = |severity, message: String, span: Option<Span>, text: &str, advice: &str| {
        let mut finding = finding_about(format!("{place} {name}"), login.trail);
        finding
            .labels
            .extend(span.or(store.span).map(|span| label(span, text)));
        Outcome::Fail(vec![Finding {
            message,
            severity: Some(severity),
            advice: advice.to_owned(),
            ..finding
        }])
    };
    let holds = |text: String| pass(text, login.trail);
    match (asked, login.password.as_deref()) {
        (Asked::Nothing(_), None) => holds(format!("{place} and {name} use no password")),
        (Asked::Password(one, _), Some(other)) if *one == other => {
            holds(format!("{place} has the password of {name}"))
        }
        (Asked::Nothing(span), Some(_)) => fails(
            Severity::Medium,
            format!(
                "the password of {place} guards nothing: {name} is started without one and lets in \
                 whoever reaches it, while redis-py 7 is refused with a password that is not asked \
                 for"
            ),
            *span,
            "started without --requirepass",
            "Start it with `--requirepass` and the same variable; the official image reads no \
             variable for it.",
        ),
        (Asked::Password(_, span), None) => fails(
            CHECK.severity,
            format!(
                "each question of the site to {name} fails with NOAUTH: {name} asks for a password, \
                 and {place} has none"
            ),
            Some(*span),
            "asks for a password",
            "Put the password into the address: `redis://:${REDIS_PASSWORD}@host:6379/0`.",
        ),
        (Asked::Password(_, span), Some(_)) => fails(
            CHECK.severity,
            format!(
                "each question of the site to {name} fails with WRONGPASS: {place} holds another \
                 password than {name} asks for"
            ),
            Some(*span),
            "asks for another password",
            "Give both the one variable, and percent-encode it inside an address.",
        ),
        (Asked::Open(reason, span), _) => Outcome::Unknown {
            reason: format!("what {name} asks for is not known: {reason}"),
            remedy: "give the variables with --env-file, or hold both sides against each other"
                .to_owned(),
            trail: span.map_or_else(Trail::default, |span| Trail::at(span, "starts Redis")),
        },
    }
}

/// What a Redis asks for, by the options of its start: the official images of Redis and Valkey read
/// no variable; Bitnami's reads `REDIS_PASSWORD`.
fn asked<'a>(deployment: &'a Deployment, store: &'a Service) -> Asked<'a> {
    let image = store.reference().filter(|_| store.build.is_none());
    let span = store
        .image
        .as_ref()
        .and_then(|image| image.trail.first_span());
    let name = image.as_ref().map_or("", |image| image.short_name());
    if name == "bitnami/redis" {
        return match store.environment.variables.get("REDIS_PASSWORD") {
            Some(given) => match (given.value.as_str(), given.trail.first_span()) {
                (Some(password), Some(span)) => Asked::Password(password, span),
                _ => Asked::Open("REDIS_PASSWORD is not set in a file", span),
            },
            None => Asked::Open("its image decides", span),
        };
    }
    if !matches!(name, "redis" | "valkey/valkey") {
        return Asked::Open("its image decides", span);
    }
    let Some(command) = &store.command else {
        return match store.entrypoint.is_some() {
            true => Asked::Open("its entrypoint decides", span),
            false => Asked::Nothing(span),
        };
    };
    let mut words = command
        .words
        .iter()
        .flat_map(|word| word.split_whitespace());
    if !words.any(|word| word == "--requirepass") {
        let file = command.words.iter().find(|word| word.ends_with(".conf"));
        return match file {
            Some(path) => in_file(deployment, store, path).unwrap_or(Asked::Open(
                "its configuration is not here",
                Some(command.span),
            )),
            None if is_plain(command) => Asked::Nothing(Some(command.span)),
            None => Asked::Open("its start decides", Some(command.span)),
        };
    }
    let password = words.next().unwrap_or_default().trim_matches(['"', '\'']);
    // The shell of the container puts its own variables in.
    let password = match password.strip_prefix('$') {
        Some(variable) => {
            let variable = variable.trim_matches(['{', '}']);
            let given = store.environment.variables.get(variable);
            given.and_then(|given| given.value.as_str())
        }
        None => Some(password),
    };
    match password.filter(|password| command.open.is_empty() && !password.is_empty()) {
        Some(password) => Asked::Password(password, command.span),
        None => Asked::Open("variables decide that no file sets", Some(command.span)),
    }
}

/// Whether a start has no other place from which a password may come: a script, a list of users, a
/// variable.
fn is_plain(command: &Command) -> bool {
    let comes_from = |word: &String| {
        ["$", ".sh", "aclfile", "--user", "`"]
            .iter()
            .any(|one| word.contains(one))
    };
    command.open.is_empty() && !command.words.iter().any(comes_from)
}

/// What a configuration file of the repository asks for; `None` where it is not here or takes in
/// others.
fn in_file<'a>(deployment: &'a Deployment, store: &Service, path: &str) -> Option<Asked<'a>> {
    let Place::Repository(path) = deployment.locate(&store.name, path)?.place else {
        return None;
    };
    let source = deployment.sources.by_path(&path)?;
    let text = deployment.sources[source].raw();
    let mut start = 0;
    let mut asked = None;
    for line in text.split_inclusive('\n') {
        let span = Span::new(source, start as u32, (start + line.trim_end().len()) as u32);
        start += line.len();
        match line.trim().split_once(char::is_whitespace) {
            Some(("requirepass", password)) => {
                let password = password.trim().trim_matches(['"', '\'']);
                asked = (!password.is_empty()).then_some(Asked::Password(password, span));
            }
            Some(("include" | "aclfile" | "user", _)) => return None,
            _ => {}
        }
    }
    Some(asked.unwrap_or(Asked::Nothing(Some(Span::new(source, 0, 0)))))
}
