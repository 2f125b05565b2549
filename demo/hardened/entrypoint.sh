#!/bin/sh
# `release` prepares the database and the static files, once per deployment; all else is run as given.
set -eu

if [ "${1:-}" = release ]; then
    python manage.py check --deploy --fail-level WARNING
    python manage.py migrate --no-input
    exec python manage.py collectstatic --no-input
fi
exec "$@"
