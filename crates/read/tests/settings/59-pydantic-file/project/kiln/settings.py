from functools import lru_cache
from pathlib import Path
from typing import Literal, Optional

from pydantic import field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

BASE_DIR = Path(__file__).resolve().parent.parent


class KilnSettings(BaseSettings):
    model_config = SettingsConfigDict(env_file=BASE_DIR / ".env", env_prefix="kiln_", extra="ignore")

    secret_key: str
    mode: Literal["development", "production"] = "development"
    heat: int = 0
    hosts: list[str] = []
    proxy: Optional[str] = None
    timeout: float = 2

    @field_validator("heat")
    @classmethod
    def not_too_hot(cls, value: int) -> int:
        return min(value, 1000)


@lru_cache
def kiln() -> KilnSettings:
    return KilnSettings()


SECRET_KEY = kiln().secret_key
DEBUG = kiln().mode == "development"
HEAT = kiln().heat
ALLOWED_HOSTS = kiln().hosts or ["localhost"]
PROXY = kiln().proxy
TIMEOUT = kiln().timeout
SESSION_COOKIE_SECURE = not DEBUG
USE_TZ = True
