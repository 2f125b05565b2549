//! One fixed report that goes through every renderer. It holds all kinds of verdicts, a secret, and
//! text that tries to steer whatever shows it.

use tightship_model::checklist::{Judged, JudgedItem, Kind, Standing};
use tightship_model::{
    Case, Cause, Check, Confidence, Dependent, Deployment, Dict, Edit, EnvOrigin, Evidence,
    Finding, Fix, Gap, Head, Instance, Items, Label, Link, Mention, Module, Need, Outcome,
    Reference, Report, Safety, Secret, Settings, SettingsMention, Severity, Source, SourceId, Span,
    Traced, Trail, Unknown, Value, Verdict, give_variables,
};

/// Stands in `.env.prod`, in a setting and in a line that a frame shows: no output may hold it.
pub(crate) const SECRET: &str = "correct-horse-battery-staple";

/// Clears a screen, turns the direction of text, ends lines, tags, attributes, cells and commands.
pub(crate) const HOSTILE: &str =
    "\x1b[2J\u{202e}\u{9b}31m\r\n::error::x|<script>\"'&]]>`@team #1 https://e.example";

const PROD: &str = r#"from .base import *  # noqa

DEBUG = env.bool("DJANGO_DEBUG", default=True)
SECRET_KEY = "correct-horse-battery-staple"
ALLOWED_HOSTS = ["*"]
SECURE_HSTS_SECONDS = 3600
SESSION_COOKIE_SECURE = not DEBUG
"#;

const COMPOSE: &str = "services:\n  web:\n    build: .\n    env_file: .env.prod\n";
const DOTENV: &str = "# production\nDJANGO_DEBUG=on\nDB_PASSWORD=correct-horse-battery-staple\n";

static DEBUG_ON: Check = check(
    "django/debug-on",
    "DEBUG is on in production",
    Severity::Critical,
    &["A1.1", "B1.1"],
    &["security.W018"],
);
static HOSTS_ANY: Check = check(
    "django/hosts-any",
    "ALLOWED_HOSTS accepts every host",
    Severity::High,
    &["A1.3"],
    &[],
);
static HSTS_SHORT: Check = check(
    "django/hsts-short",
    "HSTS is off or shorter than the policy asks",
    Severity::Medium,
    &["A2.4", "B1.8"],
    &["security.W004"],
);
static LITERAL: Check = check(
    "secrets/literal",
    "A secret stands in the code",
    Severity::High,
    &["A1.2"],
    &[],
);
static AXES_ABSENT: Check = check(
    "axes/absent",
    "Nothing slows down password guessing",
    Severity::Low,
    &["A3.1"],
    &[],
);
static COOKIE: Check = check(
    "django/session-cookie-insecure",
    "The session cookie travels over plain HTTP",
    Severity::Medium,
    &["A2.1"],
    &["security.W012"],
);
static PASSWORDS: Check = check(
    "django/validators-weak",
    "Weak passwords are accepted",
    Severity::Medium,
    &["A3.3"],
    &[],
);
static CORS: Check = check(
    "cors/any-origin",
    "Every site may read answers with the user's cookies",
    Severity::High,
    &["A5.1"],
    &[],
);

const fn check(
    id: &'static str,
    title: &'static str,
    severity: Severity,
    items: &'static [&'static str],
    django_ids: &'static [&'static str],
) -> Check {
    Check {
        id,
        title,
        severity,
        needs: &[Need::Settings],
        items,
        django_ids,
        references: &[
            Reference::Django("ref/settings/#debug"),
            Reference::Cwe(489),
        ],
        doc: DOC,
        run: |_| Outcome::NotApplicable("only for renderers".to_owned()),
    }
}

const DOC: &str = "# A bad thing\n\n## Why\n\nIt is **bad**: `DEBUG` shows\nwhat it should not.\n\n\
    - one\n- two, which goes on\n  here\n\n## Mend\n\nWrite `DEBUG = False`.\n\n## Examples\n\n\
    ### Fires: a literal\n\n```python settings.py\nDEBUG = True\n```\n";

