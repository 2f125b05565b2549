use tightship_model::compose::Service;
use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Need, Outcome, Reference, Severity, Traced,
    Trail, Value,
};

use super::label;
use crate::compose::{What, services, what};
use crate::setting::{finding_about, overridden, settled};

pub(super) static CHECK: Check = Check {
    id: "cross/database-unsupported",
    title: "The database or its driver is older than this Django takes",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["X58"],
    django_ids: &[],
    references: &[Reference::Django("ref/databases/"), Reference::Cwe(1104)],
    doc: include_str!("database_unsupported.md"),
    run,
};

/// Django, and the oldest PostgreSQL, MySQL, MariaDB, psycopg2 and psycopg that it takes: a test
/// compares with the packages.
const OLDEST: &str = include_str!("databases.tsv");

fn run(deployment: &Deployment) -> Outcome {
    let not_applicable = |why: &str| Outcome::NotApplicable(why.to_owned());
    let Some(django) = deployment.packages.get("django") else {
        return not_applicable("no file asks for Django by version");
    };
    let Some((major, minor, _)) = django.release() else {
        return not_applicable("the version of Django is not pinned");
    };
    let release = format!("{major}.{minor}");
    let Some(oldest) = row(&release) else {
        return Outcome::NotApplicable(format!(
            "which databases Django {release} takes is not in the table"
        ));
    };
    let mut look = Look {
        deployment,
        django: &django.trail,
        release,
        findings: Vec::new(),
        evidence: Vec::new(),
    };
    let databases = overridden(deployment, "DATABASES");
    let databases = databases.and_then(|databases| databases.value.as_dict());
    let entries = databases
        .into_iter()
        .flat_map(|databases| &databases.entries);
    for (_, database) in entries {
        look.database(database, &oldest);
    }
    settled(
        look.findings,
        look.evidence,
        not_applicable("no database of the settings has a version that files tell"),
    )
}

/// The cells of a release after its name.
fn row(release: &str) -> Option<Vec<Version>> {
    let line = OLDEST
        .lines()
        .find(|line| line.split('\t').next() == Some(release))?;
    line.split('\t').skip(1).map(version).collect()
}

/// The numbers of a version that are told.
type Version = Vec<u32>;

fn version(text: &str) -> Option<Version> {
    text.split('.').map(|part| part.parse().ok()).collect()
}

struct Look<'a> {
    deployment: &'a Deployment,
    django: &'a Trail,
    release: String,
    findings: Vec<Finding>,
    evidence: Vec<Evidence>,
}

impl Look<'_> {
    fn database(&mut self, database: &Traced<Value>, oldest: &[Version]) {
        let Some(entry) = database.value.as_dict() else {
            return;
        };
        let text = |key: &str| entry.get(key)?.value.as_str();
        let [postgres, mysql, mariadb, psycopg2, psycopg] = oldest else {
            return;
        };
        let Some(engine) = text("ENGINE") else { return };
        let is_postgres = engine.contains("postg");
        if is_postgres {
            self.driver(psycopg2, psycopg);
        }
        let servers = services(self.deployment).unwrap_or_default();
        let Some(store) = servers
            .iter()
            .find(|store| Some(store.name.as_str()) == text("HOST"))
        else {
            return;
        };
        let image = store.reference();
        let is_mariadb = image.is_some_and(|image| image.short_name().ends_with("mariadb"));
        let (name, least) = match what(store) {
            What::Store("PostgreSQL") if is_postgres => ("PostgreSQL", postgres),
            What::Store("MySQL") if !engine.ends_with("mysql") => return,
            What::Store("MySQL") if is_mariadb => ("MariaDB", mariadb),
            What::Store("MySQL") => ("MySQL", mysql),
            _ => return,
        };
        if let Some(runs) = server(store) {
            self.server(store, name, (&runs, least));
        }
    }

    fn server(&mut self, store: &Service, name: &str, (runs, least): (&Version, &Version)) {
        let Some(image) = &store.image else { return };
        let trail = &image.trail;
        let needs = format!("Django {} needs {name} {}", self.release, written(least));
        if !is_older(runs, least) {
            self.holds(
                format!("{needs}, {} runs {}", store.name, written(runs)),
                trail,
            );
            return;
        }
        let message = format!(
            "each page that asks the database fails with NotSupportedError: {needs} or later, and \
             {} runs {}",
            store.name,
            written(runs)
        );
        let advice = "Move the database to a newer release by dump and restore or pg_upgrade, and \
                      rehearse it on a copy, before the site asks for it.";
        self.fails(format!("service:{}", store.name), message, trail, advice);
    }

    /// Django takes psycopg where it is installed, else psycopg2 (`db/backends/postgresql/psycopg_any.py`).
    fn driver(&mut self, psycopg2: &Version, psycopg: &Version) {
        let packages = &self.deployment.packages;
        let found = [
            ("psycopg", psycopg),
            ("psycopg2", psycopg2),
            ("psycopg2-binary", psycopg2),
        ]
        .into_iter()
        .find_map(|(name, least)| Some((packages.get(name)?, least)));
        let Some((package, least)) = found else {
            return;
        };
        let Some((major, minor, patch)) = package.release() else {
            return;
        };
        let (name, has) = (&package.name, vec![major, minor, patch]);
        let needs = format!("Django {} needs {name} {}", self.release, written(least));
        if !is_older(&has, least) {
            self.holds(
                format!("{needs} and gets {}", written(&has)),
                &package.trail,
            );
            return;
        }
        let message = format!(
            "the site does not start (ImproperlyConfigured): {needs} or newer, and {} is pinned",
            written(&has)
        );
        let advice = "Raise the pin of the driver together with Django's.";
        self.fails(format!("package:{name}"), message, &package.trail, advice);
    }

    fn fails(&mut self, subject: String, message: String, trail: &Trail, advice: &str) {
        if self.findings.iter().any(|known| known.subject == subject) {
            return;
        }
        let mut finding = finding_about(subject, trail);
        let pinned = self.django.first_span();
        finding
            .labels
            .extend(pinned.map(|span| label(span, format!("Django {}", self.release))));
        self.findings.push(Finding {
            message,
            confidence: Confidence::High,
            advice: advice.to_owned(),
            ..finding
        });
    }

    fn holds(&mut self, text: String, trail: &Trail) {
        if self.evidence.iter().all(|known| known.text != text) {
            let trail = trail.clone();
            self.evidence.push(Evidence { text, trail });
        }
    }
}

/// The version that the tag of an official image names: `16-alpine`, `10.11`.
fn server(store: &Service) -> Option<Version> {
    const IMAGES: [&str; 7] = [
        "postgres",
        "postgis/postgis",
        "bitnami/postgresql",
        "mysql",
        "bitnami/mysql",
        "mariadb",
        "bitnami/mariadb",
    ];
    let image = store.reference().filter(|_| store.build.is_none())?;
    let is_known = image.registry == "docker.io" && IMAGES.contains(&image.short_name());
    if !is_known {
        return None;
    }
    let tag = image.tag.as_deref()?;
    version(tag.split('-').next()?)
}

/// Whether a version is certainly older; a number that the tag leaves out is the newest.
fn is_older(version: &Version, least: &Version) -> bool {
    for (at, least) in least.iter().enumerate() {
        match version.get(at) {
            Some(number) if number == least => {}
            Some(number) => return number < least,
            None => return false,
        }
    }
    false
}

fn written(version: &Version) -> String {
    let numbers: Vec<_> = version.iter().map(ToString::to_string).collect();
    numbers.join(".")
}
