# -*- coding: utf-8 -*-
import os, sys

PROJECT_ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..'))
PROJECT_NAME = os.path.basename(os.path.dirname(os.path.abspath(__file__)))
rel = lambda *parts: os.path.join(PROJECT_ROOT, *parts)
sys.path.insert(0, rel('apps'))

DEBUG = True
TEMPLATE_DEBUG = DEBUG
ADMINS = (
    ('Olga', 'olga@old.example.org'),
)
MANAGERS = ADMINS

DATABASES = {
    'default': {
        'ENGINE': 'django.db.backends.mysql',
        'NAME': '%s_db' % PROJECT_NAME,
        'USER': PROJECT_NAME,
        'PASSWORD': '',
        'OPTIONS': {'init_command': 'SET default_storage_engine=INNODB',},
    }
}
TIME_ZONE = 'Europe/Riga'
LANGUAGE_CODE = 'lv'
SITE_ID = 1
MEDIA_ROOT = rel('media')
MEDIA_URL = '/media/'
STATIC_ROOT = rel('static', '')
STATICFILES_DIRS = (rel('assets'),)
SECRET_KEY = 'o' * 40 + '''l'd"''' + "\x21"
MIDDLEWARE_CLASSES = ()
MIDDLEWARE = (
    'django.middleware.common.CommonMiddleware',
    'django.contrib.sessions.middleware.SessionMiddleware',
)
ROOT_URLCONF = '%s.urls' % PROJECT_NAME
TEMPLATES = [{'BACKEND': 'django.template.backends.django.DjangoTemplates', 'DIRS': (rel('templates'),), 'OPTIONS': {}}]
INSTALLED_APPS = (
    'django.contrib.auth',
    'django.contrib.contenttypes',
) + (
    'registration',
)
SERIALIZATION_MODULES = {}
_ = lambda s: s
LANGUAGES = (('lv', _('Latvian')), ('en', _('English')))
if DEBUG: INTERNAL_IPS = ('127.0.0.1',); EMAIL_BACKEND = 'django.core.mail.backends.console.EmailBackend'
