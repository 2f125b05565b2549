use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Outcome, Reference, Severity, Trail,
};

pub(super) static CHECK: Check = Check {
    id: "docs/procedure-missing",
    title: "How to deploy, update, roll back or restore is written nowhere",
    severity: Severity::Low,
    needs: &[],
    items: &["A11.4", "B9.1", "B9.2", "B9.3", "B9.4"],
    django_ids: &[],
    references: &[
        Reference::Url("https://csrc.nist.gov/pubs/sp/800/34/r1/upd1/final"),
        Reference::Cwe(1059),
    ],
    doc: include_str!("procedure_missing.md"),
    run,
};

/// A procedure that must be written down.
struct Procedure {
    name: &'static str,
    /// Words of a heading or of a document's name that speak of it.
    words: &'static [&'static str],
    loss: &'static str,
}

const PROCEDURES: [Procedure; 5] = [
    Procedure {
        name: "deployment",
        words: &[
            "deploy",
            "production",
            "install",
            "hosting",
            "self-host",
            "server setup",
        ],
        loss: "only who did it last can set the site up again",
    },
    Procedure {
        name: "backup",
        words: &["backup", "back up", "backing up", "back-up"],
        loss: "nobody can tell what is saved, how often and where to",
    },
    Procedure {
        name: "update",
        words: &["updat", "upgrad", "release", "new version"],
        loss: "security updates wait until somebody finds out how",
    },
    Procedure {
        name: "rollback",
        words: &[
            "rollback",
            "roll back",
            "rolling back",
            "roll-back",
            "revert",
            "downgrad",
        ],
        loss: "a bad release stays up while somebody works out how to leave it",
    },
    Procedure {
        name: "recovery",
        words: &["recover", "restor", "disaster", "incident"],
        loss: "after the loss of the server, the way back is found by trial",
    },
];

fn run(deployment: &Deployment) -> Outcome {
    let pages = &deployment.documents.pages;
    if pages.is_empty() {
        return super::no_documents();
    }
    let mut evidence = Vec::new();
    let mut missing = Vec::new();
    for procedure in &PROCEDURES {
        let page = pages.iter().find(|page| {
            let name = page
                .path
                .rsplit('/')
                .next()
                .unwrap_or(&page.path)
                .to_lowercase();
            let mut texts = page
                .headings
                .iter()
                .map(String::as_str)
                .chain([name.as_str()]);
            texts.any(|text| procedure.words.iter().any(|word| text.contains(word)))
        });
        match page {
            Some(page) => evidence.push(Evidence {
                text: format!("{} is described in {}", procedure.name, page.path),
                trail: Trail::default(),
            }),
            None => missing.push(procedure),
        }
    }
    if missing.is_empty() {
        return Outcome::Pass(evidence);
    }
    let finding = |procedure: &&Procedure| finding(procedure, pages.len());
    Outcome::Fail(missing.iter().map(finding).collect())
}

fn finding(procedure: &Procedure, pages: usize) -> Finding {
    let Procedure { name, loss, .. } = procedure;
    Finding {
        subject: format!("procedure:{name}"),
        message: match pages {
            1 => format!("no heading of the one document speaks of {name}: {loss}"),
            _ => format!("no heading of the {pages} documents speaks of {name}: {loss}"),
        },
        severity: None,
        // A team may keep it in a place of its own.
        confidence: Confidence::Low,
        labels: Vec::new(),
        trail: Trail::default(),
        django_id: None,
        advice: "Write the steps down, and rehearse them once.".to_owned(),
        fix: None,
    }
}
