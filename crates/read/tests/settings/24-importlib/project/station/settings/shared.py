from datetime import timedelta as _timedelta

USE_TZ = True
_PRIVATE = "no"
SESSION_COOKIE_AGE = int(_timedelta(hours=12).total_seconds())
