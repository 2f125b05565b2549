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
            read: &READ,
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

/// Every setting that axes 8.3.1 reads (`axes/conf.py`, `axes/helpers.py`, `axes/checks.py`).
const READ: [&str; 39] = [
    "AXES_ACCESS_FAILURE_LOG_PER_USER_LIMIT",
    "AXES_ALLOWED_CORS_ORIGINS",
    "AXES_CACHE",
    "AXES_CLIENT_IP_CALLABLE",
    "AXES_CLIENT_STR_CALLABLE",
    "AXES_COOLOFF_MESSAGE",
    "AXES_COOLOFF_TIME",
    "AXES_DISABLE_ACCESS_LOG",
    "AXES_ENABLED",
    "AXES_ENABLE_ACCESS_FAILURE_LOG",
    "AXES_ENABLE_ADMIN",
    "AXES_FAILURE_LIMIT",
    "AXES_HANDLER",
    "AXES_HTTP_RESPONSE_CODE",
    "AXES_IPWARE_META_PRECEDENCE_ORDER",
    "AXES_IPWARE_PROXY_COUNT",
    "AXES_IPWARE_PROXY_ORDER",
    "AXES_IPWARE_PROXY_TRUSTED_IPS",
    "AXES_IP_BLACKLIST",
    "AXES_IP_WHITELIST",
    "AXES_LOCKOUT_CALLABLE",
    "AXES_LOCKOUT_PARAMETERS",
    "AXES_LOCKOUT_TEMPLATE",
    "AXES_LOCKOUT_URL",
    "AXES_LOCK_OUT_AT_FAILURE",
    "AXES_NEVER_LOCKOUT_GET",
    "AXES_NEVER_LOCKOUT_WHITELIST",
    "AXES_ONLY_ADMIN_SITE",
    "AXES_ONLY_WHITELIST",
    "AXES_PASSWORD_FORM_FIELD",
    "AXES_PERMALOCK_MESSAGE",
    "AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT",
    "AXES_RESET_ON_SUCCESS",
    "AXES_SENSITIVE_PARAMETERS",
    "AXES_USERNAME_CALLABLE",
    "AXES_USERNAME_FORM_FIELD",
    "AXES_USE_ATTEMPT_EXPIRATION",
    "AXES_VERBOSE",
    "AXES_WHITELIST_CALLABLE",
];
