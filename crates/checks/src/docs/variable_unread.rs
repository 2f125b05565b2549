use std::collections::{BTreeMap, BTreeSet};

use tightship_model::documents::{TellsBy, Told, Use};
use tightship_model::{
    Check, Confidence, Deployment, Finding, Label, LinkKind, Outcome, Reference, Severity,
    SourceId, Span, Trail, names_a_secret,
};

use super::known_readers;
use super::nearest::nearest;
use crate::package::pass;
use crate::partly::is_known;
use crate::setting::overridden;

pub(super) static CHECK: Check = Check {
    id: "docs/variable-unread",
    title: "People are told to set a variable that nothing reads",
    severity: Severity::Low,
    needs: &[],
    items: &["B4.5", "X59", "X60"],
    django_ids: &[],
    references: &[
        Reference::Url("https://12factor.net/config"),
        Reference::Cwe(1059),
    ],
    doc: include_str!("variable_unread.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if deployment.project.folder.is_none() {
        return Outcome::NotApplicable("this is not a Django project".to_owned());
    }
    let told = &deployment.documents.told;
    if told.is_empty() {
        return Outcome::NotApplicable("no document tells of a variable".to_owned());
    }
    let read: BTreeSet<&str> = deployment
        .facts
        .env_reads
        .iter()
        .map(|read| read.name.as_str())
        .collect();
    let grave: BTreeSet<SourceId> = told
        .iter()
        .filter(|(name, told)| told.used == Use::Nothing && protects(name))
        .map(|(_, told)| told.places[0].span.source)
        .collect();
    let told_already = told_of_compose(deployment);
    let of_others = documents_of_others(told, &read);
    let is_of_others = |told: &Told| {
        let mut places = told.places.iter();
        places.all(|place| of_others.contains(&place.span.source))
    };
    let mut findings = Vec::new();
    let mut perhaps = None;
    for (name, told) in told {
        match &told.used {
            _ if known_readers::reads(name) || may_be_setting(deployment, name, told) => {}
            _ if told
                .places
                .iter()
                .all(|place| is_for_tests(deployment, place.span)) => {}
            Use::Read(_) => {}
            Use::Nothing if is_of_others(told) => {}
            Use::Nothing if foreign_reader(deployment, told).is_some() => {}
            Use::Perhaps(_) if known_readers::an_image_reads(name) => {}
            Use::Perhaps(how) => perhaps = perhaps.or(Some((name, told, how))),
            Use::Nothing => findings.push(finding(deployment, name, told, &read, &grave)),
        }
    }
    findings.retain(|finding| !told_already.contains(&finding.subject));
    if let Some(reason) = deployment
        .project
        .no_settings
        .as_ref()
        .filter(|_| !findings.is_empty())
    {
        return Outcome::Unknown {
            reason: format!(
                "whether production's settings read what people set is not known: {reason}"
            ),
            remedy: "name the settings module with --settings".to_owned(),
            trail: Trail::default(),
        };
    }
    match (findings.is_empty(), perhaps) {
        (false, _) => Outcome::Fail(findings),
        (true, Some((name, told, how))) => Outcome::Unknown {
            reason: format!("whether anything reads {name} is not known: {how}"),
            remedy: format!("look whether it reads {name}"),
            trail: Trail::at(told.places[0].span, format!("tells to set {name}")),
        },
        (true, None) => pass(
            "every variable that people are told to set is read",
            &Trail::default(),
        ),
    }
}

/// The documents, examples of an environment aside, that tell of several variables of which nothing
/// reads a single one, nor one of a like name: a plan, or the document of another program.
fn documents_of_others(told: &BTreeMap<String, Told>, read: &BTreeSet<&str>) -> BTreeSet<SourceId> {
    const FEWEST: usize = 2;
    let mut documents: BTreeMap<SourceId, (BTreeSet<&str>, bool)> = BTreeMap::new();
    for (name, told) in told {
        let is_of_code = told.used != Use::Nothing || nearest(name, read.iter().copied()).is_some();
        for place in told
            .places
            .iter()
            .filter(|place| place.by != TellsBy::Example)
        {
            let (names, reads) = documents.entry(place.span.source).or_default();
            names.insert(name);
            *reads |= is_of_code;
        }
    }
    let others = documents
        .into_iter()
        .filter(|(_, (names, reads))| !reads && names.len() >= FEWEST);
    others.map(|(document, _)| document).collect()
}

/// What env/variable-unread says of variables that Compose gives too: there it is production's.
fn told_of_compose(deployment: &Deployment) -> BTreeSet<String> {
    match crate::run(&crate::env::VARIABLE_UNREAD, deployment) {
        Outcome::Fail(findings) => findings
            .into_iter()
            .map(|finding| finding.subject)
            .collect(),
        _ => BTreeSet::new(),
    }
}