pub(crate) fn checks() -> Vec<&'static Check> {
    vec![
        &AXES_ABSENT,
        &CORS,
        &DEBUG_ON,
        &HOSTS_ANY,
        &HSTS_SHORT,
        &COOKIE,
        &PASSWORDS,
        &LITERAL,
    ]
}

pub(crate) fn deployment() -> Deployment {
    let mut deployment = Deployment::default();
    let prod = deployment
        .sources
        .add(Source::new("shop/settings/prod.py", PROD));
    let compose = deployment.sources.add(Source::new("compose.yml", COMPOSE));
    let dotenv = deployment.sources.add(Source::new(".env.prod", DOTENV));
    deployment.sources.add(Source::new(
        format!("shop/{HOSTILE}.py"),
        format!(
            "x = 1  # {}{HOSTILE} LABEL {}\n",
            "a".repeat(400),
            "b".repeat(400)
        ),
    ));
    for source in [prod, dotenv] {
        let secret = span(&deployment, source, SECRET);
        deployment.sources.mark_secret(secret);
    }
    let module = Module {
        name: "shop.settings.prod".to_owned(),
        source: prod,
        trail: Trail::at(span(&deployment, compose, "web"), "named by Compose"),
    };
    deployment.project.folder = Some(String::new());
    deployment.project.module = Some(module.clone());
    deployment.project.settings_mentions = vec![SettingsMention {
        module: module.name.clone(),
        by: Mention::Compose,
        span: span(&deployment, compose, "web"),
    }];
    deployment.environment.origin = EnvOrigin::Compose {
        service: "web".to_owned(),
        files: vec!["compose.yml".to_owned()],
    };
    deployment.environment.variables.insert(
        "DB_PASSWORD".to_owned(),
        Traced::new(Value::Secret(Secret::new(SECRET)), Trail::default()),
    );
    deployment.facts.python_files = 63;
    deployment.gaps = vec![Gap {
        place: "shop/huge.py".to_owned(),
        reason: "is 61 MB; files beyond 16 MB are not read".to_owned(),
        lost: "nothing in this file is judged".to_owned(),
    }];
    deployment.settings = Some(settings(&deployment, module));
    deployment
}

