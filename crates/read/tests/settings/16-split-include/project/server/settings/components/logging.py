LOGGING = {
    "version": 1,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"security": {"handlers": ["console"], "level": "ERROR", "propagate": False}},
}
