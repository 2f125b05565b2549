"""Readers of the environment that the settings share."""

import os

__all__ = ["flag", "listed", "optional", "required", "whole"]

YES = ("1", "true", "t", "yes", "y", "on")
NO = ("0", "false", "f", "no", "n", "off", "")


def required(name: str) -> str:
    try:
        return os.environ[name]
    except KeyError:
        raise SystemExit(f"{name} is not set") from None


def optional(name: str, default: str = "") -> str:
    return os.environ.get(name) or default


def flag(name: str, default: bool = False) -> bool:
    text = os.environ.get(name)
    if text is None:
        return default
    text = text.strip().lower()
    if text in YES:
        return True
    if text in NO:
        return False
    raise ValueError(f"{name}={text}")


def whole(name: str, default: int, *, least: int | None = None) -> int:
    text = optional(name)
    value = int(text) if text else default
    return value if least is None else max(least, value)


def listed(name: str, default: str = "", sep: str | None = ",") -> list:
    return [part.strip() for part in optional(name, default).split(sep) if part.strip()]
