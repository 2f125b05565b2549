from .environment import Environment

environment = Environment()

SECRET_KEY = environment.secret_key.get_secret_value()
DEBUG = environment.debug
ALLOWED_HOSTS = environment.allowed_hosts
CSRF_TRUSTED_ORIGINS = [environment.origin]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": environment.database.name,
        "HOST": environment.database.host,
        "PORT": environment.database.port,
    }
}
RATIO = environment.ratio
ADMINS = [("admin", environment.admin)]
TAGS = environment.tags
ROOT_URLCONF = "web.urls"
SECURE_SSL_REDIRECT = not environment.debug
SESSION_COOKIE_SECURE = True
