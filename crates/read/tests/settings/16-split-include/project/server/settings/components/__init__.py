import os
from pathlib import Path

BASE_DIR = Path(__file__).parent.parent.parent.parent


def secret(name, default=None):
    return os.environ.get(name, default)