pub(crate) fn report(deployment: &Deployment) -> Report<'_> {
    let at = |id: u32, text: &str| span(deployment, SourceId(id), text);
    let debug = Trail::new(vec![
        Link::new(
            Some(at(0, "DEBUG = env.bool(\"DJANGO_DEBUG\", default=True)")),
            "DEBUG is set here",
        ),
        Link::new(
            Some(at(1, ".env.prod")),
            "the environment of the service web",
        ),
        Link::new(Some(at(2, "DJANGO_DEBUG=on")), "DJANGO_DEBUG is \"on\""),
    ]);
    let verdict = |check, outcome| Verdict { check, outcome };
    let finding = |subject: &str, message: &str, labels, trail, advice: &str| Finding {
        subject: subject.to_owned(),
        message: message.to_owned(),
        severity: None,
        confidence: Confidence::High,
        labels,
        trail,
        django_id: None,
        advice: advice.to_owned(),
        fix: None,
    };
    let label = |span, text: &str| Label {
        span,
        text: text.to_owned(),
    };
    let literal = |number: usize| {
        finding(
            &format!("settings:KEY_{number}"),
            &format!(
                "KEY_{number} stands in the code: whoever reads the repository signs sessions"
            ),
            vec![label(at(0, SECRET), "a literal")],
            Trail::default(),
            "Read it from the environment and make a new one.",
        )
    };
    let mut debug_on = finding(
        "settings:DEBUG",
        "DEBUG is True: every error page shows settings, source code and local variables to the \
         visitor who caused it",
        vec![label(at(0, "DEBUG"), "DEBUG is set here")],
        debug.clone(),
        "Set DEBUG to False for production, as a default and not only by a variable.",
    );
    debug_on.django_id = Some("security.W018");
    debug_on.fix = Some(Fix {
        title: "make the safe value the default".to_owned(),
        safety: Safety::Unsafe,
        edits: vec![Edit {
            span: at(0, "True"),
            replacement: "False".to_owned(),
        }],
    });
    let mut hsts = finding(
        "settings:SECURE_HSTS_SECONDS",
        "HSTS lasts 3600 s; the policy asks for 31536000 s: on the next visit a network attacker \
         answers first",
        vec![label(at(0, "3600"), "one hour")],
        Trail::at(at(0, "SECURE_HSTS_SECONDS = 3600"), "set here"),
        "Set SECURE_HSTS_SECONDS to 31536000.",
    );
    hsts.confidence = Confidence::Medium;
    Report {
        deployment,
        verdicts: vec![
            verdict(&DEBUG_ON, Outcome::Fail(vec![debug_on])),
            verdict(
                &HOSTS_ANY,
                Outcome::Fail(vec![finding(
                    "settings:ALLOWED_HOSTS",
                    &format!("a host name is {HOSTILE}"),
                    vec![
                        label(at(3, "LABEL"), HOSTILE),
                        label(at(0, "\"*\""), "every host"),
                    ],
                    Trail::default(),
                    HOSTILE,
                )]),
            ),
            verdict(&LITERAL, Outcome::Fail((1..=6).map(literal).collect())),
            verdict(&HSTS_SHORT, Outcome::Fail(vec![hsts])),
            verdict(
                &AXES_ABSENT,
                Outcome::Fail(vec![finding(
                    "app:axes",
                    "nothing counts failed logins: passwords are guessed at full speed",
                    Vec::new(),
                    Trail::default(),
                    "Install django-axes.",
                )]),
            ),
            verdict(
                &COOKIE,
                Outcome::Unknown {
                    reason: "SESSION_COOKIE_SECURE is not known: it depends on the environment"
                        .to_owned(),
                    remedy: give_variables(&["DJANGO_DEBUG".to_owned()]),
                    trail: debug,
                },
            ),
            verdict(
                &PASSWORDS,
                Outcome::Pass(vec![Evidence {
                    text: "four validators, at least 12 characters".to_owned(),
                    trail: Trail::at(at(0, "SESSION_COOKIE_SECURE"), "set here"),
                }]),
            ),
            verdict(
                &CORS,
                Outcome::NotApplicable("corsheaders is not installed".to_owned()),
            ),
        ],
        head: Head {
            root: "demo/shop".to_owned(),
            version: "0.0.0".to_owned(),
            waived: vec![(
                "django/x settings:X".to_owned(),
                "behind a proxy (platform team, until 2027-01-31)".to_owned(),
            )],
            idle_waivers: vec!["django/y settings:Y".to_owned()],
            in_baseline: 2,
            site_grades: Vec::new(),
            checklist: Some(checklist()),
        },
    }
}

/// A row that fails, one that holds, and one whose text is hostile.
fn checklist() -> Judged {
    let row = |id: &str, standing, text: &str| JudgedItem {
        id: id.to_owned(),
        list: "LIST.md".to_owned(),
        section: "Settings".to_owned(),
        text: text.to_owned(),
        kind: Kind::Check,
        standing,
        reason: "a reason".to_owned(),
        remedy: None,
        evidence: Vec::new(),
        checks: Vec::new(),
        owner: None,
        parameters: Vec::new(),
        until: None,
        recurrence: None,
    };
    Judged {
        lists: vec!["LIST.md".to_owned()],
        items: vec![
            row("A1.1", Standing::Fail, "`DEBUG` is off"),
            row("A1.5", Standing::Pass, "passwords are long"),
            row("X9", Standing::Unknown, HOSTILE),
        ],
        notes: vec![format!("a note: {HOSTILE}")],
    }
}

