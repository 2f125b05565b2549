from pathlib import Path

import dynaconf

BASE_DIR = Path(__file__).resolve().parent.parent
ROOT_URLCONF = "fleet.urls"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes"]
DEBUG = True
USE_TZ = True

settings = dynaconf.DjangoDynaconf(
    __name__,
    settings_files=["settings.toml"],
    environments=True,
    root_path=str(BASE_DIR),
    ENV_SWITCHER_FOR_DYNACONF="DJANGO_ENV",
    ENVVAR_PREFIX_FOR_DYNACONF="DJANGO",
)
