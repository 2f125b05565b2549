import os
import posixpath
from pathlib import Path, PurePosixPath

BASE_DIR = Path(__file__).absolute().parents[1]
SECRET_KEY = "depot" * 11
DEBUG = False
STORAGE = os.getenv("STORAGE", "local")

STATIC_ROOT = BASE_DIR.joinpath("var", "static")
STATICFILES_DIRS = [BASE_DIR / "assets", ("vendor", str(BASE_DIR / "node" / "vendor"))]
MEDIA_ROOT = BASE_DIR / "var/media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

if STORAGE == "s3":
    AWS_STORAGE_BUCKET_NAME = os.environ["AWS_STORAGE_BUCKET_NAME"]
    AWS_S3_ENDPOINT_URL = os.environ.get("AWS_ENDPOINT", "").rstrip("/") or None
    AWS_QUERYSTRING_AUTH = False
    _domain = os.environ.get("CDN_DOMAIN", f"{AWS_STORAGE_BUCKET_NAME}.s3.amazonaws.com")
    for alias, folder in [("default", "media"), ("staticfiles", "static")]:
        STORAGES[alias] = {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": AWS_STORAGE_BUCKET_NAME,
                "location": folder,
                "custom_domain": _domain,
                "default_acl": None if folder == "media" else "public-read",
            },
        }
    STATIC_URL, MEDIA_URL = (f"https://{_domain}/{folder}/" for folder in ("static", "media"))
    if credentials := {k: os.environ[k] for k in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY") if k in os.environ}:
        vars().update(credentials)
        STORAGES["default"]["OPTIONS"]["access_key"] = AWS_ACCESS_KEY_ID
else:
    STATIC_URL = posixpath.join("/", "static") + "/"
    MEDIA_URL = "/media/"

PATHS = [
    str(BASE_DIR.parent / BASE_DIR.name),
    Path("a") / "b" / "../c",
    Path("/x/y.tar.gz").suffix,
    Path("/x/y.tar.gz").stem,
    Path("/x/y.txt").with_suffix(".md"),
    Path("/x/y.txt").with_name("z"),
    Path("/a/b/c").relative_to("/a"),
    PurePosixPath("/a").joinpath("b", "c"),
    Path("a//b/./c"),
    Path("/a") / "/b",
    Path("/a/b").parts,
    Path("/a/b").is_absolute(),
    Path("/a/b").as_posix(),
    f"{Path('/a/b')}/c",
    os.fspath(Path("/q")),
]
OS_PATHS = [
    os.path.join("a", "b", "/c", "d"),
    os.path.normpath("a/./b/../c//d"),
    os.path.dirname("/a/b/c.py"),
    os.path.basename("/a/b/c.py"),
    os.path.splitext("x.tar.gz"),
    os.path.join("a", ""),
    os.path.split("/a/b"),
    os.path.isabs("a"),
    os.sep,
    os.path.abspath("/a/../b"),
]
WHITENOISE_MAX_AGE = 60 * 60 * 24 * 30
WHITENOISE_ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), os.pardir, "root"))
