//! Variables that programs outside of the project read by their own contract.

/// Whether a well-known program or library reads a variable of this name by itself.
pub(super) fn reads(name: &str) -> bool {
    NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Names of Django, WSGI and ASGI servers, Compose, CI and the system.
///
/// Django: `DJANGO_SETTINGS_MODULE`, `DJANGO_COLORS` and the `DJANGO_SUPERUSER_*` of createsuperuser
/// (ref/django-admin). gunicorn: `WEB_CONCURRENCY`, `PORT`, `FORWARDED_ALLOW_IPS` (docs, settings).
const NAMES: [&str; 37] = [
    "ALL_PROXY",
    "BROWSER",
    "COLUMNS",
    "CURL_CA_BUNDLE",
    "C_FORCE_ROOT",
    "DEBIAN_FRONTEND",
    "DISPLAY",
    "DJANGO_ALLOW_ASYNC_UNSAFE",
    "DJANGO_AUTO_COMPLETE",
    "DJANGO_COLORS",
    "DJANGO_CONFIGURATION",
    "DJANGO_RUNSERVER_HIDE_WARNING",
    "DJANGO_SETTINGS_MODULE",
    "DJANGO_TEST_PROCESSES",
    "EDITOR",
    "FORCE_COLOR",
    "FORWARDED_ALLOW_IPS",
    "HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "KUBECONFIG",
    "LANG",
    "LANGUAGE",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "NO_COLOR",
    "NO_PROXY",
    "PATH",
    "PORT",
    "PROMETHEUS_MULTIPROC_DIR",
    "SECRETS_DIR",
    "SHELL",
    "SSL_CERT_FILE",
    "TERM",
    "USER",
    "VIRTUAL_ENV",
    "WEB_CONCURRENCY",
];

/// The first words of variables that tools, platforms and libraries read by themselves.
const PREFIXES: [&str; 62] = [
    "ANSIBLE_", "ANTHROPIC_", "AWS_", "AZURE_", "BUILDKIT_", "CELERY_", "CI_", "CLOUDINARY_",
    "COMPOSE_", "CONDA_", "COVERAGE_", "CUDA_", "DD_", "DJANGO_SUPERUSER_", "DOCKER_", "FLASK_",
    "FLOWER_", "FLY_", "GCLOUD_", "GDAL_", "GIT_", "GITHUB_", "GOOGLE_", "GUNICORN_", "HEROKU_",
    "HF_", "HONEYCOMB_", "JAVA_", "KUBE", "LC_", "LDFLAGS", "LOGFIRE_", "MALLOC_", "NEW_RELIC_",
    "NLTK_", "NODE_", "NPM_", "NVIDIA_", "OMP_", "OPENAI_", "OTEL_", "PG", "PIP_", "PLAYWRIGHT_",
    "POETRY_", "PYCHARM_", "PYTEST_", "PYTHON", "RAILWAY_", "RENDER_", "REQUESTS_", "SENTRY_",
    "SSH_", "TF_VAR_", "TRIVY_", "TWILIO_", "UVICORN_", "UV_", "UWSGI_", "VAULT_", "WANDB_", "XDG_",
];
