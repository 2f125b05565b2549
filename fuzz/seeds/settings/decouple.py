from decouple import config, Csv, Choices
import dj_database_url
DEBUG = config("DEBUG", default=False, cast=bool)
ALLOWED_HOSTS = config("HOSTS", default="a, b", cast=Csv(post_process=tuple))
LEVEL = config("LEVEL", cast=Choices(["a", "b"]), default="a")
DATABASES = {"default": dj_database_url.config(default="postgres://u:p@h/n", conn_max_age=600)}
