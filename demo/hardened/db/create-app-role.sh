#!/bin/sh
# Runs once, on an empty database: the shop gets a role that owns its database and nothing else.
set -eu

psql --set ON_ERROR_STOP=1 --set password="$(cat /run/secrets/db_password)" \
    --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE harbour_app LOGIN PASSWORD :'password' CONNECTION LIMIT 40;
ALTER DATABASE harbour OWNER TO harbour_app;
REVOKE ALL ON DATABASE harbour FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT CREATE ON SCHEMA public TO harbour_app;
SQL
