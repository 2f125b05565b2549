#!/bin/bash
# Brings the database up to date and makes sure that somebody can log in.

python manage.py migrate --noinput
python manage.py collectstatic --noinput

ADMIN_PASSWORD=${ADMIN_PASSWORD:-harbour123}
python manage.py shell -c "
from django.contrib.auth.models import User
if not User.objects.filter(username='admin').exists():
    User.objects.create_superuser('admin', 'admin@harbourgoods.example', '$ADMIN_PASSWORD')
"

exec "$@"
