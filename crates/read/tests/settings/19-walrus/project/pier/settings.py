from os import environ as e, getenv as g

SECRET_KEY = e.get("KEY") or "walrus" * 10
if dsn := e.get("DSN"):
    SENTRY_DSN = dsn
    SENTRY_HOST = dsn.split("@", 1)[1].split("/")[0]
else:
    SENTRY_DSN = None

ALLOWED_HOSTS = hosts if (hosts := [h for h in g("PIER_HOSTS", "").split(",") if h]) else ["localhost"]
LENGTH = (n := len(ALLOWED_HOSTS)) + n
LONG = [up for host in ALLOWED_HOSTS if len(up := host.upper()) < 9]
LAST = up

if (count := int(g("PROXIES", "0"))) > 1:
    USE_X_FORWARDED_HOST = True
elif count == 1:
    USE_X_FORWARDED_HOST = "one"
PROXY_COUNT = count

while (count := count - 1) > 0:
    PROXY_ROUNDS = count

if (mail := e.get("EMAIL")) and (parts := mail.partition(":"))[1]:
    EMAIL_HOST, _, port = parts
    EMAIL_PORT = int(port)

DEBUG = not any((found := name) in e for name in ("DSN", "SENTRY"))
FOUND = found
E_MAIL_SET = bool(mail)
