from inn.settings import ROOMS

__all__ = ["DEBUG", "_under", "SECRET_KEY"]
__all__ += ["ROOMS"]

DEBUG = True
SECRET_KEY = "on my machine"
PRIVATE_PART = "stays"
_under = "exported because __all__ says so"
ROOMS = [room.upper() for room in ROOMS]
