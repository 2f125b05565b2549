from .version import VERSION

default_app = "web"
