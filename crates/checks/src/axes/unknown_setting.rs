use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use crate::package::{Names, judge_names};

pub(super) static CHECK: Check = Check {
    id: "axes/unknown-setting",
    title: "A setting that axes does not read",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::App("axes")],
    items: &["A3.5"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://django-axes.readthedocs.io/en/latest/4_configuration.html",
    )],
    doc: include_str!("unknown_setting.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_names(
        deployment,
        &Names {
            package: super::PACKAGE,
            version: "8.3.1",
            prefix: "AXES_",
            read: include_str!("names.txt"),
            older: &super::renamed_setting::RENAMED.map(|(old, _, _)| old),
            meant: &[
                ("AXES_COOLOFF_DURATION", "AXES_COOLOFF_TIME"),
                ("AXES_COOLOFF", "AXES_COOLOFF_TIME"),
                ("AXES_COOLOFF_PERIOD", "AXES_COOLOFF_TIME"),
                ("AXES_COOLOFF_SECONDS", "AXES_COOLOFF_TIME"),
                ("AXES_LOCKOUT_TIME", "AXES_COOLOFF_TIME"),
                ("AXES_LOCKOUT_DURATION", "AXES_COOLOFF_TIME"),
                ("AXES_LOGIN_FAILURE_LIMIT", "AXES_FAILURE_LIMIT"),
                (
                    "AXES_BEHIND_REVERSE_PROXY",
                    "AXES_IPWARE_META_PRECEDENCE_ORDER",
                ),
                (
                    "AXES_REVERSE_PROXY_HEADER",
                    "AXES_IPWARE_META_PRECEDENCE_ORDER",
                ),
                ("AXES_NUM_PROXIES", "AXES_IPWARE_PROXY_COUNT"),
            ],
        },
    )
}
