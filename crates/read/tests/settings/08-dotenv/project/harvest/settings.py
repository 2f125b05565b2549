import os
from pathlib import Path

from dotenv import dotenv_values, load_dotenv

BASE_DIR = Path(__file__).resolve().parent.parent
LOADED = load_dotenv(BASE_DIR / ".env")
BEFORE_LOCAL = os.environ["GREETING"]
load_dotenv(dotenv_path=os.path.join(BASE_DIR, ".env.local"), override=True)
ABSENT = load_dotenv(BASE_DIR / "absent.env")

SECRET_KEY = os.environ["SECRET_KEY"]
DEBUG = os.environ.get("DEBUG") == "1"
GREETING = os.getenv("GREETING")
SINGLE = os.getenv("SINGLE")
ADMIN_EMAIL = os.getenv("ADMIN_EMAIL")
FALLBACK = os.getenv("FALLBACK")
NOTHING = os.getenv("NOTHING")
HASH = os.getenv("HASH")
HASH_SPACE = os.getenv("HASH_SPACE")
SPACED = os.getenv("SPACED")
EMPTY = os.getenv("EMPTY", "default")
NO_VALUE = os.getenv("NO_VALUE", "default")
MULTI = os.getenv("MULTI")
ONLY_LOCAL = os.getenv("ONLY_LOCAL")
ALLOWED_HOSTS = os.environ.get("HOSTS", "").split(",")
VALUES = dotenv_values(BASE_DIR / ".env.local")
MERGED = {**dotenv_values(BASE_DIR / ".env.local"), "LAST": "word"}
ADMINS = [("Root", ADMIN_EMAIL)]
