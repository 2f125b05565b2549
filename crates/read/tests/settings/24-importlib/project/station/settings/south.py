DEBUG = True
SECRET_KEY = "south"
ALLOWED_HOSTS = ["*"]
SOUTH_ONLY = {"x": 1}
