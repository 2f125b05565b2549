"""Left over from before the package beside it, which is the one that Python imports."""

DEBUG = True
SECRET_KEY = "the module loses"
ALLOWED_HOSTS = ["*"]
ONLY_IN_MODULE = True
