from server.settings.components import secret

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": secret("DB_NAME", "split"),
        "PORT": int(secret("DB_PORT", "5432")),
    },
}
