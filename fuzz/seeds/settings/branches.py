import os, sys
DEBUG = os.environ.get("DEBUG", "0") in ("1", "true")
if "test" in sys.argv or not DEBUG:
    SECURE_HSTS_SECONDS = int(os.getenv("HSTS", 60 * 60))
elif (mode := os.environ.get("MODE")) is not None:
    SECURE_HSTS_SECONDS = {"a": 1}.get(mode, 0)
else:
    raise RuntimeError("no")
match os.environ.get("KIND"):
    case "a" | "b": X = 1
    case [first, *rest] if rest: X = rest
    case {"k": v, **more}: X = v
    case _: X = 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
