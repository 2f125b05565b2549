import configparser
import os
import sys
from pathlib import Path

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

BASE_DIR = Path(__file__).resolve().parent.parent

VERSION = (BASE_DIR / "VERSION").read_text().strip()
VERSION_INFO = tuple(map(int, VERSION.split(".")))
with open(os.path.join(BASE_DIR, "VERSION")) as f:
    RAW_VERSION = f.read()
with (BASE_DIR / "pyproject.toml").open("rb") as f:
    _project = tomllib.load(f)
NAME = _project["project"]["name"].title()
ALLOWED_HOSTS = _project["tool"]["press"]["hosts"]
DATA_UPLOAD_MAX_MEMORY_SIZE = _project["tool"]["press"]["limits"]["upload"]

_ini = configparser.ConfigParser()
_ini.read(BASE_DIR / "deploy.ini")
SECRET_KEY = _ini.get("web", "secret")
DEBUG = _ini.getboolean("web", "debug")
WORKERS = _ini.getint("web", "workers", fallback=1)
EMAIL_HOST = _ini["mail"]["host"]
EMAIL_PORT = _ini.get("mail", "port", fallback="25")

with open(BASE_DIR / "apps.txt") as lines:
    INSTALLED_APPS = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
FIRST_LINE = (BASE_DIR / "apps.txt").read_text().splitlines()[0]

_local = BASE_DIR / "local.key"
if _local.exists():
    SIGNING_KEY = _local.read_text()
else:
    SIGNING_KEY = None
HAS_VERSION = os.path.isfile(BASE_DIR / "VERSION")
HAS_FOLDER = (BASE_DIR / "press").is_dir()
try:
    BUILD = open(BASE_DIR / "BUILD").read()
except FileNotFoundError:
    BUILD = "unknown"
try:
    with open("/nonexistent/press/build") as f:
        NODE = f.readline()
except OSError:
    NODE = ""
RELEASE = f"{NAME.lower()}@{VERSION}"
USER_AGENT = "/".join([NAME, *VERSION.split(".")[:2]])
