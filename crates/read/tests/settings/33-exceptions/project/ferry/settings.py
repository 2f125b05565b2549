import contextlib
import os
from contextlib import contextmanager, suppress

SECRET_KEY = "ferry" * 11
STEPS = []


class ConfigError(Exception):
    def __init__(self, message, code=1):
        super().__init__(message)
        self.code = code


def number(name, default):
    try:
        return int(os.environ[name])
    except KeyError:
        return default
    except ValueError as error:
        raise ConfigError(f"{name}: {error}", code=2) from error
    finally:
        STEPS.append(name)


try:
    PORT = number("PORT", 80)
except ConfigError as error:
    PORT = -error.code
    MESSAGE = str(error)
else:
    MESSAGE = None
finally:
    STEPS.append("done")

with suppress(ValueError, KeyError):
    SESSION_COOKIE_AGE = int(os.environ["AGE"])
with contextlib.suppress(ImportError):
    from ferry.not_there import EVERYTHING


@contextmanager
def section(name):
    STEPS.append("+" + name)
    try:
        yield name.upper()
    finally:
        STEPS.append("-" + name)


with section("mail") as SECTION:
    EMAIL_HOST = f"{SECTION.lower()}.example.org"


def parsed(text):
    good, bad = [], 0
    for item in text.split(","):
        try:
            value = int(item)
        except ValueError:
            bad += 1
            continue
        good.append(value)
    return good, bad


NUMBERS, BAD = parsed(os.environ.get("NUMBERS", "7"))
try:
    try:
        {}["inner"]
    except KeyError:
        raise TypeError("changed")
except (TypeError, OSError) as e:
    KIND, DETAIL = type(e).__name__, e.args


def early(flag):
    for _ in range(3):
        try:
            if flag:
                return "returned"
        finally:
            STEPS.append("early")
    return "ended"


EARLY = [early(True), early(False)]
try:
    DIVIDED = 1 // (len(os.environ.get("MODE", "")))
except ZeroDivisionError:
    DIVIDED = None
try:
    FIRST = [][0]
except LookupError:
    FIRST = "none"
try:
    None.upper()
except AttributeError:
    ATTRIBUTE = True
try:
    "a" + 1
except TypeError:
    ADDED = True
try:
    undefined_name
except NameError:
    UNDEFINED = True
try:
    assert os.environ.get("MODE") != "strict", "not strict"
except AssertionError as error:
    STRICT = str(error)
DEBUG = False
ALLOWED_HOSTS = [".example.org"]
