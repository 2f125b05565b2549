DEBUG = False
SECRET_KEY = "north" * 11
ALLOWED_HOSTS = ["north.example.org"]
_HIDDEN = 1
lower = 2
