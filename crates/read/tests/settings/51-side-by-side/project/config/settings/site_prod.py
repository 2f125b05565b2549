# A production module that takes three names instead of all: MIDDLEWARE is Django's empty default.
from .common import ALLOWED_HOSTS, INSTALLED_APPS, SECRET_KEY

DEBUG = False
ALLOWED_HOSTS += ["side.example.org"]
