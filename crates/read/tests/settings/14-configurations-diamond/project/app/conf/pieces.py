from datetime import timedelta

from configurations import values


class Piece:
    WHO = "piece"


class Cached(Piece):
    WHO = "cached"
    CACHE_SECONDS = values.IntegerValue(60)
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "unique"}}


class Mailed(Piece):
    EMAIL_HOST = values.Value("localhost")
    EMAIL_TIMEOUT = 10


class Queued(Piece):
    WHO = "queued"
    CELERY_TASK_TIME_LIMIT = 30 * 60
    CELERY_RESULT_EXPIRES = timedelta(days=1)
    EMAIL_TIMEOUT = None
