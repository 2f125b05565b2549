use tightship_model::nginx::{Problem, RunsIn};
use tightship_model::{
    Check, Confidence, Deployment, Finding, Label, Need, Outcome, Reference, Severity, Trail,
};

use super::judgement::judge;

pub(super) static CHECK: Check = Check {
    id: "nginx/refused",
    title: "nginx refuses to start with this configuration",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["B4.4", "B15.7"],
    django_ids: &[],
    references: &[Reference::Url("https://nginx.org/en/docs/switches.html")],
    doc: include_str!("refused.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "there is no configuration",
        |configuration, judgement| {
            let Some(first) = configuration.directives.first() else {
                return;
            };
            let problems = configuration.problems();
            if problems.is_empty() {
                judgement.holds("nginx accepts the configuration", first);
            }
            for problem in &problems {
                match &configuration.runs_in {
                    RunsIn::NotKnown(reason) => judgement.unseen(
                        format!(
                            "whether nginx starts with this file is not known ({reason}): {}",
                            problem.message
                        ),
                        "run `nginx -t` where it is installed",
                        Some(problem.span),
                    ),
                    _ => judgement.fails(told(problem)),
                }
            }
        },
    )
}

fn told(problem: &Problem) -> Finding {
    Finding {
        subject: format!("nginx:{}", problem.message),
        message: format!(
            "nginx does not start, and at a reload goes on with the old configuration: {}",
            problem.message
        ),
        severity: None,
        confidence: Confidence::High,
        labels: vec![Label {
            span: problem.span,
            text: problem.message.clone(),
        }],
        trail: Trail::at(problem.span, problem.message.clone()),
        django_id: None,
        advice: "Mend the line and run `nginx -t`.".to_owned(),
        fix: None,
    }
}
