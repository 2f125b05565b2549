"""What the real readers make of `.env` files.

Standard input: {"environ": {...}, "cases": [[reader, text], ...]}.
Standard output: {"versions": {...}, "answers": [[[name, value], ...] or null, ...]}.
"""

import importlib.metadata
import json
import logging
import os
import subprocess
import sys
import tempfile

import decouple
import environ
from configurations import Configuration
from dotenv.main import DotEnv

logging.disable(logging.CRITICAL)


def python_dotenv(path, override):
    return DotEnv(path, override=override, encoding="utf-8").dict()


def django_environ(path, comments):
    class Env(environ.Env):
        ENVIRON = {}

    Env.read_env(path, parse_comments=comments)
    return Env.ENVIRON


def configurations(path):
    before = dict(os.environ)
    Configuration.DOTENV = path
    Configuration.load_dotenv()
    read = {name: os.environ[name] for name in os.environ if name not in before}
    os.environ.clear()
    os.environ.update(before)
    return read


def ini(path):
    repository = decouple.RepositoryIni(path)
    names = repository.parser.options("settings") if repository.parser.has_section("settings") else []
    read = {}
    for name in sorted(names):
        try:
            read[name] = repository[name]
        except Exception:
            read[name] = None
    return read


def shell(path):
    script = f"set -a; . {path}; env -0"
    done = subprocess.run(["sh", "-c", script], env=dict(os.environ), capture_output=True)
    if done.returncode:
        raise ValueError(done.stderr)
    lines = done.stdout.decode().split("\0")
    pairs = dict(line.split("=", 1) for line in lines if "=" in line)
    return {name: value for name, value in pairs.items() if name not in ("PWD", "OLDPWD", "_", "SHLVL")}


READERS = {
    "python-dotenv, file first": lambda path: python_dotenv(path, True),
    "python-dotenv, environment first": lambda path: python_dotenv(path, False),
    "django-environ": lambda path: django_environ(path, False),
    "django-environ, comments": lambda path: django_environ(path, True),
    "decouple": lambda path: decouple.RepositoryEnv(path).data,
    "configurations": configurations,
    "ini": ini,
    "shell": shell,
}


def main():
    asked = json.load(sys.stdin)
    os.environ.clear()
    os.environ.update(asked["environ"])
    answers = []
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file")
        for reader, text in asked["cases"]:
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            try:
                answers.append(list(READERS[reader](path).items()))
            except Exception:
                answers.append(None)
    versions = {
        name: importlib.metadata.version(name)
        for name in ("python-dotenv", "django-environ", "python-decouple", "django-configurations")
    }
    json.dump({"versions": versions, "answers": answers}, sys.stdout)


main()
