use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

pub(super) static CHECK: Check = Check {
    id: "jwt/refresh-lifetime-long",
    title: "A refresh token lives longer than the policy",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::Thresholds],
    items: &["B7.2"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://django-rest-framework-simplejwt.readthedocs.io/en/latest/settings.html#refresh-token-lifetime",
        ),
        Reference::Cwe(613),
    ],
    doc: include_str!("refresh_lifetime_long.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    super::judge_lifetime(
        deployment,
        "SIMPLE_JWT.REFRESH_TOKEN_LIFETIME",
        86_400,
        deployment.policy.jwt_refresh_seconds,
        "a stolen refresh token gives its thief new access tokens",
    )
}