/// Whether a place tells what tests of browsers are given: nothing of the site.
fn is_for_tests(deployment: &Deployment, span: Span) -> bool {
    const FOLDERS: [&str; 5] = ["e2e", "test", "tests", "cypress", "playwright"];
    let path = &deployment.sources[span.source].path;
    path.split('/').any(|part| FOLDERS.contains(&part))
}

/// `grave` are the documents that tell of something that protects: one finding tells all of a document.
fn finding(
    deployment: &Deployment,
    name: &str,
    told: &Told,
    read: &BTreeSet<&str>,
    grave: &BTreeSet<SourceId>,
) -> Finding {
    let place = &told.places[0];
    let meant = nearest(name, read.iter().copied());
    let reads_none = |trail: &Trail| {
        trail
            .links()
            .iter()
            .all(|link| link.kind != LinkKind::Reads)
    };
    let fixed = overridden(deployment, name)
        .filter(|value| is_known(&value.value) && reads_none(&value.trail))
        .and_then(|value| value.trail.first_span());
    let mut finding = super::at(
        format!("variable:{name}"),
        place.span,
        &format!("tells to set {name}"),
    );
    if let Some(span) = fixed {
        finding.labels.push(Label {
            span,
            text: format!("{name} is set here, whatever the environment says"),
        });
    } else if let Some(meant) = meant {
        let reads = deployment.facts.env_reads.iter();
        let read = reads.filter(|read| read.name == meant).map(|read| Label {
            span: read.span,
            text: format!("{meant} is read here"),
        });
        finding.labels.extend(read.take(1));
    }
    let document = &deployment.sources[place.span.source].path;
    let is_one_of_many = fixed.is_none() && meant.is_none();
    let is_grave = is_one_of_many && grave.contains(&place.span.source);
    let severity = if fixed.is_some() || protects(name) || is_grave {
        Severity::Medium
    } else {
        Severity::Low
    };
    Finding {
        message: match (fixed.is_some(), meant) {
            (true, _) => format!(
                "whoever sets {name} as {document} tells changes nothing: the settings assign {name} \
                 without asking the environment"
            ),
            (false, Some(meant)) => format!(
                "whoever sets {name} as {document} tells changes nothing: no code reads it; {meant} is \
                 read"
            ),
            (false, None) => {
                format!(
                    "whoever sets {name} as {document} tells changes nothing: no file of the project \
                     reads it"
                )
            }
        },
        severity: Some(severity),
        confidence: place.by.confidence().min(Confidence::Medium),
        advice: match meant {
            Some(meant) => format!("Tell {meant} instead, or read {name}."),
            None => "Read it, or delete it from the document.".to_owned(),
        },
        ..finding
    }
}

/// The image of others that a service runs with a file of which every place is an example:
/// `.env.proxy` for `.env.proxy-sample`. What it reads is not in the project.
fn foreign_reader<'a>(deployment: &'a Deployment, told: &Told) -> Option<&'a str> {
    const ENDS: [&str; 8] = [
        "-sample",
        ".sample",
        "-example",
        ".example",
        "-template",
        ".template",
        "-dist",
        ".dist",
    ];
    let services = &deployment.compose.as_ref()?.services;
    let reader = |path: &str| {
        let original = ENDS.iter().find_map(|end| path.strip_suffix(end))?;
        let mut readers = services.iter().filter(|service| {
            let mut files = service.env_files.iter();
            files.any(|file| file.path.as_deref() == Some(original))
        });
        let foreign = |service: &&tightship_model::compose::Service| service.build.is_none();
        Some(&readers.find(foreign)?.image.as_ref()?.value)
    };
    let readers: Option<Vec<_>> = told
        .places
        .iter()
        .map(|place| reader(&deployment.sources[place.span.source].path))
        .collect();
    readers?.first().map(|image| image.as_str())
}

/// Whether a document may mean a setting in a Python file by this name.
fn may_be_setting(deployment: &Deployment, name: &str, told: &Told) -> bool {
    let is_sure = |by| matches!(by, TellsBy::Example | TellsBy::Command);
    let is_setting = deployment.settings.as_ref().is_some_and(|settings| {
        settings.defaults.contains_key(name) || settings.overridden.contains_key(name)
    });
    is_setting && !told.places.iter().any(|place| is_sure(place.by))
}

/// Whether protection hangs on a variable of this name.
fn protects(name: &str) -> bool {
    const WORDS: [&str; 9] = [
        "DEBUG", "HSTS", "SSL", "HTTPS", "SECURE", "HOSTS", "CSRF", "CORS", "ORIGINS",
    ];
    names_a_secret(name) || name.split('_').any(|word| WORDS.contains(&word))
}
