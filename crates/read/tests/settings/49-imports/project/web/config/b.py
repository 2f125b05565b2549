from . import a

SEEN_OF_A = sorted(name for name in vars(a) if name.isupper())
FIRST = a.FIRST + ", seen by b"


def later():
    return a.LAST