/// A setting in each state and of each kind of value.
fn settings(deployment: &Deployment, module: Module) -> Settings {
    let prod = module.source;
    let plain = |value| Traced::new(value, Trail::default());
    let str = |text: &str| Value::Str(text.to_owned());
    let environment = |unset: Option<Value>| {
        Value::Environment(Box::new(Dependent {
            variables: vec!["DJANGO_DEBUG".to_owned()],
            unset: unset.map(plain),
            others: Vec::new(),
            exhaustive: false,
        }))
    };
    let unknown = Unknown::new(Cause::File, "read from a file that is not here", None);
    let list = |values: Vec<Value>, rest| Items {
        items: values.into_iter().map(plain).collect(),
        rest,
    };
    let overridden = [
        (
            "ALLOWED_HOSTS",
            Value::List(list(vec![str("*"), str(HOSTILE)], None)),
        ),
        (
            "APPS",
            Value::List(list(
                (0..12)
                    .map(|i| str(&format!("shop.apps.number{i}")))
                    .collect(),
                Some(unknown.clone()),
            )),
        ),
        ("BIG", Value::Int(i128::MAX)),
        ("COOLOFF", Value::Timedelta(90_000_000)),
        (
            "DATABASES",
            Value::Dict(Dict {
                entries: vec![(
                    str("default"),
                    plain(Value::Dict(Dict {
                        entries: vec![
                            (str("NAME"), plain(str("shop"))),
                            (str("PASSWORD"), plain(Value::Secret(Secret::new(SECRET)))),
                            (str("HOST"), plain(environment(None))),
                        ],
                        rest: Some(unknown.clone()),
                    })),
                )],
                rest: None,
            }),
        ),
        ("DEBUG", environment(Some(Value::Bool(true)))),
        (
            "EMAIL_BACKEND",
            Value::OneOf(vec![
                Case {
                    when: "when on_heroku()".to_owned(),
                    value: plain(str("smtp")),
                },
                Case {
                    when: "otherwise".to_owned(),
                    value: plain(str("console")),
                },
            ]),
        ),
        ("FLOAT", Value::Float(f64::INFINITY)),
        ("MEDIA_ROOT", Value::Path("/srv/media".to_owned())),
        ("ODD_KEYS", {
            let key = Value::Tuple(list(vec![Value::Int(1), str("a")], None));
            Value::Dict(Dict {
                entries: vec![(key, plain(Value::Bytes(b"\xff\0".to_vec())))],
                rest: None,
            })
        }),
        (
            "SCHEDULE",
            Value::Instance(Instance {
                class: "celery.schedules.crontab".to_owned(),
                arguments: vec![plain(Value::Int(0))],
                keywords: vec![("hour".to_owned(), plain(Value::None))],
            }),
        ),
        ("SECRET_KEY", Value::Secret(Secret::new(SECRET))),
        ("VERSION", Value::Unknown(unknown)),
    ];
    let trail = |name: &str| match PROD.contains(name) {
        true => Trail::at(span(deployment, prod, name), "set here"),
        false => Trail::outside("a default"),
    };
    Settings {
        module,
        overridden: overridden
            .into_iter()
            .map(|(name, value)| (name.to_owned(), Traced::new(value, trail(name))))
            .collect(),
        defaults: [("USE_TZ".to_owned(), Value::Bool(true))].into(),
        django: (5, 2),
        django_is_assumed: true,
        stops: Vec::new(),
        rest: None,
    }
}

fn span(deployment: &Deployment, source: SourceId, text: &str) -> Span {
    let at = deployment.sources[source]
        .raw()
        .find(text)
        .expect("the text is there");
    Span::new(source, at as u32, (at + text.len()) as u32)
}
