use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

pub(super) static CHECK: Check = Check {
    id: "jwt/access-lifetime-long",
    title: "An access token lives longer than the policy",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::Thresholds],
    items: &["B7.1"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://django-rest-framework-simplejwt.readthedocs.io/en/latest/settings.html#access-token-lifetime",
        ),
        Reference::Cwe(613),
    ],
    doc: include_str!("access_lifetime_long.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    super::judge_lifetime(
        deployment,
        "SIMPLE_JWT.ACCESS_TOKEN_LIFETIME",
        5 * 60,
        deployment.policy.jwt_access_seconds,
        "a stolen access token opens the account, past logout and password change,",
    )
}
