import os

from django.core.wsgi import get_wsgi_application

# docker-compose sets the real one
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

application = get_wsgi_application()
