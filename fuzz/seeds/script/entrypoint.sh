#!/bin/sh
set -eu
export DJANGO_SETTINGS_MODULE=${DJANGO_SETTINGS_MODULE:-settings}
. ./.env
if [ "$1" = web ]; then
  python manage.py migrate --noinput && exec gunicorn wsgi -b :8000 "$@"
else
  exec "$@"
fi
