import logging
import os

import sentry_sdk
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.logging import LoggingIntegration

logger = logging.getLogger(__name__)
SECRET_KEY = "watch" * 11
DEBUG = False
SENTRY_DSN = os.environ.get("SENTRY_DSN", "")
SENTRY_TRACES = float(os.environ.get("SENTRY_TRACES", 0))


def scrub(event, hint):
    if "exc_info" in hint:
        return None
    return event


if SENTRY_DSN:
    sentry_sdk.init(
        dsn=SENTRY_DSN,
        integrations=[DjangoIntegration(), LoggingIntegration(level=logging.INFO, event_level=logging.ERROR)],
        traces_sample_rate=SENTRY_TRACES,
        send_default_pii=False,
        release=os.environ.get("RELEASE"),
        before_send=scrub,
    )
    logger.info("sentry is on")
else:
    logger.warning("sentry is off")
    print("no sentry")

LOG_FORMAT = "json" if os.environ.get("LOG_JSON", "").lower() in {"1", "yes"} else "plain"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "require_debug_false": {"()": "django.utils.log.RequireDebugFalse"},
        "quiet": {"()": "django.utils.log.CallbackFilter", "callback": lambda record: record.levelno > 10},
    },
    "formatters": {"plain": {"format": "{levelname} {message}", "style": "{"}, "json": {"()": "watch.logs.Json"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "stream": "ext://sys.stdout"},
        "mail_admins": {"level": "ERROR", "filters": ["require_debug_false"], "class": "django.utils.log.AdminEmailHandler"},
    },
    "root": {"handlers": ["console"], "level": logging.getLevelName(logging.WARNING)},
    "loggers": {"django.security": {"handlers": ["mail_admins"], "level": logging.ERROR}},
}
logging.captureWarnings(True)
LEVELS = [logging.DEBUG, logging.CRITICAL]
BEFORE_SEND = scrub
