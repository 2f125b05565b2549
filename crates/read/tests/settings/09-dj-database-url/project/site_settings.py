import os

import dj_database_url

SECRET_KEY = "s" * 50 + "ecret"
BASE_DIR = os.path.dirname(os.path.realpath(__file__))
ON_PLATFORM = "DATABASE_URL" in os.environ

DATABASES = {
    "default": dj_database_url.config(
        default="sqlite:///" + os.path.join(BASE_DIR, "db.sqlite3"),
        conn_max_age=int(os.environ.get("CONN_MAX_AGE", 600)),
        conn_health_checks=True,
    ),
}
if replica := os.environ.get("REPLICA_URL"):
    DATABASES["replica"] = dj_database_url.parse(replica, conn_max_age=0)
    DATABASES["replica"]["TEST"] = {"MIRROR": "default"}
DATABASES["archive"] = dj_database_url.config("ARCHIVE_URL") or DATABASES["default"].copy()
DATABASES["legacy"] = dj_database_url.parse("mssql://sa:secret@legacy:1433/Old?driver=ODBC")
DATABASES["default"]["ATOMIC_REQUESTS"] = True
ENGINE = DATABASES["default"]["ENGINE"].rsplit(".", 1)[-1]
if ENGINE == "postgresql" and not DATABASES["default"].get("OPTIONS", {}).get("sslmode"):
    DATABASES["default"].setdefault("OPTIONS", {})["sslmode"] = "prefer"
SECURE_SSL_REDIRECT = ON_PLATFORM
DATABASE_NAMES = sorted(DATABASES)
USES_SERVER = not DATABASES["default"]["ENGINE"].endswith("sqlite3")
